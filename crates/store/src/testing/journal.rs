//! What changed in a store in memory since somebody looked the last time: rows as plain numbers for
//! an oracle, which must not share `domain`'s view of them. Triggers of the engine note which rows
//! were touched, inside the transaction that touched them; the product knows nothing of it.

use std::sync::OnceLock;

use uuid::Uuid;
use vacancy_domain::ids::PoolId;

use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::Db;
use crate::sql::row::FromRow;
use crate::sql::tx::{Sql, Tx};

/// One cell: pool, day, limit, held, sold, oversold.
pub type CellRow = (Uuid, i64, i64, i64, i64, bool);
/// One ledger entry: hold, line, seq, kind, pool, first day, nights, units.
pub type EntryRow = (Uuid, Uuid, i64, String, Uuid, i64, i64, i64);
/// One hold: id, state, created, deadline, version.
pub type HoldRow = (Uuid, String, i64, i64, i64);
/// One reservation: id, property, hold, request, stay state, version.
pub type ReservationRow = (Uuid, Uuid, Uuid, String, String, i64);
/// What was agreed for a reservation: hold, lines, price, total, first day, day of departure.
pub type AgreedRow = (Uuid, String, String, i64, i64, i64);
/// One entry of history: reservation, seq, actor, stay state.
pub type HistoryRow = (Uuid, i64, String, String);
/// One event: its place on either engine (transaction, number), and its body.
pub type EventRow = (i64, i64, String);
/// One job: id, state, attempts, due, lease.
pub type JobRow = (Uuid, String, i64, i64, Option<i64>);
/// One matter: kind, subject, created.
pub type MatterRow = (String, String, i64);
/// One room night: room, day, line.
pub type RoomNightRow = (Uuid, i64, Uuid);

/// Rows that were written, as they are now, and how many were taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub cells: Vec<CellRow>,
    pub entries: Vec<EntryRow>,
    pub holds: Vec<HoldRow>,
    pub reservations: Vec<ReservationRow>,
    pub agreed: Vec<AgreedRow>,
    pub histories: Vec<HistoryRow>,
    pub events: Vec<EventRow>,
    pub jobs: Vec<JobRow>,
    pub matters: Vec<MatterRow>,
    /// Rows of holds, ledger, reservations and history that are gone: no rule lets them go.
    pub gone_count: i64,
}

/// A table to watch: its name, the columns of its key, whether rows of it may go.
const WATCHED: [(&str, &[&str], bool); 8] = [
    ("cell", &["pool", "slot"], true),
    ("ledger", &["line", "seq"], false),
    ("hold", &["id", "0"], false),
    ("reservation", &["id", "0"], false),
    ("reservation_history", &["reservation", "seq"], false),
    ("event", &["0", "id"], true),
    ("job", &["id", "0"], true),
    ("work_item", &["id", "0"], true),
];

const BEGIN: Sql = Sql::new(
    "CREATE TEMP TABLE IF NOT EXISTS touched \
     (n INTEGER PRIMARY KEY, what TEXT NOT NULL, one ANY, two INTEGER)",
);

/// Begins to note what is touched. Again: nothing.
pub async fn begin(db: &Db) -> Result<(), Fault> {
    static TRIGGERS: OnceLock<Vec<Sql>> = OnceLock::new();
    let triggers = TRIGGERS.get_or_init(|| WATCHED.iter().flat_map(triggers).collect());
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(&BEGIN, &[]).await?;
            for trigger in triggers {
                tx.execute(trigger, &[]).await?;
            }
            Ok(())
        })
    })
    .await
}

fn triggers((table, key, may_go): &(&str, &[&str], bool)) -> Vec<Sql> {
    let trigger = |event: &str, row: &str, what: &str| {
        let value = |column: &str| match column {
            "0" => "0".to_owned(),
            column => format!("{row}.{column}"),
        };
        let text = format!(
            "CREATE TEMP TRIGGER IF NOT EXISTS {table}_{event} AFTER {event} ON main.{table} BEGIN \
             INSERT INTO touched (what, one, two) VALUES ('{what}', {}, {}); END",
            value(key[0]),
            value(key[1]),
        );
        Sql::new(text.leak())
    };
    let mut made = vec![trigger("INSERT", "NEW", table), trigger("UPDATE", "NEW", table)];
    if !may_go {
        made.push(trigger("DELETE", "OLD", "gone"));
    }
    made
}

