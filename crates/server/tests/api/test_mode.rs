//! Goal: a business in test mode meets every outcome that it asks for and no provider of real money,
//! and nobody else can force one.
//! Method: a house with Stripe and Razorpay and no open sandbox, and a second business that tests.

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{Answer, House, on_both, on_sqlite, path_of, text};
use super::vendors::{Vendors, with_each};

/// A business in test mode with a hotel of one room type.
struct Lab {
    house: Arc<House>,
    owner: String,
    hotel: String,
}

impl Lab {
    async fn open(house: &Arc<House>) -> Lab {
        let ask = house.post("/v1/businesses").by(&house.admin);
        let made = ask.send_json(&json!({"name": "Lab", "testMode": true})).await.expect(201);
        assert_eq!(made["testMode"], true);
        let key = json!({"businessId": made["businessId"], "name": "lab", "role": "owner"});
        let key = house.post("/v1/api-keys").by(&house.admin).send_json(&key).await.expect(201);
        let owner = text(&key["key"]);
        assert!(owner.starts_with("vk_test_"), "a key says that it opens no real house");
        let hotel = json!({
            "name": "Lab", "city": "Lisbon", "country": "PT", "currency": "EUR",
            "timeZone": "Europe/Lisbon", "geo": {"latitude": 38.7, "longitude": -9.1},
        });
        let hotel = house.post("/v1/hotels").by(&owner).send_json(&hotel).await.expect(201);
        let hotel = text(&hotel["hotelId"]);
        let room_type = json!({
            "code": "DELUXE", "capacity": 3, "baseRate": {"amount": 12_000, "currency": "EUR"}
        });
        let ask = house.post(format!("/v1/hotels/{hotel}/room-types")).by(&owner);
        ask.send_json(&room_type).await.expect(201);
        Lab { house: Arc::clone(house), owner, hotel }
    }

    /// Asks for something with a forced outcome, as a guest would.
    async fn force(&self, path: &str, outcome: &str, body: &Value) -> Answer {
        let ask = self.house.post(path).by(&self.owner).header("vacancy-test", outcome);
        ask.send_json(body).await
    }

    fn booking(&self, request: &str) -> Value {
        self.house.booking(request, json!({"hotelId": self.hotel}))
    }

    async fn book(&self, request: &str) -> Value {
        let body = self.booking(request);
        self.house.post("/v1/reservations").send_json(&body).await.expect(201)
    }

    async fn order(&self, booked: &Value, provider: &str, outcome: &str) -> Answer {
        let body = json!({
            "reservationId": booked["reservationId"], "paymentProvider": provider,
            "returnUrl": "https://app.example.com/return",
        });
        let ask = self.house.post("/v1/payments/order").by(&text(&booked["guestToken"]));
        let ask = if outcome.is_empty() { ask } else { ask.header("vacancy-test", outcome) };
        ask.send_json(&body).await
    }
}

async fn status(house: &House, booked: &Value) -> String {
    let shown = house.get(path_of(booked)).by(&text(&booked["guestToken"])).send().await;
    text(&shown.expect(200)["status"])
}

fn nobody_was_asked(vendors: &Vendors) {
    assert!(vendors.stripe.asked().is_empty() && vendors.razorpay.asked().is_empty());
}

#[test]
fn a_business_that_tests_reaches_no_provider_of_real_money() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let lab = Lab::open(&house).await;
            let booked = lab.book("r1").await;
            let name = vendor.name().to_ascii_uppercase();
            let refused = lab.order(&booked, &name, "").await.problem(422, "unknown_provider");
            let detail = text(&refused["errors"][0]["detail"]);
            assert_eq!(detail, "no such provider; there are sandbox, offline");
            let credentials = json!({
                "keyId": "rzp_x", "keySecret": "x", "webhookSecrets": ["x_x_x_x_"],
            });
            let account = json!({
                "provider": "RAZORPAY", "label": "Lab", "credentials": credentials
            });
            let refused = house.post("/v1/payment-accounts").by(&lab.owner).send_json(&account);
            refused.await.problem(409, "test_mode");

            // The sandbox is there, though it is closed for everybody else.
            let opened = lab.order(&booked, "SANDBOX", "").await.expect(200);
            assert_eq!(opened["paymentProvider"], "SANDBOX");
            let order = text(&opened["paymentOrderId"]);
            let with = vacancy_connect::payments::sandbox::PayWith::Upi;
            house.state.sandbox.pay(&order, with, house.now_ms()).await.unwrap();
            let back = json!({"reservationId": booked["reservationId"], "paymentOrderId": order});
            let back = house.post("/v1/payments/confirm").by(&lab.owner).send_json(&back).await;
            assert_eq!(back.expect(200)["bookingStatus"], "CONFIRMED");
            let cancel = house.post(format!("{}/cancel", path_of(&booked))).by(&lab.owner);
            cancel.send().await.expect(200);
            house.until_status(&path_of(&booked), &lab.owner, "REFUNDED").await;
            let real = house.book("r1", json!({})).await;
            lab.order(&real, "SANDBOX", "").await.problem(422, "unknown_provider");
            nobody_was_asked(&vendors);
        })
    });
}

