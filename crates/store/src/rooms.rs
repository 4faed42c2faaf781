//! Physical rooms by their number. Who sleeps in them is the desk's matter.

use std::sync::LazyLock;

use uuid::Uuid;
use vacancy_domain::ids::{HoldId, LineId, PropertyId, RoomId};
use vacancy_domain::rooms::Room;
use vacancy_domain::stays::Day;

use crate::faults::Fault;
use crate::holds::rows::RoomRow;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::{Sql, Tx};

static INSERT: LazyLock<Bulk> = LazyLock::new(|| {
    let columns = [
        ("property", Kind::Uuid),
        ("id", Kind::Uuid),
        ("pool", Kind::Uuid),
        ("number", Kind::Text),
    ];
    Bulk::insert("room", &columns)
});
static BY_NUMBERS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(
        "t.id, t.pool, t.number",
        "room",
        "t.property = u.property AND t.number = u.number",
        &[("property", Kind::Uuid), ("number", Kind::Text)],
        "",
    )
});
const LIST: Sql = Sql::new(
    "SELECT id, pool, number FROM room WHERE property = $1 AND number > $2 \
     ORDER BY number LIMIT $3",
);
const OF_HOLD: Sql = Sql::new(
    "SELECT DISTINCT n.line, r.number FROM room_night AS n JOIN room AS r ON r.id = n.room \
     WHERE n.property = $1 AND n.line IN (SELECT l.line FROM ledger AS l WHERE l.hold = $2) \
     ORDER BY n.line, r.number",
);
const IN_USE: Sql =
    Sql::new("SELECT COUNT(*) FROM room_night WHERE property = $1 AND room = $2 AND day >= $3");
const LOCK: Sql = Sql::locking("SELECT number FROM room WHERE id = $1", " FOR UPDATE");
const DELETE: Sql = Sql::new("DELETE FROM room WHERE property = $1 AND id = $2");

/// Adds rooms, each of the hotel in its place.
pub async fn insert(tx: &Tx<'_>, rooms: &[(PropertyId, Room)]) -> Result<(), Fault> {
    let columns = [
        Column::Uuid(rooms.iter().map(|(property, _)| uuid(property.0)).collect()),
        Column::Uuid(rooms.iter().map(|(_, room)| uuid(room.id.0)).collect()),
        Column::Uuid(rooms.iter().map(|(_, room)| uuid(room.pool.0)).collect()),
        Column::Text(rooms.iter().map(|(_, room)| room.number.clone()).collect()),
    ];
    tx.bulk_execute(&INSERT, &columns).await.map(|_| ())
}

/// Those of these numbers that a hotel has.
pub async fn by_numbers(
    tx: &Tx<'_>,
    property: PropertyId,
    numbers: &[String],
) -> Result<Vec<Room>, Fault> {
    let columns =
        [Column::Uuid(vec![uuid(property.0); numbers.len()]), Column::Text(numbers.to_vec())];
    let rows: Vec<RoomRow> = tx.bulk_query(&BY_NUMBERS, &columns).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// A hotel's rooms in the order of their numbers as text, after one of them.
pub async fn list(
    tx: &Tx<'_>,
    property: PropertyId,
    after: &str,
    limit: i64,
) -> Result<Vec<Room>, Fault> {
    let rows: Vec<RoomRow> = tx.query(&LIST, &[&uuid(property.0), &after, &limit]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The rooms that the lines of a hold have on any night, by line.
pub async fn of_hold(
    tx: &Tx<'_>,
    property: PropertyId,
    hold: HoldId,
) -> Result<Vec<(LineId, String)>, Fault> {
    let params: [&dyn crate::sql::row::Bind; 2] = [&uuid(property.0), &uuid(hold.0)];
    let rows: Vec<(Uuid, String)> = tx.query(&OF_HOLD, &params).await?;
    Ok(rows.into_iter().map(|(line, number)| (LineId(line.as_u128()), number)).collect())
}

/// Takes a room away unless somebody sleeps in it on this day or later. False: somebody does.
pub async fn delete_unless_taken(
    tx: &Tx<'_>,
    property: PropertyId,
    room: RoomId,
    from_day: Day,
) -> Result<bool, Fault> {
    let key = (uuid(property.0), uuid(room.0));
    tx.query_opt::<(String,)>(&LOCK, &[&key.1]).await?;
    let nights: (i64,) = tx.query_one(&IN_USE, &[&key.0, &key.1, &from_day.0]).await?;
    if 0 < nights.0 {
        return Ok(false);
    }
    tx.execute(&DELETE, &[&key.0, &key.1]).await?;
    Ok(true)
}
