//! The inbox: what a provider says and nobody books, what it was asked and did not do; each settled
//! in one step, by people of the house alone.

use serde_json::{Value, json};

use super::house::{Answer, House, text};
use super::vendors::{Booked, Vendor, Vendors, book, with_each};

async fn inbox(house: &House, by: &str, query: &str) -> Vec<Value> {
    let shown = house.get(format!("/v1/payments/inbox{query}")).by(by).send().await.expect(200);
    shown["items"].as_array().unwrap().clone()
}

async fn resolve(house: &House, matter: &Value, body: &Value) -> Answer {
    let path = format!("/v1/payments/inbox/{}/resolve", text(&matter["matterId"]));
    house.post(path).by(&house.owner).send_json(body).await
}

/// Whether the vendor says that the money is there.
fn says_paid(vendors: &Vendors, vendor: Vendor, booked: &Booked, paid: &str, is_there: bool) {
    match vendor {
        Vendor::Stripe => {
            let status = if is_there { "succeeded" } else { "processing" };
            vendors.stripe.with(|account| account.set_intent(&booked.order, status));
        }
        Vendor::Razorpay => {
            let status = if is_there { "captured" } else { "created" };
            vendors.razorpay.with(|account| account.set(paid, status));
        }
    }
}

#[test]
fn a_refund_that_failed_is_tried_again_in_one_step() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let paid = vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            says_paid(&vendors, vendor, &booked, &paid, false);
            let payment = format!("/v1/payments/{}", text(&booked.opened["paymentId"]));
            let body = json!({"reason": "sorry"});
            let ask = house.post(format!("{payment}/refunds")).by(&house.owner);
            let ask = ask.header("idempotency-key", "k").send_json(&body);
            ask.await.problem(409, "refund_refused");
            let open = inbox(&house, &house.owner, "?kind=refund_failed").await;
            assert_eq!(open.len(), 1);
            assert_eq!(
                (&open[0]["state"], &open[0]["kind"]),
                (&json!("open"), &json!("refund_failed"))
            );
            assert_eq!(open[0]["reservationId"], booked.reservation.as_str());
            assert_eq!(open[0]["resolutions"], json!(["retry", "dismiss"]));
            assert_eq!(inbox(&house, &house.stranger, "").await, [Value::Null; 0]);
            let wrong = resolve(&house, &open[0], &json!({"resolution": "refund"})).await;
            wrong.blames(422, "not_applicable", "/resolution");
            says_paid(&vendors, vendor, &booked, &paid, true);
            let retry = json!({"resolution": "retry", "note": "they are back"});
            let settled = resolve(&house, &open[0], &retry).await.expect(200);
            assert_eq!(settled["settlement"]["note"], "they are back");
            assert_eq!(settled["settlement"]["resolution"], "retry");
            assert_eq!(resolve(&house, &open[0], &retry).await.expect(200), settled);
            let other = resolve(&house, &open[0], &json!({"resolution": "dismiss"})).await;
            other.problem(409, "invalid_transition");
            house.state.jobs.run_due_once().await.unwrap();
            let mut shown = Value::Null;
            for _ in 0..20_000 {
                shown = house.get(&payment).by(&house.owner).send().await.expect(200);
                if shown["refunds"] != json!([]) {
                    break;
                }
                tokio::task::yield_now().await;
            }
            assert_eq!(shown["refunds"][0]["reason"], "sorry");
            assert_eq!(vendors.refunds(vendor), [25_440]);
            assert_eq!(inbox(&house, &house.owner, "").await, [Value::Null; 0]);
            assert_eq!(inbox(&house, &house.owner, "?state=settled").await, [settled]);
        })
    });
}

#[test]
fn money_of_another_amount_is_parked_never_confirmed_and_goes_back_in_one_step() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let paid = vendors.pay(vendor, &booked.order);
            match vendor {
                Vendor::Stripe => vendors.stripe.with(|account| {
                    for intent in account.intents.values_mut() {
                        intent["amount_received"] = json!(20_000);
                    }
                }),
                Vendor::Razorpay => vendors.razorpay.with(|account| {
                    account.payments.get_mut(&paid).unwrap()["amount"] = json!(20_000);
                }),
            }
            for _ in 0..2 {
                booked.confirm(&house).await.blames(409, "mismatch", "/amount");
            }
            let shown = booked.shown(&house).await;
            assert_eq!(shown["status"], "PENDING_PAYMENT");
            let open = inbox(&house, &house.owner, "").await;
            assert_eq!(open.len(), 1);
            assert_eq!(open[0]["kind"], "payment_mismatch");
            assert_eq!(open[0]["paymentId"], booked.opened["paymentId"]);
            let refund = json!({"resolution": "refund"});
            let settled = resolve(&house, &open[0], &refund).await.expect(200);
            assert_eq!(settled["state"], "settled");
            assert_eq!(vendors.refunds(vendor), [20_000]);
            let payment = format!("/v1/payments/{}", text(&booked.opened["paymentId"]));
            let payment = house.get(payment).by(&house.owner).send().await.expect(200);
            assert_eq!(payment["paymentStatus"], "CANCELED");
            // The guest may pay again, the right amount this time.
            let shown = booked.shown(&house).await;
            assert_eq!(
                (&shown["status"], &shown["paymentState"]),
                (&json!("PENDING_PAYMENT"), &json!("failed"))
            );
        })
    });
}

#[test]
fn the_inbox_is_for_people_of_the_house_who_may_give_money_back() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let paid = vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            says_paid(&vendors, vendor, &booked, &paid, false);
            let payment = text(&booked.opened["paymentId"]);
            let body = json!({"reason": "x"});
            let ask = house.post(format!("/v1/payments/{payment}/refunds")).by(&house.owner);
            let ask = ask.header("idempotency-key", "k").send_json(&body);
            ask.await.problem(409, "refund_refused");
            let open = inbox(&house, &house.accountant, "").await;
            let path = format!("/v1/payments/inbox/{}/resolve", text(&open[0]["matterId"]));
            let dismiss = json!({"resolution": "dismiss", "note": "paid back in cash"});
            for (by, status) in [
                ("", 401),
                (&*house.stranger, 404),
                (&*house.accountant, 403),
                (&*booked.token, 403),
            ] {
                assert_eq!(house.post(&path).by(by).send_json(&dismiss).await.status, status);
            }
            let guest = house.get("/v1/payments/inbox").by(&booked.token).send().await;
            assert!([400, 403].contains(&guest.status));
            let wrong = house.get("/v1/payments/inbox?kind=oversold").by(&house.owner).send().await;
            wrong.blames(400, "invalid_value", "kind");
            let wrong = house.get("/v1/payments/inbox?state=gone").by(&house.owner).send().await;
            wrong.blames(400, "invalid_value", "state");
            resolve(&house, &open[0], &dismiss).await.expect(200);
            assert_eq!(vendors.refunds(vendor), [0_i64; 0]);
        })
    });
}
