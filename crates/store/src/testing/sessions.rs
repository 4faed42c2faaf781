//! Sessions of a PostgreSQL: those that a store has open, and those of somebody else who opens
//! transactions and forgets them.

use crate::faults::Fault;
use crate::sql::postgres_session;

/// Sessions of stores on this database that are inside a transaction and do nothing, as what they
/// did last.
pub async fn forgotten_transactions(url: &str) -> Result<Vec<String>, Fault> {
    const FORGOTTEN: &str = "SELECT state || ': ' || query FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'vacancy' \
        AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()";
    let told = |error| Fault::internal_because("look at the sessions", error);
    let rows = postgres_session(url).await?.query(FORGOTTEN, &[]).await.map_err(told)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// A session that has begun a transaction, until it is dropped.
pub struct Idle {
    _session: tokio_postgres::Client,
}

/// Begins transactions and forgets them, as many as the server has sessions left for.
pub async fn take_all(url: &str) -> Vec<Idle> {
    let mut taken = Vec::new();
    while let Ok(session) = postgres_session(url).await {
        if session.batch_execute("BEGIN; SELECT 1").await.is_err() {
            break;
        }
        taken.push(Idle { _session: session });
    }
    taken
}
