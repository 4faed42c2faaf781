//! Keys of a business: made and shown once, listed without their text, taken back.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::access::keys::{self, Opens};
use vacancy_domain::access::{Role, Scope};
use vacancy_store::access::ApiKey;

use super::auth::Caller;
use super::businesses::{TAG, WhichBusiness, business_of};
use super::fields::{self, Fields, instant};
use super::json::JsonBody;
use super::paging::Page;
use super::path::Path;
use super::problem::Problem;
use super::query::Query;
use crate::state::AppState;

/// A key to make: for a person a role, for a program scopes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "channel manager", "scopes": ["inventory:write", "rates:write"]}))]
pub struct NewApiKeyAsk {
    /// For the platform's own key; else yours.
    #[schema(format = Uuid)]
    business_id: Option<String>,
    /// What people call it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// `owner`, `manager`, `front_desk` or `accountant`.
    #[schema(example = "front_desk")]
    role: Option<String>,
    /// `hotels:write`, `inventory:read`, `inventory:write`, `rates:write`, `reservations:read`,
    /// `reservations:write`, `payments:write`, `reports:read`.
    #[schema(example = json!(["inventory:read"]))]
    scopes: Option<Vec<String>>,
}

/// A fresh key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewApiKeyView {
    api_key_id: String,
    /// The key itself. It is shown here and never again.
    #[schema(example = "vk_live_4fJx0cYw2mPq8sTzR1bLhN6gVdKe3uXa")]
    key: String,
}

/// A key without its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyView {
    api_key_id: String,
    name: String,
    /// Null: it has scopes.
    #[schema(required = true)]
    role: Option<String>,
    scopes: Vec<String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// Null while it opens something.
    #[schema(required = true, format = DateTime)]
    revoked_at: Option<String>,
}

/// Make a key
///
/// Its text stands in this answer and nowhere else: we keep a digest only.
#[utoipa::path(
    post, path = "/v1/api-keys", tag = TAG, operation_id = "createApiKey",
    request_body = NewApiKeyAsk,
    security(("bearer" = [])),
    responses((status = 201, description = "Made", body = NewApiKeyView))
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<NewApiKeyAsk>,
) -> Result<Response, Problem> {
    let ask = body.value;
    let mut fields = Fields::new();
    let named = ask.business_id.as_ref().and_then(|id| fields.id("/businessId", id));
    let opens = opens(&mut fields, ask.role.as_deref(), ask.scopes.as_deref());
    let (Some(opens), true) = (opens, fields.is_fine()) else { return Err(fields.problem()) };
    let business = business_of(&state, &actor, ("/businessId", named)).await?;
    let made = keys::make(&state.db, &state.ids, &actor, business, &ask.name, opens).await?;
    let view = NewApiKeyView { api_key_id: made.id.to_string(), key: made.text };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(view)).into_response())
}

/// Keys of your business
///
/// Without their text; those taken back too.
#[utoipa::path(
    get, path = "/v1/api-keys", tag = TAG, operation_id = "listApiKeys",
    params(WhichBusiness),
    security(("bearer" = [])),
    responses((status = 200, description = "The first 200", body = Page<ApiKeyView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(which): Query<WhichBusiness>,
) -> Result<Json<Page<ApiKeyView>>, Problem> {
    let business = which.of(&state, &actor).await?;
    let found = keys::list(&state.db, &actor, business).await?;
    Ok(Json(Page { items: found.into_iter().map(view).collect(), next_cursor: None }))
}

/// Take a key back
///
/// It opens nothing within a second.
#[utoipa::path(
    delete, path = "/v1/api-keys/{id}", tag = TAG, operation_id = "deleteApiKey",
    params(("id" = String, Path, description = "The key's id, not its text."), WhichBusiness),
    security(("bearer" = [])),
    responses((status = 204, description = "It is taken back"))
)]
pub async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Query(which): Query<WhichBusiness>,
) -> Result<StatusCode, Problem> {
    let business = which.of(&state, &actor).await?;
    keys::revoke(&state.db, &actor, business, fields::path_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the key shall open: one role, or some scopes.
fn opens(fields: &mut Fields, role: Option<&str>, scopes: Option<&[String]>) -> Option<Opens> {
    match (role, scopes) {
        (Some(role), None) => {
            let known = Role::from_word(role);
            if known.is_none() {
                let words = Role::ALL.map(Role::word).join(", ");
                fields.refuse("/role", "invalid_value", format!("must be one of {words}"));
            }
            known.map(Opens::Role)
        }
        (None, Some(scopes)) if !scopes.is_empty() => {
            let mut known = BTreeSet::new();
            for (at, word) in scopes.iter().enumerate() {
                match Scope::from_word(word) {
                    Some(scope) => {
                        known.insert(scope);
                    }
                    None => {
                        let words = Scope::ALL.map(Scope::word).join(", ");
                        let detail = format!("must be one of {words}");
                        fields.refuse(format!("/scopes/{at}"), "invalid_value", detail);
                    }
                }
            }
            Some(Opens::Scopes(known))
        }
        (None, _) => {
            fields.refuse("/scopes", "missing_field", "or role must be given");
            None
        }
        (Some(_), Some(_)) => {
            fields.refuse("/role", "ambiguous", "or scopes, not both");
            None
        }
    }
}

fn view(key: ApiKey) -> ApiKeyView {
    ApiKeyView {
        api_key_id: key.id.to_string(),
        name: key.name,
        role: Role::from_word(&key.role).map(|role| role.word().to_owned()),
        scopes: key.scopes.split_whitespace().map(str::to_owned).collect(),
        created_at: instant(key.created_at_ms),
        revoked_at: key.revoked_at_ms.map(instant),
    }
}
