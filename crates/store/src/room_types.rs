//! Room types as rows of `pool`. Making one writes its stock and the two first records of it; from
//! then on only the desk changes stock.

use std::sync::LazyLock;

use vacancy_domain::cells::Stock;
use vacancy_domain::hotels::RoomType;
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::pools::PoolChangeKind;
use vacancy_domain::stays::Day;

use crate::faults::Fault;
use crate::hotels::{list_from_text, list_to_text};
use crate::ids::{Columns, uuid};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// Records that a new pool begins with: its default capacity and its default overbooking.
const FIRST_CHANGES: i64 = 2;

const COLUMNS: &str = "t.id, t.property, t.code, t.name, t.description, t.beds, t.image_urls, \
    t.adults_max, t.children_max, t.guests_max, t.base_rate_minor, t.capacity, t.blocked, \
    t.out_of_order, t.overbook_bp, t.type_overbook_bp, t.created_at_ms, t.version";

static INSERT: LazyLock<Bulk> = LazyLock::new(|| {
    let columns = [
        ("property", Kind::Uuid),
        ("id", Kind::Uuid),
        ("code", Kind::Text),
        ("name", Kind::Text),
        ("description", Kind::Text),
        ("beds", Kind::Text),
        ("image_urls", Kind::Text),
        ("adults_max", Kind::I64),
        ("children_max", Kind::I64),
        ("guests_max", Kind::I64),
        ("base_rate_minor", Kind::I64),
        ("capacity", Kind::I64),
        ("blocked", Kind::I64),
        ("out_of_order", Kind::I64),
        ("type_overbook_bp", Kind::I64),
        ("overbook_bp", Kind::I64),
        ("limit_units", Kind::I64),
        ("change_seq", Kind::I64),
        ("created_at_ms", Kind::I64),
        ("version", Kind::I64),
    ];
    Bulk::insert("pool", &columns)
});
static CHANGES: LazyLock<Bulk> = LazyLock::new(|| {
    let columns = [
        ("property", Kind::Uuid),
        ("pool", Kind::Uuid),
        ("seq", Kind::I64),
        ("kind", Kind::Text),
        ("first_day", Kind::I64),
        ("end_day", Kind::I64),
        ("value", Kind::I64),
        ("at_ms", Kind::I64),
    ];
    Bulk::insert("pool_change", &columns)
});
static BY_PROPERTIES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(COLUMNS, "pool", "t.property = u.property", &[("property", Kind::Uuid)], "")
});
static BY_CODE: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {COLUMNS} FROM pool AS t WHERE t.property = $1 AND t.code = $2")
});
const UPDATE: Sql = Sql::new(
    "UPDATE pool SET name = $3, description = $4, beds = $5, image_urls = $6, adults_max = $7, \
     children_max = $8, guests_max = $9, base_rate_minor = $10, version = version + 1 \
     WHERE id = $1 AND version = $2",
);
const SET_TYPE_OVERBOOK: Sql =
    Sql::new("UPDATE pool SET type_overbook_bp = $2, version = version + 1 WHERE id = $1");
const LOCK: Sql = Sql::locking("SELECT version FROM pool WHERE id = $1", " FOR UPDATE");
const IN_USE: Sql = Sql::new(
    "SELECT COUNT(*) FROM cell WHERE property = $1 AND pool = $2 \
     AND (held > 0 OR (sold > 0 AND day >= $3))",
);
const DELETE_RATES: Sql = Sql::new("DELETE FROM rate_range WHERE property = $1 AND pool = $2");
const DELETE_PLAN_RATES: Sql = Sql::new("DELETE FROM plan_rate WHERE property = $1 AND pool = $2");
const DELETE_ROOMS: Sql = Sql::new("DELETE FROM room WHERE property = $1 AND pool = $2");
const DELETE: Sql = Sql::new("DELETE FROM pool WHERE property = $1 AND id = $2");

struct RoomTypeRow(RoomType);

impl FromRow for RoomTypeRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(RoomTypeRow(RoomType {
            pool: PoolId(columns.id()?),
            property: PropertyId(columns.id()?),
            code: columns.get()?,
            name: columns.get()?,
            description: columns.get()?,
            beds: columns.get()?,
            image_urls: list_from_text(&columns.get::<String>()?)?,
            adults_max: columns.get()?,
            children_max: columns.get()?,
            guests_max: columns.get()?,
            base_rate_minor: columns.get()?,
            stock: Stock {
                capacity: columns.get()?,
                blocked: columns.get()?,
                out_of_order: columns.get()?,
                overbook_bp: columns.get()?,
            },
            type_overbook_bp: columns.get()?,
            created_at_ms: columns.get()?,
            version: columns.get()?,
        }))
    }
}

