//! What an operator sees of the jobs, and the clearing away of those that are done.

use std::sync::LazyLock;

use vacancy_domain::ids::JobId;

use super::{COLUMNS, Job, JobState};
use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// Where a list of jobs goes on: behind the job that was added then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub created_at_ms: i64,
    pub id: JobId,
}

impl Cursor {
    pub const START: Cursor = Cursor { created_at_ms: i64::MIN, id: JobId(0) };
    pub const END: Cursor = Cursor { created_at_ms: i64::MAX, id: JobId(u128::MAX) };

    #[must_use]
    pub fn behind(job: &Job) -> Cursor {
        Cursor { created_at_ms: job.created_at_ms, id: job.id }
    }
}

/// Jobs of one state, the oldest first.
pub async fn list(
    tx: &Tx<'_>,
    state: JobState,
    after: Cursor,
    jobs_max: i64,
) -> Result<Vec<Job>, Fault> {
    static LIST: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM job AS t WHERE t.state = $1 \
             AND (t.created_at_ms, t.id) > ($2, $3) ORDER BY t.created_at_ms, t.id LIMIT $4"
        )
    });
    let (state, id) = (state.word(), uuid(after.id.0));
    tx.query(&Sql::new(LIST.as_str()), &[&state, &after.created_at_ms, &id, &jobs_max]).await
}

/// The job with this id.
pub async fn by_id(tx: &Tx<'_>, id: JobId) -> Result<Option<Job>, Fault> {
    static BY_ID: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLUMNS} FROM job AS t WHERE t.id = $1"));
    tx.query_opt(&Sql::new(BY_ID.as_str()), &[&uuid(id.0)]).await
}

/// A refund of this reservation that is not done and was asked for before: one that waits, runs or
/// is parked may have moved money that nobody knows of yet.
pub async fn open_refund(
    tx: &Tx<'_>,
    reservation: &str,
    before: Cursor,
) -> Result<Option<Job>, Fault> {
    static OPEN: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM job AS t WHERE t.kind IN ('refund', 'refund_payment') \
             AND t.state <> 'done' AND t.subject = $1 \
             AND (t.created_at_ms, t.id) < ($2, $3) LIMIT 1"
        )
    });
    let (sql, id) = (Sql::new(OPEN.as_str()), uuid(before.id.0));
    tx.query_opt(&sql, &[&reservation, &before.created_at_ms, &id]).await
}

/// Refunds that staff asked for one reservation and that are not in the books: they wait, run or are
/// parked.
pub async fn asked_refunds(tx: &Tx<'_>, reservation: &str) -> Result<Vec<Job>, Fault> {
    static ASKED: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM job AS t WHERE t.kind IN ('refund', 'refund_payment') \
             AND t.kind = 'refund_payment' AND t.state <> 'done' AND t.subject = $1 \
             AND NOT EXISTS (SELECT 1 FROM refund AS r WHERE r.id = t.id)"
        )
    });
    tx.query(&Sql::new(ASKED.as_str()), &[&reservation]).await
}

/// How many jobs of one kind stand where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindCount {
    pub kind: String,
    pub state: JobState,
    pub jobs_count: i64,
    /// How long the first of them has been due, for waiting and leased ones; 0 when none is.
    pub lag_ms: i64,
}

struct CountRow(KindCount, i64);

impl FromRow for CountRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let (kind, state) = (columns.get()?, columns.word(JobState::from_word)?);
        let count = KindCount { kind, state, jobs_count: columns.get()?, lag_ms: 0 };
        Ok(CountRow(count, columns.get()?))
    }
}

/// Counts what is not done, by kind and state: for metrics and the operator's page.
pub async fn count(tx: &Tx<'_>) -> Result<Vec<KindCount>, Fault> {
    const COUNT: Sql = Sql::new(
        "SELECT kind, state, COUNT(*), MIN(due_at_ms) FROM job \
         WHERE state IN ('waiting', 'leased', 'parked') GROUP BY kind, state ORDER BY kind, state",
    );
    let now_ms = tx.now_ms().await?;
    let rows = tx.query::<CountRow>(&COUNT, &[]).await?;
    let with_lag = |CountRow(mut count, first_due_at_ms): CountRow| {
        if count.state != JobState::Parked {
            count.lag_ms = (now_ms - first_due_at_ms).max(0);
        }
        count
    };
    Ok(rows.into_iter().map(with_lag).collect())
}

/// Forgets jobs that were added and done before a time; gives how many.
pub async fn purge_done(tx: &Tx<'_>, before_ms: i64, jobs_max: i64) -> Result<u64, Fault> {
    const PURGE: Sql = Sql::new(
        "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state = 'done' \
         AND created_at_ms < $1 AND completed_at_ms < $1 ORDER BY created_at_ms LIMIT $2)",
    );
    tx.execute(&PURGE, &[&before_ms, &jobs_max]).await
}
