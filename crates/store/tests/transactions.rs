//! Goal: what a transaction promises is the same on both engines.
//! Method: one body per promise, run on a fresh store of each engine, on a table of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::join_all;
use uuid::Uuid;
use vacancy_store::faults::Fault;
use vacancy_store::sql::bulk::{Bulk, Column, Kind};
use vacancy_store::sql::tx::{Sql, Tx};
use vacancy_store::sql::{Db, Time, WRITE_TRIES_MAX};
use vacancy_store::testing::{on_both_engines, on_both_engines_at};

const MAKE: Sql = Sql::new(
    "CREATE TABLE shelf (id BIGINT PRIMARY KEY, room BIGINT NOT NULL, day BIGINT NOT NULL, \
     units BIGINT NOT NULL, CONSTRAINT shelf_units CHECK (units >= 0), UNIQUE (room, day))",
);
const PUT: Sql = Sql::new("INSERT INTO shelf (id, room, day, units) VALUES ($1, $1, $1, $2)");
const PUT_AT: Sql = Sql::new("INSERT INTO shelf (id, room, day, units) VALUES ($1, $2, $3, 0)");
const COUNT: Sql = Sql::new("SELECT COUNT(*) FROM shelf");
const UNITS: Sql = Sql::new("SELECT units FROM shelf WHERE id = $1");

async fn with_shelf(db: &Db) {
    db.write(|tx| Box::pin(async move { tx.execute(&MAKE, &[]).await.map(|_| ()) })).await.unwrap();
}

async fn put(db: &Db, id: i64, units: i64) -> Result<u64, Fault> {
    db.write(move |tx| Box::pin(async move { tx.execute(&PUT, &[&id, &units]).await })).await
}

async fn count(db: &Db) -> i64 {
    db.read(|tx| Box::pin(async move { tx.query_one::<(i64,)>(&COUNT, &[]).await }))
        .await
        .unwrap()
        .0
}

fn name_of(fault: Fault) -> String {
    let Fault::Constraint { name, .. } = fault else {
        panic!("a constraint was expected, not {fault:?}");
    };
    name
}

#[test]
fn what_was_committed_is_there_for_the_next_read() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            assert_eq!(put(&db, 1, 5).await.unwrap(), 1);
            assert_eq!(count(&db).await, 1);
        })
    });
}

#[test]
fn an_error_takes_back_everything_the_body_did() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            let refused: Result<(), Fault> = db
                .write(|tx| {
                    Box::pin(async move {
                        tx.execute(&PUT, &[&1_i64, &1_i64]).await?;
                        Err(Fault::internal("change my mind"))
                    })
                })
                .await;
            assert!(matches!(refused, Err(Fault::Internal { .. })), "{refused:?}");
            assert_eq!(count(&db).await, 0);
        })
    });
}

#[test]
fn a_job_that_fails_or_panics_hurts_only_itself() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            let outcomes = join_all((0..40_i64).map(|id| {
                let db = db.clone();
                async move {
                    db.write(move |tx| {
                        Box::pin(async move {
                            tx.execute(&PUT, &[&id, &1_i64]).await?;
                            assert!(id != 7, "seven breaks");
                            if id == 8 { Err(Fault::internal("refuse eight")) } else { Ok(id) }
                        })
                    })
                    .await
                }
            }))
            .await;
            for (id, outcome) in outcomes.iter().enumerate() {
                assert_eq!(outcome.is_ok(), id != 7 && id != 8, "{id}: {outcome:?}");
            }
            let panicked = outcomes[7].as_ref().unwrap_err();
            assert!(panicked.source().unwrap().to_string().contains("seven breaks"));
            assert_eq!(count(&db).await, 38);
            assert_eq!(put(&db, 7, 1).await.unwrap(), 1, "the store goes on");
        })
    });
}

#[test]
fn a_failed_statement_cannot_be_swallowed() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            let swallowed: Result<(), Fault> = db
                .write(|tx| {
                    Box::pin(async move {
                        tx.execute(&PUT, &[&1_i64, &1_i64]).await?;
                        let broken = tx.execute(&PUT, &[&2_i64, &-1_i64]).await;
                        assert!(broken.is_err());
                        assert!(tx.query::<(i64,)>(&COUNT, &[]).await.is_err());
                        Ok(())
                    })
                })
                .await;
            assert_eq!(name_of(swallowed.unwrap_err()), "shelf_units");
            assert_eq!(count(&db).await, 0);
        })
    });
}