/// Adds room types with their stock, in two statements.
pub async fn insert(tx: &Tx<'_>, types: &[RoomType]) -> Result<(), Fault> {
    let text = |of: fn(&RoomType) -> String| Column::Text(types.iter().map(of).collect());
    let number = |of: fn(&RoomType) -> i64| Column::I64(types.iter().map(of).collect());
    let columns = [
        Column::Uuid(types.iter().map(|room_type| uuid(room_type.property.0)).collect()),
        Column::Uuid(types.iter().map(|room_type| uuid(room_type.pool.0)).collect()),
        text(|room_type| room_type.code.clone()),
        text(|room_type| room_type.name.clone()),
        text(|room_type| room_type.description.clone()),
        text(|room_type| room_type.beds.clone()),
        text(|room_type| list_to_text(&room_type.image_urls)),
        number(|room_type| room_type.adults_max),
        number(|room_type| room_type.children_max),
        number(|room_type| room_type.guests_max),
        Column::OptI64(types.iter().map(|room_type| room_type.base_rate_minor).collect()),
        number(|room_type| room_type.stock.capacity),
        number(|room_type| room_type.stock.blocked),
        number(|room_type| room_type.stock.out_of_order),
        number(|room_type| room_type.type_overbook_bp),
        number(|room_type| room_type.stock.overbook_bp),
        number(|room_type| room_type.stock.limit_units()),
        number(|_| FIRST_CHANGES),
        number(|room_type| room_type.created_at_ms),
        number(|room_type| room_type.version),
    ];
    tx.bulk_execute(&INSERT, &columns).await?;
    tx.bulk_execute(&CHANGES, &first_changes(types)).await.map(|_| ())
}

fn first_changes(types: &[RoomType]) -> [Column; 8] {
    let twice = |of: fn(&RoomType) -> i64| -> Vec<i64> {
        types.iter().flat_map(|room_type| [of(room_type); 2]).collect()
    };
    let ids = |of: fn(&RoomType) -> u128| {
        Column::Uuid(types.iter().flat_map(|room_type| [uuid(of(room_type)); 2]).collect())
    };
    let kinds = [PoolChangeKind::DefaultCapacity, PoolChangeKind::DefaultOverbookBp];
    let both = kinds.map(|kind| kind.word().to_owned());
    let stock = types.iter().map(|room_type| room_type.stock);
    let values = stock.flat_map(|stock| [stock.capacity, stock.overbook_bp]);
    [
        ids(|room_type| room_type.property.0),
        ids(|room_type| room_type.pool.0),
        Column::I64(types.iter().flat_map(|_| 1..=FIRST_CHANGES).collect()),
        Column::Text(types.iter().flat_map(|_| both.clone()).collect()),
        Column::I64(twice(|_| 0)),
        Column::OptI64(vec![None; 2 * types.len()]),
        Column::I64(values.collect()),
        Column::I64(twice(|room_type| room_type.created_at_ms)),
    ]
}

/// The room types of these hotels, in the order of their codes.
pub async fn by_properties(tx: &Tx<'_>, properties: &[PropertyId]) -> Result<Vec<RoomType>, Fault> {
    let ids = Column::Uuid(properties.iter().map(|id| uuid(id.0)).collect());
    let rows: Vec<RoomTypeRow> = tx.bulk_query(&BY_PROPERTIES, &[ids]).await?;
    let mut types: Vec<RoomType> = rows.into_iter().map(|row| row.0).collect();
    types.sort_by(|a, b| (a.property, &a.code).cmp(&(b.property, &b.code)));
    Ok(types)
}

pub async fn by_code(
    tx: &Tx<'_>,
    property: PropertyId,
    code: &str,
) -> Result<Option<RoomType>, Fault> {
    let sql = Sql::new(BY_CODE.as_str());
    let row: Option<RoomTypeRow> = tx.query_opt(&sql, &[&uuid(property.0), &code]).await?;
    Ok(row.map(|row| row.0))
}

/// Writes what may change of a room type over the version it was read in; its code and its stock
/// do not. False: it has another version.
pub async fn update(tx: &Tx<'_>, room_type: &RoomType) -> Result<bool, Fault> {
    let touched = tx
        .execute(
            &UPDATE,
            &[
                &uuid(room_type.pool.0),
                &room_type.version,
                &room_type.name,
                &room_type.description,
                &room_type.beds,
                &list_to_text(&room_type.image_urls),
                &room_type.adults_max,
                &room_type.children_max,
                &room_type.guests_max,
                &room_type.base_rate_minor,
            ],
        )
        .await?;
    Ok(touched == 1)
}

/// Sets the wished overbooking. The nights are not touched here.
pub async fn set_type_overbook(
    tx: &Tx<'_>,
    pool: PoolId,
    type_overbook_bp: i64,
) -> Result<bool, Fault> {
    Ok(tx.execute(&SET_TYPE_OVERBOOK, &[&uuid(pool.0), &type_overbook_bp]).await? == 1)
}

/// Locks a room type against everybody who would sell it, and tells whether there still is one.
pub async fn lock(tx: &Tx<'_>, pool: PoolId) -> Result<bool, Fault> {
    Ok(tx.query_opt::<(i64,)>(&LOCK, &[&uuid(pool.0)]).await?.is_some())
}

/// Nights on which something of the room type is held, or sold from this day on.
pub async fn count_nights_in_use(
    tx: &Tx<'_>,
    property: PropertyId,
    pool: PoolId,
    from_day: Day,
) -> Result<i64, Fault> {
    let count: (i64,) =
        tx.query_one(&IN_USE, &[&uuid(property.0), &uuid(pool.0), &from_day.0]).await?;
    Ok(count.0)
}

/// Takes a room type away with its rates and rooms. Its nights and their ledger stay: they are
/// history.
pub async fn delete(tx: &Tx<'_>, property: PropertyId, pool: PoolId) -> Result<(), Fault> {
    let key = (uuid(property.0), uuid(pool.0));
    for sql in [&DELETE_RATES, &DELETE_PLAN_RATES, &DELETE_ROOMS, &DELETE] {
        tx.execute(sql, &[&key.0, &key.1]).await?;
    }
    Ok(())
}
