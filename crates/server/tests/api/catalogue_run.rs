//! Hotels, room types, rooms and rates, as whoever runs them makes and changes them.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{Answer, House, on_both, on_sqlite, text};

fn hotel(changes: Value) -> Value {
    let mut body = json!({
        "name": "Casa da Ribeira",
        "city": "Porto",
        "country": "PT",
        "address": "Rua das Flores 12",
        "geo": {"latitude": 41.1413, "longitude": -8.614},
        "stars": 4,
        "rating": 8.7,
        "amenities": ["wifi"],
        "timeZone": "Europe/Lisbon",
        "currency": "EUR",
        "policies": {"checkInTime": "14:30"},
    });
    for (name, value) in changes.as_object().unwrap() {
        body.as_object_mut().unwrap().insert(name.clone(), value.clone());
    }
    body
}

async fn make(house: &House, body: &Value) -> Answer {
    house.post("/v1/hotels").by(&house.owner).send_json(body).await
}

async fn patch(house: &House, path: &str, tag: &str, body: Value) -> Answer {
    let ask = house.ask(Method::PATCH, path).by(&house.owner);
    let ask = if tag.is_empty() { ask } else { ask.header("if-match", tag) };
    ask.send_json(&body).await
}

#[test]
fn a_hotel_is_made_read_and_changed_by_who_has_read_it() {
    on_both(|house| {
        Box::pin(async move {
            let answer = make(&house, &hotel(json!({"externalId": "pms-7"}))).await;
            let made = answer.expect(201);
            let path = answer.header("location").to_owned();
            let read = house.get(&path).by(&house.owner).send().await;
            assert_eq!(read.expect(200), made);
            assert_eq!(made["geo"], json!({"latitude": 41.1413, "longitude": -8.614}));
            assert_eq!((&made["rating"], &made["locationId"]), (&json!(8.7), &json!("porto-pt")));
            assert_eq!(made["policies"]["checkInTime"], "14:30");
            assert_eq!(made["policies"]["checkOutTime"], "11:00");
            assert_eq!(made["settings"]["externalId"], "pms-7");

            let change = json!({"stars": null, "name": "Casa nova", "holdSeconds": 300});
            patch(&house, &path, "", change.clone()).await.problem(428, "precondition_required");
            patch(&house, &path, "\"9\"", change.clone()).await.problem(412, "stale");
            // The tag of the making, and the longer one of a reading, both say the version.
            let tag = read.header("etag").to_owned();
            let changed = patch(&house, &path, &tag, change.clone()).await;
            let told = changed.expect(200);
            assert_eq!((&told["stars"], &told["name"]), (&Value::Null, &json!("Casa nova")));
            assert_eq!((&told["rating"], &told["version"]), (&json!(8.7), &json!(2)));
            assert_eq!(told["settings"]["holdSeconds"], 300);
            let stale = patch(&house, &path, answer.header("etag"), change.clone()).await;
            assert_eq!(stale.problem(412, "stale")["version"], 2);
            patch(&house, &path, changed.header("etag"), change).await.expect(200);

            let again = make(&house, &hotel(json!({"externalId": "pms-7"}))).await;
            again.blames(409, "already_exists", "/externalId");
        })
    });
}

#[test]
fn the_platform_makes_hotels_for_a_business_and_a_business_for_itself() {
    on_sqlite(|house| {
        Box::pin(async move {
            let ours = house.get("/v1/business").by(&house.owner).send().await.expect(200);
            let body = hotel(json!({"businessId": ours["businessId"]}));
            let made = house.post("/v1/hotels").by(&house.admin).send_json(&body).await;
            assert_eq!(made.expect(201)["settings"]["businessId"], ours["businessId"]);
            let theirs = house.post("/v1/hotels").by(&house.stranger).send_json(&body).await;
            theirs.problem(404, "not_found");
            house
                .post("/v1/hotels")
                .by(&house.desk)
                .send_json(&hotel(json!({})))
                .await
                .problem(403, "forbidden");
        })
    });
}

