//! The desk's batches: a booking, a change of everything about another one, a change of stock. On
//! the desk's own connections.

use std::collections::{BTreeMap, BTreeSet};

use vacancy_domain::cells::{CellId, Stock};
use vacancy_domain::disputes::{Dispute, DisputeStatus};
use vacancy_domain::holds::{Hold, HoldState};
use vacancy_domain::ids::{
    DisputeId, HoldId, JobId, LineId, PaymentId, PoolId, PropertyId, RefundId, ReservationId,
    WorkItemId,
};
use vacancy_domain::ledger::{Entry, Kind, Line};
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::{Payment, PaymentState};
use vacancy_domain::pools::{PoolChange, PoolChangeKind};
use vacancy_domain::prices::Price;
use vacancy_domain::reservations::state::{MoneyState, StayState};
use vacancy_domain::reservations::{Guest, Reservation, ReservedLine};
use vacancy_domain::snapshot::Change;
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::events::NewEvent;
use vacancy_store::faults::Fault;
use vacancy_store::holds::write::{self, Decided, Writes};
use vacancy_store::holds::write_outcomes::NewOutcome;
use vacancy_store::holds::{Loaded, Wanted, load, overdue};
use vacancy_store::jobs::NewJob;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;
use vacancy_store::work_items::{NewWorkItem, WorkKind};

use crate::fill::bookings::{Booking, HELD, NIGHTS, SOLD};
use crate::fill::{Of, TODAY, house, id, pool, property};
use crate::run::NOW_MS;

/// Behind all that was filled in.
const NEW: i64 = 1_000_000;
const BIG: PropertyId = PropertyId((Of::Property as u128) << 64);
/// A guest who is in the house, in room 91.
const MOVED: Booking = Booking(17_490);
/// A guest whose bank asks.
const DISPUTED: Booking = Booking(3_000);

pub(crate) async fn all(db: &Db) {
    db.write_desk(|tx| Box::pin(book(tx))).await.unwrap();
    db.write_desk(|tx| Box::pin(change(tx))).await.unwrap();
    db.write_desk(|tx| Box::pin(restock(tx))).await.unwrap();
    db.write_desk(|tx| Box::pin(dispute(tx))).await.unwrap();
}

fn nights(pool: PoolId, stay: Stay) -> BTreeSet<(PropertyId, CellId)> {
    stay.days().map(|day| (BIG, CellId { pool, day })).collect()
}

async fn settle(tx: &Tx<'_>, loaded: &mut Loaded, changes: Vec<Change>) -> Result<(), Fault> {
    settle_with(tx, loaded, changes, Writes::default()).await
}

async fn settle_with(
    tx: &Tx<'_>,
    loaded: &mut Loaded,
    changes: Vec<Change>,
    mut writes: Writes,
) -> Result<(), Fault> {
    loaded.snapshot.apply(&changes);
    writes.decided = vec![Decided { actor: "guest".to_owned(), changes }];
    write::write(tx, loaded, &writes).await
}

/// A booking on nights that nobody touched, with a payment, and all that a batch leaves behind.
async fn book(tx: &Tx<'_>) -> Result<(), Fault> {
    let stay = Stay::new(Day(TODAY + 600), Day(TODAY + 603));
    let line = Line { id: LineId(id(Of::Line, NEW)), pool: pool(0, 0), stay, units: 1 };
    let (request, key) = ("request 6".to_owned(), ("scope 1".to_owned(), "key 15001".to_owned()));
    let wanted = Wanted {
        properties: BTreeSet::from([BIG]),
        pools: BTreeMap::from([(line.pool, BIG)]),
        cells: nights(line.pool, stay),
        rule_cells: nights(line.pool, Stay::new(Day(TODAY + 30), Day(TODAY + 31))),
        requests: BTreeSet::from([(BIG, request.clone())]),
        keys: BTreeSet::from([key.clone()]),
        ..Wanted::default()
    };
    let mut loaded = load::load(tx, &wanted).await?;
    let locked = wanted.cells.iter().all(|(_, id)| loaded.snapshot.cells.contains_key(id));
    assert!(locked && load::look(tx, &wanted).await?.len() == wanted.cells.len());
    assert_eq!(loaded.snapshot.cells.len(), 4);
    assert!(loaded.requests.contains_key(&(BIG, request)) && loaded.keys.contains_key(&key));
    let full = nights(line.pool, Stay::new(Day(Booking(SOLD).first_day()), Day(TODAY + 120)));
    overdue::read(tx, &full, &mut loaded).await?;
    assert_eq!(loaded.snapshot.overdue.len(), usize::try_from(HELD / 2).unwrap());

    let hold = Hold {
        id: HoldId(id(Of::Hold, NEW)),
        property: BIG,
        state: HoldState::Held,
        created_at_ms: NOW_MS,
        expires_at_ms: NOW_MS + 600_000,
        reference: String::new(),
        version: 0,
        lines: Vec::new(),
    };
    let entry = Entry { property: BIG, hold: hold.id, kind: Kind::Held, line };
    let reservation = reservation(&hold, line);
    let payment = payment(reservation.id);
    let changes = vec![
        Change::HoldPlaced(hold),
        Change::LineMoved { entry, before: None },
        Change::ReservationMade(Box::new(reservation)),
        Change::PaymentMade(payment),
    ];
    settle_with(tx, &mut loaded, changes, beside()).await
}

