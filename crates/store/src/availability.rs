//! Nights that something touched, read without a lock for whoever asks what is free. Nights without
//! a row are as their room type's default.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use vacancy_domain::cells::Cell;
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::stays::Day;

use crate::faults::Fault;
use crate::holds::rows::{CELL, CellRow};
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::Tx;

static CELLS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(
        CELL,
        "cell",
        "t.property = u.property AND t.pool = u.pool AND t.slot >= u.first AND t.slot <= u.last",
        &[
            ("property", Kind::Uuid),
            ("pool", Kind::Uuid),
            ("first", Kind::I64),
            ("last", Kind::I64),
        ],
        "",
    )
});

/// Touched nights by pool.
pub type Touched = BTreeMap<PoolId, BTreeMap<Day, Cell>>;

/// The touched nights of these pools from the first to the last day, both included. One statement,
/// however many hotels. Each pool once.
pub async fn cells(
    tx: &Tx<'_>,
    pools: &[(PropertyId, PoolId)],
    (first_day, last_day): (Day, Day),
) -> Result<Touched, Fault> {
    let columns = [
        Column::Uuid(pools.iter().map(|(property, _)| uuid(property.0)).collect()),
        Column::Uuid(pools.iter().map(|(_, pool)| uuid(pool.0)).collect()),
        Column::I64(vec![first_day.0; pools.len()]),
        Column::I64(vec![last_day.0; pools.len()]),
    ];
    let mut touched = Touched::new();
    for CellRow(id, cell) in tx.bulk_query::<CellRow>(&CELLS, &columns).await? {
        touched.entry(id.pool).or_default().insert(id.day, cell);
    }
    Ok(touched)
}
