//! What one order may do to the others of its batch, what a commit may do to all of them, and what
//! a replay and an overdue hold may promise.

use std::sync::Arc;

use vacancy_app::desk::command::{Command, Order};
use vacancy_domain::guards::Guard;
use vacancy_domain::holds::HOLD_TTL_MS;
use vacancy_store::sql::{CommitFate, Engine};
use vacancy_store::testing::desk;
use vacancy_store::testing::races::{self, Wall};

use super::super::books::report;
use super::super::hotel::{PROPERTY, code};
use super::super::runs::{in_memory_as_it_is, in_one_batch_as_it_is, on_both_as_it_is};
use super::without;

const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

/// A command that panics between two that do not: what each is told, and how many transactions
/// brought news.
fn one_panics(expected: [&str; 3], news: usize) {
    for engine in ENGINES {
        in_one_batch_as_it_is(engine, 5, |hotel, _| async move {
            let commands = [
                Command::Place(hotel.place(10, 11, 1)),
                Command::Panic,
                Command::Place(hotel.place(10, 11, 1)),
            ];
            let order = |command| Order::new(PROPERTY, "test", command);
            let waiting = commands.map(|command| hotel.desk.enqueue(order(command)));
            let mut told = Vec::new();
            for answer in waiting {
                told.push(match answer.await.unwrap() {
                    Ok(_) => "ok".to_owned(),
                    Err(error) => error.code().to_owned(),
                });
            }
            assert_eq!(told, expected, "{engine:?}");
            let won = i64::try_from(told.iter().filter(|code| *code == "ok").count()).unwrap();
            assert_eq!(hotel.gone(10..11).await, [(won, 0)]);
            assert_eq!(desk::events(&hotel.db).await.unwrap().len(), news);
            assert!(hotel.hold(10, 11, 1).await.is_ok(), "the desk goes on");
            hotel.close().await;
        });
    }
}

#[test]
fn a_command_that_panics_hurts_only_itself() {
    without(&[], || one_panics(["ok", "internal", "ok"], 1));
}

#[test]
fn when_a_panic_ends_the_batch_each_order_still_runs_alone() {
    without(&[Guard::PanicWall], || one_panics(["ok", "internal", "ok"], 2));
}

#[test]
fn when_a_panic_ends_the_batch_and_nobody_runs_again_the_innocent_are_hurt() {
    let off = [Guard::PanicWall, Guard::RunAlone];
    without(&off, || one_panics(["internal", "internal", "internal"], 0));
}

/// A repeated request, when the store cannot be written.
fn replay(is_answered: bool) {
    on_both_as_it_is(5, move |hotel, _| {
        Box::pin(async move {
            let order = hotel.book("r1", 10, 11, 1);
            let first = hotel.desk.submit(order.clone()).await.unwrap();
            races::without(&hotel.db, Wall::Fence).await.unwrap();
            match hotel.desk.submit(order).await {
                Ok(again) => assert!(is_answered && again.outcome == first.outcome),
                Err(error) => assert!(!is_answered && error.code() == "internal", "{error:?}"),
            }
            hotel.close().await;
        })
    });
}

#[test]
fn a_replay_is_answered_only_behind_a_write() {
    without(&[], || replay(false));
}

#[test]
fn without_the_fence_a_store_that_cannot_be_written_promises_again() {
    without(&[Guard::ReplayFence], || replay(true));
}

/// A commit of which nobody knows, and which took: what the caller is told.
fn unknown(told: &str) {
    in_memory_as_it_is(5, |hotel, _| async move {
        let order = hotel.book("r1", 10, 11, 1);
        hotel.db.set_commit_hook(Some(Arc::new(|_| CommitFate::UnknownApplied))).unwrap();
        assert_eq!(code(hotel.desk.submit(order.clone()).await), told);
        hotel.db.set_commit_hook(None).unwrap();
        // `busy` says that nothing was done; here it was.
        assert_eq!(hotel.gone(10..11).await, [(1, 0)]);
        assert!(hotel.desk.submit(order).await.unwrap().is_replay);
        assert_eq!(report(&hotel.db).await.looked.reservations_count, 1);
        hotel.close().await;
    });
}

#[test]
fn a_commit_of_which_nobody_knows_is_told_so() {
    without(&[], || unknown("outcome_unknown"));
}

#[test]
fn without_that_care_a_caller_is_told_that_nothing_was_done_and_something_was() {
    without(&[Guard::UnknownCommit], || unknown("busy"));
}

/// 200 overdue holds on 200 rooms, and somebody who wants 50 of them.
fn neglected(expected: &'static str) {
    on_both_as_it_is(200, move |hotel, clock| {
        Box::pin(async move {
            let order = || Order::new(PROPERTY, "test", Command::Place(hotel.place(10, 12, 1)));
            let waiting: Vec<_> = (0..200).map(|_| hotel.desk.enqueue(order())).collect();
            for answer in waiting {
                answer.await.unwrap().unwrap();
            }
            clock.advance_ms(HOLD_TTL_MS);
            let wish = hotel.hold(11, 12, 50).await;
            assert_eq!(wish.map_or_else(|code| code, |_| "ok".to_owned()), expected);
            hotel.close().await;
        })
    });
}

#[test]
fn overdue_holds_never_block_a_sale() {
    without(&[], || neglected("ok"));
}

#[test]
fn if_they_waited_for_the_sweep_a_free_house_would_be_sold_out() {
    without(&[Guard::LapseForSale], || neglected("sold_out"));
}
