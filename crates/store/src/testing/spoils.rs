//! Ways to spoil a store, each with the check that must find it. For the tests of `verify` and of
//! whoever claims to watch the books: a watcher that finds none of these watches nothing.

use std::sync::{Arc, Mutex};

use vacancy_domain::ids::{PropertyId, ReservationId};
use vacancy_domain::verify::{Check, Report};

use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::Db;
use crate::sql::tx::Sql;
use crate::verify;

/// What is spoiled, and what must be found. Other checks may find it too.
pub const SPOILS: &[(&str, Check)] = &[
    ("UPDATE cell SET held = held + 1 WHERE held + sold < limit_units", Check::CellCounts),
    ("UPDATE cell SET sold = sold - 1 WHERE sold > 0", Check::CellCounts),
    ("DELETE FROM cell WHERE sold > 0", Check::CellMissing),
    ("UPDATE cell SET limit_units = limit_units + 1", Check::CellStock),
    ("UPDATE cell SET capacity = capacity + 1, limit_units = limit_units + 1", Check::CellStock),
    ("UPDATE cell SET blocked = 0 WHERE blocked > 0", Check::CellStock),
    ("UPDATE cell SET closed = NOT closed", Check::CellStock),
    ("UPDATE cell SET capacity_is_own = NOT capacity_is_own", Check::CellStock),
    ("UPDATE cell SET stay_nights_min = 3", Check::CellStock),
    ("UPDATE cell SET oversold = TRUE WHERE NOT oversold", Check::CellOversold),
    ("UPDATE cell SET slot = slot + 1000", Check::Stray),
    ("UPDATE pool SET capacity = capacity + 1", Check::PoolStock),
    ("UPDATE pool SET limit_units = limit_units + 1", Check::PoolStock),
    ("DELETE FROM pool_change WHERE seq = 2", Check::PoolStock),
    ("UPDATE pool_change SET value = value + 1 WHERE kind = 'blocked'", Check::CellStock),
    ("UPDATE ledger SET units = units + 1 WHERE kind = 'posted'", Check::LineChain),
    ("UPDATE ledger SET units = units + 1 WHERE kind = 'posted'", Check::CellCounts),
    ("UPDATE ledger SET slots = slots + 1", Check::CellCounts),
    ("UPDATE ledger SET slots = 9000000000000000000 WHERE kind = 'held'", Check::LineChain),
    ("UPDATE ledger SET first_day = first_day + 1 WHERE kind = 'posted'", Check::Stray),
    ("DELETE FROM ledger WHERE kind = 'held'", Check::LineChain),
    ("DELETE FROM ledger WHERE kind = 'posted'", Check::LineChain),
    ("DELETE FROM ledger WHERE kind = 'posted'", Check::HoldLines),
    ("DELETE FROM ledger WHERE kind = 'returned'", Check::HoldLines),
    ("DELETE FROM ledger WHERE kind = 'returned'", Check::CellCounts),
    ("UPDATE ledger SET seq = 5 WHERE kind = 'returned'", Check::LineChain),
    ("UPDATE ledger SET kind = 'expired' WHERE kind = 'released'", Check::HoldLines),
    (
        "INSERT INTO ledger (property, line, seq, kind, hold, pool, first_slot, first_day, slots, \
         units, at_ms) SELECT property, line, 2, 'returned', hold, pool, first_slot, first_day, \
         slots, units, at_ms FROM ledger WHERE kind = 'expired'",
        Check::LineChain,
    ),
    (
        "UPDATE ledger SET hold = (SELECT h.id FROM hold AS h WHERE h.state = 'held' LIMIT 1) \
         WHERE kind = 'returned'",
        Check::Stray,
    ),
    ("UPDATE hold SET state = 'released' WHERE state = 'held'", Check::HoldLines),
    ("UPDATE hold SET state = 'expired' WHERE state = 'confirmed'", Check::ReservationHold),
    ("DELETE FROM hold WHERE state = 'released'", Check::Stray),
    ("DELETE FROM hold WHERE state = 'released'", Check::ReservationHold),
    ("UPDATE hold SET property = id WHERE state = 'released'", Check::Stray),
    (
        "UPDATE reservation SET stay_state = 'confirmed' WHERE stay_state = 'expired'",
        Check::ReservationHold,
    ),
    (
        "UPDATE reservation SET stay_state = 'confirmed' WHERE stay_state = 'checked_in'",
        Check::ReservationHistory,
    ),
    ("UPDATE reservation SET stay_state = 'gone'", Check::ReservationHold),
    ("UPDATE reservation SET lines = '[]' WHERE stay_state = 'confirmed'", Check::ReservationLines),
    ("UPDATE reservation SET lines = 'nonsense'", Check::ReservationLines),
    ("DELETE FROM reservation_request", Check::ReservationNames),
    ("DELETE FROM confirmation_code", Check::ReservationNames),
    ("UPDATE confirmation_code SET reservation = business", Check::Stray),
    ("DELETE FROM reservation_history WHERE seq = 2", Check::ReservationHistory),
    ("UPDATE reservation SET version = version + 1", Check::ReservationHistory),
    ("UPDATE reservation SET paid_minor = paid_minor + 1", Check::ReservationMoney),
    ("UPDATE reservation SET refunded_minor = 0 WHERE refunded_minor > 0", Check::ReservationMoney),
    ("UPDATE reservation SET allowance_minor = 1", Check::ReservationMoney),
    ("DELETE FROM reservation WHERE stay_state = 'expired'", Check::Stray),
    (
        "UPDATE payment SET captured_minor = captured_minor + 1 WHERE captured_minor > 0",
        Check::PaymentMoney,
    ),
    ("UPDATE payment SET state = 'PENDING' WHERE captured_minor > 0", Check::PaymentMoney),
    ("UPDATE payment SET currency = 'USD'", Check::PaymentMoney),
    ("DELETE FROM refund", Check::PaymentMoney),
    ("UPDATE refund SET amount_minor = amount_minor + 1", Check::PaymentMoney),
    ("UPDATE refund SET payment = id", Check::Stray),
    ("DELETE FROM dispute", Check::PaymentMoney),
    ("UPDATE dispute SET funds = 'kept'", Check::PaymentMoney),
    ("UPDATE dispute SET reservation = id", Check::Stray),
    ("UPDATE reservation SET charged_back_minor = 0", Check::ReservationMoney),
    ("DELETE FROM provider_order", Check::PaymentOrder),
    (
        "INSERT INTO provider_order (provider, provider_order_id, payment) \
         SELECT 'sandbox', 'nobody', id FROM hold LIMIT 1",
        Check::Stray,
    ),
    ("UPDATE room_night SET day = day + 100", Check::RoomNight),
    ("UPDATE room_night SET line = room", Check::RoomNight),
    ("DELETE FROM room", Check::RoomNight),
    (
        "UPDATE room SET pool = (SELECT p.id FROM pool AS p WHERE p.id <> room.pool LIMIT 1)",
        Check::RoomNight,
    ),
    (
        "INSERT INTO room_night (property, room, day, line) SELECT n.property, r.id, n.day, n.line \
         FROM room_night AS n JOIN room AS h ON h.id = n.room AND h.number = '101' \
         JOIN room AS r ON r.number = '103'",
        Check::RoomNight,
    ),
];

