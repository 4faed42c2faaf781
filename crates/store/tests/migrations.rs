//! Goal: the schema reaches this binary's version once, whoever starts first, is the same on
//! both engines, and only a schema that says so is refused.
//! Method: fresh stores; the schema row is changed by hand to play a newer and an older binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use vacancy_store::faults::Fault;
use vacancy_store::migrate::SCHEMA_VERSION;
use vacancy_store::sql::dialect::Fork;
use vacancy_store::sql::tx::Sql;
use vacancy_store::sql::{Db, Engine, Time};
use vacancy_store::testing::{TestFolder, TestStore, on_both_engines, postgres};

const SET: Sql = Sql::new("UPDATE schema_info SET version = $1, compatible_from = $2");

async fn set(db: &Db, version: i64, compatible_from: i64) {
    db.write(move |tx| {
        Box::pin(async move { tx.execute(&SET, &[&version, &compatible_from]).await })
    })
    .await
    .unwrap();
}

#[test]
fn migrating_again_changes_nothing() {
    on_both_engines(|db| {
        Box::pin(async move {
            db.check_schema().await.unwrap();
            let before = db.schema_info().await.unwrap();
            assert_eq!(before.version, SCHEMA_VERSION);
            db.migrate().await.unwrap();
            assert_eq!(db.schema_info().await.unwrap(), before);
        })
    });
}

#[test]
fn a_newer_schema_is_used_as_long_as_it_says_it_may_be() {
    on_both_engines(|db| {
        Box::pin(async move {
            set(&db, SCHEMA_VERSION + 5, SCHEMA_VERSION).await;
            db.migrate().await.unwrap();
            db.check_schema().await.unwrap();
            assert_eq!(db.schema_info().await.unwrap().version, SCHEMA_VERSION + 5);

            set(&db, SCHEMA_VERSION + 5, SCHEMA_VERSION + 1).await;
            for refused in [db.migrate().await, db.check_schema().await] {
                assert!(matches!(refused, Err(Fault::SchemaTooNew { .. })), "{refused:?}");
            }
        })
    });
}

#[tokio::test]
async fn a_store_without_a_schema_is_told_to_migrate() {
    let folder = TestFolder::new();
    let db = Db::open_sqlite(&folder.path().join("store.db"), Time::Engine).unwrap();
    let refused = db.check_schema().await;
    assert!(matches!(refused, Err(Fault::SchemaTooOld { version: 0, .. })), "{refused:?}");

    let Some(database) = postgres::Database::empty().await else { return };
    let db = Db::open_postgres(database.url(), Time::Engine).await.unwrap();
    let refused = db.check_schema().await;
    assert!(matches!(refused, Err(Fault::SchemaTooOld { version: 0, .. })), "{refused:?}");
    drop(db);
    database.remove().await;
}

#[tokio::test]
async fn instances_that_start_together_migrate_once() {
    let Some(database) = postgres::Database::empty().await else { return };
    let first = Db::open_postgres(database.url(), Time::Engine).await.unwrap();
    let second = Db::open_postgres(database.url(), Time::Engine).await.unwrap();
    let (one, two) = futures_util::join!(first.migrate(), second.migrate());
    one.unwrap();
    two.unwrap();
    first.check_schema().await.unwrap();
    drop((first, second));
    database.remove().await;
}

#[tokio::test]
async fn a_store_in_memory_has_the_same_schema() {
    let db = Db::open_sqlite_memory(Time::Engine).unwrap();
    db.migrate().await.unwrap();
    db.check_schema().await.unwrap();
}

/// Table and column to type and whether it may be empty.
type Columns = BTreeMap<(String, String), (String, bool)>;
/// Table to the column lists that must be unique.
type Uniques = BTreeMap<String, Vec<String>>;

const COLUMNS: Sql = Sql::forked(
    "SELECT t.name, c.name, c.type, c.\"notnull\" = 0 AND c.pk = 0 FROM sqlite_schema AS t, \
     pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
    "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
     FROM information_schema.columns WHERE table_schema = 'public'",
    Fork::Catalogue,
);
const UNIQUES: Sql = Sql::forked(
    "SELECT t.name, (SELECT GROUP_CONCAT(name, ',') FROM \
     (SELECT c.name FROM pragma_index_info(i.name) AS c ORDER BY c.seqno)) \
     FROM sqlite_schema AS t, pragma_index_list(t.name) AS i \
     WHERE t.type = 'table' AND i.\"unique\" = 1 \
     UNION ALL SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
     WHERE t.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER' \
     AND 1 = (SELECT COUNT(*) FROM pragma_table_info(t.name) WHERE pk > 0) \
     AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) WHERE origin = 'pk')",
    "SELECT c.relname::text, (SELECT string_agg(a.attname, ',' ORDER BY k.place) \
     FROM unnest(x.indkey) WITH ORDINALITY AS k(number, place) \
     JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.number) \
     FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indrelid \
     JOIN pg_namespace AS n ON n.oid = c.relnamespace \
     WHERE x.indisunique AND n.nspname = 'public'",
    Fork::Catalogue,
);

async fn shape(db: &Db) -> (Columns, Uniques) {
    db.read(|tx| {
        Box::pin(async move {
            let own = |table: &str| table != "refinery_schema_history";
            let columns = tx.query::<(String, String, String, bool)>(&COLUMNS, &[]).await?;
            let columns = columns
                .into_iter()
                .filter(|(table, ..)| own(table))
                .map(|(table, column, kind, empty)| ((table, column), (common(&kind), empty)))
                .collect();
            let mut uniques = Uniques::new();
            for (table, list) in tx.query::<(String, String)>(&UNIQUES, &[]).await? {
                if own(&table) {
                    uniques.entry(table).or_default().push(list);
                }
            }
            uniques.values_mut().for_each(|lists| lists.sort());
            Ok((columns, uniques))
        })
    })
    .await
    .unwrap()
}

/// What each engine calls the same type.
fn common(kind: &str) -> String {
    match kind.to_lowercase().as_str() {
        "integer" | "bigint" | "boolean" => "whole number".to_owned(),
        "blob" | "uuid" | "bytea" => "bytes".to_owned(),
        other => other.to_owned(),
    }
}

#[tokio::test]
async fn both_engines_have_the_same_tables_columns_and_unique_keys() {
    let Some(pg) = TestStore::open(Engine::Postgres, Time::Engine).await else { return };
    let lite = TestStore::open(Engine::Sqlite, Time::Engine).await.unwrap();
    let (lite_columns, lite_uniques) = shape(&lite.db).await;
    let (pg_columns, pg_uniques) = shape(&pg.db).await;
    assert!(100 < lite_columns.len(), "the query finds columns");
    for (column, lite) in &lite_columns {
        assert_eq!(Some(lite), pg_columns.get(column), "{column:?}");
    }
    assert_eq!(lite_columns.len(), pg_columns.len());
    assert_eq!(lite_uniques, pg_uniques);
    pg.remove().await;
    lite.remove().await;
}

/// Also the indexes that only make things quick: a plan was judged with them on both engines.
#[test]
fn both_engines_have_the_same_indexes() {
    let indexes = |text: &'static str| -> Vec<&str> {
        let statements = text.split(';').map(str::trim_start);
        statements.filter(|statement| statement.starts_with("CREATE INDEX")).collect()
    };
    let lite = indexes(include_str!("../migrations/sqlite/V1__spine.sql"));
    assert!(20 < lite.len(), "the search finds indexes");
    assert_eq!(lite, indexes(include_str!("../migrations/postgres/V1__spine.sql")));
}
