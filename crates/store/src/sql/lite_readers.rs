//! Readers of a SQLite file: a few threads with a read-only connection each. Every read is one
//! transaction and sees one snapshot; readers never wait for the writer and never hold it up.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::dialect::LITE_BEGIN_READ;
use super::lite::LiteConn;
use crate::faults::Fault;

/// Connections that read at the same time.
pub(super) const READERS: usize = 4;
/// Most reads that may wait; more callers are turned away at once.
pub(super) const READ_QUEUE_MAX: usize = 4_096;

/// A read runs on the connection it is given, or learns why there is none.
pub(super) type ReadJob = Box<dyn FnOnce(Result<&LiteConn, Fault>) + Send>;

pub(super) struct LiteReaders {
    jobs: Option<SyncSender<ReadJob>>,
    threads: Vec<JoinHandle<()>>,
}

impl LiteReaders {
    pub(super) fn open(path: &Path) -> Result<LiteReaders, Fault> {
        let (jobs, waiting) = sync_channel::<ReadJob>(READ_QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = Vec::with_capacity(READERS);
        for index in 0..READERS {
            let conn = LiteConn::open_reader(path)?;
            let waiting = Arc::clone(&waiting);
            let thread = thread::Builder::new()
                .name(format!("store-reader-{index}"))
                .spawn(move || serve(&conn, &waiting))
                .map_err(|error| Fault::unavailable("start a reader thread", error))?;
            threads.push(thread);
        }
        Ok(LiteReaders { jobs: Some(jobs), threads })
    }

    pub(super) fn submit(&self, job: ReadJob) -> Result<(), Fault> {
        let Some(jobs) = &self.jobs else { return Err(readers_are_gone()) };
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Fault::Overloaded,
            TrySendError::Disconnected(_) => readers_are_gone(),
        })
    }
}

impl Drop for LiteReaders {
    fn drop(&mut self) {
        drop(self.jobs.take());
        for thread in self.threads.drain(..) {
            // The last handle may die inside a read; a thread cannot wait for itself.
            if thread.thread().id() != thread::current().id() {
                let _panicked = thread.join();
            }
        }
    }
}

pub(super) fn readers_are_gone() -> Fault {
    Fault::Unavailable { attempted: "reach a reader".into(), source: None }
}

fn serve(conn: &LiteConn, waiting: &Mutex<Receiver<ReadJob>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(job) => run_read(conn, job),
            Err(_no_handle_is_left) => return,
        }
    }
}

/// One read in its own snapshot. Nothing can have been written, so its end cannot fail it.
pub(super) fn run_read(conn: &LiteConn, job: ReadJob) {
    match conn.word(LITE_BEGIN_READ) {
        Ok(()) => {
            job(Ok(conn));
            if let Err(fault) = conn.word("ROLLBACK") {
                tracing::error!(?fault, "a reader cannot end its transaction");
            }
        }
        Err(fault) => job(Err(fault)),
    }
}
