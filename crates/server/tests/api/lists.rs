//! Reservations found again: by code, in a business's list, a guest's own.

use serde_json::{Value, json};

use super::house::{House, on_both, on_sqlite, path_of, text};

async fn items(house: &House, by: &str, query: &str) -> Vec<Value> {
    let page = house.get(format!("/v1/reservations?{query}")).by(by).send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

#[test]
fn a_business_finds_its_reservations_by_every_filter() {
    on_both(|house| {
        Box::pin(async move {
            let ana = json!({"guest": {"fullName": "Ana Sousa", "email": "ana@example.com"}});
            let (first, _) = house.confirmed("r1", ana).await;
            let later = json!({"checkInDate": "2027-04-01", "checkOutDate": "2027-04-02"});
            let second = house.book("r2", later).await;
            let (third, token) = house.confirmed("r3", json!({"rooms": {"STANDARD": 1}})).await;
            house.post(format!("{third}/cancel")).by(&token).send().await.expect(200);
            let shown = house.get(&first).by(&house.owner).send().await.expect(200);
            let code = text(&shown["code"]);
            let hotel = format!("hotelId={}", house.hotel);
            for (query, count) in [
                ("", 3),
                ("status=CONFIRMED", 1),
                ("status=PENDING_PAYMENT", 1),
                ("status=CANCELED", 1),
                ("status=REFUNDED", 0),
                ("from=2027-03-11", 1),
                ("to=2027-03-10", 2),
                ("from=2027-03-10&to=2027-04-01", 3),
                ("guest=ana@example.com", 1),
                ("guest=ana", 0),
                ("q=sousa", 1),
                ("q=%25", 0),
                (&format!("q={}", &code[..5].to_lowercase()), 1),
                (&hotel, 3),
                ("hotelId=0192f3a4-b5c6-7d8e-9f01-23456789abcd", 0),
            ] {
                assert_eq!(items(&house, &house.accountant, query).await.len(), count, "{query}");
            }
            assert_eq!(items(&house, &house.admin, &hotel).await.len(), 3);
            assert_eq!(items(&house, &house.stranger, "").await.len(), 0);
            let own = items(&house, &text(&second["guestToken"]), "").await;
            assert_eq!(own.len(), 1);
            assert_eq!(own[0]["reservationId"], second["reservationId"]);
        })
    });
}

/// One night in March.
fn days_of(day: i64) -> Value {
    json!({
        "checkInDate": format!("2027-03-0{day}"),
        "checkOutDate": format!("2027-03-0{}", day + 1),
    })
}

#[test]
fn a_list_goes_on_where_its_page_ended() {
    on_sqlite(|house| {
        Box::pin(async move {
            for at in 0..5 {
                house.book(&format!("r{at}"), days_of(at + 1)).await;
            }
            let mut seen = Vec::new();
            let mut cursor = String::new();
            loop {
                let query = format!("/v1/reservations?limit=2{cursor}");
                let page = house.get(query).by(&house.owner).send().await.expect(200);
                let items = page["items"].as_array().unwrap();
                seen.extend(items.iter().map(|item| item["checkInDate"].clone()));
                let Some(next) = page["nextCursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            let days = [5, 4, 3, 2, 1].map(|day| json!(format!("2027-03-0{day}")));
            assert_eq!(seen, days);
        })
    });
}

#[test]
fn a_parameter_that_is_wrong_is_named() {
    on_sqlite(|house| {
        Box::pin(async move {
            for (query, status, code, pointer) in [
                ("status=confirmed", 400, "invalid_value", "status"),
                ("from=soon", 400, "invalid_date", "from"),
                ("to=2027-13-01", 400, "invalid_date", "to"),
                ("hotelId=1", 400, "invalid_id", "hotelId"),
                ("limit=0", 422, "out_of_range", "limit"),
                ("limit=201", 422, "out_of_range", "limit"),
                ("limit=x", 400, "invalid_type", "limit"),
                ("cursor=x", 422, "malformed", "cursor"),
                ("page=2", 400, "unknown_parameter", "page"),
            ] {
                let answer =
                    house.get(format!("/v1/reservations?{query}")).by(&house.owner).send().await;
                answer.blames(status, code, pointer);
            }
            let nobodys = house.get("/v1/reservations").by(&house.admin).send().await;
            nobodys.blames(400, "missing_field", "businessId");
        })
    });
}

#[test]
fn a_guest_finds_the_way_back_by_code_and_email() {
    on_both(|house| {
        Box::pin(async move {
            let guest = json!({"fullName": "Ana", "email": "Ana@Example.com"});
            let booked = house.book("r1", json!({"guest": guest})).await;
            let (path, code) = (path_of(&booked), text(&booked["code"]));
            let look = |code: String, email: &'static str| {
                let ask = house.post("/v1/reservations/lookup");
                async move { ask.send_json(&json!({"code": code, "email": email})).await }
            };
            let found = look(code.to_lowercase().replace('-', " "), " ana@example.COM").await;
            let found = found.expect(200);
            assert_eq!(found["reservationId"], booked["reservationId"]);
            let token = text(&found["guestToken"]);
            house.get(&path).by(&token).send().await.expect(200);
            // Wrong code and wrong e-mail cannot be told apart.
            let strip = |mut problem: Value| {
                problem.as_object_mut().unwrap().remove("traceId");
                problem
            };
            let wrong =
                strip(look(code.clone(), "eve@example.com").await.problem(404, "not_found"));
            let other = if code.starts_with('0') { '1' } else { '0' };
            let other_code = format!("{other}{}", &code[1..]);
            for code in [other_code, "ABCDE-FGHJK".to_owned(), "x".to_owned()] {
                let told = strip(look(code, "ana@example.com").await.problem(404, "not_found"));
                assert_eq!(told, wrong);
            }
            let answer =
                house.post("/v1/reservations/lookup").send_json(&json!({"code": "x"})).await;
            answer.blames(400, "missing_field", "/email");
        })
    });
}

#[test]
fn guessing_a_code_is_slowed_down() {
    on_sqlite(|house| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let body = json!({"code": booked["code"], "email": "eve@example.com"});
            for _ in 0..6 {
                let answer = house.post("/v1/reservations/lookup").send_json(&body).await;
                answer.problem(404, "not_found");
            }
            let answer = house.post("/v1/reservations/lookup").send_json(&body).await;
            answer.problem(429, "too_many_requests");
            assert!(!answer.header("retry-after").is_empty());
        })
    });
}
