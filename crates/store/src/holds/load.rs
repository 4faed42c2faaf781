//! Loads what a batch decides on. One round trip on PostgreSQL, two when commands name a hold:
//! first every lock in the global order, then, in statements of their own with a fresh snapshot,
//! what the locks protect, and last the time.

use std::sync::LazyLock;

use futures_util::try_join;
use uuid::Uuid;
use vacancy_domain::cells::{Cell, CellId};
use vacancy_domain::crash::crash_point;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::holds::{Hold, HoldState};
use vacancy_domain::ids::{HoldId, PropertyId};

use super::rows::{
    CELL, CellRow, ENTRY, EntryRow, HOLD, HoldRow, KeyRow, PAYMENT, POOL, PaymentRow, PoolRow,
    RequestRow, RoomNightRow, RoomRow, SettingsRow,
};
use super::{Loaded, Wanted};
use crate::disputes::{self, DisputeRow};
use crate::faults::Fault;
use crate::ids::uuid;
use crate::reservations::{self, StoredReservation};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::{Sql, Tx};

const BY_ID: &[(&str, Kind)] = &[("id", Kind::Uuid)];
const BY_PROPERTY: &[(&str, Kind)] = &[("property", Kind::Uuid)];
const BY_CELL: &[(&str, Kind)] =
    &[("property", Kind::Uuid), ("pool", Kind::Uuid), ("slot", Kind::I64)];

static LOCK_HOLDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(HOLD, "hold", "t.id = u.id", BY_ID, " ORDER BY t.id FOR UPDATE OF t")
});
/// All payments of a hold's reservation: whether another one is open decides, too. They change only
/// under their hold's lock.
static PAYMENTS: LazyLock<Bulk> = LazyLock::new(|| {
    let of_hold = "t.reservation = (SELECT r.id FROM reservation AS r WHERE r.hold = u.id)";
    Bulk::select(PAYMENT, "payment", of_hold, BY_ID, "")
});
/// All disputes of a hold's reservation. They change only under their hold's lock.
static DISPUTES: LazyLock<Bulk> = LazyLock::new(|| {
    let of_hold = "t.reservation = (SELECT r.id FROM reservation AS r WHERE r.hold = u.id)";
    Bulk::select(disputes::COLUMNS, "dispute", of_hold, BY_ID, "")
});
/// A line whose last entry occupies.
pub(super) const OCCUPIES: &str = "t.kind IN ('held', 'posted') AND NOT EXISTS (SELECT 1 FROM ledger AS n \
    WHERE n.property = t.property AND n.line = t.line AND n.seq > t.seq)";
static OPEN_LINES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(ENTRY, "ledger", &format!("t.hold = u.id AND {OCCUPIES}"), BY_ID, "")
});
static RESERVATIONS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(reservations::COLUMNS, "reservation", "t.hold = u.id", BY_ID, "")
});
static LOCK_POOLS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(POOL, "pool", "t.id = u.id", BY_ID, " ORDER BY t.id FOR KEY SHARE OF t")
});
static READ_POOLS: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::select(POOL, "pool", "t.id = u.id", BY_ID, ""));
static LOCK_POOL_TO_CHANGE: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(POOL, "pool", "t.id = u.id", BY_ID, " ORDER BY t.id FOR UPDATE OF t")
});
/// A cell is made with its pool's default. The pool is locked, so the default cannot change
/// between here and the commit.
const NEW_CELL: &str = "INSERT INTO cell (property, pool, slot, day, capacity, blocked, \
    out_of_order, overbook_bp, limit_units, capacity_is_own, held, sold, oversold, closed, \
    closed_to_arrival, closed_to_departure, version) SELECT t.property, t.id, u.slot, u.slot, \
    t.capacity, t.blocked, t.out_of_order, t.overbook_bp, t.limit_units, FALSE, 0, 0, FALSE, \
    FALSE, FALSE, FALSE, 0 FROM";
