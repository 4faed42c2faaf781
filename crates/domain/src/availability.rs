//! Whether a party may have rooms of one type for a stay, and every reason why not. It asks the
//! same functions as a hold does, so that a yes here is a yes there at the same state.

use std::collections::BTreeMap;

use crate::cells::{self, Cell, Night};
use crate::hotels::{Party, RoomType};
use crate::prices::Rates;
use crate::refusals::{Reason, Refusal};
use crate::stays::{Day, STAY_NIGHTS_MAX, Stay};

/// A stay that somebody asks about, at a property whose civil day is `today`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub stay: Stay,
    pub party: Party,
    pub today: Day,
    /// How far ahead the stay may begin.
    pub advance_days_max: i64,
}

/// The answer for one room type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// Units free on every night of the stay; 0 when the stay is refused whatever its size.
    pub rooms_left: i64,
    /// Empty: it can be had.
    pub reasons: Vec<Reason>,
}

impl Outlook {
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Refuses a stay that no room type of any hotel could give.
pub fn check_stay(stay: Stay, today: Day) -> Result<(), Refusal> {
    if stay.nights() < 1 {
        return Err(Refusal::StayIsEmpty);
    }
    if STAY_NIGHTS_MAX < stay.nights() {
        return Err(Refusal::StayTooLong { nights_max: STAY_NIGHTS_MAX });
    }
    if stay.first_day < today {
        return Err(Refusal::StayInThePast { today });
    }
    Ok(())
}

/// Looks at one room type. `touched` holds its cells that have a row, from the day of arrival to
/// the day of departure; every other night is as the type's default.
#[must_use]
pub fn look(
    room_type: &RoomType,
    touched: &BTreeMap<Day, Cell>,
    rates: &Rates,
    wish: &Wish,
) -> Outlook {
    let untouched = Cell::untouched(room_type.stock);
    let cell = |day: Day| touched.get(&day).copied().unwrap_or(untouched);
    let units = wish.party.room_count;
    let nights: Vec<Night> =
        wish.stay.days().map(|day| Night { day, cell: cell(day), units, freed_units: 0 }).collect();
    let arrival = Some(cell(wish.stay.first_day).restrictions);
    let departure = Some(cell(wish.stay.end_day).restrictions);
    let mut reasons = cells::reasons_against_nights(&nights);
    reasons.extend(cells::reasons_against_stay(wish.stay, arrival, departure));
    if wish.today.plus(wish.advance_days_max) < wish.stay.first_day {
        reasons.push(Reason::TooEarly { advance_days_max: wish.advance_days_max });
    }
    if wish.stay.days().any(|day| rates.night(room_type.pool, day).is_none()) {
        reasons.push(Reason::RateNotOffered);
    }
    // A party too large for one room may fit into two; another rule stands whatever the size.
    let is_about_size = reasons.iter().all(Reason::is_about_stock);
    reasons.extend(reasons_against_party(room_type, &wish.party));
    let free = nights.iter().map(|night| night.cell.free_units().max(0)).min().unwrap_or(0);
    Outlook { rooms_left: if is_about_size { free } else { 0 }, reasons }
}

/// Why these people do not fit into their rooms. Empty: they do.
#[must_use]
pub fn reasons_against_party(room_type: &RoomType, party: &Party) -> Vec<Reason> {
    let children = i64::try_from(party.children.len()).unwrap_or(i64::MAX);
    let rooms = party.room_count;
    let mut reasons = Vec::new();
    if room_type.adults_max.saturating_mul(rooms) < party.adults {
        reasons.push(Reason::AdultsExceeded { adults_max: room_type.adults_max });
    }
    if room_type.children_max.saturating_mul(rooms) < children {
        reasons.push(Reason::ChildrenExceeded { children_max: room_type.children_max });
    }
    if room_type.guests_max.saturating_mul(rooms) < party.adults.saturating_add(children) {
        reasons.push(Reason::OccupancyExceeded { guests_max: room_type.guests_max });
    }
    reasons
}
