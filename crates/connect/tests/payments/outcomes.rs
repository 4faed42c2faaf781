//! Goal: the outcomes that tests can force, by order and by card.
//! Method: one order each, in memory; look-up is the judge.

use vacancy_connect::payments::Provider;
use vacancy_connect::payments::failure::Failure;
use vacancy_connect::payments::order::{Capture, OrderRequest, TestOutcome};
use vacancy_connect::payments::sandbox::{LATE_BY_MS, PayWith, SLOW_BY_MS};
use vacancy_domain::payments::PaymentState;

use crate::support::{
    AMOUNT_MINOR, EXPIRES_AT_MS, NOW_MS, capture, card, code, eur, good_card, look_up, order,
    order_that, refund, row, sandbox, void,
};

/// What a lost answer looks like.
fn is_lost<T>(answer: &Result<T, Failure>) -> bool {
    matches!(answer, Err(failure) if !failure.is_definite() && failure.code() == "outcome_unknown")
}

#[test]
fn outcomes_are_chosen_by_the_words_of_the_header() {
    for outcome in [TestOutcome::Declined, TestOutcome::TimedOut, TestOutcome::Late] {
        assert_eq!(TestOutcome::parse(outcome.as_str()), Some(outcome));
    }
    assert_eq!(TestOutcome::parse("sold_out"), None);
}

#[tokio::test]
async fn a_declined_order_declines_every_method() {
    for (number, with) in (1..).zip([good_card(), PayWith::Upi, PayWith::Wallet]) {
        let sandbox = sandbox();
        let request = order_that(number, TestOutcome::Declined);
        let order_id = sandbox.create(&request).await.unwrap().provider_order_id;
        let visit = sandbox.pay(&order_id, with, NOW_MS).await.unwrap();
        assert_eq!(visit.state, PaymentState::Failed);
    }
}

#[tokio::test]
async fn a_lost_answer_of_each_step_is_told_when_asked_again() {
    let sandbox = sandbox();
    let request = OrderRequest { capture: Capture::Manual, ..order_that(1, TestOutcome::TimedOut) };
    assert!(is_lost(&sandbox.create(&request).await));
    let order_id = sandbox.create(&request).await.unwrap().provider_order_id;

    assert!(is_lost(&sandbox.pay(&order_id, good_card(), NOW_MS).await));
    assert_eq!(look_up(&sandbox, &row(1), NOW_MS).await.unwrap().state, PaymentState::Authorized);
    let visit = sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
    assert_eq!(visit.state, PaymentState::Authorized);

    assert!(is_lost(&capture(&sandbox, &row(1), eur(AMOUNT_MINOR)).await));
    let captured = capture(&sandbox, &row(1), eur(AMOUNT_MINOR)).await.unwrap();
    assert_eq!(captured.captured_minor, AMOUNT_MINOR);

    assert!(is_lost(&refund(&sandbox, &row(1), 7, eur(100)).await));
    let refunded = refund(&sandbox, &row(1), 7, eur(100)).await.unwrap();
    assert_eq!(refunded.amount, eur(100));
    let standing = look_up(&sandbox, &row(1), NOW_MS).await.unwrap();
    assert_eq!(standing.refunded_minor, 100);
}

#[tokio::test]
async fn a_lost_answer_to_a_void_has_closed_the_order() {
    let sandbox = sandbox();
    let request = order_that(1, TestOutcome::TimedOut);
    assert!(is_lost(&sandbox.create(&request).await));
    assert!(is_lost(&void(&sandbox, &row(1), NOW_MS).await));
    assert_eq!(look_up(&sandbox, &row(1), NOW_MS).await.unwrap().state, PaymentState::Canceled);
    assert_eq!(void(&sandbox, &row(1), NOW_MS).await.unwrap().state, PaymentState::Canceled);
}

#[tokio::test]
async fn a_card_can_lose_the_answer_of_one_payment() {
    let sandbox = sandbox();
    let order_id = sandbox.create(&order(1)).await.unwrap().provider_order_id;
    assert!(is_lost(&sandbox.pay(&order_id, card("4000 0000 0000 0119"), NOW_MS).await));
    assert_eq!(look_up(&sandbox, &row(1), NOW_MS).await.unwrap().state, PaymentState::Succeeded);
    assert!(refund(&sandbox, &row(1), 7, eur(1)).await.is_ok());
}

