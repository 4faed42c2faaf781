//! F22: the power goes at a random moment while guests book. Every booking that was answered is there
//! afterwards and the books agree. A control writes with the same rig and the safety off: it must
//! lose rows, else the rig proves nothing.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use vacancy_store::sql::Engine;
use vacancy_store::testing::TestFolder;

use crate::cluster::{Cluster, finish};
use crate::journey::{self, Booking, Hotel};
use crate::life::Life;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::wire;
use crate::{Trouble, runtime};

const CUTS: u32 = 10;
const ROOMS: i64 = 5_000;
/// Guests who book one after the other, all at once.
const GUESTS: usize = 8;
/// The power goes between these two, counted from the first booking.
const MOMENT_MS_MIN: u64 = 300;
const MOMENT_MS_MAX: u64 = 3_000;

/// The disk, by the script that anyone can use.
struct Rig(TestFolder);

impl Rig {
    fn new() -> Result<Rig, Trouble> {
        let rig = Rig(TestFolder::new());
        rig.script(&["new"], &["1G"])?;
        Ok(rig)
    }

    fn script(&self, words: &[&str], more: &[&str]) -> Result<(), Trouble> {
        let mut command = Command::new("scripts/powercut-rig.sh");
        // To no pipe: what it starts would keep that open.
        command.args(words).arg(self.0.path()).args(more);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let ended = command.status()?;
        if ended.success() { Ok(()) } else { Err(format!("{command:?}: {ended}").into()) }
    }

    fn mnt(&self) -> std::path::PathBuf {
        self.0.path().join("mnt")
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _taken_away = self.script(&["end"], &[]);
    }
}

#[derive(Default)]
struct Tally {
    answered: usize,
    violations: Vec<String>,
}

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let rig = Rig::new()?;
    let tally = runtime()?.block_on(cut_all(setup, engine, &rig))?;
    let (acked, kept) = control(engine)?;
    let mut violations = tally.violations;
    if acked <= kept {
        violations.push(format!("the control lost nothing: {kept} of {acked}"));
    }
    Ok(Outcome {
        done: format!("the power goes {CUTS} times while {GUESTS} guests book"),
        figures: format!(
            "{} answered, all there; the control without safety kept {kept} of {acked}",
            tally.answered
        ),
        violations,
    })
}

async fn cut_all(setup: &Setup, engine: Engine, rig: &Rig) -> Result<Tally, Trouble> {
    let mut tally = Tally::default();
    let mut hotel = None;
    let mut cluster = None;
    for cut in 0..CUTS {
        rig.script(&["up"], &[])?;
        if engine == Engine::Postgres {
            let cluster = match &mut cluster {
                Some(cluster) => cluster,
                none => none.insert(Cluster::init(&rig.mnt(), None)?),
            };
            cluster.start()?;
        }
        let url = cluster.as_ref().map(Cluster::url);
        let place = Place::at(&setup.binary, &rig.mnt().join("vacancy"), url);
        let mut life = Life::new(&place, None);
        let hotel = match &hotel {
            Some(hotel) => hotel,
            none => {
                let _made_once = none;
                hotel.insert(journey::open(&mut life, ROOMS).await?)
            }
        };
        let booked = book_until_the_power_goes(&mut life, hotel, rig, cut).await?;
        drop(life);
        if let Some(cluster) = &mut cluster {
            cluster.kill();
        }
        rig.script(&["down"], &[])?;
        rig.script(&["after"], &[])?;
        if let Some(cluster) = &mut cluster {
            cluster.start()?;
        }
        let mut life = Life::new(&place, None);
        for booking in &booked {
            let shown = life.told(&booking.show()).await?;
            if shown.status != 200 || shown.body["code"] != *booking.code() {
                tally.violations.push(format!("cut {cut}: an answered booking is lost: {shown:?}"));
            }
        }
        life.stop()?;
        tally.violations.append(&mut life.violations);
        tally.answered += booked.len();
        if let Some(cluster) = &mut cluster {
            cluster.stop()?;
        }
        rig.script(&["off"], &[])?;
    }
    Ok(tally)
}

async fn book_until_the_power_goes(
    life: &mut Life<'_>,
    hotel: &Hotel,
    rig: &Rig,
    cut: u32,
) -> Result<Vec<Booking>, Trouble> {
    let address = life.server().await?.address;
    let guests: Vec<_> = (0..GUESTS)
        .map(|guest| {
            let name = format!("cut-{cut}-guest-{guest}");
            let wish = move |hotel: &Hotel, number: u32| {
                journey::wish(hotel, &format!("{name}-{number}"), 0)
            };
            let hotel = hotel.clone();
            tokio::spawn(async move {
                let mut booked = Vec::new();
                for number in 0.. {
                    let ask = wish(&hotel, number);
                    let Ok(answer) = wire::ask(address, &ask).await else { break };
                    if answer.status != 201 {
                        break;
                    }
                    booked.extend(Booking::of(ask, answer).ok());
                }
                booked
            })
        })
        .collect();
    // Spread over the range, and the same in every run.
    let spread = u64::from(cut).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    let moment_ms = MOMENT_MS_MIN + spread % (MOMENT_MS_MAX - MOMENT_MS_MIN);
    tokio::time::sleep(Duration::from_millis(moment_ms)).await;
    rig.script(&["cut"], &[])?;
    life.kill();
    let mut booked = Vec::new();
    for guest in guests {
        booked.extend(guest.await?);
    }
    Ok(booked)
}

/// How many rows were acknowledged to a writer without safety, and how many of them survived.
fn control(engine: Engine) -> Result<(u64, u64), Trouble> {
    let rig = Rig::new()?;
    rig.script(&["up"], &[])?;
    let mut cluster = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => {
            let mut cluster = Cluster::init(&rig.mnt(), None)?.with_option("fsync=off");
            cluster.start()?;
            Some(cluster)
        }
    };
    let file = rig.mnt().join("control.db").display().to_string();
    let store = cluster.as_ref().map_or(file, Cluster::url);
    let script = Path::new("scripts/powercut-control.sh");
    let mut writer = Command::new(script)
        .args(["write", &store])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let lines = BufReader::new(writer.stdout.take().ok_or("the output is a pipe")?).lines();
    let reader = std::thread::spawn(move || lines.map_while(Result::ok).last());
    std::thread::sleep(Duration::from_secs(3));
    rig.script(&["cut"], &[])?;
    if let Some(cluster) = &mut cluster {
        cluster.kill();
    }
    // Its disk is gone, and so is what it writes to: it ends by itself or here.
    let _gone = writer.kill();
    writer.wait()?;
    let acked = reader.join().map_err(|_panic| "the reader panicked")?;
    let acked = acked.and_then(|number| number.parse().ok()).ok_or("nothing was written")?;
    rig.script(&["down"], &[])?;
    rig.script(&["after"], &[])?;
    let is_back = cluster.as_mut().is_none_or(|cluster| cluster.start().is_ok());
    let kept = match is_back {
        true => finish(Command::new(script).args(["count", &store]))?.trim().parse()?,
        // A store that does not even start has lost everything.
        false => 0,
    };
    drop(cluster);
    rig.script(&["off"], &[])?;
    Ok((acked, kept))
}
