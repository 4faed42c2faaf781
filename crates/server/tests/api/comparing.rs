//! Once a day the provider's list is compared with ours: what asking repairs is repaired, the rest
//! stands in the inbox, each difference with a step that ends it.

use std::sync::{Mutex, PoisonError};

use axum::http::Method;
use serde_json::{Value, json};
use vacancy_app::access::Actor;
use vacancy_connect::payments::order::RefundRequest;
use vacancy_domain::ids::RefundId;
use vacancy_domain::money::Money;

use super::house::{House, text};
use super::vendors::{Booked, Vendor, Vendors, book, with_each};

/// Counts are the process's: tests in which the comparison repairs something go one after the other.
static REPAIRING: Mutex<()> = Mutex::new(());

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(crate) async fn shown(house: &House, path: &str) -> Value {
    house.get(path).by(&house.owner).send().await.expect(200)
}

pub(crate) async fn inbox(house: &House) -> Vec<Value> {
    shown(house, "/v1/payments/inbox").await["items"].as_array().unwrap().clone()
}

/// A day later the comparison runs; gives what is open then.
async fn compared(house: &House, vendors: &Vendors) -> Vec<Value> {
    house.state.payments.begin_comparing().await.unwrap();
    vendors.advance_ms(house, DAY_MS).await;
    house.until_idle().await;
    inbox(house).await
}

async fn resolve(house: &House, matter: &Value, resolution: &str) -> super::house::Answer {
    let path = format!("/v1/payments/inbox/{}/resolve", text(&matter["matterId"]));
    house.post(path).by(&house.owner).send_json(&json!({"resolution": resolution})).await
}

pub(crate) async fn paid(
    house: &House,
    vendors: &Vendors,
    vendor: Vendor,
) -> (Booked, String, String) {
    let booked = book(house, vendor, "r1").await;
    let paid = vendors.pay(vendor, &booked.order);
    booked.confirm(house).await.expect(200);
    let payment = format!("/v1/payments/{}", text(&booked.opened["paymentId"]));
    (booked, paid, payment)
}

/// What the vendor says of a payment: Stripe of its order, Razorpay of what was charged.
fn says(vendors: &Vendors, vendor: Vendor, (of, paid): (&Booked, &str), status: [&str; 2]) {
    match vendor {
        Vendor::Stripe => {
            vendors.stripe.with(|account| account.set_intent(&of.order, status[0]));
        }
        Vendor::Razorpay => vendors.razorpay.with(|account| account.set(paid, status[1])),
    }
}

#[test]
fn a_refund_made_at_the_provider_is_found_and_booked_in_one_step() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (booked, _, payment) = paid(&house, &vendors, vendor).await;
            let id = text(&booked.opened["paymentId"]).parse().unwrap();
            let ours = house.state.payments.show(&Actor::System, id).await.unwrap().0;
            let elsewhere = RefundRequest {
                refund_id: RefundId(1),
                amount: Money::new(5_000, ours.amount.currency),
                payment: ours,
                now_ms: house.now_ms(),
            };
            let provider = house.state.payments.providers.find(vendor.name()).unwrap();
            provider.refund(&elsewhere).await.unwrap();
            let open = compared(&house, &vendors).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("refund_elsewhere")));
            assert_eq!(open[0]["resolutions"], json!(["accept", "dismiss"]));
            for _ in 0..2 {
                resolve(&house, &open[0], "accept").await.expect(200);
            }
            let refunded = &shown(&house, &payment).await["refunded"];
            assert_eq!(refunded, &json!({"amount": 5_000, "currency": "EUR"}));
            let folio = shown(&house, &format!("{}/folio", booked.path)).await;
            // Nobody is asked for it again.
            assert_eq!(folio["balance"]["amount"], 0);
            assert_eq!(vendors.refunds(vendor), [5_000]);
            assert_eq!(compared(&house, &vendors).await, [Value::Null; 0]);
        })
    });
}

