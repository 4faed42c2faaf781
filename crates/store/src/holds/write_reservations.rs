//! The part of a batch that concerns guests: reservations, their history, payments and rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use futures_util::try_join;
use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::{HoldId, LineId, PaymentId, RoomId};
use vacancy_domain::payments::Payment;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::snapshot::{Change, Snapshot};
use vacancy_domain::stays::Day;

use super::Loaded;
use super::columns::Rows;
use super::write::expect;
use super::write_money::{self, Disputes};
use crate::faults::Fault;
use crate::ids::uuid;
use crate::prices;
use crate::reservations::{ages_to_text, lines_to_text, search_text};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::Tx;

/// One row of a reservation's history.
struct History<'w> {
    reservation: &'w Reservation,
    actor: &'w str,
    action: &'static str,
    detail: &'w str,
}

/// The changes of a batch that concern guests, by what they touch.
#[derive(Default)]
pub(super) struct Actions<'w> {
    history: Vec<History<'w>>,
    reservations_new: BTreeSet<HoldId>,
    reservations_moved: BTreeSet<HoldId>,
    payments_new: BTreeSet<PaymentId>,
    payments_moved: BTreeSet<PaymentId>,
    refunds: Vec<&'w Change>,
    disputes: Disputes<'w>,
    rooms_freed: BTreeSet<(RoomId, Day)>,
    rooms_taken: BTreeMap<(RoomId, Day), LineId>,
}

impl<'w> Actions<'w> {
    pub(super) fn add(&mut self, actor: &'w str, change: &'w Change) {
        self.disputes.add(change);
        if let Change::ReservationMade(reservation) = change {
            self.reservations_new.insert(reservation.hold);
            self.history.push(History { reservation, actor, action: "book", detail: "" });
        } else if let Change::ReservationMoved { reservation, action, detail } = change {
            self.reservations_moved.insert(reservation.hold);
            self.history.push(History { reservation, actor, action, detail });
        } else if let Change::PaymentMade(payment) = change {
            self.payments_new.insert(payment.id);
        } else if let Change::PaymentMoved(payment) = change {
            self.payments_moved.insert(payment.id);
        } else if let Change::RefundMade { .. } = change {
            self.refunds.push(change);
        } else if let Change::RoomTaken { room, day, line } = change {
            self.rooms_taken.insert((*room, *day), *line);
        } else if let Change::RoomFreed { room, day } = change {
            // A night that this batch took is not in the store yet.
            if self.rooms_taken.remove(&(*room, *day)).is_none() {
                self.rooms_freed.insert((*room, *day));
            }
        }
    }
}

