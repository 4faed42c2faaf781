//! The database is killed under a crowd, stays away and comes back; or it is frozen, so that connections
//! stay open and nobody answers, and thaws. `/readyz` says which part is away, whoever asks hears so in
//! time, everything goes on by itself, and nobody who was told yes is forgotten.

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;
use vacancy_store::testing::TestFolder;

use crate::Trouble;
use crate::cluster::{Cluster, finish};
use crate::guests::Crowd;
use crate::house::House;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};
use crate::tally::Tally;
use crate::wire::{self, Ask};

const ROUNDS: usize = 20;
const ROUNDS_SHORT: usize = 4;
const GUESTS: usize = 40;
const ROOMS: usize = 30;
const ANSWERS: usize = 100;
const STEP: usize = 17;
/// How long the database is away.
const AWAY: Duration = Duration::from_secs(2);
/// The longest time for one answer, as the server is told.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// What an answer takes on its way, on a machine that others use.
const SLACK: Duration = Duration::from_secs(1);
/// Longest time from its return until the server is ready again.
const BACK_MAX: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) fn run(setup: &Setup, _engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(go_away(setup))
}

async fn go_away(setup: &Setup) -> Result<Outcome, Trouble> {
    let folder = TestFolder::new();
    // PostgreSQL's own user must get in.
    finish(Command::new("chmod").arg("0755").arg(folder.path()))?;
    let mut cluster = Cluster::init(folder.path(), None)?;
    cluster.start()?;
    let mut place = Place::at(&setup.binary, folder.path(), Some(cluster.url()));
    let answer_ms = ANSWER_MAX.as_millis().to_string();
    place.envs.push(("VACANCY_HTTP_REQUEST_MS_MAX", answer_ms));
    place.migrate()?;
    let mut stage = Stage::open(&place)?;
    let admin_key = place.admin_key()?;
    let address = stage.server()?.address;
    let rounds = if setup.is_short { ROUNDS_SHORT } else { ROUNDS };
    let (mut tally, mut told_max, mut back_max) =
        (Tally::default(), Duration::ZERO, Duration::ZERO);
    // Who asks there may be booked after all, once the database is back.
    let other_house = House::build(address, &admin_key, rounds).await?;
    for round in 0..rounds {
        let crowd = Crowd::at_a_new_house(doors(&[&stage]), &admin_key, ROOMS).await?;
        let guests = crowd.arrive(GUESTS, &format!("away-{round}"));
        crowd.answers(round / 2 * STEP % ANSWERS).await;
        let mut found = Vec::new();
        if round % 2 == 0 {
            cluster.kill();
            tokio::time::sleep(AWAY).await;
            told_max = told_max.max(is_told(address, &other_house, round, &mut found).await?);
            cluster.revive()?;
        } else {
            cluster.freeze()?;
            let told = is_told(address, &other_house, round, &mut found).await;
            cluster.thaw()?;
            told_max = told_max.max(told?);
        }
        back_max = back_max.max(ready_again(address).await?);
        tally.close(&place, &crowd, guests, found).await?;
    }
    stage.stop()?;
    place.verify()?;
    cluster.stop()?;
    let Tally { booked, lost, unknown, violations, .. } = tally;
    Ok(Outcome {
        done: format!(
            "PostgreSQL is killed {} times under {GUESTS} guests, away for 2 s, and frozen {} times",
            rounds.div_ceil(2),
            rounds / 2
        ),
        figures: format!(
            "{booked} booked, {lost} lost; {unknown} requests left in doubt and resolved; told 503 \
             within {} ms of {}; ready again within {} ms of its return",
            told_max.as_millis(),
            ANSWER_MAX.as_millis(),
            back_max.as_millis()
        ),
        violations,
    })
}

/// Whoever asks is told in time, and when to come again. Gives the longest wait.
async fn is_told(
    address: SocketAddr,
    house: &House,
    round: usize,
    found: &mut Vec<String>,
) -> Result<Duration, Trouble> {
    let ready = Ask::get("/readyz".into());
    let began = Instant::now();
    let (wish, read) = (house.wish(&format!("away-{round}-asks"), 0), house.today());
    let (ready, booked, shown) = tokio::join!(
        wire::ask(address, &ready),
        wire::ask(address, &wish),
        wire::ask(address, &read)
    );
    let waited = began.elapsed();
    let ready = ready?;
    if ready.body["parts"]["database"] == "ok" {
        found.push(format!("/readyz says {ready:?}"));
    }
    for answer in [ready, booked?, shown?] {
        if answer.status != 503 || !answer.has_retry_after {
            found.push(format!("the database is away, and told was {answer:?}"));
        }
    }
    if ANSWER_MAX + SLACK < waited {
        found.push(format!("it took {waited:?} to be told"));
    }
    Ok(waited)
}

async fn ready_again(address: SocketAddr) -> Result<Duration, Trouble> {
    let began = Instant::now();
    while wire::ask(address, &Ask::get("/readyz".into())).await?.status != 200 {
        if BACK_MAX < began.elapsed() {
            return Err("not ready again although the database is back".into());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(began.elapsed())
}
