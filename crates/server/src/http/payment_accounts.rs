//! Accounts of a business at payment providers: what guests pay goes there. Credentials come in and
//! never go out; an answer shows how each value ends.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::payments::accounts::admin::{Change, Given, NewAccount};
use vacancy_domain::hotels::NAME_CHARS_MAX;
use vacancy_domain::ids::PaymentAccountId;
use vacancy_store::payment_accounts::PaymentAccount;

use super::auth::Caller;
use super::businesses::{WhichBusiness, business_of};
use super::fields::{self, Fields, instant};
use super::json::JsonBody;
use super::paging::Page;
use super::path::Path;
use super::payments::TAG;
use super::problem::Problem;
use super::query::Query;
use super::versions::{etag, if_match};
use crate::state::AppState;

/// What the provider gave you. It is sealed before it is stored and never shown again.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CredentialsAsk {
    /// Stripe's, `sk_…`, or `rk_…` that may write Checkout Sessions, PaymentIntents and Refunds.
    #[schema(max_length = 500)]
    secret_key: Option<String>,
    /// Razorpay's, `rzp_…`.
    #[schema(max_length = 500)]
    key_id: Option<String>,
    /// Razorpay's, of that key.
    #[schema(max_length = 500)]
    key_secret: Option<String>,
    /// Of the webhook that posts to `webhookUrl`: one, or two while it is changed.
    #[schema(max_items = 4)]
    webhook_secrets: Option<Vec<String>>,
}

/// An account to keep.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "provider": "STRIPE", "label": "Ribeira Hotels",
    "credentials": {"secretKey": "sk_live_51H…", "webhookSecrets": ["whsec_9f2…"]}
}))]
pub struct NewPaymentAccountAsk {
    /// For the platform's own key; else yours.
    #[schema(format = Uuid)]
    business_id: Option<String>,
    /// `STRIPE` or `RAZORPAY`.
    #[schema(example = "STRIPE")]
    provider: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 200)]
    label: String,
    /// Takes new orders; true when left out.
    is_enabled: Option<bool>,
    /// Takes them before your other accounts at this provider; the first one does by itself.
    is_default: Option<bool>,
    /// Stripe: `hosted`, guests go to Stripe's page, or `embedded`, your own page has its element.
    #[schema(example = "hosted")]
    checkout: Option<String>,
    credentials: CredentialsAsk,
}

/// What is to be different. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"isEnabled": false}))]
pub struct PaymentAccountAsk {
    #[schema(min_length = 1, max_length = 200)]
    label: Option<String>,
    /// One that is not enabled takes no new orders; old ones end, refund and are heard of.
    is_enabled: Option<bool>,
    is_default: Option<bool>,
    #[schema(example = "hosted")]
    checkout: Option<String>,
    /// Those that are given take the place of the old ones.
    credentials: Option<CredentialsAsk>,
}

/// How each credential ends, by its name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialEndings {
    #[schema(required = true, example = "…a9Xq")]
    secret_key: Option<String>,
    #[schema(required = true)]
    key_id: Option<String>,
    #[schema(required = true)]
    key_secret: Option<String>,
    webhook_secrets: Vec<String>,
}

/// An account at a provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentAccountView {
    payment_account_id: String,
    business_id: String,
    #[schema(example = "STRIPE")]
    provider: String,
    label: String,
    is_enabled: bool,
    is_default: bool,
    #[schema(example = "hosted")]
    checkout: String,
    credentials: CredentialEndings,
    /// Where the provider shall post its events.
    webhook_url: String,
    /// Why it cannot be used now, though it is enabled: `key_missing` and `key_unknown` are for the
    /// operator's `secrets.key`, `credentials_broken` wants them again. Null: nothing is wrong.
    #[schema(required = true)]
    fault: Option<&'static str>,
    #[schema(format = DateTime)]
    created_at: String,
    version: i64,
}

/// Keep an account at a payment provider
///
/// From now on what guests pay to your business goes there, and never to the installation's own
/// providers. Set its `webhookUrl` up at the provider.
#[utoipa::path(
    post, path = "/v1/payment-accounts", tag = TAG, operation_id = "createPaymentAccount",
    request_body = NewPaymentAccountAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Kept", body = PaymentAccountView, headers(
            ("Location" = String, description = "The account."),
            ("ETag" = String, description = "For `If-Match`.")
        )),
        (status = 409, description = "`payment_accounts_off`: the operator has set no `secrets.key`; \
            `test_mode`: the business only tests"),
        (status = 422, description = "Impossible: the fields are named")
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<NewPaymentAccountAsk>,
) -> Result<Response, Problem> {
    let ask = body.value;
    let mut fields = Fields::new();
    let named = ask.business_id.as_ref().and_then(|id| fields.id("/businessId", id));
    let provider = fields.text("/provider", &ask.provider, fields::TEXT_CHARACTERS_MAX);
    let label = fields.text("/label", &ask.label, NAME_CHARS_MAX);
    let (Some(provider), true) = (provider, fields.is_fine()) else { return Err(fields.problem()) };
    let business = business_of(&state, &actor, ("/businessId", named)).await?;
    let change = Change {
        label,
        is_enabled: ask.is_enabled,
        is_default: ask.is_default,
        checkout: ask.checkout,
        credentials: ask.credentials.into_given(),
    };
    let new = NewAccount { provider, change };
    let made = state.payments.accounts.create(&state.ids, &actor, business, new).await?;
    let location = [(header::LOCATION, format!("/v1/payment-accounts/{}", made.id))];
    Ok((StatusCode::CREATED, location, answer(&state, &made)).into_response())
}

