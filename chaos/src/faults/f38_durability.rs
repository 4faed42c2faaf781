//! F38: a database that may lose what was answered. The server does not start on it. One that runs
//! notices, says so and books nothing until it is over, whether the setting was taken back for the
//! whole database server or for new sessions of its own role alone.

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;
use vacancy_store::testing::{TestFolder, settings};

use crate::Trouble;
use crate::cluster::{Cluster, finish};
use crate::house::{House, expect};
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::wire::{self, Ask};

/// Settings under which PostgreSQL may forget an answered commit.
const UNSAFE: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];
/// How often the running server looks; as it comes, every minute.
const PERIOD_SHORT: Duration = Duration::from_secs(1);
const PERIOD: Duration = Duration::from_secs(60);
/// What a look takes on a machine that others use.
const SLACK: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

/// For whom a setting is turned off.
#[derive(Debug, Clone, Copy)]
enum For {
    /// `ALTER SYSTEM` and a reload: every session.
    Server,
    /// `ALTER ROLE`: sessions that are opened from now on.
    Role,
}

pub(crate) fn run(setup: &Setup, _engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(turn_off(setup))
}

async fn turn_off(setup: &Setup) -> Result<Outcome, Trouble> {
    let folder = TestFolder::new();
    // PostgreSQL's own user must get in.
    finish(Command::new("chmod").arg("0755").arg(folder.path()))?;
    let mut cluster = Cluster::init(folder.path(), None)?;
    cluster.start()?;
    let url = cluster.url();
    let place = Place::at(&setup.binary, folder.path(), Some(url.clone()));
    place.migrate()?;
    let mut violations = Vec::new();
    for setting in UNSAFE {
        settings::set(&url, setting, "off").await?;
        if let Ok(server) = place.serve(&[]) {
            server.stop()?;
            violations.push(format!("it starts with {setting}=off"));
        }
        settings::set(&url, setting, "on").await?;
    }
    let admin_key = place.admin_key()?;
    let (mut noticed_max, mut back_max) = (Duration::ZERO, Duration::ZERO);
    let turns = [
        ("fsync", For::Server, PERIOD_SHORT),
        ("synchronous_commit", For::Server, PERIOD_SHORT),
        ("synchronous_commit", For::Role, if setup.is_short { PERIOD_SHORT } else { PERIOD }),
    ];
    for (setting, whom, period) in turns {
        let period_ms = period.as_millis().to_string();
        let server = place.serve(&[("VACANCY_DATABASE_CHECK_MS_MAX", period_ms)])?;
        let house = House::build(server.address, &admin_key, 10).await?;
        let turn = Turn { url: &url, address: server.address, house, setting, whom, period };
        let (noticed, back, found) = turn.live().await?;
        noticed_max = noticed_max.max(noticed);
        back_max = back_max.max(back);
        violations.extend(found.into_iter().map(|told| format!("{setting}, {whom:?}: {told}")));
        server.stop()?;
        place.verify()?;
    }
    cluster.stop()?;
    let period = if setup.is_short { "every second" } else { "every second, or every minute" };
    Ok(Outcome {
        done: format!(
            "durability is turned off, at the start and under a server that looks {period}"
        ),
        figures: format!(
            "refused to start with any of {}; noticed within {} ms, nothing booked until it was \
             over, booked again within {} ms of that",
            UNSAFE.join(", "),
            noticed_max.as_millis(),
            back_max.as_millis()
        ),
        violations,
    })
}

/// One setting, off and on again under one server.
struct Turn<'t> {
    url: &'t str,
    address: SocketAddr,
    house: House,
    setting: &'static str,
    whom: For,
    period: Duration,
}

impl Turn<'_> {
    /// How long until it was noticed, how long until all was well again, and what was wrong.
    async fn live(&self) -> Result<(Duration, Duration, Vec<String>), Trouble> {
        let mut violations = Vec::new();
        expect(self.address, &self.house.wish("before", 0), 201).await?;
        self.set("off").await?;
        let noticed = self.until_readiness_is(503).await?;
        let ready = self.ask(&Ask::get("/readyz".into())).await?;
        if ready.body["parts"]["durability"] != "unsafe" {
            violations.push(format!("/readyz says {ready:?}"));
        }
        violations.extend(self.metric_is_not(1).await?);
        let refused = self.ask(&self.house.wish("meanwhile", 0)).await?;
        if refused.status != 503 || !refused.has_retry_after {
            violations.push(format!("a booking meanwhile: {refused:?}"));
        }
        self.set("on").await?;
        let back = self.until_readiness_is(200).await?;
        violations.extend(self.metric_is_not(0).await?);
        let again = expect(self.address, &self.house.wish("meanwhile", 0), 201).await?;
        if again.is_replay {
            violations.push("what was refused had been booked".to_owned());
        }
        let taken = self.house.taken(self.address).await?;
        if taken != 2 {
            violations.push(format!("two rooms are booked, the calendar says {taken}"));
        }
        Ok((noticed, back, violations))
    }

    async fn set(&self, value: &str) -> Result<(), Trouble> {
        let Turn { url, setting, .. } = self;
        match self.whom {
            For::Server => settings::set(url, setting, value).await?,
            For::Role => {
                let text = format!("ALTER ROLE CURRENT_USER SET {setting} = {value}");
                settings::as_operator(url, &text).await?;
            }
        }
        Ok(())
    }

    async fn ask(&self, ask: &Ask) -> Result<wire::Answer, Trouble> {
        Ok(wire::ask(self.address, ask).await?)
    }

    async fn until_readiness_is(&self, status: u16) -> Result<Duration, Trouble> {
        let began = Instant::now();
        while self.ask(&Ask::get("/readyz".into())).await?.status != status {
            if self.period + SLACK < began.elapsed() {
                return Err(format!("/readyz is not {status} {:?} later", began.elapsed()).into());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(began.elapsed())
    }

    async fn metric_is_not(&self, value: u8) -> Result<Option<String>, Trouble> {
        let metrics = self.ask(&Ask::get("/metrics".into())).await?.text_body;
        let says_so = metrics.contains(&format!("vacancy_store_durability_unsafe {value}"));
        Ok((!says_so).then(|| format!("the metric is not {value}")))
    }
}
