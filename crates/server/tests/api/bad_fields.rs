//! Every field that cannot be what it is: a coded 4xx that names it, and nothing is taken.

use axum::body::Body;
use serde_json::{Value, json};

use super::house::{on_sqlite, path_of, text};

/// What stands in a field of a booking, and the answer: field, JSON, status, code, pointer. `XN`
/// is a text of N letters.
const BOOKINGS: &str = r#"
requestId | 1 | 400 | invalid_type | /requestId
requestId | null | 400 | invalid_type | /requestId
requestId | "" | 400 | empty | /requestId
requestId | "X256" | 400 | too_long | /requestId
requestId | "a\u0000b" | 400 | invalid_text | /requestId
requestId | "a\nb" | 400 | invalid_text | /requestId
hotelId | "17" | 400 | invalid_id | /hotelId
hotelId | {} | 400 | invalid_type | /hotelId
hotelId | "0192f3a4-b5c6-7d8e-9f01-23456789abcd" | 404 | not_found | /hotelId
checkInDate | "soon" | 400 | invalid_date | /checkInDate
checkInDate | "2027-02-30" | 400 | invalid_date | /checkInDate
checkInDate | 20270310 | 400 | invalid_type | /checkInDate
checkInDate | "2026-12-31" | 422 | stay_in_the_past | /checkInDate
checkInDate | "2027-03-12" | 422 | check_out_before_check_in | /checkOutDate
checkOutDate | "2027-03-09" | 422 | check_out_before_check_in | /checkOutDate
checkOutDate | "2028-04-13" | 422 | stay_too_long | /checkOutDate
checkOutDate | "9999-12-31" | 422 | stay_too_long | /checkOutDate
rooms | [] | 400 | invalid_type | /rooms
rooms | {} | 400 | empty | /rooms
rooms | {"DELUXE": 0} | 400 | out_of_range | /rooms/DELUXE
rooms | {"DELUXE": -1} | 400 | out_of_range | /rooms/DELUXE
rooms | {"DELUXE": 1.5} | 400 | invalid_type | /rooms/DELUXE
rooms | {"DELUXE": "2"} | 400 | invalid_type | /rooms/DELUXE
rooms | {"DELUXE": 10000} | 422 | too_many_units | /rooms
rooms | {"DELUXE": 9223372036854775807} | 400 | out_of_range | /rooms/DELUXE
rooms | {"CASTLE": 1} | 422 | unknown_room_type | /rooms
rooms | {"deluxe": 1} | 422 | unknown_room_type | /rooms
rooms | {"X33": 1} | 400 | too_long | /rooms
adults | 0 | 400 | out_of_range | /adults
adults | -1 | 400 | out_of_range | /adults
adults | 1000000 | 400 | out_of_range | /adults
adults | "2" | 400 | invalid_type | /adults
children | [18] | 400 | out_of_range | /children/0
children | [1, -1] | 400 | out_of_range | /children/1
children | 1 | 400 | invalid_type | /children
guest | "Ana" | 400 | invalid_type | /guest
guest | {"name": "Ana"} | 400 | unknown_field | /guest/name
guest | {"fullName": "X201"} | 400 | too_long | /guest/fullName
guest | {"fullName": ""} | 400 | empty | /guest/fullName
guest | {"email": "ana"} | 400 | invalid_email | /guest/email
guest | {"phone": "call me"} | 400 | invalid_phone | /guest/phone
maxTotal | 1 | 400 | invalid_type | /maxTotal
maxTotal | {"amount": -1, "currency": "EUR"} | 400 | out_of_range | /maxTotal/amount
maxTotal | {"amount": 1, "currency": "XXX"} | 400 | invalid_currency | /maxTotal/currency
maxTotal | {"amount": 1} | 400 | missing_field | /maxTotal/currency
price | 1 | 400 | unknown_field | /price
quote | "q" | 400 | unknown_field | /quote
"#;

