//! F32: SIGTERM under load, again and again. Whatever the server took it also answers, it ends by
//! itself in time, and its successor goes on where it stopped.

use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::afterwards;
use crate::guests::{Crowd, REFUSED, gather};
use crate::history::{Event, History, Phase};
use crate::house::House;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};

const STOPS: usize = 100;
const STOPS_SHORT: usize = 10;
const GUESTS: usize = 60;
const ROOMS: usize = 40;
const ANSWERS: usize = 110;
const STEP: usize = 41;
const END_MAX: Duration = Duration::from_secs(10);

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(stops(setup, engine))
}

async fn stops(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut stage = Stage::open(&place)?;
    let admin_key = place.admin_key()?;
    let rounds = if setup.is_short { STOPS_SHORT } else { STOPS };
    let (mut violations, mut end_max, mut requests) = (Vec::new(), Duration::ZERO, 0);
    for round in 0..rounds {
        let house = House::build(stage.server()?.address, &admin_key, ROOMS).await?;
        let crowd = Crowd::new(doors(&[&stage]), house, History::new());
        let guests = crowd.arrive(GUESTS, &format!("stop-{round}"));
        crowd.answers(round * STEP % ANSWERS).await;
        let began = Instant::now();
        stage.stop()?;
        let ended = began.elapsed();
        end_max = end_max.max(ended);
        stage.start()?;
        let mut found = Vec::new();
        let fared = gather(guests, &mut found).await;
        let events = crowd.history.events();
        requests += events.iter().filter(|event| event.phase == Phase::Invoke).count();
        found.extend(
            events.iter().filter(|event| is_hurt(event)).map(|event| {
                format!("{} {} {:?}: {}", event.key, event.op, event.phase, event.value)
            }),
        );
        if END_MAX < ended {
            found.push(format!("it took {ended:?} to end"));
        }
        found.extend(afterwards::look(&place, &crowd, &fared).await?);
        violations.extend(found.into_iter().map(|told| format!("round {round}: {told}")));
    }
    stage.stop()?;
    place.verify()?;
    place.remove().await;
    Ok(Outcome {
        done: format!("SIGTERM {rounds} times while {GUESTS} guests book, pay, cancel"),
        figures: format!(
            "{requests} requests, 0 failed, 0 unknown; ended within {} ms",
            end_max.as_millis()
        ),
        violations,
    })
}

/// An answer other than yes or "sold out", or none, of whoever was let in.
fn is_hurt(event: &Event) -> bool {
    match event.phase {
        Phase::Invoke | Phase::Ok => false,
        Phase::Fail => event.value != "sold_out" && event.value != REFUSED,
        Phase::Info => true,
    }
}
