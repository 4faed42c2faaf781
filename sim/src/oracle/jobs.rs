//! I12, the other half: nothing outside begins before its claim is durable, an attempt is counted
//! when it is claimed, so that a job which kills its process still comes to its end; and I20: in the
//! end every job is done or waits for a person.

use std::collections::BTreeMap;

use uuid::Uuid;
use vacancy_store::testing::journal::Changes;

use super::{Checked, check};

/// A job waits for a person after ten attempts, not all of which begin; a first one after so many says
/// that it did.
const MANY_ATTEMPTS: i64 = 5;

/// A handler has begun: the job as it was given, and as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub job: Uuid,
    /// Whether it may find that another goes first, which is no attempt.
    pub takes_turns: bool,
    pub attempt: i64,
    pub worker: Option<String>,
    /// State, attempts, worker.
    pub stored: Option<(String, i64, Option<String>)>,
}

#[derive(Debug, Clone, Default)]
pub struct Jobs {
    states: BTreeMap<Uuid, String>,
    /// Attempts that began.
    begun: BTreeMap<Uuid, i64>,
}

/// Whether a job compares a day's payments: their names begin so.
fn compares(job: Uuid) -> bool {
    job.as_u128() >> 64 == 0x7061_795f_636f_6d70
}

impl Jobs {
    pub fn see(&mut self, changes: &Changes) {
        for (id, state, ..) in &changes.jobs {
            self.states.insert(*id, state.clone());
        }
    }

    pub fn begins(&mut self, deed: &Deed) -> Checked {
        let begun = self.begun.entry(deed.job).or_insert(0);
        *begun += 1;
        let Some((state, attempts, worker)) = &deed.stored else {
            return check("I12", false, || format!("a job began that is not there: {deed:?}"));
        };
        // Given up, and put back to work by somebody or with the day: counted anew.
        if MANY_ATTEMPTS < *begun && *attempts == 1 {
            *begun = 1;
        }
        let is_claimed = deed.attempt < *attempts
            || deed.attempt == *attempts && state == "leased" && *worker == deed.worker
            // Its lease ran out behind it, and nobody may try any more.
            || deed.attempt == *attempts && state == "parked"
            // The same, and whoever took it over found that another goes first.
            || deed.takes_turns && deed.attempt == *attempts && state == "waiting";
        check("I12", is_claimed, || format!("a job began before its claim was kept: {deed:?}"))?;
        check("I12", *begun <= *attempts || deed.takes_turns && 0 < deed.attempt, || {
            format!("attempt {begun} began, the store has counted {attempts}: {deed:?}")
        })
    }

    /// How often a job has begun.
    #[must_use]
    pub fn begun(&self, job: Uuid) -> i64 {
        self.begun.get(&job).copied().unwrap_or(0)
    }

    pub fn at_rest(&self) -> Checked {
        let is_open = |(_, state): &(&Uuid, &String)| !matches!(state.as_str(), "done" | "parked");
        let open = || self.states.iter().filter(is_open);
        let waits = open().find(|(id, _)| !compares(**id));
        check("I20", waits.is_none(), || format!("a job is left: {waits:?}"))?;
        // Each comparison makes that of the next day: there is always one.
        let comparing = open().count();
        check("I20", comparing == 1, || format!("{comparing} comparisons wait"))
    }

    /// Days that were compared.
    #[must_use]
    pub fn compared_count(&self) -> u64 {
        let is_done = |(id, state): &(&Uuid, &String)| compares(**id) && *state == "done";
        self.states.iter().filter(is_done).count() as u64
    }

    #[must_use]
    pub fn done_count(&self) -> u64 {
        self.states.values().filter(|state| *state == "done").count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule that a first or later beginning breaks.
    fn begins(
        jobs: &mut Jobs,
        takes_turns: bool,
        state: &str,
        attempts: i64,
    ) -> Option<&'static str> {
        let worker = Some("worker".to_owned());
        let by = if state == "leased" { worker.clone() } else { None };
        let deed = Deed {
            job: Uuid::from_u128(1),
            takes_turns,
            attempt: 1,
            worker,
            stored: Some((state.to_owned(), attempts, by)),
        };
        jobs.begins(&deed).err().map(|violation| violation.rule)
    }

    #[test]
    fn a_job_begins_when_its_claim_is_kept() {
        for (takes_turns, state, attempts, rule) in [
            (false, "leased", 1, None),
            (false, "leased", 0, Some("I12")),
            (false, "waiting", 1, Some("I12")),
            (false, "waiting", 0, Some("I12")),
            // Its lease ran out, and whoever took it over put it off or gave it up.
            (true, "waiting", 1, None),
            (true, "waiting", 0, Some("I12")),
            (false, "parked", 1, None),
        ] {
            let told = begins(&mut Jobs::default(), takes_turns, state, attempts);
            assert_eq!(told, rule, "{takes_turns} {state} {attempts}");
        }
    }

    #[test]
    fn attempts_are_counted_anew_only_behind_many() {
        let mut jobs = Jobs::default();
        assert_eq!(begins(&mut jobs, false, "leased", 1), None);
        assert_eq!(begins(&mut jobs, false, "leased", 1), Some("I12"), "twice on one claim");
        for attempts in 3..=MANY_ATTEMPTS + 1 {
            assert_eq!(begins(&mut jobs, false, "parked", attempts), None);
        }
        assert_eq!(begins(&mut jobs, false, "leased", 1), None, "somebody put it back to work");
        assert_eq!(begins(&mut jobs, false, "leased", 1), Some("I12"));
    }
}
