//! The rules, written a second time from their text and not from `domain`: what must hold of the
//! store after every step, whatever happened. One file per group; the numbers are those of the
//! design's list of invariants. It hears what clients were told and sees which rows were written;
//! it never asks the product what it thinks.

pub mod agreed;
pub mod clients;
pub mod jobs;
pub mod locks;
pub mod money;
pub mod news;
#[cfg(test)]
mod samples;
pub mod states;
pub mod stock;
pub mod time;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vacancy_store::testing::journal::{Changes, HoldRow};

use clients::Clients;
use jobs::Jobs;
use money::Money;
use news::News;
use states::States;
use stock::{Asked, Stock};

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub rule: &'static str,
    pub told: String,
}

pub type Checked = Result<(), Violation>;

/// The rule holds, or says what it found.
pub fn check(rule: &'static str, holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Violation { rule, told: what() }) }
}

/// What the world knows of a step beside the rows that were written.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// The store's clock at the beginning and at the end.
    pub from_ms: i64,
    pub to_ms: i64,
    /// Wishes of which "sold out" may be judged.
    pub asked: Vec<Asked>,
    /// Units of an untouched night, by pool.
    pub defaults: BTreeMap<Uuid, i64>,
    /// Pools whose stock somebody set: more may have been sold before it was cut again.
    pub stock_set: BTreeSet<Uuid>,
}

/// What the oracle remembers. A copy of it belongs to an image of the store: who loses the tail of
/// the store is owed no more than was told before.
#[derive(Debug, Clone, Default)]
pub struct Oracle {
    holds: BTreeMap<Uuid, HoldRow>,
    stock: Stock,
    states: States,
    pub clients: Clients,
    pub news: News,
    pub jobs: Jobs,
    pub money: Money,
}

impl Oracle {
    /// Judges the rows that a step has written.
    pub fn judge(&mut self, changes: &Changes, step: &Step) -> Checked {
        check("I6", changes.gone_count == 0, || {
            format!("{} rows are gone that must never go", changes.gone_count)
        })?;
        self.stock.no_undersell(step)?;
        time::judge(changes, &self.holds, &self.states, step)?;
        self.states.judge(changes)?;
        for hold in &changes.holds {
            self.holds.insert(hold.0, hold.clone());
        }
        self.stock.judge(changes, &self.holds, &step.stock_set)?;
        self.news.judge(changes, &self.stock)?;
        self.jobs.see(changes);
        self.clients.judge(changes, &self.holds)
    }

    /// After an image came back that clients know nothing of: whoever was told yes still has it.
    pub fn nothing_told_is_gone(&self) -> Checked {
        self.clients.nothing_told_is_gone(&self.holds)
    }

    /// When all faults have healed and all deadlines have passed, nothing waits any more.
    pub fn at_rest(&self, now_ms: i64) -> Checked {
        self.at_rest_but_for_news(now_ms)?;
        self.news.at_rest()
    }

    /// The same, save that the follower may still be reading.
    pub fn at_rest_but_for_news(&self, now_ms: i64) -> Checked {
        let overdue = self.holds.values().find(|hold| hold.1 == "held" && hold.3 <= now_ms);
        check("I20", overdue.is_none(), || format!("an overdue hold is left: {overdue:?}"))?;
        self.states.at_rest()?;
        self.jobs.at_rest()
    }

    /// How many nights were left oversold, and how many of them healed.
    #[must_use]
    pub fn stock_counts(&self) -> (u64, u64) {
        (self.stock.oversold_count, self.stock.healed_count)
    }
}
