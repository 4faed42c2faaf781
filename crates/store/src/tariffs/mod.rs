//! Tariffs as rows: each rate plan, price rule, tax, restriction, cancellation policy and price of
//! guests is one part with a code and a version. Whether a part makes sense is not judged here.

pub(crate) mod policies;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::policies::Policy;
use vacancy_domain::prices::Tariff;
use vacancy_domain::prices::restrictions::Restriction;
use vacancy_domain::prices::tariff::{GuestRates, Levy, RatePlan, Rule};
use vacancy_domain::stays::Stay;

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::plan_rates;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    Plan,
    Rule,
    Guests,
    Levy,
    Restriction,
    Policy,
}

impl PartKind {
    pub const ALL: [PartKind; 6] = [
        PartKind::Plan,
        PartKind::Rule,
        PartKind::Guests,
        PartKind::Levy,
        PartKind::Restriction,
        PartKind::Policy,
    ];

    fn word(self) -> &'static str {
        match self {
            PartKind::Plan => "plan",
            PartKind::Rule => "rule",
            PartKind::Guests => "guests",
            PartKind::Levy => "levy",
            PartKind::Restriction => "restriction",
            PartKind::Policy => "policy",
        }
    }

    fn from_word(word: &str) -> Option<PartKind> {
        PartKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One part of a tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Plan(RatePlan),
    Rule(Rule),
    /// What guests cost in a room type.
    Guests(PoolId, GuestRates),
    Levy(Levy),
    Restriction(Restriction),
    Policy(Policy),
}

impl Part {
    #[must_use]
    pub fn kind(&self) -> PartKind {
        match self {
            Part::Plan(_) => PartKind::Plan,
            Part::Rule(_) => PartKind::Rule,
            Part::Guests(..) => PartKind::Guests,
            Part::Levy(_) => PartKind::Levy,
            Part::Restriction(_) => PartKind::Restriction,
            Part::Policy(_) => PartKind::Policy,
        }
    }

    /// Unique among the parts of its kind.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Part::Plan(plan) => plan.code.clone(),
            Part::Rule(rule) => rule.code.clone(),
            Part::Guests(pool, _) => pool.to_string(),
            Part::Levy(levy) => levy.code.clone(),
            Part::Restriction(restriction) => restriction.code.clone(),
            Part::Policy(policy) => policy.code.clone(),
        }
    }
}

/// A part as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub part: Part,
    pub version: i64,
}

struct PartRow(PropertyId, Stored);

impl FromRow for PartRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let property = PropertyId(columns.id()?);
        let kind = columns.word(PartKind::from_word)?;
        let (code, body): (String, String) = (columns.get()?, columns.get()?);
        let part = text::read(kind, &code, &body)?;
        Ok(PartRow(property, Stored { part, version: columns.get()? }))
    }
}

static OF_HOTELS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(
        "t.property, t.kind, t.code, t.body, t.version",
        "tariff_part",
        "t.property = u.property",
        &[("property", Kind::Uuid)],
        "",
    )
});
/// Whoever changes a tariff waits for the other; bookings do not wait.
const LOCK: Sql = Sql::locking("SELECT version FROM property WHERE id = $1", " FOR NO KEY UPDATE");
const INSERT: Sql = Sql::new(
    "INSERT INTO tariff_part (property, kind, code, body, version) VALUES ($1, $2, $3, $4, 1)",
);
const UPDATE: Sql = Sql::new(
    "UPDATE tariff_part SET body = $4, version = version + 1 \
     WHERE property = $1 AND kind = $2 AND code = $3",
);
const DELETE: Sql =
    Sql::new("DELETE FROM tariff_part WHERE property = $1 AND kind = $2 AND code = $3");
const DELETE_RATES: Sql = Sql::new("DELETE FROM plan_rate WHERE property = $1 AND plan = $2");

