//! Goal: a job is done at least once, by one worker at a time, and is given up visibly.
//! Method: workers' steps against a given clock, on both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use vacancy_domain::ids::JobId;
use vacancy_store::jobs::claim::{self, Claim, Claimed};
use vacancy_store::jobs::watch::{self, Cursor};
use vacancy_store::jobs::{self, JOB_ATTEMPTS_MAX, Job, JobState, NewJob};
use vacancy_store::sql::{Db, Time};
use vacancy_store::testing::on_both_engines_at;

const LEASE_MS: i64 = 30_000;

#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn at(ms: i64) -> Clock {
        Clock(Arc::new(AtomicI64::new(ms)))
    }

    fn time(&self) -> Time {
        let ms = Arc::clone(&self.0);
        Time::Given(Arc::new(move || ms.load(Ordering::SeqCst)))
    }

    fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

/// A store and the steps of its workers.
#[derive(Clone)]
struct Jobs {
    db: Db,
    clock: Clock,
}

fn check(body: impl Fn(Jobs) -> futures_util::future::BoxFuture<'static, ()>) {
    let clock = Clock::at(1_000);
    on_both_engines_at(&clock.time(), |db| {
        clock.0.store(1_000, Ordering::SeqCst);
        body(Jobs { db, clock: clock.clone() })
    });
}

impl Jobs {
    async fn add(&self, id: u128, kind: &'static str, due_in_ms: i64) {
        let job = NewJob {
            id: JobId(id),
            kind,
            property: None,
            subject: format!("subject {id}"),
            payload: "{}".to_owned(),
            due_in_ms,
        };
        let write = self.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move { jobs::add(tx, tx.now_ms().await?, &[job]).await })
        });
        write.await.unwrap();
    }

    async fn add_once(&self, id: u128) -> bool {
        let write = self.db.write(move |tx| {
            let job = NewJob {
                id: JobId(id),
                kind: "mail",
                property: None,
                subject: "an event".to_owned(),
                payload: "{}".to_owned(),
                due_in_ms: 0,
            };
            Box::pin(async move { jobs::add_once(tx, tx.now_ms().await?, job).await })
        });
        write.await.unwrap()
    }

    async fn claim(&self, worker: &str, jobs_max: i64) -> Claimed {
        let ask = Claim {
            worker: worker.to_owned(),
            kinds: vec!["mail".to_owned(), "refund".to_owned()],
            jobs_max,
            lease_ms: LEASE_MS,
        };
        let write = self.db.write(move |tx| {
            let ask = ask.clone();
            Box::pin(async move { claim::claim(tx, &ask).await })
        });
        write.await.unwrap()
    }

    async fn claim_one(&self, worker: &str) -> Job {
        let mut claimed = self.claim(worker, 1).await;
        assert_eq!(claimed.parked, []);
        claimed.jobs.pop().unwrap()
    }

    async fn complete(&self, job: &Job) -> bool {
        let job = job.clone();
        let write = self.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move { claim::complete(tx, &job).await })
        });
        write.await.unwrap()
    }

    async fn fail(&self, job: &Job, retry_in_ms: i64) -> bool {
        let job = job.clone();
        let write = self.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move { claim::fail(tx, &job, "no answer", retry_in_ms).await })
        });
        write.await.unwrap()
    }

    async fn park(&self, job: &Job) -> bool {
        let job = job.clone();
        let write = self.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move { claim::park(tx, &job, "hopeless").await })
        });
        write.await.unwrap()
    }

    async fn extend(&self, job: &Job) -> bool {
        let job = job.clone();
        let write = self.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move { claim::extend_lease(tx, &job, LEASE_MS).await })
        });
        write.await.unwrap()
    }

    async fn stored(&self, id: u128) -> Job {
        let read = self.db.read(move |tx| Box::pin(watch::by_id(tx, JobId(id))));
        read.await.unwrap().unwrap()
    }

    async fn is_any_due(&self) -> bool {
        let kinds = vec!["mail".to_owned()];
        let read =
            self.db.read(move |tx| Box::pin(async move { claim::is_any_due(tx, &kinds).await }));
        read.await.unwrap()
    }
}

fn ids(jobs: &[Job]) -> Vec<u128> {
    jobs.iter().map(|job| job.id.0).collect()
}

#[test]
fn a_job_that_is_added_once_is_there_once_even_when_it_is_done() {
    check(|jobs| {
        Box::pin(async move {
            assert!(jobs.add_once(7).await);
            assert!(!jobs.add_once(7).await);
            let job = jobs.claim_one("a").await;
            assert!(jobs.complete(&job).await);
            assert!(!jobs.add_once(7).await);
            assert!(jobs.add_once(8).await);
            assert_eq!(jobs.claim("a", 10).await.jobs.len(), 1);
        })
    });
}

