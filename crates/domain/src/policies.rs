//! Cancellation policies: what the end of a booking costs its guest, by how long before check-in it
//! comes, and what it costs not to come. What was agreed is frozen into a price as instants and
//! amounts, so that no later change of a policy, a clock or a check-in time moves it.

use crate::deposits::{self, AgreedDeposit, Deposit};
use crate::hotels::{Checks, Defect, NAME_CHARS_MAX, Wrong, is_room_type_code};
use crate::money::{Money, WHOLE_BP};
use crate::prices::tariff::{PLAN_DEPTH_MAX, RATE_MINOR_MAX, Tariff};
use crate::prices::{Price, Terms};
use crate::stays::STAY_ADVANCE_DAYS_MAX;

pub const POLICIES_MAX: usize = 30;
/// Most steps of one policy.
pub const POLICY_STEPS_MAX: usize = 10;
/// Longest time before check-in that a step may name, in hours.
pub const POLICY_HOURS_MAX: i64 = 24 * STAY_ADVANCE_DAYS_MAX;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// What a business demands when a guest cancels or does not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub code: String,
    pub name: String,
    /// Holds for the standard rate, and for plans that name none.
    pub is_standard: bool,
    /// From far before check-in to close before it. Before the first one a guest cancels for
    /// nothing.
    pub steps: Vec<PolicyStep>,
    pub no_show: Fee,
    /// What is paid to book; all when there is none.
    pub deposit: Option<Deposit>,
}

/// What a cancellation costs from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyStep {
    /// Elapsed hours before the instant of check-in; `None`: from the booking on.
    pub hours_before: Option<i64>,
    pub fee: Fee,
}

/// How much of a booking's total the business keeps. Never more than the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fee {
    Nothing,
    Percent {
        bp: i64,
    },
    /// The first night of all rooms with its share of taxes and fees.
    FirstNight,
    Fixed {
        minor: i64,
    },
    All,
}

/// A policy as it was agreed for one price.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cancellation {
    pub policy: String,
    pub name: String,
    /// In the order of time. Before the first one nothing is due.
    pub steps: Vec<DueFrom>,
    pub no_show_minor: i64,
    /// What was due when the dates were changed stays due: nobody escapes a fee by moving first.
    pub floor_minor: i64,
    /// What is kept, once the booking has ended before its stay.
    pub kept_minor: Option<i64>,
    /// What went back for that, once it has.
    pub back_minor: Option<i64>,
    /// What was paid to book, and when the rest is; all at once when there is none.
    pub deposit: Option<AgreedDeposit>,
}

/// What a cancellation costs from an instant on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueFrom {
    /// `None`: from the booking on.
    pub from_ms: Option<i64>,
    pub amount_minor: i64,
}

impl Cancellation {
    /// What a cancellation at an instant costs.
    #[must_use]
    pub fn due_minor(&self, now_ms: i64) -> i64 {
        let begun = |step: &&DueFrom| step.from_ms.is_none_or(|from_ms| from_ms <= now_ms);
        let last = self.steps.iter().rev().find(begun);
        last.map_or(0, |step| step.amount_minor).max(self.floor_minor)
    }

    /// From each instant on, what a cancellation costs; the first entry is from the booking on.
    #[must_use]
    pub fn timeline(&self) -> Vec<(Option<i64>, i64)> {
        let mut moments = vec![(None, self.floor_minor)];
        for step in &self.steps {
            let amount_minor = step.amount_minor.max(self.floor_minor);
            match (step.from_ms, moments.last_mut()) {
                (None, Some(first)) => first.1 = amount_minor,
                (from_ms, _) => moments.push((from_ms, amount_minor)),
            }
        }
        moments
    }

    /// The last instant before which a cancellation costs nothing; `None`: it costs from the booking
    /// on, or never.
    #[must_use]
    pub fn free_until_ms(&self) -> Option<i64> {
        let costs = |step: &&DueFrom| 0 < step.amount_minor;
        let first = self.steps.iter().find(costs).filter(|_| self.floor_minor == 0);
        first.and_then(|step| step.from_ms)
    }
}

