//! What a guest could have instead of what is gone: another room type of the hotel for the same
//! nights, the same rooms a few days earlier or later, fewer of them, or a change of room on the way,
//! each with its price. Read without locks and in one look, so it may be gone by the time somebody
//! asks for it.

use std::collections::BTreeMap;

use vacancy_domain::availability;
use vacancy_domain::holds::LINE_UNITS_MAX;
use vacancy_domain::hotels::{Party, RoomType};
use vacancy_domain::ids::{LineId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Money;
use vacancy_domain::prices::Terms;
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::zones::{self, Local};
use vacancy_store::sql::Db;

use crate::availability::{Ask, HotelView, TypeOutlook, one, unknown_zone, wish};
use crate::errors::Error;
use crate::pricing::{Buyer, dealt, of_lines};

/// How many days earlier or later a stay is looked for.
pub const SHIFT_DAYS_MAX: i64 = 3;
/// Most alternatives of one answer.
pub const ALTERNATIVES_MAX: usize = 8;
/// Longest stay for which a change of room is looked for.
pub const SPLIT_NIGHTS_MAX: i64 = 14;

/// What could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    pub hotel: PropertyId,
    pub stay: Stay,
    /// Units by room type code.
    pub rooms: BTreeMap<String, i64>,
    pub adults: i64,
    /// Ages in years.
    pub children: Vec<i64>,
    pub terms: Terms,
}

/// What could be had instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    pub stay: Stay,
    pub rooms: BTreeMap<String, i64>,
    /// Other rooms for the rest of the nights, as a second booking.
    pub then: Option<(Stay, BTreeMap<String, i64>)>,
    /// Of all of it.
    pub total: Money,
}

/// Other room types for these nights first, the cheapest first; then the same rooms on other days,
/// the nearest first; then as many of them as are left, and the cheapest change of room on the way.
pub async fn find(db: &Db, missed: &Missed) -> Result<Vec<Alternative>, Error> {
    seen_in(&around(db, missed.hotel, missed.stay).await?, missed)
}

/// What could be had instead of each room type that an answer refuses, in the order of the answer;
/// nothing for one that can be had. One look serves them all.
pub async fn of_types(
    db: &Db,
    ask: &Ask,
    types: &[TypeOutlook],
) -> Result<Vec<Vec<Alternative>>, Error> {
    if types.iter().all(|seen| seen.outlook.is_available()) {
        return Ok(vec![Vec::new(); types.len()]);
    }
    let view = around(db, ask.property, ask.stay).await?;
    let instead_of = |seen: &TypeOutlook| {
        if seen.outlook.is_available() {
            return Ok(Vec::new());
        }
        let code = &seen.room_type.code;
        let mut found = seen_in(
            &view,
            &Missed {
                hotel: ask.property,
                stay: ask.stay,
                rooms: BTreeMap::from([(code.clone(), ask.party.room_count)]),
                adults: ask.party.adults,
                children: ask.party.children.clone(),
                terms: ask.terms.clone(),
            },
        )?;
        // Who does not fit in today does not fit in tomorrow.
        if !availability::reasons_against_party(&seen.room_type, &ask.party).is_empty() {
            found.retain(|other| !other.rooms.contains_key(code));
        }
        Ok(found)
    };
    types.iter().map(instead_of).collect()
}

/// Reads the hotel for the stay and the days around it.
async fn around(db: &Db, hotel: PropertyId, stay: Stay) -> Result<HotelView, Error> {
    let first_day = stay.first_day.plus(-SHIFT_DAYS_MAX);
    one(db, hotel, Stay::new(first_day, stay.end_day.plus(SHIFT_DAYS_MAX))).await
}

fn seen_in(view: &HotelView, missed: &Missed) -> Result<Vec<Alternative>, Error> {
    let local = zones::local_at(view.now_ms, &view.hotel.time_zone).map_err(|_| unknown_zone())?;
    let look = Look { view, missed, local };
    let types: Vec<&RoomType> = view.stock.types(missed.hotel).collect();
    let mut found = look.other_types(&types);
    let known = |(code, units): (&String, &i64)| {
        types.iter().find(|room_type| room_type.code == *code).map(|found| (*found, *units))
    };
    let same: Option<Vec<(&RoomType, i64)>> = missed.rooms.iter().map(known).collect();
    if let Some(rooms) = &same {
        found.extend(look.other_days(rooms));
        if let [(room_type, units)] = rooms.as_slice() {
            found.extend(look.fewer(room_type, *units));
        }
    }
    found.truncate(ALTERNATIVES_MAX - 1);
    found.extend(look.change_of_room(&types));
    Ok(found)
}

/// One look at a hotel for a guest who could not have something.
struct Look<'l> {
    view: &'l HotelView,
    missed: &'l Missed,
    local: Local,
}

