//! Goal: what every provider must keep, whoever stands behind the trait.
//! Method: the same steps with each; only `House` knows how a guest pays there.

use vacancy_connect::payments::failure::Failure;
use vacancy_connect::payments::offline::Offline;
use vacancy_connect::payments::order::OrderRequest;
use vacancy_connect::payments::razorpay::Razorpay;
use vacancy_connect::payments::sandbox::Sandbox;
use vacancy_connect::payments::standing::Standing;
use vacancy_connect::payments::stripe::Stripe;
use vacancy_connect::payments::webhook::Webhook;
use vacancy_connect::payments::{Provider, Truth};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{Payment, PaymentState};

use crate::stand_in::{self, StandIn};
use crate::support::{
    AMOUNT_MINOR, NOW_MS, capture, claim, code, eur, good_card, look_up, order, razorpay, refund,
    row, row_after, sandbox, stripe, void,
};

/// A provider and the way a guest pays there.
enum House {
    Sandbox(Box<Sandbox>),
    Stripe(Stripe, StandIn<stand_in::stripe::Account>),
    Razorpay(Razorpay, StandIn<stand_in::razorpay::Account>),
    Offline,
}

async fn houses() -> [House; 4] {
    let (stripe, at_stripe) = stripe().await;
    let (razorpay, at_razorpay) = razorpay().await;
    [
        House::Sandbox(Box::new(sandbox())),
        House::Stripe(stripe, at_stripe),
        House::Razorpay(razorpay, at_razorpay),
        House::Offline,
    ]
}

impl House {
    fn provider(&self) -> &dyn Provider {
        match self {
            House::Sandbox(sandbox) => sandbox.as_ref(),
            House::Stripe(stripe, _) => stripe,
            House::Razorpay(razorpay, _) => razorpay,
            House::Offline => &Offline,
        }
    }

    fn name(&self) -> &'static str {
        self.provider().abilities().name
    }

    /// An order, and our row of it.
    async fn ordered(&self, payment: u128) -> Payment {
        let order = self.provider().create(&order(payment)).await.unwrap();
        Payment { provider_order_id: order.provider_order_id, ..row(payment) }
    }

    /// An order that the guest paid, and our row of it.
    async fn paid(&self, payment: u128) -> Payment {
        let unpaid = self.ordered(payment).await;
        match self {
            House::Sandbox(sandbox) => {
                let order_id = unpaid.provider_order_id.clone();
                sandbox.pay(&order_id, good_card(), NOW_MS).await.unwrap();
                row_after(payment, &self.look_up(&unpaid).await.unwrap())
            }
            House::Stripe(_, at_stripe) => {
                at_stripe.with(|account| account.pay(&unpaid.provider_order_id));
                row_after(payment, &self.look_up(&unpaid).await.unwrap())
            }
            House::Razorpay(_, at_razorpay) => {
                at_razorpay.with(|account| account.pay(&unpaid.provider_order_id));
                row_after(payment, &self.look_up(&unpaid).await.unwrap())
            }
            House::Offline => Payment {
                state: PaymentState::Succeeded,
                captured_minor: AMOUNT_MINOR,
                method: "cash".to_owned(),
                ..unpaid
            },
        }
    }

    /// An order that was declined, and our row of it.
    async fn declined(&self, payment: u128) -> Payment {
        let unpaid = self.ordered(payment).await;
        match self {
            House::Sandbox(sandbox) => {
                let order_id = unpaid.provider_order_id.clone();
                sandbox.decline(&order_id, NOW_MS).await.unwrap();
                row_after(payment, &self.look_up(&unpaid).await.unwrap())
            }
            House::Stripe(_, at_stripe) => {
                at_stripe.with(|account| account.decline(&unpaid.provider_order_id));
                row_after(payment, &self.look_up(&unpaid).await.unwrap())
            }
            House::Razorpay(_, at_razorpay) => {
                at_razorpay.with(|account| account.attempt(&unpaid.provider_order_id, "failed"));
                row_after(payment, &self.look_up(&unpaid).await.unwrap())
            }
            House::Offline => Payment { state: PaymentState::Failed, ..unpaid },
        }
    }

    async fn look_up(&self, payment: &Payment) -> Result<Standing, Failure> {
        look_up(self.provider(), payment, NOW_MS).await
    }
}

