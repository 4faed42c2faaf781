//! Payments that are declined, lost, late, forged or at the property.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use vacancy_app::access::Actor;
use vacancy_app::payments::Payments;
use vacancy_app::payments::order::{ClaimedAmount, PaymentWish};
use vacancy_connect::payments::sandbox::{PayWith, SIGNATURE_HEADER};

use super::house::{Answer, House, on_both, on_sqlite, path_of, text};

async fn order(house: &House, booked: &Value, test: &str) -> Answer {
    let body = json!({
        "reservationId": booked["reservationId"],
        "paymentProvider": "SANDBOX",
        "returnUrl": "https://app.example.com/return",
    });
    let ask = house.post("/v1/payments/order").by(&text(&booked["guestToken"]));
    let ask = if test.is_empty() { ask } else { ask.header("vacancy-test", test) };
    ask.send_json(&body).await
}

async fn confirm(house: &House, booked: &Value, order: &str, changes: Value) -> Answer {
    let mut body = json!({"reservationId": booked["reservationId"], "paymentOrderId": order});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    house.post("/v1/payments/confirm").by(&text(&booked["guestToken"])).send_json(&body).await
}

#[test]
fn who_has_not_paid_yet_is_told_to_ask_again() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let opened = order(&house, &booked, "").await.expect(200);
            let order_id = text(&opened["paymentOrderId"]);
            let answer = confirm(&house, &booked, &order_id, json!({})).await;
            let told = answer.expect(202);
            assert_eq!(told["paymentStatus"], "PENDING");
            assert_eq!(told["bookingStatus"], "PENDING_PAYMENT");
            let payment = house.get(answer.header("location")).by(&text(&booked["guestToken"]));
            assert_eq!(payment.send().await.expect(200)["paymentStatus"], "PENDING");
            // Our own id of the payment is no claim about the provider's.
            let ours = json!({"paymentId": opened["paymentId"]});
            confirm(&house, &booked, &order_id, ours).await.expect(202);
        })
    });
}

#[test]
fn what_a_browser_brings_back_is_compared_and_never_believed() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let order_id = text(&order(&house, &booked, "").await.expect(200)["paymentOrderId"]);
            let visit = house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await;
            let paid = visit.unwrap().provider_payment_id.unwrap();
            for (changes, pointer) in [
                (json!({"providerPaymentId": "forged"}), "/providerPaymentId"),
                (json!({"providerPaymentId": paid, "signature": "00"}), "/providerPaymentId"),
                (json!({"amount": 1}), "/amount"),
                (json!({"currency": "USD"}), "/currency"),
                (json!({"paymentProvider": "OFFLINE"}), "/paymentProvider"),
            ] {
                let refused = confirm(&house, &booked, &order_id, changes).await;
                refused.blames(409, "mismatch", pointer);
            }
            let good = json!({"amount": 25_440, "currency": "EUR", "paymentProvider": "SANDBOX"});
            let told = confirm(&house, &booked, &order_id, good).await.expect(200);
            assert_eq!(told["bookingStatus"], "CONFIRMED");
        })
    });
}

#[test]
fn a_declined_payment_leaves_the_rooms_for_another_try() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let token = text(&booked["guestToken"]);
            let opened = order(&house, &booked, "payment_declined").await.expect(200);
            let order_id = text(&opened["paymentOrderId"]);
            house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await.unwrap();
            let told = confirm(&house, &booked, &order_id, json!({})).await.expect(200);
            assert_eq!(told["paymentStatus"], "FAILED");
            assert_eq!(told["bookingStatus"], "PENDING_PAYMENT");
            let shown = house.get(path_of(&booked)).by(&token).send().await.expect(200);
            assert_eq!(shown["paymentState"], "failed");
            let second = order(&house, &booked, "").await.expect(200);
            assert_ne!(second["paymentId"], opened["paymentId"]);
            let order_id = text(&second["paymentOrderId"]);
            house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await.unwrap();
            let told = confirm(&house, &booked, &order_id, json!({})).await.expect(200);
            assert_eq!(told["bookingStatus"], "CONFIRMED");
        })
    });
}

#[test]
fn a_lost_answer_is_found_again_by_asking_again() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let lost = order(&house, &booked, "payment_timeout").await;
            assert_eq!(lost.header("retry-after"), "2");
            let lost = lost.expect(202);
            let nowhere = (&lost["paymentStatus"], &lost["paymentOrderId"], &lost["checkoutUrl"]);
            assert_eq!(nowhere, (&json!("CREATED"), &json!(""), &Value::Null));
            let opened = order(&house, &booked, "payment_timeout").await.expect(200);
            let order_id = text(&opened["paymentOrderId"]);
            let _lost = house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await;
            let mut told = Value::Null;
            for _ in 0..3 {
                let answer = confirm(&house, &booked, &order_id, json!({})).await;
                told = answer.expect(answer.status);
                if answer.status == 200 {
                    break;
                }
                answer.expect(202);
            }
            assert_eq!(told["bookingStatus"], "CONFIRMED");
        })
    });
}

