//! Makes the cells of a pool anew from the ledger and the recorded changes of stock, under the
//! locks that the desk takes too. It writes cells only, never the ledger, and tells each change.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use vacancy_domain::cells::{Cell, CellId};
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::stays::Day;
use vacancy_domain::verify::cells::{Counts, Sweep, expected};

use super::cells::{Cells, OpenLines, changes};
use crate::faults::Fault;
use crate::holds::write::expect;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::{Sql, Tx};

/// A cell that was made right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repaired {
    pub cell: CellId,
    /// `None`: it was missing.
    pub before: Option<Cell>,
    /// As it is now, with its new version.
    pub after: Cell,
}

/// The pool first, then its cells: nobody can move stock of the pool while this is held, since
/// every desk batch locks the pool for itself before its cells.
const LOCK_POOL: Sql =
    Sql::locking("SELECT version FROM pool WHERE property = $1 AND id = $2", " FOR UPDATE");
const LOCK_CELLS: Sql = Sql::locking(
    "SELECT slot FROM cell WHERE property = $1 AND pool = $2 ORDER BY property, pool, slot",
    " FOR UPDATE",
);

const CELL: &[(&str, Kind)] = &[
    ("property", Kind::Uuid),
    ("pool", Kind::Uuid),
    ("slot", Kind::I64),
    ("day", Kind::I64),
    ("capacity", Kind::I64),
    ("blocked", Kind::I64),
    ("out_of_order", Kind::I64),
    ("overbook_bp", Kind::I64),
    ("limit_units", Kind::I64),
    ("capacity_is_own", Kind::Bool),
    ("held", Kind::I64),
    ("sold", Kind::I64),
    ("oversold", Kind::Bool),
    ("closed", Kind::Bool),
    ("closed_to_arrival", Kind::Bool),
    ("closed_to_departure", Kind::Bool),
    ("stay_nights_min", Kind::I64),
    ("stay_nights_max", Kind::I64),
    ("version", Kind::I64),
];
static NEW: LazyLock<Bulk> = LazyLock::new(|| Bulk::insert("cell", CELL));
static OLD: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::delete(
        "cell",
        "t.property = u.property AND t.pool = u.pool AND t.slot = u.slot \
         AND t.version = u.version",
        &[
            ("property", Kind::Uuid),
            ("pool", Kind::Uuid),
            ("slot", Kind::I64),
            ("version", Kind::I64),
        ],
    )
});

/// Rebuilds the cells of one pool; gives those that were not right.
pub async fn rebuild_pool(
    tx: &Tx<'_>,
    property: PropertyId,
    pool: PoolId,
) -> Result<Vec<Repaired>, Fault> {
    let (property_id, pool_id) = (uuid(property.0), uuid(pool.0));
    tx.query::<(i64,)>(&LOCK_POOL, &[&property_id, &pool_id]).await?;
    tx.query::<(i64,)>(&LOCK_CELLS, &[&property_id, &pool_id]).await?;
    let changes = changes(tx, property, pool).await?;
    let mut counts = counts(tx, property, pool).await?;
    let mut repaired = Vec::new();
    let mut stored = Cells::of(property, pool);
    loop {
        let cells = stored.page(tx, Day(i64::MAX)).await?;
        if cells.is_empty() {
            break;
        }
        for (id, before) in cells {
            let counts = counts.remove(&id.day).unwrap_or_default();
            let mut after = expected(&changes, id.day, counts);
            after.version = before.version;
            if after != before {
                after.version += 1;
                repaired.push(Repaired { cell: id, before: Some(before), after });
            }
        }
    }
    for (day, counts) in counts {
        if counts != Counts::default() {
            let mut after = expected(&changes, day, counts);
            after.version = 1;
            repaired.push(Repaired { cell: CellId { pool, day }, before: None, after });
        }
    }
    write(tx, property, &repaired).await?;
    Ok(repaired)
}

/// Pools of a property that may have cells.
pub async fn pools(tx: &Tx<'_>, property: PropertyId) -> Result<Vec<PoolId>, Fault> {
    super::cells::pools(tx, property).await
}

/// Every night of the pool that lines occupy.
async fn counts(
    tx: &Tx<'_>,
    property: PropertyId,
    pool: PoolId,
) -> Result<BTreeMap<Day, Counts>, Fault> {
    let mut sweep = Sweep::default();
    let mut lines = OpenLines::of(property, pool);
    while !lines.is_at_end() {
        lines.add_page(tx, &mut sweep).await?;
    }
    Ok(sweep.take_before(Day(i64::MAX)))
}

/// A wrong cell is put away and made anew, so that one statement writes all of its columns.
async fn write(tx: &Tx<'_>, property: PropertyId, repaired: &[Repaired]) -> Result<(), Fault> {
    let old: Vec<(CellId, Cell)> =
        repaired.iter().filter_map(|r| r.before.map(|before| (r.cell, before))).collect();
    let columns = [
        Column::Uuid(vec![uuid(property.0); old.len()]),
        Column::Uuid(old.iter().map(|(id, _)| uuid(id.pool.0)).collect()),
        Column::I64(old.iter().map(|(id, _)| id.day.0).collect()),
        Column::I64(old.iter().map(|(_, cell)| cell.version).collect()),
    ];
    expect(tx.bulk_execute(&OLD, &columns).await?, old.len())?;
    let number = |of: fn(&Repaired) -> i64| Column::I64(repaired.iter().map(of).collect());
    let flag = |of: fn(&Repaired) -> bool| Column::Bool(repaired.iter().map(of).collect());
    let rule = |of: fn(&Repaired) -> Option<i64>| Column::OptI64(repaired.iter().map(of).collect());
    let columns = [
        Column::Uuid(vec![uuid(property.0); repaired.len()]),
        Column::Uuid(repaired.iter().map(|r| uuid(r.cell.pool.0)).collect()),
        number(|r| r.cell.day.0),
        number(|r| r.cell.day.0),
        number(|r| r.after.stock.capacity),
        number(|r| r.after.stock.blocked),
        number(|r| r.after.stock.out_of_order),
        number(|r| r.after.stock.overbook_bp),
        number(|r| r.after.limit_units),
        flag(|r| r.after.capacity_is_own),
        number(|r| r.after.held),
        number(|r| r.after.sold),
        flag(|r| r.after.oversold),
        flag(|r| r.after.restrictions.closed),
        flag(|r| r.after.restrictions.closed_to_arrival),
        flag(|r| r.after.restrictions.closed_to_departure),
        rule(|r| r.after.restrictions.stay_nights_min),
        rule(|r| r.after.restrictions.stay_nights_max),
        number(|r| r.after.version),
    ];
    expect(tx.bulk_execute(&NEW, &columns).await?, repaired.len())
}
