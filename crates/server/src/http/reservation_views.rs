//! Reservations on the wire. One function renders the answer to a booking from its outcome alone,
//! so that the first answer and every repeated one are the same. Nothing is decided here.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use vacancy_app::access::Actor;
use vacancy_app::desk::command::Booked;
use vacancy_app::reservations::Shown;
use vacancy_domain::ids::LineId;
use vacancy_domain::money::Money;
use vacancy_domain::payments::Payment;
use vacancy_domain::reservations::state::StayState;
use vacancy_domain::reservations::{Guest, Reservation, ReservedLine};
use vacancy_store::reservations::HistoryEntry;

use super::fields::{Amount, instant};
use super::policy_views::ReservationPolicy;
use super::reservation_links::{self, Links};
use super::reservation_prices::ReservationPrice;
use super::versions;

/// The answer to a booking.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookedReservation {
    reservation_id: String,
    /// For the guest, together with their e-mail address.
    #[schema(example = "7K2QM-4XBT9")]
    code: String,
    /// Opens this reservation only. Left out when the booking is older than a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    guest_token: Option<String>,
    #[schema(example = "PENDING_PAYMENT")]
    status: &'static str,
    inventory_hold: ReservationHold,
    price: ReservationPrice,
    policy: ReservationPolicy,
    links: Links,
}

/// Rooms that are kept until somebody pays.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationHold {
    hold_id: String,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(example = 600)]
    expires_in_seconds: i64,
}

/// A reservation with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationView {
    reservation_id: String,
    code: String,
    /// A fresh one, in the answer to a look-up only.
    #[serde(skip_serializing_if = "Option::is_none")]
    guest_token: Option<String>,
    hotel_id: String,
    hotel_name: String,
    /// Of a business that only tests: nobody sleeps there, and no money moves.
    test_mode: bool,
    #[schema(example = "Europe/Lisbon")]
    time_zone: String,
    /// Computed from the two states below.
    #[schema(example = "CONFIRMED")]
    status: &'static str,
    #[schema(example = "confirmed")]
    stay_state: &'static str,
    #[schema(example = "paid")]
    payment_state: &'static str,
    #[schema(format = Date)]
    check_in_date: String,
    #[schema(format = Date)]
    check_out_date: String,
    nights: i64,
    lines: Vec<ReservationLine>,
    adults: i64,
    /// Ages in years.
    children: Vec<i64>,
    /// Who comes, whoever booked first; empty while nobody said.
    guests: Vec<ReservationGuest>,
    requests: String,
    /// Null when nothing waits for payment.
    #[schema(required = true)]
    hold: Option<ReservationHold>,
    payments: Vec<ReservationPayment>,
    price: ReservationPrice,
    due: Amount,
    /// The part of it that is paid next: a deposit while the rooms are only held.
    due_now: Amount,
    paid: Amount,
    refunded: Amount,
    /// What the business let the guest off with refunds beyond what the guest was owed.
    allowance: Amount,
    /// What guests' banks took back, as things stand. It is not due again.
    charged_back: Amount,
    policy: ReservationPolicy,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(required = true, format = DateTime)]
    confirmed_at: Option<String>,
    version: i64,
    history: Vec<ReservationEvent>,
    links: Links,
}

/// Rooms of one type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationLine {
    line_id: String,
    room_type: String,
    units: i64,
    #[schema(format = Date)]
    check_in_date: String,
    #[schema(format = Date)]
    check_out_date: String,
    /// Numbers of the rooms assigned so far.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    room_numbers: Vec<String>,
}

/// Who comes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationGuest {
    full_name: String,
    email: String,
    phone: String,
}

/// One attempt to pay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationPayment {
    payment_id: String,
    payment_order_id: String,
    #[schema(example = "SANDBOX")]
    payment_provider: String,
    #[schema(example = "SUCCESS")]
    payment_status: &'static str,
    amount: Amount,
    #[schema(required = true, format = DateTime)]
    paid_at: Option<String>,
}

