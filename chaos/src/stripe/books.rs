//! The books of the stand-in: sessions, payments, refunds and idempotency keys, by the vendor's rules.
//! They are the truth that a scenario judges by. No card ever reaches them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::objects::{self, error, list, missing};
use super::wire::Request;

/// Every request must come with it.
pub(crate) const SECRET_KEY: &str = "sk_test_chaos";
/// A session lives so long, from the shortest to the longest.
const SESSION_S: std::ops::RangeInclusive<i64> = 30 * 60..=24 * 60 * 60;

/// Status and body.
pub(crate) type Told = (u16, Value);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Open,
    Expired,
    Complete,
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// Our payment.
    pub(crate) reference: String,
    pub(crate) reservation: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) created_s: i64,
    pub(crate) stage: Stage,
    pub(crate) captured: i64,
    pub(crate) refunds: Vec<Refund>,
}

#[derive(Debug, Clone)]
pub(crate) struct Refund {
    /// Ours, as it was named in the request.
    pub(crate) reference: String,
    pub(crate) amount: i64,
}

impl Session {
    pub(crate) fn intent(&self) -> String {
        self.id.replace("cs_", "pi_")
    }

    pub(crate) fn returned(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }
}

/// When the guest pays, seen from the provider: between which of our calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before we look at the session.
    BeforeTheLook,
    /// After we looked, before we close it.
    BeforeTheEnd,
}

#[derive(Default)]
pub(crate) struct Books {
    pub(crate) now_s: i64,
    sessions: BTreeMap<String, Session>,
    /// By idempotency key: what was asked, and the answer.
    keys: BTreeMap<String, (String, Told)>,
    /// Guests who pay when we make the call.
    plans: BTreeMap<String, Moment>,
    /// A provider that would break its promise about keys: for the control of a scenario.
    pub(crate) forgets_keys: bool,
}