/// The policy of these terms: the plan's own, the next parent's that has one, else the standard one.
#[must_use]
pub fn of_terms<'a>(tariff: &'a Tariff, terms: &Terms) -> Option<&'a Policy> {
    let mut next = terms.plan.as_deref();
    for _ in 0..PLAN_DEPTH_MAX {
        let Some(code) = next else { break };
        let Some(plan) = tariff.plans.iter().find(|plan| plan.code == code) else { break };
        if let Some(own) = &plan.policy {
            return tariff.policies.iter().find(|policy| policy.code == *own);
        }
        next = plan.parent.as_deref();
    }
    tariff.policies.iter().find(|policy| policy.is_standard)
}

/// A policy for one price and the instant of its check-in.
#[must_use]
pub fn agree(policy: &Policy, price: &Price, check_in_ms: i64) -> Cancellation {
    let step = |step: &PolicyStep| DueFrom {
        from_ms: step.hours_before.map(|hours| before(check_in_ms, hours)),
        amount_minor: amount_minor(step.fee, price),
    };
    Cancellation {
        policy: policy.code.clone(),
        name: policy.name.clone(),
        steps: policy.steps.iter().map(step).collect(),
        no_show_minor: amount_minor(policy.no_show, price),
        floor_minor: 0,
        kept_minor: None,
        back_minor: None,
        deposit: policy.deposit.and_then(|deposit| deposits::agree(deposit, price, check_in_ms)),
    }
}

/// What a change of dates at an instant leaves of the old agreement in the new one.
#[must_use]
pub fn carry_over(
    old: Option<&Cancellation>,
    new: Option<Cancellation>,
    now_ms: i64,
) -> Option<Cancellation> {
    let floor_minor = old.map_or(0, |old| old.due_minor(now_ms));
    if floor_minor == 0 {
        return new;
    }
    let new = new.unwrap_or_else(|| old.cloned().map(without_steps).unwrap_or_default());
    let no_show_minor = new.no_show_minor.max(floor_minor);
    Some(Cancellation { floor_minor, no_show_minor, ..new })
}

/// Whether at some instant, or for a guest who does not come, one agreement costs more than another,
/// or more of it or earlier. None costs nothing to cancel and everything not to come.
#[must_use]
pub fn is_worse(new: Option<&Cancellation>, old: Option<&Cancellation>) -> bool {
    let due = |agreed: Option<&Cancellation>, at_ms| agreed.map_or(0, |own| own.due_minor(at_ms));
    let instants = |agreed: Option<&Cancellation>| -> Vec<i64> {
        let steps = agreed.map(|own| own.steps.as_slice()).unwrap_or_default();
        steps.iter().map(|step| step.from_ms.unwrap_or(i64::MIN)).collect()
    };
    let mut looked = [vec![i64::MIN], instants(new), instants(old)].concat().into_iter();
    let no_show = |agreed: Option<&Cancellation>| agreed.map_or(i64::MAX, |own| own.no_show_minor);
    let is_dearer = no_show(old) < no_show(new) || deposits::is_worse(new, old);
    is_dearer || looked.any(|at_ms| due(old, at_ms) < due(new, at_ms))
}

fn without_steps(old: Cancellation) -> Cancellation {
    Cancellation { steps: Vec::new(), ..old }
}

pub(crate) fn before(check_in_ms: i64, hours: i64) -> i64 {
    check_in_ms.saturating_sub(hours.saturating_mul(HOUR_MS))
}

pub(crate) fn amount_minor(fee: Fee, price: &Price) -> i64 {
    let total = price.total();
    let share = |share: i64, whole: i64| total.part(share, whole).unwrap_or(total).minor;
    let minor = match fee {
        Fee::Nothing => 0,
        Fee::Percent { bp } => share(bp, WHOLE_BP),
        Fee::FirstNight => share(first_night_minor(price), price.subtotal_minor.max(1)),
        Fee::Fixed { minor } => minor,
        Fee::All => total.minor,
    };
    minor.clamp(0, total.minor.max(0))
}