const RESERVATION: &[(&str, Kind)] = &[
    ("property", Kind::Uuid),
    ("id", Kind::Uuid),
    ("business", Kind::Uuid),
    ("hold", Kind::Uuid),
    ("code", Kind::Text),
    ("request_id", Kind::Text),
    ("stay_state", Kind::Text),
    ("money_state", Kind::Text),
    ("first_day", Kind::I64),
    ("end_day", Kind::I64),
    ("lines", Kind::Text),
    ("adults", Kind::I64),
    ("children", Kind::Text),
    ("guest_name", Kind::Text),
    ("guest_email", Kind::Text),
    ("guest_phone", Kind::Text),
    ("guest_requests", Kind::Text),
    ("search_text", Kind::Text),
    ("price", Kind::Text),
    ("currency", Kind::Text),
    ("total_minor", Kind::I64),
    ("paid_minor", Kind::I64),
    ("refunded_minor", Kind::I64),
    ("allowance_minor", Kind::I64),
    ("hold_expires_at_ms", Kind::I64),
    ("created_at_ms", Kind::I64),
    ("confirmed_at_ms", Kind::I64),
    ("token_version", Kind::I64),
    ("version", Kind::I64),
];
static NEW_RESERVATIONS: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::insert("reservation", RESERVATION));
static NEW_CODES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "confirmation_code",
        &[("business", Kind::Uuid), ("code", Kind::Text), ("reservation", Kind::Uuid)],
    )
});
static MOVED_RESERVATIONS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::update(
        "reservation",
        "stay_state = u.stay, money_state = u.money, first_day = u.first, end_day = u.last, \
         lines = u.lines, guest_name = u.name, guest_email = u.email, guest_phone = u.phone, \
         guest_requests = u.wishes, search_text = u.search, price = u.price, \
         total_minor = u.total, paid_minor = u.paid, refunded_minor = u.refunded, \
         allowance_minor = u.allowance, charged_back_minor = u.charged_back, \
         hold_expires_at_ms = u.expires, confirmed_at_ms = u.confirmed, version = u.next",
        "t.id = u.id AND t.version = u.version",
        &[
            ("id", Kind::Uuid),
            ("version", Kind::I64),
            ("stay", Kind::Text),
            ("money", Kind::Text),
            ("first", Kind::I64),
            ("last", Kind::I64),
            ("lines", Kind::Text),
            ("name", Kind::Text),
            ("email", Kind::Text),
            ("phone", Kind::Text),
            ("wishes", Kind::Text),
            ("search", Kind::Text),
            ("price", Kind::Text),
            ("total", Kind::I64),
            ("paid", Kind::I64),
            ("refunded", Kind::I64),
            ("allowance", Kind::I64),
            ("charged_back", Kind::I64),
            ("expires", Kind::I64),
            ("confirmed", Kind::I64),
            ("next", Kind::I64),
        ],
    )
});
static HISTORY: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "reservation_history",
        &[
            ("property", Kind::Uuid),
            ("reservation", Kind::Uuid),
            ("seq", Kind::I64),
            ("at_ms", Kind::I64),
            ("actor", Kind::Text),
            ("action", Kind::Text),
            ("detail", Kind::Text),
            ("stay_state", Kind::Text),
            ("money_state", Kind::Text),
        ],
    )
});
static NEW_PAYMENTS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "payment",
        &[
            ("property", Kind::Uuid),
            ("id", Kind::Uuid),
            ("reservation", Kind::Uuid),
            ("provider", Kind::Text),
            ("account", Kind::Uuid),
            ("provider_payment_id", Kind::Text),
            ("provider_order_id", Kind::Text),
            ("checkout_url", Kind::Text),
            ("state", Kind::Text),
            ("amount_minor", Kind::I64),
            ("currency", Kind::Text),
            ("captured_minor", Kind::I64),
            ("refunded_minor", Kind::I64),
            ("method", Kind::Text),
            ("created_at_ms", Kind::I64),
            ("completed_at_ms", Kind::I64),
            ("version", Kind::I64),
        ],
    )
});
static MOVED_PAYMENTS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::update(
        "payment",
        "provider_payment_id = u.provider_id, state = u.state, captured_minor = u.captured, \
         refunded_minor = u.refunded, charged_back_minor = u.charged_back, method = u.method, \
         completed_at_ms = u.completed, \
         provider_order_id = u.order_id, checkout_url = u.url, version = u.next",
        "t.id = u.id AND t.version = u.version",
        &[
            ("id", Kind::Uuid),
            ("version", Kind::I64),
            ("provider_id", Kind::Text),
            ("order_id", Kind::Text),
            ("url", Kind::Text),
            ("state", Kind::Text),
            ("captured", Kind::I64),
            ("refunded", Kind::I64),
            ("charged_back", Kind::I64),
            ("method", Kind::Text),
            ("completed", Kind::I64),
            ("next", Kind::I64),
        ],
    )
});
/// Which payment a provider's order stands for, for ever.
static PROVIDER_ORDERS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "provider_order",
        &[("provider", Kind::Text), ("provider_order_id", Kind::Text), ("payment", Kind::Uuid)],
    )
    .or_nothing()
});
static ROOMS_TAKEN: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "room_night",
        &[("property", Kind::Uuid), ("room", Kind::Uuid), ("day", Kind::I64), ("line", Kind::Uuid)],
    )
});
static ROOMS_FREED: LazyLock<Bulk> = LazyLock::new(|| {
    let element = &[("property", Kind::Uuid), ("room", Kind::Uuid), ("day", Kind::I64)];
    Bulk::delete(
        "room_night",
        "t.property = u.property AND t.room = u.room AND t.day = u.day",
        element,
    )
});

pub(super) async fn write(
    tx: &Tx<'_>,
    loaded: &Loaded,
    actions: &Actions<'_>,
) -> Result<(), Fault> {
    try_join!(
        write_reservations(tx, loaded, actions),
        write_history(tx, loaded, actions),
        write_payments(tx, loaded, actions),
        write_money::refunds(tx, loaded, &actions.refunds),
        write_money::disputes(tx, loaded, &actions.disputes),
        write_rooms(tx, loaded, actions),
    )?;
    Ok(())
}