/// The same for what is done with a reservation: action, JSON of the body.
const ACTIONS: &str = r#"
reschedule | {} | 400 | missing_field | /checkInDate
reschedule | {"checkInDate": "2027-03-12", "checkOutDate": "2027-03-10"} | 422 | check_out_before_check_in | /checkOutDate
reschedule | {"checkInDate": "2026-01-01", "checkOutDate": "2027-03-12"} | 422 | stay_too_long | /checkOutDate
reschedule | {"checkInDate": "2026-12-30", "checkOutDate": "2027-01-02"} | 422 | stay_in_the_past | /checkInDate
reschedule | {STAY, "rooms": {}} | 400 | empty | /rooms
reschedule | {STAY, "lines": []} | 400 | empty | /lines
reschedule | {STAY, "rooms": {"CASTLE": 1}} | 422 | unknown_room_type | /rooms
reschedule | {STAY, "rooms": {"DELUXE": 10000}} | 422 | too_many_units | /rooms
reschedule | {STAY, "lines": [{"roomType": "DELUXE", "units": 0}]} | 400 | out_of_range | /lines/0/units
reschedule | {STAY, "rooms": {"DELUXE": 1}, "lines": []} | 400 | ambiguous | /lines
check-in | {"rooms": [{"lineId": "1"}]} | 400 | invalid_id | /rooms/0/lineId
check-in | {"rooms": [{"lineId": ID, "unit": 0}]} | 400 | out_of_range | /rooms/0/unit
check-in | {"rooms": [{"lineId": ID, "unit": 1}, {"lineId": ID, "unit": 1}]} | 400 | duplicate | /rooms/1/unit
check-in | {"rooms": [{"lineId": ID, "roomNumber": "X17"}]} | 400 | too_long | /rooms/0/roomNumber
check-in | {"rooms": 1} | 400 | invalid_type | /rooms
confirm | {"paymentId": "1"} | 400 | invalid_id | /paymentId
confirm | {"paidAt": "yesterday"} | 400 | invalid_instant | /paidAt
confirm | {"orderId": ""} | 400 | empty | /orderId
cancel | {"reason": "X501"} | 400 | too_long | /reason
cancel | {"preview": "yes"} | 400 | invalid_type | /preview
"#;

/// The same for payments: route, field, JSON.
const PAYMENTS: &str = r#"
order reservationId | "1" | 400 | invalid_id | /reservationId
order paymentProvider | "gold" | 422 | unknown_provider | /paymentProvider
order paymentProvider | "" | 400 | empty | /paymentProvider
order returnUrl | "javascript:alert(1)" | 400 | invalid_url | /returnUrl
order returnUrl | "https://user:secret@example.com/" | 400 | invalid_url | /returnUrl
order returnUrl | "https://example.com/X2000" | 400 | too_long | /returnUrl
order returnUrl | null | 400 | missing_field | /returnUrl
order amount | 1 | 409 | mismatch | /amount
order amount | -1 | 400 | out_of_range | /amount
order currency | "USD" | 409 | mismatch | /currency
order currency | "GOLD" | 400 | invalid_currency | /currency
confirm paymentOrderId | "other" | 409 | mismatch | /paymentOrderId
confirm paymentOrderId | "" | 400 | empty | /paymentOrderId
confirm signature | "X1001" | 400 | too_long | /signature
"#;

struct Row {
    place: &'static str,
    value: Value,
    status: u16,
    code: &'static str,
    pointer: &'static str,
}

fn rows(table: &'static str) -> impl Iterator<Item = Row> {
    table.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut cells = line.split(" | ");
        let mut next = || cells.next().unwrap();
        let (place, value, status, code, pointer) = (next(), next(), next(), next(), next());
        let value = expanded(value)
            .replace("STAY", r#""checkInDate": "2027-03-10", "checkOutDate": "2027-03-12""#)
            .replace("ID,", r#""0192f3a4-b5c6-7d8e-9f01-23456789abcd","#);
        let value = serde_json::from_str(&value).unwrap_or_else(|error| panic!("{value}: {error}"));
        Row { place, value, status: status.parse().unwrap(), code, pointer }
    })
}

/// `X12` becomes twelve letters.
fn expanded(text: &str) -> String {
    let Some((before, rest)) = text.split_once('X') else { return text.to_owned() };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    match digits.parse() {
        Ok(count) => format!("{before}{}{}", "x".repeat(count), &rest[digits.len()..]),
        Err(_) => text.to_owned(),
    }
}

