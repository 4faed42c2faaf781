//! Places, hotels, what is free and what it costs, as somebody without a credential finds them.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{House, on_both, on_sqlite, text};

const NOBODY: &str = "0192f3a4-b5c6-7d8e-9f01-23456789abcd";
const STAY: &str = "checkInDate=2027-03-10&checkOutDate=2027-03-12";

async fn get(house: &House, path: &str) -> Value {
    house.get(path).send().await.expect(200)
}

async fn ask(house: &House, path: &str, mut more: Value) -> Value {
    let fields = more.as_object_mut().unwrap();
    fields.insert("checkInDate".to_owned(), json!("2027-03-10"));
    fields.insert("checkOutDate".to_owned(), json!("2027-03-12"));
    house.post(path).send_json(&more).await.expect(200)
}

#[test]
fn a_place_is_found_by_a_part_of_its_name_and_by_its_id() {
    on_both(|house| {
        Box::pin(async move {
            let found = get(&house, "/v1/locations?q=lis").await;
            let lisbon = json!({
                "locationId": "lisbon-pt", "name": "Lisbon", "country": "PT", "hotelCount": 2
            });
            assert_eq!(found, json!({"items": [lisbon], "nextCursor": null}));
            assert_eq!(get(&house, "/v1/locations/lisbon-pt").await, lisbon);
            house.get("/v1/locations/atlantis").send().await.problem(404, "not_found");
        })
    });
}

#[test]
fn hotels_of_a_place_come_in_pages() {
    on_both(|house| {
        Box::pin(async move {
            let first = get(&house, "/v1/hotels?locationId=lisbon-pt&limit=1").await;
            let cursor = text(&first["nextCursor"]);
            let path = format!("/v1/hotels?location=lisbon-pt&limit=1&cursor={cursor}");
            let second = get(&house, &path).await;
            assert_eq!(second["nextCursor"], Value::Null);
            let ids = [&first, &second].map(|page| text(&page["items"][0]["hotelId"]));
            assert_eq!(ids[0], house.hotel.to_string());
            assert_ne!(ids[0], ids[1]);
            for shown in ["settings", "roomTypes"] {
                assert_eq!(first["items"][0].get(shown), None, "{shown}");
            }
        })
    });
}

#[test]
fn a_list_of_hotels_needs_a_place_or_somebody_who_runs_some() {
    on_sqlite(|house| {
        Box::pin(async move {
            let nowhere = house.get("/v1/hotels").send().await;
            nowhere.blames(400, "missing_field", "locationId");
            let two = house.get("/v1/hotels?locationId=lisbon-pt&location=porto-pt").send().await;
            two.blames(400, "ambiguous", "location");
            let other_list =
                house.get(format!("/v1/hotel-listings?locationId=lisbon-pt&{STAY}&limit=1"));
            let cursor = text(&other_list.send().await.expect(200)["nextCursor"]);
            let path = format!("/v1/hotels?locationId=lisbon-pt&cursor={cursor}");
            house.get(path).send().await.blames(422, "malformed", "cursor");
            house.get("/v1/hotels?location=atlantis").send().await.problem(404, "not_found");
            let own = house.get("/v1/hotels").by(&house.owner).send().await.expect(200);
            let ids: Vec<&Value> =
                own["items"].as_array().unwrap().iter().map(|hotel| &hotel["hotelId"]).collect();
            assert_eq!(ids, [&json!(house.hotel.to_string())]);
        })
    });
}

