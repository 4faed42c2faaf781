//! A job's life in the hands of a worker. Every write after the claim is guarded by the lease
//! that the claim gave: a worker whose lease was taken over changes nothing, and learns it.

use std::sync::LazyLock;

use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::JobId;

use super::{COLUMNS, ERROR_CHARS_MAX, JOB_ATTEMPTS_MAX, Job, JobState};
use crate::faults::Fault;
use crate::holds::write::expect;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::row::Bind;
use crate::sql::tx::{Sql, Tx};

/// What a worker takes, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Unique among all workers of all instances.
    pub worker: String,
    /// Kinds that this worker knows; the others wait for one that does.
    pub kinds: Vec<String>,
    pub jobs_max: i64,
    pub lease_ms: i64,
}

/// What a claim found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claimed {
    /// Leased to the worker once the transaction has committed, not before.
    pub jobs: Vec<Job>,
    /// Found with all their attempts used up: now parked.
    pub parked: Vec<Job>,
}

/// Most jobs of one claim whose lease ran out. One of them may be what ended its process: those that
/// were under way beside it must not share its fate again and again, so they come back one by one,
/// and the last that was tried comes last.
const RUN_OUT_JOBS_MAX: i64 = 1;

/// Kinds come as one text (`,mail,refund,`), which both engines can look into.
const OF_KIND: &str = "REPLACE($1, ',' || t.kind || ',', '') <> $1";
const RAN_OUT: &str = "t.state = 'leased' AND t.lease_until_ms <= $2";
const IS_DUE: &str = "t.state = 'waiting' AND t.due_at_ms <= $2";

static LEASES_RUN_OUT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {COLUMNS} FROM job AS t WHERE {RAN_OUT} AND {OF_KIND} \
         ORDER BY t.lease_until_ms, t.id LIMIT $3"
    )
});
static DUE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {COLUMNS} FROM job AS t WHERE {IS_DUE} AND {OF_KIND} \
         ORDER BY t.due_at_ms, t.id LIMIT $3"
    )
});
/// `dialect::Fork::SkipLocked`: what another worker is claiming now is not for us.
const SKIP_LOCKED: &str = " FOR UPDATE SKIP LOCKED";

static LEASE: LazyLock<Bulk> = LazyLock::new(|| leased("attempts = t.attempts + 1"));
/// For the test that must fail when an attempt is not counted before it begins.
static LEASE_UNCOUNTED: LazyLock<Bulk> = LazyLock::new(|| leased("attempts = t.attempts"));

fn leased(counted: &str) -> Bulk {
    Bulk::update(
        "job",
        &format!("state = 'leased', lease_owner = u.worker, lease_until_ms = u.lease, {counted}"),
        "t.id = u.id AND t.attempts = u.attempts",
        &[
            ("id", Kind::Uuid),
            ("attempts", Kind::I64),
            ("worker", Kind::Text),
            ("lease", Kind::I64),
        ],
    )
}
static PARK: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::update(
        "job",
        "state = 'parked', lease_owner = NULL, lease_until_ms = NULL, last_error = u.told",
        "t.id = u.id AND t.attempts = u.attempts",
        &[("id", Kind::Uuid), ("attempts", Kind::I64), ("told", Kind::Text)],
    )
});

/// Leases what is due and free, the longest overdue first, and counts the attempt. A side effect
/// may start only after the transaction of this claim has committed.
pub async fn claim(tx: &Tx<'_>, ask: &Claim) -> Result<Claimed, Fault> {
    let now_ms = tx.now_ms().await?;
    let kinds = kinds_text(&ask.kinds);
    let mut found: Vec<Job> = Vec::new();
    for (text, jobs_max) in [(&LEASES_RUN_OUT, RUN_OUT_JOBS_MAX), (&DUE, ask.jobs_max)] {
        let found_count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let left = jobs_max.min(ask.jobs_max - found_count);
        if 0 < left {
            let sql = Sql::locking(text.as_str(), SKIP_LOCKED);
            found.extend(tx.query::<Job>(&sql, &[&kinds, &now_ms, &left]).await?);
        }
    }
    let (mut jobs, mut parked): (Vec<Job>, Vec<Job>) =
        found.into_iter().partition(|job| job.attempts < JOB_ATTEMPTS_MAX);
    let lease_until_ms = now_ms + ask.lease_ms;
    lease(tx, &jobs, &ask.worker, lease_until_ms).await?;
    for job in &mut jobs {
        job.state = JobState::Leased;
        job.attempts += i64::from(!guards::is_off(Guard::AttemptAtClaim));
        job.lease_owner = Some(ask.worker.clone());
        job.lease_until_ms = Some(lease_until_ms);
    }
    for job in &mut parked {
        job.state = JobState::Parked;
        if job.last_error.is_empty() {
            // It never came to tell: the process ended with it, each time.
            job.last_error = "no attempt came to its end".to_owned();
        }
    }
    park_all(tx, &parked).await?;
    Ok(Claimed { jobs, parked })
}

