//! Prices that explain themselves: a base rate per night and unit, then a flat tax. Every night
//! keeps the trace of how it came about, and the parts always add up to the total.

use std::collections::BTreeMap;

use crate::ids::{LineId, PoolId};
use crate::ledger::Line;
use crate::money::{Currency, Money};
use crate::refusals::{PoolReason, Reason, Refusal};
use crate::stays::{Day, STAY_NIGHTS_MAX, Stay};

/// Largest base rate of one night, in minor units.
pub const RATE_MINOR_MAX: i64 = 1_000_000_000;
/// Largest tax, in basis points: 100 %.
pub const TAX_BP_MAX: i64 = 10_000;

/// What one unit costs for the nights of a range. The latest range that covers a night counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateRange {
    pub pool: PoolId,
    pub stay: Stay,
    pub amount_minor: i64,
}

/// All a price is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    pub currency: Currency,
    /// Base rate of every night that no range covers.
    pub base_minor: BTreeMap<PoolId, i64>,
    /// In the order in which they were set.
    pub ranges: Vec<RateRange>,
    pub tax_bp: i64,
}

/// One night of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightPrice {
    pub day: Day,
    pub amount_minor: i64,
    /// How the amount came about, for people.
    pub trace: String,
}

/// One line's part of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePrice {
    pub line: LineId,
    pub pool: PoolId,
    pub units: i64,
    /// Per unit.
    pub nights: Vec<NightPrice>,
    /// All nights of all units, before tax.
    pub total_minor: i64,
}

/// A price as agreed: the lines, the tax on top, the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    pub currency: Currency,
    pub lines: Vec<LinePrice>,
    pub subtotal_minor: i64,
    pub tax_bp: i64,
    pub tax_minor: i64,
    pub total_minor: i64,
}

impl Price {
    #[must_use]
    pub fn total(&self) -> Money {
        Money::new(self.total_minor, self.currency)
    }

    /// A price of nothing, for holds that are sold elsewhere.
    #[must_use]
    pub fn free(currency: Currency) -> Price {
        let lines = Vec::new();
        Price { currency, lines, subtotal_minor: 0, tax_bp: 0, tax_minor: 0, total_minor: 0 }
    }
}

impl Rates {
    /// Base rate of one unit of a pool on a night.
    #[must_use]
    pub fn night(&self, pool: PoolId, day: Day) -> Option<i64> {
        let ranges = self.ranges.iter().rev();
        ranges
            .filter(|range| range.pool == pool && range.stay.covers(day))
            .map(|range| range.amount_minor)
            .next()
            .or_else(|| self.base_minor.get(&pool).copied())
    }
}

/// The price of these lines. Tax is computed once, on the subtotal, so that rounding happens once.
pub fn price(lines: &[Line], rates: &Rates) -> Result<Price, Refusal> {
    let mut subtotal = Money::zero(rates.currency);
    let mut priced = Vec::with_capacity(lines.len());
    for line in lines {
        let part = line_price(line, rates)?;
        let money = Money::new(part.total_minor, rates.currency);
        subtotal = subtotal.plus(money).ok_or(Refusal::AmountTooLarge)?;
        priced.push(part);
    }
    let tax = subtotal.share_bp(rates.tax_bp).ok_or(Refusal::AmountTooLarge)?;
    let total = subtotal.plus(tax).ok_or(Refusal::AmountTooLarge)?;
    Ok(Price {
        currency: rates.currency,
        lines: priced,
        subtotal_minor: subtotal.minor,
        tax_bp: rates.tax_bp,
        tax_minor: tax.minor,
        total_minor: total.minor,
    })
}

fn line_price(line: &Line, rates: &Rates) -> Result<LinePrice, Refusal> {
    if line.stay.nights() < 1 || line.units < 1 {
        return Err(Refusal::StayIsEmpty);
    }
    if STAY_NIGHTS_MAX < line.stay.nights() {
        return Err(Refusal::StayTooLong { nights_max: STAY_NIGHTS_MAX });
    }
    let mut one_unit = Money::zero(rates.currency);
    let mut nights = Vec::new();
    for day in line.stay.days() {
        let Some(amount_minor) = rates.night(line.pool, day) else {
            let reason = PoolReason { pool: line.pool, reason: Reason::RateNotOffered };
            return Err(Refusal::Unavailable { reasons: vec![reason] });
        };
        let money = Money::new(amount_minor, rates.currency);
        one_unit = one_unit.plus(money).ok_or(Refusal::AmountTooLarge)?;
        nights.push(NightPrice { day, amount_minor, trace: format!("base {money}") });
    }
    let total = one_unit.times(line.units).ok_or(Refusal::AmountTooLarge)?;
    let (id, pool, units) = (line.id, line.pool, line.units);
    Ok(LinePrice { line: id, pool, units, nights, total_minor: total.minor })
}

/// Refuses a price that is worse than what the guest agreed to; better or equal goes through.
pub fn check_agreed(price: &Price, agreed: Option<Money>) -> Result<(), Refusal> {
    match agreed {
        Some(agreed) if agreed.currency != price.currency || agreed.minor < price.total_minor => {
            Err(Refusal::PriceChanged { agreed, current: price.total() })
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(tax_bp: i64) -> Rates {
        let pool = PoolId(1);
        let range = |first, end, amount_minor| RateRange {
            pool,
            stay: Stay::new(Day(first), Day(end)),
            amount_minor,
        };
        Rates {
            currency: Currency::EUR,
            base_minor: BTreeMap::from([(pool, 10_000)]),
            ranges: vec![range(10, 20, 12_000), range(12, 14, 15_000)],
            tax_bp,
        }
    }

    fn line(first: i64, end: i64, units: i64) -> Line {
        let stay = Stay::new(Day(first), Day(end));
        Line { id: LineId(1), pool: PoolId(1), stay, units }
    }

    #[test]
    fn the_latest_range_that_covers_a_night_counts() {
        let price = price(&[line(9, 14, 1)], &rates(0)).expect("a price");
        let nights: Vec<i64> =
            price.lines[0].nights.iter().map(|night| night.amount_minor).collect();
        assert_eq!(nights, [10_000, 12_000, 12_000, 15_000, 15_000]);
    }

    #[test]
    fn the_parts_add_up_to_the_total() {
        let price = price(&[line(9, 11, 3), line(12, 13, 1)], &rates(605)).expect("a price");
        assert_eq!(price.subtotal_minor, 3 * 22_000 + 15_000);
        assert_eq!(price.tax_minor, 4901); // 4900.5, rounded half away from zero
        assert_eq!(price.total_minor, price.subtotal_minor + price.tax_minor);
    }

    #[test]
    fn a_better_price_goes_through_and_a_worse_one_does_not() {
        let price = price(&[line(1, 2, 1)], &rates(0)).expect("a price");
        for (agreed, fits) in [(10_000, true), (10_001, true), (9_999, false)] {
            let agreed = Some(Money::new(agreed, Currency::EUR));
            assert_eq!(check_agreed(&price, agreed).is_ok(), fits);
        }
    }

    #[test]
    fn a_sum_beyond_every_limit_is_refused() {
        let mut rates = rates(0);
        rates.base_minor.insert(PoolId(1), i64::MAX);
        assert_eq!(price(&[line(1, 3, 1)], &rates), Err(Refusal::AmountTooLarge));
    }
}
