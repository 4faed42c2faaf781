//! I4 forward only, I13 history: states move along the graph, ends stay ends, and every change of a
//! reservation is entry 1, 2, 3 … of its history, each with who did it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vacancy_store::testing::journal::Changes;

use super::{Checked, check};

#[derive(Debug, Clone, Default)]
pub struct States {
    holds: BTreeMap<Uuid, String>,
    /// State, and the hold.
    stays: BTreeMap<Uuid, (String, Uuid)>,
    /// Holds that belong to a reservation.
    reserved: BTreeSet<Uuid>,
    /// The last entry of each history: number and state.
    histories: BTreeMap<Uuid, (i64, String)>,
}

impl States {
    pub fn judge(&mut self, changes: &Changes) -> Checked {
        for (id, state, ..) in &changes.holds {
            let before = self.holds.insert(*id, state.clone());
            let before = before.as_deref().unwrap_or("held");
            check("I4", may_follow_hold(before, state), || {
                format!("hold {id} went from {before} to {state}")
            })?;
        }
        for (id, seq, actor, state) in &changes.histories {
            let last = self.histories.get(id).map_or(0, |last| last.0);
            check("I13", *seq == last + 1, || format!("{id} has entry {seq} behind {last}"))?;
            check("I13", !actor.is_empty(), || format!("nobody did entry {seq} of {id}"))?;
            self.histories.insert(*id, (*seq, state.clone()));
        }
        for (id, _, hold, _, state, version) in &changes.reservations {
            self.reserved.insert(*hold);
            let before = self.stays.insert(*id, (state.clone(), *hold));
            let before = before.as_ref().map_or("held", |before| before.0.as_str());
            check("I4", may_follow_stay(before, state), || {
                format!("reservation {id} went from {before} to {state}")
            })?;
            let last = self.histories.get(id);
            let is_told = last.is_some_and(|last| last.0 == *version && last.1 == *state);
            check("I13", is_told, || {
                format!("reservation {id} is {state} at version {version}, its history {last:?}")
            })?;
        }
        Ok(())
    }

    pub fn at_rest(&self) -> Checked {
        let waits = self.stays.iter().find(|(_, stay)| stay.0 == "releasing");
        check("I20", waits.is_none(), || format!("a reservation waits for ever: {waits:?}"))
    }

    #[must_use]
    pub fn is_bare(&self, hold: Uuid) -> bool {
        !self.reserved.contains(&hold)
    }
}

/// Several orders may meet in one step: what is reachable, not only what is next.
fn may_follow_hold(before: &str, after: &str) -> bool {
    match before {
        "held" => true,
        "confirmed" => matches!(after, "confirmed" | "returned"),
        // Money that came late may take the same nights again.
        "expired" => matches!(after, "expired" | "confirmed" | "returned"),
        end => end == after,
    }
}

fn may_follow_stay(before: &str, after: &str) -> bool {
    let is_after_confirmed =
        matches!(after, "confirmed" | "checked_in" | "canceled" | "no_show" | "completed");
    match before {
        "held" => true,
        "releasing" => is_after_confirmed || matches!(after, "releasing" | "expired"),
        "expired" => is_after_confirmed || after == "expired",
        "confirmed" => is_after_confirmed,
        "checked_in" => matches!(after, "checked_in" | "completed"),
        end => end == after,
    }
}
