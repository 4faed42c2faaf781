//! Two instances on one PostgreSQL, killed by turns while a crowd knocks at both. Whoever got no
//! answer from the one asks the other.

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::afterwards;
use crate::guests::{Crowd, gather};
use crate::history::History;
use crate::house::House;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};

const ROUNDS: usize = 50;
const ROUNDS_SHORT: usize = 4;
const GUESTS: usize = 60;
const ROOMS: usize = 40;
/// Answers between the death of the one and the death of the other.
const BETWEEN: usize = 30;
const ANSWERS: usize = 60;
const STEP: usize = 17;

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(turns(setup, engine))
}

async fn turns(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut stages = [Stage::open(&place)?, Stage::open(&place)?];
    let admin_key = place.admin_key()?;
    let rounds = if setup.is_short { ROUNDS_SHORT } else { ROUNDS };
    let (mut violations, mut booked, mut doubts) = (Vec::new(), 0, 0);
    for round in 0..rounds {
        let house = House::build(stages[0].server()?.address, &admin_key, ROOMS).await?;
        let [one, other] = &stages;
        let mut crowd = Crowd::new(doors(&[one, other]), house, History::new());
        crowd.is_paid_online = false;
        let guests = crowd.arrive(GUESTS, &format!("turn-{round}"));
        for turn in 0..2 {
            crowd.answers(round * STEP % ANSWERS + turn * BETWEEN).await;
            let stage = &mut stages[(round + turn) % 2];
            stage.kill();
            stage.start()?;
        }
        let mut found = Vec::new();
        let fared = gather(guests, &mut found).await;
        found.extend(afterwards::look(&place, &crowd, &fared).await?);
        violations.extend(found.into_iter().map(|told| format!("round {round}: {told}")));
        booked += fared.iter().filter(|one| one.reservation.is_some()).count();
        doubts += crowd.doubts();
    }
    for stage in &mut stages {
        stage.stop()?;
    }
    place.verify()?;
    place.remove().await;
    Ok(Outcome {
        done: format!("two instances killed by turns, {} kills under {GUESTS} guests", 2 * rounds),
        figures: format!("{booked} booked, {doubts} requests left in doubt and resolved, 0 lost"),
        violations,
    })
}
