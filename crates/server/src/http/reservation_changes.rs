//! What guests and staff do with a reservation that exists: keep its rooms longer, cancel it, move
//! it to other nights, confirm it by hand. Each takes an `Idempotency-Key`; a repeated one answers
//! with the reservation as it stands now and does nothing twice.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::access::Actor;
use vacancy_app::alternatives::Missed;
use vacancy_app::errors::Error;
use vacancy_app::payments::order::Named;
use vacancy_app::reservations::change::{Move, Settlement};
use vacancy_domain::ids::ReservationId;
use vacancy_domain::refusals::Refusal;

use super::auth::Caller;
use super::fields::{self, Amount, Fields};
use super::json::JsonBody;
use super::optional_body::{Nothing, OptionalBody};
use super::path::Path;
use super::policy_views::ReservationPolicy;
use super::problem::Problem;
use super::reservation_asks::{LineAsk, check_rooms};
use super::reservation_prices::ReservationPrice;
use super::reservation_views::{self as views, ReservationView};
use super::reservations::TAG;
use super::{idempotency, why_not};
use crate::state::AppState;

/// Longest reason that a history keeps.
const REASON_CHARACTERS_MAX: usize = 500;

/// A cancellation.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelAsk {
    /// Only tells what would happen.
    preview: Option<bool>,
    #[schema(max_length = 500, example = "plans changed")]
    reason: Option<String>,
}

/// Other nights, other rooms, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"checkInDate": "2027-03-11", "checkOutDate": "2027-03-14", "preview": true}))]
pub struct RescheduleAsk {
    #[schema(format = Date)]
    check_in_date: String,
    #[schema(format = Date)]
    check_out_date: String,
    /// Units by room type code; what is booked stays when both this and `lines` are left out.
    rooms: Option<BTreeMap<String, i64>>,
    /// The same as a list.
    lines: Option<Vec<LineAsk>>,
    /// The most that the whole stay may cost; more is `409 price_changed`.
    max_total: Option<Amount>,
    /// Only tells what would happen.
    preview: Option<bool>,
}

/// A confirmation by hand.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmAsk {
    /// The payment whose money is there; ours.
    payment_id: Option<String>,
    /// The same by the order of its provider.
    order_id: Option<String>,
    /// The open payment at this provider.
    #[schema(example = "OFFLINE")]
    payment_provider: Option<String>,
    /// When the money came, as the books of the house say. Only checked for its form: what counts
    /// is when it is recorded here.
    #[schema(format = DateTime)]
    paid_at: Option<String>,
}

/// What a cancellation or a move means for the money.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettlementView {
    /// Nothing was changed.
    preview: bool,
    /// Still to be paid.
    amount_due: Amount,
    /// Goes back to the guest.
    refund: Amount,
    /// Kept by the house.
    penalty: Amount,
    #[schema(format = Date)]
    check_in_date: String,
    #[schema(format = Date)]
    check_out_date: String,
    price: ReservationPrice,
    policy: ReservationPolicy,
    /// The reservation as it is now; null in a preview.
    #[schema(required = true)]
    reservation: Option<ReservationView>,
}

/// Keep the rooms longer
///
/// Gives the hold a new life from now on, up to an hour in all.
#[utoipa::path(
    post, path = "/v1/reservations/{id}/extend", tag = TAG, operation_id = "extendReservation",
    params(
        ("id" = String, Path, description = "The reservation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this request."),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The reservation as it is now", body = ReservationView),
        (status = 409, description = "`hold_life_used_up`, `invalid_transition`, `request_in_flight`"),
        (status = 410, description = "`hold_expired`"),
    )
)]
pub async fn extend(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: OptionalBody<Nothing>,
) -> Result<Response, Problem> {
    let Nothing {} = body.value;
    let id = fields::path_id(&id)?;
    let key = idempotency::key(&headers, &actor, &format!("extend {id}"), &body.hash)?;
    let (_, is_replay) = state.bookings.extend(&actor, id, key).await?;
    answer(&state, &actor, id, is_replay).await
}

