//! What is looked at while the server runs: every minute, or as is set, whether the database is still
//! set up so that an answered booking cannot be lost; every few seconds how store, desk and jobs are,
//! so that trouble is in the log where nobody scrapes. It only tells; readiness and metrics show it.

use std::time::Duration;

use tokio::time::MissedTickBehavior;
use vacancy_store::faults::Fault;

use crate::metrics;
use crate::state::AppState;

/// Clocks that part, or a store that is away, are told within this time and a scrape's.
const MEASURE_EVERY: Duration = Duration::from_secs(15);

pub(super) async fn keep_measuring(state: AppState) {
    metrics::begin(&state);
    let mut beats = tokio::time::interval(MEASURE_EVERY);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beats.tick().await;
        metrics::measure(&state).await;
    }
}

pub(super) async fn keep_checking(state: AppState) {
    let period = Duration::from_millis(state.config.database_check_ms_max);
    let mut beats = tokio::time::interval(period);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beats.tick().await;
        look(&state).await;
    }
}

async fn look(state: &AppState) {
    match state.db.check_durability().await {
        Ok(()) => tell(state, false),
        Err(Fault::UnsafeDurability { setting }) => {
            tracing::error!(setting, "the database runs with {setting}: a booking could be lost");
            tell(state, true);
        }
        // Whether it can be reached is another question, which readiness asks for itself.
        Err(fault) => tracing::warn!(error = %fault, "check the database's settings: {fault}"),
    }
}

fn tell(state: &AppState, is_unsafe: bool) {
    state.health.set_durability_unsafe(is_unsafe);
    ::metrics::gauge!(metrics::DURABILITY_UNSAFE).set(if is_unsafe { 1.0 } else { 0.0 });
}
