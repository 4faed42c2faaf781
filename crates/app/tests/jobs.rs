//! Goal: every job is done, or is seen to be given up; nothing that a handler does hurts another.
//! Method: handlers that note what they did, against a given clock where time decides.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use vacancy_app::ids::Ids;
use vacancy_app::jobs::housekeeping::{self, JOBS_DONE_KEPT_MS, Swept};
use vacancy_app::jobs::runner::Runner;
use vacancy_app::jobs::{Handlers, JOB_LEASE_MS, JobError, RETRY_MS_MAX, parked};
use vacancy_domain::ids::JobId;
use vacancy_store::jobs::watch::Cursor;
use vacancy_store::jobs::{self, JOB_ATTEMPTS_MAX, Job, JobState, NewJob, watch as stored};
use vacancy_store::sql::{Db, Time};
use vacancy_store::testing::{on_both_engines, on_both_engines_at};

const LONG: Duration = Duration::from_secs(60);

/// What handlers did, in order.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, note: String) {
        self.0.lock().unwrap().push(note);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn new() -> Clock {
        Clock(Arc::new(AtomicI64::new(1_000)))
    }

    fn time(&self) -> Time {
        let ms = Arc::clone(&self.0);
        Time::Given(Arc::new(move || ms.load(Ordering::SeqCst)))
    }

    fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

fn ids() -> Ids {
    Ids::seeded(1, Arc::new(|| 0))
}

async fn add(db: &Db, id: u128, kind: &'static str) {
    let subject = format!("{kind} {id}");
    let job = NewJob {
        id: JobId(id),
        kind,
        property: None,
        subject,
        payload: "{}".to_owned(),
        due_in_ms: 0,
    };
    let write = db.write(move |tx| {
        let job = job.clone();
        Box::pin(async move { jobs::add(tx, tx.now_ms().await?, &[job]).await })
    });
    write.await.unwrap();
}

async fn job(db: &Db, id: u128) -> Job {
    let read = db.read(move |tx| Box::pin(stored::by_id(tx, JobId(id))));
    read.await.unwrap().unwrap()
}

/// `good` succeeds, `bad` fails, `panic` panics, `hopeless` gives up.
fn handlers(notes: &Notes) -> Handlers {
    let with = |handlers: Handlers, kind: &'static str| {
        let notes = notes.clone();
        handlers.with(
            kind,
            LONG,
            Arc::new(move |job: Job| -> BoxFuture<'static, Result<(), JobError>> {
                let notes = notes.clone();
                Box::pin(async move {
                    notes.add(format!("{} {}", job.subject, job.attempts));
                    match job.kind.as_str() {
                        "bad" => Err(JobError::retry("the provider is down")),
                        "hopeless" => Err(JobError::hopeless("there is no such payment")),
                        "panic" => panic!("a rule was forgotten"),
                        _ => Ok(()),
                    }
                })
            }),
        )
    };
    ["good", "bad", "panic", "hopeless"].into_iter().fold(Handlers::default(), with)
}

/// Runs the body with a given clock and the four handlers.
fn check(body: impl Fn(Db, Clock, Runner, Notes) -> BoxFuture<'static, ()>) {
    let clock = Clock::new();
    on_both_engines_at(&clock.time(), |db| {
        clock.0.store(1_000, Ordering::SeqCst);
        let notes = Notes::default();
        let runner = Runner::new(&db, &ids(), handlers(&notes));
        body(db, clock.clone(), runner, notes)
    });
}

#[test]
fn what_is_due_is_done_once() {
    check(|db, _clock, runner, notes| {
        Box::pin(async move {
            for id in 1..=20 {
                add(&db, id, "good").await;
            }
            assert_eq!(runner.run_due_once().await.unwrap(), 20);
            assert_eq!(runner.run_due_once().await.unwrap(), 0);
            assert_eq!(notes.all().len(), 20);
            assert_eq!(job(&db, 7).await.state, JobState::Done);
        })
    });
}

#[test]
fn a_panic_is_a_failed_attempt_of_one_job() {
    check(|db, _clock, runner, _notes| {
        Box::pin(async move {
            add(&db, 1, "panic").await;
            add(&db, 2, "good").await;
            assert_eq!(runner.run_due_once().await.unwrap(), 2);
            let panicked = job(&db, 1).await;
            assert_eq!(panicked.state, JobState::Waiting);
            assert_eq!(panicked.last_error, "the handler panicked");
            assert_eq!(job(&db, 2).await.state, JobState::Done);
        })
    });
}

#[test]
fn a_job_that_always_fails_is_tried_ever_later_and_then_parked() {
    check(|db, clock, runner, notes| {
        Box::pin(async move {
            add(&db, 1, "bad").await;
            let mut pauses = Vec::new();
            for _ in 1..JOB_ATTEMPTS_MAX {
                assert_eq!(runner.run_due_once().await.unwrap(), 1);
                let waiting = job(&db, 1).await;
                assert_eq!(waiting.state, JobState::Waiting);
                let pause_ms = waiting.due_at_ms - clock.0.load(Ordering::SeqCst);
                pauses.push(pause_ms);
                assert_eq!(runner.run_due_once().await.unwrap(), 0, "not before its time");
                clock.pass(pause_ms);
            }
            assert!(pauses.iter().all(|pause_ms| (2_500..=RETRY_MS_MAX).contains(pause_ms)));
            assert!(pauses[0] < pauses[3] && pauses[3] < pauses[8], "{pauses:?}");
            assert_eq!(runner.run_due_once().await.unwrap(), 1, "the last attempt");
            let given_up = job(&db, 1).await;
            assert_eq!(given_up.state, JobState::Parked);
            assert_eq!(given_up.last_error, "the provider is down");
            clock.pass(RETRY_MS_MAX);
            assert_eq!(runner.run_due_once().await.unwrap(), 0);
            assert_eq!(notes.all().len(), 10);
        })
    });
}

