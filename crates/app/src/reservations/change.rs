//! What guests and staff do with a reservation that exists: extend its hold, edit, cancel, move
//! it to other nights, confirm it by hand.

use vacancy_domain::access::Action;
use vacancy_domain::holds;
use vacancy_domain::ids::{LineId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Money;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::{Guest, Reservation, ReservedLine};
use vacancy_domain::stays::{STAY_ADVANCE_DAYS_MAX, Stay};

use super::Bookings;
use crate::access::{Actor, On};
use crate::desk::command::{Command, Key, Order, Outcome};
use crate::errors::{Error, RETRY_AFTER_MS};
use crate::pricing;

/// How often a move is priced anew because something else happened to the reservation meanwhile.
const MOVES_MAX: usize = 5;

/// What ending or moving a reservation would cost or give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The reservation as it is, or would be.
    pub reservation: Reservation,
    pub amount_due: Money,
    pub refund: Money,
    pub penalty: Money,
}

/// The wish to move a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub stay: Stay,
    /// Room types and units; `None` keeps those that are booked.
    pub rooms: Option<Vec<(String, i64)>>,
    /// The most that the whole stay may cost; whatever it costs where there is none.
    pub agreed: Option<Money>,
}

impl Bookings {
    /// Gives the hold of a reservation a new life. Here and below the answer says whether `key`
    /// was answered before.
    pub async fn extend(
        &self,
        actor: &Actor,
        id: ReservationId,
        key: Option<Key>,
    ) -> Result<(Reservation, bool), Error> {
        let found = self.reservation(actor, Action::ChangeReservations, id).await?.reservation;
        let command = Command::Extend { hold: found.hold };
        self.keyed(Order::new(found.property, actor.label(), command), key).await
    }

    /// Changes who comes. `version` is the one that the caller read.
    pub async fn edit(
        &self,
        actor: &Actor,
        id: ReservationId,
        guest: Guest,
        guest_requests: String,
        version: i64,
    ) -> Result<Reservation, Error> {
        let found = self.reservation(actor, Action::ChangeReservations, id).await?.reservation;
        let version = Some(version);
        let command = Command::Edit { hold: found.hold, guest, guest_requests, version };
        self.order(actor, found.property, command).await
    }

    /// What a cancellation would give back.
    pub async fn preview_cancel(
        &self,
        actor: &Actor,
        id: ReservationId,
    ) -> Result<Settlement, Error> {
        let found = self.reservation(actor, Action::ChangeReservations, id).await?.reservation;
        let reason = String::new();
        let command = Command::Cancel { hold: found.hold, reference: None, reason };
        let order = Order::new(found.property, actor.label(), command);
        Ok(settlement(reservation_in(self.desk.preview(order).await?)?))
    }

    /// Ends a reservation. Repeating it changes nothing.
    pub async fn cancel(
        &self,
        actor: &Actor,
        id: ReservationId,
        reason: String,
        key: Option<Key>,
    ) -> Result<(Settlement, bool), Error> {
        let found = self.reservation(actor, Action::ChangeReservations, id).await?.reservation;
        let command = Command::Cancel { hold: found.hold, reference: None, reason };
        let order = Order::new(found.property, actor.label(), command);
        let (reservation, is_replay) = self.keyed(order, key).await?;
        Ok((settlement(reservation), is_replay))
    }

    /// What moving a reservation would cost.
    pub async fn preview_reschedule(
        &self,
        actor: &Actor,
        id: ReservationId,
        wish: &Move,
    ) -> Result<Settlement, Error> {
        let seen = self.priced_anew(actor, id, wish, |order| self.desk.preview(order)).await?;
        Ok(settlement(reservation_in(seen)?))
    }

    /// Moves a reservation to other nights or room types, at once or not at all.
    pub async fn reschedule(
        &self,
        actor: &Actor,
        id: ReservationId,
        wish: &Move,
        key: Option<Key>,
    ) -> Result<(Settlement, bool), Error> {
        let submit = |order| self.keyed(order, key.clone());
        let (moved, is_replay) = self.priced_anew(actor, id, wish, submit).await?;
        Ok((settlement(moved), is_replay))
    }

