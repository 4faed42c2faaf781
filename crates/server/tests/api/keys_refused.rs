//! A provider that refuses our key says nothing about a guest: nobody is declined by it, people hear of
//! what stays open, and with the next key all goes on.

use serde_json::{Value, json};

use super::comparing::inbox;
use super::deposits::{UNTIL_REST_MS, deposit_paid, matters, until_paid};
use super::house::{House, path_of, text};
use super::vendors::{Vendor, Vendors, ask_order, with_each};

const MINUTE_MS: i64 = 60 * 1000;

/// Minutes pass, with all that is done in them.
async fn pass(house: &House, vendors: &Vendors, minutes: usize) {
    for _ in 0..minutes {
        vendors.advance_ms(house, MINUTE_MS).await;
        house.state.bookings.sweep().await.unwrap();
        house.until_idle().await;
    }
}

#[test]
fn a_key_that_is_refused_when_a_guest_goes_to_pay_declines_nobody_and_people_hear_of_it() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            vendors.refuse_key(vendor, true);
            let booked = house.book("r1", json!({})).await;
            let (path, token) = (path_of(&booked), text(&booked["guestToken"]));
            let opened = ask_order(&house, vendor, &booked).await.expect(202);
            assert_eq!(opened["paymentStatus"], "CREATED");
            // The same attempt goes on with a key that is good, while the rooms are held.
            vendors.refuse_key(vendor, false);
            let again = ask_order(&house, vendor, &booked).await.expect(200);
            assert_eq!(again["paymentId"], opened["paymentId"]);
            vendors.refuse_key(vendor, true);
            let (reservation, order) = (&booked["reservationId"], &again["paymentOrderId"]);
            let back = json!({"reservationId": reservation, "paymentOrderId": order});
            // Who is back from paying is told to wait, not that they paid something else.
            house.post("/v1/payments/confirm").by(&token).send_json(&back).await.expect(202);
            pass(&house, &vendors, 30).await;
            let kinds: Vec<Value> =
                inbox(&house).await.iter().map(|matter| matter["kind"].clone()).collect();
            assert_eq!(kinds, [json!("payment_unsettled")]);
            let shown = house.get(&path).by(&token).send().await.expect(200);
            assert_eq!(shown["payments"][0]["paymentStatus"], "PENDING");
            vendors.refuse_key(vendor, false);
            pass(&house, &vendors, 60).await;
            assert_eq!(inbox(&house).await, [Value::Null; 0]);
            house.until_status(&path, &token, "EXPIRED").await;
        })
    });
}

#[test]
fn a_key_that_is_refused_when_the_rest_is_due_declines_nobody_and_people_hear_of_it() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            if vendor == Vendor::Razorpay {
                return;
            }
            let booked = deposit_paid(&house, &vendors, vendor).await;
            vendors.refuse_key(vendor, true);
            vendors.advance_ms(&house, UNTIL_REST_MS).await;
            pass(&house, &vendors, 20).await;
            let kinds: Vec<Value> =
                matters(&house).await.iter().map(|matter| matter["kind"].clone()).collect();
            assert_eq!(kinds, [json!("payment_unsettled")]);
            let shown = booked.shown(&house).await;
            let states: Vec<&Value> = shown["payments"].as_array().unwrap().iter().collect();
            assert!(states.iter().all(|paid| paid["paymentStatus"] != "FAILED"), "{states:?}");
            vendors.refuse_key(vendor, false);
            vendors.advance_ms(&house, 60 * MINUTE_MS).await;
            until_paid(&house, &booked.path, 25_440).await;
            house.until_idle().await;
            assert_eq!(matters(&house).await, Vec::<Value>::new());
        })
    });
}
