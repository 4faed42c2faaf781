//! All that a price is computed from, as data: base rates, rate plans, rules, what guests cost,
//! taxes and fees. A hotel without a tariff has base rates and one flat tax.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::learned::{DemandStep, LearnedTable, Night, Pricer};
use super::restrictions::Restriction;
use crate::ids::PoolId;
use crate::money::{Currency, Money};
use crate::policies::Policy;
use crate::refusals::Refusal;
use crate::stays::{Day, Stay};

/// Largest base rate of one night, in minor units.
pub const RATE_MINOR_MAX: i64 = 1_000_000_000;
/// Largest tax, in basis points: 100 %.
pub const TAX_BP_MAX: i64 = 10_000;
/// Most that one rule or plan may add, in basis points: ten times the price.
pub const CHANGE_BP_MAX: i64 = 100_000;
/// Most plans between a plan and the standard rate, itself counted.
pub const PLAN_DEPTH_MAX: usize = 5;
pub const PLANS_MAX: usize = 100;
pub const RULES_MAX: usize = 200;
pub const LEVIES_MAX: usize = 30;

/// What one unit costs for the nights of a range. The latest range that covers a night counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateRange {
    pub pool: PoolId,
    pub stay: Stay,
    pub amount_minor: i64,
}

/// All that the prices of one hotel are computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    pub currency: Currency,
    /// Base rate of every night that no range covers.
    pub base_minor: BTreeMap<PoolId, i64>,
    /// In the order in which they were set.
    pub ranges: Vec<RateRange>,
    /// The flat tax of a hotel that has no taxes of its own.
    pub tax_bp: i64,
    /// Shared with whoever keeps it from one search to the next.
    pub tariff: Arc<Tariff>,
}

impl Rates {
    /// Standard base rate of one unit of a pool on a night.
    #[must_use]
    pub fn night(&self, pool: PoolId, day: Day) -> Option<i64> {
        let mut ranges = self.ranges.iter().rev();
        let latest = ranges.find(|range| range.pool == pool && range.stay.covers(day));
        latest.map_or_else(|| self.base_minor.get(&pool).copied(), |range| Some(range.amount_minor))
    }
}

/// What a business sets beyond base rates and a flat tax. Empty for most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tariff {
    pub plans: Vec<RatePlan>,
    /// Rates that a plan sets itself, by its code, in the order in which they were set.
    pub plan_ranges: BTreeMap<String, Vec<RateRange>>,
    /// In the order in which they apply.
    pub rules: Vec<Rule>,
    pub guests: BTreeMap<PoolId, GuestRates>,
    pub levies: Vec<Levy>,
    pub restrictions: Vec<Restriction>,
    pub policies: Vec<Policy>,
}

impl Tariff {
    /// Refuses a promotion that no rule of the hotel has. One that has a rule may still not count for
    /// these nights; the trace tells.
    ///
    /// # Errors
    /// `Refusal::UnknownPromo`.
    pub fn check_promo(&self, promo: Option<&str>) -> Result<(), Refusal> {
        match promo {
            Some(promo)
                if !self.rules.iter().any(|rule| rule.when.promo.as_deref() == Some(promo)) =>
            {
                Err(Refusal::UnknownPromo { promo: promo.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

/// A change of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offset {
    /// Basis points of the amount, negative for less.
    Percent {
        bp: i64,
    },
    Amount {
        minor: i64,
    },
}

/// Named conditions with a price of their own: a parent's price and an offset, or own rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RatePlan {
    pub code: String,
    pub name: Arc<str>,
    /// `None`: derived from the standard rate.
    pub parent: Option<String>,
    pub offset: Offset,
    pub meals: Meals,
    /// What an adult's meals of a day cost, and a child's.
    pub meal_adult_minor: i64,
    pub meal_child_minor: i64,
    /// Room types that it sells; empty for all.
    pub pools: Vec<PoolId>,
    /// Code of its cancellation policy; `None` for that of its parent.
    pub policy: Option<String>,
}

/// What a plan gives to eat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meals {
    None,
    Breakfast,
    HalfBoard,
    FullBoard,
    AllInclusive,
}

impl Meals {
    pub const ALL: [Meals; 5] =
        [Meals::None, Meals::Breakfast, Meals::HalfBoard, Meals::FullBoard, Meals::AllInclusive];

    /// The word in the store and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Meals::None => "none",
            Meals::Breakfast => "breakfast",
            Meals::HalfBoard => "half_board",
            Meals::FullBoard => "full_board",
            Meals::AllInclusive => "all_inclusive",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Meals> {
        Meals::ALL.into_iter().find(|meals| meals.word() == word)
    }
}

/// A rule: when it applies, and what it does to the price of a night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub code: String,
    pub name: Arc<str>,
    /// Lower applies first; equal ones in the order of their codes.
    pub position: i64,
    pub when: When,
    pub effect: Effect,
    /// The price of the night stays within these after the rule.
    pub limits_minor: Bounds,
}

/// Conditions of a rule: all that are set must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// Empty: every room type.
    pub pools: Vec<PoolId>,
    /// Codes; empty: every plan, and the standard rate.
    pub plans: Vec<String>,
    /// The season: nights that it counts for.
    pub days: Option<Stay>,
    pub weekdays: Weekdays,
    /// Length of the stay, in nights.
    pub nights: Bounds,
    /// Days from today to arrival.
    pub lead_days: Bounds,
    /// The guest has to name it.
    pub promo: Option<String>,
}

impl When {
    pub const ALWAYS: When = When {
        pools: Vec::new(),
        plans: Vec::new(),
        days: None,
        weekdays: Weekdays::ALL,
        nights: Bounds::OPEN,
        lead_days: Bounds::OPEN,
        promo: None,
    };
}

/// A range, both ends included; an open end is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    pub min: Option<i64>,
    pub max: Option<i64>,
}