fn reservation(hold: &Hold, line: Line) -> Reservation {
    Reservation {
        id: ReservationId(id(Of::Reservation, NEW)),
        business: house::business(1),
        property: BIG,
        hold: hold.id,
        code: Booking(NEW).code(),
        request_id: "a new request".to_owned(),
        stay_state: StayState::Held,
        money_state: MoneyState::Pending,
        stay: line.stay,
        lines: vec![ReservedLine { line, room_type: "TYPE0".to_owned() }],
        adults: 2,
        children: vec![7],
        guest: Guest { full_name: "New".to_owned(), ..Guest::default() },
        guest_requests: String::new(),
        price: Price::free(Currency::EUR),
        paid_minor: 0,
        refunded_minor: 0,
        allowance_minor: 0,
        charged_back_minor: 0,
        hold_expires_at_ms: hold.expires_at_ms,
        created_at_ms: NOW_MS,
        confirmed_at_ms: None,
        version: 1,
    }
}

fn payment(reservation: ReservationId) -> Payment {
    Payment {
        id: PaymentId(id(Of::Payment, NEW)),
        reservation,
        provider: "sandbox".to_owned(),
        account: None,
        provider_order_id: "a new order".to_owned(),
        provider_payment_id: String::new(),
        checkout_url: String::new(),
        state: PaymentState::Pending,
        amount: Money { minor: 100, currency: Currency::EUR },
        captured_minor: 0,
        refunded_minor: 0,
        charged_back_minor: 0,
        method: String::new(),
        created_at_ms: NOW_MS,
        completed_at_ms: None,
        version: 1,
    }
}

/// Outcomes, a job, a matter for people, news and the fence.
fn beside() -> Writes {
    let (body_hash, outcome) = (String::new(), "{}".to_owned());
    Writes {
        outcomes: vec![
            NewOutcome::Request {
                property: BIG,
                request_id: "a new request".to_owned(),
                body_hash: body_hash.clone(),
                outcome: outcome.clone(),
            },
            NewOutcome::Key {
                scope: "scope 1".to_owned(),
                key: "a new key".to_owned(),
                body_hash,
                outcome,
            },
        ],
        jobs: vec![NewJob {
            id: JobId(id(Of::Job, NEW + 1)),
            kind: "mail",
            property: Some(BIG),
            subject: String::new(),
            payload: "{}".to_owned(),
            due_in_ms: 600_000,
        }],
        work_items: vec![NewWorkItem {
            property: property(1),
            id: WorkItemId(id(Of::WorkItem, NEW + 1)),
            kind: WorkKind::Oversold,
            subject: "a night".to_owned(),
            detail: String::new(),
            data: "{}".to_owned(),
        }],
        events: vec![NewEvent { property: BIG, body: "{}".to_owned() }],
        is_fenced: true,
        ..Writes::default()
    }
}

