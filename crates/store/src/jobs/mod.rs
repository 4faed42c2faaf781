//! Work that is due later: mail, refunds, settling of payments. A job is claimed by its state,
//! under a lease, and its attempt is counted when it is claimed, so that a job which kills the
//! process still reaches its limit. What a kind of job does is not known here.

use std::sync::LazyLock;

use vacancy_domain::ids::{JobId, PropertyId};

use crate::faults::Fault;
use crate::holds::write::expect;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::Tx;

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

static ADD: LazyLock<Bulk> = LazyLock::new(|| {
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
});

/// Adds jobs in the transaction whose consequence they are.
pub async fn add(tx: &Tx<'_>, now_ms: i64, jobs: &[NewJob]) -> Result<(), Fault> {
    let text =
        |of: fn(&NewJob) -> &str| Column::Text(jobs.iter().map(|job| of(job).to_owned()).collect());
    let columns = [
        Column::Uuid(jobs.iter().map(|job| uuid(job.id.0)).collect()),
        text(|job| job.kind),
        Column::OptUuid(jobs.iter().map(|job| job.property.map(|id| uuid(id.0))).collect()),
        text(|job| &job.subject),
        text(|job| &job.payload),
        text(|_| "waiting"),
        Column::I64(jobs.iter().map(|job| now_ms + job.due_in_ms).collect()),
        Column::I64(vec![0; jobs.len()]),
        text(|_| ""),
        Column::I64(vec![now_ms; jobs.len()]),
    ];
    expect(tx.bulk_execute(&ADD, &columns).await?, jobs.len())
}
