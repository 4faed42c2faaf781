//! What is looked at every minute while the server runs: whether the database is still set up so
//! that an answered booking cannot be lost. It only tells; readiness and metrics show it.

use std::time::Duration;

use tokio::time::MissedTickBehavior;
use vacancy_store::faults::Fault;

use crate::metrics;
use crate::state::AppState;

const MINUTE: Duration = Duration::from_secs(60);

pub(super) async fn every_minute(state: AppState) {
    let mut minutes = tokio::time::interval(MINUTE);
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        look(&state).await;
        metrics::upkeep();
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