#[test]
fn a_test_outcome_is_for_the_sandbox_only() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let wrong = order(&house, &booked, "payment_free").await;
            wrong.blames(400, "invalid_value", "Vacancy-Test");
            let offline =
                json!({"reservationId": booked["reservationId"], "paymentProvider": "OFFLINE"});
            let token = text(&booked["guestToken"]);
            let ask = house.post("/v1/payments/order").by(&token);
            let refused = ask.header("vacancy-test", "payment_declined").send_json(&offline).await;
            refused.blames(400, "test_mode_only", "Vacancy-Test");
            let body = house.booking("r2", json!({}));
            let ask = house.post("/v1/reservations").header("vacancy-test", "sold_out");
            ask.send_json(&body).await.blames(400, "test_mode_only", "Vacancy-Test");
        })
    });
}

#[test]
fn whoever_asks_again_to_pay_at_the_property_has_the_room_too() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let reservation = text(&booked["reservationId"]).parse().unwrap();
            // As far as an instance came that died before it confirmed.
            let died = Payments { confirms_pay_at_property: false, ..house.state.payments.clone() };
            let wish = PaymentWish {
                reservation,
                return_url: String::new(),
                test_outcome: None,
                claimed: ClaimedAmount::default(),
            };
            let till = died.till(&Actor::System, reservation, "offline").await.unwrap();
            died.open_order(&Actor::System, &till, &wish).await.unwrap();
            let token = text(&booked["guestToken"]);
            let status = async || {
                house.get(path_of(&booked)).by(&token).send().await.expect(200)["status"].clone()
            };
            assert_eq!(status().await, "PENDING_PAYMENT");
            let body =
                json!({"reservationId": booked["reservationId"], "paymentProvider": "OFFLINE"});
            for _ in 0..2 {
                let again = house.post("/v1/payments/order").by(&token).send_json(&body).await;
                again.expect(200);
                assert_eq!(status().await, "CONFIRMED");
            }
        })
    });
}

#[test]
fn who_pays_at_the_property_has_the_room_at_once() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let token = text(&booked["guestToken"]);
            let body =
                json!({"reservationId": booked["reservationId"], "paymentProvider": "offline"});
            let opened = house.post("/v1/payments/order").by(&token).send_json(&body).await;
            let opened = opened.expect(200);
            assert_eq!(
                (&opened["checkoutUrl"], &opened["expiresAt"]),
                (&Value::Null, &Value::Null)
            );
            let shown = house.get(path_of(&booked)).by(&token).send().await.expect(200);
            assert_eq!(shown["status"], "CONFIRMED");
            // Only staff can say that the money is there.
            let order_id = text(&opened["paymentOrderId"]);
            confirm(&house, &booked, &order_id, json!({})).await.expect(202);
        })
    });
}

#[test]
fn nothing_is_to_be_paid_twice() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let order_id = text(&order(&house, &booked, "").await.expect(200)["paymentOrderId"]);
            house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await.unwrap();
            confirm(&house, &booked, &order_id, json!({})).await.expect(200);
            order(&house, &booked, "").await.problem(409, "nothing_due");
            let again = confirm(&house, &booked, &order_id, json!({})).await.expect(200);
            assert_eq!(again["paymentStatus"], "SUCCESS");
        })
    });
}

/// Makes a tariff of the hotel that is not there yet.
async fn make(house: &House, kind: &str, body: Value) {
    let path = format!("/v1/hotels/{}/{kind}", house.hotel);
    house.post(path).by(&house.owner).send_json(&body).await.expect(201);
}

#[test]
fn a_guest_confirms_what_costs_nothing() {
    on_both(|house| {
        Box::pin(async move {
            let rule = json!({"code": "FREE", "name": "Free", "promoCode": "FREE",
                "changeBp": -10_000});
            make(&house, "price-rules", rule).await;
            let booked = house.book("r1", json!({"promoCode": "FREE"})).await;
            assert_eq!(booked["price"]["finalPrice"]["amount"], 0);
            assert_eq!(booked["links"]["pay"], Value::Null);
            let confirm = text(&booked["links"]["confirm"]["href"]);
            order(&house, &booked, "").await.problem(409, "nothing_due");
            let other = text(&house.book("r2", json!({})).await["guestToken"]);
            house.post(confirm.clone()).by(&other).send().await.problem(404, "not_found");
            let token = text(&booked["guestToken"]);
            let shown = house.get(path_of(&booked)).by(&token).send().await.expect(200);
            assert_eq!(text(&shown["links"]["confirm"]["href"]), confirm);
            let shown = house.post(confirm).by(&token).send().await.expect(200);
            assert_eq!(shown["status"], "CONFIRMED");
        })
    });
}

