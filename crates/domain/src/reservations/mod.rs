//! Reservations: what a guest has. Two states are stored, one for the stay and one for the money;
//! the status of the API is computed from both. Every transition is a function that takes the
//! state and the time, and an impossible one is a named refusal.

pub mod chargebacks;
pub mod front_desk;
pub mod money;
pub mod refunds;
mod standing;
pub mod state;

use self::state::{MoneyState, StayState};
use crate::codes::Code;
use crate::guards::{self, Guard};
use crate::holds::{self, HoldState, Place};
use crate::ids::{BusinessId, HoldId, PaymentId, PropertyId, ReservationId};
use crate::ledger::Line;
use crate::money::Money;
use crate::policies;
use crate::prices::{self, Price};
use crate::refusals::Refusal;
use crate::rooms;
use crate::snapshot::{Change, Snapshot};
use crate::stays::{Day, Stay};

/// How long a reservation may wait for a provider's definite answer before it is asked again.
pub const RELEASING_MS_MAX: i64 = 15 * 60 * 1000;

/// Who comes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guest {
    pub full_name: String,
    /// Empty: not told yet.
    pub email: String,
    pub phone: String,
}

/// One line of a reservation as the guest sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedLine {
    pub line: Line,
    /// Code of the room type.
    pub room_type: String,
}

/// The wish for a new reservation: the hold, and all that is frozen into the reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    pub place: Place,
    pub id: ReservationId,
    pub code: Code,
    pub request_id: String,
    pub room_types: Vec<String>,
    pub adults: i64,
    /// Ages, in years.
    pub children: Vec<i64>,
    pub guest: Guest,
    pub price: Price,
    /// The most that the guest agreed to pay; a worse price is refused.
    pub agreed: Option<Money>,
}

/// A reservation with everything that was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    pub id: ReservationId,
    pub business: BusinessId,
    pub property: PropertyId,
    pub hold: HoldId,
    pub code: Code,
    /// The client's own name for its request, unique per property.
    pub request_id: String,
    pub stay_state: StayState,
    pub money_state: MoneyState,
    /// From the first arrival to the last departure.
    pub stay: Stay,
    pub lines: Vec<ReservedLine>,
    pub adults: i64,
    pub children: Vec<i64>,
    pub guest: Guest,
    pub guest_requests: String,
    pub price: Price,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    /// What the business let the guest off: refunds beyond what the guest was owed.
    pub allowance_minor: i64,
    /// What banks of guests have taken back, as things stand. It is not asked for again.
    pub charged_back_minor: i64,
    pub hold_expires_at_ms: i64,
    pub created_at_ms: i64,
    pub confirmed_at_ms: Option<i64>,
    /// +1 at every write; also the number of its history's last entry.
    pub version: i64,
}

/// Money that a provider says it has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    pub payment: PaymentId,
    pub amount_minor: i64,
}

/// Takes the stock and makes the reservation, in one step.
pub fn book(stock: &Snapshot, ask: &Book) -> Result<Vec<Change>, Refusal> {
    let mut changes = holds::place(stock, &ask.place)?;
    prices::check_agreed(&ask.price, ask.agreed)?;
    let settings = &stock.properties[&ask.place.property];
    // From here it must succeed.
    let lines = ask.place.lines.iter().zip(&ask.room_types);
    let lines = lines.map(|(line, code)| ReservedLine { line: *line, room_type: code.clone() });
    changes.push(Change::ReservationMade(Box::new(Reservation {
        id: ask.id,
        business: settings.business,
        property: ask.place.property,
        hold: ask.place.hold,
        code: ask.code,
        request_id: ask.request_id.clone(),
        stay_state: StayState::Held,
        money_state: MoneyState::Unpaid,
        stay: whole_stay(&ask.place.lines),
        lines: lines.collect(),
        adults: ask.adults,
        children: ask.children.clone(),
        guest: ask.guest.clone(),
        guest_requests: String::new(),
        price: ask.price.clone(),
        paid_minor: 0,
        refunded_minor: 0,
        allowance_minor: 0,
        charged_back_minor: 0,
        hold_expires_at_ms: stock.now_ms.saturating_add(settings.hold_ttl_ms),
        created_at_ms: stock.now_ms,
        confirmed_at_ms: None,
        version: 1,
    })));
    Ok(changes)
}

