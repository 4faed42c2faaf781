//! Goal: Stripe is asked as it wants to be asked, and believed as far as it is sure.
//! Method: a stand-in that keeps to Stripe's specification, and the troubles of a network.

use serde_json::json;
use vacancy_connect::payments::order::{Capture, OrderRequest};
use vacancy_connect::payments::standing::Method;
use vacancy_connect::payments::{Checkout, Provider};
use vacancy_domain::payments::{Payment, PaymentState};

use crate::stand_in::Trouble;
use crate::support::{
    AMOUNT_MINOR, NOW_MS, capture, claim, code, eur, look_up, order, row, row_after, stripe,
    stripe_at, stripe_in, void,
};

#[tokio::test]
async fn a_guest_is_sent_to_stripes_page_and_brings_the_session_back() {
    let (stripe, at_stripe) = stripe().await;
    let request = OrderRequest { return_url: "https://h.example/b?x=1#top".to_owned(), ..order(1) };
    let made = stripe.create(&request).await.unwrap();
    let id = made.provider_order_id.as_str();
    assert!(made.checkout_url.unwrap().starts_with("https://checkout.stripe.com/"));
    assert_eq!(made.client_secret, None);
    let session = at_stripe.with(|account| account.sessions[id].clone());
    assert_eq!(
        session["success_url"],
        "https://h.example/b?x=1&paymentOrderId={CHECKOUT_SESSION_ID}\
         &providerPaymentId={CHECKOUT_SESSION_ID}#top"
    );
    assert_eq!(session["cancel_url"], "https://h.example/b?x=1#top");
    // The hold ends in 10 minutes; a session lives 30 at least.
    assert_eq!(session["expires_at"], NOW_MS / 1000 + 31 * 60);
    at_stripe.with(|account| account.pay(id));
    let stored = Payment { provider_order_id: id.to_owned(), ..row(1) };
    let standing = claim(&stripe, &stored, id, None).await.unwrap();
    assert_eq!((standing.state, standing.method), (PaymentState::Succeeded, Some(Method::Card)));
    let paid = standing.provider_payment_id.unwrap();
    assert!(paid.starts_with("pi_"), "{paid}");
    assert!(claim(&stripe, &stored, &paid, None).await.is_ok());
}

