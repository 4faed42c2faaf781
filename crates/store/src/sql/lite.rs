//! SQLite connections: how they are opened, how they run a statement, what their errors mean.
//! Only this folder knows the driver. Nothing here waits for anything but the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ffi};

use super::Time;
use super::bulk::{Bulk, Column};
use super::lite_memory::Lock;
use super::row::{Bind, FromRow, Row};
use super::tx::Tx;
use crate::faults::{Fault, Told};

/// Versions before this one can corrupt a WAL file under a rare checkpoint race.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// How long another process (a backup, a checkpoint) may keep us waiting for the file.
pub(super) const BUSY_TIMEOUT_MS: u32 = 5_000;
const STATEMENTS_CACHED_MAX: usize = 512;
/// Pages a connection keeps in memory, in KiB (negative says KiB to SQLite).
const PAGE_CACHE_KIB: i64 = -8_192;
/// Pages of log (16 MiB) after which the writer copies them into the database. A page that is
/// written often is copied once.
const CHECKPOINT_PAGES: i64 = 4_000;
/// What a checkpoint leaves of the log file, in bytes.
const LOG_KEPT_BYTES: i64 = 64 * 1024 * 1024;

/// A connection that a `Tx` can share: statements run one at a time.
pub(super) struct LiteConn {
    conn: Mutex<Connection>,
    /// By transaction, once somebody has asked for them: in memory only.
    locks: Mutex<Option<Vec<Vec<Lock>>>>,
    /// A store in memory has one connection for both: while it reads, it must not write.
    is_reading: AtomicBool,
}

impl LiteConn {
    pub(super) fn open_writer(path: &Path) -> Result<LiteConn, Fault> {
        let conn = Connection::open(path).map_err(|error| cannot_open(path, error))?;
        prepare_writer(&conn).map_err(|error| cannot_open(path, error))?;
        Ok(LiteConn::of(conn))
    }

