//! Makes time pass for what waits in a store, beside a server that runs on it: an hour for all holds,
//! an hour for all jobs. For tests that cannot wait and must not turn the clock.

use std::path::Path;
use std::time::Duration;

use crate::faults::Fault;
use crate::sql::postgres_session;

/// Whose time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Holds,
    /// Their leases run out, too.
    Jobs,
}

const HOLDS: &str = "UPDATE hold SET expires_at_ms = expires_at_ms - 3600000 WHERE state = 'held'; \
    UPDATE reservation SET hold_expires_at_ms = hold_expires_at_ms - 3600000 \
    WHERE stay_state = 'held'";
const JOBS: &str = "UPDATE job SET due_at_ms = due_at_ms - 3600000, \
    lease_until_ms = lease_until_ms - 3600000 WHERE state IN ('waiting', 'leased')";

fn text(of: Of) -> &'static str {
    match of {
        Of::Holds => HOLDS,
        Of::Jobs => JOBS,
    }
}

/// Does not take the lock file: a server may hold it.
pub fn hour_passes_on_sqlite(path: &Path, of: Of) -> Result<(), Fault> {
    let told = |error| Fault::internal_because("let time pass", error);
    let conn = rusqlite::Connection::open(path).map_err(told)?;
    conn.busy_timeout(Duration::from_secs(5)).map_err(told)?;
    let words = format!("BEGIN IMMEDIATE; {}; COMMIT", text(of));
    conn.execute_batch(&words).map_err(told)
}

pub async fn hour_passes_on_postgres(url: &str, of: Of) -> Result<(), Fault> {
    let told = |error| Fault::internal_because("let time pass", error);
    let client = postgres_session(url).await?;
    let words = format!("BEGIN READ WRITE; {}; COMMIT", text(of));
    client.batch_execute(&words).await.map_err(told)
}
