//! F19: wall clocks jump, by an hour ahead and by two back, of the server alone and of the database
//! alone. Only the database's clock decides: a wrong server expires nothing early. Clocks that differ
//! are told within 30 s.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;
use vacancy_store::testing::TestFolder;

use crate::cluster::Cluster;
use crate::life::Life;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::wire::{self, Ask};
use crate::{Trouble, journey, runtime};

const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
/// A jump is told within this time.
const ALARM_MAX: Duration = Duration::from_secs(30);
/// The sweep has looked several times by then.
const SWEEPS: Duration = Duration::from_secs(3);

/// The clock of one process, turned by writing to a file.
struct Clock {
    file: PathBuf,
}

impl Clock {
    fn new(folder: &Path, name: &str) -> Result<Clock, Trouble> {
        if !Path::new(LIBRARY).exists() {
            return Err(format!("{LIBRARY} is missing (Debian: apt-get install faketime)").into());
        }
        let clock = Clock { file: folder.join(name) };
        clock.turn("+0")?;
        Ok(clock)
    }

    fn turn(&self, by: &str) -> Result<(), Trouble> {
        // Whole at any moment: it is read by others while we write.
        let fresh = self.file.with_extension("new");
        std::fs::write(&fresh, format!("{by}\n"))?;
        Ok(std::fs::rename(fresh, &self.file)?)
    }

    /// Waiting goes on at its own pace: only the time of day is false.
    fn envs(&self) -> [(&'static str, String); 4] {
        [
            ("LD_PRELOAD", LIBRARY.to_owned()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.display().to_string()),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }
}

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    runtime()?.block_on(async {
        let folder = TestFolder::new();
        let own = Clock::new(folder.path(), "server")?;
        match engine {
            Engine::Sqlite => one_clock(setup, &own).await,
            Engine::Postgres => two_clocks(setup, &folder, &own).await,
        }
    })
}

/// The server's clock is the store's: it jumps for both.
async fn one_clock(setup: &Setup, own: &Clock) -> Result<Outcome, Trouble> {
    let mut place = Place::open(&setup.binary, Engine::Sqlite).await?;
    place.envs = own.envs().to_vec();
    let mut life = Life::new(&place, None);
    let hotel = journey::open(&mut life, 10).await?;
    let early = journey::book(&mut life, &hotel, "early", 0).await?;
    own.turn("-7200")?;
    tokio::time::sleep(SWEEPS).await;
    let back = journey::book(&mut life, &hotel, "two-hours-back", 0).await?;
    journey::pay(&mut life, &back).await?;
    life.until(&early.show(), "status", "PENDING_PAYMENT").await?;
    own.turn("+3600")?;
    life.until(&early.show(), "status", "EXPIRED").await?;
    let ahead = journey::book(&mut life, &hotel, "an-hour-ahead", 0).await?;
    journey::pay(&mut life, &ahead).await?;
    journey::cancel(&mut life, &back).await?;
    journey::counts(&mut life, &hotel, 1, 0).await?;
    life.stop()?;
    let violations = life.violations;
    place.remove().await;
    let done =
        "the clock goes 2 h back, then 3 h ahead, while guests book, pay and cancel".to_owned();
    let figures = "holds end by the store's clock, 0 lost".to_owned();
    Ok(Outcome { done, figures, violations })
}

async fn two_clocks(setup: &Setup, folder: &TestFolder, own: &Clock) -> Result<Outcome, Trouble> {
    let stores = Clock::new(folder.path(), "database")?;
    let mut cluster = Cluster::init(folder.path(), None)?;
    for (name, value) in stores.envs() {
        cluster = cluster.with_env(name, &value);
    }
    cluster.start()?;
    let data = TestFolder::new();
    let mut place = Place::at(&setup.binary, data.path(), Some(cluster.url()));
    place.envs = own.envs().to_vec();
    let mut life = Life::new(&place, None);
    let hotel = journey::open(&mut life, 10).await?;
    let early = journey::book(&mut life, &hotel, "early", 0).await?;
    let mut alarms = Vec::new();
    for (by, name) in [("+3600", "ahead"), ("-7200", "back")] {
        own.turn(by)?;
        alarms.push(alarm(&mut life, true).await?);
        // The sweep looks with a false clock beside it, and takes nothing.
        life.until(&early.show(), "status", "PENDING_PAYMENT").await?;
        let booking = journey::book(&mut life, &hotel, &format!("server-{name}"), 0).await?;
        journey::pay(&mut life, &booking).await?;
        own.turn("+0")?;
        alarm(&mut life, false).await?;
    }
    stores.turn("-7200")?;
    alarms.push(alarm(&mut life, true).await?);
    let back = journey::book(&mut life, &hotel, "store-back", 0).await?;
    life.until(&early.show(), "status", "PENDING_PAYMENT").await?;
    stores.turn("+3600")?;
    alarms.push(alarm(&mut life, true).await?);
    life.until(&early.show(), "status", "EXPIRED").await?;
    life.until(&back.show(), "status", "EXPIRED").await?;
    let ahead = journey::book(&mut life, &hotel, "store-ahead", 0).await?;
    journey::pay(&mut life, &ahead).await?;
    journey::cancel(&mut life, &ahead).await?;
    journey::counts(&mut life, &hotel, 2, 0).await?;
    life.stop()?;
    let mut violations = life.violations;
    let latest = alarms.iter().max().copied().unwrap_or_default();
    if ALARM_MAX < latest {
        violations.push(format!("a false clock was told only after {latest:?}"));
    }
    Ok(Outcome {
        done: "the server's clock alone, then the database's, goes +1 h and -2 h".to_owned(),
        figures: format!("no hold ended early; told within {} s", latest.as_secs()),
        violations,
    })
}

/// Waits until the metric says that the clocks differ, or that they agree. Gives how long it took.
async fn alarm(life: &mut Life<'_>, is_wanted: bool) -> Result<Duration, Trouble> {
    let began = Instant::now();
    loop {
        let address = life.server().await?.address;
        let page = wire::ask(address, &Ask::get("/metrics".to_owned())).await?;
        let line =
            page.text_body.lines().find(|line| line.starts_with("vacancy_clock_skew_seconds"));
        let skew: f64 = line.and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0.0);
        if (0.5 < skew.abs()) == is_wanted {
            return Ok(began.elapsed());
        }
        if ALARM_MAX * 2 < began.elapsed() {
            return Err(format!("the clocks differ: {skew} s, wanted {is_wanted}").into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
