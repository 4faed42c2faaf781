//! What nobody should ask of the catalogue: every answer is a coded 4xx that names the field.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{House, on_sqlite};

/// Sends the good body with one field changed; `null` in `changes` stands for itself.
async fn check(
    house: &House,
    (method, path): (&Method, &str),
    good: &Value,
    (name, value): (&str, Value),
    (status, code, pointer): (u16, &str, &str),
) {
    let mut body = good.clone();
    body[name] = value;
    let ask = house.ask(method.clone(), path).by(&house.owner).header("if-match", "*");
    let answer = ask.send_json(&body).await;
    let told = answer.problem(status, code);
    assert_eq!(told["errors"][0]["pointer"], pointer, "{name}: {told}");
}

#[test]
fn a_hotel_is_refused_field_by_field() {
    on_sqlite(|house| {
        Box::pin(async move {
            let good = json!({
                "name": "Casa", "city": "Porto", "country": "PT", "timeZone": "Europe/Lisbon",
                "geo": {"latitude": 41.1, "longitude": -8.6}, "currency": "EUR"
            });
            let long = "x".repeat(201);
            for (change, flaw) in [
                (("name", json!("")), (422, "missing", "/name")),
                (("name", json!(long)), (422, "too_long", "/name")),
                (("name", json!("a\u{7}")), (422, "malformed", "/name")),
                (("name", json!(7)), (400, "invalid_type", "/name")),
                (("city", Value::Null), (400, "missing_field", "/city")),
                (("city", json!("???")), (422, "malformed", "/city")),
                (("country", json!("Portugal")), (422, "malformed", "/country")),
                (("locationId", json!("porto-pt")), (400, "ambiguous", "/locationId")),
                (("timeZone", json!("Europe/Nowhere")), (422, "unknown", "/timeZone")),
                (("currency", json!("EURO")), (422, "unknown", "/currency")),
                (
                    ("geo", json!({"latitude": 91, "longitude": 0})),
                    (400, "out_of_range", "/geo/latitude"),
                ),
                (
                    ("geo", json!({"latitude": 0, "longitude": 1e300})),
                    (400, "out_of_range", "/geo/longitude"),
                ),
                (("geo", json!({"latitude": 0})), (400, "missing_field", "/geo/longitude")),
                (("stars", json!(6)), (422, "out_of_range", "/stars")),
                (("rating", json!(10.1)), (400, "out_of_range", "/rating")),
                (("rating", json!("good")), (400, "invalid_type", "/rating")),
                (("amenities", json!(vec!["x"; 61])), (422, "too_many", "/amenities")),
                (("imageUrls", json!(["javascript:x"])), (422, "malformed", "/imageUrls")),
                (
                    ("policies", json!({"checkInTime": "3 pm"})),
                    (400, "invalid_time", "/policies/checkInTime"),
                ),
                (
                    ("policies", json!({"checkOutTime": "24:00"})),
                    (400, "invalid_time", "/policies/checkOutTime"),
                ),
                (("holdSeconds", json!(10)), (400, "out_of_range", "/holdSeconds")),
                (("taxBp", json!(-1)), (422, "out_of_range", "/taxBp")),
                (("overbookBp", json!(10_001)), (422, "out_of_range", "/overbookBp")),
                (("businessId", json!("7")), (400, "invalid_id", "/businessId")),
                (("owner", json!("me")), (400, "unknown_field", "/owner")),
            ] {
                check(&house, (&Method::POST, "/v1/hotels"), &good, change, flaw).await;
            }
            let nowhere = json!({
                "name": "Casa", "locationId": "atlantis", "timeZone": "Europe/Lisbon",
                "geo": {"latitude": 41.1, "longitude": -8.6}, "currency": "EUR"
            });
            let answer = house.post("/v1/hotels").by(&house.owner).send_json(&nowhere).await;
            answer.blames(422, "unknown", "/locationId");
        })
    });
}

