//! Test cards of the sandbox. A number is looked at once and forgotten: nothing here can store,
//! print or log one, and a number that may be somebody's real card is refused.

use crate::payments::failure::{Code, Failure, refused};
use crate::payments::order::TestOutcome;

/// What a test card does. The number itself is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    pub(super) outcome: Option<TestOutcome>,
    pub(super) manner: Manner,
}

/// How a payment comes about, however it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// At once, and its event is posted once.
    Plain,
    /// The guest's bank asks first whether it is them.
    Secure,
    /// The money is there [`super::SLOW_BY_MS`] later, and no event tells of it.
    Slow,
    /// The event is posted twice.
    EventTwice,
    /// An older event comes behind a newer one.
    EventsDisordered,
    /// The event is posted to nobody.
    EventLost,
}

/// A number to type into the checkout page, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestCard {
    pub number: &'static str,
    pub outcome: Option<TestOutcome>,
    pub manner: Manner,
    pub says: &'static str,
}

/// Numbers that Stripe made known for tests, so that fingers find them, and some of our own.
pub const TEST_CARDS: &[TestCard] = &[
    plain("4242 4242 4242 4242", None, "pays"),
    plain("5555 5555 5555 4444", None, "pays (Mastercard)"),
    plain("4000 0000 0000 0002", Some(TestOutcome::Declined), "is declined"),
    plain("4000 0000 0000 0119", Some(TestOutcome::TimedOut), "pays, but the answer is lost"),
    plain(
        "4000 0000 0000 0077",
        Some(TestOutcome::Late),
        "pays a minute after the order has expired",
    ),
    plain(
        "4000 0000 0000 0259",
        Some(TestOutcome::Disputed),
        "pays, and the guest's bank takes it back",
    ),
    mannered("4000 0027 6000 3184", Manner::Secure, "asks for 3-D Secure first"),
    mannered("4000 0000 0000 3204", Manner::Slow, "pays after 20 seconds"),
    mannered("4000 0000 0000 3212", Manner::EventTwice, "pays, its event comes twice"),
    mannered("4000 0000 0000 3220", Manner::EventsDisordered, "pays, its events in wrong order"),
    mannered("4000 0000 0000 3238", Manner::EventLost, "pays, its event is lost"),
];

const fn plain(number: &'static str, outcome: Option<TestOutcome>, says: &'static str) -> TestCard {
    TestCard { number, outcome, manner: Manner::Plain, says }
}

const fn mannered(number: &'static str, manner: Manner, says: &'static str) -> TestCard {
    TestCard { number, outcome: None, manner, says }
}

/// Longest text that is looked at: 19 digits with a space after each.
const NUMBER_BYTES_MAX: usize = 38;

impl Card {
    /// Reads what a guest typed, spaces and dashes allowed.
    pub fn read(typed: &str) -> Result<Card, Failure> {
        if NUMBER_BYTES_MAX < typed.len() {
            return Err(refused(Code::CardInvalid));
        }
        let digits = digits(typed).ok_or_else(|| refused(Code::CardInvalid))?;
        if !(12..=19).contains(&digits.len()) || !luhn_holds(&digits) {
            return Err(refused(Code::CardInvalid));
        }
        let known =
            TEST_CARDS.iter().find(|card| self::digits(card.number).is_some_and(|of| of == digits));
        match known {
            Some(card) => Ok(Card { outcome: card.outcome, manner: card.manner }),
            None => Err(refused(Code::CardNotForTests)),
        }
    }
}

fn digits(typed: &str) -> Option<Vec<u32>> {
    let shown = typed.chars().filter(|letter| !matches!(letter, ' ' | '-'));
    shown.map(|letter| letter.to_digit(10)).collect()
}

/// The check digit of every card number: from the right, every second digit counts double.
fn luhn_holds(digits: &[u32]) -> bool {
    let doubled = |(at, digit): (usize, &u32)| match (at % 2, 2 * digit) {
        (0, _) => *digit,
        (_, twice) if 9 < twice => twice - 9,
        (_, twice) => twice,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(typed: &str) -> String {
        match Card::read(typed) {
            Ok(card) => card.outcome.map_or("pays".to_owned(), |one| one.as_str().to_owned()),
            Err(failure) => failure.code().to_owned(),
        }
    }

    #[test]
    fn every_test_card_has_its_check_digit_and_does_what_it_says() {
        for card in TEST_CARDS {
            let TestCard { outcome, manner, .. } = *card;
            assert_eq!(Card::read(card.number).ok(), Some(Card { outcome, manner }));
        }
    }

    #[test]
    fn each_number_gets_its_answer() {
        for (typed, answer) in [
            ("4242424242424242", "pays"),
            ("4242-4242-4242-4242", "pays"),
            ("4000 0000 0000 0002", "payment_declined"),
            ("4242424242424241", "card_invalid"),
            ("4111 1111 1111 1111", "card_not_for_tests"),
            ("", "card_invalid"),
            ("0", "card_invalid"),
            ("4242", "card_invalid"),
            ("4242 4242 4242 424x", "card_invalid"),
            ("４２４２４２４２４２４２", "card_invalid"),
            ("00000000000000000000000", "card_invalid"),
        ] {
            assert_eq!(code(typed), answer, "{typed}");
        }
        assert_eq!(code(&"4".repeat(100_000)), "card_invalid");
    }

    #[test]
    fn a_card_that_was_read_shows_no_number() {
        let card = Card::read("4242 4242 4242 4242").expect("a test card");
        assert!(!format!("{card:?}").contains("4242"));
    }
}
