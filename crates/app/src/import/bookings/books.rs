//! How many rooms stand on the books for every night while a plan runs: what it takes, whatever
//! the rooms there are. A plain count beside the engine's own, so that a report does not repeat
//! what the engine believes.

use vacancy_domain::stays::{Day, Stay};

use super::History;
use super::plan::{DayPlan, Step};

/// Rooms on the books by pool and night: the most at any time, and at the end.
#[derive(Debug)]
pub(super) struct Books {
    first_day: Day,
    nights: Vec<Vec<Night>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Night {
    pub(super) most: i64,
    pub(super) end: i64,
}

impl Books {
    /// Runs the days' steps. `pool_of` gives the pool of a stay that was taken, nothing for one
    /// that was not.
    pub(super) fn keep(
        history: &History,
        days: &[DayPlan],
        pool_count: usize,
        pool_of: impl Fn(usize) -> Option<usize>,
    ) -> Books {
        let stays = || history.stays.iter().map(|booking| booking.stay);
        let first_day = stays().map(|stay| stay.first_day).min().unwrap_or(Day(0));
        let end_day = stays().map(|stay| stay.end_day).max().unwrap_or(Day(0));
        let night_count = usize::try_from(end_day.0 - first_day.0).unwrap_or(0);
        let nights = vec![vec![Night::default(); night_count]; pool_count];
        let mut books = Books { first_day, nights };
        for step in days.iter().flat_map(|day| &day.steps) {
            let Some(pool) = pool_of(step.stay()) else { continue };
            let Some(booking) = history.stays.get(step.stay()) else { continue };
            let Stay { first_day, end_day } = booking.stay;
            match step {
                Step::Book { .. } => books.add(pool, first_day, end_day, 1),
                Step::Cancel { .. } | Step::NoShow { .. } => {
                    books.add(pool, first_day, end_day, -1)
                }
                Step::CheckIn { .. } => {}
                Step::CheckOut { nights_returned, .. } => {
                    books.add(pool, end_day.plus(-nights_returned), end_day, -1);
                }
            }
        }
        books
    }

    /// The fullest night over all pools, and how many rooms it needed at some time.
    pub(super) fn peak(&self) -> (Day, i64) {
        let mut peak = (self.first_day, 0);
        for (offset, day) in self.days().enumerate() {
            let most =
                self.nights.iter().filter_map(|pool| pool.get(offset)).map(|night| night.most);
            let most: i64 = most.sum();
            if peak.1 < most {
                peak = (day, most);
            }
        }
        peak
    }

    /// Every night of one pool.
    pub(super) fn nights(&self, pool: usize) -> &[Night] {
        self.nights.get(pool).map_or(&[], Vec::as_slice)
    }

    fn days(&self) -> impl Iterator<Item = Day> + use<> {
        let count = self.nights.first().map_or(0, Vec::len);
        let first_day = self.first_day.0;
        (first_day..).map(Day).take(count)
    }

    fn add(&mut self, pool: usize, first_day: Day, end_day: Day, units: i64) {
        let offset = usize::try_from(first_day.0 - self.first_day.0).unwrap_or(0);
        let count = usize::try_from(end_day.0 - first_day.0).unwrap_or(0);
        let Some(nights) = self.nights.get_mut(pool) else { return };
        for night in nights.iter_mut().skip(offset).take(count) {
            night.end += units;
            night.most = night.most.max(night.end);
        }
    }
}
