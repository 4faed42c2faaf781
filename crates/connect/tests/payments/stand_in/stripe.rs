//! Stripe, as far as we use it: sessions, intents, refunds, idempotency keys, events. Every request
//! and every good answer is held against Stripe's specification where the testkit is.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vacancy_connect::payments::stripe::API_VERSION;
use vacancy_connect::payments::webhook;
use vacancy_connect::secret::Secret;

use super::schema::{nested, spec};
use super::stripe_objects::{charge, customer, error, intent, list, refund, session, whole};
use super::{Asked, Books};

pub(crate) const SECRET_KEY: &str = "sk_test_standin";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_standin";

type Told = (u16, Value);

/// What Stripe remembers.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) now_s: i64,
    /// Our key was withdrawn.
    pub(crate) refuses_key: bool,
    /// What the bank says to whoever is charged again, when it does not pay.
    pub(crate) declines_again: Option<&'static str>,
    /// Our key is one that may do all but this.
    pub(crate) refuses_customers: bool,
    pub(crate) customers: BTreeMap<String, Value>,
    made: usize,
    pub(crate) sessions: BTreeMap<String, Value>,
    pub(crate) intents: BTreeMap<String, Value>,
    pub(crate) charges: BTreeMap<String, Value>,
    pub(crate) refunds: BTreeMap<String, Value>,
    pub(crate) disputes: BTreeMap<String, Value>,
    /// By idempotency key: what was asked, and the answer.
    keys: BTreeMap<String, (String, Told)>,
}

impl Account {
    pub(crate) fn at(now_ms: i64) -> Account {
        Account { now_s: now_ms / 1000, ..Account::default() }
    }

    /// Stripe forgets keys after a day at the earliest.
    pub(crate) fn forget_keys(&mut self) {
        self.keys.clear();
    }

    /// The guest pays an order; the bank authorises. With automatic capture the money is there.
    pub(crate) fn pay(&mut self, order_id: &str) {
        let intent_id = self.intent_of(order_id);
        let intent = self.intents.get_mut(&intent_id).unwrap();
        if intent["payment_method"].is_null() {
            intent["payment_method"] = json!(format!("pm_{intent_id}"));
        }
        let charge_id = format!("ch_{intent_id}");
        self.charges.insert(charge_id.clone(), charge(&charge_id, intent, self.now_s));
        intent["latest_charge"] = json!(charge_id);
        intent["status"] = json!("requires_capture");
        intent["amount_capturable"] = intent["amount"].clone();
        let amount = intent["amount"].as_i64().unwrap();
        let is_automatic = intent["capture_method"] == "automatic";
        if is_automatic {
            self.take(&intent_id, amount);
        }
        self.complete(order_id, if is_automatic { "paid" } else { "unpaid" });
    }

    /// The guest chose a bank that needs days.
    pub(crate) fn pay_slowly(&mut self, order_id: &str) {
        let intent_id = self.intent_of(order_id);
        self.set_intent(order_id, "processing");
        assert_eq!(self.intents[&intent_id]["status"], "processing");
        self.complete(order_id, "unpaid");
    }

    /// And after days that bank said no.
    pub(crate) fn decline(&mut self, order_id: &str) {
        self.pay_slowly(order_id);
        self.set_intent(order_id, "requires_payment_method");
    }

    /// Puts the intent of an order into any state.
    pub(crate) fn set_intent(&mut self, order_id: &str, status: &str) {
        let intent_id = self.intent_of(order_id);
        self.intents.get_mut(&intent_id).unwrap()["status"] = json!(status);
    }

    /// An event as Stripe posts it: the value of its header, and the body.
    pub(crate) fn event(&self, kind: &str, order_id: &str) -> (String, String) {
        let object = self.sessions.get(order_id).or_else(|| self.intents.get(order_id));
        self.event_of(kind, order_id, object.unwrap())
    }

