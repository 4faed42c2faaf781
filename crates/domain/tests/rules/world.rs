//! A small world: one house with the pools A (5 rooms) and B (2), another with Z, and a ledger
//! that is recounted after every change. Knows no rule; it only keeps books.

use std::collections::{BTreeMap, BTreeSet};

use vacancy_domain::cells::{Cell, CellId, Stock};
use vacancy_domain::ids::{BusinessId, LineId, PoolId, PropertyId, RoomId};
use vacancy_domain::ledger::{Entry, Line};
use vacancy_domain::money::Currency;
use vacancy_domain::pools::{Pool, PoolChange};
use vacancy_domain::rooms::Room;
use vacancy_domain::snapshot::{Change, PropertySettings, Snapshot};
use vacancy_domain::stays::{Day, Stay};

pub(crate) const HOUSE: PropertyId = PropertyId(1);
const OTHER_HOUSE: PropertyId = PropertyId(2);
/// The world begins on this day, at second 0.
pub(crate) const TODAY: Day = Day(10);

pub(crate) struct World {
    pub(crate) stock: Snapshot,
    pub(crate) ledger: Vec<Entry>,
    pub(crate) recorded: Vec<PoolChange>,
    /// Counters of cells that did not come from orders.
    found: BTreeMap<CellId, (i64, i64)>,
    lines_made: u128,
}

impl World {
    /// A world with these cells: `A10 2 0 1 closed` is pool A on day 10 with a limit of 2, none
    /// held, one sold. The pool is A where none is named. Cells stand between bars.
    pub(crate) fn new(cells: &str) -> World {
        let mut stock = Snapshot::default();
        for (property, pools) in [(HOUSE, "AB"), (OTHER_HOUSE, "Z")] {
            stock.properties.insert(property, settings());
            for letter in pools.chars() {
                let id = pool_id(letter);
                let capacity = if letter == 'A' { 5 } else { 2 };
                let stock_of_pool = stock_of(capacity);
                let pool = Pool { id, property, stock: stock_of_pool, version: 1, change_seq: 0 };
                stock.pools.insert(id, pool);
            }
        }
        let mut world = World {
            stock,
            ledger: Vec::new(),
            recorded: Vec::new(),
            found: BTreeMap::new(),
            lines_made: 100,
        };
        for text in cells.split('|').map(str::trim).filter(|text| !text.is_empty()) {
            world.add_cell(text);
        }
        world.recount();
        world
    }

    fn add_cell(&mut self, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let id = cell_id(words[0]);
        let number = |at: usize| words[at].parse::<i64>().unwrap();
        let mut cell = Cell::untouched(stock_of(number(1)));
        (cell.held, cell.sold, cell.version) = (number(2), number(3), 1);
        for word in &words[4..] {
            let rules = &mut cell.restrictions;
            match word.split_once('=') {
                Some(("min", nights)) => rules.stay_nights_min = Some(nights.parse().unwrap()),
                Some(("max", nights)) => rules.stay_nights_max = Some(nights.parse().unwrap()),
                Some(other) => panic!("unknown rule {other:?}"),
                None => match *word {
                    "closed" => rules.closed = true,
                    "cta" => rules.closed_to_arrival = true,
                    "ctd" => rules.closed_to_departure = true,
                    "oversold" => cell.oversold = true,
                    other => panic!("unknown mark {other}"),
                },
            }
        }
        self.found.insert(id, (cell.held, cell.sold));
        self.stock.cells.insert(id, cell);
    }

    /// Rooms such as `101 A | 102 A`.
    pub(crate) fn with_rooms(mut self, rooms: &str) -> World {
        for (text, id) in rooms.split('|').map(str::trim).zip(1..) {
            let (number, pool) = text.split_once(' ').unwrap();
            let pool = pool_id(pool.chars().next().unwrap());
            let room = Room { id: RoomId(id), pool, number: number.to_owned() };
            self.stock.rooms.insert(room.id, room);
        }
        self
    }

    /// `A10..12x2` with an id of its own.
    pub(crate) fn line(&mut self, text: &str) -> Line {
        let (pool, span) = split_pool(text);
        let (days, units) = span.split_once('x').unwrap();
        let (first_day, end_day) = days_of(days);
        self.fresh_line(pool, Stay::new(first_day, end_day), units.parse().unwrap())
    }

    pub(crate) fn fresh_line(&mut self, pool: PoolId, stay: Stay, units: i64) -> Line {
        self.lines_made += 1;
        Line { id: LineId(self.lines_made), pool, stay, units }
    }

