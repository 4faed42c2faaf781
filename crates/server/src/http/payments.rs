//! Paying: an order at a provider, the guest's way back, and how a payment stands. Amounts are
//! ours; what a client says about them is compared and never followed.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::payments::Standings;
use vacancy_app::payments::order::{ClaimedAmount, Opened, PaymentWish, Returned};
use vacancy_connect::payments::order::Claim;
use vacancy_connect::payments::{Abilities, Checkout};
use vacancy_domain::disputes::Dispute;
use vacancy_domain::ids::PaymentId;
use vacancy_domain::money::AMOUNT_MINOR_MAX;
use vacancy_domain::payments::Payment;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::state::StayState;
use vacancy_store::payments::Refund;

use super::auth::Caller;
use super::fields::{self, Amount, Fields, instant};
use super::json::JsonBody;
use super::path::Path;
use super::payment_disputes::{self, DisputeView};
use super::problem::{Problem, ProblemBody};
use super::{refusals, return_urls, test_mode};
use crate::state::AppState;

pub const TAG: &str = "Pay";

/// Longest id, signature or word that a provider gave.
const PROVIDER_TEXT_CHARACTERS_MAX: usize = 1_000;
/// When to ask again about a payment that its provider does not know yet.
pub(super) const ASK_AGAIN_SECONDS: i64 = 2;

/// A wish to pay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "reservationId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
    "paymentProvider": "SANDBOX",
    "returnUrl": "https://app.example.com/return"
}))]
pub struct OrderAsk {
    #[schema(format = Uuid)]
    reservation_id: String,
    /// `STRIPE`, `RAZORPAY`, `SANDBOX` or `OFFLINE`, as far as they are set up here.
    #[schema(example = "SANDBOX")]
    payment_provider: String,
    /// Where the guest goes after paying; needed where the provider has a page of its own.
    #[schema(max_length = 2000)]
    return_url: Option<String>,
    /// What you believe is due, in minor units; another sum is refused.
    amount: Option<i64>,
    #[schema(example = "EUR")]
    currency: Option<String>,
}

/// What the guest's browser brought back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "reservationId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
    "paymentOrderId": "sbo_4f1c",
    "paymentId": "sbp_77a0",
    "signature": "5d41402abc4b2a76"
}))]
pub struct ConfirmPaymentAsk {
    #[schema(format = Uuid)]
    reservation_id: String,
    payment_order_id: String,
    /// The provider's id of the payment.
    provider_payment_id: Option<String>,
    /// The same under its other name.
    payment_id: Option<String>,
    signature: Option<String>,
    /// Compared with the order's.
    payment_provider: Option<String>,
    /// Compared with ours, in minor units.
    amount: Option<i64>,
    currency: Option<String>,
}

/// Where to pay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentOrder {
    payment_id: String,
    /// The provider's name for it; empty after `202`.
    payment_order_id: String,
    #[schema(example = "SANDBOX")]
    payment_provider: String,
    #[schema(example = "PENDING")]
    payment_status: &'static str,
    /// The provider's page; null where staff take the money.
    #[schema(required = true)]
    checkout_url: Option<String>,
    /// For the provider's own element in a page of yours; null where there is a checkout address.
    #[schema(required = true)]
    client_secret: Option<String>,
    amount: Amount,
    /// Until when the rooms are kept; null once they are confirmed.
    #[schema(required = true, format = DateTime)]
    expires_at: Option<String>,
}

/// How a payment ended, as far as is known.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentOutcome {
    payment_id: String,
    #[schema(example = "SUCCESS")]
    payment_status: &'static str,
    #[schema(example = "CONFIRMED")]
    booking_status: &'static str,
}

