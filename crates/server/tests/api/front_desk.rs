//! The front desk: rooms at check-in, early check-out, no-show, the list of the day.

use serde_json::{Value, json};

use super::house::{House, on_both, on_sqlite};

/// Turns the clock to the day of arrival, March 10.
async fn arrive(house: &House) {
    house.advance_days(68).await;
}

#[test]
fn a_stay_from_check_in_to_an_early_check_out() {
    on_both(|house| {
        Box::pin(async move {
            let changes = json!({"rooms": {"DELUXE": 2}, "checkOutDate": "2027-03-14"});
            let (path, _) = house.confirmed("r1", changes).await;
            let check_in = format!("{path}/check-in");
            let early = house.post(&check_in).by(&house.desk).send().await;
            assert_eq!(early.problem(409, "too_soon")["from"], "2027-03-10");
            arrive(&house).await;
            let shown = house.get(&path).by(&house.desk).send().await.expect(200);
            let line = shown["lines"][0]["lineId"].clone();
            let rooms = |numbers: &[&str]| -> Value {
                let room = |(at, number): (usize, &&str)| json!({"lineId": line, "unit": at + 1, "roomNumber": number});
                json!({"rooms": numbers.iter().enumerate().map(room).collect::<Vec<_>>()})
            };
            for (numbers, status, code) in [
                (&["STANDARD-1"][..], 422, "room_of_other_type"),
                (&["999"], 422, "unknown_room"),
                (&["DELUXE-1", "DELUXE-1"], 409, "room_taken"),
                (&["DELUXE-1", "DELUXE-2", "DELUXE-3"], 422, "too_many_units"),
            ] {
                let refused =
                    house.post(&check_in).by(&house.desk).send_json(&rooms(numbers)).await;
                refused.problem(status, code);
            }
            let arrived =
                house.post(&check_in).by(&house.desk).send_json(&rooms(&["DELUXE-2"])).await;
            let arrived = arrived.expect(200);
            assert_eq!(arrived["status"], "CHECKED_IN");
            assert_eq!(arrived["lines"][0]["roomNumbers"], json!(["DELUXE-2"]));
            // The rest follows, any free one.
            let rest = json!({"rooms": [{"lineId": line}]});
            let arrived = house.post(&check_in).by(&house.desk).send_json(&rest).await.expect(200);
            assert_eq!(arrived["lines"][0]["roomNumbers"], json!(["DELUXE-1", "DELUXE-2"]));
            let today = format!("/v1/hotels/{}/today", house.hotel);
            let day = house.get(&today).by(&house.desk).send().await.expect(200);
            assert_eq!(day["date"], "2027-03-10");
            assert_eq!(day["inHouse"].as_array().unwrap().len(), 1);

            house.advance_days(1).await;
            let check_out = format!("{path}/check-out");
            let left = house.post(&check_out).by(&house.desk).send().await.expect(200);
            assert_eq!(left["status"], "COMPLETED");
            house.post(&check_out).by(&house.desk).send().await.problem(409, "invalid_transition");
            // The nights that were left are for others.
            let changes = json!({
                "rooms": {"DELUXE": 3}, "checkInDate": "2027-03-11", "checkOutDate": "2027-03-14",
            });
            house.book("r2", changes).await;
        })
    });
}

#[test]
fn a_guest_who_does_not_come_gives_the_nights_back() {
    on_both(|house| {
        Box::pin(async move {
            let (path, token) = house.confirmed("r1", json!({"rooms": {"DELUXE": 3}})).await;
            let no_show = format!("{path}/no-show");
            house.post(&no_show).by(&house.desk).send().await.problem(409, "too_soon");
            arrive(&house).await;
            let day = format!("/v1/hotels/{}/today", house.hotel);
            let day = house.get(&day).by(&house.desk).send().await.expect(200);
            assert_eq!(day["arrivals"][0]["links"]["no-show"]["method"], "POST");
            house.post(&no_show).by(&token).send().await.problem(403, "forbidden");
            let shown = house.post(&no_show).by(&house.desk).send().await.expect(200);
            assert_eq!(shown["status"], "NO_SHOW");
            assert_eq!(shown["links"].as_object().unwrap().len(), 1);
            house.book("r2", json!({"rooms": {"DELUXE": 3}})).await;
        })
    });
}

#[test]
fn a_house_without_a_free_room_says_so() {
    on_sqlite(|house| {
        Box::pin(async move {
            // More is sold than there is, by the business's own will.
            let path = format!("/v1/hotels/{}/overbooking", house.hotel);
            let put = house.ask(axum::http::Method::PUT, path).by(&house.owner);
            put.send_json(&json!({"overbookBp": 5_000, "roomTypes": {"DELUXE": 5_000}}))
                .await
                .expect(200);
            let (full, _) = house.confirmed("r1", json!({"rooms": {"DELUXE": 3}})).await;
            let (over, _) = house.confirmed("r2", json!({})).await;
            arrive(&house).await;
            let line = |shown: &Value| shown["lines"][0]["lineId"].clone();
            let shown = house.get(&full).by(&house.desk).send().await.expect(200);
            let any = vec![json!({"lineId": line(&shown)}); 3];
            let check_in = house.post(format!("{full}/check-in")).by(&house.desk);
            check_in.send_json(&json!({"rooms": any})).await.expect(200);
            let shown = house.get(&over).by(&house.desk).send().await.expect(200);
            let check_in = house.post(format!("{over}/check-in")).by(&house.desk);
            let refused = check_in.send_json(&json!({"rooms": [{"lineId": line(&shown)}]})).await;
            assert_eq!(refused.problem(409, "no_room_free")["lineId"], line(&shown));
            // The guest may come in all the same.
            let check_in = house.post(format!("{over}/check-in")).by(&house.desk);
            assert_eq!(check_in.send().await.expect(200)["status"], "CHECKED_IN");
        })
    });
}
