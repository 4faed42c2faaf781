//! What a night costs: a base rate per room type, and ranges of nights over it, the latest of which
//! counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use vacancy_domain::access::Action;
use vacancy_domain::hotels::RoomType;
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::pools::STOCK_RANGE_DAYS_MAX;
use vacancy_domain::prices::tariff::GuestRates;
use vacancy_domain::prices::{RATE_MINOR_MAX, RateRange, checks};
use vacancy_domain::stays::Stay;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::tariffs::{self as store_tariffs, Part, PartKind, Stored};
use vacancy_store::{plan_rates, rates, room_types};

use crate::access::{self, Actor};
use crate::desk::news;
use crate::errors::{Error, FieldError};
use crate::fields::under;
use crate::room_types::find;
use crate::tariffs::{self, Change};

/// Longest range of nights that one rate may cover.
pub const RATE_RANGE_DAYS_MAX: i64 = STOCK_RANGE_DAYS_MAX;

/// A room type's rates for some nights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeRates {
    pub room_type: RoomType,
    /// In the order in which they were set.
    pub ranges: Vec<RateRange>,
    /// Those of rate plans, by code.
    pub plan_ranges: Vec<(String, RateRange)>,
    /// What guests cost.
    pub guests: Option<GuestRates>,
}

/// What is set in one go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RatesWish {
    /// By room type code; `None` sells only what ranges cover.
    pub base: BTreeMap<String, Option<Money>>,
    /// One after the other, the later over the earlier.
    pub ranges: Vec<RangeRate>,
    /// What guests cost, by room type code; `None` for nothing.
    pub guests: BTreeMap<String, Option<GuestRates>>,
}

/// The rate of a room type for a range of nights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeRate {
    pub room_type: String,
    /// `None` for the standard rate.
    pub plan: Option<String>,
    pub stay: Stay,
    pub rate: Money,
}

/// Sets all of these rates, or none.
pub async fn set(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    wish: &RatesWish,
) -> Result<(), Error> {
    let hotel = access::hotel(db, actor, Action::ChangeRates, property).await?;
    let (wish, currency) = (Arc::new(wish.clone()), hotel.currency);
    let written = db.write(move |tx| {
        let wish = Arc::clone(&wish);
        Box::pin(async move {
            let types = room_types::by_properties(tx, &[property]).await?;
            let pools = types.into_iter().map(|room_type| (room_type.code, room_type.pool));
            // Plans stay while their rates are set.
            store_tariffs::lock(tx, property).await?;
            let parts = store_tariffs::parts(tx, property).await?;
            let steps = match check(&wish, &pools.collect(), &parts, currency) {
                Ok(steps) => steps,
                Err(error) => return Ok(Err(error)),
            };
            for step in steps {
                match step {
                    Step::Base(pool, minor) => {
                        // A room type that was taken away meanwhile is looked for once more.
                        let is_there = rates::set_base(tx, pool, minor).await?;
                        is_there.then_some(()).ok_or(Fault::GuardMissed)?;
                    }
                    Step::Range(None, range) => rates::set_range(tx, property, range).await?,
                    Step::Range(Some(plan), range) => {
                        plan_rates::set_range(tx, property, &plan, range).await?;
                    }
                    Step::Guests(_, change) => {
                        if let Err(error) = tariffs::apply(tx, property, &change).await? {
                            return Ok(Err(error));
                        }
                    }
                }
            }
            news::tell_changed(tx, property).await?;
            Ok(Ok(()))
        })
    });
    written.await?
}

#[derive(Debug, Clone)]
enum Step {
    Base(PoolId, Option<i64>),
    /// Of a plan, or of the standard rate.
    Range(Option<String>, RateRange),
    Guests(PoolId, Box<Change>),
}

impl Step {
    fn pool(&self) -> PoolId {
        match self {
            Step::Base(pool, _) | Step::Guests(pool, _) => *pool,
            Step::Range(_, range) => range.pool,
        }
    }
}

fn check(
    wish: &RatesWish,
    pools: &BTreeMap<String, PoolId>,
    parts: &[Stored],
    currency: Currency,
) -> Result<Vec<Step>, Error> {
    let mut fields = Vec::new();
    let mut steps = Vec::new();
    for (code, rate) in &wish.base {
        let pointer = format!("/base/{}", code.replace('~', "~0").replace('/', "~1"));
        fields.extend(rate.and_then(|rate| check_money(rate, currency, &pointer)));
        match pools.get(code) {
            Some(pool) => steps.push(Step::Base(*pool, rate.map(|rate| rate.minor))),
            None => fields.push(unknown_type(pointer)),
        }
    }
    for (at, range) in wish.ranges.iter().enumerate() {
        let parent = format!("/ranges/{at}");
        fields.extend(check_range(range.stay, 0, &parent));
        fields.extend(check_money(range.rate, currency, &format!("{parent}/rate")));
        match pools.get(&range.room_type) {
            Some(pool) => {
                let (stay, amount_minor) = (range.stay, range.rate.minor);
                let own = RateRange { pool: *pool, stay, amount_minor };
                steps.push(Step::Range(range.plan.clone(), own));
            }
            None => fields.push(unknown_type(format!("{parent}/roomType"))),
        }
        let is_known = |plan: &String| tariffs::has_plan(parts, plan);
        if !range.plan.as_ref().is_none_or(is_known) {
            let detail = "names no rate plan of this hotel";
            fields.push(FieldError::new(format!("{parent}/ratePlan"), "unknown_rate_plan", detail));
        }
    }
    for (code, rates) in &wish.guests {
        let pointer = format!("/guests/{}", code.replace('~', "~0").replace('/', "~1"));
        let Some(pool) = pools.get(code) else {
            fields.push(unknown_type(pointer));
            continue;
        };
        let change = match rates {
            Some(rates) => {
                fields.extend(under(&pointer, &checks::guests(rates)));
                Change::Put(Part::Guests(*pool, rates.clone()))
            }
            None => Change::Clear(PartKind::Guests, pool.to_string()),
        };
        steps.push(Step::Guests(*pool, Box::new(change)));
    }
    // Locks are taken in the order of ids, whoever else sets rates; within a room type, as asked.
    steps.sort_by_key(Step::pool);
    if fields.is_empty() { Ok(steps) } else { Err(Error::Invalid(fields)) }
}

