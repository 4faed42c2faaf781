//! What was acknowledged is there at the end, once; what was refused is not; what nobody knows may
//! be either; nothing is there that nobody asked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::{Event, Phase};

/// `last` is the final read: key and value of every element.
pub(crate) fn check(history: &[Event], op: &str, last: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut present: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, value) in last {
        if !present.entry(key).or_default().insert(value) {
            found.push(format!("{key}: {value} is there twice"));
        }
    }
    for (key, values) in present.iter().filter(|(_, values)| 1 < values.len()) {
        found.push(format!("{key}: one key, several elements: {values:?}"));
    }
    let mut asked: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in history.iter().filter(|event| event.op == op) {
        asked.entry(&event.key).or_default().push(event);
    }
    for key in present.keys().filter(|key| !asked.contains_key(*key)) {
        found.push(format!("{key}: is there and nobody asked for it"));
    }
    let nothing = BTreeSet::new();
    for (key, events) in &asked {
        let values = present.get(key).unwrap_or(&nothing);
        let acknowledged: BTreeSet<&str> = values_of(events, Phase::Ok);
        for lost in acknowledged.difference(values) {
            found.push(format!("{key}: {lost} was acknowledged and is lost"));
        }
        // Who was refused for good, and never left in doubt, has nothing.
        let is_in_doubt = events.iter().any(|event| event.phase == Phase::Info)
            || events.last().is_some_and(|event| event.phase == Phase::Invoke);
        if acknowledged.is_empty() && !is_in_doubt && !values.is_empty() {
            found.push(format!("{key}: {values:?} was refused and is there"));
        }
    }
    found
}

fn values_of<'e>(events: &[&'e Event], phase: Phase) -> BTreeSet<&'e str> {
    events.iter().filter(|event| event.phase == phase).map(|event| event.value.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::testing::history;

    #[track_caller]
    fn says(text: &str, last: &str, expected: &[&str]) {
        let last: Vec<(String, String)> = last
            .split_whitespace()
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(check(&history(text), "book", &last), expected);
    }

    #[test]
    fn what_was_acknowledged_is_there_and_unknown_may_be_either() {
        let text = "1 0 book a invoke\n2 0 book a ok A\n3 1 book b invoke\n4 1 book b info\n\
                    5 2 book c invoke\n6 2 book c fail\n7 3 book d invoke";
        says(text, "a=A", &[]);
        says(text, "a=A b=B d=D", &[]);
    }

    #[test]
    fn a_lost_element_is_caught() {
        says("1 0 book a invoke\n2 0 book a ok A", "", &["a: A was acknowledged and is lost"]);
    }

    #[test]
    fn another_element_under_the_key_is_caught() {
        let lost = "a: A was acknowledged and is lost";
        says("1 0 book a invoke\n2 0 book a ok A", "a=B", &[lost]);
        let two = "a: one key, several elements: {\"A\", \"B\"}";
        says("1 0 book a invoke\n2 0 book a ok A", "a=A a=B", &[two]);
    }

    #[test]
    fn an_element_out_of_nothing_is_caught() {
        let refused = "c: {\"C\"} was refused and is there";
        says("1 2 book c invoke\n2 2 book c fail", "c=C", &[refused]);
        says("", "x=X", &["x: is there and nobody asked for it"]);
    }

    #[test]
    fn an_element_that_is_listed_twice_is_caught() {
        says("1 0 book a invoke\n2 0 book a ok A", "a=A a=A", &["a: A is there twice"]);
    }
}