/// One attempt to pay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentView {
    payment_id: String,
    reservation_id: String,
    payment_provider: String,
    /// The business's own account that has the money; null: the installation's.
    #[schema(required = true)]
    payment_account_id: Option<String>,
    payment_order_id: String,
    /// Empty until the provider tells.
    provider_payment_id: String,
    #[schema(example = "SUCCESS")]
    payment_status: &'static str,
    amount: Amount,
    captured: Amount,
    refunded: Amount,
    /// What the guest's bank took back, as things stand: nothing of the payment can go back then.
    charged_back: Amount,
    /// `card`, `upi`, `cash` …; empty until known.
    method: String,
    #[schema(required = true)]
    checkout_url: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(required = true, format = DateTime)]
    paid_at: Option<String>,
    refunds: Vec<RefundView>,
    disputes: Vec<DisputeView>,
}

/// Money that went back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundView {
    refund_id: String,
    /// The provider's own name for it.
    provider_refund_id: String,
    amount: Amount,
    /// What of it the guest was not owed: it lowered what the booking costs.
    allowance: Amount,
    reason: String,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Open an order to pay
///
/// Creates the provider's order, or gives the one that is open. What is due is computed here.
/// After `202` or `503 outcome_unknown` ask again: it goes on where it stopped.
#[utoipa::path(
    post, path = "/v1/payments/order", tag = TAG, operation_id = "createPaymentOrder",
    params((
        "Vacancy-Test" = Option<String>, Header,
        description = "At the sandbox only, where no money moves: `payment_declined`, `payment_timeout`, `payment_late`, `payment_disputed`."
    )),
    request_body = OrderAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The order", body = PaymentOrder, example = json!({
            "paymentId": "0192f3a4-c001-7d8e-9f01-23456789abcd",
            "paymentOrderId": "sbo_4f1c",
            "paymentProvider": "SANDBOX",
            "paymentStatus": "PENDING",
            "checkoutUrl": "https://book.example.com/sandbox/checkout/sbo_4f1c",
            "clientSecret": null,
            "amount": {"amount": 50_880, "currency": "EUR"},
            "expiresAt": "2027-01-01T12:10:00.000Z"
        })),
        (status = 202, description = "The provider does not answer now. The rooms stay held: ask \
            again, as `Retry-After` says", body = PaymentOrder,
            headers(("Location" = String, description = "The payment."))),
        (status = 409, description = "`mismatch` of amount or currency, `nothing_due`, \
            `payment_declined`, `invalid_transition`"),
        (status = 410, description = "`hold_expired`"),
    )
)]
pub async fn order(
    State(state): State<AppState>,
    Caller(actor): Caller,
    headers: HeaderMap,
    body: JsonBody<OrderAsk>,
) -> Result<Response, Problem> {
    let ask = body.value;
    let mut fields = Fields::new();
    let reservation = fields.id("/reservationId", &ask.reservation_id);
    let name = fields.text("/paymentProvider", &ask.payment_provider, fields::TEXT_CHARACTERS_MAX);
    let claimed = claimed(&mut fields, ask.amount, ask.currency.as_deref());
    if let Some(url) = &ask.return_url
        && let Err(wrong) = return_urls::check(url)
    {
        fields.refuse("/returnUrl", wrong.code, wrong.detail);
    }
    let (Some(reservation), Some(name), true) = (reservation, name, fields.is_fine()) else {
        return Err(fields.problem());
    };
    let till = state.payments.till(&actor, reservation, &name).await?;
    let abilities = till.provider.abilities();
    if ask.return_url.is_none() && needs_return_url(abilities) {
        return Err(Problem::wrong_field("/returnUrl", "missing_field", "must be given"));
    }
    let test_outcome = test_mode::payment(&headers, abilities)?;
    let return_url = ask.return_url.unwrap_or_default();
    let wish = PaymentWish { reservation, return_url, test_outcome, claimed };
    let opened = state.payments.open_order(&actor, &till, &wish).await?;
    let payment = &opened.standings.payment;
    let address = [(header::LOCATION, href(payment.id))];
    if payment.provider_order_id.is_empty() && payment.state.is_open() {
        let again = [(header::RETRY_AFTER, ASK_AGAIN_SECONDS.to_string())];
        let view = Json(order_view(opened));
        return Ok((StatusCode::ACCEPTED, address, again, view).into_response());
    }
    Ok((address, Json(order_view(opened))).into_response())
}

