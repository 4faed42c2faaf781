//! Rate plans, price rules, taxes and what guests cost: made, changed, priced and booked.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{Answer, House, on_both, on_sqlite, path_of};

async fn put(house: &House, path: &str, tag: &str, body: Value) -> Answer {
    let ask = house.ask(Method::PUT, path).by(&house.owner);
    let ask = if tag.is_empty() { ask } else { ask.header("if-match", tag) };
    ask.send_json(&body).await
}

async fn make(house: &House, kind: &str, body: Value) -> Answer {
    let path = format!("/v1/hotels/{}/{kind}", house.hotel);
    house.post(path).by(&house.owner).send_json(&body).await
}

fn eur(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// Asks what March 10 to 12 (Wednesday and Thursday) cost in a deluxe room.
fn pricing(house: &House, changes: Value) -> Value {
    let mut ask = json!({
        "hotelId": house.hotel.to_string(), "roomTypes": ["DELUXE"],
        "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
    });
    for (name, value) in changes.as_object().unwrap() {
        ask.as_object_mut().unwrap().insert(name.clone(), value.clone());
    }
    ask
}

/// The same as a quote.
fn quote(house: &House, changes: Value) -> Value {
    let mut ask = pricing(house, changes);
    let fields = ask.as_object_mut().unwrap();
    fields.remove("roomTypes");
    fields.insert("lines".to_owned(), json!([{"roomType": "DELUXE", "units": 1}]));
    ask
}

/// What they cost.
async fn priced(house: &House, changes: Value) -> Value {
    let ask = pricing(house, changes);
    house.post("/v1/pricing").send_json(&ask).await.expect(200)["roomTypes"][0].clone()
}

#[test]
fn a_plan_is_made_read_replaced_and_taken_away() {
    on_both(|house| {
        Box::pin(async move {
            let flex = json!({"code": "FLEX", "name": "Flexible", "changeBp": 1_000});
            let made = make(&house, "rate-plans", flex.clone()).await;
            let path = made.header("location").to_owned();
            let tag = made.header("etag").to_owned();
            assert_eq!(made.expect(201)["changeBp"], 1_000);
            make(&house, "rate-plans", flex).await.blames(409, "already_exists", "/code");
            let saver = json!({"code": "SAVER", "name": "Saver", "parent": "FLEX",
                "change": eur(-500), "roomTypes": ["DELUXE"]});
            let made = make(&house, "rate-plans", saver).await.expect(201);
            assert_eq!((&made["change"], &made["parent"]), (&eur(-500), &json!("FLEX")));

            let cycle = json!({"name": "Flexible", "parent": "SAVER"});
            put(&house, &path, &tag, cycle).await.blames(422, "cycle", "/parent");
            let renamed = json!({"name": "Flex", "changeBp": 2_000, "meals": "breakfast",
                "mealAdult": eur(1_500)});
            put(&house, &path, "", renamed.clone()).await.problem(428, "precondition_required");
            let changed = put(&house, &path, &tag, renamed.clone()).await;
            assert_eq!(changed.expect(200)["version"], 2);
            put(&house, &path, &tag, renamed).await.problem(412, "stale");
            let read = house.get(&path).by(&house.owner).send().await;
            assert_eq!(read.expect(200), changed.expect(200));
            let list = format!("/v1/hotels/{}/rate-plans", house.hotel);
            let list = house.get(list).by(&house.owner).send().await.expect(200);
            assert_eq!(list["items"].as_array().unwrap().len(), 2);

            // 120.00 + 20 % = 144.00, − 5.00; the breakfast is the parent's alone.
            let priced = priced(&house, json!({"ratePlan": "SAVER"})).await;
            assert_eq!(
                priced["perNight"][0]["trace"],
                "base EUR 120.00 · Flex +20 % · Saver EUR -5.00"
            );
            assert_eq!(priced["finalPrice"], eur(2 * 13_900 * 106 / 100));
            let plans: Vec<&str> = priced["ratePlans"]
                .as_array()
                .unwrap()
                .iter()
                .map(|plan| plan["ratePlan"].as_str().unwrap())
                .collect();
            assert_eq!(plans, ["FLEX", "SAVER"]);

            let gone = house.ask(Method::DELETE, &path).by(&house.owner).header("if-match", "*");
            gone.send().await.problem(409, "invalid_transition");
            let saver = path.replace("FLEX", "SAVER");
            for path in [&saver, &path] {
                let gone = house.ask(Method::DELETE, path).by(&house.owner);
                gone.header("if-match", "*").send().await.expect(204);
            }
            house.get(&path).by(&house.owner).send().await.problem(404, "not_found");
        })
    });
}

#[test]
fn a_booking_keeps_the_price_that_its_rules_made() {
    on_both(|house| {
        Box::pin(async move {
            let saver = json!({"code": "SAVER", "name": "Saver", "changeBp": -1_000});
            make(&house, "rate-plans", saver).await.expect(201);
            let thursday = json!({"code": "THU", "name": "Thursday", "weekdays": ["thu"],
                "changeBp": 1_250, "ratePlans": ["SAVER"]});
            let made = make(&house, "price-rules", thursday.clone()).await;
            let rule = made.header("location").to_owned();
            let made = made.expect(201);
            assert_eq!((&made["weekdays"], &made["changeBp"]), (&json!(["thu"]), &json!(1_250)));
            let promo = json!({"code": "SPRING", "name": "Spring", "promoCode": "SPRING27",
                "change": eur(-1_000), "position": 5});
            make(&house, "price-rules", promo).await.expect(201);
            for tax in [
                json!({"code": "VAT", "name": "VAT", "basisPoints": 600, "collected": "included"}),
                json!({"code": "CLEAN", "name": "Cleaning", "kind": "fee", "fixedAmount": eur(2_000)}),
                json!({"code": "CITY", "name": "City tax", "fixedAmount": eur(200),
                    "per": "personNight", "collected": "atProperty", "ageMin": 13}),
            ] {
                make(&house, "taxes", tax).await.expect(201);
            }
            let guests = json!({"guests": {"DELUXE": {
                "adultsIncluded": 2, "bedsIncluded": 2, "extraAdult": eur(3_000),
                "children": [{"ageMax": 11, "price": eur(500), "needsBed": false}],
            }}});
            let rates = format!("/v1/hotels/{}/rates", house.hotel);
            put(&house, &rates, "", guests).await.expect(204);

            // 108.00 and 121.50, less 10.00 each, a child of 5.00 a night.
            let terms = json!({"ratePlan": "SAVER", "promoCode": "SPRING27", "children": [4]});
            let seen = priced(&house, terms).await;
            let trace = "base EUR 120.00 · Saver -10 % · Thursday +12.5 % · Spring EUR -10.00";
            assert_eq!(seen["perNight"][1]["trace"], trace);
            assert_eq!(seen["guestsPerNight"], json!([{"name": "child", "amount": eur(500)}]));
            assert_eq!(seen["totalPrice"], eur(9_800 + 11_150 + 1_000));
            // VAT is inside; 20.00 of cleaning; 2.00 for each of two adults and two nights.
            assert_eq!(seen["finalPrice"], eur(21_950 + 2_000 + 800));
            assert_eq!(seen["dueAtProperty"], eur(800));

            let booking = json!({"ratePlan": "SAVER", "promoCode": "SPRING27", "children": [4],
                "maxTotal": seen["finalPrice"]});
            let dear = house.booking("r0", json!({"ratePlan": "SAVER", "maxTotal": eur(24_749)}));
            let dear = house.post("/v1/reservations").send_json(&dear).await;
            dear.problem(409, "price_changed");
            let other = json!({"promoCode": "SPRING72"});
            for (path, body) in [
                ("/v1/pricing", pricing(&house, other.clone())),
                ("/v1/reservations", house.booking("r0", other.clone())),
                ("/v1/quotes", quote(&house, other)),
            ] {
                let refused = house.post(path).send_json(&body).await;
                refused.blames(422, "unknown_promo_code", "/promoCode");
            }
            let booked = house.book("r1", booking).await;
            assert_eq!(booked["price"]["finalPrice"], seen["finalPrice"]);

            put(&house, &rule, "*", json!({"name": "Thursday", "changeBp": 9_000}))
                .await
                .expect(200);
            let path = path_of(&booked);
            let shown = house.get(&path).by(&house.owner).send().await.expect(200);
            assert_eq!(shown["price"]["lines"][0]["perNight"][1]["trace"], trace);
            assert_eq!(shown["price"]["finalPrice"], seen["finalPrice"]);
            // What is paid with the booking leaves out what is paid at the property.
            let order = json!({"reservationId": booked["reservationId"],
                "paymentProvider": "SANDBOX", "returnUrl": "https://a.example/"});
            let token = booked["guestToken"].as_str().unwrap();
            let order = house.post("/v1/payments/order").by(token).send_json(&order).await;
            assert_eq!(order.expect(200)["amount"], eur(21_950 + 2_000));
        })
    });
}

#[test]
fn a_night_costs_more_as_it_fills() {
    on_sqlite(|house| {
        Box::pin(async move {
            let demand = json!({"code": "DEMAND", "name": "Demand", "ceiling": eur(20_000),
                "demandSteps": [{"fillBp": 1_000, "changeBp": 1_000},
                    {"fillBp": 5_000, "changeBp": 9_000}]});
            make(&house, "price-rules", demand).await.expect(201);
            assert_eq!(priced(&house, json!({})).await["totalPrice"], eur(24_000));
            house.confirmed("r1", json!({"rooms": {"DELUXE": 1}})).await;
            let seen = priced(&house, json!({})).await;
            let booked = house.book("r2", json!({"maxTotal": seen["finalPrice"]})).await;
            assert_eq!(booked["price"]["finalPrice"], seen["finalPrice"]);
            let trace = &seen["perNight"][0]["trace"];
            assert!(trace.as_str().unwrap().contains(" · Demand +"), "{trace}");
        })
    });
}

#[test]
fn a_plan_may_have_rates_of_its_own() {
    on_sqlite(|house| {
        Box::pin(async move {
            let group = json!({"code": "GROUP", "name": "Group", "changeBp": -500});
            make(&house, "rate-plans", group).await.expect(201);
            let rates = format!("/v1/hotels/{}/rates", house.hotel);
            let range = |plan: &str| {
                json!({"ranges": [{"roomType": "DELUXE", "ratePlan": plan,
                    "from": "2027-03-10", "to": "2027-03-11", "rate": eur(7_000)}]})
            };
            let unknown = put(&house, &rates, "", range("NONE")).await;
            unknown.blames(422, "unknown_rate_plan", "/ranges/0/ratePlan");
            put(&house, &rates, "", range("GROUP")).await.expect(204);
            let seen = priced(&house, json!({"ratePlan": "GROUP"})).await;
            assert_eq!(seen["totalPrice"], eur(7_000 + 11_400));
            assert_eq!(priced(&house, json!({})).await["totalPrice"], eur(24_000));
            let asked = format!("{rates}?from=2027-03-01&to=2027-04-01");
            let told = house.get(asked).by(&house.owner).send().await.expect(200);
            assert_eq!(told["roomTypes"][0]["ranges"][0]["ratePlan"], "GROUP");
        })
    });
}

#[test]
fn a_part_that_makes_no_sense_is_told_by_its_fields() {
    on_sqlite(|house| {
        Box::pin(async move {
            let rule = |changes: Value| {
                let mut body = json!({"code": "R", "name": "Rule", "changeBp": 1});
                for (name, value) in changes.as_object().unwrap() {
                    body.as_object_mut().unwrap().insert(name.clone(), value.clone());
                }
                body
            };
            for (changes, status, code, pointer) in [
                (json!({"change": eur(1)}), 400, "ambiguous", "/changeBp"),
                (json!({"from": "2027-03-01"}), 400, "missing_field", "/to"),
                (json!({"weekdays": ["day"]}), 400, "unknown", "/weekdays/0"),
                (json!({"nightsMin": 3, "nightsMax": 2}), 422, "malformed", "/nightsMax"),
                (json!({"floor": eur(3), "ceiling": eur(2)}), 422, "malformed", "/ceiling"),
                (json!({"ratePlans": ["NONE"]}), 422, "unknown", "/ratePlans"),
                (json!({"roomTypes": ["NONE"]}), 422, "unknown_room_type", "/roomTypes/0"),
                (
                    json!({"floor": {"amount": 1, "currency": "USD"}}),
                    422,
                    "wrong_currency",
                    "/floor/currency",
                ),
                (json!({"code": "no code"}), 422, "malformed", "/code"),
            ] {
                make(&house, "price-rules", rule(changes)).await.blames(status, code, pointer);
            }
            let table = json!({"code": "R", "name": "Rule", "learnedTable": "a,b"});
            make(&house, "price-rules", table).await.blames(400, "malformed", "/learnedTable");
            let tax = json!({"code": "T", "name": "Tax"});
            make(&house, "taxes", tax).await.blames(400, "ambiguous", "/basisPoints");
        })
    });
}

#[test]
fn a_learned_table_prices_in_the_place_of_steps() {
    on_sqlite(|house| {
        Box::pin(async move {
            let rows: String = (0..7)
                .map(|weekday| {
                    format!("{weekday},0,0,{}\n", if weekday == 3 { 12_000 } else { 9_000 })
                })
                .collect();
            let table = format!("weekday,leadDaysFrom,fillBpFrom,factorBp\n{rows}");
            let rule = json!({"code": "MODEL", "name": "Model", "learnedTable": table});
            let made = make(&house, "price-rules", rule).await.expect(201);
            assert_eq!(made["learnedTable"], table);
            assert_eq!(priced(&house, json!({})).await["totalPrice"], eur(10_800 + 14_400));
        })
    });
}

/// What availability says of a deluxe room on SAVER-less terms, and what booking says.
async fn both(house: &House, request: &str, days: (&str, &str)) -> (Vec<String>, Vec<String>) {
    let ask = json!({"hotelId": house.hotel.to_string(), "roomTypes": ["DELUXE"],
        "checkInDate": days.0, "checkOutDate": days.1});
    let seen = house.post("/v1/availability").send_json(&ask).await.expect(200);
    let codes = |reasons: &Value| -> Vec<String> {
        let reasons = reasons.as_array().into_iter().flatten();
        reasons.map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
    };
    let wish = house.booking(request, json!({"checkInDate": days.0, "checkOutDate": days.1}));
    let booked = house.post("/v1/reservations").send_json(&wish).await;
    let told: Value = serde_json::from_slice(&booked.bytes).unwrap();
    assert_eq!(booked.status == 201, told["reasons"].is_null(), "{told}");
    (codes(&seen["roomTypes"][0]["reasons"]), codes(&told["reasons"]))
}

#[test]
fn search_and_booking_obey_the_same_restrictions() {
    on_both(|house| {
        Box::pin(async move {
            for restriction in [
                json!({"code": "FAIR", "from": "2027-03-10", "to": "2027-03-12",
                    "throughNightsMin": 3}),
                json!({"code": "SUNDAY", "from": "2027-03-14", "to": "2027-03-15",
                    "closedToArrival": true, "closedToDeparture": true}),
                json!({"code": "SPRING", "from": "2027-03-20", "to": "2027-03-21",
                    "closed": true, "roomTypes": ["DELUXE"]}),
                json!({"code": "LATE", "from": "2027-03-25", "to": "2027-03-26",
                    "advanceDaysMin": 700}),
                json!({"code": "EARLY", "from": "2027-03-26", "to": "2027-03-27",
                    "advanceDaysMax": 1}),
            ] {
                make(&house, "restrictions", restriction).await.expect(201);
            }
            for (at, (days, codes)) in [
                (("2027-03-09", "2027-03-11"), vec!["minimum_stay"]),
                (("2027-03-09", "2027-03-12"), vec![]),
                (("2027-03-14", "2027-03-16"), vec!["closed_to_arrival"]),
                (("2027-03-12", "2027-03-14"), vec!["closed_to_departure"]),
                (("2027-03-13", "2027-03-15"), vec![]),
                (("2027-03-19", "2027-03-21"), vec!["closed"]),
                (("2027-03-25", "2027-03-26"), vec!["too_late"]),
                (("2027-03-26", "2027-03-27"), vec!["too_early"]),
            ]
            .into_iter()
            .enumerate()
            {
                let told = both(&house, &format!("r{at}"), days).await;
                let codes: Vec<String> = codes.into_iter().map(str::to_owned).collect();
                assert_eq!(told, (codes.clone(), codes), "{days:?}");
            }
        })
    });
}

#[test]
fn every_code_of_a_restriction_is_told_with_its_data_by_search_and_by_booking() {
    on_both(|house| {
        Box::pin(async move {
            for restriction in [
                json!({"code": "WEEKS", "from": "2027-04-01", "to": "2027-04-02",
                    "stayNights": [7, 14]}),
                json!({"code": "LATE", "from": "2027-01-01", "to": "2027-01-02",
                    "sameDayUntil": "12:00"}),
                json!({"code": "FEW", "from": "2027-04-03", "to": "2027-04-04", "roomsMax": 1}),
                json!({"code": "QUIET", "from": "2027-04-05", "to": "2027-04-06",
                    "adultsOnly": true}),
                json!({"code": "BIG", "from": "2027-04-07", "to": "2027-04-08",
                    "childAgeMin": 6, "infantsMax": 0}),
            ] {
                make(&house, "restrictions", restriction).await.expect(201);
            }
            let bad = json!({"code": "BAD", "from": "2027-04-07", "to": "2027-04-08",
                "sameDayUntil": "25:00"});
            make(&house, "restrictions", bad).await.blames(400, "invalid_time", "/sameDayUntil");
            for (at, (first, end, rooms, children, reasons)) in [
                ("2027-04-01", "2027-04-03", 1, json!([]),
                    json!([{"code": "stay_length_not_offered", "lengths": [7, 14]}])),
                ("2027-01-01", "2027-01-02", 1, json!([]),
                    json!([{"code": "same_day_closed", "cutoffTime": "12:00"}])),
                ("2027-04-03", "2027-04-04", 2, json!([]),
                    json!([{"code": "rooms_exceeded", "max": 1}])),
                ("2027-04-05", "2027-04-06", 1, json!([9]), json!([{"code": "adults_only"}])),
                ("2027-04-07", "2027-04-08", 1, json!([1]), json!([
                    {"code": "child_too_young", "minAge": 6}, {"code": "infants_exceeded", "max": 0},
                ])),
            ]
            .into_iter()
            .enumerate()
            {
                let ask = json!({"hotelId": house.hotel.to_string(), "roomTypes": ["DELUXE"],
                    "checkInDate": first, "checkOutDate": end, "roomCount": rooms, "adults": 1,
                    "children": children});
                let seen = house.post("/v1/availability").send_json(&ask).await.expect(200);
                assert_eq!(seen["roomTypes"][0]["reasons"], reasons);
                let wish = house.booking(&format!("r{at}"), json!({"checkInDate": first,
                    "checkOutDate": end, "rooms": {"DELUXE": rooms}, "adults": 1,
                    "children": children}));
                let told = house.post("/v1/reservations").send_json(&wish).await.expect(409);
                let mut told = told["reasons"].clone();
                for reason in told.as_array_mut().unwrap() {
                    let reason = reason.as_object_mut().unwrap();
                    assert_eq!(reason.remove("roomType"), Some(json!("DELUXE")));
                    reason.remove("roomTypeId");
                }
                assert_eq!(told, reasons);
            }
        })
    });
}

#[test]
fn a_stay_may_change_rooms_on_the_way() {
    on_sqlite(|house| {
        Box::pin(async move {
            let all = |rooms: Value, first: &str, end: &str| json!({"rooms": rooms, "checkInDate": first, "checkOutDate": end});
            let deluxe = all(json!({"DELUXE": 3}), "2027-03-10", "2027-03-11");
            house.book("deluxe", deluxe).await;
            let standard = all(json!({"STANDARD": 3}), "2027-03-11", "2027-03-12");
            house.book("standard", standard).await;
            let wish = house.booking("r1", json!({}));
            let told = house.post("/v1/reservations").send_json(&wish).await.expect(409);
            let split = told["alternatives"].as_array().unwrap().last().unwrap().clone();
            assert_eq!(split["rooms"], json!({"STANDARD": 1}));
            assert_eq!(
                (&split["checkInDate"], &split["checkOutDate"]),
                (&json!("2027-03-10"), &json!("2027-03-11"))
            );
            assert_eq!(
                split["then"],
                json!({"checkInDate": "2027-03-11",
                "checkOutDate": "2027-03-12", "rooms": {"DELUXE": 1}})
            );
            assert_eq!(split["finalPrice"], eur((8_000 + 12_000) * 106 / 100));
        })
    });
}
