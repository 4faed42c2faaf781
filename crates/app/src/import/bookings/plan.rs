//! The replay of a history as steps in the order they must be enqueued. Leaves no choice to whoever
//! runs it; books nothing itself.
//!
//! Within a day: cancellations of earlier bookings, new bookings, cancellations of bookings made
//! that day, check-outs, check-ins, check-outs of guests who leave on the day they came, no-shows.
//! Within each of these: the order of the file. A day's steps need no waiting for each other's
//! answers; the steps of a booking that was refused are left out.

use std::collections::BTreeMap;

use vacancy_domain::stays::Day;

use super::History;
use super::books::Books;
use super::options::{ALL, Rooms};
use super::row::{Booking, End};

/// One thing to do. `stay` is the index in [`History::stays`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Take one unit of [`Plan::pool_of`] for every night of the stay, and confirm it.
    Book { stay: usize },
    /// Cancel the reservation: every night returns.
    Cancel { stay: usize },
    /// The guest leaves: the last `nights_returned` nights return (0 when the stay is over).
    CheckOut { stay: usize, nights_returned: i64 },
    /// The guest arrives, without a room being assigned.
    CheckIn { stay: usize },
    /// The guest did not come: every night returns.
    NoShow { stay: usize },
}

impl Step {
    #[must_use]
    pub fn stay(self) -> usize {
        match self {
            Step::Book { stay }
            | Step::Cancel { stay }
            | Step::CheckOut { stay, .. }
            | Step::CheckIn { stay }
            | Step::NoShow { stay } => stay,
        }
    }

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Step::Book { .. } => "book",
            Step::Cancel { .. } => "cancel",
            Step::CheckOut { .. } => "check_out",
            Step::CheckIn { .. } => "check_in",
            Step::NoShow { .. } => "no_show",
        }
    }
}

/// The steps of one day, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayPlan {
    pub day: Day,
    pub steps: Vec<Step>,
}

/// One countable stock of the hotel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Pool {
    pub code: String,
    pub rooms: i64,
}

/// The whole replay. Days without a step do not appear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub pools: Vec<Pool>,
    pub overbook_bp: i64,
    pub days: Vec<DayPlan>,
    pool_of_stay: Vec<usize>,
}

impl Plan {
    /// The index in [`Plan::pools`] of the pool that the stay takes from.
    #[must_use]
    pub fn pool_of(&self, stay: usize) -> usize {
        self.pool_of_stay.get(stay).copied().unwrap_or(0)
    }

    /// Rooms of the whole hotel.
    #[must_use]
    pub fn rooms(&self) -> i64 {
        self.pools.iter().map(|pool| pool.rooms).sum()
    }
}

/// Why a history cannot be replayed with these rooms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    #[error("rooms: give a number for these types of the file too: {}", list(missing))]
    TypesWithoutRooms { missing: Vec<(String, i64)> },
    #[error("the file has no booking of at least one night")]
    NothingToReplay,
}

fn list(missing: &[(String, i64)]) -> String {
    let parts: Vec<String> =
        missing.iter().map(|(code, count)| format!("{code} ({count} bookings)")).collect();
    parts.join(", ")
}

/// Plans the replay of the history in a hotel with these rooms.
pub fn build(history: &History, rooms: &Rooms, overbook_bp: i64) -> Result<Plan, PlanFault> {
    if history.stays.is_empty() {
        return Err(PlanFault::NothingToReplay);
    }
    let days = order_days(&history.stays);
    let all_in_one = vec![0; history.stays.len()];
    let one_pool = |rooms| vec![Pool { code: ALL.to_owned(), rooms }];
    let (pools, pool_of_stay) = match rooms {
        Rooms::All { rooms } => (one_pool(*rooms), all_in_one),
        Rooms::Ample => {
            let books = Books::keep(history, &days, 1, |_| Some(0));
            (one_pool(books.peak().1), all_in_one)
        }
        Rooms::PerType { rooms } => {
            let pools: Vec<Pool> = rooms
                .iter()
                .map(|(code, rooms)| Pool { code: code.clone(), rooms: *rooms })
                .collect();
            let pool_of_stay = find_pools(&history.stays, &pools)?;
            (pools, pool_of_stay)
        }
    };
    Ok(Plan { pools, overbook_bp, days, pool_of_stay })
}

fn find_pools(stays: &[Booking], pools: &[Pool]) -> Result<Vec<usize>, PlanFault> {
    let place: BTreeMap<&str, usize> =
        pools.iter().enumerate().map(|(at, pool)| (pool.code.as_str(), at)).collect();
    let mut missing: BTreeMap<&str, i64> = BTreeMap::new();
    let mut found = Vec::with_capacity(stays.len());
    for booking in stays {
        match place.get(booking.room_type.as_str()) {
            Some(at) => found.push(*at),
            None => *missing.entry(&booking.room_type).or_default() += 1,
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let missing = missing.into_iter().map(|(code, count)| (code.to_owned(), count)).collect();
    Err(PlanFault::TypesWithoutRooms { missing })
}

/// The parts of a day, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    CancelEarlier,
    Book,
    CancelSameDay,
    CheckOut,
    CheckIn,
    LeaveOnArrivalDay,
    NoShow,
}

fn order_days(stays: &[Booking]) -> Vec<DayPlan> {
    let mut steps: Vec<(Day, Part, Step)> = Vec::with_capacity(stays.len() * 3);
    for (stay, booking) in stays.iter().enumerate() {
        steps.push((booking.booking_day, Part::Book, Step::Book { stay }));
        let arrival = booking.stay.first_day;
        match booking.end {
            End::Canceled { day } => {
                let same_day = day == booking.booking_day;
                let part = if same_day { Part::CancelSameDay } else { Part::CancelEarlier };
                steps.push((day, part, Step::Cancel { stay }));
            }
            End::NoShow => steps.push((arrival, Part::NoShow, Step::NoShow { stay })),
            End::CheckedOut { day } => {
                let same_day = day == arrival;
                let part = if same_day { Part::LeaveOnArrivalDay } else { Part::CheckOut };
                let nights_returned = booking.stay.end_day.0 - day.0;
                steps.push((arrival, Part::CheckIn, Step::CheckIn { stay }));
                steps.push((day, part, Step::CheckOut { stay, nights_returned }));
            }
        }
    }
    steps.sort_by_key(|(day, part, step)| (*day, *part, step.stay()));
    let mut days: Vec<DayPlan> = Vec::new();
    for (day, _, step) in steps {
        match days.last_mut() {
            Some(last) if last.day == day => last.steps.push(step),
            Some(_) | None => days.push(DayPlan { day, steps: vec![step] }),
        }
    }
    days
}
