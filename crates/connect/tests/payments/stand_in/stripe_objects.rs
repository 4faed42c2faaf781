//! Stripe's objects as the stand-in answers them: the fields that the specification requires, and
//! those that somebody reads.

use serde_json::{Value, json};

/// A Checkout Session of an order that nobody has paid.
pub(crate) fn session(id: &str, form: &Value, now_s: i64) -> Value {
    let price = &form["line_items"][0]["price_data"];
    let amount = whole(&price["unit_amount"]);
    json!({
        "id": id,
        "object": "checkout.session",
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
        "cancel_url": form["cancel_url"],
        "client_reference_id": form["client_reference_id"],
        "created": now_s,
        "currency": price["currency"],
        "custom_fields": [],
        "custom_text": {
            "after_submit": null, "shipping_address": null, "submit": null,
            "terms_of_service_acceptance": null,
        },
        "expires_at": whole(&form["expires_at"]),
        "livemode": false,
        "metadata": form["metadata"],
        "mode": "payment",
        "payment_intent": null,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": form["success_url"],
        "url": format!("https://checkout.stripe.com/c/pay/{id}"),
    })
}

/// A PaymentIntent that waits for a way to pay.
pub(crate) fn intent(id: &str, form: &Value, now_s: i64) -> Value {
    json!({
        "id": id,
        "object": "payment_intent",
        "amount": whole(&form["amount"]),
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": form["capture_method"],
        "client_secret": format!("{id}_secret_standin"),
        "created": now_s,
        "currency": form["currency"],
        "customer": form["customer"],
        "last_payment_error": null,
        "latest_charge": null,
        "livemode": false,
        "metadata": form["metadata"],
        "payment_method": form["payment_method"],
        "payment_method_types": ["card"],
        "setup_future_usage": form["setup_future_usage"],
        "status": "requires_payment_method",
    })
}

pub(crate) fn customer(id: &str, form: &Value, now_s: i64) -> Value {
    json!({
        "id": id,
        "object": "customer",
        "created": now_s,
        "default_source": null,
        "description": null,
        "email": null,
        "livemode": false,
        "metadata": form["metadata"],
        "shipping": null,
    })
}

/// The charge of an intent that was paid.
pub(crate) fn charge(id: &str, intent: &Value, now_s: i64) -> Value {
    json!({
        "id": id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": {
            "address": null, "email": null, "name": null, "phone": null, "tax_id": null,
        },
        "captured": false,
        "created": now_s,
        "currency": intent["currency"],
        "disputed": false,
        "livemode": false,
        "metadata": {},
        "paid": true,
        "payment_intent": intent["id"],
        "payment_method_details": {"type": "card"},
        "refunded": false,
        "status": "succeeded",
    })
}

pub(crate) fn refund(id: &str, form: &Value, currency: &Value, now_s: i64) -> Value {
    json!({
        "id": id,
        "object": "refund",
        "amount": whole(&form["amount"]),
        "created": now_s,
        "currency": currency,
        "metadata": form["metadata"],
        "payment_intent": form["payment_intent"],
        "status": "succeeded",
    })
}

pub(crate) fn list(path: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({"object": "list", "url": path, "has_more": has_more, "data": data})
}

pub(crate) fn error(kind: &str, code: &str) -> Value {
    json!({"error": {"type": kind, "code": code, "message": format!("{kind}: {code}")}})
}

/// A number of a form.
pub(crate) fn whole(value: &Value) -> i64 {
    value.as_str().unwrap().parse().unwrap()
}
