//! A model of PostgreSQL's visibility on a store in memory, for followers of the event log: every
//! event gets the number of its transaction, and one transaction of somebody else may stay open
//! while later ones commit, with an event whose number was drawn before theirs. SQLite alone never
//! shows this, since its commits are in the order of their numbers. The follower runs the text that
//! PostgreSQL runs; only the engine's own word for its oldest open transaction is the model's.

use std::sync::OnceLock;

use vacancy_domain::ids::PropertyId;

use crate::events::{self, Cursor, Event};
use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::Db;
use crate::sql::tx::Sql;

const SNAPSHOT: Sql = Sql::new(
    "CREATE TEMP TABLE IF NOT EXISTS snapshot (next_tx INTEGER NOT NULL, open_tx INTEGER)",
);
const NUMBER: Sql = Sql::new(
    "CREATE TEMP TRIGGER IF NOT EXISTS event_number AFTER INSERT ON main.event \
     WHEN NEW.tx_id = 0 BEGIN \
     UPDATE event SET tx_id = (SELECT next_tx FROM snapshot) WHERE id = NEW.id; \
     UPDATE snapshot SET next_tx = next_tx + 1; END",
);
const FORGET: Sql = Sql::new("DELETE FROM temp.snapshot");
const START: Sql = Sql::new("INSERT INTO temp.snapshot (next_tx) VALUES (1)");

/// Begins anew with the model.
pub async fn begin(db: &Db) -> Result<(), Fault> {
    db.write(|tx| {
        Box::pin(async move {
            for sql in [&SNAPSHOT, &NUMBER, &FORGET, &START] {
                tx.execute(sql, &[]).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Somebody's transaction that has drawn the number of its event and has not committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    pub tx_id: i64,
    pub event_id: i64,
}

const OPEN: Sql = Sql::new("UPDATE temp.snapshot SET open_tx = next_tx, next_tx = next_tx + 1");
const OPENED: Sql = Sql::new(
    "SELECT s.open_tx, COALESCE((SELECT seq FROM main.sqlite_sequence WHERE name = 'event'), 0) + 1 \
     FROM temp.snapshot AS s",
);
const DRAW: Sql = Sql::new("UPDATE main.sqlite_sequence SET seq = $1 WHERE name = 'event'");
const DRAW_FIRST: Sql = Sql::new(
    "INSERT INTO main.sqlite_sequence (name, seq) SELECT 'event', $1 \
     WHERE NOT EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = 'event')",
);

/// Opens somebody's transaction.
pub async fn open(db: &Db) -> Result<Open, Fault> {
    db.write(|tx| {
        Box::pin(async move {
            tx.execute(&OPEN, &[]).await?;
            let (tx_id, event_id) = tx.query_one::<(i64, i64)>(&OPENED, &[]).await?;
            if tx.execute(&DRAW, &[&event_id]).await? == 0 {
                tx.execute(&DRAW_FIRST, &[&event_id]).await?;
            }
            Ok(Open { tx_id, event_id })
        })
    })
    .await
}

const CLOSE: Sql = Sql::new("UPDATE temp.snapshot SET open_tx = NULL");
const LATE: Sql = Sql::new(
    "INSERT INTO event (id, tx_id, property, at_ms, body) \
     VALUES ($1, $2, $3, 0, '{\"cells\":[],\"events\":[]}')",
);

/// Commits it, late.
pub async fn commit(db: &Db, open: Open, property: PropertyId) -> Result<(), Fault> {
    db.write(move |tx| {
        Box::pin(async move {
            let property = uuid(property.0);
            tx.execute(&LATE, &[&open.event_id, &open.tx_id, &property]).await?;
            tx.execute(&CLOSE, &[]).await.map(|_| ())
        })
    })
    .await
}

/// Loses it.
pub async fn roll_back(db: &Db) -> Result<(), Fault> {
    db.write(|tx| Box::pin(async move { tx.execute(&CLOSE, &[]).await.map(|_| ()) })).await
}

/// What a follower reads next, as it would on PostgreSQL.
pub async fn follow(
    db: &Db,
    after: Cursor,
    events_max: i64,
) -> Result<(Vec<Event>, Cursor), Fault> {
    const OLDEST_OPEN: &str = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    const MODEL: &str = "(SELECT COALESCE(open_tx, next_tx) FROM temp.snapshot)";
    static TEXTS: [OnceLock<Sql>; 2] = [OnceLock::new(), OnceLock::new()];
    let text = events::follow_sql().pg_text();
    let place = usize::from(text.contains(OLDEST_OPEN));
    let model = || Sql::new(text.replace(OLDEST_OPEN, MODEL).leak());
    let sql = TEXTS[place].get_or_init(model);
    db.read(move |tx| Box::pin(async move { events::follow_by(tx, sql, after, events_max).await }))
        .await
}