/// Locks a hotel's tariff against everybody else who would change it.
pub async fn lock(tx: &Tx<'_>, property: PropertyId) -> Result<(), Fault> {
    tx.query_opt::<(i64,)>(&LOCK, &[&uuid(property.0)]).await.map(|_| ())
}

/// All parts of a hotel's tariff, in the order of their codes.
pub async fn parts(tx: &Tx<'_>, property: PropertyId) -> Result<Vec<Stored>, Fault> {
    let rows: Vec<PartRow> =
        tx.bulk_query(&OF_HOTELS, &[Column::Uuid(vec![uuid(property.0)])]).await?;
    let mut parts: Vec<Stored> = rows.into_iter().map(|row| row.1).collect();
    parts.sort_by_key(|stored| stored.part.code());
    Ok(parts)
}

/// Adds a part; there must be none of its code.
pub async fn insert(tx: &Tx<'_>, property: PropertyId, part: &Part) -> Result<(), Fault> {
    let (kind, code, body) = (part.kind().word(), part.code(), text::write(part));
    tx.execute(&INSERT, &[&uuid(property.0), &kind, &code, &body]).await.map(|_| ())
}

/// Writes a part over the one of its code. False: there is none.
pub async fn update(tx: &Tx<'_>, property: PropertyId, part: &Part) -> Result<bool, Fault> {
    let (kind, code, body) = (part.kind().word(), part.code(), text::write(part));
    Ok(tx.execute(&UPDATE, &[&uuid(property.0), &kind, &code, &body]).await? == 1)
}

/// Takes a part away, a plan with its rates. False: there is none.
pub async fn delete(
    tx: &Tx<'_>,
    property: PropertyId,
    kind: PartKind,
    code: &str,
) -> Result<bool, Fault> {
    let property = uuid(property.0);
    if kind == PartKind::Plan {
        tx.execute(&DELETE_RATES, &[&property, &code]).await?;
    }
    Ok(tx.execute(&DELETE, &[&property, &kind.word(), &code]).await? == 1)
}

/// The tariffs of these hotels, with the rates that plans set for these nights. A hotel without
/// one is left out. One statement, and one more if some hotel has plans.
pub async fn load(
    tx: &Tx<'_>,
    properties: &[PropertyId],
    stay: Stay,
) -> Result<BTreeMap<PropertyId, Tariff>, Fault> {
    let ids = properties.iter().map(|id| uuid(id.0)).collect();
    let rows: Vec<PartRow> = tx.bulk_query(&OF_HOTELS, &[Column::Uuid(ids)]).await?;
    let mut tariffs: BTreeMap<PropertyId, Tariff> = BTreeMap::new();
    for PartRow(property, stored) in rows {
        let tariff = tariffs.entry(property).or_default();
        match stored.part {
            Part::Plan(plan) => tariff.plans.push(plan),
            Part::Rule(rule) => tariff.rules.push(rule),
            Part::Guests(pool, rates) => {
                tariff.guests.insert(pool, rates);
            }
            Part::Levy(levy) => tariff.levies.push(levy),
            Part::Restriction(restriction) => tariff.restrictions.push(restriction),
            Part::Policy(policy) => tariff.policies.push(policy),
        }
    }
    let with_plans: BTreeSet<PropertyId> = tariffs
        .iter()
        .filter(|(_, tariff)| !tariff.plans.is_empty())
        .map(|(property, _)| *property)
        .collect();
    if !with_plans.is_empty() {
        let with_plans: Vec<PropertyId> = with_plans.into_iter().collect();
        for (property, ranges) in plan_rates::ranges(tx, &with_plans, stay).await? {
            tariffs.entry(property).or_default().plan_ranges = ranges;
        }
    }
    for tariff in tariffs.values_mut() {
        tariff.plans.sort_by(|a, b| a.code.cmp(&b.code));
        tariff.rules.sort_by(|a, b| (a.position, &a.code).cmp(&(b.position, &b.code)));
        tariff.levies.sort_by(|a, b| a.code.cmp(&b.code));
    }
    Ok(tariffs)
}
