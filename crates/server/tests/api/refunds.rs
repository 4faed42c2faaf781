//! Money that staff give back: a part or all, once per key, never more than there is, whatever the
//! provider answers.

use serde_json::{Value, json};
use vacancy_app::access::Actor;
use vacancy_connect::payments::Provider;
use vacancy_connect::payments::order::RefundRequest;
use vacancy_connect::payments::sandbox::PayWith;
use vacancy_domain::ids::{RefundId, WorkItemId};
use vacancy_domain::money::Money;
use vacancy_store::work_items::{self, NewWorkItem, WorkKind};

use super::house::{Answer, House, on_both, on_sqlite, path_of, text};
use super::stand_in::Trouble;
use super::vendors::{book, with_each};

fn eur(minor: i64) -> Value {
    json!({"amount": minor, "currency": "EUR"})
}

/// What is due is paid; gives the payment's address.
async fn pay(house: &House, booked: &Value) -> String {
    let token = text(&booked["guestToken"]);
    let ask = json!({
        "reservationId": booked["reservationId"],
        "paymentProvider": "SANDBOX",
        "returnUrl": "https://app.example.com/return",
    });
    let opened = house.post("/v1/payments/order").by(&token).send_json(&ask).await.expect(200);
    let order_id = text(&opened["paymentOrderId"]);
    house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await.unwrap();
    let back = json!({"reservationId": booked["reservationId"], "paymentOrderId": order_id});
    house.post("/v1/payments/confirm").by(&token).send_json(&back).await.expect(200);
    format!("/v1/payments/{}", text(&opened["paymentId"]))
}

async fn refund(house: &House, payment: &str, key: &str, body: &Value) -> Answer {
    let ask = house.post(format!("{payment}/refunds")).by(&house.owner);
    let answer = ask.header("idempotency-key", key).send_json(body).await;
    // The refund is told before its job is noted as done, and the next one waits for that.
    house.until_idle().await;
    answer
}

async fn shown(house: &House, path: &str) -> Value {
    house.get(path).by(&house.owner).send().await.expect(200)
}

#[test]
fn a_part_goes_back_and_then_the_rest_and_the_folio_adds_up() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, payment) = (path_of(&booked), pay(&house, &booked).await);
            let part = json!({"amount": eur(5_000), "reason": "the heating was out"});
            let made = refund(&house, &payment, "k-1", &part).await.expect(201);
            assert_eq!((&made["refundStatus"], &made["amount"]), (&json!("SUCCESS"), &eur(5_000)));
            let told = shown(&house, &payment).await;
            assert_eq!(told["refunded"], eur(5_000));
            assert_eq!(told["refunds"][0]["refundId"], made["refundId"]);
            assert_eq!(told["refunds"][0]["reason"], "the heating was out");
            let told = shown(&house, &path).await;
            assert_eq!(
                (&told["status"], &told["paymentState"], &told["refunded"]),
                (&json!("CONFIRMED"), &json!("partially_refunded"), &eur(5_000))
            );
            assert_eq!((&told["due"], &told["allowance"]), (&eur(0), &eur(5_000)));
            let last = told["history"].as_array().unwrap().last().unwrap().clone();
            assert_eq!(last["action"], "refund");
            let too_much = json!({"amount": eur(20_441), "reason": "x"});
            let refused = refund(&house, &payment, "k-2", &too_much).await;
            refused.blames(422, "refund_too_large", "/amount");
            assert_eq!(refused.problem(422, "refund_too_large")["refundable"], eur(20_440));
            let rest = refund(&house, &payment, "k-3", &json!({"reason": "sorry"})).await;
            assert_eq!(rest.expect(201)["amount"], eur(20_440));
            let nothing = refund(&house, &payment, "k-4", &json!({"reason": "x"})).await;
            nothing.problem(409, "nothing_to_refund");
            let folio = shown(&house, &format!("{path}/folio")).await;
            let entries = folio["entries"].as_array().unwrap();
            let sum: i64 =
                entries.iter().map(|entry| entry["amount"]["amount"].as_i64().unwrap()).sum();
            assert_eq!((sum, &folio["balance"]), (0, &eur(0)));
            let back: Vec<&Value> =
                entries.iter().filter(|entry| entry["kind"] == "refund").collect();
            assert_eq!(back.len(), 2);
            assert_eq!((&back[1]["text"], &back[1]["amount"]), (&json!("sorry"), &eur(20_440)));
        })
    });
}

