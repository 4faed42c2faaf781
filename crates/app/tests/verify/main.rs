//! Goal: books that are right are found right, each kind of wrong is found, and cells can be made
//! anew. Method: a hotel in which everything has happened; raw SQL spoils one thing at a time.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod house;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use vacancy_app::verify::{rebuild, verify};
use vacancy_domain::verify::{Check, Report};
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Sql;
use vacancy_store::testing::on_both_engines_at;
use vacancy_store::verify as stored;

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

async fn execute(db: &Db, text: &'static str) -> u64 {
    let sql = Sql::new(text);
    let write = db.write(move |tx| Box::pin(async move { tx.execute(&sql, &[]).await }));
    write.await.unwrap()
}

/// Spoils the books, looks at them, and takes it back.
async fn spoiled(db: &Db, text: &'static str) -> Report {
    let found: Arc<Mutex<Option<Report>>> = Arc::default();
    let (sql, put) = (Sql::new(text), Arc::clone(&found));
    let write: Result<(), Fault> = db
        .write(move |tx| {
            let put = Arc::clone(&put);
            Box::pin(async move {
                let touched = tx.execute(&sql, &[]).await?;
                assert!(0 < touched, "nothing is spoiled by: {text}");
                let mut report = stored::property(tx, PROPERTY).await?;
                report.absorb(stored::beside_properties(tx).await?);
                *put.lock().unwrap() = Some(report);
                Err(Fault::internal("take it back"))
            })
        })
        .await;
    let report = found.lock().unwrap().take();
    report.unwrap_or_else(|| panic!("{text}: {write:?}"))
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

/// What is spoiled, and what must be found. Other checks may find it too.
const SPOILS: &[(&str, &str)] = &[
    ("UPDATE cell SET held = held + 1 WHERE held + sold < limit_units", "cell_counts"),
    ("UPDATE cell SET sold = sold - 1 WHERE sold > 0", "cell_counts"),
    ("DELETE FROM cell WHERE sold > 0", "cell_missing"),
    ("UPDATE cell SET limit_units = limit_units + 1", "cell_stock"),
    ("UPDATE cell SET capacity = capacity + 1, limit_units = limit_units + 1", "cell_stock"),
    ("UPDATE cell SET blocked = 0 WHERE blocked > 0", "cell_stock"),
    ("UPDATE cell SET closed = NOT closed", "cell_stock"),
    ("UPDATE cell SET capacity_is_own = NOT capacity_is_own", "cell_stock"),
    ("UPDATE cell SET stay_nights_min = 3", "cell_stock"),
    ("UPDATE cell SET oversold = TRUE WHERE NOT oversold", "cell_oversold"),
    ("UPDATE cell SET slot = slot + 1000", "stray"),
    ("UPDATE pool SET capacity = capacity + 1", "pool_stock"),
    ("UPDATE pool SET limit_units = limit_units + 1", "pool_stock"),
    ("DELETE FROM pool_change WHERE seq = 2", "pool_stock"),
    ("UPDATE pool_change SET value = value + 1 WHERE kind = 'blocked'", "cell_stock"),
    ("UPDATE ledger SET units = units + 1 WHERE kind = 'posted'", "line_chain"),
    ("UPDATE ledger SET units = units + 1 WHERE kind = 'posted'", "cell_counts"),
    ("UPDATE ledger SET slots = slots + 1", "cell_counts"),
    ("UPDATE ledger SET slots = 9000000000000000000 WHERE kind = 'held'", "line_chain"),
    ("UPDATE ledger SET first_day = first_day + 1 WHERE kind = 'posted'", "stray"),
    ("DELETE FROM ledger WHERE kind = 'held'", "line_chain"),
    ("DELETE FROM ledger WHERE kind = 'posted'", "line_chain"),
    ("DELETE FROM ledger WHERE kind = 'posted'", "hold_lines"),
    ("DELETE FROM ledger WHERE kind = 'returned'", "hold_lines"),
    ("DELETE FROM ledger WHERE kind = 'returned'", "cell_counts"),
    ("UPDATE ledger SET seq = 5 WHERE kind = 'returned'", "line_chain"),
    ("UPDATE ledger SET kind = 'expired' WHERE kind = 'released'", "hold_lines"),
    (
        "INSERT INTO ledger (property, line, seq, kind, hold, pool, first_slot, first_day, slots, \
         units, at_ms) SELECT property, line, 2, 'returned', hold, pool, first_slot, first_day, \
         slots, units, at_ms FROM ledger WHERE kind = 'expired'",
        "line_chain",
    ),
    (
        "UPDATE ledger SET hold = (SELECT h.id FROM hold AS h WHERE h.state = 'held' LIMIT 1) \
         WHERE kind = 'returned'",
        "stray",
    ),
    ("UPDATE hold SET state = 'released' WHERE state = 'held'", "hold_lines"),
    ("UPDATE hold SET state = 'expired' WHERE state = 'confirmed'", "reservation_hold"),
    ("DELETE FROM hold WHERE state = 'released'", "stray"),
    ("DELETE FROM hold WHERE state = 'released'", "reservation_hold"),
    ("UPDATE hold SET property = id WHERE state = 'released'", "stray"),
    (
        "UPDATE reservation SET stay_state = 'confirmed' WHERE stay_state = 'expired'",
        "reservation_hold",
    ),
    (
        "UPDATE reservation SET stay_state = 'confirmed' WHERE stay_state = 'checked_in'",
        "reservation_history",
    ),
    ("UPDATE reservation SET stay_state = 'gone'", "reservation_hold"),
    ("UPDATE reservation SET lines = '[]' WHERE stay_state = 'confirmed'", "reservation_lines"),
    ("UPDATE reservation SET lines = 'nonsense'", "reservation_lines"),
    ("DELETE FROM reservation_request", "reservation_names"),
    ("DELETE FROM confirmation_code", "reservation_names"),
    ("UPDATE confirmation_code SET reservation = business", "stray"),
    ("DELETE FROM reservation_history WHERE seq = 2", "reservation_history"),
    ("UPDATE reservation SET version = version + 1", "reservation_history"),
    ("UPDATE reservation SET paid_minor = paid_minor + 1", "reservation_money"),
    ("UPDATE reservation SET refunded_minor = 0 WHERE refunded_minor > 0", "reservation_money"),
    ("DELETE FROM reservation WHERE stay_state = 'expired'", "stray"),
    (
        "UPDATE payment SET captured_minor = captured_minor + 1 WHERE captured_minor > 0",
        "payment_money",
    ),
    ("UPDATE payment SET state = 'PENDING' WHERE captured_minor > 0", "payment_money"),
    ("UPDATE payment SET currency = 'USD'", "payment_money"),
    ("DELETE FROM refund", "payment_money"),
    ("UPDATE refund SET amount_minor = amount_minor + 1", "payment_money"),
    ("UPDATE refund SET payment = id", "stray"),
    ("DELETE FROM provider_order", "payment_order"),
    (
        "INSERT INTO provider_order (provider, provider_order_id, payment) \
         SELECT 'sandbox', 'nobody', id FROM hold LIMIT 1",
        "stray",
    ),
    ("UPDATE room_night SET day = day + 100", "room_night"),
    ("UPDATE room_night SET line = room", "room_night"),
    ("DELETE FROM room", "room_night"),
    (
        "UPDATE room SET pool = (SELECT p.id FROM pool AS p WHERE p.id <> room.pool LIMIT 1)",
        "room_night",
    ),
    (
        "INSERT INTO room_night (property, room, day, line) SELECT n.property, r.id, n.day, n.line \
         FROM room_night AS n JOIN room AS h ON h.id = n.room AND h.number = '101' \
         JOIN room AS r ON r.number = '103'",
        "room_night",
    ),
];

#[test]
fn whatever_is_spoiled_is_found() {
    check(|house| {
        Box::pin(async move {
            for (text, must_find) in SPOILS {
                let report = spoiled(&house.db, text).await;
                assert!(words(&report).contains(must_find), "{text}: found {}", told(&report));
            }
            let report = verify(&house.db).await.unwrap();
            assert!(report.is_clean(), "everything was taken back: {}", told(&report));
            house.close().await;
        })
    });
}

async fn news(db: &Db) -> Vec<(String,)> {
    const NEWS: Sql = Sql::new("SELECT body FROM event ORDER BY id");
    db.read(|tx| Box::pin(async move { tx.query(&NEWS, &[]).await })).await.unwrap()
}

async fn ledger(db: &Db) -> (i64, i64) {
    const SUM: Sql = Sql::new(
        "SELECT COUNT(*), CAST(SUM(seq + first_slot + slots * 7 + units * 13) AS BIGINT) \
         FROM ledger",
    );
    db.read(|tx| Box::pin(async move { tx.query_one(&SUM, &[]).await })).await.unwrap()
}

#[test]
fn a_rebuild_makes_every_cell_right_tells_it_and_leaves_the_ledger_alone() {
    check(|house| {
        Box::pin(async move {
            let db = &house.db;
            let before = ledger(db).await;
            let told_before = news(db).await.len();
            for text in [
                "UPDATE cell SET held = held + 1 WHERE held + sold < limit_units AND blocked = 0",
                "DELETE FROM cell WHERE sold > 0 AND slot % 2 = 0",
                "UPDATE cell SET closed = NOT closed WHERE blocked > 0",
                "UPDATE cell SET oversold = TRUE WHERE sold = 0 AND held = 0",
            ] {
                assert!(0 < execute(db, text).await, "{text}");
            }
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
            assert_eq!(ledger(db).await, before);
            let told_now = news(db).await;
            assert_eq!(told_now.len(), told_before + 2, "one for each pool");
            for (pool, (body,)) in [SMALL, LARGE].iter().zip(&told_now[told_before..]) {
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
