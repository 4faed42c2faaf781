//! Goal: what guests pay to a business with accounts of its own goes there and nowhere else, and no
//! answer tells a credential.
//! Method: a house whose installation has Stripe at one stand-in, while accounts lead to another.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use vacancy_connect::payments::Checkout;
use vacancy_connect::payments::stripe::SIGNATURE_HEADER;
use vacancy_connect::seal::Seals;
use vacancy_connect::secret::Secret;
use vacancy_server::config::{Config, StripeConfig};
use vacancy_store::sql::Engine;

use super::house::{Answer, House, NOON_MS, at_noon, on_sqlite, path_of, text};
use super::stand_in::stripe::{Account, SECRET_KEY, WEBHOOK_SECRET};
use super::stand_in::{StandIn, razorpay};

/// The vendors behind a house.
pub(crate) struct Vendors {
    /// With the installation's account.
    installation: StandIn<Account>,
    /// With the accounts of businesses.
    pub(crate) stripe: StandIn<Account>,
    razorpay: StandIn<razorpay::Account>,
}

pub(crate) type Story = fn(Arc<House>, Arc<Vendors>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) fn with_accounts(story: Story) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        at_noon(engine, move |db, clock| {
            Box::pin(async move {
                let vendors = Arc::new(Vendors {
                    installation: StandIn::open(Account::at(NOON_MS)).await,
                    stripe: StandIn::open(Account::at(NOON_MS)).await,
                    razorpay: StandIn::open(razorpay::Account::at(NOON_MS)).await,
                });
                let change = |config: &mut Config| vendors.put_into(config);
                let house = Arc::new(House::open(db, clock, change).await);
                story(Arc::clone(&house), vendors).await;
                House::close(house).await;
            })
        });
    }
}

impl Vendors {
    fn put_into(&self, config: &mut Config) {
        let secret = |text: &str| Secret::new(text).unwrap();
        let providers = &mut config.providers;
        providers.stripe = Some(StripeConfig {
            secret_key: secret(SECRET_KEY),
            webhook_secrets: vec![secret(WEBHOOK_SECRET)],
            checkout: Checkout::HostedPage,
            url: self.installation.base_url.clone(),
        });
        providers.stripe_url.clone_from(&self.stripe.base_url);
        providers.razorpay_url.clone_from(&self.razorpay.base_url);
        providers.seals = Some(Arc::new(Seals::new(&[1; 32], None)));
    }
}

pub(crate) fn stripes() -> Value {
    json!({
        "provider": "STRIPE", "label": "Ours",
        "credentials": {"secretKey": SECRET_KEY, "webhookSecrets": [WEBHOOK_SECRET]},
    })
}

fn razorpays() -> Value {
    json!({
        "provider": "razorpay", "label": "Ours",
        "credentials": {
            "keyId": razorpay::KEY_ID, "keySecret": razorpay::KEY_SECRET,
            "webhookSecrets": [razorpay::WEBHOOK_SECRET],
        },
    })
}

pub(crate) async fn make(house: &House, by: &str, body: &Value) -> Value {
    house.post("/v1/payment-accounts").by(by).send_json(body).await.expect(201)
}

pub(crate) fn address(account: &Value) -> String {
    format!("/v1/payment-accounts/{}", text(&account["paymentAccountId"]))
}

async fn change(house: &House, account: &Value, body: &Value) -> Answer {
    let ask = house.ask(Method::PATCH, address(account)).by(&house.owner);
    ask.header("if-match", "*").send_json(body).await
}

pub(crate) async fn order(house: &House, booked: &Value, provider: &str) -> Answer {
    let body = json!({
        "reservationId": booked["reservationId"], "paymentProvider": provider,
        "returnUrl": "https://app.example.com/return",
    });
    house.post("/v1/payments/order").by(&text(&booked["guestToken"])).send_json(&body).await
}

/// Stripe posts that an order was paid.
pub(crate) async fn post_paid(
    house: &House,
    vendors: &Vendors,
    address: &str,
    order: &str,
) -> Answer {
    let kind = "checkout.session.completed";
    let (signature, body) = vendors.stripe.with(|account| account.event(kind, order));
    let ask = house.post(address).header(SIGNATURE_HEADER, &signature);
    ask.send_body(Body::from(body)).await
}

async fn status(house: &House, booked: &Value) -> String {
    house.until_idle().await;
    let shown = house.get(path_of(booked)).by(&text(&booked["guestToken"])).send().await;
    text(&shown.expect(200)["status"])
}

