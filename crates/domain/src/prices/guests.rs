//! What people add to a price: adults beyond those included, children by age, extra beds, meals.
//! Counted for all units of a line together; more guests never cost less.

use super::Step;
use super::tariff::{AgeBand, GuestRates, RatePlan};
use crate::money::{Currency, Money};

/// The people of one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guests {
    pub adults: i64,
    /// Ages in years.
    pub children: Vec<i64>,
}

/// Shares a party among lines of so many units when nobody says who sleeps where: one adult to
/// every unit in turn, then one child to every unit in turn.
#[must_use]
pub fn share(adults: i64, children: &[i64], units: &[i64]) -> Vec<Guests> {
    let all: i64 = units.iter().fold(0_i64, |sum, units| sum.saturating_add(*units)).max(1);
    let mut lines = Vec::with_capacity(units.len());
    let mut first_unit = 0_i64;
    for own in units {
        // Every unit has the full rounds; the last, broken round goes to the first units.
        let rest = (adults % all).saturating_sub(first_unit).clamp(0, (*own).max(0));
        let adults = (adults / all).saturating_mul(*own).saturating_add(rest);
        let end_unit = first_unit.saturating_add(*own);
        let turn = |at: usize| i64::try_from(at).unwrap_or(i64::MAX) % all;
        let here = |at: usize| first_unit <= turn(at) && turn(at) < end_unit;
        let own_children = children.iter().enumerate().filter(|(at, _)| here(*at));
        lines.push(Guests { adults, children: own_children.map(|(_, age)| *age).collect() });
        first_unit = end_unit;
    }
    lines
}

/// What the guests of a line of so many units add on each night. `None` when it is more than money
/// may be.
pub(super) fn steps(
    currency: Currency,
    rates: Option<&GuestRates>,
    plan: Option<&RatePlan>,
    units: i64,
    guests: &Guests,
) -> Option<Vec<Step>> {
    let mut parts = Vec::new();
    if let Some(rates) = rates {
        room(rates, units, guests, &mut parts);
    }
    if let Some(plan) = plan {
        parts.push(("meals of adults", plan.meal_adult_minor, guests.adults));
        let children = i64::try_from(guests.children.len()).unwrap_or(i64::MAX);
        parts.push(("meals of children", plan.meal_child_minor, children));
    }
    let mut steps = Vec::new();
    for (name, amount_minor, count) in parts {
        let money = Money::new(amount_minor, currency).times(count)?;
        if money.minor != 0 {
            steps.push(Step { name: name.into(), bp: 0, amount_minor: money.minor });
        }
    }
    Some(steps)
}

/// Takes back what fewer guests take off beyond the price of the cheapest night: no night costs less
/// than nothing.
pub(super) fn limit(steps: &mut [Step], night_minor: i64) {
    let sum = steps.iter().fold(0_i64, |sum, step| sum.saturating_add(step.amount_minor));
    let beyond = night_minor.saturating_add(sum).min(0);
    if let Some(less) = steps.iter_mut().find(|step| step.amount_minor < 0) {
        less.amount_minor = less.amount_minor.saturating_sub(beyond);
    }
}

/// An amount, and how often it counts.
type Part = (&'static str, i64, i64);

fn room(rates: &GuestRates, units: i64, guests: &Guests, parts: &mut Vec<Part>) {
    let (mut adults, mut beds) = (guests.adults, 0_i64);
    for age in &guests.children {
        match band(rates, *age) {
            Some(band) => {
                parts.push(("child", band.amount_minor, 1));
                beds += i64::from(band.needs_bed);
            }
            None if rates.children.is_empty() => {}
            None => adults = adults.saturating_add(1),
        }
    }
    let included = rates.adults_included.saturating_mul(units);
    let extra = adults.saturating_sub(included).max(0);
    // An empty unit costs what it costs with one adult.
    let fewer = included.saturating_sub(adults.max(units)).max(0);
    let sleepers = adults.saturating_add(beds);
    let extra_beds = sleepers.saturating_sub(rates.beds_included.saturating_mul(units)).max(0);
    parts.push(("extra adult", rates.extra_adult_minor, extra));
    parts.push(("fewer adults", rates.fewer_adult_minor.saturating_neg(), fewer));
    parts.push(("extra bed", rates.extra_bed_minor, extra_beds));
}

fn band(rates: &GuestRates, age: i64) -> Option<&AgeBand> {
    rates.children.iter().find(|band| age <= band.age_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates() -> GuestRates {
        let band = |age_max, amount_minor, needs_bed| AgeBand { age_max, amount_minor, needs_bed };
        GuestRates {
            adults_included: 2,
            extra_adult_minor: 3_000,
            fewer_adult_minor: 1_000,
            beds_included: 2,
            extra_bed_minor: 500,
            children: vec![band(2, 0, false), band(11, 1_200, true)],
        }
    }

    #[track_caller]
    fn check(units: i64, adults: i64, children: &[i64], expected: &str) {
        let guests = Guests { adults, children: children.to_vec() };
        let steps = steps(Currency::EUR, Some(&rates()), None, units, &guests).expect("steps");
        let told = steps.iter().map(|step| format!("{} {}", step.name, step.amount_minor));
        assert_eq!(told.collect::<Vec<_>>().join(", "), expected);
    }

    #[test]
    fn people_beyond_those_included_pay_and_fewer_pay_less() {
        check(1, 2, &[], "");
        check(1, 1, &[], "fewer adults -1000");
        check(1, 3, &[], "extra adult 3000, extra bed 500");
        check(2, 1, &[], "fewer adults -2000");
        check(2, 4, &[], "");
    }

    #[test]
    fn children_pay_by_their_age() {
        check(1, 2, &[1], "");
        check(1, 2, &[2, 3], "child 1200, extra bed 500");
        check(1, 1, &[11], "child 1200, fewer adults -1000");
        check(1, 2, &[12], "extra adult 3000, extra bed 500");
    }

    #[test]
    fn guests_are_dealt_one_by_one() {
        let dealt = |adults, children: &[i64], units: &[i64]| -> Vec<(i64, usize)> {
            let lines = share(adults, children, units);
            lines.iter().map(|line| (line.adults, line.children.len())).collect()
        };
        assert_eq!(dealt(5, &[4, 9], &[1, 1]), [(3, 1), (2, 1)]);
        assert_eq!(dealt(5, &[4, 9], &[2, 1]), [(4, 2), (1, 0)]);
        assert_eq!(dealt(1, &[], &[1, 2]), [(1, 0), (0, 0)]);
        assert_eq!(dealt(7, &[1, 1, 1, 1], &[3]), [(7, 4)]);
    }
}
