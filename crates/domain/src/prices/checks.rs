//! What is wrong with a part of a tariff, field by field. A tariff that passes has no cycle, and no
//! number that its prices could not bear.

use super::learned::{DEMAND_STEPS_MAX, DemandStep, FACTOR_BP_MAX};
use super::restrictions::{LENGTHS_MAX, Restriction};
use super::tariff::{
    Bounds, CHANGE_BP_MAX, Effect, GuestRates, Levy, LevyAmount, Offset, PLAN_DEPTH_MAX,
    RATE_MINOR_MAX, RatePlan, Rule, TAX_BP_MAX,
};
use crate::holds::LINE_UNITS_MAX;
use crate::hotels::{
    Checks, DAY_MINUTES, Defect, NAME_CHARS_MAX, ROOM_GUESTS_MAX, Wrong, is_room_type_code,
};
use crate::money::WHOLE_BP;
use crate::stays::{STAY_ADVANCE_DAYS_MAX, STAY_NIGHTS_MAX};

const AGE_MAX: i64 = 120;
pub const POSITION_MAX: i64 = 1_000_000;
pub const AGE_BANDS_MAX: usize = 18;

/// What is wrong with a plan among the other plans of its hotel. Empty: nothing.
#[must_use]
pub fn plan(plan: &RatePlan, others: &[RatePlan]) -> Vec<Defect> {
    let mut checks = Checks::default();
    head(&mut checks, &plan.code, &plan.name);
    offset(&mut checks, plan.offset);
    checks.range("mealAdult", plan.meal_adult_minor, (0, RATE_MINOR_MAX));
    checks.range("mealChild", plan.meal_child_minor, (0, RATE_MINOR_MAX));
    let find = |code: &str| match code == plan.code {
        true => Some(plan),
        false => others.iter().find(|other| other.code == code),
    };
    let mut at = plan;
    let mut depth = 1;
    while let Some(parent) = at.parent.as_deref() {
        if parent == plan.code {
            checks.add("parent", Wrong::Cycle);
            break;
        }
        let Some(next) = find(parent) else {
            checks.add("parent", Wrong::Unknown);
            break;
        };
        depth += 1;
        if PLAN_DEPTH_MAX < depth {
            checks.add("parent", Wrong::TooMany { count_max: PLAN_DEPTH_MAX });
            break;
        }
        at = next;
    }
    // Plans below must not become too deep either.
    let below = others.iter().filter(|other| other.code != plan.code);
    let too_deep = below.into_iter().any(|other| PLAN_DEPTH_MAX < depth_with(other, plan, others));
    if too_deep && checks.defects.is_empty() {
        checks.add("parent", Wrong::TooMany { count_max: PLAN_DEPTH_MAX });
    }
    checks.defects
}

/// How many plans stand between `from` and the standard rate, itself counted, once `new` is in.
fn depth_with(from: &RatePlan, new: &RatePlan, others: &[RatePlan]) -> usize {
    let (mut at, mut depth) = (from, 1);
    while let Some(parent) = at.parent.as_deref() {
        let next = match parent == new.code {
            true => Some(new),
            false => others.iter().find(|other| other.code == parent),
        };
        let Some(next) = next.filter(|_| depth <= PLAN_DEPTH_MAX) else { break };
        depth += 1;
        at = next;
    }
    depth
}

/// What is wrong with a rule. Empty: nothing.
#[must_use]
pub fn rule(rule: &Rule) -> Vec<Defect> {
    let mut checks = Checks::default();
    head(&mut checks, &rule.code, &rule.name);
    checks.range("position", rule.position, (0, POSITION_MAX));
    bounds(&mut checks, ("nightsMin", "nightsMax"), rule.when.nights, STAY_NIGHTS_MAX);
    let lead_days = rule.when.lead_days;
    bounds(&mut checks, ("leadDaysMin", "leadDaysMax"), lead_days, STAY_ADVANCE_DAYS_MAX);
    bounds(&mut checks, ("floor", "ceiling"), rule.limits_minor, RATE_MINOR_MAX);
    if rule.when.days.is_some_and(|days| days.nights() < 1) {
        checks.add("to", Wrong::Malformed);
    }
    if rule.when.promo.as_deref().is_some_and(|promo| !is_room_type_code(promo)) {
        checks.add("promoCode", Wrong::Malformed);
    }
    match &rule.effect {
        Effect::Offset(change) => offset(&mut checks, *change),
        Effect::Demand(steps) => demand(&mut checks, steps),
        Effect::Round { to_minor } => checks.range("roundTo", *to_minor, (1, RATE_MINOR_MAX)),
        // A table is sound from the moment it is read.
        Effect::Learned(_) => {}
    }
    checks.defects
}

