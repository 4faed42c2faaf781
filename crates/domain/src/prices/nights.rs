//! The price of every night of one unit: base rate, rate plan, then the rules in their order. What
//! does not change from night to night is looked at once per line.

use std::sync::{Arc, LazyLock};

use super::learned::Night;
use super::tariff::{Offset, RatePlan, RateRange, Rates, Rule, weekday};
use super::{NightPrice, Sale, Step};
use crate::ids::PoolId;
use crate::ledger::Line;
use crate::money::{Currency, Money};
use crate::stays::Stay;

/// What the first step of every night is called.
static BASE: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("base"));

/// Why a line has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPrice {
    NotOffered,
    TooLarge,
}

/// Prices one unit of a line, night by night.
pub(super) fn price(
    line: &Line,
    rates: &Rates,
    plans: &[&RatePlan],
    sale: &Sale<'_>,
) -> Result<Vec<NightPrice>, NoPrice> {
    let base = Bases::of(line.pool, line.stay, rates, plans);
    let rules = rules_for(line, rates, plans, sale);
    let lead_days = line.stay.first_day.0.saturating_sub(sale.today.0);
    let mut nights = Vec::new();
    for (at, day) in line.stay.days().enumerate() {
        let mut trace = Vec::with_capacity(1 + plans.len() + rules.len());
        let (minor, from) = base.night(at).ok_or(NoPrice::NotOffered)?;
        trace.push(Step { name: Arc::clone(&BASE), bp: 0, amount_minor: minor });
        let mut minor = minor;
        for plan in &plans[from..] {
            let next = changed(minor, plan.offset, rates.currency).ok_or(NoPrice::TooLarge)?;
            push(&mut trace, (&plan.name, plan.offset), (minor, next.max(0)), next < 0);
            minor = next.max(0);
        }
        let night = Night { weekday: weekday(day), lead_days, fill_bp: 0 };
        for rule in &rules {
            let when = &rule.when;
            let is_on =
                when.weekdays.has(night.weekday) && when.days.is_none_or(|days| days.covers(day));
            if !is_on {
                continue;
            }
            let fill_bp = if rule.effect.asks_fill() { (sale.fill_bp)(line.pool, day) } else { 0 };
            let so_far = Money::new(minor, rates.currency);
            let offset = rule.effect.offset(&Night { fill_bp, ..night }, so_far);
            let next = changed(minor, offset, rates.currency).ok_or(NoPrice::TooLarge)?;
            let within = rule.limits_minor.nearest(next).max(0);
            push(&mut trace, (&rule.name, offset), (minor, within), within != next);
            minor = within;
        }
        nights.push(NightPrice { day, amount_minor: minor, trace });
    }
    Ok(nights)
}

/// Adds a step that changed something. One that a limit cut short tells its amount alone.
fn push(
    trace: &mut Vec<Step>,
    (name, offset): (&Arc<str>, Offset),
    (before, after): (i64, i64),
    is_cut: bool,
) {
    let bp = match offset {
        Offset::Percent { bp } if !is_cut => bp,
        Offset::Percent { .. } | Offset::Amount { .. } => 0,
    };
    if before != after {
        trace.push(Step { name: name.clone(), bp, amount_minor: after - before });
    }
}

fn changed(minor: i64, offset: Offset, currency: Currency) -> Option<i64> {
    let money = Money::new(minor, currency);
    let change = match offset {
        Offset::Percent { bp: 0 } => return Some(minor),
        Offset::Percent { bp } => money.share_bp(bp)?,
        Offset::Amount { minor } => Money::new(minor, currency),
    };
    money.plus(change).map(|sum| sum.minor)
}

/// The rules whose conditions on the stay hold, in their order.
fn rules_for<'a>(
    line: &Line,
    rates: &'a Rates,
    plans: &[&RatePlan],
    sale: &Sale<'_>,
) -> Vec<&'a Rule> {
    let nights = line.stay.nights();
    let lead_days = line.stay.first_day.0.saturating_sub(sale.today.0);
    let plan = plans.last().map(|plan| plan.code.as_str());
    let fits = |rule: &&Rule| {
        let when = &rule.when;
        (when.pools.is_empty() || when.pools.contains(&line.pool))
            && (when.plans.is_empty()
                || plan.is_some_and(|plan| when.plans.iter().any(|own| own == plan)))
            && when.nights.holds(nights)
            && when.lead_days.holds(lead_days)
            && when.promo.as_deref().is_none_or(|promo| sale.terms.promo.as_deref() == Some(promo))
    };
    rates.tariff.rules.iter().filter(fits).collect()
}

/// Base rates of a line's nights: the standard rates, and what its plans set themselves.
struct Bases {
    standard: Vec<Option<i64>>,
    /// In the order of the plans, root first; empty for one without rates of its own.
    own: Vec<Vec<Option<i64>>>,
}

impl Bases {
    fn of(pool: PoolId, stay: Stay, rates: &Rates, plans: &[&RatePlan]) -> Bases {
        let base = rates.base_minor.get(&pool).copied();
        let standard = spread(&rates.ranges, pool, stay, base);
        let own = |plan: &&RatePlan| {
            let ranges = rates.tariff.plan_ranges.get(&plan.code);
            ranges.map_or_else(Vec::new, |ranges| spread(ranges, pool, stay, None))
        };
        Bases { standard, own: plans.iter().map(own).collect() }
    }

    /// The rate of a night, and how many plans of the chain it already stands for.
    fn night(&self, at: usize) -> Option<(i64, usize)> {
        for (depth, own) in self.own.iter().enumerate().rev() {
            if let Some(minor) = own.get(at).copied().flatten() {
                return Some((minor, depth + 1));
            }
        }
        Some((self.standard.get(at).copied().flatten()?, 0))
    }
}

/// Lays ranges over nights, the later over the earlier.
fn spread(ranges: &[RateRange], pool: PoolId, stay: Stay, base: Option<i64>) -> Vec<Option<i64>> {
    let mut nights = vec![base; usize::try_from(stay.nights()).unwrap_or(0)];
    let at = |days: i64| usize::try_from(days.max(0)).unwrap_or(0);
    for range in ranges.iter().filter(|range| range.pool == pool) {
        let first = at(range.stay.first_day.0.saturating_sub(stay.first_day.0));
        let end = at(range.stay.end_day.0.saturating_sub(stay.first_day.0)).min(nights.len());
        if first < end {
            nights[first..end].fill(Some(range.amount_minor));
        }
    }
    nights
}
