//! Matters that a person of the business has to settle: what is open, and that it is done. They are
//! added where they arise; nothing here makes one.

use vacancy_domain::access::Action;
use vacancy_domain::ids::{PropertyId, WorkItemId};
use vacancy_store::sql::Db;
use vacancy_store::work_items::{self, Cursor, Settlement, WorkItem};

use crate::access::{self, Actor};
use crate::cursors::{Page, Position, page_limit};
use crate::errors::Error;

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

/// A person says that it is settled.
pub async fn settle(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    id: WorkItemId,
) -> Result<(), Error> {
    let found = db.read(move |tx| Box::pin(work_items::by_id(tx, id))).await?;
    // A matter about money is closed by whoever may give money back.
    let is_of_money = found.is_some_and(|(item, _)| item.kind.is_about_money());
    let action = if is_of_money { Action::RefundPayments } else { Action::ChangeInventory };
    access::hotel(db, actor, action, property).await?;
    let settled_by = actor.label();
    let was_open = db.write(move |tx| {
        let settlement = Settlement { settled_by: settled_by.clone(), ..Settlement::default() };
        Box::pin(async move { work_items::settle(tx, property, id, &settlement).await })
    });
    if was_open.await? { Ok(()) } else { Err(Error::NotFound) }
}
