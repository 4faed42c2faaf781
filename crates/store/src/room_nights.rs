//! Who sleeps in which room, night by night: reads for the front desk. Rows are written by the desk
//! alone.

use std::sync::LazyLock;

use vacancy_domain::ids::{LineId, PropertyId, RoomId};
use vacancy_domain::stays::Day;

use crate::faults::Fault;
use crate::holds::rows::RoomNightRow;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::Tx;

/// One room on one night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sleeper {
    pub room: RoomId,
    pub day: Day,
    pub line: LineId,
}

static OF_LINES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(
        "t.room, t.day, t.line",
        "room_night",
        "t.property = u.property AND t.line = u.line",
        &[("property", Kind::Uuid), ("line", Kind::Uuid)],
        "",
    )
});

/// Every night of every room that these lines of a hotel have.
pub async fn of_lines(
    tx: &Tx<'_>,
    property: PropertyId,
    lines: &[LineId],
) -> Result<Vec<Sleeper>, Fault> {
    let columns = [
        Column::Uuid(vec![uuid(property.0); lines.len()]),
        Column::Uuid(lines.iter().map(|line| uuid(line.0)).collect()),
    ];
    let rows: Vec<RoomNightRow> = tx.bulk_query(&OF_LINES, &columns).await?;
    let sleeper = |RoomNightRow((room, day), line)| Sleeper { room, day, line };
    Ok(rows.into_iter().map(sleeper).collect())
}
