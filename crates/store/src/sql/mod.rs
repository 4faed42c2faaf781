//! The seam: `Db` is one store with two engines inside, `Tx` one transaction on either. There is
//! no trait in between and no query builder. Driver names appear under this folder and in
//! `migrate`, nowhere else.
//!
//! A body is a function from `Tx` to a boxed future; it owns clones of what it needs, because a
//! write may run it again: `db.write(move |tx| { let id = id; Box::pin(async move { .. }) })`.

pub mod bulk;
pub mod dialect;
mod lite;
mod lite_copy;
mod lite_memory;
mod lite_readers;
mod lite_writer;
mod pg;
mod pg_tx;
pub mod row;
pub mod tx;
pub mod watch;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::faults::Fault;
use lite::{LiteConn, panicked, run_body};
use lite_memory::LiteMemory;
use lite_readers::{LiteReaders, ReadJob, readers_are_gone};
use lite_writer::{LiteWriter, LoneJob, WriteJob, write_job, writer_is_gone};
use pg::PgPool;
use tx::Tx;

pub use lite_copy::{WriterPlace, check_sqlite_file, copy_sqlite, fold_sqlite_log};
pub use lite_memory::{Commit, CommitHook, Lock};
pub use pg::postgres_environment;

/// How often a write runs before others' writes make it give up.
pub const WRITE_TRIES_MAX: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Whose clock decides.
#[derive(Clone)]
pub enum Time {
    /// The database's own: instances with wrong clocks agree.
    Engine,
    /// A given one, in milliseconds since 1970: replay, simulator, tests.
    Given(Arc<dyn Fn() -> i64 + Send + Sync>),
}

/// How wide a store opens. A server takes the default; the bench opens the usual way of writing
/// with it: a connection per caller, a commit per order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    /// PostgreSQL connections that only desk lanes may take.
    pub desk_connections: usize,
    /// Most jobs of one SQLite commit.
    pub group_jobs_max: usize,
}

impl Default for Width {
    fn default() -> Width {
        Width {
            desk_connections: pg::DESK_CONNECTIONS,
            group_jobs_max: lite_writer::GROUP_JOBS_MAX,
        }
    }
}

/// What a simulated commit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitFate {
    Done,
    NotDone,
    /// The commit took and the caller does not learn it.
    UnknownApplied,
    /// The commit was lost and the caller does not learn it.
    UnknownLost,
}

/// The store. Clones share it; the last one closes it.
#[derive(Clone)]
pub struct Db {
    backend: Arc<Backend>,
    time: Time,
}

enum Backend {
    /// Readers first: the writer closes last and checkpoints.
    File {
        readers: LiteReaders,
        writer: LiteWriter,
    },
    ReadOnlyFile {
        readers: LiteReaders,
    },
    Memory(LiteMemory),
    Postgres {
        url: String,
        general: Arc<PgPool>,
        desk: Arc<PgPool>,
    },
}

impl Db {
    /// Opens or makes the file and becomes its one writer.
    pub fn open_sqlite(path: &Path, time: Time) -> Result<Db, Fault> {
        Db::open_sqlite_with(path, time, Width::default())
    }

    /// The same with a width of one's own.
    pub fn open_sqlite_with(path: &Path, time: Time, width: Width) -> Result<Db, Fault> {
        let writer = LiteWriter::open(path, width.group_jobs_max)?;
        let readers = LiteReaders::open(path)?;
        Ok(Db::of(Backend::File { readers, writer }, time))
    }

    /// Reads beside whoever writes: for `verify`, `export`, `backup`.
    pub fn open_sqlite_readonly(path: &Path) -> Result<Db, Fault> {
        let readers = LiteReaders::open(path)?;
        Ok(Db::of(Backend::ReadOnlyFile { readers }, Time::Engine))
    }

    /// A store without file, thread or chance: see `lite_memory`.
    pub fn open_sqlite_memory(time: Time) -> Result<Db, Fault> {
        Ok(Db::of(Backend::Memory(LiteMemory::open()?), time))
    }

    /// Connects once, so that a wrong address or an unsafe setting is told at the start.
    pub async fn open_postgres(url: &str, time: Time) -> Result<Db, Fault> {
        Db::open_postgres_with(url, time, Width::default()).await
    }

    /// The same with a width of one's own.
    pub async fn open_postgres_with(url: &str, time: Time, width: Width) -> Result<Db, Fault> {
        let config = pg::config(url)?;
        let general = Arc::new(PgPool::general(config.clone()));
        let desk = Arc::new(PgPool::desk(config, width.desk_connections));
        let db = Db::of(Backend::Postgres { url: url.to_owned(), general, desk }, time);
        db.check_durability().await?;
        Ok(db)
    }

