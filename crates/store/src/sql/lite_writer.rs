//! The one writer of a SQLite store and its group commit: whatever waits, at most
//! `GROUP_JOBS_MAX` jobs, becomes one transaction with one fsync. Where there are several, each
//! has a savepoint, so a job that fails or panics takes back only its own work. Nobody is answered
//! before the commit has returned. There is no artificial delay: a group is what came while the
//! last one ran.

use std::collections::VecDeque;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use vacancy_domain::crash::crash_point;

use super::dialect::LITE_BEGIN_WRITE;
use super::lite::{LiteConn, run_body};
use super::tx::Tx;
use super::{CommitFate, Time};
use crate::faults::Fault;

/// Most jobs one commit may carry.
pub(super) const GROUP_JOBS_MAX: usize = 64;
/// Most jobs that may wait for the writer; more callers are turned away at once.
pub(super) const WRITE_QUEUE_MAX: usize = 4_096;

/// A job runs on the connection it is given, or learns why there is none.
pub(super) type WriteJob = Box<dyn FnOnce(Result<&LiteConn, Fault>) -> Ran + Send>;
/// A job outside any transaction: a migration, a copy.
pub(super) type LoneJob = Box<dyn FnOnce(&LiteConn) + Send>;
/// What the commit said, for the jobs of its group.
type Answer = Box<dyn FnOnce(Result<(), Fault>) + Send>;

/// A job that has run and waits for the commit.
pub(super) struct Ran {
    keep: bool,
    answer: Answer,
}

enum Job {
    Write(WriteJob),
    Alone(LoneJob),
}

/// The writer thread. It ends, and gives the lock file back, when this is dropped.
pub(super) struct LiteWriter {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    lock_file: File,
}

impl LiteWriter {
    pub(super) fn open(path: &Path, group_jobs_max: usize) -> Result<LiteWriter, Fault> {
        let lock_file = take_lock_file(path)?;
        let conn = LiteConn::open_writer(path)?;
        conn.check_durability()?;
        let (jobs, waiting) = sync_channel(WRITE_QUEUE_MAX);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(&conn, &waiting, group_jobs_max))
            .map_err(|error| Fault::unavailable("start the writer thread", error))?;
        Ok(LiteWriter { jobs: Some(jobs), thread: Some(thread), lock_file })
    }

    pub(super) fn submit(&self, job: WriteJob) -> Result<(), Fault> {
        self.send(Job::Write(job))
    }

    pub(super) fn submit_alone(&self, job: LoneJob) -> Result<(), Fault> {
        self.send(Job::Alone(job))
    }

    fn send(&self, job: Job) -> Result<(), Fault> {
        let Some(jobs) = &self.jobs else { return Err(writer_is_gone()) };
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Fault::Overloaded,
            TrySendError::Disconnected(_) => writer_is_gone(),
        })
    }
}

impl Drop for LiteWriter {
    fn drop(&mut self) {
        drop(self.jobs.take());
        // The last handle may die inside a job; a thread cannot wait for itself.
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            let _panicked = thread.join();
        }
        let _closing_frees_it_too = self.lock_file.unlock();
    }
}

pub(super) fn writer_is_gone() -> Fault {
    Fault::Unavailable { attempted: "reach the writer".into(), source: None }
}

/// Makes a job of a body. A caller that went away before its job began gets nothing done.
pub(super) fn write_job<T, F>(
    body: Arc<F>,
    time: Time,
    reply: oneshot::Sender<Result<T, Fault>>,
) -> WriteJob
where
    T: Send + 'static,
    F: for<'t> Fn(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>> + Send + Sync + 'static,
{
    Box::new(move |conn| {
        let outcome = match conn {
            Ok(_) if reply.is_closed() => Err(Fault::internal("answer a caller that went away")),
            Ok(conn) => run_body(conn, &time, |tx| body(tx)),
            Err(fault) => Err(fault),
        };
        let keep = outcome.is_ok();
        let answer = move |commit: Result<(), Fault>| {
            let _caller_went_away = reply.send(outcome.and_then(|value| commit.map(|()| value)));
        };
        Ran { keep, answer: Box::new(answer) }
    })
}

fn serve(conn: &LiteConn, waiting: &Receiver<Job>, group_jobs_max: usize) {
    while let Ok(first) = waiting.recv() {
        let mut group = VecDeque::new();
        let mut next = Some(first);
        let mut alone = None;
        while let Some(job) = next.take() {
            match job {
                Job::Write(job) => group.push_back(job),
                Job::Alone(job) => alone = Some(job),
            }
            if group.len() < group_jobs_max && alone.is_none() {
                next = waiting.try_recv().ok();
            }
        }
        run_group(conn, group, &|| CommitFate::Done);
        if let Some(job) = alone {
            job(conn);
        }
    }
}

