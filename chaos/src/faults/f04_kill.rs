//! F4: kill -9 in the middle of a spike. In every round a crowd asks a new house for more rooms than
//! it has, pays, confirms, cancels; the server dies once so many answers have come, and the crowd
//! goes on with its successor.

use std::ops::Range;
use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::guests::Crowd;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};
use crate::tally::Tally;

const KILLS: usize = 200;
const KILLS_SHORT: usize = 20;
/// Every kill is followed by a look at all books of the place, so a place must not grow without end.
const KILLS_OF_A_PLACE: usize = 20;
const GUESTS: usize = 60;
const ROOMS: usize = 40;
/// Answers that a whole round takes at least; the kills are spread over them.
const ANSWERS: usize = 200;
/// Far from a divisor of the answers, so that every moment has its turn.
const STEP: usize = 37;

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(kills(setup, engine))
}

async fn kills(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let rounds = if setup.is_short { KILLS_SHORT } else { KILLS };
    let (mut tally, mut back_max) = (Tally::default(), Duration::ZERO);
    for first in (0..rounds).step_by(KILLS_OF_A_PLACE) {
        let kills = first..rounds.min(first + KILLS_OF_A_PLACE);
        back_max = back_max.max(kills_at_a_place(setup, engine, kills, &mut tally).await?);
    }
    let Tally { booked, lost, unknown, steps, wait_max, violations, .. } = tally;
    Ok(Outcome {
        done: format!(
            "kill -9 {rounds} times while {GUESTS} guests book {ROOMS} rooms, pay, cancel"
        ),
        figures: format!(
            "{booked} booked, {lost} lost; {unknown} requests left in doubt and resolved; {steps} \
             steps and each in the news; back within {} ms, the longest wait for a yes or no {} ms",
            back_max.as_millis(),
            wait_max.as_millis()
        ),
        violations,
    })
}

/// Gives the longest time until a server was back.
async fn kills_at_a_place(
    setup: &Setup,
    engine: Engine,
    kills: Range<usize>,
    tally: &mut Tally,
) -> Result<Duration, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut stage = Stage::open(&place)?;
    let admin_key = place.admin_key()?;
    let mut back_max = Duration::ZERO;
    for kill in kills {
        let crowd = Crowd::at_a_new_house(doors(&[&stage]), &admin_key, ROOMS).await?;
        let guests = crowd.arrive(GUESTS, &format!("kill-{kill}"));
        crowd.answers(kill * STEP % ANSWERS).await;
        stage.kill();
        let mut found = Vec::new();
        // What the dead process left is right as it lies there, before anything repairs it.
        if let Err(told) = place.verify() {
            found.push(format!("left behind: {told}"));
        }
        let began = Instant::now();
        stage.start()?;
        back_max = back_max.max(began.elapsed());
        tally.close(&place, &crowd, guests, found).await?;
    }
    // The last server met no fault.
    tally.violations.extend(stage.stop()?);
    place.verify()?;
    place.remove().await;
    Ok(back_max)
}
