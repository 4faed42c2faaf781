//! A guest's whole way, on both engines: hold, pay, confirm, cancel, money back.

use serde_json::{Value, json};
use vacancy_connect::payments::sandbox::PayWith;

use super::house::{House, on_both, path_of, text};

#[test]
fn a_guest_books_pays_cancels_and_has_the_money_back() {
    on_both(|house| {
        Box::pin(async move {
            let guest = json!({"fullName": "Ana Sousa", "email": "ana@example.com"});
            let booked =
                house.book("journey", json!({"guest": guest, "rooms": {"DELUXE": 2}})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            assert_eq!(booked["status"], "PENDING_PAYMENT");
            assert_eq!(booked["inventoryHold"]["expiresInSeconds"], 600);
            // Two nights of two rooms, and 6 % on top.
            let total = json!({"amount": 50_880, "currency": "EUR"});
            assert_eq!(booked["price"]["finalPrice"], total);

            let order = order(&house, &booked, &token).await;
            assert_eq!(order["amount"], total);
            let order_id = text(&order["paymentOrderId"]);
            let visit = house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await;
            let visit = visit.unwrap();
            let back = json!({
                "reservationId": booked["reservationId"],
                "paymentOrderId": order_id,
                "paymentId": visit.provider_payment_id,
                "signature": visit.signature,
            });
            let confirmed =
                house.post("/v1/payments/confirm").by(&token).send_json(&back).await.expect(200);
            assert_eq!(confirmed["paymentStatus"], "SUCCESS");
            assert_eq!(confirmed["bookingStatus"], "CONFIRMED");

            let shown = house.get(&path).by(&token).send().await.expect(200);
            check_confirmed(&shown);
            let preview = json!({"preview": true});
            let preview = house.post(format!("{path}/cancel")).by(&token).send_json(&preview).await;
            let preview = preview.expect(200);
            assert_eq!((&preview["refund"], &preview["reservation"]), (&total, &Value::Null));
            let reason = json!({"reason": "plans changed"});
            let canceled = house.post(format!("{path}/cancel")).by(&token).send_json(&reason).await;
            let canceled = canceled.expect(200);
            assert_eq!(canceled["refund"], total);

            let refunded = house.until_status(&path, &token, "REFUNDED").await;
            assert_eq!(refunded["paymentState"], "refunded");
            assert_eq!(refunded["refunded"], total);
            assert_eq!(refunded["links"].as_object().unwrap().len(), 1);
            let payment = format!("/v1/payments/{}", text(&order["paymentId"]));
            let payment = house.get(payment).by(&token).send().await.expect(200);
            assert_eq!(payment["refunds"][0]["amount"], total);
            assert!(!text(&payment["refunds"][0]["providerRefundId"]).is_empty());
            assert_eq!(payment["method"], "upi");
            // The rooms are free again, for all three.
            house.book("after", json!({"rooms": {"DELUXE": 3}})).await;
        })
    });
}

fn check_confirmed(shown: &Value) {
    assert_eq!(shown["status"], "CONFIRMED");
    assert_eq!(
        (&shown["stayState"], &shown["paymentState"]),
        (&json!("confirmed"), &json!("paid"))
    );
    assert_eq!(shown["guests"][0]["fullName"], "Ana Sousa");
    assert_eq!(shown["hold"], Value::Null);
    assert_eq!(shown["payments"][0]["paymentProvider"], "SANDBOX");
    assert!(shown["payments"][0]["paidAt"].is_string() && shown["confirmedAt"].is_string());
    let night = &shown["price"]["lines"][0]["perNight"][1];
    assert_eq!(
        (&night["date"], &night["trace"]),
        (&json!("2027-03-11"), &json!("base EUR 120.00"))
    );
    let actions: Vec<Value> =
        shown["history"].as_array().unwrap().iter().map(|event| event["action"].clone()).collect();
    assert_eq!(actions, ["book", "pay", "confirm"]);
    let links: Vec<&String> = shown["links"].as_object().unwrap().keys().collect();
    assert_eq!(links, ["cancel", "edit", "reschedule", "self"]);
}

async fn order(house: &House, booked: &Value, token: &str) -> Value {
    let ask = json!({
        "reservationId": booked["reservationId"],
        "paymentProvider": "SANDBOX",
        "returnUrl": "https://app.example.com/return",
    });
    let order = house.post("/v1/payments/order").by(token).send_json(&ask).await.expect(200);
    let again = house.post("/v1/payments/order").by(token).send_json(&ask).await.expect(200);
    assert_eq!(order, again);
    order
}

#[test]
fn a_hold_that_nobody_pays_for_runs_out_and_its_rooms_are_free() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("late", json!({"rooms": {"DELUXE": 3}})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let body = house.booking("next", json!({}));
            house.post("/v1/reservations").send_json(&body).await.problem(409, "sold_out");
            house.advance_ms(10 * 60 * 1000).await;
            house.post("/v1/reservations").send_json(&body).await.expect(201);
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(shown["status"], "EXPIRED");
            assert_eq!(shown["paymentState"], "unpaid");
            for action in ["extend", "cancel"] {
                let late = house.post(format!("{path}/{action}")).by(&token).send().await;
                late.problem(410, "hold_expired");
            }
            let ask = json!({
                "reservationId": booked["reservationId"],
                "paymentProvider": "sandbox",
                "returnUrl": "https://app.example.com/return",
            });
            let late = house.post("/v1/payments/order").by(&token).send_json(&ask).await;
            late.problem(410, "hold_expired");
        })
    });
}

#[test]
fn money_that_comes_after_the_end_takes_the_same_nights_again() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("late-money", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let order = order(&house, &booked, &token).await;
            let order_id = text(&order["paymentOrderId"]);
            house.state.sandbox.pay(&order_id, PayWith::Wallet, house.now_ms()).await.unwrap();
            house.advance_ms(10 * 60 * 1000).await;
            // The sweep finds a payment under way, the provider says that it was paid.
            let shown = house.until_status(&path, &token, "CONFIRMED").await;
            assert_eq!(shown["paymentState"], "paid");
        })
    });
}
