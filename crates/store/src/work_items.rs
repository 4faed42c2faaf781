//! Matters that a person has to settle: a night sold above what there is, a payment whose end
//! nobody knows. They are added in the transaction that makes them necessary, and never lost.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::{BusinessId, PropertyId, WorkItemId};

use crate::faults::Fault;
use crate::ids::{Columns, id, uuid};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::row::{Bind, FromRow, Row};
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
    /// The provider has another amount or currency than ours.
    PaymentMismatch,
    /// An order was paid twice, and the second payment did not go back.
    PaidTwice,
    /// Another order of the provider has money for this payment, too.
    PaymentElsewhere,
    /// The provider has money for a payment that is not in this store.
    PaymentUnknown,
    /// We booked money that the provider does not have.
    PaymentMissing,
    /// Money went back at the provider that we did not send.
    RefundElsewhere,
    /// We booked a refund that the provider did not make.
    RefundMissing,
    /// The rest of a booking with a deposit could not be collected.
    RestUnpaid,
    /// A guest's bank asks about a payment, or took it back: somebody has to answer.
    DisputeOpened,
    /// The bank decided for the guest.
    DisputeLost,
}

impl WorkKind {
    pub const ALL: [WorkKind; 13] = [
        WorkKind::Oversold,
        WorkKind::PaymentUnsettled,
        WorkKind::RefundFailed,
        WorkKind::PaymentMismatch,
        WorkKind::PaidTwice,
        WorkKind::PaymentElsewhere,
        WorkKind::PaymentUnknown,
        WorkKind::PaymentMissing,
        WorkKind::RefundElsewhere,
        WorkKind::RefundMissing,
        WorkKind::RestUnpaid,
        WorkKind::DisputeOpened,
        WorkKind::DisputeLost,
    ];

    /// The word in the store, the log and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            WorkKind::Oversold => "oversold",
            WorkKind::PaymentUnsettled => "payment_unsettled",
            WorkKind::RefundFailed => "refund_failed",
            WorkKind::PaymentMismatch => "payment_mismatch",
            WorkKind::PaidTwice => "paid_twice",
            WorkKind::PaymentElsewhere => "payment_elsewhere",
            WorkKind::PaymentUnknown => "payment_unknown",
            WorkKind::PaymentMissing => "payment_missing",
            WorkKind::RefundElsewhere => "refund_elsewhere",
            WorkKind::RefundMissing => "refund_missing",
            WorkKind::RestUnpaid => "rest_unpaid",
            WorkKind::DisputeOpened => "dispute_opened",
            WorkKind::DisputeLost => "dispute_lost",
        }
    }

    /// Whether it is about money: such matters are in the inbox, and whoever may give money back ends them.
    #[must_use]
    pub fn is_about_money(self) -> bool {
        match self {
            WorkKind::Oversold => false,
            WorkKind::PaymentUnsettled
            | WorkKind::RefundFailed
            | WorkKind::PaymentMismatch
            | WorkKind::PaidTwice
            | WorkKind::PaymentElsewhere
            | WorkKind::PaymentUnknown
            | WorkKind::PaymentMissing
            | WorkKind::RefundElsewhere
            | WorkKind::RefundMissing
            | WorkKind::RestUnpaid
            | WorkKind::DisputeOpened
            | WorkKind::DisputeLost => true,
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<WorkKind> {
        WorkKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Of kinds about money, for a `WHERE`. One term for each kind that is not, as the index
/// `work_item_money` has it.
static ABOUT_MONEY: LazyLock<String> = LazyLock::new(|| {
    let others = WorkKind::ALL.into_iter().filter(|kind| !kind.is_about_money());
    let terms: Vec<String> = others.map(|kind| format!("t.kind <> '{}'", kind.word())).collect();
    terms.join(" AND ")
});

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
    /// JSON, read by `app` alone: what is needed to settle it.
    pub data: String,
}

/// What is nobody's matter any more: of each property, kind and subject one is open at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    pub property: PropertyId,
    pub kind: WorkKind,
    pub subject: String,
}

/// A matter as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    pub property: PropertyId,
    pub id: WorkItemId,
    pub kind: WorkKind,
    pub subject: String,
    pub detail: String,
    pub data: String,
    pub created_at_ms: i64,
    pub settled_at_ms: Option<i64>,
    pub settlement: Settlement,
}

