//! Decides one command on the evolving snapshot: which rule of `domain` it asks, and what the
//! answer looks like. No rule of its own, save that repeating what is done is no mistake.

use vacancy_domain::holds::{self, HoldState};
use vacancy_domain::ids::{HoldId, LineId, PoolId};
use vacancy_domain::money::Money;
use vacancy_domain::pools;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::refunds::RefundAsk;
use vacancy_domain::reservations::state::StayState;
use vacancy_domain::reservations::{self, Reservation, chargebacks, front_desk, money, refunds};
use vacancy_domain::snapshot::{Change, Snapshot};

use super::command::{Booked, Command, Held, Order, Outcome, RefundAsked};
use crate::ids::Ids;

/// What the command changes, or why not.
pub(super) fn decide(stock: &Snapshot, order: &Order, ids: &Ids) -> Result<Vec<Change>, Refusal> {
    let command = &order.command;
    if let Some(hold) = command.hold() {
        check_property(stock, order, hold)?;
    }
    match command {
        Command::Place(place) => holds::place(stock, place),
        Command::Book(book) => reservations::book(stock, book),
        Command::Refuse(refusal) => Err(refusal.clone()),
        Command::Extend { hold } => reservations::extend(stock, *hold),
        Command::Confirm { hold, reference } => {
            check_reference(stock, *hold, reference.as_deref())?;
            if is_hold(stock, *hold, HoldState::Confirmed) {
                return Ok(Vec::new());
            }
            reservations::confirm(stock, *hold, None)
        }
        Command::Cancel { hold, reference, reason } => {
            check_reference(stock, *hold, reference.as_deref())?;
            if is_canceled(stock, *hold) {
                return Ok(Vec::new());
            }
            reservations::cancel(stock, *hold, reason)
        }
        Command::Lapse { hold } => Ok(reservations::lapse(stock, *hold)),
        Command::Edit { hold, guest, guest_requests, version } => {
            reservations::edit(stock, *hold, guest.clone(), guest_requests.clone(), *version)
        }
        Command::Reschedule { hold, lines, price, agreed, advance_days_max, version } => {
            let known = stock.reservations.get(hold).map_or(0, |reservation| reservation.version);
            if known != *version {
                return Err(Refusal::Stale { version: known });
            }
            let (lines, price) = (lines.clone(), price.clone());
            reservations::reschedule(stock, *hold, lines, price, *agreed, *advance_days_max)
        }
        Command::CheckIn { hold, rooms } => front_desk::check_in(stock, *hold, rooms),
        Command::CheckOut { hold } => {
            front_desk::check_out(stock, *hold, |_| LineId(ids.next_id()))
        }
        Command::NoShow { hold } => front_desk::no_show(stock, *hold),
        Command::BeginPayment { hold, payment } => {
            let mut payment = payment.as_ref().clone();
            payment.created_at_ms = stock.now_ms;
            money::begin(stock, *hold, payment)
        }
        Command::NamePayment { payment, order_id, checkout_url, .. } => {
            money::name(stock, *payment, order_id, checkout_url)
        }
        Command::HearPayment { hold, news } => money::hear(stock, *hold, news),
        Command::HearDispute { hold, news } => chargebacks::hear(stock, *hold, news),
        Command::AskRefund { hold, ask } => refunds::ask(stock, *hold, ask),
        Command::RecordRefund { hold, back } => money::refund(stock, *hold, back),
        Command::SetStock { pool, first_day, end_day, patch } => {
            check_pool(stock, order, *pool)?;
            pools::set_stock(stock, *pool, (*first_day, *end_day), patch)
        }
        Command::SetDefault { pool, capacity, overbook_bp, .. } => {
            check_pool(stock, order, *pool)?;
            let today = stock.properties.get(&order.property).map(|settings| settings.today);
            let today = today.ok_or(Refusal::SpansProperties)?;
            pools::set_default(stock, *pool, *capacity, *overbook_bp, today)
        }
        #[cfg(feature = "mutants")]
        Command::Panic => panic!("a command that panics"),
    }
}