impl Books {
    pub(crate) fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values()
    }

    pub(crate) fn is_closed(&self, id: &str) -> bool {
        self.sessions.get(id).is_some_and(|session| session.stage != Stage::Open)
    }

    /// The guest pays on the provider's page, which takes no money for a session that has ended.
    pub(crate) fn pay(&mut self, id: &str) -> bool {
        match self.sessions.get_mut(id) {
            Some(session) if session.stage == Stage::Open => {
                (session.stage, session.captured) = (Stage::Complete, session.amount);
                true
            }
            Some(_) | None => false,
        }
    }

    /// The bank had the money before the session was closed, and says so only now.
    pub(crate) fn pay_late(&mut self, id: &str) {
        if let Some(session) = self.sessions.get_mut(id) {
            (session.stage, session.captured) = (Stage::Complete, session.amount);
        }
    }

    pub(crate) fn plan(&mut self, id: &str, moment: Moment) {
        self.plans.insert(id.to_owned(), moment);
    }

    fn keep_plan(&mut self, id: &str, moment: Moment) {
        if self.plans.get(id) == Some(&moment) {
            self.plans.remove(id);
            self.pay(id);
        }
    }

    /// What the provider does and says.
    pub(crate) fn answer(&mut self, asked: &Request) -> Told {
        if asked.header("authorization") != format!("Bearer {SECRET_KEY}") {
            return (401, error("invalid_request_error", "api_key_invalid"));
        }
        let key = asked.header("idempotency-key").to_owned();
        let print = format!("{} {}", asked.path, asked.body);
        if let Some((known, told)) = self.keys.get(&key).filter(|_| !self.forgets_keys) {
            let is_same = *known == print;
            let other = || (400, error("idempotency_error", "idempotency_key_reused"));
            return if is_same { told.clone() } else { other() };
        }
        let told = self.act(asked);
        // What was refused before anything began holds no key.
        if !key.is_empty() && told.0 == 200 {
            self.keys.insert(key, (print, told.clone()));
        }
        told
    }

    /// The end point breaks before it has done anything; what it says is kept with the key, as every
    /// answer is that an end point gives.
    pub(crate) fn break_down(&mut self, asked: &Request, status: u16) -> Told {
        let told = (status, error("api_error", "internal"));
        let key = asked.header("idempotency-key").to_owned();
        if key.is_empty() {
            return told;
        }
        let print = format!("{} {}", asked.path, asked.body);
        self.keys.entry(key).or_insert((print, told)).1.clone()
    }

    fn act(&mut self, asked: &Request) -> Told {
        let parts: Vec<&str> = asked.path.split('/').skip(2).collect();
        match (asked.method.as_str(), parts.as_slice()) {
            ("POST", ["checkout", "sessions"]) => self.create(asked),
            ("GET", ["checkout", "sessions"]) => {
                list(asked, self.newest(asked).map(objects::session))
            }
            ("GET", ["checkout", "sessions", id]) => {
                self.keep_plan(id, Moment::BeforeTheLook);
                self.shown(id)
            }
            ("POST", ["checkout", "sessions", id, "expire"]) => {
                self.keep_plan(id, Moment::BeforeTheEnd);
                self.expire(id)
            }
            ("POST", ["refunds"]) => self.refund(asked),
            ("GET", ["refunds"]) => {
                let intent = asked.queried("payment_intent").unwrap_or_default();
                let of = self.sessions.values().find(|session| session.intent() == intent);
                let all = of.into_iter().flat_map(|session| {
                    session.refunds.iter().map(move |refund| objects::refund(session, refund))
                });
                list(asked, all)
            }
            ("GET", ["payment_intents"]) => {
                list(asked, self.newest(asked).filter_map(objects::intent))
            }
            _ => missing(),
        }
    }

    fn newest(&self, asked: &Request) -> impl Iterator<Item = &Session> {
        let number =
            |name, other| asked.queried(name).map_or(Some(other), |text| text.parse().ok());
        let since: i64 = number("created[gte]", 0).unwrap_or(0);
        let before: i64 = number("created[lt]", i64::MAX).unwrap_or(i64::MAX);
        let newest = self.sessions.values().rev();
        newest.filter(move |session| (since..before).contains(&session.created_s))
    }

    fn shown(&self, id: &str) -> Told {
        self.sessions.get(id).map_or_else(missing, |session| (200, objects::session(session)))
    }

    fn create(&mut self, asked: &Request) -> Told {
        let form = asked.form();
        let of = |name: &str| form.get(name).cloned().unwrap_or_default();
        let number = |name: &str| of(name).parse::<i64>().ok();
        let lives_s = number("expires_at").map(|at_s| at_s - self.now_s);
        let amount = number("line_items[0][price_data][unit_amount]");
        let (Some(amount), Some(lives_s)) = (amount, lives_s) else {
            return (400, error("invalid_request_error", "parameter_missing"));
        };
        if !SESSION_S.contains(&lives_s) || amount < 1 {
            return (400, error("invalid_request_error", "parameter_invalid_integer"));
        }
        // In the order of their making, for the list.
        let id = format!("cs_test_{:08}", self.sessions.len());
        let session = Session {
            id: id.clone(),
            reference: of("client_reference_id"),
            reservation: of("metadata[reservation_id]"),
            amount,
            currency: of("line_items[0][price_data][currency]"),
            created_s: self.now_s,
            stage: Stage::Open,
            captured: 0,
            refunds: Vec::new(),
        };
        self.sessions.insert(id.clone(), session);
        self.shown(&id)
    }

    fn expire(&mut self, id: &str) -> Told {
        match self.sessions.get_mut(id) {
            None => return missing(),
            Some(session) if session.stage == Stage::Open => session.stage = Stage::Expired,
            Some(_) => return (400, error("invalid_request_error", "session_not_open")),
        }
        self.shown(id)
    }

    fn refund(&mut self, asked: &Request) -> Told {
        let form = asked.form();
        let of = |name: &str| form.get(name).cloned().unwrap_or_default();
        let (intent, amount) = (of("payment_intent"), of("amount").parse().unwrap_or(0));
        let found = self.sessions.values_mut().find(|session| session.intent() == intent);
        let Some(session) = found.filter(|session| 0 < session.captured) else { return missing() };
        if amount < 1 || session.captured < session.returned() + amount {
            return (400, error("invalid_request_error", "charge_already_refunded"));
        }
        let refund = Refund { reference: of("metadata[refund_id]"), amount };
        session.refunds.push(refund.clone());
        (200, objects::refund(session, &refund))
    }
}

