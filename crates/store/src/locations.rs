//! Places with hotels. Their number of hotels is kept beside them, so that a list of places never
//! counts.

use std::sync::LazyLock;

use vacancy_domain::hotels::Location;
use vacancy_domain::names;

use crate::faults::Fault;
use crate::ids::Columns;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// Greater than any text that begins like the one before it.
pub(crate) const LAST_LETTER: char = '\u{10FFFF}';

static INSERT: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "location",
        &[
            ("id", Kind::Text),
            ("name", Kind::Text),
            ("name_folded", Kind::Text),
            ("country", Kind::Text),
            ("latitude_e6", Kind::I64),
            ("longitude_e6", Kind::I64),
        ],
    )
    .ordered_by("id")
    .or_nothing()
});
static COUNT_HOTELS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::update(
        "location",
        "hotel_count = t.hotel_count + u.more",
        "t.id = u.id",
        &[("id", Kind::Text), ("more", Kind::I64)],
    )
});
static BY_IDS: LazyLock<Bulk> = LazyLock::new(|| {
    let what = "t.id, t.name, t.country, t.latitude_e6, t.longitude_e6, t.hotel_count";
    Bulk::select(what, "location", "t.id = u.id", &[("id", Kind::Text)], "")
});
const BY_PREFIX: Sql = Sql::new(
    "SELECT id, name, country, latitude_e6, longitude_e6, hotel_count FROM location \
     WHERE name_folded >= $1 AND name_folded < $2 \
     ORDER BY hotel_count DESC, name_folded, id LIMIT $3",
);
/// Places are some thousands; names that only contain the text are asked when too few begin so.
const BY_PART: Sql = Sql::new(
    "SELECT id, name, country, latitude_e6, longitude_e6, hotel_count FROM location \
     WHERE name_folded LIKE $1 AND NOT (name_folded >= $2 AND name_folded < $3) \
     ORDER BY hotel_count DESC, name_folded, id LIMIT $4",
);

struct LocationRow(Location);

impl FromRow for LocationRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(LocationRow(Location {
            id: columns.get()?,
            name: columns.get()?,
            country: columns.get()?,
            latitude_e6: columns.get()?,
            longitude_e6: columns.get()?,
            hotel_count: columns.get()?,
        }))
    }
}

/// Adds the places that are not there yet; of the others nothing changes.
pub async fn insert_missing(tx: &Tx<'_>, places: &[Location]) -> Result<(), Fault> {
    let text = |of: fn(&Location) -> String| Column::Text(places.iter().map(of).collect());
    let columns = [
        text(|place| place.id.clone()),
        text(|place| place.name.clone()),
        text(|place| names::fold(&place.name)),
        text(|place| place.country.clone()),
        Column::I64(places.iter().map(|place| place.latitude_e6).collect()),
        Column::I64(places.iter().map(|place| place.longitude_e6).collect()),
    ];
    tx.bulk_execute(&INSERT, &columns).await.map(|_| ())
}

/// Counts more hotels in these places. Each place once.
pub async fn count_hotels(tx: &Tx<'_>, more: &[(String, i64)]) -> Result<(), Fault> {
    let columns = [
        Column::Text(more.iter().map(|(id, _)| id.clone()).collect()),
        Column::I64(more.iter().map(|(_, count)| *count).collect()),
    ];
    tx.bulk_execute(&COUNT_HOTELS, &columns).await.map(|_| ())
}

pub async fn by_ids(tx: &Tx<'_>, ids: &[String]) -> Result<Vec<Location>, Fault> {
    let rows: Vec<LocationRow> = tx.bulk_query(&BY_IDS, &[Column::Text(ids.to_vec())]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Places whose folded name begins with the folded text, then those that contain it; the ones with
/// most hotels first.
pub async fn search(tx: &Tx<'_>, folded: &str, limit: i64) -> Result<Vec<Location>, Fault> {
    let end = format!("{folded}{LAST_LETTER}");
    let mut rows: Vec<LocationRow> = tx.query(&BY_PREFIX, &[&folded, &end, &limit]).await?;
    let missing = limit - i64::try_from(rows.len()).unwrap_or(limit);
    if 0 < missing && !folded.is_empty() {
        let part = format!("%{folded}%");
        rows.extend(tx.query::<LocationRow>(&BY_PART, &[&part, &folded, &end, &missing]).await?);
    }
    Ok(rows.into_iter().map(|row| row.0).collect())
}
