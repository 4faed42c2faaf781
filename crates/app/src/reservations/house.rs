//! The house of today as the front desk sees it: who comes, stays and goes, in which rooms, and what
//! is still free tonight. Reads only.

use std::collections::BTreeMap;

use vacancy_domain::access::Action;
use vacancy_domain::cells::Cell;
use vacancy_domain::hotels::{Hotel, RoomType};
use vacancy_domain::ids::{LineId, PropertyId, RoomId};
use vacancy_domain::rooms::Room;
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::sql::tx::Tx;
use vacancy_store::{faults::Fault, room_nights, rooms};

use super::Bookings;
use super::read::DayAtDesk;
use crate::access::{self, Actor};
use crate::calendar;
use crate::errors::Error;
use crate::rooms::ROOMS_LISTED_MAX;

/// One hotel on its present day.
#[derive(Debug, Clone)]
pub struct House {
    pub hotel: Hotel,
    pub now_ms: i64,
    pub day: DayAtDesk,
    /// Every room type with tonight's stock, in the order of their codes.
    pub tonight: Vec<(RoomType, Cell)>,
    /// Numbers of the rooms that a line has now, or had on its last night.
    pub numbers: BTreeMap<LineId, Vec<String>>,
    /// Rooms that nobody has tonight.
    pub free: Vec<Room>,
}

impl Bookings {
    /// The house of a hotel today.
    pub async fn house(&self, actor: &Actor, property: PropertyId) -> Result<House, Error> {
        let hotel = access::hotel(&self.db, actor, Action::WorkFrontDesk, property).await?;
        let day = self.day(actor, property).await?;
        let today = day.today;
        let nights = Stay::new(today, today.plus(1));
        let types = calendar::inventory(&self.db, actor, property, nights).await?;
        let tonight = types.into_iter().filter_map(|kind| {
            let cell = kind.nights.first().map(|(_, cell)| *cell)?;
            Some((kind.room_type, cell))
        });
        let lists = [&day.arrivals, &day.in_house, &day.departures, &day.departed];
        let lines: Vec<LineId> = lists
            .into_iter()
            .flatten()
            .flat_map(|reservation| reservation.lines.iter().map(|reserved| reserved.line.id))
            .collect();
        let read = self.db.read(move |tx| {
            let lines = lines.clone();
            Box::pin(async move {
                let sleepers = room_nights::of_lines(tx, property, &lines).await?;
                Ok((tx.now_ms().await?, all_rooms(tx, property).await?, sleepers))
            })
        });
        let (now_ms, rooms, sleepers) = read.await?;
        let tonight = tonight.collect();
        let numbers = numbers(&rooms, &sleepers, today);
        let is_taken = |room: &Room| {
            sleepers.iter().any(|sleeper| sleeper.room == room.id && sleeper.day == today)
        };
        let free = rooms.into_iter().filter(|room| !is_taken(room)).collect();
        Ok(House { hotel, now_ms, day, tonight, numbers, free })
    }
}

/// The rooms of a hotel, by number; more than [`ROOMS_LISTED_MAX`] are not offered.
async fn all_rooms(tx: &Tx<'_>, property: PropertyId) -> Result<Vec<Room>, Fault> {
    rooms::list(tx, property, "", ROOMS_LISTED_MAX).await
}

/// Of each line the rooms of tonight, or of its last night when tonight is none of its nights.
fn numbers(
    rooms: &[Room],
    sleepers: &[room_nights::Sleeper],
    today: Day,
) -> BTreeMap<LineId, Vec<String>> {
    let by_id: BTreeMap<RoomId, &str> =
        rooms.iter().map(|room| (room.id, room.number.as_str())).collect();
    let mut shown_night: BTreeMap<LineId, Day> = BTreeMap::new();
    for sleeper in sleepers.iter().filter(|sleeper| sleeper.day <= today) {
        let night = shown_night.entry(sleeper.line).or_insert(sleeper.day);
        *night = sleeper.day.max(*night);
    }
    let mut numbers: BTreeMap<LineId, Vec<String>> = BTreeMap::new();
    for sleeper in sleepers.iter().filter(|one| shown_night.get(&one.line) == Some(&one.day)) {
        if let Some(number) = by_id.get(&sleeper.room) {
            numbers.entry(sleeper.line).or_default().push((*number).to_owned());
        }
    }
    for list in numbers.values_mut() {
        list.sort();
    }
    numbers
}
