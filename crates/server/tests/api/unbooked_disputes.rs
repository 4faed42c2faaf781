//! Goal: people hear of a dispute that stands in no book, once, until it is over: of other money, of what came
//! twice, of somebody else's payment. One of a business's own account is in `account_disputes`.
//! Method: as in `disputes`.

use std::sync::Arc;

use serde_json::{Value, json};
use vacancy_store::jobs::watch;

use super::disputes::{Case, inbox, matters, resolve, taken, until, until_told};
use super::house::{House, text};
use super::vendors::{Vendor, Vendors, book, with_each};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Case {
    fn change(&self, field_of_stripe: &str, field_of_razorpay: &str, value: &str) {
        match self.vendor {
            Vendor::Stripe => self.vendors.stripe.with(|account| {
                let dispute = account.disputes.get_mut(&self.name).unwrap();
                dispute[field_of_stripe] = json!(value.to_ascii_lowercase());
            }),
            Vendor::Razorpay => self.vendors.razorpay.with(|account| {
                let dispute = account.disputes.get_mut(&self.name).unwrap();
                dispute[field_of_razorpay] = json!(value);
            }),
        }
    }

    fn is_in(&self, currency: &str) {
        self.change("currency", "currency", &currency.to_ascii_uppercase());
    }

    fn is_of(&self, paid: &str) {
        self.change("payment_intent", "payment_id", paid);
        self.vendors.razorpay.with(|account| {
            let payment = account.payments.values().next().cloned();
            account.payments.extend(payment.map(|payment| (paid.to_owned(), payment)));
        });
    }

    fn is_due_at(&self, due_s: i64) {
        match self.vendor {
            Vendor::Stripe => self.vendors.stripe.with(|account| {
                let dispute = account.disputes.get_mut(&self.name).unwrap();
                dispute["evidence_details"]["due_by"] = json!(due_s);
            }),
            Vendor::Razorpay => self.vendors.razorpay.with(|account| {
                account.disputes.get_mut(&self.name).unwrap()["respond_by"] = json!(due_s);
            }),
        }
    }

    /// Hours pass until people are told of so many disputes.
    async fn told(&self, count: usize) -> Vec<Value> {
        for _ in 0..40 {
            self.house.until_idle().await;
            let mut told = matters(&self.house).await;
            told.retain(|matter| matter["kind"] == "dispute_opened");
            if told.len() == count {
                return told;
            }
            self.vendors.advance_ms(&self.house, DAY_MS / 8).await;
        }
        panic!("not {count}: {:?}", matters(&self.house).await);
    }

    /// The same, a day after the other, without an event.
    async fn until_on_another_day(&self, kinds: &[&str]) {
        for _ in 0..3 {
            self.vendors.advance_ms(&self.house, DAY_MS).await;
            self.house.until_idle().await;
        }
        until(&self.house, kinds).await;
    }
}

#[test]
fn a_dispute_of_other_money_is_told_and_the_matter_ends_with_the_verdict() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, true).await;
            let house = &case.house;
            case.is_in("usd");
            case.post("charge.dispute.created", "payment.dispute.created").await;
            let told = until_told(house, "which is not what was paid").await;
            assert_eq!(told["kind"], "dispute_opened");
            assert_eq!(told["paymentId"], case.booked.opened["paymentId"]);
            assert!(told["dueBy"].is_string());
            assert_eq!(case.payment().await["chargedBack"]["amount"], 0);
            // Heard of by its next event, or by asking each day.
            case.decide("lost");
            if vendor == Vendor::Stripe {
                case.post("charge.dispute.closed", "").await;
            }
            case.until_on_another_day(&["dispute_lost"]).await;
            resolve(house, &matters(house).await[0], "dismiss").await;
            case.post("charge.dispute.updated", "payment.dispute.lost").await;
            house.until_idle().await;
            assert_eq!(inbox(house).await, [""; 0]);
        })
    });
}

