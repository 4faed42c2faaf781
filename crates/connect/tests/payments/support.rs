//! Requests with sensible values, and our own row as `app` would keep it.

use std::path::Path;

use vacancy_connect::payments::failure::Failure;
use vacancy_connect::payments::order::{
    Capture, CaptureRequest, Claim, LookUp, OrderRequest, Payer, RefundRequest, TestOutcome,
    VoidRequest,
};
use vacancy_connect::payments::razorpay::{self, Razorpay};
use vacancy_connect::payments::sandbox::{Card, PayWith, Sandbox, Settings};
use vacancy_connect::payments::standing::{Refund, Standing};
use vacancy_connect::payments::stripe::{self, Stripe};
use vacancy_connect::payments::{Checkout, Provider};
use vacancy_connect::secret::Secret;
use vacancy_domain::ids::{PaymentId, RefundId, ReservationId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{NewPayment, Payment};

use crate::stand_in::{StandIn, razorpay as at_razorpay, stripe as at_stripe};

pub(crate) const NOW_MS: i64 = 1_800_000_000_000;
pub(crate) const EXPIRES_AT_MS: i64 = NOW_MS + 600_000;
pub(crate) const AMOUNT_MINOR: i64 = 42_000;

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap())
}

pub(crate) fn sandbox() -> Sandbox {
    open(None)
}

pub(crate) fn sandbox_in(folder: &Path) -> Sandbox {
    open(Some(folder))
}

fn open(folder: Option<&Path>) -> Sandbox {
    let settings = Settings {
        secret: Secret::new("of the sandbox").unwrap(),
        folder: folder.map(Path::to_owned),
        public_url: "http://127.0.0.1:8080".to_owned(),
    };
    Sandbox::open(settings).unwrap()
}

/// Stripe by redirect, and its stand-in.
pub(crate) async fn stripe() -> (Stripe, StandIn<at_stripe::Account>) {
    stripe_in(Checkout::HostedPage).await
}

pub(crate) async fn stripe_in(checkout: Checkout) -> (Stripe, StandIn<at_stripe::Account>) {
    let stand_in = StandIn::open(at_stripe::Account::at(NOW_MS)).await;
    let stripe = stripe_at(&stand_in.base_url, at_stripe::SECRET_KEY, checkout);
    (stripe, stand_in)
}

pub(crate) fn stripe_at(base_url: &str, key: &str, checkout: Checkout) -> Stripe {
    Stripe::open(stripe::Settings {
        secret_key: Secret::new(key).unwrap(),
        webhook_secrets: ["whsec_next", at_stripe::WEBHOOK_SECRET]
            .map(|text| Secret::new(text).unwrap())
            .into(),
        checkout,
        public_url: "https://book.example".to_owned(),
        base_url: base_url.to_owned(),
    })
    .unwrap()
}

/// Razorpay and its stand-in.
pub(crate) async fn razorpay() -> (Razorpay, StandIn<at_razorpay::Account>) {
    let stand_in = StandIn::open(at_razorpay::Account::at(NOW_MS)).await;
    let razorpay = razorpay_at(&stand_in.base_url, at_razorpay::KEY_SECRET);
    (razorpay, stand_in)
}

pub(crate) fn razorpay_at(base_url: &str, key_secret: &str) -> Razorpay {
    Razorpay::open(razorpay::Settings {
        key_id: at_razorpay::KEY_ID.to_owned(),
        key_secret: Secret::new(key_secret).unwrap(),
        webhook_secrets: vec![Secret::new(at_razorpay::WEBHOOK_SECRET).unwrap()],
        public_url: "https://book.example".to_owned(),
        base_url: base_url.to_owned(),
    })
    .unwrap()
}

pub(crate) fn order(payment: u128) -> OrderRequest {
    OrderRequest {
        payment_id: PaymentId(payment),
        reservation_id: ReservationId(payment + 1000),
        amount: eur(AMOUNT_MINOR),
        capture: Capture::Automatic,
        payer: Payer::Guest,
        return_url: "https://hotel.example/back".to_owned(),
        description: "2 nights, Hotel Lisboa".to_owned(),
        expires_at_ms: EXPIRES_AT_MS,
        test_outcome: None,
        now_ms: NOW_MS,
    }
}

pub(crate) fn order_that(payment: u128, outcome: TestOutcome) -> OrderRequest {
    OrderRequest { test_outcome: Some(outcome), ..order(payment) }
}

/// Our row before any answer came.
pub(crate) fn row(payment: u128) -> Payment {
    Payment {
        created_at_ms: NOW_MS,
        version: 0,
        ..Payment::begun(NewPayment {
            id: PaymentId(payment),
            reservation: ReservationId(payment + 1000),
            provider: "as the test says".to_owned(),
            account: None,
            amount: eur(AMOUNT_MINOR),
        })
    }
}

/// Our row after that answer was stored.
pub(crate) fn row_after(payment: u128, standing: &Standing) -> Payment {
    Payment {
        provider_order_id: standing.provider_order_id.clone(),
        provider_payment_id: standing.provider_payment_id.clone().unwrap_or_default(),
        state: standing.state,
        captured_minor: standing.captured_minor,
        refunded_minor: standing.refunded_minor,
        method: standing.method.map_or(String::new(), |method| method.as_str().to_owned()),
        ..row(payment)
    }
}

pub(crate) async fn look_up(
    provider: &dyn Provider,
    payment: &Payment,
    now_ms: i64,
) -> Result<Standing, Failure> {
    let request = LookUp { payment: payment.clone(), claim: None, now_ms };
    provider.look_up(&request).await
}

pub(crate) async fn claim(
    provider: &dyn Provider,
    payment: &Payment,
    provider_payment_id: &str,
    signature: Option<&str>,
) -> Result<Standing, Failure> {
    let claim = Claim {
        provider_payment_id: provider_payment_id.to_owned(),
        signature: signature.map(str::to_owned),
    };
    let request = LookUp { payment: payment.clone(), claim: Some(claim), now_ms: NOW_MS };
    provider.look_up(&request).await
}

pub(crate) async fn capture(
    provider: &dyn Provider,
    payment: &Payment,
    amount: Money,
) -> Result<Standing, Failure> {
    let request = CaptureRequest { payment: payment.clone(), amount, now_ms: NOW_MS };
    provider.capture(&request).await
}

pub(crate) async fn void(
    provider: &dyn Provider,
    payment: &Payment,
    now_ms: i64,
) -> Result<Standing, Failure> {
    provider.void(&VoidRequest { payment: payment.clone(), now_ms }).await
}

pub(crate) async fn refund(
    provider: &dyn Provider,
    payment: &Payment,
    refund: u128,
    amount: Money,
) -> Result<Refund, Failure> {
    let refund_id = RefundId(refund);
    let request = RefundRequest { refund_id, payment: payment.clone(), amount, now_ms: NOW_MS };
    provider.refund(&request).await
}

pub(crate) fn card(number: &str) -> PayWith {
    PayWith::Card(Card::read(number).unwrap())
}

pub(crate) fn good_card() -> PayWith {
    card("4242 4242 4242 4242")
}

/// The stable text of what went wrong; a test fails here when nothing did.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, Failure>) -> &'static str {
    answer.unwrap_err().code()
}
