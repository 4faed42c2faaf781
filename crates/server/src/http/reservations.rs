//! Reservations: booked, read, found again by code, listed, edited. Parses at the edge, calls one
//! use case, renders its answer.

use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::ToSchema;
use vacancy_app::alternatives::Missed;
use vacancy_app::desk::command::Booked;
use vacancy_app::errors::Error;
use vacancy_app::quotes;
use vacancy_app::reservations::book::BookingWish;
use vacancy_domain::money::Money;
use vacancy_domain::refusals::Refusal;

use super::arrival::Arrived;
use super::auth::Caller;
use super::fields::{self, Fields};
use super::idempotency;
use super::json::JsonBody;
use super::limits::Source;
use super::path::Path;
use super::problem::{Problem, ProblemBody};
use super::reservation_asks::{BookingAsk, EditAsk};
use super::reservation_views::{self as views, BookedReservation, ReservationView};
use super::test_mode::{self, Forced, Test};
use super::{versions, why_not};
use crate::metrics;
use crate::state::AppState;

pub const TAG: &str = "Book";

/// How long after a booking its guest token is given again with a repeated answer.
const TOKEN_SHOWN_MS: i64 = 24 * 60 * 60 * 1000;
/// What is left of a request's time for its answer, once the desk has had its part.
const ANSWER_MS: u64 = 1_000;

/// What a guest knows of a reservation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LookUpAsk {
    /// In any case, with or without its dash.
    #[schema(example = "7K2QM-4XBT9")]
    code: String,
    /// The one it was booked with.
    #[schema(example = "ana@example.com")]
    email: String,
}

