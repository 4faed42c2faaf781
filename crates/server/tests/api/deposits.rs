//! Deposits: a part is paid to book, and the rest at the property or before arrival by the same means.
//! Two nights in a deluxe room cost 254.40 with tax; check-in is at 15:00 in Lisbon on March 10.

use serde_json::{Value, json};
use vacancy_connect::payments::sandbox::{PayWith, SIGNATURE_HEADER};
use vacancy_connect::payments::webhook::Webhook;

use super::house::{House, on_both, on_sqlite, path_of, text};
use super::vendors::{Booked, Vendor, Vendors, ask_order, book, with_an_element, with_each};

/// From noon of January 1 to 15:00 of February 24, 14 days before check-in.
pub(crate) const UNTIL_REST_MS: i64 = (54 * 24 + 3) * 60 * 60 * 1000;

fn eur(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// 30 % to book: 76.32. All comes back while the guest cancels before the stay.
pub(crate) async fn with_deposit(house: &House, rest_hours_before: Value) {
    let deposit = json!({"now": {"basisPoints": 3_000}, "restHoursBefore": rest_hours_before});
    let policy = json!({"code": "DEPOSIT", "name": "With a deposit", "isStandard": true,
        "steps": [], "deposit": deposit});
    let path = format!("/v1/hotels/{}/policies", house.hotel);
    let made = house.post(path).by(&house.owner).send_json(&policy).await.expect(201);
    assert_eq!(made["deposit"]["now"], json!({"basisPoints": 3_000}));
    assert_eq!(made["deposit"]["restHoursBefore"], rest_hours_before);
}

async fn order(house: &House, booked: &Value, provider: &str) -> Value {
    let body = json!({"reservationId": booked["reservationId"], "paymentProvider": provider,
        "returnUrl": "https://app.example.com/return"});
    let token = text(&booked["guestToken"]);
    house.post("/v1/payments/order").by(&token).send_json(&body).await.expect(200)
}

/// Pays in the sandbox what is due now.
async fn pay(house: &House, booked: &Value) {
    let order_id = text(&order(house, booked, "SANDBOX").await["paymentOrderId"]);
    house.state.sandbox.pay(&order_id, PayWith::Upi, house.now_ms()).await.unwrap();
    let confirm = json!({"reservationId": booked["reservationId"], "paymentOrderId": order_id});
    let token = text(&booked["guestToken"]);
    house.post("/v1/payments/confirm").by(&token).send_json(&confirm).await.expect(200);
}

/// A booking whose deposit is paid; the rest is due two weeks ahead.
pub(crate) async fn deposit_paid(house: &House, vendors: &Vendors, vendor: Vendor) -> Booked {
    with_deposit(house, json!(336)).await;
    let booked = book(house, vendor, "r1").await;
    vendors.pay(vendor, &booked.order);
    booked.confirm(house).await.expect(200);
    booked
}

/// Runs jobs, those of the house's own runner too, until so much is paid.
pub(crate) async fn until_paid(house: &House, path: &str, minor: i64) {
    house.until_idle().await;
    let shown = house.get(path).by(&house.desk).send().await.expect(200);
    assert_eq!(shown["paid"], eur(minor));
}

/// The same until people have something to do; gives it.
async fn until_told(house: &House) -> Value {
    house.until_idle().await;
    matters(house).await.pop().expect("nobody was told")
}

pub(crate) async fn matters(house: &House) -> Vec<Value> {
    let path = format!("/v1/hotels/{}/work-items", house.hotel);
    let items = house.get(path).by(&house.owner).send().await.expect(200);
    items["items"].as_array().unwrap().clone()
}

#[test]
fn a_deposit_books_and_the_rest_is_paid_whenever_the_guest_likes() {
    on_both(|house| {
        Box::pin(async move {
            with_deposit(&house, Value::Null).await;
            let booked = house.book("r1", json!({})).await;
            let deposit = &booked["policy"]["deposit"];
            assert_eq!(*deposit, json!({"now": eur(7_632), "restFrom": null}));
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!((&shown["due"], &shown["dueNow"]), (&eur(25_440), &eur(7_632)));
            // Who will pay at the property has paid no deposit.
            let offline = order(&house, &booked, "OFFLINE").await;
            assert_eq!(offline["amount"], eur(7_632));
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(shown["status"], "PENDING_PAYMENT");
            pay(&house, &booked).await;
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(shown["status"], "CONFIRMED");
            assert_eq!((&shown["due"], &shown["dueNow"]), (&eur(17_808), &eur(17_808)));
            house.advance_ms(UNTIL_REST_MS).await;
            house.until_idle().await;
            pay(&house, &booked).await;
            let folio = house.get(format!("{path}/folio")).by(&token).send().await.expect(200);
            assert_eq!(folio["balance"], eur(0));
        })
    });
}

#[test]
fn the_rest_is_taken_before_arrival_by_what_paid_the_deposit() {
    on_both(|house| {
        Box::pin(async move {
            with_deposit(&house, json!(336)).await;
            let booked = house.book("r1", json!({})).await;
            assert_eq!(booked["policy"]["deposit"]["restFrom"], "2027-02-24T15:00:00.000Z");
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            pay(&house, &booked).await;
            house.advance_ms(UNTIL_REST_MS - 1).await;
            house.until_idle().await;
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(shown["paid"], eur(7_632));
            house.advance_ms(1).await;
            until_paid(&house, &path, 25_440).await;
            assert_eq!(matters(&house).await, Vec::<Value>::new());
            // Both payments give their part back.
            house.post(format!("{path}/cancel")).by(&token).send().await.expect(200);
            house.until_status(&path, &token, "REFUNDED").await;
            let folio = house.get(format!("{path}/folio")).by(&token).send().await.expect(200);
            assert_eq!(folio["balance"], eur(0));
        })
    });
}

#[test]
fn what_went_back_at_will_is_not_charged_with_the_rest() {
    on_both(|house| {
        Box::pin(async move {
            with_deposit(&house, json!(336)).await;
            let booked = house.book("r1", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            pay(&house, &booked).await;
            let shown = house.get(&path).by(&token).send().await.expect(200);
            let paid = text(&shown["payments"][0]["paymentId"]);
            let back = house.post(format!("/v1/payments/{paid}/refunds")).by(&house.owner);
            let ask = json!({"amount": eur(2_000), "reason": "a kind word"});
            back.header("idempotency-key", "k").send_json(&ask).await.expect(201);
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!((&shown["due"], &shown["allowance"]), (&eur(17_808), &eur(2_000)));
            house.advance_ms(UNTIL_REST_MS).await;
            until_paid(&house, &path, 25_440).await;
            let folio = house.get(format!("{path}/folio")).by(&token).send().await.expect(200);
            assert_eq!(folio["balance"], eur(0));
        })
    });
}

#[test]
fn nobody_is_charged_the_rest_whose_bank_has_taken_the_deposit_back() {
    on_both(|house| {
        Box::pin(async move {
            with_deposit(&house, json!(336)).await;
            let booked = house.book("r1", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let opened = order(&house, &booked, "SANDBOX").await;
            let order = text(&opened["paymentOrderId"]);
            let sandbox = &house.state.sandbox;
            sandbox.pay(&order, PayWith::Upi, house.now_ms()).await.unwrap();
            let back = json!({"reservationId": booked["reservationId"], "paymentOrderId": order});
            house.post("/v1/payments/confirm").by(&token).send_json(&back).await.expect(200);
            let event = sandbox.dispute(&order, house.now_ms()).await.unwrap().unwrap();
            let headers = [(SIGNATURE_HEADER, event.signature.as_str())];
            let body = event.body.as_bytes();
            let webhook = Webhook { headers: &headers, body, now_ms: house.now_ms() };
            house.state.payments.take_webhook("sandbox", None, &webhook).await.unwrap().unwrap();
            house.until_idle().await;
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(shown["chargedBack"], eur(7_632));
            house.advance_ms(UNTIL_REST_MS).await;
            house.until_idle().await;
            let open = matters(&house).await;
            let kinds: Vec<String> = open.iter().map(|matter| text(&matter["kind"])).collect();
            assert_eq!(kinds, ["dispute_opened", "rest_unpaid"]);
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(shown["paid"], eur(7_632));
        })
    });
}

#[test]
fn a_vendor_that_can_charges_the_rest_and_for_the_other_people_are_told() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = deposit_paid(&house, &vendors, vendor).await;
            vendors.advance_ms(&house, UNTIL_REST_MS).await;
            match vendor {
                Vendor::Stripe => {
                    until_paid(&house, &booked.path, 25_440).await;
                    assert_eq!(matters(&house).await, Vec::<Value>::new());
                }
                Vendor::Razorpay => {
                    let matter = until_told(&house).await;
                    assert_eq!(matter["kind"], "rest_unpaid");
                    assert_eq!(matter["subject"], json!(booked.reservation));
                    assert_eq!(booked.shown(&house).await["due"], eur(17_808));
                }
            }
        })
    });
}

