//! Room types: looked at by everybody; made, changed and taken away by whoever runs the hotel.
//! Nights are moved by the desk, never here.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use vacancy_app::access;
use vacancy_app::hotels;
use vacancy_app::room_types::{self, NewRoomType, RoomTypePatch};
use vacancy_domain::access::Action;
use vacancy_domain::money::Currency;

use super::auth::Caller;
use super::fields::{self, Amount, Fields};
use super::hotel_views::{self as views, RoomTypeView};
use super::inventory::TAG;
use super::json::JsonBody;
use super::paging::Page;
use super::path::Path;
use super::problem::Problem;
use super::{caching, hotels as of_hotels, idempotency, locations as places, versions};
use crate::state::AppState;

/// A room type to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "DELUXE",
    "name": "Deluxe double room",
    "beds": "1 king bed",
    "adultsMax": 2,
    "childrenMax": 1,
    "guestsMax": 3,
    "capacity": 12,
    "baseRate": {"amount": 12000, "currency": "EUR"}
}))]
pub struct NewRoomTypeAsk {
    /// Capital letters, digits, `_` and `-`; it never changes.
    #[schema(min_length = 1, max_length = 32, pattern = "^[A-Z0-9_-]+$")]
    code: String,
    /// The code, when left out.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(max_length = 5_000)]
    description: Option<String>,
    #[schema(max_length = 200)]
    beds: Option<String>,
    #[schema(max_items = 40)]
    image_urls: Option<Vec<String>>,
    /// 2 when left out.
    #[schema(minimum = 1, maximum = 20)]
    adults_max: Option<i64>,
    /// 2 when left out.
    #[schema(minimum = 0, maximum = 20)]
    children_max: Option<i64>,
    /// Adults and children together; both sums when left out.
    #[schema(minimum = 1, maximum = 40)]
    guests_max: Option<i64>,
    /// Rooms on a night for which nothing else is set.
    #[schema(minimum = 0, maximum = 100_000)]
    capacity: i64,
    /// Hundredths of a percent; the hotel's limit counts too.
    #[schema(minimum = 0, maximum = 10_000)]
    overbook_bp: Option<i64>,
    /// A night for which no other rate is set; without it only such nights are sold.
    base_rate: Option<Amount>,
    /// Numbers on the doors; there may be fewer than the capacity, or none.
    #[schema(max_items = 10_000)]
    rooms: Option<Vec<String>>,
}

/// What changes of a room type; what is left out stays. Rates and overbooking have their own
/// addresses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Deluxe room with a view", "capacity": 14}))]
pub struct RoomTypeChangeAsk {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(max_length = 5_000)]
    description: Option<String>,
    #[schema(max_length = 200)]
    beds: Option<String>,
    #[schema(max_items = 40)]
    image_urls: Option<Vec<String>>,
    #[schema(minimum = 1, maximum = 20)]
    adults_max: Option<i64>,
    #[schema(minimum = 0, maximum = 20)]
    children_max: Option<i64>,
    #[schema(minimum = 1, maximum = 40)]
    guests_max: Option<i64>,
    /// Rooms on a night for which nothing else is set, from today on. Needs the right to change
    /// the inventory. Fewer than are sold is allowed: the nights are marked oversold.
    #[schema(minimum = 0, maximum = 100_000)]
    capacity: Option<i64>,
}

/// Room types of a hotel
#[utoipa::path(
    get, path = "/v1/hotels/{id}/room-types", tag = places::TAG, operation_id = "listRoomTypes",
    params(("id" = String, Path, description = "The hotel.")),
    security((), ("bearer" = [])),
    responses((status = 200, description = "All, in the order of their codes",
        body = Page<RoomTypeView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Page<RoomTypeView>>, Problem> {
    let profile = hotels::profile(&state.db, &actor, fields::path_id(&id)?).await?;
    let view = |room_type| views::room_type(room_type, &profile.hotel);
    let items = profile.room_types.iter().map(view).collect();
    Ok(Json(Page { items, next_cursor: None }))
}

/// A room type
#[utoipa::path(
    get, path = "/v1/hotels/{id}/room-types/{code}", tag = places::TAG,
    operation_id = "getRoomType",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "The room type's code.", example = "DELUXE"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what you have.")
    ),
    security((), ("bearer" = [])),
    responses(
        (status = 200, description = "The room type", body = RoomTypeView, headers(
            ("ETag" = String, description = "For `If-None-Match` and `If-Match`."),
            ("Cache-Control" = String, description = "`public` for guests.")
        )),
        (status = 304, description = "You have it already")
    )
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let profile = hotels::profile(&state.db, &actor, fields::path_id(&id)?).await?;
    let found = profile.room_types.iter().find(|room_type| room_type.code == code);
    let found = found.ok_or_else(Problem::not_found)?;
    let view = views::room_type(found, &profile.hotel);
    Ok(caching::answer(&headers, found.version, of_hotels::keep(&profile, &actor), &view))
}