/// Runs the jobs as one transaction, then answers them. If the engine gives the transaction up
/// on its own (a full disk), those that ran are told and the rest start a new one.
pub(super) fn run_group(
    conn: &LiteConn,
    mut waiting: VecDeque<WriteJob>,
    fate: &dyn Fn() -> CommitFate,
) {
    while !waiting.is_empty() {
        crash_point("sqlite.begin");
        if let Err(fault) = conn.word(LITE_BEGIN_WRITE) {
            for job in waiting.drain(..) {
                (job(Err(fault.clone())).answer)(Err(fault.clone()));
            }
            return;
        }
        crash_point("sqlite.begun");
        let is_lone = waiting.len() == 1;
        let mut ran = Vec::with_capacity(waiting.len());
        let mut held = Ok(());
        while let Some(job) = waiting.pop_front() {
            held = if is_lone {
                run_lone(conn, job, &mut ran)
            } else {
                run_in_savepoint(conn, job, &mut ran)
            };
            if held.is_err() {
                break;
            }
        }
        let outcome = match held {
            Ok(()) if ran.iter().any(|job| job.keep) => commit(conn, fate()),
            Ok(()) => roll_back(conn),
            Err(fault) => roll_back(conn).and(Err(fault)),
        };
        for job in ran {
            (job.answer)(outcome.clone());
        }
        crash_point("sqlite.answered");
    }
}

/// A job that has its transaction to itself needs no savepoint: what it failed to do is rolled back
/// with the transaction. A savepoint costs a copy of every page that the job touches.
fn run_lone(conn: &LiteConn, job: WriteJob, ran: &mut Vec<Ran>) -> Result<(), Fault> {
    ran.push(job(Ok(conn)));
    still_open(conn)
}

/// `Err` means that the transaction around the savepoint is lost.
fn run_in_savepoint(conn: &LiteConn, job: WriteJob, ran: &mut Vec<Ran>) -> Result<(), Fault> {
    if let Err(fault) = conn.word("SAVEPOINT job") {
        ran.push(job(Err(fault.clone())));
        return Err(fault);
    }
    let done = job(Ok(conn));
    let keep = done.keep;
    ran.push(done);
    still_open(conn)?;
    if !keep {
        conn.word("ROLLBACK TO job")?;
    }
    conn.word("RELEASE job")
}

/// The engine may have given the transaction up on its own.
fn still_open(conn: &LiteConn) -> Result<(), Fault> {
    if conn.lock().is_autocommit() {
        return Err(Fault::Unavailable { attempted: "keep the transaction".into(), source: None });
    }
    Ok(())
}

fn commit(conn: &LiteConn, fate: CommitFate) -> Result<(), Fault> {
    match fate {
        CommitFate::Done => {
            crash_point("sqlite.commit");
            let outcome = conn.word("COMMIT").map_err(|fault| failed_commit(conn, fault));
            crash_point("sqlite.committed");
            outcome
        }
        CommitFate::NotDone => {
            roll_back(conn)?;
            Err(Fault::Unavailable { attempted: "commit".into(), source: None })
        }
        CommitFate::UnknownApplied => {
            conn.word("COMMIT")?;
            Err(Fault::OutcomeUnknown { source: None })
        }
        CommitFate::UnknownLost => {
            roll_back(conn)?;
            Err(Fault::OutcomeUnknown { source: None })
        }
    }
}

/// A disk error while committing may leave whole frames in the log: a restart could find them
/// and count the commit as done. Only a refusal before the first write is definite.
fn failed_commit(conn: &LiteConn, fault: Fault) -> Fault {
    if let Err(worse) = roll_back(conn) {
        tracing::error!(fault = ?worse, "the writer cannot roll back a failed commit");
    }
    match fault {
        Fault::Constraint { .. } => fault,
        Fault::Unavailable { source, .. } | Fault::Internal { source, .. } => {
            Fault::OutcomeUnknown { source }
        }
        Fault::OutcomeUnknown { .. }
        | Fault::Conflict { .. }
        | Fault::GuardMissed
        | Fault::Overloaded
        | Fault::SchemaTooNew { .. }
        | Fault::SchemaTooOld { .. }
        | Fault::Locked { .. }
        | Fault::UnsafeDurability { .. } => Fault::OutcomeUnknown { source: None },
    }
}

fn roll_back(conn: &LiteConn) -> Result<(), Fault> {
    if conn.lock().is_autocommit() {
        return Ok(());
    }
    conn.word("ROLLBACK")
}

/// Only the process that writes takes it; the operating system gives it back if we die.
pub(super) fn take_lock_file(path: &Path) -> Result<File, Fault> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let told =
        |error| Fault::unavailable(format!("take the lock file {}", lock_path.display()), error);
    let file =
        File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(told)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Fault::Locked { path: lock_path }),
        Err(TryLockError::Error(error)) => Err(told(error)),
    }
}
