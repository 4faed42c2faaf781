//! Booking: repeated, priced, refused.

use serde_json::{Value, json};

use vacancy_app::verify::verify;

use super::house::{on_both, on_sqlite, path_of, text};

#[test]
fn the_same_request_gets_the_same_reservation_and_another_body_is_refused() {
    on_both(|house| {
        Box::pin(async move {
            let body = house.booking("r1", json!({"rooms": {"DELUXE": 1, "STANDARD": 2}}));
            let first = house.post("/v1/reservations").send_json(&body).await;
            assert!(!first.is_replayed());
            let told = first.expect(201);
            assert_eq!(first.header("location"), path_of(&told));
            // Another order of keys and other blanks are no other request.
            let text = format!(
                "{{ \"rooms\": {{\"STANDARD\": 2, \"DELUXE\":1}},\n\"checkOutDate\":\"2027-03-12\",\
                 \"checkInDate\":\"2027-03-10\",\"requestId\":\"r1\",\"hotelId\":\"{}\"}}",
                house.hotel
            );
            let again = house.post("/v1/reservations").send_text(text).await;
            assert!(again.is_replayed());
            assert_eq!(again.header("location"), first.header("location"));
            assert_eq!(again.expect(201), told);
            let other = house.booking("r1", json!({"adults": 1}));
            let refused = house.post("/v1/reservations").send_json(&other).await;
            refused.problem(422, "idempotency_key_reused");
        })
    });
}

#[test]
fn a_repeated_answer_after_a_day_opens_nothing() {
    on_sqlite(|house| {
        Box::pin(async move {
            let body = house.booking("r1", json!({}));
            let first = house.post("/v1/reservations").send_json(&body).await.expect(201);
            assert!(text(&first["guestToken"]).starts_with("vg_"));
            house.advance_ms(24 * 60 * 60 * 1000).await;
            let again = house.post("/v1/reservations").send_json(&body).await.expect(201);
            assert_eq!(again, first);
            house.advance_ms(1).await;
            let mut later = house.post("/v1/reservations").send_json(&body).await.expect(201);
            assert_eq!(later["guestToken"], Value::Null);
            later["guestToken"] = first["guestToken"].clone();
            assert_eq!(later, first);
        })
    });
}

#[test]
fn what_succeeded_is_told_again_even_when_it_would_be_refused_now() {
    on_sqlite(|house| {
        Box::pin(async move {
            let body = house.booking("r1", json!({"rooms": {"DELUXE": 3}}));
            let first = house.post("/v1/reservations").send_json(&body).await.expect(201);
            let token = text(&first["guestToken"]);
            let (order, pay) = ("/v1/reservations", format!("{}/confirm", path_of(&first)));
            house.post(pay).by(&house.desk).send().await.expect(200);
            house.advance_days(80).await;
            let again = house.post(order).send_json(&body).await;
            assert!(again.is_replayed());
            assert_eq!(again.expect(201)["reservationId"], first["reservationId"]);
            // The reservation itself tells how it stands.
            let shown = house.get(path_of(&first)).by(&token).send().await.expect(200);
            assert_eq!(shown["status"], "CONFIRMED");
            let fresh = house.booking("r2", json!({}));
            let refused = house.post(order).send_json(&fresh).await;
            refused.blames(422, "stay_in_the_past", "/checkInDate");
        })
    });
}

#[test]
fn a_price_above_the_agreed_one_is_refused_with_both() {
    on_sqlite(|house| {
        Box::pin(async move {
            let most = |minor: i64, currency: &str| {
                let agreed = json!({"amount": minor, "currency": currency});
                house.booking("r1", json!({"maxTotal": agreed}))
            };
            let path = "/v1/reservations";
            let refused = house.post(path).send_json(&most(25_439, "EUR")).await;
            let problem = refused.problem(409, "price_changed");
            assert_eq!(problem["agreed"], json!({"amount": 25_439, "currency": "EUR"}));
            assert_eq!(problem["current"], json!({"amount": 25_440, "currency": "EUR"}));
            house.post(path).send_json(&most(25_440, "USD")).await.problem(409, "price_changed");
            // A refused request leaves nothing behind, so its name is free.
            house.post(path).send_json(&most(25_440, "EUR")).await.expect(201);
        })
    });
}

