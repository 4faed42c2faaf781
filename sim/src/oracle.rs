//! The rules, written a second time from their text and not from `domain`: what must hold of the
//! store after every step, whatever happened. Invariants as numbered in the design's reliability
//! page: I1 ledger, I2 ceiling, I3 all or nothing, I4 forward only, I5 no undersell, and the parts
//! of I6 to I8 that a history of answers can show.

use std::collections::BTreeMap;

use uuid::Uuid;
use vacancy_store::testing::dump::Dump;

/// What the world knows beside the store's rows.
#[derive(Debug, Clone, Default)]
pub struct Oracle {
    hold_states: BTreeMap<Uuid, String>,
    stay_states: BTreeMap<Uuid, String>,
    /// Reservations that a client was told of, by request.
    told: BTreeMap<String, Uuid>,
    /// Limits and uses before the step, to judge a refusal by.
    before: BTreeMap<(Uuid, i64), i64>,
}

/// One wish of a step: pool, nights, units, and whether it was told "sold out".
#[derive(Debug, Clone)]
pub struct Asked {
    pub pool: Uuid,
    pub first_day: i64,
    pub end_day: i64,
    pub units: i64,
    pub was_sold_out: bool,
}

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub String);

type Checked = Result<(), Violation>;

impl Oracle {
    /// A client was told of a reservation under this request's name. It must be the same for ever.
    pub fn told(&mut self, request: &str, reservation: Uuid) -> Checked {
        let known = *self.told.entry(request.to_owned()).or_insert(reservation);
        check(known == reservation, || format!("I8: request {request} got two reservations"))
    }

    /// Whether a client has a definite yes under this name.
    #[must_use]
    pub fn has_been_told(&self, request: &str) -> bool {
        self.told.contains_key(request)
    }

    /// Judges the store after a step.
    pub fn judge(
        &mut self,
        dump: &Dump,
        asked: &[Asked],
        defaults: &BTreeMap<Uuid, i64>,
    ) -> Checked {
        self.ledger_and_ceiling(dump)?;
        all_or_nothing(dump)?;
        self.forward_only(dump)?;
        self.known_requests(dump)?;
        self.no_undersell(asked, defaults)?;
        self.before = dump
            .cells
            .iter()
            .map(|(pool, day, limit, held, sold, _)| ((*pool, *day), limit - held - sold))
            .collect();
        Ok(())
    }

    /// I1 and I2: what is held and sold is what the lines say, and never above the limit unless
    /// the business cut its stock.
    fn ledger_and_ceiling(&self, dump: &Dump) -> Checked {
        let mut sums: BTreeMap<(Uuid, i64), (i64, i64)> = BTreeMap::new();
        for (line, last) in last_entries(dump) {
            let (_, _, _, kind, pool, first_day, nights, units) = last;
            for day in *first_day..first_day + nights {
                let sum = sums.entry((*pool, day)).or_default();
                match kind.as_str() {
                    "held" => sum.0 += units,
                    "posted" => sum.1 += units,
                    "released" | "expired" | "returned" => {}
                    other => return Err(Violation(format!("I1: {line} has an entry {other}"))),
                }
            }
        }
        for (pool, day, limit, held, sold, is_oversold) in &dump.cells {
            let sum = sums.remove(&(*pool, *day)).unwrap_or_default();
            check(sum == (*held, *sold), || {
                format!("I1: cell {pool} {day} has {held}+{sold}, its lines {sum:?}")
            })?;
            check(held + sold <= *limit || *is_oversold, || {
                format!("I2: cell {pool} {day} has {held}+{sold} of {limit}")
            })?;
            check(!is_oversold || *limit < held + sold, || {
                format!("I2: cell {pool} {day} is marked oversold with {held}+{sold} of {limit}")
            })?;
        }
        let unmade = sums.iter().find(|(_, sum)| **sum != (0, 0));
        check(unmade.is_none(), || format!("I1: lines on a night without a cell: {unmade:?}"))
    }