#[test]
fn a_job_is_claimed_once_it_is_due_and_by_one_worker() {
    check(|jobs| {
        Box::pin(async move {
            jobs.add(1, "mail", 500).await;
            assert!(!jobs.is_any_due().await);
            assert_eq!(jobs.claim("a", 10).await, Claimed::default());
            jobs.clock.pass(500);
            assert!(jobs.is_any_due().await);
            let job = jobs.claim_one("a").await;
            assert_eq!((job.id, job.attempts, job.state), (JobId(1), 1, JobState::Leased));
            assert_eq!(jobs.stored(1).await, job, "what is claimed is what is stored");
            assert_eq!(jobs.claim("b", 10).await, Claimed::default());
            assert!(jobs.complete(&job).await);
            let done = jobs.stored(1).await;
            assert_eq!((done.state, done.completed_at_ms), (JobState::Done, Some(1_500)));
            assert_eq!(done.lease_owner, None);
        })
    });
}

#[test]
fn the_longest_overdue_go_first_and_the_limit_holds() {
    check(|jobs| {
        Box::pin(async move {
            for (id, due_in_ms) in [(1, 30), (2, 10), (3, 20), (4, 10)] {
                jobs.add(id, "mail", due_in_ms).await;
            }
            jobs.clock.pass(100);
            assert_eq!(ids(&jobs.claim("a", 3).await.jobs), [2, 4, 3]);
            assert_eq!(ids(&jobs.claim("a", 3).await.jobs), [1]);
        })
    });
}

#[test]
fn jobs_of_a_dead_process_come_back_one_by_one() {
    check(|jobs| {
        Box::pin(async move {
            for id in [1, 2, 3] {
                jobs.add(id, "mail", 0).await;
            }
            assert_eq!(ids(&jobs.claim("a", 10).await.jobs), [1, 2, 3]);
            jobs.clock.pass(LEASE_MS);
            // The first of them ends the next process, too: the others were not touched by it.
            assert_eq!(ids(&jobs.claim("b", 10).await.jobs), [1]);
            jobs.clock.pass(LEASE_MS);
            for id in [2, 3] {
                let other = jobs.claim("c", 10).await.jobs;
                assert_eq!(ids(&other), [id]);
                assert!(jobs.complete(&other[0]).await);
            }
            assert_eq!(ids(&jobs.claim("c", 10).await.jobs), [1]);
        })
    });
}

#[test]
fn a_kind_that_the_worker_does_not_know_waits() {
    check(|jobs| {
        Box::pin(async move {
            jobs.add(1, "mai", 0).await;
            jobs.add(2, "mailing", 0).await;
            jobs.add(3, "refund", 0).await;
            assert!(!jobs.is_any_due().await);
            assert_eq!(ids(&jobs.claim("a", 10).await.jobs), [3]);
        })
    });
}

#[test]
fn a_worker_whose_lease_was_taken_over_changes_nothing() {
    check(|jobs| {
        Box::pin(async move {
            jobs.add(1, "mail", 0).await;
            let slow = jobs.claim_one("a").await;
            jobs.clock.pass(LEASE_MS - 1);
            assert_eq!(jobs.claim("b", 1).await, Claimed::default());
            jobs.clock.pass(1);
            // The same name again: it is the attempt that tells them apart.
            let quick = jobs.claim_one("a").await;
            assert_eq!(quick.attempts, 2);
            assert!(!jobs.complete(&slow).await);
            assert!(!jobs.fail(&slow, 0).await);
            assert!(!jobs.park(&slow).await);
            assert!(!jobs.extend(&slow).await);
            assert_eq!(jobs.stored(1).await, quick);
            assert!(jobs.complete(&quick).await);
            assert!(!jobs.complete(&quick).await, "once is enough");
        })
    });
}

#[test]
fn a_lease_that_is_extended_is_not_taken_over() {
    check(|jobs| {
        Box::pin(async move {
            jobs.add(1, "mail", 0).await;
            let job = jobs.claim_one("a").await;
            jobs.clock.pass(LEASE_MS - 1);
            assert!(jobs.extend(&job).await);
            jobs.clock.pass(LEASE_MS - 1);
            assert_eq!(jobs.claim("b", 1).await, Claimed::default());
            assert!(jobs.complete(&job).await);
        })
    });
}