    pub(super) fn open_reader(path: &Path) -> Result<LiteConn, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn =
            Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, error))?;
        prepare_any(&conn).map_err(|error| cannot_open(path, error))?;
        Ok(LiteConn::of(conn))
    }

    pub(super) fn open_memory() -> Result<LiteConn, Fault> {
        let open = || -> rusqlite::Result<Connection> {
            let conn = Connection::open_in_memory()?;
            prepare_any(&conn)?;
            Ok(conn)
        };
        let conn = open().map_err(|error| fault_of("open a store in memory", error))?;
        Ok(LiteConn::of(conn))
    }

    fn of(conn: Connection) -> LiteConn {
        let (locks, is_reading) = (Mutex::default(), AtomicBool::new(false));
        LiteConn { conn: Mutex::new(conn), locks, is_reading }
    }

    pub(super) fn set_reading(&self, is_reading: bool) {
        self.is_reading.store(is_reading, Ordering::SeqCst);
    }

    fn may_run(&self, statement: &CachedStatement<'_>) -> Result<(), Fault> {
        if self.is_reading.load(Ordering::SeqCst) && !statement.readonly() {
            return Err(Fault::internal("write in a read"));
        }
        Ok(())
    }

    /// What follows belongs to another transaction.
    pub(super) fn begin_locks(&self) {
        if let Some(locks) = self.locks.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            locks.push(Vec::new());
        }
    }

    /// What was locked since the last time; from the first time on it is noted.
    pub(super) fn take_locks(&self) -> Vec<Vec<Lock>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.replace(Vec::new()).unwrap_or_default()
    }

    fn note_locks(&self, bulk: &Bulk, columns: &[Column], count: usize) {
        let Some(table) = bulk.locked_table() else { return };
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(of_one) = locks.as_mut().and_then(|all| all.last_mut()) else { return };
        of_one.extend((0..count).map(|element| Lock {
            table: table.to_owned(),
            key: columns.iter().flat_map(|column| column.key_bytes(element)).collect(),
        }));
    }

    /// A panic in a body leaves no broken connection behind: its statements are reset when the
    /// stack unwinds, and its savepoint is rolled back.
    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.conn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One of our own words: begin, savepoint, commit.
    pub(super) fn word(&self, text: &str) -> Result<(), Fault> {
        let conn = self.lock();
        let mut statement =
            conn.prepare_cached(text).map_err(|error| fault_of("prepare a statement", error))?;
        statement.execute([]).map_err(|error| fault_of("run a transaction", error))?;
        Ok(())
    }

    pub(super) fn query<T: FromRow>(
        &self,
        text: &str,
        params: &[&dyn Bind],
    ) -> Result<Vec<T>, Fault> {
        let conn = self.lock();
        let mut statement = bound(&conn, text, params)?;
        self.may_run(&statement)?;
        let mut out = Vec::new();
        collect(&mut statement, &mut out)?;
        Ok(out)
    }

    pub(super) fn execute(&self, text: &str, params: &[&dyn Bind]) -> Result<u64, Fault> {
        let conn = self.lock();
        let mut statement = bound(&conn, text, params)?;
        self.may_run(&statement)?;
        touched(&mut statement)
    }

    pub(super) fn bulk_execute(&self, bulk: &Bulk, columns: &[Column]) -> Result<u64, Fault> {
        let conn = self.lock();
        let mut statement = prepared(&conn, bulk.lite_text())?;
        self.may_run(&statement)?;
        let places = places(&statement, columns.len())?;
        let mut sum = 0;
        for element in 0..bulk.count_elements(columns)? {
            bind_element(&mut statement, &places, columns, element)?;
            sum += touched(&mut statement)?;
        }
        Ok(sum)
    }

    pub(super) fn bulk_query<T: FromRow>(
        &self,
        bulk: &Bulk,
        columns: &[Column],
    ) -> Result<Vec<T>, Fault> {
        let conn = self.lock();
        let mut statement = prepared(&conn, bulk.lite_text())?;
        self.may_run(&statement)?;
        let places = places(&statement, columns.len())?;
        let count = bulk.count_elements(columns)?;
        self.note_locks(bulk, columns, count);
        let mut out = Vec::new();
        for element in 0..count {
            bind_element(&mut statement, &places, columns, element)?;
            collect(&mut statement, &mut out)?;
        }
        Ok(out)
    }

    /// How the engine would run a statement, one line per loop.
    pub(super) fn plan(&self, text: &str) -> Result<Vec<String>, Fault> {
        let conn = self.lock();
        // Without values: SQLite plans by the text alone.
        let mut statement = prepared(&conn, &format!("EXPLAIN QUERY PLAN {text}"))?;
        let mut lines: Vec<(i64, i64, i64, String)> = Vec::new();
        collect(&mut statement, &mut lines)?;
        Ok(lines.into_iter().map(|(.., line)| line).collect())
    }

    /// Refuses settings under which an answered commit could be lost.
    pub(super) fn check_durability(&self) -> Result<(), Fault> {
        if rusqlite::version_number() < SQLITE_VERSION_MIN {
            let setting = format!("SQLite {}", rusqlite::version());
            return Err(Fault::UnsafeDurability { setting });
        }
        let conn = self.lock();
        let told = |error| fault_of("read the durability settings", error);
        let mode: String =
            conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).map_err(told)?;
        if mode != "wal" {
            return Err(Fault::UnsafeDurability { setting: format!("journal_mode={mode}") });
        }
        let level: i64 =
            conn.pragma_query_value(None, "synchronous", |row| row.get(0)).map_err(told)?;
        if level != 2 {
            return Err(Fault::UnsafeDurability { setting: format!("synchronous={level}") });
        }
        Ok(())
    }
}

/// Runs a body to its end in one poll; a body that waits for anything but its `Tx` is refused,
/// because here everything it may wait for is ready at once.
pub(super) fn run_body<T>(
    conn: &LiteConn,
    time: &Time,
    body: impl for<'t> FnOnce(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>>,
) -> Result<T, Fault> {
    let tx = Tx::on_lite(conn, time);
    let polled = catch_unwind(AssertUnwindSafe(|| {
        let mut future = body(&tx);
        future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }));
    match polled {
        Ok(Poll::Ready(answer)) => tx.settle(answer),
        Ok(Poll::Pending) => Err(Fault::internal("wait for something else inside a transaction")),
        Err(panic) => Err(panicked(panic.as_ref())),
    }
}

pub(super) fn panicked(panic: &(dyn std::any::Any + Send)) -> Fault {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".to_owned());
    Fault::internal_because("run a transaction that panicked", Told(message))
}

pub(super) fn fault_of(attempted: &'static str, error: rusqlite::Error) -> Fault {
    let Some(code) = error.sqlite_error() else {
        return Fault::internal_because(attempted, error);
    };
    let world_failed = matches!(
        code.code,
        ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
    );
    if world_failed {
        return Fault::unavailable(attempted, error);
    }
    if code.code == ErrorCode::ConstraintViolation {
        let name = constraint_name(code.extended_code, &error.to_string());
        return Fault::Constraint { name, source: Some(Arc::new(error)) };
    }
    Fault::internal_because(attempted, error)
}

