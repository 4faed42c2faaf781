//! Many callers on few rooms: exactly as many win as there are rooms, and nobody gets a fault.

use std::collections::BTreeMap;

use vacancy_app::desk::Desk;
use vacancy_app::desk::command::Order;
use vacancy_store::sql::Engine;
use vacancy_store::testing::{TestStore, on_engine};

use super::books::{findings, report};
use super::hotel::{Clock, Hotel};
use super::runs::with_two_instances;

const CALLERS: usize = 64;
const BOOKINGS: usize = 20;
const UNITS: i64 = 50;

/// Each caller asks for its bookings one after the other; the codes of all answers, counted.
async fn storm(callers: Vec<(Desk, Vec<Order>)>) -> BTreeMap<String, usize> {
    let call = |(desk, orders): (Desk, Vec<Order>)| {
        tokio::spawn(async move {
            let mut codes = Vec::new();
            for order in orders {
                codes.push(match desk.submit(order).await {
                    Ok(_) => "ok".to_owned(),
                    Err(error) => error.code().to_owned(),
                });
            }
            codes
        })
    };
    let calls: Vec<_> = callers.into_iter().map(call).collect();
    let mut counted = BTreeMap::new();
    for call in calls {
        for code in call.await.unwrap() {
            *counted.entry(code).or_insert(0) += 1;
        }
    }
    counted
}

/// The callers of a hotel's instances, in turn.
fn callers(instances: &[&Hotel]) -> Vec<(Desk, Vec<Order>)> {
    let caller = |number: usize| {
        let hotel = instances[number % instances.len()];
        let order = |at: usize| hotel.book(&format!("r{number}-{at}"), 10, 13, 1);
        (hotel.desk.clone(), (0..BOOKINGS).map(order).collect())
    };
    (0..CALLERS).map(caller).collect()
}

fn expected() -> BTreeMap<String, usize> {
    let winners = usize::try_from(UNITS).unwrap();
    let losers = CALLERS * BOOKINGS - winners;
    BTreeMap::from([("ok".to_owned(), winners), ("sold_out".to_owned(), losers)])
}

#[test]
fn two_instances_sell_exactly_what_there_is() {
    with_two_instances(UNITS, |one, two| async move {
        assert_eq!(storm(callers(&[&one, &two])).await, expected());
        assert_eq!(one.gone(10..14).await, [(50, 0), (50, 0), (50, 0), (0, 0)]);
        assert_eq!(report(&one.db).await.looked.reservations_count, UNITS);
        two.end().await;
        one.close().await;
    });
}

#[test]
fn one_instance_sells_exactly_what_there_is() {
    let clock = Clock::at_noon();
    on_engine(Engine::Sqlite, &clock.time(), |db| {
        Box::pin(async move {
            let hotel = Hotel::open(db, UNITS).await;
            assert_eq!(storm(callers(&[&hotel])).await, expected());
            assert_eq!(hotel.gone(10..14).await, [(50, 0), (50, 0), (50, 0), (0, 0)]);
            hotel.close().await;
        })
    });
}

/// Stays of different length and place, so that instances lock different cells, in any order.
fn mixed(instances: &[&Hotel]) -> Vec<(Desk, Vec<Order>)> {
    let caller = |number: usize| {
        let hotel = instances[number % instances.len()];
        let order = |at: usize| {
            let first = 10 + i64::try_from((number * 7 + at * 3) % 9).unwrap();
            let nights = 1 + i64::try_from((number + at) % 4).unwrap();
            hotel.book(&format!("r{number}-{at}"), first, first + nights, 1)
        };
        (hotel.desk.clone(), (0..BOOKINGS).map(order).collect())
    };
    (0..CALLERS).map(caller).collect()
}

#[test]
fn a_night_is_never_left_over_that_somebody_asked_for_alone() {
    with_two_instances(UNITS, |one, two| async move {
        let counted = storm(mixed(&[&one, &two])).await;
        assert_eq!(counted.values().sum::<usize>(), CALLERS * BOOKINGS);
        assert_eq!(counted.len(), 2, "won or sold out: {counted:?}");
        // Every night was asked for alone more often than there are rooms.
        for night in 10..19 {
            assert_eq!(one.gone(night..night + 1).await, [(UNITS, 0)], "night {night}");
        }
        let won = i64::try_from(counted["ok"]).unwrap();
        assert_eq!(report(&one.db).await.looked.reservations_count, won);
        two.end().await;
        one.close().await;
    });
}

#[test]
fn the_books_agree_while_the_house_fills() {
    with_two_instances(UNITS, |one, two| async move {
        let store = one.db.clone();
        let looking = tokio::spawn(async move {
            // Each look is one snapshot of a house in which hundreds are booking.
            for _ in 0..5 {
                assert!(report(&store).await.is_clean());
            }
        });
        let counted = storm(callers(&[&one, &two])).await;
        looking.await.unwrap();
        assert_eq!(counted, expected());
        assert_eq!(findings(&two.db).await, Vec::<String>::new());
        two.end().await;
        one.close().await;
    });
}

#[test]
fn a_store_that_opens_again_knows_every_winner() {
    let clock = Clock::at_noon();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let Some(store) = TestStore::open(Engine::Postgres, clock.time()).await else { return };
        let hotel = Hotel::open(store.db.clone(), UNITS).await;
        let counted = storm(callers(&[&hotel])).await;
        hotel.end().await;
        let again = Hotel::instance(store.second_instance(clock.time()).await.unwrap(), 3);
        let mut replays = 0;
        for (_, orders) in callers(&[&again]) {
            for order in orders {
                replays += usize::from(again.desk.submit(order).await.is_ok());
            }
        }
        assert_eq!((counted, replays), (expected(), usize::try_from(UNITS).unwrap()));
        again.close().await;
        store.remove().await;
    });
}
