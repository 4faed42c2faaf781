//! Prices that explain themselves. A night is its base rate, then what its rate plan and each rule
//! change; guests, taxes and fees come on top. Every night keeps the trace of how it came about,
//! and the parts always add up to the total.
//!
//! Rounding: each step, tax and fee is a whole amount of the minor unit, rounded half away from
//! zero by `money` when it is made. Sums of whole amounts need no rounding.

pub mod checks;
pub mod guests;
pub mod learned;
pub mod levies;
mod nights;
pub mod restrictions;
pub mod tariff;

use std::fmt;
use std::sync::Arc;

use self::guests::Guests;
use self::levies::Charge;
use self::nights::NoPrice;
use self::tariff::{Collected, PLAN_DEPTH_MAX, RatePlan};
pub use self::tariff::{RATE_MINOR_MAX, RateRange, Rates, TAX_BP_MAX, Tariff};
use crate::guards::{self, Guard};
use crate::ids::{LineId, PoolId};
use crate::ledger::Line;
use crate::money::{Currency, Money};
use crate::policies::{self, Cancellation};
use crate::refusals::{PoolReason, Reason, Refusal};
use crate::stays::{Day, STAY_NIGHTS_MAX};

/// What a guest chooses of a hotel's prices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Code of the rate plan; `None` for the standard rate.
    pub plan: Option<String>,
    /// A promotion that the guest names.
    pub promo: Option<String>,
}

impl Terms {
    /// The standard rate, and no promotion.
    pub const STANDARD: &'static Terms = &Terms { plan: None, promo: None };
}

/// The circumstances in which something is priced.
#[derive(Clone, Copy)]
pub struct Sale<'a> {
    /// At the property.
    pub today: Day,
    pub terms: &'a Terms,
    /// Who sleeps in each line. Lines beyond are priced as nobody's.
    pub guests: &'a [Guests],
    /// How much of a night is held or sold, in basis points.
    pub fill_bp: &'a dyn Fn(PoolId, Day) -> i64,
}

impl Sale<'_> {
    /// The standard rate for nobody in particular, on empty nights.
    #[must_use]
    pub fn plain(today: Day) -> Sale<'static> {
        Sale { today, terms: Terms::STANDARD, guests: &[], fill_bp: &|_, _| 0 }
    }
}

/// One step of how an amount came about. The first is the base rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: Arc<str>,
    /// Its share of the amount before it, in basis points; 0 when it is an amount of its own.
    pub bp: i64,
    pub amount_minor: i64,
}

/// One night of one unit, without what its guests add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightPrice {
    pub day: Day,
    pub amount_minor: i64,
    /// Adds up to the amount.
    pub trace: Vec<Step>,
}

/// One line's part of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePrice {
    pub line: LineId,
    pub pool: PoolId,
    pub units: i64,
    /// Per unit.
    pub nights: Vec<NightPrice>,
    /// What the guests add on each night, for all units together.
    pub guests: Vec<Step>,
    /// All nights of all units with their guests, before taxes and fees.
    pub total_minor: i64,
}

/// A price as agreed: the lines, taxes and fees, the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    pub currency: Currency,
    pub terms: Terms,
    pub lines: Vec<LinePrice>,
    pub subtotal_minor: i64,
    pub charges: Vec<Charge>,
    /// What is to be paid for the booking: the subtotal with what stands on top of it.
    pub total_minor: i64,
    /// What its end before the stay costs; `None`: nothing, and not to come costs all.
    pub cancellation: Option<Cancellation>,
}

impl Price {
    /// What is to be paid for the booking.
    #[must_use]
    pub fn total(&self) -> Money {
        Money::new(self.total_minor, self.currency)
    }

    /// What the guest pays in the end: the total, and what the property collects itself.
    #[must_use]
    pub fn whole(&self) -> Money {
        Money::new(self.total_minor.saturating_add(self.at_property_minor()), self.currency)
    }

    /// What the guest pays at the property.
    #[must_use]
    pub fn at_property_minor(&self) -> i64 {
        self.collected_minor(Collected::AtProperty)
    }

    /// What stands on top of the subtotal.
    #[must_use]
    pub fn on_top_minor(&self) -> i64 {
        self.collected_minor(Collected::OnTop)
    }

    fn collected_minor(&self, collected: Collected) -> i64 {
        let own = self.charges.iter().filter(|charge| charge.collected == collected);
        own.map(|charge| charge.amount_minor).sum()
    }

