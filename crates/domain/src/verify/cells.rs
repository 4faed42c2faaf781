//! Cells against what they are a cache of: the ledger for their counts, the recorded changes of
//! stock for the rest.

use std::collections::BTreeMap;

use super::{Check, Finding};
use crate::cells::{Cell, CellId};
use crate::ledger::{Kind, Line};
use crate::pools::{self, Pool, PoolChange, PoolChangeKind};
use crate::stays::Day;

/// Longest span of a line that is added up; a longer one is found as impossible.
pub const LINE_DAYS_MAX: i64 = 4_000;

/// Units of a night by the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub held: i64,
    pub sold: i64,
}

/// Adds up the open lines of one pool, given in the order of their first day, night by night. It
/// keeps only the nights that a later line may still touch.
#[derive(Debug, Clone, Default)]
pub struct Sweep {
    open: BTreeMap<Day, Counts>,
}

impl Sweep {
    /// Adds a line whose last entry is of this kind.
    pub fn add(&mut self, line: &Line, kind: Kind) {
        let (held, sold) = kind.counts();
        if !is_possible(line) {
            return;
        }
        for day in line.stay.days() {
            let counts = self.open.entry(day).or_default();
            counts.held += held * line.units;
            counts.sold += sold * line.units;
        }
    }

    /// Takes the nights before a day, once no further line begins before it.
    #[must_use]
    pub fn take_before(&mut self, day: Day) -> BTreeMap<Day, Counts> {
        let rest = self.open.split_off(&day);
        std::mem::replace(&mut self.open, rest)
    }
}

/// Whether a line spans at least one night, not for ever, and asks at least one unit.
#[must_use]
pub fn is_possible(line: &Line) -> bool {
    (1..=LINE_DAYS_MAX).contains(&line.stay.nights()) && 0 < line.units
}

/// The cell that a night must have, by the ledger and by the recorded changes of its pool.
#[must_use]
pub fn expected(changes: &[PoolChange], day: Day, counts: Counts) -> Cell {
    let mut cell = pools::fold(changes, day);
    cell.held = counts.held;
    cell.sold = counts.sold;
    cell.oversold = cell.free_units() < 0;
    cell
}

/// What is wrong with a cell.
#[must_use]
pub fn judge_cell(id: CellId, cell: &Cell, changes: &[PoolChange], counts: Counts) -> Vec<Finding> {
    let expected = &expected(changes, id.day, counts);
    let mut findings = Vec::new();
    let mut tell = |check, detail: String| findings.push(Finding::new(check, name(id), detail));
    if (cell.held, cell.sold) != (expected.held, expected.sold) {
        tell(
            Check::CellCounts,
            format!(
                "held {} and sold {}, the ledger says {} and {}",
                cell.held, cell.sold, expected.held, expected.sold
            ),
        );
    }
    let stock = |cell: &Cell| (cell.stock, cell.capacity_is_own, cell.restrictions);
    if stock(cell) != stock(expected) && !is_leftover(id, cell, changes) {
        let (is, should) = (stock(cell), stock(expected));
        tell(Check::CellStock, format!("{is:?}, the recorded changes say {should:?}"));
    }
    if cell.limit_units != cell.stock.limit_units() {
        let (is, should) = (cell.limit_units, cell.stock.limit_units());
        tell(Check::CellStock, format!("limit {is}, its stock allows {should}"));
    }
    let over = cell.free_units() < 0;
    if cell.oversold != over {
        let (is, limit) = (cell.oversold, cell.limit_units);
        let gone = cell.held + cell.sold;
        tell(Check::CellOversold, format!("marked {is}, with {gone} of {limit} gone"));
    }
    findings
}

/// A wish for a night gone by makes its cell and is refused: nobody has touched it, and it says what
/// the default was then, not what it had been on that night. It can never be sold.
fn is_leftover(id: CellId, cell: &Cell, changes: &[PoolChange]) -> bool {
    let is_default = |change: &&PoolChange| {
        matches!(change.kind, PoolChangeKind::DefaultCapacity | PoolChangeKind::DefaultOverbookBp)
    };
    let is_later = |change: &PoolChange| id.day < change.first_day;
    cell.version == 0 && changes.iter().filter(is_default).any(is_later)
}

/// What is wrong when a night has no cell: nothing, unless lines occupy it.
#[must_use]
pub fn judge_missing(id: CellId, counts: Counts) -> Option<Finding> {
    if counts == Counts::default() {
        return None;
    }
    let Counts { held, sold } = counts;
    let detail = format!("no cell, the ledger says held {held} and sold {sold}");
    Some(Finding::new(Check::CellMissing, name(id), detail))
}

