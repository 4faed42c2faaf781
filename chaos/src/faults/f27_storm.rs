//! F27: a storm. Far more guests than rooms ask at the same moment; who has no answer in a second
//! leaves, asks again and waits two, then four, so that the server works for people who are gone. In
//! the middle of it the server is killed, and its successor meets all of them at once. Its work must
//! become answers again: every guest must have a yes or no soon, and every room is sold once. How many
//! are served a second before and after is told and not judged: after the return the guests that are
//! left set the pace by their waiting.

use std::time::Duration;

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::afterwards::keyed_by;
use crate::checkers::bounded_counter::{self, SOLD_OUT};
use crate::checkers::set_full;
use crate::guests::Crowd;
use crate::history::{Event, Phase};
use crate::house::email;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};

const KILLS: usize = 3;
const KILLS_SHORT: usize = 1;
const GUESTS: usize = 2_000;
const ROOMS: usize = 500;
const GUESTS_SHORT: usize = 600;
const ROOMS_SHORT: usize = 150;
/// Patience of a guest with the first attempt; twice as long with each other.
const TRY_MAX: Duration = Duration::from_secs(1);
/// Longest wait for the last yes or no, from when there is a server again.
const ANSWERED_MAX: Duration = Duration::from_secs(10);

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(storms(setup, engine))
}

/// What the storms came to; the worst of each.
#[derive(Default)]
struct Told {
    sold: usize,
    requests: usize,
    left: usize,
    before: f64,
    after: f64,
    last: Duration,
    violations: Vec<String>,
}

async fn storms(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut stage = Stage::open(&place)?;
    let admin_key = place.admin_key()?;
    let (kills, guests, rooms) = if setup.is_short {
        (KILLS_SHORT, GUESTS_SHORT, ROOMS_SHORT)
    } else {
        (KILLS, GUESTS, ROOMS)
    };
    let mut told = Told { before: f64::MAX, after: f64::MAX, ..Told::default() };
    for kill in 0..kills {
        let mut crowd = Crowd::at_a_new_house(doors(&[&stage]), &admin_key, rooms).await?;
        crowd.try_max = TRY_MAX;
        let keys = (0..guests).map(|guest| format!("storm-{kill}-{guest}")).collect();
        // Another part of the guests has an answer each time.
        let answers = guests * (kill + 1) / (kills + 2);
        storm(&place, &mut stage, &crowd, keys, answers, &mut told).await?;
    }
    told.violations.extend(stage.stop()?);
    place.verify()?;
    place.remove().await;
    let Told { sold, requests, left, before, after, last, violations } = told;
    Ok(Outcome {
        done: format!(
            "{guests} guests storm {rooms} rooms and leave after 1, 2, 4 s, {kills} kill -9"
        ),
        figures: format!(
            "{sold} of {} rooms sold; {requests} requests, {left} without an answer; at least \
             {before:.0} guests served a second before the kill, {after:.0} after it; the last yes \
             or no {} ms after the return",
            kills * rooms,
            last.as_millis()
        ),
        violations,
    })
}

async fn storm(
    place: &Place,
    stage: &mut Stage<'_>,
    crowd: &Crowd,
    keys: Vec<String>,
    answers: usize,
    told: &mut Told,
) -> Result<(), Trouble> {
    let guests = crowd.ask_only(keys);
    crowd.answers(answers).await;
    stage.kill();
    let killed_us = crowd.history.now_us();
    if let Err(wrong) = place.verify() {
        told.violations.push(format!("left behind: {wrong}"));
    }
    stage.start()?;
    let back_us = crowd.history.now_us();
    for guest in guests {
        if let Err(trouble) = guest.await? {
            told.violations.push(trouble.to_string());
        }
    }
    let events = crowd.history.events();
    told.requests += events.iter().filter(|event| event.phase == Phase::Invoke).count();
    told.left += events.iter().filter(|event| event.phase == Phase::Info).count();
    let served: Vec<u128> =
        events.iter().filter(|event| is_served(event)).map(|event| event.t_us).collect();
    let last_us = served.last().copied().unwrap_or_default();
    let first_us = events.first().map(|event| event.t_us).unwrap_or_default();
    let before = rate(&served, first_us, killed_us);
    let after = rate(&served, back_us, last_us);
    let last = Duration::from_micros(u64::try_from(last_us.saturating_sub(back_us))?);
    if ANSWERED_MAX < last {
        told.violations.push(format!("the last yes or no came {last:?} after the return"));
    }
    told.before = told.before.min(before);
    told.after = told.after.min(after);
    told.last = told.last.max(last);
    let (sold, found) = judge(stage, crowd, &events).await?;
    told.sold += sold;
    told.violations.extend(found);
    Ok(())
}

/// Every room is sold, once, to people who were told so. Gives how many are.
async fn judge(
    stage: &mut Stage<'_>,
    crowd: &Crowd,
    events: &[Event],
) -> Result<(usize, Vec<String>), Trouble> {
    let address = stage.server()?.address;
    let listed = crowd.house.listed(address).await?;
    let taken = crowd.house.taken(address).await?;
    let mut found = Vec::new();
    let (rooms, sold) = (crowd.house.rooms, listed.len());
    if sold != rooms || taken != rooms {
        found.push(format!("{rooms} must win, {sold} are listed, {taken} in the calendar"));
    }
    let last: Vec<_> = listed.into_iter().map(|one| (one.email, one.id)).collect();
    found.extend(set_full::check(&keyed_by(events, email), "book", &last));
    found.extend(bounded_counter::check(events, rooms, taken));
    Ok((sold, found))
}

/// A guest has their yes or no.
fn is_served(event: &Event) -> bool {
    event.op == "book"
        && (event.phase == Phase::Ok || event.phase == Phase::Fail && event.value == SOLD_OUT)
}

/// Guests served a second, from one time to another.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(served: &[u128], from_us: u128, to_us: u128) -> f64 {
    let count = served.iter().filter(|at| (from_us..=to_us).contains(*at)).count();
    count as f64 * 1e6 / to_us.saturating_sub(from_us).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_counts_what_lies_between() {
        let served = [500_000, 1_000_000, 1_500_000, 3_000_000];
        let close = |rate: f64, expected: f64| (rate - expected).abs() < 1e-6;
        assert!(close(rate(&served, 1_000_000, 2_000_000), 2.0));
        assert!(close(rate(&served, 4_000_000, 4_000_000), 0.0));
    }
}