fn needs_return_url(abilities: &Abilities) -> bool {
    match abilities.checkout {
        Checkout::HostedPage => true,
        // The business's own page has the guest, and says where to go.
        Checkout::Embedded | Checkout::AtProperty => false,
    }
}

/// The guest is back from paying
///
/// Asks the provider, and confirms the reservation when the money is there. What is sent here is a
/// hint, never the proof.
#[utoipa::path(
    post, path = "/v1/payments/confirm", tag = TAG, operation_id = "confirmPayment",
    request_body = ConfirmPaymentAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The provider knows how it ended", body = PaymentOutcome,
            example = json!({
                "paymentId": "0192f3a4-c001-7d8e-9f01-23456789abcd",
                "paymentStatus": "SUCCESS",
                "bookingStatus": "CONFIRMED"
            })),
        (status = 202, description = "The provider does not know yet: look at `Location` again",
            body = PaymentOutcome,
            headers(("Location" = String, description = "The payment."))),
        (status = 409, description = "`mismatch` of the order, the payment, the signature, the \
            amount or the currency",
            body = ProblemBody, content_type = "application/problem+json", example = json!({
                "type": "urn:vacancy:problem:mismatch",
                "title": "Mismatch",
                "status": 409,
                "code": "mismatch",
                "detail": "amount is not what we hold",
                "traceId": "0af7651916cd43dd8448eb211c80319c",
                "errors": [{
                    "pointer": "/amount", "code": "mismatch",
                    "detail": "amount is not what we hold"
                }]
            })),
    )
)]
pub async fn confirm(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<ConfirmPaymentAsk>,
) -> Result<Response, Problem> {
    let (back, provider) = body.value.into_returned()?;
    if let Some(named) = provider {
        let payments = state.bookings.show(&actor, back.reservation).await?.payments;
        let is_other = |known: &Payment| {
            known.provider_order_id == back.provider_order_id
                && !known.provider.eq_ignore_ascii_case(&named)
        };
        if payments.iter().any(is_other) {
            return Err(refusals::problem(&Refusal::Mismatch { field: "paymentProvider" }));
        }
    }
    let Standings { payment, reservation } = state.payments.confirm(&actor, &back).await?;
    // Money that came too late goes back by a job.
    state.jobs.wake();
    let outcome = PaymentOutcome {
        payment_id: payment.id.to_string(),
        payment_status: payment.state.word(),
        booking_status: reservation.status(),
    };
    if !payment.state.is_open() {
        return Ok(Json(outcome).into_response());
    }
    let headers = [
        (header::LOCATION, href(payment.id)),
        (header::RETRY_AFTER, ASK_AGAIN_SECONDS.to_string()),
    ];
    Ok((StatusCode::ACCEPTED, headers, Json(outcome)).into_response())
}

/// A payment with what went back of it
#[utoipa::path(
    get, path = "/v1/payments/{id}", tag = TAG, operation_id = "getPayment",
    params(("id" = String, Path, description = "The payment.")),
    security(("bearer" = [])),
    responses((status = 200, description = "The payment", body = PaymentView))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<PaymentView>, Problem> {
    let (payment, refunds, disputes) = state.payments.show(&actor, fields::path_id(&id)?).await?;
    Ok(Json(view(&payment, &refunds, &disputes)))
}

