//! What guests and the front desk of a seed's world wish for. Wishes are drawn, not judged: most
//! are sensible, many come twice, some at the wrong time. Each draws from a source of its own, so
//! that one that is left out changes no other.

mod prices;

use std::collections::BTreeMap;

use vacancy_app::desk::command::{Command, Key, KeyName, Order};
use vacancy_app::ids::Ids;
use vacancy_domain::codes::Code;
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{HoldId, LineId, PoolId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::pools::StockPatch;
use vacancy_domain::reservations::{Book, Guest, ReservedLine};
use vacancy_domain::rooms::Assignment;
use vacancy_domain::stays::{Day, Stay};

use crate::random::Random;

pub use prices::DEPOSITS;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A hotel of the world.
#[derive(Debug, Clone)]
pub struct House {
    pub property: PropertyId,
    pub pools: Vec<PoolId>,
    pub zone: &'static str,
    /// How far its clock is ahead of UTC; zones without summer time.
    pub ahead_ms: i64,
    /// Numbers on the doors.
    pub rooms: Vec<(PoolId, &'static str)>,
}

impl House {
    /// The civil day at the house.
    #[must_use]
    pub fn day(&self, now_ms: i64) -> i64 {
        (now_ms + self.ahead_ms).div_euclid(DAY_MS)
    }
}

/// Something that the world knows and later wishes are about.
#[derive(Debug, Clone)]
pub struct Known {
    pub property: PropertyId,
    pub hold: HoldId,
    pub reservation: Option<ReservationId>,
    pub lines: Vec<LineId>,
    /// The version that a client read last.
    pub version: i64,
    /// Orders that its guest may pay, by the providers' names for them.
    pub orders: Vec<String>,
}

/// The crowd of one seed.
pub struct Crowd {
    ids: Ids,
    pub houses: Vec<House>,
    requests: u64,
    words: BTreeMap<String, u64>,
}

impl Crowd {
    #[must_use]
    pub fn new(ids: Ids, houses: Vec<House>) -> Crowd {
        Crowd { ids, houses, requests: 0, words: BTreeMap::new() }
    }

    /// The next wish, given the time and what is known.
    pub fn wish(&mut self, random: &mut Random, now_ms: i64, known: &[Known]) -> Order {
        let about = random.pick(known).cloned();
        let kind = random.between(0, 100);
        let Some(known) = about.filter(|_| 40 <= kind) else {
            let house = random.pick(&self.houses).expect("a world has a house").clone();
            // Some ask for a night gone by.
            let today = Day(house.day(now_ms) - i64::from(random.chance(30)));
            return match kind {
                0..=32 => self.book(random, &house, today),
                36..=37 => Order::new(house.property, "desk", stock(random, &house, today)),
                38..=39 => Order::new(house.property, "desk", default(random, &house, today)),
                _ => self.place(random, &house, today),
            };
        };
        let house = self.houses.iter().find(|house| house.property == known.property);
        let house = house.expect("what is known is in a house").clone();
        let today = Day(house.day(now_ms));
        let hold = known.hold;
        let command = match kind {
            40..=44 => Command::Confirm { hold, reference: None },
            45..=56 => Command::Cancel { hold, reference: None, reason: "drawn".to_owned() },
            57..=64 => Command::Extend { hold },
            65..=67 => Command::Lapse { hold },
            68..=74 => self.reschedule(random, &house, today, &known),
            75..=80 => check_in(random, &house, &known),
            81..=84 => Command::CheckOut { hold },
            85..=86 => Command::NoShow { hold },
            _ => edit(random, &known),
        };
        let has_key = command_takes_key(&command) && random.chance(300);
        let body_hash = format!("{command:?}");
        let order = Order::new(known.property, "crowd", command);
        if has_key { order.with_key(self.word(random, body_hash)) } else { order }
    }

    fn book(&mut self, random: &mut Random, house: &House, today: Day) -> Order {
        self.requests += 1;
        // Both houses hear of the same names.
        let request_id = format!("request {}", self.requests / 2);
        let lines = self.lines(random, house, today);
        let body_hash = digest(&lines);
        let price = prices::offered(random, house, &lines, today);
        let book = Book {
            room_types: lines.iter().map(|_| "TYPE".to_owned()).collect(),
            place: self.place_of(house.property, lines),
            id: ReservationId(self.ids.next_id()),
            code: Code::draw(self.ids.next_u64()),
            request_id: request_id.clone(),
            adults: 2,
            children: Vec::new(),
            guest: Guest::default(),
            price,
            agreed: None,
        };
        let key = KeyName::Request { property: house.property, request_id };
        Order::new(house.property, "crowd", Command::Book(Box::new(book)))
            .with_key(Key { name: key, body_hash })
    }

    fn place(&mut self, random: &mut Random, house: &House, today: Day) -> Order {
        let lines = self.lines(random, house, today);
        let body_hash = digest(&lines);
        let command = Command::Place(self.place_of(house.property, lines));
        let order = Order::new(house.property, "crowd", command);
        if random.chance(400) {
            return order;
        }
        order.with_key(self.word(random, body_hash))
    }

    /// A client's next own name for a request. Two clients number theirs each for itself.
    fn word(&mut self, random: &mut Random, body_hash: String) -> Key {
        let scope = format!("client {}", random.between(0, 2));
        let word = self.words.entry(scope.clone()).or_insert(0);
        *word += 1;
        let key = format!("word {word}");
        Key { name: KeyName::Scoped { scope, key }, body_hash }
    }

    fn place_of(&self, property: PropertyId, lines: Vec<Line>) -> Place {
        let hold = HoldId(self.ids.next_id());
        Place { property, hold, reference: String::new(), lines, advance_days_max: None }
    }

    /// The same request as it comes the next time: under the same key, with ids of its own, and at
    /// the price of that moment.
    #[must_use]
    pub fn again(&self, order: &Order) -> Order {
        let mut order = order.clone();
        let place = if let Command::Place(place) = &mut order.command {
            place
        } else if let Command::Book(book) = &mut order.command {
            book.id = ReservationId(self.ids.next_id());
            book.code = Code::draw(self.ids.next_u64());
            prices::dearer(&mut book.price);
            &mut book.place
        } else {
            return order;
        };
        place.hold = HoldId(self.ids.next_id());
        for line in &mut place.lines {
            line.id = LineId(self.ids.next_id());
        }
        order
    }

    /// Another request under the key of this one.
    #[must_use]
    pub fn misused(&self, order: &Order) -> Order {
        let mut order = self.again(order);
        if let Some(key) = &mut order.key {
            key.body_hash.push_str(" and more");
        }
        order
    }

    /// One line or two, some of them on the same pool.
    fn lines(&self, random: &mut Random, house: &House, today: Day) -> Vec<Line> {
        let count = if random.chance(250) { 2 } else { 1 };
        let first_day = today.plus(random.between(0, 5));
        let stay = Stay::new(first_day, first_day.plus(random.between(1, 5)));
        let line = |random: &mut Random| Line {
            id: LineId(self.ids.next_id()),
            pool: pool(random, house),
            stay,
            units: random.between(1, 3),
        };
        (0..count).map(|_| line(random)).collect()
    }

    fn reschedule(&self, random: &mut Random, house: &House, today: Day, known: &Known) -> Command {
        let lines = self.lines(random, house, today);
        let price = prices::offered(random, house, &lines, today);
        let (agreed, advance_days_max) = (None, None);
        let reserved = |line| ReservedLine { line, room_type: "TYPE".to_owned() };
        let lines = lines.into_iter().map(reserved).collect();
        let (hold, version) = (known.hold, known.version);
        Command::Reschedule { hold, lines, price, agreed, advance_days_max, version }
    }
}

/// What clients may name, so that a repeat does nothing twice.
fn command_takes_key(command: &Command) -> bool {
    matches!(
        command,
        Command::Confirm { .. }
            | Command::Cancel { .. }
            | Command::Extend { .. }
            | Command::Reschedule { .. }
            | Command::CheckIn { .. }
            | Command::CheckOut { .. }
            | Command::NoShow { .. }
    )
}

fn digest(lines: &[Line]) -> String {
    let text = |line: &Line| format!("{} {} {};", line.pool, line.stay, line.units);
    lines.iter().map(text).collect()
}

fn pool(random: &mut Random, house: &House) -> PoolId {
    random.pick(&house.pools).copied().expect("a house has a pool")
}

fn check_in(random: &mut Random, house: &House, known: &Known) -> Command {
    let door = random.pick(&house.rooms).map(|(_, door)| (*door).to_owned());
    let number = door.filter(|_| random.chance(300));
    let count = random.between(0, 3);
    let line = random.pick(&known.lines).copied();
    let ask = |_| line.map(|line| Assignment { line, number: number.clone() });
    let rooms = (0..count).filter_map(ask).collect();
    Command::CheckIn { hold: known.hold, rooms }
}

fn edit(random: &mut Random, known: &Known) -> Command {
    let guest = Guest { full_name: "Ada".to_owned(), ..Guest::default() };
    let version = Some(known.version).filter(|_| random.chance(500));
    Command::Edit { hold: known.hold, guest, guest_requests: "a cot".to_owned(), version }
}

fn stock(random: &mut Random, house: &House, today: Day) -> Command {
    let first_day = today.plus(random.between(0, 6));
    let end_day = first_day.plus(random.between(1, 4));
    let mut patch = StockPatch::default();
    match random.between(0, 5) {
        0 => patch.capacity = Some(random.between(0, 5)),
        1 => patch.blocked_delta = Some(random.between(-1, 3)),
        2 => patch.closed = Some(random.chance(500)),
        3 => patch.overbook_bp = Some(random.between(0, 3) * 2_500),
        _ => patch.out_of_order = Some(random.between(0, 2)),
    }
    Command::SetStock { pool: pool(random, house), first_day, end_day, patch }
}

fn default(random: &mut Random, house: &House, today: Day) -> Command {
    let (capacity, overbook_bp) = if random.chance(700) {
        (Some(random.between(1, 6)), None)
    } else {
        (None, Some(random.between(0, 3) * 2_500))
    };
    Command::SetDefault { pool: pool(random, house), capacity, overbook_bp, from_day: today }
}
