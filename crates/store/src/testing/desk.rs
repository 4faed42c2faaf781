//! What the desk left behind, for tests: every cell of a property, and all news in the order in
//! which they were written. It changes nothing.

use std::collections::BTreeMap;

use vacancy_domain::cells::{Cell, CellId};
use vacancy_domain::ids::PropertyId;

use crate::events::Event;
use crate::faults::Fault;
use crate::holds::rows::{CELL, CellRow};
use crate::ids::uuid;
use crate::sql::Db;
use crate::sql::dialect::Fork;
use crate::sql::tx::Sql;

/// Every cell that a property has.
pub async fn cells(db: &Db, property: PropertyId) -> Result<BTreeMap<CellId, Cell>, Fault> {
    let text = format!("SELECT {CELL} FROM cell AS t WHERE t.property = $1");
    let rows = db.read(move |tx| {
        Box::pin(async move {
            // A test asks rarely, and a text of a statement lives as long as the program.
            let sql = Sql::new(text.leak());
            tx.query::<CellRow>(&sql, &[&uuid(property.0)]).await
        })
    });
    Ok(rows.await?.into_iter().map(|CellRow(id, cell)| (id, cell)).collect())
}

/// All news, also what followers may not read yet because older transactions run.
pub async fn events(db: &Db) -> Result<Vec<Event>, Fault> {
    const EVENTS: Sql = Sql::forked(
        "SELECT 0, id, property, at_ms, body FROM event ORDER BY id",
        "SELECT tx_id, id, property, at_ms, body FROM event ORDER BY id",
        Fork::EventOrder,
    );
    db.read(|tx| Box::pin(async move { tx.query(&EVENTS, &[]).await })).await
}
