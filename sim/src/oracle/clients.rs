//! I6 told is kept, I7 no phantom, I8 idempotency, and I17 as far as answers show it. Hears every
//! order that was sent and every answer that came.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vacancy_app::desk::command::{Answer, Command, KeyName, Order, Outcome};
use vacancy_app::errors::Error;
use vacancy_domain::holds::Place;
use vacancy_store::testing::journal::{Changes, HoldRow};

use super::{Checked, check};

/// A yes under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    body_hash: String,
    outcome: Outcome,
}

/// What a client knows of one attempt that would make a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Yes,
    No,
}

#[derive(Debug, Clone, Default)]
pub struct Clients {
    told: BTreeMap<KeyName, Told>,
    /// The holds that the attempts under a key would have made.
    attempts: BTreeMap<KeyName, BTreeSet<Uuid>>,
    fates: BTreeMap<Uuid, Fate>,
    /// Fates of this step, to be compared with the rows.
    fresh: Vec<Uuid>,
    /// By house and request: the one reservation.
    requests: BTreeMap<(Uuid, String), Uuid>,
    reservations: BTreeMap<Uuid, Uuid>,
}

impl Clients {
    /// An order is on its way.
    pub fn asks(&mut self, order: &Order) {
        if let (Some(key), Some(place)) = (&order.key, place_of(order)) {
            let attempts = self.attempts.entry(key.name.clone()).or_default();
            attempts.insert(Uuid::from_u128(place.hold.0));
        }
    }

    /// An answer came. `today` is the civil day at the house.
    pub fn hears(&mut self, order: &Order, answer: &Result<Answer, Error>, today: i64) -> Checked {
        civil_day(order, answer, today)?;
        match answer {
            Ok(answer) => self.yes(order, answer),
            Err(Error::OutcomeUnknown) => Ok(()),
            Err(error) => {
                let told = order.key.as_ref().and_then(|key| self.told.get(&key.name));
                let body = order.key.as_ref().map(|key| key.body_hash.as_str());
                let is_same = told.is_some_and(|told| Some(told.body_hash.as_str()) == body);
                let takes_back = is_same && !matches!(error, Error::Busy { .. });
                check("I8", !takes_back, || format!("{error} after it was told yes: {order:?}"))?;
                self.note(order, Fate::No);
                Ok(())
            }
        }
    }

    fn yes(&mut self, order: &Order, answer: &Answer) -> Checked {
        if !answer.is_replay {
            self.note(order, Fate::Yes);
        }
        let (Some(key), Some(hold)) = (&order.key, hold_of(&answer.outcome)) else { return Ok(()) };
        let is_ours = self.attempts.get(&key.name).is_some_and(|holds| holds.contains(&hold));
        check("I8", is_ours, || format!("{:?} was answered with another's {hold}", key.name))?;
        let told = Told { body_hash: key.body_hash.clone(), outcome: answer.outcome.clone() };
        let first = self.told.entry(key.name.clone()).or_insert_with(|| told.clone());
        check("I8", *first == told, || {
            format!("{:?} got two answers: {first:?} {told:?}", key.name)
        })
    }

    fn note(&mut self, order: &Order, fate: Fate) {
        let Some(place) = place_of(order) else { return };
        let hold = Uuid::from_u128(place.hold.0);
        self.fates.insert(hold, fate);
        self.fresh.push(hold);
    }

    pub fn judge(&mut self, changes: &Changes, holds: &BTreeMap<Uuid, HoldRow>) -> Checked {
        for (id, property, hold, request, ..) in &changes.reservations {
            let first = *self.requests.entry((*property, request.clone())).or_insert(*id);
            check("I7", first == *id, || format!("{request} has two reservations: {first} {id}"))?;
            self.reservations.insert(*hold, *id);
        }
        let touched = changes.holds.iter().map(|hold| hold.0);
        for hold in std::mem::take(&mut self.fresh).into_iter().chain(touched) {
            let is_there = holds.contains_key(&hold);
            match self.fates.get(&hold) {
                Some(Fate::Yes) => {
                    check("I6", is_there, || format!("told yes, and {hold} is gone"))?
                }
                Some(Fate::No) => {
                    check("I8", !is_there, || {
                        format!("told that nothing was done, and it was: {hold}")
                    })?;
                }
                None => {}
            }
        }
        Ok(())
    }

    pub fn nothing_told_is_gone(&self, holds: &BTreeMap<Uuid, HoldRow>) -> Checked {
        for (name, told) in &self.told {
            let hold = hold_of(&told.outcome);
            let is_there = hold.is_none_or(|hold| holds.contains_key(&hold));
            check("I6", is_there, || format!("{name:?} was told yes, and {hold:?} is gone"))?;
        }
        for (hold, fate) in &self.fates {
            let is_there = *fate == Fate::No || holds.contains_key(hold);
            check("I6", is_there, || format!("told yes, and {hold} is gone"))?;
        }
        Ok(())
    }
}

/// I17: a night is sold until its civil day at the house is over, and not longer.
fn civil_day(order: &Order, answer: &Result<Answer, Error>, today: i64) -> Checked {
    let Some(place) = place_of(order) else { return Ok(()) };
    let first_day = place.lines.iter().map(|line| line.stay.first_day.0).min().unwrap_or(today);
    match answer {
        Ok(answer) => check("I17", answer.is_replay || today <= first_day, || {
            format!("day {first_day} was sold on day {today}")
        }),
        Err(error) => {
            let is_past = error.code() == "stay_in_the_past";
            check("I17", !is_past || first_day < today, || {
                format!("day {first_day} was called past on day {today}")
            })
        }
    }
}

/// What an order would place.
#[must_use]
pub fn place_of(order: &Order) -> Option<&Place> {
    if let Command::Place(place) = &order.command {
        Some(place)
    } else if let Command::Book(book) = &order.command {
        Some(&book.place)
    } else {
        None
    }
}

fn hold_of(outcome: &Outcome) -> Option<Uuid> {
    match outcome {
        Outcome::Booked(booked) => Some(Uuid::from_u128(booked.hold.0)),
        Outcome::Held(held) => Some(Uuid::from_u128(held.hold.0)),
        Outcome::Reservation(_) | Outcome::Known(_) | Outcome::Done => None,
    }
}