#[test]
fn broken_constraints_carry_the_same_names() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            put(&db, 1, 1).await.unwrap();
            let same_id = db
                .write(|tx| {
                    Box::pin(async move { tx.execute(&PUT_AT, &[&1_i64, &2_i64, &2_i64]).await })
                })
                .await;
            assert_eq!(name_of(same_id.unwrap_err()), "shelf_pkey");
            assert_eq!(name_of(put(&db, 2, -1).await.unwrap_err()), "shelf_units");
            let twice = db
                .write(|tx| {
                    Box::pin(async move { tx.execute(&PUT_AT, &[&9_i64, &1_i64, &1_i64]).await })
                })
                .await;
            assert_eq!(name_of(twice.unwrap_err()), "shelf_room_day_key");
            let nothing: Option<i64> = None;
            let empty = db
                .write(move |tx| {
                    Box::pin(async move { tx.execute(&PUT_AT, &[&9_i64, &nothing, &1_i64]).await })
                })
                .await;
            assert_eq!(name_of(empty.unwrap_err()), "shelf.room");
        })
    });
}

#[test]
fn the_text_of_a_fault_never_shows_its_cause() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            let broken = db
                .write(|tx| {
                    Box::pin(async move {
                        tx.execute(&Sql::new("INSERT INTO no_such_shelf VALUES (1)"), &[]).await
                    })
                })
                .await
                .unwrap_err();
            assert!(!broken.to_string().contains("no_such_shelf"), "{broken}");
            let cause = format!("{:?}", broken.source().unwrap());
            assert!(cause.contains("no_such_shelf"), "{cause}");
        })
    });
}

#[test]
fn a_read_may_not_write() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            let refused =
                db.read(|tx| Box::pin(async move { tx.execute(&PUT, &[&1_i64, &1_i64]).await }));
            assert!(refused.await.is_err());
            assert_eq!(count(&db).await, 0);
        })
    });
}

#[test]
fn a_missed_guard_is_tried_again_and_then_given_up() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            for (misses, succeeds) in [(2, true), (3, false)] {
                let tries = Arc::new(AtomicI64::new(0));
                let counted = Arc::clone(&tries);
                let outcome = db
                    .write(move |tx| {
                        let tries = Arc::clone(&counted);
                        Box::pin(async move {
                            tx.execute(&PUT, &[&misses, &1_i64]).await?;
                            if tries.fetch_add(1, Ordering::SeqCst) < misses {
                                return Err(Fault::GuardMissed);
                            }
                            Ok(())
                        })
                    })
                    .await;
                assert_eq!(outcome.is_ok(), succeeds, "{outcome:?}");
                assert_eq!(tries.load(Ordering::SeqCst), i64::from(WRITE_TRIES_MAX));
                if let Err(fault) = outcome {
                    assert!(matches!(fault, Fault::Conflict { .. }), "{fault:?}");
                }
            }
            assert_eq!(count(&db).await, 1);
        })
    });
}

#[test]
fn values_come_back_as_they_went_in() {
    const MAKE_KINDS: Sql = Sql::forked(
        "CREATE TABLE kinds (id BLOB PRIMARY KEY, flag INTEGER NOT NULL, word TEXT, \
         number INTEGER, parent BLOB, raw BLOB NOT NULL) STRICT",
        "CREATE TABLE kinds (id UUID PRIMARY KEY, flag BOOLEAN NOT NULL, word TEXT, \
         number BIGINT, parent UUID, raw BYTEA NOT NULL)",
        vacancy_store::sql::dialect::Fork::Catalogue,
    );
    const PUT_KINDS: Sql = Sql::new("INSERT INTO kinds VALUES ($1, $2, $3, $4, $5, $6)");
    const GET_KINDS: Sql =
        Sql::new("SELECT id, flag, word, number, parent, raw FROM kinds ORDER BY number");
    type Kinds = (Uuid, bool, Option<String>, Option<i64>, Option<Uuid>, Vec<u8>);

    on_both_engines(|db| {
        Box::pin(async move {
            let full: Kinds = (
                Uuid::from_u128(1),
                true,
                Some("hôtel".into()),
                Some(i64::MIN),
                Some(Uuid::from_u128(2)),
                vec![0, 255],
            );
            let bare: Kinds =
                (Uuid::from_u128(3), false, Some(String::new()), Some(1), None, vec![]);
            let rows = vec![full, bare];
            let given = rows.clone();
            let found = db
                .write(move |tx| {
                    let given = given.clone();
                    Box::pin(async move {
                        tx.execute(&MAKE_KINDS, &[]).await?;
                        for (id, flag, word, number, parent, raw) in &given {
                            tx.execute(&PUT_KINDS, &[id, flag, word, number, parent, raw]).await?;
                        }
                        tx.query::<Kinds>(&GET_KINDS, &[]).await
                    })
                })
                .await
                .unwrap();
            assert_eq!(found, rows);
        })
    });
}

