//! Commits that go wrong, and holds that nobody lapsed.

use std::sync::Arc;

use vacancy_app::desk::command::{Command, Order};
use vacancy_domain::holds::HOLD_TTL_MS;
use vacancy_store::jobs::JobState;
use vacancy_store::jobs::watch::{self, Cursor};
use vacancy_store::sql::{CommitFate, Db, Engine};
use vacancy_store::testing::desk;

use super::books::report;
use super::hotel::{Hotel, PROPERTY, code, hold_of, reservation};
use super::money::paid;
use super::runs::{in_memory, in_one_batch, on_both};

const WRONG: [(CommitFate, &str); 3] = [
    (CommitFate::NotDone, "busy"),
    (CommitFate::UnknownApplied, "outcome_unknown"),
    (CommitFate::UnknownLost, "outcome_unknown"),
];

fn spoil(db: &Db, fate: CommitFate) {
    db.set_commit_hook(Some(Arc::new(move |_| fate))).unwrap();
}

fn heal(db: &Db) {
    db.set_commit_hook(None).unwrap();
}

async fn jobs_count(db: &Db) -> usize {
    let read = db.read(|tx| {
        Box::pin(async move { watch::list(tx, JobState::Waiting, Cursor::START, 100).await })
    });
    read.await.unwrap().len()
}

#[test]
fn a_repeated_request_finds_its_reservation_or_makes_it_whatever_the_commit_did() {
    for (fate, told) in WRONG {
        in_memory(5, |hotel, _| async move {
            let order = hotel.book("r1", 10, 12, 1);
            spoil(&hotel.db, fate);
            assert_eq!(code(hotel.desk.submit(order.clone()).await), told, "{fate:?}");
            heal(&hotel.db);
            let again = hotel.desk.submit(order).await.unwrap();
            assert_eq!(again.is_replay, fate == CommitFate::UnknownApplied, "{fate:?}");
            let looked = report(&hotel.db).await.looked;
            assert_eq!((looked.reservations_count, looked.holds_count), (1, 1), "{fate:?}");
            hotel.close().await;
        });
    }
}

#[test]
fn everybody_of_a_lost_batch_is_told_the_same_and_may_repeat() {
    for (fate, told) in WRONG {
        in_memory(5, |hotel, _| async move {
            let orders: Vec<Order> =
                (0..5).map(|at| hotel.book(&format!("r{at}"), 10, 12, 1)).collect();
            spoil(&hotel.db, fate);
            let waiting: Vec<_> =
                orders.iter().map(|order| hotel.desk.enqueue(order.clone())).collect();
            for answer in waiting {
                assert_eq!(code(answer.await.unwrap()), told, "{fate:?}");
            }
            heal(&hotel.db);
            for order in orders {
                assert!(hotel.desk.submit(order).await.is_ok(), "{fate:?}");
            }
            assert_eq!(hotel.gone(10..11).await, [(5, 0)], "{fate:?}");
            hotel.close().await;
        });
    }
}

#[test]
fn an_unknown_answer_is_never_given_again_from_what_was_read() {
    in_memory(5, |hotel, _| async move {
        let order = hotel.book("r1", 10, 12, 1);
        hotel.desk.submit(order.clone()).await.unwrap();
        spoil(&hotel.db, CommitFate::NotDone);
        assert_eq!(code(hotel.desk.submit(order.clone()).await), "busy");
        spoil(&hotel.db, CommitFate::UnknownLost);
        assert_eq!(code(hotel.desk.submit(order.clone()).await), "outcome_unknown");
        heal(&hotel.db);
        assert!(hotel.desk.submit(order).await.unwrap().is_replay);
        hotel.close().await;
    });
}

