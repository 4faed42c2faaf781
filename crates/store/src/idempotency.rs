//! Outcomes kept under a client's key for 24 hours. The desk reads and writes them in its own
//! batch (`holds`); here they are only forgotten.

use crate::faults::Fault;
use crate::sql::tx::{Sql, Tx};

/// How long an outcome is kept under its key.
pub const KEY_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Forgets outcomes that are older than they must be kept; gives how many.
pub async fn purge(tx: &Tx<'_>, keys_max: i64) -> Result<u64, Fault> {
    const PURGE: Sql = Sql::new(
        "DELETE FROM idempotency_key WHERE (scope, key) IN (SELECT scope, key \
         FROM idempotency_key WHERE decided_at_ms < $1 ORDER BY decided_at_ms LIMIT $2)",
    );
    let before_ms = tx.now_ms().await? - KEY_KEPT_MS;
    tx.execute(&PURGE, &[&before_ms, &keys_max]).await
}