#[test]
fn a_hotel_is_shown_with_its_room_types_and_may_be_kept() {
    on_both(|house| {
        Box::pin(async move {
            let path = format!("/v1/hotels/{}", house.hotel);
            let answer = house.get(&path).send().await;
            let hotel = answer.expect(200);
            assert_eq!(answer.header("cache-control"), "public, max-age=30");
            assert_eq!((&hotel["city"], &hotel["country"]), (&json!("Lisbon"), &json!("PT")));
            assert_eq!(hotel["policies"]["checkInTime"], "15:00");
            assert_eq!(hotel["policies"]["cancellation"]["code"], "full_refund");
            assert_eq!((&hotel["stars"], &hotel["rating"]), (&Value::Null, &Value::Null));
            assert_eq!(hotel.get("settings"), None);
            let deluxe = &hotel["roomTypes"][0];
            assert_eq!((&deluxe["code"], &deluxe["capacity"]), (&json!("DELUXE"), &json!(3)));
            assert_eq!(deluxe["baseRate"], json!({"amount": 12_000, "currency": "EUR"}));
            let tag = answer.header("etag").to_owned();
            let again = house.get(&path).header("if-none-match", &tag).send().await;
            assert_eq!((again.status, again.header("etag")), (304, tag.as_str()));
            assert!(again.bytes.is_empty());

            // A room type is a part of what is shown.
            let change = house.ask(Method::PATCH, format!("{path}/room-types/DELUXE"));
            let change = change.by(&house.owner).header("if-match", "*");
            change.send_json(&json!({"beds": "1 king bed"})).await.expect(200);
            let again = house.get(&path).header("if-none-match", &tag).send().await;
            assert_eq!(again.expect(200)["roomTypes"][0]["beds"], "1 king bed");
        })
    });
}

#[test]
fn only_whoever_runs_a_hotel_sees_its_settings() {
    on_sqlite(|house| {
        Box::pin(async move {
            let path = format!("/v1/hotels/{}", house.hotel);
            for (by, is_shown) in
                [(&house.owner, true), (&house.admin, true), (&house.stranger, false)]
            {
                let answer = house.get(&path).by(by).send().await;
                let shown = answer.expect(200);
                assert_eq!(shown.get("settings").is_some(), is_shown);
                let kept = if is_shown { "private, no-cache" } else { "public, max-age=30" };
                assert_eq!(answer.header("cache-control"), kept);
                assert!(answer.header("vary").contains("authorization"));
            }
            let shown = house.get(&path).by(&house.owner).send().await.expect(200);
            assert_eq!(shown["settings"]["taxBp"], 600);
            assert_eq!(shown["settings"]["holdSeconds"], 600);
        })
    });
}

#[test]
fn room_types_are_shown_alone_too() {
    on_sqlite(|house| {
        Box::pin(async move {
            let path = format!("/v1/hotels/{}/room-types", house.hotel);
            let all = get(&house, &path).await;
            assert_eq!(all["items"].as_array().unwrap().len(), 2);
            let one = house.get(format!("{path}/STANDARD")).send().await;
            assert_eq!(one.expect(200), all["items"][1]);
            assert_eq!(all["items"][1]["policies"]["checkOutTime"], "11:00");
            let tag = one.header("etag").to_owned();
            let again = house.get(format!("{path}/STANDARD")).header("if-none-match", &tag);
            assert_eq!(again.send().await.status, 304);
            house.get(format!("{path}/PALACE")).send().await.problem(404, "not_found");
            let nowhere = format!("/v1/hotels/{NOBODY}/room-types");
            house.get(nowhere).send().await.problem(404, "not_found");
        })
    });
}

#[test]
fn listings_show_the_cheapest_room_that_takes_everybody() {
    on_both(|house| {
        Box::pin(async move {
            let path = format!("/v1/hotel-listings?locationId=lisbon-pt&{STAY}");
            let found = get(&house, &path).await;
            assert_eq!((&found["total"], &found["isComplete"]), (&json!(2), &json!(true)));
            let first = &found["items"][0];
            assert_eq!(first["roomType"], "STANDARD");
            assert_eq!(first["avgPricePerNight"], json!({"amount": 8_000, "currency": "EUR"}));
            assert_eq!(first["totalPrice"], json!({"amount": 16_960, "currency": "EUR"}));
            assert_eq!(first["roomsLeft"], 3);
            assert_eq!(found["facets"]["stars"], json!([{"stars": null, "count": 2}]));
            let dear = get(&house, &format!("{path}&minPrice=10000")).await;
            assert_eq!(dear["items"][0]["roomType"], "DELUXE");
            assert_eq!(get(&house, &format!("{path}&stars=5")).await["total"], 0);
            assert_eq!(get(&house, &format!("{path}&roomCount=4&adults=4")).await["total"], 0);
            assert_eq!(get(&house, &format!("{path}&adults=3")).await["total"], 0);

            house.book("r1", json!({"rooms": {"STANDARD": 3, "DELUXE": 3}})).await;
            let left = get(&house, &path).await;
            assert_eq!(left["total"], 1);
            assert_ne!(left["items"][0]["hotelId"], house.hotel.to_string());
        })
    });
}

