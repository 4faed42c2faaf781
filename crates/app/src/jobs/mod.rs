//! Work that is done later, and again until it is done: who does which kind, how often it is
//! tried, how long one attempt may take. A handler may run more than once for one job, since its
//! process may end between the deed and the note of it: handlers look before they act.

pub mod housekeeping;
pub mod measure;
#[cfg(feature = "mutants")]
mod mutants;
pub mod parked;
#[cfg(feature = "crash-points")]
pub mod poison;
pub mod runner;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::Job;

use crate::errors::Error;

/// How often an idle runner looks for work that nobody woke it for.
pub const JOB_POLL_MS: u64 = 500;
/// Most jobs that one instance runs at once.
pub const JOBS_AT_ONCE: usize = 8;
/// How long a claim lasts unless it is extended; then another worker takes over.
pub const JOB_LEASE_MS: i64 = 30_000;
/// Pause after the first failed attempt; each further one doubles it.
pub const RETRY_MS_MIN: i64 = 5_000;
/// Longest pause between two attempts: one hour.
pub const RETRY_MS_MAX: i64 = 60 * 60 * 1000;
/// The same for what can wait for days: an outage of a day is survived, whatever chance says.
pub const PATIENT_RETRY_MS_MIN: i64 = 30 * 60 * 1000;
/// Twelve hours.
pub const PATIENT_RETRY_MS_MAX: i64 = 12 * 60 * 60 * 1000;
/// How long running jobs may take to end when the process stops.
pub const STOP_GRACE_MS: u64 = 10_000;

/// Why an attempt failed. The text is kept with the job and shown to operators: it must hold
/// nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobError {
    /// Another attempt may succeed.
    Retry { told: String },
    /// Another attempt makes sense after this pause, not before.
    RetryIn { told: String, pause_ms: i64 },
    /// Something else goes first. That was no attempt.
    NotYet { told: String, pause_ms: i64 },
    /// No attempt can ever succeed: a person must look.
    Hopeless { told: String },
}

impl JobError {
    pub fn retry(told: impl Into<String>) -> JobError {
        JobError::Retry { told: told.into() }
    }

    /// Another attempt may succeed, and nobody waits for it: the pauses grow to hours.
    pub fn retry_patiently(self, attempts: i64, random: u64) -> JobError {
        match self {
            JobError::Retry { told } => {
                let pause_ms = patient_pause_ms(attempts, random);
                JobError::RetryIn { told, pause_ms }
            }
            JobError::RetryIn { .. } | JobError::NotYet { .. } | JobError::Hopeless { .. } => self,
        }
    }

    pub fn hopeless(told: impl Into<String>) -> JobError {
        JobError::Hopeless { told: told.into() }
    }
}

impl From<Fault> for JobError {
    fn from(fault: Fault) -> JobError {
        JobError::retry(fault.to_string())
    }
}

impl From<Error> for JobError {
    fn from(error: Error) -> JobError {
        JobError::retry(error.to_string())
    }
}

/// Does one attempt at a job.
pub type Handler = Arc<dyn Fn(Job) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// How one kind of job is done.
#[derive(Clone)]
pub struct Work {
    pub handler: Handler,
    /// How long one attempt may take; then it is dropped and counts as failed.
    pub deadline: Duration,
}

/// What this process can do, by kind of job. Kinds that it does not know wait for one that does.
#[derive(Clone, Default)]
pub struct Handlers(BTreeMap<&'static str, Work>);

impl Handlers {
    /// Adds a kind. The name stands with every job of it in the store.
    #[must_use]
    pub fn with(mut self, kind: &'static str, deadline: Duration, handler: Handler) -> Handlers {
        let known = self.0.insert(kind, Work { handler, deadline });
        assert!(known.is_none(), "one handler per kind of job: {kind}");
        self
    }

    #[must_use]
    pub fn get(&self, kind: &str) -> Option<&Work> {
        self.0.get(kind)
    }

    pub fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.keys().copied()
    }
}

/// The pause before the next attempt: doubled each time, and spread over its upper half, so that
/// jobs which failed together do not come back together.
#[must_use]
pub fn retry_pause_ms(attempts: i64, random: u64) -> i64 {
    pause_between_ms((RETRY_MS_MIN, RETRY_MS_MAX), attempts, random)
}

/// The same for a job that can wait for days.
#[must_use]
pub fn patient_pause_ms(attempts: i64, random: u64) -> i64 {
    pause_between_ms((PATIENT_RETRY_MS_MIN, PATIENT_RETRY_MS_MAX), attempts, random)
}

fn pause_between_ms((min_ms, max_ms): (i64, i64), attempts: i64, random: u64) -> i64 {
    let doublings = u32::try_from((attempts - 1).clamp(0, 20)).unwrap_or(20);
    let pause_ms = min_ms.saturating_mul(1 << doublings).min(max_ms);
    let half_ms = pause_ms / 2;
    let spread_ms = i64::try_from(random % half_ms.unsigned_abs().max(1)).unwrap_or(0);
    half_ms + spread_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_patient_outlasts_a_day_and_who_is_not_does_not() {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        // Pauses between all attempts that a job has.
        let waited_ms = |pause_ms: fn(i64, u64) -> i64, random: u64| -> i64 {
            (1..vacancy_store::jobs::JOB_ATTEMPTS_MAX).map(|left| pause_ms(left, random)).sum()
        };
        for random in [0, 1, 77, u64::MAX] {
            assert!(DAY_MS < waited_ms(patient_pause_ms, random), "{random}");
            assert!(waited_ms(retry_pause_ms, random) < DAY_MS, "{random}");
            assert!(patient_pause_ms(1, random) <= PATIENT_RETRY_MS_MIN);
        }
    }

    #[test]
    fn a_pause_doubles_up_to_an_hour_and_is_never_short() {
        for (attempts, at_least_ms, at_most_ms) in [
            (1, 2_500, 5_000),
            (2, 5_000, 10_000),
            (5, 40_000, 80_000),
            (10, 1_280_000, 2_560_000),
            (11, 1_800_000, 3_600_000),
            (1_000, 1_800_000, 3_600_000),
        ] {
            for random in [0, 1, 77, u64::MAX] {
                let pause_ms = retry_pause_ms(attempts, random);
                assert!((at_least_ms..=at_most_ms).contains(&pause_ms), "{attempts}: {pause_ms}");
            }
        }
    }
}
