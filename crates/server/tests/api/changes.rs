//! Reservations that are kept longer, edited, canceled, moved and confirmed by hand.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{on_both, on_sqlite, path_of, text};

#[test]
fn a_guest_keeps_the_rooms_longer_up_to_an_hour() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, token) =
                (format!("{}/extend", path_of(&booked)), text(&booked["guestToken"]));
            house.advance_ms(5 * 60 * 1000).await;
            let longer = house.post(&path).by(&token).send().await.expect(200);
            assert_eq!(longer["hold"]["expiresInSeconds"], 600);
            for _ in 0..6 {
                house.advance_ms(9 * 60 * 1000).await;
                house.post(&path).by(&token).send().await;
            }
            let refused = house.post(&path).by(&token).send().await;
            let problem = refused.problem(409, "hold_life_used_up");
            assert_eq!(problem["lifeSecondsMax"], 3_600);
        })
    });
}

#[test]
fn an_edit_needs_the_version_that_was_read() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let read = house.get(&path).by(&token).send().await;
            let tag = read.header("etag").to_owned();
            assert_eq!(read.expect(200)["guests"], json!([]));
            let guest = json!({"guest": {"fullName": "Ana", "email": "ana@example.com"}});
            let edit = |body: Value, tag: Option<String>| {
                let ask = house.ask(Method::PATCH, &path).by(&token);
                let ask = match tag {
                    Some(tag) => ask.header("if-match", &tag),
                    None => ask,
                };
                async move { ask.send_json(&body).await }
            };
            edit(guest.clone(), None).await.problem(428, "precondition_required");
            for stale in ["\"99\"", "W/\"1\"", "\"abc\""] {
                let refused = edit(guest.clone(), Some(stale.to_owned())).await;
                assert_eq!(refused.problem(412, "stale")["version"], 1);
            }
            let edited = edit(guest.clone(), Some(tag.clone())).await;
            assert_eq!(edited.header("etag"), "\"2\"");
            let shown = edited.expect(200);
            assert_eq!(shown["guests"][0]["email"], "ana@example.com");
            edit(guest, Some(tag)).await.problem(412, "stale");
            // What is not named stays.
            let wish =
                json!({"requests": "a cot,\nplease", "guest": {"phone": "+351 21 000 0000"}});
            let shown = edit(wish, Some("*".to_owned())).await.expect(200);
            assert_eq!(shown["guests"][0]["fullName"], "Ana");
            assert_eq!(shown["requests"], "a cot,\nplease");
            let wrong = json!({"guest": {"email": "nobody"}});
            edit(wrong, Some("*".to_owned())).await.blames(400, "invalid_email", "/guest/email");
        })
    });
}

#[test]
fn canceling_twice_changes_nothing() {
    on_both(|house| {
        Box::pin(async move {
            let (path, token) = house.confirmed("r1", json!({})).await;
            let cancel = format!("{path}/cancel");
            let preview = json!({"preview": true});
            let preview = house.post(&cancel).by(&token).send_json(&preview).await.expect(200);
            assert_eq!(preview["preview"], true);
            let first = house.post(&cancel).by(&token).send().await.expect(200);
            assert_eq!(first["reservation"]["status"], "CANCELED");
            assert_eq!(first["refund"], json!({"amount": 0, "currency": "EUR"}));
            let again = house.post(&cancel).by(&token).send().await.expect(200);
            assert_eq!(first, again);
            let move_it = json!({"checkInDate": "2027-03-11", "checkOutDate": "2027-03-12"});
            let refused =
                house.post(format!("{path}/reschedule")).by(&token).send_json(&move_it).await;
            let problem = refused.problem(409, "invalid_transition");
            assert_eq!(
                (&problem["from"], &problem["action"]),
                (&json!("canceled"), &json!("reschedule"))
            );
        })
    });
}