async fn write_reservations(
    tx: &Tx<'_>,
    loaded: &Loaded,
    actions: &Actions<'_>,
) -> Result<(), Fault> {
    crash_point("write.reservations");
    let all = &loaded.snapshot.reservations;
    let new = Rows(actions.reservations_new.iter().map(|hold| &all[hold]).collect());
    let moved = actions.reservations_moved.difference(&actions.reservations_new);
    let moved = Rows(moved.map(|hold| &all[hold]).collect::<Vec<&Reservation>>());
    let codes = [
        new.id(|reservation| reservation.business.0),
        new.text(|reservation| reservation.code.letters().to_owned()),
        new.id(|reservation| reservation.id.0),
    ];
    let (new_columns, moved_columns) = (new_columns(&new), moved_columns(&moved, loaded));
    let (made, coded, changed) = try_join!(
        tx.bulk_execute(&NEW_RESERVATIONS, &new_columns),
        tx.bulk_execute(&NEW_CODES, &codes),
        tx.bulk_execute(&MOVED_RESERVATIONS, &moved_columns),
    )?;
    expect(made, new.0.len())?;
    expect(coded, new.0.len())?;
    expect(changed, moved.0.len())
}

fn new_columns(new: &Rows<'_, Reservation>) -> Vec<Column> {
    vec![
        new.id(|r| r.property.0),
        new.id(|r| r.id.0),
        new.id(|r| r.business.0),
        new.id(|r| r.hold.0),
        new.text(|r| r.code.letters().to_owned()),
        new.text(|r| r.request_id.clone()),
        new.text(|r| r.stay_state.word().to_owned()),
        new.text(|r| r.money_state.word().to_owned()),
        new.number(|r| r.stay.first_day.0),
        new.number(|r| r.stay.end_day.0),
        new.text(|r| lines_to_text(&r.lines)),
        new.number(|r| r.adults),
        new.text(|r| ages_to_text(&r.children)),
        new.text(|r| r.guest.full_name.clone()),
        new.text(|r| r.guest.email.clone()),
        new.text(|r| r.guest.phone.clone()),
        new.text(|r| r.guest_requests.clone()),
        new.text(search_text),
        new.text(|r| prices::to_text(&r.price)),
        new.text(|r| r.price.currency.to_string()),
        new.number(|r| r.price.total_minor),
        new.number(|r| r.paid_minor),
        new.number(|r| r.refunded_minor),
        new.number(|r| r.allowance_minor),
        new.number(|r| r.hold_expires_at_ms),
        new.number(|r| r.created_at_ms),
        new.maybe(|r| r.confirmed_at_ms),
        new.number(|_| 1),
        new.number(|r| r.version),
    ]
}

fn moved_columns(moved: &Rows<'_, Reservation>, loaded: &Loaded) -> Vec<Column> {
    let read = |r: &Reservation| loaded.reservation_versions.get(&r.id).copied().unwrap_or(0);
    vec![
        moved.id(|r| r.id.0),
        moved.number(read),
        moved.text(|r| r.stay_state.word().to_owned()),
        moved.text(|r| r.money_state.word().to_owned()),
        moved.number(|r| r.stay.first_day.0),
        moved.number(|r| r.stay.end_day.0),
        moved.text(|r| lines_to_text(&r.lines)),
        moved.text(|r| r.guest.full_name.clone()),
        moved.text(|r| r.guest.email.clone()),
        moved.text(|r| r.guest.phone.clone()),
        moved.text(|r| r.guest_requests.clone()),
        moved.text(search_text),
        moved.text(|r| prices::to_text(&r.price)),
        moved.number(|r| r.price.total_minor),
        moved.number(|r| r.paid_minor),
        moved.number(|r| r.refunded_minor),
        moved.number(|r| r.allowance_minor),
        moved.number(|r| r.charged_back_minor),
        moved.number(|r| r.hold_expires_at_ms),
        moved.maybe(|r| r.confirmed_at_ms),
        moved.number(|r| r.version),
    ]
}

async fn write_history(tx: &Tx<'_>, loaded: &Loaded, actions: &Actions<'_>) -> Result<(), Fault> {
    crash_point("write.history");
    let now_ms = loaded.snapshot.now_ms;
    let rows = Rows(actions.history.iter().collect());
    let columns = [
        rows.id(|entry| entry.reservation.property.0),
        rows.id(|entry| entry.reservation.id.0),
        rows.number(|entry| entry.reservation.version),
        rows.number(|_| now_ms),
        rows.text(|entry| entry.actor.to_owned()),
        rows.text(|entry| entry.action.to_owned()),
        rows.text(|entry| entry.detail.to_owned()),
        rows.text(|entry| entry.reservation.stay_state.word().to_owned()),
        rows.text(|entry| entry.reservation.money_state.word().to_owned()),
    ];
    expect(tx.bulk_execute(&HISTORY, &columns).await?, actions.history.len())
}

