//! The database is killed under a crowd, stays away and comes back. `/readyz` says which part is away,
//! everything goes on by itself, and nobody who was told yes is forgotten.

use std::process::Command;
use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;
use vacancy_store::testing::TestFolder;

use crate::Trouble;
use crate::afterwards;
use crate::cluster::{Cluster, finish};
use crate::guests::{Crowd, gather};
use crate::history::History;
use crate::house::House;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};
use crate::wire::{self, Ask};

const ROUNDS: usize = 10;
const ROUNDS_SHORT: usize = 2;
const GUESTS: usize = 40;
const ROOMS: usize = 30;
const ANSWERS: usize = 60;
const STEP: usize = 17;
/// How long the database is away.
const AWAY: Duration = Duration::from_secs(2);
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
    let place = Place::at(&setup.binary, folder.path(), Some(cluster.url()));
    place.migrate()?;
    let mut stage = Stage::open(&place)?;
    let admin_key = place.admin_key()?;
    let address = stage.server()?.address;
    let rounds = if setup.is_short { ROUNDS_SHORT } else { ROUNDS };
    let (mut violations, mut booked, mut wait_max) = (Vec::new(), 0, Duration::ZERO);
    let mut back_max = Duration::ZERO;
    for round in 0..rounds {
        let house = House::build(address, &admin_key, ROOMS).await?;
        let crowd = Crowd::new(doors(&[&stage]), house, History::new());
        let guests = crowd.arrive(GUESTS, &format!("away-{round}"));
        crowd.answers(round * STEP % ANSWERS).await;
        cluster.kill();
        let told = wire::ask(address, &Ask::get("/readyz".into())).await?;
        tokio::time::sleep(AWAY).await;
        let later = wire::ask(address, &Ask::get("/readyz".into())).await?;
        if later.status != 503 || !later.text_body.contains("database") {
            violations.push(format!("round {round}: /readyz says {told:?}, then {later:?}"));
        }
        cluster.revive()?;
        back_max = back_max.max(ready_again(address).await?);
        let mut found = Vec::new();
        let fared = gather(guests, &mut found).await;
        found.extend(afterwards::look(&place, &crowd, &fared).await?);
        violations.extend(found.into_iter().map(|told| format!("round {round}: {told}")));
        booked += fared.iter().filter(|one| one.reservation.is_some()).count();
        wait_max = fared.iter().map(|one| one.wait).max().unwrap_or_default().max(wait_max);
    }
    stage.stop()?;
    place.verify()?;
    cluster.stop()?;
    Ok(Outcome {
        done: format!("PostgreSQL is killed {rounds} times under {GUESTS} guests, away for 2 s"),
        figures: format!(
            "{booked} booked, 0 lost; ready again within {} ms of its return",
            back_max.as_millis()
        ),
        violations,
    })
}

async fn ready_again(address: std::net::SocketAddr) -> Result<Duration, Trouble> {
    let began = Instant::now();
    while wire::ask(address, &Ask::get("/readyz".into())).await?.status != 200 {
        if BACK_MAX < began.elapsed() {
            return Err("not ready again although the database is back".into());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(began.elapsed())
}