/// Whether a claim would find anything: asked in a read, so that an idle worker writes nothing. The
/// order keeps PostgreSQL on the indexes: done jobs were due, too, and make it expect many.
pub async fn is_any_due(tx: &Tx<'_>, kinds: &[String]) -> Result<bool, Fault> {
    static ANY: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT (SELECT COUNT(*) FROM (SELECT t.id FROM job AS t WHERE {RAN_OUT} \
             AND {OF_KIND} ORDER BY t.lease_until_ms LIMIT 1) AS ran_out) + \
             (SELECT COUNT(*) FROM (SELECT t.id FROM job AS t WHERE {IS_DUE} \
             AND {OF_KIND} ORDER BY t.due_at_ms LIMIT 1) AS due)"
        )
    });
    let now_ms = tx.now_ms().await?;
    let kinds = kinds_text(kinds);
    let (found,) = tx.query_one::<(i64,)>(&Sql::new(ANY.as_str()), &[&kinds, &now_ms]).await?;
    Ok(found != 0)
}

async fn lease(tx: &Tx<'_>, jobs: &[Job], worker: &str, until_ms: i64) -> Result<(), Fault> {
    let columns = [
        Column::Uuid(jobs.iter().map(|job| uuid(job.id.0)).collect()),
        Column::I64(jobs.iter().map(|job| job.attempts).collect()),
        Column::Text(vec![worker.to_owned(); jobs.len()]),
        Column::I64(vec![until_ms; jobs.len()]),
    ];
    let is_off = guards::is_off(Guard::AttemptAtClaim);
    let sql = if is_off { &LEASE_UNCOUNTED } else { &LEASE };
    expect(tx.bulk_execute(sql, &columns).await?, jobs.len())
}

async fn park_all(tx: &Tx<'_>, jobs: &[Job]) -> Result<(), Fault> {
    let columns = [
        Column::Uuid(jobs.iter().map(|job| uuid(job.id.0)).collect()),
        Column::I64(jobs.iter().map(|job| job.attempts).collect()),
        Column::Text(jobs.iter().map(|job| job.last_error.clone()).collect()),
    ];
    expect(tx.bulk_execute(&PARK, &columns).await?, jobs.len())
}

/// The job is done. `false`: the lease was taken over, and nothing was changed.
pub async fn complete(tx: &Tx<'_>, job: &Job) -> Result<bool, Fault> {
    const COMPLETE: Sql = Sql::new(
        "UPDATE job SET state = 'done', lease_owner = NULL, lease_until_ms = NULL, \
         completed_at_ms = $4 WHERE id = $1 AND state = 'leased' AND lease_owner = $2 \
         AND attempts = $3",
    );
    let now_ms = tx.now_ms().await?;
    let (id, owner) = (uuid(job.id.0), &job.lease_owner);
    Ok(tx.execute(&COMPLETE, &[&id, owner, &job.attempts, &now_ms]).await? == 1)
}

