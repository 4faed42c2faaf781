//! A hotel that has been lived in: every kind of thing that can happen to a guest has happened.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use vacancy_app::desk::command::{Command, Key, KeyName, Order};
use vacancy_app::desk::{Desk, Lanes};
use vacancy_app::ids::Ids;
use vacancy_domain::codes::Code;
use vacancy_domain::disputes::{self, DisputeStatus, Funds, Told};
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{
    DisputeId, HoldId, LineId, PaymentId, PoolId, PropertyId, RefundId, ReservationId,
};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::{NewPayment, News, Payment, PaymentState};
use vacancy_domain::pools::StockPatch;
use vacancy_domain::prices::Price;
use vacancy_domain::reservations::money::GivenBack;
use vacancy_domain::reservations::{Book, Guest, ReservedLine};
use vacancy_domain::rooms::Assignment;
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::sql::{Db, Time};
use vacancy_store::testing::fixtures;

/// 2027-01-01T12:00:00Z.
const NOON_MS: i64 = 1_798_804_800_000;
/// The civil day of [`NOON_MS`] in Lisbon.
pub(crate) const TODAY: Day = Day(20_819);
pub(crate) const PROPERTY: PropertyId = PropertyId(0xa0);
pub(crate) const SMALL: PoolId = PoolId(0xc0);
pub(crate) const LARGE: PoolId = PoolId(0xc1);
const PRICE_MINOR: i64 = 10_000;

#[derive(Clone)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(crate) fn at_noon() -> Clock {
        Clock(Arc::new(NOON_MS.into()))
    }

    pub(crate) fn time(&self) -> Time {
        let ms = Arc::clone(&self.0);
        Time::Given(Arc::new(move || ms.load(Ordering::SeqCst)))
    }

    pub(crate) fn back_to_noon(&self) {
        self.0.store(NOON_MS, Ordering::SeqCst);
    }

    fn pass_minutes(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }
}

/// One booking, as its guest knows it.
#[derive(Clone, Copy)]
pub(crate) struct Booked {
    pub(crate) hold: HoldId,
    id: ReservationId,
    line: Line,
}

/// The hotel and its desk.
pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) desk: Desk,
    ids: Ids,
    lanes: Lanes,
}

impl House {
    /// Two kinds of room, 3 units and 2, with doors 101 to 103 and 201.
    pub(crate) async fn open(db: Db) -> House {
        fixtures::property(&db, PROPERTY, &[(SMALL, 3), (LARGE, 2)]).await.unwrap();
        let rooms = [(SMALL, "101"), (SMALL, "102"), (SMALL, "103"), (LARGE, "201")];
        fixtures::rooms(&db, PROPERTY, &rooms).await.unwrap();
        let ids = Ids::seeded(7, Arc::new(|| NOON_MS));
        let (desk, lanes) = Desk::open(&db, &ids);
        House { db, desk, ids, lanes }
    }

    pub(crate) async fn close(self) {
        self.lanes.close().await;
    }

    pub(crate) fn line(&self, pool: PoolId, first: i64, end: i64, units: i64) -> Line {
        let stay = Stay::new(TODAY.plus(first), TODAY.plus(end));
        Line { id: LineId(self.ids.next_id()), pool, stay, units }
    }

    fn place(&self, line: Line) -> Place {
        Place {
            property: PROPERTY,
            hold: HoldId(self.ids.next_id()),
            reference: String::new(),
            lines: vec![line],
            advance_days_max: Some(730),
        }
    }

    pub(crate) async fn ask(&self, command: Command) {
        let order = Order::new(PROPERTY, "test", command);
        self.desk.submit(order).await.unwrap();
    }

    pub(crate) async fn hold(&self, line: Line) -> HoldId {
        let place = self.place(line);
        let hold = place.hold;
        self.ask(Command::Place(place)).await;
        hold
    }

    pub(crate) async fn book(&self, line: Line) -> Booked {
        let place = self.place(line);
        let (hold, id) = (place.hold, ReservationId(self.ids.next_id()));
        let request_id = id.to_string();
        let book = Book {
            place,
            id,
            code: Code::draw(self.ids.next_u64()),
            request_id: request_id.clone(),
            room_types: vec!["TYPE".to_owned()],
            adults: 2,
            children: vec![7],
            guest: Guest::default(),
            price: Price { total_minor: PRICE_MINOR, ..Price::free(Currency::EUR) },
            agreed: None,
        };
        let name = KeyName::Request { property: PROPERTY, request_id };
        let key = Key { name, body_hash: String::new() };
        let order = Order::new(PROPERTY, "guest", Command::Book(Box::new(book))).with_key(key);
        self.desk.submit(order).await.unwrap();
        Booked { hold, id, line }
    }

    pub(crate) async fn confirm(&self, booked: Booked) {
        self.ask(Command::Confirm { hold: booked.hold, reference: None }).await;
    }

    pub(crate) async fn cancel(&self, booked: Booked) {
        let reason = "plans changed".to_owned();
        self.ask(Command::Cancel { hold: booked.hold, reference: None, reason }).await;
    }