impl ConfirmPaymentAsk {
    /// What came back, and the provider that the client believes it came from.
    fn into_returned(self) -> Result<(Returned, Option<String>), Problem> {
        let mut fields = Fields::new();
        let reservation = fields.id("/reservationId", &self.reservation_id);
        let text = |fields: &mut Fields, pointer: &str, text: &Option<String>| {
            text.as_ref().and_then(|text| fields.text(pointer, text, PROVIDER_TEXT_CHARACTERS_MAX))
        };
        let order = text(&mut fields, "/paymentOrderId", &Some(self.payment_order_id));
        let named = text(&mut fields, "/providerPaymentId", &self.provider_payment_id);
        let other = text(&mut fields, "/paymentId", &self.payment_id);
        let signature = text(&mut fields, "/signature", &self.signature);
        let provider = text(&mut fields, "/paymentProvider", &self.payment_provider);
        let claimed = claimed(&mut fields, self.amount, self.currency.as_deref());
        match (reservation, order) {
            (Some(reservation), Some(provider_order_id)) if fields.is_fine() => {
                let claim = named
                    .or(other)
                    .map(|provider_payment_id| Claim { provider_payment_id, signature });
                Ok((Returned { reservation, provider_order_id, claim, claimed }, provider))
            }
            _ => Err(fields.problem()),
        }
    }
}

fn claimed(fields: &mut Fields, minor: Option<i64>, currency: Option<&str>) -> ClaimedAmount {
    ClaimedAmount {
        minor: minor.and_then(|minor| fields.whole("/amount", minor, 0..=AMOUNT_MINOR_MAX)),
        currency: currency.and_then(|code| fields.currency("/currency", code)),
    }
}

pub(super) fn href(payment: PaymentId) -> String {
    format!("/v1/payments/{payment}")
}

fn order_view(opened: Opened) -> PaymentOrder {
    let Opened { standings: Standings { payment, reservation }, client_secret } = opened;
    let is_waiting = reservation.stay_state == StayState::Held;
    PaymentOrder {
        payment_id: payment.id.to_string(),
        payment_order_id: payment.provider_order_id.clone(),
        payment_provider: payment.provider.to_ascii_uppercase(),
        payment_status: payment.state.word(),
        checkout_url: checkout_url(&payment),
        client_secret: client_secret.filter(|_| payment.state.is_open()),
        amount: payment.amount.into(),
        expires_at: is_waiting.then(|| instant(reservation.hold_expires_at_ms)),
    }
}

fn checkout_url(payment: &Payment) -> Option<String> {
    Some(payment.checkout_url.clone()).filter(|url| !url.is_empty() && payment.state.is_open())
}

fn view(payment: &Payment, refunds: &[Refund], disputes: &[Dispute]) -> PaymentView {
    let amount =
        |minor| Amount::from(vacancy_domain::money::Money::new(minor, payment.amount.currency));
    let refund = |refund: &Refund| RefundView {
        refund_id: refund.id.to_string(),
        provider_refund_id: refund.provider_refund_id.clone(),
        amount: refund.amount.into(),
        allowance: amount(refund.allowance_minor),
        reason: refund.reason.clone(),
        created_at: instant(refund.created_at_ms),
    };
    PaymentView {
        payment_id: payment.id.to_string(),
        reservation_id: payment.reservation.to_string(),
        payment_provider: payment.provider.to_ascii_uppercase(),
        payment_account_id: payment.account.map(|account| account.to_string()),
        payment_order_id: payment.provider_order_id.clone(),
        provider_payment_id: payment.provider_payment_id.clone(),
        payment_status: payment.state.word(),
        amount: payment.amount.into(),
        captured: amount(payment.captured_minor),
        refunded: amount(payment.refunded_minor),
        charged_back: amount(payment.charged_back_minor),
        method: payment.method.clone(),
        checkout_url: checkout_url(payment),
        created_at: instant(payment.created_at_ms),
        paid_at: payment.completed_at_ms.filter(|_| 0 < payment.captured_minor).map(instant),
        refunds: refunds.iter().map(refund).collect(),
        disputes: disputes.iter().map(payment_disputes::view).collect(),
    }
}
