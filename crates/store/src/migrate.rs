//! Brings a store's schema to the version this binary knows, under a lock, so that two instances
//! may start together. Migrations expand first and contract later: an older binary goes on
//! working beside a newer schema until that schema says in `compatible_from` that it cannot.
//! A step is never edited once it was released; a new one is added to `STEPS`.

use refinery::{Migration, Runner};
use vacancy_domain::crash::crash_point;

use crate::faults::Fault;
use crate::sql::Db;
use crate::sql::dialect::Fork;
use crate::sql::tx::Sql;

/// One step, the same number on both engines.
struct Step {
    /// `V1__spine`: the number and the name that stand in the store's history.
    name: &'static str,
    /// The oldest version whose binaries still work after this step.
    compatible_from: i64,
    lite: &'static str,
    pg: &'static str,
}

const STEPS: &[Step] = &[
    Step {
        name: "V1__spine",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V1__spine.sql"),
        pg: include_str!("../migrations/postgres/V1__spine.sql"),
    },
    Step {
        name: "V2__unread_indexes",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V2__unread_indexes.sql"),
        pg: include_str!("../migrations/postgres/V2__unread_indexes.sql"),
    },
    Step {
        name: "V3__plain_news",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V3__plain_news.sql"),
        pg: include_str!("../migrations/postgres/V3__plain_news.sql"),
    },
    Step {
        name: "V4__tariffs",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V4__tariffs.sql"),
        pg: include_str!("../migrations/postgres/V4__tariffs.sql"),
    },
    Step {
        name: "V5__quotes",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V5__quotes.sql"),
        pg: include_str!("../migrations/postgres/V5__quotes.sql"),
    },
    Step {
        name: "V6__refund_order",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V6__refund_order.sql"),
        pg: include_str!("../migrations/postgres/V6__refund_order.sql"),
    },
    Step {
        name: "V7__payment_accounts",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V7__payment_accounts.sql"),
        pg: include_str!("../migrations/postgres/V7__payment_accounts.sql"),
    },
    Step {
        name: "V8__test_mode",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V8__test_mode.sql"),
        pg: include_str!("../migrations/postgres/V8__test_mode.sql"),
    },
    Step {
        name: "V9__inbox",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V9__inbox.sql"),
        pg: include_str!("../migrations/postgres/V9__inbox.sql"),
    },
    Step {
        name: "V10__allowances",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V10__allowances.sql"),
        pg: include_str!("../migrations/postgres/V10__allowances.sql"),
    },
    Step {
        name: "V11__payment_days",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V11__payment_days.sql"),
        pg: include_str!("../migrations/postgres/V11__payment_days.sql"),
    },
    Step {
        name: "V12__disputes",
        compatible_from: 1,
        lite: include_str!("../migrations/sqlite/V12__disputes.sql"),
        pg: include_str!("../migrations/postgres/V12__disputes.sql"),
    },
];

/// The schema version that this binary writes.
pub const SCHEMA_VERSION: i64 = 12;

/// Any number that no other user of the same PostgreSQL database takes: "vacancy" as bytes.
const MIGRATION_LOCK: i64 = 0x0076_6163_616e_6379;

const INFO_TABLE: Sql = Sql::forked(
    "CREATE TABLE IF NOT EXISTS schema_info (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), \
     version INTEGER NOT NULL, compatible_from INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS schema_info (only_row BIGINT PRIMARY KEY CHECK (only_row = 1), \
     version BIGINT NOT NULL, compatible_from BIGINT NOT NULL)",
    Fork::Catalogue,
);
const INFO_EXISTS: Sql = Sql::forked(
    "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_info'",
    "SELECT COUNT(to_regclass('schema_info'))",
    Fork::Catalogue,
);
const INFO_READ: Sql = Sql::new("SELECT version, compatible_from FROM schema_info");
const INFO_WRITE: Sql = Sql::new(
    "INSERT INTO schema_info (only_row, version, compatible_from) VALUES (1, $1, $2) \
     ON CONFLICT (only_row) DO UPDATE SET version = excluded.version, \
     compatible_from = excluded.compatible_from",
);

/// What a store says about its schema. A store without tables is at version 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaInfo {
    pub version: i64,
    pub compatible_from: i64,
}

impl SchemaInfo {
    const EMPTY: SchemaInfo = SchemaInfo { version: 0, compatible_from: 0 };

    /// Gives itself back unless it says that this binary is too old for it.
    pub fn refuse_if_too_new(self) -> Result<SchemaInfo, Fault> {
        let SchemaInfo { version, compatible_from } = self;
        if SCHEMA_VERSION < compatible_from {
            return Err(Fault::SchemaTooNew { version, compatible_from, known: SCHEMA_VERSION });
        }
        Ok(self)
    }
}

