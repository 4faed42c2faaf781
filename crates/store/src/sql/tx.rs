//! One transaction, whichever engine runs it, and the texts it runs. A body may await nothing
//! but its `Tx`: no outside call between begin and commit.
//!
//! Statements are sent in the order in which they are first polled, so
//! `futures_util::join!(tx.execute(..), tx.query(..))` makes one round trip on PostgreSQL. Poll
//! them together or one after the other: a statement that was started and then left alone may
//! hold back the ones behind it, and its transaction cannot commit.

use std::borrow::Cow;
use std::panic::Location;
use std::sync::OnceLock;

use super::bulk::{Bulk, Column};
use super::dialect::{self, Fork};
use super::lite::LiteConn;
use super::pg_tx::PgTx;
use super::row::{Bind, FromRow};
use super::watch::{self, Seen};
use super::{Engine, Time};
use crate::faults::Fault;

/// A statement: one text for both engines, or a listed fork. `$1` works on both.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    lite: &'static str,
    pg: &'static str,
    pg_suffix: &'static str,
    made_at: &'static Location<'static>,
}

impl Sql {
    #[track_caller]
    pub const fn new(both: &'static str) -> Sql {
        Sql { lite: both, pg: both, pg_suffix: "", made_at: Location::caller() }
    }

    /// The same text, with a row lock at its end on PostgreSQL: `" FOR UPDATE"`.
    #[track_caller]
    pub const fn locking(both: &'static str, pg_suffix: &'static str) -> Sql {
        Sql { lite: both, pg: both, pg_suffix, made_at: Location::caller() }
    }

    /// Two texts. `why` is listed, with its reason, in `dialect`.
    #[track_caller]
    pub const fn forked(lite: &'static str, pg: &'static str, why: Fork) -> Sql {
        let _listed = why;
        Sql { lite, pg, pg_suffix: "", made_at: Location::caller() }
    }

    pub fn lite_text(&self) -> &'static str {
        self.lite
    }

    pub fn pg_text(&self) -> Cow<'static, str> {
        if self.pg_suffix.is_empty() {
            Cow::Borrowed(self.pg)
        } else {
            Cow::Owned(format!("{}{}", self.pg, self.pg_suffix))
        }
    }
}

/// A running transaction. It commits when the body returns `Ok`, else it rolls back. After a
/// statement has failed nothing more can be done with it, on either engine.
pub struct Tx<'t> {
    conn: Conn<'t>,
    time: &'t Time,
    /// What the first failed statement said. Whatever the body makes of it, the transaction
    /// answers with this: behind it, statements fail only because it did.
    first_fault: OnceLock<Fault>,
}

