//! Goal: the sandbox's webhooks are believed only when it signed them.
//! Method: one genuine delivery, one change each.

use vacancy_connect::payments::Provider;
use vacancy_connect::payments::sandbox::{PayWith, SIGNATURE_HEADER, Sandbox, SignedWebhook};
use vacancy_connect::payments::webhook::{Event, Webhook, WebhookRefusal};

use crate::support::{NOW_MS, card, good_card, order, sandbox};

async fn paid_order() -> (Sandbox, String, SignedWebhook) {
    let sandbox = sandbox();
    let order_id = sandbox.create(&order(1)).await.unwrap().provider_order_id;
    let visit = sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    (sandbox, order_id, visit.webhook.unwrap())
}

fn deliver(
    sandbox: &Sandbox,
    headers: &[(&str, &str)],
    body: &str,
    now_ms: i64,
) -> Result<Event, WebhookRefusal> {
    sandbox.parse_webhook(&Webhook { headers, body: body.as_bytes(), now_ms })
}

#[tokio::test]
async fn a_genuine_event_names_its_order() {
    let (sandbox, order_id, sent) = paid_order().await;
    let headers = [("accept", "*/*"), ("sandbox-signature", sent.signature.as_str())];
    let event = deliver(&sandbox, &headers, &sent.body, NOW_MS).unwrap();
    assert_eq!(event.kind, "payment.captured");
    assert_eq!(event.provider_order_id, Some(order_id.clone()));
    assert!(event.provider_payment_id.is_some());
    let again = sandbox.webhook(&order_id, NOW_MS + 1).await.unwrap().unwrap();
    let headers = [(SIGNATURE_HEADER, again.signature.as_str())];
    let repeated = deliver(&sandbox, &headers, &again.body, NOW_MS + 1).unwrap();
    assert_eq!(repeated.event_id, event.event_id, "the same event has the same id");
}

#[tokio::test]
async fn any_change_turns_a_delivery_away() {
    let (sandbox, _, sent) = paid_order().await;
    let signature = sent.signature.as_str();
    let signed = [(SIGNATURE_HEADER, signature)];
    let late = NOW_MS + 301_000;
    let truncated = &sent.body[..sent.body.len() - 1];
    let spaced = sent.body.replace(',', ", ");
    for (headers, body, now_ms, refusal) in [
        (&signed[..0], sent.body.as_str(), NOW_MS, WebhookRefusal::SignatureMissing),
        (&signed[..], truncated, NOW_MS, WebhookRefusal::SignatureInvalid),
        (&signed[..], spaced.as_str(), NOW_MS, WebhookRefusal::SignatureInvalid),
        (&signed[..], "", NOW_MS, WebhookRefusal::SignatureInvalid),
        (&signed[..], sent.body.as_str(), late, WebhookRefusal::Stale),
    ] {
        assert_eq!(deliver(&sandbox, headers, body, now_ms), Err(refusal), "{body}");
    }
}

#[tokio::test]
async fn an_order_that_nobody_touched_has_no_event() {
    let sandbox = sandbox();
    let order_id = sandbox.create(&order(1)).await.unwrap().provider_order_id;
    assert_eq!(sandbox.webhook(&order_id, NOW_MS).await.unwrap(), None);
    let visit = sandbox.decline(&order_id, NOW_MS).await.unwrap();
    assert!(visit.webhook.unwrap().body.contains("\"event\":\"payment.failed\""));
}

#[tokio::test]
async fn events_come_once_or_twice_or_in_wrong_order_or_never() {
    for (number, (with, kinds)) in (1..).zip([
        (good_card(), &["payment.captured"][..]),
        (PayWith::Upi, &["payment.captured"]),
        (card("4000 0000 0000 3212"), &["payment.captured", "payment.captured"]),
        (card("4000 0000 0000 3220"), &["payment.captured", "payment.failed"]),
        (card("4000 0000 0000 3238"), &[]),
    ]) {
        let sandbox = sandbox();
        let order_id = sandbox.create(&order(number)).await.unwrap().provider_order_id;
        sandbox.pay(&order_id, with, NOW_MS).await.unwrap();
        let posted = sandbox.deliveries(&order_id, with, NOW_MS).await.unwrap();
        let heard = posted.iter().map(|sent| {
            let headers = [(SIGNATURE_HEADER, sent.signature.as_str())];
            deliver(&sandbox, &headers, &sent.body, NOW_MS).unwrap().kind
        });
        assert_eq!(heard.collect::<Vec<_>>(), kinds, "{number}");
    }
}
