//! Goal: Razorpay is asked as it wants to be asked, and believed as far as it is sure.
//! Method: a stand-in that keeps its books as Razorpay does, and the troubles of a network.

use vacancy_connect::payments::Provider;
use vacancy_connect::payments::order::{Capture, OrderRequest};
use vacancy_connect::payments::razorpay::Back;
use vacancy_connect::payments::standing::Method;
use vacancy_domain::money::Money;
use vacancy_domain::payments::{Payment, PaymentState};

use crate::stand_in::Trouble;
use crate::support::{
    AMOUNT_MINOR, NOW_MS, capture, claim, code, eur, look_up, order, razorpay, razorpay_at, refund,
    row, row_after, void,
};

#[tokio::test]
async fn a_guest_is_sent_to_razorpays_page_and_brings_a_signature_back() {
    let (razorpay, at_razorpay) = razorpay().await;
    let request =
        OrderRequest { return_url: "https://h.example/b?x=1&y=ü#top".to_owned(), ..order(1) };
    let made = razorpay.create(&request).await.unwrap();
    let id = made.provider_order_id.as_str();
    let page = made.checkout_url.unwrap();
    assert!(page.starts_with(&format!("https://book.example/razorpay/checkout/{id}?back=")));
    let stored = Payment { provider_order_id: id.to_owned(), checkout_url: page, ..row(1) };
    let hand_off = razorpay.hand_off(&stored, "Casa do Limoeiro");
    assert_eq!(hand_off.action, format!("{}/v1/checkout/embedded", at_razorpay.base_url));
    let field = |name: &str| {
        let mut fields = hand_off.fields.iter();
        fields.find(|(key, _)| *key == name).map(|(_, value)| value.as_str()).unwrap()
    };
    assert_eq!(field("key_id"), "rzp_test_standin");
    assert_eq!((field("order_id"), field("amount"), field("currency")), (id, "42000", "EUR"));
    assert_eq!(field("callback_url"), format!("https://book.example/razorpay/return/{id}"));
    assert_eq!(field("cancel_url"), format!("https://h.example/b?x=1&y=ü&paymentOrderId={id}#top"));
    assert!(!format!("{hand_off:?}{razorpay:?}").contains("key secret"));

    let attempt = at_razorpay.with(|account| account.pay(id));
    let paid = attempt.payment_id.as_str();
    let back = Back { payment_id: paid.to_owned(), signature: attempt.signature.clone() };
    let way_back = razorpay.way_back(&stored, &back);
    assert!(way_back.contains(&format!("&providerPaymentId={paid}&signature=")), "{way_back}");
    let standing = claim(&razorpay, &stored, paid, Some(&attempt.signature)).await.unwrap();
    assert_eq!((standing.state, standing.method), (PaymentState::Succeeded, Some(Method::Upi)));
    let forged = claim(&razorpay, &stored, paid, Some(&"0".repeat(64))).await;
    assert_eq!(code(forged), "signature_invalid");
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_one_order_which_is_found_by_its_receipt() {
    for trouble in [Trouble::Lost, Trouble::Done(500), Trouble::Done(502)] {
        let (razorpay, at_razorpay) = razorpay().await;
        at_razorpay.trouble_after(1, trouble);
        assert_eq!(code(razorpay.create(&order(1)).await), "outcome_unknown", "{trouble:?}");
        let found = look_up(&razorpay, &row(1), NOW_MS).await.unwrap();
        let again = razorpay.create(&order(1)).await.unwrap();
        assert_eq!(again.provider_order_id, found.provider_order_id);
        assert_eq!(at_razorpay.with(|account| account.orders.len()), 1, "{trouble:?}");
        let other = OrderRequest { amount: eur(AMOUNT_MINOR + 1), ..order(1) };
        assert_eq!(code(razorpay.create(&other).await), "order_mismatch");
    }
}

#[tokio::test]
async fn what_razorpay_is_not_sure_of_is_an_unknown_outcome() {
    let (razorpay, at_razorpay) = razorpay().await;
    for status in [302, 409, 429, 500, 502, 503, 504] {
        at_razorpay.trouble(&[Trouble::Refused(status)]);
        assert_eq!(code(razorpay.create(&order(1)).await), "outcome_unknown", "{status}");
    }
    assert_eq!(at_razorpay.with(|account| account.orders.len()), 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_an_answer_that_never_comes() {
    let (razorpay, at_razorpay) = razorpay().await;
    at_razorpay.trouble(&[Trouble::Silent]);
    assert_eq!(code(razorpay.create(&order(1)).await), "outcome_unknown");
}

#[tokio::test]
async fn a_wrong_key_is_refused_for_certain() {
    let (_, at_razorpay) = razorpay().await;
    let razorpay = razorpay_at(&at_razorpay.base_url, "another secret");
    assert_eq!(code(razorpay.create(&order(1)).await), "key_refused");
    assert_eq!(code(razorpay.check_key().await), "key_refused");
    let named = Payment { provider_order_id: "order_1".to_owned(), ..row(1) };
    assert_eq!(code(look_up(&razorpay, &named, NOW_MS).await), "key_refused");
}

#[tokio::test]
async fn amounts_that_razorpay_cannot_take_are_refused() {
    let (razorpay, at_razorpay) = razorpay().await;
    for (minor, currency, answer) in [
        (1_234, "KWD", "amount_invalid"),
        (99, "INR", "amount_invalid"),
        (0, "INR", "amount_invalid"),
    ] {
        let amount = Money::new(minor, currency.parse().unwrap());
        let request = OrderRequest { amount, ..order(1) };
        assert_eq!(code(razorpay.create(&request).await), answer, "{minor} {currency}");
    }
    let amount = Money::new(1_230, "KWD".parse().unwrap());
    razorpay.create(&OrderRequest { amount, ..order(1) }).await.unwrap();
    assert_eq!(at_razorpay.with(|account| account.orders.len()), 1);
}

#[tokio::test]
async fn a_payment_that_failed_may_turn_authorised_days_later() {
    let (razorpay, at_razorpay) = razorpay().await;
    let id = razorpay.create(&order(1)).await.unwrap().provider_order_id;
    let attempt = at_razorpay.with(|account| account.attempt(&id, "failed"));
    let stored = Payment { provider_order_id: id, ..row(1) };
    let failed = look_up(&razorpay, &stored, NOW_MS).await.unwrap();
    assert_eq!((failed.state, failed.provider_payment_id), (PaymentState::Failed, None));
    at_razorpay.with(|account| account.set(&attempt.payment_id, "authorized"));
    let late = look_up(&razorpay, &stored, NOW_MS).await.unwrap();
    assert_eq!(late.state, PaymentState::Authorized);
    assert_eq!(late.provider_payment_id, Some(attempt.payment_id));
    // It cannot be let go; it is taken, and given back if nobody wants it any more.
    assert_eq!(code(void(&razorpay, &stored, NOW_MS).await), "cannot_void");
    let taken = capture(&razorpay, &stored, eur(AMOUNT_MINOR)).await.unwrap();
    assert_eq!((taken.state, taken.captured_minor), (PaymentState::Succeeded, AMOUNT_MINOR));
    refund(&razorpay, &row_after(1, &taken), 7, eur(AMOUNT_MINOR)).await.unwrap();
    let back = look_up(&razorpay, &stored, NOW_MS).await.unwrap();
    assert_eq!((back.state, back.refunded_minor), (PaymentState::Succeeded, AMOUNT_MINOR));
}

#[tokio::test]
async fn who_is_paying_now_keeps_the_order_open() {
    let (razorpay, at_razorpay) = razorpay().await;
    let id = razorpay.create(&order(1)).await.unwrap().provider_order_id;
    let attempt = at_razorpay.with(|account| account.attempt(&id, "created"));
    let stored = Payment { provider_order_id: id, ..row(1) };
    let standing = void(&razorpay, &stored, NOW_MS).await.unwrap();
    assert_eq!(standing.state, PaymentState::Pending);
    at_razorpay.with(|account| account.set(&attempt.payment_id, "failed"));
    let standing = void(&razorpay, &stored, NOW_MS).await.unwrap();
    assert_eq!(standing.state, PaymentState::Failed);
}

#[tokio::test]
async fn money_that_was_authorised_is_taken_whole_or_not_at_all() {
    let (razorpay, at_razorpay) = razorpay().await;
    let manual = OrderRequest { capture: Capture::Manual, ..order(1) };
    let id = razorpay.create(&manual).await.unwrap().provider_order_id;
    at_razorpay.with(|account| account.pay(&id));
    let stored = Payment { provider_order_id: id, ..row(1) };
    let part = eur(AMOUNT_MINOR - 1);
    assert_eq!(code(capture(&razorpay, &stored, part).await), "amount_invalid");
    let more = eur(AMOUNT_MINOR + 1);
    assert_eq!(code(capture(&razorpay, &stored, more).await), "amount_too_large");
    // The answer to the capture is lost; whether it was done, the look afterwards tells.
    at_razorpay.trouble_after(2, Trouble::Lost);
    let taken = capture(&razorpay, &stored, eur(AMOUNT_MINOR)).await.unwrap();
    assert_eq!(taken.state, PaymentState::Succeeded);
    assert_eq!(capture(&razorpay, &stored, eur(AMOUNT_MINOR)).await.unwrap(), taken);
}

#[tokio::test]
async fn every_answer_of_a_refund_may_be_lost() {
    // The look at the order and at its payments, the list of refunds, the refund itself.
    for lost in 0..4 {
        let (razorpay, at_razorpay) = razorpay().await;
        let id = razorpay.create(&order(1)).await.unwrap().provider_order_id;
        at_razorpay.with(|account| account.pay(&id));
        let stored = Payment { provider_order_id: id, ..row(1) };
        at_razorpay.trouble_after(lost, Trouble::Lost);
        let answer = refund(&razorpay, &stored, 7, eur(100)).await;
        assert_eq!(code(answer), "outcome_unknown", "{lost}");
        let given = refund(&razorpay, &stored, 7, eur(100)).await.unwrap();
        assert_eq!(refund(&razorpay, &stored, 7, eur(100)).await.unwrap(), given);
        assert_eq!(at_razorpay.with(|account| account.refunds.len()), 1, "{lost}");
        assert_eq!(code(refund(&razorpay, &stored, 7, eur(99)).await), "refund_mismatch");
    }
}