/// Keeps with the job what is about to be done outside, so that a later attempt does the same. `false`: the
/// lease was taken over, and nothing was changed.
pub async fn note(tx: &Tx<'_>, job: &Job, payload: &str) -> Result<bool, Fault> {
    const NOTE: Sql = Sql::new(
        "UPDATE job SET payload = $4 WHERE id = $1 AND state = 'leased' AND lease_owner = $2 \
         AND attempts = $3",
    );
    let (id, owner, payload) = (uuid(job.id.0), &job.lease_owner, payload.to_owned());
    Ok(tx.execute(&NOTE, &[&id, owner, &job.attempts, &payload]).await? == 1)
}

/// The attempt failed; the job is due again after a while. `false`: the lease was taken over,
/// and nothing was changed.
pub async fn fail(tx: &Tx<'_>, job: &Job, error: &str, retry_in_ms: i64) -> Result<bool, Fault> {
    let attempts = job.attempts + i64::from(guards::is_off(Guard::AttemptAtClaim));
    wait(tx, job, error, retry_in_ms, attempts).await
}

/// Something else goes first: the job is due again after a while, and this was no attempt. `false`:
/// the lease was taken over, and nothing was changed.
pub async fn put_off(tx: &Tx<'_>, job: &Job, why: &str, pause_ms: i64) -> Result<bool, Fault> {
    wait(tx, job, why, pause_ms, job.attempts - 1).await
}

async fn wait(
    tx: &Tx<'_>,
    job: &Job,
    told: &str,
    pause_ms: i64,
    attempts: i64,
) -> Result<bool, Fault> {
    const WAIT: Sql = Sql::new(
        "UPDATE job SET state = 'waiting', lease_owner = NULL, lease_until_ms = NULL, \
         last_error = $4, due_at_ms = $5, attempts = $6 WHERE id = $1 AND state = 'leased' \
         AND lease_owner = $2 AND attempts = $3",
    );
    let due_at_ms = tx.now_ms().await? + pause_ms;
    let (id, owner, told) = (uuid(job.id.0), &job.lease_owner, shortened(told));
    let params: [&dyn Bind; 6] = [&id, owner, &job.attempts, &told, &due_at_ms, &attempts];
    Ok(tx.execute(&WAIT, &params).await? == 1)
}

/// Gives the job up until a person looks at it. `false`: the lease was taken over, and nothing
/// was changed.
pub async fn park(tx: &Tx<'_>, job: &Job, error: &str) -> Result<bool, Fault> {
    const PARK_ONE: Sql = Sql::new(
        "UPDATE job SET state = 'parked', lease_owner = NULL, lease_until_ms = NULL, \
         last_error = $4 WHERE id = $1 AND state = 'leased' AND lease_owner = $2 \
         AND attempts = $3",
    );
    let (id, owner, error) = (uuid(job.id.0), &job.lease_owner, shortened(error));
    Ok(tx.execute(&PARK_ONE, &[&id, owner, &job.attempts, &error]).await? == 1)
}

/// Keeps a job that takes long. `false`: the lease was taken over; the worker must stop.
pub async fn extend_lease(tx: &Tx<'_>, job: &Job, lease_ms: i64) -> Result<bool, Fault> {
    const EXTEND: Sql = Sql::new(
        "UPDATE job SET lease_until_ms = $4 WHERE id = $1 AND state = 'leased' \
         AND lease_owner = $2 AND attempts = $3",
    );
    let until_ms = tx.now_ms().await? + lease_ms;
    let (id, owner) = (uuid(job.id.0), &job.lease_owner);
    Ok(tx.execute(&EXTEND, &[&id, owner, &job.attempts, &until_ms]).await? == 1)
}

/// Puts a parked job back to work, with all its attempts before it. `false`: it is not parked.
pub async fn retry_parked(tx: &Tx<'_>, id: JobId) -> Result<bool, Fault> {
    const RETRY: Sql = Sql::new(
        "UPDATE job SET state = 'waiting', attempts = 0, due_at_ms = $2 \
         WHERE id = $1 AND state = 'parked'",
    );
    let now_ms = tx.now_ms().await?;
    Ok(tx.execute(&RETRY, &[&uuid(id.0), &now_ms]).await? == 1)
}

fn kinds_text(kinds: &[String]) -> String {
    format!(",{},", kinds.join(",,"))
}

fn shortened(error: &str) -> String {
    error.chars().take(ERROR_CHARS_MAX).collect()
}
