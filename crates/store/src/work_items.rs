//! Work items: what only a person can settle, such as a night sold above what there is. Made in
//! the transaction that caused them, so that none is ever lost.

use std::sync::LazyLock;

use vacancy_domain::ids::PropertyId;

use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::Tx;

/// A work item to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWorkItem {
    pub id: u128,
    pub property: PropertyId,
    /// What sort of work.
    pub kind: &'static str,
    /// What it is about, as text for a person.
    pub subject: String,
    pub detail: String,
}

static ADD: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "work_item",
        &[
            ("property", Kind::Uuid),
            ("id", Kind::Uuid),
            ("kind", Kind::Text),
            ("subject", Kind::Text),
            ("detail", Kind::Text),
            ("created_at_ms", Kind::I64),
        ],
    )
});

/// Adds work items.
pub async fn add(tx: &Tx<'_>, now_ms: i64, items: &[NewWorkItem]) -> Result<(), Fault> {
    let text = |of: fn(&NewWorkItem) -> String| Column::Text(items.iter().map(of).collect());
    let columns = [
        Column::Uuid(items.iter().map(|item| uuid(item.property.0)).collect()),
        Column::Uuid(items.iter().map(|item| uuid(item.id)).collect()),
        text(|item| item.kind.to_owned()),
        text(|item| item.subject.clone()),
        text(|item| item.detail.clone()),
        Column::I64(vec![now_ms; items.len()]),
    ];
    tx.bulk_execute(&ADD, &columns).await?;
    Ok(())
}
