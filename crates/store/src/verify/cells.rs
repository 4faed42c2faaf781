//! Cells of one property, pool by pool: open lines are added up in the order of their first night
//! and compared with the cells of the nights that no later line can touch.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use uuid::Uuid;
use vacancy_domain::cells::{Cell, CellId, Stock};
use vacancy_domain::ids::{LineId, PoolId, PropertyId};
use vacancy_domain::ledger::{Kind, Line};
use vacancy_domain::pools::{Pool, PoolChange, PoolChangeKind};
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::verify::Report;
use vacancy_domain::verify::cells::{
    Counts, LINE_DAYS_MAX, Sweep, judge_cell, judge_missing, judge_pool,
};

use super::PAGE_ROWS;
use crate::faults::Fault;
use crate::holds::rows::{CELL, CellRow};
use crate::ids::{Columns, uuid};
use crate::sql::row::{Bind, FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// A pool that was deleted may have left cells and lines behind: they are looked at like others.
const POOLS: Sql = Sql::new(
    "SELECT id FROM pool WHERE property = $1 UNION SELECT pool FROM cell WHERE property = $1 \
     UNION SELECT pool FROM ledger WHERE property = $1",
);
const POOL: Sql = Sql::new(
    "SELECT capacity, blocked, out_of_order, overbook_bp, version, change_seq, limit_units \
     FROM pool WHERE property = $1 AND id = $2",
);
const CHANGES: Sql = Sql::new(
    "SELECT seq, kind, first_day, end_day, value FROM pool_change \
     WHERE property = $1 AND pool = $2 ORDER BY seq",
);
const LINES: Sql = Sql::new(
    "SELECT t.line, t.kind, t.first_day, t.slots, t.units FROM ledger AS t \
     WHERE t.property = $1 AND t.pool = $2 AND (t.first_day, t.line) > ($3, $4) \
     AND t.kind IN ('held', 'posted') AND NOT EXISTS (SELECT 1 FROM ledger AS n \
     WHERE n.property = t.property AND n.line = t.line AND n.seq > t.seq) \
     ORDER BY t.first_day, t.line LIMIT $5",
);
static CELLS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {CELL}, t.slot FROM cell AS t WHERE t.property = $1 AND t.pool = $2 AND t.slot > $3 \
         AND t.slot < $4 ORDER BY t.slot LIMIT $5"
    )
});

/// A cell and the slot it is stored under, by which pages go on.
struct SlotRow {
    cell: CellRow,
    slot: i64,
}

/// The column behind those of a cell.
const SLOT: usize = 17;

impl FromRow for SlotRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        Ok(SlotRow { cell: CellRow::from_row(row)?, slot: row.get(SLOT)? })
    }
}

struct IdRow(u128);

impl FromRow for IdRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        Ok(IdRow(Columns::of(row).id()?))
    }
}

struct PoolRow {
    stock: Stock,
    version: i64,
    change_seq: i64,
    limit_units: i64,
}

impl FromRow for PoolRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(PoolRow {
            stock: Stock {
                capacity: columns.get()?,
                blocked: columns.get()?,
                out_of_order: columns.get()?,
                overbook_bp: columns.get()?,
            },
            version: columns.get()?,
            change_seq: columns.get()?,
            limit_units: columns.get()?,
        })
    }
}

struct ChangeRow {
    seq: i64,
    kind: PoolChangeKind,
    first_day: i64,
    end_day: Option<i64>,
    value: i64,
}

impl FromRow for ChangeRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(ChangeRow {
            seq: columns.get()?,
            kind: columns.word(PoolChangeKind::from_word)?,
            first_day: columns.get()?,
            end_day: columns.get()?,
            value: columns.get()?,
        })
    }
}

/// An open line, its pool left out. Nights beyond all reason are cut, not added up.
struct LineRow {
    id: LineId,
    kind: Kind,
    first_day: i64,
    slots: i64,
    units: i64,
}

impl FromRow for LineRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(LineRow {
            id: LineId(columns.id()?),
            kind: columns.word(Kind::from_word)?,
            first_day: columns.get()?,
            slots: columns.get()?,
            units: columns.get()?,
        })
    }
}

impl LineRow {
    fn line(&self, pool: PoolId) -> Line {
        let end_day = self.first_day.saturating_add(self.slots.clamp(-1, LINE_DAYS_MAX + 1));
        let stay = Stay::new(Day(self.first_day), Day(end_day));
        Line { id: self.id, pool, stay, units: self.units }
    }
}

/// Pools of a property: those that are there, and those that left something behind.
pub(super) async fn pools(tx: &Tx<'_>, property: PropertyId) -> Result<Vec<PoolId>, Fault> {
    let mut pools: Vec<PoolId> = tx
        .query::<IdRow>(&POOLS, &[&uuid(property.0)])
        .await?
        .into_iter()
        .map(|IdRow(id)| PoolId(id))
        .collect();
    pools.sort_unstable();
    Ok(pools)
}