    /// The same price with what its end before the stay costs, by the policy of its terms.
    #[must_use]
    pub fn with_policy(mut self, tariff: &Tariff, check_in_ms: i64) -> Price {
        let policy = policies::of_terms(tariff, &self.terms);
        self.cancellation = policy.map(|policy| policies::agree(policy, &self, check_in_ms));
        self
    }

    /// A price of nothing, for holds that are sold elsewhere.
    #[must_use]
    pub fn free(currency: Currency) -> Price {
        let (lines, charges) = (Vec::new(), Vec::new());
        Price {
            currency,
            terms: Terms::default(),
            lines,
            subtotal_minor: 0,
            charges,
            total_minor: 0,
            cancellation: None,
        }
    }
}

impl NightPrice {
    /// The trace in words: `base EUR 120.00 · weekend +12 %`.
    #[must_use]
    pub fn text(&self, currency: Currency) -> String {
        let told = self.trace.iter().enumerate().map(|(at, step)| match (at, step.bp) {
            (0, _) => format!("{} {}", step.name, Money::new(step.amount_minor, currency)),
            (_, 0) if step.amount_minor < 0 => {
                format!("{} {}", step.name, Money::new(step.amount_minor, currency))
            }
            (_, 0) => format!("{} +{}", step.name, Money::new(step.amount_minor, currency)),
            (_, bp) => format!("{} {}", step.name, Percent(bp)),
        });
        told.collect::<Vec<_>>().join(" · ")
    }
}

/// Basis points as people write a change: `+12 %`, `-7.5 %`.
struct Percent(i64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let (whole, part) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        match (part / 10, part % 10) {
            (0, 0) => write!(f, "{sign}{whole} %"),
            (tenths, 0) => write!(f, "{sign}{whole}.{tenths} %"),
            (_, _) => write!(f, "{sign}{whole}.{part:02} %"),
        }
    }
}

/// The price of these lines.
pub fn price(lines: &[Line], rates: &Rates, sale: &Sale<'_>) -> Result<Price, Refusal> {
    let mut subtotal = Money::zero(rates.currency);
    let mut priced = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        let part = line_price(line, rates, sale, sale.guests.get(at))?;
        let money = Money::new(part.total_minor, rates.currency);
        subtotal = subtotal.plus(money).ok_or(Refusal::AmountTooLarge)?;
        priced.push(part);
    }
    let charges = levies::charges(rates, lines, sale.guests, subtotal);
    let mut price = Price {
        currency: rates.currency,
        terms: sale.terms.clone(),
        lines: priced,
        subtotal_minor: subtotal.minor,
        charges: charges.ok_or(Refusal::AmountTooLarge)?,
        total_minor: subtotal.minor,
        cancellation: None,
    };
    let mut whole = subtotal;
    for charge in &price.charges {
        let money = Money::new(charge.amount_minor, rates.currency);
        if charge.collected != Collected::Included {
            whole = whole.plus(money).ok_or(Refusal::AmountTooLarge)?;
        }
        if charge.collected == Collected::OnTop {
            price.total_minor += charge.amount_minor;
        }
    }
    Ok(price)
}

fn line_price(
    line: &Line,
    rates: &Rates,
    sale: &Sale<'_>,
    guests: Option<&Guests>,
) -> Result<LinePrice, Refusal> {
    if line.stay.nights() < 1 || line.units < 1 {
        return Err(Refusal::StayIsEmpty);
    }
    if STAY_NIGHTS_MAX < line.stay.nights() {
        return Err(Refusal::StayTooLong { nights_max: STAY_NIGHTS_MAX });
    }
    let refused = |no_price| match no_price {
        NoPrice::TooLarge => Refusal::AmountTooLarge,
        NoPrice::NotOffered => {
            let reason = PoolReason { pool: line.pool, reason: Reason::RateNotOffered };
            Refusal::Unavailable { reasons: vec![reason] }
        }
    };
    let plans = chain(line.pool, rates, sale.terms.plan.as_deref()).map_err(refused)?;
    let nights = nights::price(line, rates, &plans, sale).map_err(refused)?;
    let people = guests.map_or(Some(Vec::new()), |guests| {
        let own = rates.tariff.guests.get(&line.pool);
        guests::steps(rates.currency, own, plans.last().copied(), line.units, guests)
    });
    let mut people = people.ok_or(Refusal::AmountTooLarge)?;
    let cheapest = nights.iter().map(|night| night.amount_minor).min().unwrap_or(0);
    guests::limit(&mut people, cheapest.saturating_mul(line.units));
    let total = total(rates.currency, line, &nights, &people).ok_or(Refusal::AmountTooLarge)?;
    Ok(LinePrice {
        line: line.id,
        pool: line.pool,
        units: line.units,
        nights,
        guests: people,
        total_minor: total.minor,
    })
}

