//! Bare holds for integrators who keep the reservation elsewhere: place, confirm, release.
//!
//! A hold is placed at most once per `Idempotency-Key`. A request without one is known by its
//! `reservationId`: that reference names one hold for as long as the hold lives.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::alternatives::Missed;
use vacancy_app::desk::command::{Answer, Outcome};
use vacancy_app::errors::Error;
use vacancy_app::holds::{HoldKey, HoldWish};
use vacancy_domain::ids::HoldId;
use vacancy_domain::prices::Terms;
use vacancy_domain::refusals::Refusal;
use vacancy_store::faults::Fault;

use super::auth::Caller;
use super::fields::{self, Fields, instant};
use super::idempotency;
use super::json::JsonBody;
use super::problem::Problem;
use super::reservation_asks::check_rooms;
use super::reservation_views::seconds_until;
use super::reservations::{TAG, no_hotel};
use super::test_mode::{self, Forced};
use super::why_not;
use crate::state::AppState;

/// Longest reason of a release.
const REASON_CHARACTERS_MAX: usize = 500;

/// Rooms to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "reservationId": "R789",
    "hotelId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
    "checkInDate": "2027-03-10",
    "checkOutDate": "2027-03-12",
    "rooms": {"DELUXE": 2, "STANDARD": 1}
}))]
pub struct HoldAsk {
    /// Your own reference, compared again at confirm and release.
    #[schema(max_length = 255)]
    reservation_id: Option<String>,
    #[schema(format = Uuid)]
    hotel_id: String,
    #[schema(format = Date)]
    check_in_date: String,
    /// Not slept.
    #[schema(format = Date)]
    check_out_date: String,
    /// Units by room type code.
    rooms: BTreeMap<String, i64>,
}

/// A hold to confirm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "holdId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd", "reservationId": "R789"
}))]
pub struct HoldConfirmAsk {
    #[schema(format = Uuid)]
    hold_id: String,
    #[schema(max_length = 255)]
    reservation_id: Option<String>,
}

/// A hold to give up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "holdId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
    "reservationId": "R789",
    "reason": "PAYMENT_FAILED"
}))]
pub struct HoldReleaseAsk {
    #[schema(format = Uuid)]
    hold_id: String,
    #[schema(max_length = 255)]
    reservation_id: Option<String>,
    /// For the log.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// A hold as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HoldView {
    hold_id: String,
    /// Your own reference; empty when none was given.
    #[schema(example = "R789")]
    reservation_id: String,
    /// `HELD`, `CONFIRMED`, `RELEASED`, `EXPIRED` or `RETURNED`.
    #[schema(example = "HELD")]
    status: String,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(example = 600)]
    expires_in_seconds: i64,
}

/// Hold rooms
///
/// Keeps every room for every night, or none. Needs `Idempotency-Key`, or `reservationId` in its
/// place: then the reference names one hold for as long as that hold lives.
#[utoipa::path(
    post, path = "/v1/inventory/hold", tag = TAG, operation_id = "holdInventory",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this request."),
        (
            "Vacancy-Test" = Option<String>, Header,
            description = "Of a business in test mode only: `sold_out`."
        ),
    ),
    request_body = HoldAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Held", body = HoldView,
            headers(("Idempotency-Replayed" = String, description = "`true` on a repeated answer.")),
            example = json!({
                "holdId": "0192f3a4-b5c7-7d8e-9f01-23456789abcd",
                "reservationId": "R789",
                "status": "HELD",
                "expiresAt": "2027-01-01T12:10:00.000Z",
                "expiresInSeconds": 600
            })),
        (status = 400, description = "Malformed, or `idempotency_key_required`"),
        (status = 409, description = "`sold_out` and other codes of \"Why not\" with `reasons` by \
            room type and `alternatives`; `request_in_flight`"),
        (status = 422, description = "Well formed and impossible, or `idempotency_key_reused`"),
    )
)]
pub async fn hold(
    State(state): State<AppState>,
    Caller(actor): Caller,
    headers: HeaderMap,
    body: JsonBody<HoldAsk>,
) -> Result<Response, Problem> {
    let hash = body.hash();
    let given = idempotency::key(&headers, &actor, "hold", &hash)?;
    let mut wish = body.value.into_wish(HoldKey::Reference {
        scope: format!("hold {}", idempotency::scope(&actor)),
        body_hash: hash,
    })?;
    match given {
        Some(key) => wish.key = HoldKey::Given(key),
        None if wish.reference.is_empty() => {
            let detail = "send `Idempotency-Key`, or a reservationId that names the hold";
            let code = "idempotency_key_required";
            return Err(
                Problem::new(StatusCode::BAD_REQUEST, code, detail).blaming(idempotency::HEADER)
            );
        }
        None => {}
    }
    let on = (wish.hotel, wish.stay);
    let held = match test_mode::rooms(&state, &headers, on, Forced::OF_ROOMS).await? {
        None => state.bookings.hold(&actor, &wish).await,
        Some(test) => {
            let reasons = test.sold_out(wish.rooms.keys().map(String::as_str));
            Err(Error::Refused(Refusal::Unavailable { reasons }))
        }
    };
    match held {
        Ok(answer) => {
            let is_replay = answer.is_replay;
            let body = view(answer)?;
            let response = (StatusCode::CREATED, Json(body)).into_response();
            Ok(idempotency::marked(response, is_replay))
        }
        Err(Error::Refused(Refusal::Unavailable { reasons })) => {
            let offer = state.bookings.offer(wish.hotel, wish.stay).await?;
            let HoldWish { hotel, stay, rooms, .. } = wish;
            let (children, terms) = (Vec::new(), Terms::default());
            let missed = Missed { hotel, stay, rooms, adults: 1, children, terms };
            Err(why_not::problem(&state, &missed, &offer.room_types, reasons).await)
        }
        Err(error) => Err(no_hotel(error)),
    }
}