#[test]
fn a_bank_that_says_no_to_the_rest_leaves_the_booking_and_a_matter_for_people() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            if vendor == Vendor::Razorpay {
                return;
            }
            let booked = deposit_paid(&house, &vendors, vendor).await;
            vendors.stripe.with(|account| account.declines_again = Some("card_declined"));
            vendors.advance_ms(&house, UNTIL_REST_MS).await;
            assert_eq!(until_told(&house).await["kind"], "rest_unpaid");
            let shown = booked.shown(&house).await;
            assert_eq!((&shown["status"], &shown["due"]), (&json!("CONFIRMED"), &eur(17_808)));
        })
    });
}

#[test]
fn what_paid_the_deposit_in_an_element_pays_the_rest() {
    with_an_element(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = deposit_paid(&house, &vendors, vendor).await;
            vendors.advance_ms(&house, UNTIL_REST_MS).await;
            until_paid(&house, &booked.path, 25_440).await;
            assert_eq!(matters(&house).await, Vec::<Value>::new());
        })
    });
}

#[test]
fn a_bank_that_wants_to_see_the_guest_leaves_the_rest_to_people() {
    with_an_element(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = deposit_paid(&house, &vendors, vendor).await;
            let says = Some("authentication_required");
            vendors.stripe.with(|account| account.declines_again = says);
            vendors.advance_ms(&house, UNTIL_REST_MS).await;
            let matter = until_told(&house).await;
            assert_eq!(matter["kind"], "rest_unpaid");
            assert!(text(&matter["detail"]).ends_with("was declined"), "{matter}");
            let shown = booked.shown(&house).await;
            assert_eq!((&shown["status"], &shown["due"]), (&json!("CONFIRMED"), &eur(17_808)));
        })
    });
}

