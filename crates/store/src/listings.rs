//! Which hotels a search looks at: by place, by box or by name, never more than it is told. What
//! is free and what it costs is read by others, for all of them at once.

use std::sync::LazyLock;

use uuid::Uuid;
use vacancy_domain::ids::PropertyId;

use crate::faults::Fault;
use crate::ids::Columns;
use crate::locations::LAST_LETTER;
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// What says whether a hotel lies in an area or is called so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub property: PropertyId,
    /// Folded.
    pub name: String,
    pub latitude_e6: i64,
    pub longitude_e6: i64,
}

/// A box on the globe in micro-degrees. West lies east of east where the box crosses the date line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeoBox {
    pub south_e6: i64,
    pub north_e6: i64,
    pub west_e6: i64,
    pub east_e6: i64,
}

const COLUMNS: &str = "t.id, t.name_folded, t.latitude_e6, t.longitude_e6";
/// Rooms of a business that only tests are found by their hotel's id alone: nobody sleeps in them.
const IS_REAL: &str = "NOT (SELECT b.is_test FROM business AS b WHERE b.id = t.business)";

static IN_BOX: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {COLUMNS} FROM property AS t WHERE t.latitude_e6 >= $1 AND t.latitude_e6 <= $2 \
         AND ((t.longitude_e6 >= $3 AND t.longitude_e6 <= $4) \
         OR ($3 > $4 AND (t.longitude_e6 >= $3 OR t.longitude_e6 <= $4))) AND {IS_REAL} \
         ORDER BY t.latitude_e6, t.longitude_e6, t.id LIMIT $5"
    )
});
static BY_WORD: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {COLUMNS} FROM hotel_word AS w JOIN property AS t ON t.id = w.property \
         WHERE w.word >= $1 AND w.word < $2 AND {IS_REAL} ORDER BY w.word, w.property LIMIT $3"
    )
});

impl FromRow for Candidate {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Candidate {
            property: PropertyId(columns.id()?),
            name: columns.get()?,
            latitude_e6: columns.get()?,
            longitude_e6: columns.get()?,
        })
    }
}

/// In the order of their ids.
pub async fn in_location(
    tx: &Tx<'_>,
    location: &str,
    limit: i64,
) -> Result<Vec<PropertyId>, Fault> {
    static IN_LOCATION: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT t.id FROM property AS t WHERE t.location = $1 AND {IS_REAL} \
             ORDER BY t.id LIMIT $2"
        )
    });
    let sql = Sql::new(IN_LOCATION.as_str());
    let rows: Vec<(Uuid,)> = tx.query(&sql, &[&location, &limit]).await?;
    Ok(rows.into_iter().map(|(id,)| PropertyId(id.as_u128())).collect())
}

pub async fn in_box(tx: &Tx<'_>, area: GeoBox, limit: i64) -> Result<Vec<Candidate>, Fault> {
    let GeoBox { south_e6, north_e6, west_e6, east_e6 } = area;
    let sql = Sql::new(IN_BOX.as_str());
    tx.query(&sql, &[&south_e6, &north_e6, &west_e6, &east_e6, &limit]).await
}

/// Hotels with a word in their name that begins like this one; a hotel may come twice.
pub async fn by_word(tx: &Tx<'_>, word: &str, limit: i64) -> Result<Vec<Candidate>, Fault> {
    let end = format!("{word}{LAST_LETTER}");
    tx.query(&Sql::new(BY_WORD.as_str()), &[&word, &end, &limit]).await
}
