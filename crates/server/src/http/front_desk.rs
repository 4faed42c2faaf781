//! The front desk's part of a stay: check-in with rooms, check-out, no-show, and the list of the
//! day. Who may is checked by `app`.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_domain::ids::ReservationId;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::rooms::Assignment;

use super::auth::Caller;
use super::fields::{self, Fields};
use super::idempotency;
use super::optional_body::{Nothing, OptionalBody};
use super::path::Path;
use super::problem::Problem;
use super::reservation_changes::answer;
use super::reservation_views::{self as views, ReservationSummary, ReservationView};
use super::reservations::TAG;
use crate::state::AppState;

/// Most rooms that one check-in may name.
const ASSIGNMENTS_MAX: usize = 1_000;

/// An arrival.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"rooms": [
    {"lineId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd", "unit": 1, "roomNumber": "101"}
]}))]
pub struct CheckInAsk {
    /// A room for each unit, now or later; none leaves all for later.
    rooms: Option<Vec<AssignmentAsk>>,
}

/// A room for one unit of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssignmentAsk {
    #[schema(format = Uuid)]
    line_id: String,
    /// Counted from 1; each one once.
    #[schema(minimum = 1)]
    unit: Option<i64>,
    /// Any free one when left out.
    #[schema(example = "101")]
    room_number: Option<String>,
}

/// The front desk's day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Today {
    /// The day at the hotel.
    #[schema(format = Date)]
    date: String,
    /// Confirmed guests who should be here by now.
    arrivals: Vec<ReservationSummary>,
    /// Checked in and staying on.
    in_house: Vec<ReservationSummary>,
    /// Checked in and due to leave, or overdue.
    departures: Vec<ReservationSummary>,
    /// Who has left today.
    departed: Vec<ReservationSummary>,
}

/// Check in
///
/// From the day of arrival on. Again with more rooms assigns the rest.
#[utoipa::path(
    post, path = "/v1/reservations/{id}/check-in", tag = TAG, operation_id = "checkIn",
    params(
        ("id" = String, Path, description = "The reservation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this request."),
    ),
    request_body = Option<CheckInAsk>,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The reservation as it is now", body = ReservationView),
        (status = 409, description = "`too_soon`, `no_room_free`, `room_taken`, `mismatch`, \
            `invalid_transition`, `request_in_flight`"),
        (status = 422, description = "`unknown_room`, `room_of_other_type`, `too_many_units`"),
    )
)]
pub async fn check_in(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: OptionalBody<CheckInAsk>,
) -> Result<Response, Problem> {
    let id: ReservationId = fields::path_id(&id)?;
    let rooms = body.value.into_assignments()?;
    let key = idempotency::key(&headers, &actor, &format!("check-in {id}"), &body.hash)?;
    let (_, is_replay) = state.bookings.check_in(&actor, id, rooms, key).await?;
    answer(&state, &actor, id, is_replay).await
}

/// Check out
///
/// Nights that are left are given back.
#[utoipa::path(
    post, path = "/v1/reservations/{id}/check-out", tag = TAG, operation_id = "checkOut",
    params(
        ("id" = String, Path, description = "The reservation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this request."),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The reservation as it is now", body = ReservationView),
        (status = 409, description = "`invalid_transition`, `request_in_flight`"),
    )
)]
pub async fn check_out(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: OptionalBody<Nothing>,
) -> Result<Response, Problem> {
    let id: ReservationId = fields::path_id(&id)?;
    let Nothing {} = body.value;
    let key = idempotency::key(&headers, &actor, &format!("check-out {id}"), &body.hash)?;
    let (_, is_replay) = state.bookings.check_out(&actor, id, key).await?;
    answer(&state, &actor, id, is_replay).await
}

/// The guest did not come
///
/// From the day of arrival on. All nights are given back.
#[utoipa::path(
    post, path = "/v1/reservations/{id}/no-show", tag = TAG, operation_id = "noShow",
    params(
        ("id" = String, Path, description = "The reservation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this request."),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The reservation as it is now", body = ReservationView),
        (status = 409, description = "`too_soon`, `invalid_transition`, `request_in_flight`"),
    )
)]
pub async fn no_show(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: OptionalBody<Nothing>,
) -> Result<Response, Problem> {
    let id: ReservationId = fields::path_id(&id)?;
    let Nothing {} = body.value;
    let key = idempotency::key(&headers, &actor, &format!("no-show {id}"), &body.hash)?;
    let (_, is_replay) = state.bookings.no_show(&actor, id, key).await?;
    answer(&state, &actor, id, is_replay).await
}

/// Arrivals, guests in house and departures of the day
#[utoipa::path(
    get, path = "/v1/hotels/{id}/today", tag = TAG, operation_id = "getToday",
    params(("id" = String, Path, description = "The hotel.")),
    security(("bearer" = [])),
    responses((status = 200, description = "The front desk's day", body = Today))
)]
pub async fn today(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Today>, Problem> {
    let day = state.bookings.day(&actor, fields::path_id(&id)?).await?;
    let list = |reservations: &[Reservation]| {
        reservations.iter().map(|reservation| views::summary(reservation, &actor)).collect()
    };
    Ok(Json(Today {
        date: day.today.to_string(),
        arrivals: list(&day.arrivals),
        in_house: list(&day.in_house),
        departures: list(&day.departures),
        departed: list(&day.departed),
    }))
}

impl CheckInAsk {
    fn into_assignments(self) -> Result<Vec<Assignment>, Problem> {
        let mut fields = Fields::new();
        let rooms = self.rooms.unwrap_or_default();
        if ASSIGNMENTS_MAX < rooms.len() {
            let detail = format!("must be at most {ASSIGNMENTS_MAX}");
            fields.refuse("/rooms", "too_many", detail);
            return Err(fields.problem());
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut assignments = Vec::with_capacity(rooms.len());
        for (at, room) in rooms.into_iter().enumerate() {
            let line = fields.id(&format!("/rooms/{at}/lineId"), &room.line_id);
            if let Some(unit) = room.unit {
                let pointer = format!("/rooms/{at}/unit");
                fields.whole(&pointer, unit, 1..=fields::UNITS_MAX);
                if !seen.insert((room.line_id, unit)) {
                    fields.refuse(pointer, "duplicate", "stands twice");
                }
            }
            let number = room.room_number.as_ref().and_then(|number| {
                let pointer = format!("/rooms/{at}/roomNumber");
                fields.text(&pointer, number, vacancy_domain::hotels::ROOM_NUMBER_CHARS_MAX)
            });
            assignments.extend(line.map(|line| Assignment { line, number }));
        }
        fields.finish()?;
        Ok(assignments)
    }
}