#[test]
fn sold_out_says_why_and_what_else_there_is() {
    on_both(|house| {
        Box::pin(async move {
            house.book("all", json!({"rooms": {"DELUXE": 2}})).await;
            let body = house.booking("more", json!({"rooms": {"DELUXE": 2, "STANDARD": 1}}));
            let refused = house.post("/v1/reservations").send_json(&body).await;
            let problem = refused.problem(409, "sold_out");
            let reasons = problem["reasons"].as_array().unwrap();
            assert_eq!(reasons.len(), 1, "{problem}");
            assert_eq!(reasons[0]["roomType"], "DELUXE");
            assert_eq!(reasons[0]["roomsLeft"], 1);
            let body = house.booking("two", json!({"rooms": {"DELUXE": 2}}));
            let refused = house.post("/v1/reservations").send_json(&body).await;
            let problem = refused.problem(409, "sold_out");
            let alternatives = problem["alternatives"].as_array().unwrap();
            assert_eq!(alternatives[0]["rooms"], json!({"STANDARD": 2}));
            assert_eq!(alternatives[0]["finalPrice"], json!({"amount": 33_920, "currency": "EUR"}));
            let days: Vec<&Value> =
                alternatives[1..].iter().map(|other| &other["checkInDate"]).collect();
            let fewer = "2027-03-10";
            assert_eq!(days, ["2027-03-08", "2027-03-12", "2027-03-07", "2027-03-13", fewer]);
            assert_eq!(alternatives[5]["rooms"], json!({"DELUXE": 1}));
            // What is offered can be had.
            for (at, other) in alternatives.iter().enumerate() {
                let changes = json!({
                    "rooms": other["rooms"],
                    "checkInDate": other["checkInDate"],
                    "checkOutDate": other["checkOutDate"],
                    "maxTotal": other["finalPrice"],
                });
                let body = house.booking(&format!("other-{at}"), changes);
                let answer = house.post("/v1/reservations").send_json(&body).await;
                let booked = answer.expect(201);
                let path = format!("{}/cancel", path_of(&booked));
                house.post(path).by(&text(&booked["guestToken"])).send().await.expect(200);
            }
        })
    });
}

#[test]
fn some_nights_gone_are_named() {
    on_sqlite(|house| {
        Box::pin(async move {
            house.book("one", json!({"rooms": {"DELUXE": 3}, "checkOutDate": "2027-03-11"})).await;
            let body = house.booking("two", json!({}));
            let refused = house.post("/v1/reservations").send_json(&body).await;
            let problem = refused.problem(409, "sold_out");
            assert_eq!(problem["reasons"][0]["code"], "partly_sold_out");
            assert_eq!(problem["reasons"][0]["dates"], json!(["2027-03-10"]));
        })
    });
}

#[test]
fn more_people_than_the_rooms_sleep_are_refused_with_the_number() {
    on_sqlite(|house| {
        Box::pin(async move {
            for (changes, status, code, max) in [
                (json!({"adults": 3}), 409, "adults_exceeded", 2),
                (json!({"adults": 2, "children": [3, 4, 5]}), 409, "children_exceeded", 2),
                (json!({"adults": 5, "rooms": {"DELUXE": 2}}), 409, "adults_exceeded", 2),
                (
                    json!({"adults": 5, "rooms": {"DELUXE": 1, "STANDARD": 1}}),
                    409,
                    "adults_exceeded",
                    4,
                ),
            ] {
                let body = house.booking("crowd", changes);
                let refused = house.post("/v1/reservations").send_json(&body).await;
                let problem = refused.problem(status, code);
                assert_eq!(problem["reasons"][0]["max"], max, "{problem}");
            }
            let fits =
                json!({"adults": 4, "children": [17], "rooms": {"DELUXE": 1, "STANDARD": 1}});
            house.book("family", fits).await;
        })
    });
}

