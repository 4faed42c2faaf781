//! Goal: Razorpay's webhooks are believed only when it signed them, and its own examples can be
//! read. Method: the published bodies and signatures of the testkit; one change each.

use serde_json::Value;
use vacancy_connect::payments::Provider;
use vacancy_connect::payments::razorpay::{EVENT_ID_HEADER, Razorpay, SIGNATURE_HEADER};
use vacancy_connect::payments::standing::RefundState;
use vacancy_connect::payments::webhook::{Event, WEBHOOK_BYTES_MAX, Webhook, WebhookRefusal};
use vacancy_connect::secret::Secret;
use vacancy_domain::money::Money;
use vacancy_domain::payments::{Payment, PaymentState};

use crate::stand_in::razorpay::WEBHOOK_SECRET;
use crate::stand_in::{Asked, Books, StandIn, testkit};
use crate::support::{NOW_MS, look_up, order, razorpay, razorpay_at, refund, row};

fn deliver(
    razorpay: &Razorpay,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Event, WebhookRefusal> {
    razorpay.parse_webhook(&Webhook { headers, body, now_ms: NOW_MS })
}

fn signed(body: &[u8]) -> String {
    Secret::new(WEBHOOK_SECRET).unwrap().sign(&[body])
}

#[tokio::test]
async fn a_genuine_event_names_its_order() {
    let (razorpay, at_razorpay) = razorpay().await;
    let id = razorpay.create(&order(1)).await.unwrap().provider_order_id;
    let attempt = at_razorpay.with(|account| account.pay(&id));
    let kind = "payment.captured";
    let (signature, body) = at_razorpay.with(|account| account.event(kind, &attempt.payment_id));
    let headers =
        [("x-razorpay-signature", signature.as_str()), (EVENT_ID_HEADER, "00000000000001")];
    let event = deliver(&razorpay, &headers, body.as_bytes()).unwrap();
    assert_eq!(
        event,
        Event {
            event_id: "00000000000001".to_owned(),
            kind: kind.to_owned(),
            provider_order_id: Some(id),
            provider_payment_id: Some(attempt.payment_id),
            provider_dispute_id: None,
        }
    );
}

#[tokio::test]
async fn any_change_turns_a_delivery_away() {
    let (razorpay, _at_razorpay) = razorpay().await;
    let body = br#"{"event": "payment.captured", "payload": {}}"#;
    let signature = signed(body);
    let headers = [(SIGNATURE_HEADER, signature.as_str())];
    assert!(deliver(&razorpay, &headers, body).is_ok());
    let forged = Secret::new("razorpay-key-secret").unwrap().sign(&[body]);
    let forged = [(SIGNATURE_HEADER, forged.as_str())];
    let spaced = [body.as_slice(), b" "].concat();
    let long = vec![b' '; WEBHOOK_BYTES_MAX + 1];
    for (headers, body, refusal) in [
        (&headers[..0], body.as_slice(), WebhookRefusal::SignatureMissing),
        (&headers[..], &body[..body.len() - 1], WebhookRefusal::SignatureInvalid),
        (&headers[..], &spaced, WebhookRefusal::SignatureInvalid),
        (&headers[..], b"", WebhookRefusal::SignatureInvalid),
        (&forged[..], body.as_slice(), WebhookRefusal::SignatureInvalid),
        (&headers[..], &long, WebhookRefusal::TooLarge),
    ] {
        assert_eq!(deliver(&razorpay, headers, body), Err(refusal));
    }
    let signature = signed(b"{}");
    let told = deliver(&razorpay, &[(SIGNATURE_HEADER, signature.as_str())], b"{}");
    assert_eq!(told, Err(WebhookRefusal::Malformed));
}

#[test]
fn signatures_that_razorpay_published_hold() {
    let Some(bytes) = testkit::read("signature_vectors.json") else { return };
    let vectors: Value = serde_json::from_slice(&bytes).unwrap();
    let published = vectors["razorpay"]["sign"].as_array().unwrap();
    assert_eq!(published.len(), 4);
    for vector in published {
        let text = |name: &str| vector[name].as_str().unwrap();
        let secret = Secret::new(text("secret")).unwrap();
        let message = [text("message").as_bytes()];
        assert_eq!(secret.sign(&message), text("signature"), "{}", text("kind"));
        assert!(secret.verifies(&message, text("signature")));
        assert!(!secret.verifies(&[text("message").as_bytes(), b" "], text("signature")));
    }
}

/// Answers with one published body each for an order, its payments, refunds.
struct Published {
    order: Value,
    payments: Value,
    refunds: Value,
    refund: Value,
}

impl Books for Published {
    fn answer(&mut self, asked: &Asked) -> (u16, Value) {
        let path = asked.path.as_str();
        let body = match asked.method.as_str() {
            "POST" => &self.refund,
            _ if path.ends_with("/payments") => &self.payments,
            _ if path.ends_with("/refunds") => &self.refunds,
            _ => &self.order,
        };
        (200, body.clone())
    }
}

#[tokio::test]
async fn orders_payments_and_refunds_as_published_can_be_read() {
    let Some(files) = testkit::unpacked("razorpay.tar.zst") else { return };
    let body = |name: &str| -> Value {
        serde_json::from_slice(&files[&format!("razorpay/tests/mocks/{name}.json")]).unwrap()
    };
    let payments = body("payment_collection");
    let mut captured = payments.clone();
    captured["items"][1] = body("fake_captured_payment");
    let order = body("fake_order");
    let books = Published {
        order,
        payments,
        refunds: body("refund_collection"),
        refund: body("fake_refund"),
    };
    let at = StandIn::open(books).await;
    let razorpay = razorpay_at(&at.base_url, "any");
    let stored = Payment { provider_order_id: "fake_order_id".to_owned(), ..row(1) };
    let standing = look_up(&razorpay, &stored, NOW_MS).await.unwrap();
    assert_eq!(standing.state, PaymentState::Pending);
    assert_eq!(standing.amount.to_string(), "INR 5.00");
    at.with(|books| books.payments = captured);
    let standing = look_up(&razorpay, &stored, NOW_MS).await.unwrap();
    assert_eq!((standing.state, standing.captured_minor), (PaymentState::Succeeded, 500));
    // The published refund is of another amount than any order here.
    let amount = Money::new(300_100, "INR".parse().unwrap());
    at.with(|books| {
        books.order["amount"] = 300_100.into();
        books.payments["items"][1]["amount"] = 300_100.into();
    });
    let given = refund(&razorpay, &stored, 7, amount).await.unwrap();
    assert_eq!((given.amount, given.state), (amount, RefundState::Succeeded));
}

#[tokio::test]
async fn every_published_body_is_an_event_or_is_none_and_nothing_worse() {
    let Some(files) = testkit::unpacked("razorpay.tar.zst") else { return };
    let (razorpay, _at_razorpay) = razorpay().await;
    let bodies: Vec<_> = files.iter().filter(|(path, _)| path.ends_with(".json")).collect();
    assert_eq!(bodies.len(), 108);
    let mut events = Vec::new();
    for (path, body) in bodies {
        let signature = signed(body);
        match deliver(&razorpay, &[(SIGNATURE_HEADER, signature.as_str())], body) {
            Ok(event) => events.push((event.kind, event.provider_order_id)),
            Err(refusal) => assert_eq!(refusal, WebhookRefusal::Malformed, "{path}"),
        }
    }
    let authorized = ("payment.authorized".to_owned(), Some("order_100000000order".to_owned()));
    assert_eq!(events, [authorized]);
}
