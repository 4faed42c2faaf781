//! Goal: books that are right are found right, each kind of wrong is found, and cells can be made
//! anew. Method: a hotel in which everything has happened; raw SQL spoils one thing at a time.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod house;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use vacancy_app::verify::{rebuild, verify};
use vacancy_domain::verify::{Check, Report};
use vacancy_store::testing::{on_both_engines_at, spoils};

use house::{Clock, House, LARGE, PROPERTY, SMALL};

/// Runs the body on a hotel that has been lived in.
fn check(body: impl Fn(House) -> BoxFuture<'static, ()> + Clone + Send + Sync + 'static) {
    let clock = Clock::at_noon();
    let time = clock.time();
    on_both_engines_at(&time, move |db| {
        let (clock, body) = (clock.clone(), body.clone());
        Box::pin(async move {
            clock.back_to_noon();
            let house = House::open(db).await;
            house.live(&clock).await;
            body(house).await;
        })
    });
}

fn words(report: &Report) -> BTreeSet<&'static str> {
    report.findings_count.keys().map(|check| check.word()).collect()
}

fn told(report: &Report) -> String {
    report.findings.iter().map(|finding| format!("\n{finding}")).collect()
}

#[test]
fn a_hotel_in_which_everything_has_happened_is_clean() {
    check(|house| {
        Box::pin(async move {
            let report = verify(&house.db).await.unwrap();
            assert!(report.is_clean(), "{}", told(&report));
            let looked = report.looked;
            assert_eq!((looked.properties_count, looked.pools_count), (1, 2));
            assert_eq!((looked.reservations_count, looked.payments_count), (8, 3));
            assert_eq!(looked.holds_count, 9);
            assert!(20 < looked.cells_count && 20 < looked.entries_count);
            assert_eq!(looked.room_nights_count, 6, "one night in 101, five in 102");
            house.close().await;
        })
    });
}

#[test]
fn whatever_is_spoiled_is_found() {
    check(|house| {
        Box::pin(async move {
            for (text, must_find) in spoils::SPOILS {
                let report = spoils::look_at(&house.db, text, PROPERTY).await.unwrap();
                let is_found = report.findings_count.contains_key(must_find);
                assert!(is_found, "{text}: found {}", told(&report));
            }
            let report = verify(&house.db).await.unwrap();
            assert!(report.is_clean(), "everything was taken back: {}", told(&report));
            house.close().await;
        })
    });
}

#[test]
fn a_rebuild_makes_every_cell_right_tells_it_and_leaves_the_ledger_alone() {
    check(|house| {
        Box::pin(async move {
            let db = &house.db;
            let before = spoils::ledger_sum(db).await.unwrap();
            let told_before = spoils::news(db).await.unwrap().len();
            spoils::spoil_cells(db).await.unwrap();
            let wrong = verify(db).await.unwrap();
            let found: Vec<&str> = words(&wrong).into_iter().collect();
            assert_eq!(found, ["cell_counts", "cell_missing", "cell_oversold", "cell_stock"]);

            let rebuilt = rebuild(db).await.unwrap();
            assert_eq!((rebuilt.properties_count, rebuilt.pools_count), (1, 2));
            let repaired = &rebuilt.repaired;
            assert_eq!(i64::try_from(repaired.len()).unwrap(), rebuilt.repaired_count);
            let made = repaired.iter().filter(|(_, cell)| cell.before.is_none()).count();
            let missing = wrong.findings_count[&Check::CellMissing];
            assert_eq!(i64::try_from(made).unwrap(), missing);

            let after = verify(db).await.unwrap();
            assert!(after.is_clean(), "{}", told(&after));
            assert_eq!(spoils::ledger_sum(db).await.unwrap(), before);
            let told_now = spoils::news(db).await.unwrap();
            assert_eq!(told_now.len(), told_before + 2, "one for each pool");
            for (pool, body) in [SMALL, LARGE].iter().zip(&told_now[told_before..]) {
                assert!(body.contains(&pool.to_string()), "{body}");
            }
            assert_eq!(rebuild(db).await.unwrap().repaired_count, 0, "nothing is left to repair");
            house.close().await;
        })
    });
}

#[test]
fn books_are_right_at_every_moment_beside_running_orders_and_rebuilds() {
    check(|house| {
        Box::pin(async move {
            let house = Arc::new(house);
            let orders = tokio::spawn({
                let house = Arc::clone(&house);
                async move {
                    for day in 0..40 {
                        let line = house.line(SMALL, 50 + day % 7, 53 + day % 7, 1);
                        let booked = house.book(line).await;
                        if day % 3 != 0 {
                            house.confirm(booked).await;
                        }
                        house.cancel(booked).await;
                    }
                }
            });
            let mut looks = 0;
            while !orders.is_finished() || looks == 0 {
                let report = verify(&house.db).await.unwrap();
                assert!(report.is_clean(), "{}", told(&report));
                assert_eq!(rebuild(&house.db).await.unwrap().repaired_count, 0);
                looks += 1;
            }
            orders.await.unwrap();
            let Ok(house) = Arc::try_unwrap(house) else { panic!("the orders are done") };
            house.close().await;
        })
    });
}
