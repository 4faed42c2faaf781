//! How orders wait: what is full, what comes too late, who goes away, what is one batch.

use std::sync::Arc;

use tokio::sync::oneshot::Receiver;
use tokio::time::{Duration, Instant};
use vacancy_app::desk::command::{Answer, Command, Order};
use vacancy_app::desk::queue::PROPERTY_QUEUE_MAX;
use vacancy_app::errors::Error;
use vacancy_domain::ids::{HoldId, PoolId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::pools::StockPatch;
use vacancy_store::sql::Engine;
use vacancy_store::testing::{desk, fixtures};

use super::books::report;
use super::hotel::{Hotel, POOL, PROPERTY, TODAY, code, hold_of};
use super::runs::{in_one_batch, on_both};

const OTHER: PropertyId = PropertyId(0xa2);
const OTHER_POOL: PoolId = PoolId(0xc2);
const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

fn place(hotel: &Hotel, first: i64, end: i64) -> Order {
    Order::new(PROPERTY, "test", Command::Place(hotel.place(first, end, 1)))
}

/// The codes of answers, `ok` for a yes.
async fn codes(answers: Vec<Receiver<Result<Answer, Error>>>) -> Vec<String> {
    let mut codes = Vec::new();
    for answer in answers {
        codes.push(match answer.await.unwrap() {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.code().to_owned(),
        });
    }
    codes
}

#[test]
fn a_full_queue_is_busy_at_once_and_leaves_room_for_others() {
    in_one_batch(Engine::Sqlite, 1, |hotel, _| async move {
        let lapse = |property| Order::new(property, "test", Command::Lapse { hold: HoldId(1) });
        for _ in 0..PROPERTY_QUEUE_MAX {
            drop(hotel.desk.enqueue(lapse(PROPERTY)));
        }
        let refused = hotel.desk.enqueue(lapse(PROPERTY));
        assert_eq!(codes(vec![refused]).await, ["busy"]);
        let waiting = hotel.desk.depth();
        drop(hotel.desk.enqueue(lapse(OTHER)));
        assert_eq!(hotel.desk.depth(), waiting + 1);
        // What waits goes with the runtime: nobody asked for an answer.
    });
}

#[test]
fn an_order_past_its_deadline_is_dropped_before_its_batch_and_nothing_was_done() {
    on_both(5, |hotel, _| {
        Box::pin(async move {
            let past = hotel.book("r1", 10, 11, 1).with_deadline(Instant::now());
            assert_eq!(code(hotel.desk.submit(past).await), "busy");
            assert_eq!(report(&hotel.db).await.looked.holds_count, 0);
            let far = Instant::now() + Duration::from_secs(600);
            let again = hotel.book("r1", 10, 11, 1).with_deadline(far);
            assert!(!hotel.desk.submit(again).await.unwrap().is_replay);
            hotel.close().await;
        })
    });
}

#[test]
fn a_dropped_order_takes_nobody_with_it() {
    for engine in ENGINES {
        in_one_batch(engine, 5, |hotel, _| async move {
            let past = place(&hotel, 10, 11).with_deadline(Instant::now());
            let orders = [place(&hotel, 10, 11), past, place(&hotel, 10, 11)];
            let answers = orders.into_iter().map(|order| hotel.desk.enqueue(order)).collect();
            assert_eq!(codes(answers).await, ["ok", "busy", "ok"]);
            assert_eq!(hotel.gone(10..11).await, [(2, 0)]);
            hotel.close().await;
        });
    }
}

#[test]
fn what_waits_at_the_end_is_still_served_and_nothing_new_is_taken() {
    for engine in ENGINES {
        in_one_batch(engine, 300, |hotel, _| async move {
            let desk = hotel.desk.clone();
            let late = place(&hotel, 10, 11);
            let waiting: Vec<_> = (0..300).map(|_| desk.enqueue(place(&hotel, 10, 11))).collect();
            assert_eq!(desk.depth(), 300);
            hotel.close().await;
            assert_eq!(codes(waiting).await, vec!["ok"; 300]);
            assert_eq!(code(desk.submit(late).await), "busy");
        });
    }
}

#[test]
fn a_caller_who_goes_away_does_not_undo_the_order_and_finds_it_later() {
    for engine in ENGINES {
        in_one_batch(engine, 5, |hotel, _| async move {
            let order = hotel.book("r1", 10, 11, 1);
            {
                let mut asking = std::pin::pin!(hotel.desk.submit(order.clone()));
                assert!(futures_util::poll!(asking.as_mut()).is_pending());
                let second = hotel.desk.submit(order.clone()).await;
                assert_eq!(code(second), "request_in_flight");
            }
            let found = hotel.desk.submit(order).await.unwrap();
            assert!(found.is_replay);
            assert_eq!(report(&hotel.db).await.looked.reservations_count, 1);
            hotel.close().await;
        });
    }
}

#[test]
fn nobody_waiting_for_an_answer_is_no_reason_to_do_nothing() {
    for engine in ENGINES {
        in_one_batch(engine, 1, |hotel, _| async move {
            drop(hotel.desk.enqueue(place(&hotel, 10, 11)));
            assert_eq!(hotel.hold(10, 11, 1).await, Err("sold_out".to_owned()));
            hotel.close().await;
        });
    }
}

#[test]
fn what_waits_together_is_one_transaction_and_one_row_of_news() {
    for engine in ENGINES {
        in_one_batch(engine, 200, |hotel, _| async move {
            let waiting: Vec<_> =
                (0..200).map(|_| hotel.desk.enqueue(place(&hotel, 10, 13))).collect();
            assert_eq!(codes(waiting).await, vec!["ok"; 200]);
            assert_eq!(desk::events(&hotel.db).await.unwrap().len(), 1);
            assert_eq!(hotel.cell(10).await.version, 1);
            hotel.close().await;
        });
    }
}

#[test]
fn within_a_batch_orders_are_decided_as_they_came() {
    for engine in ENGINES {
        in_one_batch(engine, 1, |hotel, _| async move {
            let patch = StockPatch { capacity: Some(2), ..StockPatch::default() };
            let (first_day, end_day) = (TODAY.plus(10), TODAY.plus(11));
            let more = Command::SetStock { pool: POOL, first_day, end_day, patch };
            let first = hotel.place(10, 11, 1);
            let hold = first.hold;
            let reason = String::new();
            let orders = [
                Command::Place(first),
                Command::Place(hotel.place(10, 11, 1)),
                more,
                Command::Place(hotel.place(10, 11, 1)),
                Command::Place(hotel.place(10, 11, 1)),
                Command::Cancel { hold, reference: None, reason },
                Command::Place(hotel.place(10, 11, 1)),
                Command::Confirm { hold, reference: None },
            ];
            let order = |command| Order::new(PROPERTY, "test", command);
            let answers =
                orders.into_iter().map(|command| hotel.desk.enqueue(order(command))).collect();
            let expected =
                ["ok", "sold_out", "ok", "ok", "sold_out", "ok", "ok", "invalid_transition"];
            assert_eq!(codes(answers).await, expected);
            hotel.close().await;
        });
    }
}

#[test]
fn a_hold_may_be_placed_and_moved_within_one_batch() {
    for engine in ENGINES {
        in_one_batch(engine, 1, |hotel, _| async move {
            let placed = hotel.place(10, 11, 1);
            let (hold, reason) = (placed.hold, String::new());
            let orders = [
                Command::Place(placed),
                Command::Confirm { hold, reference: None },
                Command::Extend { hold },
                Command::Cancel { hold, reference: None, reason },
                Command::Confirm { hold, reference: None },
            ];
            let order = |command| Order::new(PROPERTY, "test", command);
            let answers =
                orders.into_iter().map(|command| hotel.desk.enqueue(order(command))).collect();
            let expected = ["ok", "ok", "invalid_transition", "ok", "invalid_transition"];
            assert_eq!(codes(answers).await, expected);
            assert_eq!(desk::events(&hotel.db).await.unwrap().len(), 1);
            hotel.close().await;
        });
    }
}

#[test]
fn one_key_twice_in_a_batch_is_one_reservation() {
    for engine in ENGINES {
        in_one_batch(engine, 5, |hotel, _| async move {
            let one = hotel.desk.enqueue(hotel.book("r1", 10, 11, 1));
            let two = hotel.desk.enqueue(hotel.book("r1", 10, 11, 1));
            let other = hotel.desk.enqueue(hotel.book("r1", 10, 12, 1));
            let (one, two) = (one.await.unwrap().unwrap(), two.await.unwrap().unwrap());
            assert!(!one.is_replay && two.is_replay);
            assert_eq!(hold_of(&one), hold_of(&two));
            assert_eq!(code(other.await.unwrap()), "idempotency_key_reused");
            hotel.close().await;
        });
    }
}

#[test]
fn an_order_that_names_anothers_pool_does_not_hurt_the_owner_in_the_same_batch() {
    for engine in ENGINES {
        in_one_batch(engine, 1, |hotel, _| async move {
            fixtures::property(&hotel.db, OTHER, &[(OTHER_POOL, 1)]).await.unwrap();
            hotel.hold(12, 13, 1).await.unwrap();
            let theft = |first, end| {
                let mut stolen = hotel.place(first, end, 1);
                stolen.property = OTHER;
                stolen.lines = vec![Line { pool: POOL, ..hotel.line(first, end, 1) }];
                Order::new(OTHER, "thief", Command::Place(stolen))
            };
            let orders = [
                theft(10, 13),
                place(&hotel, 10, 12),
                theft(10, 13),
                place(&hotel, 12, 13),
                theft(10, 13),
            ];
            let answers = orders.into_iter().map(|order| hotel.desk.enqueue(order)).collect();
            let no = "spans_properties";
            assert_eq!(codes(answers).await, [no, "ok", no, "sold_out", no]);
            hotel.close().await;
        });
    }
}

#[test]
fn hotels_take_turns_in_a_batch_and_each_has_its_own_news() {
    for engine in ENGINES {
        in_one_batch(engine, 5, |hotel, _| async move {
            fixtures::property(&hotel.db, OTHER, &[(OTHER_POOL, 1)]).await.unwrap();
            let there = |first| {
                let mut asked = hotel.place(first, first + 1, 1);
                asked.property = OTHER;
                asked.lines = vec![Line { pool: OTHER_POOL, ..hotel.line(first, first + 1, 1) }];
                Order::new(OTHER, "test", Command::Place(asked))
            };
            let orders = [place(&hotel, 10, 11), there(10), place(&hotel, 10, 11), there(10)];
            let answers = orders.into_iter().map(|order| hotel.desk.enqueue(order)).collect();
            assert_eq!(codes(answers).await, ["ok", "ok", "ok", "sold_out"]);
            let events = desk::events(&hotel.db).await.unwrap();
            let of = |property| events.iter().filter(|event| event.property == property).count();
            assert_eq!((of(PROPERTY), of(OTHER)), (1, 1));
            let thieves = Arc::new(desk::cells(&hotel.db, OTHER).await.unwrap());
            assert_eq!(thieves.len(), 1);
            hotel.close().await;
        });
    }
}