#[test]
fn parameters_are_places_whatever_their_order_in_the_text() {
    const UPDATE: Sql = Sql::new("UPDATE shelf SET units = $3 WHERE day = $2 AND id = $1");
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            db.write(|tx| {
                Box::pin(async move {
                    tx.execute(&PUT_AT, &[&1_i64, &2_i64, &3_i64]).await?;
                    assert_eq!(tx.execute(&UPDATE, &[&1_i64, &3_i64, &7_i64]).await?, 1);
                    assert_eq!(tx.query_one::<(i64,)>(&UNITS, &[&1_i64]).await?, (7,));
                    Ok(())
                })
            })
            .await
            .unwrap();
        })
    });
}

#[test]
fn bulk_statements_touch_the_same_rows_on_both_engines() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            db.write(|tx| Box::pin(bulk_round(tx))).await.unwrap();
        })
    });
}

async fn bulk_round(tx: &Tx<'_>) -> Result<(), Fault> {
    let all = [("id", Kind::I64), ("room", Kind::I64), ("day", Kind::I64), ("units", Kind::I64)];
    let insert = Bulk::insert("shelf", &all).ordered_by("id").or_nothing();
    let delta = Bulk::update(
        "shelf",
        "units = t.units + u.units",
        "t.id = u.id AND t.day = u.day",
        &[("id", Kind::I64), ("day", Kind::I64), ("units", Kind::I64)],
    );
    let lock = Bulk::select(
        "t.id, t.units",
        "shelf",
        "t.id = u.id",
        &[("id", Kind::I64)],
        " ORDER BY t.id FOR UPDATE OF t",
    );
    let four = |units| {
        let ids = Column::I64(vec![1, 2, 3, 4]);
        [ids.clone(), ids.clone(), ids, Column::I64(units)]
    };
    tx.warm(&[&UNITS], &[&insert, &delta, &lock]).await?;
    assert_eq!(tx.bulk_execute(&insert, &four(vec![10, 20, 30, 40])).await?, 4);
    assert_eq!(tx.bulk_execute(&insert, &four(vec![0, 0, 0, 0])).await?, 0, "they exist");
    // The third element's guard misses: its row is not touched and not counted.
    let guarded =
        [Column::I64(vec![1, 2, 3]), Column::I64(vec![1, 2, 99]), Column::I64(vec![5, -5, 7])];
    assert_eq!(tx.bulk_execute(&delta, &guarded).await?, 2);
    let locked: Vec<(i64, i64)> = tx.bulk_query(&lock, &[Column::I64(vec![1, 2, 3, 77])]).await?;
    assert_eq!(locked, [(1, 15), (2, 15), (3, 30)]);
    let none: Vec<(i64, i64)> = tx.bulk_query(&lock, &[Column::I64(vec![])]).await?;
    assert!(none.is_empty());
    assert_eq!(tx.query_opt::<(i64,)>(&UNITS, &[&4_i64]).await?, Some((40,)));
    assert_eq!(tx.query_opt::<(i64,)>(&UNITS, &[&5_i64]).await?, None);
    Ok(())
}

#[test]
fn statements_polled_together_run_in_the_order_they_stand() {
    on_both_engines(|db| {
        Box::pin(async move {
            with_shelf(&db).await;
            let seen = db
                .write_desk(|tx| {
                    Box::pin(async move {
                        // The count is prepared on this connection, the put never was: it must
                        // not be overtaken while it is prepared.
                        tx.warm(&[&COUNT], &[]).await?;
                        let (first, before, second, after) = futures_util::join!(
                            tx.execute(&PUT, &[&1_i64, &1_i64]),
                            tx.query_one::<(i64,)>(&COUNT, &[]),
                            tx.execute(&PUT, &[&2_i64, &1_i64]),
                            tx.query_one::<(i64,)>(&COUNT, &[]),
                        );
                        assert_eq!(first? + second?, 2);
                        Ok((before?.0, after?.0))
                    })
                })
                .await
                .unwrap();
            assert_eq!(seen, (1, 2));
        })
    });
}

#[test]
fn the_clock_is_the_engine_s_or_the_given_one() {
    on_both_engines(|db| {
        Box::pin(async move {
            let (first, second) = db
                .write(|tx| Box::pin(async move { Ok((tx.now_ms().await?, tx.now_ms().await?)) }))
                .await
                .unwrap();
            let year_2020_ms = 1_577_836_800_000;
            assert!(year_2020_ms < first && first <= second, "{first} {second}");
            assert!(!db.is_time_given());
        })
    });
    on_both_engines_at(&Time::Given(Arc::new(|| 42)), |db| {
        Box::pin(async move {
            let told = db.read(|tx| Box::pin(async move { tx.now_ms().await })).await;
            assert_eq!(told.unwrap(), 42);
            assert!(db.is_time_given());
        })
    });
}
