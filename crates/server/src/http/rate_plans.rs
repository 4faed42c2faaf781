//! Rate plans: named conditions with a price of their own, derived from another plan or from the
//! standard rate.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::tariffs::Set;
use vacancy_domain::hotels::{NAME_CHARS_MAX, ROOM_TYPE_CODE_CHARS_MAX};
use vacancy_domain::prices::tariff::{Meals, RatePlan};
use vacancy_store::tariffs::{Part, PartKind, Stored};

use super::auth::Caller;
use super::fields::{Amount, Fields};
use super::inventory::TAG;
use super::json::JsonBody;
use super::paging::Page;
use super::path::Path;
use super::problem::Problem;
use super::tariffs::{self, Place};
use crate::state::AppState;

/// A rate plan to make, or as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"code": "SAVER", "name": "Non-refundable", "changeBp": -1000}))]
pub struct RatePlanAsk {
    /// Capital letters, digits, `-` and `_`. In the path when it is replaced.
    #[schema(max_length = 32, example = "SAVER")]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Code of the plan that it is derived from; the standard rate when left out.
    #[schema(max_length = 32)]
    parent: Option<String>,
    /// What it costs more than that, in hundredths of a percent; negative for less.
    #[schema(minimum = -10_000, maximum = 100_000)]
    change_bp: Option<i64>,
    /// The same as an amount per night; negative for less.
    change: Option<Amount>,
    /// `none`, `breakfast`, `half_board`, `full_board` or `all_inclusive`.
    #[schema(max_length = 20)]
    meals: Option<String>,
    /// What an adult's meals cost per night.
    meal_adult: Option<Amount>,
    /// What a child's meals cost per night.
    meal_child: Option<Amount>,
    /// Codes of the room types that it sells; all when left out or empty.
    #[schema(max_items = 200)]
    room_types: Option<Vec<String>>,
    /// Code of its cancellation policy; that of its parent when left out.
    #[schema(max_length = 32)]
    policy: Option<String>,
}

/// A rate plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatePlanView {
    #[schema(example = "SAVER")]
    code: String,
    name: String,
    /// Null: derived from the standard rate.
    #[schema(required = true)]
    parent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_bp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Amount>,
    #[schema(example = "breakfast")]
    meals: &'static str,
    meal_adult: Amount,
    meal_child: Amount,
    /// Empty: all.
    room_types: Vec<String>,
    /// Null: that of its parent, or the standard one.
    #[schema(required = true)]
    policy: Option<String>,
    version: i64,
}

/// Rate plans of a hotel
#[utoipa::path(
    get, path = "/v1/hotels/{id}/rate-plans", tag = TAG, operation_id = "listRatePlans",
    params(("id" = String, Path, description = "The hotel.")),
    security(("bearer" = [])),
    responses((status = 200, description = "All, in the order of their codes",
        body = Page<RatePlanView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Page<RatePlanView>>, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    Ok(Json(tariffs::list(&set, PartKind::Plan, view)))
}

/// A rate plan
#[utoipa::path(
    get, path = "/v1/hotels/{id}/rate-plans/{code}", tag = TAG, operation_id = "getRatePlan",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "SAVER"),
    ),
    security(("bearer" = [])),
    responses((status = 200, description = "The rate plan", body = RatePlanView,
        headers(("ETag" = String, description = "For `If-Match`."))))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    tariffs::one(&set, (PartKind::Plan, &code), view)
}

/// Make a rate plan
#[utoipa::path(
    post, path = "/v1/hotels/{id}/rate-plans", tag = TAG, operation_id = "createRatePlan",
    params(("id" = String, Path, description = "The hotel.")),
    request_body = RatePlanAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Made", body = RatePlanView, headers(
            ("Location" = String, description = "The rate plan."),
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
    body: JsonBody<RatePlanAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, None)?;
    let place = Place { hotel: set.hotel.id, kind: PartKind::Plan, name: "rate-plans" };
    tariffs::create(&state, &actor, place, part, view).await
}

/// Replace a rate plan
///
/// Needs `If-Match` with the `ETag` that was read. What is left out is as in a new one. Bookings
/// that were agreed keep their price.
#[utoipa::path(
    put, path = "/v1/hotels/{id}/rate-plans/{code}", tag = TAG, operation_id = "replaceRatePlan",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "SAVER"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    request_body = RatePlanAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The rate plan as it is now", body = RatePlanView,
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
    body: JsonBody<RatePlanAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, Some(code.clone()))?;
    tariffs::replace(&state, &actor, (&set, &code, &headers), part, view).await
}

/// Take a rate plan away
#[utoipa::path(
    delete, path = "/v1/hotels/{id}/rate-plans/{code}", tag = TAG, operation_id = "deleteRatePlan",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "SAVER"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`invalid_transition`: another plan or a rule names it"),
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
    tariffs::remove(&state, &actor, &id, (PartKind::Plan, code), &headers).await
}

impl RatePlanAsk {
    fn into_part(self, set: &Set, path: Option<String>) -> Result<Part, Problem> {
        let mut fields = Fields::new();
        let currency = set.hotel.currency;
        let code = tariffs::code(&mut fields, self.code, path);
        let name = fields.text("/name", &self.name, NAME_CHARS_MAX).unwrap_or_default();
        let parent =
            self.parent.and_then(|code| fields.text("/parent", &code, ROOM_TYPE_CODE_CHARS_MAX));
        if self.change_bp.is_some() && self.change.is_some() {
            fields.refuse("/changeBp", "ambiguous", "cannot stand beside change");
        }
        let offset = tariffs::offset(&mut fields, currency, self.change_bp, self.change);
        let meals = Meals::from_word(self.meals.as_deref().unwrap_or(Meals::None.word()));
        if meals.is_none() {
            let words = Meals::ALL.map(Meals::word).join(", ");
            fields.refuse("/meals", "unknown", format!("must be one of {words}"));
        }
        let mut meal =
            |pointer, amount| tariffs::minor(&mut fields, currency, pointer, amount).unwrap_or(0);
        let meal_adult_minor = meal("/mealAdult", self.meal_adult);
        let meal_child_minor = meal("/mealChild", self.meal_child);
        let pools = tariffs::pools(&mut fields, set, self.room_types);
        let policy =
            self.policy.and_then(|code| fields.text("/policy", &code, ROOM_TYPE_CODE_CHARS_MAX));
        fields.finish()?;
        Ok(Part::Plan(RatePlan {
            code,
            name: name.into(),
            parent,
            offset,
            meals: meals.unwrap_or(Meals::None),
            meal_adult_minor,
            meal_child_minor,
            pools,
            policy,
        }))
    }
}

fn view(set: &Set, stored: &Stored) -> Option<RatePlanView> {
    let Part::Plan(plan) = &stored.part else { return None };
    let (change_bp, change) = tariffs::told(set, plan.offset);
    Some(RatePlanView {
        code: plan.code.clone(),
        name: plan.name.to_string(),
        parent: plan.parent.clone(),
        change_bp,
        change,
        meals: plan.meals.word(),
        meal_adult: tariffs::amount(set, plan.meal_adult_minor),
        meal_child: tariffs::amount(set, plan.meal_child_minor),
        room_types: tariffs::codes(set, &plan.pools),
        policy: plan.policy.clone(),
        version: stored.version,
    })
}