#[test]
fn the_same_key_is_the_same_refund_and_another_body_is_refused() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let payment = pay(&house, &booked).await;
            let part = json!({"amount": eur(5_000), "reason": "x"});
            let first = refund(&house, &payment, "k", &part).await;
            let again = refund(&house, &payment, "k", &part).await;
            assert_eq!(again.expect(201), first.expect(201));
            assert!(again.is_replayed() && !first.is_replayed());
            let other = json!({"amount": eur(6_000), "reason": "x"});
            refund(&house, &payment, "k", &other).await.problem(422, "idempotency_key_reused");
            assert_eq!(shown(&house, &payment).await["refunded"], eur(5_000));
            let nameless = house.post(format!("{payment}/refunds")).by(&house.owner);
            let refused = nameless.send_json(&part).await;
            refused.blames(400, "idempotency_key_required", "Idempotency-Key");
        })
    });
}

#[test]
fn what_staff_say_of_the_money_is_checked_field_by_field() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let payment = pay(&house, &booked).await;
            let usd = json!({"amount": 1, "currency": "USD"});
            for (body, status, code, pointer) in [
                (json!({"amount": eur(0), "reason": "x"}), 400, "out_of_range", "/amount/amount"),
                (json!({"amount": eur(-1), "reason": "x"}), 400, "out_of_range", "/amount/amount"),
                (json!({"amount": usd, "reason": "x"}), 409, "mismatch", "/amount/currency"),
                (json!({"amount": 1, "reason": "x"}), 400, "invalid_type", "/amount"),
                (json!({"reason": ""}), 400, "empty", "/reason"),
                (json!({"reason": "x".repeat(501)}), 400, "too_long", "/reason"),
                (json!({}), 400, "missing_field", "/reason"),
            ] {
                refund(&house, &payment, "k", &body).await.blames(status, code, pointer);
            }
            // Nothing came of this one, so nothing can go back.
            let unpaid = house.book("r2", json!({})).await;
            let ask = json!({
                "reservationId": unpaid["reservationId"], "paymentProvider": "SANDBOX",
                "returnUrl": "https://app.example.com/return",
            });
            let ask = house.post("/v1/payments/order").by(&house.owner).send_json(&ask).await;
            let unpaid = format!("/v1/payments/{}", text(&ask.expect(200)["paymentId"]));
            let refused = refund(&house, &unpaid, "k", &json!({"reason": "x"})).await;
            refused.problem(409, "nothing_to_refund");
        })
    });
}

#[test]
fn what_goes_back_at_will_is_asked_for_again_only_where_staff_say_so() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, payment) = (path_of(&booked), pay(&house, &booked).await);
            let in_cash = json!({"amount": eur(4_000), "stillDue": true, "reason": "pays in cash"});
            refund(&house, &payment, "k-1", &in_cash).await.expect(201);
            let told = shown(&house, &path).await;
            assert_eq!((&told["due"], &told["allowance"]), (&eur(4_000), &eur(0)));
            let at_will = json!({"amount": eur(5_000), "reason": "the heating was out"});
            refund(&house, &payment, "k-2", &at_will).await.expect(201);
            let told = shown(&house, &path).await;
            assert_eq!((&told["due"], &told["allowance"]), (&eur(4_000), &eur(5_000)));
            let folio = shown(&house, &format!("{path}/folio")).await;
            assert_eq!(folio["balance"], eur(4_000));
            let entries = folio["entries"].as_array().unwrap();
            let let_off = entries.iter().find(|entry| entry["kind"] == "allowance").unwrap();
            assert_eq!(
                (&let_off["text"], &let_off["amount"]["amount"]),
                (&json!("the heating was out"), &json!(-5_000))
            );
        })
    });
}