/// What is wrong with a pool's default, and with the numbering of its changes.
#[must_use]
pub fn judge_pool(pool: &Pool, limit_units: i64, changes: &[PoolChange]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let subject = format!("pool {}", pool.id);
    let mut tell = |detail| findings.push(Finding::new(Check::PoolStock, &subject, detail));
    let last = |kind| changes.iter().rev().find(|change| change.kind == kind);
    for (kind, is) in [
        (PoolChangeKind::DefaultCapacity, pool.stock.capacity),
        (PoolChangeKind::DefaultOverbookBp, pool.stock.overbook_bp),
    ] {
        let should = last(kind).map_or(0, |change| change.value);
        if is != should {
            tell(format!("{} {is}, the recorded changes say {should}", kind.word()));
        }
    }
    if limit_units != pool.stock.limit_units() {
        tell(format!("limit {limit_units}, its stock allows {}", pool.stock.limit_units()));
    }
    let numbers = (1..).zip(changes);
    if let Some((number, change)) = numbers.into_iter().find(|(number, c)| *number != c.seq) {
        tell(format!("its change number {number} is missing, {} comes next", change.seq));
    }
    let last_seq = changes.last().map_or(0, |change| change.seq);
    if pool.change_seq != last_seq {
        tell(format!("{} recorded changes, {last_seq} are there", pool.change_seq));
    }
    findings
}

fn name(CellId { pool, day }: CellId) -> String {
    format!("pool {pool} {day}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::Stock;
    use crate::ids::{LineId, PoolId, PropertyId};
    use crate::stays::Stay;

    const POOL: PoolId = PoolId(1);

    fn line(first_day: i64, end_day: i64, units: i64) -> Line {
        let stay = Stay::new(Day(first_day), Day(end_day));
        Line { id: LineId(1), pool: POOL, stay, units }
    }

    fn capacity(value: i64) -> PoolChange {
        PoolChange {
            property: PropertyId(1),
            pool: POOL,
            seq: 1,
            kind: PoolChangeKind::DefaultCapacity,
            first_day: Day(0),
            end_day: None,
            value,
        }
    }

    #[test]
    fn a_sweep_adds_up_night_by_night_and_lets_go_of_what_is_past() {
        let mut sweep = Sweep::default();
        sweep.add(&line(10, 12, 2), Kind::Held);
        sweep.add(&line(11, 13, 1), Kind::Posted);
        sweep.add(&line(11, 13, 5), Kind::Returned);
        let past = sweep.take_before(Day(12));
        let told: Vec<_> = past.iter().map(|(day, c)| (day.0, c.held, c.sold)).collect();
        assert_eq!(told, [(10, 2, 0), (11, 2, 1)]);
        let rest: Vec<_> = sweep.take_before(Day(i64::MAX)).into_keys().collect();
        assert_eq!(rest, [Day(12)]);
    }

    #[test]
    fn an_endless_line_does_not_keep_the_sweep_for_ever() {
        let mut sweep = Sweep::default();
        sweep.add(&line(0, i64::MAX, 1), Kind::Held);
        assert_eq!(sweep.take_before(Day(i64::MAX)).len(), 0);
        assert!(!is_possible(&line(0, 1, 0)) && !is_possible(&line(1, 1, 1)));
    }

    #[test]
    fn a_cell_is_judged_by_each_of_its_parts() {
        let id = CellId { pool: POOL, day: Day(10) };
        let (changes, counts) = ([capacity(5)], Counts { held: 1, sold: 2 });
        let check = |change: fn(&mut Cell)| -> Vec<&'static str> {
            let mut cell = expected(&changes, id.day, counts);
            change(&mut cell);
            let findings = judge_cell(id, &cell, &changes, counts);
            findings.iter().map(|finding| finding.check.word()).collect()
        };
        assert_eq!(check(|_| {}), [""; 0]);
        assert_eq!(check(|cell| cell.held += 1), ["cell_counts"]);
        assert_eq!(check(|cell| cell.limit_units += 1), ["cell_stock"]);
        assert_eq!(check(|cell| cell.oversold = true), ["cell_oversold"]);
        assert_eq!(check(|cell| cell.restrictions.closed = true), ["cell_stock"]);
        assert_eq!(check(|cell| cell.restock(Stock { capacity: 6, ..cell.stock })), ["cell_stock"]);
    }

    #[test]
    fn a_night_gone_by_that_nobody_touched_may_say_a_later_default_as_seed_4_found() {
        let later = PoolChange { seq: 2, first_day: Day(11), ..capacity(6) };
        let changes = [capacity(5), later];
        let check = |day: i64, version: i64| {
            let id = CellId { pool: POOL, day: Day(day) };
            let stock = Stock { capacity: 7, blocked: 0, out_of_order: 0, overbook_bp: 0 };
            let cell = Cell { version, ..Cell::untouched(stock) };
            judge_cell(id, &cell, &changes, Counts::default()).len()
        };
        assert_eq!((check(10, 0), check(10, 1)), (0, 1));
        assert_eq!(check(11, 0), 1, "a night to come must be right");
    }

    #[test]
    fn a_pools_default_and_its_numbering_are_judged() {
        let stock = Stock { capacity: 5, blocked: 0, out_of_order: 0, overbook_bp: 0 };
        let pool = Pool { id: POOL, property: PropertyId(1), stock, version: 1, change_seq: 1 };
        assert_eq!(judge_pool(&pool, 5, &[capacity(5)]), []);
        assert_eq!(judge_pool(&pool, 5, &[capacity(4)]).len(), 1);
        assert_eq!(judge_pool(&pool, 6, &[capacity(5)]).len(), 1);
        let second = PoolChange { seq: 3, ..capacity(5) };
        assert_eq!(judge_pool(&pool, 5, &[capacity(5), second]).len(), 2);
    }
}
