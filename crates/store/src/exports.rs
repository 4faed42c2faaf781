//! What leaves the store for spreadsheets and other programs: five tables, read page by page along
//! their keys, so that memory is bounded whatever the size of the store. Each page is a snapshot of
//! its own. It must not decide what a row means to its reader.

use uuid::Uuid;
use vacancy_domain::ids::{DisputeId, LineId, PaymentId, PropertyId, ReservationId};

use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// Rows of one page.
pub const PAGE_ROWS: i64 = 500;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Id,
    Text,
    Whole,
    /// Milliseconds since 1970.
    Instant,
    /// Days since 1970-01-01.
    Day,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Nothing,
    Id(u128),
    Text(String),
    Whole(i64),
    Instant(i64),
    Day(i64),
}

/// A column: its name for readers and what it holds.
pub type Column = (&'static str, Kind);

/// One row, in the order of its table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported(pub Vec<Value>);

pub const RESERVATIONS: &[Column] = &[
    ("hotel_id", Kind::Id),
    ("reservation_id", Kind::Id),
    ("code", Kind::Text),
    ("status", Kind::Text),
    ("payment_status", Kind::Text),
    ("check_in_date", Kind::Day),
    ("check_out_date", Kind::Day),
    ("lines", Kind::Text),
    ("adults", Kind::Whole),
    ("children_ages", Kind::Text),
    ("guest_name", Kind::Text),
    ("guest_email", Kind::Text),
    ("guest_phone", Kind::Text),
    ("guest_requests", Kind::Text),
    ("currency", Kind::Text),
    ("total_minor", Kind::Whole),
    ("paid_minor", Kind::Whole),
    ("refunded_minor", Kind::Whole),
    ("allowance_minor", Kind::Whole),
    ("charged_back_minor", Kind::Whole),
    ("created_at", Kind::Instant),
    ("confirmed_at", Kind::Instant),
];

pub const LEDGER: &[Column] = &[
    ("hotel_id", Kind::Id),
    ("line_id", Kind::Id),
    ("seq", Kind::Whole),
    ("kind", Kind::Text),
    ("hold_id", Kind::Id),
    ("room_type_id", Kind::Id),
    ("first_date", Kind::Day),
    ("nights", Kind::Whole),
    ("units", Kind::Whole),
    ("at", Kind::Instant),
];

pub const PAYMENTS: &[Column] = &[
    ("hotel_id", Kind::Id),
    ("payment_id", Kind::Id),
    ("reservation_id", Kind::Id),
    ("provider", Kind::Text),
    ("provider_order_id", Kind::Text),
    ("provider_payment_id", Kind::Text),
    ("status", Kind::Text),
    ("method", Kind::Text),
    ("currency", Kind::Text),
    ("amount_minor", Kind::Whole),
    ("captured_minor", Kind::Whole),
    ("refunded_minor", Kind::Whole),
    ("charged_back_minor", Kind::Whole),
    ("created_at", Kind::Instant),
    ("completed_at", Kind::Instant),
];

pub const DISPUTES: &[Column] = &[
    ("hotel_id", Kind::Id),
    ("dispute_id", Kind::Id),
    ("payment_id", Kind::Id),
    ("reservation_id", Kind::Id),
    ("provider_dispute_id", Kind::Text),
    ("status", Kind::Text),
    ("funds", Kind::Text),
    ("reason", Kind::Text),
    ("currency", Kind::Text),
    ("amount_minor", Kind::Whole),
    ("fee_currency", Kind::Text),
    ("fee_minor", Kind::Whole),
    ("due_by", Kind::Instant),
    ("opened_at", Kind::Instant),
    ("taken_at", Kind::Instant),
    ("returned_at", Kind::Instant),
];

/// Guests as they wrote themselves, once per reservation: to merge who is the same is the reader's
/// matter, who may sort what we only stream.
pub const GUESTS: &[Column] = &[
    ("hotel_id", Kind::Id),
    ("reservation_id", Kind::Id),
    ("guest_name", Kind::Text),
    ("guest_email", Kind::Text),
    ("guest_phone", Kind::Text),
    ("check_in_date", Kind::Day),
    ("created_at", Kind::Instant),
];

struct Read<const TABLE: usize>(Exported);

const TABLES: [&[Column]; 5] = [RESERVATIONS, LEDGER, PAYMENTS, GUESTS, DISPUTES];

impl<const TABLE: usize> FromRow for Read<TABLE> {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let whole = |index| row.get::<Option<i64>>(index);
        let mut values = Vec::with_capacity(TABLES[TABLE].len());
        for (index, (_, kind)) in TABLES[TABLE].iter().enumerate() {
            let value = match kind {
                Kind::Id => row.get::<Option<Uuid>>(index)?.map(|id| Value::Id(id.as_u128())),
                Kind::Text => row.get::<Option<String>>(index)?.map(Value::Text),
                Kind::Whole => whole(index)?.map(Value::Whole),
                Kind::Instant => whole(index)?.map(Value::Instant),
                Kind::Day => whole(index)?.map(Value::Day),
            };
            values.push(value.unwrap_or(Value::Nothing));
        }
        Ok(Read(Exported(values)))
    }
}