/// The first night of all units with their guests, before taxes and fees.
fn first_night_minor(price: &Price) -> i64 {
    let first = price.lines.iter().filter_map(|line| line.nights.first()).map(|night| night.day);
    let Some(day) = first.min() else { return 0 };
    let on_it = price.lines.iter().filter_map(|line| {
        let night = line.nights.first().filter(|night| night.day == day)?;
        let money = Money::new(night.amount_minor, price.currency).times(line.units)?;
        let guests =
            line.guests.iter().fold(0_i64, |sum, step| sum.saturating_add(step.amount_minor));
        Some(money.minor.saturating_add(guests))
    });
    on_it.fold(0_i64, i64::saturating_add)
}

/// What is wrong with a policy among the others of its hotel. Empty: nothing.
#[must_use]
pub fn check(policy: &Policy, others: &[Policy]) -> Vec<Defect> {
    let mut checks = Checks::default();
    if !is_room_type_code(&policy.code) {
        checks.add("code", Wrong::Malformed);
    }
    checks.name("name", &policy.name, NAME_CHARS_MAX);
    if POLICY_STEPS_MAX < policy.steps.len() {
        checks.add("steps", Wrong::TooMany { count_max: POLICY_STEPS_MAX });
    }
    for step in &policy.steps {
        checks.range("steps", step.hours_before.unwrap_or(0), (0, POLICY_HOURS_MAX));
        fee(&mut checks, "steps", step.fee);
    }
    fee(&mut checks, "noShow", policy.no_show);
    if let Some(deposit) = policy.deposit {
        deposits::check(&mut checks, deposit);
    }
    let far = |step: &PolicyStep| step.hours_before.unwrap_or(i64::MAX);
    if policy.steps.windows(2).any(|pair| far(&pair[0]) <= far(&pair[1])) {
        checks.add("steps", Wrong::Malformed);
    }
    let mut others = others.iter().filter(|other| other.code != policy.code);
    if policy.is_standard && others.any(|other| other.is_standard) {
        checks.add("isStandard", Wrong::Taken);
    }
    checks.defects
}