#[test]
fn a_room_type_is_made_sold_changed_and_kept_while_somebody_has_it() {
    on_both(|house| {
        Box::pin(async move {
            let path = format!("/v1/hotels/{}/room-types", house.hotel);
            let body = json!({
                "code": "SUITE", "capacity": 1, "rooms": ["500"], "adultsMax": 3,
                "baseRate": {"amount": 30_000, "currency": "EUR"}
            });
            let answer = house.post(&path).by(&house.owner).send_json(&body).await;
            let made = answer.expect(201);
            assert_eq!((&made["name"], &made["guestsMax"]), (&json!("SUITE"), &json!(5)));
            let again = house.post(&path).by(&house.owner).send_json(&body).await;
            again.blames(409, "already_exists", "/code");
            let suite = answer.header("location").to_owned();
            assert_eq!(house.get(&suite).send().await.expect(200), made);

            house.book("r1", json!({"rooms": {"SUITE": 1}})).await;
            let gone = house.ask(Method::DELETE, &suite).by(&house.owner).send().await;
            assert_eq!(gone.problem(409, "invalid_transition")["from"], "in_use");

            let change = json!({"capacity": 2, "name": "Suite"});
            patch(&house, &suite, "", change.clone()).await.problem(428, "precondition_required");
            let changed = patch(&house, &suite, answer.header("etag"), change.clone()).await;
            let told = changed.expect(200);
            assert_eq!((&told["capacity"], &told["name"]), (&json!(2), &json!("Suite")));
            patch(&house, &suite, answer.header("etag"), change).await.problem(412, "stale");
            let one = json!({"capacity": 2});
            patch(&house, &suite, changed.header("etag"), one).await.expect(200);
            // The night that is touched already has the second one too.
            house.book("r2", json!({"rooms": {"SUITE": 1}})).await;

            let spare = json!({"code": "SPARE", "capacity": 1});
            house.post(&path).by(&house.owner).send_json(&spare).await.expect(201);
            let spare = format!("{path}/SPARE");
            assert_eq!(house.ask(Method::DELETE, &spare).by(&house.owner).send().await.status, 204);
            let again = house.ask(Method::DELETE, &spare).by(&house.owner).send().await;
            again.problem(404, "not_found");
        })
    });
}

#[test]
fn capacity_moves_nights_and_needs_the_right_to_do_so() {
    on_sqlite(|house| {
        Box::pin(async move {
            let scopes = json!({"name": "profile editor", "scopes": ["hotels:write"]});
            let made = house.post("/v1/api-keys").by(&house.owner).send_json(&scopes).await;
            let editor = text(&made.expect(201)["key"]);
            let path = format!("/v1/hotels/{}/room-types/DELUXE", house.hotel);
            let before = house.get(&path).send().await.expect(200);
            let ask = house.ask(Method::PATCH, &path).by(&editor).header("if-match", "*");
            let both = json!({"name": "Changed", "capacity": 9});
            ask.send_json(&both).await.problem(403, "forbidden");
            assert_eq!(house.get(&path).send().await.expect(200), before);
            let ask = house.ask(Method::PATCH, &path).by(&editor).header("if-match", "*");
            ask.send_json(&json!({"name": "Changed"})).await.expect(200);
        })
    });
}

#[test]
fn rooms_are_made_together_listed_in_pages_and_taken_away() {
    on_both(|house| {
        Box::pin(async move {
            let path = format!("/v1/hotels/{}/rooms", house.hotel);
            let room = |number: &str| json!({"roomType": "DELUXE", "number": number});
            let two = json!({"rooms": [room("101"), room("1/02")]});
            let made = house.post(&path).by(&house.owner).send_json(&two).await.expect(201);
            assert_eq!(made["items"].as_array().unwrap().len(), 2);
            let again = json!({"rooms": [room("103"), room("101")]});
            let again = house.post(&path).by(&house.owner).send_json(&again).await;
            again.blames(409, "already_exists", "/number");
            let mut numbers = Vec::new();
            let mut next = format!("{path}?limit=3");
            loop {
                let page = house.get(&next).by(&house.owner).send().await.expect(200);
                let items = page["items"].as_array().unwrap();
                numbers.extend(items.iter().map(|room| text(&room["number"])));
                let Some(cursor) = page["nextCursor"].as_str() else { break };
                next = format!("{path}?limit=3&cursor={cursor}");
            }
            let all = [
                "1/02",
                "101",
                "DELUXE-1",
                "DELUXE-2",
                "DELUXE-3",
                "STANDARD-1",
                "STANDARD-2",
                "STANDARD-3",
            ];
            assert_eq!(numbers, all, "none of the refused ones");
            let gone = format!("{path}/1%2F02");
            assert_eq!(house.ask(Method::DELETE, &gone).by(&house.owner).send().await.status, 204);
            let again = house.ask(Method::DELETE, &gone).by(&house.owner).send().await;
            again.problem(404, "not_found");
            let wrong = house.get(format!("{path}?cursor=%21")).by(&house.owner).send().await;
            wrong.blames(422, "malformed", "cursor");
        })
    });
}