/// Book rooms
///
/// Holds every room for every night, or none, and makes the reservation. The rooms are kept for
/// some minutes; pay, or confirm, before `inventoryHold.expiresAt`. Repeat a request whose answer
/// was lost: the same `requestId` gives the same reservation, with `Idempotency-Replayed: true`.
#[utoipa::path(
    post, path = "/v1/reservations", tag = TAG, operation_id = "createReservation",
    params((
        "Vacancy-Test" = Option<String>, Header,
        description = "Of a business in test mode only: `sold_out` or `price_changed`."
    )),
    request_body = BookingAsk,
    security((), ("bearer" = [])),
    responses(
        (status = 201, description = "Booked, and kept until paid", body = BookedReservation,
            headers(
                ("Location" = String, description = "The reservation."),
                ("Idempotency-Replayed" = String, description = "`true` on a repeated answer.")
            ),
            example = json!({
                "reservationId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
                "code": "7K2QM-4XBT9",
                "guestToken": "vg_AZL…",
                "status": "PENDING_PAYMENT",
                "inventoryHold": {
                    "holdId": "0192f3a4-b5c7-7d8e-9f01-23456789abcd",
                    "expiresAt": "2027-01-01T12:10:00.000Z",
                    "expiresInSeconds": 600
                },
                "price": {
                    "lines": [{
                        "lineId": "0192f3a4-b5c8-7d8e-9f01-23456789abcd",
                        "roomType": "DELUXE", "units": 2,
                        "totalPrice": {"amount": 48_000, "currency": "EUR"}
                    }],
                    "totalPrice": {"amount": 48_000, "currency": "EUR"},
                    "taxes": [{
                        "name": "tax", "basisPoints": 600,
                        "amount": {"amount": 2_880, "currency": "EUR"}
                    }],
                    "fees": [],
                    "finalPrice": {"amount": 50_880, "currency": "EUR"},
                    "dueAtProperty": {"amount": 0, "currency": "EUR"}
                },
                "policy": {
                    "code": "FLEX48",
                    "description": "Flexible: cancellation free at first, the first night from \
                        48 hours before check-in on; no-show the whole price.",
                    "freeUntil": "2027-03-08T15:00:00.000Z",
                    "timeline": [
                        {
                            "from": null,
                            "penalty": {"amount": 0, "currency": "EUR"},
                            "refund": {"amount": 50_880, "currency": "EUR"}
                        },
                        {
                            "from": "2027-03-08T15:00:00.000Z",
                            "penalty": {"amount": 25_440, "currency": "EUR"},
                            "refund": {"amount": 25_440, "currency": "EUR"}
                        }
                    ],
                    "noShow": {"amount": 50_880, "currency": "EUR"}
                },
                "links": {
                    "pay": {"href": "/v1/payments/order", "method": "POST"},
                    "self": {
                        "href": "/v1/reservations/0192f3a4-b5c6-7d8e-9f01-23456789abcd",
                        "method": "GET"
                    }
                }
            })),
        (status = 409, description = "`sold_out` and other codes of \"Why not\" with `reasons` by \
            room type and `alternatives`; `price_changed` with `agreed` and `current`, \
            and with `currentPrice` and `agreedPrice` in all their parts; \
            `request_in_flight`",
            body = ProblemBody, content_type = "application/problem+json", example = json!({
                "type": "urn:vacancy:problem:sold_out",
                "title": "Sold out",
                "status": 409,
                "code": "sold_out",
                "detail": "not to be had for these dates; nothing was taken",
                "traceId": "0af7651916cd43dd8448eb211c80319c",
                "reasons": [{
                    "roomType": "DELUXE",
                    "roomTypeId": "0192f3a4-b5c9-7d8e-9f01-23456789abcd",
                    "code": "partly_sold_out",
                    "dates": ["2027-03-11"],
                    "roomsLeft": 1
                }],
                "alternatives": [{
                    "checkInDate": "2027-03-10",
                    "checkOutDate": "2027-03-12",
                    "rooms": {"STANDARD": 2},
                    "finalPrice": {"amount": 33_920, "currency": "EUR"}
                }]
            })),
        (status = 404, description = "`quote_not_found`"),
        (status = 410, description = "`quote_expired`"),
        (status = 422, description = "`stay_in_the_past`, `stay_too_long`, `too_many_units`, \
            `unknown_room_type`, `unknown_promo_code`, `check_out_before_check_in`, \
            `idempotency_key_reused`"),
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    arrived: Option<Extension<Arrived>>,
    headers: HeaderMap,
    body: JsonBody<BookingAsk>,
) -> Result<Response, Problem> {
    let mut watch = Watch::since(arrived.map(|Extension(Arrived(at))| at));
    let hash = body.hash();
    let mut wish = match body.value.quote()? {
        Some(id) => {
            let named = quotes::named(&state.db, id).await?;
            body.value.into_wish_for(named, hash)?
        }
        None => body.value.into_wish(hash)?,
    };
    let patience_ms = state.config.http.request_ms_max.saturating_sub(ANSWER_MS);
    wish.deadline = Some(Instant::now() + Duration::from_millis(patience_ms));
    watch.passed("read");
    let offer = state.bookings.offer(wish.hotel, wish.stay).await.map_err(no_hotel)?;
    watch.passed("offer");
    let on = (wish.hotel, wish.stay);
    let answer = match test_mode::rooms(&state, &headers, on, Forced::OF_BOOKINGS).await? {
        None => state.bookings.book_from(&actor, &wish, &offer).await,
        Some(test) => Err(Error::Refused(forced(&test, &wish))),
    };
    watch.passed("desk");
    match answer {
        Ok((booked, is_replay)) => {
            let token = guest_token(&state, &booked, is_replay).await?;
            let response = idempotency::marked(views::booked(&booked, token), is_replay);
            watch.passed("render");
            Ok(response)
        }
        Err(Error::Refused(Refusal::Unavailable { reasons })) => {
            let missed = Missed {
                hotel: wish.hotel,
                stay: wish.stay,
                rooms: wish.rooms,
                adults: wish.adults,
                children: wish.children,
                terms: wish.terms,
            };
            Err(why_not::problem(&state, &missed, &offer.room_types, reasons).await)
        }
        Err(Error::Refused(refusal @ Refusal::PriceChanged { .. })) => {
            Err(super::quotes::changed(&offer, &wish, &refusal))
        }
        Err(error) => Err(error.into()),
    }
}

/// What a test wants to hear of a wish. A changed price is one that was a cent less when agreed.
fn forced(test: &Test, wish: &BookingWish) -> Refusal {
    match (test.forced, test.offer.price_of(wish)) {
        (Forced::PriceChanged, Some(price)) => {
            let current = price.whole();
            let agreed = Money::new((current.minor - 1).max(0), current.currency);
            Refusal::PriceChanged { agreed, current }
        }
        (Forced::SoldOut | Forced::PriceChanged, _) => {
            let reasons = test.sold_out(wish.rooms.keys().map(String::as_str));
            Refusal::Unavailable { reasons }
        }
    }
}

