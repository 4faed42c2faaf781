//! How many rows bookings have left behind, for a test that must show that retries write hardly more.

use crate::faults::Fault;
use crate::sql::Db;
use crate::sql::tx::Sql;

const COUNT: Sql = Sql::new(
    "SELECT (SELECT COUNT(*) FROM cell) + (SELECT COUNT(*) FROM ledger) + \
     (SELECT COUNT(*) FROM hold) + (SELECT COUNT(*) FROM reservation) + \
     (SELECT COUNT(*) FROM reservation_history) + (SELECT COUNT(*) FROM reservation_request)",
);

/// Rows of cells, ledger, holds, reservations, their history and their requests.
pub async fn count(db: &Db) -> Result<i64, Fault> {
    db.read(|tx| {
        Box::pin(async move { tx.query_one::<(i64,)>(&COUNT, &[]).await.map(|(count,)| count) })
    })
    .await
}
