//! Matters that a person of the business has to settle: what is open, and that it is done. They are
//! added where they arise; nothing here makes one.

use vacancy_domain::access::Action;
use vacancy_domain::ids::{PropertyId, WorkItemId};
use vacancy_store::sql::Db;
use vacancy_store::work_items::{self, Cursor, Settlement, WorkItem};

use crate::access::{self, Actor};
use crate::cursors::{Page, Position, page_limit};
use crate::errors::Error;
use crate::payments::Payments;
use crate::payments::inbox::Resolution;

const OPEN: u8 = b'w';

/// A hotel's open matters, the oldest first.
pub async fn list(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    cursor: Option<&str>,
    limit: Option<i64>,
) -> Result<Page<WorkItem>, Error> {
    access::hotel(db, actor, Action::ReadInventory, property).await?;
    let limit = page_limit(limit)?;
    let after = match Position::parse(OPEN, cursor)? {
        Some(at) => Cursor { created_at_ms: at.key, id: WorkItemId(at.id) },
        None => Cursor::START,
    };
    let rows = db.read(move |tx| {
        Box::pin(async move { work_items::list_open(tx, property, after, limit + 1).await })
    });
    let position =
        |item: &WorkItem| Position { list: OPEN, key: item.created_at_ms, id: item.id.0 };
    Ok(Page::cut(rows.await?, limit, position))
}

/// A person says that it is settled. A matter about money is dismissed by it, by whoever may give money back:
/// it comes back only when it is another one.
pub async fn settle(
    payments: &Payments,
    actor: &Actor,
    property: PropertyId,
    id: WorkItemId,
) -> Result<(), Error> {
    let db = &payments.bookings.db;
    let found = db.read(move |tx| Box::pin(work_items::by_id(tx, id))).await?;
    let of_money = found.map(|(item, _)| item).filter(|item| item.kind.is_about_money());
    let action = if of_money.is_some() { Action::RefundPayments } else { Action::ChangeInventory };
    access::hotel(db, actor, action, property).await?;
    if let Some(item) = of_money {
        if item.property != property || item.settled_at_ms.is_some() {
            return Err(Error::NotFound);
        }
        return payments.resolve(actor, id, Resolution::Dismiss, "", None).await.map(|_| ());
    }
    let settled_by = actor.label();
    let was_open = db.write(move |tx| {
        let settlement = Settlement { settled_by: settled_by.clone(), ..Settlement::default() };
        Box::pin(async move { work_items::settle(tx, property, id, &settlement).await })
    });
    if was_open.await? { Ok(()) } else { Err(Error::NotFound) }
}
