//! Writes what a batch decided: bulk statements in one round trip, each checked for the rows it
//! had to touch. Counters go as deltas guarded by the version that was read, never as values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use futures_util::try_join;
use vacancy_domain::cells::{Cell, CellId};
use vacancy_domain::crash::crash_point;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::holds::Hold;
use vacancy_domain::ids::{HoldId, PoolId};
use vacancy_domain::ledger::Entry;
use vacancy_domain::pools::PoolChange;
use vacancy_domain::snapshot::Change;

use super::Loaded;
use super::write_outcomes::{self, NewOutcome};
use super::write_reservations::{self, Actions};
use crate::events::{self, NewEvent};
use crate::faults::Fault;
use crate::ids::uuid;
use crate::jobs::{self, NewJob};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::Tx;
use crate::work_items::{self, NewWorkItem, Over};

/// What one command decided, and in whose name.
#[derive(Debug, Clone)]
pub struct Decided {
    pub actor: String,
    pub changes: Vec<Change>,
}

/// All that a batch leaves behind.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    pub decided: Vec<Decided>,
    pub outcomes: Vec<NewOutcome>,
    pub jobs: Vec<NewJob>,
    pub work_items: Vec<NewWorkItem>,
    /// Ends when the others are told.
    pub work_over: Vec<Over>,
    pub events: Vec<NewEvent>,
    /// Replays answer only behind a write: this one, when nothing else is written.
    pub is_fenced: bool,
}

static CELLS: LazyLock<Bulk> = LazyLock::new(|| moved_cells("t.version = u.version"));
/// For the test that must fail without the guard.
static CELLS_UNGUARDED: LazyLock<Bulk> = LazyLock::new(|| moved_cells("0 <= u.version"));

fn moved_cells(guard: &str) -> Bulk {
    let cell_is = "t.property = u.property AND t.pool = u.pool AND t.slot = u.slot";
    Bulk::update(
        "cell",
        "held = t.held + u.held, sold = t.sold + u.sold, oversold = u.oversold, \
         version = t.version + 1",
        &format!("{cell_is} AND {guard}"),
        &[
            ("property", Kind::Uuid),
            ("pool", Kind::Uuid),
            ("slot", Kind::I64),
            ("version", Kind::I64),
            ("held", Kind::I64),
            ("sold", Kind::I64),
            ("oversold", Kind::Bool),
        ],
    )
}
static STOCK: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::update(
        "cell",
        "capacity = u.capacity, blocked = u.blocked, out_of_order = u.broken, \
         overbook_bp = u.overbook, limit_units = u.most, capacity_is_own = u.own, \
         oversold = u.oversold, closed = u.closed, closed_to_arrival = u.cta, \
         closed_to_departure = u.ctd, stay_nights_min = u.shortest, \
         stay_nights_max = u.longest, version = t.version + 1",
        "t.property = u.property AND t.pool = u.pool AND t.slot = u.slot \
         AND t.version = u.version",
        &[
            ("property", Kind::Uuid),
            ("pool", Kind::Uuid),
            ("slot", Kind::I64),
            ("version", Kind::I64),
            ("capacity", Kind::I64),
            ("blocked", Kind::I64),
            ("broken", Kind::I64),
            ("overbook", Kind::I64),
            ("most", Kind::I64),
            ("own", Kind::Bool),
            ("oversold", Kind::Bool),
            ("closed", Kind::Bool),
            ("cta", Kind::Bool),
            ("ctd", Kind::Bool),
            ("shortest", Kind::I64),
            ("longest", Kind::I64),
        ],
    )
});
static LEDGER: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "ledger",
        &[
            ("property", Kind::Uuid),
            ("line", Kind::Uuid),
            ("seq", Kind::I64),
            ("kind", Kind::Text),
            ("hold", Kind::Uuid),
            ("pool", Kind::Uuid),
            ("first_slot", Kind::I64),
            ("first_day", Kind::I64),
            ("slots", Kind::I64),
            ("units", Kind::I64),
            ("at_ms", Kind::I64),
        ],
    )
});
static NEW_HOLDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "hold",
        &[
            ("property", Kind::Uuid),
            ("id", Kind::Uuid),
            ("state", Kind::Text),
            ("reference", Kind::Text),
            ("created_at_ms", Kind::I64),
            ("expires_at_ms", Kind::I64),
            ("version", Kind::I64),
        ],
    )
});
static MOVED_HOLDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::update(
        "hold",
        "state = u.state, expires_at_ms = u.expires, version = t.version + 1",
        "t.id = u.id AND t.version = u.version",
        &[
            ("id", Kind::Uuid),
            ("version", Kind::I64),
            ("state", Kind::Text),
            ("expires", Kind::I64),
        ],
    )
});
static POOL_CHANGES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "pool_change",
        &[
            ("property", Kind::Uuid),
            ("pool", Kind::Uuid),
            ("seq", Kind::I64),
            ("kind", Kind::Text),
            ("first_day", Kind::I64),
            ("end_day", Kind::I64),
            ("value", Kind::I64),
            ("at_ms", Kind::I64),
        ],
    )
});
static POOLS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::update(
        "pool",
        "capacity = u.capacity, overbook_bp = u.overbook, limit_units = u.most, \
         change_seq = u.seq, version = t.version + 1",
        "t.id = u.id AND t.version = u.version",
        &[
            ("id", Kind::Uuid),
            ("version", Kind::I64),
            ("capacity", Kind::I64),
            ("overbook", Kind::I64),
            ("most", Kind::I64),
            ("seq", Kind::I64),
        ],
    )
});
/// Writes everything, or faults: `GuardMissed` when a row is not as it was read.
pub async fn write(tx: &Tx<'_>, loaded: &Loaded, writes: &Writes) -> Result<(), Fault> {
    let sorted = Sorted::of(writes);
    try_join!(
        write_cells(tx, loaded, &sorted),
        write_ledger(tx, loaded, &sorted),
        write_holds(tx, loaded, &sorted),
        write_pools(tx, loaded, &sorted),
        write_reservations::write(tx, loaded, &sorted.actions),
        write_outcomes::write(tx, loaded.snapshot.now_ms, &writes.outcomes),
        jobs::add(tx, loaded.snapshot.now_ms, &writes.jobs),
        write_work(tx, loaded.snapshot.now_ms, writes),
        events::append(tx, loaded.snapshot.now_ms, &writes.events),
        write_outcomes::write_fence(tx, writes.is_fenced),
    )?;
    Ok(())
}

