//! F32: SIGTERM under load, again and again. Whatever the server took it also answers, it ends by
//! itself in time, and its successor goes on where it stopped.

use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::guests::Crowd;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};
use crate::tally::{self, Tally};

const STOPS: usize = 100;
const STOPS_SHORT: usize = 10;
const GUESTS: usize = 60;
const ROOMS: usize = 40;
const ANSWERS: usize = 180;
const STEP: usize = 41;
const END_MAX: Duration = Duration::from_secs(10);

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(stops(setup, engine))
}

async fn stops(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut stage = Stage::open(&place)?;
    let admin_key = place.admin_key()?;
    let rounds = if setup.is_short { STOPS_SHORT } else { STOPS };
    let (mut tally, mut end_max) = (Tally::default(), Duration::ZERO);
    for round in 0..rounds {
        let crowd = Crowd::at_a_new_house(doors(&[&stage]), &admin_key, ROOMS).await?;
        let guests = crowd.arrive(GUESTS, &format!("stop-{round}"));
        crowd.answers(round * STEP % ANSWERS).await;
        let began = Instant::now();
        let mut found = stage.stop()?;
        let ended = began.elapsed();
        end_max = end_max.max(ended);
        stage.start()?;
        if END_MAX < ended {
            found.push(format!("it took {ended:?} to end"));
        }
        tally.close(&place, &crowd, guests, found).await?;
        tally.violations.extend(tally::hurt(&crowd.history.events()));
    }
    tally.violations.extend(stage.stop()?);
    place.verify()?;
    place.remove().await;
    let Tally { requests, failed, unknown, lost, violations, .. } = tally;
    Ok(Outcome {
        done: format!("SIGTERM {rounds} times while {GUESTS} guests book, pay, cancel"),
        figures: format!(
            "{requests} requests, {failed} failed, {unknown} unknown, {lost} lost; ended within \
             {} ms",
            end_max.as_millis()
        ),
        violations,
    })
}
