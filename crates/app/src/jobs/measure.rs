//! What is told of the jobs to whoever watches the metrics: how many wait, and for how long.

use std::collections::BTreeMap;

use metrics::gauge;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::JobState;
use vacancy_store::jobs::watch::{self, KindCount};

use super::runner::Runner;

impl Runner {
    /// Sets the gauges `vacancy_jobs` and `vacancy_job_lag_seconds`. Asked when metrics are read.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn measure(&self) -> Result<(), Fault> {
        let (db, handlers) = self.parts();
        let counts = db.read(|tx| Box::pin(watch::count(tx))).await?;
        // A kind of which nothing is left must not keep its last figure.
        let mut told: BTreeMap<(String, &'static str), (i64, i64)> = BTreeMap::new();
        for kind in handlers.kinds() {
            for state in [JobState::Waiting, JobState::Leased, JobState::Parked] {
                told.insert((kind.to_owned(), state.word()), (0, 0));
            }
        }
        for KindCount { kind, state, jobs_count, lag_ms } in counts {
            told.insert((kind, state.word()), (jobs_count, lag_ms));
        }
        for ((kind, state), (jobs_count, lag_ms)) in told {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; counts are small")]
            let (count, lag_seconds) = (jobs_count as f64, lag_ms as f64 / 1000.0);
            gauge!("vacancy_jobs", "kind" => kind.clone(), "state" => state).set(count);
            if state == JobState::Waiting.word() {
                gauge!("vacancy_job_lag_seconds", "kind" => kind).set(lag_seconds);
            }
        }
        Ok(())
    }
}