#[test]
fn a_refund_that_the_provider_lost_is_found_and_given_in_one_step() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (_, _, payment) = paid(&house, &vendors, vendor).await;
            let ask = house.post(format!("{payment}/refunds")).by(&house.owner);
            let body = json!({"amount": {"amount": 5_000, "currency": "EUR"}, "reason": "x"});
            ask.header("idempotency-key", "k").send_json(&body).await.expect(201);
            vendors.lose_refunds(vendor);
            let open = compared(&house, &vendors).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("refund_missing")));
            for _ in 0..2 {
                resolve(&house, &open[0], "refund").await.expect(200);
            }
            assert_eq!(vendors.refunds(vendor), [5_000]);
            let refunded = &shown(&house, &payment).await["refunded"];
            assert_eq!(refunded, &json!({"amount": 5_000, "currency": "EUR"}));
            assert_eq!(compared(&house, &vendors).await, [Value::Null; 0]);
        })
    });
}

#[test]
fn a_refund_in_one_step_that_the_provider_fails_leaves_its_matter_open() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (_, _, payment) = paid(&house, &vendors, vendor).await;
            let ask = house.post(format!("{payment}/refunds")).by(&house.owner);
            let body = json!({"amount": {"amount": 5_000, "currency": "EUR"}, "reason": "x"});
            ask.header("idempotency-key", "k").send_json(&body).await.expect(201);
            let mut failed = vendors.lose_refunds(vendor);
            let open = compared(&house, &vendors).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("refund_missing")));
            // The provider takes the matter's refund, and fails it.
            failed["status"] = json!("failed");
            let refund = open[0]["matterId"].clone();
            match vendor {
                Vendor::Stripe => vendors.stripe.with(|account| {
                    failed["metadata"]["refund_id"] = refund;
                    account.refunds.insert("re_failed".to_owned(), failed);
                }),
                Vendor::Razorpay => vendors.razorpay.with(|account| {
                    failed["receipt"] = refund;
                    account.refunds.insert("rfnd_failed".to_owned(), failed);
                }),
            }
            let refused = resolve(&house, &open[0], "refund").await;
            refused.blames(422, "provider_refused", "/resolution");
            assert_eq!(inbox(&house).await, open);
            assert_eq!(vendors.refunds(vendor), [5_000], "the failed one alone");
            resolve(&house, &open[0], "dismiss").await.expect(200);
            assert_eq!(inbox(&house).await, [Value::Null; 0]);
        })
    });
}

#[test]
fn a_refund_that_failed_is_over_when_staff_made_it_at_the_provider() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (booked, charged, payment) = paid(&house, &vendors, vendor).await;
            says(&vendors, vendor, (&booked, &charged), ["processing", "created"]);
            let ask = house.post(format!("{payment}/refunds")).by(&house.owner);
            let body = json!({"reason": "x"});
            let ask = ask.header("idempotency-key", "k").send_json(&body);
            ask.await.problem(409, "refund_refused");
            says(&vendors, vendor, (&booked, &charged), ["succeeded", "captured"]);
            let id = text(&booked.opened["paymentId"]).parse().unwrap();
            let ours = house.state.payments.show(&Actor::System, id).await.unwrap().0;
            let elsewhere = RefundRequest {
                refund_id: RefundId(1),
                amount: ours.amount,
                payment: ours,
                now_ms: house.now_ms(),
            };
            let provider = house.state.payments.providers.find(vendor.name()).unwrap();
            provider.refund(&elsewhere).await.unwrap();
            let open = compared(&house, &vendors).await;
            let kinds: Vec<&Value> = open.iter().map(|matter| &matter["kind"]).collect();
            assert_eq!(kinds, ["refund_failed", "refund_elsewhere"]);
            resolve(&house, &open[1], "accept").await.expect(200);
            assert_eq!(inbox(&house).await, [Value::Null; 0]);
            let settled = shown(&house, "/v1/payments/inbox?state=settled").await;
            assert_eq!(settled["items"][0]["settlement"]["resolution"], "", "by itself");
        })
    });
}

