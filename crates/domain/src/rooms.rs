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
    let mut given: BTreeSet<(RoomId, Day)> = BTreeSet::new();
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
        for day in nights_to_come(line, today) {
            given.insert((room, day));
            changes.push(Change::RoomTaken { room, day, line: line.id });
        }
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

/// Moves the rooms of a line to the line that takes its place. A guest keeps the room for every
/// night on which it is free; the other nights are for the front desk to assign.
#[must_use]
pub fn carry_over(stock: &Snapshot, old: LineId, new: &Line) -> Vec<Change> {
    let mut changes = free(stock, old, Day(i64::MIN));
    for room in rooms_of(stock, old) {
        let fits = stock.rooms.get(&room).is_some_and(|room| room.pool == new.pool);
        let free =
            |day: &Day| stock.room_nights.get(&(room, *day)).is_none_or(|sleeper| *sleeper == old);
        let nights = new.stay.days().filter(|day| fits && free(day));
        changes.extend(nights.map(|day| Change::RoomTaken { room, day, line: new.id }));
    }
    changes
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
    text: &str,
    given: &BTreeSet<(RoomId, Day)>,
    today: Day,
) -> Result<RoomId, Refusal> {
    let number = || text.to_owned();
    let numbered: Vec<&Room> = stock.rooms.values().filter(|room| room.number == text).collect();
    let Some(room) = numbered.iter().find(|room| room.pool == line.pool) else {
        // A batch may serve several properties, and each has its room 101.
        let property = |pool| stock.pools.get(&pool).map(|pool| pool.property);
        let here = property(line.pool);
        let is_here = |room: &&Room| property(room.pool).is_none_or(|owner| Some(owner) == here);
        return Err(if numbered.into_iter().any(|room| is_here(&room)) {
            Refusal::RoomOfOtherType { number: number() }
        } else {
            Refusal::UnknownRoom { number: number() }
        });
    };
    match taken_on(stock, room.id, line, given, today) {
        Some(day) => Err(Refusal::RoomTaken { number: number(), day }),
        None => Ok(room.id),
    }
}

fn any(
    stock: &Snapshot,
    line: &Line,
    given: &BTreeSet<(RoomId, Day)>,
    today: Day,
) -> Result<RoomId, Refusal> {
    let of_type = stock.rooms.values().filter(|room| room.pool == line.pool);
    let mut free: Vec<&Room> =
        of_type.filter(|room| taken_on(stock, room.id, line, given, today).is_none()).collect();
    free.sort_by(|a, b| a.number.cmp(&b.number));
    free.first().map(|room| room.id).ok_or(Refusal::NoRoomFree { line: line.id })
}

fn taken_on(
    stock: &Snapshot,
    room: RoomId,
    line: &Line,
    given: &BTreeSet<(RoomId, Day)>,
    today: Day,
) -> Option<Day> {
    nights_to_come(line, today)
        .find(|day| stock.room_nights.contains_key(&(room, *day)) || given.contains(&(room, *day)))
}

fn nights_to_come(line: &Line, today: Day) -> impl Iterator<Item = Day> + use<> {
    line.stay.days().filter(move |day| today <= *day)
}
