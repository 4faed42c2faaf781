//! Nights in rooms against the lines that sleep there: the second place where a double booking
//! could hide.

use uuid::Uuid;
use vacancy_domain::ids::{LineId, PoolId, PropertyId, RoomId};
use vacancy_domain::stays::Day;
use vacancy_domain::verify::{Check, Finding, Report};

use super::{LISTED_MAX, PAGE_ROWS};
use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// The pool of the room and, where an open sold line covers the night, the pool of the line.
const NIGHTS: Sql = Sql::new(
    "SELECT n.room, n.day, n.line, \
     (SELECT r.pool FROM room AS r WHERE r.property = n.property AND r.id = n.room), \
     (SELECT l.pool FROM ledger AS l WHERE l.property = n.property AND l.line = n.line \
      AND l.kind = 'posted' AND l.first_day <= n.day AND n.day < l.first_day + l.slots \
      AND NOT EXISTS (SELECT 1 FROM ledger AS m WHERE m.property = l.property \
      AND m.line = l.line AND m.seq > l.seq)) \
     FROM room_night AS n WHERE n.property = $1 AND (n.day, n.room) > ($2, $3) \
     ORDER BY n.day, n.room LIMIT $4",
);
/// A line has at most one entry of a kind.
const TOO_MANY: Sql = Sql::new(
    "SELECT n.line, n.day, COUNT(*), MAX(l.units) FROM room_night AS n \
     JOIN ledger AS l ON l.property = n.property AND l.line = n.line AND l.kind = 'posted' \
     WHERE n.property = $1 GROUP BY n.line, n.day HAVING COUNT(*) > MAX(l.units) \
     ORDER BY n.line, n.day LIMIT $2",
);

struct NightRow {
    room: RoomId,
    day: Day,
    line: LineId,
    room_pool: Option<PoolId>,
    line_pool: Option<PoolId>,
}

impl FromRow for NightRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let pool = |id: Option<Uuid>| id.map(|id| PoolId(id.as_u128()));
        Ok(NightRow {
            room: RoomId(columns.id()?),
            day: Day(columns.get()?),
            line: LineId(columns.id()?),
            room_pool: pool(columns.get()?),
            line_pool: pool(columns.get()?),
        })
    }
}

struct TooManyRow {
    line: LineId,
    day: Day,
    rooms_count: i64,
    units: i64,
}

impl FromRow for TooManyRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(TooManyRow {
            line: LineId(columns.id()?),
            day: Day(columns.get()?),
            rooms_count: columns.get()?,
            units: columns.get()?,
        })
    }
}

pub(super) async fn look(
    tx: &Tx<'_>,
    property: PropertyId,
    report: &mut Report,
) -> Result<(), Fault> {
    let property = uuid(property.0);
    let mut behind = (i64::MIN, Uuid::nil());
    loop {
        let rows: Vec<NightRow> =
            tx.query(&NIGHTS, &[&property, &behind.0, &behind.1, &PAGE_ROWS]).await?;
        let Some(last) = rows.last() else { break };
        behind = (last.day.0, uuid(last.room.0));
        for row in &rows {
            report.looked.room_nights_count += 1;
            if let Some(finding) = row.judge() {
                report.add(finding);
            }
        }
    }
    for row in tx.query::<TooManyRow>(&TOO_MANY, &[&property, &LISTED_MAX]).await? {
        let subject = format!("line {} {}", row.line, row.day);
        let detail = format!("{} rooms for {} units", row.rooms_count, row.units);
        report.add(Finding::new(Check::RoomNight, subject, detail));
    }
    Ok(())
}

impl NightRow {
    fn judge(&self) -> Option<Finding> {
        let detail = match (self.room_pool, self.line_pool) {
            (None, _) => "there is no such room".to_owned(),
            (_, None) => format!("line {} does not sleep on this night", self.line),
            (Some(room), Some(line)) if room != line => {
                format!("the room is of pool {room}, line {} of pool {line}", self.line)
            }
            (Some(_), Some(_)) => return None,
        };
        let subject = format!("room {} {}", self.room, self.day);
        Some(Finding::new(Check::RoomNight, subject, detail))
    }
}
