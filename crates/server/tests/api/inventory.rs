//! The business's calendar and its overbooking, set and read, and what guests then hear.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{House, on_both, on_sqlite};

fn path(house: &House) -> String {
    format!("/v1/hotels/{}/inventory", house.hotel)
}

async fn set(house: &House, ranges: Value) -> super::house::Answer {
    let put = house.ask(Method::PUT, path(house)).by(&house.program);
    put.send_json(&json!({"ranges": ranges})).await
}

async fn night(house: &House, room_type: usize, day: &str) -> Value {
    let query = format!("{}?from={day}&to=2028-01-01", path(house));
    let shown = house.get(query).by(&house.program).send().await.expect(200);
    let night = shown["roomTypes"][room_type]["nights"][0].clone();
    assert_eq!(night["date"], day);
    night
}

#[test]
fn a_range_is_set_and_read_and_guests_hear_of_it() {
    on_both(|house| {
        Box::pin(async move {
            let untouched = night(&house, 0, "2027-03-10").await;
            assert_eq!((&untouched["capacity"], &untouched["roomsLeft"]), (&json!(3), &json!(3)));
            let ranges = json!([
                {"roomType": "DELUXE", "from": "2027-03-10", "to": "2027-03-12", "outOfOrder": 1,
                 "blocked": 1, "minStay": 2},
                {"roomType": "STANDARD", "from": "2027-03-11", "to": "2027-03-12", "closed": true},
                {"roomType": "DELUXE", "from": "2027-03-20", "to": "2027-03-21",
                 "closedToArrival": true, "closedToDeparture": true, "maxStay": 3, "capacity": 5},
            ]);
            set(&house, ranges).await.expect(204);
            house.book("r1", json!({})).await;
            let told = night(&house, 0, "2027-03-10").await;
            let expected = json!({
                "date": "2027-03-10", "capacity": 3, "blocked": 1, "outOfOrder": 1,
                "overbookBp": 0, "limit": 1, "held": 1, "sold": 0, "roomsLeft": 0,
                "isOversold": false, "closed": false, "closedToArrival": false,
                "closedToDeparture": false, "minStay": 2, "maxStay": null,
                "version": told["version"],
            });
            assert_eq!(told, expected);
            for (rooms, from, to, code) in [
                ("DELUXE", "2027-03-10", "2027-03-11", "sold_out"),
                ("STANDARD", "2027-03-10", "2027-03-12", "closed"),
                ("DELUXE", "2027-03-20", "2027-03-21", "closed_to_arrival"),
                ("DELUXE", "2027-03-20", "2027-03-24", "closed_to_arrival"),
                ("DELUXE", "2027-03-19", "2027-03-20", "closed_to_departure"),
            ] {
                let changes = json!({"rooms": {rooms: 1}, "checkInDate": from, "checkOutDate": to});
                let body = house.booking("no", changes);
                house.post("/v1/reservations").send_json(&body).await.problem(409, code);
            }
            // A rule is taken away with 0.
            let none = json!([
                {"roomType": "DELUXE", "from": "2027-03-10", "to": "2027-03-12", "minStay": 0}
            ]);
            set(&house, none).await.expect(204);
            assert_eq!(night(&house, 0, "2027-03-10").await["minStay"], Value::Null);
        })
    });
}

#[test]
fn fewer_rooms_than_are_sold_is_marked_and_turns_nobody_away() {
    on_sqlite(|house| {
        Box::pin(async move {
            let (reservation, _) = house.confirmed("r1", json!({"rooms": {"DELUXE": 3}})).await;
            let ranges = json!([
                {"roomType": "DELUXE", "from": "2027-03-10", "to": "2027-03-11", "capacity": 1}
            ]);
            set(&house, ranges).await.expect(204);
            let told = night(&house, 0, "2027-03-10").await;
            assert_eq!((&told["isOversold"], &told["roomsLeft"]), (&json!(true), &json!(0)));
            let shown = house.get(reservation).by(&house.desk).send().await.expect(200);
            assert_eq!(shown["status"], "CONFIRMED");
        })
    });
}

