//! Goal: the one writer of a SQLite file, its groups and its neighbours.
//! Method: a job that blocks the writer makes the others wait, so that they share one commit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::mpsc;

use futures_util::future::join_all;
use futures_util::poll;
use vacancy_store::faults::Fault;
use vacancy_store::sql::tx::Sql;
use vacancy_store::sql::{Db, Engine, Time};
use vacancy_store::testing::{TestFolder, on_engine};

const MAKE: Sql = Sql::new(
    "CREATE TABLE guest (id INTEGER PRIMARY KEY, host INTEGER \
     REFERENCES guest (id) DEFERRABLE INITIALLY DEFERRED) STRICT",
);
const PUT: Sql = Sql::new("INSERT INTO guest (id) VALUES ($1)");
const PUT_WITH_HOST: Sql = Sql::new("INSERT INTO guest (id, host) VALUES ($1, $2)");
const COUNT: Sql = Sql::new("SELECT COUNT(*) FROM guest");

async fn with_guests(db: &Db) {
    db.write(|tx| Box::pin(async move { tx.execute(&MAKE, &[]).await.map(|_| ()) })).await.unwrap();
}

async fn count(db: &Db) -> i64 {
    db.read(|tx| Box::pin(async move { tx.query_one::<(i64,)>(&COUNT, &[]).await }))
        .await
        .unwrap()
        .0
}

async fn put(db: &Db, id: i64) -> Result<u64, Fault> {
    db.write(move |tx| Box::pin(async move { tx.execute(&PUT, &[&id]).await })).await
}

fn on_sqlite(body: impl Fn(Db) -> futures_util::future::BoxFuture<'static, ()>) {
    on_engine(Engine::Sqlite, &Time::Engine, body);
}

/// Keeps the writer busy until the returned end of the channel is dropped or used.
async fn busy_writer(db: &Db) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (release, gate) = mpsc::channel::<()>();
    let (entered, inside) = tokio::sync::oneshot::channel();
    let gate = std::sync::Mutex::new(Some((gate, entered)));
    let db = db.clone();
    let blocker = tokio::spawn(async move {
        let gate = Arc::new(gate);
        db.write(move |_| {
            let gate = Arc::clone(&gate);
            Box::pin(async move {
                let (gate, entered) = gate.lock().unwrap().take().unwrap();
                entered.send(()).unwrap();
                let _released = gate.recv();
                Ok(())
            })
        })
        .await
        .unwrap();
    });
    inside.await.unwrap();
    (release, blocker)
}

#[test]
fn jobs_that_wait_share_one_commit_and_its_failure() {
    on_sqlite(|db| {
        Box::pin(async move {
            with_guests(&db).await;
            let (release, blocker) = busy_writer(&db).await;
            let mut waiting: Vec<_> = (1..=10).map(|id| Box::pin(put(&db, id))).collect();
            let mut guilty = Box::pin(db.write(|tx| {
                Box::pin(async move { tx.execute(&PUT_WITH_HOST, &[&99_i64, &98_i64]).await })
            }));
            for job in &mut waiting {
                assert!(poll!(job.as_mut()).is_pending());
            }
            assert!(poll!(guilty.as_mut()).is_pending());
            release.send(()).unwrap();
            blocker.await.unwrap();
            // The missing host is seen only when the group commits: nobody got their work.
            for outcome in join_all(waiting).await {
                assert!(matches!(outcome, Err(Fault::Constraint { .. })), "{outcome:?}");
            }
            assert!(guilty.await.is_err());
            assert_eq!(count(&db).await, 0);
            assert_eq!(put(&db, 1).await.unwrap(), 1, "the writer goes on");
        })
    });
}

#[test]
fn a_full_queue_turns_callers_away_at_once() {
    on_sqlite(|db| {
        Box::pin(async move {
            with_guests(&db).await;
            let (release, blocker) = busy_writer(&db).await;
            let mut waiting = Vec::new();
            let mut turned_away = None;
            for id in 1..100_000 {
                let mut job = Box::pin(put(&db, id));
                match poll!(job.as_mut()) {
                    std::task::Poll::Pending => waiting.push(job),
                    std::task::Poll::Ready(outcome) => {
                        turned_away = Some(outcome);
                        break;
                    }
                }
            }
            assert!(matches!(turned_away, Some(Err(Fault::Overloaded))), "{turned_away:?}");
            let accepted = i64::try_from(waiting.len()).unwrap();
            release.send(()).unwrap();
            blocker.await.unwrap();
            assert!(join_all(waiting).await.iter().all(Result::is_ok));
            assert_eq!(count(&db).await, accepted);
        })
    });
}

