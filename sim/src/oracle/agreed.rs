//! I6, what was told: a reservation shows the nights, the units and the price that its guest was told,
//! unless a change was accepted. As long as nobody knows how a change ended, either may be shown.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vacancy_app::desk::command::{Answer, Command, Order, Outcome};
use vacancy_app::errors::Error;
use vacancy_domain::ledger::Line;
use vacancy_domain::prices::Price;
use vacancy_store::prices;
use vacancy_store::testing::journal::{AgreedRow, Changes};

use super::clients::place_of;
use super::{Checked, Violation, check};

/// Pool, first day, end day, units.
type Nights = (Uuid, i64, i64, i64);

/// What a guest gets, and for how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    nights: Vec<Nights>,
    total_minor: i64,
    /// The price with all its parts, as stored.
    price: String,
}

impl Terms {
    fn of(lines: impl Iterator<Item = Line>, price: &Price) -> Terms {
        let nights = lines.map(|line| {
            let pool = Uuid::from_u128(line.pool.0);
            (pool, line.stay.first_day.0, line.stay.end_day.0, line.units)
        });
        let total_minor = price.total_minor;
        // What an end costs is told apart: it grows when a stay is moved, and is fixed when it ends.
        let price = Price { cancellation: None, ..price.clone() };
        Terms { nights: nights.collect(), total_minor, price: prices::to_text(&price) }
    }

    fn of_row(row: &AgreedRow) -> Result<Terms, Violation> {
        /// Line, pool, first day, end day, units, room type.
        type Stored = (String, Uuid, i64, i64, i64, String);
        let (hold, lines, price, total_minor, first_day, end_day) = row;
        let lines: Vec<Stored> = serde_json::from_str(lines).map_err(|error| {
            let told = format!("the lines of {hold} cannot be read: {error}");
            Violation { rule: "I6", told }
        })?;
        let nights =
            lines.into_iter().map(|(_, pool, first, end, units, _)| (pool, first, end, units));
        let nights: Vec<Nights> = nights.collect();
        let whole = (nights.iter().map(|one| one.1).min(), nights.iter().map(|one| one.2).max());
        check("I6", whole == (Some(*first_day), Some(*end_day)), || {
            format!("{hold} is from {first_day} to {end_day}, its nights are {nights:?}")
        })?;
        let price = prices::from_text(price).map_err(|fault| {
            let told = format!("the price of {hold} cannot be read: {fault}");
            Violation { rule: "I6", told }
        })?;
        let price = prices::to_text(&Price { cancellation: None, ..price });
        Ok(Terms { nights, total_minor: *total_minor, price })
    }
}

/// Terms at a version of the reservation: told of it, or asked to follow it.
type At = (i64, Terms);

/// By hold, since a guest's first attempt has no reservation to name.
#[derive(Debug, Clone, Default)]
pub struct Agreed {
    /// What was told last.
    told: BTreeMap<Uuid, At>,
    /// Bookings and changes that were asked for, and neither refused nor overtaken.
    wished: BTreeMap<Uuid, Vec<At>>,
    /// What the store shows.
    shown: BTreeMap<Uuid, Terms>,
    /// Of whom something was heard since the last look.
    fresh: BTreeSet<Uuid>,
}

impl Agreed {
    pub fn asks(&mut self, order: &Order) {
        if let Some((hold, wish)) = wish_of(order) {
            self.wished.entry(hold).or_default().push(wish);
        }
    }

    pub fn hears(&mut self, order: &Order, answer: &Result<Answer, Error>) {
        match answer {
            Ok(answer) => self.yes(order, &answer.outcome),
            Err(Error::OutcomeUnknown) => {}
            Err(_) => self.no(order),
        }
    }

    fn yes(&mut self, order: &Order, outcome: &Outcome) {
        let (hold, version, terms) = match outcome {
            Outcome::Booked(booked) => {
                let lines = place_of(order).map(|place| place.lines.clone()).unwrap_or_default();
                (booked.hold, 1, Terms::of(lines.into_iter(), &booked.price))
            }
            Outcome::Reservation(reservation) => {
                let lines = reservation.lines.iter().map(|reserved| reserved.line);
                let terms = Terms::of(lines, &reservation.price);
                (reservation.hold, reservation.version, terms)
            }
            Outcome::Held(_) | Outcome::RefundAsked(_) | Outcome::Known(_) | Outcome::Done => {
                return;
            }
        };
        let hold = Uuid::from_u128(hold.0);
        self.fresh.insert(hold);
        // Whatever was to follow an earlier version is in what was told, or will never be.
        if let Some(wished) = self.wished.get_mut(&hold) {
            wished.retain(|wish| version <= wish.0);
        }
        if self.told.get(&hold).is_none_or(|told| told.0 <= version) {
            self.told.insert(hold, (version, terms));
        }
    }