#[test]
fn a_guest_pays_to_the_account_of_the_business_and_to_nobody_else() {
    with_accounts(|house, vendors| {
        Box::pin(async move {
            let account = make(&house, &house.owner, &stripes()).await;
            let theirs = make(&house, &house.stranger, &stripes()).await;
            let booked = house.book("r1", json!({})).await;
            let opened = order(&house, &booked, "STRIPE").await.expect(200);
            let session = text(&opened["paymentOrderId"]);
            assert!(vendors.installation.asked().is_empty(), "the installation has no part in it");
            vendors.stripe.with(|account| account.pay(&session));

            // An event counts where it was posted, and this payment was begun elsewhere.
            let elsewhere = text(&theirs["paymentAccountId"]);
            for address in ["/v1/webhooks/stripe", &format!("/v1/webhooks/stripe/{elsewhere}")] {
                post_paid(&house, &vendors, address, &session).await.expect(200);
                assert_eq!(status(&house, &booked).await, "PENDING_PAYMENT", "{address}");
            }
            let own = text(&account["webhookUrl"]);
            let own = own.strip_prefix("http://127.0.0.1").unwrap();
            let wrong = house.post(own).header(SIGNATURE_HEADER, "t=1,v1=00").send().await;
            wrong.problem(400, "webhook_signature_invalid");
            let other_name = own.replace("stripe", "razorpay");
            post_paid(&house, &vendors, &other_name, &session).await.problem(404, "not_found");
            post_paid(&house, &vendors, own, &session).await.expect(200);
            house.until_status(&path_of(&booked), &house.owner, "CONFIRMED").await;

            let payment = format!("/v1/payments/{}", text(&opened["paymentId"]));
            let shown = house.get(payment).by(&house.owner).send().await.expect(200);
            assert_eq!(shown["paymentAccountId"], account["paymentAccountId"]);
            let cancel = house.post(format!("{}/cancel", path_of(&booked))).by(&house.owner);
            cancel.send().await.expect(200);
            house.until_status(&path_of(&booked), &house.owner, "REFUNDED").await;
            assert_eq!(vendors.stripe.with(|account| account.refunds.len()), 1);
        })
    });
}

#[test]
fn a_business_with_an_account_is_offered_no_provider_of_the_installation() {
    with_accounts(|house, vendors| {
        Box::pin(async move {
            let booked = house.book("r1", json!({})).await;
            let account = make(&house, &house.owner, &razorpays()).await;
            for name in ["STRIPE", "SANDBOX"] {
                let refused = order(&house, &booked, name).await;
                let told = refused.problem(422, "unknown_provider");
                let detail = text(&told["errors"][0]["detail"]);
                assert_eq!(detail, "no such provider; there are razorpay, offline");
            }
            let opened = order(&house, &booked, "RAZORPAY").await.expect(200);
            // The page that leads to Razorpay is that of the account.
            let page = text(&opened["checkoutUrl"]);
            let page = house.get(page.strip_prefix("http://127.0.0.1").unwrap()).send().await;
            let page = String::from_utf8_lossy(&page.bytes).into_owned();
            assert!(page.contains(&vendors.razorpay.base_url), "{page}");
            assert!(page.contains(razorpay::KEY_ID) && !page.contains(razorpay::KEY_SECRET));

            change(&house, &account, &json!({"isEnabled": false})).await.expect(200);
            order(&house, &booked, "RAZORPAY").await.problem(422, "unknown_provider");
            order(&house, &booked, "STRIPE").await.problem(422, "unknown_provider");
            let delete = || house.ask(Method::DELETE, address(&account)).by(&house.owner);
            let kept = delete().header("if-match", "*").send().await;
            assert_eq!(kept.problem(409, "invalid_transition")["from"], "in_use");
            // What was begun there can still be paid.
            let order = text(&opened["paymentOrderId"]);
            vendors.razorpay.with(|account| account.pay(&order));
            let back = json!({"reservationId": booked["reservationId"], "paymentOrderId": order});
            let token = text(&booked["guestToken"]);
            let told = house.post("/v1/payments/confirm").by(&token).send_json(&back).await;
            assert_eq!(told.expect(200)["bookingStatus"], "CONFIRMED");
        })
    });
}

#[test]
fn an_owner_keeps_accounts_and_reads_no_credential_of_them() {
    with_accounts(|house, _vendors| {
        Box::pin(async move {
            for by in [&house.desk, &house.accountant, &house.program] {
                let refused = house.post("/v1/payment-accounts").by(by).send_json(&stripes()).await;
                refused.problem(403, "forbidden");
            }
            let made = make(&house, &house.owner, &stripes()).await;
            assert_eq!(made["credentials"]["secretKey"], "…ndin");
            assert_eq!((&made["isDefault"], &made["fault"]), (&json!(true), &Value::Null));
            let shown = house.get(address(&made)).by(&house.owner).send().await;
            assert_eq!((shown.header("etag"), &shown.expect(200)), ("\"1\"", &made));
            house.get(address(&made)).by(&house.stranger).send().await.problem(404, "not_found");
            house.get(address(&made)).by(&house.desk).send().await.problem(403, "forbidden");

            let next =
                json!({"credentials": {"webhookSecrets": ["whsec_the_next_one", "whsec_x"]}});
            let changed = change(&house, &made, &next).await.expect(200);
            assert_eq!(changed["credentials"]["webhookSecrets"], json!(["…_one", "…"]));
            assert_eq!(changed["credentials"]["secretKey"], "…ndin");
            let stale = house.ask(Method::PATCH, address(&made)).by(&house.owner);
            stale.header("if-match", "\"1\"").send_json(&next).await.problem(412, "stale");
            let list = house.get("/v1/payment-accounts").by(&house.owner).send().await;
            assert_eq!(list.expect(200)["items"], json!([changed]));
            for credential in [SECRET_KEY, WEBHOOK_SECRET, "the_next"] {
                let told = format!("{made} {changed}");
                assert!(!told.contains(credential), "{told}");
            }
            let delete = house.ask(Method::DELETE, address(&made)).by(&house.owner);
            delete.header("if-match", "*").send().await.expect(204);
            house.get(address(&made)).by(&house.owner).send().await.problem(404, "not_found");
        })
    });
}

