//! F21: the disk is full, under the data or under PostgreSQL's log. Writes are refused with a 503 and
//! a code, reads live, nothing answered is lost, and once there is space again it goes on by itself.

use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;
use vacancy_store::testing::TestFolder;

use crate::cluster::Cluster;
use crate::disk::Disk;
use crate::journey::{self, Booking, Hotel};
use crate::life::Life;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::{Trouble, runtime};

const ROOMS: i64 = 5_000;
/// What a fresh store and its log need, and a little more.
const SQLITE_MEGABYTES: u32 = 32;
const DATA_MEGABYTES: u32 = 128;
const LOG_MEGABYTES: u32 = 24;
/// Most bookings until a full disk is felt: what is allocated already is used first.
const BOOKINGS_MAX: u32 = 3_000;
/// For so long writes are tried on the full disk.
const SIEGE: Duration = Duration::from_secs(5);
/// So soon after there is space, bookings are taken again.
const RECOVERY_MAX: Duration = Duration::from_secs(60);

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    runtime()?.block_on(async {
        match engine {
            Engine::Sqlite => {
                let disk = Disk::mount(SQLITE_MEGABYTES)?;
                let place = Place::at(&setup.binary, disk.path(), None);
                let told = siege(&place, &disk, None).await?;
                Ok(outcome(vec![("data and log", told)]))
            }
            Engine::Postgres => {
                let data = Disk::mount(DATA_MEGABYTES)?;
                let log = TestFolder::new();
                let cluster = Cluster::init(data.path(), Some(&log.path().join("wal")))?;
                let on_data = on_postgres(setup, &data, cluster).await?;
                let log = Disk::mount(LOG_MEGABYTES)?;
                let data = TestFolder::new();
                let cluster = Cluster::init(data.path(), Some(&log.path().join("wal")))?;
                // A new piece of the log needs space: old ones are not written over.
                let cluster = cluster.with_option("wal_recycle=off");
                let on_log = on_postgres(setup, &log, cluster).await?;
                Ok(outcome(vec![("data", on_data), ("log", on_log)]))
            }
        }
    })
}

async fn on_postgres(setup: &Setup, disk: &Disk, mut cluster: Cluster) -> Result<Told, Trouble> {
    cluster.start()?;
    let folder = TestFolder::new();
    let place = Place::at(&setup.binary, folder.path(), Some(cluster.url()));
    siege(&place, disk, Some(&mut cluster)).await
}

struct Told {
    booked: usize,
    refused: u32,
    recovery: Duration,
    violations: Vec<String>,
}

fn outcome(parts: Vec<(&str, Told)>) -> Outcome {
    let each = parts.iter().map(|(disk, told)| {
        let Told { booked, refused, recovery, .. } = told;
        let recovery_ms = recovery.as_millis();
        format!(
            "{disk}: {refused} writes refused, {booked} bookings kept, back in {recovery_ms} ms"
        )
    });
    Outcome {
        done: "the disk is filled to the last byte under load".to_owned(),
        figures: each.collect::<Vec<_>>().join("; "),
        violations: parts.into_iter().flat_map(|(_, told)| told.violations).collect(),
    }
}

async fn siege(
    place: &Place,
    disk: &Disk,
    mut cluster: Option<&mut Cluster>,
) -> Result<Told, Trouble> {
    let mut life = Life::new(place, None);
    let hotel = journey::open(&mut life, ROOMS).await?;
    let mut kept = vec![journey::book(&mut life, &hotel, "before", 0).await?];
    disk.fill()?;
    let refused = fill_up(&mut life, &hotel, disk, &mut kept, &mut cluster).await?;
    let shown = life.answered(&kept[0].show()).await?;
    // A PostgreSQL that cannot write its log is away altogether.
    let is_away = cluster.is_some() && shown.status == 503;
    if shown.status != 200 && !is_away {
        life.violations.push(format!("reads do not live on a full disk: {shown:?}"));
    }
    disk.free()?;
    let began = Instant::now();
    loop {
        // What a supervisor does for a database that has ended.
        if let Some(cluster) = cluster.as_deref_mut() {
            cluster.revive()?;
        }
        let ask = journey::wish(&hotel, "after", 0);
        let answer = life.answered(&ask).await?;
        if answer.status == 201 {
            kept.push(Booking::of(ask, answer)?);
            break;
        }
        if RECOVERY_MAX < began.elapsed() {
            return Err(format!("no booking after there is space again: {answer:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let recovery = began.elapsed();
    for booking in &kept {
        life.until(&booking.show(), "status", "PENDING_PAYMENT").await?;
    }
    life.stop()?;
    Ok(Told { booked: kept.len(), refused, recovery, violations: life.violations })
}

/// Books until the first refusal, and goes on trying for a while.
async fn fill_up(
    life: &mut Life<'_>,
    hotel: &Hotel,
    disk: &Disk,
    kept: &mut Vec<Booking>,
    cluster: &mut Option<&mut Cluster>,
) -> Result<u32, Trouble> {
    let mut refused = 0;
    let mut since: Option<Instant> = None;
    for number in 0..BOOKINGS_MAX {
        if since.is_some_and(|since| SIEGE < since.elapsed()) {
            break;
        }
        disk.fill()?;
        let ask = journey::wish(hotel, &format!("full-{number}"), 0);
        let answer = life.answered(&ask).await?;
        let code = answer.body["code"].as_str().unwrap_or_default();
        match answer.status {
            201 => kept.push(Booking::of(ask, answer)?),
            503 if !code.is_empty() => {
                refused += 1;
                since.get_or_insert_with(Instant::now);
                if let Some(cluster) = cluster.as_deref_mut() {
                    cluster.revive()?;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            _ => life.violations.push(format!("on a full disk: {answer:?}")),
        }
    }
    if refused == 0 {
        life.violations.push("the disk was never full: this proves nothing".to_owned());
    }
    Ok(refused)
}
