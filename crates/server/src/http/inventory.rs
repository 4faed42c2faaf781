//! The business's calendar: every night of every room type, and ranges of nights that are set.
//! What a change does to guests is for `domain` to say.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vacancy_app::calendar::{self, TypeNights};
use vacancy_app::errors::Error;
use vacancy_app::inventory::RangeWish;
use vacancy_domain::cells::{CAPACITY_UNITS_MAX, Cell};
use vacancy_domain::pools::{STAY_RULE_NIGHTS_MAX, STOCK_RANGE_DAYS_MAX, StockPatch};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::stays::Day;

use super::auth::Caller;
use super::fields::{self, Fields};
use super::json::JsonBody;
use super::path::Path;
use super::problem::{Problem, WrongField};
use super::query::Query;
use crate::state::AppState;

pub const TAG: &str = "Run a business";

/// Most ranges of one request.
pub const RANGES_MAX: usize = 100;

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InventoryAsk {
    /// The first day.
    #[param(format = Date, example = "2027-03-01")]
    from: String,
    /// The day after the last, at most 400 days after `from`.
    #[param(format = Date, example = "2027-04-01")]
    to: String,
}

/// Every night of a hotel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    room_types: Vec<InventoryOfType>,
}

/// Every night of a room type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InventoryOfType {
    room_type: String,
    room_type_id: String,
    nights: Vec<InventoryNight>,
}

/// One night of a room type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InventoryNight {
    #[schema(format = Date)]
    date: String,
    /// Rooms there are.
    capacity: i64,
    /// Kept back.
    blocked: i64,
    out_of_order: i64,
    /// How far sales may pass what there is, in hundredths of a percent.
    overbook_bp: i64,
    /// The most that may be held and sold.
    limit: i64,
    /// Waiting for payment.
    held: i64,
    sold: i64,
    /// Still to be had; never below 0.
    rooms_left: i64,
    /// A change of stock left more gone than there is.
    is_oversold: bool,
    closed: bool,
    closed_to_arrival: bool,
    closed_to_departure: bool,
    /// Nights that a stay arriving here must have; null for no rule.
    #[schema(required = true)]
    min_stay: Option<i64>,
    #[schema(required = true)]
    max_stay: Option<i64>,
    version: i64,
}

/// Ranges of nights to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"ranges": [
    {"roomType": "DELUXE", "from": "2027-03-01", "to": "2027-03-08", "outOfOrder": 2},
    {"roomType": "STANDARD", "from": "2027-12-31", "to": "2028-01-01", "minStay": 2}
]}))]
pub struct InventoryChange {
    #[schema(max_items = 100)]
    ranges: Vec<RangeAsk>,
}

/// What some nights shall be; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RangeAsk {
    room_type: String,
    /// The first night.
    #[schema(format = Date)]
    from: String,
    /// The day after the last night, at most 800 days after `from`.
    #[schema(format = Date)]
    to: String,
    #[schema(minimum = 0, maximum = 100_000)]
    capacity: Option<i64>,
    #[schema(minimum = 0, maximum = 100_000)]
    out_of_order: Option<i64>,
    #[schema(minimum = 0, maximum = 100_000)]
    blocked: Option<i64>,
    closed: Option<bool>,
    closed_to_arrival: Option<bool>,
    closed_to_departure: Option<bool>,
    /// 0 takes the rule away.
    #[schema(minimum = 0, maximum = 365)]
    min_stay: Option<i64>,
    /// 0 takes the rule away.
    #[schema(minimum = 0, maximum = 365)]
    max_stay: Option<i64>,
}

/// The business's calendar
#[utoipa::path(
    get, path = "/v1/hotels/{id}/inventory", tag = TAG, operation_id = "getInventory",
    params(("id" = String, Path, description = "The hotel."), InventoryAsk),
    security(("bearer" = [])),
    responses((status = 200, description = "Every night of every room type", body = Inventory))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Query(ask): Query<InventoryAsk>,
) -> Result<Json<Inventory>, Problem> {
    let hotel = fields::path_id(&id)?;
    let mut fields = Fields::new();
    let days = fields.days(("from", &ask.from), ("to", &ask.to));
    let Some(days) = days else { return Err(fields.problem()) };
    let types = calendar::inventory(&state.db, &actor, hotel, days).await?;
    Ok(Json(Inventory { room_types: types.iter().map(of_type).collect() }))
}

/// Set ranges of nights
///
/// One after the other. Names what it sets and leaves the rest, so it needs no `If-Match`. Fewer
/// rooms than are sold is allowed: the nights are marked oversold and nobody is turned away here.
/// When a range is refused, `appliedCount` says how many before it were set.
#[utoipa::path(
    put, path = "/v1/hotels/{id}/inventory", tag = TAG, operation_id = "setInventory",
    params(("id" = String, Path, description = "The hotel.")),
    request_body = InventoryChange,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Set"),
        (status = 422, description = "`unknown_room_type`, `range_too_long`"),
    )
)]
pub async fn set(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: JsonBody<InventoryChange>,
) -> Result<StatusCode, Problem> {
    let hotel = fields::path_id(&id)?;
    let ranges = body.value.into_ranges()?;
    match state.bookings.set_stock(&actor, hotel, ranges).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err((at, error)) => Err(refused(at, error)),
    }
}