#[test]
fn a_deposit_of_which_nothing_was_kept_leaves_the_rest_to_people_and_nobody_is_declined() {
    with_an_element(|house, vendors, vendor| {
        Box::pin(async move {
            with_deposit(&house, json!(336)).await;
            // As a key may not write customers, or an older version asked for none.
            vendors.stripe.with(|account| account.refuses_customers = true);
            let booked = book(&house, vendor, "r1").await;
            vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            vendors.advance_ms(&house, UNTIL_REST_MS).await;
            let matter = until_told(&house).await;
            assert_eq!(matter["kind"], "rest_unpaid");
            assert!(text(&matter["detail"]).ends_with("can be charged again"), "{matter}");
            let shown = booked.shown(&house).await;
            let states: Vec<&Value> = shown["payments"].as_array().unwrap().iter().collect();
            assert!(states.iter().all(|paid| paid["paymentStatus"] != "FAILED"), "{states:?}");
        })
    });
}

#[test]
fn the_rest_is_charged_from_the_deposit_where_nothing_was_kept_of_what_was_paid_since() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            if vendor == Vendor::Razorpay {
                return;
            }
            let booked = deposit_paid(&house, &vendors, vendor).await;
            // The guest pays all that is left, by another card that nobody may charge again.
            let known = json!({"reservationId": booked.reservation, "guestToken": booked.token});
            let opened = ask_order(&house, vendor, &known).await.expect(200);
            assert_eq!(opened["amount"], eur(17_808));
            let order = text(&opened["paymentOrderId"]);
            vendors.pay(vendor, &order);
            let later = Booked { order, opened, ..booked };
            later.confirm(&house).await.expect(200);
            // A part of that goes back, and is due again when the rest is.
            let back = format!("/v1/payments/{}/refunds", text(&later.opened["paymentId"]));
            let back = house.post(back).by(&house.owner).header("idempotency-key", "k");
            let ask = json!({"amount": eur(5_000), "stillDue": true, "reason": "the wrong card"});
            back.send_json(&ask).await.expect(201);
            house.until_idle().await;
            assert_eq!(later.shown(&house).await["due"], eur(5_000));
            vendors.advance_ms(&house, UNTIL_REST_MS).await;
            house.until_idle().await;
            assert_eq!(later.shown(&house).await["due"], eur(0));
            assert_eq!(matters(&house).await, Vec::<Value>::new());
            let customers = [7_632, 17_808, 5_000].map(|minor| customers_of(&vendors, minor));
            let [deposit, rest, charged] = customers;
            assert_ne!(deposit, [Value::Null]);
            assert_eq!((rest, charged), (vec![Value::Null], deposit));
        })
    });
}

/// Whom Stripe's intents of this amount are of.
fn customers_of(vendors: &Vendors, minor: i64) -> Vec<Value> {
    vendors.stripe.with(|account| {
        let intents = account.intents.values().filter(|intent| intent["amount"] == minor);
        intents.map(|intent| intent["customer"].clone()).collect()
    })
}

#[test]
fn a_booking_after_the_rests_day_is_paid_at_once() {
    on_sqlite(|house| {
        Box::pin(async move {
            with_deposit(&house, json!(336)).await;
            house.advance_ms(UNTIL_REST_MS).await;
            let booked = house.book("r1", json!({})).await;
            let order = order(&house, &booked, "SANDBOX").await;
            assert_eq!(order["amount"], eur(25_440));
        })
    });
}

#[test]
fn a_deposit_of_nothing_or_all_is_none() {
    on_sqlite(|house| {
        Box::pin(async move {
            for (deposit, status, code, pointer) in [
                (json!({"now": {"basisPoints": 0}}), 400, "out_of_range", "/deposit/now"),
                (json!({"now": {"basisPoints": 10_000}}), 400, "out_of_range", "/deposit/now"),
                (
                    json!({"now": {"nights": 1}, "restHoursBefore": 17_521}),
                    400,
                    "out_of_range",
                    "/deposit/restHoursBefore",
                ),
            ] {
                let policy = json!({"code": "D", "name": "D", "deposit": deposit});
                let path = format!("/v1/hotels/{}/policies", house.hotel);
                let made = house.post(path).by(&house.owner).send_json(&policy).await;
                made.blames(status, code, pointer);
            }
        })
    });
}