const REACHED: Sql = Sql::new("SELECT COALESCE(MAX(n), 0) FROM touched");
const GONE: Sql = Sql::new("SELECT COUNT(*) FROM touched WHERE $1 < n AND what = 'gone'");
const CELLS: Sql = Sql::new(
    "SELECT t.pool, t.day, t.limit_units, t.held, t.sold, t.oversold FROM pool AS p \
     JOIN (SELECT DISTINCT one, two FROM touched WHERE $1 < n AND what = 'cell') AS k \
     ON p.id = k.one JOIN cell AS t ON t.property = p.property AND t.pool = p.id AND t.slot = k.two",
);
const ENTRIES: Sql = Sql::new(
    "SELECT t.hold, t.line, t.seq, t.kind, t.pool, t.first_day, t.slots, t.units \
     FROM touched AS k JOIN property AS p JOIN ledger AS t \
     ON t.property = p.id AND t.line = k.one AND t.seq = k.two \
     WHERE $1 < k.n AND k.what = 'ledger' ORDER BY k.n",
);
const HOLDS: Sql = Sql::new(
    "SELECT t.id, t.state, t.created_at_ms, t.expires_at_ms, t.version FROM hold AS t \
     WHERE t.id IN (SELECT one FROM touched WHERE $1 < n AND what = 'hold') ORDER BY t.id",
);
const RESERVATIONS: Sql = Sql::new(
    "SELECT t.id, t.property, t.hold, t.request_id, t.stay_state, t.version \
     FROM reservation AS t \
     WHERE t.id IN (SELECT one FROM touched WHERE $1 < n AND what = 'reservation') ORDER BY t.id",
);
const AGREED: Sql = Sql::new(
    "SELECT t.hold, t.lines, t.price, t.total_minor, t.first_day, t.end_day \
     FROM reservation AS t \
     WHERE t.id IN (SELECT one FROM touched WHERE $1 < n AND what = 'reservation') ORDER BY t.id",
);
const HISTORIES: Sql = Sql::new(
    "SELECT t.reservation, t.seq, t.actor, t.stay_state \
     FROM touched AS k JOIN property AS p JOIN reservation_history AS t \
     ON t.property = p.id AND t.reservation = k.one AND t.seq = k.two \
     WHERE $1 < k.n AND k.what = 'reservation_history' ORDER BY k.n",
);
const EVENTS: Sql = Sql::new(
    "SELECT t.tx_id, t.id, t.body FROM event AS t \
     WHERE t.id IN (SELECT two FROM touched WHERE $1 < n AND what = 'event') ORDER BY t.id",
);
const JOBS: Sql = Sql::new(
    "SELECT t.id, t.state, t.attempts, t.due_at_ms, t.lease_until_ms FROM job AS t \
     WHERE t.id IN (SELECT one FROM touched WHERE $1 < n AND what = 'job') ORDER BY t.id",
);
const MATTERS: Sql = Sql::new(
    "SELECT t.kind, t.subject, t.created_at_ms FROM work_item AS t WHERE t.settled_at_ms IS NULL \
     AND t.id IN (SELECT one FROM touched WHERE $1 < n AND what = 'work_item') ORDER BY t.id",
);

/// What was touched behind a mark, and the new mark. The first mark is 0.
pub async fn changes(db: &Db, behind: i64) -> Result<(Changes, i64), Fault> {
    db.read(move |tx| {
        Box::pin(async move {
            let (reached,) = tx.query_one::<(i64,)>(&REACHED, &[]).await?;
            if reached == behind {
                return Ok((Changes::default(), behind));
            }
            let changes = Changes {
                cells: rows(tx, &CELLS, behind).await?,
                entries: rows(tx, &ENTRIES, behind).await?,
                holds: rows(tx, &HOLDS, behind).await?,
                reservations: rows(tx, &RESERVATIONS, behind).await?,
                agreed: rows(tx, &AGREED, behind).await?,
                histories: rows(tx, &HISTORIES, behind).await?,
                events: rows(tx, &EVENTS, behind).await?,
                jobs: rows(tx, &JOBS, behind).await?,
                matters: rows(tx, &MATTERS, behind).await?,
                gone_count: tx.query_one::<(i64,)>(&GONE, &[&behind]).await?.0,
            };
            Ok((changes, reached))
        })
    })
    .await
}

async fn rows<T: FromRow>(tx: &Tx<'_>, sql: &Sql, behind: i64) -> Result<Vec<T>, Fault> {
    tx.query(sql, &[&behind]).await
}

const TABLES: Sql = Sql::new(
    "SELECT 'DELETE FROM ' || name FROM main.sqlite_schema WHERE type = 'table' \
     AND name NOT IN ('schema_info', 'refinery_schema_history', 'sqlite_stat1') \
     ORDER BY rowid DESC",
);

/// Empties a store in memory: as new, but with its schema and its prepared statements. Tables that
/// others point to were made before them and are emptied after them.
pub async fn blank(db: &Db) -> Result<(), Fault> {
    static EMPTY: OnceLock<Vec<Sql>> = OnceLock::new();
    const FORGET: Sql = Sql::new("DELETE FROM temp.touched");
    let tables: Vec<(String,)> =
        db.read(|tx| Box::pin(async move { tx.query(&TABLES, &[]).await })).await?;
    let empty =
        EMPTY.get_or_init(|| tables.into_iter().map(|(text,)| Sql::new(text.leak())).collect());
    db.write(move |tx| {
        Box::pin(async move {
            for table in empty {
                tx.execute(table, &[]).await?;
            }
            tx.execute(&FORGET, &[]).await.map(|_| ())
        })
    })
    .await
}

const ROOM_NIGHTS: Sql = Sql::new("SELECT room, day, line FROM room_night ORDER BY room, day");

/// Who sleeps where, all of it.
pub async fn room_nights(db: &Db) -> Result<Vec<RoomNightRow>, Fault> {
    db.read(|tx| Box::pin(async move { tx.query(&ROOM_NIGHTS, &[]).await })).await
}

const DEFAULT: Sql = Sql::new("SELECT limit_units FROM pool WHERE id = $1");

/// Units that an untouched night of a pool may sell.
pub async fn default_units(db: &Db, pool: PoolId) -> Result<i64, Fault> {
    let read = db.read(move |tx| {
        Box::pin(async move { tx.query_one::<(i64,)>(&DEFAULT, &[&uuid(pool.0)]).await })
    });
    Ok(read.await?.0)
}

const JOB: Sql = Sql::new("SELECT state, attempts, lease_owner FROM job WHERE id = $1");

/// Where a job stands in the store: state, attempts, whose it is.
pub async fn job(db: &Db, id: Uuid) -> Result<Option<(String, i64, Option<String>)>, Fault> {
    db.read(move |tx| Box::pin(async move { tx.query_opt(&JOB, &[&id]).await })).await
}

/// The mark behind everything that was touched until now.
pub async fn reached(db: &Db) -> Result<i64, Fault> {
    let read =
        db.read(|tx| Box::pin(async move { Ok(tx.query_one::<(i64,)>(&REACHED, &[]).await?.0) }));
    read.await
}
