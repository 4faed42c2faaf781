//! Goal: the simulator's store: inline, repeatable, with commits that go wrong on purpose.
//! Method: a table of fates, and what the store holds after each.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

use vacancy_store::faults::Fault;
use vacancy_store::sql::bulk::{Bulk, Column, Kind};
use vacancy_store::sql::tx::Sql;
use vacancy_store::sql::{Commit, CommitFate, Db, Lock, Time};

const MAKE: Sql = Sql::new("CREATE TABLE guest (id INTEGER PRIMARY KEY) STRICT");
const PUT: Sql = Sql::new("INSERT INTO guest (id) VALUES ($1)");
const COUNT: Sql = Sql::new("SELECT COUNT(*) FROM guest");

/// No runtime is needed: whatever is asked is done when it is asked.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}

fn store() -> Db {
    let db = Db::open_sqlite_memory(Time::Given(Arc::new(|| 7))).unwrap();
    now(db.write(|tx| Box::pin(async move { tx.execute(&MAKE, &[]).await }))).unwrap();
    db
}

fn put(db: &Db, id: i64) -> Result<u64, Fault> {
    now(db.write(move |tx| Box::pin(async move { tx.execute(&PUT, &[&id]).await })))
}

fn count(db: &Db) -> i64 {
    now(db.read(|tx| Box::pin(async move { tx.query_one::<(i64,)>(&COUNT, &[]).await }))).unwrap().0
}

#[test]
fn each_fate_of_a_commit_does_what_it_says() {
    let check = |fate, stored: i64, accepts: fn(&Result<u64, Fault>) -> bool| {
        let db = store();
        db.set_commit_hook(Some(Arc::new(move |_| fate))).unwrap();
        let outcome = put(&db, 1);
        assert!(accepts(&outcome), "{fate:?}: {outcome:?}");
        assert_eq!(count(&db), stored, "{fate:?}");
        db.set_commit_hook(None).unwrap();
        assert!(put(&db, 2).is_ok(), "the next one is done after {fate:?}");
    };
    check(CommitFate::Done, 1, |told| matches!(told, Ok(1)));
    check(CommitFate::NotDone, 0, |told| matches!(told, Err(Fault::Unavailable { .. })));
    check(CommitFate::UnknownApplied, 1, |told| matches!(told, Err(Fault::OutcomeUnknown { .. })));
    check(CommitFate::UnknownLost, 0, |told| matches!(told, Err(Fault::OutcomeUnknown { .. })));
}

#[test]
fn the_hook_hears_whether_a_transaction_has_written() {
    let db = store();
    let heard: Arc<Mutex<Vec<bool>>> = Arc::default();
    let tell = Arc::clone(&heard);
    let hook = move |commit: Commit| {
        tell.lock().unwrap().push(commit.has_written);
        CommitFate::Done
    };
    db.set_commit_hook(Some(Arc::new(hook))).unwrap();
    put(&db, 1).unwrap();
    now(db.write(|tx| Box::pin(async move { tx.query::<(i64,)>(&COUNT, &[]).await }))).unwrap();
    put(&db, 2).unwrap();
    assert_eq!(*heard.lock().unwrap(), [true, false, true]);
}

#[test]
fn the_locks_that_postgres_would_take_are_told_by_transaction() {
    static LOCK: LazyLock<Bulk> = LazyLock::new(|| {
        let by_id = &[("id", Kind::I64)];
        Bulk::select("t.id", "guest", "t.id = u.id", by_id, " ORDER BY t.id FOR UPDATE OF t")
    });
    let db = store();
    assert_eq!(db.take_locks().unwrap(), Vec::<Vec<Lock>>::new());
    let lock = |ids: Vec<i64>| {
        now(db.write(move |tx| {
            let ids = [Column::I64(ids.clone())];
            Box::pin(async move { tx.bulk_query::<(i64,)>(&LOCK, &ids).await })
        }))
    };
    lock(vec![2, 1]).unwrap();
    put(&db, 1).unwrap();
    lock(vec![3]).unwrap();
    let locks = db.take_locks().unwrap();
    let keys = |locks: &Vec<Lock>| locks.iter().map(|lock| lock.key[7]).collect::<Vec<u8>>();
    assert_eq!(locks.iter().map(keys).collect::<Vec<_>>(), [vec![2, 1], vec![3]]);
    assert!(locks.iter().flatten().all(|lock| lock.table == "guest"));
    assert!(db.take_locks().unwrap().is_empty(), "told once");
}

#[test]
fn a_read_may_not_write() {
    let db = store();
    let wrote = now(db.read(|tx| Box::pin(async move { tx.execute(&PUT, &[&1_i64]).await })));
    assert!(matches!(wrote, Err(Fault::Internal { .. })), "{wrote:?}");
    assert_eq!(count(&db), 0);
    assert!(put(&db, 1).is_ok(), "the next write may");
}

#[test]
fn an_image_brings_the_whole_store_back() {
    let db = store();
    put(&db, 1).unwrap();
    let image = db.image().unwrap();
    put(&db, 2).unwrap();
    db.restore(&image).unwrap();
    assert_eq!(count(&db), 1);
    assert!(put(&db, 2).is_ok(), "a restored store can be written");

    let other = Db::open_sqlite_memory(Time::Engine).unwrap();
    other.restore(&image).unwrap();
    assert_eq!(count(&other), 1);
}

#[test]
fn the_same_calls_make_the_same_image() {
    let make = || {
        let db = store();
        for id in 1..50 {
            put(&db, id).unwrap();
        }
        db.image().unwrap()
    };
    assert!(make() == make());
}

#[test]
fn a_body_that_uses_the_store_instead_of_its_transaction_is_refused() {
    let db = store();
    let inner = db.clone();
    let nested = now(db.write(move |_| {
        let inner = inner.clone();
        Box::pin(async move { inner.read(|_| Box::pin(async move { Ok(()) })).await })
    }));
    assert!(matches!(nested, Err(Fault::Internal { .. })), "{nested:?}");
    assert!(put(&db, 1).is_ok());
}

#[test]
fn a_file_has_no_image_and_no_fates() {
    let folder = vacancy_store::testing::TestFolder::new();
    let db = Db::open_sqlite(&folder.path().join("store.db"), Time::Engine).unwrap();
    assert!(db.image().is_err());
    assert!(db.set_commit_hook(None).is_err());
}
