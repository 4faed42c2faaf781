//! Who is measured: the desk, and the usual way, which is one transaction per request. Both run the
//! same code between begin and commit: the same locks, the same rules of `domain`, the same rows.

use clap::ValueEnum;
use serde::Serialize;
use tempfile::TempDir;
use vacancy_app::desk::command::{Answer, Order};
use vacancy_app::desk::{Desk, Lanes, alone};
use vacancy_app::errors::Error;
use vacancy_app::ids::Ids;
use vacancy_store::sql::{Db, Engine, Time, Width};
use vacancy_store::testing::postgres::Database;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    /// One transaction per request. On PostgreSQL as many connections as clients (at most 64),
    /// kept apart by `SELECT … FOR UPDATE`; on SQLite one commit, and so one fsync, per request.
    Alone,
    /// The desk as the server runs it.
    Desk,
}

/// Most connections of the usual way; more would only wait for each other.
const CONNECTIONS_MAX: usize = 64;

impl Side {
    pub(crate) fn of(_engine: Engine, wanted: &[Side]) -> Vec<Side> {
        if wanted.is_empty() { vec![Side::Alone, Side::Desk] } else { wanted.to_vec() }
    }

    pub(crate) fn name(self, engine: Engine) -> &'static str {
        match (self, engine) {
            (Side::Alone, Engine::Sqlite) => "one commit per booking",
            (Side::Alone, Engine::Postgres) => "a transaction each, FOR UPDATE",
            (Side::Desk, _) => "desk",
        }
    }

    /// A new store, opened as this side opens it.
    pub(crate) async fn store(self, engine: Engine, clients: usize) -> Result<Store, String> {
        let width = match self {
            Side::Alone => {
                Width { desk_connections: clients.clamp(1, CONNECTIONS_MAX), group_jobs_max: 1 }
            }
            Side::Desk => Width::default(),
        };
        match engine {
            Engine::Sqlite => Store::on_sqlite(width).await,
            Engine::Postgres => Store::on_postgres(width).await,
        }
    }
}

/// A store that is gone afterwards.
pub(crate) struct Store {
    pub(crate) db: Db,
    place: Place,
}

enum Place {
    Folder(TempDir),
    Database(Database),
}

impl Store {
    async fn on_sqlite(width: Width) -> Result<Store, String> {
        let folder = TempDir::new().map_err(|error| format!("make a folder: {error}"))?;
        let path = folder.path().join("store.db");
        let db = Db::open_sqlite_with(&path, Time::Engine, width).map_err(|f| f.to_string())?;
        db.migrate().await.map_err(|fault| fault.to_string())?;
        Ok(Store { db, place: Place::Folder(folder) })
    }

    async fn on_postgres(width: Width) -> Result<Store, String> {
        let database = Database::migrated().await.ok_or("there is no PostgreSQL to measure")?;
        let db = Db::open_postgres_with(database.url(), Time::Engine, width)
            .await
            .map_err(|fault| fault.to_string())?;
        Ok(Store { db, place: Place::Database(database) })
    }

    pub(crate) async fn remove(self) {
        drop(self.db);
        match self.place {
            Place::Folder(folder) => drop(folder),
            Place::Database(database) => database.remove().await,
        }
    }
}

/// Where a side takes its orders.
pub(crate) enum Counter {
    Alone { db: Db, ids: Ids },
    Desk { desk: Desk, lanes: Lanes },
}

impl Counter {
    pub(crate) fn open(side: Side, db: &Db, ids: &Ids) -> Counter {
        match side {
            Side::Alone => Counter::Alone { db: db.clone(), ids: ids.clone() },
            Side::Desk => {
                let (desk, lanes) = Desk::open(db, ids);
                Counter::Desk { desk, lanes }
            }
        }
    }

    pub(crate) async fn ask(&self, order: Order) -> Result<Answer, Error> {
        match self {
            Counter::Alone { db, ids } => alone::run(db, ids, order).await,
            Counter::Desk { desk, .. } => desk.submit(order).await,
        }
    }

    pub(crate) async fn close(self) {
        match self {
            Counter::Alone { .. } => {}
            Counter::Desk { lanes, .. } => lanes.close().await,
        }
    }
}