static MAKE_CELLS: LazyLock<Bulk> = LazyLock::new(|| {
    let lite = NEW_CELL.replace("u.slot", "$3");
    Bulk::forked(
        &format!("{lite} pool AS t WHERE t.property = $1 AND t.id = $2 ON CONFLICT DO NOTHING"),
        &format!(
            "{NEW_CELL} UNNEST($1::uuid[], $2::uuid[], $3::bigint[]) AS u(property, pool, slot) \
             JOIN pool AS t ON t.property = u.property AND t.id = u.pool \
             ORDER BY t.property, t.id, u.slot ON CONFLICT DO NOTHING"
        ),
        3,
        crate::sql::dialect::Fork::BulkArrays,
    )
});
const CELL_IS: &str = "t.property = u.property AND t.pool = u.pool AND t.slot = u.slot";
static LOCK_CELLS: LazyLock<Bulk> =
    LazyLock::new(|| lock_cells_in(" ORDER BY t.property, t.pool, t.slot"));
/// For the test that must fail without the order.
static LOCK_CELLS_AS_IT_COMES: LazyLock<Bulk> = LazyLock::new(|| lock_cells_in(""));

fn lock_cells_in(order: &str) -> Bulk {
    Bulk::select(CELL, "cell", CELL_IS, BY_CELL, &format!("{order} FOR UPDATE OF t"))
}
static READ_CELLS: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::select(CELL, "cell", CELL_IS, BY_CELL, ""));
static WHOLE_POOL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {CELL} FROM cell AS t WHERE t.property = $1 AND t.pool = $2 AND t.slot >= $3 \
         ORDER BY t.property, t.pool, t.slot"
    )
});
static SETTINGS: LazyLock<Bulk> = LazyLock::new(|| {
    let what = "t.id, t.business, t.currency, t.time_zone, t.hold_ttl_ms";
    Bulk::select(what, "property", "t.id = u.property", BY_PROPERTY, "")
});
static REQUESTS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(
        "t.property, t.request_id, t.body_hash, t.outcome, t.decided_at_ms",
        "reservation_request",
        "t.property = u.property AND t.request_id = u.request",
        &[("property", Kind::Uuid), ("request", Kind::Text)],
        "",
    )
});
static KEYS: LazyLock<Bulk> = LazyLock::new(|| keys("t.scope = u.scope"));
/// For the test that must fail when a key is anybody's.
static KEYS_OF_ANYBODY: LazyLock<Bulk> = LazyLock::new(|| keys("u.scope <> ''"));

fn keys(of_whom: &str) -> Bulk {
    Bulk::select(
        "u.scope, t.key, t.body_hash, t.outcome, t.decided_at_ms",
        "idempotency_key",
        &format!("{of_whom} AND t.key = u.word"),
        &[("scope", Kind::Text), ("word", Kind::Text)],
        "",
    )
}
static ROOMS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select("t.id, t.pool, t.number", "room", "t.property = u.property", BY_PROPERTY, "")
});
static ROOM_NIGHTS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(
        "t.room, t.day, t.line",
        "room_night",
        "t.property = u.property AND t.day >= u.first AND t.day < u.last",
        &[("property", Kind::Uuid), ("first", Kind::I64), ("last", Kind::I64)],
        "",
    )
});

/// Takes the locks and reads what the batch decides on.
pub async fn load(tx: &Tx<'_>, wanted: &Wanted) -> Result<Loaded, Fault> {
    let mut loaded = Loaded::default();
    let mut wanted = wanted.clone();
    if !wanted.holds.is_empty() {
        lock_holds(tx, &mut wanted, &mut loaded).await?;
        crash_point("load.holds_locked");
    }
    lock_cells(tx, &wanted, &mut loaded).await?;
    crash_point("load.cells_locked");
    if !wanted.disputes_of.is_empty() {
        read_disputes(tx, &wanted, &mut loaded).await?;
    }
    if !wanted.rooms_of.is_empty() {
        read_rooms(tx, &wanted, &mut loaded).await?;
    }
    Ok(loaded)
}

