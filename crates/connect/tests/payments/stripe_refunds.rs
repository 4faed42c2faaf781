//! Goal: a refund is given once, and a webhook of Stripe's is believed only when Stripe signed it.
//! Method: a stand-in that keeps to Stripe's specification; one genuine delivery, one change each.

use serde_json::json;
use vacancy_connect::payments::Provider;
use vacancy_connect::payments::standing::RefundState;
use vacancy_connect::payments::stripe::{SIGNATURE_HEADER, Stripe};
use vacancy_connect::payments::webhook::{Event, WEBHOOK_BYTES_MAX, Webhook, WebhookRefusal};
use vacancy_connect::payments::{Checkout, webhook};
use vacancy_connect::secret::Secret;
use vacancy_domain::payments::Payment;

use crate::stand_in::stripe::Account;
use crate::stand_in::{StandIn, Trouble};
use crate::support::{
    AMOUNT_MINOR, NOW_MS, code, eur, look_up, order, refund, row, row_after, stripe, stripe_in,
};

async fn paid() -> (Stripe, StandIn<Account>, Payment) {
    let (stripe, at_stripe) = stripe().await;
    let id = stripe.create(&order(1)).await.unwrap().provider_order_id;
    at_stripe.with(|account| account.pay(&id));
    let stored = Payment { provider_order_id: id, ..row(1) };
    let standing = look_up(&stripe, &stored, NOW_MS).await.unwrap();
    (stripe, at_stripe, row_after(1, &standing))
}

#[tokio::test]
async fn the_same_refund_is_given_once_even_when_stripe_forgot_the_key() {
    for keys_are_forgotten in [false, true] {
        let (stripe, at_stripe, paid) = paid().await;
        let once = refund(&stripe, &paid, 7, eur(100)).await.unwrap();
        if keys_are_forgotten {
            at_stripe.with(|account| account.forget_keys());
        }
        assert_eq!(refund(&stripe, &paid, 7, eur(100)).await.unwrap(), once);
        assert_eq!(code(refund(&stripe, &paid, 7, eur(101)).await), "refund_mismatch");
        assert_eq!(at_stripe.with(|account| account.refunds.len()), 1);
        let standing = look_up(&stripe, &paid, NOW_MS).await.unwrap();
        assert_eq!(standing.refunded_minor, 100);
    }
}

#[tokio::test]
async fn every_answer_of_a_refund_may_be_lost() {
    // The look at the order, the list of refunds, the refund itself.
    for lost in 0..3 {
        let (stripe, at_stripe, paid) = paid().await;
        at_stripe.trouble_after(lost, Trouble::Lost);
        assert_eq!(code(refund(&stripe, &paid, 7, eur(100)).await), "outcome_unknown", "{lost}");
        let given = refund(&stripe, &paid, 7, eur(100)).await.unwrap();
        assert_eq!(given.state, RefundState::Succeeded);
        assert_eq!(at_stripe.with(|account| account.refunds.len()), 1, "{lost}");
    }
}

#[tokio::test]
async fn parts_of_a_payment_go_back_up_to_all_of_it() {
    let (stripe, _at_stripe, paid) = paid().await;
    let half = eur(AMOUNT_MINOR / 2);
    refund(&stripe, &paid, 1, half).await.unwrap();
    assert_eq!(code(refund(&stripe, &paid, 2, eur(half.minor + 1)).await), "amount_too_large");
    refund(&stripe, &paid, 3, half).await.unwrap();
    assert_eq!(code(refund(&stripe, &paid, 4, eur(1)).await), "amount_too_large");
    let standing = look_up(&stripe, &paid, NOW_MS).await.unwrap();
    assert_eq!(standing.refunded_minor, AMOUNT_MINOR);
}

#[tokio::test]
async fn a_refund_that_nobody_here_knows_the_state_of_is_pending() {
    let (stripe, at_stripe, paid) = paid().await;
    let id = refund(&stripe, &paid, 7, eur(100)).await.unwrap().provider_refund_id;
    for (word, state) in [
        ("succeeded", RefundState::Succeeded),
        ("pending", RefundState::Pending),
        ("requires_action", RefundState::Pending),
        ("on_the_moon", RefundState::Pending),
        ("failed", RefundState::Failed),
        ("canceled", RefundState::Failed),
    ] {
        at_stripe.with(|account| account.refunds.get_mut(&id).unwrap()["status"] = json!(word));
        assert_eq!(refund(&stripe, &paid, 7, eur(100)).await.unwrap().state, state, "{word}");
    }
}