#[test]
fn what_went_back_at_will_is_no_part_of_what_a_cancellation_gives_back() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, payment) = (path_of(&booked), pay(&house, &booked).await);
            let at_will = json!({"amount": eur(5_000), "reason": "the heating was out"});
            refund(&house, &payment, "k", &at_will).await.expect(201);
            let cancel = house.post(format!("{path}/cancel")).by(&house.owner);
            let previewed = cancel.send_json(&json!({"preview": true})).await.expect(200);
            assert_eq!(previewed["refund"], eur(20_440));
            let cancel = house.post(format!("{path}/cancel")).by(&house.owner);
            assert_eq!(cancel.send().await.expect(200)["refund"], eur(20_440));
            house.until_status(&path, &house.owner, "REFUNDED").await;
            let folio = shown(&house, &format!("{path}/folio")).await;
            assert_eq!(folio["balance"], eur(0));
        })
    });
}

#[test]
fn what_is_on_its_way_back_cannot_be_asked_back_again() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            let payment = format!("/v1/payments/{}", text(&booked.opened["paymentId"]));
            vendors.trouble(vendor, &[Trouble::Lost; 3]);
            let most = json!({"amount": eur(20_000), "reason": "x"});
            refund(&house, &payment, "k-1", &most).await.expect(202);
            let refused = refund(&house, &payment, "k-2", &most).await;
            assert_eq!(refused.problem(422, "refund_too_large")["refundable"], eur(5_440));
            let again = refund(&house, &payment, "k-1", &most).await;
            assert!(again.is_replayed());
            let matters = shown(&house, &format!("/v1/hotels/{}/work-items", house.hotel)).await;
            assert_eq!(matters["items"], json!([]));
        })
    });
}

#[test]
fn a_cancellation_gives_several_payments_back() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let first = pay(&house, &booked).await;
            let longer = json!({"checkInDate": "2027-03-10", "checkOutDate": "2027-03-13"});
            let moved = house.post(format!("{path}/reschedule")).by(&token).send_json(&longer);
            assert_eq!(moved.await.expect(200)["amountDue"], eur(12_720));
            let second = pay(&house, &booked).await;
            let part = json!({"amount": eur(1_000), "reason": "x"});
            refund(&house, &first, "k", &part).await.expect(201);
            house.post(format!("{path}/cancel")).by(&token).send().await.expect(200);
            let told = house.until_status(&path, &token, "REFUNDED").await;
            assert_eq!(told["refunded"], eur(38_160));
            let amounts = async |payment: &str| {
                let told = shown(&house, payment).await;
                assert_eq!(told["refunded"], told["captured"]);
                let refunds = told["refunds"].as_array().unwrap().clone();
                refunds.iter().map(|refund| refund["amount"].clone()).collect::<Vec<_>>()
            };
            assert_eq!(amounts(&first).await, [eur(1_000), eur(24_440)]);
            assert_eq!(amounts(&second).await, [eur(12_720)]);
            let folio = shown(&house, &format!("{path}/folio")).await;
            assert_eq!(folio["balance"], eur(0));
        })
    });
}

#[test]
fn a_refund_whose_answer_is_lost_is_pending_and_given_once() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            let payment = format!("/v1/payments/{}", text(&booked.opened["paymentId"]));
            let part = json!({"amount": eur(5_000), "reason": "x"});
            // Whichever call of the first attempts it is: each gets lost once.
            vendors.trouble(vendor, &[Trouble::Lost; 3]);
            let pending = refund(&house, &payment, "k", &part).await;
            assert_eq!(pending.header("location"), payment);
            assert_eq!(pending.expect(202)["refundStatus"], "PENDING");
            // Who cancels now has the rest back, but only when the end of this one is known.
            let cancel = house.post(format!("{}/cancel", booked.path)).by(&booked.token);
            cancel.send().await.expect(200);
            for _ in 0..5 {
                vendors.advance_ms(&house, 60 * 1000).await;
                house.until_idle().await;
            }
            booked.until(&house, "REFUNDED").await;
            let made = refund(&house, &payment, "k", &part).await;
            assert!(made.is_replayed());
            assert_eq!(made.expect(201)["amount"], eur(5_000));
            assert_eq!(vendors.refunds(vendor), [5_000, 20_440]);
        })
    });
}