/// Locks what is named and adds the pools and cells of its lines to what is wanted.
async fn lock_holds(tx: &Tx<'_>, wanted: &mut Wanted, loaded: &mut Loaded) -> Result<(), Fault> {
    let holds = [uuids(wanted.holds.iter().map(|hold| hold.0))];
    let of_payers =
        if wanted.payments.is_empty() { [uuids([].into_iter())] } else { holds.clone() };
    let (held, paid, lines, reserved) = try_join!(
        tx.bulk_query::<HoldRow>(&LOCK_HOLDS, &holds),
        tx.bulk_query::<PaymentRow>(&PAYMENTS, &of_payers),
        tx.bulk_query::<EntryRow>(&OPEN_LINES, &holds),
        tx.bulk_query::<StoredReservation>(&RESERVATIONS, &holds),
    )?;
    let holds = &mut loaded.snapshot.holds;
    holds.extend(held.into_iter().map(|HoldRow(hold)| (hold.id, hold)));
    for EntryRow(entry) in lines {
        let Some(hold) = holds.get_mut(&entry.hold) else { continue };
        hold.lines.push(entry.line);
        wanted.pools.insert(entry.line.pool, hold.property);
        for day in entry.line.stay.days() {
            wanted.cells.insert((hold.property, CellId { pool: entry.line.pool, day }));
        }
    }
    for PaymentRow(payment) in paid {
        loaded.payment_versions.insert(payment.id, payment.version);
        loaded.snapshot.payments.insert(payment.id, payment);
    }
    for StoredReservation { reservation, .. } in reserved {
        if !wanted.payments.is_empty() {
            // Money may come after the nights were given up, and want them back.
            for line in reservation.lines.iter().map(|reserved| reserved.line) {
                wanted.pools.insert(line.pool, reservation.property);
                for day in line.stay.days() {
                    wanted.cells.insert((reservation.property, CellId { pool: line.pool, day }));
                }
            }
        }
        loaded.reservation_versions.insert(reservation.id, reservation.version);
        loaded.snapshot.reservations.insert(reservation.hold, reservation);
    }
    wanted.properties.extend(holds.values().map(|hold: &Hold| hold.property));
    Ok(())
}

async fn read_disputes(tx: &Tx<'_>, wanted: &Wanted, loaded: &mut Loaded) -> Result<(), Fault> {
    let holds = [uuids(wanted.disputes_of.iter().map(|hold| hold.0))];
    for DisputeRow(dispute) in tx.bulk_query::<DisputeRow>(&DISPUTES, &holds).await? {
        loaded.dispute_versions.insert(dispute.id, dispute.version);
        loaded.snapshot.disputes.insert(dispute.id, dispute);
    }
    Ok(())
}

async fn lock_cells(tx: &Tx<'_>, wanted: &Wanted, loaded: &mut Loaded) -> Result<(), Fault> {
    let pools = [uuids(wanted.pools.keys().map(|pool| pool.0))];
    let cells = cell_columns(wanted.cells.iter());
    let rule_cells = cell_columns(wanted.rule_cells.iter());
    let properties = [uuids(wanted.properties.iter().map(|property| property.0))];
    let requests = [
        uuids(wanted.requests.iter().map(|(property, _)| property.0)),
        Column::Text(wanted.requests.iter().map(|(_, request)| request.clone()).collect()),
    ];
    let keys = [
        Column::Text(wanted.keys.iter().map(|(scope, _)| scope.clone()).collect()),
        Column::Text(wanted.keys.iter().map(|(_, key)| key.clone()).collect()),
    ];
    let lock_pools = match wanted.pools_to_change {
        _ if guards::is_off(Guard::PoolLock) => &READ_POOLS,
        true => &LOCK_POOL_TO_CHANGE,
        false => &LOCK_POOLS,
    };
    let lock_cells = match () {
        () if guards::is_off(Guard::CellLock) => &READ_CELLS,
        () if guards::is_off(Guard::LockOrder) => &LOCK_CELLS_AS_IT_COMES,
        () => &LOCK_CELLS,
    };
    let keys_sql = if guards::is_off(Guard::KeyOfOwner) { &KEYS_OF_ANYBODY } else { &KEYS };
    let early = Early::read(tx, &cells, &requests, &keys).await?;
    let (pools, _made, locked, whole, rules, settings, requests, keys, now_ms) = try_join!(
        tx.bulk_query::<PoolRow>(lock_pools, &pools),
        tx.bulk_execute(&MAKE_CELLS, &cells),
        tx.bulk_query::<CellRow>(lock_cells, &cells),
        lock_whole_pool(tx, wanted),
        tx.bulk_query::<CellRow>(&READ_CELLS, &rule_cells),
        tx.bulk_query::<SettingsRow>(&SETTINGS, &properties),
        tx.bulk_query::<RequestRow>(&REQUESTS, &requests),
        tx.bulk_query::<KeyRow>(keys_sql, &keys),
        tx.now_ms(),
    )?;
    let (locked, requests, keys) = early.instead_of(locked, requests, keys);
    let snapshot = &mut loaded.snapshot;
    snapshot.now_ms = now_ms;
    snapshot.pools.extend(pools.into_iter().map(|PoolRow(pool)| (pool.id, pool)));
    let cells = rules.into_iter().chain(locked).chain(whole);
    snapshot.cells.extend(cells.map(|CellRow(id, cell)| (id, cell)));
    snapshot.cells.extend(wanted.seen_before.iter().copied());
    for row in settings {
        let (property, settings) = row.at(now_ms)?;
        snapshot.properties.insert(property, settings);
    }
    loaded.requests.extend(requests.into_iter().map(|RequestRow(key, earlier)| (key, earlier)));
    loaded.keys.extend(keys.into_iter().map(|KeyRow(key, earlier)| (key, earlier)));
    Ok(())
}

