//! Pools and their stock: how much a business has to sell, per default and per night.
//!
//! A change below what is already gone is allowed, since a pipe bursts whoever has booked. It
//! marks the night oversold and makes a work item; it never touches a guest.

use crate::cells::{CAPACITY_UNITS_MAX, Cell, CellId, OVERBOOK_BP_MAX, Restrictions, Stock};
use crate::ids::{PoolId, PropertyId};
use crate::refusals::Refusal;
use crate::snapshot::{Change, Snapshot};
use crate::stays::Day;

/// Most days that one change of stock may cover.
pub const STOCK_RANGE_DAYS_MAX: i64 = 800;
/// Longest stay that a rule may ask for or allow, in nights.
pub const STAY_RULE_NIGHTS_MAX: i64 = 365;

/// Countable stock of a property with the defaults of its untouched nights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    pub id: PoolId,
    pub property: PropertyId,
    pub stock: Stock,
    /// +1 at every change of the default.
    pub version: i64,
    /// Number of the last recorded change of stock.
    pub change_seq: i64,
}

/// What a change of stock sets. A night's state is the fold of its pool's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PoolChangeKind {
    /// Capacity of every night that has none of its own.
    DefaultCapacity,
    DefaultOverbookBp,
    Capacity,
    Blocked,
    OutOfOrder,
    OverbookBp,
    Closed,
    ClosedToArrival,
    ClosedToDeparture,
    StayNightsMin,
    StayNightsMax,
}

impl PoolChangeKind {
    pub const ALL: [PoolChangeKind; 11] = [
        PoolChangeKind::DefaultCapacity,
        PoolChangeKind::DefaultOverbookBp,
        PoolChangeKind::Capacity,
        PoolChangeKind::Blocked,
        PoolChangeKind::OutOfOrder,
        PoolChangeKind::OverbookBp,
        PoolChangeKind::Closed,
        PoolChangeKind::ClosedToArrival,
        PoolChangeKind::ClosedToDeparture,
        PoolChangeKind::StayNightsMin,
        PoolChangeKind::StayNightsMax,
    ];

    /// The word in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            PoolChangeKind::DefaultCapacity => "default_capacity",
            PoolChangeKind::DefaultOverbookBp => "default_overbook_bp",
            PoolChangeKind::Capacity => "capacity",
            PoolChangeKind::Blocked => "blocked",
            PoolChangeKind::OutOfOrder => "out_of_order",
            PoolChangeKind::OverbookBp => "overbook_bp",
            PoolChangeKind::Closed => "closed",
            PoolChangeKind::ClosedToArrival => "closed_to_arrival",
            PoolChangeKind::ClosedToDeparture => "closed_to_departure",
            PoolChangeKind::StayNightsMin => "stay_nights_min",
            PoolChangeKind::StayNightsMax => "stay_nights_max",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<PoolChangeKind> {
        PoolChangeKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One recorded change: `value` for the nights `[first_day, end_day)`; no end for defaults. For
/// rules of a stay 0 takes the rule away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolChange {
    pub property: PropertyId,
    pub pool: PoolId,
    pub seq: i64,
    pub kind: PoolChangeKind,
    pub first_day: Day,
    pub end_day: Option<Day>,
    pub value: i64,
}

/// What a business wants a range of nights to be; `None` leaves it as it is. For the two rules of
/// a stay, 0 takes the rule away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StockPatch {
    pub capacity: Option<i64>,
    /// Units kept back, absolute.
    pub blocked: Option<i64>,
    /// Units kept back, more or fewer than now: `block` and `unblock`.
    pub blocked_delta: Option<i64>,
    pub out_of_order: Option<i64>,
    pub overbook_bp: Option<i64>,
    pub closed: Option<bool>,
    pub closed_to_arrival: Option<bool>,
    pub closed_to_departure: Option<bool>,
    pub stay_nights_min: Option<i64>,
    pub stay_nights_max: Option<i64>,
}