/// A bank takes a payment back: a dispute that is new, and one that goes on.
async fn dispute(tx: &Tx<'_>) -> Result<(), Fault> {
    let booking = DISPUTED;
    let wanted = Wanted {
        holds: BTreeSet::from([booking.hold()]),
        payments: BTreeSet::from([booking.payment()]),
        disputes_of: BTreeSet::from([booking.hold()]),
        ..Wanted::default()
    };
    let mut loaded = load::load(tx, &wanted).await?;
    let known = loaded.snapshot.disputes.values().next().unwrap().clone();
    let before = Some(Box::new(known.told.clone()));
    let mut next = known.clone();
    next.version += 1;
    next.told.status = DisputeStatus::Lost;
    let new = Dispute {
        id: DisputeId(id(Of::Dispute, NEW)),
        provider_dispute_id: "a new dispute".to_owned(),
        version: 1,
        ..known
    };
    let changes = vec![
        Change::DisputeHeard { dispute: Box::new(next), before },
        Change::DisputeHeard { dispute: Box::new(new), before: None },
    ];
    settle(tx, &mut loaded, changes).await
}

/// A guest leaves early: nights, money and room go back, and another room is taken.
async fn change(tx: &Tx<'_>) -> Result<(), Fault> {
    let wanted = Wanted {
        holds: BTreeSet::from([MOVED.hold()]),
        payments: BTreeSet::from([MOVED.payment()]),
        rooms_of: BTreeSet::from([MOVED.hold()]),
        ..Wanted::default()
    };
    let mut loaded = load::load(tx, &wanted).await?;
    let known = &loaded.snapshot;
    let line = known.holds[&MOVED.hold()].lines[0];
    let mut reservation = known.reservations[&MOVED.hold()].clone();
    let mut payment = known.payments[&MOVED.payment()].clone();
    let first_day = Day(MOVED.first_day());
    let (slept, free) = (house::room(0, 90).id, house::room(0, 110).id);
    assert_eq!(known.room_nights[&(slept, first_day)], MOVED.line());
    assert_eq!(known.rooms.len(), usize::try_from(house::BIG_ROOMS).unwrap());
    // Who is there on these nights, not who ever was.
    assert!(known.room_nights.len() < 1_000, "{} nights in rooms", known.room_nights.len());

    reservation.version += 1;
    reservation.guest_requests = "a cot".to_owned();
    payment.version += 1;
    payment.refunded_minor += 100;
    let money = Money { minor: 100, currency: Currency::EUR };
    let entry = Entry { property: BIG, hold: MOVED.hold(), kind: Kind::Returned, line };
    let last_night = first_day.plus(NIGHTS - 1);
    let changes = vec![
        Change::LineMoved { entry, before: Some(Kind::Posted) },
        Change::HoldMoved { hold: MOVED.hold(), state: HoldState::Returned, expires_at_ms: NOW_MS },
        Change::RefundMade {
            refund: RefundId(id(Of::Refund, NEW)),
            payment: payment.id,
            reservation: reservation.id,
            money,
            allowance_minor: 0,
            reason: "left early".to_owned(),
            provider_refund_id: "re_1".to_owned(),
        },
        Change::ReservationMoved {
            reservation: Box::new(reservation),
            action: "change",
            detail: String::new(),
        },
        Change::PaymentMoved(payment),
        Change::RoomFreed { room: slept, day: last_night },
        Change::RoomTaken { room: free, day: last_night, line: line.id },
    ];
    settle(tx, &mut loaded, changes).await
}

/// A room type gets another default, and one night of its own.
async fn restock(tx: &Tx<'_>) -> Result<(), Fault> {
    let (pool, day) = (pool(0, 1), Day(TODAY + 50));
    let wanted = Wanted {
        properties: BTreeSet::from([BIG]),
        pools: BTreeMap::from([(pool, BIG)]),
        whole_pool: Some((BIG, pool, Day(TODAY))),
        pools_to_change: true,
        ..Wanted::default()
    };
    let mut loaded = load::load(tx, &wanted).await?;
    let cell = CellId { pool, day };
    let before = loaded.snapshot.cells[&cell];
    let stock = Stock { capacity: 1_001, ..before.stock };
    let recorded = PoolChange {
        property: BIG,
        pool,
        seq: loaded.snapshot.pools[&pool].change_seq + 1,
        kind: PoolChangeKind::DefaultCapacity,
        first_day: Day(0),
        end_day: None,
        value: 1_001,
    };
    let changes = vec![
        Change::CellSet { cell, stock, capacity_is_own: true, restrictions: before.restrictions },
        Change::PoolSet { pool, stock },
        Change::StockChanged(recorded),
    ];
    settle(tx, &mut loaded, changes).await
}
