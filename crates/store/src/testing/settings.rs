//! Changes the settings of a PostgreSQL server, as an operator would: for all its sessions, or for
//! new ones alone.

use crate::faults::Fault;
use crate::sql::postgres_session;

/// How often a new session is asked whether it sees the change: a reload is a signal.
const LOOKS_MAX: usize = 10_000;

/// Runs one text on a session that no store has checked.
pub async fn as_operator(url: &str, text: &str) -> Result<(), Fault> {
    let told = |error| Fault::internal_because("act as the operator", error);
    postgres_session(url).await?.batch_execute(text).await.map_err(told)
}

/// Sets and reloads, and returns once new sessions see it. Not for names or values from outside.
pub async fn set(url: &str, name: &str, value: &str) -> Result<(), Fault> {
    let told = |error| Fault::internal_because("change a setting", error);
    let client = postgres_session(url).await?;
    let change = format!("ALTER SYSTEM SET {name} = {value}");
    client.batch_execute(&change).await.map_err(told)?;
    client.batch_execute("SELECT pg_reload_conf()").await.map_err(told)?;
    for _ in 0..LOOKS_MAX {
        let session = postgres_session(url).await?;
        let row = session.query_one(&format!("SHOW {name}"), &[]).await.map_err(told)?;
        if row.get::<_, String>(0) == value {
            return Ok(());
        }
    }
    Err(Fault::internal("see a setting change"))
}