fn deliver(
    stripe: &Stripe,
    headers: &[(&str, &str)],
    body: &[u8],
    now_ms: i64,
) -> Result<Event, WebhookRefusal> {
    stripe.parse_webhook(&Webhook { headers, body, now_ms })
}

#[tokio::test]
async fn a_genuine_event_names_its_order() {
    let (stripe, at_stripe, paid) = paid().await;
    let id = &paid.provider_order_id;
    let kind = "checkout.session.completed";
    let (signature, body) = at_stripe.with(|account| account.event(kind, id));
    let headers = [("stripe-signature", signature.as_str())];
    let event = deliver(&stripe, &headers, body.as_bytes(), NOW_MS).unwrap();
    assert_eq!(event.kind, kind);
    assert_eq!(event.provider_order_id.as_ref(), Some(id));
    // The intent of a session is no order of ours; one that we made ourselves is.
    let under = paid.provider_payment_id.clone();
    let kind = "payment_intent.succeeded";
    let (signature, body) = at_stripe.with(|account| account.event(kind, &under));
    let headers = [("stripe-signature", signature.as_str())];
    let event = deliver(&stripe, &headers, body.as_bytes(), NOW_MS).unwrap();
    assert_eq!(event.provider_order_id, None);
    let (stripe, at_stripe) = stripe_in(Checkout::Embedded).await;
    let id = stripe.create(&order(1)).await.unwrap().provider_order_id;
    let (signature, body) = at_stripe.with(|account| account.event(kind, &id));
    let headers = [("stripe-signature", signature.as_str())];
    let event = deliver(&stripe, &headers, body.as_bytes(), NOW_MS).unwrap();
    assert_eq!(event.provider_order_id, Some(id));
}

#[tokio::test]
async fn any_change_turns_a_delivery_away() {
    let (stripe, at_stripe, paid) = paid().await;
    let kind = "checkout.session.completed";
    let (signature, body) = at_stripe.with(|account| account.event(kind, &paid.provider_order_id));
    let body = body.as_bytes();
    let signed = [(SIGNATURE_HEADER, signature.as_str())];
    let forger = Secret::new("whsec_forged").unwrap();
    let forged = webhook::sign(&forger, body, NOW_MS);
    let forged = [(SIGNATURE_HEADER, forged.as_str())];
    let spaced = [body, b" "].concat();
    let long = vec![b' '; WEBHOOK_BYTES_MAX + 1];
    let late = NOW_MS + 301_000;
    for (headers, body, now_ms, refusal) in [
        (&signed[..0], body, NOW_MS, WebhookRefusal::SignatureMissing),
        (&signed[..], &body[..body.len() - 1], NOW_MS, WebhookRefusal::SignatureInvalid),
        (&signed[..], &spaced, NOW_MS, WebhookRefusal::SignatureInvalid),
        (&signed[..], b"", NOW_MS, WebhookRefusal::SignatureInvalid),
        (&forged[..], body, NOW_MS, WebhookRefusal::SignatureInvalid),
        (&signed[..], body, late, WebhookRefusal::Stale),
        (&signed[..], body, NOW_MS - 301_000, WebhookRefusal::Stale),
        (&signed[..], &long, NOW_MS, WebhookRefusal::TooLarge),
    ] {
        assert_eq!(deliver(&stripe, headers, body, now_ms), Err(refusal));
    }
}

#[tokio::test]
async fn while_a_secret_is_changed_both_sign() {
    let (stripe, _at_stripe) = stripe().await;
    let body = br#"{"id": "evt_1", "type": "ping", "data": {"object": {}}}"#;
    for (secret, is_taken) in [("whsec_next", true), ("whsec_standin", true), ("whsec_last", false)]
    {
        let signature = webhook::sign(&Secret::new(secret).unwrap(), body, NOW_MS);
        let headers = [(SIGNATURE_HEADER, signature.as_str())];
        assert_eq!(deliver(&stripe, &headers, body, NOW_MS).is_ok(), is_taken, "{secret}");
    }
    let no_event = webhook::sign(&Secret::new("whsec_next").unwrap(), b"{}", NOW_MS);
    let headers = [(SIGNATURE_HEADER, no_event.as_str())];
    let told = deliver(&stripe, &headers, b"{}", NOW_MS);
    assert_eq!(told, Err(WebhookRefusal::Malformed));
}
