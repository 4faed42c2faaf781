//! Parts of a tariff as stored text. Their form may only grow: a field that is added here needs a
//! default for the rows that came before it.

use serde::{Deserialize, Serialize};
use vacancy_domain::ids::PoolId;
use vacancy_domain::prices::learned::{DemandStep, LearnedTable};
use vacancy_domain::prices::restrictions::Restriction;
use vacancy_domain::prices::tariff::{
    AgeBand, Bounds, Collected, Effect, GuestRates, Levy, LevyAmount, LevyKind, Meals, Offset, Per,
    RatePlan, Rule, Weekdays, When,
};
use vacancy_domain::stays::{Day, Stay};

use super::policies::StoredPolicy;
use super::{Part, PartKind};
use crate::faults::Fault;

#[derive(Serialize, Deserialize)]
struct StoredPlan {
    name: String,
    parent: Option<String>,
    offset: StoredOffset,
    meals: String,
    meal_adult: i64,
    meal_child: i64,
    pools: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum StoredOffset {
    Percent(i64),
    Amount(i64),
}

#[derive(Serialize, Deserialize)]
struct StoredRule {
    name: String,
    position: i64,
    pools: Vec<String>,
    plans: Vec<String>,
    days: Option<(i64, i64)>,
    weekdays: Vec<usize>,
    nights: StoredBounds,
    lead_days: StoredBounds,
    promo: Option<String>,
    effect: StoredEffect,
    limits: StoredBounds,
}

type StoredBounds = (Option<i64>, Option<i64>);

#[derive(Serialize, Deserialize)]
enum StoredEffect {
    Offset(StoredOffset),
    /// Fill and change of each step.
    Demand(Vec<(i64, i64)>),
    Learned(String),
    Round(i64),
}

#[derive(Serialize, Deserialize)]
struct StoredGuests {
    adults: i64,
    extra_adult: i64,
    fewer_adult: i64,
    beds: i64,
    extra_bed: i64,
    /// Oldest age, amount, and whether a bed is needed.
    children: Vec<(i64, i64, bool)>,
}

#[derive(Serialize, Deserialize)]
struct StoredLevy {
    name: String,
    is_fee: bool,
    amount: StoredLevyAmount,
    collected: StoredCollected,
    age_min: i64,
    nights_max: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct StoredRestriction {
    pools: Vec<String>,
    plans: Vec<String>,
    days: (i64, i64),
    closed: bool,
    closed_to_arrival: bool,
    closed_to_departure: bool,
    arrival_nights: StoredBounds,
    through_nights: StoredBounds,
    lead_days: StoredBounds,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lengths: Vec<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cutoff: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rooms_max: Option<i64>,
    #[serde(default)]
    adults_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    child_age_min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    infants_max: Option<i64>,
}

#[derive(Serialize, Deserialize)]
enum StoredLevyAmount {
    Percent(i64),
    PerStay(i64),
    PerNight(i64),
    PerPerson(i64),
    PerPersonNight(i64),
}

#[derive(Serialize, Deserialize)]
enum StoredCollected {
    OnTop,
    Included,
    AtProperty,
}

/// The part as text, without its kind and code.
pub(super) fn write(part: &Part) -> String {
    let text = match part {
        Part::Plan(plan) => serde_json::to_string(&StoredPlan::from(plan)),
        Part::Rule(rule) => serde_json::to_string(&StoredRule::from(rule)),
        Part::Guests(_, rates) => serde_json::to_string(&StoredGuests::from(rates)),
        Part::Levy(levy) => serde_json::to_string(&StoredLevy::from(levy)),
        Part::Restriction(own) => serde_json::to_string(&StoredRestriction::from(own)),
        Part::Policy(policy) => serde_json::to_string(&StoredPolicy::from(policy)),
    };
    text.expect("a part of plain fields has a text")
}

/// The part that a text stands for.
pub(super) fn read(kind: PartKind, code: &str, text: &str) -> Result<Part, Fault> {
    let unreadable = |error| Fault::internal_because("read a part of a tariff", error);
    let code = code.to_owned();
    Ok(match kind {
        PartKind::Plan => {
            let stored: StoredPlan = serde_json::from_str(text).map_err(unreadable)?;
            Part::Plan(stored.plan(code)?)
        }
        PartKind::Rule => {
            let stored: StoredRule = serde_json::from_str(text).map_err(unreadable)?;
            Part::Rule(stored.rule(code)?)
        }
        PartKind::Guests => {
            let stored: StoredGuests = serde_json::from_str(text).map_err(unreadable)?;
            Part::Guests(pool(&code)?, stored.rates())
        }
        PartKind::Levy => {
            let stored: StoredLevy = serde_json::from_str(text).map_err(unreadable)?;
            Part::Levy(stored.levy(code))
        }
        PartKind::Restriction => {
            let stored: StoredRestriction = serde_json::from_str(text).map_err(unreadable)?;
            Part::Restriction(stored.restriction(code)?)
        }
        PartKind::Policy => {
            let stored: StoredPolicy = serde_json::from_str(text).map_err(unreadable)?;
            Part::Policy(stored.policy(code))
        }
    })
}

fn pool(text: &str) -> Result<PoolId, Fault> {
    text.parse().map_err(|_| Fault::internal("read the room type of a part of a tariff"))
}

fn pools(texts: &[String]) -> Result<Vec<PoolId>, Fault> {
    texts.iter().map(|text| pool(text)).collect()
}

fn texts(pools: &[PoolId]) -> Vec<String> {
    pools.iter().map(PoolId::to_string).collect()
}

fn bounds((min, max): StoredBounds) -> Bounds {
    Bounds { min, max }
}

impl From<Offset> for StoredOffset {
    fn from(offset: Offset) -> StoredOffset {
        match offset {
            Offset::Percent { bp } => StoredOffset::Percent(bp),
            Offset::Amount { minor } => StoredOffset::Amount(minor),
        }
    }
}

impl From<StoredOffset> for Offset {
    fn from(stored: StoredOffset) -> Offset {
        match stored {
            StoredOffset::Percent(bp) => Offset::Percent { bp },
            StoredOffset::Amount(minor) => Offset::Amount { minor },
        }
    }
}

impl From<&RatePlan> for StoredPlan {
    fn from(plan: &RatePlan) -> StoredPlan {
        StoredPlan {
            name: plan.name.to_string(),
            parent: plan.parent.clone(),
            offset: plan.offset.into(),
            meals: plan.meals.word().to_owned(),
            meal_adult: plan.meal_adult_minor,
            meal_child: plan.meal_child_minor,
            pools: texts(&plan.pools),
            policy: plan.policy.clone(),
        }
    }
}

impl StoredPlan {
    fn plan(self, code: String) -> Result<RatePlan, Fault> {
        let unknown = || Fault::internal("read the meals of a rate plan");
        Ok(RatePlan {
            code,
            name: self.name.into(),
            parent: self.parent,
            offset: self.offset.into(),
            meals: Meals::from_word(&self.meals).ok_or_else(unknown)?,
            meal_adult_minor: self.meal_adult,
            meal_child_minor: self.meal_child,
            pools: pools(&self.pools)?,
            policy: self.policy,
        })
    }
}

impl From<&Rule> for StoredRule {
    fn from(rule: &Rule) -> StoredRule {
        let when = &rule.when;
        StoredRule {
            name: rule.name.to_string(),
            position: rule.position,
            pools: texts(&when.pools),
            plans: when.plans.clone(),
            days: when.days.map(|days| (days.first_day.0, days.end_day.0)),
            weekdays: (0..7).filter(|number| when.weekdays.has(*number)).collect(),
            nights: (when.nights.min, when.nights.max),
            lead_days: (when.lead_days.min, when.lead_days.max),
            promo: when.promo.clone(),
            effect: match &rule.effect {
                Effect::Offset(offset) => StoredEffect::Offset((*offset).into()),
                Effect::Demand(steps) => StoredEffect::Demand(
                    steps.iter().map(|step| (step.fill_bp, step.change_bp)).collect(),
                ),
                Effect::Learned(table) => StoredEffect::Learned(table.text()),
                Effect::Round { to_minor } => StoredEffect::Round(*to_minor),
            },
            limits: (rule.limits_minor.min, rule.limits_minor.max),
        }
    }
}

impl StoredRule {
    fn rule(self, code: String) -> Result<Rule, Fault> {
        let effect = match self.effect {
            StoredEffect::Offset(offset) => Effect::Offset(offset.into()),
            StoredEffect::Demand(steps) => {
                let step = |(fill_bp, change_bp)| DemandStep { fill_bp, change_bp };
                Effect::Demand(steps.into_iter().map(step).collect())
            }
            StoredEffect::Round(to_minor) => Effect::Round { to_minor },
            StoredEffect::Learned(text) => {
                Effect::Learned(LearnedTable::parse(&text).map_err(|defect| {
                    Fault::internal(format!("read a table: {}", defect.detail))
                })?)
            }
        };
        Ok(Rule {
            code,
            name: self.name.into(),
            position: self.position,
            when: When {
                pools: pools(&self.pools)?,
                plans: self.plans,
                days: self.days.map(|(first, end)| Stay::new(Day(first), Day(end))),
                weekdays: Weekdays::of(&self.weekdays),
                nights: bounds(self.nights),
                lead_days: bounds(self.lead_days),
                promo: self.promo,
            },
            effect,
            limits_minor: bounds(self.limits),
        })
    }
}

impl From<&GuestRates> for StoredGuests {
    fn from(rates: &GuestRates) -> StoredGuests {
        let band = |band: &AgeBand| (band.age_max, band.amount_minor, band.needs_bed);
        StoredGuests {
            adults: rates.adults_included,
            extra_adult: rates.extra_adult_minor,
            fewer_adult: rates.fewer_adult_minor,
            beds: rates.beds_included,
            extra_bed: rates.extra_bed_minor,
            children: rates.children.iter().map(band).collect(),
        }
    }
}

impl StoredGuests {
    fn rates(self) -> GuestRates {
        let band =
            |(age_max, amount_minor, needs_bed)| AgeBand { age_max, amount_minor, needs_bed };
        GuestRates {
            adults_included: self.adults,
            extra_adult_minor: self.extra_adult,
            fewer_adult_minor: self.fewer_adult,
            beds_included: self.beds,
            extra_bed_minor: self.extra_bed,
            children: self.children.into_iter().map(band).collect(),
        }
    }
}

impl From<Collected> for StoredCollected {
    fn from(collected: Collected) -> StoredCollected {
        match collected {
            Collected::OnTop => StoredCollected::OnTop,
            Collected::Included => StoredCollected::Included,
            Collected::AtProperty => StoredCollected::AtProperty,
        }
    }
}

impl From<StoredCollected> for Collected {
    fn from(stored: StoredCollected) -> Collected {
        match stored {
            StoredCollected::OnTop => Collected::OnTop,
            StoredCollected::Included => Collected::Included,
            StoredCollected::AtProperty => Collected::AtProperty,
        }
    }
}

impl From<&Levy> for StoredLevy {
    fn from(levy: &Levy) -> StoredLevy {
        StoredLevy {
            name: levy.name.clone(),
            is_fee: levy.kind == LevyKind::Fee,
            amount: match levy.amount {
                LevyAmount::Percent { bp } => StoredLevyAmount::Percent(bp),
                LevyAmount::Fixed { minor, per } => match per {
                    Per::Stay => StoredLevyAmount::PerStay(minor),
                    Per::Night => StoredLevyAmount::PerNight(minor),
                    Per::Person => StoredLevyAmount::PerPerson(minor),
                    Per::PersonNight => StoredLevyAmount::PerPersonNight(minor),
                },
            },
            collected: levy.collected.into(),
            age_min: levy.age_min,
            nights_max: levy.nights_max,
        }
    }
}

impl StoredLevy {
    fn levy(self, code: String) -> Levy {
        let fixed = |minor, per| LevyAmount::Fixed { minor, per };
        Levy {
            code,
            name: self.name,
            kind: if self.is_fee { LevyKind::Fee } else { LevyKind::Tax },
            amount: match self.amount {
                StoredLevyAmount::Percent(bp) => LevyAmount::Percent { bp },
                StoredLevyAmount::PerStay(minor) => fixed(minor, Per::Stay),
                StoredLevyAmount::PerNight(minor) => fixed(minor, Per::Night),
                StoredLevyAmount::PerPerson(minor) => fixed(minor, Per::Person),
                StoredLevyAmount::PerPersonNight(minor) => fixed(minor, Per::PersonNight),
            },
            collected: self.collected.into(),
            age_min: self.age_min,
            nights_max: self.nights_max,
        }
    }
}

impl From<&Restriction> for StoredRestriction {
    fn from(own: &Restriction) -> StoredRestriction {
        let pair = |bounds: Bounds| (bounds.min, bounds.max);
        StoredRestriction {
            pools: texts(&own.pools),
            plans: own.plans.clone(),
            days: (own.days.first_day.0, own.days.end_day.0),
            closed: own.closed,
            closed_to_arrival: own.closed_to_arrival,
            closed_to_departure: own.closed_to_departure,
            arrival_nights: pair(own.arrival_nights),
            through_nights: pair(own.through_nights),
            lead_days: pair(own.lead_days),
            lengths: own.lengths.clone(),
            cutoff: own.cutoff_minutes,
            rooms_max: own.rooms_max,
            adults_only: own.adults_only,
            child_age_min: own.child_age_min,
            infants_max: own.infants_max,
        }
    }
}

impl StoredRestriction {
    fn restriction(self, code: String) -> Result<Restriction, Fault> {
        Ok(Restriction {
            code,
            pools: pools(&self.pools)?,
            plans: self.plans,
            days: Stay::new(Day(self.days.0), Day(self.days.1)),
            closed: self.closed,
            closed_to_arrival: self.closed_to_arrival,
            closed_to_departure: self.closed_to_departure,
            arrival_nights: bounds(self.arrival_nights),
            through_nights: bounds(self.through_nights),
            lead_days: bounds(self.lead_days),
            lengths: self.lengths,
            cutoff_minutes: self.cutoff,
            rooms_max: self.rooms_max,
            adults_only: self.adults_only,
            child_age_min: self.child_age_min,
            infants_max: self.infants_max,
        })
    }
}