    fn of(backend: Backend, time: Time) -> Db {
        Db { backend: Arc::new(backend), time }
    }

    /// The same store under another clock: history is replayed, and the demonstration's guests
    /// arrived yesterday. A server keeps the one that it opened.
    #[must_use]
    pub fn with_time(&self, time: Time) -> Db {
        Db { backend: Arc::clone(&self.backend), time }
    }

    pub fn engine(&self) -> Engine {
        match &*self.backend {
            Backend::File { .. } | Backend::ReadOnlyFile { .. } | Backend::Memory(_) => {
                Engine::Sqlite
            }
            Backend::Postgres { .. } => Engine::Postgres,
        }
    }

    /// Whether the clock is a given one; a server must refuse such a store.
    pub fn is_time_given(&self) -> bool {
        matches!(self.time, Time::Given(_))
    }

    /// Reads in one snapshot. The body may read only.
    pub async fn read<T, F>(&self, body: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        match &*self.backend {
            Backend::File { readers, .. } | Backend::ReadOnlyFile { readers } => {
                readers.submit(read_job(body, self.time.clone(), reply))?;
            }
            Backend::Memory(memory) => memory.read(read_job(body, self.time.clone(), reply))?,
            Backend::Postgres { general, .. } => {
                tokio::spawn(pg_tx::read(Arc::clone(general), self.time.clone(), body, reply));
            }
        }
        answer.await.unwrap_or_else(|_gone| Err(readers_are_gone()))
    }

