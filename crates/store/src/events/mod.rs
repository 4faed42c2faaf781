//! The event log: append-only news of what was committed, one row per batch and property. Every
//! follower (search, live pages, webhooks) reads all of it, in an order in which nothing that
//! commits late can be skipped. What an event says is not known here.

use std::sync::LazyLock;

use vacancy_domain::ids::PropertyId;

use crate::faults::Fault;
use crate::holds::write::expect;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::Tx;

/// News of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub property: PropertyId,
    /// JSON, read by followers alone.
    pub body: String,
}

/// The transaction's own number comes as the column's default, on PostgreSQL.
static APPEND: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert("event", &[("property", Kind::Uuid), ("at_ms", Kind::I64), ("body", Kind::Text)])
});

/// Appends news to the transaction that made it.
pub async fn append(tx: &Tx<'_>, now_ms: i64, events: &[NewEvent]) -> Result<(), Fault> {
    let columns = [
        Column::Uuid(events.iter().map(|event| uuid(event.property.0)).collect()),
        Column::I64(vec![now_ms; events.len()]),
        Column::Text(events.iter().map(|event| event.body.clone()).collect()),
    ];
    expect(tx.bulk_execute(&APPEND, &columns).await?, events.len())
}