pub(crate) fn fee(checks: &mut Checks, field: &'static str, fee: Fee) {
    match fee {
        Fee::Percent { bp } => checks.range(field, bp, (0, WHOLE_BP)),
        Fee::Fixed { minor } => checks.range(field, minor, (0, RATE_MINOR_MAX)),
        Fee::Nothing | Fee::FirstNight | Fee::All => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::ids::{LineId, PoolId};
    use crate::ledger::Line;
    use crate::money::Currency;
    use crate::prices::{self, Rates, Sale};
    use crate::stays::{Day, Stay};
    use crate::zones::instant_ms;

    /// Two nights of two units at 100.00 each and 6 % tax: 424.00.
    fn price(first_day: Day) -> Price {
        let rates = Rates {
            currency: Currency::EUR,
            base_minor: BTreeMap::from([(PoolId(1), 10_000)]),
            ranges: Vec::new(),
            tax_bp: 600,
            tariff: Arc::default(),
        };
        let stay = Stay::new(first_day, first_day.plus(2));
        let line = Line { id: LineId(1), pool: PoolId(1), stay, units: 2 };
        prices::price(&[line], &rates, &Sale::plain(first_day)).expect("a price")
    }

    fn policy(steps: &[(Option<i64>, Fee)], no_show: Fee) -> Policy {
        let step = |(hours_before, fee): &(Option<i64>, Fee)| PolicyStep {
            hours_before: *hours_before,
            fee: *fee,
        };
        Policy {
            code: "FLEX".to_owned(),
            name: "Flexible".to_owned(),
            is_standard: true,
            steps: steps.iter().map(step).collect(),
            no_show,
            deposit: None,
        }
    }

    #[test]
    fn every_fee_is_a_part_of_the_total_with_taxes() {
        let price = price(Day(100));
        for (fee, expected) in [
            (Fee::Nothing, 0),
            (Fee::Percent { bp: 3_333 }, 14_132), // 14131.92
            (Fee::FirstNight, 21_200),
            (Fee::Fixed { minor: 5_000 }, 5_000),
            (Fee::Fixed { minor: 99_999 }, 42_400),
            (Fee::All, 42_400),
        ] {
            assert_eq!(amount_minor(fee, &price), expected, "{fee:?}");
        }
    }

    #[test]
    fn a_guest_cancels_for_nothing_until_the_very_instant() {
        let own = policy(&[(Some(48), Fee::FirstNight), (Some(24), Fee::All)], Fee::All);
        let agreed = agree(&own, &price(Day(100)), 1_000 * HOUR_MS);
        assert_eq!(agreed.free_until_ms(), Some(952 * HOUR_MS));
        let due = |now_ms| agreed.due_minor(now_ms);
        assert_eq!(due(952 * HOUR_MS - 1), 0);
        assert_eq!(due(952 * HOUR_MS), 21_200);
        assert_eq!(due(976 * HOUR_MS - 1), 21_200);
        assert_eq!(due(976 * HOUR_MS), 42_400);
        assert_eq!(due(2_000 * HOUR_MS), 42_400);
    }

    #[test]
    fn hours_before_check_in_are_elapsed_ones_when_the_clocks_change() {
        // Clocks in Lisbon go forward in the night to 2027-03-28.
        let arrival: Day = "2027-03-28".parse().expect("a day");
        let check_in_ms = instant_ms(arrival, 15 * 60, "Europe/Lisbon").expect("an instant");
        let own = policy(&[(Some(24), Fee::All)], Fee::All);
        let agreed = agree(&own, &price(arrival), check_in_ms);
        let a_day_before = instant_ms(arrival.plus(-1), 14 * 60, "Europe/Lisbon");
        assert_eq!(agreed.free_until_ms(), a_day_before.ok());
    }

    #[test]
    fn what_cannot_be_refunded_costs_from_the_booking_on() {
        let agreed = agree(&policy(&[(None, Fee::All)], Fee::All), &price(Day(100)), 0);
        assert_eq!((agreed.free_until_ms(), agreed.due_minor(i64::MIN)), (None, 42_400));
    }

    #[test]
    fn a_change_of_dates_takes_no_fee_away() {
        let own = policy(&[(Some(48), Fee::FirstNight)], Fee::All);
        let old = agree(&own, &price(Day(100)), 100 * HOUR_MS);
        let new = agree(&own, &price(Day(200)), 2_500 * HOUR_MS);
        let late = carry_over(Some(&old), Some(new.clone()), 60 * HOUR_MS).expect("one");
        assert_eq!((late.due_minor(0), late.free_until_ms()), (21_200, None));
        assert_eq!(carry_over(Some(&old), Some(new.clone()), 0), Some(new));
        let bare = carry_over(Some(&old), None, 60 * HOUR_MS).expect("one");
        assert_eq!(bare.due_minor(0), 21_200);
    }

    #[test]
    fn a_policy_names_its_defects() {
        let fields = |policy: &Policy, others: &[Policy]| -> Vec<&'static str> {
            check(policy, others).iter().map(|defect| defect.field).collect()
        };
        let sound = policy(&[(None, Fee::Nothing), (Some(24), Fee::All)], Fee::All);
        assert!(fields(&sound, std::slice::from_ref(&sound)).is_empty());
        let other = Policy { code: "OTHER".to_owned(), ..sound.clone() };
        assert_eq!(fields(&sound, &[other]), ["isStandard"]);
        let backwards = policy(&[(Some(24), Fee::All), (Some(48), Fee::All)], Fee::All);
        assert_eq!(fields(&backwards, &[]), ["steps"]);
        let much = policy(&[(Some(24), Fee::Percent { bp: 10_001 })], Fee::Fixed { minor: -1 });
        assert_eq!(fields(&much, &[]), ["steps", "noShow"]);
    }
}