#[test]
fn every_outcome_of_a_payment_can_be_forced() {
    with_each(|house, vendors, _vendor| {
        Box::pin(async move {
            let lab = Lab::open(&house).await;
            let booked = lab.book("declined").await;
            let opened = lab.order(&booked, "SANDBOX", "payment_declined").await.expect(200);
            let order = text(&opened["paymentOrderId"]);
            let pay = |order: String| {
                let with = vacancy_connect::payments::sandbox::PayWith::Upi;
                let house = Arc::clone(&house);
                async move { house.state.sandbox.pay(&order, with, house.now_ms()).await }
            };
            let _declined = pay(order.clone()).await;
            let back = json!({"reservationId": booked["reservationId"], "paymentOrderId": order});
            let told = house.post("/v1/payments/confirm").by(&lab.owner).send_json(&back).await;
            assert_eq!(told.expect(200)["paymentStatus"], "FAILED");

            let booked = lab.book("timeout").await;
            let lost = lab.order(&booked, "SANDBOX", "payment_timeout").await;
            assert_eq!(lost.expect(202)["paymentOrderId"], "");
            lab.order(&booked, "SANDBOX", "payment_timeout").await.expect(200);

            let booked = lab.book("late").await;
            let opened = lab.order(&booked, "SANDBOX", "payment_late").await.expect(200);
            let _late = pay(text(&opened["paymentOrderId"])).await;
            assert_eq!(status(&house, &booked).await, "PENDING_PAYMENT");
            nobody_was_asked(&vendors);
        })
    });
}

#[test]
fn however_many_lost_answers_are_forced_others_pay() {
    on_sqlite(|house| {
        Box::pin(async move {
            let lab = Lab::open(&house).await;
            for number in 0..2 * vacancy_connect::payments::circuit::FAILURES_MAX {
                let booked = lab.book(&format!("timeout {number}")).await;
                lab.order(&booked, "SANDBOX", "payment_timeout").await.expect(202);
                let cancel = house.post(format!("{}/cancel", path_of(&booked))).by(&lab.owner);
                cancel.send().await;
            }
            let booked = lab.book("after them").await;
            lab.order(&booked, "SANDBOX", "").await.expect(200);
        })
    });
}

#[test]
fn rooms_that_are_gone_and_prices_that_rose_can_be_forced() {
    on_sqlite(|house| {
        Box::pin(async move {
            let lab = Lab::open(&house).await;
            let booking = lab.booking("r1");
            let gone = lab.force("/v1/reservations", "sold_out", &booking).await;
            let told = gone.problem(409, "sold_out");
            assert_eq!(told["reasons"][0]["roomType"], "DELUXE");
            let dearer = lab.force("/v1/reservations", "price_changed", &booking).await;
            let told = dearer.problem(409, "price_changed");
            assert_eq!(told["current"], json!({"amount": 24_000, "currency": "EUR"}));
            assert_eq!(told["agreed"], json!({"amount": 23_999, "currency": "EUR"}));
            assert!(told["currentPrice"]["price"].is_object(), "{told}");

            let lines = json!([{"roomType": "DELUXE", "units": 1}]);
            let quote = json!({
                "hotelId": lab.hotel, "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
                "lines": lines,
            });
            lab.force("/v1/quotes", "sold_out", &quote).await.problem(409, "sold_out");
            let hold = json!({
                "hotelId": lab.hotel, "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
                "rooms": {"DELUXE": 1}, "reservationId": "R1",
            });
            lab.force("/v1/inventory/hold", "sold_out", &hold).await.problem(409, "sold_out");
            for (path, body) in [("/v1/quotes", &quote), ("/v1/inventory/hold", &hold)] {
                let unfit = lab.force(path, "price_changed", body).await;
                unfit.blames(400, "invalid_value", "Vacancy-Test");
            }
            let unfit = lab.force("/v1/reservations", "payment_late", &booking).await;
            unfit.blames(400, "invalid_value", "Vacancy-Test");
            // Nothing was taken: the same request books, once nothing is forced.
            lab.book("r1").await;
        })
    });
}