/// Confirms a hold and, where there is one, its reservation. Money that comes late is no reason
/// to refuse, since it must be recorded: it takes the same nights again or goes back.
pub fn confirm(stock: &Snapshot, hold: HoldId, paid: Option<Paid>) -> Result<Vec<Change>, Refusal> {
    let Some(reservation) = stock.reservations.get(&hold) else {
        return holds::confirm(stock, hold);
    };
    let mut next = reservation.clone();
    let mut changes = Vec::new();
    if let Some(paid) = paid {
        next.paid_minor = money::sum(next.paid_minor, paid.amount_minor)?;
        next.money_state = MoneyState::Paid;
    }
    match (reservation.stay_state, paid) {
        (StayState::Held | StayState::Releasing, _) => {
            changes.extend(holds::confirm(stock, hold)?);
            next.stay_state = StayState::Confirmed;
            next.confirmed_at_ms = Some(stock.now_ms);
            changes.extend(next.rest_to_collect());
            changes.push(moved(next, "confirm", String::new()));
        }
        (StayState::Released | StayState::Expired | StayState::Canceled, Some(paid)) => {
            changes.extend(money::late(stock, next, paid));
        }
        (
            StayState::Confirmed | StayState::CheckedIn | StayState::Completed | StayState::NoShow,
            Some(_),
        ) => {
            let (reservation, over_minor) = (next.id, next.owed_minor());
            changes.push(moved(next, "payment", String::new()));
            if 0 < over_minor {
                let reason = "paid_more_than_due";
                changes.push(Change::RefundDue { reservation, amount_minor: over_minor, reason });
            }
        }
        (StayState::Expired, None) => {
            let expired_at_ms = reservation.hold_expires_at_ms;
            return Err(Refusal::HoldExpired { expired_at_ms });
        }
        (
            StayState::Confirmed
            | StayState::CheckedIn
            | StayState::Completed
            | StayState::Released
            | StayState::Canceled
            | StayState::NoShow,
            None,
        ) => return Err(impossible(reservation, "confirm")),
    }
    Ok(changes)
}

/// Gives a hold a new life, and its reservation the new deadline.
pub fn extend(stock: &Snapshot, hold: HoldId) -> Result<Vec<Change>, Refusal> {
    if let Some(reservation) = stock.reservations.get(&hold) {
        // A hold that ran out says so itself.
        expect_state(reservation, &[StayState::Held, StayState::Expired], "extend")?;
    }
    let mut changes = holds::extend(stock, hold)?;
    let expires_at_ms = changes.iter().find_map(|change| {
        if let Change::HoldMoved { expires_at_ms, .. } = change {
            Some(*expires_at_ms)
        } else {
            None
        }
    });
    if let (Some(reservation), Some(at_ms)) = (stock.reservations.get(&hold), expires_at_ms) {
        let mut next = reservation.clone();
        next.hold_expires_at_ms = at_ms;
        changes.push(moved(next, "extend", String::new()));
    }
    Ok(changes)
}

/// Changes who comes and what they ask for. `version` is the one that the caller read.
pub fn edit(
    stock: &Snapshot,
    hold: HoldId,
    guest: Guest,
    guest_requests: String,
    version: Option<i64>,
) -> Result<Vec<Change>, Refusal> {
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    if version.is_some_and(|read| read != reservation.version) {
        return Err(Refusal::Stale { version: reservation.version });
    }
    expect_state(reservation, &[StayState::Held, StayState::Confirmed], "edit")?;
    let mut next = reservation.clone();
    next.guest = guest;
    next.guest_requests = guest_requests;
    Ok(vec![moved(next, "edit", String::new())])
}

/// Ends a reservation at the guest's or the business's wish: a held one is released, a confirmed
/// one canceled and its nights given back. What was paid beyond the agreed fee goes back by a job.
pub fn cancel(stock: &Snapshot, hold: HoldId, reason: &str) -> Result<Vec<Change>, Refusal> {
    let Some(reservation) = stock.reservations.get(&hold) else {
        return end_bare(stock, hold);
    };
    let (mut changes, stay_state) = match reservation.stay_state {
        StayState::Held => (holds::release(stock, hold)?, StayState::Released),
        StayState::Confirmed => {
            (holds::give_back(stock, hold, None, |line| line)?, StayState::Canceled)
        }
        StayState::Expired => {
            let expired_at_ms = reservation.hold_expires_at_ms;
            return Err(Refusal::HoldExpired { expired_at_ms });
        }
        StayState::Releasing
        | StayState::CheckedIn
        | StayState::Completed
        | StayState::Released
        | StayState::Canceled
        | StayState::NoShow => return Err(impossible(reservation, "cancel")),
    };
    changes.extend(free_rooms(stock, hold, Day(i64::MIN)));
    let mut next = reservation.clone();
    next.stay_state = stay_state;
    if stay_state == StayState::Canceled
        && let Some(agreed) = &mut next.price.cancellation
    {
        agreed.kept_minor = Some(agreed.due_minor(stock.now_ms));
    }
    let (id, amount_minor) = (next.id, next.freeze_owed());
    // A guest may be paying at this moment: the provider must be asked before all is said.
    let payment_is_open = next.money_state.is_open();
    changes.push(moved(next, "cancel", reason.to_owned()));
    if 0 < amount_minor {
        let reason = "canceled";
        changes.push(Change::RefundDue { reservation: id, amount_minor, reason });
    }
    if payment_is_open {
        changes.push(Change::SettleDue { reservation: id });
    }
    Ok(changes)
}

/// A bare hold is released while it is held; once it is confirmed, all its nights are given back.
fn end_bare(stock: &Snapshot, hold: HoldId) -> Result<Vec<Change>, Refusal> {
    match stock.holds.get(&hold).map(|hold| hold.state) {
        Some(HoldState::Confirmed) => holds::give_back(stock, hold, None, |line| line),
        Some(HoldState::Held | HoldState::Released | HoldState::Expired | HoldState::Returned)
        | None => holds::release(stock, hold),
    }
}

