//! F1: the server dies at every point that leaves a trace, at each of its first hits. The guest's day
//! goes on with a new server; one answer per request, no half effect, the books agree.
//!
//! The points are read from the sources, so that none can be left out; one that no run comes to is a
//! violation, too.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use vacancy_store::sql::Engine;

use crate::life::Life;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::{Trouble, journey};

/// Hits of a point at which the server dies: in the whole run, and in the short one.
const HITS: u32 = 3;
const HITS_SHORT: u32 = 1;
/// How often a run is lived again in which the point was not met: some come by chance.
const TRIES_MAX: u32 = 3;
/// Runs at once: they wait more than they work.
const RUNS_AT_ONCE: usize = 4;
/// In the short run PostgreSQL, whose day is the same, dies where only it can and around commits.
const SHORT_ON_POSTGRES: &[&str] =
    &["postgres.", "migrate.", "batch.written", "desk.written", "job.ran", "provider.refunded"];
/// A new server takes requests again within this time.
const READY_MAX: Duration = Duration::from_secs(2);

/// What came of one point at one hit.
struct Run {
    was_hit: bool,
    ready: Duration,
    violations: Vec<String>,
}

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let points: Vec<String> =
        points(&setup.sources)?.into_iter().filter(|point| is_for(setup, engine, point)).collect();
    let hits = if setup.is_short { HITS_SHORT } else { HITS };
    let todo: VecDeque<(String, u32)> =
        points.iter().flat_map(|point| (1..=hits).map(|hit| (point.clone(), hit))).collect();
    let todo = Mutex::new(todo);
    let done: Mutex<BTreeMap<(String, u32), Run>> = Mutex::default();
    let work = || -> Result<(), Trouble> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        loop {
            let next = todo.lock().expect("no worker panics with the list").pop_front();
            let Some((point, hit)) = next else { return Ok(()) };
            let run = runtime.block_on(die_at(setup, engine, &point, hit))?;
            done.lock().expect("no worker panics with the list").insert((point, hit), run);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..RUNS_AT_ONCE).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| worker.join());
        ended.into_iter().try_for_each(|ended| ended.map_err(|_panic| "a worker panicked")?)
    })?;
    let done = done.into_inner().expect("no worker panics with the list");
    Ok(outcome(&points, &done))
}

fn outcome(points: &[String], done: &BTreeMap<(String, u32), Run>) -> Outcome {
    let mut violations = Vec::new();
    for point in points {
        if !done[&(point.clone(), 1)].was_hit {
            violations.push(format!("no run came to {point}"));
        }
    }
    let hit: Vec<_> = done.iter().filter(|(_, run)| run.was_hit).collect();
    for ((point, hit), run) in &hit {
        violations.extend(run.violations.iter().map(|told| format!("{point}:{hit}: {told}")));
        if READY_MAX < run.ready {
            violations.push(format!("{point}:{hit}: ready only after {:?}", run.ready));
        }
    }
    let ready = hit.iter().map(|(_, run)| run.ready).max().unwrap_or_default();
    Outcome {
        done: format!("the server dies at {} points, {} times", points.len(), hit.len()),
        figures: format!("ready again within {} ms", ready.as_millis()),
        violations,
    }
}

async fn die_at(setup: &Setup, engine: Engine, point: &str, hit: u32) -> Result<Run, Trouble> {
    let mut tries = 0;
    loop {
        tries += 1;
        let place = Place::open(&setup.binary, engine).await?;
        let mut life = Life::new(&place, Some(format!("{point}:{hit}")));
        if let Err(trouble) = journey::live(&mut life).await {
            life.violations.push(trouble.to_string());
        }
        let run = Run {
            was_hit: 0 < life.deaths,
            ready: life.ready_max,
            violations: std::mem::take(&mut life.violations),
        };
        drop(life);
        place.remove().await;
        // A later hit may be one too many for the day.
        if run.was_hit || 1 < hit || TRIES_MAX <= tries || !run.violations.is_empty() {
            return Ok(run);
        }
    }
}

fn is_for(setup: &Setup, engine: Engine, point: &str) -> bool {
    let other = match engine {
        Engine::Sqlite => ["postgres.", "postgres."],
        // The first key of a shared database is made by a command.
        Engine::Postgres => ["sqlite.", "admin_key."],
    };
    let is_other = other.iter().any(|start| point.starts_with(start));
    let is_chosen = !setup.is_short
        || engine == Engine::Sqlite
        || SHORT_ON_POSTGRES.iter().any(|start| point.starts_with(start));
    !is_other && is_chosen
}

/// Every point that the product names, in order.
fn points(sources: &Path) -> Result<Vec<String>, Trouble> {
    let mut found = Vec::new();
    let mut folders = vec![sources.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path)?;
                let calls = text.split("crash_point(\"").skip(1);
                found.extend(calls.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err(format!("no crash point under {}", sources.display()).into());
    }
    Ok(found)
}
