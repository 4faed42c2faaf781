//! Rates that a rate plan sets itself, as rows: ranges of nights of a room type, of which the
//! latest counts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::prices::RateRange;
use vacancy_domain::stays::{Day, Stay};

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

static OVERLAPPING: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(
        "t.property, t.plan, t.pool, t.seq, t.first_day, t.end_day, t.amount_minor",
        "plan_rate",
        "t.property = u.property AND t.first_day < u.last AND t.end_day > u.first",
        &[("property", Kind::Uuid), ("first", Kind::I64), ("last", Kind::I64)],
        "",
    )
});
const LAST_SEQ: Sql = Sql::new(
    "SELECT COALESCE(MAX(seq), 0) FROM plan_rate WHERE property = $1 AND plan = $2 AND pool = $3",
);
const FORGET_COVERED: Sql = Sql::new(
    "DELETE FROM plan_rate WHERE property = $1 AND plan = $2 AND pool = $3 AND first_day >= $4 \
     AND end_day <= $5",
);
const INSERT: Sql = Sql::new(
    "INSERT INTO plan_rate (property, plan, pool, seq, first_day, end_day, amount_minor) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

struct PlanRow {
    property: PropertyId,
    plan: String,
    seq: i64,
    range: RateRange,
}

impl FromRow for PlanRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let property = PropertyId(columns.id()?);
        let (plan, pool, seq) = (columns.get()?, PoolId(columns.id()?), columns.get()?);
        let stay = Stay::new(Day(columns.get()?), Day(columns.get()?));
        let range = RateRange { pool, stay, amount_minor: columns.get()? };
        Ok(PlanRow { property, plan, seq, range })
    }
}

/// Ranges by plan.
pub type PlanRanges = BTreeMap<String, Vec<RateRange>>;

/// Sets the rate of a plan for a range of nights, over all that was set before; ranges that lie
/// wholly inside are forgotten. The caller holds the lock of the hotel's tariff.
pub async fn set_range(
    tx: &Tx<'_>,
    property: PropertyId,
    plan: &str,
    range: RateRange,
) -> Result<(), Fault> {
    let (property, pool) = (uuid(property.0), uuid(range.pool.0));
    let (first_day, end_day) = (range.stay.first_day.0, range.stay.end_day.0);
    let last: (i64,) = tx.query_one(&LAST_SEQ, &[&property, &plan, &pool]).await?;
    tx.execute(&FORGET_COVERED, &[&property, &plan, &pool, &first_day, &end_day]).await?;
    let seq = last.0 + 1;
    let amount_minor = range.amount_minor;
    tx.execute(&INSERT, &[&property, &plan, &pool, &seq, &first_day, &end_day, &amount_minor])
        .await?;
    Ok(())
}

/// Ranges that touch these nights, by hotel and plan, in the order in which they were set.
pub async fn ranges(
    tx: &Tx<'_>,
    properties: &[PropertyId],
    stay: Stay,
) -> Result<BTreeMap<PropertyId, PlanRanges>, Fault> {
    let columns = [
        Column::Uuid(properties.iter().map(|id| uuid(id.0)).collect()),
        Column::I64(vec![stay.first_day.0; properties.len()]),
        Column::I64(vec![stay.end_day.0; properties.len()]),
    ];
    let mut rows: Vec<PlanRow> = tx.bulk_query(&OVERLAPPING, &columns).await?;
    rows.sort_by_key(|row| (row.range.pool, row.seq));
    let mut found: BTreeMap<PropertyId, PlanRanges> = BTreeMap::new();
    for row in rows {
        found.entry(row.property).or_default().entry(row.plan).or_default().push(row.range);
    }
    Ok(found)
}