#[test]
fn money_that_we_booked_and_the_provider_has_not_is_a_matter_until_it_has() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (booked, paid, _) = paid(&house, &vendors, vendor).await;
            says(&vendors, vendor, (&booked, &paid), ["processing", "created"]);
            let open = compared(&house, &vendors).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("payment_missing")));
            let still = resolve(&house, &open[0], "retry").await;
            still.blames(422, "provider_refused", "/resolution");
            says(&vendors, vendor, (&booked, &paid), ["succeeded", "captured"]);
            resolve(&house, &open[0], "retry").await.expect(200);
            assert_eq!(compared(&house, &vendors).await, [Value::Null; 0]);
        })
    });
}

#[test]
fn money_that_we_booked_of_an_order_that_the_provider_lost_is_a_matter_too() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (booked, _, _) = paid(&house, &vendors, vendor).await;
            vendors.forget(vendor, &booked.order);
            let open = compared(&house, &vendors).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("payment_missing")));
            resolve(&house, &open[0], "retry").await.blames(422, "provider_refused", "/resolution");
            // What was looked at and left does not come back every day.
            resolve(&house, &open[0], "dismiss").await.expect(200);
            assert_eq!(compared(&house, &vendors).await, [Value::Null; 0]);
        })
    });
}

#[test]
fn a_matter_about_money_that_is_settled_among_the_hotels_does_not_come_back_each_day() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let (booked, _, _) = paid(&house, &vendors, vendor).await;
            vendors.forget(vendor, &booked.order);
            let open = compared(&house, &vendors).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("payment_missing")));
            let id = text(&open[0]["matterId"]);
            let path = format!("/v1/hotels/{}/work-items/{id}", house.hotel);
            let settle = async || house.ask(Method::DELETE, &*path).by(&house.owner).send().await;
            assert_eq!(settle().await.status, 204);
            assert_eq!(settle().await.status, 404);
            let settled = shown(&house, "/v1/payments/inbox?state=settled").await;
            assert_eq!(settled["items"][0]["settlement"]["resolution"], "dismiss");
            assert_eq!(compared(&house, &vendors).await, [Value::Null; 0]);
        })
    });
}

#[test]
fn money_of_a_second_order_of_the_same_payment_goes_back_in_one_step() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let twin = vendors.twin(vendor, &booked.order);
            vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            vendors.pay(vendor, &twin);
            let open = compared(&house, &vendors).await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("payment_elsewhere")));
            assert!(text(&open[0]["detail"]).contains(&twin), "{}", open[0]);
            for _ in 0..2 {
                resolve(&house, &open[0], "refund").await.expect(200);
            }
            assert_eq!(vendors.refunds(vendor), [25_440]);
            assert_eq!(booked.shown(&house).await["status"], "CONFIRMED");
            assert_eq!(compared(&house, &vendors).await, [Value::Null; 0]);
        })
    });
}

#[test]
fn money_of_an_order_whose_name_was_lost_is_ours_by_the_id_that_it_carries() {
    let _alone = REPAIRING.lock().unwrap_or_else(PoisonError::into_inner);
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            // Razorpay is asked for an order of ours first.
            let fine = usize::from(vendor == Vendor::Razorpay);
            vendors.lose_after(vendor, fine);
            let lost = super::vendors::ask_order(&house, vendor, &booked).await;
            lost.expect(202);
            let order = vendors.only_order(vendor);
            vendors.pay(vendor, &order);
            house.state.payments.begin_comparing().await.unwrap();
            vendors.advance_ms(&house, 9 * 60 * 1000).await;
            let path = super::house::path_of(&booked);
            house.until_status(&path, &text(&booked["guestToken"]), "CONFIRMED").await;
            assert_eq!(inbox(&house).await, [Value::Null; 0]);
        })
    });
}

#[test]
fn an_order_whose_name_was_lost_is_one_that_its_guest_can_pay_once_it_is_found() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let fine = usize::from(vendor == Vendor::Razorpay);
            vendors.lose_after(vendor, fine);
            super::vendors::ask_order(&house, vendor, &booked).await.expect(202);
            vendors.advance_ms(&house, 6 * 60 * 1000).await;
            house.state.payments.begin_comparing().await.unwrap();
            house.until_idle().await;
            vendors.asked(vendor);
            let again = super::vendors::ask_order(&house, vendor, &booked).await.expect(200);
            // It is known by now: nobody was asked for it.
            assert_eq!(vendors.asked(vendor), Vec::<String>::new());
            let order = vendors.only_order(vendor);
            assert_eq!(again["paymentOrderId"], json!(order));
            assert!(text(&again["checkoutUrl"]).ends_with(&format!("/{order}")), "{again}");
        })
    });
}

