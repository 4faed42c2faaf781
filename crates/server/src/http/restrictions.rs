//! Restrictions: what of a room type or a rate plan is not sold for a range of days.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::tariffs::Set;
use vacancy_domain::prices::restrictions::Restriction;
use vacancy_domain::prices::tariff::Bounds;
use vacancy_store::tariffs::{Part, PartKind, Stored};

use super::auth::Caller;
use super::fields::Fields;
use super::inventory::TAG;
use super::json::JsonBody;
use super::paging::Page;
use super::path::Path;
use super::problem::Problem;
use super::tariffs::{self, Place};
use super::{hotel_asks, hotel_views};
use crate::state::AppState;

/// A restriction to make, or as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "FAIR", "from": "2027-03-10", "to": "2027-03-15", "stayNightsMin": 3
}))]
pub struct RestrictionAsk {
    /// Capital letters, digits, `-` and `_`. In the path when it is replaced.
    #[schema(max_length = 32, example = "FAIR")]
    code: Option<String>,
    /// Codes; all when left out or empty.
    #[schema(max_items = 200)]
    room_types: Option<Vec<String>>,
    /// Codes; all, and the standard rate, when left out or empty.
    #[schema(max_items = 200)]
    rate_plans: Option<Vec<String>>,
    /// The first day.
    #[schema(format = Date)]
    from: String,
    /// The day after the last.
    #[schema(format = Date)]
    to: String,
    /// None of these nights is sold.
    closed: Option<bool>,
    closed_to_arrival: Option<bool>,
    closed_to_departure: Option<bool>,
    /// Of a stay that arrives on these days.
    #[schema(minimum = 0, maximum = 90)]
    stay_nights_min: Option<i64>,
    #[schema(minimum = 0, maximum = 90)]
    stay_nights_max: Option<i64>,
    /// Of a stay that sleeps any of these nights.
    #[schema(minimum = 0, maximum = 90)]
    through_nights_min: Option<i64>,
    #[schema(minimum = 0, maximum = 90)]
    through_nights_max: Option<i64>,
    /// Fewest days from booking to an arrival on these days.
    #[schema(minimum = 0, maximum = 730)]
    advance_days_min: Option<i64>,
    #[schema(minimum = 0, maximum = 730)]
    advance_days_max: Option<i64>,
    /// The only lengths of a stay that arrives on these days.
    #[schema(max_items = 31)]
    stay_nights: Option<Vec<i64>>,
    /// An arrival on the day of booking is sold until this time at the hotel.
    #[schema(example = "18:00", pattern = "^[0-2][0-9]:[0-5][0-9]$")]
    same_day_until: Option<String>,
    /// Most rooms of a type in a booking that arrives on these days; so with what follows.
    #[schema(minimum = 0, maximum = 100)]
    rooms_max: Option<i64>,
    adults_only: Option<bool>,
    /// Younger children do not stay.
    #[schema(minimum = 0, maximum = 120)]
    child_age_min: Option<i64>,
    /// Most children below two years in a room.
    #[schema(minimum = 0, maximum = 20)]
    infants_max: Option<i64>,
}

/// A restriction.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestrictionView {
    #[schema(example = "FAIR")]
    code: String,
    /// Empty: all.
    room_types: Vec<String>,
    /// Empty: all, and the standard rate.
    rate_plans: Vec<String>,
    #[schema(format = Date)]
    from: String,
    /// The day after the last.
    #[schema(format = Date)]
    to: String,
    closed: bool,
    closed_to_arrival: bool,
    closed_to_departure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stay_nights_min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stay_nights_max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    through_nights_min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    through_nights_max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advance_days_min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advance_days_max: Option<i64>,
    /// Empty: all lengths.
    stay_nights: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "18:00")]
    same_day_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rooms_max: Option<i64>,
    adults_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    child_age_min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    infants_max: Option<i64>,
    version: i64,
}

/// Restrictions of a hotel
#[utoipa::path(
    get, path = "/v1/hotels/{id}/restrictions", tag = TAG, operation_id = "listRestrictions",
    params(("id" = String, Path, description = "The hotel.")),
    security(("bearer" = [])),
    responses((status = 200, description = "All, in the order of their codes",
        body = Page<RestrictionView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Page<RestrictionView>>, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    Ok(Json(tariffs::list(&set, PartKind::Restriction, view)))
}

/// A restriction
#[utoipa::path(
    get, path = "/v1/hotels/{id}/restrictions/{code}", tag = TAG, operation_id = "getRestriction",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "FAIR"),
    ),
    security(("bearer" = [])),
    responses((status = 200, description = "The restriction", body = RestrictionView,
        headers(("ETag" = String, description = "For `If-Match`."))))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    tariffs::one(&set, (PartKind::Restriction, &code), view)
}

