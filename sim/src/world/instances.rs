//! The instances of the world: started as a server starts, killed at any time, with their jobs.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;
use vacancy_app::desk::due::{ASKED_REFUND_JOB, REFUND_JOB};
use vacancy_app::desk::{Bounds, Desk, Lanes};
use vacancy_app::ids::Ids;
use vacancy_app::jobs::runner::Runner;
use vacancy_app::jobs::{Handlers, JOB_LEASE_MS};
use vacancy_app::payments::Payments;
use vacancy_app::payments::accounts::Accounts;
use vacancy_app::payments::silence::Silence;
use vacancy_app::reservations::Bookings;
use vacancy_connect::payments::circuit::Guards;
use vacancy_connect::payments::providers::Providers;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::Job;
use vacancy_store::sql::Db;
use vacancy_store::testing::journal;

use super::witness::Witness;
use super::{World, broken};
use crate::oracle::Checked;
use crate::oracle::jobs::Deed;
use crate::random::Random;

/// One process of the world.
pub(super) struct Instance {
    pub(super) number: u64,
    pub(super) desk: Desk,
    pub(super) payments: Payments,
    lanes: Lanes,
    bookings: Bookings,
    runner: Runner,
}

/// Sees every attempt at a job as it begins, and makes some of them slow.
#[derive(Clone)]
pub(super) struct Watch {
    db: Db,
    clock: Arc<AtomicI64>,
    lease_lost: i64,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    random: Random,
    deeds: Vec<Deed>,
    slow_count: u64,
}

impl Watch {
    pub(super) fn new(db: &Db, clock: &Arc<AtomicI64>, random: Random, lease_lost: i64) -> Watch {
        let seen = Seen { random, deeds: Vec::new(), slow_count: 0 };
        let (db, clock) = (db.clone(), Arc::clone(clock));
        Watch { db, clock, lease_lost, seen: Arc::new(Mutex::new(seen)) }
    }

    pub(super) fn heal(&mut self) {
        self.lease_lost = 0;
    }

    /// Attempts that began since this was asked, and how many of them were slow.
    fn take(&self) -> (Vec<Deed>, u64) {
        let mut seen = self.seen();
        (std::mem::take(&mut seen.deeds), std::mem::take(&mut seen.slow_count))
    }

    async fn begins(&self, job: &Job) {
        let id = Uuid::from_u128(job.id.0);
        // A store that cannot be read has nothing to compare with.
        let Ok(stored) = journal::job(&self.db, id).await else { return };
        let (attempt, worker) = (job.attempts, job.lease_owner.clone());
        let turns = {
            let mut seen = self.seen();
            // Refunds of one reservation go one after the other.
            let takes_turns = [REFUND_JOB, ASKED_REFUND_JOB].contains(&job.kind.as_str());
            seen.deeds.push(Deed { job: id, takes_turns, attempt, worker, stored });
            if seen.random.chance(self.lease_lost) {
                seen.slow_count += 1;
                self.clock.fetch_add(JOB_LEASE_MS + 1, Ordering::SeqCst);
            }
            seen.random.between(0, 4)
        };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same handlers, each attempt seen.
    fn over(&self, handlers: &Handlers) -> Handlers {
        let mut watched = Handlers::default();
        for kind in handlers.kinds() {
            let Some(work) = handlers.get(kind).cloned() else { continue };
            let (watch, handler) = (self.clone(), work.handler);
            let seen = move |job: Job| {
                let (watch, handler) = (watch.clone(), Arc::clone(&handler));
                let attempt = async move {
                    watch.begins(&job).await;
                    handler(job).await
                };
                Box::pin(attempt) as std::pin::Pin<Box<_>>
            };
            watched = watched.with(kind, work.deadline, Arc::new(seen));
        }
        watched
    }
}

impl World {
    /// As a server starts: the schema is brought up to date, then the desk and the jobs begin.
    pub(super) async fn start_instance(&mut self) -> Result<(), Fault> {
        self.db.migrate().await?;
        self.db.check_schema().await?;
        self.started += 1;
        let profile = self.plan.profile;
        let mut random = Random::of(self.plan.seed, 1_000 + self.started);
        let skew_ms = random.between(-profile.skew_ms, profile.skew_ms + 1);
        let clock = Arc::clone(&self.clock);
        let stamp = Arc::new(move || clock.load(Ordering::SeqCst) + skew_ms);
        let ids = Ids::seeded(random.draw(), stamp);
        let most = |orders: i64| usize::try_from(orders).unwrap_or(1);
        let bounds = Bounds {
            batch_orders_max: most(profile.batch_orders_max),
            queue_orders_max: most(profile.queue_orders_max),
        };
        let (desk, lanes) = Desk::open_with(&self.db, &ids, bounds);
        let bookings = Bookings::new(&self.db, desk.clone(), ids.clone());
        let (tills, guards) = (self.tills.iter(), Guards::default());
        let payments = Payments {
            bookings: bookings.clone(),
            providers: tills.fold(Providers::default(), |known, till| {
                let (till, db, charges) = (till.clone(), self.db.clone(), self.charges.clone());
                known.with(guards.over(Arc::new(Witness { till, db, charges })))
            }),
            accounts: Accounts::closed(&self.db),
            silence: Silence::default(),
            confirms_pay_at_property: false,
        };
        // Where this fails, an instance that started before has seen to it.
        let _comparing = payments.begin_comparing().await;
        let handlers = self.watch.over(&payments.handlers(Handlers::default()));
        let runner = Runner::new(&self.db, &ids, handlers);
        let number = self.started;
        self.instances.push(Instance { number, desk, payments, lanes, bookings, runner });
        Ok(())
    }

