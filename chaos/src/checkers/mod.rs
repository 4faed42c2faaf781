//! Judges a history against what is there at the end. Pure functions: a history in, violations out.
//! Each is tried on a history that it must refuse.

pub(crate) mod bounded_counter;
pub(crate) mod money;
pub(crate) mod set_full;
pub(crate) mod total_queue;

#[cfg(test)]
pub(crate) mod testing {
    //! A history as text: `time process op key phase value`, one event per line.

    use crate::history::{Event, Phase};

    pub(crate) fn history(text: &str) -> Vec<Event> {
        let event = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let op = ["book", "cancel", "refund", "read"].into_iter().find(|op| *op == words[2]);
            let phase = match words[4] {
                "invoke" => Phase::Invoke,
                "ok" => Phase::Ok,
                "fail" => Phase::Fail,
                "info" => Phase::Info,
                other => panic!("{other} is no phase"),
            };
            Event {
                t_us: words[0].parse().expect("a time"),
                process: words[1].parse().expect("a number"),
                op: op.expect("an operation"),
                key: words[3].to_owned(),
                phase,
                value: words.get(5).copied().unwrap_or_default().to_owned(),
            }
        };
        text.lines().filter(|line| !line.trim().is_empty()).map(event).collect()
    }
}