#[test]
fn listings_without_dates_show_hotels_and_no_prices() {
    on_sqlite(|house| {
        Box::pin(async move {
            let found = get(&house, "/v1/hotel-listings?q=test").await;
            assert_eq!(found["total"], 2);
            for name in ["totalPrice", "avgPricePerNight", "roomsLeft", "roomType"] {
                assert_eq!(found["items"][0][name], Value::Null, "{name}");
            }
            let near = get(&house, "/v1/hotel-listings?lat=0.001&lon=0&sort=distance").await;
            assert_eq!(near["items"][0]["distanceMetres"], 111);
            let boxed = get(&house, "/v1/hotel-listings?bbox=-1,-1,1,1&limit=1").await;
            let path = format!(
                "/v1/hotel-listings?bbox=-1,-1,1,1&limit=1&cursor={}",
                text(&boxed["nextCursor"])
            );
            let second = get(&house, &path).await;
            assert_ne!(boxed["items"][0]["hotelId"], second["items"][0]["hotelId"]);
            assert_eq!(second["nextCursor"], Value::Null);
        })
    });
}

#[test]
fn a_no_says_why_and_what_else_there_is() {
    on_both(|house| {
        Box::pin(async move {
            house.book("r1", json!({"rooms": {"DELUXE": 3}})).await;
            let body = json!({"hotelId": house.hotel.to_string(), "roomCount": 2});
            let told = ask(&house, "/v1/availability", body).await;
            let (deluxe, standard) = (&told["roomTypes"][0], &told["roomTypes"][1]);
            assert_eq!((&deluxe["available"], &deluxe["roomsLeft"]), (&json!(false), &json!(0)));
            assert_eq!(deluxe["reasons"], json!([{"code": "sold_out", "roomsLeft": 0}]));
            let instead = deluxe["alternatives"].as_array().unwrap();
            assert_eq!(instead[0]["rooms"], json!({"STANDARD": 2}));
            assert_eq!(instead[0]["finalPrice"], json!({"amount": 33_920, "currency": "EUR"}));
            assert_eq!(instead[1]["rooms"], json!({"DELUXE": 2}));
            assert_eq!(instead[1]["checkInDate"], "2027-03-08");
            assert_eq!(standard["available"], true);
            assert_eq!((&standard["reasons"], &standard["alternatives"]), (&json!([]), &json!([])));
        })
    });
}

#[test]
fn a_party_that_does_not_fit_is_not_sent_to_another_day() {
    on_sqlite(|house| {
        Box::pin(async move {
            let body = json!({
                "hotelId": house.hotel.to_string(), "adults": 3, "roomTypes": ["DELUXE"]
            });
            let told = ask(&house, "/v1/availability", body).await;
            assert_eq!(told["roomTypes"].as_array().unwrap().len(), 1);
            let deluxe = &told["roomTypes"][0];
            assert_eq!(deluxe["reasons"], json!([{"code": "adults_exceeded", "max": 2}]));
            assert_eq!(deluxe["alternatives"], json!([]));
        })
    });
}