#[test]
fn a_change_is_refused_field_by_field() {
    on_sqlite(|house| {
        Box::pin(async move {
            let hotel = format!("/v1/hotels/{}", house.hotel);
            let place = (&Method::PATCH, hotel.as_str());
            for (change, flaw) in [
                (("currency", json!("USD")), (400, "unknown_field", "/currency")),
                (("overbookBp", json!(1)), (400, "unknown_field", "/overbookBp")),
                (("city", json!("Porto")), (400, "missing_field", "/country")),
                (("locationId", json!("atlantis")), (422, "unknown", "/locationId")),
                (("stars", json!(0)), (422, "out_of_range", "/stars")),
                (("rating", json!(-1)), (400, "out_of_range", "/rating")),
                (("geo", json!("here")), (400, "invalid_type", "/geo")),
                (("geo", json!([1, 2])), (400, "invalid_type", "/geo")),
            ] {
                check(&house, place, &json!({}), change, flaw).await;
            }
            let deluxe = format!("{hotel}/room-types/DELUXE");
            let place = (&Method::PATCH, deluxe.as_str());
            for (change, flaw) in [
                (("code", json!("OTHER")), (400, "unknown_field", "/code")),
                (("capacity", json!(-1)), (422, "out_of_range", "/capacity")),
                (("capacity", json!(100_001)), (422, "out_of_range", "/capacity")),
                (("adultsMax", json!(0)), (422, "out_of_range", "/adultsMax")),
                (("guestsMax", json!(1)), (422, "out_of_range", "/guestsMax")),
                (("name", json!(" ")), (422, "missing", "/name")),
            ] {
                check(&house, place, &json!({}), change, flaw).await;
            }
            let shown = house.get(&hotel).send().await.expect(200);
            assert_eq!(shown["version"], 1, "nothing of it was done");
        })
    });
}

#[test]
fn room_types_rooms_and_rates_are_refused_field_by_field() {
    on_sqlite(|house| {
        Box::pin(async move {
            let hotel = format!("/v1/hotels/{}", house.hotel);
            let types = format!("{hotel}/room-types");
            let good = json!({"code": "SUITE", "capacity": 1});
            for (change, flaw) in [
                (("code", json!("suite")), (422, "malformed", "/code")),
                (("code", json!("X".repeat(33))), (422, "malformed", "/code")),
                (("capacity", json!(1_000_000)), (422, "out_of_range", "/capacity")),
                (("rooms", json!(["1", " "])), (422, "malformed", "/rooms/1")),
                (
                    ("baseRate", json!({"amount": 1, "currency": "USD"})),
                    (422, "wrong_currency", "/baseRate/currency"),
                ),
                (
                    ("baseRate", json!({"amount": -1, "currency": "EUR"})),
                    (400, "out_of_range", "/baseRate/amount"),
                ),
                (("baseRate", json!(120)), (400, "invalid_type", "/baseRate")),
            ] {
                check(&house, (&Method::POST, &types), &good, change, flaw).await;
            }
            let rooms = format!("{hotel}/rooms");
            let room = |number: &str| json!({"roomType": "DELUXE", "number": number});
            for (list, flaw) in [
                (json!([]), (422, "missing", "/rooms")),
                (json!([room("")]), (422, "malformed", "/rooms/0/number")),
                (json!([room("1"), room("1")]), (422, "duplicate", "/rooms/1/number")),
                (json!([{"roomType": "X", "number": "1"}]), (422, "unknown", "/rooms/0/roomType")),
                (json!([{"number": "1"}]), (400, "missing_field", "/rooms/0/roomType")),
            ] {
                check(&house, (&Method::POST, &rooms), &json!({}), ("rooms", list), flaw).await;
            }
            let rates = format!("{hotel}/rates");
            let range = |from: &str, to: &str| {
                let rate = json!({"amount": 1, "currency": "EUR"});
                json!([{"roomType": "DELUXE", "from": from, "to": to, "rate": rate}])
            };
            for (change, flaw) in [
                (("ranges", json!([])), (400, "missing_field", "/ranges")),
                (
                    ("ranges", range("2027-03-10", "2027-03-10")),
                    (422, "to_before_from", "/ranges/0/to"),
                ),
                (
                    ("ranges", range("10 March", "2027-03-10")),
                    (400, "invalid_date", "/ranges/0/from"),
                ),
                (
                    ("base", json!({"DELUXE": {"amount": 1.5, "currency": "EUR"}})),
                    (400, "invalid_type", "/base/DELUXE/amount"),
                ),
            ] {
                check(&house, (&Method::PUT, &rates), &json!({}), change, flaw).await;
            }
        })
    });
}

