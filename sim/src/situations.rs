//! What must have happened somewhere in a long run, or the run has proved less than it seems: a
//! world in which nobody ever pays late proves nothing about late money.

use std::collections::BTreeMap;

/// From so many seeds on, every listed situation must have been seen.
pub const SEEDS_MIN: u64 = 500;

/// What must be seen.
pub const LISTED: [&str; 68] = [
    "answer: busy",
    "answer: closed",
    "answer: done",
    "answer: hold_expired",
    "answer: idempotency_key_reused",
    "answer: invalid_transition",
    "answer: no_room_free",
    "answer: not_blocked",
    "answer: outcome_unknown",
    "answer: replayed",
    "answer: sold_out",
    "answer: stale",
    "answer: stay_in_the_past",
    "answer: too_soon",
    "client: left before the answer",
    "commit: failed",
    "commit: unknown, applied",
    "commit: unknown, lost",
    "fault: a standby took over without the last commits",
    "fault: an instance died",
    "fault: everything stopped between two commits",
    "fault: the standby came back",
    "fault: the tail was lost",
    "hold: extended",
    "hold: lapsed because somebody wanted its nights",
    "hold: swept",
    "inbox: payment_mismatch settled",
    "inbox: refund_missing settled",
    "job: attempted again",
    "job: died at work",
    "job: done",
    "job: lost its lease",
    "money: a bank took it back",
    "money: a part was given back",
    "money: came late and went back",
    "money: came late, the nights were taken again",
    "money: deadline passed while somebody paid",
    "money: given back",
    "money: lists were compared",
    "money: staff gave back",
    "money: the provider's answer was lost",
    "money: the rest was charged",
    "money: the rest was declined",
    "money: what came twice went back",
    "news: committed late",
    "news: followed",
    "night: no longer oversold",
    "night: oversold by a cut",
    "provider: a bank asked, and then took the money",
    "provider: a bank gave money back",
    "provider: a charge was disputed",
    "provider: a dispute was lost",
    "provider: a refund came back days after it was made",
    "provider: a refund was on its way for a while",
    "provider: an order was paid twice",
    "provider: money that is in no book of ours was disputed",
    "provider: other money came than was asked",
    "provider: what had failed was authorised days later",
    "provider: would not close a session",
    "room: given",
    "stay: ended early",
    "stay: guest did not come",
    "stay: moved to other nights",
    "stay: two lines on one pool",
    "webhook: came hours later",
    "webhook: came more than once",
    "webhook: never came",
    "webhook: the end point was switched off",
];

/// How often each thing happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Situations(BTreeMap<String, u64>);

impl Situations {
    pub fn note(&mut self, what: &str) {
        self.note_times(what, 1);
    }

    pub fn note_times(&mut self, what: &str, times: u64) {
        if 0 < times {
            *self.0.entry(what.to_owned()).or_insert(0) += times;
        }
    }

    pub fn absorb(&mut self, other: &Situations) {
        for (what, times) in &other.0 {
            self.note_times(what, *times);
        }
    }

    /// Listed, and never seen.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        LISTED.into_iter().filter(|what| !self.0.contains_key(*what)).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(what, times)| (what.as_str(), *times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_seen_is_named() {
        let mut seen = Situations::default();
        for what in &LISTED[1..] {
            seen.note(what);
        }
        assert_eq!(seen.missing(), [LISTED[0]]);
    }
}
