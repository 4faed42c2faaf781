//! The runner claims jobs, in a transaction that has committed before any side effect, and runs
//! them on supervised tasks: a panic, a hang or a lost lease ends one attempt and nothing else.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use metrics::{counter, histogram};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tracing::{error, info, warn};
use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::JobId;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::claim::{self, Claim, Claimed};
use vacancy_store::jobs::{JOB_ATTEMPTS_MAX, Job};
use vacancy_store::sql::Db;

use super::housekeeping::{self, HOUSEKEEPING_MS};
use super::{
    Handlers, JOB_LEASE_MS, JOB_POLL_MS, JOBS_AT_ONCE, JobError, STOP_GRACE_MS, Work,
    retry_pause_ms,
};
use crate::ids::Ids;

/// Most rounds of one `run_due_once`: a job that makes itself due again must not hold it for ever.
const ROUNDS_MAX: usize = 10_000;

/// Does the jobs of one instance. Clones share it.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

struct Inner {
    db: Db,
    ids: Ids,
    handlers: Handlers,
    /// Unique among all workers of all instances.
    worker: String,
    wake: Notify,
    running: Mutex<BTreeMap<JobId, Job>>,
}

/// A runner at work, to be stopped at the end.
pub struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// How an attempt ended.
enum Ended {
    Done,
    Failed(JobError),
    /// Another worker has the job now; what this one did is for the handler to find out.
    LeaseLost,
}

impl Runner {
    #[must_use]
    pub fn new(db: &Db, ids: &Ids, handlers: Handlers) -> Runner {
        let worker = format!("{:016x}", ids.next_u64());
        Runner(Arc::new(Inner {
            db: db.clone(),
            ids: ids.clone(),
            handlers,
            worker,
            wake: Notify::new(),
            running: Mutex::default(),
        }))
    }

    /// Says that there is something to do now; call it after a commit that added a job.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Begins to look for work, as a task of the current runtime.
    #[must_use]
    pub fn start(&self) -> Running {
        let (stop, stopped) = watch::channel(false);
        Running { stop, task: tokio::spawn(self.clone().serve(stopped)) }
    }

    /// Does everything that is due by the store's clock, one after the other, without timers: for
    /// tests and the simulator. Gives how many attempts were made.
    ///
    /// # Errors
    /// When the store fails; a job whose attempt fails is no error.
    pub async fn run_due_once(&self) -> Result<usize, Fault> {
        let mut attempts = 0;
        for _ in 0..ROUNDS_MAX {
            let Claimed { jobs, parked } = self.claim(JOBS_AT_ONCE).await?;
            if jobs.is_empty() && parked.is_empty() {
                break;
            }
            for job in jobs {
                let ended = match self.0.handlers.get(&job.kind) {
                    Some(work) => attempt(work, &job).await,
                    None => unknown(&job),
                };
                self.note(&job, ended).await?;
                attempts += 1;
            }
        }
        Ok(attempts)
    }

    /// The store that the jobs are in, and the kinds that are done here.
    pub(super) fn parts(&self) -> (&Db, &Handlers) {
        (&self.0.db, &self.0.handlers)
    }