    /// Applies a decision and recounts everything.
    pub(crate) fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::LineMoved { entry, .. } => self.ledger.push(*entry),
                Change::StockChanged(recorded) => self.recorded.push(*recorded),
                Change::RoomTaken { room, day, .. } => {
                    let taken = self.stock.room_nights.get(&(*room, *day));
                    assert_eq!(taken, None, "room {room} twice on {}", day.0);
                }
                Change::HoldPlaced(_)
                | Change::HoldMoved { .. }
                | Change::CellSet { .. }
                | Change::PoolSet { .. }
                | Change::Oversold { .. }
                | Change::ReservationMade(_)
                | Change::ReservationMoved { .. }
                | Change::PaymentMade(_)
                | Change::PaymentMoved(_)
                | Change::RefundMade { .. }
                | Change::DisputeHeard { .. }
                | Change::RefundAsked { .. }
                | Change::RefundDue { .. }
                | Change::SettleDue { .. }
                | Change::RestDue { .. }
                | Change::RoomFreed { .. } => {}
            }
            self.stock.apply(std::slice::from_ref(change));
        }
        self.recount();
    }

    /// The books: cells are the sums of the ledger, lines the open entries, rooms the open lines.
    pub(crate) fn recount(&self) {
        let keys: BTreeSet<_> =
            self.ledger.iter().map(|entry| (entry.line.id, entry.kind.seq())).collect();
        assert_eq!(keys.len(), self.ledger.len(), "a line went through one stage twice");
        let mut last: BTreeMap<LineId, Entry> = BTreeMap::new();
        for entry in &self.ledger {
            let old = last.insert(entry.line.id, *entry);
            assert!(old.is_none_or(|old| old.kind < entry.kind), "{old:?} then {entry:?}");
        }
        let mut counted = self.found.clone();
        for entry in last.values() {
            let (held, sold) = entry.kind.counts();
            for day in entry.line.stay.days() {
                let cell = counted.entry(CellId { pool: entry.line.pool, day }).or_default();
                *cell = (cell.0 + held * entry.line.units, cell.1 + sold * entry.line.units);
            }
        }
        for (id, cell) in &self.stock.cells {
            let gone = counted.remove(id).unwrap_or_default();
            assert_eq!((cell.held, cell.sold), gone, "held and sold of {id:?}");
            assert_eq!(cell.limit_units, cell.stock.limit_units(), "limit of {id:?}");
            let fits = 0 <= cell.held && 0 <= cell.sold && 0 <= cell.limit_units;
            assert!(fits, "{id:?} {cell:?}");
            assert_eq!(cell.oversold, cell.free_units() < 0, "oversold mark of {id:?} {cell:?}");
        }
        assert!(counted.values().all(|gone| *gone == (0, 0)), "cells nobody loaded: {counted:?}");
        let open: BTreeSet<LineId> =
            last.values().filter(|entry| entry.kind.occupies()).map(|e| e.line.id).collect();
        let lines = self.stock.holds.values().flat_map(|hold| &hold.lines);
        assert_eq!(lines.map(|line| line.id).collect::<BTreeSet<_>>(), open, "open lines");
        for ((room, day), line) in &self.stock.room_nights {
            assert!(open.contains(line), "room {room} is kept for a line that is gone");
            assert!(last[line].line.stay.covers(*day), "room {room} on {} is too long", day.0);
        }
    }
}

fn settings() -> PropertySettings {
    PropertySettings {
        business: BusinessId(1),
        currency: Currency::EUR,
        time_zone: "Europe/Lisbon".to_owned(),
        hold_ttl_ms: 600_000,
        today: TODAY,
    }
}

pub(crate) fn stock_of(capacity: i64) -> Stock {
    Stock { capacity, blocked: 0, out_of_order: 0, overbook_bp: 0 }
}

pub(crate) fn pool_id(letter: char) -> PoolId {
    PoolId(u128::from(u32::from(letter)))
}

pub(crate) fn pool_letter(pool: PoolId) -> char {
    u32::try_from(pool.0).ok().and_then(char::from_u32).unwrap()
}

/// `B10` or `10`, which is A.
pub(crate) fn cell_id(text: &str) -> CellId {
    let (pool, day) = split_pool(text);
    CellId { pool, day: Day(day.parse().unwrap()) }
}

pub(crate) fn split_pool(text: &str) -> (PoolId, &str) {
    match text.chars().next().filter(char::is_ascii_uppercase) {
        Some(letter) => (pool_id(letter), &text[1..]),
        None => (pool_id('A'), text),
    }
}

/// `10..12`, or `10` for one day.
pub(crate) fn days_of(text: &str) -> (Day, Day) {
    let day = |text: &str| Day(text.parse().unwrap());
    match text.split_once("..") {
        Some((first_day, end_day)) => (day(first_day), day(end_day)),
        None => (day(text), day(text).plus(1)),
    }
}