/// The recorded changes of a pool's stock, in their order.
pub(super) async fn changes(
    tx: &Tx<'_>,
    property: PropertyId,
    pool: PoolId,
) -> Result<Vec<PoolChange>, Fault> {
    let rows: Vec<ChangeRow> = tx.query(&CHANGES, &[&uuid(property.0), &uuid(pool.0)]).await?;
    let change = |row: ChangeRow| PoolChange {
        property,
        pool,
        seq: row.seq,
        kind: row.kind,
        first_day: Day(row.first_day),
        end_day: row.end_day.map(Day),
        value: row.value,
    };
    Ok(rows.into_iter().map(change).collect())
}

/// Open lines of one pool in the order of their first night, a page at a time.
pub(super) struct OpenLines {
    property: Uuid,
    pool: PoolId,
    behind: (i64, Uuid),
    is_at_end: bool,
}

impl OpenLines {
    pub(super) fn of(property: PropertyId, pool: PoolId) -> OpenLines {
        let behind = (i64::MIN, Uuid::nil());
        OpenLines { property: uuid(property.0), pool, behind, is_at_end: false }
    }

    /// Adds the next page to the sweep; gives the first night that lines to come may still touch.
    pub(super) async fn add_page(&mut self, tx: &Tx<'_>, sweep: &mut Sweep) -> Result<Day, Fault> {
        let (pool, (first_day, line)) = (uuid(self.pool.0), self.behind);
        let params: [&dyn Bind; 5] = [&self.property, &pool, &first_day, &line, &PAGE_ROWS];
        let rows: Vec<LineRow> = tx.query(&LINES, &params).await?;
        for row in &rows {
            sweep.add(&row.line(self.pool), row.kind);
        }
        self.is_at_end = i64::try_from(rows.len()).unwrap_or(i64::MAX) < PAGE_ROWS;
        match rows.last() {
            Some(last) if !self.is_at_end => {
                self.behind = (last.first_day, uuid(last.id.0));
                Ok(Day(last.first_day))
            }
            Some(_) | None => Ok(Day(i64::MAX)),
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.is_at_end
    }
}

/// Cells of one pool in the order of their nights, a page at a time.
pub(super) struct Cells {
    property: PropertyId,
    pool: PoolId,
    behind_slot: i64,
}

impl Cells {
    pub(super) fn of(property: PropertyId, pool: PoolId) -> Cells {
        Cells { property, pool, behind_slot: i64::MIN }
    }

    /// The next cells before a night; none when there are no more.
    pub(super) async fn page(
        &mut self,
        tx: &Tx<'_>,
        before: Day,
    ) -> Result<Vec<(CellId, Cell)>, Fault> {
        let (property, pool) = (uuid(self.property.0), uuid(self.pool.0));
        let params: [&dyn Bind; 5] = [&property, &pool, &self.behind_slot, &before.0, &PAGE_ROWS];
        let rows: Vec<SlotRow> = tx.query(&Sql::new(CELLS.as_str()), &params).await?;
        self.behind_slot = rows.last().map_or(self.behind_slot, |row| row.slot);
        Ok(rows.into_iter().map(|SlotRow { cell: CellRow(id, cell), .. }| (id, cell)).collect())
    }
}

pub(super) async fn look(
    tx: &Tx<'_>,
    property: PropertyId,
    report: &mut Report,
) -> Result<(), Fault> {
    for pool in pools(tx, property).await? {
        let changes = changes(tx, property, pool).await?;
        report.looked.pools_count += 1;
        let row: Option<PoolRow> = tx.query_opt(&POOL, &[&uuid(property.0), &uuid(pool.0)]).await?;
        if let Some(PoolRow { stock, version, change_seq, limit_units }) = row {
            let known = Pool { id: pool, property, stock, version, change_seq };
            for finding in judge_pool(&known, limit_units, &changes) {
                report.add(finding);
            }
        }
        look_at_pool(tx, (property, pool), &changes, report).await?;
    }
    Ok(())
}

async fn look_at_pool(
    tx: &Tx<'_>,
    (property, pool): (PropertyId, PoolId),
    changes: &[PoolChange],
    report: &mut Report,
) -> Result<(), Fault> {
    let mut lines = OpenLines::of(property, pool);
    let mut sweep = Sweep::default();
    let mut stored = Cells::of(property, pool);
    while !lines.is_at_end() {
        let before = lines.add_page(tx, &mut sweep).await?;
        let mut counts = sweep.take_before(before);
        loop {
            let cells = stored.page(tx, before).await?;
            if cells.is_empty() {
                break;
            }
            report.looked.cells_count += i64::try_from(cells.len()).unwrap_or(0);
            judge_page(&cells, &mut counts, changes, report);
        }
        for (day, counts) in counts {
            if let Some(finding) = judge_missing(CellId { pool, day }, counts) {
                report.add(finding);
            }
        }
    }
    Ok(())
}

fn judge_page(
    cells: &[(CellId, Cell)],
    counts: &mut BTreeMap<Day, Counts>,
    changes: &[PoolChange],
    report: &mut Report,
) {
    for (id, cell) in cells {
        let counts = counts.remove(&id.day).unwrap_or_default();
        for finding in judge_cell(*id, cell, changes, counts) {
            report.add(finding);
        }
    }
}
