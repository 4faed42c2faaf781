//! A broken seed made small: steps, kinds of faults and orders are left out as long as the same
//! rule stays broken.

use crate::oracle::Violation;
use crate::profile::FAULTS;
use crate::world::{Ended, Nursery, Plan};

/// Lives that a shrinking may take.
const LIVES_MAX: usize = 2_000;

/// What is left of a broken plan.
#[derive(Debug)]
pub struct Shrunk {
    pub plan: Plan,
    pub ended: Ended,
    /// Kinds of faults that it does not need.
    pub faults_left_out: Vec<&'static str>,
    pub lives_count: usize,
}

struct Shrinker<'n> {
    nursery: &'n Nursery,
    rule: &'static str,
    best: Plan,
    ended: Ended,
    lives_count: usize,
}

/// Makes a plan that breaks a rule as small as it gets; `None` when it breaks none.
#[must_use]
pub fn shrink(nursery: &Nursery, plan: &Plan) -> Option<Shrunk> {
    let ended = nursery.live(plan);
    let (_, Violation { rule, .. }) = ended.violation.clone()?;
    let mut shrinker = Shrinker { nursery, rule, best: plan.clone(), ended, lives_count: 1 };
    shrinker.drop_steps();
    let faults_left_out = shrinker.drop_faults();
    shrinker.drop_orders();
    let mut plan = shrinker.best.clone();
    plan.keeps_log = true;
    let ended = nursery.live(&plan);
    let lives_count = shrinker.lives_count;
    Some(Shrunk { plan, ended, faults_left_out, lives_count })
}

impl Shrinker<'_> {
    /// Takes the plan if it still breaks the same rule.
    fn takes(&mut self, plan: Plan) -> bool {
        if LIVES_MAX <= self.lives_count {
            return false;
        }
        self.lives_count += 1;
        let ended = self.nursery.live(&plan);
        let is_same =
            ended.violation.as_ref().is_some_and(|(_, violation)| violation.rule == self.rule);
        if is_same {
            (self.best, self.ended) = (plan, ended);
        }
        is_same
    }

    fn drop_steps(&mut self) {
        if let Some((at, _)) = self.ended.violation {
            let steps = (at + 1).min(self.best.steps);
            self.takes(Plan { steps, ..self.best.clone() });
        }
    }

    fn drop_faults(&mut self) -> Vec<&'static str> {
        let mut left_out = Vec::new();
        for (name, switch_off) in FAULTS {
            let mut plan = self.best.clone();
            switch_off(&mut plan.profile);
            if plan == self.best || self.takes(plan) {
                left_out.push(name);
            }
        }
        left_out
    }

    /// All orders of a step, then each alone.
    fn drop_orders(&mut self) {
        for at in 0..self.best.steps {
            let count = self.ended.orders.get(usize::try_from(at).unwrap_or(0)).copied();
            let orders: Vec<(i64, i64)> =
                (0..count.unwrap_or(0)).map(|order| (at, order)).collect();
            let mut plan = self.best.clone();
            plan.left_out.extend(&orders);
            if self.takes(plan) {
                continue;
            }
            for order in orders {
                let mut plan = self.best.clone();
                if plan.left_out.insert(order) {
                    self.takes(plan);
                }
            }
        }
    }
}

#[cfg(all(test, feature = "mutants"))]
mod tests {
    use vacancy_domain::guards::{self, Guard};

    use super::*;

    #[test]
    fn a_broken_seed_is_made_small_and_breaks_the_same_rule() {
        let _off = guards::off(&[Guard::FreedOnce]);
        let nursery = Nursery::open().expect("a store in memory opens");
        let whole = nursery.live(&Plan::of(2));
        let (_, violation) = whole.violation.expect("what is freed twice is missed");
        let shrunk = shrink(&nursery, &Plan::of(2)).expect("it breaks again");
        let (_, again) = shrunk.ended.violation.clone().expect("it breaks in the end");
        assert_eq!(again.rule, violation.rule);
        let kept = |ended: &Ended| ended.orders.iter().sum::<i64>();
        let left_out = i64::try_from(shrunk.plan.left_out.len()).unwrap_or(0);
        let left = kept(&shrunk.ended) - left_out;
        assert!(left < 10, "{left} orders are left");
        assert!(!shrunk.ended.log.is_empty(), "and each of them is told");
    }
}