#[test]
fn a_question_is_refused_field_by_field() {
    on_sqlite(|house| {
        Box::pin(async move {
            let good = json!({
                "hotelId": house.hotel.to_string(), "checkInDate": "2027-03-10",
                "checkOutDate": "2027-03-12"
            });
            let nobody = json!("0192f3a4-b5c6-7d8e-9f01-23456789abcd");
            let common = [
                (("hotelId", json!("17")), (400, "invalid_id", "/hotelId")),
                (("hotelId", nobody), (404, "not_found", "/hotelId")),
                (("checkInDate", json!("2026-12-31")), (422, "stay_in_the_past", "/checkInDate")),
                (("checkInDate", json!("2027-02-30")), (400, "invalid_date", "/checkInDate")),
                (
                    ("checkOutDate", json!("2027-03-10")),
                    (422, "check_out_before_check_in", "/checkOutDate"),
                ),
                (("checkOutDate", json!("2028-04-13")), (422, "stay_too_long", "/checkOutDate")),
                (("adults", json!(0)), (422, "out_of_range", "/adults")),
                (("adults", json!(10_000)), (422, "out_of_range", "/adults")),
                (("roomTypes", json!(["PALACE"])), (422, "unknown_room_type", "/roomTypes")),
                (("price", json!(1)), (400, "unknown_field", "/price")),
            ];
            for path in ["/v1/availability", "/v1/pricing"] {
                for (change, flaw) in common.clone() {
                    check(&house, (&Method::POST, path), &good, change, flaw).await;
                }
            }
            for (change, flaw) in [
                (("roomCount", json!(0)), (422, "out_of_range", "/roomCount")),
                (("roomCount", json!(10_000)), (422, "out_of_range", "/roomCount")),
                (("children", json!([4, 18])), (422, "out_of_range", "/children")),
            ] {
                check(&house, (&Method::POST, "/v1/availability"), &good, change, flaw).await;
            }
            let mut good = good;
            good.as_object_mut().unwrap().remove("hotelId");
            for path in ["/v1/availability/batch", "/v1/pricing/batch"] {
                for (ids, flaw) in [
                    (json!([]), (400, "empty", "/hotelIds")),
                    (json!(["17"]), (400, "invalid_id", "/hotelIds/0")),
                    (json!(vec![house.hotel.to_string(); 201]), (400, "too_many", "/hotelIds")),
                    (json!("all"), (400, "invalid_type", "/hotelIds")),
                ] {
                    let change = ("hotelIds", ids);
                    check(&house, (&Method::POST, path), &good, change, flaw).await;
                }
            }
        })
    });
}

#[test]
fn a_search_is_refused_parameter_by_parameter() {
    on_sqlite(|house| {
        Box::pin(async move {
            let stay = "checkInDate=2027-03-10&checkOutDate=2027-03-12";
            for (query, status, code, name) in [
                (String::new(), 400, "missing_field", "locationId"),
                ("lat=1".into(), 400, "missing_field", "lon"),
                ("lat=91&lon=0".into(), 422, "out_of_range", "lat"),
                ("lat=1&lon=1&radiusKm=0".into(), 422, "out_of_range", "radiusKm"),
                ("lat=1&lon=1&radiusKm=1e300".into(), 400, "invalid_type", "radiusKm"),
                ("bbox=0,0,9,9".into(), 422, "out_of_range", "bbox"),
                ("locationId=lisbon-pt&sort=price".into(), 422, "needs_dates", "sort"),
                ("q=test&sort=distance".into(), 422, "needs_point", "sort"),
                ("q=test&sort=beauty".into(), 400, "invalid_value", "sort"),
                ("q=test&limit=201".into(), 422, "out_of_range", "limit"),
                ("q=test&limit=0".into(), 422, "out_of_range", "limit"),
                ("q=test&cursor=x".into(), 422, "malformed", "cursor"),
                ("q=test&stars=9".into(), 422, "out_of_range", "stars"),
                ("q=test&checkInDate=2027-03-10".into(), 400, "missing_field", "checkOutDate"),
                (format!("q=test&{stay}&adults=0"), 422, "out_of_range", "adults"),
                (format!("q=test&{stay}&children=4,x"), 400, "invalid_value", "children"),
                (format!("q=test&{stay}&roomCount=51"), 422, "out_of_range", "roomCount"),
                (format!("q=test&{stay}&minPrice=-1"), 422, "out_of_range", "minPrice"),
                (format!("q=test&{stay}&guests=2"), 400, "unknown_parameter", "guests"),
            ] {
                let answer = house.get(format!("/v1/hotel-listings?{query}")).send().await;
                let told = answer.problem(status, code);
                assert_eq!(told["errors"][0]["pointer"], name, "{query}: {told}");
            }
            house
                .get("/v1/hotel-listings?locationId=atlantis")
                .send()
                .await
                .problem(404, "not_found");
        })
    });
}