/// One thing that happened to it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationEvent {
    #[schema(format = DateTime)]
    at: String,
    #[schema(example = "guest")]
    actor: String,
    #[schema(example = "cancel")]
    action: String,
    detail: String,
    stay_state: String,
    payment_state: String,
}

/// A reservation in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationSummary {
    reservation_id: String,
    code: String,
    hotel_id: String,
    status: &'static str,
    stay_state: &'static str,
    payment_state: &'static str,
    #[schema(format = Date)]
    check_in_date: String,
    #[schema(format = Date)]
    check_out_date: String,
    lines: Vec<ReservationLine>,
    adults: i64,
    children: Vec<i64>,
    guests: Vec<ReservationGuest>,
    final_price: Amount,
    due: Amount,
    #[schema(format = DateTime)]
    created_at: String,
    version: i64,
    links: Links,
}

/// The answer to a booking, first or repeated: `201`, its address, its body.
#[must_use]
pub fn booked(outcome: &Booked, guest_token: Option<String>) -> Response {
    let room_types: Vec<&str> = outcome.room_types.iter().map(String::as_str).collect();
    let is_due = 0 < outcome.price.first_due_minor(outcome.decided_at_ms);
    let body = BookedReservation {
        reservation_id: outcome.reservation.to_string(),
        code: outcome.code.to_string(),
        guest_token,
        status: "PENDING_PAYMENT",
        inventory_hold: ReservationHold {
            hold_id: outcome.hold.to_string(),
            expires_at: instant(outcome.expires_at_ms),
            expires_in_seconds: seconds_until(outcome.expires_at_ms, outcome.decided_at_ms),
        },
        price: ReservationPrice::short(&outcome.price, &room_types),
        policy: ReservationPolicy::of(&outcome.price),
        links: reservation_links::of_new(outcome.reservation, is_due),
    };
    let address = reservation_links::href(outcome.reservation);
    (StatusCode::CREATED, [(header::LOCATION, address)], Json(body)).into_response()
}

/// A reservation with its `ETag`.
#[must_use]
pub fn shown(shown: &Shown, actor: &Actor) -> Response {
    tagged(shown.reservation.version, view(shown, actor))
}

/// Some answer about a reservation in this version.
pub fn tagged(version: i64, body: impl Serialize) -> Response {
    ([(header::ETAG, versions::etag(version))], Json(body)).into_response()
}

#[must_use]
pub fn view(shown: &Shown, actor: &Actor) -> ReservationView {
    let Shown { reservation, now_ms, .. } = shown;
    let room_types: Vec<&str> =
        reservation.lines.iter().map(|line| line.room_type.as_str()).collect();
    let amount = |minor| Amount::from(Money::new(minor, reservation.price.currency));
    let is_waiting = matches!(reservation.stay_state, StayState::Held | StayState::Releasing);
    ReservationView {
        reservation_id: reservation.id.to_string(),
        code: reservation.code.to_string(),
        guest_token: None,
        hotel_id: reservation.property.to_string(),
        hotel_name: shown.hotel_name.clone(),
        test_mode: shown.is_test,
        time_zone: shown.time_zone.clone(),
        status: reservation.status(),
        stay_state: reservation.stay_state.word(),
        payment_state: reservation.money_state.word(),
        check_in_date: reservation.stay.first_day.to_string(),
        check_out_date: reservation.stay.end_day.to_string(),
        nights: reservation.stay.nights(),
        lines: lines(reservation, &shown.rooms),
        adults: reservation.adults,
        children: reservation.children.clone(),
        guests: guests(&reservation.guest),
        requests: reservation.guest_requests.clone(),
        hold: is_waiting.then(|| hold(reservation, *now_ms)),
        payments: shown.payments.iter().map(payment).collect(),
        price: ReservationPrice::whole(&reservation.price, &room_types),
        due: amount(reservation.due_minor()),
        due_now: amount(reservation.due_now_minor()),
        paid: amount(reservation.paid_minor),
        refunded: amount(reservation.refunded_minor),
        allowance: amount(reservation.allowance_minor),
        charged_back: amount(reservation.charged_back_minor),
        policy: ReservationPolicy::of(&reservation.price),
        created_at: instant(reservation.created_at_ms),
        confirmed_at: reservation.confirmed_at_ms.map(instant),
        version: reservation.version,
        history: shown.history.iter().map(|entry| event(entry, actor)).collect(),
        links: reservation_links::of(reservation, actor),
    }
}

