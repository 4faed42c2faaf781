//! F29: jobs that always fail, panic, abort the process or never end. Each is counted when it is
//! claimed, given up after its attempts and visible; everybody else's jobs are done meanwhile.

use std::time::{Duration, Instant};

use serde_json::json;
use vacancy_domain::ids::JobId;
use vacancy_store::jobs::watch::{self, Cursor};
use vacancy_store::jobs::{JOB_ATTEMPTS_MAX, Job, JobState, NewJob, add};
use vacancy_store::sql::{Db, Engine, Time};

use crate::life::Life;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::{Trouble, journey, runtime};

/// Each kind of poison, and what its last attempt says. Those of the second wave take others with
/// them, and the first would not come to its own end beside it.
const FIRST_WAVE: [Poison; 3] = [
    ("poison_fails", "it always fails"),
    ("poison_panics", "the handler panicked"),
    ("poison_hangs", "took longer than"),
];
const SECOND_WAVE: [Poison; 1] = [("poison_aborts", "no attempt came to its end")];
type Poison = (&'static str, &'static str);

/// Jobs of others that are due at the same moment: with the poison they fill the worker.
const OTHERS: u128 = 7;
/// Guests who want their money back meanwhile.
const GUESTS: usize = 2;
/// Within this time every poison is given up, when its pauses are cut short.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than a poison job may take.
const PAUSE: Duration = Duration::from_millis(400);

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    runtime()?.block_on(poison(setup, engine))
}

async fn poison(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut life = Life::new(&place, None);
    let hotel = journey::open(&mut life, 2).await?;
    let paid = journey::book(&mut life, &hotel, "paid", 0).await?;
    let order = journey::pay(&mut life, &paid).await?;
    life.is_poisoned = true;
    let mut slowest = Duration::ZERO;
    for (number, wave) in [&FIRST_WAVE[..], &SECOND_WAVE].into_iter().enumerate() {
        life.stop()?;
        let known = parked(&place).await?.len();
        add_jobs(&place, number, wave, &order).await?;
        for guest in 0..GUESTS {
            let began = Instant::now();
            let name = format!("wave-{number}-guest-{guest}");
            let booking = journey::book(&mut life, &hotel, &name, 0).await?;
            journey::pay(&mut life, &booking).await?;
            journey::cancel(&mut life, &booking).await?;
            slowest = slowest.max(began.elapsed());
        }
        let began = Instant::now();
        while parked(&place).await?.len() < known + wave.len() && began.elapsed() < PATIENCE {
            life.server().await?;
            place.jobs_come_due().await?;
            tokio::time::sleep(PAUSE).await;
            life.notice_death();
        }
    }
    life.server().await?;
    journey::counts(&mut life, &hotel, 1, 0).await?;
    life.stop()?;
    let mut violations = std::mem::take(&mut life.violations);
    violations.extend(wrong(&parked(&place).await?));
    let deaths = life.deaths;
    drop(life);
    place.remove().await;
    Ok(Outcome {
        done: "jobs that fail, panic, never end, abort the process".to_owned(),
        figures: format!(
            "each given up after {JOB_ATTEMPTS_MAX} attempts, {deaths} deaths; a guest books, pays \
             and is refunded meanwhile within {} ms",
            slowest.as_millis()
        ),
        violations,
    })
}

/// What is not as it must be about those that were given up.
fn wrong(parked: &[Job]) -> Vec<String> {
    let mut found = Vec::new();
    let poisons = || FIRST_WAVE.iter().chain(&SECOND_WAVE);
    for (kind, told) in poisons() {
        let is_right = |job: &&Job| {
            job.kind == *kind && job.attempts == JOB_ATTEMPTS_MAX && job.last_error.contains(told)
        };
        if parked.iter().filter(is_right).count() != 1 {
            found.push(format!("{kind} was not given up as it must be: {parked:?}"));
        }
    }
    for job in parked.iter().filter(|job| poisons().all(|(kind, _)| job.kind != *kind)) {
        found.push(format!("somebody else's job was given up: {job:?}"));
    }
    found
}

/// The poison first, then what others wait for: look-ups of an order that is paid.
async fn add_jobs(
    place: &Place,
    wave_number: usize,
    wave: &[Poison],
    order: &str,
) -> Result<(), Trouble> {
    let first_id = 1 + 100 * wave_number as u128;
    let new = |id: u128, kind: &'static str, payload: String| NewJob {
        id: JobId(id),
        kind,
        property: None,
        subject: kind.to_owned(),
        payload,
        due_in_ms: 0,
    };
    let ids = first_id..;
    let poisons = ids.zip(wave).map(|(id, (kind, _))| new(id, kind, "{}".to_owned()));
    let payload = json!({"provider": "sandbox", "order": order}).to_string();
    let others =
        (0..OTHERS).map(|other| new(first_id + 10 + other, "look_up_payment", payload.clone()));
    let jobs: Vec<NewJob> = poisons.chain(others).collect();
    let db = match place.database_url() {
        None => Db::open_sqlite(&place.store(), Time::Engine)?,
        Some(url) => Db::open_postgres(url, Time::Engine).await?,
    };
    let write = db.write(move |tx| {
        let jobs = jobs.clone();
        Box::pin(async move { add(tx, tx.now_ms().await?, &jobs).await })
    });
    Ok(write.await?)
}

async fn parked(place: &Place) -> Result<Vec<Job>, Trouble> {
    let db = place.open_store().await?;
    let list = db.read(|tx| Box::pin(watch::list(tx, JobState::Parked, Cursor::START, 100)));
    Ok(list.await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(kind: &str, attempts: i64, told: &str) -> Job {
        Job {
            id: JobId(1),
            kind: kind.to_owned(),
            property: None,
            subject: String::new(),
            payload: String::new(),
            state: JobState::Parked,
            due_at_ms: 0,
            lease_until_ms: None,
            lease_owner: None,
            attempts,
            last_error: told.to_owned(),
            created_at_ms: 0,
            completed_at_ms: None,
        }
    }

    #[test]
    fn a_poison_that_is_not_given_up_and_a_stranger_that_is_are_found() {
        let poisons = FIRST_WAVE.iter().chain(&SECOND_WAVE);
        let mut parked: Vec<Job> =
            poisons.map(|(kind, told)| job(kind, JOB_ATTEMPTS_MAX, told)).collect();
        assert!(wrong(&parked).is_empty());
        parked.push(job("refund", JOB_ATTEMPTS_MAX, "no attempt came to its end"));
        assert_eq!(wrong(&parked).len(), 1);
        parked.truncate(3);
        parked[0].attempts = 3;
        assert_eq!(wrong(&parked).len(), 2);
    }
}
