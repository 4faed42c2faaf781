//! The inbox: what a provider says and nobody books, what it was asked and did not do; each settled
//! in one step, by people of the house alone.

use axum::http::Method;
use serde_json::{Value, json};
use vacancy_app::jobs::parked;
use vacancy_domain::ids::WorkItemId;
use vacancy_store::jobs::watch;
use vacancy_store::work_items::{self, NewWorkItem, WorkKind};

use super::disputes::{Case, until_told};
use super::house::{Answer, House, on_sqlite, text};
use super::stand_in::Trouble;
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

/// How much the vendor says that it took.
fn says_taken(vendors: &Vendors, vendor: Vendor, paid: &str, minor: i64) {
    match vendor {
        Vendor::Stripe => vendors.stripe.with(|account| {
            for intent in account.intents.values_mut() {
                intent["amount_received"] = json!(minor);
            }
        }),
        Vendor::Razorpay => vendors.razorpay.with(|account| {
            account.payments.get_mut(paid).unwrap()["amount"] = json!(minor);
        }),
    }
}

#[test]
fn an_inbox_belongs_to_a_business() {
    on_sqlite(|house| {
        Box::pin(async move {
            let guest = text(&house.book("r1", json!({})).await["guestToken"]);
            for path in
                ["/v1/payments/inbox", "/v1/payments/disputes", "/v1/payments/inbox?limit=1"]
            {
                house.get(path).by(&guest).send().await.problem(403, "forbidden");
                let nobodys = house.get(path).by(&house.admin).send().await;
                nobodys.blames(400, "missing_field", "businessId");
            }
        })
    });
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
            house.until_idle().await;
            let shown = house.get(&payment).by(&house.owner).send().await.expect(200);
            assert_eq!(shown["refunds"][0]["reason"], "sorry");
            assert_eq!(vendors.refunds(vendor), [25_440]);
            assert_eq!(inbox(&house, &house.owner, "").await, [Value::Null; 0]);
            assert_eq!(inbox(&house, &house.owner, "?state=settled").await, [settled]);
        })
    });
}

/// The guest pays 200.00 where 254.40 was asked for; gives what the vendor calls the payment.
fn other_money_comes(vendors: &Vendors, vendor: Vendor, booked: &Booked) -> String {
    let paid = vendors.pay(vendor, &booked.order);
    says_taken(vendors, vendor, &paid, 20_000);
    paid
}

#[test]
fn money_of_another_amount_is_parked_never_confirmed_and_goes_back_in_one_step() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            other_money_comes(&vendors, vendor, &booked);
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
fn other_money_that_people_see_to_elsewhere_keeps_no_rooms() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            other_money_comes(&vendors, vendor, &booked);
            booked.confirm(&house).await.blames(409, "mismatch", "/amount");
            let open = inbox(&house, &house.owner, "").await;
            let dismiss = json!({"resolution": "dismiss"});
            resolve(&house, &open[0], &dismiss).await.expect(200);
            let shown = booked.shown(&house).await;
            assert_eq!(
                (&shown["status"], &shown["paymentState"]),
                (&json!("PENDING_PAYMENT"), &json!("failed"))
            );
            // Told once more it is the same, and stays left.
            booked.confirm(&house).await.blames(409, "mismatch", "/amount");
            assert_eq!(inbox(&house, &house.owner, "").await, [Value::Null; 0]);
            vendors.advance_ms(&house, 60 * 60 * 1000).await;
            house.until_status(&booked.path, &booked.token, "EXPIRED").await;
        })
    });
}

#[test]
fn money_of_another_amount_stays_a_matter_while_its_provider_says_nothing_of_it() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let paid = other_money_comes(&vendors, vendor, &booked);
            booked.confirm(&house).await.blames(409, "mismatch", "/amount");
            let open = inbox(&house, &house.owner, "").await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("payment_mismatch")));
            let retry = json!({"resolution": "retry"});
            vendors.refuse_key(vendor, true);
            resolve(&house, &open[0], &retry).await.problem(503, "outcome_unknown");
            vendors.refuse_key(vendor, false);
            vendors.trouble(vendor, &[Trouble::Lost; 3]);
            resolve(&house, &open[0], &retry).await.problem(503, "outcome_unknown");
            vendors.heal(vendor);
            resolve(&house, &open[0], &retry).await.blames(409, "mismatch", "/amount");
            assert_eq!(inbox(&house, &house.owner, "").await, open);
            says_taken(&vendors, vendor, &paid, 25_440);
            resolve(&house, &open[0], &retry).await.expect(200);
            assert_eq!(booked.shown(&house).await["status"], "CONFIRMED");
            assert_eq!(inbox(&house, &house.owner, "").await, [Value::Null; 0]);
        })
    });
}

#[test]
fn who_may_only_change_inventory_settles_no_matter_about_money() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let paid = vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            says_paid(&vendors, vendor, &booked, &paid, false);
            let payment = format!("/v1/payments/{}", text(&booked.opened["paymentId"]));
            let ask = house.post(format!("{payment}/refunds")).by(&house.owner);
            let body = json!({"reason": "x"});
            let ask = ask.header("idempotency-key", "k").send_json(&body);
            ask.await.problem(409, "refund_refused");
            let items = format!("/v1/hotels/{}/work-items", house.hotel);
            let shown = house.get(&items).by(&house.program).send().await.expect(200);
            let matter = format!("{items}/{}", text(&shown["items"][0]["workItemId"]));
            let settle =
                async |by: &str| house.ask(Method::DELETE, &*matter).by(by).send().await.status;
            assert_eq!(settle(&house.program).await, 403);
            assert_eq!(inbox(&house, &house.owner, "").await.len(), 1);
            assert_eq!(settle(&house.owner).await, 204);
            assert_eq!(inbox(&house, &house.owner, "").await, [Value::Null; 0]);
        })
    });
}

