//! Two instances on one PostgreSQL, killed by turns while a crowd knocks at both. Whoever got no
//! answer from the one asks the other.

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::guests::Crowd;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};
use crate::tally::Tally;

const ROUNDS: usize = 50;
const ROUNDS_SHORT: usize = 4;
const GUESTS: usize = 60;
const ROOMS: usize = 40;
/// Answers between the death of the one and the death of the other.
const BETWEEN: usize = 30;
const ANSWERS: usize = 60;
const STEP: usize = 17;

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(turns(setup, engine))
}

async fn turns(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut stages = [Stage::open(&place)?, Stage::open(&place)?];
    let admin_key = place.admin_key()?;
    let rounds = if setup.is_short { ROUNDS_SHORT } else { ROUNDS };
    let mut tally = Tally::default();
    for round in 0..rounds {
        let [one, other] = &stages;
        let mut crowd = Crowd::at_a_new_house(doors(&[one, other]), &admin_key, ROOMS).await?;
        crowd.is_paid_online = false;
        let guests = crowd.arrive(GUESTS, &format!("turn-{round}"));
        for turn in 0..2 {
            crowd.answers(round * STEP % ANSWERS + turn * BETWEEN).await;
            let stage = &mut stages[(round + turn) % 2];
            stage.kill();
            stage.start()?;
        }
        tally.close(&place, &crowd, guests, Vec::new()).await?;
    }
    for stage in &mut stages {
        tally.violations.extend(stage.stop()?);
    }
    place.verify()?;
    place.remove().await;
    let Tally { booked, lost, unknown, steps, violations, .. } = tally;
    Ok(Outcome {
        done: format!("two instances killed by turns, {} kills under {GUESTS} guests", 2 * rounds),
        figures: format!(
            "{booked} booked, {lost} lost; {unknown} requests left in doubt and resolved; {steps} \
             steps and each in the news"
        ),
        violations,
    })
}
