//! The rows that an oracle judges by, as plain numbers: it must not share `domain`'s view of them.

use std::collections::BTreeMap;

use uuid::Uuid;
use vacancy_domain::ids::PoolId;

use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::Db;
use crate::sql::tx::{Sql, Tx};

/// One cell: pool, day, limit, held, sold, oversold.
pub type CellRow = (Uuid, i64, i64, i64, i64, bool);
/// One ledger entry: hold, line, seq, kind, pool, first day, nights, units.
pub type EntryRow = (Uuid, Uuid, i64, String, Uuid, i64, i64, i64);
/// One hold: id, state, deadline.
pub type HoldRow = (Uuid, String, i64);
/// One reservation: id, hold, request, stay state, version.
pub type ReservationRow = (Uuid, Uuid, String, String, i64);

/// A store's tables as they stand in one snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dump {
    pub cells: Vec<CellRow>,
    pub entries: Vec<EntryRow>,
    pub holds: Vec<HoldRow>,
    pub reservations: Vec<ReservationRow>,
    /// Entries of history per reservation.
    pub histories: Vec<(Uuid, i64)>,
}

const CELLS: Sql =
    Sql::new("SELECT pool, day, limit_units, held, sold, oversold FROM cell ORDER BY pool, slot");
const ENTRIES: Sql = Sql::new(
    "SELECT hold, line, seq, kind, pool, first_day, slots, units FROM ledger ORDER BY line, seq",
);
const HOLDS: Sql = Sql::new("SELECT id, state, expires_at_ms FROM hold ORDER BY id");
const RESERVATIONS: Sql =
    Sql::new("SELECT id, hold, request_id, stay_state, version FROM reservation ORDER BY id");
const HISTORIES: Sql = Sql::new(
    "SELECT reservation, COUNT(*) FROM reservation_history GROUP BY reservation \
     ORDER BY reservation",
);

/// Reads the tables.
pub async fn dump(db: &Db) -> Result<Dump, Fault> {
    db.read(|tx| {
        Box::pin(async move {
            Ok(Dump {
                cells: tx.query(&CELLS, &[]).await?,
                entries: tx.query(&ENTRIES, &[]).await?,
                holds: tx.query(&HOLDS, &[]).await?,
                reservations: tx.query(&RESERVATIONS, &[]).await?,
                histories: tx.query(&HISTORIES, &[]).await?,
            })
        })
    })
    .await
}

const DEFAULT: Sql = Sql::new("SELECT limit_units FROM pool WHERE id = $1");

/// Units that an untouched night of each pool may sell.
pub async fn defaults(tx: &Tx<'_>, pools: &[PoolId]) -> Result<BTreeMap<Uuid, i64>, Fault> {
    let mut defaults = BTreeMap::new();
    for pool in pools {
        let id = uuid(pool.0);
        let (limit,): (i64,) = tx.query_one(&DEFAULT, &[&id]).await?;
        defaults.insert(id, limit);
    }
    Ok(defaults)
}