impl ReservationView {
    #[must_use]
    pub fn with_guest_token(mut self, token: String) -> ReservationView {
        self.guest_token = Some(token);
        self
    }
}

#[must_use]
pub fn summary(reservation: &Reservation, actor: &Actor) -> ReservationSummary {
    let amount = |minor| Amount::from(Money::new(minor, reservation.price.currency));
    ReservationSummary {
        reservation_id: reservation.id.to_string(),
        code: reservation.code.to_string(),
        hotel_id: reservation.property.to_string(),
        status: reservation.status(),
        stay_state: reservation.stay_state.word(),
        payment_state: reservation.money_state.word(),
        check_in_date: reservation.stay.first_day.to_string(),
        check_out_date: reservation.stay.end_day.to_string(),
        lines: lines(reservation, &[]),
        adults: reservation.adults,
        children: reservation.children.clone(),
        guests: guests(&reservation.guest),
        final_price: amount(reservation.price.total_minor),
        due: amount(reservation.due_minor()),
        created_at: instant(reservation.created_at_ms),
        version: reservation.version,
        links: reservation_links::of(reservation, actor),
    }
}

fn lines(reservation: &Reservation, rooms: &[(LineId, String)]) -> Vec<ReservationLine> {
    let line = |reserved: &ReservedLine| ReservationLine {
        line_id: reserved.line.id.to_string(),
        room_type: reserved.room_type.clone(),
        units: reserved.line.units,
        check_in_date: reserved.line.stay.first_day.to_string(),
        check_out_date: reserved.line.stay.end_day.to_string(),
        room_numbers: rooms
            .iter()
            .filter(|(line, _)| *line == reserved.line.id)
            .map(|(_, number)| number.clone())
            .collect(),
    };
    reservation.lines.iter().map(line).collect()
}

fn guests(guest: &Guest) -> Vec<ReservationGuest> {
    if *guest == Guest::default() {
        return Vec::new();
    }
    let Guest { full_name, email, phone } = guest.clone();
    vec![ReservationGuest { full_name, email, phone }]
}

fn hold(reservation: &Reservation, now_ms: i64) -> ReservationHold {
    ReservationHold {
        hold_id: reservation.hold.to_string(),
        expires_at: instant(reservation.hold_expires_at_ms),
        expires_in_seconds: seconds_until(reservation.hold_expires_at_ms, now_ms),
    }
}

/// Whole seconds, never below 0.
#[must_use]
pub fn seconds_until(at_ms: i64, now_ms: i64) -> i64 {
    at_ms.saturating_sub(now_ms).max(0) / 1_000
}

fn payment(payment: &Payment) -> ReservationPayment {
    ReservationPayment {
        payment_id: payment.id.to_string(),
        payment_order_id: payment.provider_order_id.clone(),
        payment_provider: payment.provider.to_ascii_uppercase(),
        payment_status: payment.state.word(),
        amount: payment.amount.into(),
        paid_at: payment.completed_at_ms.filter(|_| 0 < payment.captured_minor).map(instant),
    }
}

/// A guest learns that staff or a program did it, not which.
fn event(entry: &HistoryEntry, viewer: &Actor) -> ReservationEvent {
    let who = match viewer {
        Actor::Guest { .. } | Actor::Anonymous => entry.actor.split(':').next().unwrap_or_default(),
        Actor::Admin | Actor::Staff { .. } | Actor::Key { .. } | Actor::System => &entry.actor,
    };
    ReservationEvent {
        at: instant(entry.at_ms),
        actor: who.to_owned(),
        action: entry.action.clone(),
        detail: entry.detail.clone(),
        stay_state: entry.stay_state.clone(),
        payment_state: entry.money_state.clone(),
    }
}