fn demand(checks: &mut Checks, steps: &[DemandStep]) {
    if steps.is_empty() {
        checks.add("demandSteps", Wrong::Missing);
    }
    if DEMAND_STEPS_MAX < steps.len() {
        checks.add("demandSteps", Wrong::TooMany { count_max: DEMAND_STEPS_MAX });
    }
    for step in steps {
        checks.range("demandSteps", step.fill_bp, (0, WHOLE_BP));
        checks.range("demandSteps", step.change_bp, (-WHOLE_BP, FACTOR_BP_MAX - WHOLE_BP));
    }
    if steps.windows(2).any(|pair| pair[1].fill_bp <= pair[0].fill_bp) {
        checks.add("demandSteps", Wrong::Malformed);
    }
}

/// What is wrong with what guests cost. Empty: nothing.
#[must_use]
pub fn guests(rates: &GuestRates) -> Vec<Defect> {
    let mut checks = Checks::default();
    checks.range("adultsIncluded", rates.adults_included, (1, ROOM_GUESTS_MAX));
    checks.range("extraAdult", rates.extra_adult_minor, (0, RATE_MINOR_MAX));
    checks.range("fewerAdult", rates.fewer_adult_minor, (0, RATE_MINOR_MAX));
    checks.range("bedsIncluded", rates.beds_included, (1, 2 * ROOM_GUESTS_MAX));
    checks.range("extraBed", rates.extra_bed_minor, (0, RATE_MINOR_MAX));
    if AGE_BANDS_MAX < rates.children.len() {
        checks.add("children", Wrong::TooMany { count_max: AGE_BANDS_MAX });
    }
    for band in &rates.children {
        checks.range("children", band.age_max, (0, AGE_MAX));
        checks.range("children", band.amount_minor, (0, RATE_MINOR_MAX));
    }
    if rates.children.windows(2).any(|pair| pair[1].age_max <= pair[0].age_max) {
        checks.add("children", Wrong::Malformed);
    }
    checks.defects
}

/// What is wrong with a tax or a fee. Empty: nothing.
#[must_use]
pub fn levy(levy: &Levy) -> Vec<Defect> {
    let mut checks = Checks::default();
    head(&mut checks, &levy.code, &levy.name);
    match levy.amount {
        LevyAmount::Percent { bp } => checks.range("basisPoints", bp, (0, TAX_BP_MAX)),
        LevyAmount::Fixed { minor, .. } => checks.range("fixedAmount", minor, (0, RATE_MINOR_MAX)),
    }
    checks.range("ageMin", levy.age_min, (0, AGE_MAX));
    checks.range("nightsMax", levy.nights_max.unwrap_or(1), (1, STAY_NIGHTS_MAX));
    checks.defects
}

/// What is wrong with a restriction. Empty: nothing.
#[must_use]
pub fn restriction(restriction: &Restriction) -> Vec<Defect> {
    let mut checks = Checks::default();
    if !is_room_type_code(&restriction.code) {
        checks.add("code", Wrong::Malformed);
    }
    if restriction.days.nights() < 1 {
        checks.add("to", Wrong::Malformed);
    }
    let stay = ("stayNightsMin", "stayNightsMax");
    bounds(&mut checks, stay, restriction.arrival_nights, STAY_NIGHTS_MAX);
    let through = ("throughNightsMin", "throughNightsMax");
    bounds(&mut checks, through, restriction.through_nights, STAY_NIGHTS_MAX);
    let advance = ("advanceDaysMin", "advanceDaysMax");
    bounds(&mut checks, advance, restriction.lead_days, STAY_ADVANCE_DAYS_MAX);
    if LENGTHS_MAX < restriction.lengths.len() {
        checks.add("stayNights", Wrong::TooMany { count_max: LENGTHS_MAX });
    }
    for nights in &restriction.lengths {
        checks.range("stayNights", *nights, (1, STAY_NIGHTS_MAX));
    }
    let mut bound = |field, value: Option<i64>, most| {
        checks.range(field, value.unwrap_or(0), (0, most));
    };
    bound("sameDayUntil", restriction.cutoff_minutes, DAY_MINUTES - 1);
    bound("roomsMax", restriction.rooms_max, LINE_UNITS_MAX);
    bound("childAgeMin", restriction.child_age_min, AGE_MAX);
    bound("infantsMax", restriction.infants_max, ROOM_GUESTS_MAX);
    checks.defects
}