#[test]
fn every_field_of_a_booking_is_checked() {
    on_sqlite(|house| {
        Box::pin(async move {
            for Row { place, value, status, code, pointer } in rows(BOOKINGS) {
                let mut body = house.booking("bad", json!({}));
                body[place] = value;
                let answer = house.post("/v1/reservations").send_json(&body).await;
                answer.blames(status, code, pointer);
            }
            let many = house.booking("bad", json!({"children": vec![1; 51]}));
            let answer = house.post("/v1/reservations").send_json(&many).await;
            answer.blames(400, "too_many", "/children");
            // None of them left anything behind.
            house.book("all", json!({"rooms": {"DELUXE": 3, "STANDARD": 3}})).await;
        })
    });
}

#[test]
fn every_field_that_must_be_there_is_asked_for() {
    on_sqlite(|house| {
        Box::pin(async move {
            for field in ["requestId", "hotelId", "checkInDate", "checkOutDate", "rooms"] {
                let body = house.booking("bad", json!({ field: null }));
                let answer = house.post("/v1/reservations").send_json(&body).await;
                answer.blames(400, "missing_field", &format!("/{field}"));
            }
            let twice = r#"{"requestId":"a","requestId":"b"}"#;
            let answer = house.post("/v1/reservations").send_text(twice).await;
            answer.blames(400, "duplicate_field", "/requestId");
        })
    });
}

#[test]
fn bodies_that_are_no_requests_are_refused_on_every_route() {
    on_sqlite(|house| {
        Box::pin(async move {
            let id = "0192f3a4-b5c6-7d8e-9f01-23456789abcd";
            for path in [
                "/v1/reservations".to_owned(),
                "/v1/reservations/lookup".to_owned(),
                format!("/v1/reservations/{id}/extend"),
                format!("/v1/reservations/{id}/cancel"),
                format!("/v1/reservations/{id}/reschedule"),
                format!("/v1/reservations/{id}/confirm"),
                format!("/v1/reservations/{id}/check-in"),
                format!("/v1/reservations/{id}/check-out"),
                format!("/v1/reservations/{id}/no-show"),
                "/v1/inventory/hold".to_owned(),
                "/v1/inventory/confirm".to_owned(),
                "/v1/inventory/release".to_owned(),
                "/v1/payments/order".to_owned(),
                "/v1/payments/confirm".to_owned(),
            ] {
                let post = || house.post(&path).by(&house.owner);
                post().send_text("{").await.problem(400, "invalid_json");
                post().send_text("[]").await.problem(400, "invalid_type");
                post().send_text(&b"{\"a\":\"\xff\"}"[..]).await.problem(400, "invalid_utf8");
                let deep = format!(r#"{{"a":{}"#, "[".repeat(100));
                post().send_text(deep).await.problem(400, "too_deep");
                let unknown = post().send_json(&json!({"frobnicate": 1})).await;
                unknown.blames(400, "unknown_field", "/frobnicate");
                let form = post().header("content-type", "text/plain");
                form.send_body(Body::from("{}")).await.problem(415, "unsupported_media_type");
                let query = house.post(format!("{path}?frobnicate=1")).by(&house.owner);
                query.send_json(&json!({})).await.blames(400, "unknown_parameter", "frobnicate");
            }
        })
    });
}

#[test]
fn every_field_of_the_other_requests_is_checked() {
    on_sqlite(|house| {
        Box::pin(async move {
            let (path, _) = house.confirmed("r1", json!({})).await;
            for Row { place, value, status, code, pointer } in rows(ACTIONS) {
                let ask = house.post(format!("{path}/{place}")).by(&house.owner);
                ask.send_json(&value).await.blames(status, code, pointer);
            }
            let shown = house.get(&path).by(&house.owner).send().await.expect(200);
            assert_eq!(shown["version"], 2);
        })
    });
}

#[test]
fn every_field_of_a_payment_is_checked() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let token = text(&booked["guestToken"]);
            let order = json!({
                "reservationId": booked["reservationId"],
                "paymentProvider": "SANDBOX",
                "returnUrl": "https://app.example.com/return",
            });
            let back = json!({"reservationId": booked["reservationId"], "paymentOrderId": "none"});
            for Row { place, value, status, code, pointer } in rows(PAYMENTS) {
                let (route, field) = place.split_once(' ').unwrap();
                let mut body = if route == "order" { order.clone() } else { back.clone() };
                body[field] = value;
                let ask = house.post(format!("/v1/payments/{route}")).by(&token);
                ask.send_json(&body).await.blames(status, code, pointer);
            }
            let shown = house.get(path_of(&booked)).by(&token).send().await.expect(200);
            assert_eq!(shown["paymentState"], "unpaid");
        })
    });
}