/// Cancel a reservation
///
/// Gives the rooms back; what was paid goes back by itself, as `refund` says. Canceling twice
/// changes nothing. With `preview` it only tells.
#[utoipa::path(
    post, path = "/v1/reservations/{id}/cancel", tag = TAG, operation_id = "cancelReservation",
    params(
        ("id" = String, Path, description = "The reservation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this request."),
    ),
    request_body = Option<CancelAsk>,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "What it means", body = SettlementView),
        (status = 409, description = "`invalid_transition`, `request_in_flight`"),
        (status = 410, description = "`hold_expired`"),
    )
)]
pub async fn cancel(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: OptionalBody<CancelAsk>,
) -> Result<Response, Problem> {
    let id = fields::path_id(&id)?;
    let CancelAsk { preview, reason } = body.value;
    let mut fields = Fields::new();
    let reason = reason.unwrap_or_default();
    let reason = fields.long_text("/reason", &reason, REASON_CHARACTERS_MAX);
    let Some(reason) = reason else { return Err(fields.problem()) };
    if preview.unwrap_or(false) {
        let settlement = state.bookings.preview_cancel(&actor, id).await?;
        return Ok(previewed(settlement));
    }
    let key = idempotency::key(&headers, &actor, &format!("cancel {id}"), &body.hash)?;
    let (settlement, is_replay) = state.bookings.cancel(&actor, id, reason, key).await?;
    settled(&state, &actor, settlement, is_replay).await
}

/// Move a reservation
///
/// To other nights, other rooms, or both, at once or not at all; nights that it has already are
/// never in its own way. With `preview` it only tells.
#[utoipa::path(
    post, path = "/v1/reservations/{id}/reschedule", tag = TAG,
    operation_id = "rescheduleReservation",
    params(
        ("id" = String, Path, description = "The reservation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this request."),
    ),
    request_body = RescheduleAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "What it means", body = SettlementView),
        (status = 409, description = "`sold_out` and other codes of \"Why not\" with `reasons` by \
            room type and `alternatives`; `invalid_transition`, `mismatch`, `request_in_flight`"),
        (status = 403, description = "Nothing was to be paid for it, and something would be: staff move it"),
    )
)]
pub async fn reschedule(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody<RescheduleAsk>,
) -> Result<Response, Problem> {
    let id = fields::path_id(&id)?;
    let hash = body.hash();
    let is_preview = body.value.preview.unwrap_or(false);
    let wish = body.value.into_move()?;
    if is_preview {
        return match state.bookings.preview_reschedule(&actor, id, &wish).await {
            Ok(settlement) => Ok(previewed(settlement)),
            Err(error) => Err(not_moved(&state, &actor, id, &wish, error).await),
        };
    }
    let key = idempotency::key(&headers, &actor, &format!("reschedule {id}"), &hash)?;
    match state.bookings.reschedule(&actor, id, &wish, key).await {
        Ok((settlement, is_replay)) => settled(&state, &actor, settlement, is_replay).await,
        Err(error) => Err(not_moved(&state, &actor, id, &wish, error).await),
    }
}

/// Why a stay does not move, and what else could be had. The guest's own nights count as taken
/// there, so more may be possible than is told.
async fn not_moved(
    state: &AppState,
    actor: &Actor,
    id: ReservationId,
    wish: &Move,
    error: Error,
) -> Problem {
    let Error::Refused(Refusal::Unavailable { reasons }) = error else { return error.into() };
    let told = async {
        let known = state.bookings.show(actor, id).await?.reservation;
        let offer = state.bookings.offer(known.property, wish.stay).await?;
        Ok::<_, Error>((known, offer))
    };
    let (known, offer) = match told.await {
        Ok(told) => told,
        Err(error) => return error.into(),
    };
    let booked = || known.lines.iter().map(|line| (line.room_type.clone(), line.line.units));
    let rooms = match &wish.rooms {
        Some(rooms) => rooms.iter().cloned().collect(),
        None => booked().collect(),
    };
    let (adults, children) = (known.adults, known.children.clone());
    let (hotel, stay, terms) = (known.property, wish.stay, known.price.terms.clone());
    let missed = Missed { hotel, stay, rooms, adults, children, terms };
    why_not::problem(state, &missed, &offer.room_types, reasons).await
}

/// Confirm a reservation
///
/// For staff. With a payment named, its money counts as received; a provider that knows for itself
/// is asked. With none named, the reservation is confirmed as it is. Where nothing is to be paid, guests
/// confirm it themselves and name no payment.
#[utoipa::path(
    post, path = "/v1/reservations/{id}/confirm", tag = TAG, operation_id = "confirmReservation",
    params(
        ("id" = String, Path, description = "The reservation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this request."),
    ),
    request_body = Option<ConfirmAsk>,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The reservation as it is now", body = ReservationView),
        (status = 409, description = "`invalid_transition`, `request_in_flight`"),
        (status = 410, description = "`hold_expired`"),
    )
)]
pub async fn confirm(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: OptionalBody<ConfirmAsk>,
) -> Result<Response, Problem> {
    let id: ReservationId = fields::path_id(&id)?;
    let Some(named) = body.value.into_named()? else {
        let key = idempotency::key(&headers, &actor, &format!("confirm {id}"), &body.hash)?;
        let (_, is_replay) = state.bookings.confirm_by_hand(&actor, id, key).await?;
        return answer(&state, &actor, id, is_replay).await;
    };
    // Money that was recorded before is known by its payment: no key is needed.
    state.payments.record(&actor, id, &named, "").await?;
    state.jobs.wake();
    answer(&state, &actor, id, false).await
}

