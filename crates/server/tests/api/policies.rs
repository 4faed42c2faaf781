//! Cancellation policies: made, agreed, and what they cost when a guest cancels, moves or stays away.
//! Two nights in a deluxe room cost 254.40 with tax; check-in is at 15:00 in Lisbon on March 10.

use axum::http::Method;
use serde_json::{Value, json};
use vacancy_connect::payments::sandbox::PayWith;

use super::house::{Answer, House, on_both, on_sqlite, path_of, text};

/// From noon of January 1 to 15:00 of March 8, two days before check-in.
const UNTIL_FEE_MS: i64 = (66 * 24 + 3) * 60 * 60 * 1000;

async fn make(house: &House, kind: &str, body: Value) -> Answer {
    let path = format!("/v1/hotels/{}/{kind}", house.hotel);
    house.post(path).by(&house.owner).send_json(&body).await
}

fn eur(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

fn flexible() -> Value {
    json!({"code": "FLEX48", "name": "Flexible", "isStandard": true, "steps": [
        {"hoursBefore": 48, "fee": {"nights": 1}}, {"hoursBefore": 0, "fee": {"basisPoints": 10_000}},
    ], "noShow": {"basisPoints": 7_500}})
}

/// Books, pays 254.40 in the sandbox; gives address and guest token.
async fn paid(house: &House, request: &str, changes: Value) -> (String, String) {
    let booked = house.book(request, changes).await;
    let token = text(&booked["guestToken"]);
    let order = json!({"reservationId": booked["reservationId"], "paymentProvider": "SANDBOX",
        "returnUrl": "https://app.example.com/return"});
    let order = house.post("/v1/payments/order").by(&token).send_json(&order).await.expect(200);
    let order_id = text(&order["paymentOrderId"]);
    house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await.unwrap();
    let confirm = json!({"reservationId": booked["reservationId"], "paymentOrderId": order_id});
    house.post("/v1/payments/confirm").by(&token).send_json(&confirm).await.expect(200);
    (path_of(&booked), token)
}

async fn cancel(house: &House, path: &str, token: &str, ask: Value) -> Value {
    house.post(format!("{path}/cancel")).by(token).send_json(&ask).await.expect(200)
}

/// Waits for the jobs that give money back.
async fn until_refunded(house: &House, path: &str, minor: i64) {
    house.until_idle().await;
    let shown = house.get(path).by(&house.desk).send().await.expect(200);
    assert_eq!(shown["refunded"], eur(minor));
}

#[test]
fn a_policy_is_made_read_replaced_and_taken_away() {
    on_both(|house| {
        Box::pin(async move {
            let made = make(&house, "policies", flexible()).await;
            let (path, tag) = (made.header("location").to_owned(), made.header("etag").to_owned());
            assert_eq!(made.expect(201)["steps"][0], flexible()["steps"][0]);
            make(&house, "policies", flexible()).await.blames(409, "already_exists", "/code");
            let mut second = flexible();
            second["code"] = json!("OTHER");
            make(&house, "policies", second).await.blames(422, "taken", "/isStandard");
            let strict = json!({"code": "STRICT", "name": "Strict",
                "steps": [{"fee": {"basisPoints": 10_000}}]});
            make(&house, "policies", strict).await.expect(201);
            let plan = json!({"code": "SAVER", "name": "Saver", "policy": "NONE"});
            make(&house, "rate-plans", plan).await.blames(422, "unknown", "/policy");
            let plan = json!({"code": "SAVER", "name": "Saver", "policy": "STRICT"});
            assert_eq!(make(&house, "rate-plans", plan).await.expect(201)["policy"], "STRICT");
            let named = path.replace("FLEX48", "STRICT");
            let gone = house.ask(Method::DELETE, named).by(&house.owner).header("if-match", "*");
            gone.send().await.problem(409, "invalid_transition");

            let backwards = json!({"name": "Flexible", "steps": [
                {"hoursBefore": 1, "fee": {"nights": 1}}, {"hoursBefore": 2, "fee": {"nights": 1}}]});
            let put = |body: Value| {
                let ask = house.ask(Method::PUT, &path).by(&house.owner).header("if-match", &tag);
                async move { ask.send_json(&body).await }
            };
            put(backwards).await.blames(422, "malformed", "/steps");
            let both = json!({"name": "F", "noShow": {"nights": 1, "fixedAmount": eur(1)}});
            put(both).await.blames(400, "ambiguous", "/noShow");
            put(json!({"name": "F", "noShow": {}})).await.blames(400, "missing_field", "/noShow");
            let dollars =
                json!({"name": "F", "noShow": {"fixedAmount": {"amount": 1, "currency": "USD"}}});
            put(dollars).await.blames(422, "wrong_currency", "/noShow/fixedAmount/currency");
            let profile = house.get(format!("/v1/hotels/{}", house.hotel)).send().await.expect(200);
            assert_eq!(
                profile["policies"]["cancellation"]["description"],
                "Flexible: cancellation free at first, the first night from 48 hours before check-in \
                 on, the whole price from check-in on; no-show 75.00 % of the price."
            );
            put(json!({"name": "Never mind"})).await.expect(200);
            let gone = house.ask(Method::DELETE, &path).by(&house.owner).header("if-match", "*");
            gone.send().await.expect(204);
        })
    });
}

#[test]
fn a_cancellation_costs_what_its_timeline_said_to_the_instant() {
    on_both(|house| {
        Box::pin(async move {
            make(&house, "policies", flexible()).await.expect(201);
            let booked = house.book("r0", json!({})).await;
            let policy = &booked["policy"];
            assert_eq!(policy["freeUntil"], "2027-03-08T15:00:00.000Z");
            assert_eq!(
                policy["timeline"][1],
                json!({"from": "2027-03-08T15:00:00.000Z",
                "penalty": eur(12_720), "refund": eur(12_720)})
            );
            assert_eq!(policy["timeline"][2]["penalty"], eur(25_440));
            assert_eq!(policy["noShow"], eur(19_080));

            let (early, early_token) = paid(&house, "r1", json!({})).await;
            let (late, late_token) = paid(&house, "r2", json!({})).await;
            house.advance_ms(UNTIL_FEE_MS - 1).await;
            let told = cancel(&house, &early, &early_token, json!({"preview": true})).await;
            let done = cancel(&house, &early, &early_token, json!({})).await;
            for answer in [&told, &done] {
                assert_eq!((&answer["refund"], &answer["penalty"]), (&eur(25_440), &eur(0)));
            }
            until_refunded(&house, &early, 25_440).await;

            house.advance_ms(1).await;
            let told = cancel(&house, &late, &late_token, json!({"preview": true})).await;
            let done = cancel(&house, &late, &late_token, json!({})).await;
            for answer in [&told, &done] {
                assert_eq!((&answer["refund"], &answer["penalty"]), (&eur(12_720), &eur(12_720)));
            }
            until_refunded(&house, &late, 12_720).await;
            let folio = house.get(format!("{late}/folio")).by(&late_token).send().await.expect(200);
            let entries: Vec<(&str, i64)> = folio["entries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|own| {
                    (own["kind"].as_str().unwrap(), own["amount"]["amount"].as_i64().unwrap())
                })
                .collect();
            let expected = [
                ("rooms", 24_000),
                ("tax", 1_440),
                ("adjustment", -12_720),
                ("payment", -25_440),
                ("refund", 12_720),
            ];
            assert_eq!(entries, expected);
            assert_eq!(folio["balance"], eur(0));
            house.advance_days(1).await;
            let again = cancel(&house, &late, &late_token, json!({})).await;
            assert_eq!((&again["refund"], &again["penalty"]), (&eur(12_720), &eur(12_720)));
        })
    });
}