fn unknown_type(pointer: String) -> FieldError {
    FieldError::new(pointer, "unknown_room_type", "names no room type of this hotel")
}

/// What is wrong with a rate in some currency, in a hotel that charges in its own.
pub(crate) fn check_money(rate: Money, currency: Currency, pointer: &str) -> Option<FieldError> {
    if rate.currency != currency {
        let detail = format!("must be {currency}, in which this hotel charges");
        return Some(FieldError::new(format!("{pointer}/currency"), "wrong_currency", detail));
    }
    check_amount(rate.minor, &format!("{pointer}/amount"))
}

/// Sets the rate of every night that no range covers; `None` sells only what ranges cover.
pub async fn set_base(
    db: &Db,
    actor: &Actor,
    (property, code): (PropertyId, &str),
    amount_minor: Option<i64>,
) -> Result<(), Error> {
    access::hotel(db, actor, Action::ChangeRates, property).await?;
    check_amount(amount_minor.unwrap_or(0), "/amount")
        .map_or(Ok(()), |field| Err(Error::Invalid(vec![field])))?;
    let pool = find(db, property, code).await?.pool;
    let written = db.write(move |tx| {
        Box::pin(async move {
            news::tell_changed(tx, property).await?;
            rates::set_base(tx, pool, amount_minor).await
        })
    });
    if written.await? { Ok(()) } else { Err(Error::NotFound) }
}

/// Sets the rate of some nights over all that was set before.
pub async fn set_range(
    db: &Db,
    actor: &Actor,
    (property, code): (PropertyId, &str),
    stay: Stay,
    amount_minor: i64,
) -> Result<(), Error> {
    access::hotel(db, actor, Action::ChangeRates, property).await?;
    let fields = check_range(stay, amount_minor, "");
    if !fields.is_empty() {
        return Err(Error::Invalid(fields));
    }
    let pool = find(db, property, code).await?.pool;
    let range = RateRange { pool, stay, amount_minor };
    let written = db.write(move |tx| {
        Box::pin(async move {
            rates::set_range(tx, property, range).await?;
            news::tell_changed(tx, property).await
        })
    });
    Ok(written.await?)
}

/// The base rates of a hotel and the ranges that touch some nights.
pub async fn list(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    stay: Stay,
) -> Result<Vec<TypeRates>, Error> {
    access::hotel(db, actor, Action::Find, property).await?;
    if stay.nights() < 1 || RATE_RANGE_DAYS_MAX < stay.nights() {
        let detail = format!("must be 1 to {RATE_RANGE_DAYS_MAX} days after the first one");
        return Err(Error::invalid("to", "out_of_range", detail));
    }
    let found = db.read(move |tx| {
        Box::pin(async move {
            let types = room_types::by_properties(tx, &[property]).await?;
            let mut ranges = rates::ranges(tx, &[property], stay).await?;
            let mut tariffs = store_tariffs::load(tx, &[property], stay).await?;
            let tariff = tariffs.remove(&property).unwrap_or_default();
            Ok((types, ranges.remove(&property).unwrap_or_default(), tariff))
        })
    });
    let (types, ranges, tariff) = found.await?;
    let of_type = |room_type: RoomType| {
        let own = ranges.iter().filter(|range| range.pool == room_type.pool);
        let of_plans = tariff.plan_ranges.iter().flat_map(|(plan, ranges)| {
            let own = ranges.iter().filter(|range| range.pool == room_type.pool);
            own.map(|range| (plan.clone(), *range))
        });
        TypeRates {
            ranges: own.copied().collect(),
            plan_ranges: of_plans.collect(),
            guests: tariff.guests.get(&room_type.pool).cloned(),
            room_type,
        }
    };
    Ok(types.into_iter().map(of_type).collect())
}

/// What is wrong with a rate of a range of nights.
pub(crate) fn check_range(stay: Stay, amount_minor: i64, parent: &str) -> Vec<FieldError> {
    let mut fields = Vec::new();
    if stay.nights() < 1 || RATE_RANGE_DAYS_MAX < stay.nights() {
        let detail = format!("must be 1 to {RATE_RANGE_DAYS_MAX} days after the first one");
        fields.push(FieldError::new(format!("{parent}/to"), "out_of_range", detail));
    }
    fields.extend(check_amount(amount_minor, &format!("{parent}/amount")));
    fields
}

fn check_amount(amount_minor: i64, pointer: &str) -> Option<FieldError> {
    let detail = || format!("must be from 0 to {RATE_MINOR_MAX}");
    let fits = (0..=RATE_MINOR_MAX).contains(&amount_minor);
    (!fits).then(|| FieldError::new(pointer, "out_of_range", detail()))
}
