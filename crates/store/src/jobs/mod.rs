//! Work that is due later: mail, refunds, settling of payments. A job is claimed by its state,
//! under a lease, and its attempt is counted when it is claimed, so that a job which kills the
//! process still reaches its limit. What a kind of job does is not known here.

pub mod claim;
pub mod watch;

use std::sync::LazyLock;

use uuid::Uuid;
use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::{JobId, PropertyId};

use crate::faults::Fault;
use crate::holds::write::expect;
use crate::ids::{Columns, uuid};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::Tx;

/// How often a job is tried before it is parked for a person to look at.
pub const JOB_ATTEMPTS_MAX: i64 = 10;
/// Longest part of an error that is kept with its job, in characters.
pub const ERROR_CHARS_MAX: usize = 500;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    /// Not yet due, or due and nobody has it.
    Waiting,
    /// A worker has it, until its lease runs out.
    Leased,
    Done,
    /// Given up after too many attempts; a person decides.
    Parked,
}

impl JobState {
    pub const ALL: [JobState; 4] =
        [JobState::Waiting, JobState::Leased, JobState::Done, JobState::Parked];

    /// The word in the store, the log and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            JobState::Waiting => "waiting",
            JobState::Leased => "leased",
            JobState::Done => "done",
            JobState::Parked => "parked",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<JobState> {
        JobState::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A piece of work to be done once it is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    pub id: JobId,
    /// The name under which its handler is registered.
    pub kind: &'static str,
    pub property: Option<PropertyId>,
    /// What it is about, for people and for look-up: an id as text.
    pub subject: String,
    /// JSON, read by the handler alone.
    pub payload: String,
    /// Counted from the time of the transaction that adds it; 0 is at once.
    pub due_in_ms: i64,
}

/// A job as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub property: Option<PropertyId>,
    pub subject: String,
    pub payload: String,
    pub state: JobState,
    pub due_at_ms: i64,
    pub lease_until_ms: Option<i64>,
    pub lease_owner: Option<String>,
    /// Attempts begun, the running one included.
    pub attempts: i64,
    /// What the last attempt said; empty when none failed.
    pub last_error: String,
    pub created_at_ms: i64,
    pub completed_at_ms: Option<i64>,
}

/// Every column that [`Job`] reads, in its order.
pub(crate) const COLUMNS: &str = "t.id, t.kind, t.property, t.subject, t.payload, t.state, \
    t.due_at_ms, t.lease_until_ms, t.lease_owner, t.attempts, t.last_error, t.created_at_ms, \
    t.completed_at_ms";

impl FromRow for Job {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Job {
            id: JobId(columns.id()?),
            kind: columns.get()?,
            property: columns.get::<Option<Uuid>>()?.map(|id| PropertyId(id.as_u128())),
            subject: columns.get()?,
            payload: columns.get()?,
            state: columns.word(JobState::from_word)?,
            due_at_ms: columns.get()?,
            lease_until_ms: columns.get()?,
            lease_owner: columns.get()?,
            attempts: columns.get()?,
            last_error: columns.get()?,
            created_at_ms: columns.get()?,
            completed_at_ms: columns.get()?,
        })
    }
}

static ADD: LazyLock<Bulk> = LazyLock::new(insert);
static ADD_ONCE: LazyLock<Bulk> = LazyLock::new(|| insert().or_nothing());

fn insert() -> Bulk {
    Bulk::insert(
        "job",
        &[
            ("id", Kind::Uuid),
            ("kind", Kind::Text),
            ("property", Kind::Uuid),
            ("subject", Kind::Text),
            ("payload", Kind::Text),
            ("state", Kind::Text),
            ("due_at_ms", Kind::I64),
            ("attempts", Kind::I64),
            ("last_error", Kind::Text),
            ("created_at_ms", Kind::I64),
        ],
    )
}

/// Adds jobs in the transaction whose consequence they are.
pub async fn add(tx: &Tx<'_>, now_ms: i64, jobs: &[NewJob]) -> Result<(), Fault> {
    crash_point("write.jobs");
    expect(tx.bulk_execute(&ADD, &columns(now_ms, jobs)).await?, jobs.len())
}

/// Adds a job unless there is one of its id, whatever became of that; gives whether it was added.
pub async fn add_once(tx: &Tx<'_>, now_ms: i64, job: NewJob) -> Result<bool, Fault> {
    crash_point("write.jobs");
    Ok(0 < tx.bulk_execute(&ADD_ONCE, &columns(now_ms, &[job])).await?)
}

fn columns(now_ms: i64, jobs: &[NewJob]) -> [Column; 10] {
    let text =
        |of: fn(&NewJob) -> &str| Column::Text(jobs.iter().map(|job| of(job).to_owned()).collect());
    [
        Column::Uuid(jobs.iter().map(|job| uuid(job.id.0)).collect()),
        text(|job| job.kind),
        Column::OptUuid(jobs.iter().map(|job| job.property.map(|id| uuid(id.0))).collect()),
        text(|job| &job.subject),
        text(|job| &job.payload),
        text(|_| JobState::Waiting.word()),
        Column::I64(jobs.iter().map(|job| now_ms + job.due_in_ms).collect()),
        Column::I64(vec![0; jobs.len()]),
        text(|_| ""),
        Column::I64(vec![now_ms; jobs.len()]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_survives_its_word() {
        for state in JobState::ALL {
            assert_eq!(JobState::from_word(state.word()), Some(state));
        }
        assert_eq!(JobState::from_word("lost"), None);
    }
}