#[tokio::test]
async fn the_same_payment_has_one_session_whatever_else_is_asked() {
    let (stripe, at_stripe) = stripe().await;
    let once = stripe.create(&order(1)).await.unwrap();
    let later = OrderRequest {
        return_url: String::new(),
        description: String::new(),
        expires_at_ms: NOW_MS,
        ..order(1)
    };
    assert_eq!(stripe.create(&later).await.unwrap(), once);
    let other = OrderRequest { amount: eur(AMOUNT_MINOR + 1), ..order(1) };
    assert_eq!(code(stripe.create(&other).await), "order_mismatch");
    assert_eq!(at_stripe.with(|account| account.sessions.len()), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_is_an_unknown_outcome_and_asking_again_finds_the_order() {
    for trouble in [Trouble::Lost, Trouble::Done(500), Trouble::Done(503)] {
        let (stripe, at_stripe) = stripe().await;
        at_stripe.trouble(&[trouble]);
        assert_eq!(code(stripe.create(&order(1)).await), "outcome_unknown", "{trouble:?}");
        let found = look_up(&stripe, &row(1), NOW_MS).await.unwrap();
        let again = stripe.create(&order(1)).await.unwrap();
        assert_eq!(again.provider_order_id, found.provider_order_id);
        assert_eq!(at_stripe.with(|account| account.sessions.len()), 1, "{trouble:?}");
    }
}

#[tokio::test]
async fn what_stripe_is_not_sure_of_is_an_unknown_outcome() {
    let (stripe, at_stripe) = stripe().await;
    for status in [302, 408, 409, 425, 429, 500, 502, 503, 504] {
        at_stripe.trouble(&[Trouble::Refused(status)]);
        assert_eq!(code(stripe.create(&order(1)).await), "outcome_unknown", "{status}");
    }
    // A refusal in words that are none of Stripe's comes from somebody in between.
    at_stripe.trouble(&[Trouble::Refused(403)]);
    assert_eq!(code(stripe.create(&order(1)).await), "outcome_unknown");
    assert_eq!(at_stripe.with(|account| account.sessions.len()), 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_an_answer_that_never_comes() {
    let (stripe, at_stripe) = stripe().await;
    at_stripe.trouble(&[Trouble::Silent]);
    assert_eq!(code(stripe.create(&order(1)).await), "outcome_unknown");
}

#[tokio::test]
async fn a_provider_that_is_away_is_an_unknown_outcome() {
    let stripe = stripe_at("http://127.0.0.1:1", "sk_test_standin", Checkout::HostedPage);
    assert_eq!(code(stripe.create(&order(1)).await), "outcome_unknown");
}

#[tokio::test]
async fn a_wrong_key_is_refused_for_certain_and_printed_nowhere() {
    let (_, at_stripe) = stripe().await;
    let stripe = stripe_at(&at_stripe.base_url, "sk_test_hunter2", Checkout::HostedPage);
    assert_eq!(code(stripe.create(&order(1)).await), "key_refused");
    assert_eq!(code(stripe.check_key().await), "key_refused");
    assert_eq!(code(look_up(&stripe, &row(1), NOW_MS).await), "key_refused");
    assert!(!format!("{stripe:?}").contains("hunter2"));
}

#[tokio::test]
async fn only_money_that_is_there_is_success() {
    let (stripe, at_stripe) = stripe().await;
    let made = stripe.create(&order(1)).await.unwrap();
    let stored = Payment { provider_order_id: made.provider_order_id.clone(), ..row(1) };
    for (session, intent, state) in [
        ("open", None, PaymentState::Created),
        ("complete", None, PaymentState::Pending),
        ("expired", None, PaymentState::Canceled),
        ("open", Some("requires_action"), PaymentState::Created),
        ("open", Some("requires_payment_method"), PaymentState::Created),
        ("expired", Some("requires_payment_method"), PaymentState::Canceled),
        ("complete", Some("requires_payment_method"), PaymentState::Failed),
        ("complete", Some("requires_confirmation"), PaymentState::Pending),
        ("complete", Some("processing"), PaymentState::Pending),
        ("complete", Some("canceled"), PaymentState::Canceled),
        ("complete", Some("requires_capture"), PaymentState::Authorized),
    ] {
        at_stripe.with(|account| {
            account.sessions.get_mut(&stored.provider_order_id).unwrap()["status"] = json!(session);
            if let Some(intent) = intent {
                account.set_intent(&stored.provider_order_id, intent);
            }
        });
        let standing = look_up(&stripe, &stored, NOW_MS).await.unwrap();
        assert_eq!(standing.state, state, "{session} {intent:?}");
        assert_eq!(standing.captured_minor, 0);
    }
}

#[tokio::test]
async fn money_that_was_authorised_is_taken_when_we_ask_and_not_before() {
    let (stripe, at_stripe) = stripe().await;
    let manual = OrderRequest { capture: Capture::Manual, ..order(1) };
    let id = stripe.create(&manual).await.unwrap().provider_order_id;
    at_stripe.with(|account| account.pay(&id));
    let stored = Payment { provider_order_id: id, ..row(1) };
    let authorized = look_up(&stripe, &stored, NOW_MS).await.unwrap();
    assert_eq!((authorized.state, authorized.captured_minor), (PaymentState::Authorized, 0));
    let more = eur(AMOUNT_MINOR + 1);
    assert_eq!(code(capture(&stripe, &stored, more).await), "amount_too_large");
    let part = eur(AMOUNT_MINOR - 100);
    let taken = capture(&stripe, &stored, part).await.unwrap();
    assert_eq!((taken.state, taken.captured_minor), (PaymentState::Succeeded, part.minor));
    assert_eq!(capture(&stripe, &stored, part).await.unwrap(), taken);
}

#[tokio::test]
async fn an_authorisation_is_let_go() {
    let (stripe, at_stripe) = stripe().await;
    let manual = OrderRequest { capture: Capture::Manual, ..order(1) };
    let id = stripe.create(&manual).await.unwrap().provider_order_id;
    at_stripe.with(|account| account.pay(&id));
    let stored = Payment { provider_order_id: id, ..row(1) };
    let let_go = void(&stripe, &stored, NOW_MS).await.unwrap();
    assert_eq!((let_go.state, let_go.refunded_minor), (PaymentState::Canceled, 0));
    assert_eq!(code(capture(&stripe, &stored, eur(1)).await), "canceled");
}

#[tokio::test]
async fn a_session_whose_money_is_on_its_way_cannot_be_closed() {
    let (stripe, at_stripe) = stripe().await;
    let id = stripe.create(&order(1)).await.unwrap().provider_order_id;
    at_stripe.with(|account| account.pay_slowly(&id));
    let stored = Payment { provider_order_id: id.clone(), ..row(1) };
    let standing = void(&stripe, &stored, NOW_MS).await.unwrap();
    assert_eq!(standing.state, PaymentState::Pending);
    at_stripe.with(|account| account.pay(&id));
    assert_eq!(code(void(&stripe, &stored, NOW_MS).await), "already_captured");
}

#[tokio::test]
async fn a_void_whose_answer_is_lost_is_unknown_and_again_is_the_same() {
    let (stripe, at_stripe) = stripe().await;
    let id = stripe.create(&order(1)).await.unwrap().provider_order_id;
    let stored = Payment { provider_order_id: id, ..row(1) };
    // The look at the order is fine; the answer to its end is lost.
    at_stripe.trouble_after(1, Trouble::Lost);
    assert_eq!(code(void(&stripe, &stored, NOW_MS).await), "outcome_unknown");
    let closed = void(&stripe, &stored, NOW_MS).await.unwrap();
    assert_eq!(closed.state, PaymentState::Canceled);
}

#[tokio::test]
async fn a_business_that_embeds_gets_a_secret_for_its_page() {
    let (stripe, at_stripe) = stripe_in(Checkout::Embedded).await;
    assert_eq!(stripe.abilities().checkout, Checkout::Embedded);
    let made = stripe.create(&order(1)).await.unwrap();
    assert!(made.client_secret.as_ref().unwrap().contains("_secret_"));
    assert_eq!(made.checkout_url, None);
    assert_eq!(stripe.create(&order(1)).await.unwrap(), made);
    let unpaid = look_up(&stripe, &row(1), NOW_MS).await.unwrap();
    assert_eq!(unpaid.provider_order_id, made.provider_order_id);
    assert_eq!(unpaid.state, PaymentState::Created);
    at_stripe.with(|account| account.pay(&made.provider_order_id));
    let paid = look_up(&stripe, &row_after(1, &unpaid), NOW_MS).await.unwrap();
    assert_eq!((paid.state, paid.captured_minor), (PaymentState::Succeeded, AMOUNT_MINOR));
    let second = stripe.create(&order(2)).await.unwrap();
    let stored = Payment { provider_order_id: second.provider_order_id, ..row(2) };
    assert_eq!(void(&stripe, &stored, NOW_MS).await.unwrap().state, PaymentState::Canceled);
}

#[tokio::test]
async fn an_order_is_found_by_our_id_among_many() {
    let (stripe, at_stripe) = stripe().await;
    for payment in 1..=130 {
        stripe.create(&order(payment)).await.unwrap();
    }
    at_stripe.asked();
    let found = look_up(&stripe, &row(2), NOW_MS).await.unwrap();
    assert_eq!(found.provider_order_id, "cs_test_0002");
    let pages = at_stripe.asked().iter().filter(|one| *one == "GET /v1/checkout/sessions").count();
    assert_eq!(pages, 2);
    assert_eq!(code(look_up(&stripe, &row(999), NOW_MS).await), "unknown_order");
}
