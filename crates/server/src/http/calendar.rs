//! A hotel day by day, as a guest sees it: the cheapest price, whether there is room, and the rules
//! of stays that arrive. The business's own calendar stands in `inventory`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vacancy_app::calendar::{self, CalendarDay};
use vacancy_domain::holds::LINE_UNITS_MAX;
use vacancy_domain::hotels::ROOM_GUESTS_MAX;
use vacancy_domain::money::{Currency, Money};

use super::auth::Caller;
use super::fields::{self, Amount, Fields, instant};
use super::listing_asks::ADULTS;
use super::locations::TAG;
use super::path::Path;
use super::problem::Problem;
use super::query::Query;
use crate::state::AppState;

/// Which days, for how many.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CalendarAsk {
    /// The first day.
    #[param(format = Date, example = "2027-03-01")]
    from: String,
    /// The day after the last, at most 400 days after `from`.
    #[param(format = Date, example = "2027-04-01")]
    to: String,
    /// In one room.
    #[param(minimum = 1, default = 2)]
    adults: Option<i64>,
}

/// Days of a hotel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarView {
    hotel_id: String,
    #[schema(example = "EUR")]
    currency: String,
    #[schema(format = DateTime)]
    as_of: String,
    days: Vec<CalendarDayView>,
}

/// One night.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarDayView {
    #[schema(format = Date, example = "2027-03-10")]
    date: String,
    /// Some room type that takes the guests sells this night.
    open: bool,
    /// One room of the cheapest of them, before tax; null when none does.
    #[schema(required = true)]
    cheapest_price: Option<Amount>,
    /// Over all of them.
    rooms_left: i64,
    /// No stay may begin here.
    closed_to_arrival: bool,
    /// No stay may end here.
    closed_to_departure: bool,
    /// Nights that a stay arriving here must have; null for no rule.
    #[schema(required = true)]
    min_stay: Option<i64>,
    #[schema(required = true)]
    max_stay: Option<i64>,
}

/// A hotel day by day
#[utoipa::path(
    get, path = "/v1/hotels/{id}/calendar", tag = TAG, operation_id = "getCalendar",
    params(("id" = String, Path, description = "The hotel."), CalendarAsk),
    security((), ("bearer" = [])),
    responses((status = 200, description = "Every day", body = CalendarView, example = json!({
        "hotelId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
        "currency": "EUR",
        "asOf": "2027-01-01T12:00:00.000Z",
        "days": [{
            "date": "2027-03-10",
            "open": true,
            "cheapestPrice": {"amount": 8_000, "currency": "EUR"},
            "roomsLeft": 6,
            "closedToArrival": false,
            "closedToDeparture": false,
            "minStay": 2,
            "maxStay": null
        }]
    })))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Query(ask): Query<CalendarAsk>,
) -> Result<Json<CalendarView>, Problem> {
    let id = fields::path_id(&id)?;
    let mut fields = Fields::new();
    let days = fields.days(("from", &ask.from), ("to", &ask.to));
    let guests_max = LINE_UNITS_MAX * ROOM_GUESTS_MAX;
    let adults = fields.whole("adults", ask.adults.unwrap_or(ADULTS), 1..=guests_max);
    let (Some(days), Some(adults)) = (days, adults) else { return Err(fields.problem()) };
    let found = calendar::days(&state.db, &actor, id, days, adults).await?;
    Ok(Json(CalendarView {
        hotel_id: id.to_string(),
        currency: found.currency.code().to_owned(),
        as_of: instant(found.as_of_ms),
        days: found.days.iter().map(|day| view(day, found.currency)).collect(),
    }))
}

fn view(day: &CalendarDay, currency: Currency) -> CalendarDayView {
    CalendarDayView {
        date: day.day.to_string(),
        open: day.is_open,
        cheapest_price: day.cheapest_minor.map(|minor| Money::new(minor, currency).into()),
        rooms_left: day.rooms_left,
        closed_to_arrival: day.closed_to_arrival,
        closed_to_departure: day.closed_to_departure,
        min_stay: day.stay_nights_min,
        max_stay: day.stay_nights_max,
    }
}
