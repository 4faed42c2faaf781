//! What guests and the front desk of a seed's world wish for. Wishes are drawn, not judged: most
//! are sensible, many come twice, some at the wrong time.

use vacancy_app::desk::command::{Command, Key, KeyName, Order};
use vacancy_app::ids::Ids;
use vacancy_domain::codes::Code;
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{HoldId, LineId, PaymentId, PoolId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::{News, Payment, PaymentState};
use vacancy_domain::pools::StockPatch;
use vacancy_domain::prices::Price;
use vacancy_domain::reservations::{Book, Guest, ReservedLine};
use vacancy_domain::stays::{Day, Stay};

use crate::random::Random;

/// The one property of the world.
pub const PROPERTY: PropertyId = PropertyId(0xa0);
/// What every stay of the world costs.
const TOTAL_MINOR: i64 = 10_000;

/// Something that the world knows and later wishes are about.
#[derive(Debug, Clone)]
pub struct Known {
    pub hold: HoldId,
    pub reservation: Option<ReservationId>,
    /// The version that a client read last.
    pub version: i64,
    /// The attempt to pay that began last.
    pub payment: Option<PaymentId>,
}

/// The crowd of one seed.
pub struct Crowd {
    random: Random,
    ids: Ids,
    pools: Vec<PoolId>,
    request_count: u64,
}

impl Crowd {
    #[must_use]
    pub fn new(random: Random, ids: Ids, pools: Vec<PoolId>) -> Crowd {
        Crowd { random, ids, pools, request_count: 0 }
    }

    /// The next wish, given the civil day and what is known.
    pub fn wish(&mut self, today: Day, known: &[Known]) -> Order {
        let about = self.random.pick(known).cloned();
        let kind = self.random.between(0, 100);
        let Some(known) = about.filter(|_| 40 <= kind) else {
            return if kind < 34 { self.book(today) } else { self.place(today) };
        };
        let hold = known.hold;
        let command = match kind {
            40..=51 => Command::Confirm { hold, reference: None },
            52..=61 => Command::Cancel { hold, reference: None, reason: "drawn".to_owned() },
            62..=65 => Command::Extend { hold },
            66..=69 => Command::Lapse { hold },
            70..=75 => self.reschedule(today, &known),
            76..=80 => Command::CheckIn { hold, rooms: Vec::new() },
            81..=84 => Command::CheckOut { hold },
            85..=87 => Command::NoShow { hold },
            88..=93 => self.pay(&known),
            94..=97 => self.stock(today),
            _ => self.default(today),
        };
        Order::new(PROPERTY, "crowd", command)
    }

    fn book(&mut self, today: Day) -> Order {
        self.request_count += 1;
        let request_id = format!("request {}", self.request_count);
        let lines = self.lines(today);
        let book = Book {
            room_types: lines.iter().map(|_| "TYPE".to_owned()).collect(),
            place: self.wish_for(lines),
            id: ReservationId(self.ids.next_id()),
            code: Code::draw(self.ids.next_u64()),
            request_id: request_id.clone(),
            adults: 2,
            children: Vec::new(),
            guest: Guest::default(),
            price: Price { total_minor: TOTAL_MINOR, ..Price::free(Currency::EUR) },
            agreed: None,
        };
        let key = KeyName::Request { property: PROPERTY, request_id: request_id.clone() };
        Order::new(PROPERTY, "crowd", Command::Book(Box::new(book)))
            .with_key(Key { name: key, body_hash: request_id })
    }

    fn place(&mut self, today: Day) -> Order {
        let lines = self.lines(today);
        Order::new(PROPERTY, "crowd", Command::Place(self.wish_for(lines)))
    }

    fn wish_for(&mut self, lines: Vec<Line>) -> Place {
        Place {
            property: PROPERTY,
            hold: HoldId(self.ids.next_id()),
            reference: String::new(),
            lines,
            advance_days_max: None,
        }
    }

    /// One line or two, some of them on the same pool.
    fn lines(&mut self, today: Day) -> Vec<Line> {
        let count = if self.random.chance(250) { 2 } else { 1 };
        let first_day = today.plus(self.random.between(0, 5));
        let stay = Stay::new(first_day, first_day.plus(self.random.between(1, 5)));
        let mut lines = Vec::new();
        for _ in 0..count {
            let pool = self.pool();
            let units = self.random.between(1, 3);
            lines.push(Line { id: LineId(self.ids.next_id()), pool, stay, units });
        }
        lines
    }

    fn pool(&mut self) -> PoolId {
        self.random.pick(&self.pools).copied().unwrap_or(PoolId(0))
    }

    fn reschedule(&mut self, today: Day, known: &Known) -> Command {
        let lines = self.lines(today).into_iter();
        let lines = lines.map(|line| ReservedLine { line, room_type: "TYPE".to_owned() }).collect();
        Command::Reschedule {
            hold: known.hold,
            lines,
            price: Price { total_minor: TOTAL_MINOR, ..Price::free(Currency::EUR) },
            agreed: None,
            advance_days_max: None,
            version: known.version,
        }
    }

    /// Goes to pay, or hears how it ended: whichever comes next for this guest.
    fn pay(&mut self, known: &Known) -> Command {
        let (hold, amount) = (known.hold, Money::new(TOTAL_MINOR, Currency::EUR));
        let Some(reservation) = known.reservation else { return Command::Lapse { hold } };
        let begins = self.random.chance(400);
        let Some(payment) = known.payment.filter(|_| !begins) else {
            return Command::BeginPayment {
                hold,
                payment: Box::new(Payment {
                    id: PaymentId(self.ids.next_id()),
                    reservation,
                    provider: "drawn".to_owned(),
                    provider_order_id: String::new(),
                    provider_payment_id: String::new(),
                    checkout_url: String::new(),
                    state: PaymentState::Created,
                    amount,
                    captured_minor: 0,
                    refunded_minor: 0,
                    method: String::new(),
                    created_at_ms: 0,
                    completed_at_ms: None,
                    version: 1,
                }),
            };
        };
        let states = [PaymentState::Succeeded, PaymentState::Failed, PaymentState::Pending];
        let state = self.random.pick(&states).copied().unwrap_or(PaymentState::Pending);
        let captured =
            if state == PaymentState::Succeeded { amount } else { Money::zero(Currency::EUR) };
        let (provider_payment_id, method) = (String::new(), String::new());
        let news = News { payment, state, provider_payment_id, captured, method };
        Command::HearPayment { hold, news }
    }

    fn stock(&mut self, today: Day) -> Command {
        let first_day = today.plus(self.random.between(0, 6));
        let end_day = first_day.plus(self.random.between(1, 4));
        let mut patch = StockPatch::default();
        match self.random.between(0, 5) {
            0 => patch.capacity = Some(self.random.between(0, 5)),
            1 => patch.blocked_delta = Some(self.random.between(-1, 3)),
            2 => patch.closed = Some(self.random.chance(500)),
            3 => patch.overbook_bp = Some(self.random.between(0, 3) * 2_500),
            _ => patch.out_of_order = Some(self.random.between(0, 2)),
        }
        Command::SetStock { pool: self.pool(), first_day, end_day, patch }
    }

    fn default(&mut self, today: Day) -> Command {
        let (capacity, overbook_bp) = if self.random.chance(700) {
            (Some(self.random.between(1, 6)), None)
        } else {
            (None, Some(self.random.between(0, 3) * 2_500))
        };
        let from_day = today.plus(-1);
        Command::SetDefault { pool: self.pool(), capacity, overbook_bp, from_day }
    }
}