#[test]
fn a_deposit_that_comes_to_nothing_is_none() {
    on_sqlite(|house| {
        Box::pin(async move {
            let policy = json!({"code": "MITE", "name": "Mite", "isStandard": true, "steps": [],
                "deposit": {"now": {"basisPoints": 1}}});
            make(&house, "policies", policy).await;
            let rule = json!({"code": "CENTS", "name": "Cents", "promoCode": "CENTS",
                "changeBp": -9_999});
            make(&house, "price-rules", rule).await;
            let booked = house.book("r1", json!({"promoCode": "CENTS"})).await;
            let token = text(&booked["guestToken"]);
            let shown = house.get(path_of(&booked)).by(&token).send().await.expect(200);
            assert!(0 < shown["due"]["amount"].as_i64().unwrap());
            assert_eq!(shown["dueNow"], shown["due"]);
            assert_eq!(shown["links"]["confirm"], Value::Null);
            let confirm = house.post(format!("{}/confirm", path_of(&booked))).by(&token);
            confirm.send().await.problem(403, "forbidden");
        })
    });
}

#[test]
fn who_had_a_stay_for_nothing_does_not_move_it_to_one_that_is_to_be_paid() {
    on_both(|house| {
        Box::pin(async move {
            let rates = format!("/v1/hotels/{}/rates", house.hotel);
            let rate = json!({"amount": 0, "currency": "EUR"});
            let free = json!({"ranges": [{"roomType": "DELUXE", "from": "2027-03-01",
                "to": "2027-04-01", "rate": rate}]});
            let set = house.ask(Method::PUT, rates).by(&house.owner);
            set.send_json(&free).await.expect(204);
            let booked = house.book("r1", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let confirm = || {
                let ask = house.post(format!("{path}/confirm")).by(&token);
                ask.header("idempotency-key", "k")
            };
            confirm().send().await.expect(200);
            let later = json!({"checkInDate": "2027-04-10", "checkOutDate": "2027-04-24",
                "rooms": {"DELUXE": 3}});
            for ask in [later.clone(), with_preview(&later)] {
                let moved = house.post(format!("{path}/reschedule")).by(&token);
                moved.send_json(&ask).await.problem(403, "forbidden");
            }
            let nearby = json!({"checkInDate": "2027-03-20", "checkOutDate": "2027-03-22"});
            let moved = house.post(format!("{path}/reschedule")).by(&token);
            moved.send_json(&nearby).await.expect(200);
            let moved = house.post(format!("{path}/reschedule")).by(&house.desk);
            assert!(
                0 < moved.send_json(&later).await.expect(200)["amountDue"]["amount"]
                    .as_i64()
                    .unwrap()
            );
            // What was answered is answered again, whatever it costs by now.
            assert!(confirm().send().await.is_replayed());
            confirm().send().await.expect(200);
        })
    });
}

fn with_preview(ask: &Value) -> Value {
    let mut ask = ask.clone();
    ask.as_object_mut().unwrap().insert("preview".to_owned(), json!(true));
    ask
}

#[test]
fn a_guest_confirms_nothing_that_is_to_be_paid() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            assert_eq!(booked["links"]["confirm"], Value::Null);
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let confirm = house.post(format!("{path}/confirm")).by(&token);
            confirm.send().await.problem(403, "forbidden");
        })
    });
}

#[test]
fn a_webhook_wakes_a_look_up_and_proves_nothing() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let order_id = text(&order(&house, &booked, "").await.expect(200)["paymentOrderId"]);
            let visit = house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await;
            let webhook = visit.unwrap().webhook.unwrap();
            let deliver = |signature: String, body: String| {
                let ask = house.post("/v1/webhooks/sandbox").header(SIGNATURE_HEADER, &signature);
                async move { ask.send_body(Body::from(body)).await }
            };
            let forged = format!("{} ", webhook.body);
            deliver(webhook.signature.clone(), forged)
                .await
                .problem(400, "webhook_signature_invalid");
            for _ in 0..2 {
                let told =
                    deliver(webhook.signature.clone(), webhook.body.clone()).await.expect(200);
                assert_eq!(told, json!({"received": true}));
            }
            let token = text(&booked["guestToken"]);
            let shown = house.until_status(&path_of(&booked), &token, "CONFIRMED").await;
            assert_eq!(shown["paymentState"], "paid");
            let unsigned = house.post("/v1/webhooks/sandbox").send_text("{}").await;
            unsigned.problem(400, "webhook_signature_missing");
            house.post("/v1/webhooks/gold").send_text("{}").await.problem(404, "not_found");
            let offline = house.post("/v1/webhooks/offline").send_text("{}").await;
            offline.problem(404, "webhook_not_supported");
            let old = webhook.signature.clone();
            house.advance_ms(301 * 1000).await;
            deliver(old, webhook.body).await.problem(400, "webhook_stale");
        })
    });
}

#[test]
fn money_that_comes_after_a_cancellation_goes_back() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let order_id = text(&order(&house, &booked, "").await.expect(200)["paymentOrderId"]);
            house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await.unwrap();
            house.post(format!("{path}/cancel")).by(&token).send().await.expect(200);
            let shown = house.until_status(&path, &token, "REFUNDED").await;
            assert_eq!(shown["refunded"], json!({"amount": 25_440, "currency": "EUR"}));
        })
    });
}
