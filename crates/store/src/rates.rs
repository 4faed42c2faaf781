//! Base rates as rows: one per room type, and ranges of nights over it, of which the latest counts.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use futures_util::try_join;
use uuid::Uuid;
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::prices::{RateRange, Rates};
use vacancy_domain::stays::{Day, Stay};

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};
use crate::tariffs;

const BY_PROPERTY: &[(&str, Kind)] = &[("property", Kind::Uuid)];

static INSERT: LazyLock<Bulk> = LazyLock::new(|| {
    let columns = [
        ("property", Kind::Uuid),
        ("pool", Kind::Uuid),
        ("seq", Kind::I64),
        ("first_day", Kind::I64),
        ("end_day", Kind::I64),
        ("amount_minor", Kind::I64),
    ];
    Bulk::insert("rate_range", &columns)
});
static OVERLAPPING: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(
        "t.property, t.pool, t.seq, t.first_day, t.end_day, t.amount_minor",
        "rate_range",
        "t.property = u.property AND t.first_day < u.last AND t.end_day > u.first",
        &[("property", Kind::Uuid), ("first", Kind::I64), ("last", Kind::I64)],
        "",
    )
});
static BASES: LazyLock<Bulk> = LazyLock::new(|| {
    let what = "t.property, t.id, t.base_rate_minor";
    Bulk::select(what, "pool", "t.property = u.property", BY_PROPERTY, "")
});
static MONEY: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select("t.id, t.currency, t.tax_bp", "property", "t.id = u.property", BY_PROPERTY, "")
});
/// Whoever sets rates of one room type waits for the other; bookings do not wait.
const LOCK: Sql = Sql::locking("SELECT change_seq FROM pool WHERE id = $1", " FOR NO KEY UPDATE");
const LAST_SEQ: Sql =
    Sql::new("SELECT COALESCE(MAX(seq), 0) FROM rate_range WHERE property = $1 AND pool = $2");
const FORGET_COVERED: Sql = Sql::new(
    "DELETE FROM rate_range WHERE property = $1 AND pool = $2 AND first_day >= $3 \
     AND end_day <= $4",
);
const SET_BASE: Sql =
    Sql::new("UPDATE pool SET base_rate_minor = $2, version = version + 1 WHERE id = $1");

struct RangeRow {
    property: PropertyId,
    seq: i64,
    range: RateRange,
}

impl FromRow for RangeRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let (property, pool) = (PropertyId(columns.id()?), PoolId(columns.id()?));
        let seq = columns.get()?;
        let stay = Stay::new(Day(columns.get()?), Day(columns.get()?));
        let range = RateRange { pool, stay, amount_minor: columns.get()? };
        Ok(RangeRow { property, seq, range })
    }
}

/// Adds ranges to room types that have none yet, in their order.
pub async fn insert_first(tx: &Tx<'_>, ranges: &[(PropertyId, RateRange)]) -> Result<(), Fault> {
    let mut last: BTreeMap<PoolId, i64> = BTreeMap::new();
    let numbered: Vec<(PropertyId, i64, RateRange)> = ranges
        .iter()
        .map(|(property, range)| {
            let seq = last.entry(range.pool).or_insert(0);
            *seq += 1;
            (*property, *seq, *range)
        })
        .collect();
    insert(tx, &numbered).await
}

/// Sets the rate of a range of nights, over all that was set before. Ranges that lie wholly inside
/// count no more and are forgotten, so that setting rates every day does not pile up rows.
pub async fn set_range(tx: &Tx<'_>, property: PropertyId, range: RateRange) -> Result<(), Fault> {
    let key = (uuid(property.0), uuid(range.pool.0));
    tx.query_opt::<(i64,)>(&LOCK, &[&key.1]).await?;
    let last: (i64,) = tx.query_one(&LAST_SEQ, &[&key.0, &key.1]).await?;
    let (first_day, end_day) = (range.stay.first_day.0, range.stay.end_day.0);
    tx.execute(&FORGET_COVERED, &[&key.0, &key.1, &first_day, &end_day]).await?;
    insert(tx, &[(property, last.0 + 1, range)]).await
}

