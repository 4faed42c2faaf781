//! What the rounds of a scenario come to: one crowd after the other is judged, and every figure is
//! counted in the histories.

use std::time::Duration;

use crate::Trouble;
use crate::afterwards;
use crate::checkers::{bounded_counter, set_full};
use crate::guests::{Crowd, Loose, REFUSED, gather};
use crate::history::{Event, Phase};
use crate::place::Place;

#[derive(Default)]
pub(crate) struct Tally {
    rounds: usize,
    /// Guests who had a reservation.
    pub(crate) booked: usize,
    /// Reservations that somebody was told of and that are not there.
    pub(crate) lost: usize,
    pub(crate) requests: usize,
    /// Requests that had another answer than yes or "sold out", of servers that listened.
    pub(crate) failed: usize,
    /// Requests of which nobody knew what came.
    pub(crate) unknown: usize,
    /// Steps of reservations, each of which was told in the news.
    pub(crate) steps: usize,
    pub(crate) wait_max: Duration,
    pub(crate) violations: Vec<String>,
}

impl Tally {
    /// Waits for the guests, judges the house, and counts. Gives the longest wait of this round.
    pub(crate) async fn close(
        &mut self,
        place: &Place,
        crowd: &Crowd,
        guests: Loose,
        mut found: Vec<String>,
    ) -> Result<Duration, Trouble> {
        let fared = gather(guests, &mut found).await;
        let seen = afterwards::look(place, crowd, &fared).await?;
        found.extend(seen.violations);
        self.steps += seen.steps;
        self.lost += seen.lost;
        self.booked += fared.iter().filter(|one| one.reservation.is_some()).count();
        self.count(&crowd.history.events());
        let wait_max = fared.iter().map(|one| one.wait).max().unwrap_or_default();
        self.wait_max = self.wait_max.max(wait_max);
        let round = self.rounds;
        self.rounds += 1;
        self.violations.extend(found.into_iter().map(|told| format!("round {round}: {told}")));
        Ok(wait_max)
    }

    fn count(&mut self, events: &[Event]) {
        for event in events.iter().filter(|event| event.op != set_full::READ) {
            match event.phase {
                Phase::Invoke => self.requests += 1,
                Phase::Info => self.unknown += 1,
                Phase::Fail => self.failed += usize::from(is_failure(event)),
                Phase::Ok => {}
            }
        }
    }
}

/// Answers other than yes or "sold out", or none, of whoever was let in.
pub(crate) fn hurt(events: &[Event]) -> Vec<String> {
    let is_hurt = |event: &&Event| event.phase == Phase::Info || is_failure(event);
    let hurt = events.iter().filter(is_hurt);
    hurt.map(|event| format!("{} {} {:?}: {}", event.key, event.op, event.phase, event.value))
        .collect()
}

fn is_failure(event: &Event) -> bool {
    event.phase == Phase::Fail && event.value != bounded_counter::SOLD_OUT && event.value != REFUSED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::testing::history;

    #[test]
    fn every_request_counts_once_and_only_those_that_were_let_in_can_fail() {
        let events = history(
            "1 0 book a invoke\n2 0 book a fail refused\n3 0 book a invoke\n4 0 book a info\n\
             5 0 book a invoke\n6 0 book a fail busy\n7 0 book a invoke\n8 0 book a ok A\n\
             9 1 book b invoke\n9 1 book b fail sold_out\n9 2 read - invoke\n9 2 read - info",
        );
        let mut tally = Tally::default();
        tally.count(&events);
        assert_eq!((tally.requests, tally.unknown, tally.failed), (5, 1, 1));
        assert_eq!(hurt(&events).len(), 3);
    }
}