    /// I4: states move along the graph and ends stay ends.
    fn forward_only(&mut self, dump: &Dump) -> Checked {
        for (id, state, _) in &dump.holds {
            let before = self.hold_states.insert(*id, state.clone());
            let before = before.as_deref().unwrap_or("held");
            check(may_follow_hold(before, state), || {
                format!("I4: hold {id} went from {before} to {state}")
            })?;
        }
        for (id, _, _, state, version) in &dump.reservations {
            let before = self.stay_states.insert(*id, state.clone());
            let before = before.as_deref().unwrap_or("held");
            check(may_follow_stay(before, state), || {
                format!("I4: reservation {id} went from {before} to {state}")
            })?;
            let entries = dump.histories.iter().find(|(of, _)| of == id).map_or(0, |of| of.1);
            check(entries == *version, || {
                format!("I13: reservation {id} has version {version} and {entries} entries")
            })?;
        }
        check(self.hold_states.len() == dump.holds.len(), || "I6: a hold vanished".to_owned())
    }

    /// I6 and I7: who was told of a reservation has it, and nobody has two of one request.
    fn known_requests(&self, dump: &Dump) -> Checked {
        let mut by_request: BTreeMap<&str, Uuid> = BTreeMap::new();
        for (id, _, request, _, _) in &dump.reservations {
            let twin = by_request.insert(request, *id);
            check(twin.is_none(), || format!("I7: request {request} has two reservations"))?;
        }
        for (request, id) in &self.told {
            let there = by_request.get(request.as_str()) == Some(id);
            check(there, || format!("I6: reservation {id} of {request} was told and is gone"))?;
        }
        Ok(())
    }

    /// I5: nobody is told "sold out" while there is enough, even if everybody else of the step had
    /// taken what they asked first.
    fn no_undersell(&self, asked: &[Asked], defaults: &BTreeMap<Uuid, i64>) -> Checked {
        for (at, wish) in asked.iter().enumerate().filter(|(_, wish)| wish.was_sold_out) {
            let is_free = |day: i64| {
                let default = defaults.get(&wish.pool).copied().unwrap_or(0);
                let free = self.before.get(&(wish.pool, day)).copied().unwrap_or(default);
                let others: i64 = asked
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at)
                    .map(|(_, other)| other)
                    .filter(|other| other.pool == wish.pool)
                    .filter(|other| other.first_day <= day && day < other.end_day)
                    .map(|other| other.units)
                    .sum();
                wish.units <= free - others
            };
            let is_false = (wish.first_day..wish.end_day).all(is_free);
            check(!is_false, || format!("I5: told sold out while there was enough: {wish:?}"))?;
        }
        Ok(())
    }
}

/// I3: the open lines of a hold are all at the stage that its state says, or there are none.
fn all_or_nothing(dump: &Dump) -> Checked {
    let states: BTreeMap<Uuid, &str> =
        dump.holds.iter().map(|(id, state, _)| (*id, state.as_str())).collect();
    for (line, (hold, _, _, kind, ..)) in last_entries(dump) {
        let state = states.get(hold).copied().unwrap_or("missing");
        let fits = match state {
            "held" => matches!(kind.as_str(), "held" | "released"),
            "confirmed" => matches!(kind.as_str(), "posted" | "returned" | "expired"),
            "released" => kind == "released",
            "expired" => matches!(kind.as_str(), "expired" | "released"),
            "returned" => matches!(kind.as_str(), "returned" | "expired"),
            _ => false,
        };
        check(fits, || format!("I3: line {line} is {kind} while its hold is {state}"))?;
    }
    Ok(())
}

type Last<'d> = &'d (Uuid, Uuid, i64, String, Uuid, i64, i64, i64);

fn last_entries(dump: &Dump) -> BTreeMap<Uuid, Last<'_>> {
    let mut last = BTreeMap::new();
    for entry in &dump.entries {
        last.insert(entry.1, entry);
    }
    last
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

fn check(holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Violation(what())) }
}