impl Db {
    /// Applies what is missing. A schema that is newer and still compatible is left alone.
    pub async fn migrate(&self) -> Result<(), Fault> {
        match self.postgres_url() {
            Some(url) => migrate_postgres(url).await,
            None => self.alone_on_lite(migrate_sqlite).await,
        }
    }

    pub async fn schema_info(&self) -> Result<SchemaInfo, Fault> {
        self.read(|tx| {
            Box::pin(async move {
                if tx.query_one::<(i64,)>(&INFO_EXISTS, &[]).await? == (0,) {
                    return Ok(SchemaInfo::EMPTY);
                }
                let found = tx.query_opt::<(i64, i64)>(&INFO_READ, &[]).await?;
                Ok(found.map_or(SchemaInfo::EMPTY, |(version, compatible_from)| SchemaInfo {
                    version,
                    compatible_from,
                }))
            })
        })
        .await
    }

    /// Refuses a schema that this binary cannot work with, in either direction.
    pub async fn check_schema(&self) -> Result<(), Fault> {
        let info = self.schema_info().await?.refuse_if_too_new()?;
        if info.version < SCHEMA_VERSION {
            return Err(Fault::SchemaTooOld { version: info.version, known: SCHEMA_VERSION });
        }
        Ok(())
    }
}

fn migrate_sqlite(conn: &mut rusqlite::Connection) -> Result<(), Fault> {
    let told = |error| Fault::internal_because("migrate the store", error);
    conn.execute_batch(INFO_TABLE.lite_text()).map_err(told)?;
    let found = conn.query_row(INFO_READ.lite_text(), [], |row| {
        Ok(SchemaInfo { version: row.get(0)?, compatible_from: row.get(1)? })
    });
    let info = match found {
        Ok(info) => info,
        Err(rusqlite::Error::QueryReturnedNoRows) => SchemaInfo::EMPTY,
        Err(error) => return Err(told(error)),
    };
    if SCHEMA_VERSION <= info.refuse_if_too_new()?.version {
        return Ok(());
    }
    crash_point("migrate.steps");
    let ran = runner(|step| step.lite)?.run(conn);
    ran.map_err(|error| Fault::internal_because("migrate the store", error))?;
    crash_point("migrate.stepped");
    conn.execute(INFO_WRITE.lite_text(), (SCHEMA_VERSION, compatible_from())).map_err(told)?;
    crash_point("migrate.noted");
    Ok(())
}

async fn migrate_postgres(url: &str) -> Result<(), Fault> {
    let told = |error| Fault::internal_because("migrate the store", error);
    // A session of its own: its lock ends with it, whatever happens.
    let mut client = crate::sql::postgres_session(url).await?;
    client.batch_execute("SET lock_timeout = 0; SET statement_timeout = 0").await.map_err(told)?;
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await.map_err(told)?;
    client.batch_execute(&INFO_TABLE.pg_text()).await.map_err(told)?;
    let found = client.query_opt(INFO_READ.pg_text().as_ref(), &[]).await.map_err(told)?;
    let info = found.map_or(SchemaInfo::EMPTY, |row| SchemaInfo {
        version: row.get(0),
        compatible_from: row.get(1),
    });
    if SCHEMA_VERSION <= info.refuse_if_too_new()?.version {
        return Ok(());
    }
    crash_point("migrate.steps");
    let ran = runner(|step| step.pg)?.run_async(&mut client).await;
    ran.map_err(|error| Fault::internal_because("migrate the store", error))?;
    crash_point("migrate.stepped");
    client
        .execute(INFO_WRITE.pg_text().as_ref(), &[&SCHEMA_VERSION, &compatible_from()])
        .await
        .map_err(told)?;
    crash_point("migrate.noted");
    Ok(())
}

fn runner(text: impl Fn(&Step) -> &'static str) -> Result<Runner, Fault> {
    let mut migrations = Vec::with_capacity(STEPS.len());
    for step in STEPS {
        let migration = Migration::unapplied(step.name, text(step));
        migrations.push(migration.map_err(|e| Fault::internal_because("read a migration", e))?);
    }
    Ok(Runner::new(&migrations))
}

/// Changes with every change of a step's text, for `testing`.
pub(crate) fn fingerprint() -> u64 {
    let texts = STEPS.iter().flat_map(|step| step.pg.bytes());
    texts.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn compatible_from() -> i64 {
    STEPS.last().map_or(0, |step| step.compatible_from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbered_without_a_gap_and_promise_no_future() {
        let mut number = 0;
        for step in STEPS {
            number += 1;
            assert!(step.name.starts_with(&format!("V{number}__")), "{}", step.name);
            assert!(step.compatible_from <= number, "{}", step.name);
        }
        assert_eq!(number, SCHEMA_VERSION);
    }
}