impl Look<'_> {
    fn other_types(&self, types: &[&RoomType]) -> Vec<Alternative> {
        let missed = self.missed;
        let units = self.units();
        let other = |room_type: &&&RoomType| {
            units <= LINE_UNITS_MAX && !missed.rooms.contains_key(&room_type.code)
        };
        let priced = |room_type: &&RoomType| self.one_type(missed.stay, room_type, units);
        let mut found: Vec<Alternative> = types.iter().filter(other).filter_map(priced).collect();
        found.sort_by_key(|alternative| alternative.total.minor);
        found
    }

    fn other_days(&self, rooms: &[(&RoomType, i64)]) -> Vec<Alternative> {
        let Stay { first_day, end_day } = self.missed.stay;
        let shifts = (1..=SHIFT_DAYS_MAX).flat_map(|days| [-days, days]);
        let shifted = shifts.filter_map(|days| {
            let stay = Stay::new(first_day.plus(days), end_day.plus(days));
            // Several types share the guests among them; their number was no reason so far.
            let is_free = rooms.iter().all(|(room_type, units)| {
                let party = Party { adults: 1, children: Vec::new(), room_count: *units };
                self.is_to_be_had(stay, room_type, &party)
            });
            if is_free { priced(self.view, self.missed, stay, rooms, self.local.day) } else { None }
        });
        shifted.collect()
    }

    /// As many rooms of the type as are left, if the guests fit into them.
    fn fewer(&self, room_type: &RoomType, units: i64) -> Option<Alternative> {
        let party = Party { adults: 1, children: Vec::new(), room_count: 1 };
        let wish = wish(self.missed.stay, &party, self.local, &self.missed.terms);
        let left = self.view.stock.look(room_type, &self.view.rates, &wish).rooms_left;
        let fewer = left.min(units - 1);
        if fewer < 1 { None } else { self.one_type(self.missed.stay, room_type, fewer) }
    }

    /// The cheapest two room types, one after the other, that together give every night.
    fn change_of_room(&self, types: &[&RoomType]) -> Option<Alternative> {
        let Stay { first_day, end_day } = self.missed.stay;
        let units = self.units();
        if LINE_UNITS_MAX < units || SPLIT_NIGHTS_MAX < self.missed.stay.nights() {
            return None;
        }
        let cheapest = |stay: Stay| {
            let each = types.iter().filter_map(|room_type| self.one_type(stay, room_type, units));
            each.min_by_key(|alternative| alternative.total.minor)
        };
        let split = |day: Day| {
            let first = cheapest(Stay::new(first_day, day))?;
            let rest = cheapest(Stay::new(day, end_day))?;
            let total = first.total.plus(rest.total)?;
            let then = Some((rest.stay, rest.rooms.clone()));
            let is_a_change = first.rooms != rest.rooms;
            is_a_change.then_some(Alternative { then, total, ..first })
        };
        let days = Stay::new(first_day.plus(1), end_day).days();
        days.filter_map(split).min_by_key(|alternative| alternative.total.minor)
    }

    fn one_type(&self, stay: Stay, room_type: &RoomType, units: i64) -> Option<Alternative> {
        let Missed { adults, children, .. } = self.missed;
        let party = Party { adults: *adults, children: children.clone(), room_count: units };
        if !self.is_to_be_had(stay, room_type, &party) {
            return None;
        }
        priced(self.view, self.missed, stay, &[(room_type, units)], self.local.day)
    }

    fn is_to_be_had(&self, stay: Stay, room_type: &RoomType, party: &Party) -> bool {
        let wish = wish(stay, party, self.local, &self.missed.terms);
        availability::check_stay(stay, self.local.day).is_ok()
            && self.view.stock.look(room_type, &self.view.rates, &wish).is_available()
    }

    fn units(&self) -> i64 {
        self.missed.rooms.values().fold(0, |sum, units| sum.saturating_add(*units))
    }
}

fn priced(
    view: &HotelView,
    missed: &Missed,
    stay: Stay,
    rooms: &[(&RoomType, i64)],
    today: Day,
) -> Option<Alternative> {
    let line = |(room_type, units): &(&RoomType, i64)| Line {
        id: LineId(room_type.pool.0),
        pool: room_type.pool,
        stay,
        units: *units,
    };
    let lines: Vec<Line> = rooms.iter().map(line).collect();
    let guests = dealt(&lines, missed.adults, &missed.children);
    let buyer = Buyer { today, terms: &missed.terms, guests: &guests };
    let fill_bp = |pool, day| view.stock.fill_bp(pool, day);
    let total = of_lines(&lines, &view.rates, &buyer, &fill_bp).ok()?.whole();
    let rooms = rooms.iter().map(|(room_type, units)| (room_type.code.clone(), *units)).collect();
    Some(Alternative { stay, rooms, then: None, total })
}
