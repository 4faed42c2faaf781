//! What we ask of Stripe, as the parameters of its forms. Pure: names and values, no call.

use super::amounts::to_stripe;
use crate::payments::failure::Failure;
use crate::payments::order::{Capture, CaptureRequest, OrderRequest, Payer, RefundRequest};
use crate::payments::return_address::with_query;

/// A session lives 30 minutes at least. With a minute more for the way there.
const SESSION_S_MIN: i64 = 31 * 60;
/// And at most a day.
const SESSION_S_MAX: i64 = 24 * 60 * 60 - 60;
/// Longest text that a guest reads on Stripe's page.
const DESCRIPTION_CHARACTERS_MAX: usize = 500;

/// A form: names in Stripe's brackets, and values.
pub(super) type Form = Vec<(&'static str, String)>;

/// A Checkout Session. Ours is expired by API at the hold's deadline; its own end is the last wall.
pub(super) fn session(request: &OrderRequest, public_url: &str) -> Result<Form, Failure> {
    let now_s = request.now_ms.div_euclid(1000);
    let asked_s = request.expires_at_ms.div_euclid(1000);
    let expires_at_s = asked_s.clamp(now_s + SESSION_S_MIN, now_s + SESSION_S_MAX);
    let back = match request.return_url.as_str() {
        "" => public_url,
        back => back,
    };
    // Stripe puts the session's id in place of the word; it knows no payment yet.
    let query = "paymentOrderId={CHECKOUT_SESSION_ID}&providerPaymentId={CHECKOUT_SESSION_ID}";
    let description = description(request);
    let mut form = vec![
        ("mode", "payment".to_owned()),
        ("client_reference_id", request.payment_id.to_string()),
        ("metadata[reservation_id]", request.reservation_id.to_string()),
        ("success_url", with_query(back, query)),
        ("cancel_url", back.to_owned()),
        ("expires_at", expires_at_s.to_string()),
        ("submit_type", "book".to_owned()),
        // What is due is due in our currency.
        ("adaptive_pricing[enabled]", "false".to_owned()),
        ("line_items[0][quantity]", "1".to_owned()),
        ("line_items[0][price_data][currency]", currency(request)),
        ("line_items[0][price_data][unit_amount]", to_stripe(request.amount)?.to_string()),
        ("line_items[0][price_data][product_data][name]", description.clone()),
        ("payment_intent_data[capture_method]", capture_method(request.capture)),
        ("payment_intent_data[description]", description),
        ("payment_intent_data[metadata][reservation_id]", request.reservation_id.to_string()),
    ];
    if request.payer == Payer::GuestAndLater {
        form.push(("customer_creation", "always".to_owned()));
        form.push(("payment_intent_data[setup_future_usage]", "off_session".to_owned()));
    }
    Ok(form)
}

/// A PaymentIntent that is paid at once by what a guest paid with before.
pub(super) fn again(
    request: &OrderRequest,
    customer: &str,
    payment_method: &str,
) -> Result<Form, Failure> {
    Ok(vec![
        ("amount", to_stripe(request.amount)?.to_string()),
        ("currency", currency(request)),
        ("customer", customer.to_owned()),
        ("payment_method", payment_method.to_owned()),
        ("off_session", "true".to_owned()),
        ("confirm", "true".to_owned()),
        ("capture_method", capture_method(request.capture)),
        ("description", description(request)),
        (PAYMENT_ID_FIELD, request.payment_id.to_string()),
        ("metadata[reservation_id]", request.reservation_id.to_string()),
    ])
}

/// A customer with no data of the guest: what pays this payment is kept there.
pub(super) fn customer(request: &OrderRequest) -> Form {
    vec![
        (PAYMENT_ID_FIELD, request.payment_id.to_string()),
        ("metadata[reservation_id]", request.reservation_id.to_string()),
    ]
}

/// A PaymentIntent of our own. Only such a one has our payment's id in its metadata: the intent of a
/// session is found by its session. What pays it is kept for the customer, if there is one.
pub(super) fn intent(request: &OrderRequest, customer: Option<&str>) -> Result<Form, Failure> {
    let mut form = vec![
        ("amount", to_stripe(request.amount)?.to_string()),
        ("currency", currency(request)),
        ("automatic_payment_methods[enabled]", "true".to_owned()),
        ("capture_method", capture_method(request.capture)),
        ("description", description(request)),
        (PAYMENT_ID_FIELD, request.payment_id.to_string()),
        ("metadata[reservation_id]", request.reservation_id.to_string()),
    ];
    if let Some(customer) = customer {
        form.push(("customer", customer.to_owned()));
        form.push(("setup_future_usage", "off_session".to_owned()));
    }
    Ok(form)
}

pub(super) fn capture(request: &CaptureRequest) -> Result<Form, Failure> {
    Ok(vec![("amount_to_capture", to_stripe(request.amount)?.to_string())])
}

pub(super) fn refund(intent_id: &str, request: &RefundRequest) -> Result<Form, Failure> {
    Ok(vec![
        ("payment_intent", intent_id.to_owned()),
        ("amount", to_stripe(request.amount)?.to_string()),
        (REFUND_ID_FIELD, request.refund_id.to_string()),
        (PAYMENT_ID_FIELD, request.payment.id.to_string()),
    ])
}

const PAYMENT_ID_FIELD: &str = "metadata[payment_id]";
const REFUND_ID_FIELD: &str = "metadata[refund_id]";

fn currency(request: &OrderRequest) -> String {
    request.amount.currency.code().to_ascii_lowercase()
}

fn capture_method(capture: Capture) -> String {
    match capture {
        Capture::Automatic => "automatic",
        Capture::Manual => "manual",
    }
    .to_owned()
}

fn description(request: &OrderRequest) -> String {
    if request.description.is_empty() {
        return "Reservation".to_owned();
    }
    request.description.chars().take(DESCRIPTION_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::super::wire::{PAYMENT_ID, REFUND_ID};
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        assert_eq!(PAYMENT_ID_FIELD, format!("metadata[{PAYMENT_ID}]"));
        assert_eq!(REFUND_ID_FIELD, format!("metadata[{REFUND_ID}]"));
    }
}