/// The cells as they are now, without a lock: for the test that must fail when a batch decides on
/// what it saw before.
pub async fn look(tx: &Tx<'_>, wanted: &Wanted) -> Result<Vec<(CellId, Cell)>, Fault> {
    let seen = tx.bulk_query::<CellRow>(&READ_CELLS, &cell_columns(wanted.cells.iter())).await?;
    Ok(seen.into_iter().map(|CellRow(id, cell)| (id, cell)).collect())
}

/// What was read before the locks: nothing, unless a test takes that guard away.
#[derive(Default)]
struct Early {
    cells: Vec<CellRow>,
    requests: Vec<RequestRow>,
    keys: Vec<KeyRow>,
}

impl Early {
    async fn read(
        tx: &Tx<'_>,
        cells: &[Column],
        requests: &[Column],
        keys: &[Column],
    ) -> Result<Early, Fault> {
        let mut early = Early::default();
        if guards::is_off(Guard::CellLock) {
            early.cells = tx.bulk_query(&READ_CELLS, cells).await?;
        }
        if guards::is_off(Guard::KeyAfterLocks) {
            early.requests = tx.bulk_query(&REQUESTS, requests).await?;
            early.keys = tx.bulk_query(&KEYS, keys).await?;
        }
        Ok(early)
    }

    fn instead_of(
        self,
        mut cells: Vec<CellRow>,
        mut requests: Vec<RequestRow>,
        mut keys: Vec<KeyRow>,
    ) -> (Vec<CellRow>, Vec<RequestRow>, Vec<KeyRow>) {
        if guards::is_off(Guard::CellLock) {
            cells = self.cells;
        }
        if guards::is_off(Guard::KeyAfterLocks) {
            (requests, keys) = (self.requests, self.keys);
        }
        (cells, requests, keys)
    }
}

async fn lock_whole_pool(tx: &Tx<'_>, wanted: &Wanted) -> Result<Vec<CellRow>, Fault> {
    let Some((property, pool, from_day)) = wanted.whole_pool else { return Ok(Vec::new()) };
    let sql = Sql::locking(WHOLE_POOL.as_str(), " FOR UPDATE");
    tx.query(&sql, &[&uuid(property.0), &uuid(pool.0), &from_day.0]).await
}