/// All nights of all units with their guests.
fn total(currency: Currency, line: &Line, nights: &[NightPrice], people: &[Step]) -> Option<Money> {
    let money = |minor| Money::new(minor, currency);
    let mut all = Money::zero(currency);
    for night in nights {
        all = all.plus(money(night.amount_minor).times(line.units)?)?;
    }
    for step in people {
        all = all.plus(money(step.amount_minor).times(line.stay.nights())?)?;
    }
    if guards::is_off(Guard::RoundedOnce) {
        return all.average(line.stay.nights())?.times(line.stay.nights());
    }
    Some(all)
}

/// The plans from the one next to the standard rate down to the asked one.
fn chain<'a>(
    pool: PoolId,
    rates: &'a Rates,
    code: Option<&str>,
) -> Result<Vec<&'a RatePlan>, NoPrice> {
    let mut plans = Vec::new();
    let mut next = code;
    while let Some(code) = next {
        let plan = rates.tariff.plans.iter().find(|plan| plan.code == code);
        let plan = plan.ok_or(NoPrice::NotOffered)?;
        let is_sold = plan.pools.is_empty() || plan.pools.contains(&pool);
        // Only the asked plan has to sell the room type: a parent may lend its price alone.
        if PLAN_DEPTH_MAX <= plans.len() || (plans.is_empty() && !is_sold) {
            return Err(NoPrice::NotOffered);
        }
        plans.push(plan);
        next = plan.parent.as_deref();
    }
    plans.reverse();
    Ok(plans)
}

/// Refuses a price that is worse than what the guest agreed to; better or equal goes through.
pub fn check_agreed(price: &Price, agreed: Option<Money>) -> Result<(), Refusal> {
    match agreed {
        Some(agreed) if agreed.currency != price.currency || agreed.minor < price.whole().minor => {
            Err(Refusal::PriceChanged { agreed, current: price.whole() })
        }
        Some(_) | None => Ok(()),
    }
}
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::stays::Stay;

    const TODAY: Day = Day(0);

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
            tariff: Arc::default(),
        }
    }

    fn line(first: i64, end: i64, units: i64) -> Line {
        let stay = Stay::new(Day(first), Day(end));
        Line { id: LineId(1), pool: PoolId(1), stay, units }
    }

    #[test]
    fn the_latest_range_that_covers_a_night_counts() {
        let price = price(&[line(9, 14, 1)], &rates(0), &Sale::plain(TODAY)).expect("a price");
        let nights: Vec<i64> =
            price.lines[0].nights.iter().map(|night| night.amount_minor).collect();
        assert_eq!(nights, [10_000, 12_000, 12_000, 15_000, 15_000]);
    }

    #[test]
    fn the_parts_add_up_to_the_total() {
        let price = price(&[line(9, 11, 3), line(12, 13, 1)], &rates(605), &Sale::plain(TODAY))
            .expect("a price");
        assert_eq!(price.subtotal_minor, 3 * 22_000 + 15_000);
        assert_eq!(price.on_top_minor(), 4901); // 4900.5, rounded half away from zero
        assert_eq!(price.total_minor, price.subtotal_minor + price.on_top_minor());
    }

    #[test]
    fn a_better_price_goes_through_and_a_worse_one_does_not() {
        let price = price(&[line(1, 2, 1)], &rates(0), &Sale::plain(TODAY)).expect("a price");
        for (agreed, fits) in [(10_000, true), (10_001, true), (9_999, false)] {
            let agreed = Some(Money::new(agreed, Currency::EUR));
            assert_eq!(check_agreed(&price, agreed).is_ok(), fits);
        }
    }

    #[test]
    fn a_sum_beyond_every_limit_is_refused() {
        let mut rates = rates(0);
        rates.base_minor.insert(PoolId(1), i64::MAX);
        assert_eq!(
            price(&[line(1, 3, 1)], &rates, &Sale::plain(TODAY)),
            Err(Refusal::AmountTooLarge)
        );
    }
}
