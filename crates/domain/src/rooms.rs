//! Physical rooms, and who sleeps in them: the second place where double booking hides. One row
//! per room and night, written at assignment, is the wall.

use std::collections::BTreeSet;

use crate::holds::Hold;
use crate::ids::{LineId, PoolId, RoomId};
use crate::ledger::Line;
use crate::refusals::Refusal;
use crate::snapshot::{Change, Snapshot};
use crate::stays::Day;

/// One physical room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub id: RoomId,
    pub pool: PoolId,
    /// The number on the door, as text.
    pub number: String,
}

/// What the front desk asks at check-in: a room for one unit of a line, by number or any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub line: LineId,
    pub number: Option<String>,
}

/// Assigns one room per asked unit for every night of its line from `today` on. A room that is
/// taken on any of the nights is refused when it was named, passed over when not.
pub fn assign(
    stock: &Snapshot,
    hold: &Hold,
    asks: &[Assignment],
    today: Day,
) -> Result<Vec<Change>, Refusal> {
    let mut changes = Vec::new();
    let mut given: BTreeSet<RoomId> = BTreeSet::new();
    for ask in asks {
        let line = hold.lines.iter().find(|line| line.id == ask.line);
        let line = line.ok_or(Refusal::Mismatch { field: "lineId" })?;
        let asked_units = asks.iter().filter(|other| other.line == line.id).count();
        let had_units = rooms_of(stock, line.id).len();
        if line.units < i64::try_from(asked_units + had_units).unwrap_or(i64::MAX) {
            return Err(Refusal::TooManyUnits { units_max: line.units });
        }
        let room = match &ask.number {
            Some(number) => named(stock, line, number, &given, today)?,
            None => any(stock, line, &given, today)?,
        };
        given.insert(room);
        let nights = line.stay.days().filter(|day| today <= *day);
        changes.extend(nights.map(|day| Change::RoomTaken { room, day, line: line.id }));
    }
    Ok(changes)
}

/// Frees the rooms of a line from a day on.
#[must_use]
pub fn free(stock: &Snapshot, line: LineId, from_day: Day) -> Vec<Change> {
    let nights = stock.room_nights.iter();
    nights
        .filter(|((_, day), sleeper)| **sleeper == line && from_day <= *day)
        .map(|((room, day), _)| Change::RoomFreed { room: *room, day: *day })
        .collect()
}

/// Rooms assigned to a line.
#[must_use]
pub fn rooms_of(stock: &Snapshot, line: LineId) -> BTreeSet<RoomId> {
    let nights = stock.room_nights.iter();
    nights.filter(|(_, sleeper)| **sleeper == line).map(|((room, _), _)| *room).collect()
}

fn named(
    stock: &Snapshot,
    line: &Line,
    number: &str,
    given: &BTreeSet<RoomId>,
    today: Day,
) -> Result<RoomId, Refusal> {
    let number = || number.to_owned();
    let mut numbered = stock.rooms.values().filter(|room| room.number == number());
    let Some(room) = numbered.next() else {
        return Err(Refusal::UnknownRoom { number: number() });
    };
    if room.pool != line.pool {
        return Err(Refusal::RoomOfOtherType { number: number() });
    }
    if given.contains(&room.id) {
        return Err(Refusal::RoomTaken { number: number(), day: line.stay.first_day });
    }
    match taken_on(stock, room.id, line, today) {
        Some(day) => Err(Refusal::RoomTaken { number: number(), day }),
        None => Ok(room.id),
    }
}

fn any(
    stock: &Snapshot,
    line: &Line,
    given: &BTreeSet<RoomId>,
    today: Day,
) -> Result<RoomId, Refusal> {
    let of_type = stock.rooms.values().filter(|room| room.pool == line.pool);
    let mut free: Vec<&Room> = of_type
        .filter(|room| !given.contains(&room.id))
        .filter(|room| taken_on(stock, room.id, line, today).is_none())
        .collect();
    free.sort_by(|a, b| a.number.cmp(&b.number));
    free.first().map(|room| room.id).ok_or(Refusal::NoRoomFree { line: line.id })
}

fn taken_on(stock: &Snapshot, room: RoomId, line: &Line, today: Day) -> Option<Day> {
    let mut nights = line.stay.days().filter(|day| today <= *day);
    nights.find(|day| stock.room_nights.contains_key(&(room, *day)))
}