#[test]
fn a_refund_that_the_provider_refuses_is_told_and_becomes_a_matter() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let payment = pay(&house, &booked).await;
            let id = payment.rsplit('/').next().unwrap().parse().unwrap();
            let ours = house.state.payments.show(&Actor::System, id).await.unwrap().0;
            // Somebody was quicker, in the provider's own pages.
            let elsewhere = RefundRequest {
                refund_id: RefundId(1),
                amount: Money::new(20_000, ours.amount.currency),
                payment: ours,
                now_ms: house.now_ms(),
            };
            house.state.sandbox.refund(&elsewhere).await.unwrap();
            let all = json!({"reason": "x"});
            for _ in 0..2 {
                refund(&house, &payment, "k", &all).await.problem(409, "refund_refused");
            }
            let matters = shown(&house, &format!("/v1/hotels/{}/work-items", house.hotel)).await;
            assert_eq!(matters["items"].as_array().unwrap().len(), 1);
            assert_eq!(matters["items"][0]["kind"], "refund_failed");
            let part = json!({"amount": eur(5_440), "reason": "x"});
            refund(&house, &payment, "another", &part).await.expect(201);
        })
    });
}

#[test]
fn a_refund_that_was_done_again_is_found_under_its_key() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let payment = pay(&house, &booked).await;
            let order = text(&shown(&house, &payment).await["paymentOrderId"]);
            let sandbox = &house.state.sandbox;
            // The bank has the money, and nobody here has heard of it.
            sandbox.dispute(&order, house.now_ms()).await.unwrap();
            let part = json!({"amount": eur(5_000), "reason": "x"});
            refund(&house, &payment, "k", &part).await.problem(409, "refund_refused");
            sandbox.end_dispute(&order, true, house.now_ms()).await.unwrap();
            let inbox = shown(&house, "/v1/payments/inbox?kind=refund_failed").await;
            let matter = text(&inbox["items"][0]["matterId"]);
            let resolve = house.post(format!("/v1/payments/inbox/{matter}/resolve"));
            let retry = json!({"resolution": "retry"});
            resolve.by(&house.owner).send_json(&retry).await.expect(200);
            let made = refund(&house, &payment, "k", &part).await.expect(201);
            let told = shown(&house, &payment).await;
            assert_eq!(told["refunds"][0]["refundId"], made["refundId"]);
            assert_eq!(
                (&told["refunded"], told["refunds"].as_array().unwrap().len()),
                (&eur(5_000), 1)
            );
        })
    });
}

#[test]
fn a_refund_that_was_made_after_people_heard_that_it_failed_is_not_given_again() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            for (request, is_retried) in [("r1", false), ("r2", true)] {
                let booked = book(&house, vendor, request).await;
                vendors.pay(vendor, &booked.order);
                booked.confirm(&house).await.expect(200);
                let payment = text(&booked.opened["paymentId"]);
                vendors.trouble(vendor, &[Trouble::Lost; 3]);
                let part = json!({"amount": eur(5_000), "reason": "x"});
                let path = format!("/v1/payments/{payment}");
                let asked = refund(&house, &path, request, &part).await.expect(202);
                vendors.heal(vendor);
                // Its job was refused, told people, and died before it was done.
                let job = json!({
                    "payment": payment, "amount_minor": 5_000, "reason": "x", "actor": "owner",
                });
                let job = json!(["refund_payment", job.to_string()]);
                let told = NewWorkItem {
                    property: house.hotel,
                    id: WorkItemId(house.state.ids.next_id()),
                    kind: WorkKind::RefundFailed,
                    subject: text(&asked["refundId"]),
                    detail: "refused".to_owned(),
                    data: json!({"reservation": booked.reservation, "job": job}).to_string(),
                };
                let file = house.state.db.write(move |tx| {
                    let told = told.clone();
                    Box::pin(async move { work_items::add(tx, tx.now_ms().await?, &[told]).await })
                });
                file.await.unwrap();
                let failed = "/v1/payments/inbox?kind=refund_failed";
                if is_retried {
                    let matter = text(&shown(&house, failed).await["items"][0]["matterId"]);
                    let resolve = house.post(format!("/v1/payments/inbox/{matter}/resolve"));
                    let retry = json!({"resolution": "retry"});
                    resolve.by(&house.owner).send_json(&retry).await.expect(200);
                }
                for _ in 0..5 {
                    vendors.advance_ms(&house, 60 * 1000).await;
                    house.until_idle().await;
                }
                assert_eq!(shown(&house, &path).await["refunded"], eur(5_000));
                assert_eq!(shown(&house, failed).await["items"], json!([]));
            }
            assert_eq!(vendors.refunds(vendor), [5_000, 5_000]);
        })
    });
}