/// Confirm a hold
///
/// Sells what is held. Confirming twice changes nothing.
#[utoipa::path(
    post, path = "/v1/inventory/confirm", tag = TAG, operation_id = "confirmHold",
    request_body = HoldConfirmAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Confirmed", body = HoldView),
        (status = 409, description = "`mismatch` of the reference, `invalid_transition`"),
        (status = 410, description = "`hold_expired`"),
    )
)]
pub async fn confirm(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<HoldConfirmAsk>,
) -> Result<Json<HoldView>, Problem> {
    let mut fields = Fields::new();
    let (hold, reference) = named(&mut fields, &body.value.hold_id, body.value.reservation_id);
    let Some(hold) = hold.filter(|_| fields.is_fine()) else { return Err(fields.problem()) };
    let answer = state.bookings.confirm_hold(&actor, hold, reference).await?;
    Ok(Json(view(answer)?))
}

/// Release a hold
///
/// Gives up what is held; of a confirmed hold, all nights go back and it is `RETURNED`. Releasing
/// twice changes nothing.
#[utoipa::path(
    post, path = "/v1/inventory/release", tag = TAG, operation_id = "releaseHold",
    request_body = HoldReleaseAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Released or returned", body = HoldView),
        (status = 409, description = "`mismatch` of the reference"),
        (status = 410, description = "`hold_expired`"),
    )
)]
pub async fn release(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<HoldReleaseAsk>,
) -> Result<Json<HoldView>, Problem> {
    let mut fields = Fields::new();
    let (hold, reference) = named(&mut fields, &body.value.hold_id, body.value.reservation_id);
    let reason = body.value.reason.unwrap_or_default();
    let reason = fields.long_text("/reason", &reason, REASON_CHARACTERS_MAX);
    let (Some(hold), Some(reason), true) = (hold, reason, fields.is_fine()) else {
        return Err(fields.problem());
    };
    tracing::info!(hold.id = %hold, reason = reason.as_str(), "release of hold {hold} asked");
    let answer = state.bookings.release_hold(&actor, hold, reference, reason).await?;
    Ok(Json(view(answer)?))
}

impl HoldAsk {
    fn into_wish(self, key: HoldKey) -> Result<HoldWish, Problem> {
        let mut fields = Fields::new();
        let hotel = fields.id("/hotelId", &self.hotel_id);
        let stay = fields
            .stay(("/checkInDate", &self.check_in_date), ("/checkOutDate", &self.check_out_date));
        check_rooms(&mut fields, self.rooms.iter().map(|(code, units)| (code, *units)));
        let reference = reference(&mut fields, self.reservation_id).unwrap_or_default();
        match (hotel, stay) {
            (Some(hotel), Some(stay)) if fields.is_fine() => {
                Ok(HoldWish { hotel, stay, rooms: self.rooms, reference, key })
            }
            _ => Err(fields.problem()),
        }
    }
}

fn reference(fields: &mut Fields, text: Option<String>) -> Option<String> {
    fields.text("/reservationId", &text?, fields::TEXT_CHARACTERS_MAX)
}

fn named(
    fields: &mut Fields,
    hold: &str,
    reservation: Option<String>,
) -> (Option<HoldId>, Option<String>) {
    (fields.id("/holdId", hold), reference(fields, reservation))
}

fn view(answer: Answer) -> Result<HoldView, Problem> {
    let held = match answer.outcome {
        Outcome::Held(held) => held,
        Outcome::Booked(_)
        | Outcome::RefundAsked(_)
        | Outcome::Reservation(_)
        | Outcome::Known(_)
        | Outcome::Done => {
            return Err(Fault::internal("answer for a bare hold").into());
        }
    };
    Ok(HoldView {
        hold_id: held.hold.to_string(),
        reservation_id: held.reference,
        status: held.state.word().to_ascii_uppercase(),
        expires_at: instant(held.expires_at_ms),
        expires_in_seconds: seconds_until(held.expires_at_ms, held.decided_at_ms),
    })
}
