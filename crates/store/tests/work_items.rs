//! Goal: a matter for a person is told once and stays until it is settled; an outcome under a
//! key stays 24 hours. Method: the table's functions on both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use vacancy_domain::ids::{PropertyId, WorkItemId};
use vacancy_store::faults::Fault;
use vacancy_store::idempotency::{self, Kept};
use vacancy_store::sql::tx::Sql;
use vacancy_store::sql::{Db, Time};
use vacancy_store::testing::{on_both_engines, on_both_engines_at};
use vacancy_store::work_items::{self, Cursor, NewWorkItem, Over, Settlement, WorkItem, WorkKind};

const PROPERTY: PropertyId = PropertyId(1);

fn item(id: u128, subject: &str, detail: &str) -> NewWorkItem {
    NewWorkItem {
        property: PROPERTY,
        id: WorkItemId(id),
        kind: WorkKind::Oversold,
        subject: subject.to_owned(),
        detail: detail.to_owned(),
        data: "{}".to_owned(),
    }
}

/// Told by the desk, as of the instant 7.
async fn tell(db: &Db, items: &[(u128, &str, &str)]) {
    let items: Vec<_> = items.iter().map(|(id, subject, told)| item(*id, subject, told)).collect();
    let write = db.write(move |tx| {
        let items = items.clone();
        Box::pin(async move { work_items::tell(tx, 7, &items).await })
    });
    write.await.unwrap();
}

async fn add(db: &Db, id: u128, subject: &str) {
    let item = item(id, subject, "2 more sold than there are");
    let write = db.write(move |tx| {
        let item = item.clone();
        Box::pin(async move { work_items::add(tx, 5, &[item]).await })
    });
    write.await.unwrap();
}

async fn open(db: &Db, after: Cursor) -> Vec<WorkItem> {
    let read = db.read(move |tx| {
        Box::pin(async move { work_items::list_open(tx, PROPERTY, after, 2).await })
    });
    read.await.unwrap()
}

async fn settle(db: &Db, property: PropertyId, id: u128) -> bool {
    let write = db.write(move |tx| {
        Box::pin(async move {
            let settlement = Settlement { note: "seen".to_owned(), ..Settlement::default() };
            work_items::settle(tx, property, WorkItemId(id), &settlement).await
        })
    });
    write.await.unwrap()
}

/// These settle themselves; how many were open.
async fn end(db: &Db, subjects: &[&str]) -> u64 {
    let over = |subject: &&str| Over {
        property: PROPERTY,
        kind: WorkKind::Oversold,
        subject: (*subject).to_owned(),
    };
    let over: Vec<Over> = subjects.iter().map(over).collect();
    let write = db.write(move |tx| {
        let over = over.clone();
        Box::pin(async move { work_items::settle_subjects(tx, 9, &over).await })
    });
    write.await.unwrap()
}

fn ids(items: &[WorkItem]) -> Vec<u128> {
    items.iter().map(|item| item.id.0).collect()
}

#[test]
fn a_matter_is_open_until_its_own_people_settle_it() {
    on_both_engines(|db| {
        Box::pin(async move {
            add(&db, 1, "night 10").await;
            assert_eq!(open(&db, Cursor::START).await[0].kind, WorkKind::Oversold);
            assert!(!settle(&db, PropertyId(2), 1).await, "another property's people");
            assert!(settle(&db, PROPERTY, 1).await);
            assert!(!settle(&db, PROPERTY, 1).await);
            assert_eq!(open(&db, Cursor::START).await, []);
        })
    });
}

#[test]
fn who_saw_what_a_matter_said_before_settles_nothing() {
    on_both_engines(|db| {
        Box::pin(async move {
            add(&db, 1, "night 10").await;
            let seen = open(&db, Cursor::START).await.remove(0);
            tell(&db, &[(2, "night 10", "3 more")]).await;
            let now = open(&db, Cursor::START).await.remove(0);
            assert_eq!((now.id, now.detail.as_str()), (seen.id, "3 more"));
            let settle = async |seen: &WorkItem| {
                let seen = seen.clone();
                let write = db.write(move |tx| {
                    let seen = seen.clone();
                    Box::pin(async move {
                        work_items::settle_as_seen(tx, &seen, &Settlement::default()).await
                    })
                });
                write.await.unwrap()
            };
            assert!(!settle(&seen).await);
            assert!(settle(&now).await);
            assert!(!settle(&now).await, "it is settled");
            assert_eq!(open(&db, Cursor::START).await, []);
        })
    });
}

