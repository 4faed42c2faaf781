//! What is free: for one hotel with every reason why not and what could be had instead, for many
//! with a yes or no. As old as it says; only a booking is sure.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vacancy_app::alternatives::{self, Alternative};
use vacancy_app::availability::{self, Ask, BATCH_HOTELS_MAX, TypeOutlook};
use vacancy_app::errors::Error;
use vacancy_domain::hotels::Party;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::stays::Stay;

use super::auth::Caller;
use super::fields::{Amount, Fields, instant};
use super::json::JsonBody;
use super::listing_asks::{ADULTS, ROOM_COUNT};
use super::locations::TAG;
use super::problem::Problem;
use super::refusals;
use super::reservations::no_hotel;
use super::tariffs;
use crate::state::AppState;

/// What is asked of one hotel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "hotelId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
    "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
    "adults": 2, "children": [4], "roomCount": 1
}))]
pub struct AvailabilityAsk {
    #[schema(format = Uuid)]
    hotel_id: String,
    #[schema(format = Date)]
    check_in_date: String,
    /// Not slept.
    #[schema(format = Date)]
    check_out_date: String,
    /// In all rooms together; 2 when left out.
    #[schema(minimum = 1)]
    adults: Option<i64>,
    /// Ages in years.
    children: Option<Vec<i64>>,
    /// 1 when left out.
    #[schema(minimum = 1, maximum = 50)]
    room_count: Option<i64>,
    /// Codes; all when left out.
    room_types: Option<Vec<String>>,
    /// Code of a rate plan; the standard rate when left out.
    #[schema(max_length = 32)]
    rate_plan: Option<String>,
}

/// What of a hotel can be had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AvailabilityView {
    hotel_id: String,
    #[schema(format = Date)]
    check_in_date: String,
    #[schema(format = Date)]
    check_out_date: String,
    #[schema(format = DateTime)]
    as_of: String,
    /// In the order of their codes.
    room_types: Vec<AvailabilityOfType>,
}

/// Whether a room type can be had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AvailabilityOfType {
    #[schema(example = "DELUXE")]
    room_type: String,
    name: String,
    available: bool,
    /// Free on every night; 0 when a rule is against the stay.
    #[schema(example = 3)]
    rooms_left: i64,
    /// Why not: codes with their data.
    #[schema(value_type = Vec<WhyNot>)]
    reasons: Vec<Map<String, Value>>,
    /// What could be had instead.
    alternatives: Vec<AvailableInstead>,
}

/// One reason; `dates`, `nights`, `max`, `roomsLeft` or `maxAdvanceDays` stand beside its code.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the document shows its shape; `refusals` makes it")]
pub struct WhyNot {
    #[schema(example = "partly_sold_out")]
    code: String,
}

/// Rooms that could be had instead.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AvailableInstead {
    #[schema(format = Date)]
    check_in_date: String,
    #[schema(format = Date)]
    check_out_date: String,
    /// Units by room type code.
    rooms: BTreeMap<String, i64>,
    /// Other rooms for the rest of the nights, as a second booking; left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<AvailableThen>,
    /// Of all of it, with tax.
    final_price: Amount,
}

/// Rooms after a change of room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AvailableThen {
    #[schema(format = Date)]
    check_in_date: String,
    #[schema(format = Date)]
    check_out_date: String,
    /// Units by room type code.
    rooms: BTreeMap<String, i64>,
}

impl From<&Alternative> for AvailableInstead {
    fn from(found: &Alternative) -> AvailableInstead {
        let then = |(stay, rooms): &(Stay, BTreeMap<String, i64>)| AvailableThen {
            check_in_date: stay.first_day.to_string(),
            check_out_date: stay.end_day.to_string(),
            rooms: rooms.clone(),
        };
        AvailableInstead {
            check_in_date: found.stay.first_day.to_string(),
            check_out_date: found.stay.end_day.to_string(),
            rooms: found.rooms.clone(),
            then: found.then.as_ref().map(then),
            final_price: found.total.into(),
        }
    }
}

/// What is asked of many hotels.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "hotelIds": ["0192f3a4-b5c6-7d8e-9f01-23456789abcd"],
    "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12"
}))]
pub struct HotelsAndStay {
    #[schema(min_items = 1, max_items = 200)]
    hotel_ids: Vec<String>,
    #[schema(format = Date)]
    check_in_date: String,
    /// Not slept.
    #[schema(format = Date)]
    check_out_date: String,
}

/// Yes or no, by hotel.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityBatch {
    /// By hotel id. A hotel that is not there is left out.
    availability: BTreeMap<String, IsAvailable>,
}

/// Yes or no.
#[derive(Debug, Serialize, ToSchema)]
pub struct IsAvailable {
    available: bool,
}