    /// An instance dies with everything it had in memory, and another starts.
    pub(super) async fn crash(&mut self, random: &mut Random) -> Checked {
        for _ in 0..random.between(0, 4) {
            tokio::task::yield_now().await;
        }
        let at = random.between(0, i64::try_from(self.instances.len()).unwrap_or(1));
        let instance = self.instances.remove(usize::try_from(at).unwrap_or(0));
        for paying in &self.paying {
            paying.dies_with(instance.number);
        }
        instance.lanes.kill().await;
        self.situations.note("fault: an instance died");
        self.start_instance().await.map_err(broken("start an instance"))
    }

    /// All of them die, and as many start on the store as it is then.
    pub(super) async fn restart_all(&mut self) -> Checked {
        self.end().await;
        self.start_all().await
    }

    pub(super) async fn start_all(&mut self) -> Checked {
        self.calm();
        for _ in 0..self.plan.profile.instances {
            self.start_instance().await.map_err(broken("start an instance"))?;
        }
        Ok(())
    }

    /// Nobody waits for the orders of clients that left; they end within their step all the same, or
    /// the stock of a later one would move under its wishes.
    pub(super) async fn drain(&mut self) {
        const TURNS_MAX: usize = 1_000;
        const TURNS_BEHIND: usize = 8;
        let is_waiting = |instance: &Instance| 0 < instance.desk.depth();
        for _ in 0..TURNS_MAX {
            if !self.instances.iter().any(is_waiting) {
                break;
            }
            tokio::task::yield_now().await;
        }
        for _ in 0..TURNS_BEHIND {
            tokio::task::yield_now().await;
        }
    }

    pub(super) async fn end(&mut self) {
        for instance in std::mem::take(&mut self.instances) {
            instance.lanes.kill().await;
        }
    }

    pub(super) async fn sweep(&mut self, random: &mut Random) {
        let at = random.between(0, i64::try_from(self.instances.len()).unwrap_or(1));
        let bookings = self.instances[usize::try_from(at).unwrap_or(0)].bookings.clone();
        let swept = bookings.sweep().await.unwrap_or(0);
        self.situations.note_times("hold: swept", swept as u64);
    }

    /// One or two instances do what is due, side by side; one of them may die at it.
    pub(super) async fn work(&mut self, random: &mut Random) -> Checked {
        let count = usize::try_from(random.between(1, 3)).unwrap_or(1);
        let runners = self.instances.iter().take(count).map(|instance| instance.runner.clone());
        let tasks: Vec<_> = runners
            .map(|runner| tokio::spawn(async move { runner.run_due_once().await }))
            .collect();
        if random.chance(self.plan.profile.crash) {
            for _ in 0..random.between(0, 4) {
                tokio::task::yield_now().await;
            }
            if let Some(task) = tasks.first().filter(|task| !task.is_finished()) {
                task.abort();
                self.situations.note("job: died at work");
            }
        }
        for task in tasks {
            let _aborted_or_the_store_failed = task.await;
        }
        let (deeds, slow_count) = self.watch.take();
        self.situations.note_times("job: lost its lease", slow_count);
        for deed in deeds {
            self.oracle.jobs.begins(&deed)?;
            if 1 < self.oracle.jobs.begun(deed.job) {
                self.situations.note("job: attempted again");
            }
        }
        Ok(())
    }
}