fn head(checks: &mut Checks, code: &str, name: &str) {
    if !is_room_type_code(code) {
        checks.add("code", Wrong::Malformed);
    }
    checks.name("name", name, NAME_CHARS_MAX);
}

fn offset(checks: &mut Checks, offset: Offset) {
    match offset {
        Offset::Percent { bp } => checks.range("changeBp", bp, (-WHOLE_BP, CHANGE_BP_MAX)),
        Offset::Amount { minor } => {
            checks.range("change", minor, (-RATE_MINOR_MAX, RATE_MINOR_MAX))
        }
    }
}

fn bounds(
    checks: &mut Checks,
    (low, high): (&'static str, &'static str),
    bounds: Bounds,
    most: i64,
) {
    checks.range(low, bounds.min.unwrap_or(0), (0, most));
    checks.range(high, bounds.max.unwrap_or(0), (0, most));
    if bounds.max.is_some_and(|max| bounds.min.is_some_and(|min| max < min)) {
        checks.add(high, Wrong::Malformed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prices::tariff::Meals;

    fn plan_of(code: &str, parent: Option<&str>) -> RatePlan {
        RatePlan {
            code: code.into(),
            name: code.into(),
            parent: parent.map(str::to_owned),
            offset: Offset::Percent { bp: -1_000 },
            meals: Meals::None,
            meal_adult_minor: 0,
            meal_child_minor: 0,
            pools: Vec::new(),
            policy: None,
        }
    }

    #[track_caller]
    fn check(new: (&str, Option<&str>), others: &[(&str, Option<&str>)], code: Option<&str>) {
        let others: Vec<RatePlan> =
            others.iter().map(|(code, parent)| plan_of(code, *parent)).collect();
        let defects = plan(&plan_of(new.0, new.1), &others);
        assert_eq!(defects.first().map(|defect| defect.wrong.code()), code, "{defects:?}");
    }

    #[test]
    fn a_plan_never_descends_from_itself() {
        check(("A", None), &[], None);
        check(("A", Some("A")), &[], Some("cycle"));
        check(("A", Some("B")), &[("A", None), ("B", Some("A"))], Some("cycle"));
        check(("A", Some("C")), &[("A", None), ("B", Some("A")), ("C", Some("B"))], Some("cycle"));
        check(("A", Some("X")), &[("A", None)], Some("unknown"));
    }

    #[test]
    fn a_chain_of_plans_has_an_end() {
        let four = [("A", None), ("B", Some("A")), ("C", Some("B")), ("D", Some("C"))];
        check(("E", Some("D")), &four, None);
        let five = [four.as_slice(), &[("E", Some("D"))]].concat();
        check(("F", Some("E")), &five, Some("too_many"));
        // A new root above five would make six.
        check(("A", Some("R")), &[five.as_slice(), &[("R", None)]].concat(), Some("too_many"));
    }

    #[test]
    fn bounds_that_hold_nothing_are_refused() {
        let mut checks = Checks::default();
        bounds(&mut checks, ("nightsMin", "nightsMax"), Bounds { min: Some(3), max: Some(2) }, 90);
        bounds(&mut checks, ("nightsMin", "nightsMax"), Bounds { min: Some(91), max: None }, 90);
        bounds(&mut checks, ("nightsMin", "nightsMax"), Bounds { min: None, max: Some(-1) }, 90);
        bounds(&mut checks, ("nightsMin", "nightsMax"), Bounds { min: Some(2), max: Some(2) }, 90);
        assert_eq!(checks.defects.len(), 3);
    }
}