    async fn serve(self, mut stopped: watch::Receiver<bool>) {
        let mut tasks: JoinSet<()> = JoinSet::new();
        let tidy = Duration::from_millis(HOUSEKEEPING_MS);
        let mut tidying = interval_at(Instant::now() + tidy, tidy);
        tidying.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let room = JOBS_AT_ONCE.saturating_sub(tasks.len());
            let mut found = 0;
            if 0 < room && !*stopped.borrow() {
                found = self.take(room, &mut tasks).await;
            }
            let has_room = found < room;
            tokio::select! {
                _ = stopped.changed() => break,
                Some(_ended) = tasks.join_next() => {}
                () = self.0.wake.notified(), if has_room => {}
                () = sleep(Duration::from_millis(JOB_POLL_MS)), if has_room => {}
                _ = tidying.tick() => { housekeeping::sweep_or_tell(&self.0.db).await; }
            }
        }
        self.finish(tasks).await;
    }

    /// Claims what is due and starts it; gives how many.
    async fn take(&self, room: usize, tasks: &mut JoinSet<()>) -> usize {
        let claimed = match self.claim(room).await {
            Ok(claimed) => claimed,
            Err(fault) => {
                warn!(error = %fault, "claim jobs: {fault}");
                return 0;
            }
        };
        let count = claimed.jobs.len();
        for job in claimed.jobs {
            self.running().insert(job.id, job.clone());
            tasks.spawn(self.clone().attend(job));
        }
        count
    }

    /// Waits for running jobs; those that do not end in time are given back to be done again.
    async fn finish(&self, mut tasks: JoinSet<()>) {
        let all_ended = async { while tasks.join_next().await.is_some() {} };
        if timeout(Duration::from_millis(STOP_GRACE_MS), all_ended).await.is_err() {
            tasks.shutdown().await;
        }
        let left: Vec<Job> = std::mem::take(&mut *self.running()).into_values().collect();
        for job in left {
            let told = JobError::RetryIn { told: "the process stopped".to_owned(), pause_ms: 0 };
            if let Err(fault) = self.note(&job, Ended::Failed(told)).await {
                warn!(job.id = %job.id, error = %fault, "give a job back: {fault}");
            }
        }
    }

    async fn attend(self, job: Job) {
        let started = Instant::now();
        let ended = match self.0.handlers.get(&job.kind) {
            Some(work) => self.supervise(work, &job).await,
            None => unknown(&job),
        };
        let seconds = started.elapsed().as_secs_f64();
        crash_point("job.ran");
        histogram!("vacancy_job_seconds", "kind" => job.kind.clone()).record(seconds);
        if let Err(fault) = self.note(&job, ended).await {
            // Its lease runs out and it is done again.
            warn!(job.id = %job.id, error = %fault, "note how a job ended: {fault}");
        }
        crash_point("job.noted");
        self.running().remove(&job.id);
    }

    /// Runs one attempt within its deadline and keeps its lease meanwhile.
    async fn supervise(&self, work: &Work, job: &Job) -> Ended {
        let beat = Duration::from_millis(JOB_LEASE_MS.unsigned_abs() / 3);
        let mut beats = interval_at(Instant::now() + beat, beat);
        let mut deadline = pin!(sleep(work.deadline));
        let mut attempt = pin!(attempt(work, job));
        loop {
            tokio::select! {
                ended = &mut attempt => return ended,
                () = &mut deadline => {
                    let told = format!("took longer than {} s", work.deadline.as_secs());
                    return Ended::Failed(JobError::Retry { told });
                }
                _ = beats.tick() => {
                    if !self.keep_lease(job).await {
                        return Ended::LeaseLost;
                    }
                }
            }
        }
    }

    /// Whether the job is still ours. When the store does not answer we go on: what is noted in
    /// the end is guarded by the lease.
    async fn keep_lease(&self, job: &Job) -> bool {
        let job = job.clone();
        let write = self.0.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move { claim::extend_lease(tx, &job, JOB_LEASE_MS).await })
        });
        match write.await {
            Ok(is_ours) => is_ours,
            Err(fault) => {
                warn!(error = %fault, "extend the lease of a job: {fault}");
                true
            }
        }
    }

    async fn claim(&self, room: usize) -> Result<Claimed, Fault> {
        let kinds: Vec<String> = self.0.handlers.kinds().map(str::to_owned).collect();
        let asked = kinds.clone();
        let look =
            self.0.db.read(move |tx| Box::pin(async move { claim::is_any_due(tx, &asked).await }));
        if !look.await? {
            return Ok(Claimed::default());
        }
        let ask = Claim {
            worker: self.0.worker.clone(),
            kinds,
            jobs_max: i64::try_from(room).unwrap_or(1),
            lease_ms: JOB_LEASE_MS,
        };
        #[cfg(feature = "mutants")]
        if let Some(claimed) = super::mutants::claim(&self.0.db, &ask).await {
            return claimed;
        }
        let write = self.0.db.write(move |tx| {
            let ask = ask.clone();
            Box::pin(async move { claim::claim(tx, &ask).await })
        });
        crash_point("job.claim");
        let claimed = write.await?;
        crash_point("job.claimed");
        for job in &claimed.parked {
            tell_parked(job, &job.last_error);
        }
        Ok(claimed)
    }

    /// Writes down how an attempt ended.
    async fn note(&self, job: &Job, ended: Ended) -> Result<(), Fault> {
        let last = JOB_ATTEMPTS_MAX <= job.attempts;
        let pause_ms = retry_pause_ms(job.attempts, self.0.ids.next_u64());
        let (outcome, is_ours) = match ended {
            Ended::Done => ("done", self.complete(job).await?),
            Ended::LeaseLost => ("lease_lost", false),
            Ended::Failed(JobError::Hopeless { told }) => ("parked", self.park(job, told).await?),
            Ended::Failed(JobError::NotYet { told, pause_ms }) => {
                ("not_yet", self.put_off(job, told, pause_ms).await?)
            }
            Ended::Failed(JobError::Retry { told } | JobError::RetryIn { told, .. }) if last => {
                ("parked", self.park(job, told).await?)
            }
            Ended::Failed(JobError::Retry { told }) => {
                ("failed", self.fail(job, told, pause_ms).await?)
            }
            Ended::Failed(JobError::RetryIn { told, pause_ms }) => {
                ("failed", self.fail(job, told, pause_ms).await?)
            }
        };
        if !is_ours {
            warn!(job.id = %job.id, job.kind = job.kind, "a job was taken over by another worker");
        }
        counter!("vacancy_jobs_total", "kind" => job.kind.clone(), "outcome" => outcome)
            .increment(1);
        Ok(())
    }

    async fn complete(&self, job: &Job) -> Result<bool, Fault> {
        let job = job.clone();
        let write = self.0.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move { claim::complete(tx, &job).await })
        });
        write.await
    }

    async fn fail(&self, job: &Job, told: String, pause_ms: i64) -> Result<bool, Fault> {
        info!(job.id = %job.id, job.kind = job.kind, "a job failed and is tried again: {told}");
        let job = job.clone();
        let write = self.0.db.write(move |tx| {
            let (job, told) = (job.clone(), told.clone());
            Box::pin(async move { claim::fail(tx, &job, &told, pause_ms).await })
        });
        write.await
    }

    async fn put_off(&self, job: &Job, told: String, pause_ms: i64) -> Result<bool, Fault> {
        let job = job.clone();
        let write = self.0.db.write(move |tx| {
            let (job, told) = (job.clone(), told.clone());
            Box::pin(async move { claim::put_off(tx, &job, &told, pause_ms).await })
        });
        write.await
    }

    async fn park(&self, job: &Job, told: String) -> Result<bool, Fault> {
        tell_parked(job, &told);
        let job = job.clone();
        let write = self.0.db.write(move |tx| {
            let (job, told) = (job.clone(), told.clone());
            Box::pin(async move { claim::park(tx, &job, &told).await })
        });
        write.await
    }

    fn running(&self) -> std::sync::MutexGuard<'_, BTreeMap<JobId, Job>> {
        self.0.running.lock().expect("no thread panics while it holds the running jobs")
    }
}