/// Make a room type
#[utoipa::path(
    post, path = "/v1/hotels/{id}/room-types", tag = TAG, operation_id = "createRoomType",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("Idempotency-Key" = Option<String>, Header,
            description = "Your own name for this request: repeated, it does nothing twice."),
    ),
    request_body = NewRoomTypeAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Made", body = RoomTypeView, headers(
            ("Location" = String, description = "The room type."),
            ("Idempotency-Replayed" = String, description = "`true` on a repeated answer."),
            ("ETag" = String, description = "For `If-Match`.")
        )),
        (status = 409, description = "`already_exists`: the hotel has this code, or a room of this \
            number"),
        (status = 422, description = "Impossible: the fields are named; or `idempotency_key_reused`")
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody<NewRoomTypeAsk>,
) -> Result<Response, Problem> {
    let id = fields::path_id(&id)?;
    let path = format!("{}/room-types", of_hotels::href(id));
    let key = idempotency::once(&headers, &actor, &path, &body.hash())?;
    let hotel = access::hotel(&state.db, &actor, Action::ChangeHotels, id).await?;
    let new = body.value.into_draft(hotel.currency)?;
    let (db, ids) = (&state.db, &state.ids);
    let (made, is_replay) =
        room_types::create_once(db, ids, &actor, id, &new, key.as_ref()).await?;
    let view = views::room_type(&made, &hotel);
    let answer = caching::created(format!("{path}/{}", made.code), made.version, view);
    Ok(idempotency::marked(answer, is_replay))
}

/// Change a room type
///
/// Needs `If-Match` with the `ETag` that was read.
#[utoipa::path(
    patch, path = "/v1/hotels/{id}/room-types/{code}", tag = TAG, operation_id = "changeRoomType",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "The room type's code.", example = "DELUXE"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    request_body = RoomTypeChangeAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The room type as it is now", body = RoomTypeView,
            headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 412, description = "`stale`: it has changed since it was read"),
        (status = 428, description = "`precondition_required`: `If-Match` is missing"),
    )
)]
pub async fn change(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody<RoomTypeChangeAsk>,
) -> Result<Response, Problem> {
    let id = fields::path_id(&id)?;
    let hotel = access::hotel(&state.db, &actor, Action::ChangeHotels, id).await?;
    let known = room_types::get(&state.db, &actor, id, &code).await?;
    let version = versions::if_match(&headers)?.against(known.version);
    let (patch, capacity) = body.value.into_patch();
    let what = (&patch, capacity);
    let new = room_types::change(&state.bookings, &actor, (id, &code), version, what).await?;
    Ok(caching::changed(new.version, views::room_type(&new, &hotel)))
}

/// Take a room type away
///
/// With its rooms and rates. Refused while any of it is held, or sold for a night that is not over.
#[utoipa::path(
    delete, path = "/v1/hotels/{id}/room-types/{code}", tag = TAG, operation_id = "deleteRoomType",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "The room type's code.", example = "DELUXE"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`invalid_transition`: somebody has some of it"),
    )
)]
pub async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    room_types::delete(&state.db, &actor, fields::path_id(&id)?, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl NewRoomTypeAsk {
    fn into_draft(self, currency: Currency) -> Result<NewRoomType, Problem> {
        let mut fields = Fields::new();
        let base_rate_minor =
            self.base_rate.and_then(|rate| rate_minor(&mut fields, "/baseRate", &rate, currency));
        fields.finish()?;
        let known = NewRoomType::coded(&self.code, self.capacity, base_rate_minor);
        let adults_max = self.adults_max.unwrap_or(known.adults_max);
        let children_max = self.children_max.unwrap_or(known.children_max);
        Ok(NewRoomType {
            name: self.name.unwrap_or(known.name),
            description: self.description.unwrap_or_default(),
            beds: self.beds.unwrap_or_default(),
            image_urls: self.image_urls.unwrap_or_default(),
            adults_max,
            children_max,
            guests_max: self.guests_max.unwrap_or(adults_max.saturating_add(children_max)),
            overbook_bp: self.overbook_bp.unwrap_or(0),
            rooms: self.rooms.unwrap_or_default(),
            ..known
        })
    }
}

impl RoomTypeChangeAsk {
    fn into_patch(self) -> (RoomTypePatch, Option<i64>) {
        let patch = RoomTypePatch {
            name: self.name,
            description: self.description,
            beds: self.beds,
            image_urls: self.image_urls,
            adults_max: self.adults_max,
            children_max: self.children_max,
            guests_max: self.guests_max,
            base_rate_minor: None,
        };
        (patch, self.capacity)
    }
}

/// A rate in the hotel's own currency.
fn rate_minor(
    fields: &mut Fields,
    pointer: &str,
    rate: &Amount,
    currency: Currency,
) -> Option<i64> {
    let money = fields.money(pointer, rate)?;
    if money.currency != currency {
        let detail = format!("must be {currency}, in which this hotel charges");
        fields.refuse_impossible(format!("{pointer}/currency"), "wrong_currency", detail);
        return None;
    }
    Some(money.minor)
}
