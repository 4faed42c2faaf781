//! Outcomes kept under a client's key for 24 hours. The desk reads and writes its own in its batch
//! (`holds`); here are those of single transactions, and all are forgotten.

use crate::faults::Fault;
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// How long an outcome is kept under its key.
pub const KEY_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// What was decided under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Digest of the request that came with the key.
    pub body_hash: String,
    pub outcome: String,
}

impl FromRow for Kept {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let (body_hash, outcome) = FromRow::from_row(row)?;
        Ok(Kept { body_hash, outcome })
    }
}

/// The outcome under a key of this scope.
pub async fn by_key(tx: &Tx<'_>, scope: &str, key: &str) -> Result<Option<Kept>, Fault> {
    const BY_KEY: Sql =
        Sql::new("SELECT body_hash, outcome FROM idempotency_key WHERE scope = $1 AND key = $2");
    tx.query_opt(&BY_KEY, &[&scope, &key]).await
}

/// Keeps an outcome in the transaction that makes it true. `Fault::GuardMissed`: another one was
/// quicker, and its outcome is found when this transaction is tried again.
pub async fn keep(tx: &Tx<'_>, scope: &str, key: &str, kept: &Kept) -> Result<(), Fault> {
    const KEEP: Sql = Sql::new(
        "INSERT INTO idempotency_key (scope, key, body_hash, outcome, decided_at_ms) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    );
    let now_ms = tx.now_ms().await?;
    let Kept { body_hash, outcome } = kept;
    let kept = tx.execute(&KEEP, &[&scope, &key, body_hash, outcome, &now_ms]).await?;
    if kept == 1 { Ok(()) } else { Err(Fault::GuardMissed) }
}

/// Forgets outcomes that are older than they must be kept; gives how many.
pub async fn purge(tx: &Tx<'_>, keys_max: i64) -> Result<u64, Fault> {
    const PURGE: Sql = Sql::new(
        "DELETE FROM idempotency_key WHERE (scope, key) IN (SELECT scope, key \
         FROM idempotency_key WHERE decided_at_ms < $1 ORDER BY decided_at_ms LIMIT $2)",
    );
    let before_ms = tx.now_ms().await? - KEY_KEPT_MS;
    tx.execute(&PURGE, &[&before_ms, &keys_max]).await
}