#[test]
fn many_hotels_are_asked_at_once() {
    on_both(|house| {
        Box::pin(async move {
            let hotel = house.hotel.to_string();
            let body = json!({"hotelIds": [hotel, NOBODY, hotel]});
            let free = ask(&house, "/v1/availability/batch", body.clone()).await;
            assert_eq!(free, json!({"availability": {&hotel: {"available": true}}}));
            let prices = ask(&house, "/v1/pricing/batch", body.clone()).await;
            let night = json!({"avgPerNightPrice": {"amount": 8_000, "currency": "EUR"}});
            assert_eq!(prices, json!({"prices": {&hotel: night}}));
            house.book("r1", json!({"rooms": {"STANDARD": 3, "DELUXE": 3}})).await;
            let free = ask(&house, "/v1/availability/batch", body).await;
            assert_eq!(free["availability"][&hotel]["available"], false);
        })
    });
}

#[test]
fn a_price_explains_itself_and_adds_up() {
    on_both(|house| {
        Box::pin(async move {
            let hotel = house.hotel.to_string();
            let told = ask(&house, "/v1/pricing", json!({"hotelId": hotel})).await;
            let money = |amount: i64| json!({"amount": amount, "currency": "EUR"});
            let deluxe = &told["roomTypes"][0];
            let night = |day: &str| json!({"date": day, "price": money(12_000), "trace": "base EUR 120.00"});
            assert_eq!(deluxe["perNight"], json!([night("2027-03-10"), night("2027-03-11")]));
            assert_eq!(deluxe["totalPrice"], money(24_000));
            let tax = json!({"name": "tax", "basisPoints": 600, "amount": money(1_440), "collected": "onTop"});
            assert_eq!((&deluxe["taxes"], &deluxe["fees"]), (&json!([tax]), &json!([])));
            assert_eq!((&deluxe["finalPrice"], &deluxe["reasons"]), (&money(25_440), &json!([])));

            let gone = json!({"base": {"DELUXE": null}});
            let set = house.ask(Method::PUT, format!("/v1/hotels/{hotel}/rates"));
            set.by(&house.owner).send_json(&gone).await.expect(204);
            let told = ask(&house, "/v1/pricing", json!({"hotelId": hotel})).await;
            let deluxe = &told["roomTypes"][0];
            assert_eq!(deluxe["reasons"], json!([{"code": "rate_not_offered"}]));
            assert_eq!((&deluxe["finalPrice"], &deluxe["perNight"]), (&Value::Null, &json!([])));
        })
    });
}

#[test]
fn a_calendar_shows_the_cheapest_price_and_the_rules_of_every_day() {
    on_both(|house| {
        Box::pin(async move {
            let ranges = json!({"ranges": [
                {"roomType": "STANDARD", "from": "2027-03-11", "to": "2027-03-12", "closed": true},
                {"roomType": "DELUXE", "from": "2027-03-11", "to": "2027-03-12", "minStay": 2}
            ]});
            let set = house.ask(Method::PUT, format!("/v1/hotels/{}/inventory", house.hotel));
            set.by(&house.owner).send_json(&ranges).await.expect(204);
            let path = format!("/v1/hotels/{}/calendar", house.hotel);
            let query = format!("{path}?from=2027-03-10&to=2027-03-12");
            let told = get(&house, &query).await;
            let day = |date: &str, price: i64, left: i64, nights: Value| {
                json!({
                    "date": date, "open": true,
                    "cheapestPrice": {"amount": price, "currency": "EUR"}, "roomsLeft": left,
                    "closedToArrival": false, "closedToDeparture": false, "minStay": nights,
                    "maxStay": null
                })
            };
            let expected =
                [day("2027-03-10", 8_000, 6, Value::Null), day("2027-03-11", 12_000, 3, json!(2))];
            assert_eq!(told["days"], json!(expected));
            let crowd = get(&house, &format!("{query}&adults=3")).await;
            assert_eq!(
                (&crowd["days"][0]["open"], &crowd["days"][0]["cheapestPrice"]),
                (&json!(false), &Value::Null)
            );
            let back = house.get(format!("{path}?from=2027-03-10&to=2027-03-10")).send().await;
            back.blames(422, "to_before_from", "to");
            let long = house.get(format!("{path}?from=2027-03-10&to=2029-03-10")).send().await;
            long.blames(422, "out_of_range", "to");
        })
    });
}