#[test]
fn nobody_forces_an_outcome_where_it_is_real_or_unheard() {
    on_sqlite(|house| {
        Box::pin(async move {
            let lab = Lab::open(&house).await;
            let hotel = house.hotel.to_string();
            let quote = json!({
                "hotelId": hotel, "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
                "lines": [{"roomType": "DELUXE", "units": 1}],
            });
            let hold = json!({
                "hotelId": hotel, "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
                "rooms": {"DELUXE": 1}, "reservationId": "R1",
            });
            let booking = house.booking("r1", json!({}));
            for outcome in ["sold_out", "price_changed", "payment_declined", "nonsense"] {
                for (path, body) in [
                    ("/v1/reservations", &booking),
                    ("/v1/quotes", &quote),
                    ("/v1/inventory/hold", &hold),
                ] {
                    let ask = house.post(path).by(&house.admin).header("vacancy-test", outcome);
                    ask.send_json(body).await.blames(400, "test_mode_only", "Vacancy-Test");
                }
            }
            for (method, path) in [
                (Method::GET, "/v1/business"),
                (Method::GET, "/v1/reservations"),
                (Method::POST, "/v1/payments/confirm"),
                (Method::POST, "/v1/pricing"),
            ] {
                let ask = house.ask(method, path).by(&lab.owner).header("vacancy-test", "sold_out");
                ask.send_json(&json!({})).await.blames(400, "test_mode_only", "Vacancy-Test");
            }
            // A method that an address does not know is that, whatever stands beside it.
            for path in ["/v1/reservations", "/v1/quotes", "/v1/inventory/hold"] {
                let ask = house.ask(Method::TRACE, path).by(&lab.owner);
                ask.header("vacancy-test", "").send().await.expect(405);
            }
        })
    });
}

#[test]
fn a_mode_is_fixed_when_the_business_is_made() {
    on_sqlite(|house| {
        Box::pin(async move {
            let lab = Lab::open(&house).await;
            for (by, is_test) in [(&lab.owner, true), (&house.owner, false)] {
                let shown = house.get("/v1/business").by(by).send().await.expect(200);
                assert_eq!(shown["testMode"], is_test);
                let change = house.ask(Method::PATCH, "/v1/business").by(by);
                let change = change.send_json(&json!({"name": "X", "testMode": !is_test})).await;
                change.problem(400, "unknown_field");
            }
            assert!(house.owner.starts_with("vk_live_"));
        })
    });
}

#[test]
fn a_hotel_that_tests_is_in_no_search_and_its_bookings_say_what_they_are() {
    on_both(|house| {
        Box::pin(async move {
            let lab = Lab::open(&house).await;
            for search in ["locationId=lisbon-pt", "q=Lab", "lat=38.7&lon=-9.1&radiusKm=5"] {
                let stay = "checkInDate=2027-03-10&checkOutDate=2027-03-12";
                let path = format!("/v1/hotel-listings?{search}&{stay}");
                let found = house.get(&path).by(&lab.owner).send().await.expect(200);
                let hotels = found["items"].as_array().unwrap();
                assert!(
                    hotels.iter().all(|hotel| hotel["hotelId"] != lab.hotel.as_str()),
                    "{found}"
                );
            }
            let booked = lab.book("r1").await;
            let shown = house.get(path_of(&booked)).by(&lab.owner).send().await.expect(200);
            assert_eq!(shown["testMode"], true);
            let real = house.book("r2", json!({})).await;
            let shown = house.get(path_of(&real)).by(&house.owner).send().await.expect(200);
            assert_eq!(shown["testMode"], false);
        })
    });
}
