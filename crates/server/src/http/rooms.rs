//! Physical rooms by the numbers on their doors. Who sleeps in them is the front desk's matter.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::cursors::page_limit;
use vacancy_app::encodings::{base64url, from_base64url};
use vacancy_app::errors::Error;
use vacancy_app::rooms::{self, NewRoom, TypedRoom};

use super::auth::Caller;
use super::fields;
use super::hotels::href;
use super::idempotency;
use super::inventory::TAG;
use super::json::JsonBody;
use super::paging::{Page, Paging};
use super::path::Path;
use super::problem::Problem;
use super::query::Query;
use crate::state::AppState;

/// Rooms to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rooms": [
    {"roomType": "DELUXE", "number": "101"}, {"roomType": "DELUXE", "number": "102"}
]}))]
pub struct NewRoomsAsk {
    #[schema(min_items = 1, max_items = 10_000)]
    rooms: Vec<RoomAsk>,
}

/// A room to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomAsk {
    #[schema(example = "DELUXE")]
    room_type: String,
    /// As it stands on the door.
    #[schema(min_length = 1, max_length = 16, example = "101")]
    number: String,
}

/// A room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomView {
    room_id: String,
    #[schema(example = "DELUXE")]
    room_type: String,
    #[schema(example = "101")]
    number: String,
}

/// Make rooms
///
/// All of them, or none.
#[utoipa::path(
    post, path = "/v1/hotels/{id}/rooms", tag = TAG, operation_id = "createRooms",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("Idempotency-Key" = Option<String>, Header,
            description = "Your own name for this request: repeated, it does nothing twice."),
    ),
    request_body = NewRoomsAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Made", body = Page<RoomView>, headers(
            ("Idempotency-Replayed" = String, description = "`true` on a repeated answer.")
        )),
        (status = 409, description = "`already_exists`: the hotel has a room of one of the numbers"),
        (status = 422, description = "Impossible: the fields are named; or `idempotency_key_reused`")
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody<NewRoomsAsk>,
) -> Result<Response, Problem> {
    let id = fields::path_id(&id)?;
    let path = format!("{}/rooms", href(id));
    let key = idempotency::once(&headers, &actor, &path, &body.hash())?;
    let new: Vec<NewRoom> = body.value.rooms.into_iter().map(draft).collect();
    let (db, ids) = (&state.db, &state.ids);
    let (made, is_replay) = rooms::create_once(db, ids, &actor, id, &new, key.as_ref()).await?;
    let items = made.into_iter().map(view).collect();
    let page = Json(Page::<RoomView> { items, next_cursor: None });
    Ok(idempotency::marked((StatusCode::CREATED, page).into_response(), is_replay))
}

/// Rooms of a hotel
///
/// In the order of their numbers as text.
#[utoipa::path(
    get, path = "/v1/hotels/{id}/rooms", tag = TAG, operation_id = "listRooms",
    params(("id" = String, Path, description = "The hotel."), Paging),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<RoomView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<RoomView>>, Problem> {
    let limit = page_limit(paging.limit)?;
    let after = after(paging.cursor.as_deref())?;
    let mut found = rooms::list(&state.db, &actor, fields::path_id(&id)?, &after).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let goes_on = limit < found.len();
    found.truncate(limit);
    let last = found.last().filter(|_| goes_on);
    let next_cursor = last.map(|last| base64url(last.room.number.as_bytes()));
    Ok(Json(Page { items: found.into_iter().map(view).collect(), next_cursor }))
}

/// Take a room away
///
/// Refused while somebody is to sleep in it.
#[utoipa::path(
    delete, path = "/v1/hotels/{id}/rooms/{number}", tag = TAG, operation_id = "deleteRoom",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("number" = String, Path, description = "The number on the door.", example = "101"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "`invalid_transition`: somebody is to sleep in it"),
    )
)]
pub async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, number)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    rooms::delete(&state.db, &actor, fields::path_id(&id)?, &number).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn draft(ask: RoomAsk) -> NewRoom {
    NewRoom { room_type: ask.room_type, number: ask.number }
}

fn view(typed: TypedRoom) -> RoomView {
    let TypedRoom { room, room_type } = typed;
    RoomView { room_id: room.id.to_string(), room_type, number: room.number }
}

/// The number that a cursor stands for.
fn after(cursor: Option<&str>) -> Result<String, Error> {
    let Some(cursor) = cursor else { return Ok(String::new()) };
    let number = from_base64url(cursor).and_then(|bytes| String::from_utf8(bytes).ok());
    let number = number.filter(|number| vacancy_domain::hotels::is_room_number(number));
    number.ok_or_else(|| Error::invalid("cursor", "malformed", "is no cursor of this list"))
}