enum Conn<'t> {
    Lite(&'t LiteConn),
    Pg(&'t PgTx),
}

impl<'t> Tx<'t> {
    pub(super) fn on_lite(conn: &'t LiteConn, time: &'t Time) -> Tx<'t> {
        Tx { conn: Conn::Lite(conn), time, first_fault: OnceLock::new() }
    }

    pub(super) fn on_pg(conn: &'t PgTx, time: &'t Time) -> Tx<'t> {
        Tx { conn: Conn::Pg(conn), time, first_fault: OnceLock::new() }
    }

    /// The body's answer, unless a statement failed under it.
    pub(super) fn settle<T>(&self, answer: Result<T, Fault>) -> Result<T, Fault> {
        match self.first_fault.get() {
            Some(fault) => Err(fault.clone()),
            None => answer,
        }
    }

    pub fn engine(&self) -> Engine {
        match self.conn {
            Conn::Lite(_) => Engine::Sqlite,
            Conn::Pg(_) => Engine::Postgres,
        }
    }

    /// The only time of a decision, in milliseconds since 1970.
    pub async fn now_ms(&self) -> Result<i64, Fault> {
        match self.time {
            Time::Given(clock) => Ok(clock()),
            Time::Engine => self.query_one::<(i64,)>(&dialect::NOW_MS, &[]).await.map(|row| row.0),
        }
    }

    pub async fn query<T: FromRow>(
        &self,
        sql: &Sql,
        params: &[&dyn Bind],
    ) -> Result<Vec<T>, Fault> {
        self.usable()?;
        if watch::is_on() {
            Box::pin(self.watch_sql(sql, params)).await?;
        }
        self.seen(match &self.conn {
            Conn::Lite(conn) => conn.query(sql.lite_text(), params),
            Conn::Pg(conn) => conn.query(&sql.pg_text(), &pg_params(params)).await,
        })
    }

    /// Exactly one row; anything else is our own mistake.
    pub async fn query_one<T: FromRow>(&self, sql: &Sql, params: &[&dyn Bind]) -> Result<T, Fault> {
        match self.query_opt(sql, params).await? {
            Some(row) => Ok(row),
            None => Err(Fault::internal("expect one row, found none")),
        }
    }

    /// No row or one; more is our own mistake.
    pub async fn query_opt<T: FromRow>(
        &self,
        sql: &Sql,
        params: &[&dyn Bind],
    ) -> Result<Option<T>, Fault> {
        let mut rows = self.query(sql, params).await?;
        match rows.len() {
            0 | 1 => Ok(rows.pop()),
            more => Err(Fault::internal(format!("expect at most one row, found {more}"))),
        }
    }

    /// How many rows were touched.
    pub async fn execute(&self, sql: &Sql, params: &[&dyn Bind]) -> Result<u64, Fault> {
        self.usable()?;
        if watch::is_on() {
            Box::pin(self.watch_sql(sql, params)).await?;
        }
        self.seen(match &self.conn {
            Conn::Lite(conn) => conn.execute(sql.lite_text(), params),
            Conn::Pg(conn) => conn.execute(&sql.pg_text(), &pg_params(params)).await,
        })
    }

    /// Runs one statement for every element of the columns; gives the sum of rows touched.
    /// With no element nothing is sent.
    pub async fn bulk_execute(&self, bulk: &Bulk, columns: &[Column]) -> Result<u64, Fault> {
        self.usable()?;
        if bulk.count_elements(columns)? == 0 {
            return Ok(0);
        }
        if watch::is_on() {
            Box::pin(self.watch_bulk(bulk, columns)).await?;
        }
        self.seen(match &self.conn {
            Conn::Lite(conn) => conn.bulk_execute(bulk, columns),
            Conn::Pg(conn) => conn.execute(bulk.pg_text(), &bulk_params(columns)).await,
        })
    }

    /// Runs one statement for every element; on SQLite the answers stand in the given order, on
    /// PostgreSQL in the statement's own (`ORDER BY`). Callers must not rely on either.
    pub async fn bulk_query<T: FromRow>(
        &self,
        bulk: &Bulk,
        columns: &[Column],
    ) -> Result<Vec<T>, Fault> {
        self.usable()?;
        if bulk.count_elements(columns)? == 0 {
            return Ok(Vec::new());
        }
        if watch::is_on() {
            Box::pin(self.watch_bulk(bulk, columns)).await?;
        }
        self.seen(match &self.conn {
            Conn::Lite(conn) => conn.bulk_query(bulk, columns),
            Conn::Pg(conn) => conn.query(bulk.pg_text(), &bulk_params(columns)).await,
        })
    }

    /// Prepares these on the connection, so that the statements that follow go out together.
    /// Not needed for correctness: an unprepared statement is prepared first and the ones
    /// behind it wait their turn.
    pub async fn warm(&self, statements: &[&Sql], bulks: &[&Bulk]) -> Result<(), Fault> {
        let Conn::Pg(conn) = &self.conn else { return Ok(()) };
        self.usable()?;
        for sql in statements {
            self.seen(conn.warm(&sql.pg_text()).await)?;
        }
        for bulk in bulks {
            self.seen(conn.warm(bulk.pg_text()).await)?;
        }
        Ok(())
    }

    async fn watch_sql(&self, sql: &Sql, params: &[&dyn Bind]) -> Result<(), Fault> {
        let params = pg_params(params);
        self.watch(sql.made_at, sql.lite_text(), &sql.pg_text(), &params).await
    }

    async fn watch_bulk(&self, bulk: &Bulk, columns: &[Column]) -> Result<(), Fault> {
        let params = bulk_params(columns);
        self.watch(bulk.made_at(), bulk.lite_text(), bulk.pg_text(), &params).await
    }

    /// Asks how the engine will run the statement, and notes the answer.
    async fn watch(
        &self,
        made_at: &'static Location<'static>,
        lite: &str,
        pg: &str,
        params: &[PgParam<'_>],
    ) -> Result<(), Fault> {
        let (text, plan) = match &self.conn {
            Conn::Lite(conn) => (lite, self.seen(conn.plan(lite))?),
            Conn::Pg(conn) => (pg, self.seen(conn.plan(pg, params).await)?),
        };
        let (file, line) = (made_at.file(), made_at.line());
        watch::note(Seen { engine: self.engine(), file, line, text: text.to_owned(), plan });
        Ok(())
    }

    fn usable(&self) -> Result<(), Fault> {
        match self.first_fault.get() {
            Some(fault) => Err(fault.clone()),
            None => Ok(()),
        }
    }

    fn seen<T>(&self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        outcome.inspect_err(|fault| {
            let _first_wins = self.first_fault.set(fault.clone());
        })
    }
}

type PgParam<'p> = &'p (dyn tokio_postgres::types::ToSql + Sync);

fn pg_params<'p>(params: &[&'p dyn Bind]) -> Vec<PgParam<'p>> {
    params.iter().map(|param| *param as PgParam<'p>).collect()
}

fn bulk_params(columns: &[Column]) -> Vec<PgParam<'_>> {
    columns.iter().map(Column::as_pg).collect()
}
