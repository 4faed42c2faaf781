//! Giving money of a payment back, at the wish of staff. What is left of it is known here; what a
//! client says is compared with that.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::desk::command::RefundAsked;
use vacancy_app::payments::refunds::{Progress, RefundWish};
use vacancy_domain::ids::PaymentId;
use vacancy_domain::money::AMOUNT_MINOR_MAX;

use super::auth::Caller;
use super::fields::{self, Amount, Fields, instant};
use super::idempotency;
use super::json::JsonBody;
use super::path::Path;
use super::payments::{ASK_AGAIN_SECONDS, TAG, href};
use super::problem::Problem;
use crate::state::AppState;

/// Longest reason that the folio shows.
const REASON_CHARACTERS_MAX: usize = 500;

/// A wish to give money back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "amount": {"amount": 5_000, "currency": "EUR"},
    "reason": "the heating was out"
}))]
pub struct RefundAsk {
    /// All that is left of the payment, when it is left out.
    amount: Option<Amount>,
    /// The guest is to pay it another way, such as in cash: the price stands. Otherwise what the guest
    /// was not owed is an allowance: it lowers what the booking costs and is not asked for again.
    #[serde(default)]
    still_due: bool,
    /// Stands in the folio.
    #[schema(max_length = 500, example = "the heating was out")]
    reason: String,
}

/// Money that goes back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundOutcome {
    refund_id: String,
    payment_id: String,
    /// `SUCCESS` once it is booked, `PENDING` while the provider has not answered.
    #[schema(example = "SUCCESS")]
    refund_status: &'static str,
    /// The provider's own name for it; null until it is booked.
    #[schema(required = true)]
    provider_refund_id: Option<String>,
    amount: Amount,
    reason: String,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Give money back
///
/// All of a payment that is left, or a part. The same `Idempotency-Key` is the same refund: it is
/// never given twice. Refunds of one reservation go one after the other.
#[utoipa::path(
    post, path = "/v1/payments/{id}/refunds", tag = TAG, operation_id = "refundPayment",
    params(
        ("id" = String, Path, description = "The payment."),
        ("Idempotency-Key" = String, Header, description = "Your name for this refund."),
    ),
    request_body = RefundAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The money is on its way", body = RefundOutcome,
            example = json!({
                "refundId": "0192f3a4-d001-7d8e-9f01-23456789abcd",
                "paymentId": "0192f3a4-c001-7d8e-9f01-23456789abcd",
                "refundStatus": "SUCCESS",
                "providerRefundId": "sbr_10f2",
                "amount": {"amount": 5_000, "currency": "EUR"},
                "reason": "the heating was out",
                "createdAt": "2027-01-01T12:10:00.000Z"
            })),
        (status = 202, description = "The provider has not answered yet, and is asked again: \
            repeat the request with the same key, or look at `Location`", body = RefundOutcome,
            headers(("Location" = String, description = "The payment."))),
        (status = 409, description = "`refund_refused`: nothing went back, the inbox says why; \
            `nothing_to_refund`: all of it went back or is on its way, or \
            nothing was paid; `payment_disputed`: the guest's bank took money of it back; `mismatch` of the currency; `request_in_flight`"),
        (status = 422, description = "`refund_too_large` with `refundable`, what is neither back nor \
            on its way back; \
            `idempotency_key_reused`"),
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody<RefundAsk>,
) -> Result<Response, Problem> {
    let id: PaymentId = fields::path_id(&id)?;
    let key = idempotency::key(&headers, &actor, &format!("refund {id}"), &body.hash())?;
    let wish = body.value.into_wish(id)?;
    state.payments.may_refund(&actor, id).await?;
    let Some(key) = key else {
        let detail = "must name this refund, so that a repeated request gives nothing twice";
        let code = "idempotency_key_required";
        return Err(Problem::wrong_field(idempotency::HEADER, code, detail));
    };
    let (asked, is_replay) = state.payments.ask_refund(&actor, &wish, key).await?;
    state.jobs.wake();
    let progress = state.payments.await_refund(&asked).await?;
    let response = match progress {
        Progress::Made(made) => {
            let outcome = RefundOutcome {
                refund_id: made.id.to_string(),
                ..view(&asked, "SUCCESS", Some(made.provider_refund_id))
            };
            (StatusCode::CREATED, Json(outcome)).into_response()
        }
        Progress::UnderWay => {
            let headers = [
                (header::LOCATION, href(id)),
                (header::RETRY_AFTER, ASK_AGAIN_SECONDS.to_string()),
            ];
            let outcome = view(&asked, "PENDING", None);
            (StatusCode::ACCEPTED, headers, Json(outcome)).into_response()
        }
        Progress::Refused => {
            let detail = "nothing went back; why stands in the inbox";
            return Err(Problem::new(StatusCode::CONFLICT, "refund_refused", detail));
        }
    };
    Ok(idempotency::marked(response, is_replay))
}

impl RefundAsk {
    fn into_wish(self, payment: PaymentId) -> Result<RefundWish, Problem> {
        let mut fields = Fields::new();
        let amount = match &self.amount {
            None => Some(None),
            Some(amount) => {
                let money = fields.money("/amount", amount);
                let is_nothing = money.is_some_and(|money| money.minor == 0);
                if is_nothing {
                    fields.whole("/amount/amount", 0, 1..=AMOUNT_MINOR_MAX);
                }
                money.filter(|_| !is_nothing).map(Some)
            }
        };
        let reason = fields.text("/reason", &self.reason, REASON_CHARACTERS_MAX);
        match (amount, reason) {
            (Some(amount), Some(reason)) => {
                Ok(RefundWish { payment, amount, reason, is_still_due: self.still_due })
            }
            _ => Err(fields.problem()),
        }
    }
}

fn view(
    asked: &RefundAsked,
    refund_status: &'static str,
    provider_refund_id: Option<String>,
) -> RefundOutcome {
    RefundOutcome {
        refund_id: asked.refund.to_string(),
        payment_id: asked.payment.to_string(),
        refund_status,
        provider_refund_id,
        amount: asked.amount.into(),
        reason: asked.reason.clone(),
        created_at: instant(asked.decided_at_ms),
    }
}
