//! What providers tell us. The raw body is verified and kept as a job; whether it is true, the
//! provider itself is asked later.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use vacancy_connect::payments::webhook::{Webhook, WebhookRefusal};
use vacancy_domain::ids::PaymentAccountId;

use super::fields;
use super::json::RawBody;
use super::path::Path;
use super::payments::TAG;
use super::problem::Problem;
use crate::state::AppState;

/// Heard.
#[derive(Debug, Serialize, ToSchema)]
pub struct Received {
    received: bool,
}

/// A provider's event
///
/// For payment providers. Verified on the raw body; what it says only makes us ask the provider.
/// The same event twice, or late, or in any order, changes nothing.
#[utoipa::path(
    post, path = "/v1/webhooks/{provider}", tag = TAG, operation_id = "receiveWebhook",
    params(("provider" = String, Path, description = "The provider: `sandbox`, `stripe`, `razorpay`.")),
    request_body(content = String, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "Kept", body = Received),
        (status = 400, description = "`webhook_signature_missing`, `webhook_signature_invalid`, \
            `webhook_stale`, `webhook_malformed`"),
        (status = 404, description = "There is no such provider, or it sends nothing"),
    )
)]
pub async fn receive(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Received>, Problem> {
    take(&state, (&provider, None), &headers, &body).await
}

/// An event of a business's own account
///
/// As `/v1/webhooks/{provider}`, verified with the secrets of this account. About a payment of
/// another account it changes nothing.
#[utoipa::path(
    post, path = "/v1/webhooks/{provider}/{accountId}", tag = TAG,
    operation_id = "receiveAccountWebhook",
    params(
        ("provider" = String, Path, description = "The provider: `stripe`, `razorpay`."),
        ("accountId" = String, Path, description = "The account, as its `webhookUrl` says."),
    ),
    request_body(content = String, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "Kept", body = Received),
        (status = 400, description = "`webhook_signature_missing`, `webhook_signature_invalid`, \
            `webhook_stale`, `webhook_malformed`"),
        (status = 404, description = "There is no such account at this provider"),
        (status = 503, description = "`busy`: the account cannot be opened now; post it again"),
    )
)]
pub async fn receive_of_account(
    State(state): State<AppState>,
    Path((provider, account)): Path<(String, String)>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Received>, Problem> {
    let account = fields::path_id(&account)?;
    take(&state, (&provider, Some(account)), &headers, &body).await
}

async fn take(
    state: &AppState,
    (provider, account): (&str, Option<PaymentAccountId>),
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Json<Received>, Problem> {
    let now_ms = state.db.read(|tx| Box::pin(async move { tx.now_ms().await })).await?;
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let webhook = Webhook { headers: &headers, body, now_ms };
    state.payments.take_webhook(provider, account, &webhook).await?.map_err(problem)?;
    state.jobs.wake();
    Ok(Json(Received { received: true }))
}

fn problem(refusal: WebhookRefusal) -> Problem {
    let status = match refusal {
        WebhookRefusal::NotSupported => StatusCode::NOT_FOUND,
        WebhookRefusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        WebhookRefusal::SignatureMissing
        | WebhookRefusal::SignatureInvalid
        | WebhookRefusal::Stale
        | WebhookRefusal::Malformed => StatusCode::BAD_REQUEST,
    };
    Problem::new(status, refusal.code(), refusal.to_string())
}