    /// Asks for a move. When something else happened to the reservation since it was priced, it is
    /// priced anew and may still move.
    async fn priced_anew<T, F: Future<Output = Result<T, Error>>>(
        &self,
        actor: &Actor,
        id: ReservationId,
        wish: &Move,
        send: impl Fn(Order) -> F,
    ) -> Result<T, Error> {
        for _ in 0..MOVES_MAX {
            match send(self.reschedule_order(actor, id, wish).await?).await {
                Err(Error::Refused(Refusal::Stale { .. })) => {}
                answer => return answer,
            }
        }
        Err(Error::Busy { retry_after_ms: RETRY_AFTER_MS })
    }

    /// Confirms without a payment of ours: staff have the money, or trust the guest. Where nothing is to
    /// be paid first, guests do it themselves, or their rooms would be lost when the hold ends.
    pub async fn confirm_by_hand(
        &self,
        actor: &Actor,
        id: ReservationId,
        key: Option<Key>,
    ) -> Result<(Reservation, bool), Error> {
        let found = self.reservation(actor, Action::ChangeReservations, id).await?.reservation;
        // A confirmation that is repeated finds what it did, whatever the booking costs by now.
        if found.confirms_past_payment() {
            let on = On::Reservation { business: found.business, reservation: id };
            actor.may(Action::ConfirmReservations, on)?;
        }
        let command = Command::Confirm { hold: found.hold, reference: None };
        self.keyed(Order::new(found.property, actor.label(), command), key).await
    }

    async fn reschedule_order(
        &self,
        actor: &Actor,
        id: ReservationId,
        wish: &Move,
    ) -> Result<Order, Error> {
        let found = self.reservation(actor, Action::ChangeReservations, id).await?.reservation;
        let rooms = wish.rooms.clone().unwrap_or_else(|| rooms_of(&found));
        let offer = self.offer(found.property, wish.stay).await?;
        let mut lines = Vec::with_capacity(rooms.len());
        for (code, units) in rooms {
            let room_type = offer.room_type(&code)?;
            let id = LineId(self.ids.next_id());
            let line = Line { id, pool: room_type.pool, stay: wish.stay, units };
            lines.push(ReservedLine { line, room_type: code });
        }
        let stock_lines: Vec<Line> = lines.iter().map(|reserved| reserved.line).collect();
        let guests = pricing::dealt(&stock_lines, found.adults, &found.children);
        let price = offer.price(&stock_lines, &found.price.terms, &guests)?;
        if found.moves_past_payment(&price) {
            let on = On::Reservation { business: found.business, reservation: id };
            actor.may(Action::ConfirmReservations, on)?;
        }
        // The nights that the guest had may stay as they are.
        let had: Vec<Line> = found.lines.iter().map(|reserved| reserved.line).collect();
        holds::check_lines(&stock_lines)?;
        offer.check_when(&stock_lines, &had, Some(STAY_ADVANCE_DAYS_MAX))?;
        offer.check_restrictions(&stock_lines, &found.price.terms, &guests, Some(found.stay))?;
        let command = Command::Reschedule {
            hold: found.hold,
            lines,
            price,
            agreed: wish.agreed,
            advance_days_max: Some(STAY_ADVANCE_DAYS_MAX),
            version: found.version,
        };
        Ok(Order::new(found.property, actor.label(), command))
    }
}

fn rooms_of(reservation: &Reservation) -> Vec<(String, i64)> {
    let lines = reservation.lines.iter();
    lines.map(|reserved| (reserved.room_type.clone(), reserved.line.units)).collect()
}

fn reservation_in(outcome: Outcome) -> Result<Reservation, Error> {
    match outcome {
        Outcome::Reservation(reservation) => Ok(*reservation),
        Outcome::Booked(_)
        | Outcome::Held(_)
        | Outcome::RefundAsked(_)
        | Outcome::Known(_)
        | Outcome::Done => Err(Error::NotFound),
    }
}

fn settlement(reservation: Reservation) -> Settlement {
    let currency = reservation.price.currency;
    let kept_minor = reservation.kept_minor();
    let (back_minor, penalty_minor) = match reservation.stay_state.has_ended_unused() {
        // Also when that has gone back already: a repeat tells the same.
        true => (reservation.back_for_end_minor(), kept_minor),
        false => {
            let beyond = kept_minor.saturating_sub(reservation.price.total_minor);
            (reservation.owed_minor(), beyond.max(0))
        }
    };
    Settlement {
        amount_due: Money::new(reservation.due_minor(), currency),
        refund: Money::new(back_minor, currency),
        penalty: Money::new(penalty_minor, currency),
        reservation,
    }
}