#[test]
fn what_asking_did_not_repair_is_not_counted_as_repaired() {
    let _alone = REPAIRING.lock().unwrap_or_else(PoisonError::into_inner);
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            // Razorpay's failed payments are asked for by another job, too.
            if vendor == Vendor::Razorpay {
                return;
            }
            let repaired = async || {
                let told = house.get("/metrics").by(&house.admin).send().await;
                let text = String::from_utf8(told.bytes).unwrap();
                let name =
                    "vacancy_payment_differences_total{provider=\"stripe\",kind=\"repaired\"}";
                let found = text.lines().find_map(|line| line.strip_prefix(name));
                found.map_or(0, |count| count.trim().parse::<i64>().unwrap())
            };
            let booked = book(&house, vendor, "r1").await;
            let before = repaired().await;
            // The order is over, its job has asked for the last time, and its money comes all the same.
            vendors.advance_ms(&house, 20 * 60 * 1000).await;
            house.state.bookings.sweep().await.unwrap();
            booked.until(&house, "EXPIRED").await;
            for _ in 0..60 {
                vendors.advance_ms(&house, 60 * 1000).await;
                house.until_idle().await;
            }
            vendors.pay(vendor, &booked.order);
            vendors.lose_after(vendor, 1);
            house.state.payments.begin_comparing().await.unwrap();
            house.until_idle().await;
            assert_eq!(
                (repaired().await, &booked.shown(&house).await["paid"]["amount"]),
                (before, &json!(0))
            );
            vendors.advance_ms(&house, DAY_MS).await;
            house.until_idle().await;
            assert_eq!(repaired().await, before + 1);
            assert_eq!(booked.shown(&house).await["paid"]["amount"], 25_440);
        })
    });
}

#[test]
fn an_order_that_was_paid_twice_gives_the_second_payment_back_by_itself() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            // A session of Stripe's can be paid once.
            if vendor == Vendor::Stripe {
                return;
            }
            let booked = book(&house, vendor, "r1").await;
            let first = vendors.pay(vendor, &booked.order);
            vendors.advance_ms(&house, 1_000).await;
            let second = vendors.pay(vendor, &booked.order);
            assert_ne!(first, second);
            for _ in 0..2 {
                booked.confirm(&house).await.expect(200);
            }
            house.until_idle().await;
            assert_eq!(vendors.refunds(vendor), [25_440]);
            let of = vendors
                .razorpay
                .with(|account| account.refunds.values().next().unwrap()["payment_id"].clone());
            assert_eq!(of, second.as_str());
            assert_eq!(booked.shown(&house).await["status"], "CONFIRMED");
            assert_eq!(compared(&house, &vendors).await, [Value::Null; 0]);
            assert_eq!(vendors.refunds(vendor), [25_440]);
        })
    });
}

#[test]
fn a_payment_without_a_webhook_is_found_within_five_minutes_and_within_one_in_silence() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            const MINUTE_MS: i64 = 60 * 1000;
            // The guest pays late, closes the browser, and no event comes.
            let found_after = async |request: &str, paid_after: i64| {
                let booked = book(&house, vendor, request).await;
                for _ in 0..paid_after {
                    vendors.advance_ms(&house, MINUTE_MS).await;
                    house.until_idle().await;
                }
                vendors.pay(vendor, &booked.order);
                for minutes in 1..10 {
                    vendors.advance_ms(&house, MINUTE_MS).await;
                    house.until_idle().await;
                    if booked.shown(&house).await["status"] == "CONFIRMED" {
                        return minutes;
                    }
                }
                panic!("nobody asked for it");
            };
            assert!(found_after("r1", 9).await <= 5);
            vendors.advance_ms(&house, 31 * MINUTE_MS).await;
            assert_eq!(found_after("r2", 9).await, 1);
        })
    });
}
