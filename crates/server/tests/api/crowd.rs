//! Many at once: exactly what there is is sold, and a request that comes twice is one.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::house::{House, on_both, text};

const CROWD: usize = 60;

/// Sends all bodies at once; gives status and body of each answer.
async fn send_all(house: &Arc<House>, bodies: Vec<Value>) -> Vec<(u16, Value)> {
    let mut crowd = JoinSet::new();
    for body in bodies {
        let house = Arc::clone(house);
        crowd.spawn(async move {
            let answer = house.post("/v1/reservations").send_json(&body).await;
            (answer.status, answer.expect(answer.status))
        });
    }
    crowd.join_all().await
}

#[test]
fn a_crowd_gets_exactly_the_rooms_there_are() {
    on_both(|house| {
        Box::pin(async move {
            let bodies = (0..CROWD).map(|at| house.booking(&format!("r{at}"), json!({}))).collect();
            let answers = send_all(&house, bodies).await;
            let won = answers.iter().filter(|(status, _)| *status == 201).count();
            assert_eq!(won, 3);
            for (status, body) in answers.iter().filter(|(status, _)| *status != 201) {
                assert_eq!((*status, &body["code"]), (409, &json!("sold_out")), "{body}");
            }
        })
    });
}

#[test]
fn the_same_request_many_times_at_once_is_one_reservation() {
    on_both(|house| {
        Box::pin(async move {
            let bodies = vec![house.booking("once", json!({})); CROWD];
            let answers = send_all(&house, bodies).await;
            let mut seen = BTreeSet::new();
            for (status, body) in &answers {
                match status {
                    201 => drop(seen.insert(text(&body["reservationId"]))),
                    _ => assert_eq!(body["code"], "request_in_flight", "{body}"),
                }
            }
            assert_eq!(seen.len(), 1);
            house.book("rest", json!({"rooms": {"DELUXE": 2}})).await;
        })
    });
}

#[test]
fn a_guest_who_presses_pay_many_times_at_once_finds_one_order() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let (id, token) = (text(&booked["reservationId"]), text(&booked["guestToken"]));
            let body = json!({
                "reservationId": id,
                "paymentProvider": "SANDBOX",
                "returnUrl": "https://app.example.com/return",
            });
            let mut crowd = JoinSet::new();
            for _ in 0..16 {
                let (house, body, token) = (Arc::clone(&house), body.clone(), token.clone());
                crowd.spawn(async move {
                    let answer = house.post("/v1/payments/order").by(&token).send_json(&body).await;
                    let status = answer.status;
                    (status, answer.expect(status))
                });
            }
            let answers = crowd.join_all().await;
            let orders: BTreeSet<String> = answers
                .iter()
                .filter(|(status, _)| *status < 300)
                .map(|(_, body)| text(&body["paymentOrderId"]))
                .collect();
            assert_eq!(orders.len(), 1, "{answers:?}");
        })
    });
}

#[test]
fn who_moves_a_stay_from_several_windows_at_once_is_never_told_of_a_version() {
    on_both(|house| {
        Box::pin(async move {
            let (path, token) = house.confirmed("r1", json!({})).await;
            let mut crowd = JoinSet::new();
            for day in 11..15 {
                let (house, path, token) = (Arc::clone(&house), path.clone(), token.clone());
                let stay = json!({"checkInDate": format!("2027-03-{day}"),
                    "checkOutDate": format!("2027-03-{}", day + 2)});
                crowd.spawn(async move {
                    let ask = house.post(format!("{path}/reschedule")).by(&token);
                    ask.send_json(&stay).await.expect(200);
                });
            }
            crowd.join_all().await;
            let shown = house.get(&path).by(&token).send().await.expect(200);
            let moves = shown["history"].as_array().unwrap().iter();
            assert_eq!(moves.filter(|entry| entry["action"] == "reschedule").count(), 4);
        })
    });
}
