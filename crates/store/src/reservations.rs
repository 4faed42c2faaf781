//! Reservations as rows: their columns, how one is read, and the reads by id, hold, code and
//! list. Writing is the desk's, in `holds::write`.

use std::sync::LazyLock;

use uuid::Uuid;
use vacancy_domain::codes::Code;
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
    t.refunded_minor, t.allowance_minor, t.charged_back_minor, t.hold_expires_at_ms, \
    t.created_at_ms, t.confirmed_at_ms, t.version, t.token_version";

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
            allowance_minor: columns.get()?,
            charged_back_minor: columns.get()?,
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

/// Which reservations of a business a list shows; empty fields leave a rule out.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub property: Option<PropertyId>,
    pub stay_states: Vec<StayState>,
    /// Arrivals from this day on.
    pub from_day: Option<Day>,
    /// Arrivals up to and with this day.
    pub to_day: Option<Day>,
    /// The guest's e-mail, exactly.
    pub guest_email: Option<String>,
    /// A part of name, e-mail, phone or code, folded to lower case.
    pub text: Option<String>,
    /// Whether all that was paid went back.
    pub is_refunded: Option<bool>,
}

static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {COLUMNS} FROM reservation AS t WHERE t.business = $1 AND t.id < $2 \
         AND (t.property = $3 OR $3 IS NULL) \
         AND ($4 = '' OR $4 LIKE '%,' || t.stay_state || ',%') \
         AND t.first_day >= $5 AND t.first_day <= $6 AND ($7 = '' OR t.guest_email = $7) \
         AND ($8 = '' OR t.search_text LIKE $8 ESCAPE '!') \
         AND (CAST($10 AS BIGINT) < 0 OR (t.money_state = 'refunded') = ($10 = 1)) \
         ORDER BY t.id DESC LIMIT $9"
    )
});

/// Reservations of a business, the newest first, those made before `before`.
pub async fn list(
    tx: &Tx<'_>,
    business: BusinessId,
    filter: &Filter,
    before: Option<ReservationId>,
    limit: i64,
) -> Result<Vec<StoredReservation>, Fault> {
    let before = uuid(before.map_or(u128::MAX, |id| id.0));
    let property = filter.property.map(|property| uuid(property.0));
    let words: Vec<&str> = filter.stay_states.iter().map(|state| state.word()).collect();
    let states = if words.is_empty() { String::new() } else { format!(",{},", words.join(",")) };
    let (first, last) = (
        filter.from_day.map_or(i64::MIN, |day| day.0),
        filter.to_day.map_or(i64::MAX, |day| day.0),
    );
    let email = filter.guest_email.clone().unwrap_or_default();
    let text = filter.text.as_deref().map(part_pattern).unwrap_or_default();
    let business = uuid(business.0);
    let refunded = filter.is_refunded.map_or(-1, i64::from);
    let params: [&dyn crate::sql::row::Bind; 10] =
        [&business, &before, &property, &states, &first, &last, &email, &text, &limit, &refunded];
    tx.query(&Sql::new(LIST.as_str()), &params).await
}

/// A pattern for `LIKE … ESCAPE '!'` that finds the text as it stands, anywhere.
fn part_pattern(text: &str) -> String {
    let folded = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{folded}%")
}

static BY_CODE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {COLUMNS} FROM reservation AS t JOIN confirmation_code AS c \
         ON c.reservation = t.id WHERE c.code = $1 AND lower(t.guest_email) = $2 LIMIT 1"
    )
});

/// The reservation with this code whose guest has this e-mail, given in lower case.
pub async fn by_code(
    tx: &Tx<'_>,
    code: Code,
    email: &str,
) -> Result<Option<StoredReservation>, Fault> {
    let letters = code.letters().to_owned();
    tx.query_opt(&Sql::new(BY_CODE.as_str()), &[&letters, &email.to_owned()]).await
}

/// Two walks through an index each: one condition over both reads every guest there ever was. The
/// states stand as in `reservation_at_desk`, which SQLite takes for nothing else; `+ 0` keeps it
/// from walking all arrivals for their order. Nobody checks in before the day of arrival.
static AT_DESK: LazyLock<String> = LazyLock::new(|| {
    let left = COLUMNS.replace("t.first_day", "t.first_day + 0");
    format!(
        "SELECT {COLUMNS} FROM reservation AS t WHERE t.property = $1 \
         AND t.stay_state IN ('confirmed', 'checked_in') AND t.first_day <= $2 \
         UNION ALL SELECT {left} FROM reservation AS t WHERE t.property = $1 \
         AND t.stay_state = 'completed' AND t.end_day = $2 ORDER BY first_day, id LIMIT $3"
    )
});

/// Who concerns the front desk on a day: arrivals due, guests in house, those who left today.
pub async fn at_desk(
    tx: &Tx<'_>,
    property: PropertyId,
    today: Day,
    limit: i64,
) -> Result<Vec<StoredReservation>, Fault> {
    tx.query(&Sql::new(AT_DESK.as_str()), &[&uuid(property.0), &today.0, &limit]).await
}

/// One entry of a reservation's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    pub seq: i64,
    pub at_ms: i64,
    pub actor: String,
    pub action: String,
    pub detail: String,
    pub stay_state: String,
    pub money_state: String,
}

impl FromRow for HistoryEntry {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(HistoryEntry {
            seq: columns.get()?,
            at_ms: columns.get()?,
            actor: columns.get()?,
            action: columns.get()?,
            detail: columns.get()?,
            stay_state: columns.get()?,
            money_state: columns.get()?,
        })
    }
}

const HISTORY: Sql = Sql::new(
    "SELECT seq, at_ms, actor, action, detail, stay_state, money_state FROM reservation_history \
     WHERE property = $1 AND reservation = $2 ORDER BY seq",
);

/// What happened to a reservation, the oldest first.
pub async fn history(
    tx: &Tx<'_>,
    property: PropertyId,
    reservation: ReservationId,
) -> Result<Vec<HistoryEntry>, Fault> {
    tx.query(&HISTORY, &[&uuid(property.0), &uuid(reservation.0)]).await
}