#[test]
fn a_booking_keeps_the_policy_that_was_agreed() {
    on_sqlite(|house| {
        Box::pin(async move {
            let made = make(&house, "policies", flexible()).await;
            let (path, token) = paid(&house, "r1", json!({})).await;
            let strict = json!({"name": "Strict", "isStandard": true,
                "steps": [{"fee": {"basisPoints": 10_000}}]});
            let put = house.ask(Method::PUT, made.header("location")).by(&house.owner);
            put.header("if-match", "*").send_json(&strict).await.expect(200);
            let told = cancel(&house, &path, &token, json!({"preview": true})).await;
            assert_eq!(told["refund"], eur(25_440));
            let booked = house.book("r2", json!({})).await;
            assert_eq!(booked["policy"]["timeline"][0]["penalty"], eur(25_440));
            assert_eq!(booked["policy"]["freeUntil"], Value::Null);
        })
    });
}

#[test]
fn moving_a_stay_first_takes_no_fee_away() {
    on_both(|house| {
        Box::pin(async move {
            make(&house, "policies", flexible()).await.expect(201);
            let (path, token) = paid(&house, "r1", json!({})).await;
            house.advance_ms(UNTIL_FEE_MS).await;
            let far = json!({"checkInDate": "2027-05-10", "checkOutDate": "2027-05-12"});
            let mut preview = far.clone();
            preview["preview"] = json!(true);
            let ask = |body: Value| {
                let ask = house.post(format!("{path}/reschedule")).by(&token);
                async move { ask.send_json(&body).await.expect(200) }
            };
            let (told, done) = (ask(preview).await, ask(far).await);
            for name in ["refund", "penalty", "amountDue", "policy"] {
                assert_eq!(told[name], done[name], "{name}");
            }
            assert_eq!(done["policy"]["timeline"][0]["penalty"], eur(12_720));
            let cancelled = cancel(&house, &path, &token, json!({})).await;
            assert_eq!(cancelled["penalty"], eur(12_720));
            until_refunded(&house, &path, 12_720).await;
        })
    });
}

#[test]
fn a_guest_who_does_not_come_gets_back_what_the_policy_leaves() {
    on_sqlite(|house| {
        Box::pin(async move {
            make(&house, "policies", flexible()).await.expect(201);
            let (path, _) = paid(&house, "r1", json!({})).await;
            house.advance_days(69).await;
            house.post(format!("{path}/no-show")).by(&house.desk).send().await.expect(200);
            until_refunded(&house, &path, 6_360).await;
        })
    });
}