#[test]
fn a_body_that_waits_for_anything_but_its_transaction_is_refused() {
    on_sqlite(|db| {
        Box::pin(async move {
            with_guests(&db).await;
            let refused = db
                .write(|tx| {
                    Box::pin(async move {
                        tx.execute(&PUT, &[&1_i64]).await?;
                        tokio::task::yield_now().await;
                        Ok(())
                    })
                })
                .await;
            assert!(matches!(refused, Err(Fault::Internal { .. })), "{refused:?}");
            let inner = db.clone();
            let nested = db
                .write(move |_| {
                    let inner = inner.clone();
                    Box::pin(async move { put(&inner, 2).await })
                })
                .await;
            assert!(matches!(nested, Err(Fault::Internal { .. })), "{nested:?}");
            assert_eq!(put(&db, 3).await.unwrap(), 1);
            assert_eq!(count(&db).await, 1, "neither left anything behind");
        })
    });
}

#[test]
fn a_caller_that_went_away_before_its_turn_gets_nothing_done() {
    on_sqlite(|db| {
        Box::pin(async move {
            with_guests(&db).await;
            let (release, blocker) = busy_writer(&db).await;
            let mut gone = Box::pin(put(&db, 1));
            assert!(poll!(gone.as_mut()).is_pending());
            drop(gone);
            release.send(()).unwrap();
            blocker.await.unwrap();
            put(&db, 2).await.unwrap();
            assert_eq!(count(&db).await, 1);
        })
    });
}

#[test]
fn a_read_sees_one_snapshot_while_the_writer_goes_on() {
    on_sqlite(|db| {
        Box::pin(async move {
            with_guests(&db).await;
            let (looked, looking) = mpsc::channel::<()>();
            let (go_on, gate) = mpsc::channel::<()>();
            let reader = tokio::spawn({
                let db = db.clone();
                async move {
                    db.read(move |tx| {
                        Box::pin(async move {
                            let before = tx.query_one::<(i64,)>(&COUNT, &[]).await?;
                            looked.send(()).unwrap();
                            gate.recv().unwrap();
                            let after = tx.query_one::<(i64,)>(&COUNT, &[]).await?;
                            Ok((before.0, after.0))
                        })
                    })
                    .await
                }
            });
            tokio::task::spawn_blocking(move || looking.recv().unwrap()).await.unwrap();
            put(&db, 1).await.unwrap();
            go_on.send(()).unwrap();
            assert_eq!(reader.await.unwrap().unwrap(), (0, 0));
            assert_eq!(count(&db).await, 1);
        })
    });
}

#[tokio::test]
async fn a_second_writer_is_refused_until_the_first_is_gone() {
    let folder = TestFolder::new();
    let path = folder.path().join("store.db");
    let first = Db::open_sqlite(&path, Time::Engine).unwrap();
    let refused = Db::open_sqlite(&path, Time::Engine).err().unwrap();
    assert!(matches!(&refused, Fault::Locked { path } if path.ends_with("store.db.lock")));
    assert!(refused.to_string().contains("held by another process"), "{refused}");
    drop(first);
    let again = Db::open_sqlite(&path, Time::Engine).unwrap();
    again.check_durability().await.unwrap();
}

#[tokio::test]
async fn a_reader_of_its_own_works_beside_the_writer() {
    let folder = TestFolder::new();
    let path = folder.path().join("store.db");
    let writer = Db::open_sqlite(&path, Time::Engine).unwrap();
    with_guests(&writer).await;
    let reader = Db::open_sqlite_readonly(&path).unwrap();
    put(&writer, 1).await.unwrap();
    assert_eq!(count(&reader).await, 1);
    assert!(matches!(put(&reader, 2).await, Err(Fault::Internal { .. })));
    put(&writer, 2).await.unwrap();
    assert_eq!(count(&reader).await, 2);
    drop(writer);
    assert_eq!(count(&reader).await, 2, "and after it");
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_says_where() {
    let folder = TestFolder::new();
    let path = folder.path().join("no such folder").join("store.db");
    let refused = Db::open_sqlite(&path, Time::Engine).err().unwrap();
    assert!(refused.to_string().contains("no such folder"), "{refused}");
    let refused = Db::open_sqlite_readonly(&path).err().unwrap();
    assert!(refused.to_string().contains("open booking store at"), "{refused}");
}