#[tokio::test]
async fn the_same_payment_id_is_the_same_order() {
    for house in houses().await {
        let once = house.provider().create(&order(1)).await.unwrap();
        let twice = house.provider().create(&order(1)).await.unwrap();
        let other = house.provider().create(&order(2)).await.unwrap();
        assert_eq!(once, twice, "{}", house.name());
        assert_ne!(once.provider_order_id, other.provider_order_id, "{}", house.name());
    }
}

#[tokio::test]
async fn an_order_over_nothing_is_refused() {
    for house in houses().await {
        for minor in [0, -1, i64::MIN] {
            let request = OrderRequest { amount: eur(minor), ..order(1) };
            assert_eq!(code(house.provider().create(&request).await), "amount_invalid");
        }
    }
}

#[tokio::test]
async fn an_order_that_nobody_paid_has_no_money() {
    for house in houses().await {
        let standing = house.look_up(&house.ordered(1).await).await.unwrap();
        assert!(
            matches!(standing.state, PaymentState::Created | PaymentState::Pending),
            "{}",
            house.name()
        );
        assert_eq!((standing.captured_minor, standing.refunded_minor), (0, 0));
        assert_eq!((standing.amount, standing.method), (eur(AMOUNT_MINOR), None));
    }
}

#[tokio::test]
async fn an_order_is_found_by_our_id_alone() {
    for house in houses().await {
        let known = house.look_up(&house.ordered(1).await).await.unwrap();
        assert_eq!(house.look_up(&row(1)).await.unwrap(), known, "{}", house.name());
    }
}

#[tokio::test]
async fn a_paid_order_has_succeeded_with_all_its_money() {
    for house in houses().await {
        let standing = house.look_up(&house.paid(1).await).await.unwrap();
        assert_eq!(standing.state, PaymentState::Succeeded, "{}", house.name());
        assert_eq!((standing.captured_minor, standing.refunded_minor), (AMOUNT_MINOR, 0));
        assert!(standing.method.is_some());
    }
}

#[tokio::test]
async fn a_declined_order_has_failed() {
    for house in houses().await {
        let declined = house.declined(1).await;
        assert_eq!(house.look_up(&declined).await.unwrap().state, PaymentState::Failed);
        assert_eq!(code(capture(house.provider(), &declined, eur(1)).await), "declined");
        assert_eq!(
            void(house.provider(), &declined, NOW_MS).await.unwrap().state,
            PaymentState::Failed
        );
    }
}

#[tokio::test]
async fn a_void_closes_an_unpaid_order_for_good() {
    for house in houses().await {
        let unpaid = house.ordered(1).await;
        let voided = void(house.provider(), &unpaid, NOW_MS).await.unwrap();
        assert_eq!((voided.state, voided.captured_minor), (PaymentState::Canceled, 0));
        let stored = row_after(1, &voided);
        assert_eq!(void(house.provider(), &stored, NOW_MS).await.unwrap(), voided);
        assert_eq!(house.look_up(&stored).await.unwrap(), voided, "{}", house.name());
        assert_eq!(code(capture(house.provider(), &stored, eur(1)).await), "canceled");
    }
}

#[tokio::test]
async fn a_void_of_a_paid_order_is_refused_and_changes_nothing() {
    for house in houses().await {
        let paid = house.paid(1).await;
        assert_eq!(code(void(house.provider(), &paid, NOW_MS).await), "already_captured");
        assert_eq!(house.look_up(&paid).await.unwrap().state, PaymentState::Succeeded);
    }
}

#[tokio::test]
async fn a_capture_takes_nothing_before_the_guest_paid() {
    for house in houses().await {
        let unpaid = house.ordered(1).await;
        let answer = capture(house.provider(), &unpaid, eur(AMOUNT_MINOR)).await;
        assert_eq!(code(answer), "not_authorized", "{}", house.name());
    }
}

