//! Goal: what is forged, wrong or days late at a real provider changes nothing it should not.
//! Method: stand-ins of Stripe and of Razorpay on this machine; every story with each.

use axum::body::Body;
use serde_json::json;

use super::house::{House, text};
use super::vendors::{Vendor, ask_order, book, post_event, with_each};

#[test]
fn a_delivery_that_is_not_genuine_changes_nothing() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            let booked = book(&house, vendor, "r1").await;
            let paid = vendors.pay(vendor, &booked.order);
            let (header, signature, body) = vendors.event(vendor, &paid);
            let deliver = |signature: &str, body: String| {
                let ask = house.post(format!("/v1/webhooks/{}", vendor.name()));
                let ask = ask.header(header, signature);
                async move { ask.send_body(Body::from(body)).await }
            };
            let invalid = "webhook_signature_invalid";
            let truncated = body[..body.len() - 1].to_owned();
            deliver(&signature, truncated).await.problem(400, invalid);
            deliver(&signature, format!("{body} ")).await.problem(400, invalid);
            deliver(&signature, String::new()).await.problem(400, invalid);
            let forged = signature.replace(['0', '1', '2', '3'], "4");
            let code = deliver(&forged, body.clone()).await.expect(400)["code"].clone();
            assert!(code == invalid || code == "webhook_signature_missing", "{code}");
            let unsigned = house.post(format!("/v1/webhooks/{}", vendor.name()));
            let unsigned = unsigned.send_text(body.clone()).await;
            unsigned.problem(400, "webhook_signature_missing");
            deliver(&signature, " ".repeat(300_000)).await.expect(413);
            // No delivery left a job behind: the payment is as it was.
            house.until_idle().await;
            let shown = booked.shown(&house).await;
            assert_eq!(
                (&shown["status"], &shown["paymentState"]),
                (&json!("PENDING_PAYMENT"), &json!("pending"))
            );
            vendors.advance_ms(&house, 301 * 1000).await;
            let late = deliver(&signature, body).await;
            match vendor {
                Vendor::Stripe => drop(late.problem(400, "webhook_stale")),
                // Razorpay signs no time, and repeats a body for a day.
                Vendor::Razorpay => drop(late.expect(200)),
            }
        })
    });
}

#[test]
fn another_amount_or_currency_than_ours_confirms_nothing() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            for (request, field, value) in
                [("r1", "amount", json!(1)), ("r2", "currency", json!("usd"))]
            {
                let booked = book(&house, vendor, request).await;
                let paid = vendors.pay(vendor, &booked.order);
                match vendor {
                    Vendor::Stripe => vendors.stripe.with(|account| {
                        let session = account.sessions.get_mut(&booked.order).unwrap();
                        let intent = text(&session["payment_intent"]);
                        let intent = account.intents.get_mut(&intent).unwrap();
                        if field == "amount" {
                            intent["amount_received"] = value;
                        } else {
                            session["currency"] = value;
                        }
                    }),
                    Vendor::Razorpay => vendors.razorpay.with(|account| {
                        let upper = value.as_str().map(|text| json!(text.to_ascii_uppercase()));
                        let payment = account.payments.get_mut(&paid).unwrap();
                        payment[field] = upper.unwrap_or(value);
                    }),
                }
                booked.confirm(&house).await.blames(409, "mismatch", "/amount");
                let event = vendors.event(vendor, &paid);
                post_event(&house, vendor, &event).await.expect(200);
                house.until_idle().await;
                assert_eq!(booked.shown(&house).await["status"], "PENDING_PAYMENT");
            }
        })
    });
}

#[test]
fn a_payment_that_failed_and_turns_authorised_days_later_is_taken_or_given_back() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            if vendor != Vendor::Razorpay {
                return;
            }
            for (request, is_canceled) in [("r1", false), ("r2", true)] {
                let booked = book(&house, vendor, request).await;
                let order = booked.order.clone();
                let attempt = vendors.razorpay.with(|account| account.attempt(&order, "failed"));
                let told = booked.confirm(&house).await.expect(200);
                assert_eq!(told["paymentStatus"], "FAILED");
                if is_canceled {
                    let cancel = house.post(format!("{}/cancel", booked.path));
                    cancel.by(&booked.token).send().await.expect(200);
                } else {
                    house.advance_days(3).await;
                    house.state.bookings.sweep().await.unwrap();
                    booked.until(&house, "EXPIRED").await;
                }
                let paid = attempt.payment_id;
                let kind = "payment.authorized";
                let event = vendors.razorpay.with(|account| {
                    account.set(&paid, "authorized");
                    account.event(kind, &paid)
                });
                let ask = house.post("/v1/webhooks/razorpay");
                let ask = ask.header("x-razorpay-signature", &event.0);
                ask.send_body(Body::from(event.1)).await.expect(200);
                let expected = if is_canceled { "REFUNDED" } else { "CONFIRMED" };
                booked.until(&house, expected).await;
            }
            assert_eq!(vendors.refunds(vendor), [25_440]);
        })
    });
}

