//! What a property's books come to once guests have left: reservations by how they stand, and the
//! nights that were slept with the price each was sold at. Read from the ledger, not from counters.

use vacancy_domain::ids::{LineId, PoolId, PropertyId, ReservationId};
use vacancy_domain::ledger::Line;
use vacancy_domain::prices::Price;
use vacancy_domain::reservations::state::StayState;
use vacancy_domain::stays::{Day, Stay};

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::prices;
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// Reservations of one page, at most.
pub const SLEPT_PAGE_MAX: i64 = 2_000;

const BY_STATE: Sql = Sql::new(
    "SELECT stay_state, COUNT(*) FROM reservation WHERE property = $1 \
     GROUP BY stay_state ORDER BY stay_state",
);
/// A line counts while its last entry is `posted`: what was given back has one behind it.
const SLEPT: Sql = Sql::new(
    "SELECT r.id, r.price, l.line, l.pool, l.first_slot, l.slots, l.units FROM \
     (SELECT property, id, hold, price FROM reservation WHERE property = $1 AND id > $2 \
      AND stay_state = 'completed' ORDER BY id LIMIT $3) AS r \
     LEFT JOIN ledger AS l ON l.hold = r.hold AND l.property = r.property AND l.kind = 'posted' \
     AND NOT EXISTS (SELECT 1 FROM ledger AS n WHERE n.property = l.property AND n.line = l.line \
     AND n.seq > l.seq) ORDER BY r.id, l.line",
);

/// A guest who has left, the price that was agreed, and the nights that stayed theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slept {
    pub reservation: ReservationId,
    pub price: Price,
    /// Without a night given back; none when the guest left on the day of arrival.
    pub lines: Vec<Line>,
}

struct StateRow(StayState, i64);

impl FromRow for StateRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(StateRow(columns.word(StayState::from_word)?, columns.get()?))
    }
}

struct SleptRow {
    reservation: ReservationId,
    price: String,
    line: Option<Line>,
}

impl FromRow for SleptRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let reservation = ReservationId(columns.id()?);
        let price = columns.get()?;
        let id: Option<uuid::Uuid> = columns.get()?;
        let pool: Option<uuid::Uuid> = columns.get()?;
        let numbers: [Option<i64>; 3] = [columns.get()?, columns.get()?, columns.get()?];
        let line = match (id, pool, numbers) {
            (Some(id), Some(pool), [Some(first), Some(nights), Some(units)]) => Some(Line {
                id: LineId(id.as_u128()),
                pool: PoolId(pool.as_u128()),
                stay: Stay::new(Day(first), Day(first).plus(nights)),
                units,
            }),
            _ => None,
        };
        Ok(SleptRow { reservation, price, line })
    }
}

/// How many reservations of a property stand where; states that none is in do not appear.
pub async fn count_by_state(
    tx: &Tx<'_>,
    property: PropertyId,
) -> Result<Vec<(StayState, i64)>, Fault> {
    let rows: Vec<StateRow> = tx.query(&BY_STATE, &[&uuid(property.0)]).await?;
    Ok(rows.into_iter().map(|StateRow(state, count)| (state, count)).collect())
}

/// Guests who have left, in the order of their reservations' ids, after one of them. Fewer than
/// [`SLEPT_PAGE_MAX`]: there are no more.
pub async fn slept(
    tx: &Tx<'_>,
    property: PropertyId,
    after: ReservationId,
) -> Result<Vec<Slept>, Fault> {
    let rows: Vec<SleptRow> =
        tx.query(&SLEPT, &[&uuid(property.0), &uuid(after.0), &SLEPT_PAGE_MAX]).await?;
    let mut guests: Vec<Slept> = Vec::new();
    for SleptRow { reservation, price, line } in rows {
        match guests.last_mut() {
            Some(guest) if guest.reservation == reservation => guest.lines.extend(line),
            Some(_) | None => {
                let price = prices::from_text(&price)?;
                guests.push(Slept { reservation, price, lines: line.into_iter().collect() });
            }
        }
    }
    Ok(guests)
}
