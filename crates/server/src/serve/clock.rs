//! Whether this machine and its database agree about the time. Only the database's clock decides, so
//! a wrong one here expires nothing; but ids are stamped with it and people read logs by it, and a
//! wrong one there moves every deadline. It only tells.

use std::time::Duration;

use tokio::time::MissedTickBehavior;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;

use crate::metrics;
use crate::state::{AppState, wall_clock_ms};

/// How often the clocks are compared.
const LOOK: Duration = Duration::from_secs(10);
/// Further apart than this is a matter for a person.
pub(crate) const CLOCK_SKEW_MS_MAX: i64 = 500;

pub(super) async fn keep_comparing(state: AppState) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        match skew_ms(&state.db).await {
            Ok(skew_ms) => tell(skew_ms),
            Err(fault) => tracing::warn!(error = %fault, "ask the store for its time: {fault}"),
        }
    }
}

/// How far the store's clock is ahead of ours.
pub(crate) async fn skew_ms(db: &Db) -> Result<i64, Fault> {
    let before_ms = wall_clock_ms();
    let store_ms = db.read(|tx| Box::pin(async move { tx.now_ms().await })).await?;
    Ok(skew(before_ms, store_ms, wall_clock_ms()))
}

/// The store read its clock somewhere between our two looks: what lies between them is no skew.
fn skew(before_ms: i64, store_ms: i64, after_ms: i64) -> i64 {
    store_ms - store_ms.clamp(before_ms, after_ms.max(before_ms))
}

fn tell(skew_ms: i64) {
    let skew = i32::try_from(skew_ms).unwrap_or(if skew_ms < 0 { i32::MIN } else { i32::MAX });
    ::metrics::gauge!(metrics::CLOCK_SKEW).set(f64::from(skew) / 1_000.0);
    if CLOCK_SKEW_MS_MAX < skew_ms.abs() {
        tracing::error!(skew_ms, "the database's clock is {skew_ms} ms ahead of this machine's");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_the_question_took_is_no_skew() {
        for (before_ms, store_ms, after_ms, expected_ms) in [
            (1_000, 1_000, 1_000, 0),
            (1_000, 1_700, 2_000, 0),
            (1_000, 2_600, 2_000, 600),
            (1_000, 300, 2_000, -700),
            // Our own clock was set back meanwhile.
            (2_000, 2_000, 1_000, 0),
        ] {
            assert_eq!(skew(before_ms, store_ms, after_ms), expected_ms);
        }
    }
}