/// A refusal of one range, with its place.
fn refused(at: usize, error: Error) -> Problem {
    let problem = match error {
        Error::Refused(Refusal::UnknownRoomType { .. }) => {
            let pointer = format!("/ranges/{at}/roomType");
            let (code, detail) =
                ("unknown_room_type".into(), "names none of this hotel".to_owned());
            let field = WrongField { pointer, code, detail };
            Problem::wrong_fields(StatusCode::UNPROCESSABLE_ENTITY, vec![field])
        }
        Error::Refused(_) => Problem::from(error),
        Error::Denied
        | Error::Unauthorized
        | Error::NotFound
        | Error::Invalid(_)
        | Error::Exists { .. }
        | Error::Stale { .. }
        | Error::MatterChanged(_)
        | Error::KeyReused
        | Error::InFlight
        | Error::Busy { .. }
        | Error::OutcomeUnknown
        | Error::Fault(_) => return Problem::from(error),
    };
    problem.with("appliedCount", at)
}

impl InventoryChange {
    fn into_ranges(self) -> Result<Vec<RangeWish>, Problem> {
        let mut fields = Fields::new();
        if self.ranges.is_empty() {
            fields.refuse("/ranges", "empty", "must name a range");
        }
        if RANGES_MAX < self.ranges.len() {
            fields.refuse("/ranges", "too_many", format!("must be at most {RANGES_MAX}"));
            return Err(fields.problem());
        }
        let ranges: Vec<RangeWish> = self
            .ranges
            .into_iter()
            .enumerate()
            .filter_map(|(at, range)| range.into_wish(&mut fields, at))
            .collect();
        fields.finish()?;
        Ok(ranges)
    }
}

impl RangeAsk {
    fn into_wish(self, fields: &mut Fields, at: usize) -> Option<RangeWish> {
        let pointer = |name: &str| format!("/ranges/{at}/{name}");
        let days = fields.days((&pointer("from"), &self.from), (&pointer("to"), &self.to));
        if days.is_some_and(|days| STOCK_RANGE_DAYS_MAX < days.nights()) {
            let detail = format!("must be at most {STOCK_RANGE_DAYS_MAX} days after from");
            fields.refuse_impossible(pointer("to"), "range_too_long", detail);
        }
        let chars_max = vacancy_domain::hotels::ROOM_TYPE_CODE_CHARS_MAX;
        let room_type = fields.text(&pointer("roomType"), &self.room_type, chars_max);
        for (name, value, max) in [
            ("capacity", self.capacity, CAPACITY_UNITS_MAX),
            ("outOfOrder", self.out_of_order, CAPACITY_UNITS_MAX),
            ("blocked", self.blocked, CAPACITY_UNITS_MAX),
            ("minStay", self.min_stay, STAY_RULE_NIGHTS_MAX),
            ("maxStay", self.max_stay, STAY_RULE_NIGHTS_MAX),
        ] {
            if let Some(value) = value {
                fields.whole(&pointer(name), value, 0..=max);
            }
        }
        let patch = StockPatch {
            capacity: self.capacity,
            blocked: self.blocked,
            blocked_delta: None,
            out_of_order: self.out_of_order,
            overbook_bp: None,
            closed: self.closed,
            closed_to_arrival: self.closed_to_arrival,
            closed_to_departure: self.closed_to_departure,
            stay_nights_min: self.min_stay,
            stay_nights_max: self.max_stay,
        };
        if patch == StockPatch::default() {
            fields.refuse(format!("/ranges/{at}"), "empty", "must set something");
        }
        Some(RangeWish { room_type: room_type?, stay: days?, patch })
    }
}

fn of_type(of: &TypeNights) -> InventoryOfType {
    InventoryOfType {
        room_type: of.room_type.code.clone(),
        room_type_id: of.room_type.pool.to_string(),
        nights: of.nights.iter().map(|(day, cell)| night(*day, cell)).collect(),
    }
}

fn night(day: Day, cell: &Cell) -> InventoryNight {
    let rules = cell.restrictions;
    InventoryNight {
        date: day.to_string(),
        capacity: cell.stock.capacity,
        blocked: cell.stock.blocked,
        out_of_order: cell.stock.out_of_order,
        overbook_bp: cell.stock.overbook_bp,
        limit: cell.limit_units,
        held: cell.held,
        sold: cell.sold,
        rooms_left: cell.free_units().max(0),
        is_oversold: cell.oversold,
        closed: rules.closed,
        closed_to_arrival: rules.closed_to_arrival,
        closed_to_departure: rules.closed_to_departure,
        min_stay: rules.stay_nights_min,
        max_stay: rules.stay_nights_max,
        version: cell.version,
    }
}
