//! F38: a database that may lose what was answered. The server does not start on it, and one that runs
//! notices within a minute: it is not ready any more, and its metric says so.

use std::process::Command;
use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;
use vacancy_store::testing::{TestFolder, settings};

use crate::Trouble;
use crate::cluster::{Cluster, finish};
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::wire::{self, Ask};

/// Settings under which PostgreSQL may forget an answered commit.
const UNSAFE: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];
/// What the server promises, and a little for the machine.
const NOTICED_MAX: Duration = Duration::from_secs(65);
const PAUSE: Duration = Duration::from_millis(250);

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
    let mut figures = format!("refused to start with any of {}", UNSAFE.join(", "));
    if !setup.is_short {
        let server = place.serve(&[])?;
        settings::set(&url, "synchronous_commit", "off").await?;
        let began = Instant::now();
        while wire::ask(server.address, &Ask::get("/readyz".into())).await?.status == 200 {
            if NOTICED_MAX < began.elapsed() {
                violations.push("still ready after a minute without durability".to_owned());
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        figures.push_str(&format!("; a running one noticed after {} s", began.elapsed().as_secs()));
        let metrics = wire::ask(server.address, &Ask::get("/metrics".into())).await?.text_body;
        if !metrics.contains("vacancy_store_durability_unsafe 1") {
            violations.push("its metric does not say so".to_owned());
        }
        server.stop()?;
    }
    cluster.stop()?;
    Ok(Outcome { done: "durability is turned off".to_owned(), figures, violations })
}
