//! Businesses: who runs hotels. Few rows, read by id.

use vacancy_domain::hotels::Business;
use vacancy_domain::ids::BusinessId;

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

const INSERT: Sql =
    Sql::new("INSERT INTO business (id, name, is_test, created_at_ms) VALUES ($1, $2, $3, $4)");
const BY_ID: Sql = Sql::new("SELECT id, name, is_test, created_at_ms FROM business WHERE id = $1");
const RENAME: Sql = Sql::new("UPDATE business SET name = $2 WHERE id = $1");
const FIRST: Sql = Sql::new(
    "SELECT id, name, is_test, created_at_ms FROM business ORDER BY created_at_ms, id LIMIT 1",
);
const LIST: Sql = Sql::new(
    "SELECT id, name, is_test, created_at_ms FROM business WHERE id > $1 ORDER BY id LIMIT $2",
);

struct BusinessRow(Business);

impl FromRow for BusinessRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(BusinessRow(Business {
            id: BusinessId(columns.id()?),
            name: columns.get()?,
            is_test: columns.get()?,
            created_at_ms: columns.get()?,
        }))
    }
}

/// Adds a business.
pub async fn insert(tx: &Tx<'_>, business: &Business) -> Result<(), Fault> {
    let Business { id, name, is_test, created_at_ms } = business;
    tx.execute(&INSERT, &[&uuid(id.0), name, is_test, created_at_ms]).await.map(|_| ())
}

/// Whether there was one to rename.
pub async fn rename(tx: &Tx<'_>, id: BusinessId, name: &str) -> Result<bool, Fault> {
    Ok(tx.execute(&RENAME, &[&uuid(id.0), &name]).await? == 1)
}

pub async fn by_id(tx: &Tx<'_>, id: BusinessId) -> Result<Option<Business>, Fault> {
    let found: Option<BusinessRow> = tx.query_opt(&BY_ID, &[&uuid(id.0)]).await?;
    Ok(found.map(|row| row.0))
}

/// The oldest one: the business of who has only one.
pub async fn first(tx: &Tx<'_>) -> Result<Option<Business>, Fault> {
    let found: Option<BusinessRow> = tx.query_opt(&FIRST, &[]).await?;
    Ok(found.map(|row| row.0))
}

/// In the order of their ids, after one of them.
pub async fn list(tx: &Tx<'_>, after: BusinessId, limit: i64) -> Result<Vec<Business>, Fault> {
    let rows: Vec<BusinessRow> = tx.query(&LIST, &[&uuid(after.0), &limit]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