#[test]
fn a_refund_that_failed_is_nobodys_matter_once_all_of_the_payment_went_back() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let payment = pay(&house, &booked).await;
            let order = text(&shown(&house, &payment).await["paymentOrderId"]);
            let sandbox = &house.state.sandbox;
            // The bank has the money, and nobody here has heard of it.
            sandbox.dispute(&order, house.now_ms()).await.unwrap();
            let part = json!({"amount": eur(5_000), "reason": "x"});
            refund(&house, &payment, "k-1", &part).await.problem(409, "refund_refused");
            sandbox.end_dispute(&order, true, house.now_ms()).await.unwrap();
            let open = async || {
                house.until_idle().await;
                let inbox = shown(&house, "/v1/payments/inbox?kind=refund_failed").await;
                inbox["items"].as_array().unwrap().len()
            };
            refund(&house, &payment, "k-2", &part).await.expect(201);
            assert_eq!(open().await, 1, "what is left may go back");
            let rest = json!({"reason": "x"});
            refund(&house, &payment, "k-3", &rest).await.expect(201);
            assert_eq!(open().await, 0);
        })
    });
}

#[test]
fn what_is_owed_and_failed_is_what_is_left_of_it_when_it_is_done_again() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, payment) = (path_of(&booked), pay(&house, &booked).await);
            let order = text(&shown(&house, &payment).await["paymentOrderId"]);
            let sandbox = &house.state.sandbox;
            sandbox.dispute(&order, house.now_ms()).await.unwrap();
            house.post(format!("{path}/cancel")).by(&house.owner).send().await.expect(200);
            for _ in 0..12 {
                house.advance_ms(60 * 60 * 1000).await;
                house.until_idle().await;
            }
            sandbox.end_dispute(&order, true, house.now_ms()).await.unwrap();
            let inbox = shown(&house, "/v1/payments/inbox").await;
            assert_eq!(inbox["items"][0]["kind"], "refund_failed");
            let part = json!({"amount": eur(5_000), "reason": "x"});
            refund(&house, &payment, "k", &part).await.expect(201);
            house.advance_ms(1_000).await;
            let matter = text(&inbox["items"][0]["matterId"]);
            let resolve = house.post(format!("/v1/payments/inbox/{matter}/resolve"));
            let retry = json!({"resolution": "retry"});
            resolve.by(&house.owner).send_json(&retry).await.expect(200);
            house.until_status(&path, &house.owner, "REFUNDED").await;
            let told = shown(&house, &payment).await;
            let refunds = told["refunds"].as_array().unwrap().clone();
            let amounts: Vec<&Value> = refunds.iter().map(|refund| &refund["amount"]).collect();
            assert_eq!(amounts, [&eur(5_000), &eur(20_440)]);
            let folio = shown(&house, &format!("{path}/folio")).await;
            assert_eq!(folio["balance"], eur(0));
        })
    });
}

#[test]
fn nobody_is_told_to_pay_for_a_stay_that_has_ended() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, payment) = (path_of(&booked), pay(&house, &booked).await);
            house.post(format!("{path}/cancel")).by(&house.owner).send().await.expect(200);
            let ask = json!({"amount": eur(1), "stillDue": true, "reason": "x"});
            refund(&house, &payment, "k", &ask).await.problem(409, "invalid_transition");
        })
    });
}