async fn read_rooms(tx: &Tx<'_>, wanted: &Wanted, loaded: &mut Loaded) -> Result<(), Fault> {
    let snapshot = &mut loaded.snapshot;
    let mut properties = Vec::new();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for hold in wanted.rooms_of.iter().filter_map(|hold| snapshot.holds.get(hold)) {
        // The nights it has, and those it may get: a room must be free for both.
        let had = hold.lines.iter().flat_map(|line| [line.stay.first_day.0, line.stay.end_day.0]);
        let wished = wanted.cells.iter().filter(|(property, _)| *property == hold.property);
        let days: Vec<i64> = had.chain(wished.map(|(_, cell)| cell.day.0)).collect();
        let days = (days.iter().min().copied(), days.iter().max().map(|last| last + 1));
        let (Some(first_day), Some(end_day)) = days else { continue };
        properties.push(uuid(hold.property.0));
        first.push(first_day);
        last.push(end_day);
    }
    let nights = [Column::Uuid(properties.clone()), Column::I64(first), Column::I64(last)];
    properties.sort_unstable();
    properties.dedup();
    let properties = [Column::Uuid(properties)];
    let (rooms, nights) = try_join!(
        tx.bulk_query::<RoomRow>(&ROOMS, &properties),
        tx.bulk_query::<RoomNightRow>(&ROOM_NIGHTS, &nights),
    )?;
    snapshot.rooms.extend(rooms.into_iter().map(|RoomRow(room)| (room.id, room)));
    snapshot.room_nights.extend(nights.into_iter().map(|RoomNightRow(at, line)| (at, line)));
    Ok(())
}

fn uuids(ids: impl Iterator<Item = u128>) -> Column {
    Column::Uuid(ids.map(uuid).collect::<Vec<Uuid>>())
}

fn cell_columns<'c>(cells: impl Iterator<Item = &'c (PropertyId, CellId)>) -> [Column; 3] {
    let mut cells: Vec<(Uuid, Uuid, i64)> =
        cells.map(|(property, cell)| (uuid(property.0), uuid(cell.pool.0), cell.day.0)).collect();
    cells.sort_unstable();
    if guards::is_off(Guard::LockOrder) && cells.len() % 2 == 1 {
        cells.reverse();
    }
    [
        Column::Uuid(cells.iter().map(|cell| cell.0).collect()),
        Column::Uuid(cells.iter().map(|cell| cell.1).collect()),
        Column::I64(cells.iter().map(|cell| cell.2).collect()),
    ]
}

const OVERDUE_NOW: Sql = Sql::new(
    "SELECT h.property, h.id FROM hold AS h WHERE h.state = 'held' AND h.expires_at_ms <= $1 \
     ORDER BY h.expires_at_ms LIMIT $2",
);

/// Holds whose time has passed, the oldest first, for the sweep.
pub async fn overdue(tx: &Tx<'_>, limit: i64) -> Result<Vec<(PropertyId, HoldId)>, Fault> {
    let now_ms = tx.now_ms().await?;
    let rows: Vec<(Uuid, Uuid)> = tx.query(&OVERDUE_NOW, &[&now_ms, &limit]).await?;
    let ids =
        |(property, hold): (Uuid, Uuid)| (PropertyId(property.as_u128()), HoldId(hold.as_u128()));
    Ok(rows.into_iter().map(ids).collect())
}

const PROPERTY_OF_HOLD: Sql = Sql::new("SELECT property FROM hold WHERE id = $1");

/// The property of a hold, by which the desk finds its lane.
pub async fn property_of(tx: &Tx<'_>, hold: HoldId) -> Result<Option<PropertyId>, Fault> {
    let row: Option<(Uuid,)> = tx.query_opt(&PROPERTY_OF_HOLD, &[&uuid(hold.0)]).await?;
    Ok(row.map(|(property,)| PropertyId(property.as_u128())))
}

const STATE_OF_HOLD: Sql = Sql::new("SELECT state FROM hold WHERE id = $1");

/// Where a hold stands, read without a lock.
pub async fn state_of(tx: &Tx<'_>, hold: HoldId) -> Result<Option<HoldState>, Fault> {
    let row: Option<(String,)> = tx.query_opt(&STATE_OF_HOLD, &[&uuid(hold.0)]).await?;
    Ok(row.and_then(|(word,)| HoldState::from_word(&word)))
}