    pub(super) fn event_of(&self, kind: &str, name: &str, object: &Value) -> (String, String) {
        let body = json!({
            "id": format!("evt_{name}"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now_s,
            "data": {"object": object},
            "livemode": false,
            "pending_webhooks": 1,
            "request": {"id": null, "idempotency_key": null},
            "type": kind,
        });
        let body = body.to_string();
        let secret = Secret::new(WEBHOOK_SECRET).unwrap();
        (webhook::sign(&secret, body.as_bytes(), self.now_s * 1000), body)
    }

    pub(super) fn intent_of(&mut self, order_id: &str) -> String {
        if self.intents.contains_key(order_id) {
            return order_id.to_owned();
        }
        let session = &self.sessions[order_id];
        if let Some(id) = session["payment_intent"].as_str() {
            return id.to_owned();
        }
        let id = format!("pi_of_{order_id}");
        let amount = session["amount_total"].to_string();
        let method = session["standin_capture_method"].as_str().unwrap_or("automatic");
        let form = json!({
            "amount": amount, "currency": session["currency"], "capture_method": method,
            "metadata": {"reservation_id": session["metadata"]["reservation_id"]},
        });
        let keeps = session["standin_keeps"] == "off_session";
        let mut made = intent(&id, &form, self.now_s);
        if keeps {
            let id = self.id("cus");
            made["customer"] = json!(id);
            made["setup_future_usage"] = json!("off_session");
            self.customers.insert(id.clone(), customer(&id, &json!({}), self.now_s));
        }
        self.intents.insert(id.clone(), made);
        self.sessions.get_mut(order_id).unwrap()["payment_intent"] = json!(id);
        id
    }

    fn complete(&mut self, order_id: &str, payment_status: &str) {
        if let Some(session) = self.sessions.get_mut(order_id) {
            session["status"] = json!("complete");
            session["payment_status"] = json!(payment_status);
            session["url"] = Value::Null;
        }
    }

    fn take(&mut self, intent_id: &str, amount: i64) {
        let intent = self.intents.get_mut(intent_id).unwrap();
        intent["status"] = json!("succeeded");
        intent["amount_received"] = json!(amount);
        intent["amount_capturable"] = json!(0);
        let charge = self.charges.get_mut(intent["latest_charge"].as_str().unwrap()).unwrap();
        charge["captured"] = json!(true);
        charge["amount_captured"] = json!(amount);
    }

    fn id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}_{:04}", self.made)
    }

    fn route(&mut self, asked: &Asked) -> Told {
        let parts: Vec<&str> = asked.path.split('/').skip(2).collect();
        let fields: Vec<(String, String)> =
            form_urlencoded::parse(&asked.body).into_owned().collect();
        let form = nested(&fields);
        match (asked.method.as_str(), parts.as_slice()) {
            ("POST", ["checkout", "sessions"]) => self.create_session(&form),
            ("GET", ["checkout", "sessions"]) => self.page_shown(asked, &self.sessions, true),
            ("GET", ["checkout", "sessions", id]) => {
                found(self.sessions.get(*id)).map_or_else(|told| told, |one| self.shown(one, true))
            }
            ("POST", ["checkout", "sessions", id, "expire"]) => self.expire(id),
            ("POST", ["customers"]) => self.create_customer(&form),
            ("POST", ["payment_intents"]) => self.create_intent(&form),
            ("GET", ["payment_intents"]) => self.page_shown(asked, &self.intents, false),
            ("GET", ["payment_intents", id]) => {
                found(self.intents.get(*id)).map_or_else(|told| told, |one| self.shown(one, false))
            }
            ("POST", ["payment_intents", id, "capture"]) => self.capture(id, &form),
            ("POST", ["payment_intents", id, "cancel"]) => self.cancel(id),
            ("POST", ["refunds"]) => self.refund(&form),
            ("GET", ["refunds"]) => page(asked, &self.refunds),
            ("GET", ["disputes"]) => page(asked, &self.disputes),
            ("GET", ["disputes", id]) => {
                found(self.disputes.get(*id)).map_or_else(|told| told, |one| (200, one.clone()))
            }
            other => panic!("the stand-in knows no {other:?}"),
        }
    }

    fn create_session(&mut self, form: &Value) -> Told {
        let lives_s = whole(&form["expires_at"]) - self.now_s;
        if !(30 * 60..=24 * 60 * 60).contains(&lives_s) {
            return (400, error("invalid_request_error", "parameter_invalid_integer"));
        }
        for name in ["success_url", "cancel_url"] {
            if !form[name].as_str().unwrap().starts_with("http") {
                return (400, error("invalid_request_error", "url_invalid"));
            }
        }
        let id = self.id("cs_test");
        let mut made = session(&id, form, self.now_s);
        let answer = made.clone();
        made["standin_capture_method"] = form["payment_intent_data"]["capture_method"].clone();
        made["standin_keeps"] = form["payment_intent_data"]["setup_future_usage"].clone();
        self.sessions.insert(id, made);
        (200, answer)
    }

    fn create_intent(&mut self, form: &Value) -> Told {
        let id = self.id("pi");
        let named = form["customer"].as_str();
        if named.is_some_and(|customer| !self.customers.contains_key(customer)) {
            return missing();
        }
        let is_charge = form["off_session"] == "true" && form["confirm"] == "true";
        if is_charge && !self.is_kept(form) {
            return (400, error("invalid_request_error", "payment_method_unexpected_state"));
        }
        self.intents.insert(id.clone(), intent(&id, form, self.now_s));
        if is_charge {
            if let Some(code) = self.declines_again {
                return (402, error("card_error", code));
            }
            self.pay(&id);
        }
        (200, self.intents[&id].clone())
    }

    /// Whether somebody paid by this means and agreed that it pays again.
    fn is_kept(&self, form: &Value) -> bool {
        self.intents.values().any(|paid| {
            paid["setup_future_usage"] == "off_session"
                && paid["status"] == "succeeded"
                && paid["customer"] == form["customer"]
                && paid["payment_method"] == form["payment_method"]
        })
    }

    fn create_customer(&mut self, form: &Value) -> Told {
        if self.refuses_customers {
            return (403, error("invalid_request_error", "secret_key_required"));
        }
        let id = self.id("cus");
        self.customers.insert(id.clone(), customer(&id, form, self.now_s));
        (200, self.customers[&id].clone())
    }

    fn expire(&mut self, id: &str) -> Told {
        let Some(session) = self.sessions.get_mut(id) else { return missing() };
        if session["status"] != "open" {
            return (400, error("invalid_request_error", "session_not_open"));
        }
        session["status"] = json!("expired");
        session["url"] = Value::Null;
        let answer = cleaned(session);
        (200, answer)
    }

    fn capture(&mut self, id: &str, form: &Value) -> Told {
        let Some(intent) = self.intents.get(id) else { return missing() };
        let amount = whole(&form["amount_to_capture"]);
        if intent["status"] != "requires_capture" {
            return (400, error("invalid_request_error", "payment_intent_unexpected_state"));
        }
        if intent["amount_capturable"].as_i64().unwrap() < amount {
            return (400, error("invalid_request_error", "amount_too_large"));
        }
        self.take(id, amount);
        (200, self.intents[id].clone())
    }

    fn cancel(&mut self, id: &str) -> Told {
        let of_session = self.sessions.values().any(|session| session["payment_intent"] == id);
        let Some(intent) = self.intents.get_mut(id) else { return missing() };
        let may = match intent["status"].as_str().unwrap() {
            "requires_capture" => true,
            "succeeded" | "canceled" | "processing" => false,
            _ => !of_session,
        };
        if !may {
            return (400, error("invalid_request_error", "payment_intent_unexpected_state"));
        }
        intent["status"] = json!("canceled");
        (200, intent.clone())
    }

    fn refund(&mut self, form: &Value) -> Told {
        let intent_id = form["payment_intent"].as_str().unwrap();
        let Some(intent) = self.intents.get(intent_id) else { return missing() };
        let charge_id = intent["latest_charge"].as_str().unwrap_or_default();
        if self.is_disputed(charge_id) {
            return (400, error("invalid_request_error", "charge_disputed"));
        }
        let Some(charge) = self.charges.get_mut(charge_id) else { return missing() };
        let number = |name: &str| charge[name].as_i64().unwrap();
        let refunded = number("amount_refunded") + whole(&form["amount"]);
        if number("amount_captured") < refunded {
            return (400, error("invalid_request_error", "charge_already_refunded"));
        }
        charge["amount_refunded"] = json!(refunded);
        let currency = charge["currency"].clone();
        let id = self.id("re");
        self.refunds.insert(id.clone(), refund(&id, form, &currency, self.now_s));
        (200, self.refunds[&id].clone())
    }

    /// A page of them, with what was asked to be whole.
    fn page_shown(&self, asked: &Asked, all: &BTreeMap<String, Value>, are_sessions: bool) -> Told {
        let (status, mut list) = page(asked, all);
        let wish =
            if are_sessions { "data.payment_intent.latest_charge" } else { "data.latest_charge" };
        match asked.queried("expand[]") {
            None => {}
            Some(asked) => {
                assert_eq!(asked, wish);
                for one in list["data"].as_array_mut().unwrap() {
                    *one = self.shown(one, are_sessions).1;
                }
            }
        }
        (status, list)
    }

    /// An object with everything under it that was asked to be whole.
    fn shown(&self, one: &Value, is_session: bool) -> Told {
        let whole_charge = |intent: &Value| {
            let mut intent = intent.clone();
            if let Some(charge) = intent["latest_charge"].as_str() {
                intent["latest_charge"] = self.charges[charge].clone();
            }
            intent
        };
        if !is_session {
            return (200, whole_charge(one));
        }
        let mut session = cleaned(one);
        if let Some(intent) = session["payment_intent"].as_str() {
            session["payment_intent"] = whole_charge(&self.intents[intent]);
        }
        (200, session)
    }
}

