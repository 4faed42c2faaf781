//! Many seeds: two at a time, told in their order, the first broken one ends the run.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use vacancy_store::faults::Fault;

use crate::oracle::Violation;
use crate::situations::Situations;
use crate::world::{Ended, Nursery, Plan};

/// One seed in so many runs twice and must give the same trace.
const TWICE_EVERY: u64 = 100;
/// Results that may wait for an earlier seed.
const WAITING_MAX: usize = 1_000;

/// What a run came to.
#[derive(Debug, Default)]
pub struct Run {
    pub seeds_count: u64,
    pub situations: Situations,
    /// Payments that were begun and followed to their end.
    pub journeys_count: u64,
    /// The first seed that broke a rule.
    pub broken: Option<(u64, Ended)>,
}

/// Lives all seeds, or up to the first that breaks a rule. `plan` says how each is lived.
///
/// # Errors
/// When no store can be opened.
pub fn run(
    seeds: Range<u64>,
    threads: usize,
    plan: &(dyn Fn(u64) -> Plan + Sync),
) -> Result<Run, Fault> {
    let next = AtomicU64::new(seeds.start);
    let end = AtomicU64::new(seeds.end);
    let nurseries: Vec<Nursery> =
        (0..threads.max(1)).map(|_| Nursery::open()).collect::<Result<_, _>>()?;
    let (tell, told) = sync_channel::<(u64, Ended)>(WAITING_MAX);
    Ok(thread::scope(|scope| {
        for nursery in nurseries {
            let (tell, next, end) = (tell.clone(), &next, &end);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if end.load(Ordering::SeqCst) <= seed {
                        return;
                    }
                    let ended = live(&nursery, &plan(seed));
                    if ended.violation.is_some() {
                        // Later seeds need not begin; earlier ones end.
                        end.fetch_min(seed, Ordering::SeqCst);
                    }
                    if tell.send((seed, ended)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        let mut run = Run::default();
        let mut waiting: BTreeMap<u64, Ended> = BTreeMap::new();
        let mut due = seeds.start;
        for (seed, ended) in told {
            waiting.insert(seed, ended);
            while run.broken.is_none()
                && let Some(ended) = waiting.remove(&due)
            {
                run.seeds_count += 1;
                run.situations.absorb(&ended.situations);
                run.journeys_count += ended.journeys_count;
                if ended.violation.is_some() {
                    run.broken = Some((due, ended));
                }
                due += 1;
            }
        }
        run
    }))
}

fn live(nursery: &Nursery, plan: &Plan) -> Ended {
    let mut ended = nursery.live(plan);
    if plan.seed.is_multiple_of(TWICE_EVERY) && ended.violation.is_none() {
        let again = nursery.live(plan);
        if again.trace != ended.trace || again.situations != ended.situations {
            let told = "two lives of one seed are not the same".to_owned();
            ended.violation = Some((plan.steps, Violation { rule: "replay", told }));
        }
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A night was made larger, sold and cut again between two looks of the oracle.
    #[test]
    fn seed_1285_raises_sells_and_cuts_within_a_step() {
        #[cfg(feature = "mutants")]
        let _on = vacancy_domain::guards::all_on();
        let lived = run(1_285..1_286, 1, &Plan::of).expect("stores open");
        assert!(lived.broken.is_none());
    }

    #[test]
    fn a_seed_lives_the_same_life_on_every_store() {
        #[cfg(feature = "mutants")]
        let _on = vacancy_domain::guards::all_on();
        let alone = run(1..4, 1, &Plan::of).expect("stores open");
        let together = run(1..4, 2, &Plan::of).expect("stores open");
        assert_eq!((alone.seeds_count, together.seeds_count), (3, 3));
        assert_eq!(alone.situations, together.situations);
        assert!(alone.broken.is_none() && together.broken.is_none());
    }
}
