//! Reservations as rows: their columns, how one is read, and the reads by id, hold, code and
//! list. Writing is the desk's, in `holds::write`.

use std::sync::LazyLock;

use uuid::Uuid;
use vacancy_domain::ids::{BusinessId, HoldId, LineId, PoolId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::reservations::state::{MoneyState, StayState};
use vacancy_domain::reservations::{Guest, Reservation, ReservedLine};
use vacancy_domain::stays::{Day, Stay};

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::prices;
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// Every column that [`StoredReservation`] reads, in its order.
pub(crate) const COLUMNS: &str = "t.id, t.business, t.property, t.hold, t.code, t.request_id, \
    t.stay_state, t.money_state, t.first_day, t.end_day, t.lines, t.adults, t.children, \
    t.guest_name, t.guest_email, t.guest_phone, t.guest_requests, t.price, t.paid_minor, \
    t.refunded_minor, t.hold_expires_at_ms, t.created_at_ms, t.confirmed_at_ms, t.version, \
    t.token_version";

/// A reservation and what only the store and the door keep of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReservation {
    pub reservation: Reservation,
    /// Number of the guest token that is valid now.
    pub token_version: i64,
}

impl FromRow for StoredReservation {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let reservation = Reservation {
            id: ReservationId(columns.id()?),
            business: BusinessId(columns.id()?),
            property: PropertyId(columns.id()?),
            hold: HoldId(columns.id()?),
            code: columns.word(|word| word.parse().ok())?,
            request_id: columns.get()?,
            stay_state: columns.word(StayState::from_word)?,
            money_state: columns.word(MoneyState::from_word)?,
            stay: Stay::new(Day(columns.get()?), Day(columns.get()?)),
            lines: lines_from_text(&columns.get::<String>()?)?,
            adults: columns.get()?,
            children: ages_from_text(&columns.get::<String>()?)?,
            guest: Guest {
                full_name: columns.get()?,
                email: columns.get()?,
                phone: columns.get()?,
            },
            guest_requests: columns.get()?,
            price: prices::from_text(&columns.get::<String>()?)?,
            paid_minor: columns.get()?,
            refunded_minor: columns.get()?,
            hold_expires_at_ms: columns.get()?,
            created_at_ms: columns.get()?,
            confirmed_at_ms: columns.get()?,
            version: columns.get()?,
        };
        Ok(StoredReservation { reservation, token_version: columns.get()? })
    }
}

/// Lines as stored text: id, pool, first day, end day, units, room type.
type StoredLine = (Uuid, Uuid, i64, i64, i64, String);

pub(crate) fn lines_to_text(lines: &[ReservedLine]) -> String {
    let stored = |reserved: &ReservedLine| -> StoredLine {
        let Line { id, pool, stay, units } = reserved.line;
        let (first_day, end_day) = (stay.first_day.0, stay.end_day.0);
        (uuid(id.0), uuid(pool.0), first_day, end_day, units, reserved.room_type.clone())
    };
    let lines: Vec<StoredLine> = lines.iter().map(stored).collect();
    serde_json::to_string(&lines).expect("lines of plain fields have a text")
}

pub(crate) fn lines_from_text(text: &str) -> Result<Vec<ReservedLine>, Fault> {
    let stored: Vec<StoredLine> = serde_json::from_str(text)
        .map_err(|error| Fault::internal_because("read stored lines", error))?;
    let line = |(id, pool, first_day, end_day, units, room_type): StoredLine| {
        let stay = Stay::new(Day(first_day), Day(end_day));
        let (id, pool) = (LineId(id.as_u128()), PoolId(pool.as_u128()));
        ReservedLine { line: Line { id, pool, stay, units }, room_type }
    };
    Ok(stored.into_iter().map(line).collect())
}

pub(crate) fn ages_to_text(ages: &[i64]) -> String {
    ages.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

fn ages_from_text(text: &str) -> Result<Vec<i64>, Fault> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts
        .map(|part| part.parse().map_err(|error| Fault::internal_because("read ages", error)))
        .collect()
}

/// What the front desk's search box looks through: name, e-mail, phone and code, folded.
pub(crate) fn search_text(reservation: &Reservation) -> String {
    let guest = &reservation.guest;
    let text = format!(
        "{} {} {} {}",
        guest.full_name,
        guest.email,
        guest.phone,
        reservation.code.letters()
    );
    text.to_lowercase()
}

static BY_ID: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {COLUMNS} FROM reservation AS t WHERE t.id = $1"));
static BY_HOLD: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {COLUMNS} FROM reservation AS t WHERE t.hold = $1"));

/// The reservation with this id.
pub async fn by_id(tx: &Tx<'_>, id: ReservationId) -> Result<Option<StoredReservation>, Fault> {
    tx.query_opt(&Sql::new(BY_ID.as_str()), &[&uuid(id.0)]).await
}

/// The reservation of a hold.
pub async fn by_hold(tx: &Tx<'_>, hold: HoldId) -> Result<Option<StoredReservation>, Fault> {
    tx.query_opt(&Sql::new(BY_HOLD.as_str()), &[&uuid(hold.0)]).await
}