impl Books for Account {
    fn answer(&mut self, asked: &Asked) -> Told {
        let is_known = asked.header("authorization") == format!("Bearer {SECRET_KEY}");
        if self.refuses_key || !is_known {
            return (401, error("invalid_request_error", "api_key_invalid"));
        }
        assert_eq!(asked.header("stripe-version"), API_VERSION);
        if let Some(spec) = spec() {
            let wrong = spec.check_request(&asked.method, &asked.path, &asked.query, &asked.body);
            assert!(wrong.is_empty(), "{} {}: {wrong:?}", asked.method, asked.path);
        }
        let key = asked.header("idempotency-key").to_owned();
        let print = format!("{} {}", asked.path, String::from_utf8_lossy(&asked.body));
        if let Some((known, told)) = self.keys.get(&key) {
            let is_same = *known == print;
            let other = || (400, error("idempotency_error", "idempotency_key_reused"));
            return if is_same { told.clone() } else { other() };
        }
        let told = self.route(asked);
        if let (Some(spec), 200) = (spec(), told.0) {
            let wrong = spec.check_answer(&asked.method, &asked.path, &told.1);
            assert!(wrong.is_empty(), "answer to {} {}: {wrong:?}", asked.method, asked.path);
        }
        // What was refused before anything began holds no key.
        if !key.is_empty() && told.0 != 400 {
            self.keys.insert(key, (print, told.clone()));
        }
        told
    }
}

