//! What tells whether a running store is well: its clock, the hold that should have lapsed first,
//! the matters that wait for people, the settings of the engine. Cheap enough to ask at every look
//! at the metrics; nothing here is needed for a booking.

use crate::faults::Fault;
use crate::sql::dialect::Fork;
use crate::sql::tx::{Sql, Tx};
use crate::work_items::WorkKind;

const FIRST_DEADLINE: Sql = Sql::new("SELECT MIN(expires_at_ms) FROM hold WHERE state = 'held'");
const OPEN_WORK: Sql = Sql::new(
    "SELECT kind, COUNT(*) FROM work_item WHERE settled_at_ms IS NULL GROUP BY kind ORDER BY kind",
);
/// Settings that an operator wants to see, by the engine's own names.
const SETTINGS: Sql = Sql::forked(
    "SELECT 'sqlite_version', sqlite_version() \
     UNION ALL SELECT 'journal_mode', journal_mode FROM pragma_journal_mode",
    "SELECT name, setting FROM pg_settings WHERE name IN ('server_version', 'fsync', \
     'full_page_writes', 'synchronous_commit', 'data_checksums', 'max_connections', \
     'archive_mode', 'synchronous_standby_names') ORDER BY name",
    Fork::Catalogue,
);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vitals {
    /// The store's clock.
    pub now_ms: i64,
    /// How long the first overdue hold has been past its time; 0 when none is.
    pub lapse_lag_ms: i64,
    /// Matters that wait for people, by kind, every kind named.
    pub open_work: Vec<(WorkKind, i64)>,
}

/// In one snapshot. The clock is read last, so that the answer's way back is all that ages it.
pub async fn read(tx: &Tx<'_>) -> Result<Vitals, Fault> {
    let counted: Vec<(String, i64)> = tx.query(&OPEN_WORK, &[]).await?;
    let count_of = |kind: WorkKind| {
        counted.iter().find(|(word, _)| word == kind.word()).map_or(0, |(_, count)| *count)
    };
    let open_work = WorkKind::ALL.into_iter().map(|kind| (kind, count_of(kind))).collect();
    let (deadline,) = tx.query_one::<(Option<i64>,)>(&FIRST_DEADLINE, &[]).await?;
    let now_ms = tx.now_ms().await?;
    let lapse_lag_ms = deadline.map_or(0, |deadline| (now_ms - deadline).max(0));
    Ok(Vitals { now_ms, lapse_lag_ms, open_work })
}

/// What the engine says of itself: name and value.
pub async fn settings(tx: &Tx<'_>) -> Result<Vec<(String, String)>, Fault> {
    tx.query(&SETTINGS, &[]).await
}
