//! One PostgreSQL transaction: statements leave in the order in which they are first polled and
//! need not wait for each other's answers; a commit is done, not done, or unknown, and is never
//! cancelled, because it runs on a task of its own.

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use futures_util::future::{BoxFuture, join};
use futures_util::poll;
use tokio::sync::{Mutex, oneshot};
use tokio_postgres::Statement;
use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::types::ToSql;
use vacancy_domain::crash::crash_point;

use super::Time;
use super::dialect::{PG_BEGIN_READ, PG_BEGIN_WRITE};
use super::pg::{Lease, PgPool};
use super::row::{FromRow, Row};
use super::tx::Tx;
use crate::faults::Fault;

pub(super) struct PgTx {
    lease: Lease,
    /// Whose turn it is to send. The lock is fair, so an unprepared statement holds back those
    /// that were polled after it until it is on its way.
    turn: Mutex<()>,
    sent: AtomicU64,
    answered: AtomicU64,
}

impl PgTx {
    fn new(lease: Lease) -> PgTx {
        PgTx { lease, turn: Mutex::new(()), sent: AtomicU64::new(0), answered: AtomicU64::new(0) }
    }

    pub(super) async fn query<T: FromRow>(
        &self,
        text: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<T>, Fault> {
        let client = &self.lease.conn().client;
        let rows = self
            .in_order(text, |statement| async move { client.query(&statement, params).await })
            .await
            .map_err(|error| fault_of("run a query", error))?;
        rows.iter().map(|row| T::from_row(&Row::pg(row))).collect()
    }

    pub(super) async fn execute(
        &self,
        text: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Fault> {
        let client = &self.lease.conn().client;
        self.in_order(text, |statement| async move { client.execute(&statement, params).await })
            .await
            .map_err(|error| fault_of("run a statement", error))
    }

    /// How the engine would run a statement with these values.
    pub(super) async fn plan(
        &self,
        text: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<String>, Fault> {
        let lines: Vec<(String,)> = self.query(&format!("EXPLAIN {text}"), params).await?;
        Ok(lines.into_iter().map(|(line,)| line).collect())
    }

    pub(super) async fn warm(&self, text: &str) -> Result<(), Fault> {
        let _turn = self.turn.lock().await;
        let prepared = self.lease.conn().statement(text).await;
        prepared.map(|_| ()).map_err(|error| fault_of("prepare a statement", error))
    }

    /// Sends when its turn has come, then lets the next one send and waits for the answer.
    async fn in_order<T, F>(
        &self,
        text: &str,
        send: impl FnOnce(Statement) -> F,
    ) -> Result<T, tokio_postgres::Error>
    where
        F: Future<Output = Result<T, tokio_postgres::Error>>,
    {
        let turn = self.turn.lock().await;
        self.sent.fetch_add(1, Ordering::AcqRel);
        let statement = match self.lease.conn().statement(text).await {
            Ok(statement) => statement,
            Err(error) => {
                self.answered.fetch_add(1, Ordering::AcqRel);
                return Err(error);
            }
        };
        let mut reply = pin!(send(statement));
        let first = poll!(reply.as_mut());
        drop(turn);
        let outcome = match first {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => reply.await,
        };
        self.answered.fetch_add(1, Ordering::AcqRel);
        outcome
    }

    /// A statement that was sent and then forgotten may have failed: what the transaction holds
    /// is then not known.
    fn all_answered(&self) -> Result<(), Fault> {
        if self.sent.load(Ordering::Acquire) == self.answered.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(Fault::internal("commit with a statement that nobody waited for"))
    }
}

/// Runs the body once. Whatever goes wrong before the commit is sent, nothing was written.
pub(super) async fn write_once<T, F>(pool: &Arc<PgPool>, time: &Time, body: &F) -> Result<T, Fault>
where
    F: for<'t> Fn(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>> + Send + Sync + 'static,
{
    let on = PgTx::new(pool.lease().await?);
    crash_point("postgres.begin");
    let answer = {
        let tx = Tx::on_pg(&on, time);
        // Begin is sent first and not waited for. Should it fail, the statements behind it meet
        // a session that may only read (`pg::SESSION`).
        let begin = on.lease.conn().client.batch_execute(PG_BEGIN_WRITE);
        let (begun, answer) = join(begin, body(&tx)).await;
        begun.map_err(|error| fault_of("begin a transaction", error))?;
        tx.settle(answer)
    };
    crash_point("postgres.ran");
    match answer.and_then(|value| on.all_answered().map(|()| value)) {
        Ok(value) => commit(on).await.map(|()| value),
        Err(fault) => {
            end_without_commit(on, "ROLLBACK").await;
            Err(fault)
        }
    }
}

/// Runs the body in one snapshot and answers before the transaction is ended: there is nothing
/// to commit.
pub(super) async fn read<T, F>(
    pool: Arc<PgPool>,
    time: Time,
    body: F,
    reply: oneshot::Sender<Result<T, Fault>>,
) where
    F: for<'t> FnOnce(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>> + Send + 'static,
{
    let on = match pool.lease().await {
        Ok(lease) => PgTx::new(lease),
        Err(fault) => {
            let _caller_went_away = reply.send(Err(fault));
            return;
        }
    };
    let answer = {
        let tx = Tx::on_pg(&on, &time);
        let begin = on.lease.conn().client.batch_execute(PG_BEGIN_READ);
        let (begun, answer) = join(begin, body(&tx)).await;
        match begun {
            Ok(()) => tx.settle(answer),
            Err(error) => Err(fault_of("begin a transaction", error)),
        }
    };
    let _caller_went_away = reply.send(answer);
    end_without_commit(on, "ROLLBACK").await;
}

async fn commit(on: PgTx) -> Result<(), Fault> {
    let conn = on.lease.conn();
    conn.trust_again();
    crash_point("postgres.commit");
    let outcome = conn.client.batch_execute("COMMIT").await;
    crash_point("postgres.committed");
    if conn.is_in_doubt() {
        return Err(Fault::OutcomeUnknown { source: outcome.err().map(|e| Arc::new(e) as _) });
    }
    match outcome {
        Ok(()) => {
            on.lease.give_back();
            Ok(())
        }
        Err(error) if is_refusal(&error) => {
            on.lease.give_back();
            Err(fault_of("commit", error))
        }
        Err(error) => Err(Fault::OutcomeUnknown { source: Some(Arc::new(error)) }),
    }
}

/// The server itself said no and goes on living. A dying server's last words (FATAL) may come
/// after the commit was written.
fn is_refusal(error: &tokio_postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    severity == Some(Severity::Error)
}

async fn end_without_commit(on: PgTx, word: &str) {
    match on.lease.conn().client.batch_execute(word).await {
        Ok(()) => on.lease.give_back(),
        // Closed with the lease; the server rolls it back.
        Err(error) => tracing::warn!(cause = %error, "a transaction could not be ended"),
    }
}

pub(super) fn fault_of(attempted: &'static str, error: tokio_postgres::Error) -> Fault {
    let Some(code) = error.code().map(|state| state.code().to_owned()) else {
        let lost =
            error.is_closed() || error.source().is_some_and(|cause| cause.is::<std::io::Error>());
        return if lost {
            Fault::unavailable(attempted, error)
        } else {
            Fault::internal_because(attempted, error)
        };
    };
    match code.as_str() {
        "40001" | "40P01" | "55P03" => {
            Fault::Conflict { attempted: attempted.into(), source: Some(Arc::new(error)) }
        }
        constraint if constraint.starts_with("23") => {
            let name = error.as_db_error().map(constraint_name).unwrap_or_default();
            Fault::Constraint { name, source: Some(Arc::new(error)) }
        }
        // Connection, resources, operator's hand, the server's disk.
        world if ["08", "53", "57", "58"].iter().any(|class| world.starts_with(class)) => {
            Fault::unavailable(attempted, error)
        }
        _ => Fault::internal_because(attempted, error),
    }
}

fn constraint_name(error: &DbError) -> String {
    match (error.constraint(), error.table(), error.column()) {
        (Some(name), _, _) => name.to_owned(),
        (None, Some(table), Some(column)) => format!("{table}.{column}"),
        (None, _, _) => error.code().code().to_owned(),
    }
}