    async fn check_in(&self, booked: Booked, doors: &[&str]) {
        let line = booked.line.id;
        let rooms = doors.iter().map(|door| Assignment { line, number: Some((*door).to_owned()) });
        self.ask(Command::CheckIn { hold: booked.hold, rooms: rooms.collect() }).await;
    }

    async fn pay(&self, booked: Booked) -> PaymentId {
        let amount = Money::new(PRICE_MINOR, Currency::EUR);
        let payment = PaymentId(self.ids.next_id());
        let intent = Payment {
            provider_order_id: format!("order-{payment}"),
            ..Payment::begun(NewPayment {
                id: payment,
                reservation: booked.id,
                provider: "sandbox".to_owned(),
                account: None,
                amount,
            })
        };
        self.ask(Command::BeginPayment { hold: booked.hold, payment: Box::new(intent) }).await;
        let news = News {
            payment,
            state: PaymentState::Succeeded,
            provider_payment_id: "pay-1".to_owned(),
            captured: amount,
            method: "card".to_owned(),
        };
        self.ask(Command::HearPayment { hold: booked.hold, news }).await;
        payment
    }

    async fn dispute(&self, booked: Booked, payment: PaymentId) {
        let news = disputes::News {
            dispute: DisputeId(self.ids.next_id()),
            provider_dispute_id: "dp_1".to_owned(),
            payment,
            opened_at_ms: 0,
            told: Told {
                amount: Money::new(PRICE_MINOR, Currency::EUR),
                reason: "fraudulent".to_owned(),
                status: DisputeStatus::NeedsResponse,
                funds: Funds::Withdrawn,
                fee: None,
                due_by_ms: None,
                asked_at_ms: 1,
            },
        };
        self.ask(Command::HearDispute { hold: booked.hold, news: Box::new(news) }).await;
    }

    /// Everything happens once.
    pub(crate) async fn live(&self, clock: &Clock) {
        let late = self.book(self.line(LARGE, 40, 42, 1)).await;
        clock.pass_minutes(11);
        self.ask(Command::Lapse { hold: late.hold }).await;

        let released = self.book(self.line(SMALL, 40, 42, 1)).await;
        self.cancel(released).await;

        let early = self.book(self.line(SMALL, 0, 3, 1)).await;
        self.confirm(early).await;
        self.check_in(early, &["101"]).await;
        let family = self.book(self.line(SMALL, 0, 5, 2)).await;
        self.pay(family).await;
        self.check_in(family, &["102"]).await;
        let absent = self.book(self.line(LARGE, 0, 2, 1)).await;
        self.confirm(absent).await;
        clock.pass_minutes(24 * 60);
        self.ask(Command::CheckOut { hold: early.hold }).await;
        self.ask(Command::NoShow { hold: absent.hold }).await;

        let refunded = self.book(self.line(SMALL, 10, 12, 2)).await;
        let payment = self.pay(refunded).await;
        self.cancel(refunded).await;
        let refund = RefundId(self.ids.next_id());
        self.ask(Command::RecordRefund {
            hold: refunded.hold,
            back: GivenBack {
                refund,
                payment,
                amount_minor: PRICE_MINOR,
                reason: "canceled".to_owned(),
                is_still_due: true,
                provider_refund_id: "re_1".to_owned(),
            },
        })
        .await;

        let moved = self.book(self.line(LARGE, 10, 12, 1)).await;
        let disputed = self.pay(moved).await;
        let line = self.line(SMALL, 11, 14, 1);
        self.ask(Command::Reschedule {
            hold: moved.hold,
            lines: vec![ReservedLine { line, room_type: "TYPE".to_owned() }],
            price: Price { total_minor: PRICE_MINOR, ..Price::free(Currency::EUR) },
            agreed: None,
            advance_days_max: None,
            version: 3,
        })
        .await;
        self.dispute(moved, disputed).await;

        self.set_stock(LARGE, (20, 25), StockPatch { blocked: Some(1), ..none() }).await;
        self.set_stock(LARGE, (22, 24), StockPatch { blocked_delta: Some(1), ..none() }).await;
        self.set_stock(LARGE, (30, 31), StockPatch { closed: Some(true), ..none() }).await;
        self.set_stock(SMALL, (4, 5), StockPatch { capacity: Some(1), ..none() }).await;
        let (capacity, overbook_bp, from_day) = (Some(4), Some(2_500), TODAY.plus(1));
        self.ask(Command::SetDefault { pool: SMALL, capacity, overbook_bp, from_day }).await;

        self.book(self.line(LARGE, 5, 8, 1)).await;
        let bare = self.hold(self.line(SMALL, 6, 9, 2)).await;
        clock.pass_minutes(5);
        self.ask(Command::Extend { hold: bare }).await;
    }

    async fn set_stock(&self, pool: PoolId, (first, end): (i64, i64), patch: StockPatch) {
        let (first_day, end_day) = (TODAY.plus(first), TODAY.plus(end));
        self.ask(Command::SetStock { pool, first_day, end_day, patch }).await;
    }
}

fn none() -> StockPatch {
    StockPatch::default()
}
