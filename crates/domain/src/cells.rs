//! A cell is one pool on one night: how many units there are, how many are gone. Cells are a
//! cache of the ledger; a cell exists once something touched it.

use crate::ids::PoolId;
use crate::money::WHOLE_BP;
use crate::refusals::Reason;
use crate::stays::{Day, Stay};

/// Most units one pool may have on one night.
pub const CAPACITY_UNITS_MAX: i64 = 100_000;

/// Most that a business may overbook: 100 % on top.
pub const OVERBOOK_BP_MAX: i64 = WHOLE_BP;

/// Names a cell. Its order is the order in which cells are locked, everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId {
    pub pool: PoolId,
    pub day: Day,
}

/// What a business sets: how much there is to sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    pub capacity: i64,
    /// Kept back by the business.
    pub blocked: i64,
    /// Broken, under repair.
    pub out_of_order: i64,
    /// How far sales may pass what there is; 0 unless a business sets it.
    pub overbook_bp: i64,
}

impl Stock {
    /// The most that may be held and sold: `floor((capacity − blocked − out_of_order) ×
    /// (10000 + overbook_bp) / 10000)`, never below 0.
    #[must_use]
    pub fn limit_units(&self) -> i64 {
        let there = self.capacity.saturating_sub(self.blocked).saturating_sub(self.out_of_order);
        there.max(0).saturating_mul(WHOLE_BP.saturating_add(self.overbook_bp).max(0)) / WHOLE_BP
    }
}

/// When a pool may not be sold although there is stock. `None` leaves a rule out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restrictions {
    pub closed: bool,
    pub closed_to_arrival: bool,
    pub closed_to_departure: bool,
    /// Nights that a stay arriving on this day must at least have.
    pub stay_nights_min: Option<i64>,
    pub stay_nights_max: Option<i64>,
}

/// One pool on one night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub stock: Stock,
    /// `stock.limit_units()` as last computed; the store's `CHECK` compares with it.
    pub limit_units: i64,
    /// The business set this night's capacity itself: a new default leaves it alone.
    pub capacity_is_own: bool,
    pub held: i64,
    pub sold: i64,
    /// A change of stock left more gone than there is.
    pub oversold: bool,
    pub restrictions: Restrictions,
    /// +1 at every write; 0 for a cell that no row stands for yet.
    pub version: i64,
}

impl Cell {
    /// An untouched cell with its pool's default stock.
    #[must_use]
    pub fn untouched(stock: Stock) -> Cell {
        Cell {
            stock,
            limit_units: stock.limit_units(),
            capacity_is_own: false,
            held: 0,
            sold: 0,
            oversold: false,
            restrictions: Restrictions::default(),
            version: 0,
        }
    }

    /// How much of the night is held or sold, in basis points; a night without a limit is full.
    #[must_use]
    pub fn fill_bp(&self) -> i64 {
        if self.limit_units < 1 {
            return WHOLE_BP;
        }
        self.held.saturating_add(self.sold).saturating_mul(WHOLE_BP) / self.limit_units
    }

    /// Units that may still be taken; below 0 when oversold.
    #[must_use]
    pub fn free_units(&self) -> i64 {
        self.limit_units.saturating_sub(self.held).saturating_sub(self.sold)
    }

    /// Gives the cell other stock. More gone than there is now is allowed here, and marked.
    pub fn restock(&mut self, stock: Stock) {
        self.stock = stock;
        self.limit_units = stock.limit_units();
        self.settle_oversold();
    }

    /// Moves the counters; clears the oversold mark once it is true no more.
    pub fn shift(&mut self, held: i64, sold: i64) {
        self.held += held;
        self.sold += sold;
        assert!(0 <= self.held && 0 <= self.sold, "more freed than was taken");
        if self.oversold {
            self.settle_oversold();
        }
    }

    fn settle_oversold(&mut self) {
        self.oversold = self.free_units() < 0;
    }
}

/// One night of a wish: what it asks of a cell, and what the same guest gives back there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    pub day: Day,
    pub cell: Cell,
    pub units: i64,
    pub freed_units: i64,
}

impl Night {
    /// A night that gives back what it takes is never in the way, however full the house.
    fn takes_more(&self) -> bool {
        self.freed_units < self.units
    }

    /// What this guest may have here: what is free, and what they give back.
    fn free_units(&self) -> i64 {
        self.cell.free_units().saturating_add(self.freed_units)
    }

    fn is_short(&self) -> bool {
        self.takes_more() && self.free_units() < self.units
    }
}