/// Tells how long each part of a booking took.
struct Watch(std::time::Instant);

impl Watch {
    fn since(arrived: Option<std::time::Instant>) -> Watch {
        Watch(arrived.unwrap_or_else(std::time::Instant::now))
    }

    fn passed(&mut self, part: &'static str) {
        let now = std::time::Instant::now();
        metrics::booking_part(part, now - std::mem::replace(&mut self.0, now));
    }
}

/// A hotel that is not there, as the field that names it.
pub(super) fn no_hotel(error: Error) -> Problem {
    let is_missing = matches!(error, Error::NotFound);
    let problem = Problem::from(error);
    if is_missing { problem.blaming("/hotelId") } else { problem }
}

/// The token of a booking's first version, while the booking is fresh.
async fn guest_token(
    state: &AppState,
    booked: &Booked,
    is_replay: bool,
) -> Result<Option<String>, Problem> {
    if is_replay {
        let now_ms = state.db.read(|tx| Box::pin(async move { tx.now_ms().await })).await?;
        if booked.decided_at_ms.saturating_add(TOKEN_SHOWN_MS) < now_ms {
            return Ok(None);
        }
    }
    Ok(Some(state.secret().guest_token(booked.reservation, 1)))
}

/// A reservation
#[utoipa::path(
    get, path = "/v1/reservations/{id}", tag = TAG, operation_id = "getReservation",
    params(("id" = String, Path, description = "The reservation.")),
    security(("bearer" = [])),
    responses((status = 200, description = "The reservation", body = ReservationView,
        headers(("ETag" = String, description = "For `If-Match`."))))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let shown = state.bookings.show(&actor, fields::path_id(&id)?).await?;
    Ok(views::shown(&shown, &actor))
}

/// Find a reservation by its code
///
/// For a guest who has lost the way to it. A wrong code and a wrong e-mail address answer alike.
/// The answer brings a fresh `guestToken`.
#[utoipa::path(
    post, path = "/v1/reservations/lookup", tag = TAG, operation_id = "lookUpReservation",
    request_body = LookUpAsk,
    responses((status = 200, description = "The reservation", body = ReservationView,
        headers(("ETag" = String, description = "For `If-Match`."))))
)]
pub async fn look_up(
    State(state): State<AppState>,
    Extension(source): Extension<Source>,
    body: JsonBody<LookUpAsk>,
) -> Result<Response, Problem> {
    let mut fields = Fields::new();
    let code = fields.text("/code", &body.value.code, fields::TEXT_CHARACTERS_MAX);
    let email = fields.text("/email", &body.value.email, fields::EMAIL_CHARACTERS_MAX);
    let (Some(code), Some(email)) = (code, email) else { return Err(fields.problem()) };
    state.limits.check_lookup(source, &code)?;
    let shown = state.bookings.look_up(&code, &email).await?;
    let id = shown.reservation.id;
    let token = state.secret().guest_token(id, shown.token_version);
    let guest = vacancy_app::access::Actor::Guest { reservation: id };
    let view = views::view(&shown, &guest).with_guest_token(token);
    Ok(views::tagged(shown.reservation.version, view))
}

/// Change who comes
///
/// Needs `If-Match` with the `ETag` that was read.
#[utoipa::path(
    patch, path = "/v1/reservations/{id}", tag = TAG, operation_id = "editReservation",
    params(
        ("id" = String, Path, description = "The reservation."),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    request_body = EditAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The reservation as it is now", body = ReservationView,
            headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 409, description = "`invalid_transition`: it has ended"),
        (status = 412, description = "`stale`: it has changed since it was read"),
        (status = 428, description = "`precondition_required`: `If-Match` is missing"),
    )
)]
pub async fn edit(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody<EditAsk>,
) -> Result<Response, Problem> {
    let id = fields::path_id(&id)?;
    let shown = state.bookings.show(&actor, id).await?;
    let expected = versions::if_match(&headers)?;
    let known = shown.reservation;
    let (guest, requests) = body.value.over(known.guest, known.guest_requests)?;
    let version = expected.against(known.version);
    state.bookings.edit(&actor, id, guest, requests, version).await?;
    let shown = state.bookings.show(&actor, id).await?;
    Ok(views::shown(&shown, &actor))
}