async fn insert(tx: &Tx<'_>, ranges: &[(PropertyId, i64, RateRange)]) -> Result<(), Fault> {
    let columns = [
        Column::Uuid(ranges.iter().map(|(property, ..)| uuid(property.0)).collect()),
        Column::Uuid(ranges.iter().map(|(_, _, range)| uuid(range.pool.0)).collect()),
        Column::I64(ranges.iter().map(|(_, seq, _)| *seq).collect()),
        Column::I64(ranges.iter().map(|(_, _, range)| range.stay.first_day.0).collect()),
        Column::I64(ranges.iter().map(|(_, _, range)| range.stay.end_day.0).collect()),
        Column::I64(ranges.iter().map(|(_, _, range)| range.amount_minor).collect()),
    ];
    tx.bulk_execute(&INSERT, &columns).await.map(|_| ())
}

/// Sets the rate of every night that no range covers; `None` sells only what ranges cover.
pub async fn set_base(
    tx: &Tx<'_>,
    pool: PoolId,
    base_rate_minor: Option<i64>,
) -> Result<bool, Fault> {
    Ok(tx.execute(&SET_BASE, &[&uuid(pool.0), &base_rate_minor]).await? == 1)
}

/// Ranges that touch these nights, by hotel, in the order in which they were set.
pub async fn ranges(
    tx: &Tx<'_>,
    properties: &[PropertyId],
    stay: Stay,
) -> Result<BTreeMap<PropertyId, Vec<RateRange>>, Fault> {
    let columns = [
        ids(properties),
        Column::I64(vec![stay.first_day.0; properties.len()]),
        Column::I64(vec![stay.end_day.0; properties.len()]),
    ];
    let mut rows: Vec<RangeRow> = tx.bulk_query(&OVERLAPPING, &columns).await?;
    rows.sort_by_key(|row| (row.range.pool, row.seq));
    let mut by_property: BTreeMap<PropertyId, Vec<RateRange>> = BTreeMap::new();
    for row in rows {
        by_property.entry(row.property).or_default().push(row.range);
    }
    Ok(by_property)
}

/// All that the prices of these hotels for these nights are computed from. Each hotel once.
pub async fn load(
    tx: &Tx<'_>,
    properties: &[PropertyId],
    stay: Stay,
) -> Result<BTreeMap<PropertyId, Rates>, Fault> {
    let own = [ids(properties)];
    let (mut ranges, mut tariffs, money, bases) = try_join!(
        ranges(tx, properties, stay),
        tariffs::load(tx, properties, stay),
        tx.bulk_query::<(Uuid, String, i64)>(&MONEY, &own),
        tx.bulk_query::<(Uuid, Uuid, Option<i64>)>(&BASES, &own),
    )?;
    let mut rates = BTreeMap::new();
    for (id, currency, tax_bp) in money {
        let property = PropertyId(id.as_u128());
        let currency = currency
            .parse()
            .map_err(|error| Fault::internal_because("read a hotel's currency", error))?;
        let ranges = ranges.remove(&property).unwrap_or_default();
        let tariff = Arc::new(tariffs.remove(&property).unwrap_or_default());
        let base_minor = BTreeMap::new();
        rates.insert(property, Rates { currency, base_minor, ranges, tax_bp, tariff });
    }
    for (property, pool, base) in bases {
        let rates = rates.get_mut(&PropertyId(property.as_u128()));
        if let (Some(rates), Some(base)) = (rates, base) {
            rates.base_minor.insert(PoolId(pool.as_u128()), base);
        }
    }
    Ok(rates)
}

fn ids(properties: &[PropertyId]) -> Column {
    Column::Uuid(properties.iter().map(|id| uuid(id.0)).collect())
}
