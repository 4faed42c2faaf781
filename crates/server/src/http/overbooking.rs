//! How far a hotel and its room types may sell above what there is. The lower of the two counts.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::access::Actor;
use vacancy_app::inventory::Overbooking;
use vacancy_domain::cells::OVERBOOK_BP_MAX;
use vacancy_domain::ids::PropertyId;

use super::auth::Caller;
use super::fields::{self, Fields};
use super::inventory::TAG;
use super::json::JsonBody;
use super::path::Path;
use super::problem::Problem;
use super::strict::pointer_part;
use crate::state::AppState;

/// Most room types of one request.
const TYPES_MAX: usize = 500;

/// Overbooking as set and as it counts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverbookingView {
    /// The hotel's limit for every room type, in hundredths of a percent.
    #[schema(example = 500)]
    overbook_bp: i64,
    room_types: Vec<OverbookingOfType>,
}

/// Overbooking of a room type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverbookingOfType {
    room_type: String,
    /// As set.
    overbook_bp: i64,
    /// The lower of this and the hotel's.
    effective_bp: i64,
}

/// What to set; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"overbookBp": 500, "roomTypes": {"DELUXE": 200}}))]
pub struct OverbookingChange {
    /// The hotel's limit, in hundredths of a percent.
    #[schema(minimum = 0, maximum = 10_000)]
    overbook_bp: Option<i64>,
    /// By room type code.
    room_types: Option<BTreeMap<String, i64>>,
}

/// How far the hotel sells above what there is
#[utoipa::path(
    get, path = "/v1/hotels/{id}/overbooking", tag = TAG, operation_id = "getOverbooking",
    params(("id" = String, Path, description = "The hotel.")),
    security(("bearer" = [])),
    responses((status = 200, description = "As set and as it counts", body = OverbookingView))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<OverbookingView>, Problem> {
    read(&state, &actor, fields::path_id(&id)?).await
}

/// Set how far the hotel sells above what there is
///
/// Nights that are touched already follow. Names what it sets and leaves the rest, so it needs no
/// `If-Match`.
#[utoipa::path(
    put, path = "/v1/hotels/{id}/overbooking", tag = TAG, operation_id = "setOverbooking",
    params(("id" = String, Path, description = "The hotel.")),
    request_body = OverbookingChange,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "As set and as it counts", body = OverbookingView),
        (status = 422, description = "`unknown_room_type`"),
    )
)]
pub async fn set(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: JsonBody<OverbookingChange>,
) -> Result<Json<OverbookingView>, Problem> {
    let hotel: PropertyId = fields::path_id(&id)?;
    let OverbookingChange { overbook_bp, room_types } = body.value;
    let room_types = room_types.unwrap_or_default();
    let mut fields = Fields::new();
    if let Some(bp) = overbook_bp {
        fields.whole("/overbookBp", bp, 0..=OVERBOOK_BP_MAX);
    }
    if TYPES_MAX < room_types.len() {
        fields.refuse("/roomTypes", "too_many", format!("must be at most {TYPES_MAX}"));
    }
    for (code, bp) in room_types.iter().take(TYPES_MAX) {
        fields.whole(&format!("/roomTypes/{}", pointer_part(code)), *bp, 0..=OVERBOOK_BP_MAX);
    }
    if overbook_bp.is_none() && room_types.is_empty() {
        fields.refuse("/overbookBp", "missing_field", "or roomTypes must be given");
    }
    fields.finish()?;
    // Unknown room types are refused before anything is set.
    let known = state.bookings.overbooking(&actor, hotel).await?;
    if let Some(code) = room_types.keys().find(|code| !has(&known, code)) {
        let mut fields = Fields::new();
        let pointer = format!("/roomTypes/{}", pointer_part(code));
        fields.refuse_impossible(pointer, "unknown_room_type", "names none of this hotel");
        return Err(fields.problem());
    }
    if let Some(bp) = overbook_bp {
        state.bookings.set_overbooking(&actor, hotel, None, bp).await?;
    }
    for (code, bp) in &room_types {
        state.bookings.set_overbooking(&actor, hotel, Some(code), *bp).await?;
    }
    read(&state, &actor, hotel).await
}

fn has(known: &Overbooking, code: &str) -> bool {
    known.room_types.iter().any(|room_type| room_type.code == code)
}

async fn read(
    state: &AppState,
    actor: &Actor,
    hotel: PropertyId,
) -> Result<Json<OverbookingView>, Problem> {
    let Overbooking { cap_bp, room_types } = state.bookings.overbooking(actor, hotel).await?;
    let room_types = room_types.into_iter().map(|room_type| OverbookingOfType {
        room_type: room_type.code,
        overbook_bp: room_type.type_overbook_bp,
        effective_bp: room_type.stock.overbook_bp,
    });
    Ok(Json(OverbookingView { overbook_bp: cap_bp, room_types: room_types.collect() }))
}
