//! A hotel with one or more pools, its desk, and short ways to ask it something.

use std::sync::Arc;

use vacancy_app::desk::command::{Answer, Command, Key, KeyName, Order, Outcome};
use vacancy_app::desk::{Desk, Lanes};
use vacancy_app::errors::Error;
use vacancy_app::ids::Ids;
use vacancy_domain::cells::{Cell, CellId};
use vacancy_domain::codes::Code;
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{HoldId, LineId, PoolId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::Price;
use vacancy_domain::reservations::{Book, Guest, Reservation};
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::reservations::{self, HistoryEntry};
use vacancy_store::sql::{Db, Time};
use vacancy_store::testing::{desk, fixtures};

use super::books::findings;

/// 2027-01-01T12:00:00Z, a Friday noon in winter.
pub(crate) const NOON_MS: i64 = 1_798_804_800_000;
/// The civil day of [`NOON_MS`] in Lisbon.
pub(crate) const TODAY: Day = Day(20_819);
pub(crate) const PROPERTY: PropertyId = PropertyId(0xa0);
pub(crate) const POOL: PoolId = PoolId(0xc0);

/// A clock that the test turns.
#[derive(Clone)]
pub(crate) struct Clock(Arc<std::sync::atomic::AtomicI64>);

impl Clock {
    pub(crate) fn at_noon() -> Clock {
        Clock(Arc::new(NOON_MS.into()))
    }

    pub(crate) fn time(&self) -> Time {
        let clock = Arc::clone(&self.0);
        Time::Given(Arc::new(move || clock.load(std::sync::atomic::Ordering::SeqCst)))
    }

    pub(crate) fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, std::sync::atomic::Ordering::SeqCst);
    }
}

/// One instance serving one hotel.
pub(crate) struct Hotel {
    pub(crate) db: Db,
    pub(crate) desk: Desk,
    pub(crate) ids: Ids,
    lanes: Lanes,
}

impl Hotel {
    /// A hotel with one pool of `units`.
    pub(crate) async fn open(db: Db, units: i64) -> Hotel {
        fixtures::property(&db, PROPERTY, &[(POOL, units)]).await.unwrap();
        Hotel::instance(db, 1)
    }

    /// Another instance on the same store.
    pub(crate) fn instance(db: Db, seed: u64) -> Hotel {
        let ids = Ids::seeded(seed, Arc::new(|| NOON_MS));
        let (desk, lanes) = Desk::open(&db, &ids);
        Hotel { db, desk, ids, lanes }
    }

    /// Ends, and believes nothing before the books agree.
    pub(crate) async fn close(self) {
        let db = self.db.clone();
        self.end().await;
        assert_eq!(findings(&db).await, Vec::<String>::new());
    }

    /// Ends without a look at the books.
    pub(crate) async fn end(self) {
        self.lanes.close().await;
    }

    pub(crate) fn line(&self, first: i64, end: i64, units: i64) -> Line {
        let stay = Stay::new(TODAY.plus(first), TODAY.plus(end));
        Line { id: LineId(self.ids.next_id()), pool: POOL, stay, units }
    }

    /// A wish for nights counted from today.
    pub(crate) fn place(&self, first: i64, end: i64, units: i64) -> Place {
        Place {
            property: PROPERTY,
            hold: HoldId(self.ids.next_id()),
            reference: String::new(),
            lines: vec![self.line(first, end, units)],
            advance_days_max: Some(730),
        }
    }

    pub(crate) fn book(&self, request: &str, first: i64, end: i64, units: i64) -> Order {
        let book = Book {
            place: self.place(first, end, units),
            id: ReservationId(self.ids.next_id()),
            code: Code::draw(self.ids.next_u64()),
            request_id: request.to_owned(),
            room_types: vec!["TYPE0".to_owned()],
            adults: 2,
            children: Vec::new(),
            guest: Guest::default(),
            price: Price { total_minor: 10_000, ..Price::free(Currency::EUR) },
            agreed: None,
        };
        let name = KeyName::Request { property: PROPERTY, request_id: request.to_owned() };
        let body_hash = format!("{first} {end} {units}");
        Order::new(PROPERTY, "guest", Command::Book(Box::new(book)))
            .with_key(Key { name, body_hash })
    }

    pub(crate) async fn ask(&self, command: Command) -> Result<Answer, Error> {
        self.desk.submit(Order::new(PROPERTY, "test", command)).await
    }

    /// Places a hold, or tells the refusal's code.
    pub(crate) async fn hold(&self, first: i64, end: i64, units: i64) -> Result<HoldId, String> {
        let place = self.place(first, end, units);
        let hold = place.hold;
        match self.ask(Command::Place(place)).await {
            Ok(_) => Ok(hold),
            Err(error) => Err(error.code().to_owned()),
        }
    }

    /// A reservation that is confirmed and not paid.
    pub(crate) async fn sold(&self, request: &str, first: i64, end: i64) -> Reservation {
        let booked = self.desk.submit(self.book(request, first, end, 1)).await.unwrap();
        let hold = hold_of(&booked);
        reservation(self.ask(Command::Confirm { hold, reference: None }).await.unwrap())
    }

    /// The cell of a night counted from today.
    pub(crate) async fn cell(&self, day: i64) -> Cell {
        desk::cells(&self.db, PROPERTY).await.unwrap()[&CellId { pool: POOL, day: TODAY.plus(day) }]
    }

    /// Held and sold units of some nights counted from today; a cell that is not there has none.
    pub(crate) async fn gone(&self, days: std::ops::Range<i64>) -> Vec<(i64, i64)> {
        let cells = desk::cells(&self.db, PROPERTY).await.unwrap();
        let cell = |day| cells.get(&CellId { pool: POOL, day: TODAY.plus(day) });
        days.map(|day| cell(day).map_or((0, 0), |cell| (cell.held, cell.sold))).collect()
    }

    pub(crate) async fn history(&self, reservation: ReservationId) -> Vec<HistoryEntry> {
        let read = self.db.read(move |tx| {
            Box::pin(async move { reservations::history(tx, PROPERTY, reservation).await })
        });
        read.await.unwrap()
    }
}

/// The reservation of an answer.
pub(crate) fn reservation(answer: Answer) -> Reservation {
    let Outcome::Reservation(reservation) = answer.outcome else {
        panic!("no reservation in {answer:?}")
    };
    *reservation
}

/// The code of an answer that was expected to be a no.
pub(crate) fn code(answer: Result<Answer, Error>) -> String {
    match answer {
        Ok(answer) => format!("{:?}", answer.outcome),
        Err(error) => error.code().to_owned(),
    }
}

/// The hold of a booking.
pub(crate) fn hold_of(answer: &Answer) -> HoldId {
    match &answer.outcome {
        Outcome::Booked(booked) => booked.hold,
        Outcome::Held(held) => held.hold,
        Outcome::Reservation(reservation) => reservation.hold,
        Outcome::RefundAsked(_) | Outcome::Known(_) | Outcome::Done => {
            panic!("no hold in {answer:?}")
        }
    }
}
