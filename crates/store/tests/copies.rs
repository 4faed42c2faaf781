//! Goal: a copy of a SQLite store is one moment of it, whole, whatever is written meanwhile; a file
//! that is no store or is broken does not pass for one.
//! Method: a store with a writer that goes on; copies of it; bytes turned over in a copy.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use vacancy_store::faults::Fault;
use vacancy_store::sql::tx::Sql;
use vacancy_store::sql::{
    Db, Time, WriterPlace, check_sqlite_file, copy_sqlite, fold_sqlite_log, postgres_environment,
};
use vacancy_store::testing::TestFolder;

const FENCES: Sql = Sql::new("SELECT COUNT(*), COALESCE(SUM(seq), 0) FROM fence");
const PUT: Sql = Sql::new("INSERT INTO fence (id, seq) VALUES ($1, 1)");
const MOVE: Sql = Sql::new("UPDATE fence SET seq = seq + 1");

async fn count(db: &Db) -> (i64, i64) {
    db.read(|tx| Box::pin(async move { tx.query_one(&FENCES, &[]).await })).await.unwrap()
}

async fn write(db: &Db, sql: &'static Sql) {
    db.write(move |tx| Box::pin(async move { tx.execute(sql, &[]).await })).await.unwrap();
}

async fn store_with_rows(path: &Path) -> Db {
    let db = Db::open_sqlite(path, Time::Engine).unwrap();
    db.migrate().await.unwrap();
    for id in 10..2_010_i64 {
        let put = db.write(move |tx| Box::pin(async move { tx.execute(&PUT, &[&id]).await }));
        put.await.unwrap();
    }
    db
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_one_moment_while_a_writer_goes_on() {
    let folder = TestFolder::new();
    let (path, copy) = (folder.path().join("store"), folder.path().join("copy"));
    let db = store_with_rows(&path).await;
    let (rows, before) = count(&db).await;
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let writer = tokio::spawn({
        let db = db.clone();
        async move {
            while !stopped.has_changed().unwrap() {
                write(&db, &MOVE).await;
            }
            stopped.mark_unchanged();
        }
    });
    let (from, to) = (path.clone(), copy.clone());
    tokio::task::spawn_blocking(move || copy_sqlite(&from, &to)).await.unwrap().unwrap();
    stop.send(true).unwrap();
    writer.await.unwrap();
    check_sqlite_file(&copy).unwrap();
    let there = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
    assert!(there.into_iter().all(|name| name != "copy-wal" && name != "copy-journal"));
    let copied = Db::open_sqlite_readonly(&copy).unwrap();
    let (copied_rows, sum) = count(&copied).await;
    assert_eq!(copied_rows, rows);
    assert!(before <= sum, "everything from before it began is there");
    assert_eq!((sum - before) % rows, 0, "no write is there in part");
    assert_eq!(copied.schema_info().await.unwrap(), db.schema_info().await.unwrap());
}

#[tokio::test]
async fn a_broken_copy_does_not_pass() {
    let folder = TestFolder::new();
    let (path, copy) = (folder.path().join("store"), folder.path().join("copy"));
    drop(store_with_rows(&path).await);
    copy_sqlite(&path, &copy).unwrap();
    let whole = std::fs::read(&copy).unwrap();
    // Every page but the first begins with how it is built.
    for page in 1..whole.len() / 4_096 {
        let mut broken = whole.clone();
        broken[page * 4_096] ^= 0xff;
        std::fs::write(&copy, broken).unwrap();
        assert!(check_sqlite_file(&copy).is_err(), "page {page}");
    }
    std::fs::write(&copy, &whole[..whole.len() / 2]).unwrap();
    assert!(check_sqlite_file(&copy).is_err(), "half a file");
    std::fs::write(&copy, "no store at all, but a text that somebody renamed").unwrap();
    assert!(check_sqlite_file(&copy).is_err());
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    assert!(copy_sqlite(&empty, &folder.path().join("to")).is_err(), "nothing to copy");
    assert!(copy_sqlite(&folder.path().join("none"), &folder.path().join("to")).is_err());
}

#[tokio::test]
async fn the_writers_place_is_free_when_nobody_writes_and_the_log_can_be_folded() {
    let folder = TestFolder::new();
    let path = folder.path().join("store");
    let db = store_with_rows(&path).await;
    let taken = WriterPlace::take(&path);
    assert!(matches!(taken, Err(Fault::Locked { .. })), "{taken:?}");
    drop(db);
    let place = WriterPlace::take(&path).unwrap();
    let second = Db::open_sqlite(&path, Time::Engine);
    assert!(matches!(second, Err(Fault::Locked { .. })), "{second:?}");
    fold_sqlite_log(&path).unwrap();
    drop(place);
    Db::open_sqlite(&path, Time::Engine).unwrap();
}

#[test]
fn postgres_programs_are_told_by_their_environment() {
    let told = postgres_environment("postgres://ann:p%40ss@db.example:6543/hotel").unwrap();
    let expected = [
        ("PGHOST", "db.example"),
        ("PGPORT", "6543"),
        ("PGUSER", "ann"),
        ("PGPASSWORD", "p@ss"),
        ("PGDATABASE", "hotel"),
    ];
    assert_eq!(told, expected.map(|(name, value)| (name, value.to_owned())));
    let told = postgres_environment("postgres://ann@localhost").unwrap();
    assert!(
        !told.iter().any(|(name, _)| *name == "PGPASSWORD" || *name == "PGDATABASE"),
        "{told:?}"
    );
}