/// A payment comes twice, a bank disputes the second, and the job that gave it back is forgotten.
async fn comes_twice(house: Arc<House>, vendors: Arc<Vendors>) -> Case {
    let vendor = Vendor::Razorpay;
    let booked = book(&house, vendor, "r1").await;
    vendors.pay(vendor, &booked.order);
    vendors.advance_ms(&house, 1_000).await;
    let second = vendors.pay(vendor, &booked.order);
    booked.confirm(&house).await.expect(200);
    let name = vendors.razorpay.with(|account| account.dispute(&second, true));
    let payment = format!("/v1/payments/{}", text(&booked.opened["paymentId"]));
    let case = Case { house, vendors, vendor, booked, payment, amount: 0, name };
    case.post("", "payment.dispute.created").await;
    let told = case.told(1).await;
    assert!(text(&told[0]["detail"]).contains("a payment that came twice"), "{told:?}");
    assert_eq!(told[0]["reservationId"], case.booked.reservation.as_str());
    let now_ms = case.house.now_ms() + DAY_MS;
    let forget = case
        .house
        .state
        .db
        .write(move |tx| Box::pin(async move { watch::purge_done(tx, now_ms, 1_000).await }));
    forget.await.unwrap();
    case
}

#[test]
fn a_dispute_of_what_came_twice_is_told_and_booked_of_nothing() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            // A session of Stripe's can be paid once.
            if vendor == Vendor::Stripe {
                return;
            }
            let case = comes_twice(house, vendors).await;
            assert_eq!(case.payment().await["chargedBack"]["amount"], 0);
            assert_eq!(taken(&case.house, &case.booked.path).await, (vec![], 0));
            // Asking each day finds its end.
            case.vendors.advance_ms(&case.house, DAY_MS).await;
            case.decide("won");
            case.told(0).await;
        })
    });
}

#[test]
fn the_end_of_a_dispute_of_what_came_twice_is_found_though_the_daily_question_comes_days_late() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            if vendor == Vendor::Stripe {
                return;
            }
            let case = comes_twice(house, vendors).await;
            // Nothing runs for so long; then the question is asked that was due on the first of these days.
            case.vendors.advance_ms(&case.house, 4 * DAY_MS).await;
            case.house.until_idle().await;
            case.vendors.advance_ms(&case.house, 3 * DAY_MS).await;
            case.decide("won");
            case.told(0).await;
        })
    });
}

#[test]
fn a_loss_of_other_money_is_over_when_the_bank_thinks_again() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, true).await;
            case.is_in("usd");
            case.decide("lost");
            case.post("charge.dispute.closed", "payment.dispute.lost").await;
            until(&case.house, &["dispute_lost"]).await;
            case.decide("won");
            case.post("charge.dispute.updated", "payment.dispute.won").await;
            until(&case.house, &[]).await;
        })
    });
}

#[test]
fn who_left_a_dispute_of_other_money_alone_hears_of_its_new_last_day() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, true).await;
            let house = &case.house;
            case.is_in("usd");
            case.post("charge.dispute.created", "payment.dispute.created").await;
            let first = until_told(house, "evidence until 20").await;
            resolve(house, &first, "dismiss").await;
            case.is_due_at(house.now_ms() / 1000 + 14 * 86_400);
            case.post("charge.dispute.updated", "payment.dispute.action_required").await;
            let second = until_told(house, "evidence until 20").await;
            assert_ne!(second["dueBy"], first["dueBy"]);
        })
    });
}

#[test]
fn a_dispute_of_other_money_that_its_provider_forgets_is_nobodys_matter() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, true).await;
            case.is_in("usd");
            case.post("charge.dispute.created", "payment.dispute.created").await;
            until(&case.house, &["dispute_opened"]).await;
            match vendor {
                Vendor::Stripe => case.vendors.stripe.with(|account| account.disputes.clear()),
                Vendor::Razorpay => case.vendors.razorpay.with(|account| account.disputes.clear()),
            }
            case.told(0).await;
        })
    });
}

#[test]
fn a_dispute_that_may_be_of_any_business_is_in_nobodys_inbox() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, true).await;
            case.is_of("somebody else's");
            case.post("charge.dispute.created", "payment.dispute.created").await;
            for _ in 0..10 {
                case.vendors.advance_ms(&case.house, 3 * 60 * 1000).await;
                case.house.until_idle().await;
            }
            assert_eq!(inbox(&case.house).await, [""; 0]);
            assert_eq!(case.payment().await["chargedBack"]["amount"], 0);
        })
    });
}