    /// Runs the body as one transaction, at most `WRITE_TRIES_MAX` times while others are in
    /// the way. `Ok` means: committed and durable.
    pub async fn write<T, F>(&self, body: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>> + Send + Sync + 'static,
    {
        match &*self.backend {
            Backend::Postgres { general, .. } => self.write_on_pg(general, body).await,
            Backend::File { .. } | Backend::ReadOnlyFile { .. } | Backend::Memory(_) => {
                self.write_on_lite(body).await
            }
        }
    }

    /// The same, on connections that are kept for the desk.
    pub async fn write_desk<T, F>(&self, body: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>> + Send + Sync + 'static,
    {
        match &*self.backend {
            Backend::Postgres { desk, .. } => self.write_on_pg(desk, body).await,
            Backend::File { .. } | Backend::ReadOnlyFile { .. } | Backend::Memory(_) => {
                self.write_on_lite(body).await
            }
        }
    }

    async fn write_on_lite<T, F>(&self, body: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>> + Send + Sync + 'static,
    {
        let body = Arc::new(body);
        for _ in 0..WRITE_TRIES_MAX {
            let (reply, answer) = oneshot::channel();
            self.submit_write(write_job(Arc::clone(&body), self.time.clone(), reply))?;
            match answer.await.unwrap_or_else(|_gone| Err(writer_is_gone())) {
                Err(fault) if fault.is_retryable() => {}
                settled => return settled,
            }
        }
        Err(out_of_tries(None))
    }

    fn submit_write(&self, job: WriteJob) -> Result<(), Fault> {
        match &*self.backend {
            Backend::File { writer, .. } => writer.submit(job),
            Backend::Memory(memory) => memory.write(job),
            Backend::ReadOnlyFile { .. } | Backend::Postgres { .. } => Err(not_a_writer()),
        }
    }

    /// The transaction lives on a task of its own: a caller that goes away cannot cancel a
    /// commit nor leave a transaction open.
    async fn write_on_pg<T, F>(&self, pool: &Arc<PgPool>, body: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>> + Send + Sync + 'static,
    {
        let (pool, time) = (Arc::clone(pool), self.time.clone());
        let task = tokio::spawn(async move {
            let mut last = None;
            for _ in 0..WRITE_TRIES_MAX {
                match pg_tx::write_once(&pool, &time, &body).await {
                    Err(fault) if fault.is_retryable() => last = Some(fault),
                    settled => return settled,
                }
            }
            Err(out_of_tries(last))
        });
        task.await.unwrap_or_else(|ended| match ended.try_into_panic() {
            Ok(panic) => Err(panicked(panic.as_ref())),
            Err(cancelled) => Err(Fault::OutcomeUnknown { source: Some(Arc::new(cancelled)) }),
        })
    }

    /// Refuses settings under which an answered commit could be lost. Asked at the start and
    /// every minute. Once refused, PostgreSQL is given nothing until a new session is safe.
    pub async fn check_durability(&self) -> Result<(), Fault> {
        match &*self.backend {
            Backend::File { .. } => self.alone(LiteConn::check_durability).await,
            Backend::ReadOnlyFile { .. } | Backend::Memory(_) => Ok(()),
            Backend::Postgres { general, desk, .. } => {
                let outcome = general.check_durability().await;
                let is_unsafe = matches!(outcome, Err(Fault::UnsafeDurability { .. }));
                if is_unsafe || outcome.is_ok() {
                    general.reuse(!is_unsafe);
                    desk.reuse(!is_unsafe);
                }
                outcome
            }
        }
    }

    /// For whoever has just filled tables: PostgreSQL looks at them by itself only after a minute or
    /// more, and until then plans for what it saw last. A table that it saw empty is read whole.
    pub async fn gather_statistics(&self) -> Result<(), Fault> {
        match &*self.backend {
            Backend::File { .. } | Backend::ReadOnlyFile { .. } | Backend::Memory(_) => Ok(()),
            Backend::Postgres { general, .. } => general.gather_statistics().await,
        }
    }

    /// Runs on the SQLite writer outside any transaction: migrations, checkpoints.
    async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&LiteConn) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let job: LoneJob = Box::new(move |conn| {
            let _caller_went_away = reply.send(work(conn));
        });
        match &*self.backend {
            Backend::File { writer, .. } => writer.submit_alone(job)?,
            Backend::Memory(memory) => memory.alone(job)?,
            Backend::ReadOnlyFile { .. } | Backend::Postgres { .. } => return Err(not_a_writer()),
        }
        answer.await.unwrap_or_else(|_gone| Err(writer_is_gone()))
    }

    /// For `migrate`: the writer's own connection, outside any transaction.
    pub(crate) async fn alone_on_lite<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut rusqlite::Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.alone(move |conn| work(&mut conn.lock())).await
    }

    /// For `migrate`: where PostgreSQL is, if that is the engine.
    pub(crate) fn postgres_url(&self) -> Option<&str> {
        match &*self.backend {
            Backend::Postgres { url, .. } => Some(url),
            Backend::File { .. } | Backend::ReadOnlyFile { .. } | Backend::Memory(_) => None,
        }
    }

    /// Decides what each commit of a store in memory does; `None` lets all of them be done.
    pub fn set_commit_hook(&self, hook: Option<CommitHook>) -> Result<(), Fault> {
        self.memory()?.set_commit_hook(hook);
        Ok(())
    }

    /// The row locks that the transactions of a store in memory would have taken on PostgreSQL, one
    /// list for each that took any, since this was asked the last time. The first call begins.
    pub fn take_locks(&self) -> Result<Vec<Vec<Lock>>, Fault> {
        Ok(self.memory()?.take_locks())
    }

    /// The whole of a store in memory, as bytes.
    pub fn image(&self) -> Result<Vec<u8>, Fault> {
        self.memory()?.image()
    }

    /// Puts a store in memory back to an image.
    pub fn restore(&self, image: &[u8]) -> Result<(), Fault> {
        self.memory()?.restore(image)
    }

    fn memory(&self) -> Result<&LiteMemory, Fault> {
        match &*self.backend {
            Backend::Memory(memory) => Ok(memory),
            Backend::File { .. } | Backend::ReadOnlyFile { .. } | Backend::Postgres { .. } => {
                Err(Fault::internal("use a store in memory"))
            }
        }
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the address: it may carry a password.
        f.debug_struct("Db").field("engine", &self.engine()).finish_non_exhaustive()
    }
}

/// For `migrate` and `testing`: a session outside any pool, with the server's own settings.
pub(crate) async fn postgres_session(url: &str) -> Result<tokio_postgres::Client, Fault> {
    let (client, connection) = pg::config(url)?
        .connect(tokio_postgres::NoTls)
        .await
        .map_err(|error| Fault::unavailable("connect to PostgreSQL", error))?;
    tokio::spawn(connection);
    Ok(client)
}

fn read_job<T, F>(body: F, time: Time, reply: oneshot::Sender<Result<T, Fault>>) -> ReadJob
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Fault>> + Send + 'static,
{
    Box::new(move |conn| {
        let outcome = conn.and_then(|conn| run_body(conn, &time, body));
        let _caller_went_away = reply.send(outcome);
    })
}

fn out_of_tries(last: Option<Fault>) -> Fault {
    match last {
        Some(conflict @ Fault::Conflict { .. }) => conflict,
        Some(_) | None => Fault::Conflict { attempted: "write".into(), source: None },
    }
}

fn not_a_writer() -> Fault {
    Fault::internal("write to a store that was opened for reading")
}
