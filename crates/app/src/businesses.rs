//! Businesses: made by the platform, renamed by their owner. Who runs one hotel has one from the
//! first start and need not know the word.

use vacancy_domain::access::Action;
use vacancy_domain::hotels::{Business, Checks, NAME_CHARS_MAX};
use vacancy_domain::ids::BusinessId;
use vacancy_store::businesses;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;

use crate::access::{Actor, On};
use crate::cursors::{Page, Position, page_limit};
use crate::errors::Error;
use crate::fields::invalid_unless_clean;
use crate::ids::Ids;

/// What the first business is called until somebody says otherwise.
pub const DEFAULT_NAME: &str = "My business";
/// The id of the first business: the same wherever it is made, so that two instances that start
/// together on an empty database make one.
const DEFAULT_ID: BusinessId = BusinessId(1);

const LIST: u8 = b'b';

/// The oldest business; makes one when there is none.
pub async fn ensure_default(db: &Db) -> Result<Business, Error> {
    match first_or_default(db).await {
        // Somebody else was quicker: theirs is there now.
        Err(Fault::Constraint { .. }) => Ok(first_or_default(db).await?),
        made => Ok(made?),
    }
}

async fn first_or_default(db: &Db) -> Result<Business, Fault> {
    db.write(move |tx| {
        Box::pin(async move {
            if let Some(first) = businesses::first(tx).await? {
                return Ok(first);
            }
            let created_at_ms = tx.now_ms().await?;
            let (id, name) = (DEFAULT_ID, DEFAULT_NAME.to_owned());
            let business = Business { id, name, is_test: false, created_at_ms };
            businesses::insert(tx, &business).await?;
            Ok(business)
        })
    })
    .await
}

pub async fn create(db: &Db, ids: &Ids, actor: &Actor, name: &str) -> Result<Business, Error> {
    make(db, ids, actor, name, false).await
}

/// A business whose bookings mean nothing, for those who build against us.
pub async fn create_for_tests(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    name: &str,
) -> Result<Business, Error> {
    make(db, ids, actor, name, true).await
}

async fn make(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    name: &str,
    is_test: bool,
) -> Result<Business, Error> {
    actor.may(Action::RunPlatform, On::Platform)?;
    check_name(name)?;
    let id = BusinessId(ids.next_id());
    let name = name.trim().to_owned();
    let business = db.write(move |tx| {
        let name = name.clone();
        Box::pin(async move {
            let business = Business { id, name, is_test, created_at_ms: tx.now_ms().await? };
            businesses::insert(tx, &business).await?;
            Ok(business)
        })
    });
    Ok(business.await?)
}

/// Whether a business only tests. One that does not exist does not.
pub async fn is_test(db: &Db, id: BusinessId) -> Result<bool, Error> {
    let found = db.read(move |tx| Box::pin(async move { businesses::by_id(tx, id).await }));
    Ok(found.await?.is_some_and(|business| business.is_test))
}

/// A business, for who belongs to it.
pub async fn get(db: &Db, actor: &Actor, id: BusinessId) -> Result<Business, Error> {
    actor.may(Action::ReadInventory, On::Business(id))?;
    let found = db.read(move |tx| Box::pin(async move { businesses::by_id(tx, id).await }));
    found.await?.ok_or(Error::NotFound)
}

/// The business that the actor means when they name none.
pub async fn own(db: &Db, actor: &Actor) -> Result<Business, Error> {
    if let Some(id) = actor.business() {
        return get(db, actor, id).await;
    }
    actor.may(Action::RunPlatform, On::Platform)?;
    let first = db.read(|tx| Box::pin(async move { businesses::first(tx).await }));
    first.await?.ok_or(Error::NotFound)
}

pub async fn rename(db: &Db, actor: &Actor, id: BusinessId, name: &str) -> Result<Business, Error> {
    actor.may(Action::ManageAccess, On::Business(id))?;
    check_name(name)?;
    let name = name.trim().to_owned();
    let found = db.write(move |tx| {
        let name = name.clone();
        Box::pin(async move {
            businesses::rename(tx, id, &name).await?;
            businesses::by_id(tx, id).await
        })
    });
    found.await?.ok_or(Error::NotFound)
}

pub async fn list(
    db: &Db,
    actor: &Actor,
    cursor: Option<&str>,
    limit: Option<i64>,
) -> Result<Page<Business>, Error> {
    actor.may(Action::RunPlatform, On::Platform)?;
    let limit = page_limit(limit)?;
    let after = Position::parse(LIST, cursor)?.map_or(0, |position| position.id);
    let rows = db.read(move |tx| {
        Box::pin(async move { businesses::list(tx, BusinessId(after), limit + 1).await })
    });
    Ok(Page::cut(rows.await?, limit, |business| Position::of_id(LIST, business.id.0)))
}

fn check_name(name: &str) -> Result<(), Error> {
    let mut checks = Checks::default();
    checks.name("name", name, NAME_CHARS_MAX);
    invalid_unless_clean(checks.defects)
}