#[test]
fn rates_are_set_whole_or_not_at_all() {
    on_both(|house| {
        Box::pin(async move {
            let path = format!("/v1/hotels/{}/rates", house.hotel);
            let put = async |body: Value| {
                house.ask(Method::PUT, &path).by(&house.owner).send_json(&body).await
            };
            let money = |amount: i64| json!({"amount": amount, "currency": "EUR"});
            let range = |from: &str, to: &str, amount: i64| json!({"roomType": "DELUXE", "from": from, "to": to, "rate": money(amount)});
            let good = json!({"base": {"STANDARD": money(9_000)}, "ranges": [
                range("2027-03-10", "2027-03-12", 20_000), range("2027-03-11", "2027-03-12", 25_000)
            ]});
            assert_eq!(put(good).await.status, 204);
            let query = format!("{path}?from=2027-03-01&to=2027-04-01");
            let before = house.get(&query).send().await.expect(200);
            assert_eq!(before["roomTypes"][1]["baseRate"], money(9_000));
            assert_eq!(before["roomTypes"][0]["ranges"].as_array().unwrap().len(), 2);
            let ask = json!({
                "hotelId": house.hotel.to_string(), "checkInDate": "2027-03-10",
                "checkOutDate": "2027-03-13", "roomTypes": ["DELUXE"]
            });
            let told = house.post("/v1/pricing").send_json(&ask).await.expect(200);
            let nights = told["roomTypes"][0]["perNight"].as_array().unwrap();
            let amounts: Vec<&Value> =
                nights.iter().map(|night| &night["price"]["amount"]).collect();
            assert_eq!(amounts, [20_000, 25_000, 12_000]);

            let fine = range("2027-03-10", "2027-03-12", 1);
            for (flaw, code, pointer) in [
                (json!({"roomType": "PALACE"}), "unknown_room_type", "/ranges/1/roomType"),
                (json!({"to": "2030-03-10"}), "out_of_range", "/ranges/1/to"),
                (
                    json!({"rate": {"amount": 1, "currency": "USD"}}),
                    "wrong_currency",
                    "/ranges/1/rate/currency",
                ),
                (json!({"rate": money(2_000_000_000)}), "out_of_range", "/ranges/1/rate/amount"),
            ] {
                let mut flawed = fine.clone();
                for (name, value) in flaw.as_object().unwrap() {
                    flawed[name] = value.clone();
                }
                put(json!({"ranges": [fine.clone(), flawed]})).await.blames(422, code, pointer);
            }
            let nobody = json!({"base": {"PALACE": null}});
            put(nobody).await.blames(422, "unknown_room_type", "/base/PALACE");
            assert_eq!(house.get(&query).send().await.expect(200), before);
        })
    });
}

#[test]
fn a_night_that_is_oversold_is_a_matter_until_somebody_settles_it() {
    on_both(|house| {
        Box::pin(async move {
            house.book("r1", json!({"rooms": {"DELUXE": 3}})).await;
            let path = format!("/v1/hotels/{}", house.hotel);
            let deluxe = format!("{path}/room-types/DELUXE");
            patch(&house, &deluxe, "*", json!({"capacity": 2})).await.expect(200);
            let items = format!("{path}/work-items");
            let found = house.get(format!("{items}?limit=1")).by(&house.owner).send().await;
            let found = found.expect(200);
            assert_eq!(found["items"][0]["kind"], "oversold");
            let cursor = text(&found["nextCursor"]);
            let next = house.get(format!("{items}?limit=1&cursor={cursor}")).by(&house.owner);
            let next = next.send().await.expect(200);
            assert_eq!(next["nextCursor"], Value::Null, "two nights");
            for matter in [&found, &next].map(|page| text(&page["items"][0]["workItemId"])) {
                let matter = format!("{items}/{matter}");
                let settle =
                    async || house.ask(Method::DELETE, &matter).by(&house.owner).send().await;
                assert_eq!(settle().await.status, 204);
                settle().await.problem(404, "not_found");
            }
            let left = house.get(&items).by(&house.owner).send().await.expect(200);
            assert_eq!(left["items"], json!([]));
        })
    });
}

#[test]
fn a_repeated_request_makes_nothing_twice() {
    on_both(|house| {
        Box::pin(async move {
            let path = format!("/v1/hotels/{}", house.hotel);
            let room = json!({"rooms": [{"roomType": "DELUXE", "number": "b"},
                {"roomType": "DELUXE", "number": "a"}]});
            for (key, path, body, other) in [
                ("k1", "/v1/hotels".to_owned(), hotel(json!({})), hotel(json!({"stars": 3}))),
                (
                    "k2",
                    format!("{path}/room-types"),
                    json!({"code": "SUITE", "capacity": 1}),
                    json!({"code": "SUITE", "capacity": 2}),
                ),
                (
                    "k3",
                    format!("{path}/rooms"),
                    room,
                    json!({"rooms": [{"roomType": "DELUXE", "number": "c"}]}),
                ),
            ] {
                let send = async |by: &str, body: &Value| {
                    let ask = house.post(&path).by(by).header("idempotency-key", key);
                    ask.send_json(body).await
                };
                let first = send(&house.owner, &body).await;
                let again = send(&house.owner, &body).await;
                assert_eq!(again.expect(201), first.expect(201), "{path}");
                assert!(!first.is_replayed() && again.is_replayed(), "{path}");
                assert_eq!(again.header("location"), first.header("location"));
                send(&house.owner, &other).await.problem(422, "idempotency_key_reused");
                // Another credential has keys of its own.
                let theirs = send(&house.stranger, &body).await;
                assert!(!theirs.is_replayed(), "{path}");
            }
            let own = house.get("/v1/hotels").by(&house.owner).send().await.expect(200);
            assert_eq!(own["items"].as_array().unwrap().len(), 2);
            let long = "k".repeat(256);
            let ask = house.post("/v1/hotels").by(&house.owner).header("idempotency-key", &long);
            ask.send_json(&hotel(json!({}))).await.blames(400, "too_long", "Idempotency-Key");
        })
    });
}
