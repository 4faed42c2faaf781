//! Never more than the limit, and no false "sold out": while a refused request was under way there
//! must have been a moment at which everything could have been taken.
//!
//! A unit may have been taken from the moment at which a request was first sent that had it in the
//! end, until the answer to its release. That is the longest that it can have been, so a refusal
//! that even this does not explain was false.

use std::collections::BTreeMap;

use crate::history::{Event, Phase};

/// The value of a refusal that says that nothing is left.
pub(crate) const SOLD_OUT: &str = "sold_out";

/// Every `book` takes one unit of the same stock, every `cancel` that was done gives it back.
/// `last_units` is what is taken at the end.
pub(crate) fn check(history: &[Event], limit_units: usize, last_units: usize) -> Vec<String> {
    let mut found = Vec::new();
    if limit_units < last_units {
        found.push(format!("{last_units} are taken of {limit_units}"));
    }
    let taken = Taken::of(history);
    let mut invoked: BTreeMap<(usize, &str), u128> = BTreeMap::new();
    for event in history.iter().filter(|event| event.op == "book") {
        let who = (event.process, event.key.as_str());
        match event.phase {
            Phase::Invoke => {
                invoked.insert(who, event.t_us);
            }
            Phase::Fail if event.value == SOLD_OUT => {
                let from = invoked.get(&who).copied().unwrap_or(event.t_us);
                let most = taken.most_at_once(from, event.t_us);
                if most < limit_units {
                    let key = &event.key;
                    found.push(format!("{key}: sold out, and at most {most} can have been taken"));
                }
            }
            Phase::Ok | Phase::Fail | Phase::Info => {}
        }
    }
    found
}

/// When each unit can have been taken, at the longest.
fn spans(history: &[Event]) -> Vec<(u128, u128)> {
    let mut spans: BTreeMap<&str, (u128, u128, bool)> = BTreeMap::new();
    for event in history {
        let key = event.key.as_str();
        match (event.op, event.phase) {
            ("book", Phase::Invoke) => {
                spans.entry(key).or_insert((event.t_us, u128::MAX, false));
            }
            ("book", Phase::Ok | Phase::Info) => {
                if let Some(span) = spans.get_mut(key) {
                    span.2 = true;
                }
            }
            ("cancel", Phase::Ok) => {
                if let Some(span) = spans.get_mut(key) {
                    span.1 = span.1.min(event.t_us);
                }
            }
            _ => {}
        }
    }
    spans.into_values().filter(|(.., was_taken)| *was_taken).map(|(a, b, _)| (a, b)).collect()
}

/// When units can have been taken: the beginnings and the ends, each in order.
struct Taken {
    begins: Vec<u128>,
    ends: Vec<u128>,
}

impl Taken {
    fn of(history: &[Event]) -> Taken {
        let (mut begins, mut ends): (Vec<u128>, Vec<u128>) = spans(history).into_iter().unzip();
        begins.sort_unstable();
        ends.sort_unstable();
        Taken { begins, ends }
    }

    /// The most units that can have been taken at one moment between two.
    fn most_at_once(&self, from: u128, to: u128) -> usize {
        let begun = |moment: u128| self.begins.partition_point(|begin| *begin <= moment);
        let at = |moment: u128| {
            let ended = self.ends.partition_point(|end| *end < moment);
            begun(moment).saturating_sub(ended)
        };
        // The most are taken at the beginning of one of them, or at the beginning of the time.
        let begins = self.begins.get(begun(from)..begun(to)).unwrap_or_default();
        begins.iter().copied().chain([from]).map(at).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::testing::history;

    const TWO: &str = "1 0 book a invoke\n2 1 book b invoke\n4 0 book a ok A\n5 1 book b ok B\n";

    #[track_caller]
    fn says(text: &str, last_units: usize, expected: &[&str]) {
        assert_eq!(check(&history(text), 2, last_units), expected);
    }

    #[test]
    fn a_refusal_in_a_full_house_is_right() {
        says(&format!("{TWO}6 2 book c invoke\n7 2 book c fail sold_out"), 2, &[]);
    }

    #[test]
    fn a_refusal_while_the_last_unit_may_be_on_its_way_is_right() {
        says(
            "1 0 book a invoke\n2 0 book a ok A\n3 2 book c invoke\n4 1 book b invoke\n\
              5 2 book c fail sold_out\n6 1 book b ok B",
            2,
            &[],
        );
    }

    #[test]
    fn a_false_sold_out_is_caught() {
        let told = "c: sold out, and at most 1 can have been taken";
        says(
            "1 0 book a invoke\n2 0 book a ok A\n3 2 book c invoke\n5 2 book c fail sold_out\n\
              6 1 book b invoke\n7 1 book b ok B",
            2,
            &[told],
        );
        says(
            &format!(
                "{TWO}6 0 cancel a invoke\n7 0 cancel a ok\n8 2 book c invoke\n\
              9 2 book c fail sold_out"
            ),
            1,
            &[told],
        );
    }

    #[test]
    fn more_than_the_limit_is_caught() {
        says(TWO, 3, &["3 are taken of 2"]);
    }
}
