//! The provider's objects as it shows them, with what is always asked to be whole.

use serde_json::{Value, json};

use super::books::{Refund, Session, Stage, Told};
use super::wire::Request;

pub(super) fn session(session: &Session) -> Value {
    let Session { id, reference, reservation, amount, currency, .. } = session;
    let (status, payment_status) = match session.stage {
        Stage::Open => ("open", "unpaid"),
        Stage::Expired => ("expired", "unpaid"),
        Stage::Complete => ("complete", "paid"),
    };
    let url = format!("https://checkout.stripe.com/c/pay/{id}");
    json!({
        "id": id, "object": "checkout.session", "mode": "payment", "livemode": false,
        "status": status, "payment_status": payment_status,
        "amount_total": amount, "currency": currency, "created": session.created_s,
        "client_reference_id": reference, "metadata": {"reservation_id": reservation},
        "url": if session.stage == Stage::Open { Value::from(url) } else { Value::Null },
        "payment_intent": intent(session),
    })
}

/// There is none before the guest pays.
pub(super) fn intent(session: &Session) -> Option<Value> {
    let Session { reservation, amount, currency, captured, .. } = session;
    (0 < *captured).then(|| {
        json!({
            "id": session.intent(), "object": "payment_intent", "status": "succeeded",
            "amount": amount, "amount_received": captured, "currency": currency,
            "created": session.created_s, "metadata": {"reservation_id": reservation},
            "latest_charge": {
                "id": session.id.replace("cs_", "ch_"), "object": "charge", "captured": true,
                "amount": amount, "amount_captured": captured,
                "amount_refunded": session.returned(),
                "payment_method_details": {"type": "card"},
            },
        })
    })
}

pub(super) fn refund(session: &Session, refund: &Refund) -> Value {
    let Refund { reference, amount } = refund;
    json!({
        "id": format!("re_{reference}"), "object": "refund", "status": "succeeded",
        "amount": amount, "currency": session.currency, "payment_intent": session.intent(),
        "metadata": {"refund_id": reference, "payment_id": session.reference},
    })
}

/// One page of them.
pub(super) fn list(asked: &Request, all: impl Iterator<Item = Value>) -> Told {
    let limit = asked.queried("limit").and_then(|text| text.parse().ok()).unwrap_or(10);
    let mut rest: Vec<Value> = match asked.queried("starting_after") {
        Some(after) => all.skip_while(|one| one["id"] != after).skip(1).collect(),
        None => all.collect(),
    };
    let has_more = limit < rest.len();
    rest.truncate(limit);
    (200, json!({"object": "list", "url": asked.path, "data": rest, "has_more": has_more}))
}

pub(super) fn error(kind: &str, code: &str) -> Value {
    json!({"error": {"type": kind, "code": code, "message": format!("{kind}: {code}")}})
}

pub(super) fn missing() -> Told {
    (404, error("invalid_request_error", "resource_missing"))
}
