//! Cancellation policies of a hotel: what an end of a booking costs, by how long before check-in it
//! comes. Bookings that were agreed keep theirs.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::tariffs::Set;
use vacancy_domain::hotels::NAME_CHARS_MAX;
use vacancy_domain::policies::{Fee, POLICY_STEPS_MAX, Policy, PolicyStep};
use vacancy_store::tariffs::{Part, PartKind, Stored};

use super::auth::Caller;
use super::fields::Fields;
use super::inventory::TAG;
use super::json::JsonBody;
use super::paging::Page;
use super::path::Path;
use super::policy_views::{PolicyDeposit, PolicyFee, PolicyStepView};
use super::problem::Problem;
use super::tariffs::{self, Place};
use crate::state::AppState;

/// A cancellation policy to make, or as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "FLEX48", "name": "Flexible", "isStandard": true,
    "steps": [{"hoursBefore": 48, "fee": {"nights": 1}}, {"hoursBefore": 0, "fee": {"basisPoints": 10_000}}],
    "noShow": {"basisPoints": 10_000},
    "deposit": {"now": {"basisPoints": 3_000}, "restHoursBefore": 336}
}))]
pub struct PolicyAsk {
    /// Capital letters, digits, `-` and `_`. In the path when it is replaced.
    #[schema(max_length = 32, example = "FLEX48")]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Holds for the standard rate, and for plans that name none. One policy of a hotel may.
    is_standard: Option<bool>,
    /// From far before check-in to close before it. Before the first one a cancellation is free;
    /// it is always free when there is none.
    #[schema(max_items = 10)]
    steps: Option<Vec<PolicyStepView>>,
    /// What a guest pays who does not come; all when left out.
    no_show: Option<PolicyFee>,
    /// What a guest pays to book; all when left out.
    deposit: Option<PolicyDeposit>,
}

/// A cancellation policy.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyView {
    #[schema(example = "FLEX48")]
    code: String,
    name: String,
    is_standard: bool,
    steps: Vec<PolicyStepView>,
    no_show: PolicyFee,
    /// Null: all is paid to book.
    #[schema(required = true)]
    deposit: Option<PolicyDeposit>,
    version: i64,
}

/// Cancellation policies of a hotel
#[utoipa::path(
    get, path = "/v1/hotels/{id}/policies", tag = TAG, operation_id = "listPolicies",
    params(("id" = String, Path, description = "The hotel.")),
    security(("bearer" = [])),
    responses((status = 200, description = "All, in the order of their codes",
        body = Page<PolicyView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Page<PolicyView>>, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    Ok(Json(tariffs::list(&set, PartKind::Policy, view)))
}

/// A cancellation policy
#[utoipa::path(
    get, path = "/v1/hotels/{id}/policies/{code}", tag = TAG, operation_id = "getPolicy",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "FLEX48"),
    ),
    security(("bearer" = [])),
    responses((status = 200, description = "The policy", body = PolicyView,
        headers(("ETag" = String, description = "For `If-Match`."))))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    tariffs::one(&set, (PartKind::Policy, &code), view)
}

/// Make a cancellation policy
#[utoipa::path(
    post, path = "/v1/hotels/{id}/policies", tag = TAG, operation_id = "createPolicy",
    params(("id" = String, Path, description = "The hotel.")),
    request_body = PolicyAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Made", body = PolicyView, headers(
            ("Location" = String, description = "The policy."),
            ("ETag" = String, description = "For `If-Match`.")
        )),
        (status = 409, description = "`already_exists`: the hotel has this code"),
        (status = 422, description = "Impossible: the fields are named")
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: JsonBody<PolicyAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, None)?;
    let place = Place { hotel: set.hotel.id, kind: PartKind::Policy, name: "policies" };
    tariffs::create(&state, &actor, place, part, view).await
}

/// Replace a cancellation policy
///
/// Needs `If-Match` with the `ETag` that was read. What is left out is as in a new one. Bookings
/// that were agreed keep theirs.
#[utoipa::path(
    put, path = "/v1/hotels/{id}/policies/{code}", tag = TAG, operation_id = "replacePolicy",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "FLEX48"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    request_body = PolicyAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The policy as it is now", body = PolicyView,
            headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 412, description = "`stale`: it has changed since it was read"),
        (status = 422, description = "Impossible: the fields are named"),
        (status = 428, description = "`precondition_required`: `If-Match` is missing"),
    )
)]
pub async fn replace(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody<PolicyAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, Some(code.clone()))?;
    tariffs::replace(&state, &actor, (&set, &code, &headers), part, view).await
}

/// Take a cancellation policy away
///
/// One that a rate plan names stays: `invalid_transition`.
#[utoipa::path(
    delete, path = "/v1/hotels/{id}/policies/{code}", tag = TAG, operation_id = "deletePolicy",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "FLEX48"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`invalid_transition`: a rate plan names it"),
        (status = 412, description = "`stale`: it has changed since it was read"),
        (status = 428, description = "`precondition_required`: `If-Match` is missing"),
    )
)]
pub async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    tariffs::remove(&state, &actor, &id, (PartKind::Policy, code), &headers).await
}

impl PolicyAsk {
    fn into_part(self, set: &Set, path: Option<String>) -> Result<Part, Problem> {
        let mut fields = Fields::new();
        let currency = set.hotel.currency;
        let code = tariffs::code(&mut fields, self.code, path);
        let name = fields.text("/name", &self.name, NAME_CHARS_MAX).unwrap_or_default();
        let asked = self.steps.unwrap_or_default();
        if POLICY_STEPS_MAX < asked.len() {
            let detail = format!("must be at most {POLICY_STEPS_MAX}");
            fields.refuse("/steps", "too_many", detail);
        }
        let steps: Vec<PolicyStep> = asked
            .into_iter()
            .take(POLICY_STEPS_MAX)
            .enumerate()
            .map(|(at, step)| step.read(&mut fields, &format!("/steps/{at}"), currency))
            .collect();
        let no_show =
            self.no_show.map_or(Fee::All, |fee| fee.read(&mut fields, "/noShow", currency));
        let deposit = self.deposit.map(|deposit| deposit.read(&mut fields, "/deposit", currency));
        fields.finish()?;
        let is_standard = self.is_standard.unwrap_or(false);
        Ok(Part::Policy(Policy { code, name, is_standard, steps, no_show, deposit }))
    }
}

fn view(set: &Set, stored: &Stored) -> Option<PolicyView> {
    let Part::Policy(policy) = &stored.part else { return None };
    let currency = set.hotel.currency;
    Some(PolicyView {
        code: policy.code.clone(),
        name: policy.name.clone(),
        is_standard: policy.is_standard,
        steps: policy.steps.iter().map(|step| PolicyStepView::told(step, currency)).collect(),
        no_show: PolicyFee::told(policy.no_show, currency),
        deposit: policy.deposit.map(|deposit| PolicyDeposit::told(deposit, currency)),
        version: stored.version,
    })
}
