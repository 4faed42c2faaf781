//! What became of the deliveries, beside what has to.

use std::time::Duration;

use super::Load;

const PER_SECOND_MIN: usize = 2_000;

#[derive(Default)]
pub(crate) struct Measured {
    /// Of each delivery from when it was due, in order.
    pub(crate) took_us: Vec<u64>,
    pub(crate) refused: usize,
    pub(crate) delivering: Duration,
    /// From the last answer until the last reservation was seen confirmed.
    pub(crate) settling: Duration,
    pub(crate) confirmed: usize,
    pub(crate) look_ups: usize,
    /// As counted by `vacancy verify` afterwards.
    pub(crate) reservations: usize,
    pub(crate) cpu_ms: u64,
}

impl Measured {
    /// # Errors
    /// When something was lost, or done twice.
    pub(crate) fn check(&self, load: Load) -> Result<(), String> {
        let right = self.refused == 0
            && self.took_us.len() == load.deliveries()
            && self.confirmed == load.orders()
            && self.reservations == load.orders();
        right.then_some(()).ok_or_else(|| "not every delivery did what it should".to_owned())
    }
}

pub(crate) fn table(load: Load, measured: &Measured) -> String {
    let times = &measured.took_us;
    let at = |percent: usize| {
        let us = times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or(0);
        format!("{}.{} ms", us / 1_000, us % 1_000 / 100)
    };
    let seconds = |time: Duration| format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100);
    let ms = usize::try_from(measured.delivering.as_millis()).unwrap_or(usize::MAX).max(1);
    format!(
        "{} events of paid orders, each delivered {} times in {}, each signed anew.\n\n\
         | | measured | goal |\n|---|---|---|\n\
         | deliveries per second | {} | ≥ {PER_SECOND_MIN} |\n\
         | not taken | {} of {} | 0 |\n\
         | from due to answered, p50 / p99 / most | {} / {} / {} | |\n\
         | reservations confirmed | {} of {} | all |\n\
         | the last of them seen, after the last answer | {} | |\n\
         | look-ups at the provider | {} | one for each order, and those of guests who wait |\n\
         | the server's processor time | {} % of one core | |\n\n\
         Verified afterwards: {} reservations.\n",
        load.orders(),
        load.copies,
        seconds(measured.delivering),
        times.len() * 1_000 / ms,
        measured.refused,
        times.len(),
        at(50),
        at(99),
        at(100),
        measured.confirmed,
        load.orders(),
        seconds(measured.settling),
        measured.look_ups,
        measured.cpu_ms * 100 / u64::try_from(ms).unwrap_or(1),
        measured.reservations,
    )
}
