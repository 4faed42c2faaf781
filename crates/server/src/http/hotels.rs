//! Hotels: found and looked at by everybody, made and changed by their business. Parses at the
//! edge, calls one use case, renders its answer.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use vacancy_app::access::{self, Actor};
use vacancy_app::hotels::{self, Profile};
use vacancy_app::locations;
use vacancy_domain::access::Action;
use vacancy_domain::ids::PropertyId;

use super::auth::Caller;
use super::businesses::business_of;
use super::caching::{self, Keep};
use super::fields::{self, Fields};
use super::hotel_asks::{HotelChangeAsk, NewHotelAsk};
use super::hotel_views::{self as views, HotelView};
use super::inventory::TAG;
use super::json::JsonBody;
use super::paging::Page;
use super::path::Path;
use super::problem::Problem;
use super::query::Query;
use super::{idempotency, locations as places, versions};
use crate::state::AppState;

/// Which hotels: those of a place, or the business's own.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct HotelsAsk {
    /// A place. Left out, a business sees its own hotels.
    #[param(example = "lisbon-pt")]
    location_id: Option<String>,
    /// The same as `locationId`.
    #[param(example = "lisbon-pt")]
    location: Option<String>,
    /// For the platform's own key: the hotels of this business.
    #[param(format = Uuid)]
    business_id: Option<String>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<i64>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Hotels of a place, or your own
///
/// Without room types, prices and what is free: see `/v1/hotel-listings` for those.
#[utoipa::path(
    get, path = "/v1/hotels", tag = places::TAG, operation_id = "listHotels",
    params(HotelsAsk),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<HotelView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(ask): Query<HotelsAsk>,
) -> Result<Json<Page<HotelView>>, Problem> {
    let cursor = ask.cursor.as_deref();
    if let Some(id) = places::one_of(ask.location_id, ask.location)? {
        let place = locations::get(&state.db, &actor, &id).await?;
        let page = hotels::list(&state.db, &actor, &place.id, cursor, ask.limit).await?;
        return Ok(Json(Page::of(page, |hotel| views::hotel(&hotel, Some(&place), &actor))));
    }
    let mut fields = Fields::new();
    let named = ask.business_id.and_then(|id| fields.id("businessId", &id));
    fields.finish()?;
    if actor == Actor::Anonymous {
        return Err(Problem::wrong_field("locationId", "missing_field", "must be given"));
    }
    let business = business_of(&state, &actor, ("businessId", named)).await?;
    let page = hotels::list_own(&state.db, &actor, business, cursor, ask.limit).await?;
    Ok(Json(Page::of(page, |hotel| views::hotel(&hotel, None, &actor))))
}

/// A hotel
///
/// All that is shown of it, with its room types. Whoever runs it sees its settings too.
#[utoipa::path(
    get, path = "/v1/hotels/{id}", tag = places::TAG, operation_id = "getHotel",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what you have.")
    ),
    security((), ("bearer" = [])),
    responses(
        (status = 200, description = "The hotel", body = HotelView, headers(
            ("ETag" = String, description = "For `If-None-Match` and `If-Match`."),
            ("Cache-Control" = String, description = "`public` unless it shows settings.")
        )),
        (status = 304, description = "You have it already")
    )
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let profile = hotels::profile(&state.db, &actor, fields::path_id(&id)?).await?;
    let view = views::profile(&profile, &actor);
    Ok(caching::answer(&headers, profile.hotel.version, keep(&profile, &actor), &view))
}

/// Who may keep what this caller is shown of a hotel.
pub(super) fn keep(profile: &Profile, actor: &Actor) -> Keep {
    if views::runs(actor, &profile.hotel) { Keep::Caller } else { Keep::Anybody }
}

/// Where a hotel is found.
#[must_use]
pub fn href(hotel: PropertyId) -> String {
    format!("/v1/hotels/{hotel}")
}

/// Make a hotel
///
/// It sells nothing until it has room types.
#[utoipa::path(
    post, path = "/v1/hotels", tag = TAG, operation_id = "createHotel",
    params(
        ("Idempotency-Key" = Option<String>, Header,
            description = "Your own name for this request: repeated, it does nothing twice."),
    ),
    request_body = NewHotelAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Made", body = HotelView, headers(
            ("Location" = String, description = "The hotel."),
            ("Idempotency-Replayed" = String, description = "`true` on a repeated answer."),
            ("ETag" = String, description = "For `If-Match`.")
        )),
        (status = 409, description = "`already_exists`: a hotel of yours has this `externalId`"),
        (status = 422, description = "Impossible: the fields are named; or `idempotency_key_reused`")
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    headers: HeaderMap,
    body: JsonBody<NewHotelAsk>,
) -> Result<Response, Problem> {
    let key = idempotency::once(&headers, &actor, "/v1/hotels", &body.hash())?;
    let (draft, named) = body.value.into_draft()?;
    let business = business_of(&state, &actor, ("/businessId", named)).await?;
    let (db, ids) = (&state.db, &state.ids);
    let (hotel, is_replay) =
        hotels::create_once(db, ids, &actor, business, &draft, key.as_ref()).await?;
    let view = shown(&state, &actor, hotel.id).await?;
    let answer = caching::created(href(hotel.id), hotel.version, view);
    Ok(idempotency::marked(answer, is_replay))
}

/// Change a hotel
///
/// Needs `If-Match` with the `ETag` that was read.
#[utoipa::path(
    patch, path = "/v1/hotels/{id}", tag = TAG, operation_id = "changeHotel",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    request_body = HotelChangeAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The hotel as it is now", body = HotelView,
            headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 409, description = "`already_exists`: a hotel of yours has this `externalId`"),
        (status = 412, description = "`stale`: it has changed since it was read"),
        (status = 428, description = "`precondition_required`: `If-Match` is missing"),
    )
)]
pub async fn change(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody<HotelChangeAsk>,
) -> Result<Response, Problem> {
    let id = fields::path_id(&id)?;
    let known = access::hotel(&state.db, &actor, Action::ChangeHotels, id).await?;
    let version = versions::if_match(&headers)?.against(known.version);
    let patch = body.value.into_patch()?;
    let hotel = hotels::patch(&state.db, &actor, id, version, &patch).await?;
    Ok(caching::changed(hotel.version, shown(&state, &actor, id).await?))
}

async fn shown(state: &AppState, actor: &Actor, id: PropertyId) -> Result<HotelView, Problem> {
    Ok(views::profile(&hotels::profile(&state.db, actor, id).await?, actor))
}