#[cfg(test)]
mod tests {
    //! The vendor's rules that the scenarios lean on.

    use super::*;

    fn ask(method: &str, path: &str, key: &str, body: &str) -> Request {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nAuthorization: Bearer {SECRET_KEY}\r\n\
             Idempotency-Key: {key}\r\n"
        );
        Request::parse(&head, body.to_owned()).expect("a request")
    }

    fn create(key: &str, amount: u32) -> Request {
        let body = format!(
            "client_reference_id=p1&expires_at=2000&line_items[0][price_data][unit_amount]={amount}\
             &line_items[0][price_data][currency]=eur"
        );
        ask("POST", "/v1/checkout/sessions", key, &body)
    }

    fn refund(key: &str) -> Request {
        let body = "payment_intent=pi_test_00000000&amount=60&metadata[refund_id]=r1";
        ask("POST", "/v1/refunds", key, body)
    }

    const ID: &str = "cs_test_00000000";

    #[test]
    fn a_key_gives_its_first_answer_again_and_takes_no_other_request() {
        let mut books = Books::default();
        let first = books.answer(&create("k", 100));
        assert_eq!((first.0, &first), (200, &books.answer(&create("k", 100))));
        assert_eq!(books.answer(&create("k", 200)).1["error"]["type"], "idempotency_error");
        assert_eq!(books.sessions().count(), 1);
        books.answer(&create("other", 100));
        assert_eq!(books.sessions().count(), 2);
    }

    #[test]
    fn a_session_that_has_ended_takes_no_money_and_one_that_is_paid_does_not_end() {
        let mut books = Books::default();
        books.answer(&create("k", 100));
        let expire = ask("POST", &format!("/v1/checkout/sessions/{ID}/expire"), "", "");
        assert_eq!(books.answer(&expire).1["status"], "expired");
        assert!(!books.pay(ID));
        books.answer(&create("l", 100));
        assert!(books.pay("cs_test_00000001"));
        let expire = ask("POST", "/v1/checkout/sessions/cs_test_00000001/expire", "", "");
        assert_eq!(books.answer(&expire).0, 400);
    }

    #[test]
    fn no_more_goes_back_than_came() {
        let mut books = Books::default();
        books.answer(&create("k", 100));
        assert_eq!(books.answer(&refund("a")).0, 404, "nobody has paid yet");
        books.pay(ID);
        assert_eq!(books.answer(&refund("a")).0, 200);
        assert_eq!(books.answer(&refund("a")).0, 200, "the same again");
        assert_eq!(books.answer(&refund("b")).0, 400);
        assert_eq!(books.sessions().map(Session::returned).sum::<i64>(), 60);
    }

    #[test]
    fn a_guest_may_pay_between_two_calls_of_ours() {
        let mut books = Books::default();
        books.answer(&create("k", 100));
        books.plan(ID, Moment::BeforeTheEnd);
        let look = ask("GET", &format!("/v1/checkout/sessions/{ID}"), "", "");
        assert_eq!(books.answer(&look).1["status"], "open");
        let expire = ask("POST", &format!("/v1/checkout/sessions/{ID}/expire"), "", "");
        assert_eq!(books.answer(&expire).0, 400);
        assert_eq!(books.answer(&look).1["payment_intent"]["amount_received"], 100);
    }

    #[test]
    fn whoever_has_not_our_key_is_told_nothing() {
        let asked = Request::parse("GET /v1/refunds HTTP/1.1\r\n", String::new());
        assert_eq!(Books::default().answer(&asked.expect("a request")).0, 401);
    }
}