/// Sets the stock and the rules of the nights `[first_day, end_day)` of one pool.
pub fn set_stock(
    stock: &Snapshot,
    pool: PoolId,
    (first_day, end_day): (Day, Day),
    patch: &StockPatch,
) -> Result<Vec<Change>, Refusal> {
    let pool = stock.pools.get(&pool).ok_or(Refusal::UnknownPool { pool })?;
    let days = end_day.0.saturating_sub(first_day.0);
    if days < 1 {
        return Err(Refusal::StayIsEmpty);
    }
    if STOCK_RANGE_DAYS_MAX < days {
        return Err(Refusal::RangeTooLong { days_max: STOCK_RANGE_DAYS_MAX });
    }
    check_patch(patch)?;
    let mut log = Log { pool, seq: pool.change_seq, changes: Vec::new() };
    for (kind, value) in recorded(patch) {
        log.add(kind, first_day, Some(end_day), value);
    }
    let today = stock.properties.get(&pool.property).map(|settings| settings.today);
    for day in (first_day.0..end_day.0).map(Day) {
        let id = CellId { pool: pool.id, day };
        let mut cell = stock.cell(id).ok_or(Refusal::UnknownPool { pool: pool.id })?;
        patch_cell(&mut cell, patch)?;
        if patch.blocked_delta.is_some() {
            log.add(PoolChangeKind::Blocked, day, Some(day.plus(1)), cell.stock.blocked);
        }
        if cell.version == 0 && today.is_some_and(|today| day < today) {
            log.pin(day, &mut cell);
        }
        set_cell(&mut log.changes, id, cell);
    }
    Ok(log.changes)
}

/// Gives a pool another default, and every touched night from `today` on with it, save the nights
/// whose capacity the business set by itself.
pub fn set_default(
    stock: &Snapshot,
    pool: PoolId,
    capacity: Option<i64>,
    overbook_bp: Option<i64>,
    today: Day,
) -> Result<Vec<Change>, Refusal> {
    let pool = stock.pools.get(&pool).ok_or(Refusal::UnknownPool { pool })?;
    check_patch(&StockPatch { capacity, overbook_bp, ..StockPatch::default() })?;
    let mut default = pool.stock;
    let mut log = Log { pool, seq: pool.change_seq, changes: Vec::new() };
    if let Some(capacity) = capacity {
        default.capacity = capacity;
        log.add(PoolChangeKind::DefaultCapacity, today, None, capacity);
    }
    if let Some(overbook_bp) = overbook_bp {
        default.overbook_bp = overbook_bp;
        log.add(PoolChangeKind::DefaultOverbookBp, today, None, overbook_bp);
    }
    log.changes.push(Change::PoolSet { pool: pool.id, stock: default });
    let from = CellId { pool: pool.id, day: today };
    for (id, cell) in stock.cells.range(from..).take_while(|(id, _)| id.pool == pool.id) {
        let mut cell = *cell;
        let mut next = cell.stock;
        if !cell.capacity_is_own {
            next.capacity = default.capacity;
        }
        if overbook_bp.is_some() {
            next.overbook_bp = default.overbook_bp;
        }
        cell.restock(next);
        set_cell(&mut log.changes, *id, cell);
    }
    Ok(log.changes)
}

/// A night's stock and rules, folded from the recorded changes of its pool in their order. What
/// `verify` compares with and `rebuild` restores.
#[must_use]
pub fn fold(changes: &[PoolChange], day: Day) -> Cell {
    let mut cell =
        Cell::untouched(Stock { capacity: 0, blocked: 0, out_of_order: 0, overbook_bp: 0 });
    let covers = |change: &&PoolChange| {
        change.first_day <= day && change.end_day.is_none_or(|end| day < end)
    };
    for change in changes.iter().filter(covers) {
        let value = change.value;
        let rules = &mut cell.restrictions;
        match change.kind {
            PoolChangeKind::DefaultCapacity => {
                if !cell.capacity_is_own {
                    cell.stock.capacity = value;
                }
            }
            PoolChangeKind::Capacity => {
                cell.stock.capacity = value;
                cell.capacity_is_own = true;
            }
            PoolChangeKind::DefaultOverbookBp | PoolChangeKind::OverbookBp => {
                cell.stock.overbook_bp = value;
            }
            PoolChangeKind::Blocked => cell.stock.blocked = value,
            PoolChangeKind::OutOfOrder => cell.stock.out_of_order = value,
            PoolChangeKind::Closed => rules.closed = value != 0,
            PoolChangeKind::ClosedToArrival => rules.closed_to_arrival = value != 0,
            PoolChangeKind::ClosedToDeparture => rules.closed_to_departure = value != 0,
            PoolChangeKind::StayNightsMin => rules.stay_nights_min = rule_nights(value),
            PoolChangeKind::StayNightsMax => rules.stay_nights_max = rule_nights(value),
        }
    }
    cell.limit_units = cell.stock.limit_units();
    cell
}

/// The changes of one decision, numbered on from the pool's last.
struct Log<'p> {
    pool: &'p Pool,
    seq: i64,
    changes: Vec<Change>,
}