/// Frees a hold whose time has passed. With a payment under way the stock stays taken until the
/// provider says how it ended.
#[must_use]
pub fn lapse(stock: &Snapshot, hold: HoldId) -> Vec<Change> {
    let Some(reservation) = stock.reservations.get(&hold) else {
        return holds::lapse(stock, hold);
    };
    let mut changes = holds::lapse(stock, hold);
    if changes.is_empty() {
        return changes;
    }
    let mut next = reservation.clone();
    let is_paying = reservation.money_state.is_open() && !guards::is_off(Guard::ProviderFirst);
    if is_paying || reservation.stay_state == StayState::Releasing {
        let (id, is_new) = (next.id, next.stay_state == StayState::Held);
        changes = vec![holds::ask_again(stock, hold, RELEASING_MS_MAX)];
        next.stay_state = StayState::Releasing;
        if is_new {
            changes.push(moved(next, "releasing", String::new()));
        }
        changes.push(Change::SettleDue { reservation: id });
        return changes;
    }
    next.stay_state = StayState::Expired;
    changes.push(moved(next, "expire", String::new()));
    changes
}

/// Swaps stay, lines and price for others, at once. A price worse than what was `agreed` is refused.
pub fn reschedule(
    stock: &Snapshot,
    hold: HoldId,
    lines: Vec<ReservedLine>,
    price: Price,
    agreed: Option<Money>,
    advance_days_max: Option<i64>,
) -> Result<Vec<Change>, Refusal> {
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    expect_state(reservation, &[StayState::Confirmed, StayState::CheckedIn], "reschedule")?;
    let stock_lines: Vec<Line> = lines.iter().map(|line| line.line).collect();
    let stay = whole_stay(&stock_lines);
    let arrived = reservation.stay_state == StayState::CheckedIn;
    if arrived && stay.first_day != reservation.stay.first_day {
        return Err(Refusal::Mismatch { field: "checkInDate" });
    }
    let mut changes = holds::amend(stock, hold, &stock_lines, advance_days_max)?;
    prices::check_agreed(&price, agreed)?;
    // From here it must succeed.
    changes.extend(carry_rooms(stock, &reservation.lines, &lines));
    let mut next = reservation.clone();
    let detail = format!("{} to {stay}", next.stay);
    next.stay = stay;
    next.lines = lines;
    let was_agreed = reservation.price.cancellation.as_ref();
    next.price = price;
    next.price.cancellation =
        policies::carry_over(was_agreed, next.price.cancellation.take(), stock.now_ms);
    let (id, over_minor) = (next.id, next.owed_minor());
    // Whose rest was collected already pays a dearer stay themselves: nobody is charged by surprise.
    let is_ahead = |own: &Reservation| own.rest_from_ms().is_some_and(|at_ms| stock.now_ms < at_ms);
    if is_ahead(reservation) || is_ahead(&next) {
        changes.extend(next.rest_to_collect());
    }
    changes.push(moved(next, "reschedule", detail));
    if 0 < over_minor {
        let reason = "rescheduled";
        changes.push(Change::RefundDue { reservation: id, amount_minor: over_minor, reason });
    }
    Ok(changes)
}

fn free_rooms(stock: &Snapshot, hold: HoldId, from_day: Day) -> Vec<Change> {
    let lines = stock.holds.get(&hold).map(|hold| hold.lines.as_slice()).unwrap_or_default();
    lines.iter().flat_map(|line| rooms::free(stock, line.id, from_day)).collect()
}

/// Rooms follow a line to the new one of the same type and size, each at most once.
fn carry_rooms(stock: &Snapshot, old: &[ReservedLine], new: &[ReservedLine]) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut heirs: Vec<&Line> = new.iter().map(|line| &line.line).collect();
    for line in old.iter().map(|line| line.line) {
        let fits = |heir: &&Line| heir.pool == line.pool && line.units <= heir.units;
        match heirs.iter().position(fits) {
            Some(at) => changes.extend(rooms::carry_over(stock, line.id, heirs.remove(at))),
            None => changes.extend(rooms::free(stock, line.id, Day(i64::MIN))),
        }
    }
    changes
}

fn expect_state(
    reservation: &Reservation,
    from: &[StayState],
    action: &'static str,
) -> Result<(), Refusal> {
    if from.contains(&reservation.stay_state) {
        return Ok(());
    }
    Err(impossible(reservation, action))
}

fn impossible(reservation: &Reservation, action: &'static str) -> Refusal {
    Refusal::InvalidTransition { from: reservation.stay_state.word(), action }
}

fn moved(mut next: Reservation, action: &'static str, detail: String) -> Change {
    next.version += 1;
    Change::ReservationMoved { reservation: Box::new(next), action, detail }
}

fn whole_stay(lines: &[Line]) -> Stay {
    let first_day = lines.iter().map(|line| line.stay.first_day).min().unwrap_or(Day(0));
    let end_day = lines.iter().map(|line| line.stay.end_day).max().unwrap_or(Day(0));
    Stay::new(first_day, end_day)
}
