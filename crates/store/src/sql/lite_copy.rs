//! Whole copies of a SQLite file, made beside whoever writes it, and what is asked of a copy before
//! it may become a store. It knows nothing of names, folders and checksums: that is the caller's.

use std::fs::File;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::dialect::LITE_BEGIN_READ;
use super::lite::{BUSY_TIMEOUT_MS, fault_of};
use super::lite_writer::take_lock_file;
use crate::faults::{Fault, Told};

/// Pages of one step. The snapshot is held over all steps, so the size changes nothing but how
/// long one call takes.
const STEP_PAGES: i32 = 2_000;

/// Holds the place of the one writer: no server starts on this file while it lives.
#[derive(Debug)]
pub struct WriterPlace(File);

impl WriterPlace {
    /// Takes the lock of the store at `path`, which need not be there.
    pub fn take(path: &Path) -> Result<WriterPlace, Fault> {
        take_lock_file(path).map(WriterPlace)
    }
}

impl Drop for WriterPlace {
    fn drop(&mut self) {
        let _closing_frees_it_too = self.0.unlock();
    }
}

/// Copies one snapshot of the store at `from` into the empty file at `to`: everything that was
/// committed before this began. Writers go on; only their log cannot shrink meanwhile. The copy is
/// one file without a log beside it. It is not yet on the disk for certain: the caller syncs it.
pub fn copy_sqlite(from: &Path, to: &Path) -> Result<(), Fault> {
    let told = |error| fault_of("copy the booking store", error);
    let source = open_reader(from)?;
    let mut target = Connection::open(to).map_err(told)?;
    // A copy that breaks off is thrown away, so nothing of it needs a journal or a sync.
    target.pragma_update(None, "synchronous", "OFF").map_err(told)?;
    // While this transaction is open the steps below all see the same snapshot, and no writer
    // can make the copy begin again.
    source.execute_batch(LITE_BEGIN_READ).map_err(told)?;
    let read_mark: i64 = source
        .query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(told)?;
    if read_mark == 0 {
        return Err(Fault::internal("copy a store that has no tables"));
    }
    let copy = Backup::new(&source, &mut target).map_err(told)?;
    while copy.step(STEP_PAGES).map_err(told)? != StepResult::Done {}
    drop(copy);
    source.execute_batch("ROLLBACK").map_err(told)?;
    let set = target.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()));
    set.map_err(told)
}

/// Reads every page and every reference of the file; the first thing that is wrong is the fault.
pub fn check_sqlite_file(path: &Path) -> Result<(), Fault> {
    let told = |error| fault_of("check the copy of a booking store", error);
    let conn = open_reader(path)?;
    let found: String =
        conn.pragma_query_value(None, "integrity_check", |row| row.get(0)).map_err(told)?;
    if found != "ok" {
        return Err(Fault::internal_because("check the copy of a booking store", Told(found)));
    }
    let mut orphans = conn.prepare("PRAGMA foreign_key_check").map_err(told)?;
    if orphans.exists([]).map_err(told)? {
        let told = Told("a row refers to one that is not there".to_owned());
        return Err(Fault::internal_because("check the copy of a booking store", told));
    }
    Ok(())
}

/// Brings what stands in the log into the file, so that the file is the whole store. The caller
/// has the writer's place.
pub fn fold_sqlite_log(path: &Path) -> Result<(), Fault> {
    let told = |error| fault_of("fold the log into the booking store", error);
    let conn = Connection::open(path).map_err(told)?;
    conn.pragma_update(None, "busy_timeout", BUSY_TIMEOUT_MS).map_err(told)?;
    let is_busy: i64 =
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(told)?;
    if is_busy != 0 {
        return Err(Fault::Unavailable {
            attempted: "fold the log while somebody reads".into(),
            source: None,
        });
    }
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| {
        Fault::unavailable(format!("open booking store at {}", path.display()), error)
    })
}
