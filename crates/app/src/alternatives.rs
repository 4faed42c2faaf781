//! What a guest could have instead of what is gone: another room type of the hotel for the same
//! nights, or the same rooms a few days earlier or later, each with its price. Read without locks
//! and in one look, so it may be gone by the time somebody asks for it.

use std::collections::BTreeMap;

use vacancy_domain::availability;
use vacancy_domain::holds::LINE_UNITS_MAX;
use vacancy_domain::hotels::{Party, RoomType};
use vacancy_domain::ids::{LineId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Money;
use vacancy_domain::prices::Terms;
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::zones;
use vacancy_store::sql::Db;

use crate::availability::{Ask, HotelView, TypeOutlook, one, unknown_zone, wish};
use crate::errors::Error;
use crate::pricing::{Buyer, dealt, of_lines};

/// How many days earlier or later a stay is looked for.
pub const SHIFT_DAYS_MAX: i64 = 3;
/// Most alternatives of one answer.
pub const ALTERNATIVES_MAX: usize = 5;

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
    pub total: Money,
}

/// Other room types for these nights first, the cheapest first; then the same rooms on other days,
/// the nearest first.
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
    let Stay { first_day, end_day } = missed.stay;
    let today = zones::day_at(view.now_ms, &view.hotel.time_zone).map_err(|_| unknown_zone())?;
    let is_to_be_had = |stay: Stay, rooms: &[(&RoomType, i64)], adults: i64| {
        availability::check_stay(stay, today).is_ok()
            && rooms.iter().all(|(room_type, units)| {
                // Several types share the guests among them; their number was no reason so far.
                let party = Party { adults, children: Vec::new(), room_count: *units };
                let wish = wish(stay, &party, today, &missed.terms);
                view.stock.look(room_type, &view.rates, &wish).is_available()
            })
    };
    let types: Vec<&RoomType> = view.stock.types(missed.hotel).collect();
    let units = missed.rooms.values().sum();
    let mut found = Vec::new();
    let other = |room_type: &&&RoomType| {
        units <= LINE_UNITS_MAX && !missed.rooms.contains_key(&room_type.code)
    };
    for room_type in types.iter().filter(other) {
        let party =
            Party { adults: missed.adults, children: missed.children.clone(), room_count: units };
        let rooms = [(*room_type, units)];
        if availability::reasons_against_party(room_type, &party).is_empty()
            && is_to_be_had(missed.stay, &rooms, missed.adults)
        {
            found.extend(priced(view, missed, missed.stay, &rooms, today));
        }
    }
    found.sort_by_key(|alternative| alternative.total.minor);
    let same: Option<Vec<(&RoomType, i64)>> = missed
        .rooms
        .iter()
        .map(|(code, units)| {
            types.iter().find(|room_type| room_type.code == *code).map(|found| (*found, *units))
        })
        .collect();
    for days in (1..=SHIFT_DAYS_MAX).flat_map(|days| [-days, days]) {
        let stay = Stay::new(first_day.plus(days), end_day.plus(days));
        if let Some(rooms) = &same
            && is_to_be_had(stay, rooms, 1)
        {
            found.extend(priced(view, missed, stay, rooms, today));
        }
    }
    found.truncate(ALTERNATIVES_MAX);
    Ok(found)
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
    Some(Alternative { stay, rooms, total })
}