/// What the command's caller is told, from the snapshot after its changes.
pub(super) fn outcome(stock: &Snapshot, order: &Order) -> Outcome {
    match &order.command {
        Command::Place(place) => held(stock, place.hold),
        Command::Book(book) => match stock.reservations.get(&book.place.hold) {
            Some(reservation) => Outcome::Booked(Box::new(Booked {
                reservation: reservation.id,
                property: reservation.property,
                hold: reservation.hold,
                code: reservation.code,
                expires_at_ms: reservation.hold_expires_at_ms,
                decided_at_ms: stock.now_ms,
                price: reservation.price.clone(),
                room_types: room_types(reservation),
            })),
            None => Outcome::Done,
        },
        Command::AskRefund { ask, .. } => refund_asked(stock, ask),
        Command::Extend { hold }
        | Command::Confirm { hold, .. }
        | Command::Cancel { hold, .. }
        | Command::Lapse { hold }
        | Command::Edit { hold, .. }
        | Command::Reschedule { hold, .. }
        | Command::CheckIn { hold, .. }
        | Command::CheckOut { hold }
        | Command::NoShow { hold }
        | Command::BeginPayment { hold, .. }
        | Command::NamePayment { hold, .. }
        | Command::HearPayment { hold, .. }
        | Command::HearDispute { hold, .. }
        | Command::RecordRefund { hold, .. } => match stock.reservations.get(hold) {
            Some(reservation) => Outcome::Reservation(Box::new(reservation.clone())),
            None => held(stock, *hold),
        },
        Command::Refuse(_) | Command::SetStock { .. } | Command::SetDefault { .. } => Outcome::Done,
        #[cfg(feature = "mutants")]
        Command::Panic => Outcome::Done,
    }
}

fn refund_asked(stock: &Snapshot, ask: &RefundAsk) -> Outcome {
    let payment = stock.payments.get(&ask.payment);
    let asked = stock.refunds_asked.get(&ask.payment).and_then(|asked| asked.get(&ask.refund));
    let Some((payment, minor)) = payment.zip(asked) else { return Outcome::Done };
    let amount = Money::new(*minor, payment.amount.currency);
    Outcome::RefundAsked(RefundAsked {
        refund: ask.refund,
        payment: ask.payment,
        amount,
        reason: ask.reason.clone(),
        decided_at_ms: stock.now_ms,
    })
}

fn room_types(reservation: &Reservation) -> Vec<String> {
    reservation.lines.iter().map(|reserved| reserved.room_type.clone()).collect()
}

fn held(stock: &Snapshot, hold: HoldId) -> Outcome {
    match stock.holds.get(&hold) {
        Some(hold) => Outcome::Held(Held {
            hold: hold.id,
            state: hold.state,
            reference: hold.reference.clone(),
            expires_at_ms: hold.expires_at_ms,
            decided_at_ms: stock.now_ms,
        }),
        None => Outcome::Done,
    }
}

/// A hold of another property is as unknown as one that is not there.
fn check_property(stock: &Snapshot, order: &Order, hold: HoldId) -> Result<(), Refusal> {
    match stock.holds.get(&hold) {
        Some(hold) if hold.property == order.property => Ok(()),
        Some(_) | None => Err(Refusal::HoldNotFound),
    }
}

/// So is a pool: only its own property changes its stock.
fn check_pool(stock: &Snapshot, order: &Order, pool: PoolId) -> Result<(), Refusal> {
    match stock.pools.get(&pool) {
        Some(known) if known.property == order.property => Ok(()),
        Some(_) | None => Err(Refusal::UnknownPool { pool }),
    }
}

fn check_reference(stock: &Snapshot, hold: HoldId, reference: Option<&str>) -> Result<(), Refusal> {
    let known = stock.holds.get(&hold).map_or("", |hold| hold.reference.as_str());
    match reference {
        Some(reference) if !known.is_empty() && known != reference => {
            Err(Refusal::Mismatch { field: "reservationId" })
        }
        Some(_) | None => Ok(()),
    }
}

fn is_hold(stock: &Snapshot, hold: HoldId, state: HoldState) -> bool {
    stock.holds.get(&hold).is_some_and(|hold| hold.state == state)
}

fn is_canceled(stock: &Snapshot, hold: HoldId) -> bool {
    match stock.reservations.get(&hold) {
        Some(reservation) => {
            matches!(reservation.stay_state, StayState::Canceled | StayState::Released)
        }
        None => {
            is_hold(stock, hold, HoldState::Released) || is_hold(stock, hold, HoldState::Returned)
        }
    }
}
