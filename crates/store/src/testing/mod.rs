//! For tests, the simulator and benches only, never for the product: fresh stores of both
//! engines, and one way to run a test body on each.
//!
//! PostgreSQL is the server in `VACANCY_TEST_POSTGRES` (`scripts/with-postgres.sh` sets it), else
//! a private one made of this machine's programs. Without either, the PostgreSQL half is skipped
//! with a message; where `CI` is set, a skip is a failure.

pub mod desk;
pub mod fixtures;
pub mod idle;
pub mod journal;
pub mod later;
pub mod money;
pub mod postgres;
pub mod races;
pub mod rows;
pub mod sessions;
pub mod settings;
pub mod spoils;
pub mod told;
pub mod visibility;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;

use crate::faults::Fault;
use crate::sql::{Db, Engine, Time};

/// Runs the body on a fresh, migrated store of each engine, with the engine's own clock. Not for
/// use inside a runtime: it makes its own.
pub fn on_both_engines(body: impl Fn(Db) -> BoxFuture<'static, ()>) {
    on_both_engines_at(&Time::Engine, body);
}

/// The same with a given clock.
pub fn on_both_engines_at(time: &Time, body: impl Fn(Db) -> BoxFuture<'static, ()>) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        on_engine(engine, time, &body);
    }
}

/// The same on one engine. A failure says which.
pub fn on_engine(engine: Engine, time: &Time, body: impl Fn(Db) -> BoxFuture<'static, ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a test machine can start a runtime");
    let Some(store) = runtime.block_on(TestStore::open(engine, time.clone())) else { return };
    let db = store.db.clone();
    let outcome = runtime.block_on(runtime.spawn(body(db)));
    // The body's handles are gone with it; the store is removed behind the last one.
    runtime.block_on(store.remove());
    if let Err(failed) = outcome {
        tell(&format!("the body failed on {engine:?}"));
        std::panic::resume_unwind(failed.into_panic());
    }
}

/// A fresh, migrated store that can be opened again (a second instance, a restart).
pub struct TestStore {
    pub db: Db,
    place: Place,
}

enum Place {
    Folder(TestFolder),
    Database(postgres::Database),
}

impl TestStore {
    /// `None`: there is no PostgreSQL on this machine, which was told.
    pub async fn open(engine: Engine, time: Time) -> Option<TestStore> {
        match engine {
            Engine::Sqlite => {
                let folder = TestFolder::new();
                let db = Db::open_sqlite(&folder.path().join("store.db"), time)
                    .expect("a test can make a store");
                db.migrate().await.expect("a new store can be migrated");
                Some(TestStore { db, place: Place::Folder(folder) })
            }
            Engine::Postgres => {
                let database = postgres::Database::migrated().await?;
                let db = Db::open_postgres(database.url(), time)
                    .await
                    .expect("a test can reach its database");
                Some(TestStore { db, place: Place::Database(database) })
            }
        }
    }

    /// A second instance on the same PostgreSQL database. `None` on SQLite, which has one writer.
    pub async fn second_instance(&self, time: Time) -> Option<Db> {
        let opened = self.try_second_instance(time).await?;
        Some(opened.expect("a second instance can reach the database"))
    }

    /// The same, where opening may be refused.
    pub async fn try_second_instance(&self, time: Time) -> Option<Result<Db, Fault>> {
        match &self.place {
            Place::Folder(_) => None,
            Place::Database(database) => Some(Db::open_postgres(database.url(), time).await),
        }
    }

    pub async fn remove(self) {
        drop(self.db);
        match self.place {
            Place::Folder(folder) => drop(folder),
            Place::Database(database) => database.remove().await,
        }
    }
}

/// A folder of its own, removed when dropped.
pub struct TestFolder(PathBuf);

impl TestFolder {
    #[expect(clippy::new_without_default, reason = "it makes a folder on disk")]
    pub fn new() -> TestFolder {
        let name = format!("vacancy-test-{}-{}", std::process::id(), next_number());
        let path = std::env::temp_dir().join(name);
        // A process with the same number may have died here before us.
        let _nothing_there = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a test can make a folder");
        TestFolder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        let _the_next_run_clears_it = std::fs::remove_dir_all(&self.0);
    }
}

fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Past the test runner's capture, so that a person sees it.
fn tell(text: &str) {
    let _stderr_is_closed = std::io::stderr().write_all(format!("vacancy: {text}\n").as_bytes());
}