/// Make a restriction
#[utoipa::path(
    post, path = "/v1/hotels/{id}/restrictions", tag = TAG, operation_id = "createRestriction",
    params(("id" = String, Path, description = "The hotel.")),
    request_body = RestrictionAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Made", body = RestrictionView, headers(
            ("Location" = String, description = "The restriction."),
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
    body: JsonBody<RestrictionAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, None)?;
    let place = Place { hotel: set.hotel.id, kind: PartKind::Restriction, name: "restrictions" };
    tariffs::create(&state, &actor, place, part, view).await
}

/// Replace a restriction
///
/// Needs `If-Match` with the `ETag` that was read. What is left out is as in a new one. Bookings
/// that were agreed keep their price.
#[utoipa::path(
    put, path = "/v1/hotels/{id}/restrictions/{code}", tag = TAG, operation_id = "replaceRestriction",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "FAIR"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    request_body = RestrictionAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The restriction as it is now", body = RestrictionView,
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
    body: JsonBody<RestrictionAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, Some(code.clone()))?;
    tariffs::replace(&state, &actor, (&set, &code, &headers), part, view).await
}

/// Take a restriction away
#[utoipa::path(
    delete, path = "/v1/hotels/{id}/restrictions/{code}", tag = TAG, operation_id = "deleteRestriction",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "FAIR"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
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
    tariffs::remove(&state, &actor, &id, (PartKind::Restriction, code), &headers).await
}

impl RestrictionAsk {
    fn into_part(self, set: &Set, path: Option<String>) -> Result<Part, Problem> {
        let mut fields = Fields::new();
        let code = tariffs::code(&mut fields, self.code, path);
        let pools = tariffs::pools(&mut fields, set, self.room_types);
        let plans = tariffs::plan_codes(&mut fields, self.rate_plans);
        let days = fields.days(("/from", &self.from), ("/to", &self.to));
        let until = self.same_day_until.as_deref();
        let cutoff_minutes =
            until.and_then(|text| hotel_asks::time_of_day(&mut fields, "/sameDayUntil", text));
        let Some(days) = days else { return Err(fields.problem()) };
        fields.finish()?;
        Ok(Part::Restriction(Restriction {
            code,
            pools,
            plans,
            days,
            closed: self.closed.unwrap_or(false),
            closed_to_arrival: self.closed_to_arrival.unwrap_or(false),
            closed_to_departure: self.closed_to_departure.unwrap_or(false),
            arrival_nights: Bounds { min: self.stay_nights_min, max: self.stay_nights_max },
            through_nights: Bounds { min: self.through_nights_min, max: self.through_nights_max },
            lengths: self.stay_nights.unwrap_or_default(),
            lead_days: Bounds { min: self.advance_days_min, max: self.advance_days_max },
            cutoff_minutes,
            rooms_max: self.rooms_max,
            adults_only: self.adults_only.unwrap_or(false),
            child_age_min: self.child_age_min,
            infants_max: self.infants_max,
        }))
    }
}

fn view(set: &Set, stored: &Stored) -> Option<RestrictionView> {
    let Part::Restriction(own) = &stored.part else { return None };
    Some(RestrictionView {
        code: own.code.clone(),
        room_types: tariffs::codes(set, &own.pools),
        rate_plans: own.plans.clone(),
        from: own.days.first_day.to_string(),
        to: own.days.end_day.to_string(),
        closed: own.closed,
        closed_to_arrival: own.closed_to_arrival,
        closed_to_departure: own.closed_to_departure,
        stay_nights_min: own.arrival_nights.min,
        stay_nights_max: own.arrival_nights.max,
        through_nights_min: own.through_nights.min,
        through_nights_max: own.through_nights.max,
        advance_days_min: own.lead_days.min,
        advance_days_max: own.lead_days.max,
        stay_nights: own.lengths.clone(),
        same_day_until: own.cutoff_minutes.map(hotel_views::time_of_day),
        rooms_max: own.rooms_max,
        adults_only: own.adults_only,
        child_age_min: own.child_age_min,
        infants_max: own.infants_max,
        version: stored.version,
    })
}