#[test]
fn an_answer_stays_small() {
    on_sqlite(|house| {
        Box::pin(async move {
            let body = house.booking("r1", json!({
                "rooms": {"DELUXE": 2, "STANDARD": 2},
                "checkOutDate": "2027-05-10",
                "guest": {"fullName": "Ana", "email": "ana@example.com", "phone": "+351 21 000 0000"},
            }));
            let answer = house.post("/v1/reservations").send_json(&body).await;
            assert!(answer.bytes.len() <= 2_048, "{}", answer.bytes.len());
        })
    });
}

#[test]
fn asking_too_far_ahead_makes_no_nights() {
    on_both(|house| {
        Box::pin(async move {
            let stay = json!({"checkInDate": "2032-03-10", "checkOutDate": "2032-03-12"});
            let body = house.booking("r1", stay.clone());
            let refused = house.post("/v1/reservations").send_json(&body).await;
            assert_eq!(refused.problem(409, "too_early")["reasons"][0]["maxAdvanceDays"], 730);
            let mut body = house.booking("hold", stay.clone());
            let wish = body.as_object_mut().unwrap();
            wish.remove("requestId");
            wish.remove("guest");
            wish.insert("reservationId".to_owned(), json!("R1"));
            let hold = house.post("/v1/inventory/hold").by(&house.program);
            hold.send_json(&body).await.problem(409, "too_early");
            let booked = house.book("r", json!({})).await;
            let ask = house.post(format!("{}/reschedule", path_of(&booked)));
            let refused = ask.by(&text(&booked["guestToken"])).send_json(&stay).await;
            refused.problem(409, "too_early");
            // Those of the booking, and no other.
            assert_eq!(verify(&house.state.db).await.unwrap().looked.cells_count, 2);
        })
    });
}

#[test]
fn asking_for_a_night_gone_by_leaves_nothing_behind() {
    on_both(|house| {
        Box::pin(async move {
            for (at, (first, last)) in
                [("0001-01-01", "0001-01-03"), ("1969-12-31", "1970-01-01")].iter().enumerate()
            {
                let stay = json!({"checkInDate": first, "checkOutDate": last});
                let body = house.booking(&format!("r{at}"), stay.clone());
                let refused = house.post("/v1/reservations").send_json(&body).await;
                refused.blames(422, "stay_in_the_past", "/checkInDate");
                let mut body = house.booking("hold", stay);
                let wish = body.as_object_mut().unwrap();
                wish.remove("requestId");
                wish.remove("guest");
                wish.insert("reservationId".to_owned(), json!(format!("R{at}")));
                let hold = house.post("/v1/inventory/hold").by(&house.program);
                hold.send_json(&body).await.problem(422, "stay_in_the_past");
            }
            let booked = house.book("r", json!({})).await;
            let ask = house.post(format!("{}/reschedule", path_of(&booked)));
            let stay = json!({"checkInDate": "0002-02-02", "checkOutDate": "0002-02-03"});
            let refused = ask.by(&text(&booked["guestToken"])).send_json(&stay).await;
            refused.problem(422, "stay_in_the_past");
            assert_eq!(verify(&house.state.db).await.unwrap().findings, []);
        })
    });
}

#[test]
fn a_name_that_turns_the_text_round_is_refused() {
    on_sqlite(|house| {
        Box::pin(async move {
            let name =
                json!({"guest": {"fullName": "Ana \u{202e}asuoS", "email": "a@example.com"}});
            let body = house.booking("r1", name);
            let refused = house.post("/v1/reservations").send_json(&body).await;
            refused.blames(400, "invalid_text", "/guest/fullName");
            let name =
                json!({"guest": {"fullName": "\u{5d0}\u{5e0}\u{5d4}", "email": "a@example.com"}});
            let body = house.booking("r1", name);
            house.post("/v1/reservations").send_json(&body).await.expect(201);
        })
    });
}