/// Spoils that a rebuild of the cells must undo, made one after the other.
const CELL_SPOILS: [&str; 4] = [
    "UPDATE cell SET held = held + 1 WHERE held + sold < limit_units AND blocked = 0",
    "DELETE FROM cell WHERE sold > 0 AND slot % 2 = 0",
    "UPDATE cell SET closed = NOT closed WHERE blocked > 0",
    "UPDATE cell SET oversold = TRUE WHERE sold = 0 AND held = 0",
];

/// Spoils the store, looks at a property and at what belongs to none, and takes it back.
pub async fn look_at(db: &Db, text: &'static str, property: PropertyId) -> Result<Report, Fault> {
    let found: Arc<Mutex<Option<Report>>> = Arc::default();
    let (sql, put) = (Sql::new(text), Arc::clone(&found));
    let write: Result<(), Fault> = db
        .write(move |tx| {
            let put = Arc::clone(&put);
            Box::pin(async move {
                if tx.execute(&sql, &[]).await? == 0 {
                    return Err(Fault::internal(format!("spoil anything by {text}")));
                }
                let mut report = verify::property(tx, property).await?;
                report.absorb(verify::beside_properties(tx).await?);
                *put.lock().expect("no thread panics while it holds a report") = Some(report);
                Err(Fault::internal("take it back"))
            })
        })
        .await;
    let report = found.lock().expect("no thread panics while it holds a report").take();
    report.map_or_else(|| Err(write.expect_err("it is always taken back")), Ok)
}

/// Spoils cells in four ways, for good.
pub async fn spoil_cells(db: &Db) -> Result<(), Fault> {
    for text in CELL_SPOILS {
        let sql = Sql::new(text);
        let write = db.write(move |tx| Box::pin(async move { tx.execute(&sql, &[]).await }));
        if write.await? == 0 {
            return Err(Fault::internal(format!("spoil anything by {text}")));
        }
    }
    Ok(())
}

/// Loses a reservation for good, and keeps all that names it.
pub async fn lose_reservation(db: &Db, id: ReservationId) -> Result<(), Fault> {
    const LOSE: Sql = Sql::new("DELETE FROM reservation WHERE id = $1");
    let id = uuid(id.0);
    let write = db.write(move |tx| Box::pin(async move { tx.execute(&LOSE, &[&id]).await }));
    if write.await? == 1 { Ok(()) } else { Err(Fault::internal("lose a reservation")) }
}

/// How many entries the ledger has, and a sum over them that a change of any would change.
pub async fn ledger_sum(db: &Db) -> Result<(i64, i64), Fault> {
    const SUM: Sql = Sql::new(
        "SELECT COUNT(*), CAST(SUM(seq + first_slot + slots * 7 + units * 13) AS BIGINT) \
         FROM ledger",
    );
    db.read(|tx| Box::pin(async move { tx.query_one(&SUM, &[]).await })).await
}

/// Every event's body in the order of the ids, whoever may still be writing.
pub async fn news(db: &Db) -> Result<Vec<String>, Fault> {
    const NEWS: Sql = Sql::new("SELECT body FROM event ORDER BY id");
    let rows = db.read(|tx| Box::pin(async move { tx.query::<(String,)>(&NEWS, &[]).await }));
    Ok(rows.await?.into_iter().map(|(body,)| body).collect())
}