/// How a matter was settled; all empty when it settled itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// The step that was taken.
    pub resolution: String,
    pub note: String,
    /// Who took it.
    pub settled_by: String,
}

/// Every column that [`WorkItem`] reads, in its order.
const COLUMNS: &str = "t.property, t.id, t.kind, t.subject, t.detail, t.data, t.created_at_ms, \
    t.settled_at_ms, t.resolution, t.note, t.settled_by";

impl FromRow for WorkItem {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(WorkItem {
            property: PropertyId(columns.id()?),
            id: WorkItemId(columns.id()?),
            kind: columns.word(WorkKind::from_word)?,
            subject: columns.get()?,
            detail: columns.get()?,
            data: columns.get()?,
            created_at_ms: columns.get()?,
            settled_at_ms: columns.get()?,
            settlement: Settlement {
                resolution: columns.get()?,
                note: columns.get()?,
                settled_by: columns.get()?,
            },
        })
    }
}

/// Where the business stands behind [`COLUMNS`].
const BUSINESS: usize = 11;

/// A matter and the business that it is of.
struct Owned(WorkItem, BusinessId);

impl FromRow for Owned {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        Ok(Owned(WorkItem::from_row(row)?, BusinessId(id(row, BUSINESS)?)))
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
        "INSERT INTO work_item (property, id, kind, subject, detail, created_at_ms, data) \
         SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT 1 FROM work_item AS w \
         WHERE w.property = $1 AND w.kind = $3 AND w.subject = $4 AND w.settled_at_ms IS NULL)",
        "INSERT INTO work_item (property, id, kind, subject, detail, created_at_ms, data) \
         SELECT u.property, u.id, u.kind, u.subject, u.detail, u.at_ms, u.data \
         FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], \
         $7::text[]) AS u(property, id, kind, subject, detail, at_ms, data) WHERE NOT EXISTS (SELECT 1 \
         FROM work_item AS w WHERE w.property = u.property AND w.kind = u.kind \
         AND w.subject = u.subject AND w.settled_at_ms IS NULL)",
        7,
        crate::sql::dialect::Fork::BulkArrays,
    )
});

/// Nobody else who asks for this adds matters of the property before the transaction ends: what two jobs
/// hear at once is told once.
pub async fn take_turn(tx: &Tx<'_>, property: PropertyId) -> Result<(), Fault> {
    const TURN: Sql =
        Sql::locking("SELECT version FROM property WHERE id = $1", " FOR NO KEY UPDATE");
    let _version: Option<(i64,)> = tx.query_opt(&TURN, &[&uuid(property.0)]).await?;
    Ok(())
}

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
        text(|item| &item.data),
    ];
    tx.bulk_execute(&ADD, &columns).await.map(|_| ())
}

static RENEW: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::forked(
        "UPDATE work_item SET detail = $4, data = $5 WHERE property = $1 AND kind = $2 \
         AND subject = $3 AND settled_at_ms IS NULL",
        "UPDATE work_item AS w SET detail = u.detail, data = u.data FROM UNNEST($1::uuid[], \
         $2::text[], $3::text[], $4::text[], $5::text[]) AS u(property, kind, subject, detail, data) \
         WHERE w.property = u.property AND w.kind = u.kind AND w.subject = u.subject \
         AND w.settled_at_ms IS NULL",
        5,
        crate::sql::dialect::Fork::BulkArrays,
    )
});