#[test]
fn a_failed_attempt_is_told_and_tried_again_later() {
    check(|jobs| {
        Box::pin(async move {
            jobs.add(1, "mail", 0).await;
            let job = jobs.claim_one("a").await;
            assert!(jobs.fail(&job, 200).await);
            let waiting = jobs.stored(1).await;
            assert_eq!((waiting.state, waiting.due_at_ms), (JobState::Waiting, 1_200));
            assert_eq!(waiting.last_error, "no answer");
            assert_eq!(jobs.claim("a", 1).await, Claimed::default());
            jobs.clock.pass(200);
            assert_eq!(jobs.claim_one("b").await.attempts, 2);
        })
    });
}

#[test]
fn a_job_that_kills_its_worker_every_time_is_parked_in_the_end() {
    check(|jobs| {
        Box::pin(async move {
            jobs.add(1, "mail", 0).await;
            for attempt in 1..=JOB_ATTEMPTS_MAX {
                assert_eq!(jobs.claim_one("a").await.attempts, attempt);
                jobs.clock.pass(LEASE_MS);
            }
            let claimed = jobs.claim("a", 1).await;
            assert_eq!((ids(&claimed.jobs), ids(&claimed.parked)), (vec![], vec![1]));
            let parked = jobs.stored(1).await;
            assert_eq!(parked.state, JobState::Parked);
            assert_eq!(parked.last_error, "no attempt came to its end");
            assert_eq!(jobs.claim("a", 1).await, Claimed::default());

            let db = jobs.db.clone();
            let retry = || db.write(|tx| Box::pin(claim::retry_parked(tx, JobId(1))));
            assert!(retry().await.unwrap());
            assert!(!retry().await.unwrap(), "it is parked no more");
            assert_eq!(jobs.claim_one("a").await.attempts, 1);
        })
    });
}

#[test]
fn many_workers_at_once_share_the_work_and_none_gets_it_twice() {
    check(|jobs| {
        Box::pin(async move {
            for id in 1..=60 {
                jobs.add(id, "refund", 0).await;
            }
            let claims = (0..12).map(|worker| {
                let jobs = jobs.clone();
                tokio::spawn(async move { jobs.claim(&format!("w{worker}"), 5).await.jobs })
            });
            let mut seen = Vec::new();
            for claim in claims.collect::<Vec<_>>() {
                seen.extend(ids(&claim.await.unwrap()));
            }
            seen.extend(ids(&jobs.claim("last", 60).await.jobs));
            seen.sort_unstable();
            assert_eq!(seen, (1..=60).collect::<Vec<_>>());
        })
    });
}

#[test]
fn the_operator_sees_what_waits_how_long_and_what_is_parked() {
    check(|jobs| {
        Box::pin(async move {
            for (id, kind) in [(1, "mail"), (2, "mail"), (3, "refund"), (4, "refund")] {
                jobs.add(id, kind, 0).await;
            }
            let refunds = jobs.claim("a", 4).await.jobs;
            assert!(jobs.park(&refunds[0]).await);
            assert!(jobs.park(&refunds[1]).await);
            assert!(jobs.complete(&refunds[2]).await);
            jobs.clock.pass(700);
            let counts = jobs.db.read(|tx| Box::pin(watch::count(tx))).await.unwrap();
            let told: Vec<String> = counts
                .iter()
                .map(|c| format!("{} {} {} {}", c.kind, c.state.word(), c.jobs_count, c.lag_ms))
                .collect();
            assert_eq!(told, ["mail parked 2 0", "refund leased 1 700"]);

            let page = |after| {
                let db = jobs.db.clone();
                async move {
                    let read = db.read(move |tx| {
                        Box::pin(async move { watch::list(tx, JobState::Parked, after, 1).await })
                    });
                    read.await.unwrap()
                }
            };
            let first = page(Cursor::START).await;
            assert_eq!(ids(&first), [1]);
            let second = page(Cursor::behind(&first[0])).await;
            assert_eq!(ids(&second), [2]);
            assert_eq!(page(Cursor::behind(&second[0])).await, []);
        })
    });
}

#[test]
fn what_is_done_is_forgotten_and_nothing_else() {
    check(|jobs| {
        Box::pin(async move {
            jobs.add(1, "mail", 0).await;
            jobs.add(2, "mail", 0).await;
            let job = jobs.claim_one("a").await;
            assert!(jobs.complete(&job).await);
            let purge = |before_ms| {
                let db = jobs.db.clone();
                async move {
                    let write = db.write(move |tx| {
                        Box::pin(async move { watch::purge_done(tx, before_ms, 100).await })
                    });
                    write.await.unwrap()
                }
            };
            assert_eq!(purge(1_000).await, 0);
            assert_eq!(purge(1_001).await, 1);
            assert_eq!(jobs.stored(2).await.state, JobState::Waiting);
        })
    });
}