/// Ask what a hotel has free
///
/// Room type by room type, with every reason why not, and for those what could be had instead.
#[utoipa::path(
    post, path = "/v1/availability", tag = TAG, operation_id = "askAvailability",
    request_body = AvailabilityAsk,
    security((), ("bearer" = [])),
    responses(
        (status = 200, description = "Every room type that was asked", body = AvailabilityView,
            example = json!({
                "hotelId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
                "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
                "asOf": "2027-01-01T12:00:00.000Z",
                "roomTypes": [{
                    "roomType": "DELUXE", "name": "Deluxe double room", "available": false,
                    "roomsLeft": 0,
                    "reasons": [
                        {"code": "partly_sold_out", "dates": ["2027-03-11"], "roomsLeft": 0}
                    ],
                    "alternatives": [{
                        "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
                        "rooms": {"STANDARD": 1},
                        "finalPrice": {"amount": 16_960, "currency": "EUR"}
                    }]
                }]
            })),
        (status = 422, description = "`check_out_before_check_in`, `stay_in_the_past`, \
            `stay_too_long`, `unknown_room_type`, `out_of_range`")
    )
)]
pub async fn ask(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<AvailabilityAsk>,
) -> Result<Json<AvailabilityView>, Problem> {
    let ask = body.value.into_ask()?;
    let seen = availability::ask(&state.db, &actor, &ask).await;
    let seen = seen.map_err(refused)?;
    let instead = alternatives::of_types(&state.db, &ask, &seen.types).await?;
    let types = seen.types.iter().zip(instead);
    Ok(Json(AvailabilityView {
        hotel_id: ask.property.to_string(),
        check_in_date: ask.stay.first_day.to_string(),
        check_out_date: ask.stay.end_day.to_string(),
        as_of: instant(seen.as_of_ms),
        room_types: types.map(|(seen, instead)| of_type(seen, &instead)).collect(),
    }))
}

/// Ask many hotels at once
///
/// Whether two adults find one room in each.
#[utoipa::path(
    post, path = "/v1/availability/batch", tag = TAG, operation_id = "askAvailabilityBatch",
    request_body = HotelsAndStay,
    security((), ("bearer" = [])),
    responses((status = 200, description = "Yes or no, by hotel", body = AvailabilityBatch,
        example = json!({
            "availability": {"0192f3a4-b5c6-7d8e-9f01-23456789abcd": {"available": true}}
        })))
)]
pub async fn ask_batch(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<HotelsAndStay>,
) -> Result<Json<AvailabilityBatch>, Problem> {
    let (hotels, stay) = body.value.read()?;
    let found = availability::ask_batch(&state.db, &actor, &hotels, stay).await?;
    let told = found.into_iter().map(|(id, available)| (id.to_string(), IsAvailable { available }));
    Ok(Json(AvailabilityBatch { availability: told.collect() }))
}

impl AvailabilityAsk {
    fn into_ask(self) -> Result<Ask, Problem> {
        let mut fields = Fields::new();
        let property = fields.id("/hotelId", &self.hotel_id);
        let stay = fields
            .stay(("/checkInDate", &self.check_in_date), ("/checkOutDate", &self.check_out_date));
        let terms = tariffs::terms(&mut fields, self.rate_plan, None);
        let (Some(property), Some(stay)) = (property, stay) else { return Err(fields.problem()) };
        fields.finish()?;
        let party = Party {
            adults: self.adults.unwrap_or(ADULTS),
            children: self.children.unwrap_or_default(),
            room_count: self.room_count.unwrap_or(ROOM_COUNT),
        };
        Ok(Ask { property, stay, party, room_types: self.room_types, terms })
    }
}

impl HotelsAndStay {
    /// # Errors
    /// Every field that cannot be what it is.
    pub fn read(self) -> Result<(Vec<PropertyId>, Stay), Problem> {
        let mut fields = Fields::new();
        if self.hotel_ids.is_empty() {
            fields.refuse("/hotelIds", "empty", "must name a hotel");
        }
        if BATCH_HOTELS_MAX < self.hotel_ids.len() {
            fields.refuse("/hotelIds", "too_many", format!("must be at most {BATCH_HOTELS_MAX}"));
            return Err(fields.problem());
        }
        let ids = self.hotel_ids.iter().enumerate();
        let ids = ids.filter_map(|(at, id)| fields.id(&format!("/hotelIds/{at}"), id)).collect();
        let stay = fields
            .stay(("/checkInDate", &self.check_in_date), ("/checkOutDate", &self.check_out_date));
        match stay {
            Some(stay) if fields.is_fine() => Ok((ids, stay)),
            Some(_) | None => Err(fields.problem()),
        }
    }
}

/// A question about what is not there, blamed on the field that names it.
pub(super) fn refused(error: Error) -> Problem {
    if let Error::Refused(Refusal::UnknownRoomType { code }) = &error {
        let detail = format!("the hotel has no room type {code}");
        let mut fields = Fields::new();
        fields.refuse_impossible("/roomTypes", "unknown_room_type", detail);
        return fields.problem();
    }
    no_hotel(error)
}

fn of_type(seen: &TypeOutlook, instead: &[Alternative]) -> AvailabilityOfType {
    AvailabilityOfType {
        room_type: seen.room_type.code.clone(),
        name: seen.room_type.name.clone(),
        available: seen.outlook.is_available(),
        rooms_left: seen.outlook.rooms_left,
        reasons: seen.outlook.reasons.iter().map(refusals::reason).collect(),
        alternatives: instead.iter().map(AvailableInstead::from).collect(),
    }
}