#[test]
fn a_stay_moves_at_once_or_not_at_all() {
    on_both(|house| {
        Box::pin(async move {
            let (path, token) = house.confirmed("r1", json!({"rooms": {"DELUXE": 3}})).await;
            house
                .book("other", json!({"checkInDate": "2027-03-14", "checkOutDate": "2027-03-15"}))
                .await;
            let move_it = format!("{path}/reschedule");
            let body = |to: &str, preview: bool| json!({"checkInDate": "2027-03-10", "checkOutDate": to, "preview": preview});
            // In a full house the guest still gets the nights beside their own.
            let preview =
                house.post(&move_it).by(&token).send_json(&body("2027-03-14", true)).await;
            let preview = preview.expect(200);
            assert_eq!(preview["amountDue"], json!({"amount": 152_640, "currency": "EUR"}));
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(shown["checkOutDate"], "2027-03-12");
            // Somebody agreed to less than it costs now.
            let mut agreed = body("2027-03-14", false);
            let total = preview["price"]["finalPrice"]["amount"].as_i64().unwrap();
            agreed["maxTotal"] = json!({"amount": total - 1, "currency": "EUR"});
            let refused = house.post(&move_it).by(&token).send_json(&agreed).await;
            assert_eq!(refused.problem(409, "price_changed")["current"]["amount"], total);
            agreed["maxTotal"] = json!({"amount": -1, "currency": "EUR"});
            let refused = house.post(&move_it).by(&token).send_json(&agreed).await;
            refused.blames(400, "out_of_range", "/maxTotal/amount");
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(shown["checkOutDate"], "2027-03-12");
            let moved = house.post(&move_it).by(&token).send_json(&body("2027-03-14", false)).await;
            let moved = moved.expect(200);
            assert_eq!(moved["reservation"]["checkOutDate"], "2027-03-14");
            assert_eq!(moved["reservation"]["nights"], 4);
            let refused =
                house.post(&move_it).by(&token).send_json(&body("2027-03-15", false)).await;
            let problem = refused.problem(409, "sold_out");
            assert_eq!(problem["reasons"][0]["code"], "partly_sold_out");
            assert_eq!(problem["reasons"][0]["roomType"], "DELUXE");
            assert_eq!(problem["alternatives"][0]["rooms"], json!({"STANDARD": 3}));
            let other_rooms = json!({
                "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
                "lines": [{"roomType": "STANDARD", "units": 1}],
            });
            let moved = house.post(&move_it).by(&token).send_json(&other_rooms).await.expect(200);
            assert_eq!(moved["reservation"]["lines"][0]["roomType"], "STANDARD");
            house.book("freed", json!({"rooms": {"DELUXE": 3}})).await;
        })
    });
}

#[test]
fn an_idempotency_key_does_a_thing_once() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let extend = |key: &'static str| {
                let path = format!("{path}/extend");
                let ask = house.post(path).by(&token).header("idempotency-key", key);
                async move { ask.send().await }
            };
            house.advance_ms(60 * 1000).await;
            let first = extend("k1").await;
            assert!(!first.is_replayed());
            let told = first.expect(200);
            house.advance_ms(60 * 1000).await;
            let again = extend("k1").await;
            assert!(again.is_replayed());
            assert_eq!(again.expect(200)["hold"]["expiresAt"], told["hold"]["expiresAt"]);
            let other = extend("k2").await.expect(200);
            assert_ne!(other["hold"]["expiresAt"], told["hold"]["expiresAt"]);
            // The same key for another thing is a mistake.
            let cancel = house.post(format!("{path}/cancel")).by(&token);
            let refused = cancel.header("idempotency-key", "k1").send().await;
            refused.problem(422, "idempotency_key_reused");
            let long = "k".repeat(256);
            let refused = house.post(format!("{path}/extend")).by(&token);
            let refused = refused.header("idempotency-key", &long).send().await;
            refused.blames(400, "too_long", "Idempotency-Key");
            // Somebody else's keys are their own.
            let confirm = house.post(format!("{path}/confirm")).by(&house.desk);
            let confirmed = confirm.header("idempotency-key", "k1").send().await;
            assert!(!confirmed.is_replayed());
            assert_eq!(confirmed.expect(200)["status"], "CONFIRMED");
        })
    });
}

#[test]
fn staff_confirm_with_and_without_money() {
    on_sqlite(|house| {
        Box::pin(async move {
            let (path, token) = house.confirmed("r1", json!({})).await;
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(
                (&shown["status"], &shown["paymentState"]),
                (&json!("CONFIRMED"), &json!("unpaid"))
            );
            assert!(shown["links"]["pay"].is_object());
            let reservation = shown["reservationId"].clone();
            let order = json!({"reservationId": reservation, "paymentProvider": "OFFLINE"});
            let order = house.post("/v1/payments/order").by(&token).send_json(&order).await;
            let order = order.expect(200);
            assert_eq!(order["checkoutUrl"], Value::Null);
            for missing in [
                json!({"orderId": "none"}),
                json!({"paymentProvider": "SANDBOX"}),
                json!({"paymentId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd"}),
            ] {
                let confirm = house.post(format!("{path}/confirm")).by(&house.desk);
                confirm.send_json(&missing).await.problem(404, "payment_not_found");
            }
            let paid = json!({
                "paymentId": order["paymentId"],
                "paymentProvider": "OFFLINE",
                "paidAt": "2027-01-01T12:30:00Z",
            });
            let confirm = house.post(format!("{path}/confirm")).by(&house.desk);
            let shown = confirm.send_json(&paid).await.expect(200);
            assert_eq!(shown["paymentState"], "paid");
            assert_eq!(shown["due"]["amount"], 0);
            // A guest cannot confirm.
            let booked = house.book("r2", json!({})).await;
            let confirm = house.post(format!("{}/confirm", path_of(&booked)));
            let refused = confirm.by(&text(&booked["guestToken"])).send().await;
            refused.problem(403, "forbidden");
        })
    });
}
