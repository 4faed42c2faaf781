//! Goal: people hear of a dispute that stands in no book, once, until it is over: of other money, of what came
//! twice, of somebody else's payment. One of a business's own account is in `accounts`.
//! Method: as in `disputes`.

use serde_json::json;
use vacancy_store::jobs::watch;

use super::disputes::{Case, inbox, matters, resolve, run_jobs, taken, until, until_told};
use super::house::text;
use super::vendors::{Vendor, book, with_each};

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

    /// The same, a day after the other, without an event.
    async fn until_on_another_day(&self, kinds: &[&str]) {
        for _ in 0..3 {
            self.vendors.advance_ms(&self.house, DAY_MS);
            run_jobs(&self.house).await;
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
            run_jobs(house).await;
            assert_eq!(inbox(house).await, [""; 0]);
        })
    });
}

#[test]
fn a_dispute_of_what_came_twice_is_told_and_booked_of_nothing() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            // A session of Stripe's can be paid once.
            if vendor == Vendor::Stripe {
                return;
            }
            let booked = book(&house, vendor, "r1").await;
            vendors.pay(vendor, &booked.order);
            vendors.advance_ms(&house, 1_000);
            let second = vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            let name = vendors.razorpay.with(|account| account.dispute(&second, true));
            let payment = format!("/v1/payments/{}", text(&booked.opened["paymentId"]));
            let case = Case { house, vendors, vendor, booked, payment, amount: 0, name };
            let house = &case.house;
            case.post("", "payment.dispute.created").await;
            let told = async |count: usize| {
                for _ in 0..40 {
                    run_jobs(house).await;
                    let mut told = matters(house).await;
                    told.retain(|matter| matter["kind"] == "dispute_opened");
                    if told.len() == count {
                        return told;
                    }
                    case.vendors.advance_ms(house, DAY_MS / 8);
                }
                panic!("not {count}: {:?}", matters(house).await);
            };
            let end = async || {
                case.decide("won");
                told(0).await;
            };
            let told = told(1).await;
            assert!(text(&told[0]["detail"]).contains("a payment that came twice"), "{told:?}");
            assert_eq!(told[0]["reservationId"], case.booked.reservation.as_str());
            assert_eq!(case.payment().await["chargedBack"]["amount"], 0);
            assert_eq!(taken(house, &case.booked.path).await, (vec![], 0));
            // Long after the job that gave it back is forgotten, asking each day finds its end.
            let now_ms = house.now_ms() + DAY_MS;
            let forget = house.state.db.write(move |tx| {
                Box::pin(async move { watch::purge_done(tx, now_ms, 1_000).await })
            });
            forget.await.unwrap();
            case.vendors.advance_ms(house, DAY_MS);
            end().await;
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
                case.vendors.advance_ms(&case.house, 3 * 60 * 1000);
                run_jobs(&case.house).await;
            }
            assert_eq!(inbox(&case.house).await, [""; 0]);
            assert_eq!(case.payment().await["chargedBack"]["amount"], 0);
        })
    });
}