/// SQLite names the columns of a broken UNIQUE or PRIMARY KEY; we give the name that
/// PostgreSQL gives such a constraint by itself.
fn constraint_name(extended_code: i32, message: &str) -> String {
    let detail = message.split_once("constraint failed: ").map_or("", |(_, detail)| detail).trim();
    let table = detail.split('.').next().unwrap_or("");
    match extended_code {
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            format!("{table}_pkey")
        }
        ffi::SQLITE_CONSTRAINT_UNIQUE if detail.contains('.') => {
            let columns: Vec<&str> = detail
                .split(", ")
                .filter_map(|column| column.split_once('.').map(|(_, name)| name))
                .collect();
            format!("{table}_{}_key", columns.join("_"))
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => "foreign_key".to_owned(),
        _ => detail.to_owned(),
    }
}

fn cannot_open(path: &Path, error: rusqlite::Error) -> Fault {
    Fault::unavailable(format!("open booking store at {}", path.display()), error)
}

fn prepare_any(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS_CACHED_MAX);
    conn.pragma_update(None, "busy_timeout", BUSY_TIMEOUT_MS)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", PAGE_CACHE_KIB)?;
    conn.pragma_update(None, "trusted_schema", false)
}

fn prepare_writer(conn: &Connection) -> rusqlite::Result<()> {
    prepare_any(conn)?;
    conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    conn.pragma_update_and_check(None, "journal_size_limit", LOG_KEPT_BYTES, |_| Ok(()))?;
    conn.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")
}

fn prepared<'c>(conn: &'c Connection, text: &str) -> Result<CachedStatement<'c>, Fault> {
    conn.prepare_cached(text).map_err(|error| fault_of("prepare a statement", error))
}

fn bound<'c>(
    conn: &'c Connection,
    text: &str,
    params: &[&dyn Bind],
) -> Result<CachedStatement<'c>, Fault> {
    let mut statement = prepared(conn, text)?;
    for (index, place) in places(&statement, params.len())?.into_iter().enumerate() {
        let value: &dyn rusqlite::ToSql = params[place];
        statement
            .raw_bind_parameter(index + 1, value)
            .map_err(|error| fault_of("bind a parameter", error))?;
    }
    Ok(statement)
}

/// To SQLite `$2` is a name, not a place: its parameters are counted as they first appear. So
/// this says, for each of them, which of ours it is.
fn places(statement: &CachedStatement<'_>, given: usize) -> Result<Vec<usize>, Fault> {
    if statement.parameter_count() != given {
        return Err(Fault::internal("bind another count of parameters than the statement has"));
    }
    let place_of = |index: usize| {
        let name = statement.parameter_name(index)?;
        let place: usize = name.strip_prefix('$')?.parse().ok()?;
        place.checked_sub(1).filter(|place| *place < given)
    };
    let places: Option<Vec<usize>> = (1..=given).map(place_of).collect();
    places.ok_or_else(|| Fault::internal("bind a parameter that is not called $1, $2, .."))
}

fn bind_element(
    statement: &mut CachedStatement<'_>,
    places: &[usize],
    columns: &[Column],
    element: usize,
) -> Result<(), Fault> {
    for (index, place) in places.iter().enumerate() {
        statement
            .raw_bind_parameter(index + 1, columns[*place].lite_value(element))
            .map_err(|error| fault_of("bind a parameter", error))?;
    }
    Ok(())
}

/// A statement that answers rows (`RETURNING`, a lock) belongs in a query: the driver refuses it.
fn touched(statement: &mut CachedStatement<'_>) -> Result<u64, Fault> {
    let count = statement.raw_execute().map_err(|error| fault_of("run a statement", error))?;
    u64::try_from(count).map_err(|error| Fault::internal_because("count touched rows", error))
}

fn collect<T: FromRow>(statement: &mut CachedStatement<'_>, out: &mut Vec<T>) -> Result<(), Fault> {
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| fault_of("run a query", error))? {
        out.push(T::from_row(&Row::lite(row))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_constraints_carry_the_names_that_postgres_gives() {
        let unique = "UNIQUE constraint failed: ledger.property, ledger.line, ledger.seq";
        let check = |code, message| constraint_name(code, message);
        assert_eq!(check(ffi::SQLITE_CONSTRAINT_UNIQUE, unique), "ledger_property_line_seq_key");
        assert_eq!(check(ffi::SQLITE_CONSTRAINT_PRIMARYKEY, unique), "ledger_pkey");
        assert_eq!(
            check(ffi::SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: cell_units"),
            "cell_units"
        );
        assert_eq!(
            check(ffi::SQLITE_CONSTRAINT_NOTNULL, "NOT NULL constraint failed: cell.pool"),
            "cell.pool"
        );
        assert_eq!(
            check(ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed"),
            "foreign_key"
        );
    }
}