#[test]
fn what_is_hopeless_is_parked_at_once_and_an_operator_may_try_again() {
    check(|db, _clock, runner, notes| {
        Box::pin(async move {
            add(&db, 1, "hopeless").await;
            assert_eq!(runner.run_due_once().await.unwrap(), 1);
            let (seen, _) = parked::list(&db, Cursor::START, 10).await.unwrap();
            assert_eq!(seen.len(), 1);
            assert_eq!(seen[0].last_error, "there is no such payment");
            assert!(parked::retry(&db, JobId(1)).await.unwrap());
            assert_eq!(runner.run_due_once().await.unwrap(), 1);
            assert_eq!(notes.all(), ["hopeless 1 1", "hopeless 1 1"]);
        })
    });
}

#[test]
fn a_kind_that_nobody_here_knows_waits_for_another_instance() {
    check(|db, _clock, runner, _notes| {
        Box::pin(async move {
            add(&db, 1, "of_a_newer_version").await;
            assert_eq!(runner.run_due_once().await.unwrap(), 0);
            assert_eq!(job(&db, 1).await.state, JobState::Waiting);
        })
    });
}

#[test]
fn a_job_of_a_dead_process_is_taken_over_when_its_lease_runs_out() {
    check(|db, clock, runner, notes| {
        Box::pin(async move {
            add(&db, 1, "good").await;
            // Claimed by a worker that never comes back.
            let ask = jobs::claim::Claim {
                worker: "dead".to_owned(),
                kinds: vec!["good".to_owned()],
                jobs_max: 1,
                lease_ms: JOB_LEASE_MS,
            };
            let claim = db.write(move |tx| {
                let ask = ask.clone();
                Box::pin(async move { jobs::claim::claim(tx, &ask).await })
            });
            assert_eq!(claim.await.unwrap().jobs.len(), 1);
            assert_eq!(runner.run_due_once().await.unwrap(), 0);
            clock.pass(JOB_LEASE_MS);
            assert_eq!(runner.run_due_once().await.unwrap(), 1);
            assert_eq!(notes.all(), ["good 1 2"], "the second attempt");
        })
    });
}

/// A handler that tells when it began and waits until it may end.
fn gated(began: &Arc<Semaphore>, may_end: &Arc<Semaphore>, deadline: Duration) -> Handlers {
    let (began, may_end) = (Arc::clone(began), Arc::clone(may_end));
    Handlers::default().with(
        "slow",
        deadline,
        Arc::new(move |_job: Job| -> BoxFuture<'static, Result<(), JobError>> {
            let (began, may_end) = (Arc::clone(&began), Arc::clone(&may_end));
            Box::pin(async move {
                began.add_permits(1);
                may_end.acquire().await.unwrap().forget();
                Ok(())
            })
        }),
    )
}

#[test]
fn a_running_runner_does_several_at_once_and_ends_after_what_runs() {
    on_both_engines(|db| {
        Box::pin(async move {
            let (began, may_end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
            let runner = Runner::new(&db, &ids(), gated(&began, &may_end, LONG));
            let running = runner.start();
            for id in 1..=10 {
                add(&db, id, "slow").await;
            }
            runner.wake();
            // Eight have begun and none may end: two wait for room.
            began.acquire_many(8).await.unwrap().forget();
            assert_eq!(began.available_permits(), 0);
            assert_eq!(job(&db, 10).await.state, JobState::Waiting);
            may_end.add_permits(1);
            began.acquire().await.unwrap().forget();
            let stopping = tokio::spawn(running.stop());
            may_end.add_permits(8);
            stopping.await.unwrap();
            let mut states = Vec::new();
            for id in 1..=10 {
                states.push(job(&db, id).await.state);
            }
            assert_eq!(states.iter().filter(|state| **state == JobState::Leased).count(), 0);
            let done = states.iter().filter(|state| **state == JobState::Done).count();
            assert!((9..=10).contains(&done), "{states:?}");
        })
    });
}

#[test]
fn an_attempt_that_hangs_is_ended_at_its_deadline() {
    on_both_engines(|db| {
        Box::pin(async move {
            let (began, may_end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
            let deadline = Duration::from_millis(20);
            let runner = Runner::new(&db, &ids(), gated(&began, &may_end, deadline));
            add(&db, 1, "slow").await;
            let running = runner.start();
            began.acquire().await.unwrap().forget();
            running.stop().await;
            let ended = job(&db, 1).await;
            assert_eq!(ended.state, JobState::Waiting);
            assert_eq!(ended.last_error, "took longer than 0 s");
        })
    });
}

#[test]
fn what_was_done_a_week_ago_is_forgotten() {
    check(|db, clock, runner, _notes| {
        Box::pin(async move {
            add(&db, 1, "good").await;
            assert_eq!(runner.run_due_once().await.unwrap(), 1);
            assert_eq!(housekeeping::sweep(&db).await.unwrap(), Swept::default());
            clock.pass(JOBS_DONE_KEPT_MS + 1);
            let swept = housekeeping::sweep(&db).await.unwrap();
            assert_eq!(swept, Swept { jobs_count: 1, ..Swept::default() });
        })
    });
}
