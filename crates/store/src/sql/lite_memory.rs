//! A store in memory for the simulator: every job runs at once on the thread that asks, one
//! after the other, so the same calls give the same store. There is no thread and no file. The
//! commit hook decides what a commit does; an image is the whole store as bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use super::CommitFate;
use super::lite::{LiteConn, fault_of};
use super::lite_readers::{ReadJob, run_read};
use super::lite_writer::{LoneJob, WriteJob, run_group};
use crate::faults::Fault;

/// Asked once per commit.
pub type CommitHook = Arc<dyn Fn(Commit) -> CommitFate + Send + Sync>;

/// What a commit hook hears of the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// A transaction that wrote nothing is no fence: PostgreSQL waits for no standby at its commit.
    pub has_written: bool,
}

/// A row lock that the transaction would take on PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    pub table: String,
    /// The row's key as bytes that sort as the key does.
    pub key: Vec<u8>,
}

pub(super) struct LiteMemory {
    conn: LiteConn,
    gate: Mutex<()>,
    inside: Mutex<Option<ThreadId>>,
    hook: Mutex<Option<CommitHook>>,
}

/// Between enter and drop this thread has the store to itself.
struct Inside<'m> {
    memory: &'m LiteMemory,
    _gate: MutexGuard<'m, ()>,
}

impl LiteMemory {
    pub(super) fn open() -> Result<LiteMemory, Fault> {
        Ok(LiteMemory {
            conn: LiteConn::open_memory()?,
            gate: Mutex::new(()),
            inside: Mutex::new(None),
            hook: Mutex::new(None),
        })
    }

    pub(super) fn write(&self, job: WriteJob) -> Result<(), Fault> {
        let _inside = self.enter()?;
        let hook = lock(&self.hook).clone();
        let before = self.conn.lock().total_changes();
        let fate = || {
            let has_written = self.conn.lock().total_changes() != before;
            hook.as_ref().map_or(CommitFate::Done, |hook| hook(Commit { has_written }))
        };
        self.conn.begin_locks();
        run_group(&self.conn, VecDeque::from([job]), &fate);
        Ok(())
    }

    pub(super) fn read(&self, job: ReadJob) -> Result<(), Fault> {
        let _inside = self.enter()?;
        // Not by `PRAGMA query_only`: it throws all prepared statements away, each time.
        self.conn.set_reading(true);
        run_read(&self.conn, job);
        self.conn.set_reading(false);
        Ok(())
    }

    pub(super) fn alone(&self, job: LoneJob) -> Result<(), Fault> {
        let _inside = self.enter()?;
        job(&self.conn);
        Ok(())
    }

    pub(super) fn set_commit_hook(&self, hook: Option<CommitHook>) {
        *lock(&self.hook) = hook;
    }

    pub(super) fn take_locks(&self) -> Vec<Vec<Lock>> {
        let mut locks = self.conn.take_locks();
        locks.retain(|of_one| !of_one.is_empty());
        locks
    }

    pub(super) fn image(&self) -> Result<Vec<u8>, Fault> {
        let _inside = self.enter()?;
        let mut conn = self.conn.lock();
        let data = conn.serialize("main").map_err(|error| fault_of("take an image", error))?;
        Ok(data.to_vec())
    }

    pub(super) fn restore(&self, image: &[u8]) -> Result<(), Fault> {
        let _inside = self.enter()?;
        let mut conn = self.conn.lock();
        conn.flush_prepared_statement_cache();
        conn.deserialize_read_exact("main", image, image.len(), false)
            .map_err(|error| fault_of("restore an image", error))?;
        // Temporary triggers of a test point at the tables that were: the schema is read anew.
        conn.execute_batch("PRAGMA writable_schema = RESET")
            .map_err(|error| fault_of("restore an image", error))
    }

    /// A body that uses the store itself instead of its `Tx` would wait for itself for ever.
    fn enter(&self) -> Result<Inside<'_>, Fault> {
        let me = thread::current().id();
        if *lock(&self.inside) == Some(me) {
            return Err(Fault::internal("use the store inside its own transaction"));
        }
        let gate = lock(&self.gate);
        *lock(&self.inside) = Some(me);
        Ok(Inside { memory: self, _gate: gate })
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        *lock(&self.memory.inside) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
