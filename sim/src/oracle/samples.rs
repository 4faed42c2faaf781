//! One booking and its answer, for the tests of the oracle.

use vacancy_app::desk::command::{Answer, Booked, Command, Order, Outcome};
use vacancy_app::errors::Error;
use vacancy_domain::codes::Code;
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{HoldId, LineId, PoolId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::Price;
use vacancy_domain::reservations::{Book, Guest};
use vacancy_domain::stays::{Day, Stay};

pub(super) const PROPERTY: PropertyId = PropertyId(4);
pub(super) const POOL: u128 = 1;
pub(super) const HOLD: u128 = 2;

pub(super) fn price(total_minor: i64) -> Price {
    Price { total_minor, ..Price::free(Currency::EUR) }
}

/// Two units for the nights 10 and 11.
pub(super) fn booking(hold: u128, total_minor: i64) -> Order {
    let stay = Stay::new(Day(10), Day(12));
    let line = Line { id: LineId(3), pool: PoolId(POOL), stay, units: 2 };
    let (property, lines) = (PROPERTY, vec![line]);
    let hold = HoldId(hold);
    let place = Place { property, hold, reference: String::new(), lines, advance_days_max: None };
    let book = Book {
        place,
        id: ReservationId(5),
        code: Code::draw(6),
        request_id: "request".to_owned(),
        room_types: vec!["TYPE".to_owned()],
        adults: 2,
        children: Vec::new(),
        guest: Guest::default(),
        price: price(total_minor),
        agreed: None,
    };
    Order::new(property, "crowd", Command::Book(Box::new(book)))
}

pub(super) fn yes(total_minor: i64) -> Result<Answer, Error> {
    let booked = Booked {
        reservation: ReservationId(5),
        property: PROPERTY,
        hold: HoldId(HOLD),
        code: Code::draw(6),
        expires_at_ms: 0,
        decided_at_ms: 0,
        price: price(total_minor),
        room_types: vec!["TYPE".to_owned()],
    };
    Ok(Answer { outcome: Outcome::Booked(Box::new(booked)), is_replay: false })
}
