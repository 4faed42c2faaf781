//! Reads what `domain::verify` judges: one property after the other, in pages, so that memory
//! stays bounded whatever the size of the store; all of a property in one snapshot, so that it
//! works beside running writers. It changes nothing; `rebuild` does, and only cells.

mod cells;
mod holds;
mod payments;
pub mod rebuild;
mod reservations;
mod rooms;
mod strays;

use vacancy_domain::ids::PropertyId;
use vacancy_domain::verify::Report;

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// Rows of one page.
const PAGE_ROWS: i64 = 500;
/// Most findings of one question that is answered by a list of what is wrong.
const LISTED_MAX: i64 = 200;

struct PropertyRow(PropertyId);

impl FromRow for PropertyRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        Ok(PropertyRow(PropertyId(Columns::of(row).id()?)))
    }
}

/// Properties in the order of their ids, behind the given one.
pub async fn properties(
    tx: &Tx<'_>,
    after: Option<PropertyId>,
    properties_max: i64,
) -> Result<Vec<PropertyId>, Fault> {
    const FROM_START: Sql = Sql::new("SELECT id FROM property ORDER BY id LIMIT $1");
    const BEHIND: Sql = Sql::new("SELECT id FROM property WHERE id > $1 ORDER BY id LIMIT $2");
    let rows: Vec<PropertyRow> = match after {
        None => tx.query(&FROM_START, &[&properties_max]).await?,
        Some(after) => tx.query(&BEHIND, &[&uuid(after.0), &properties_max]).await?,
    };
    Ok(rows.into_iter().map(|PropertyRow(id)| id).collect())
}

/// Everything of one property, in the snapshot of this transaction.
pub async fn property(tx: &Tx<'_>, property: PropertyId) -> Result<Report, Fault> {
    let mut report = Report::default();
    report.looked.properties_count = 1;
    cells::look(tx, property, &mut report).await?;
    holds::look(tx, property, &mut report).await?;
    reservations::look(tx, property, &mut report).await?;
    payments::look(tx, property, &mut report).await?;
    rooms::look(tx, property, &mut report).await?;
    strays::look(tx, property, &mut report).await?;
    Ok(report)
}

/// What belongs to no property: rows whose owner is gone.
pub async fn beside_properties(tx: &Tx<'_>) -> Result<Report, Fault> {
    let mut report = Report::default();
    strays::look_beside(tx, &mut report).await?;
    Ok(report)
}