async fn write_payments(tx: &Tx<'_>, loaded: &Loaded, actions: &Actions<'_>) -> Result<(), Fault> {
    crash_point("write.payments");
    let snapshot = &loaded.snapshot;
    let all = &snapshot.payments;
    let new = Rows(actions.payments_new.iter().map(|id| &all[id]).collect());
    let moved = actions.payments_moved.difference(&actions.payments_new);
    let moved = Rows(moved.map(|id| &all[id]).collect::<Vec<&Payment>>());
    let read = |p: &Payment| loaded.payment_versions.get(&p.id).copied().unwrap_or(0);
    let new_columns = [
        new.id(|p| property_of(snapshot, p)),
        new.id(|p| p.id.0),
        new.id(|p| p.reservation.0),
        new.text(|p| p.provider.clone()),
        new.maybe_id(|p| p.account.map(|account| account.0)),
        new.text(|p| p.provider_payment_id.clone()),
        new.text(|p| p.provider_order_id.clone()),
        new.text(|p| p.checkout_url.clone()),
        new.text(|p| p.state.word().to_owned()),
        new.number(|p| p.amount.minor),
        new.text(|p| p.amount.currency.to_string()),
        new.number(|p| p.captured_minor),
        new.number(|p| p.refunded_minor),
        new.text(|p| p.method.clone()),
        new.number(|p| p.created_at_ms),
        new.maybe(|p| p.completed_at_ms),
        new.number(|p| p.version),
    ];
    let moved_columns = [
        moved.id(|p| p.id.0),
        moved.number(read),
        moved.text(|p| p.provider_payment_id.clone()),
        moved.text(|p| p.provider_order_id.clone()),
        moved.text(|p| p.checkout_url.clone()),
        moved.text(|p| p.state.word().to_owned()),
        moved.number(|p| p.captured_minor),
        moved.number(|p| p.refunded_minor),
        moved.number(|p| p.charged_back_minor),
        moved.text(|p| p.method.clone()),
        moved.maybe(|p| p.completed_at_ms),
        moved.number(|p| p.version),
    ];
    let known = new.0.iter().chain(&moved.0).filter(|p| !p.provider_order_id.is_empty());
    let known = Rows(known.copied().collect::<Vec<&Payment>>());
    let orders = [
        known.text(|p| p.provider.clone()),
        known.text(|p| p.provider_order_id.clone()),
        known.id(|p| p.id.0),
    ];
    let (made, changed, _ordered) = try_join!(
        tx.bulk_execute(&NEW_PAYMENTS, &new_columns),
        tx.bulk_execute(&MOVED_PAYMENTS, &moved_columns),
        tx.bulk_execute(&PROVIDER_ORDERS, &orders),
    )?;
    expect(made, new.0.len())?;
    expect(changed, moved.0.len())
}

async fn write_rooms(tx: &Tx<'_>, loaded: &Loaded, actions: &Actions<'_>) -> Result<(), Fault> {
    crash_point("write.rooms");
    let snapshot = &loaded.snapshot;
    let property = |room: &RoomId| {
        let pool = snapshot.rooms.get(room).and_then(|room| snapshot.pools.get(&room.pool));
        uuid(pool.map_or(0, |pool| pool.property.0))
    };
    let (taken, freed) = (&actions.rooms_taken, &actions.rooms_freed);
    let taken_columns = [
        Column::Uuid(taken.iter().map(|((room, _), _)| property(room)).collect()),
        Column::Uuid(taken.iter().map(|((room, _), _)| uuid(room.0)).collect()),
        Column::I64(taken.iter().map(|((_, day), _)| day.0).collect()),
        Column::Uuid(taken.values().map(|line| uuid(line.0)).collect()),
    ];
    let freed_columns = [
        Column::Uuid(freed.iter().map(|(room, _)| property(room)).collect()),
        Column::Uuid(freed.iter().map(|(room, _)| uuid(room.0)).collect()),
        Column::I64(freed.iter().map(|(_, day)| day.0).collect()),
    ];
    // Freed first: a room may change hands within one batch.
    tx.bulk_execute(&ROOMS_FREED, &freed_columns).await?;
    expect(tx.bulk_execute(&ROOMS_TAKEN, &taken_columns).await?, taken.len())
}

pub(super) fn property_of(snapshot: &Snapshot, payment: &Payment) -> u128 {
    let reservations = snapshot.reservations.values();
    let mut of_payment = reservations.filter(|r| r.id == payment.reservation);
    of_payment.next().map_or(0, |reservation| reservation.property.0)
}
