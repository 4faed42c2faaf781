//! Each account is compared by itself, and each order: what goes wrong with one of them keeps no other
//! from being compared, and is tried again.

use serde_json::{Value, json};
use vacancy_app::access::Actor;
use vacancy_app::jobs::Handlers;
use vacancy_app::payments::Payments;
use vacancy_app::payments::daily::ACCOUNT_JOB;
use vacancy_connect::payments::order::RefundRequest;
use vacancy_connect::payments::providers::Providers;
use vacancy_domain::ids::{JobId, RefundId, ReservationId};
use vacancy_domain::money::Money;
use vacancy_store::jobs::claim::{self, Claim};
use vacancy_store::jobs::watch::{self, Cursor};
use vacancy_store::jobs::{self, Job, JobState, NewJob};
use vacancy_store::testing::spoils;

use super::comparing::{DAY_MS, inbox, paid};
use super::house::{House, on_both, text};
use super::stand_in::Trouble;
use super::vendors::{Booked, Vendor, Vendors, book, with_each};

const GIVEN_UP: &str = "given up by the test";
const HOUR_MS: i64 = 60 * 60 * 1000;

/// Accounts whose comparison is still to come.
async fn waiting(house: &House) -> Vec<Job> {
    let listed = house.state.db.read(|tx| {
        Box::pin(async move { watch::list(tx, JobState::Waiting, Cursor::START, 100).await })
    });
    listed.await.unwrap().into_iter().filter(|job| job.kind == ACCOUNT_JOB).collect()
}

/// Money goes back of a payment, and only its vendor knows.
async fn refund_elsewhere(house: &House, vendor: Vendor, booked: &Booked, refund: u128) {
    let id = text(&booked.opened["paymentId"]).parse().unwrap();
    let ours = house.state.payments.show(&Actor::System, id).await.unwrap().0;
    let elsewhere = RefundRequest {
        refund_id: RefundId(refund),
        amount: Money::new(5_000, ours.amount.currency),
        payment: ours,
        now_ms: house.now_ms(),
    };
    let provider = house.state.payments.providers.find(vendor.name()).unwrap();
    provider.refund(&elsewhere).await.unwrap();
}

fn lists(asked: &[String]) -> usize {
    let is_list =
        |one: &&String| ["GET /v1/checkout/sessions", "GET /v1/orders"].contains(&one.as_str());
    asked.iter().filter(is_list).count()
}

#[test]
fn an_account_whose_provider_is_away_keeps_no_other_from_being_compared() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let away = match vendor {
                Vendor::Stripe => Vendor::Razorpay,
                Vendor::Razorpay => Vendor::Stripe,
            };
            let (booked, ..) = paid(&house, &vendors, vendor).await;
            refund_elsewhere(&house, vendor, &booked, 1).await;
            vendors.advance_ms(&house, DAY_MS).await;
            vendors.trouble(away, &[Trouble::Refused(503); 3]);
            vendors.asked(vendor);
            house.state.payments.begin_comparing().await.unwrap();
            house.until_idle().await;
            let open = inbox(&house).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("refund_elsewhere")));
            let left = waiting(&house).await;
            assert_eq!(left.len(), 1, "{left:?}");
            assert_eq!((left[0].subject.as_str(), left[0].attempts), (away.name(), 1));
            // Whoever was compared is left alone while the other one is tried again.
            assert_eq!(lists(&vendors.asked(vendor)), 1);
            for _ in 0..3 {
                vendors.advance_ms(&house, 60_000).await;
                house.until_idle().await;
            }
            assert_eq!(waiting(&house).await, []);
            assert_eq!(lists(&vendors.asked(vendor)), 0);
        })
    });
}

