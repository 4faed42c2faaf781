//! Goal: a follower of the event log misses nothing, whatever order transactions commit in.
//! Method: read after every commit, with a transaction held open in between on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Semaphore;
use vacancy_domain::ids::PropertyId;
use vacancy_store::events::{self, Cursor, Event, NewEvent};
use vacancy_store::sql::tx::Sql;
use vacancy_store::sql::{Db, Engine, Time};
use vacancy_store::testing::{on_both_engines, on_both_engines_at, on_engine};

fn news(body: &str) -> NewEvent {
    NewEvent { property: PropertyId(7), body: body.to_owned() }
}

async fn append(db: &Db, body: &str) {
    let event = news(body);
    let write = db.write(move |tx| {
        let event = event.clone();
        Box::pin(async move { events::append(tx, tx.now_ms().await?, &[event]).await })
    });
    write.await.unwrap();
}

async fn follow(db: &Db, after: Cursor, events_max: i64) -> (Vec<Event>, Cursor) {
    let read =
        db.read(move |tx| Box::pin(async move { events::follow(tx, after, events_max).await }));
    read.await.unwrap()
}

/// Follows until so many are shown. On PostgreSQL every open transaction of the whole server,
/// another test's too, holds back what is newer than itself.
async fn wait_for(db: &Db, after: Cursor, count: usize) -> (Vec<Event>, Cursor) {
    for _ in 0..20_000 {
        let (shown, cursor) = follow(db, after, i64::try_from(count).unwrap()).await;
        if shown.len() == count {
            return (shown, cursor);
        }
    }
    panic!("{count} events never come");
}

fn bodies(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.body.as_str()).collect()
}

#[test]
fn whose_news_there_are_is_told_unless_there_are_too_many() {
    on_both_engines(|db| {
        Box::pin(async move {
            let since = |after: Cursor, events_max: i64| {
                let db = db.clone();
                async move {
                    let read = db.read(move |tx| {
                        Box::pin(async move { events::news_since(tx, after, events_max).await })
                    });
                    read.await.unwrap()
                }
            };
            let (whose, before) = since(Cursor::default(), 3).await;
            assert_eq!(whose, Some(BTreeSet::new()));
            for body in ["1", "2", "3"] {
                append(&db, body).await;
            }
            let seven = BTreeSet::from([PropertyId(7)]);
            let (whose, until) = since(before, 3).await;
            assert_eq!(whose, Some(seven));
            assert!(before <= until);
            assert_eq!(since(before, 2).await.0, None);
        })
    });
}

#[test]
fn a_follower_reads_everything_once_and_in_pages() {
    on_both_engines(|db| {
        Box::pin(async move {
            for body in ["1", "2", "3"] {
                append(&db, body).await;
            }
            let (first, cursor) = wait_for(&db, Cursor::default(), 2).await;
            assert_eq!(bodies(&first), ["1", "2"]);
            assert_eq!(first[0].property, PropertyId(7));
            let (second, cursor) = wait_for(&db, cursor, 1).await;
            assert_eq!(bodies(&second), ["3"]);
            let (none, same) = follow(&db, cursor, 100).await;
            assert_eq!((bodies(&none).len(), same), (0, cursor));
        })
    });
}

#[test]
fn who_loads_the_state_first_misses_nothing_behind_it() {
    on_both_engines(|db| {
        Box::pin(async move {
            append(&db, "before").await;
            let from = db.read(|tx| Box::pin(events::from_now_on(tx))).await.unwrap();
            append(&db, "after").await;
            // What the snapshot showed may come again; what it did not show has to come.
            let mut cursor = from;
            let mut last = String::new();
            while last != "after" {
                let (shown, reached) = wait_for(&db, cursor, 1).await;
                last.clone_from(&shown[0].body);
                cursor = reached;
            }
        })
    });
}

/// The follower that DESIGN.md forbids.
async fn naive(db: &Db, after_id: i64) -> Vec<(i64, String)> {
    const NAIVE: Sql = Sql::new("SELECT id, body FROM event WHERE id > $1 ORDER BY id");
    let read = db.read(move |tx| Box::pin(async move { tx.query(&NAIVE, &[&after_id]).await }));
    read.await.unwrap()
}

#[test]
fn an_event_that_commits_late_is_not_skipped() {
    on_engine(Engine::Postgres, &Time::Engine, |db| {
        Box::pin(async move {
            let (written, may_commit) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
            let late = tokio::spawn({
                let (db, written, may_commit) = (db.clone(), written.clone(), may_commit.clone());
                async move {
                    db.write(move |tx| {
                        let (written, may_commit) = (written.clone(), may_commit.clone());
                        Box::pin(async move {
                            events::append(tx, 0, &[news("late")]).await?;
                            written.add_permits(1);
                            let _permit = may_commit.acquire().await.unwrap();
                            Ok(())
                        })
                    })
                    .await
                }
            });
            let _written = written.acquire().await.unwrap();
            append(&db, "early").await;

            // Both read while "late", with the lower id, is still open.
            let (shown, cursor) = follow(&db, Cursor::default(), 100).await;
            let naive_shown = naive(&db, 0).await;
            let naive_cursor = naive_shown.last().unwrap().0;
            assert_eq!(bodies(&shown).len(), 0, "what is open may yet commit in front");
            assert_eq!(naive_shown.last().unwrap().1, "early");

            may_commit.add_permits(1);
            late.await.unwrap().unwrap();

            let (shown, _) = wait_for(&db, cursor, 2).await;
            assert_eq!(bodies(&shown), ["late", "early"]);
            let skipped = naive(&db, naive_cursor).await;
            assert_eq!(skipped, [], "the naive cursor never sees \"late\": the control holds");
        })
    });
}

#[test]
fn old_events_are_forgotten_from_the_oldest_on() {
    let clock = Time::Given(Arc::new(|| 5_000));
    on_both_engines_at(&clock, |db| {
        Box::pin(async move {
            for body in ["1", "2", "3"] {
                append(&db, body).await;
            }
            let purge = |before_ms, events_max| {
                let db = db.clone();
                async move {
                    let write = db.write(move |tx| {
                        Box::pin(async move { events::purge(tx, before_ms, events_max).await })
                    });
                    write.await.unwrap()
                }
            };
            assert_eq!(purge(5_000, 10).await, 0);
            assert_eq!(purge(5_001, 2).await, 2);
            assert_eq!(bodies(&wait_for(&db, Cursor::default(), 1).await.0), ["3"]);
        })
    });
}
