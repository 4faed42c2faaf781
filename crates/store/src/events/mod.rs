//! The event log: append-only news of what was committed, one row per batch and property. Every
//! follower (search, live pages, webhooks) reads all of it, in an order in which nothing that
//! commits late can be skipped. What an event says is not known here.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use futures_util::try_join;
use uuid::Uuid;
use vacancy_domain::crash::crash_point;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::PropertyId;

use crate::faults::Fault;
use crate::holds::write::expect;
use crate::ids::{Columns, uuid};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::dialect::Fork;
use crate::sql::row::{Bind, FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// News of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub property: PropertyId,
    /// JSON, read by followers alone.
    pub body: String,
}

/// How far a follower has read. On PostgreSQL ids are drawn before commits, so an id alone says
/// nothing about what was committed; the transaction's number does, once all older ones ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cursor {
    /// 0 on SQLite, whose commits are in the order of their ids.
    pub tx_id: i64,
    pub id: i64,
}

/// News as a follower reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub at: Cursor,
    pub property: PropertyId,
    pub at_ms: i64,
    pub body: String,
}

impl FromRow for Event {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Event {
            at: Cursor { tx_id: columns.get()?, id: columns.get()? },
            property: PropertyId(columns.id()?),
            at_ms: columns.get()?,
            body: columns.get()?,
        })
    }
}

/// The transaction's own number comes as the column's default, on PostgreSQL.
static APPEND: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert("event", &[("property", Kind::Uuid), ("at_ms", Kind::I64), ("body", Kind::Text)])
});

/// Appends news to the transaction that made it.
pub async fn append(tx: &Tx<'_>, now_ms: i64, events: &[NewEvent]) -> Result<(), Fault> {
    crash_point("write.events");
    let columns = [
        Column::Uuid(events.iter().map(|event| uuid(event.property.0)).collect()),
        Column::I64(vec![now_ms; events.len()]),
        Column::Text(events.iter().map(|event| event.body.clone()).collect()),
    ];
    expect(tx.bulk_execute(&APPEND, &columns).await?, events.len())
}

/// What comes behind the cursor, at most so many, and where to go on. On PostgreSQL only what
/// lies below every running transaction: what is still open may yet commit in front of it.
pub async fn follow(
    tx: &Tx<'_>,
    after: Cursor,
    events_max: i64,
) -> Result<(Vec<Event>, Cursor), Fault> {
    follow_by(tx, follow_sql(), after, events_max).await
}

/// SQLite takes only the first part of a pair to the index, and would look at every event.
const FOLLOW: Sql = Sql::forked(
    "SELECT tx_id, id, property, at_ms, body FROM event WHERE tx_id = $1 AND id > $2 \
     ORDER BY tx_id, id LIMIT $3",
    "SELECT tx_id, id, property, at_ms, body FROM event WHERE (tx_id, id) > ($1, $2) \
     AND tx_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint \
     ORDER BY tx_id, id LIMIT $3",
    Fork::EventOrder,
);

/// For the test that must fail when a follower trusts the number alone.
const FOLLOW_BY_NUMBER: Sql = Sql::new(
    "SELECT tx_id, id, property, at_ms, body FROM event WHERE $1 <= tx_id AND id > $2 \
     ORDER BY id LIMIT $3",
);

pub(crate) fn follow_sql() -> &'static Sql {
    if guards::is_off(Guard::NewsBelowOpen) { &FOLLOW_BY_NUMBER } else { &FOLLOW }
}

pub(crate) async fn follow_by(
    tx: &Tx<'_>,
    sql: &Sql,
    after: Cursor,
    events_max: i64,
) -> Result<(Vec<Event>, Cursor), Fault> {
    let events: Vec<Event> = tx.query(sql, &[&after.tx_id, &after.id, &events_max]).await?;
    let reached = events.last().map_or(after, |event| event.at);
    Ok((events, reached))
}

/// Whose news lie behind a cursor in this snapshot, and how far the snapshot reaches for certain. What
/// lies beyond that comes again; nothing is left out. `None`: more than so many, whosever they are.
pub async fn news_since(
    tx: &Tx<'_>,
    after: Cursor,
    events_max: i64,
) -> Result<(Option<BTreeSet<PropertyId>>, Cursor), Fault> {
    const WHOSE: Sql = Sql::forked(
        "SELECT property FROM event WHERE tx_id = $1 AND id > $2 ORDER BY tx_id, id LIMIT $3",
        "SELECT property FROM event WHERE (tx_id, id) > ($1, $2) ORDER BY tx_id, id LIMIT $3",
        Fork::EventOrder,
    );
    let more = events_max + 1;
    let params: [&dyn Bind; 3] = [&after.tx_id, &after.id, &more];
    let (rows, until) = try_join!(tx.query::<(Uuid,)>(&WHOSE, &params), from_now_on(tx))?;
    let is_all = i64::try_from(rows.len()).is_ok_and(|count| count <= events_max);
    let whose = rows.into_iter().map(|(property,)| PropertyId(property.as_u128()));
    Ok((is_all.then(|| whose.collect()), until))
}

/// Where to follow from after reading the store's state in this same snapshot: whatever the
/// snapshot does not show comes behind it. Some of what it does show may come again.
pub async fn from_now_on(tx: &Tx<'_>) -> Result<Cursor, Fault> {
    const FROM_NOW_ON: Sql = Sql::forked(
        "SELECT 0, COALESCE(MAX(id), 0) FROM event",
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, \
         9223372036854775807::bigint",
        Fork::EventOrder,
    );
    let (tx_id, id) = tx.query_one::<(i64, i64)>(&FROM_NOW_ON, &[]).await?;
    Ok(Cursor { tx_id, id })
}

/// Forgets the oldest events that are from before a time; gives how many.
pub async fn purge(tx: &Tx<'_>, before_ms: i64, events_max: i64) -> Result<u64, Fault> {
    const PURGE: Sql = Sql::new(
        "DELETE FROM event WHERE id IN (SELECT oldest.id FROM \
         (SELECT id, at_ms FROM event ORDER BY id LIMIT $2) AS oldest WHERE oldest.at_ms < $1)",
    );
    tx.execute(&PURGE, &[&before_ms, &events_max]).await
}
