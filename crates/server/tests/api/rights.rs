//! Every route, asked by nobody, by a stranger, by a guest of something else, and by somebody of
//! the house who may not. What belongs to others does not exist.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{House, on_sqlite, path_of, text};

/// A route, a body that it takes, and how four callers are answered: nobody, the stranger, another
/// guest, an accountant of the house.
type Row = (Method, String, Value, [u16; 4]);

fn rows(house: &House, path: &str, payment: &str, hold: &Value) -> Vec<Row> {
    let hotel = format!("/v1/hotels/{}", house.hotel);
    let stay = json!({"checkInDate": "2027-03-11", "checkOutDate": "2027-03-12"});
    let id = path.rsplit('/').next().unwrap();
    let mut held = house.booking("unused", json!({"reservationId": "R1"}));
    held.as_object_mut().unwrap().remove("requestId");
    let order = json!({
        "reservationId": id, "paymentProvider": "SANDBOX", "returnUrl": "https://a.example/",
    });
    let back = json!({"reservationId": id, "paymentOrderId": "x"});
    let range = json!({"ranges": [
        {"roomType": "DELUXE", "from": "2027-03-10", "to": "2027-03-11", "capacity": 1}
    ]});
    let days = "from=2027-03-10&to=2027-03-12";
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    vec![
        (get.clone(), path.to_owned(), Value::Null, [401, 404, 404, 200]),
        (get.clone(), "/v1/reservations".to_owned(), Value::Null, [401, 200, 200, 200]),
        (Method::PATCH, path.to_owned(), json!({"requests": "x"}), [401, 404, 404, 403]),
        (post.clone(), format!("{path}/extend"), Value::Null, [401, 404, 404, 403]),
        (post.clone(), format!("{path}/cancel"), Value::Null, [401, 404, 404, 403]),
        (post.clone(), format!("{path}/cancel"), json!({"preview": true}), [401, 404, 404, 403]),
        (post.clone(), format!("{path}/reschedule"), stay, [401, 404, 404, 403]),
        (post.clone(), format!("{path}/confirm"), Value::Null, [401, 404, 404, 403]),
        (
            post.clone(),
            format!("{path}/confirm"),
            json!({"paymentProvider": "OFFLINE"}),
            [401, 404, 404, 403],
        ),
        (post.clone(), format!("{path}/check-in"), Value::Null, [401, 404, 404, 403]),
        (post.clone(), format!("{path}/check-out"), Value::Null, [401, 404, 404, 403]),
        (post.clone(), format!("{path}/no-show"), Value::Null, [401, 404, 404, 403]),
        (post.clone(), "/v1/payments/order".to_owned(), order, [401, 404, 404, 403]),
        (post.clone(), "/v1/payments/confirm".to_owned(), back, [401, 404, 404, 403]),
        (get.clone(), payment.to_owned(), Value::Null, [401, 404, 404, 200]),
        (post.clone(), format!("{payment}/refunds"), json!({"reason": "x"}), [401, 404, 404, 403]),
        (post.clone(), "/v1/inventory/hold".to_owned(), held, [401, 404, 403, 403]),
        (post.clone(), "/v1/inventory/confirm".to_owned(), hold.clone(), [401, 404, 403, 403]),
        (post, "/v1/inventory/release".to_owned(), hold.clone(), [401, 404, 403, 403]),
        (get.clone(), format!("{hotel}/inventory?{days}"), Value::Null, [401, 404, 403, 200]),
        (put.clone(), format!("{hotel}/inventory"), range, [401, 404, 403, 403]),
        (get.clone(), format!("{hotel}/overbooking"), Value::Null, [401, 404, 403, 200]),
        (put, format!("{hotel}/overbooking"), json!({"overbookBp": 1}), [401, 404, 403, 403]),
        (get, format!("{hotel}/today"), Value::Null, [401, 404, 403, 403]),
    ]
}

#[test]
fn nobody_does_what_they_may_not() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let other = house.book("r2", json!({"rooms": {"STANDARD": 1}})).await;
            let other = text(&other["guestToken"]);
            let order = json!({
                "reservationId": booked["reservationId"],
                "paymentProvider": "SANDBOX",
                "returnUrl": "https://a.example/",
            });
            let order = house.post("/v1/payments/order").by(&token).send_json(&order).await;
            let payment = format!("/v1/payments/{}", text(&order.expect(200)["paymentId"]));
            let mut held = house.booking("unused", json!({"reservationId": "R0"}));
            held.as_object_mut().unwrap().remove("requestId");
            let held = house.post("/v1/inventory/hold").by(&house.program).send_json(&held).await;
            let hold = json!({"holdId": held.expect(201)["holdId"]});
            let before = house.get(&path).by(&token).send().await.expect(200);
            for (method, path, body, statuses) in rows(&house, &path, &payment, &hold) {
                let callers = ["", &house.stranger, &other, &house.accountant];
                for (caller, status) in callers.into_iter().zip(statuses) {
                    let ask = house.ask(method.clone(), &path).by(caller);
                    let ask = ask.header("if-match", "*");
                    let answer =
                        if body.is_null() { ask.send().await } else { ask.send_json(&body).await };
                    let told = String::from_utf8_lossy(&answer.bytes);
                    assert_eq!(answer.status, status, "{method} {path}: {told}");
                }
            }
            let after = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(before, after);
        })
    });
}

#[test]
fn a_key_without_the_scope_is_denied_and_a_false_one_unknown() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let path = path_of(&booked);
            // Sets inventory, and may not look at reservations.
            house.get(&path).by(&house.program).send().await.problem(403, "forbidden");
            let list = house.get("/v1/reservations").by(&house.program).send().await;
            list.problem(403, "forbidden");
            for false_one in ["vk_live_nonsense", "vg_nonsense", "nonsense"] {
                let answer = house.get(&path).by(false_one).send().await;
                answer.problem(401, "unauthorized");
                assert!(!answer.header("www-authenticate").is_empty());
            }
            // Ids that nobody has, and text that is no id.
            for id in ["0192f3a4-b5c6-7d8e-9f01-23456789abcd", "17", "%ff"] {
                let path = format!("/v1/reservations/{id}");
                house.get(path).by(&house.owner).send().await.problem(404, "not_found");
            }
        })
    });
}
