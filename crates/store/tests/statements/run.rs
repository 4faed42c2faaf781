//! Fills a store of each engine, calls everything once and keeps what the watch has seen.

use std::sync::Arc;

use vacancy_store::sql::watch::{self, Seen};
use vacancy_store::sql::{Db, Engine, Time, Width};
use vacancy_store::testing::{TestFolder, postgres};

use crate::{calls, fill, plans};

/// A clock that stands still at noon.
pub(crate) const NOW_MS: i64 = fill::TODAY * 86_400_000 + 43_200_000;

/// Every statement of both engines; `None` where there is no PostgreSQL, which was told.
pub(crate) fn seen() -> Option<Vec<Seen>> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let database = postgres::Database::migrated().await?;
        let folder = TestFolder::new();
        let path = folder.path().join("store.db");
        let time = Time::Given(Arc::new(|| NOW_MS));
        // One desk connection: what it has prepared is all that the desk has run.
        let width = Width { desk_connections: 1, ..Width::default() };
        let lite = Db::open_sqlite_with(&path, time.clone(), width).unwrap();
        lite.migrate().await.unwrap();
        let pg = Db::open_postgres_with(database.url(), time, width).await.unwrap();
        for db in [&lite, &pg] {
            fill::all(db).await;
        }
        let mut seen = Vec::new();
        for db in [&lite, &pg] {
            watch::begin();
            calls::desk::all(db).await;
            seen.extend(watch::end());
            if db.engine() == Engine::Postgres {
                seen.extend(plans::generic_of_desk(db, &seen).await);
            }
            watch::begin();
            calls::all(db).await;
            seen.extend(watch::end());
        }
        drop((lite, pg));
        database.remove().await;
        seen.dedup();
        Some(seen)
    })
}
