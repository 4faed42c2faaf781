//! Razorpay, as far as we use it: orders with their payments, captures, refunds, events. Orders know
//! no idempotency key; refunds do.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vacancy_connect::secret::Secret;

use super::{Asked, Books};

pub(crate) const KEY_ID: &str = "rzp_test_standin";
pub(crate) const KEY_SECRET: &str = "razorpay-key-secret";
pub(crate) const WEBHOOK_SECRET: &str = "razorpay-webhook-secret";
/// `KEY_ID:KEY_SECRET` in base 64.
const BASIC: &str = "Basic cnpwX3Rlc3Rfc3RhbmRpbjpyYXpvcnBheS1rZXktc2VjcmV0";

type Told = (u16, Value);

/// What Razorpay remembers.
#[derive(Default)]
pub(crate) struct Account {
    pub(crate) now_s: i64,
    /// Our key was withdrawn.
    pub(crate) refuses_key: bool,
    made: usize,
    pub(crate) orders: BTreeMap<String, Value>,
    pub(crate) payments: BTreeMap<String, Value>,
    pub(crate) refunds: BTreeMap<String, Value>,
    pub(crate) disputes: BTreeMap<String, Value>,
    /// Of refunds, by idempotency key.
    keys: BTreeMap<String, (String, Told)>,
}

/// A payment as Razorpay signs it for the guest to bring back.
pub(crate) struct Attempt {
    pub(crate) payment_id: String,
    pub(crate) signature: String,
}

impl Account {
    pub(crate) fn at(now_ms: i64) -> Account {
        Account { now_s: now_ms / 1000, ..Account::default() }
    }

    /// The guest pays an order: the bank authorises, and with automatic capture the money is there.
    pub(crate) fn pay(&mut self, order_id: &str) -> Attempt {
        let attempt = self.attempt(order_id, "authorized");
        if self.orders[order_id]["standin_capture"] == "automatic" {
            self.take(&attempt.payment_id);
        }
        attempt
    }

    /// The guest tries to pay; the payment is left in this state.
    pub(crate) fn attempt(&mut self, order_id: &str, status: &str) -> Attempt {
        let payment_id = self.id("pay");
        let order = self.orders.get_mut(order_id).unwrap();
        order["status"] = json!("attempted");
        order["attempts"] = json!(order["attempts"].as_i64().unwrap() + 1);
        let payment = json!({
            "id": payment_id,
            "entity": "payment",
            "amount": order["amount"],
            "currency": order["currency"],
            "status": status,
            "order_id": order_id,
            "method": "upi",
            "amount_refunded": 0,
            "refund_status": null,
            "captured": false,
            "error_code": null,
            "notes": [],
            "created_at": self.now_s,
        });
        self.payments.insert(payment_id.clone(), payment);
        let secret = Secret::new(KEY_SECRET).unwrap();
        let signature = secret.sign(&[order_id.as_bytes(), b"|", payment_id.as_bytes()]);
        Attempt { payment_id, signature }
    }

    /// Puts a payment into any state: late authorisation makes a failed one authorised.
    pub(crate) fn set(&mut self, payment_id: &str, status: &str) {
        self.payments.get_mut(payment_id).unwrap()["status"] = json!(status);
    }

    /// An event as Razorpay posts it: the signature, and the body.
    pub(crate) fn event(&self, kind: &str, payment_id: &str) -> (String, String) {
        let body = json!({
            "entity": "event",
            "account_id": "acc_standin",
            "event": kind,
            "contains": ["payment"],
            "payload": {"payment": {"entity": self.payments[payment_id]}},
            "created_at": self.now_s,
        });
        let body = body.to_string();
        (Secret::new(WEBHOOK_SECRET).unwrap().sign(&[body.as_bytes()]), body)
    }

    fn take(&mut self, payment_id: &str) {
        let payment = self.payments.get_mut(payment_id).unwrap();
        payment["status"] = json!("captured");
        payment["captured"] = json!(true);
        let order = self.orders.get_mut(payment["order_id"].as_str().unwrap()).unwrap();
        order["status"] = json!("paid");
        order["amount_paid"] = order["amount"].clone();
        order["amount_due"] = json!(0);
    }

