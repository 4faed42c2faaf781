//! Every place where the two engines need different words, with the reason. A statement that
//! forks says which of these it is; a new kind of fork starts here. Texts that work on both
//! engines never come here.

use super::tx::Sql;

/// Why a statement may have two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fork {
    /// The time of a decision: `clock_timestamp()` (never `now()`, which is the start of the
    /// transaction and would be older than rows we waited for) against `unixepoch('subsec')`.
    Clock,
    /// `FOR UPDATE`, `FOR KEY SHARE`: SQLite has one writer, so a row needs no lock and the
    /// words are not in its grammar.
    RowLock,
    /// `SKIP LOCKED`: several workers claim jobs on PostgreSQL; on SQLite there is one writer.
    SkipLocked,
    /// Many rows in one statement: `UNNEST` of arrays in one round trip on PostgreSQL; the same
    /// prepared statement once per row on SQLite, where a call costs a microsecond.
    BulkArrays,
    /// The transaction's own words: `BEGIN IMMEDIATE` against isolation levels.
    Begin,
    /// Following the event log: `(tx_id, id)` below the oldest running transaction on
    /// PostgreSQL, the rowid on SQLite, whose commits are in order.
    EventOrder,
    /// The names of tables, columns and settings of the engine itself.
    Catalogue,
}

/// Milliseconds since 1970, as the engine's clock shows them at this statement.
pub const NOW_MS: Sql = Sql::forked(
    "SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)",
    "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint",
    Fork::Clock,
);

/// Every statement of a write sees what was committed before it began: after a lock was waited
/// for, the next statement reads the rows as they are now.
pub(super) const PG_BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// All statements of a read see one snapshot.
pub(super) const PG_BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// The write lock is taken at once, so that no read inside has to be upgraded.
pub(super) const LITE_BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// The snapshot is taken at the first statement and kept.
pub(super) const LITE_BEGIN_READ: &str = "BEGIN DEFERRED";

/// Settings under which PostgreSQL could lose an answered commit, or that we need to know. How
/// this session commits is written down in it, so that no reload changes it afterwards.
pub(super) const PG_DURABILITY: &str = "SELECT current_setting('server_version_num'), \
     current_setting('fsync'), current_setting('full_page_writes'), \
     set_config('synchronous_commit', current_setting('synchronous_commit'), false)";