impl Log<'_> {
    fn add(&mut self, kind: PoolChangeKind, first_day: Day, end_day: Option<Day>, value: i64) {
        self.seq += 1;
        self.changes.push(Change::StockChanged(PoolChange {
            property: self.pool.property,
            pool: self.pool.id,
            seq: self.seq,
            kind,
            first_day,
            end_day,
            value,
        }));
    }

    /// A night gone by that nobody touched comes as today's default, which was not the default of
    /// that night: what it gets is recorded as its own, or the fold would give another.
    fn pin(&mut self, day: Day, cell: &mut Cell) {
        cell.capacity_is_own = true;
        self.add(PoolChangeKind::Capacity, day, Some(day.plus(1)), cell.stock.capacity);
        self.add(PoolChangeKind::OverbookBp, day, Some(day.plus(1)), cell.stock.overbook_bp);
    }
}

fn set_cell(changes: &mut Vec<Change>, id: CellId, cell: Cell) {
    changes.push(Change::CellSet {
        cell: id,
        stock: cell.stock,
        capacity_is_own: cell.capacity_is_own,
        restrictions: cell.restrictions,
    });
    if cell.free_units() < 0 {
        changes.push(Change::Oversold { cell: id, over_units: -cell.free_units() });
    }
}

fn recorded(patch: &StockPatch) -> impl Iterator<Item = (PoolChangeKind, i64)> {
    [
        (PoolChangeKind::Capacity, patch.capacity),
        (PoolChangeKind::Blocked, patch.blocked),
        (PoolChangeKind::OutOfOrder, patch.out_of_order),
        (PoolChangeKind::OverbookBp, patch.overbook_bp),
        (PoolChangeKind::Closed, patch.closed.map(i64::from)),
        (PoolChangeKind::ClosedToArrival, patch.closed_to_arrival.map(i64::from)),
        (PoolChangeKind::ClosedToDeparture, patch.closed_to_departure.map(i64::from)),
        (PoolChangeKind::StayNightsMin, patch.stay_nights_min),
        (PoolChangeKind::StayNightsMax, patch.stay_nights_max),
    ]
    .into_iter()
    .filter_map(|(kind, value)| value.map(|value| (kind, value)))
}

fn patch_cell(cell: &mut Cell, patch: &StockPatch) -> Result<(), Refusal> {
    let mut stock = cell.stock;
    if let Some(capacity) = patch.capacity {
        stock.capacity = capacity;
        cell.capacity_is_own = true;
    }
    stock.blocked = patch.blocked.unwrap_or(stock.blocked);
    if let Some(delta) = patch.blocked_delta {
        if stock.blocked < delta.saturating_neg() {
            return Err(Refusal::NotBlocked { blocked_units: stock.blocked });
        }
        stock.blocked = stock.blocked.saturating_add(delta);
        check_range("blocked", Some(stock.blocked), CAPACITY_UNITS_MAX)?;
    }
    stock.out_of_order = patch.out_of_order.unwrap_or(stock.out_of_order);
    stock.overbook_bp = patch.overbook_bp.unwrap_or(stock.overbook_bp);
    let old = cell.restrictions;
    let nights = |new: Option<i64>, old: Option<i64>| new.map_or(old, rule_nights);
    cell.restrictions = Restrictions {
        closed: patch.closed.unwrap_or(old.closed),
        closed_to_arrival: patch.closed_to_arrival.unwrap_or(old.closed_to_arrival),
        closed_to_departure: patch.closed_to_departure.unwrap_or(old.closed_to_departure),
        stay_nights_min: nights(patch.stay_nights_min, old.stay_nights_min),
        stay_nights_max: nights(patch.stay_nights_max, old.stay_nights_max),
    };
    cell.restock(stock);
    Ok(())
}

fn rule_nights(value: i64) -> Option<i64> {
    (0 < value).then_some(value)
}

fn check_patch(patch: &StockPatch) -> Result<(), Refusal> {
    check_range("capacity", patch.capacity, CAPACITY_UNITS_MAX)?;
    check_range("blocked", patch.blocked, CAPACITY_UNITS_MAX)?;
    check_range("units", patch.blocked_delta.map(i64::saturating_abs), CAPACITY_UNITS_MAX)?;
    check_range("outOfOrder", patch.out_of_order, CAPACITY_UNITS_MAX)?;
    check_range("overbookBp", patch.overbook_bp, OVERBOOK_BP_MAX)?;
    check_range("minStay", patch.stay_nights_min, STAY_RULE_NIGHTS_MAX)?;
    check_range("maxStay", patch.stay_nights_max, STAY_RULE_NIGHTS_MAX)
}

fn check_range(field: &'static str, value: Option<i64>, max: i64) -> Result<(), Refusal> {
    match value {
        Some(value) if value < 0 || max < value => Err(Refusal::StockOutOfRange { field, max }),
        Some(_) | None => Ok(()),
    }
}