/// Adds matters as [`add`] does; one that is open already says from now on what is told here. Of several
/// about one subject the last counts.
pub async fn tell(tx: &Tx<'_>, now_ms: i64, items: &[NewWorkItem]) -> Result<(), Fault> {
    let about = |item: &NewWorkItem| (item.property, item.kind, item.subject.clone());
    let last: BTreeMap<_, _> = items.iter().map(|item| (about(item), item.clone())).collect();
    let items: Vec<NewWorkItem> = last.into_values().collect();
    let text = |of: fn(&NewWorkItem) -> &str| {
        Column::Text(items.iter().map(|item| of(item).to_owned()).collect())
    };
    let columns = [
        Column::Uuid(items.iter().map(|item| uuid(item.property.0)).collect()),
        text(|item| item.kind.word()),
        text(|item| &item.subject),
        text(|item| &item.detail),
        text(|item| &item.data),
    ];
    tx.bulk_execute(&RENEW, &columns).await?;
    add(tx, now_ms, &items).await
}

/// Whether people have seen this very matter, and left it at that.
pub async fn is_dismissed(tx: &Tx<'_>, item: &NewWorkItem) -> Result<bool, Fault> {
    static DISMISSED: LazyLock<String> = LazyLock::new(|| {
        let about_money = ABOUT_MONEY.as_str();
        format!(
            "SELECT COUNT(*) FROM work_item AS t WHERE t.property = $1 AND t.kind = $2 \
             AND t.subject = $3 AND t.detail = $4 AND {about_money} AND t.resolution = 'dismiss'"
        )
    });
    let property = uuid(item.property.0);
    let kind = item.kind.word();
    let params: [&dyn Bind; 4] = [&property, &kind, &item.subject, &item.detail];
    let (count,): (i64,) = tx.query_one(&Sql::new(DISMISSED.as_str()), &params).await?;
    Ok(0 < count)
}

/// Open matters of a property, the oldest first.
pub async fn list_open(
    tx: &Tx<'_>,
    property: PropertyId,
    after: Cursor,
    items_max: i64,
) -> Result<Vec<WorkItem>, Fault> {
    static LIST: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM work_item AS t WHERE t.property = $1 \
             AND t.settled_at_ms IS NULL AND (t.created_at_ms, t.id) > ($2, $3) \
             ORDER BY t.created_at_ms, t.id LIMIT $4"
        )
    });
    let (property, id) = (uuid(property.0), uuid(after.id.0));
    tx.query(&Sql::new(LIST.as_str()), &[&property, &after.created_at_ms, &id, &items_max]).await
}

/// Open matters of one kind of a property, the oldest first.
pub async fn open_of_kind(
    tx: &Tx<'_>,
    property: PropertyId,
    kind: WorkKind,
    after: Cursor,
    items_max: i64,
) -> Result<Vec<WorkItem>, Fault> {
    static OF_KIND: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM work_item AS t WHERE t.property = $1 \
             AND t.settled_at_ms IS NULL AND t.kind = $2 AND (t.created_at_ms, t.id) > ($3, $4) \
             ORDER BY t.created_at_ms, t.id LIMIT $5"
        )
    });
    let (property, kind, id) = (uuid(property.0), kind.word(), uuid(after.id.0));
    let params: [&dyn Bind; 5] = [&property, &kind, &after.created_at_ms, &id, &items_max];
    tx.query(&Sql::new(OF_KIND.as_str()), &params).await
}

/// Which matters about money a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filed {
    pub is_settled: bool,
    /// Every kind, when it is left out.
    pub kind: Option<WorkKind>,
}

/// Matters about money of all properties of a business, the oldest first.
pub async fn of_business(
    tx: &Tx<'_>,
    business: BusinessId,
    filed: Filed,
    after: Cursor,
    items_max: i64,
) -> Result<Vec<WorkItem>, Fault> {
    static LIST: LazyLock<String> = LazyLock::new(|| {
        let about_money = ABOUT_MONEY.as_str();
        format!(
            "SELECT {COLUMNS} FROM property AS p JOIN work_item AS t ON t.property = p.id \
             WHERE p.business = $1 AND {about_money} \
             AND (t.settled_at_ms IS NOT NULL) = $2 AND ($3 = '' OR t.kind = $3) \
             AND (t.created_at_ms, t.id) > ($4, $5) ORDER BY t.created_at_ms, t.id LIMIT $6"
        )
    });
    let kind = filed.kind.map_or("", WorkKind::word);
    let (business, id) = (uuid(business.0), uuid(after.id.0));
    let params: [&dyn Bind; 6] =
        [&business, &filed.is_settled, &kind, &after.created_at_ms, &id, &items_max];
    tx.query(&Sql::new(LIST.as_str()), &params).await
}

