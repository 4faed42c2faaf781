//! What the front desk does with a stay: the guest comes, leaves, or does not come.

use super::state::StayState;
use super::{Reservation, expect_state, free_rooms, moved};
use crate::holds::{self, Hold};
use crate::ids::{HoldId, LineId};
use crate::ledger::Line;
use crate::refusals::Refusal;
use crate::rooms::{self, Assignment};
use crate::snapshot::{Change, Snapshot};
use crate::stays::{Day, Stay};

/// The guest is here. Rooms may be given now or later.
pub fn check_in(
    stock: &Snapshot,
    hold: HoldId,
    asks: &[Assignment],
) -> Result<Vec<Change>, Refusal> {
    let (reservation, held, today) = in_house(stock, hold)?;
    expect_state(reservation, &[StayState::Confirmed, StayState::CheckedIn], "check-in")?;
    if today < reservation.stay.first_day {
        return Err(Refusal::TooSoon { from: reservation.stay.first_day });
    }
    let mut changes = rooms::assign(stock, held, asks, today)?;
    let mut next = reservation.clone();
    next.stay_state = StayState::CheckedIn;
    changes.push(moved(next, "check-in", String::new()));
    Ok(changes)
}

/// The guest leaves. Nights from today on are given back, and rooms with them.
pub fn check_out(
    stock: &Snapshot,
    hold: HoldId,
    fresh_line: impl FnMut(LineId) -> LineId,
) -> Result<Vec<Change>, Refusal> {
    let (reservation, held, today) = in_house(stock, hold)?;
    expect_state(reservation, &[StayState::CheckedIn], "check-out")?;
    let mut changes = holds::give_back(stock, hold, Some(today), fresh_line)?;
    let mut kept: Vec<Line> = changes.iter().filter_map(posted_anew).collect();
    for old in &held.lines {
        let is_heir = |kept: &Line| {
            kept.pool == old.pool
                && kept.stay.first_day == old.stay.first_day
                && kept.units == old.units
        };
        match kept.iter().position(is_heir) {
            Some(at) => changes.extend(rooms::carry_over(stock, old.id, &kept.remove(at))),
            None => changes.extend(rooms::free(stock, old.id, today)),
        }
    }
    let mut next = reservation.clone();
    next.stay_state = StayState::Completed;
    let early = Stay::new(today, next.stay.end_day).nights().max(0);
    let detail = if 0 < early { format!("{early} nights early") } else { String::new() };
    changes.push(moved(next, "check-out", detail));
    Ok(changes)
}

/// The guest did not come: every night is given back.
pub fn no_show(stock: &Snapshot, hold: HoldId) -> Result<Vec<Change>, Refusal> {
    let (reservation, _, today) = in_house(stock, hold)?;
    expect_state(reservation, &[StayState::Confirmed], "no-show")?;
    if today < reservation.stay.first_day {
        return Err(Refusal::TooSoon { from: reservation.stay.first_day });
    }
    let mut changes = holds::give_back(stock, hold, None, |line| line)?;
    changes.extend(free_rooms(stock, hold, Day(i64::MIN)));
    let mut next = reservation.clone();
    next.stay_state = StayState::NoShow;
    if let Some(agreed) = &mut next.price.cancellation {
        agreed.kept_minor = Some(agreed.no_show_minor);
    }
    let (id, over_minor) = (next.id, next.freeze_owed());
    changes.push(moved(next, "no-show", String::new()));
    if 0 < over_minor {
        let reason = "no_show";
        changes.push(Change::RefundDue { reservation: id, amount_minor: over_minor, reason });
    }
    Ok(changes)
}

fn in_house(stock: &Snapshot, hold: HoldId) -> Result<(&Reservation, &Hold, Day), Refusal> {
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    let held = stock.holds.get(&hold).ok_or(Refusal::HoldNotFound)?;
    let settings = stock.properties.get(&reservation.property).ok_or(Refusal::SpansProperties)?;
    Ok((reservation, held, settings.today))
}

/// A line that a shortened stay leaves in place of the old one.
fn posted_anew(change: &Change) -> Option<Line> {
    if let Change::LineMoved { entry, before: None } = change { Some(entry.line) } else { None }
}
