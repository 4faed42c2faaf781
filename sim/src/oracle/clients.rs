//! I6 told is kept (what exactly was told: `agreed`), I7 no phantom, I8 idempotency, and I17 as far as
//! answers show it. Hears every order that was sent and every answer that came.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vacancy_app::desk::command::{Answer, Command, KeyName, Order, Outcome};
use vacancy_app::errors::Error;
use vacancy_domain::holds::Place;
use vacancy_store::testing::journal::{Changes, HoldRow};

use super::agreed::Agreed;
use super::{Checked, check};

/// A yes under a key: the request it answered, and the answer letter by letter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    body_hash: String,
    answer: String,
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
    /// Names that were told in this step; requests of one step have no order.
    told_now: BTreeSet<KeyName>,
    /// The holds of orders that were sent before a yes was told under their key.
    early: BTreeSet<Uuid>,
    /// The holds that were told under keys.
    kept: BTreeSet<Uuid>,
    agreed: Agreed,
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
        self.agreed.asks(order);
        if let (Some(key), Some(place)) = (&order.key, place_of(order)) {
            let hold = Uuid::from_u128(place.hold.0);
            if !self.told.contains_key(&key.name) {
                self.early.insert(hold);
            }
            self.attempts.entry(key.name.clone()).or_default().insert(hold);
        }
    }

    /// An answer came. `today` is the civil day at the house.
    pub fn hears(&mut self, order: &Order, answer: &Result<Answer, Error>, today: i64) -> Checked {
        civil_day(order, answer, today)?;
        self.agreed.hears(order, answer);
        match answer {
            Ok(answer) => self.yes(order, answer),
            Err(Error::OutcomeUnknown) => Ok(()),
            Err(error) => {
                self.note(order, Fate::No);
                self.no_after_yes(order, error)
            }
        }
    }

    /// A yes under a key is not taken back, and whoever brings another request is told of it. A no to
    /// an order that was sent before anybody was told yes may have been decided first and heard last.
    fn no_after_yes(&self, order: &Order, error: &Error) -> Checked {
        let Some(key) = &order.key else { return Ok(()) };
        let Some(told) = self.told.get(&key.name) else { return Ok(()) };
        if matches!(error, Error::Busy { .. }) {
            return Ok(());
        }
        let is_early = |place: &Place| self.early.contains(&Uuid::from_u128(place.hold.0));
        if place_of(order).is_some_and(is_early) {
            return Ok(());
        }
        let is_same = told.body_hash == key.body_hash;
        check("I8", !is_same, || format!("{error} after it was told yes: {order:?}"))?;
        let is_known = error.code() == "idempotency_key_reused";
        check("I8", is_known || self.told_now.contains(&key.name), || {
            format!("another request of a known name was told {error}: {order:?}")
        })
    }

    fn yes(&mut self, order: &Order, answer: &Answer) -> Checked {
        if !answer.is_replay {
            self.note(order, Fate::Yes);
        }
        let Some(key) = &order.key else { return Ok(()) };
        let hold = hold_of(&answer.outcome);
        let is_ours = |hold: Uuid| match order.command.hold() {
            Some(asked) => Uuid::from_u128(asked.0) == hold,
            None => self.attempts.get(&key.name).is_some_and(|holds| holds.contains(&hold)),
        };
        check("I8", hold.is_none_or(is_ours), || {
            format!("{:?} was answered with another's {hold:?}", key.name)
        })?;
        self.kept.extend(hold);
        let told = Told { body_hash: key.body_hash.clone(), answer: text_of(&answer.outcome) };
        if !self.told.contains_key(&key.name) {
            self.told_now.insert(key.name.clone());
        }
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
        self.told_now.clear();
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
        self.agreed.judge(changes)
    }

    pub fn nothing_told_is_gone(&self, holds: &BTreeMap<Uuid, HoldRow>) -> Checked {
        for hold in &self.kept {
            let is_there = holds.contains_key(hold);
            check("I6", is_there, || format!("told yes under a key, and {hold} is gone"))?;
        }
        for (hold, fate) in &self.fates {
            let is_there = *fate == Fate::No || holds.contains_key(hold);
            check("I6", is_there, || format!("told yes, and {hold} is gone"))?;
        }
        self.agreed.nothing_told_is_gone()
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

/// Every field of an answer. A key that moved a reservation tells which one; how that stands now is
/// a read.
fn text_of(outcome: &Outcome) -> String {
    if let Outcome::Reservation(reservation) = outcome {
        return text_of(&Outcome::Known(reservation.id));
    }
    format!("{outcome:?}")
}

fn hold_of(outcome: &Outcome) -> Option<Uuid> {
    match outcome {
        Outcome::Booked(booked) => Some(Uuid::from_u128(booked.hold.0)),
        Outcome::Held(held) => Some(Uuid::from_u128(held.hold.0)),
        Outcome::Reservation(reservation) => Some(Uuid::from_u128(reservation.hold.0)),
        Outcome::RefundAsked(_) | Outcome::Known(_) | Outcome::Done => None,
    }
}

#[cfg(test)]
mod tests {
    use vacancy_app::desk::command::{Booked, Key};
    use vacancy_domain::codes::Code;
    use vacancy_domain::ids::HoldId;

    use super::super::samples::{HOLD, PROPERTY, booking, yes};
    use super::*;

    fn named(order: Order, body: &str) -> Order {
        let name = KeyName::Request { property: PROPERTY, request_id: "request".to_owned() };
        order.with_key(Key { name, body_hash: body.to_owned() })
    }

    /// What the oracle says of a second answer under a name that was told yes.
    fn second(body: &str, answer: Result<Answer, Error>) -> Result<(), &'static str> {
        let (first, again) = (named(booking(HOLD, 700), "body"), named(booking(9, 701), body));
        let mut clients = Clients::default();
        clients.asks(&first);
        clients.hears(&first, &yes(700), 0).expect("a first answer is right");
        clients.told_now.clear();
        clients.asks(&again);
        clients.hears(&again, &answer, 0).map_err(|violation| violation.rule)
    }

    #[test]
    fn a_repeat_is_answered_field_by_field_as_the_first_time() {
        let again = |change: &dyn Fn(&mut Booked)| {
            let mut answer = yes(700).expect("a yes");
            answer.is_replay = true;
            if let Outcome::Booked(booked) = &mut answer.outcome {
                change(booked);
            }
            second("body", Ok(answer))
        };
        assert_eq!(again(&|_| {}), Ok(()));
        assert_eq!(again(&|booked| booked.price.total_minor += 1), Err("I8"));
        assert_eq!(again(&|booked| booked.expires_at_ms += 1), Err("I8"));
        assert_eq!(again(&|booked| booked.decided_at_ms += 1), Err("I8"));
        assert_eq!(again(&|booked| booked.code = Code::draw(7)), Err("I8"));
        assert_eq!(again(&|booked| booked.room_types.clear()), Err("I8"));
        assert_eq!(again(&|booked| booked.hold = HoldId(8)), Err("I8"));
    }

    #[test]
    fn a_yes_is_not_taken_back_and_its_name_is_taken() {
        let no = || Err(Error::NotFound);
        assert_eq!(second("body", no()), Err("I8"));
        assert_eq!(second("another body", no()), Err("I8"));
        assert_eq!(second("another body", yes(700)), Err("I8"));
        assert_eq!(second("another body", Err(Error::KeyReused)), Ok(()));
        assert_eq!(second("body", Err(Error::OutcomeUnknown)), Ok(()));
    }
}