    fn no(&mut self, order: &Order) {
        let Some((hold, wish)) = wish_of(order) else { return };
        let wished = self.wished.entry(hold).or_default();
        if let Some(at) = wished.iter().position(|other| *other == wish) {
            wished.remove(at);
        }
    }

    pub fn judge(&mut self, changes: &Changes) -> Checked {
        let mut holds = std::mem::take(&mut self.fresh);
        for row in &changes.agreed {
            self.shown.insert(row.0, Terms::of_row(row)?);
            holds.insert(row.0);
        }
        holds.into_iter().try_for_each(|hold| self.is_kept(hold))
    }

    /// Whoever was told something still has it.
    pub fn nothing_told_is_gone(&self) -> Checked {
        self.told.keys().try_for_each(|hold| self.is_kept(*hold))
    }

    fn is_kept(&self, hold: Uuid) -> Checked {
        let (shown, told) = (self.shown.get(&hold), self.told.get(&hold));
        let wished = self.wished.get(&hold).map(Vec::as_slice).unwrap_or_default();
        let is_kept = told.into_iter().chain(wished).any(|(_, terms)| Some(terms) == shown);
        check("I6", is_kept, || {
            format!("{hold} was told {told:?} and wished {wished:?}; it shows {shown:?}")
        })
    }
}

/// What an order would agree on, for which hold.
fn wish_of(order: &Order) -> Option<(Uuid, At)> {
    let (hold, version, terms) = if let Command::Book(book) = &order.command {
        let place = &book.place;
        (place.hold, 0, Terms::of(place.lines.iter().copied(), &book.price))
    } else if let Command::Reschedule { hold, lines, price, version, .. } = &order.command {
        (*hold, *version, Terms::of(lines.iter().map(|reserved| reserved.line), price))
    } else {
        return None;
    };
    Some((Uuid::from_u128(hold.0), (version, terms)))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{HOLD, POOL, booking, price, yes};
    use super::*;

    fn row(line: Nights, total_minor: i64) -> AgreedRow {
        let (pool, first_day, end_day, units) = line;
        let lines = vec![(Uuid::nil(), pool, first_day, end_day, units, "TYPE")];
        let lines = serde_json::to_string(&lines).expect("lines have a text");
        let price = prices::to_text(&price(total_minor));
        (Uuid::from_u128(HOLD), lines, price, total_minor, first_day, end_day)
    }

    #[track_caller]
    fn check_row(agreed: &Agreed, row: AgreedRow, expected: Result<(), &str>) {
        let changes = Changes { agreed: vec![row], ..Changes::default() };
        let judged = agreed.clone().judge(&changes);
        assert_eq!(judged.map_err(|violation| violation.rule), expected);
    }

    #[test]
    fn a_reservation_shows_what_its_guest_was_told() {
        let pool = Uuid::from_u128(POOL);
        let mut agreed = Agreed::default();
        agreed.asks(&booking(HOLD, 700));
        agreed.hears(&booking(HOLD, 700), &yes(700));
        check_row(&agreed, row((pool, 10, 12, 2), 700), Ok(()));
        check_row(&agreed, row((pool, 10, 12, 2), 701), Err("I6"));
        check_row(&agreed, row((pool, 10, 12, 1), 700), Err("I6"));
        check_row(&agreed, row((pool, 10, 13, 2), 700), Err("I6"));
        check_row(&agreed, row((pool, 11, 12, 2), 700), Err("I6"));
        check_row(&agreed, row((Uuid::nil(), 10, 12, 2), 700), Err("I6"));
        let mut stale = row((pool, 10, 12, 2), 700);
        stale.2 = prices::to_text(&price(701));
        check_row(&agreed, stale, Err("I6"));
        let mut torn = row((pool, 10, 12, 2), 700);
        torn.5 = 13;
        check_row(&agreed, torn, Err("I6"));
        let nothing = agreed.judge(&Changes::default()).map_err(|violation| violation.rule);
        assert_eq!(nothing, Err("I6"), "told, and nothing is there");
    }

    #[test]
    fn a_repeat_that_is_told_another_price_than_was_booked_is_a_lie() {
        let pool = Uuid::from_u128(POOL);
        let (first, again) = (booking(HOLD, 700), booking(HOLD + 1, 701));
        let mut agreed = Agreed::default();
        agreed.asks(&first);
        agreed.hears(&first, &Err(Error::OutcomeUnknown));
        check_row(&agreed, row((pool, 10, 12, 2), 700), Ok(()));
        agreed.asks(&again);
        agreed.hears(&again, &yes(701));
        check_row(&agreed, row((pool, 10, 12, 2), 700), Err("I6"));
        agreed.hears(&again, &yes(700));
        check_row(&agreed, row((pool, 10, 12, 2), 700), Ok(()));
    }
}
