//! F4: kill -9 in the middle of a spike. In every round a crowd asks a new house for more rooms than
//! it has, pays, confirms, cancels; the server dies once so many answers have come, and the crowd
//! goes on with its successor.

use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::afterwards;
use crate::guests::{Crowd, gather};
use crate::history::History;
use crate::house::House;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};

const KILLS: usize = 200;
const KILLS_SHORT: usize = 20;
const GUESTS: usize = 60;
const ROOMS: usize = 40;
/// Answers that a whole round takes at least; the kills are spread over them.
const ANSWERS: usize = 120;
/// Far from a divisor of the answers, so that every moment has its turn.
const STEP: usize = 37;

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(kills(setup, engine))
}

async fn kills(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut stage = Stage::open(&place)?;
    let admin_key = place.admin_key()?;
    let rounds = if setup.is_short { KILLS_SHORT } else { KILLS };
    let (mut violations, mut back_max) = (Vec::new(), Duration::ZERO);
    let (mut booked, mut doubts, mut wait_max) = (0, 0, Duration::ZERO);
    for round in 0..rounds {
        let house = House::build(stage.server()?.address, &admin_key, ROOMS).await?;
        let crowd = Crowd::new(doors(&[&stage]), house, History::new());
        let guests = crowd.arrive(GUESTS, &format!("kill-{round}"));
        crowd.answers(round * STEP % ANSWERS).await;
        stage.kill();
        // What the dead process left is right as it lies there, before anything repairs it.
        if let Err(told) = place.verify() {
            violations.push(format!("round {round}: left behind: {told}"));
        }
        let began = Instant::now();
        stage.start()?;
        back_max = back_max.max(began.elapsed());
        let mut found = Vec::new();
        let fared = gather(guests, &mut found).await;
        found.extend(afterwards::look(&place, &crowd, &fared).await?);
        violations.extend(found.into_iter().map(|told| format!("round {round}: {told}")));
        booked += fared.iter().filter(|one| one.reservation.is_some()).count();
        doubts += crowd.doubts();
        wait_max = fared.iter().map(|one| one.wait).max().unwrap_or_default().max(wait_max);
    }
    stage.stop()?;
    place.verify()?;
    place.remove().await;
    Ok(Outcome {
        done: format!(
            "kill -9 {rounds} times while {GUESTS} guests book {ROOMS} rooms, pay, cancel"
        ),
        figures: format!(
            "{booked} booked, {doubts} requests left in doubt and resolved, 0 lost; \
             back within {} ms, the longest wait for a yes or no {} ms",
            back_max.as_millis(),
            wait_max.as_millis()
        ),
        violations,
    })
}