/// The changes of a batch by what they touch.
#[derive(Default)]
struct Sorted<'w> {
    entries: Vec<&'w Entry>,
    holds_new: BTreeSet<HoldId>,
    holds_moved: BTreeSet<HoldId>,
    cells_set: BTreeSet<CellId>,
    pools_set: BTreeSet<PoolId>,
    pool_changes: Vec<&'w PoolChange>,
    actions: Actions<'w>,
}

impl<'w> Sorted<'w> {
    fn of(writes: &'w Writes) -> Sorted<'w> {
        let mut sorted = Sorted::default();
        for decided in &writes.decided {
            for change in &decided.changes {
                sorted.add(&decided.actor, change);
            }
        }
        sorted
    }

    fn add(&mut self, actor: &'w str, change: &'w Change) {
        match change {
            Change::HoldPlaced(hold) => {
                self.holds_new.insert(hold.id);
            }
            Change::HoldMoved { hold, .. } => {
                self.holds_moved.insert(*hold);
            }
            Change::LineMoved { entry, .. } => self.entries.push(entry),
            Change::CellSet { cell, .. } => {
                self.cells_set.insert(*cell);
            }
            Change::PoolSet { pool, .. } => {
                self.pools_set.insert(*pool);
            }
            Change::StockChanged(change) => {
                self.pools_set.insert(change.pool);
                self.pool_changes.push(change);
            }
            // What is due becomes a job or a work item, which the caller brings.
            Change::Oversold { .. }
            | Change::RefundAsked { .. }
            | Change::RefundDue { .. }
            | Change::SettleDue { .. }
            | Change::RestDue { .. } => {}
            Change::ReservationMade(_)
            | Change::ReservationMoved { .. }
            | Change::PaymentMade(_)
            | Change::PaymentMoved(_)
            | Change::RefundMade { .. }
            | Change::DisputeHeard { .. }
            | Change::RoomTaken { .. }
            | Change::RoomFreed { .. } => self.actions.add(actor, change),
        }
    }
}

async fn write_cells(tx: &Tx<'_>, loaded: &Loaded, sorted: &Sorted<'_>) -> Result<(), Fault> {
    crash_point("write.cells");
    let snapshot = &loaded.snapshot;
    let property = |id: &CellId| uuid(snapshot.pools[&id.pool].property.0);
    let touched = snapshot.touched.iter().map(|(id, before)| (id, before, snapshot.cells[id]));
    let (set, moved): (Vec<_>, Vec<_>) =
        touched.partition(|(id, _, _)| sorted.cells_set.contains(id));
    let key = |cells: &[(&CellId, &Cell, Cell)]| {
        [
            Column::Uuid(cells.iter().map(|(id, _, _)| property(id)).collect()),
            Column::Uuid(cells.iter().map(|(id, _, _)| uuid(id.pool.0)).collect()),
            Column::I64(cells.iter().map(|(id, _, _)| id.day.0).collect()),
            Column::I64(cells.iter().map(|(_, before, _)| before.version).collect()),
        ]
    };
    let deltas = [
        Column::I64(moved.iter().map(|(_, before, after)| after.held - before.held).collect()),
        Column::I64(moved.iter().map(|(_, before, after)| after.sold - before.sold).collect()),
        Column::Bool(moved.iter().map(|(_, _, after)| after.oversold).collect()),
    ];
    let number = |of: fn(&Cell) -> i64| Column::I64(set.iter().map(|cell| of(&cell.2)).collect());
    let flag = |of: fn(&Cell) -> bool| Column::Bool(set.iter().map(|cell| of(&cell.2)).collect());
    let rule =
        |of: fn(&Cell) -> Option<i64>| Column::OptI64(set.iter().map(|cell| of(&cell.2)).collect());
    let values = [
        number(|cell| cell.stock.capacity),
        number(|cell| cell.stock.blocked),
        number(|cell| cell.stock.out_of_order),
        number(|cell| cell.stock.overbook_bp),
        number(|cell| cell.limit_units),
        flag(|cell| cell.capacity_is_own),
        flag(|cell| cell.oversold),
        flag(|cell| cell.restrictions.closed),
        flag(|cell| cell.restrictions.closed_to_arrival),
        flag(|cell| cell.restrictions.closed_to_departure),
        rule(|cell| cell.restrictions.stay_nights_min),
        rule(|cell| cell.restrictions.stay_nights_max),
    ];
    let moved_columns: Vec<Column> = key(&moved).into_iter().chain(deltas).collect();
    let set_columns: Vec<Column> = key(&set).into_iter().chain(values).collect();
    let cells = if guards::is_off(Guard::CellVersion) { &CELLS_UNGUARDED } else { &CELLS };
    let (moved_count, set_count) =
        try_join!(tx.bulk_execute(cells, &moved_columns), tx.bulk_execute(&STOCK, &set_columns))?;
    expect(moved_count, moved.len())?;
    expect(set_count, set.len())
}

async fn write_ledger(tx: &Tx<'_>, loaded: &Loaded, sorted: &Sorted<'_>) -> Result<(), Fault> {
    crash_point("write.ledger");
    let entries = &sorted.entries;
    let number = |of: fn(&Entry) -> i64| Column::I64(entries.iter().map(|e| of(e)).collect());
    let id = |of: fn(&Entry) -> u128| Column::Uuid(entries.iter().map(|e| uuid(of(e))).collect());
    let columns = [
        id(|entry| entry.property.0),
        id(|entry| entry.line.id.0),
        number(|entry| entry.kind.seq()),
        Column::Text(entries.iter().map(|entry| entry.kind.word().to_owned()).collect()),
        id(|entry| entry.hold.0),
        id(|entry| entry.line.pool.0),
        number(|entry| entry.line.stay.first_day.0),
        number(|entry| entry.line.stay.first_day.0),
        number(|entry| entry.line.stay.nights()),
        number(|entry| entry.line.units),
        Column::I64(vec![loaded.snapshot.now_ms; entries.len()]),
    ];
    expect(tx.bulk_execute(&LEDGER, &columns).await?, entries.len())
}

async fn write_holds(tx: &Tx<'_>, loaded: &Loaded, sorted: &Sorted<'_>) -> Result<(), Fault> {
    crash_point("write.holds");
    let holds = &loaded.snapshot.holds;
    let new: Vec<&Hold> = sorted.holds_new.iter().map(|id| &holds[id]).collect();
    let moved = sorted.holds_moved.difference(&sorted.holds_new);
    let moved: Vec<&Hold> = moved.map(|id| &holds[id]).collect();
    let id = |holds: &[&Hold]| Column::Uuid(holds.iter().map(|hold| uuid(hold.id.0)).collect());
    let state = |holds: &[&Hold]| {
        Column::Text(holds.iter().map(|hold| hold.state.word().to_owned()).collect())
    };
    let number =
        |holds: &[&Hold], of: fn(&Hold) -> i64| Column::I64(holds.iter().map(|h| of(h)).collect());
    let new_columns = [
        Column::Uuid(new.iter().map(|hold| uuid(hold.property.0)).collect()),
        id(&new),
        state(&new),
        Column::Text(new.iter().map(|hold| hold.reference.clone()).collect()),
        number(&new, |hold| hold.created_at_ms),
        number(&new, |hold| hold.expires_at_ms),
        number(&new, |_| 1),
    ];
    let moved_columns = [
        id(&moved),
        number(&moved, |hold| hold.version),
        state(&moved),
        number(&moved, |hold| hold.expires_at_ms),
    ];
    let (new_count, moved_count) = try_join!(
        tx.bulk_execute(&NEW_HOLDS, &new_columns),
        tx.bulk_execute(&MOVED_HOLDS, &moved_columns),
    )?;
    expect(new_count, new.len())?;
    expect(moved_count, moved.len())
}

async fn write_pools(tx: &Tx<'_>, loaded: &Loaded, sorted: &Sorted<'_>) -> Result<(), Fault> {
    crash_point("write.pools");
    let changes = &sorted.pool_changes;
    let number = |of: fn(&PoolChange) -> i64| Column::I64(changes.iter().map(|c| of(c)).collect());
    let columns = [
        Column::Uuid(changes.iter().map(|change| uuid(change.property.0)).collect()),
        Column::Uuid(changes.iter().map(|change| uuid(change.pool.0)).collect()),
        number(|change| change.seq),
        Column::Text(changes.iter().map(|change| change.kind.word().to_owned()).collect()),
        number(|change| change.first_day.0),
        Column::OptI64(changes.iter().map(|change| change.end_day.map(|day| day.0)).collect()),
        number(|change| change.value),
        Column::I64(vec![loaded.snapshot.now_ms; changes.len()]),
    ];
    let mut last_seq: BTreeMap<PoolId, i64> = BTreeMap::new();
    for change in changes {
        last_seq.insert(change.pool, change.seq);
    }
    let pools: Vec<_> = sorted.pools_set.iter().map(|id| loaded.snapshot.pools[id]).collect();
    let seq = |id: &PoolId, known: i64| last_seq.get(id).copied().unwrap_or(known);
    let pool_columns = [
        Column::Uuid(pools.iter().map(|pool| uuid(pool.id.0)).collect()),
        Column::I64(pools.iter().map(|pool| pool.version).collect()),
        Column::I64(pools.iter().map(|pool| pool.stock.capacity).collect()),
        Column::I64(pools.iter().map(|pool| pool.stock.overbook_bp).collect()),
        Column::I64(pools.iter().map(|pool| pool.stock.limit_units()).collect()),
        Column::I64(pools.iter().map(|pool| seq(&pool.id, pool.change_seq)).collect()),
    ];
    let (_logged, set) = try_join!(
        tx.bulk_execute(&POOL_CHANGES, &columns),
        tx.bulk_execute(&POOLS, &pool_columns),
    )?;
    expect(set, pools.len())
}

async fn write_work(tx: &Tx<'_>, now_ms: i64, writes: &Writes) -> Result<(), Fault> {
    work_items::tell(tx, now_ms, &writes.work_items).await?;
    work_items::settle_subjects(tx, now_ms, &writes.work_over).await.map(|_| ())
}

/// A statement that touched other rows than it had to: what was read is no longer true.
pub(crate) fn expect(touched: u64, expected: usize) -> Result<(), Fault> {
    if usize::try_from(touched).is_ok_and(|touched| touched == expected) {
        return Ok(());
    }
    Err(Fault::GuardMissed)
}