#[tokio::test]
async fn a_capture_of_what_is_taken_repeats_the_answer() {
    for house in houses().await {
        let paid = house.paid(1).await;
        let again = capture(house.provider(), &paid, eur(AMOUNT_MINOR)).await.unwrap();
        assert_eq!(again, house.look_up(&paid).await.unwrap(), "{}", house.name());
        let other = capture(house.provider(), &paid, eur(AMOUNT_MINOR - 1)).await;
        assert_eq!(code(other), "already_captured");
        let yen = Money::new(AMOUNT_MINOR, "JPY".parse().unwrap());
        assert_eq!(code(capture(house.provider(), &paid, yen).await), "currency_mismatch");
    }
}

#[tokio::test]
async fn the_same_refund_id_is_the_same_refund() {
    for house in houses().await {
        let paid = house.paid(1).await;
        let once = refund(house.provider(), &paid, 7, eur(AMOUNT_MINOR)).await.unwrap();
        let twice = refund(house.provider(), &paid, 7, eur(AMOUNT_MINOR)).await.unwrap();
        assert_eq!(once, twice, "{}", house.name());
        assert_eq!(once.amount, eur(AMOUNT_MINOR));
    }
}

#[tokio::test]
async fn a_refund_never_passes_what_was_captured() {
    for house in houses().await {
        let paid = house.paid(1).await;
        let yen = Money::new(1, "JPY".parse().unwrap());
        for (amount, answer) in [
            (eur(AMOUNT_MINOR + 1), "amount_too_large"),
            (eur(i64::MAX), "amount_too_large"),
            (eur(0), "amount_invalid"),
            (eur(-1), "amount_invalid"),
            (yen, "currency_mismatch"),
        ] {
            assert_eq!(code(refund(house.provider(), &paid, 7, amount).await), answer);
        }
    }
}

#[tokio::test]
async fn a_refund_needs_a_payment() {
    for house in houses().await {
        for unpaid in [house.ordered(1).await, house.declined(2).await] {
            let answer = refund(house.provider(), &unpaid, 7, eur(1)).await;
            assert_eq!(code(answer), "not_captured", "{}", house.name());
        }
    }
}

#[tokio::test]
async fn an_unknown_order_is_refused_for_certain() {
    for house in houses().await {
        let provider_order_id = "order_of_somebody_else".to_owned();
        let unknown = Payment { provider_order_id, ..row(9) };
        let amount = eur(1);
        let failures = [
            house.look_up(&unknown).await.unwrap_err(),
            void(house.provider(), &unknown, NOW_MS).await.unwrap_err(),
            capture(house.provider(), &unknown, amount).await.unwrap_err(),
            refund(house.provider(), &unknown, 7, amount).await.unwrap_err(),
        ];
        for failure in failures {
            assert_eq!(failure.code(), "unknown_order", "{}", house.name());
            assert!(failure.is_definite());
        }
    }
}

#[tokio::test]
async fn a_claim_of_another_payment_is_refused() {
    for house in houses().await {
        for stored in [house.ordered(1).await, house.paid(2).await] {
            let answer = claim(house.provider(), &stored, "pay_of_somebody_else", None).await;
            assert_eq!(code(answer), "payment_mismatch", "{}", house.name());
        }
    }
}

#[tokio::test]
async fn a_forged_webhook_is_refused() {
    for house in houses().await {
        let headers = [("Sandbox-Signature", "t=1800000000,v1=00"), ("Content-Type", "text/plain")];
        let forged = Webhook { headers: &headers, body: b"{}", now_ms: NOW_MS };
        assert!(house.provider().parse_webhook(&forged).is_err(), "{}", house.name());
    }
}

#[tokio::test]
async fn abilities_say_who_keeps_the_books() {
    let houses = houses().await;
    let truths = houses.iter().map(|house| (house.name(), house.provider().abilities().truth));
    let expected = [
        ("sandbox", Truth::Provider),
        ("stripe", Truth::Provider),
        ("razorpay", Truth::Provider),
        ("offline", Truth::OurRecord),
    ];
    assert_eq!(truths.collect::<Vec<_>>(), expected);
}