/// Accounts of your business
#[utoipa::path(
    get, path = "/v1/payment-accounts", tag = TAG, operation_id = "listPaymentAccounts",
    params(WhichBusiness),
    security(("bearer" = [])),
    responses((status = 200, description = "All, the oldest first", body = Page<PaymentAccountView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(which): Query<WhichBusiness>,
) -> Result<Json<Page<PaymentAccountView>>, Problem> {
    let business = which.of(&state, &actor).await?;
    let found = state.payments.accounts.list(&actor, business).await?;
    let items = found.iter().map(|account| view(&state, account)).collect();
    Ok(Json(Page { items, next_cursor: None }))
}

/// An account
#[utoipa::path(
    get, path = "/v1/payment-accounts/{id}", tag = TAG, operation_id = "getPaymentAccount",
    params(("id" = String, Path, description = "The account.")),
    security(("bearer" = [])),
    responses((status = 200, description = "The account", body = PaymentAccountView,
        headers(("ETag" = String, description = "For `If-Match`."))))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let found = state.payments.accounts.get(&actor, fields::path_id(&id)?).await?;
    Ok(answer(&state, &found))
}

/// Change an account
///
/// Needs `If-Match` with the `ETag` that was read. New credentials hold for the next call to the
/// provider, on every instance.
#[utoipa::path(
    patch, path = "/v1/payment-accounts/{id}", tag = TAG, operation_id = "changePaymentAccount",
    params(
        ("id" = String, Path, description = "The account."),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    request_body = PaymentAccountAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The account as it is now", body = PaymentAccountView,
            headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 409, description = "`payment_accounts_off`: the operator has set no `secrets.key`"),
        (status = 412, description = "`stale`: it has changed since it was read"),
        (status = 422, description = "Impossible: the fields are named"),
        (status = 428, description = "`precondition_required`: `If-Match` is missing"),
    )
)]
pub async fn change(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody<PaymentAccountAsk>,
) -> Result<Response, Problem> {
    let ask = body.value;
    let (id, version) = wanted(&state, &actor, &id, &headers).await?;
    let mut fields = Fields::new();
    let label = ask.label.and_then(|label| fields.text("/label", &label, NAME_CHARS_MAX));
    fields.finish()?;
    let change = Change {
        label,
        is_enabled: ask.is_enabled,
        is_default: ask.is_default,
        checkout: ask.checkout,
        credentials: ask.credentials.map(CredentialsAsk::into_given).unwrap_or_default(),
    };
    let changed = state.payments.accounts.change(&actor, id, version, change).await?;
    Ok(answer(&state, &changed))
}

/// Take an account away
///
/// One that payments were begun at stays, since refunds of theirs go through it:
/// `invalid_transition`. Set `isEnabled` to false instead.
#[utoipa::path(
    delete, path = "/v1/payment-accounts/{id}", tag = TAG, operation_id = "deletePaymentAccount",
    params(
        ("id" = String, Path, description = "The account."),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`invalid_transition`: payments were begun at it"),
        (status = 412, description = "`stale`: it has changed since it was read"),
        (status = 428, description = "`precondition_required`: `If-Match` is missing"),
    )
)]
pub async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let (id, version) = wanted(&state, &actor, &id, &headers).await?;
    state.payments.accounts.remove(&actor, id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The account that is meant, and the version that the caller has read of it.
async fn wanted(
    state: &AppState,
    actor: &vacancy_app::access::Actor,
    id: &str,
    headers: &HeaderMap,
) -> Result<(PaymentAccountId, i64), Problem> {
    let found = state.payments.accounts.get(actor, fields::path_id(id)?).await?;
    Ok((found.id, if_match(headers)?.against(found.version)))
}

impl CredentialsAsk {
    fn into_given(self) -> Given {
        let CredentialsAsk { secret_key, key_id, key_secret, webhook_secrets } = self;
        let one = |value: Option<String>| value.map(|value| vec![value]);
        let all: BTreeMap<&str, Option<Vec<String>>> = BTreeMap::from([
            ("secretKey", one(secret_key)),
            ("keyId", one(key_id)),
            ("keySecret", one(key_secret)),
            ("webhookSecrets", webhook_secrets),
        ]);
        all.into_iter().filter_map(|(name, given)| Some((name.to_owned(), given?))).collect()
    }
}

fn answer(state: &AppState, account: &PaymentAccount) -> Response {
    let tag = [(header::ETAG, etag(account.version))];
    (tag, Json(view(state, account))).into_response()
}

fn view(state: &AppState, account: &PaymentAccount) -> PaymentAccountView {
    let accounts = &state.payments.accounts;
    let endings = |name: &str| -> Vec<String> {
        let known = account.credentials.get(name);
        known.map_or(vec![], |one| one.endings.iter().map(|end| format!("…{end}")).collect())
    };
    PaymentAccountView {
        payment_account_id: account.id.to_string(),
        business_id: account.business.to_string(),
        provider: account.provider.to_ascii_uppercase(),
        label: account.label.clone(),
        is_enabled: account.is_enabled,
        is_default: account.is_default,
        checkout: account.checkout.clone(),
        credentials: CredentialEndings {
            secret_key: endings("secretKey").pop(),
            key_id: endings("keyId").pop(),
            key_secret: endings("keySecret").pop(),
            webhook_secrets: endings("webhookSecrets"),
        },
        webhook_url: accounts.webhook_url(account),
        fault: accounts.open(account).err().map(|fault| fault.code()),
        created_at: instant(account.created_at_ms),
        version: account.version,
    }
}
