//! Goal: what paid a deposit pays the rest, once, where its guest agreed and no bank says no; on Stripe's
//! page and in an element of a page of the business.
//! Method: a stand-in that keeps to Stripe's specification and charges only what was kept for it.

use serde_json::{Value, json};
use vacancy_connect::payments::order::{OrderRequest, Payer};
use vacancy_connect::payments::stripe::Stripe;
use vacancy_connect::payments::{Checkout, Provider};
use vacancy_domain::payments::{Payment, PaymentState};

use crate::stand_in::stripe::Account;
use crate::stand_in::{StandIn, Trouble};
use crate::support::{AMOUNT_MINOR, NOW_MS, code, look_up, order, row, stripe_in};

const BOTH: [Checkout; 2] = [Checkout::HostedPage, Checkout::Embedded];

fn deposit(payment: u128) -> OrderRequest {
    OrderRequest { payer: Payer::GuestAndLater, ..order(payment) }
}

fn rest(payment: u128, earlier: &Payment) -> OrderRequest {
    OrderRequest { payer: Payer::Again(Box::new(earlier.clone())), ..order(payment) }
}

/// The guest pays; gives our row.
async fn paid(stripe: &Stripe, at_stripe: &StandIn<Account>, asked: &OrderRequest) -> Payment {
    let opened = stripe.create(asked).await.unwrap();
    at_stripe.with(|account| account.pay(&opened.provider_order_id));
    Payment { provider_order_id: opened.provider_order_id, ..row(asked.payment_id.0) }
}

#[tokio::test]
async fn what_a_guest_agreed_to_pays_again_without_them_once() {
    for checkout in BOTH {
        let (stripe, at_stripe) = stripe_in(checkout).await;
        assert!(stripe.abilities().charges_again);
        let earlier = paid(&stripe, &at_stripe, &deposit(1)).await;
        let rest = rest(2, &earlier);
        // The look at what paid before is fine; the answer to the charge is lost.
        at_stripe.trouble_after(1, Trouble::Lost);
        assert_eq!(code(stripe.create(&rest).await), "outcome_unknown");
        let charged = stripe.create(&rest).await.unwrap();
        assert_eq!((charged.checkout_url, charged.client_secret), (None, None));
        let charged = Payment { provider_order_id: charged.provider_order_id, ..row(2) };
        let standing = look_up(&stripe, &charged, NOW_MS).await.unwrap();
        let is_paid = (standing.state, standing.captured_minor);
        assert_eq!(is_paid, (PaymentState::Succeeded, AMOUNT_MINOR));
        assert_eq!(at_stripe.with(|account| account.intents.len()), 2);
    }
}

#[tokio::test]
async fn who_did_not_agree_or_whose_bank_says_no_is_not_charged_again() {
    for checkout in BOTH {
        let (stripe, at_stripe) = stripe_in(checkout).await;
        let earlier = paid(&stripe, &at_stripe, &order(1)).await;
        assert_eq!(code(stripe.create(&rest(2, &earlier)).await), "nothing_kept");
        let agreed = paid(&stripe, &at_stripe, &deposit(3)).await;
        for (payment, says) in [(4, "card_declined"), (5, "authentication_required")] {
            at_stripe.with(|account| account.declines_again = Some(says));
            for _ in 0..2 {
                assert_eq!(
                    code(stripe.create(&rest(payment, &agreed)).await),
                    "declined",
                    "{says}"
                );
            }
        }
        let taken = at_stripe.with(|account| account.charges.len());
        assert_eq!(taken, 2, "{checkout:?}");
    }
}

#[tokio::test]
async fn an_element_keeps_what_pays_only_where_it_will_pay_again() {
    let (stripe, at_stripe) = stripe_in(Checkout::Embedded).await;
    let kept = |id: &str| {
        let intent = at_stripe.with(|account| account.intents[id].clone());
        (intent["customer"].clone(), intent["setup_future_usage"].clone())
    };
    let all = stripe.create(&order(1)).await.unwrap().provider_order_id;
    assert_eq!(kept(&all), (Value::Null, Value::Null));
    assert_eq!(at_stripe.with(|account| account.customers.len()), 0);
    // Whichever answer is lost, asking again finds the same customer and the same order.
    at_stripe.trouble(&[Trouble::Lost]);
    at_stripe.trouble_after(1, Trouble::Lost);
    for _ in 0..2 {
        assert_eq!(code(stripe.create(&deposit(2)).await), "outcome_unknown");
    }
    at_stripe.heal();
    let part = stripe.create(&deposit(2)).await.unwrap();
    assert!(part.client_secret.is_some());
    let customers = at_stripe.with(|account| account.customers.clone());
    let (id, made) = customers.first_key_value().unwrap();
    assert_eq!(kept(&part.provider_order_id), (json!(id), json!("off_session")));
    assert_eq!((customers.len(), &made["email"]), (1, &Value::Null));
    assert_eq!(at_stripe.with(|account| account.intents.len()), 2);
}

#[tokio::test]
async fn a_key_that_may_not_write_customers_takes_the_deposit_and_charges_nobody_again() {
    let (stripe, at_stripe) = stripe_in(Checkout::Embedded).await;
    at_stripe.with(|account| account.refuses_customers = true);
    let earlier = paid(&stripe, &at_stripe, &deposit(1)).await;
    assert_eq!(code(stripe.create(&rest(2, &earlier)).await), "nothing_kept");
    // The same order for whoever asks once more when the key may.
    at_stripe.with(|account| account.refuses_customers = false);
    let again = stripe.create(&deposit(1)).await.unwrap();
    assert_eq!(again.provider_order_id, earlier.provider_order_id);
}