#[test]
fn a_failed_payment_that_turns_good_is_found_without_a_webhook() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            if vendor != Vendor::Razorpay {
                return;
            }
            let booked = book(&house, vendor, "r1").await;
            let order = booked.order.clone();
            let attempt = vendors.razorpay.with(|account| account.attempt(&order, "failed"));
            booked.confirm(&house).await.expect(200);
            house.advance_days(4).await;
            booked.until(&house, "EXPIRED").await;
            vendors.razorpay.with(|account| account.set(&attempt.payment_id, "authorized"));
            house.advance_days(1).await;
            booked.until(&house, "CONFIRMED").await;
        })
    });
}

#[test]
fn beside_a_provider_of_real_money_the_sandbox_takes_no_orders() {
    with_each(|house, _vendors, vendor| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let ask = json!({
                "reservationId": booked["reservationId"], "paymentProvider": "SANDBOX",
                "returnUrl": "https://app.example.com/return",
            });
            let token = text(&booked["guestToken"]);
            let refused = house.post("/v1/payments/order").by(&token).send_json(&ask).await;
            refused.blames(422, "unknown_provider", "/paymentProvider");
            let real = ask_order(&house, vendor, &booked).await;
            real.expect(200);
            let ask = json!({
                "reservationId": booked["reservationId"],
                "paymentProvider": vendor.name(),
                "returnUrl": "https://app.example.com/return",
            });
            let forced = house.post("/v1/payments/order").by(&token);
            let forced = forced.header("vacancy-test", "payment_declined").send_json(&ask);
            forced.await.blames(400, "test_mode_only", "Vacancy-Test");
        })
    });
}

async fn page(house: &House, path: &str) -> String {
    let answer = house.get(path).send().await;
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.bytes).unwrap()
}

#[test]
fn the_way_to_razorpays_page_and_back_is_a_form_and_a_redirect() {
    with_each(|house, vendors, vendor| {
        Box::pin(async move {
            if vendor != Vendor::Razorpay {
                return;
            }
            let booked = book(&house, vendor, "r1").await;
            let order = &booked.order;
            let path = format!("/razorpay/checkout/{order}");
            let checkout = text(&booked.opened["checkoutUrl"]);
            assert!(checkout.starts_with(&format!("http://127.0.0.1{path}?")), "{checkout}");
            let html = page(&house, &path).await;
            for part in [
                "/v1/checkout/embedded\"",
                "name=\"key_id\" value=\"rzp_test_standin\"",
                &format!("name=\"order_id\" value=\"{order}\""),
                "name=\"amount\" value=\"25440\"",
                "Test house",
            ] {
                assert!(html.contains(part), "{part} is not in {html}");
            }
            assert!(!html.contains("<script") && !html.contains("key secret"), "{html}");
            let shown = house.get(&path).send().await;
            let policy = shown.header("content-security-policy");
            assert!(policy.contains(&format!("form-action 'self' {}", vendors.razorpay.base_url)));
            let paid = vendors.razorpay.with(|account| account.pay(order));
            let body = format!(
                "razorpay_payment_id={}&razorpay_order_id={order}&razorpay_signature={}",
                paid.payment_id, paid.signature
            );
            let ask = house.post(format!("/razorpay/return/{order}"));
            let ask = ask.header("content-type", "application/x-www-form-urlencoded");
            let back = ask.header("sec-fetch-site", "cross-site").send_body(Body::from(body)).await;
            assert_eq!(back.status, 303);
            assert_eq!(
                back.header("location"),
                format!(
                    "https://app.example.com/return?lang=en&paymentOrderId={order}\
                     &providerPaymentId={}&signature={}",
                    paid.payment_id, paid.signature
                )
            );
            let claim = json!({
                "reservationId": booked.reservation, "paymentOrderId": order,
                "paymentId": paid.payment_id, "signature": paid.signature,
            });
            let told = house.post("/v1/payments/confirm").by(&booked.token).send_json(&claim).await;
            assert_eq!(told.expect(200)["bookingStatus"], "CONFIRMED");
            // What is paid is not paid twice: the page leads back.
            assert_eq!(house.get(&path).send().await.status, 303);
            house.get("/razorpay/checkout/order_none").send().await.expect(404);
        })
    });
}