/// One page of what was made, newest first.
fn page(asked: &Asked, all: &BTreeMap<String, Value>) -> Told {
    let since = asked.queried("created[gte]").map_or(0, |text| text.parse().unwrap());
    let before = asked.queried("created[lt]").map_or(i64::MAX, |text| text.parse().unwrap());
    let limit: usize = asked.queried("limit").map_or(10, |text| text.parse().unwrap());
    let wanted = |one: &&Value| {
        let named = asked.queried("payment_intent").is_none_or(|id| one["payment_intent"] == id);
        named && (since..before).contains(&one["created"].as_i64().unwrap())
    };
    let newest = all.values().rev().filter(wanted);
    let after = asked.queried("starting_after");
    let mut rest: Vec<Value> = match after {
        Some(after) => newest.skip_while(|one| one["id"] != after).skip(1).map(cleaned).collect(),
        None => newest.map(cleaned).collect(),
    };
    let has_more = limit < rest.len();
    rest.truncate(limit);
    (200, list(&asked.path, rest, has_more))
}

/// Without what only the stand-in knows.
fn cleaned(one: &Value) -> Value {
    let mut one = one.clone();
    let fields = one.as_object_mut().unwrap();
    fields.retain(|name, _| !name.starts_with("standin_"));
    one
}

fn found(one: Option<&Value>) -> Result<&Value, Told> {
    one.ok_or_else(missing)
}

fn missing() -> Told {
    (404, error("invalid_request_error", "resource_missing"))
}
