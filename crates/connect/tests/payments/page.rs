//! Goal: every answer of the sandbox's checkout page and of what follows it.
//! Method: one order each, in memory; the time is given.

use vacancy_connect::payments::Provider;
use vacancy_connect::payments::order::{Capture, OrderRequest};
use vacancy_connect::payments::sandbox::{PayWith, Sandbox, Settings};
use vacancy_connect::payments::standing::{Method, RefundState};
use vacancy_connect::secret::Secret;
use vacancy_domain::ids::ReservationId;
use vacancy_domain::payments::{Payment, PaymentState};

use crate::support::{
    AMOUNT_MINOR, EXPIRES_AT_MS, NOW_MS, capture, card, claim, code, eur, good_card, look_up,
    order, refund, row, sandbox, void,
};

/// A sandbox with one order, and the order's id.
async fn with_order(request: OrderRequest) -> (Sandbox, String) {
    let sandbox = sandbox();
    let order = sandbox.create(&request).await.unwrap();
    (sandbox, order.provider_order_id)
}

#[tokio::test]
async fn the_page_shows_what_is_to_be_paid() {
    let (sandbox, order_id) = with_order(order(1)).await;
    let created = sandbox.create(&order(1)).await.unwrap();
    let address = format!("http://127.0.0.1:8080/sandbox/checkout/{order_id}");
    assert_eq!(created.checkout_url, Some(address));
    let view = sandbox.view(&order_id, NOW_MS).await.unwrap();
    assert_eq!(
        (view.amount, view.state, view.is_payable),
        (eur(42_000), PaymentState::Created, true)
    );
    assert_eq!(view.description, "2 nights, Hotel Lisboa");
    let back = format!("https://hotel.example/back?paymentOrderId={order_id}");
    assert_eq!(view.redirect_url, back);
    assert_eq!(code(sandbox.view("order_0", NOW_MS).await), "unknown_order");
}

#[tokio::test]
async fn an_order_id_cannot_be_told_from_the_payment_id_without_the_secret() {
    let (_, order_id) = with_order(order(1)).await;
    assert_eq!(order_id.len(), "order_".len() + 32);
    let secret = Secret::new("of somebody else").unwrap();
    let settings = Settings { secret, folder: None, public_url: String::new() };
    let elsewhere = Sandbox::open(settings).unwrap().create(&order(1)).await.unwrap();
    assert_ne!(elsewhere.provider_order_id, order_id);
}

#[tokio::test]
async fn the_same_payment_id_with_other_terms_is_refused() {
    let (sandbox, _) = with_order(order(1)).await;
    for other in [
        OrderRequest { amount: eur(1), ..order(1) },
        OrderRequest { reservation_id: ReservationId(5), ..order(1) },
        OrderRequest { capture: Capture::Manual, ..order(1) },
    ] {
        assert_eq!(code(sandbox.create(&other).await), "order_mismatch");
    }
    let later = OrderRequest { now_ms: EXPIRES_AT_MS + 1, ..order(1) };
    assert!(sandbox.create(&later).await.is_ok(), "an old order is still told");
    let overdue = OrderRequest { now_ms: EXPIRES_AT_MS, ..order(2) };
    assert_eq!(code(sandbox.create(&overdue).await), "expired");
}

#[tokio::test]
async fn paying_gives_a_signed_way_back() {
    let (sandbox, order_id) = with_order(order(1)).await;
    let visit = sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    assert_eq!(visit.state, PaymentState::Succeeded);
    let (payment_id, signature) = (visit.provider_payment_id.unwrap(), visit.signature.unwrap());
    assert!(sandbox.verify_signature(&order_id, &payment_id, &signature));
    assert_eq!(
        visit.redirect_url,
        format!(
            "https://hotel.example/back?paymentOrderId={order_id}\
             &providerPaymentId={payment_id}&signature={signature}"
        )
    );
    assert!(claim(&sandbox, &row(1), &payment_id, Some(&signature)).await.is_ok());
    assert!(claim(&sandbox, &row(1), &payment_id, None).await.is_ok());
}

