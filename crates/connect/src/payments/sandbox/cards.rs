//! Test cards of the sandbox. A number is looked at once and forgotten: nothing here can store,
//! print or log one, and a number that may be somebody's real card is refused.

use crate::payments::failure::{Code, Failure, refused};
use crate::payments::order::TestOutcome;

/// What a test card does. The number itself is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Card {
    pub(super) outcome: Option<TestOutcome>,
}

/// A number to type into the checkout page, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestCard {
    pub number: &'static str,
    pub outcome: Option<TestOutcome>,
    pub says: &'static str,
}

/// The numbers that Stripe made known for tests, so that fingers find them.
pub const TEST_CARDS: &[TestCard] = &[
    TestCard { number: "4242 4242 4242 4242", outcome: None, says: "pays" },
    TestCard { number: "5555 5555 5555 4444", outcome: None, says: "pays (Mastercard)" },
    TestCard {
        number: "4000 0000 0000 0002",
        outcome: Some(TestOutcome::Declined),
        says: "is declined",
    },
    TestCard {
        number: "4000 0000 0000 0119",
        outcome: Some(TestOutcome::TimedOut),
        says: "pays, but the answer is lost",
    },
    TestCard {
        number: "4000 0000 0000 0077",
        outcome: Some(TestOutcome::Late),
        says: "pays a minute after the order has expired",
    },
];

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
            Some(card) => Ok(Card { outcome: card.outcome }),
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
            assert_eq!(Card::read(card.number).ok(), Some(Card { outcome: card.outcome }));
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
