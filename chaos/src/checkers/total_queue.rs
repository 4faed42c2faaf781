//! Whatever was put into a queue is done at least once or parked where people see it, and nothing
//! is done that was never put there.

use std::collections::BTreeSet;

pub(crate) fn check<'e>(
    enqueued: impl IntoIterator<Item = &'e str>,
    done: impl IntoIterator<Item = &'e str>,
    parked: impl IntoIterator<Item = &'e str>,
) -> Vec<String> {
    let enqueued: BTreeSet<&str> = enqueued.into_iter().collect();
    let out: BTreeSet<&str> = done.into_iter().chain(parked).collect();
    let lost = enqueued.difference(&out).map(|item| format!("{item}: neither done nor parked"));
    let invented = out.difference(&enqueued).map(|item| format!("{item}: nobody asked for it"));
    lost.chain(invented).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn done_twice_or_parked_is_right() {
        assert!(check(["a", "b"], ["a", "a"], ["b"]).is_empty());
    }

    #[test]
    fn lost_and_invented_items_are_caught() {
        let found = check(["a", "b"], ["a", "x"], []);
        assert_eq!(found, ["b: neither done nor parked", "x: nobody asked for it"]);
    }
}