#[test]
fn the_same_matter_is_not_told_twice_while_it_is_open() {
    on_both_engines(|db| {
        Box::pin(async move {
            add(&db, 1, "night 10").await;
            add(&db, 2, "night 10").await;
            add(&db, 3, "night 11").await;
            assert_eq!(ids(&open(&db, Cursor::START).await), [1, 3]);
            assert_eq!(end(&db, &["night 10", "night 10", "night 12"]).await, 1);
            add(&db, 4, "night 10").await;
            assert_eq!(ids(&open(&db, Cursor::START).await), [3, 4]);
        })
    });
}

#[test]
fn an_open_matter_says_what_was_told_last_and_keeps_its_age() {
    on_both_engines(|db| {
        Box::pin(async move {
            add(&db, 1, "night 10").await;
            add(&db, 2, "night 11").await;
            tell(
                &db,
                &[(3, "night 10", "3 more"), (4, "night 12", "1 more"), (5, "night 12", "2 more")],
            )
            .await;
            let page = open(&db, Cursor::START).await;
            let told = |item: &WorkItem| (item.id.0, item.created_at_ms, item.detail.clone());
            let seen: Vec<_> = page.iter().map(told).collect();
            assert_eq!(
                seen,
                [(1, 5, "3 more".to_owned()), (2, 5, "2 more sold than there are".to_owned()),]
            );
            let rest = open(&db, Cursor::behind(&page[1])).await;
            assert_eq!(rest.iter().map(told).collect::<Vec<_>>(), [(5, 7, "2 more".to_owned())]);
            // What people have settled is told anew.
            assert!(settle(&db, PROPERTY, 1).await);
            tell(&db, &[(6, "night 10", "4 more")]).await;
            assert_eq!(ids(&open(&db, Cursor::behind(&rest[0])).await), [6]);
        })
    });
}

#[test]
fn a_long_list_comes_in_pages() {
    on_both_engines(|db| {
        Box::pin(async move {
            for id in 1..=3 {
                add(&db, id, &format!("night {id}")).await;
            }
            let first = open(&db, Cursor::START).await;
            assert_eq!(ids(&first), [1, 2]);
            assert_eq!(ids(&open(&db, Cursor::behind(&first[1])).await), [3]);
        })
    });
}

#[test]
fn an_outcome_under_a_key_is_kept_for_a_day() {
    const PUT: Sql = Sql::new(
        "INSERT INTO idempotency_key (scope, key, body_hash, outcome, decided_at_ms) \
         VALUES ($1, $1, '', '', $2)",
    );
    let now_ms = idempotency::KEY_KEPT_MS + 100;
    on_both_engines_at(&Time::Given(Arc::new(move || now_ms)), |db| {
        Box::pin(async move {
            let write = db.write(|tx| {
                Box::pin(async move {
                    tx.execute(&PUT, &[&"old", &99_i64]).await?;
                    tx.execute(&PUT, &[&"young", &100_i64]).await
                })
            });
            write.await.unwrap();
            let purge = || db.write(|tx| Box::pin(idempotency::purge(tx, 10)));
            assert_eq!(purge().await.unwrap(), 1);
            assert_eq!(purge().await.unwrap(), 0);
        })
    });
}

#[test]
fn the_first_outcome_under_a_key_stays() {
    on_both_engines(|db| {
        Box::pin(async move {
            let kept = |outcome: &str| Kept { body_hash: "h".into(), outcome: outcome.into() };
            let keep = async |scope: &'static str, kept: Kept| {
                let write = db.write(move |tx| {
                    let kept = kept.clone();
                    Box::pin(async move { idempotency::keep(tx, scope, "k", &kept).await })
                });
                write.await
            };
            keep("one", kept("first")).await.unwrap();
            let late = keep("one", kept("second")).await;
            assert!(matches!(late, Err(Fault::GuardMissed | Fault::Conflict { .. })), "{late:?}");
            keep("two", kept("other")).await.unwrap();
            let read = async |scope: &'static str| {
                db.read(move |tx| Box::pin(idempotency::by_key(tx, scope, "k"))).await.unwrap()
            };
            assert_eq!(read("one").await, Some(kept("first")));
            assert_eq!(read("two").await, Some(kept("other")));
            assert_eq!(read("three").await, None);
        })
    });
}