#[tokio::test]
async fn a_signature_of_another_order_is_refused() {
    let (sandbox, order_id) = with_order(order(1)).await;
    let other_id = sandbox.create(&order(2)).await.unwrap().provider_order_id;
    let visit = sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    let other = sandbox.pay(&other_id, good_card(), NOW_MS).await.unwrap();
    let payment_id = visit.provider_payment_id.unwrap();
    for wrong in [other.signature.unwrap(), String::new(), "0".repeat(64)] {
        let answer = claim(&sandbox, &row(1), &payment_id, Some(&wrong)).await;
        assert_eq!(code(answer), "signature_invalid");
    }
}

#[tokio::test]
async fn the_way_back_keeps_what_the_address_had() {
    for (number, (address, start, end)) in (1..).zip([
        ("https://h.example/b?a=1", "https://h.example/b?a=1&paymentOrderId=order_", ""),
        ("https://h.example/b?", "https://h.example/b?paymentOrderId=order_", ""),
        ("https://h.example/b#top", "https://h.example/b?paymentOrderId=order_", "#top"),
        ("/back?a=1#top", "/back?a=1&paymentOrderId=order_", "#top"),
    ]) {
        let request = OrderRequest { return_url: address.to_owned(), ..order(number) };
        let (sandbox, order_id) = with_order(request).await;
        let back = sandbox.view(&order_id, NOW_MS).await.unwrap().redirect_url;
        assert!(back.starts_with(start) && back.ends_with(end), "{back}");
    }
}

#[tokio::test]
async fn paying_twice_pays_once() {
    let (sandbox, order_id) = with_order(order(1)).await;
    let once = sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    assert_eq!(sandbox.pay(&order_id, PayWith::Upi, NOW_MS).await.unwrap(), once);
    assert_eq!(sandbox.decline(&order_id, NOW_MS).await.unwrap(), once);
    let standing = look_up(&sandbox, &row(1), NOW_MS).await.unwrap();
    assert_eq!((standing.method, standing.captured_minor), (Some(Method::Card), AMOUNT_MINOR));
    assert!(!sandbox.view(&order_id, NOW_MS).await.unwrap().is_payable);
}

#[tokio::test]
async fn each_method_stands_in_the_books() {
    for (number, (with, method)) in (1..).zip([
        (good_card(), Method::Card),
        (PayWith::Upi, Method::Upi),
        (PayWith::Wallet, Method::Wallet),
        (PayWith::NetBanking, Method::NetBanking),
    ]) {
        let (sandbox, order_id) = with_order(order(number)).await;
        sandbox.pay(&order_id, with, NOW_MS).await.unwrap();
        let standing = look_up(&sandbox, &row(number), NOW_MS).await.unwrap();
        assert_eq!(standing.method, Some(method));
    }
}

#[tokio::test]
async fn a_declined_card_fails_the_order_and_a_good_one_cannot_mend_it() {
    let (sandbox, order_id) = with_order(order(1)).await;
    let visit = sandbox.pay(&order_id, card("4000 0000 0000 0002"), NOW_MS).await.unwrap();
    assert_eq!((visit.state, visit.provider_payment_id), (PaymentState::Failed, None));
    assert_eq!(visit.signature, None);
    let again = sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    assert_eq!(again.state, PaymentState::Failed);
}

#[tokio::test]
async fn an_expired_order_takes_no_payment() {
    let (sandbox, order_id) = with_order(order(1)).await;
    let last = sandbox.view(&order_id, EXPIRES_AT_MS - 1).await.unwrap();
    assert_eq!((last.state, last.is_payable), (PaymentState::Created, true));
    let over = sandbox.view(&order_id, EXPIRES_AT_MS).await.unwrap();
    assert_eq!((over.state, over.is_payable), (PaymentState::Canceled, false));
    assert_eq!(code(sandbox.pay(&order_id, good_card(), EXPIRES_AT_MS).await), "expired");
    let standing = look_up(&sandbox, &row(1), EXPIRES_AT_MS).await.unwrap();
    assert_eq!(standing.state, PaymentState::Canceled);
    let voided = void(&sandbox, &row(1), EXPIRES_AT_MS).await.unwrap();
    assert_eq!(voided.state, PaymentState::Canceled);
    let declined = sandbox.decline(&order_id, EXPIRES_AT_MS).await.unwrap();
    assert_eq!(declined.state, PaymentState::Canceled);
}