#[tokio::test]
async fn late_money_comes_a_minute_after_the_end() {
    let sandbox = sandbox();
    let order_id = sandbox.create(&order(1)).await.unwrap().provider_order_id;
    let visit = sandbox.pay(&order_id, card("4000 0000 0000 0077"), NOW_MS).await.unwrap();
    assert_eq!((visit.state, visit.signature, visit.webhook), (PaymentState::Pending, None, None));
    let comes_at_ms = EXPIRES_AT_MS + LATE_BY_MS;
    for (now_ms, state, captured_minor) in [
        (EXPIRES_AT_MS, PaymentState::Pending, 0),
        (comes_at_ms - 1, PaymentState::Pending, 0),
        (comes_at_ms, PaymentState::Succeeded, AMOUNT_MINOR),
    ] {
        let standing = look_up(&sandbox, &row(1), now_ms).await.unwrap();
        assert_eq!((standing.state, standing.captured_minor), (state, captured_minor));
    }
    assert!(sandbox.webhook(&order_id, comes_at_ms).await.unwrap().is_some());
}

#[tokio::test]
async fn a_void_does_not_stop_late_money() {
    let sandbox = sandbox();
    let order_id = sandbox.create(&order(1)).await.unwrap().provider_order_id;
    sandbox.pay(&order_id, card("4000 0000 0000 0077"), NOW_MS).await.unwrap();
    let voided = void(&sandbox, &row(1), EXPIRES_AT_MS).await.unwrap();
    assert_eq!(voided.state, PaymentState::Canceled);
    let comes_at_ms = EXPIRES_AT_MS + LATE_BY_MS;
    let standing = look_up(&sandbox, &row(1), comes_at_ms).await.unwrap();
    assert_eq!((standing.state, standing.captured_minor), (PaymentState::Succeeded, AMOUNT_MINOR));
    assert_eq!(code(void(&sandbox, &row(1), comes_at_ms).await), "already_captured");
}

#[tokio::test]
async fn a_late_order_takes_money_after_expiry_and_after_a_void() {
    let sandbox = sandbox();
    for (number, voided) in [(1, false), (2, true)] {
        let request = order_that(number, TestOutcome::Late);
        let order_id = sandbox.create(&request).await.unwrap().provider_order_id;
        if voided {
            void(&sandbox, &row(number), EXPIRES_AT_MS).await.unwrap();
        }
        let now_ms = EXPIRES_AT_MS + 1;
        let view = sandbox.view(&order_id, now_ms).await.unwrap();
        assert_eq!((view.state, view.is_payable), (PaymentState::Canceled, true));
        let visit = sandbox.pay(&order_id, good_card(), now_ms).await.unwrap();
        assert_eq!(visit.state, PaymentState::Succeeded);
        let standing = look_up(&sandbox, &row(number), now_ms).await.unwrap();
        assert_eq!(standing.captured_minor, AMOUNT_MINOR);
    }
}

#[tokio::test]
async fn late_money_that_was_only_authorised_can_be_let_go_when_it_came() {
    let sandbox = sandbox();
    let request = OrderRequest { capture: Capture::Manual, ..order_that(1, TestOutcome::Late) };
    let order_id = sandbox.create(&request).await.unwrap().provider_order_id;
    void(&sandbox, &row(1), EXPIRES_AT_MS).await.unwrap();
    let now_ms = EXPIRES_AT_MS + 1;
    let visit = sandbox.pay(&order_id, good_card(), now_ms).await.unwrap();
    assert_eq!(visit.state, PaymentState::Authorized);
    assert_eq!(void(&sandbox, &row(1), now_ms).await.unwrap().state, PaymentState::Canceled);
}

#[tokio::test]
async fn slow_money_comes_after_twenty_seconds() {
    let sandbox = sandbox();
    let order_id = sandbox.create(&order(1)).await.unwrap().provider_order_id;
    let visit = sandbox.pay(&order_id, card("4000 0000 0000 3204"), NOW_MS).await.unwrap();
    assert_eq!((visit.state, visit.webhook), (PaymentState::Pending, None));
    for (now_ms, state) in [
        (NOW_MS + SLOW_BY_MS - 1, PaymentState::Pending),
        (NOW_MS + SLOW_BY_MS, PaymentState::Succeeded),
    ] {
        assert_eq!(look_up(&sandbox, &row(1), now_ms).await.unwrap().state, state);
    }
}
