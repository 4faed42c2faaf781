//! Goal: with real providers no money is left without a booking, whatever arrives late or never.
//! Method: stand-ins of Stripe and of Razorpay on this machine; every story with each.

use axum::body::Body;
use serde_json::{Value, json};
use vacancy_connect::payments::circuit;

use super::deposits::with_deposit;
use super::house::text;
use super::stand_in::Trouble;
use super::vendors::{Vendor, ask_order, book, post_event, with_an_element, with_each};

/// The hold's ten minutes, and a bit.
const HOLD_MS: i64 = 11 * 60 * 1000;

#[test]
fn a_guest_pays_by_webhook_and_cancels_and_has_the_money_back() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let opened = &booked.opened;
            assert_eq!(opened["paymentProvider"], vendor.name().to_ascii_uppercase());
            assert_eq!(opened["paymentStatus"], "PENDING");
            assert_eq!(opened["clientSecret"], Value::Null);
            assert!(text(&opened["checkoutUrl"]).contains(&booked.order));
            booked.confirm(&house).await.expect(202);
            let paid = vendors.pay(vendor, &booked.order);
            let event = vendors.event(vendor, &paid);
            // At least once, says the vendor.
            for _ in 0..2 {
                post_event(&house, vendor, &event).await.expect(200);
            }
            let shown = booked.until(&house, "CONFIRMED").await;
            assert_eq!(shown["paymentState"], "paid");
            house
                .post(format!("{}/cancel", booked.path))
                .by(&booked.token)
                .send()
                .await
                .expect(200);
            let shown = booked.until(&house, "REFUNDED").await;
            assert_eq!(shown["refunded"], json!({"amount": 25_440, "currency": "EUR"}));
            assert_eq!(vendors.refunds(vendor), [25_440]);
        })
    });
}

#[test]
fn a_guest_who_is_back_is_believed_after_the_provider_was_asked() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            booked.confirm(&house).await.expect(202);
            vendors.pay(vendor, &booked.order);
            let told = booked.confirm(&house).await.expect(200);
            assert_eq!(told["paymentStatus"], "SUCCESS");
            assert_eq!(told["bookingStatus"], "CONFIRMED");
        })
    });
}

#[test]
fn money_of_which_no_webhook_ever_came_is_found_at_the_deadline() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            vendors.pay(vendor, &booked.order);
            vendors.advance_ms(&house, HOLD_MS).await;
            house.state.bookings.sweep().await.unwrap();
            let shown = booked.until(&house, "CONFIRMED").await;
            assert_eq!(shown["paymentState"], "paid");
        })
    });
}

#[test]
fn money_of_which_no_webhook_ever_came_is_found_within_minutes() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            vendors.advance_ms(&house, 2 * 60 * 1000).await;
            house.until_idle().await;
            assert_eq!(booked.shown(&house).await["status"], "PENDING_PAYMENT");
            vendors.pay(vendor, &booked.order);
            vendors.advance_ms(&house, 3 * 60 * 1000).await;
            booked.until(&house, "CONFIRMED").await;
            // What has an end is asked for no more.
            vendors.advance_ms(&house, 24 * 60 * 60 * 1000).await;
            house.until_idle().await;
            vendors.stripe.asked();
            vendors.razorpay.asked();
            vendors.advance_ms(&house, 24 * 60 * 60 * 1000).await;
            house.until_idle().await;
            assert_eq!((vendors.stripe.asked(), vendors.razorpay.asked()), (vec![], vec![]));
        })
    });
}

#[test]
fn an_order_that_nobody_paid_is_closed_at_the_deadline() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            vendors.advance_ms(&house, HOLD_MS).await;
            house.state.bookings.sweep().await.unwrap();
            booked.until(&house, "EXPIRED").await;
            if vendor == Vendor::Stripe {
                let session =
                    vendors.stripe.with(|account| account.sessions[&booked.order].clone());
                assert_eq!(session["status"], "expired");
            }
            ask_order(
                &house,
                vendor,
                &json!({
                    "reservationId": booked.reservation, "guestToken": booked.token,
                }),
            )
            .await
            .problem(410, "hold_expired");
        })
    });
}

#[test]
fn money_after_the_end_takes_free_nights_again_and_goes_back_when_they_are_gone() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            for (request, nights_are_gone) in [("r1", false), ("r2", true)] {
                let booked = book(&house, vendor, request).await;
                vendors.advance_ms(&house, HOLD_MS).await;
                house.state.bookings.sweep().await.unwrap();
                booked.until(&house, "EXPIRED").await;
                if nights_are_gone {
                    house.book("others", json!({"rooms": {"DELUXE": 2}})).await;
                }
                let paid = vendors.pay(vendor, &booked.order);
                let event = vendors.event(vendor, &paid);
                post_event(&house, vendor, &event).await.expect(200);
                let expected = if nights_are_gone { "REFUNDED" } else { "CONFIRMED" };
                booked.until(&house, expected).await;
            }
            assert_eq!(vendors.refunds(vendor), [25_440]);
        })
    });
}

