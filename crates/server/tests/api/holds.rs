//! Bare holds: placed once, confirmed once, released once, by whoever has the right.

use serde_json::{Value, json};

use super::house::{House, on_both, on_sqlite, path_of, text};

fn wish(house: &House, changes: Value) -> Value {
    let mut body = house.booking("unused", changes);
    body.as_object_mut().unwrap().remove("requestId");
    body
}

#[test]
fn a_key_places_one_hold() {
    on_both(|house| {
        Box::pin(async move {
            let hold = |key: &'static str, body: Value| {
                let ask = house.post("/v1/inventory/hold").by(&house.program);
                let ask = ask.header("idempotency-key", key);
                async move { ask.send_json(&body).await }
            };
            let body = wish(&house, json!({"rooms": {"DELUXE": 2}}));
            let first = hold("k1", body.clone()).await;
            let told = first.expect(201);
            assert_eq!((&told["status"], &told["reservationId"]), (&json!("HELD"), &json!("")));
            assert_eq!(told["expiresInSeconds"], 600);
            let again = hold("k1", body.clone()).await;
            assert!(again.is_replayed() && !first.is_replayed());
            assert_eq!(again.expect(201), told);
            let other = hold("k1", wish(&house, json!({}))).await;
            other.problem(422, "idempotency_key_reused");
            let refused = hold("k2", body).await;
            let problem = refused.problem(409, "sold_out");
            assert_eq!(problem["reasons"][0]["roomsLeft"], 1);
            assert!(!problem["alternatives"].as_array().unwrap().is_empty());
        })
    });
}

#[test]
fn without_key_and_reference_nothing_is_held() {
    on_sqlite(|house| {
        Box::pin(async move {
            let ask = house.post("/v1/inventory/hold").by(&house.program);
            let refused = ask.send_json(&wish(&house, json!({}))).await;
            refused.blames(400, "idempotency_key_required", "Idempotency-Key");
        })
    });
}

#[test]
fn a_reference_names_one_hold_for_as_long_as_it_lives() {
    on_both(|house| {
        Box::pin(async move {
            let body = wish(&house, json!({"reservationId": "R1"}));
            let hold = || async {
                house.post("/v1/inventory/hold").by(&house.program).send_json(&body).await
            };
            let first = hold().await.expect(201);
            let again = hold().await;
            assert!(again.is_replayed());
            assert_eq!(again.expect(201)["holdId"], first["holdId"]);
            let other = wish(&house, json!({"reservationId": "R1", "rooms": {"DELUXE": 2}}));
            let refused =
                house.post("/v1/inventory/hold").by(&house.program).send_json(&other).await;
            refused.problem(422, "idempotency_key_reused");
            let release = json!({"holdId": first["holdId"], "reservationId": "R1"});
            let release =
                house.post("/v1/inventory/release").by(&house.program).send_json(&release);
            release.await.expect(200);
            // The hold is over: the reference may have another one, and a retry the same.
            let second = hold().await;
            assert!(!second.is_replayed());
            let second = second.expect(201);
            assert_ne!(second["holdId"], first["holdId"]);
            assert_eq!(hold().await.expect(201)["holdId"], second["holdId"]);
            // Somebody else's R1 is theirs.
            let own = house.post("/v1/inventory/hold").by(&house.owner).send_json(&body).await;
            assert!(!own.is_replayed());
        })
    });
}

#[test]
fn a_hold_is_confirmed_or_released_once_and_only_by_its_reference() {
    on_both(|house| {
        Box::pin(async move {
            let body = wish(&house, json!({"reservationId": "R1"}));
            let held = house.post("/v1/inventory/hold").by(&house.program).send_json(&body).await;
            let hold = held.expect(201)["holdId"].clone();
            let ask = |path: &'static str, reference: &'static str| {
                let body = json!({"holdId": hold, "reservationId": reference});
                let ask = house.post(path).by(&house.program);
                async move { ask.send_json(&body).await }
            };
            let (confirm, release) = ("/v1/inventory/confirm", "/v1/inventory/release");
            ask(confirm, "R2").await.blames(409, "mismatch", "/reservationId");
            ask(release, "R2").await.blames(409, "mismatch", "/reservationId");
            for _ in 0..2 {
                assert_eq!(ask(confirm, "R1").await.expect(200)["status"], "CONFIRMED");
            }
            house.advance_ms(60 * 60 * 1000).await;
            assert_eq!(ask(confirm, "R1").await.expect(200)["status"], "CONFIRMED");
            for _ in 0..2 {
                assert_eq!(ask(release, "R1").await.expect(200)["status"], "RETURNED");
            }
            ask(confirm, "R1").await.problem(409, "invalid_transition");
            // Its rooms are free again.
            house.book("after", json!({"rooms": {"DELUXE": 3}})).await;
        })
    });
}

#[test]
fn a_hold_that_ran_out_is_gone() {
    on_both(|house| {
        Box::pin(async move {
            let body = wish(&house, json!({"reservationId": "R1", "rooms": {"DELUXE": 3}}));
            let held = house.post("/v1/inventory/hold").by(&house.program).send_json(&body).await;
            let hold = held.expect(201)["holdId"].clone();
            house.advance_ms(10 * 60 * 1000).await;
            house.book("r1", json!({})).await;
            let confirm = house.post("/v1/inventory/confirm").by(&house.program);
            let late = confirm.send_json(&json!({"holdId": hold})).await;
            assert!(late.problem(410, "hold_expired")["expiredAt"].is_string());
        })
    });
}

#[test]
fn the_hold_of_a_reservation_is_no_bare_hold() {
    on_both(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let hold = json!({"holdId": booked["inventoryHold"]["holdId"]});
            for path in ["/v1/inventory/confirm", "/v1/inventory/release"] {
                let refused = house.post(path).by(&house.owner).send_json(&hold).await;
                refused.problem(404, "not_found");
            }
            let token = text(&booked["guestToken"]);
            let shown = house.get(path_of(&booked)).by(&token).send().await.expect(200);
            assert_eq!(shown["status"], "PENDING_PAYMENT");
        })
    });
}