impl Running {
    /// Claims no more, waits for what runs, and gives back what does not end in time.
    pub async fn stop(self) {
        let _the_task_ended_already = self.stop.send(true);
        if let Err(ended) = self.task.await {
            error!(error = %ended, "the runner of jobs ended before its time");
        }
    }
}

/// One attempt; a panic in the handler ends it and nothing else.
async fn attempt(work: &Work, job: &Job) -> Ended {
    let (handler, given) = (Arc::clone(&work.handler), job.clone());
    let body = AssertUnwindSafe(async move { handler(given).await });
    match body.catch_unwind().await {
        Ok(Ok(())) => Ended::Done,
        Ok(Err(failed)) => Ended::Failed(failed),
        Err(_panic) => {
            error!(job.id = %job.id, job.kind = job.kind, "the handler of a job panicked");
            Ended::Failed(JobError::retry("the handler panicked"))
        }
    }
}

fn unknown(job: &Job) -> Ended {
    Ended::Failed(JobError::hopeless(format!("nobody here does jobs of kind {}", job.kind)))
}

fn tell_parked(job: &Job, told: &str) {
    error!(
        job.id = %job.id,
        job.kind = job.kind,
        job.subject = job.subject,
        "a job is given up after {} attempts and waits for a person: {told}",
        job.attempts
    );
}