fn exported<const TABLE: usize>(rows: Vec<Read<TABLE>>) -> Vec<Exported> {
    rows.into_iter().map(|Read(row)| row).collect()
}

/// A property's reservations in the order of their ids, behind the given one.
pub async fn reservations(
    tx: &Tx<'_>,
    property: PropertyId,
    after: ReservationId,
) -> Result<Vec<Exported>, Fault> {
    const PAGE: Sql = Sql::new(
        "SELECT property, id, code, stay_state, money_state, first_day, end_day, lines, adults, \
         children, guest_name, guest_email, guest_phone, guest_requests, currency, total_minor, \
         paid_minor, refunded_minor, allowance_minor, charged_back_minor, created_at_ms, \
         confirmed_at_ms FROM reservation \
         WHERE property = $1 AND id > $2 ORDER BY id LIMIT $3",
    );
    tx.query(&PAGE, &[&uuid(property.0), &uuid(after.0), &PAGE_ROWS]).await.map(exported::<0>)
}

/// A property's ledger in the order of its lines, behind the given entry.
pub async fn ledger(
    tx: &Tx<'_>,
    property: PropertyId,
    (line, seq): (LineId, i64),
) -> Result<Vec<Exported>, Fault> {
    const PAGE: Sql = Sql::new(
        "SELECT property, line, seq, kind, hold, pool, first_day, slots, units, at_ms FROM ledger \
         WHERE property = $1 AND (line, seq) > ($2, $3) ORDER BY line, seq LIMIT $4",
    );
    tx.query(&PAGE, &[&uuid(property.0), &uuid(line.0), &seq, &PAGE_ROWS]).await.map(exported::<1>)
}

/// A property's payments in the order of their ids, behind the given one.
pub async fn payments(
    tx: &Tx<'_>,
    property: PropertyId,
    after: PaymentId,
) -> Result<Vec<Exported>, Fault> {
    const PAGE: Sql = Sql::new(
        "SELECT property, id, reservation, provider, provider_order_id, provider_payment_id, \
         state, method, currency, amount_minor, captured_minor, refunded_minor, \
         charged_back_minor, created_at_ms, \
         completed_at_ms FROM payment WHERE property = $1 AND id > $2 ORDER BY id LIMIT $3",
    );
    tx.query(&PAGE, &[&uuid(property.0), &uuid(after.0), &PAGE_ROWS]).await.map(exported::<2>)
}

/// A property's disputes in the order of their ids, behind the given one.
pub async fn disputes(
    tx: &Tx<'_>,
    property: PropertyId,
    after: DisputeId,
) -> Result<Vec<Exported>, Fault> {
    const PAGE: Sql = Sql::new(
        "SELECT property, id, payment, reservation, provider_dispute_id, status, funds, reason, \
         currency, amount_minor, fee_currency, fee_minor, due_by_ms, opened_at_ms, taken_at_ms, \
         returned_at_ms FROM dispute WHERE property = $1 AND id > $2 ORDER BY id LIMIT $3",
    );
    tx.query(&PAGE, &[&uuid(property.0), &uuid(after.0), &PAGE_ROWS]).await.map(exported::<4>)
}

/// Who booked at a property, in the order of their reservations' ids, behind the given one.
pub async fn guests(
    tx: &Tx<'_>,
    property: PropertyId,
    after: ReservationId,
) -> Result<Vec<Exported>, Fault> {
    const PAGE: Sql = Sql::new(
        "SELECT property, id, guest_name, guest_email, guest_phone, first_day, created_at_ms \
         FROM reservation WHERE property = $1 AND id > $2 ORDER BY id LIMIT $3",
    );
    tx.query(&PAGE, &[&uuid(property.0), &uuid(after.0), &PAGE_ROWS]).await.map(exported::<3>)
}
