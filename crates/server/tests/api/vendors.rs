//! A house that takes real money: with Stripe and Razorpay, each a stand-in on this machine.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use serde_json::{Value, json};
use vacancy_connect::payments::{Checkout, razorpay, stripe};
use vacancy_connect::secret::Secret;
use vacancy_server::config::{Config, RazorpayConfig, StripeConfig};
use vacancy_store::sql::Engine;

use super::house::{Answer, House, NOON_MS, at_noon, path_of, text};
use super::stand_in::{self, StandIn, Trouble};

pub(crate) struct Vendors {
    pub(crate) stripe: StandIn<stand_in::stripe::Account>,
    pub(crate) razorpay: StandIn<stand_in::razorpay::Account>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vendor {
    Stripe,
    Razorpay,
}

pub(crate) const BOTH: [Vendor; 2] = [Vendor::Stripe, Vendor::Razorpay];

/// What a test does with such a house.
pub(crate) type Story =
    fn(Arc<House>, Arc<Vendors>, Vendor) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the test with each vendor, on a house of its own on each engine.
pub(crate) fn with_each(story: Story) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        for vendor in BOTH {
            on(engine, Checkout::HostedPage, vendor, story);
        }
    }
}

/// Runs the test with Stripe's element in a page of the business.
pub(crate) fn with_an_element(story: Story) {
    on(Engine::Sqlite, Checkout::Embedded, Vendor::Stripe, story);
}

fn on(engine: Engine, checkout: Checkout, vendor: Vendor, story: Story) {
    at_noon(engine, move |db, clock| {
        Box::pin(async move {
            let vendors = Arc::new(Vendors::open().await);
            let change = |config: &mut Config| vendors.put_into(config, checkout);
            let house = Arc::new(House::open(db, clock, change).await);
            story(Arc::clone(&house), Arc::clone(&vendors), vendor).await;
            House::close(house).await;
        })
    });
}

impl Vendors {
    async fn open() -> Vendors {
        Vendors {
            stripe: StandIn::open(stand_in::stripe::Account::at(NOON_MS)).await,
            razorpay: StandIn::open(stand_in::razorpay::Account::at(NOON_MS)).await,
        }
    }

    fn put_into(&self, config: &mut Config, checkout: Checkout) {
        let secret = |text: &str| Secret::new(text).unwrap();
        let providers = &mut config.providers;
        providers.sandbox_is_open = false;
        providers.stripe = Some(StripeConfig {
            secret_key: secret(stand_in::stripe::SECRET_KEY),
            webhook_secrets: vec![secret(stand_in::stripe::WEBHOOK_SECRET)],
            checkout,
            url: self.stripe.base_url.clone(),
        });
        providers.razorpay = Some(RazorpayConfig {
            key_id: stand_in::razorpay::KEY_ID.to_owned(),
            key_secret: secret(stand_in::razorpay::KEY_SECRET),
            webhook_secrets: vec![secret(stand_in::razorpay::WEBHOOK_SECRET)],
            url: self.razorpay.base_url.clone(),
        });
    }

    pub(crate) fn trouble(&self, vendor: Vendor, troubles: &[Trouble]) {
        match vendor {
            Vendor::Stripe => self.stripe.trouble(troubles),
            Vendor::Razorpay => self.razorpay.trouble(troubles),
        }
    }

    pub(crate) fn heal(&self, vendor: Vendor) {
        match vendor {
            Vendor::Stripe => self.stripe.heal(),
            Vendor::Razorpay => self.razorpay.heal(),
        }
    }

    /// Whether the vendor refuses our key from now on.
    pub(crate) fn refuse_key(&self, vendor: Vendor, is_refused: bool) {
        match vendor {
            Vendor::Stripe => self.stripe.with(|account| account.refuses_key = is_refused),
            Vendor::Razorpay => self.razorpay.with(|account| account.refuses_key = is_refused),
        }
    }

    /// Method and path of every request since the last time.
    pub(crate) fn asked(&self, vendor: Vendor) -> Vec<String> {
        match vendor {
            Vendor::Stripe => self.stripe.asked(),
            Vendor::Razorpay => self.razorpay.asked(),
        }
    }

    /// So many calls go well, and the answer of the next one is lost.
    pub(crate) fn lose_after(&self, vendor: Vendor, fine_count: usize) {
        match vendor {
            Vendor::Stripe => self.stripe.trouble_after(fine_count, Trouble::Lost),
            Vendor::Razorpay => self.razorpay.trouble_after(fine_count, Trouble::Lost),
        }
    }

    /// The one order that was ever made.
    pub(crate) fn only_order(&self, vendor: Vendor) -> String {
        match vendor {
            Vendor::Stripe => {
                self.stripe.with(|account| account.sessions.keys().next().unwrap().clone())
            }
            Vendor::Razorpay => {
                self.razorpay.with(|account| account.orders.keys().next().unwrap().clone())
            }
        }
    }

    /// The guest pays; gives what the vendor calls the payment.
    pub(crate) fn pay(&self, vendor: Vendor, order: &str) -> String {
        match vendor {
            Vendor::Stripe => {
                self.stripe.with(|account| account.pay(order));
                order.to_owned()
            }
            Vendor::Razorpay => self.razorpay.with(|account| account.pay(order)).payment_id,
        }
    }

