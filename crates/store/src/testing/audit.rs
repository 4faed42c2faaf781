//! What a crowd of bookings must leave behind, counted: for the bench, which believes no figure
//! before the store agrees with it. It repairs nothing.

use crate::faults::Fault;
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::Sql;
use crate::sql::{Db, Engine};

/// Rows of a store that only made bookings, and whether its counters agree with its ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audit {
    pub cells: i64,
    /// Cells whose units are not the sum of their ledger lines, or lie above the limit.
    pub cells_wrong: i64,
    /// Unit nights by the cells, and by the ledger.
    pub cell_nights: i64,
    pub ledger_nights: i64,
    pub holds: i64,
    pub reservations: i64,
    pub requests: i64,
    pub codes: i64,
    pub histories: i64,
}

impl Audit {
    /// Whether the store holds exactly these bookings of so many nights each, and every count
    /// agrees with every other.
    #[must_use]
    pub fn agrees_with(&self, bookings: i64, nights: i64) -> bool {
        let rows = [self.holds, self.reservations, self.requests, self.codes, self.histories];
        self.cells_wrong == 0
            && rows.iter().all(|count| *count == bookings)
            && self.ledger_nights == bookings * nights
            && self.cell_nights == self.ledger_nights
    }
}

const COUNTS: Sql = Sql::new(
    "SELECT (SELECT COUNT(*) FROM cell), \
     (SELECT CAST(COALESCE(SUM(held + sold), 0) AS BIGINT) FROM cell), \
     (SELECT CAST(COALESCE(SUM(t.slots * t.units), 0) AS BIGINT) FROM ledger AS t \
      WHERE t.kind IN ('held', 'posted') AND NOT EXISTS (SELECT 1 FROM ledger AS n \
      WHERE n.property = t.property AND n.line = t.line AND n.seq > t.seq)), \
     (SELECT COUNT(*) FROM hold), (SELECT COUNT(*) FROM reservation), \
     (SELECT COUNT(*) FROM reservation_request), (SELECT COUNT(*) FROM confirmation_code), \
     (SELECT COUNT(*) FROM reservation_history)",
);
const CELLS_WRONG: Sql = Sql::new(
    "SELECT COUNT(*) FROM cell AS c LEFT JOIN (\
     SELECT k.property, k.pool, k.slot, \
     SUM(CASE WHEN t.kind = 'held' THEN t.units ELSE 0 END) AS held, \
     SUM(CASE WHEN t.kind = 'posted' THEN t.units ELSE 0 END) AS sold \
     FROM ledger AS t JOIN cell AS k ON k.property = t.property AND k.pool = t.pool \
     AND k.slot >= t.first_slot AND k.slot < t.first_slot + t.slots \
     WHERE NOT EXISTS (SELECT 1 FROM ledger AS n \
     WHERE n.property = t.property AND n.line = t.line AND n.seq > t.seq) \
     GROUP BY k.property, k.pool, k.slot) AS s \
     ON s.property = c.property AND s.pool = c.pool AND s.slot = c.slot \
     WHERE c.held <> COALESCE(s.held, 0) OR c.sold <> COALESCE(s.sold, 0) \
     OR (c.held + c.sold > c.limit_units AND NOT c.oversold)",
);

impl FromRow for Audit {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        Ok(Audit {
            cells: row.get(0)?,
            cells_wrong: 0,
            cell_nights: row.get(1)?,
            ledger_nights: row.get(2)?,
            holds: row.get(3)?,
            reservations: row.get(4)?,
            requests: row.get(5)?,
            codes: row.get(6)?,
            histories: row.get(7)?,
        })
    }
}

/// Counts the whole store.
pub async fn audit(db: &Db) -> Result<Audit, Fault> {
    if db.engine() == Engine::Postgres {
        // Nobody has counted the new rows yet; without that the planner may choose badly.
        db.write(|tx| Box::pin(async move { tx.execute(&ANALYZE, &[]).await })).await?;
    }
    db.read(|tx| {
        Box::pin(async move {
            let audit: Audit = tx.query_one(&COUNTS, &[]).await?;
            let (cells_wrong,) = tx.query_one::<(i64,)>(&CELLS_WRONG, &[]).await?;
            Ok(Audit { cells_wrong, ..audit })
        })
    })
    .await
}

const ANALYZE: Sql = Sql::new("ANALYZE cell, ledger");

/// Milliseconds since 1970 by the store's clock.
pub async fn now_ms(db: &Db) -> Result<i64, Fault> {
    db.read(|tx| Box::pin(async move { tx.now_ms().await })).await
}