#[tokio::test]
async fn a_voided_order_takes_no_payment() {
    let (sandbox, order_id) = with_order(order(1)).await;
    void(&sandbox, &row(1), NOW_MS).await.unwrap();
    assert_eq!(code(sandbox.pay(&order_id, good_card(), NOW_MS).await), "canceled");
}

#[tokio::test]
async fn manual_capture_authorises_first_and_takes_at_most_that() {
    let request = OrderRequest { capture: Capture::Manual, ..order(1) };
    let (sandbox, order_id) = with_order(request).await;
    let visit = sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    assert_eq!(visit.state, PaymentState::Authorized);
    assert_eq!(code(refund(&sandbox, &row(1), 7, eur(1)).await), "not_captured");
    assert_eq!(code(capture(&sandbox, &row(1), eur(0)).await), "amount_invalid");
    let too_much = capture(&sandbox, &row(1), eur(AMOUNT_MINOR + 1)).await;
    assert_eq!(code(too_much), "amount_too_large");
    let part = capture(&sandbox, &row(1), eur(40_000)).await.unwrap();
    assert_eq!((part.state, part.captured_minor), (PaymentState::Succeeded, 40_000));
    assert_eq!(capture(&sandbox, &row(1), eur(40_000)).await.unwrap(), part);
    assert_eq!(code(capture(&sandbox, &row(1), eur(2_000)).await), "already_captured");
    assert_eq!(code(refund(&sandbox, &row(1), 7, eur(40_001)).await), "amount_too_large");
}

#[tokio::test]
async fn an_authorisation_can_be_let_go() {
    let request = OrderRequest { capture: Capture::Manual, ..order(1) };
    let (sandbox, order_id) = with_order(request).await;
    sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    let voided = void(&sandbox, &row(1), NOW_MS).await.unwrap();
    assert_eq!((voided.state, voided.captured_minor), (PaymentState::Canceled, 0));
    assert_eq!(code(capture(&sandbox, &row(1), eur(1)).await), "canceled");
}

#[tokio::test]
async fn partial_refunds_add_up_to_what_was_captured_and_no_further() {
    let (sandbox, order_id) = with_order(order(1)).await;
    sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    for (number, minor) in [(1, 20_000), (2, 21_999)] {
        let part = refund(&sandbox, &row(1), number, eur(minor)).await.unwrap();
        assert_eq!(part.state, RefundState::Succeeded);
    }
    assert_eq!(code(refund(&sandbox, &row(1), 3, eur(2)).await), "amount_too_large");
    refund(&sandbox, &row(1), 4, eur(1)).await.unwrap();
    assert_eq!(code(refund(&sandbox, &row(1), 5, eur(1)).await), "amount_too_large");
    let repeated = refund(&sandbox, &row(1), 1, eur(20_000)).await.unwrap();
    assert_eq!(repeated.amount, eur(20_000));
    let standing = look_up(&sandbox, &row(1), NOW_MS).await.unwrap();
    assert_eq!((standing.captured_minor, standing.refunded_minor), (42_000, 42_000));
    assert_eq!(standing.state, PaymentState::Succeeded);
}

#[tokio::test]
async fn a_refund_id_serves_one_order_and_one_amount() {
    let (sandbox, order_id) = with_order(order(1)).await;
    let other_id = sandbox.create(&order(2)).await.unwrap().provider_order_id;
    for id in [&order_id, &other_id] {
        sandbox.pay(id, good_card(), NOW_MS).await.unwrap();
    }
    refund(&sandbox, &row(1), 7, eur(100)).await.unwrap();
    assert_eq!(code(refund(&sandbox, &row(1), 7, eur(101)).await), "refund_mismatch");
    assert_eq!(code(refund(&sandbox, &row(2), 7, eur(100)).await), "refund_mismatch");
}

#[tokio::test]
async fn an_order_of_another_payment_is_refused() {
    let (sandbox, order_id) = with_order(order(1)).await;
    sandbox.create(&order(2)).await.unwrap();
    let mixed = Payment { provider_order_id: order_id, ..row(2) };
    assert_eq!(code(look_up(&sandbox, &mixed, NOW_MS).await), "order_mismatch");
}