#[test]
fn wrong_credentials_are_named_and_not_repeated() {
    with_accounts(|house, _vendors| {
        Box::pin(async move {
            for (pointer, code, value) in [
                ("/provider", "unknown_provider", json!("SANDBOX")),
                ("/checkout", "invalid_value", json!("hunter2")),
                ("/credentials/secretKey", "invalid_value", json!("hunter2")),
                ("/credentials/secretKey", "invalid_value", json!("sk_hunter2 ")),
                ("/credentials/keyId", "unknown_field", json!("rzp_hunter2")),
                ("/credentials/webhookSecrets/0", "invalid_value", json!(["hunter2"])),
                ("/credentials/webhookSecrets", "invalid_value", json!([])),
            ] {
                let mut body = stripes();
                let parent = pointer.trim_end_matches("/0");
                let (above, name) = parent.rsplit_once('/').unwrap();
                body.pointer_mut(above).unwrap()[name] = value;
                let refused = house.post("/v1/payment-accounts").by(&house.owner);
                let refused = refused.send_json(&body).await;
                assert!(!String::from_utf8_lossy(&refused.bytes).contains("hunter2"));
                refused.blames(422, code, pointer);
            }
            let mut body = stripes();
            body["credentials"].as_object_mut().unwrap().remove("secretKey");
            let refused =
                house.post("/v1/payment-accounts").by(&house.owner).send_json(&body).await;
            refused.blames(422, "missing_field", "/credentials/secretKey");
        })
    });
}

#[test]
fn without_a_key_no_account_is_kept_and_the_rest_goes_on() {
    on_sqlite(|house| {
        Box::pin(async move {
            let refused = house.post("/v1/payment-accounts").by(&house.owner);
            refused.send_json(&stripes()).await.problem(409, "payment_accounts_off");
            let booked = house.book("r1", json!({})).await;
            order(&house, &booked, "SANDBOX").await.expect(200);
        })
    });
}

#[test]
fn money_for_a_payment_that_the_store_does_not_have_goes_back_in_one_step() {
    with_accounts(|house, vendors| {
        Box::pin(async move {
            make(&house, &house.owner, &stripes()).await;
            let booked = house.book("r1", json!({})).await;
            let opened = order(&house, &booked, "STRIPE").await.expect(200);
            let lost = "0192f3a4-c001-7d8e-9f01-23456789abcd";
            vendors.stripe.with(|account| {
                let session = account.sessions.get_mut(&text(&opened["paymentOrderId"])).unwrap();
                session["client_reference_id"] = json!(lost);
                account.pay(&text(&opened["paymentOrderId"]));
            });
            house.state.payments.begin_comparing().await.unwrap();
            let inbox = async || {
                let asked = house.get("/v1/payments/inbox").by(&house.owner).send().await;
                asked.expect(200)["items"].as_array().unwrap().clone()
            };
            house.advance_ms(24 * 60 * 60 * 1000).await;
            vendors.stripe.with(|account| account.now_s = house.now_ms() / 1000);
            house.until_idle().await;
            let open = inbox().await;
            assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("payment_unknown")));
            assert!(text(&open[0]["detail"]).contains("EUR 254.40"), "{}", open[0]);
            let path = format!("/v1/payments/inbox/{}/resolve", text(&open[0]["matterId"]));
            for _ in 0..2 {
                let step = json!({"resolution": "refund"});
                house.post(&path).by(&house.owner).send_json(&step).await.expect(200);
            }
            let back = vendors.stripe.with(|account| account.refunds.clone());
            let amounts: Vec<&Value> = back.values().map(|refund| &refund["amount"]).collect();
            assert_eq!(amounts, [&json!(25_440)]);
            assert_eq!(inbox().await, [Value::Null; 0]);
        })
    });
}

#[test]
fn a_guest_pays_at_another_account_when_the_business_has_changed_to_it() {
    with_accounts(|house, vendors| {
        Box::pin(async move {
            let old = make(&house, &house.owner, &stripes()).await;
            let booked = house.book("r1", json!({})).await;
            let first = order(&house, &booked, "STRIPE").await.expect(200);
            make(&house, &house.owner, &stripes()).await;
            change(&house, &old, &json!({"isEnabled": false})).await.expect(200);
            let second = order(&house, &booked, "STRIPE").await.expect(200);
            assert_ne!(second["paymentId"], first["paymentId"]);
            let again = order(&house, &booked, "STRIPE").await.expect(200);
            assert_eq!(again["paymentOrderId"], second["paymentOrderId"]);
            assert_eq!(vendors.stripe.with(|account| account.sessions.len()), 2);
        })
    });
}