#[test]
fn a_lost_answer_is_found_again_by_asking_again() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            // Razorpay is asked for an order of ours first: that answer is lost, too.
            let losses = if vendor == Vendor::Stripe { 1 } else { 2 };
            vendors.trouble(vendor, &[Trouble::Lost; 2][..losses]);
            for _ in 0..losses {
                let lost = ask_order(&house, vendor, &booked).await.expect(202);
                assert_eq!(lost["paymentOrderId"], "");
            }
            let opened = ask_order(&house, vendor, &booked).await.expect(200);
            let again = ask_order(&house, vendor, &booked).await.expect(200);
            assert_eq!(opened, again);
            let made = match vendor {
                Vendor::Stripe => vendors.stripe.with(|account| account.sessions.len()),
                Vendor::Razorpay => vendors.razorpay.with(|account| account.orders.len()),
            };
            assert_eq!(made, 1);
        })
    });
}

#[test]
fn a_vendor_that_gives_no_answer_is_left_alone_for_a_while_and_the_rooms_stay_held() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let failures = [Trouble::Refused(503); circuit::FAILURES_MAX as usize];
            vendors.trouble(vendor, &failures);
            for _ in failures {
                ask_order(&house, vendor, &booked).await.expect(202);
            }
            assert_eq!(vendors.asked(vendor).len(), failures.len());
            ask_order(&house, vendor, &booked).await.expect(202);
            assert_eq!(vendors.asked(vendor), Vec::<String>::new());
            let other = if vendor == Vendor::Stripe { Vendor::Razorpay } else { Vendor::Stripe };
            ask_order(&house, other, &booked).await.expect(200);
            vendors.advance_ms(&house, circuit::OPEN_MS).await;
            let opened = ask_order(&house, vendor, &booked).await.expect(200);
            assert_ne!(opened["paymentOrderId"], "");
        })
    });
}

#[test]
fn an_event_that_is_delivered_again_asks_the_vendor_nothing() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let paid = vendors.pay(vendor, &booked.order);
            let event = vendors.event(vendor, &paid);
            post_event(&house, vendor, &event).await.expect(200);
            booked.until(&house, "CONFIRMED").await;
            vendors.asked(vendor);
            for _ in 0..3 {
                post_event(&house, vendor, &event).await.expect(200);
            }
            house.until_idle().await;
            assert_eq!(vendors.asked(vendor), Vec::<String>::new());
        })
    });
}

#[test]
fn an_order_that_was_never_made_does_not_hold_the_nights_for_ever() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            vendors.trouble(vendor, &[Trouble::Refused(503)]);
            ask_order(&house, vendor, &booked).await.expect(202);
            vendors.advance_ms(&house, HOLD_MS).await;
            house.state.bookings.sweep().await.unwrap();
            let path = super::house::path_of(&booked);
            house.until_status(&path, &text(&booked["guestToken"]), "EXPIRED").await;
        })
    });
}

#[test]
fn a_refund_whose_answer_is_lost_is_given_once() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            // Whichever call of the first attempts it is: each gets lost once.
            vendors.trouble(vendor, &[Trouble::Lost; 3]);
            house
                .post(format!("{}/cancel", booked.path))
                .by(&booked.token)
                .send()
                .await
                .expect(200);
            for _ in 0..4 {
                // The house's own runner may be at it, too: no time passes behind its back.
                house.until_idle().await;
                vendors.advance_ms(&house, 60 * 1000).await;
            }
            booked.until(&house, "REFUNDED").await;
            assert_eq!(vendors.refunds(vendor), [25_440]);
        })
    });
}

#[test]
fn an_element_in_a_page_of_the_business_gets_its_secret_every_time() {
    with_an_element(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let secret = text(&booked.opened["clientSecret"]);
            assert!(secret.starts_with(&booked.order), "{secret}");
            assert_eq!(booked.opened["checkoutUrl"], Value::Null);
            let ask = json!({"reservationId": booked.reservation, "paymentProvider": "STRIPE"});
            let again = house.post("/v1/payments/order").by(&booked.token).send_json(&ask).await;
            assert_eq!(again.expect(200), booked.opened);
            vendors.pay(vendor, &booked.order);
            let kind = "payment_intent.succeeded";
            let order = booked.order.clone();
            let (signature, body) = vendors.stripe.with(|account| account.event(kind, &order));
            let ask = house.post("/v1/webhooks/stripe").header("stripe-signature", &signature);
            ask.send_body(Body::from(body)).await.expect(200);
            booked.until(&house, "CONFIRMED").await;
        })
    });
}

#[test]
fn a_guest_who_opens_an_element_again_days_later_pays_one_order_and_no_other() {
    with_an_element(|house, vendors, vendor| {
        Box::pin(async move {
            with_deposit(&house, Value::Null).await;
            let booked = book(&house, vendor, "r1").await;
            vendors.pay(vendor, &booked.order);
            booked.confirm(&house).await.expect(200);
            let ask = json!({"reservationId": booked.reservation, "paymentProvider": "STRIPE"});
            let open = async || {
                let order = house.post("/v1/payments/order").by(&booked.token);
                order.send_json(&ask).await.expect(200)
            };
            let first = open().await;
            vendors.advance_ms(&house, 25 * 60 * 60 * 1000).await;
            vendors.stripe.with(|account| account.forget_keys());
            let second = open().await;
            assert_ne!(second["paymentOrderId"], first["paymentOrderId"]);
            assert!(text(&second["clientSecret"]).starts_with(&text(&second["paymentOrderId"])));
            let states = vendors.stripe.with(|account| {
                let states = account.intents.values().map(|intent| text(&intent["status"]));
                states.collect::<Vec<_>>()
            });
            assert_eq!(states, ["succeeded", "canceled", "requires_payment_method"]);
        })
    });
}
