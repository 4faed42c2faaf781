//! The clock of a replay: it stands at noon of one day until it is turned to the next. Nothing else
//! of the program may look at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use vacancy_domain::stays::Day;
use vacancy_domain::zones;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Time;

use crate::ids::Stamp;

/// Noon: no change of clocks anywhere touches it.
const NOON_MINUTES: i64 = 12 * 60;

/// A clock that only its owner turns. Clones are the same clock.
#[derive(Debug, Clone, Default)]
pub struct GivenClock(Arc<AtomicI64>);

impl GivenClock {
    /// Turns it to noon of a day in a time zone.
    pub fn turn_to(&self, day: Day, time_zone: &str) -> Result<(), Fault> {
        let noon_ms = zones::instant_ms(day, NOON_MINUTES, time_zone)
            .map_err(|_| Fault::internal("find the noon of a day"))?;
        self.turn_to_ms(noon_ms);
        Ok(())
    }

    pub fn turn_to_ms(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// For a store that decides by it.
    #[must_use]
    pub fn time(&self) -> Time {
        let clock = self.clone();
        Time::Given(Arc::new(move || clock.now_ms()))
    }

    /// For ids that are as old as what they name.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let clock = self.clone();
        Arc::new(move || clock.now_ms())
    }
}