    /// The vendor has lost all of this order.
    pub(crate) fn forget(&self, vendor: Vendor, order: &str) {
        match vendor {
            Vendor::Stripe => self.stripe.with(|account| account.sessions.remove(order)),
            Vendor::Razorpay => self.razorpay.with(|account| account.orders.remove(order)),
        };
    }

    /// A second order of the same payment, as when its first answer was lost for good.
    pub(crate) fn twin(&self, vendor: Vendor, order: &str) -> String {
        let twin = format!("{order}_twin");
        match vendor {
            Vendor::Stripe => self.stripe.with(|account| {
                let mut session = account.sessions[order].clone();
                session["id"] = json!(twin);
                session["payment_intent"] = Value::Null;
                account.sessions.insert(twin.clone(), session);
            }),
            Vendor::Razorpay => self.razorpay.with(|account| {
                let mut order = account.orders[order].clone();
                order["id"] = json!(twin);
                account.orders.insert(twin.clone(), order);
            }),
        }
        twin
    }

    /// How much went back, refund by refund.
    pub(crate) fn refunds(&self, vendor: Vendor) -> Vec<i64> {
        let amounts = |refunds: &std::collections::BTreeMap<String, Value>| {
            refunds.values().map(|refund| refund["amount"].as_i64().unwrap()).collect()
        };
        match vendor {
            Vendor::Stripe => self.stripe.with(|account| amounts(&account.refunds)),
            Vendor::Razorpay => self.razorpay.with(|account| amounts(&account.refunds)),
        }
    }

    /// The vendor forgets that anything went back; gives one of the refunds.
    pub(crate) fn lose_refunds(&self, vendor: Vendor) -> Value {
        match vendor {
            Vendor::Stripe => self.stripe.with(|account| {
                for charge in account.charges.values_mut() {
                    charge["amount_refunded"] = json!(0);
                }
                std::mem::take(&mut account.refunds).into_values().next().unwrap()
            }),
            Vendor::Razorpay => self.razorpay.with(|account| {
                for payment in account.payments.values_mut() {
                    payment["amount_refunded"] = json!(0);
                }
                std::mem::take(&mut account.refunds).into_values().next().unwrap()
            }),
        }
    }

    /// What the vendor posts when this payment was made: header, its value, body.
    pub(crate) fn event(&self, vendor: Vendor, paid: &str) -> (&'static str, String, String) {
        match vendor {
            Vendor::Stripe => {
                let kind = "checkout.session.completed";
                let (signature, body) = self.stripe.with(|account| account.event(kind, paid));
                (stripe::SIGNATURE_HEADER, signature, body)
            }
            Vendor::Razorpay => {
                let kind = "payment.captured";
                let (signature, body) = self.razorpay.with(|account| account.event(kind, paid));
                (razorpay::SIGNATURE_HEADER, signature, body)
            }
        }
    }

    /// Time goes on, here and there.
    pub(crate) async fn advance_ms(&self, house: &House, ms: i64) {
        house.advance_ms(ms).await;
        self.stripe.with(|account| account.now_s = house.now_ms() / 1000);
        self.razorpay.with(|account| account.now_s = house.now_ms() / 1000);
    }
}

impl Vendor {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Vendor::Stripe => "stripe",
            Vendor::Razorpay => "razorpay",
        }
    }
}

/// A booking and its order at a vendor.
pub(crate) struct Booked {
    pub(crate) path: String,
    pub(crate) token: String,
    pub(crate) reservation: String,
    pub(crate) order: String,
    pub(crate) opened: Value,
}

pub(crate) async fn ask_order(house: &House, vendor: Vendor, booked: &Value) -> Answer {
    let body = json!({
        "reservationId": booked["reservationId"],
        "paymentProvider": vendor.name().to_ascii_uppercase(),
        "returnUrl": "https://app.example.com/return?lang=en",
    });
    house.post("/v1/payments/order").by(&text(&booked["guestToken"])).send_json(&body).await
}

pub(crate) async fn book(house: &House, vendor: Vendor, request: &str) -> Booked {
    let booked = house.book(request, json!({})).await;
    let opened = ask_order(house, vendor, &booked).await.expect(200);
    Booked {
        path: path_of(&booked),
        token: text(&booked["guestToken"]),
        reservation: text(&booked["reservationId"]),
        order: text(&opened["paymentOrderId"]),
        opened,
    }
}

pub(crate) async fn post_event(
    house: &House,
    vendor: Vendor,
    (header, signature, body): &(&'static str, String, String),
) -> Answer {
    let ask = house.post(format!("/v1/webhooks/{}", vendor.name())).header(header, signature);
    ask.send_body(Body::from(body.clone())).await
}

impl Booked {
    /// The guest is back.
    pub(crate) async fn confirm(&self, house: &House) -> Answer {
        let body = json!({"reservationId": self.reservation, "paymentOrderId": self.order});
        house.post("/v1/payments/confirm").by(&self.token).send_json(&body).await
    }

    pub(crate) async fn shown(&self, house: &House) -> Value {
        house.get(&self.path).by(&self.token).send().await.expect(200)
    }

    pub(crate) async fn until(&self, house: &House, status: &str) -> Value {
        house.until_status(&self.path, &self.token, status).await
    }
}
