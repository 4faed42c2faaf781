//! What was acknowledged is there at the end, once; what was refused is not; what nobody knows may
//! be either; nothing is there that nobody asked for. What is known, by an acknowledgement or by a
//! read, is in every read that begins later.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::{Event, Phase};

/// The operation that reads all elements. The value of one that was done names them.
pub(crate) const READ: &str = "read";
/// What stands between two elements.
pub(crate) const BETWEEN: &str = ",";

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
    for (key, value) in lost(history, op, last) {
        found.push(format!("{key}: {value} was acknowledged and is lost"));
    }
    found.extend(vanished(history, op, last));
    for (key, events) in &asked {
        let values = present.get(key).unwrap_or(&nothing);
        let acknowledged: BTreeSet<&str> = values_of(events, Phase::Ok);
        // Who was refused for good, and never left in doubt, has nothing.
        let is_in_doubt = events.iter().any(|event| event.phase == Phase::Info)
            || events.last().is_some_and(|event| event.phase == Phase::Invoke);
        if acknowledged.is_empty() && !is_in_doubt && !values.is_empty() {
            found.push(format!("{key}: {values:?} was refused and is there"));
        }
    }
    found
}

/// Key and value of whatever was acknowledged and is not there at the end.
pub(crate) fn lost<'e>(
    history: &'e [Event],
    op: &str,
    last: &[(String, String)],
) -> BTreeSet<(&'e str, &'e str)> {
    let is_there =
        |event: &Event| last.iter().any(|(key, value)| *key == event.key && *value == event.value);
    let acknowledged = history.iter().filter(|event| event.op == op && event.phase == Phase::Ok);
    let lost = acknowledged.filter(|event| !is_there(event));
    lost.map(|event| (event.key.as_str(), event.value.as_str())).collect()
}

/// Elements that were known when a read began that does not show them, whether they came back
/// afterwards or not.
fn vanished(history: &[Event], op: &str, last: &[(String, String)]) -> Vec<String> {
    let reads = reads(history);
    let acknowledged = history.iter().filter(|event| event.op == op && event.phase == Phase::Ok);
    let mut known: BTreeMap<&str, u128> = BTreeMap::new();
    let shown = reads.iter().flat_map(|read| read.shown.iter().map(|value| (*value, read.end)));
    for (value, at) in acknowledged.map(|event| (event.value.as_str(), event.t_us)).chain(shown) {
        let since = known.entry(value).or_insert(at);
        *since = at.min(*since);
    }
    let is_missed = |read: &Read<'_>, value: &str, since: u128| {
        since < read.begin && !read.shown.contains(value)
    };
    let mut found = Vec::new();
    for (value, since) in known {
        let missing = reads.iter().filter(|read| is_missed(read, value, since));
        let Some(first) = missing.min_by_key(|read| read.begin) else { continue };
        let is_back = last.iter().any(|(_, present)| present == value)
            || reads.iter().any(|read| first.end < read.end && read.shown.contains(value));
        let then = if is_back { "came back" } else { "stayed away" };
        found.push(format!("{value}: a read at {} us misses it, and it {then}", first.begin));
    }
    found
}

struct Read<'e> {
    begin: u128,
    end: u128,
    shown: BTreeSet<&'e str>,
}

/// Those that came to their end. One process reads one after the other.
fn reads(history: &[Event]) -> Vec<Read<'_>> {
    let mut begun: BTreeMap<usize, u128> = BTreeMap::new();
    let mut reads = Vec::new();
    for event in history.iter().filter(|event| event.op == READ) {
        match event.phase {
            Phase::Invoke => {
                begun.insert(event.process, event.t_us);
            }
            Phase::Ok => {
                let begin = begun.get(&event.process).copied().unwrap_or(event.t_us);
                let shown = event.value.split(BETWEEN).filter(|value| !value.is_empty());
                reads.push(Read { begin, end: event.t_us, shown: shown.collect() });
            }
            Phase::Fail | Phase::Info => {}
        }
    }
    reads
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
    fn an_element_that_vanishes_and_comes_back_is_caught() {
        let told = "A: a read at 3 us misses it, and it came back";
        let missed = "1 0 book a invoke\n2 0 book a ok A\n3 9 read - invoke\n4 9 read - ok B";
        let book_b = "0 1 book b invoke\n1 1 book b ok B\n";
        says(&format!("{book_b}{missed}"), "a=A b=B", &[told]);
        // Nobody was told of it; a read had shown it.
        let seen = "1 0 book a invoke\n1 9 read - invoke\n2 9 read - ok A\n3 9 read - invoke\n\
                    4 9 read - ok\n5 9 read - invoke\n6 9 read - ok A\n7 0 book a info";
        says(seen, "a=A", &[told]);
        let away = "A: a read at 3 us misses it, and it stayed away";
        says(&seen.replace("6 9 read - ok A", "6 9 read - ok"), "", &[away]);
    }

    #[test]
    fn a_read_that_began_before_may_miss_an_element_and_a_broken_one_says_nothing() {
        let early = "1 0 book a invoke\n1 9 read - invoke\n2 0 book a ok A\n3 9 read - ok\n\
                     4 9 read - invoke\n5 9 read - info";
        says(early, "a=A", &[]);
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