    fn id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}_{:014}", self.made)
    }

    fn route(&mut self, asked: &Asked) -> Told {
        let parts: Vec<&str> = asked.path.split('/').skip(2).collect();
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        match (asked.method.as_str(), parts.as_slice()) {
            ("POST", ["orders"]) => self.create(&body),
            ("GET", ["orders"]) => self.list(asked),
            ("GET", ["orders", id]) => match self.orders.get(*id) {
                Some(order) => (200, cleaned(order)),
                None => missing(),
            },
            ("GET", ["orders", id, "payments"]) => {
                let is_of = |one: &&Value| one["order_id"] == *id;
                collection(self.payments.values().rev().filter(is_of).cloned().collect())
            }
            ("POST", ["payments", id, "capture"]) => self.capture(id, &body),
            ("GET", ["payments", id, "refunds"]) => {
                let is_of = |one: &&Value| one["payment_id"] == *id;
                collection(self.refunds.values().rev().filter(is_of).cloned().collect())
            }
            ("GET", ["disputes"]) => collection(self.disputes.values().cloned().collect()),
            ("GET", ["disputes", id]) => match self.disputes.get(*id) {
                Some(dispute) => (200, dispute.clone()),
                None => missing(),
            },
            ("POST", ["payments", id, "refund"]) => self.refund_once(id, asked, &body),
            other => panic!("the stand-in knows no {other:?}"),
        }
    }

    fn create(&mut self, body: &Value) -> Told {
        for name in body.as_object().unwrap().keys() {
            let known = ["amount", "currency", "receipt", "notes", "payment", "partial_payment"];
            assert!(known.contains(&name.as_str()), "an order has no {name}");
        }
        let Some(amount) = body["amount"].as_i64().filter(|amount| 100 <= *amount) else {
            return refused("amount");
        };
        let receipt = body["receipt"].as_str().unwrap();
        assert!(receipt.len() <= 40, "a receipt is longer than 40: {receipt}");
        let options = &body["payment"]["capture_options"];
        assert!((12..=43_200).contains(&options["automatic_expiry_period"].as_i64().unwrap()));
        let id = self.id("order");
        let order = json!({
            "id": id,
            "entity": "order",
            "amount": amount,
            "amount_paid": 0,
            "amount_due": amount,
            "currency": body["currency"],
            "receipt": receipt,
            "offer_id": null,
            "status": "created",
            "attempts": 0,
            "notes": body["notes"],
            "created_at": self.now_s,
            "standin_capture": body["payment"]["capture"],
        });
        self.orders.insert(id, order.clone());
        (200, cleaned(&order))
    }

    /// The newest first, with their payments where that was asked for.
    fn list(&self, asked: &Asked) -> Told {
        for (name, _) in &asked.query {
            let known = ["receipt", "from", "to", "count", "skip", "expand[]"];
            assert!(known.contains(&name.as_str()), "a list of orders knows no {name}");
        }
        let number = |name: &str| asked.queried(name).map(|text| text.parse::<i64>().unwrap());
        let receipt = asked.queried("receipt");
        let window = number("from").unwrap_or(0)..=number("to").unwrap_or(i64::MAX);
        let count = number("count").unwrap_or(10);
        assert!((1..=100).contains(&count), "a page has from 1 to 100");
        let is_asked_for = |one: &&Value| {
            receipt.is_none_or(|text| one["receipt"] == text)
                && window.contains(&one["created_at"].as_i64().unwrap())
        };
        let shown = |order: &Value| {
            let mut order = cleaned(order);
            if asked.queried("expand[]") == Some("payments") {
                let is_of = |one: &&Value| one["order_id"] == order["id"];
                let attempts = self.payments.values().rev().filter(is_of).cloned().collect();
                order["payments"] = collection(attempts).1;
            }
            order
        };
        let found = self.orders.values().rev().filter(is_asked_for).map(shown);
        let skip = usize::try_from(number("skip").unwrap_or(0)).unwrap();
        collection(found.skip(skip).take(usize::try_from(count).unwrap()).collect())
    }

    fn capture(&mut self, id: &str, body: &Value) -> Told {
        let Some(payment) = self.payments.get(id) else { return missing() };
        if payment["amount"] != body["amount"] || payment["currency"] != body["currency"] {
            return refused("amount");
        }
        if payment["status"] != "authorized" {
            return refused("");
        }
        self.take(id);
        (200, self.payments[id].clone())
    }

    fn refund_once(&mut self, id: &str, asked: &Asked, body: &Value) -> Told {
        let key = asked.header("x-refund-idempotency").to_owned();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(10 <= key.len() && key.chars().all(is_plain), "no key: {key}");
        let print = format!("{id} {body}");
        if let Some((known, told)) = self.keys.get(&key) {
            return if *known == print { told.clone() } else { refused("") };
        }
        let told = self.refund(id, body);
        self.keys.insert(key, (print, told.clone()));
        told
    }

    fn refund(&mut self, payment_id: &str, body: &Value) -> Told {
        let id = self.id("rfnd");
        if self.is_disputed(payment_id) {
            return refused("");
        }
        let Some(payment) = self.payments.get_mut(payment_id) else { return missing() };
        let refunded =
            payment["amount_refunded"].as_i64().unwrap() + body["amount"].as_i64().unwrap();
        let amount = payment["amount"].as_i64().unwrap();
        if payment["captured"] != true || amount < refunded {
            return refused("");
        }
        payment["amount_refunded"] = json!(refunded);
        payment["refund_status"] = json!(if amount == refunded { "full" } else { "partial" });
        if amount == refunded {
            payment["status"] = json!("refunded");
        }
        let refund = json!({
            "id": id,
            "entity": "refund",
            "amount": body["amount"],
            "currency": payment["currency"],
            "payment_id": payment_id,
            "notes": body["notes"],
            "receipt": body["receipt"],
            "acquirer_data": {"arn": null},
            "created_at": self.now_s,
            "batch_id": null,
            "status": "processed",
            "speed_processed": "normal",
            "speed_requested": body["speed"],
        });
        self.refunds.insert(id, refund.clone());
        (200, refund)
    }
}

impl Books for Account {
    fn answer(&mut self, asked: &Asked) -> Told {
        if self.refuses_key || asked.header("authorization") != BASIC {
            return (401, error("Authentication failed", ""));
        }
        if asked.method == "POST" {
            assert_eq!(asked.header("content-type"), "application/json");
        }
        self.route(asked)
    }
}

fn collection(items: Vec<Value>) -> Told {
    (200, json!({"entity": "collection", "count": items.len(), "items": items}))
}

/// Without what only the stand-in knows.
fn cleaned(order: &Value) -> Value {
    let mut order = order.clone();
    order.as_object_mut().unwrap().remove("standin_capture");
    order
}

fn error(description: &str, field: &str) -> Value {
    let field = if field.is_empty() { Value::Null } else { json!(field) };
    json!({"error": {"code": "BAD_REQUEST_ERROR", "description": description, "field": field}})
}

fn refused(field: &str) -> Told {
    (400, error("The request is refused", field))
}

fn missing() -> Told {
    (400, error("The id provided does not exist", ""))
}
