//! Quotes: promised, taken up, and what happens when price or policy get worse meanwhile. Two nights
//! in a deluxe room cost 254.40 with tax.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{Answer, House, on_both, on_sqlite, path_of};

fn eur(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

async fn quote(house: &House, lines: Value) -> Answer {
    let ask = json!({"hotelId": house.hotel.to_string(), "checkInDate": "2027-03-10",
        "checkOutDate": "2027-03-12", "lines": lines});
    house.post("/v1/quotes").send_json(&ask).await
}

async fn book(house: &House, request: &str, quote: &Value, changes: Value) -> Answer {
    let mut body = json!({"requestId": request, "quoteId": quote["quoteId"]});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    house.post("/v1/reservations").send_json(&body).await
}

async fn set_rate(house: &House, minor: i64) {
    let rates = format!("/v1/hotels/{}/rates", house.hotel);
    let ask = house.ask(Method::PUT, rates).by(&house.owner);
    ask.send_json(&json!({"base": {"DELUXE": eur(minor)}})).await.expect(204);
}

fn one_deluxe() -> Value {
    json!([{"roomType": "DELUXE", "units": 1}])
}

#[test]
fn a_quote_is_booked_with_its_rooms_guests_price_and_policy() {
    on_both(|house| {
        Box::pin(async move {
            let lines = json!([{"roomType": "STANDARD", "units": 1, "adults": 1},
                {"roomType": "DELUXE", "units": 1, "adults": 2}]);
            let quoted = quote(&house, lines).await.expect(201);
            assert_eq!(quoted["price"]["finalPrice"], eur(42_400));
            assert_eq!(quoted["expiresAt"], "2027-01-01T12:15:00.000Z");
            let booked = book(&house, "r1", &quoted, json!({})).await.expect(201);
            assert_eq!(booked["price"]["finalPrice"], eur(42_400));
            assert_eq!(booked["policy"], quoted["policy"]);
            let shown = house.get(path_of(&booked)).by(&house.desk).send().await.expect(200);
            assert_eq!((&shown["adults"], &shown["nights"]), (&json!(3), &json!(2)));
        })
    });
}

#[test]
fn equal_terms_have_equal_digests() {
    on_sqlite(|house| {
        Box::pin(async move {
            let first = quote(&house, one_deluxe()).await.expect(201);
            let second = quote(&house, one_deluxe()).await.expect(201);
            assert_ne!(first["quoteId"], second["quoteId"]);
            assert_eq!(first["termsDigest"], second["termsDigest"]);
            set_rate(&house, 12_001).await;
            let third = quote(&house, one_deluxe()).await.expect(201);
            assert_ne!(first["termsDigest"], third["termsDigest"]);
        })
    });
}

#[test]
fn a_worse_price_is_told_with_both_in_all_their_parts_and_a_better_one_is_taken() {
    on_both(|house| {
        Box::pin(async move {
            let quoted = quote(&house, one_deluxe()).await.expect(201);
            set_rate(&house, 13_000).await;
            let told = book(&house, "r1", &quoted, json!({})).await.problem(409, "price_changed");
            assert_eq!((&told["agreed"], &told["current"]), (&eur(25_440), &eur(27_560)));
            let night = |price: &Value| price["price"]["lines"][0]["perNight"][0]["price"].clone();
            assert_eq!(night(&told["agreedPrice"]), eur(12_000));
            assert_eq!(night(&told["currentPrice"]), eur(13_000));
            // Nothing was taken, and the guest may say how much more is fine.
            let most = json!({"maxTotal": eur(27_560)});
            let booked = book(&house, "r2", &quoted, most).await.expect(201);
            assert_eq!(booked["price"]["finalPrice"], eur(27_560));
            set_rate(&house, 11_000).await;
            let booked = book(&house, "r3", &quoted, json!({})).await.expect(201);
            assert_eq!(booked["price"]["finalPrice"], eur(23_320));
        })
    });
}

#[test]
fn a_worse_policy_is_a_worse_price() {
    on_sqlite(|house| {
        Box::pin(async move {
            let quoted = quote(&house, one_deluxe()).await.expect(201);
            let policies = format!("/v1/hotels/{}/policies", house.hotel);
            let strict = json!({"code": "STRICT", "name": "Strict", "isStandard": true,
                "steps": [{"fee": {"basisPoints": 5_000}}]});
            house.post(policies).by(&house.owner).send_json(&strict).await.expect(201);
            let told = book(&house, "r1", &quoted, json!({})).await.problem(409, "price_changed");
            assert_eq!(told["agreed"], told["current"]);
            let penalty = |price: &Value| price["policy"]["timeline"][0]["penalty"].clone();
            assert_eq!(penalty(&told["agreedPrice"]), eur(0));
            assert_eq!(penalty(&told["currentPrice"]), eur(12_720));
        })
    });
}

#[test]
fn a_quote_runs_out_and_stands_alone() {
    on_both(|house| {
        Box::pin(async move {
            let quoted = quote(&house, one_deluxe()).await.expect(201);
            let beside = json!({"hotelId": house.hotel.to_string()});
            book(&house, "r1", &quoted, beside).await.blames(400, "ambiguous", "/hotelId");
            let other = json!({"quoteId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd"});
            book(&house, "r1", &other, json!({})).await.problem(404, "quote_not_found");
            house.advance_ms(15 * 60 * 1000 - 1).await;
            let booked = book(&house, "r1", &quoted, json!({})).await.expect(201);
            house.advance_ms(1).await;
            let late = book(&house, "r2", &quoted, json!({})).await;
            assert_eq!(late.problem(410, "quote_expired")["expiredAt"], "2027-01-01T12:15:00.000Z");
            let again = book(&house, "r1", &quoted, json!({})).await;
            assert!(again.is_replayed());
            assert_eq!(again.expect(201)["reservationId"], booked["reservationId"]);
        })
    });
}

#[test]
fn what_cannot_be_had_is_not_quoted() {
    on_sqlite(|house| {
        Box::pin(async move {
            let too_many = json!([{"roomType": "DELUXE", "units": 4}]);
            let told = quote(&house, too_many).await.problem(409, "sold_out");
            assert_eq!(told["reasons"][0]["roomType"], "DELUXE");
            let twice =
                json!([{"roomType": "DELUXE", "units": 1}, {"roomType": "DELUXE", "units": 1}]);
            quote(&house, twice).await.blames(400, "duplicate", "/lines/1/roomType");
            let mixed = json!([{"roomType": "DELUXE", "units": 1},
                {"roomType": "STANDARD", "units": 1, "ratePlan": "SAVER"}]);
            quote(&house, mixed).await.blames(422, "mixed_rate_plans", "/lines/1/ratePlan");
            let unknown = json!([{"roomType": "CASTLE", "units": 1}]);
            quote(&house, unknown).await.problem(422, "unknown_room_type");
            quote(&house, json!([])).await.blames(400, "empty", "/lines");
        })
    });
}