#[test]
fn every_field_of_a_range_is_checked_before_anything_is_set() {
    on_sqlite(|house| {
        Box::pin(async move {
            let good = json!(
                {"roomType": "DELUXE", "from": "2027-03-10", "to": "2027-03-12", "capacity": 9}
            );
            for (field, value, status, code, pointer) in [
                ("roomType", json!("CASTLE"), 422, "unknown_room_type", "/ranges/0/roomType"),
                ("from", json!("soon"), 400, "invalid_date", "/ranges/0/from"),
                ("to", json!("2027-03-10"), 422, "to_before_from", "/ranges/0/to"),
                ("to", json!("2030-03-10"), 422, "range_too_long", "/ranges/0/to"),
                ("capacity", json!(-1), 400, "out_of_range", "/ranges/0/capacity"),
                ("capacity", json!(100_001), 400, "out_of_range", "/ranges/0/capacity"),
                ("outOfOrder", json!(-1), 400, "out_of_range", "/ranges/0/outOfOrder"),
                ("blocked", json!("1"), 400, "invalid_type", "/ranges/0/blocked"),
                ("minStay", json!(366), 400, "out_of_range", "/ranges/0/minStay"),
                ("closed", json!("no"), 400, "invalid_type", "/ranges/0/closed"),
                ("colour", json!("red"), 400, "unknown_field", "/ranges/0/colour"),
            ] {
                let mut range = good.clone();
                range[field] = value;
                set(&house, json!([range])).await.blames(status, code, pointer);
            }
            let nothing = json!([{"roomType": "DELUXE", "from": "2027-03-10", "to": "2027-03-12"}]);
            set(&house, nothing).await.blames(400, "empty", "/ranges/0");
            set(&house, json!([])).await.blames(400, "empty", "/ranges");
            set(&house, json!(vec![good.clone(); 101])).await.blames(400, "too_many", "/ranges");
            for (query, status, code, pointer) in [
                ("", 400, "missing_field", "from"),
                ("?from=2027-03-10", 400, "missing_field", "to"),
                ("?from=x&to=2027-03-12", 400, "invalid_date", "from"),
                ("?from=2027-03-10&to=2027-03-10", 422, "to_before_from", "to"),
                ("?from=2027-03-10&to=2029-03-10", 422, "out_of_range", "to"),
                ("?from=2027-03-10&to=2027-03-12&days=2", 400, "unknown_parameter", "days"),
            ] {
                let answer =
                    house.get(format!("{}{query}", path(&house))).by(&house.owner).send().await;
                answer.blames(status, code, pointer);
            }
            assert_eq!(night(&house, 0, "2027-03-10").await["capacity"], 3);
        })
    });
}

#[test]
fn the_lower_of_two_overbookings_counts() {
    on_both(|house| {
        Box::pin(async move {
            let path = format!("/v1/hotels/{}/overbooking", house.hotel);
            let put = |body: Value| {
                let ask = house.ask(Method::PUT, &path).by(&house.owner);
                async move { ask.send_json(&body).await }
            };
            let told = put(json!({"overbookBp": 4_000, "roomTypes": {"DELUXE": 10_000}}))
                .await
                .expect(200);
            assert_eq!(told["overbookBp"], 4_000);
            assert_eq!(
                told["roomTypes"][0],
                json!({"roomType": "DELUXE", "overbookBp": 10_000, "effectiveBp": 4_000})
            );
            assert_eq!(house.get(&path).by(&house.owner).send().await.expect(200), told);
            // Three rooms and 40 % are four.
            house.book("r1", json!({"rooms": {"DELUXE": 4}})).await;
            for (body, status, code, pointer) in [
                (json!({}), 400, "missing_field", "/overbookBp"),
                (json!({"overbookBp": 10_001}), 400, "out_of_range", "/overbookBp"),
                (json!({"roomTypes": {"DELUXE": -1}}), 400, "out_of_range", "/roomTypes/DELUXE"),
                (
                    json!({"roomTypes": {"CASTLE": 1}}),
                    422,
                    "unknown_room_type",
                    "/roomTypes/CASTLE",
                ),
            ] {
                put(body).await.blames(status, code, pointer);
            }
        })
    });
}