/// A matter, and the business that it is of.
pub async fn by_id(tx: &Tx<'_>, id: WorkItemId) -> Result<Option<(WorkItem, BusinessId)>, Fault> {
    static BY_ID: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS}, p.business FROM work_item AS t \
             JOIN property AS p ON p.id = t.property WHERE t.id = $1"
        )
    });
    let row: Option<Owned> = tx.query_opt(&Sql::new(BY_ID.as_str()), &[&uuid(id.0)]).await?;
    Ok(row.map(|Owned(item, business)| (item, business)))
}

/// Somebody settled it. `Fault::GuardMissed` never comes of it: `false` means that it is not
/// open, or not of this property.
pub async fn settle(
    tx: &Tx<'_>,
    property: PropertyId,
    id: WorkItemId,
    settlement: &Settlement,
) -> Result<bool, Fault> {
    const SETTLE: Sql = Sql::new(
        "UPDATE work_item SET settled_at_ms = $3, resolution = $4, note = $5, settled_by = $6 \
         WHERE property = $1 AND id = $2 AND settled_at_ms IS NULL",
    );
    let now_ms = tx.now_ms().await?;
    let Settlement { resolution, note, settled_by } = settlement;
    let (property, id) = (uuid(property.0), uuid(id.0));
    let params: [&dyn Bind; 6] = [&property, &id, &now_ms, resolution, note, settled_by];
    Ok(tx.execute(&SETTLE, &params).await? == 1)
}

/// The same, unless it says something else by now than it did here.
pub async fn settle_as_seen(
    tx: &Tx<'_>,
    seen: &WorkItem,
    settlement: &Settlement,
) -> Result<bool, Fault> {
    const SETTLE: Sql = Sql::new(
        "UPDATE work_item SET settled_at_ms = $3, resolution = $4, note = $5, settled_by = $6 \
         WHERE property = $1 AND id = $2 AND settled_at_ms IS NULL AND detail = $7 AND data = $8",
    );
    let now_ms = tx.now_ms().await?;
    let Settlement { resolution, note, settled_by } = settlement;
    let (property, id) = (uuid(seen.property.0), uuid(seen.id.0));
    let params: [&dyn Bind; 8] =
        [&property, &id, &now_ms, resolution, note, settled_by, &seen.detail, &seen.data];
    Ok(tx.execute(&SETTLE, &params).await? == 1)
}

static SETTLE_SUBJECTS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::update(
        "work_item",
        "settled_at_ms = u.at_ms",
        "t.property = u.property AND t.kind = u.kind AND t.subject = u.subject \
         AND t.settled_at_ms IS NULL",
        &[
            ("property", Kind::Uuid),
            ("kind", Kind::Text),
            ("subject", Kind::Text),
            ("at_ms", Kind::I64),
        ],
    )
});

/// The work that settles itself: a payment found its end. How many matters that ended.
pub async fn settle_subjects(tx: &Tx<'_>, now_ms: i64, over: &[Over]) -> Result<u64, Fault> {
    let columns = [
        Column::Uuid(over.iter().map(|over| uuid(over.property.0)).collect()),
        Column::Text(over.iter().map(|over| over.kind.word().to_owned()).collect()),
        Column::Text(over.iter().map(|over| over.subject.clone()).collect()),
        Column::I64(vec![now_ms; over.len()]),
    ];
    tx.bulk_execute(&SETTLE_SUBJECTS, &columns).await
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

    #[test]
    fn the_index_of_matters_about_money_has_all_that_the_list_asks_for() {
        for migration in [
            include_str!("../migrations/sqlite/V9__inbox.sql"),
            include_str!("../migrations/postgres/V9__inbox.sql"),
        ] {
            let index = migration.split("work_item_money").nth(1).expect("it is made there");
            let kinds = index.split(" WHERE ").nth(1).and_then(|rest| rest.split(';').next());
            assert_eq!(kinds, Some(ABOUT_MONEY.replace("t.", "").as_str()));
        }
    }
}
