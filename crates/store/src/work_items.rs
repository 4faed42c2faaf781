//! Matters that a person has to settle: a night sold above what there is, a payment whose end
//! nobody knows. They are added in the transaction that makes them necessary, and never lost.

use std::sync::LazyLock;

use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::{PropertyId, WorkItemId};

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::bulk::{Bulk, Column};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// What kind of matter it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkKind {
    /// More units are gone on a night than there are.
    Oversold,
    /// The provider gives no definite answer about a payment.
    PaymentUnsettled,
    /// The provider did not give money back.
    RefundFailed,
}

impl WorkKind {
    pub const ALL: [WorkKind; 3] =
        [WorkKind::Oversold, WorkKind::PaymentUnsettled, WorkKind::RefundFailed];

    /// The word in the store, the log and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            WorkKind::Oversold => "oversold",
            WorkKind::PaymentUnsettled => "payment_unsettled",
            WorkKind::RefundFailed => "refund_failed",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<WorkKind> {
        WorkKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A new matter for a property's people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWorkItem {
    pub property: PropertyId,
    pub id: WorkItemId,
    pub kind: WorkKind,
    /// What it is about: `pool 0192… 2027-03-10`, an id of a reservation.
    pub subject: String,
    /// For people.
    pub detail: String,
}

/// A matter as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    pub property: PropertyId,
    pub id: WorkItemId,
    pub kind: WorkKind,
    pub subject: String,
    pub detail: String,
    pub created_at_ms: i64,
    pub settled_at_ms: Option<i64>,
}

impl FromRow for WorkItem {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(WorkItem {
            property: PropertyId(columns.id()?),
            id: WorkItemId(columns.id()?),
            kind: columns.word(WorkKind::from_word)?,
            subject: columns.get()?,
            detail: columns.get()?,
            created_at_ms: columns.get()?,
            settled_at_ms: columns.get()?,
        })
    }
}

/// Where a list of matters goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub created_at_ms: i64,
    pub id: WorkItemId,
}

impl Cursor {
    pub const START: Cursor = Cursor { created_at_ms: i64::MIN, id: WorkItemId(0) };

    #[must_use]
    pub fn behind(item: &WorkItem) -> Cursor {
        Cursor { created_at_ms: item.created_at_ms, id: item.id }
    }
}

/// One open matter per property, kind and subject is enough: what is open already stays as it is.
static ADD: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::forked(
        "INSERT INTO work_item (property, id, kind, subject, detail, created_at_ms) \
         SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM work_item AS w \
         WHERE w.property = $1 AND w.kind = $3 AND w.subject = $4 AND w.settled_at_ms IS NULL)",
        "INSERT INTO work_item (property, id, kind, subject, detail, created_at_ms) \
         SELECT u.property, u.id, u.kind, u.subject, u.detail, u.at_ms FROM UNNEST($1::uuid[], \
         $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[]) \
         AS u(property, id, kind, subject, detail, at_ms) WHERE NOT EXISTS (SELECT 1 \
         FROM work_item AS w WHERE w.property = u.property AND w.kind = u.kind \
         AND w.subject = u.subject AND w.settled_at_ms IS NULL)",
        6,
        crate::sql::dialect::Fork::BulkArrays,
    )
});

/// Adds matters in the transaction that makes them necessary. One that is open already, of the
/// same kind about the same subject, is not added again.
pub async fn add(tx: &Tx<'_>, now_ms: i64, items: &[NewWorkItem]) -> Result<(), Fault> {
    crash_point("write.work_items");
    let text = |of: fn(&NewWorkItem) -> &str| {
        Column::Text(items.iter().map(|item| of(item).to_owned()).collect())
    };
    let columns = [
        Column::Uuid(items.iter().map(|item| uuid(item.property.0)).collect()),
        Column::Uuid(items.iter().map(|item| uuid(item.id.0)).collect()),
        text(|item| item.kind.word()),
        text(|item| &item.subject),
        text(|item| &item.detail),
        Column::I64(vec![now_ms; items.len()]),
    ];
    tx.bulk_execute(&ADD, &columns).await.map(|_| ())
}

/// Open matters of a property, the oldest first.
pub async fn list_open(
    tx: &Tx<'_>,
    property: PropertyId,
    after: Cursor,
    items_max: i64,
) -> Result<Vec<WorkItem>, Fault> {
    const LIST: Sql = Sql::new(
        "SELECT property, id, kind, subject, detail, created_at_ms, settled_at_ms \
         FROM work_item WHERE property = $1 AND settled_at_ms IS NULL \
         AND (created_at_ms, id) > ($2, $3) ORDER BY created_at_ms, id LIMIT $4",
    );
    let (property, id) = (uuid(property.0), uuid(after.id.0));
    tx.query(&LIST, &[&property, &after.created_at_ms, &id, &items_max]).await
}

/// A person settled it. `Fault::GuardMissed` never comes of it: `false` means that it is not
/// open, or not of this property.
pub async fn settle(tx: &Tx<'_>, property: PropertyId, id: WorkItemId) -> Result<bool, Fault> {
    const SETTLE: Sql = Sql::new(
        "UPDATE work_item SET settled_at_ms = $3 \
         WHERE property = $1 AND id = $2 AND settled_at_ms IS NULL",
    );
    let now_ms = tx.now_ms().await?;
    Ok(tx.execute(&SETTLE, &[&uuid(property.0), &uuid(id.0), &now_ms]).await? == 1)
}

/// The work that settles itself: a payment found its end. How many matters that ended.
pub async fn settle_subject(
    tx: &Tx<'_>,
    property: PropertyId,
    kind: WorkKind,
    subject: &str,
) -> Result<u64, Fault> {
    const SETTLE: Sql = Sql::new(
        "UPDATE work_item SET settled_at_ms = $4 \
         WHERE property = $1 AND kind = $2 AND subject = $3 AND settled_at_ms IS NULL",
    );
    let now_ms = tx.now_ms().await?;
    tx.execute(&SETTLE, &[&uuid(property.0), &kind.word(), &subject, &now_ms]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_survives_its_word() {
        for kind in WorkKind::ALL {
            assert_eq!(WorkKind::from_word(kind.word()), Some(kind));
        }
    }
}
