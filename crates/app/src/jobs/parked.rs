//! Jobs that were given up. Those of money are tried again by a step in the inbox, and once a day.

use vacancy_domain::ids::JobId;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::watch::{self, Cursor};
use vacancy_store::jobs::{Job, JobState, claim};
use vacancy_store::sql::Db;

/// Most jobs of one page.
pub const PAGE_JOBS_MAX: i64 = 200;

/// Jobs that wait for a person, the oldest first, and where the list goes on.
///
/// # Errors
/// When the store fails.
pub async fn list(db: &Db, after: Cursor, jobs_max: i64) -> Result<(Vec<Job>, Cursor), Fault> {
    let jobs_max = jobs_max.clamp(1, PAGE_JOBS_MAX);
    let read = db.read(move |tx| {
        Box::pin(async move { watch::list(tx, JobState::Parked, after, jobs_max).await })
    });
    let jobs = read.await?;
    let reached = jobs.last().map_or(after, Cursor::behind);
    Ok((jobs, reached))
}

/// Puts a job back to work with all its attempts before it. `false`: it is not parked.
///
/// # Errors
/// When the store fails.
pub async fn retry(db: &Db, id: JobId) -> Result<bool, Fault> {
    db.write(move |tx| Box::pin(claim::retry_parked(tx, id))).await
}