#[test]
fn a_refund_that_was_given_up_is_made_by_the_step_of_its_matter() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            vendors.trouble(vendor, &[Trouble::Refused(500); 100]);
            let cancel = house.post(format!("{}/cancel", booked.path)).by(&booked.token);
            cancel.send().await.expect(200);
            for _ in 0..12 {
                vendors.advance_ms(&house, 60 * 60 * 1000).await;
                house.until_idle().await;
            }
            let (given_up, _) =
                parked::list(&house.state.db, watch::Cursor::START, 10).await.unwrap();
            assert_eq!((given_up.len(), &*given_up[0].kind), (1, "refund"));
            let open = inbox(&house, &house.owner, "").await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("payment_unsettled")));
            vendors.trouble(vendor, &[]);
            vendors.advance_ms(&house, 60 * 1000).await;
            resolve(&house, &open[0], &json!({"resolution": "retry"})).await.expect(200);
            booked.until(&house, "REFUNDED").await;
            assert_eq!(vendors.refunds(vendor), [25_440]);
            assert_eq!(inbox(&house, &house.owner, "").await, [Value::Null; 0]);
        })
    });
}

/// A payment of an order that came once more than it should, and that no refund is taken of.
async fn comes_again(house: &House, vendors: &Vendors, booked: &Booked) -> String {
    vendors.advance_ms(house, 1_000).await;
    let again = vendors.pay(Vendor::Razorpay, &booked.order);
    vendors.razorpay.with(|account| account.dispute(&again, true));
    again
}

#[test]
fn two_payments_that_came_besides_the_first_have_a_matter_and_a_step_each() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            // A session of Stripe's can be paid once.
            if vendor == Vendor::Stripe {
                return;
            }
            let booked = book(&house, vendor, "r1").await;
            vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            let second = comes_again(&house, &vendors, &booked).await;
            let third = comes_again(&house, &vendors, &booked).await;
            // The second has a matter that an older version filed, under the payment's name alone.
            let named = json!({
                "payment": booked.opened["paymentId"], "provider_payment_id": second,
                "amount_minor": 25_440, "currency": "EUR",
            });
            let data = json!({
                "payment": booked.opened["paymentId"], "reservation": booked.reservation,
                "job": ["return_surplus", named.to_string()],
            });
            let old = NewWorkItem {
                property: house.hotel,
                id: WorkItemId(house.state.ids.next_id()),
                kind: WorkKind::PaidTwice,
                subject: text(&booked.opened["paymentId"]),
                detail: "told by an older version".to_owned(),
                data: data.to_string(),
            };
            let file = house.state.db.write(move |tx| {
                let old = old.clone();
                Box::pin(async move { work_items::add(tx, tx.now_ms().await?, &[old]).await })
            });
            file.await.unwrap();
            booked.confirm(&house).await.expect(200);
            let mut open = Vec::new();
            for _ in 0..5 {
                house.until_idle().await;
                open = inbox(&house, &house.owner, "?kind=paid_twice").await;
                if open.len() == 2 {
                    break;
                }
                vendors.advance_ms(&house, 10_000).await;
            }
            assert_eq!(open.len(), 2, "{open:?}");
            assert_eq!(open[0]["detail"], "told by an older version");
            assert!(text(&open[1]["detail"]).contains(&third), "{open:?}");
            vendors.razorpay.with(|account| account.disputes.clear());
            for (at, matter) in open.iter().enumerate() {
                let retry = json!({"resolution": "retry"});
                resolve(&house, matter, &retry).await.expect(200);
                for _ in 0..5 {
                    vendors.advance_ms(&house, 10_000).await;
                    house.until_idle().await;
                    if vendors.refunds(vendor).len() == at + 1 {
                        break;
                    }
                }
                assert_eq!(vendors.refunds(vendor).len(), at + 1);
            }
            let mut back: Vec<_> = vendors.razorpay.with(|account| {
                account.refunds.values().map(|refund| text(&refund["payment_id"])).collect()
            });
            back.sort_unstable();
            let mut both = [second, third];
            both.sort_unstable();
            assert_eq!(back, both);
            assert_eq!(booked.shown(&house).await["status"], "CONFIRMED");
        })
    });
}

#[test]
fn who_still_has_the_question_on_the_screen_does_not_dismiss_the_chargeback() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let case = Case::open(house, vendors, vendor, false).await;
            let house = &case.house;
            let asked = case.asked().await;
            assert_eq!(until_told(house, "asks about").await["revision"], asked["revision"]);
            case.takes(case.amount);
            case.post("charge.dispute.funds_withdrawn", "payment.dispute.action_required").await;
            let taken = until_told(house, "took back").await;
            assert_eq!(taken["matterId"], asked["matterId"]);
            let step = |seen: &Value| json!({"resolution": "dismiss", "revision": seen});
            let refused = resolve(house, &asked, &step(&asked["revision"])).await;
            assert_eq!(refused.problem(409, "matter_changed")["matter"], taken);
            assert_eq!(inbox(house, &house.owner, "").await, std::slice::from_ref(&taken));
            let done = resolve(house, &taken, &step(&taken["revision"])).await.expect(200);
            assert_eq!(done["settlement"]["resolution"], "dismiss");
            // The same step again finds it settled, whatever was on the screen.
            resolve(house, &taken, &step(&asked["revision"])).await.expect(200);
            assert_eq!(inbox(house, &house.owner, "").await, Vec::<Value>::new());
            let long = json!("x".repeat(65));
            resolve(house, &taken, &step(&long)).await.blames(400, "too_long", "/revision");
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