/// Why these nights of one pool, in order, cannot be had. Empty: they can.
#[must_use]
pub fn reasons_against_nights(nights: &[Night]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let short: Vec<&Night> = nights.iter().filter(|night| night.is_short()).collect();
    let free = short.iter().map(|night| night.free_units().max(0)).min();
    if let Some(free_units) = free {
        if short.len() == nights.len() {
            reasons.push(Reason::SoldOut { free_units });
        } else {
            let days = short.iter().map(|night| night.day).collect();
            reasons.push(Reason::PartlySoldOut { days, free_units });
        }
    }
    let is_closed = |night: &&Night| night.takes_more() && night.cell.restrictions.closed;
    let closed: Vec<Day> = nights.iter().filter(is_closed).map(|night| night.day).collect();
    if !closed.is_empty() {
        reasons.push(Reason::Closed { days: closed });
    }
    reasons
}

/// Why a stay may not begin, end or last as it does, by the rules of its days of arrival and
/// departure. Empty: it may.
#[must_use]
pub fn reasons_against_stay(
    stay: Stay,
    arrival: Option<Restrictions>,
    departure: Option<Restrictions>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let Some(rules) = arrival {
        if rules.closed_to_arrival {
            reasons.push(Reason::ClosedToArrival);
        }
        if let Some(nights) = rules.stay_nights_min.filter(|least| stay.nights() < *least) {
            reasons.push(Reason::MinimumStay { nights });
        }
        if let Some(nights) = rules.stay_nights_max.filter(|most| *most < stay.nights()) {
            reasons.push(Reason::MaximumStay { nights });
        }
    }
    if departure.is_some_and(|rules| rules.closed_to_departure) {
        reasons.push(Reason::ClosedToDeparture);
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(capacity: i64, overbook_bp: i64) -> Stock {
        Stock { capacity, blocked: 0, out_of_order: 0, overbook_bp }
    }

    #[test]
    fn the_limit_is_the_floor_of_what_there_is_and_the_overbooking() {
        for (capacity, bp, limit) in [(187, 0, 187), (187, 200, 190), (9, 1000, 9), (0, 10_000, 0)]
        {
            assert_eq!(stock(capacity, bp).limit_units(), limit);
        }
        let broken = Stock { capacity: 2, blocked: 2, out_of_order: 3, overbook_bp: 500 };
        assert_eq!(broken.limit_units(), 0);
    }

    #[test]
    fn a_cut_below_what_is_sold_is_marked_and_the_mark_goes_with_the_guests() {
        let mut cell = Cell::untouched(stock(2, 0));
        cell.shift(0, 2);
        cell.restock(stock(1, 0));
        assert!(cell.oversold);
        cell.shift(0, -1);
        assert!(!cell.oversold);
    }

    fn night(day: i64, capacity: i64, sold: i64, freed_units: i64) -> Night {
        let mut cell = Cell::untouched(stock(capacity, 0));
        cell.sold = sold;
        Night { day: Day(day), cell, units: 1, freed_units }
    }

    #[test]
    fn some_nights_gone_is_another_answer_than_all_gone() {
        let all = [night(10, 1, 1, 0), night(11, 2, 2, 0)];
        assert_eq!(reasons_against_nights(&all), [Reason::SoldOut { free_units: 0 }]);
        let some = [night(10, 1, 0, 0), night(11, 2, 2, 0)];
        let days = vec![Day(11)];
        let partly = Reason::PartlySoldOut { days, free_units: 0 };
        assert_eq!(reasons_against_nights(&some), [partly]);
    }

    #[test]
    fn a_night_that_gives_back_what_it_takes_is_never_in_the_way() {
        let mut oversold = night(10, 1, 2, 1);
        oversold.cell.restrictions.closed = true;
        assert_eq!(reasons_against_nights(&[oversold]), []);
    }

    #[test]
    fn every_rule_of_a_stay_names_itself() {
        let rules = Restrictions {
            closed: false,
            closed_to_arrival: true,
            closed_to_departure: true,
            stay_nights_min: Some(3),
            stay_nights_max: Some(1),
        };
        let against = reasons_against_stay(Stay::new(Day(10), Day(12)), Some(rules), Some(rules));
        let codes: Vec<&str> = against.iter().map(Reason::code).collect();
        assert_eq!(
            codes,
            ["closed_to_arrival", "minimum_stay", "maximum_stay", "closed_to_departure"]
        );
    }
}