impl Bounds {
    pub const OPEN: Bounds = Bounds { min: None, max: None };

    #[must_use]
    pub fn holds(self, value: i64) -> bool {
        self.min.is_none_or(|min| min <= value) && self.max.is_none_or(|max| value <= max)
    }

    /// The nearest value within; the lower end wins over an upper one below it.
    #[must_use]
    pub fn nearest(self, value: i64) -> i64 {
        let below = self.max.map_or(value, |max| value.min(max));
        self.min.map_or(below, |min| below.max(min))
    }
}

/// A set of days of the week, Monday first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    pub const ALL: Weekdays = Weekdays(0b111_1111);

    /// Of numbers from 0 for Monday to 6; others are left out.
    #[must_use]
    pub fn of(numbers: &[usize]) -> Weekdays {
        let known = numbers.iter().filter(|number| **number < 7);
        Weekdays(known.fold(0, |bits, number| bits | (1 << number)))
    }

    #[must_use]
    pub fn has(self, number: usize) -> bool {
        self.0 & (1 << number.min(7)) != 0
    }
}

/// 0 for a Monday, 6 for a Sunday. The first of January 1970 was a Thursday.
#[must_use]
pub fn weekday(day: Day) -> usize {
    usize::try_from(day.0.saturating_add(3).rem_euclid(7)).unwrap_or(0)
}

/// What a rule does to the price of a night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    Offset(Offset),
    /// By how full the night is: the highest step that is reached counts.
    Demand(Vec<DemandStep>),
    /// By what somebody learned.
    Learned(LearnedTable),
    /// To the nearest multiple, halves away from zero.
    Round {
        to_minor: i64,
    },
}

impl Effect {
    /// Whether it depends on how full the night is.
    #[must_use]
    pub fn asks_fill(&self) -> bool {
        match self {
            Effect::Offset(_) | Effect::Round { .. } => false,
            Effect::Demand(_) | Effect::Learned(_) => true,
        }
    }

    /// What it does on a night that costs so much so far.
    #[must_use]
    pub fn offset(&self, night: &Night, so_far: Money) -> Offset {
        match self {
            Effect::Offset(offset) => *offset,
            Effect::Demand(steps) => change(steps.as_slice(), night),
            Effect::Learned(table) => change(table, night),
            Effect::Round { to_minor } => {
                let nearest = so_far.average(*to_minor).and_then(|count| count.times(*to_minor));
                let nearest_minor = nearest.map_or(so_far.minor, |money| money.minor);
                Offset::Amount { minor: nearest_minor.saturating_sub(so_far.minor) }
            }
        }
    }
}

fn change(pricer: &(impl Pricer + ?Sized), night: &Night) -> Offset {
    Offset::Percent { bp: pricer.factor_bp(night).saturating_sub(crate::money::WHOLE_BP) }
}

/// What people add to the price of a night in a room type, beyond those it includes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestRates {
    /// Adults that a unit's price includes.
    pub adults_included: i64,
    pub extra_adult_minor: i64,
    /// What each adult fewer takes off; a unit has at least one.
    pub fewer_adult_minor: i64,
    /// Places to sleep that a unit has without an extra bed.
    pub beds_included: i64,
    pub extra_bed_minor: i64,
    /// By age, youngest first. A child older than the last band counts as an adult.
    pub children: Vec<AgeBand>,
}

/// What a child costs up to an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeBand {
    pub age_max: i64,
    pub amount_minor: i64,
    pub needs_bed: bool,
}

/// A tax or a fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levy {
    pub code: String,
    pub name: String,
    pub kind: LevyKind,
    pub amount: LevyAmount,
    pub collected: Collected,
    /// Younger guests are free of it, where people are counted.
    pub age_min: i64,
    /// No more nights than these are counted, where a person's nights are.
    pub nights_max: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevyKind {
    Tax,
    Fee,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevyAmount {
    /// Of the price of all rooms, guests and meals.
    Percent {
        bp: i64,
    },
    Fixed {
        minor: i64,
        per: Per,
    },
}

/// What a fixed tax or fee is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Once.
    Stay,
    /// Each night of each unit.
    Night,
    Person,
    PersonNight,
}

/// Where a tax or fee is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collected {
    /// On top of the price, with it.
    OnTop,
    /// Inside the price already.
    Included,
    /// By the guest, at the property.
    AtProperty,
}