#[test]
fn a_cancellation_and_its_refund_come_together_or_not_at_all() {
    for (fate, told) in WRONG {
        in_memory(1, |hotel, _| async move {
            let paid = paid(&hotel, "r1").await;
            let (hold, reason) = (paid.hold, "plans changed".to_owned());
            let cancel = Command::Cancel { hold, reference: None, reason };
            spoil(&hotel.db, fate);
            assert_eq!(code(hotel.ask(cancel.clone()).await), told, "{fate:?}");
            heal(&hotel.db);
            let there = usize::from(fate == CommitFate::UnknownApplied);
            assert_eq!(jobs_count(&hotel.db).await, there, "{fate:?}");
            assert_eq!(hotel.gone(10..11).await == [(0, 0)], there == 1, "{fate:?}");
            let canceled = reservation(hotel.ask(cancel).await.unwrap());
            assert_eq!(canceled.status(), "CANCELED");
            assert_eq!(jobs_count(&hotel.db).await, 1, "{fate:?}");
            hotel.close().await;
        });
    }
}

/// Holds whose time has passed and which nobody lapsed.
async fn neglected(hotel: &Hotel, count: usize, first: i64, end: i64) {
    let order = || Order::new(PROPERTY, "test", Command::Place(hotel.place(first, end, 1)));
    let waiting: Vec<_> = (0..count).map(|_| hotel.desk.enqueue(order())).collect();
    for answer in waiting {
        answer.await.unwrap().unwrap();
    }
}

#[test]
fn hundreds_of_overdue_holds_on_other_nights_never_block_a_sale() {
    on_both(300, |hotel, clock| {
        Box::pin(async move {
            neglected(&hotel, 250, 50, 51).await;
            clock.advance_ms(1);
            neglected(&hotel, 50, 10, 12).await;
            clock.advance_ms(1);
            for _ in 0..5 {
                hotel.hold(10, 12, 50).await.unwrap();
            }
            clock.advance_ms(HOLD_TTL_MS - 1);
            // Here 50 are overdue, behind 250 older ones elsewhere.
            assert_eq!(hotel.hold(10, 12, 50).await.map(|_| ()), Ok(()));
            assert_eq!(hotel.gone(50..51).await, [(250, 0)], "the sweep's matter");
            hotel.close().await;
        })
    });
}

#[test]
fn as_many_overdue_holds_as_callers_need_are_lapsed_at_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        in_one_batch(engine, 300, |hotel, clock| async move {
            neglected(&hotel, 300, 10, 11).await;
            clock.advance_ms(HOLD_TTL_MS);
            let order = |at: i64| hotel.book(&format!("r{at}"), 10, 11, 1);
            let waiting: Vec<_> = (0..310).map(|at| hotel.desk.enqueue(order(at))).collect();
            let (mut won, mut lost) = (0, 0);
            for answer in waiting {
                match answer.await.unwrap() {
                    Ok(_) => won += 1,
                    Err(error) => {
                        assert_eq!(error.code(), "sold_out");
                        lost += 1;
                    }
                }
            }
            assert_eq!((won, lost), (300, 10));
            hotel.close().await;
        });
    }
}

#[test]
fn overdue_holds_are_lapsed_in_a_batch_of_their_own_before_the_sale() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        in_one_batch(engine, 1, |hotel, clock| async move {
            hotel.hold(10, 11, 1).await.unwrap();
            clock.advance_ms(HOLD_TTL_MS);
            hotel.hold(10, 11, 1).await.unwrap();
            let events = desk::events(&hotel.db).await.unwrap();
            let told: Vec<String> = events
                .iter()
                .map(|event| {
                    let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
                    body["events"][0]["type"].as_str().unwrap().to_owned()
                })
                .collect();
            assert_eq!(told, ["hold.placed", "hold.expired", "hold.placed"]);
            hotel.close().await;
        });
    }
}

#[test]
fn a_hold_that_still_lives_is_not_lapsed_for_anybody() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let booked = hotel.desk.submit(hotel.book("r1", 10, 11, 1)).await.unwrap();
            clock.advance_ms(HOLD_TTL_MS - 1);
            assert_eq!(hotel.hold(10, 11, 1).await, Err("sold_out".to_owned()));
            let confirm = Command::Confirm { hold: hold_of(&booked), reference: None };
            assert!(hotel.ask(confirm).await.is_ok());
            clock.advance_ms(1);
            assert_eq!(hotel.hold(10, 11, 1).await, Err("sold_out".to_owned()));
            hotel.close().await;
        })
    });
}