#[test]
fn an_order_that_cannot_be_compared_does_not_end_the_list_and_is_tried_again() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (booked, ..) = paid(&house, &vendors, vendor).await;
            vendors.advance_ms(&house, HOUR_MS).await;
            // The newest of the list comes first.
            let lost = book(&house, vendor, "r2").await;
            vendors.pay(vendor, &lost.order);
            lost.confirm(&house).await.expect(200);
            for (refund, booked) in [(1, &booked), (2, &lost)] {
                refund_elsewhere(&house, vendor, booked, refund).await;
            }
            let id = lost.reservation.parse().unwrap();
            spoils::lose_reservation(&house.state.db, id).await.unwrap();
            vendors.advance_ms(&house, DAY_MS).await;
            house.state.payments.begin_comparing().await.unwrap();
            house.until_idle().await;
            let open = inbox(&house).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("refund_elsewhere")));
            let payment = text(&booked.opened["paymentId"]);
            assert!(open[0].to_string().contains(&payment), "{}", open[0]);
            let left = waiting(&house).await;
            assert_eq!(left.len(), 1, "{left:?}");
            assert_eq!(left[0].last_error, "orders that could not be compared: 1");
            // The next day's comparison takes it over.
            vendors.advance_ms(&house, DAY_MS).await;
            house.until_idle().await;
            let left = waiting(&house).await;
            assert_eq!(left.len(), 1, "{left:?}");
            let payload: Value = serde_json::from_str(&left[0].payload).unwrap();
            assert_eq!(payload["day"], house.now_ms() / DAY_MS);
        })
    });
}

/// Two stays that were paid and are disputed, without an event: reservation and dispute of each.
async fn disputed_twice(
    house: &House,
    vendors: &Vendors,
    vendor: Vendor,
) -> [(ReservationId, String); 2] {
    let mut made = Vec::new();
    for request in ["r1", "r2"] {
        let booked = book(house, vendor, request).await;
        let paid = vendors.pay(vendor, &booked.order);
        booked.confirm(house).await.expect(200);
        let name = match vendor {
            Vendor::Stripe => vendors.stripe.with(|account| account.dispute(&paid, true)),
            Vendor::Razorpay => vendors.razorpay.with(|account| account.dispute(&paid, true)),
        };
        made.push((booked.reservation.parse().unwrap(), name));
        vendors.advance_ms(house, 60_000).await;
    }
    made.try_into().unwrap()
}

#[test]
fn a_dispute_that_cannot_be_compared_does_not_end_the_list_and_is_tried_again() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let [first, second] = disputed_twice(&house, &vendors, vendor).await;
            // The one that comes first in the list.
            let (lost, other) = match vendor {
                Vendor::Stripe => (second, first),
                Vendor::Razorpay => (first, second),
            };
            spoils::lose_reservation(&house.state.db, lost.0).await.unwrap();
            vendors.advance_ms(&house, DAY_MS).await;
            house.state.payments.begin_comparing().await.unwrap();
            house.until_idle().await;
            let open = inbox(&house).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("dispute_opened")));
            assert!(text(&open[0]["detail"]).contains(&other.1), "{}", open[0]);
            let left = waiting(&house).await;
            assert_eq!(left.len(), 1, "{left:?}");
            assert_eq!(left[0].last_error, "disputes that could not be compared: 1");
        })
    });
}

#[test]
fn a_dispute_that_cannot_be_followed_keeps_no_other_from_its_end() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let [first, second] = disputed_twice(&house, &vendors, vendor).await;
            vendors.advance_ms(&house, DAY_MS).await;
            house.state.payments.begin_comparing().await.unwrap();
            house.until_idle().await;
            assert_eq!(inbox(&house).await.len(), 2);
            spoils::lose_reservation(&house.state.db, first.0).await.unwrap();
            match vendor {
                Vendor::Stripe => {
                    vendors.stripe.with(|account| account.dispute_becomes(&second.1, "lost"));
                }
                Vendor::Razorpay => {
                    vendors.razorpay.with(|account| account.dispute_becomes(&second.1, "lost"));
                }
            }
            // No list goes back that far.
            vendors.advance_ms(&house, 20 * DAY_MS).await;
            house.until_idle().await;
            let open = inbox(&house).await;
            let kinds: Vec<&Value> = open.iter().map(|matter| &matter["kind"]).collect();
            assert_eq!(kinds, ["dispute_opened", "dispute_lost"]);
        })
    });
}