impl ConfirmAsk {
    /// The payment that it names, if any.
    fn into_named(self) -> Result<Option<Named>, Problem> {
        let mut fields = Fields::new();
        if let Some(paid_at) = &self.paid_at
            && paid_at.parse::<jiff::Timestamp>().is_err()
        {
            fields.refuse("/paidAt", "invalid_instant", "must be as 2027-03-10T09:30:00Z");
        }
        let payment = self.payment_id.as_ref().and_then(|id| fields.id("/paymentId", id));
        let text = |fields: &mut Fields, pointer: &str, text: &Option<String>| {
            text.as_ref().and_then(|text| fields.text(pointer, text, fields::TEXT_CHARACTERS_MAX))
        };
        let order = text(&mut fields, "/orderId", &self.order_id);
        let provider = text(&mut fields, "/paymentProvider", &self.payment_provider);
        fields.finish()?;
        Ok(match (payment, order, provider) {
            (Some(payment), _, _) => Some(Named::Payment(payment)),
            (None, Some(order), _) => Some(Named::Order(order)),
            (None, None, Some(provider)) => Some(Named::Provider(provider)),
            (None, None, None) => None,
        })
    }
}

impl RescheduleAsk {
    fn into_move(self) -> Result<Move, Problem> {
        let mut fields = Fields::new();
        let stay = fields
            .stay(("/checkInDate", &self.check_in_date), ("/checkOutDate", &self.check_out_date));
        if let Some(rooms) = &self.rooms {
            check_rooms(&mut fields, rooms.iter().map(|(code, units)| (code, *units)));
        }
        let mut listed: BTreeMap<String, i64> = BTreeMap::new();
        for (at, line) in self.lines.iter().flatten().enumerate() {
            fields.whole(&format!("/lines/{at}/units"), line.units, 1..=fields::UNITS_MAX);
            if listed.insert(line.room_type.clone(), line.units).is_some() {
                fields.refuse(format!("/lines/{at}/roomType"), "duplicate", "stands twice");
            }
        }
        match (&self.rooms, &self.lines) {
            (Some(_), Some(_)) => {
                fields.refuse("/lines", "ambiguous", "must not stand beside rooms");
            }
            (None, Some(_)) if listed.is_empty() => {
                fields.refuse("/lines", "empty", "must name a room type");
            }
            (_, Some(_) | None) => {}
        }
        let agreed = self.max_total.as_ref().and_then(|most| fields.money("/maxTotal", most));
        let Some(stay) = stay.filter(|_| fields.is_fine()) else { return Err(fields.problem()) };
        let rooms = self.rooms.or(self.lines.map(|_| listed));
        Ok(Move { stay, rooms: rooms.map(|rooms| rooms.into_iter().collect()), agreed })
    }
}

/// The reservation as it is now.
pub(super) async fn answer(
    state: &AppState,
    actor: &Actor,
    id: ReservationId,
    is_replay: bool,
) -> Result<Response, Problem> {
    let shown = state.bookings.show(actor, id).await?;
    Ok(idempotency::marked(views::shown(&shown, actor), is_replay))
}

async fn settled(
    state: &AppState,
    actor: &Actor,
    settlement: Settlement,
    is_replay: bool,
) -> Result<Response, Problem> {
    // A refund may be due.
    state.jobs.wake();
    let shown = state.bookings.show(actor, settlement.reservation.id).await?;
    let version = shown.reservation.version;
    let body = settlement_view(settlement, Some(views::view(&shown, actor)));
    Ok(idempotency::marked(views::tagged(version, body), is_replay))
}

fn previewed(settlement: Settlement) -> Response {
    Json(settlement_view(settlement, None)).into_response()
}

fn settlement_view(settlement: Settlement, shown: Option<ReservationView>) -> SettlementView {
    let Settlement { reservation, amount_due, refund, penalty } = settlement;
    let room_types: Vec<&str> =
        reservation.lines.iter().map(|line| line.room_type.as_str()).collect();
    SettlementView {
        preview: shown.is_none(),
        amount_due: amount_due.into(),
        refund: refund.into(),
        penalty: penalty.into(),
        check_in_date: reservation.stay.first_day.to_string(),
        check_out_date: reservation.stay.end_day.to_string(),
        price: ReservationPrice::whole(&reservation.price, &room_types),
        policy: ReservationPolicy::of(&reservation.price),
        reservation: shown,
    }
}
