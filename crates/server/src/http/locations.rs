//! Places with hotels, for somebody who types a name.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vacancy_app::locations;
use vacancy_domain::hotels;

use super::auth::Caller;
use super::paging::Page;
use super::path::Path;
use super::problem::Problem;
use super::query::Query;
use crate::state::AppState;

pub const TAG: &str = "Find";

/// What is typed, and how many places are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LocationsAsk {
    /// The beginning of a name, or a part of it; nothing asks for the places with most hotels.
    #[param(example = "lis", max_length = 100)]
    q: Option<String>,
    /// How many places at most.
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<i64>,
}

/// A place with hotels.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    #[schema(example = "lisbon-pt")]
    location_id: String,
    #[schema(example = "Lisbon")]
    name: String,
    /// ISO 3166, two capital letters.
    #[schema(example = "PT")]
    country: String,
    #[schema(example = 3)]
    hotel_count: i64,
}

/// Find places by name
///
/// Places whose name begins with the text come first, then those that contain it.
#[utoipa::path(
    get, path = "/v1/locations", tag = TAG, operation_id = "searchLocations",
    params(LocationsAsk),
    responses((status = 200, description = "Places, the best match first", body = Page<Location>))
)]
pub async fn search(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(ask): Query<LocationsAsk>,
) -> Result<Json<Page<Location>>, Problem> {
    let q = ask.q.unwrap_or_default();
    let found = locations::search(&state.db, &actor, &q, ask.limit).await?;
    let items = found.into_iter().map(wire).collect();
    Ok(Json(Page { items, next_cursor: None }))
}

/// A place
#[utoipa::path(
    get, path = "/v1/locations/{id}", tag = TAG, operation_id = "getLocation",
    params(("id" = String, Path, description = "The place.", example = "lisbon-pt")),
    security((), ("bearer" = [])),
    responses((status = 200, description = "The place", body = Location))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Location>, Problem> {
    Ok(Json(wire(locations::get(&state.db, &actor, &id).await?)))
}

/// The place that a request names as `locationId`, or for short as `location`.
///
/// # Errors
/// When it names two.
pub(super) fn one_of(
    location_id: Option<String>,
    location: Option<String>,
) -> Result<Option<String>, Problem> {
    match (location_id, location) {
        (Some(id), Some(other)) if id != other => {
            let detail = "must be the same as locationId, or left out";
            Err(Problem::wrong_field("location", "ambiguous", detail))
        }
        (Some(id), _) | (None, Some(id)) => Ok(Some(id)),
        (None, None) => Ok(None),
    }
}

fn wire(location: hotels::Location) -> Location {
    let hotels::Location { id, name, country, hotel_count, .. } = location;
    Location { location_id: id, name, country, hotel_count }
}