#[test]
fn a_refund_that_came_back_is_noticed_though_its_provider_was_away_for_a_day() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (_, _, payment) = paid(&house, &vendors, vendor).await;
            let ask = house.post(format!("{payment}/refunds")).by(&house.owner);
            let body = json!({"amount": {"amount": 5_000, "currency": "EUR"}, "reason": "x"});
            ask.header("idempotency-key", "k").send_json(&body).await.expect(201);
            house.until_idle().await;
            vendors.lose_refunds(vendor);
            vendors.trouble(vendor, &[Trouble::Refused(503); 1_000]);
            // The first look is a day after the refund, and nobody answers for another day.
            for _ in 0..48 {
                vendors.advance_ms(&house, HOUR_MS).await;
                house.until_idle().await;
            }
            assert_eq!(inbox(&house).await, [Value::Null; 0]);
            vendors.heal(vendor);
            for _ in 0..12 {
                vendors.advance_ms(&house, HOUR_MS).await;
                house.until_idle().await;
            }
            let open = inbox(&house).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("refund_missing")));
        })
    });
}

/// A job of this kind that was given up, about nothing that there is.
async fn park(house: &House, id: u128, kind: &'static str) {
    let job = NewJob {
        id: JobId(id),
        kind,
        property: None,
        subject: "nothing".to_owned(),
        payload: "{}".to_owned(),
        due_in_ms: 0,
    };
    let claim = Claim {
        worker: "the test".to_owned(),
        kinds: vec![kind.to_owned()],
        jobs_max: 1,
        lease_ms: 1_000,
    };
    let write = house.state.db.write(move |tx| {
        let (job, claim) = (job.clone(), claim.clone());
        Box::pin(async move {
            jobs::add(tx, tx.now_ms().await?, &[job]).await?;
            let claimed = claim::claim(tx, &claim).await?;
            claim::park(tx, &claimed.jobs[0], GIVEN_UP).await
        })
    });
    assert!(write.await.unwrap());
}

#[test]
fn each_day_the_jobs_of_money_that_were_given_up_are_tried_again_and_no_others() {
    on_both(|house| {
        Box::pin(async move {
            let of_money = [
                "refund",
                "refund_payment",
                "settle_payment",
                "collect_rest",
                "return_surplus",
                "look_back_at_refund",
                "follow_payment",
                "look_up_dispute",
                "compare_account",
                "compare_payments",
            ];
            let others = ["look_up_payment", "send_mail"];
            for (id, kind) in (1..).zip(of_money.into_iter().chain(others)) {
                park(&house, id, kind).await;
            }
            house.state.payments.begin_comparing().await.unwrap();
            house.until_idle().await;
            let parked = house.state.db.read(|tx| {
                let (state, start) = (JobState::Parked, Cursor::START);
                Box::pin(async move { watch::list(tx, state, start, 100).await })
            });
            let parked = parked.await.unwrap();
            // Who was tried again is done, or says why it is hopeless.
            let is_left = |job: &&Job| job.last_error == GIVEN_UP;
            let mut left: Vec<&str> =
                parked.iter().filter(is_left).map(|job| job.kind.as_str()).collect();
            left.sort_unstable();
            assert_eq!(left, others);
        })
    });
}

#[test]
fn what_is_asked_of_a_provider_that_was_switched_off_ends_with_the_age_of_its_payment() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (booked, ..) = paid(&house, &vendors, vendor).await;
            let booked_at = house.now_ms();
            let payments =
                Payments { providers: Providers::default(), ..house.state.payments.clone() };
            let handlers = payments.handlers(Handlers::default());
            for (kind, days) in [("follow_payment", 30), ("look_back_at_refund", 37)] {
                let job = Job {
                    id: JobId(1),
                    kind: kind.to_owned(),
                    property: None,
                    subject: text(&booked.opened["paymentId"]),
                    payload: "{}".to_owned(),
                    state: JobState::Leased,
                    due_at_ms: 0,
                    lease_until_ms: None,
                    lease_owner: None,
                    attempts: 1,
                    last_error: String::new(),
                    created_at_ms: 0,
                    completed_at_ms: None,
                };
                let handler = handlers.get(kind).unwrap().handler.clone();
                vendors.advance_ms(&house, days * DAY_MS - 1 - (house.now_ms() - booked_at)).await;
                assert!(handler(job.clone()).await.is_err(), "{kind}");
                vendors.advance_ms(&house, 1).await;
                assert!(handler(job).await.is_ok(), "{kind}");
            }
        })
    });
}
