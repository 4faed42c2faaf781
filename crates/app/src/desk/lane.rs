//! A lane takes what waits, makes one transaction of it, and answers. Nothing is delayed to fill a
//! batch: the batch fills while the one before it commits.

use std::collections::BTreeSet;
use std::sync::Arc;

use metrics::{counter, histogram};
use tokio::time::Instant;
use tracing::{error, warn};
use vacancy_domain::crash::crash_point;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::{HoldId, PropertyId};
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;

use super::batch::{self, Verdict};
use super::command::{Command, Order};
#[cfg(feature = "mutants")]
use super::mutants;
use super::queue::{Queue, Queued};
use crate::errors::{Error, RETRY_AFTER_MS};
use crate::ids::Ids;

/// Most orders of one batch.
pub const BATCH_ORDERS_MAX: usize = 256;
/// How often a lane lets others run before it takes its next batch.
const STEPS_BACK_MAX: usize = 8;
/// How often a batch is decided while overdue holds are in somebody's way. Each look lapses what it
/// found; the last one takes the stock as it is.
const LOOKS_MAX: usize = 10;
/// How often an order that hit a constraint on its own is tried again: whoever was there first has
/// committed by then, so the second look sees it.
const CONSTRAINT_TRIES_MAX: usize = 2;

/// What one lane works with.
pub(super) struct Lane {
    pub(super) db: Db,
    pub(super) ids: Ids,
    pub(super) queue: Arc<Queue>,
    pub(super) batch_orders_max: usize,
}

impl Lane {
    /// Serves until the queue is closed and empty.
    pub(super) async fn serve(self) {
        while let Some(taken) = self.queue.take(self.batch_orders_max).await {
            let now = Instant::now();
            let mut batch = Vec::with_capacity(taken.len());
            for queued in taken {
                if queued.order.deadline.is_some_and(|deadline| deadline <= now) {
                    counter!("vacancy_desk_dropped_total").increment(1);
                    queued.answer(Err(Error::Busy { retry_after_ms: RETRY_AFTER_MS }));
                } else if queued.order.command.runs_alone() {
                    self.look(std::mem::take(&mut batch)).await;
                    self.look(vec![queued]).await;
                } else {
                    batch.push(queued);
                }
            }
            self.look(batch).await;
            crash_point("desk.answered");
            self.step_back().await;
        }
    }

    /// Lets callers that were just answered ask again, so that they come into the next batch and not
    /// into the one after it. No time is waited: what can run, runs first, as long as orders come.
    async fn step_back(&self) {
        let mut waiting = self.queue.len();
        for _ in 0..STEPS_BACK_MAX {
            tokio::task::yield_now().await;
            let known = std::mem::replace(&mut waiting, self.queue.len());
            if waiting <= known || self.batch_orders_max <= waiting {
                return;
            }
        }
    }

    /// Runs a batch; then lapses the overdue holds that stood in somebody's way, and asks for
    /// those once more, until nothing overdue is in the way.
    async fn look(&self, batch: Vec<Queued>) {
        let mut waiting = batch;
        for look in 1..=LOOKS_MAX {
            let set_aside = self.run(waiting, look == LOOKS_MAX).await;
            if set_aside.is_empty() {
                return;
            }
            let lapses: BTreeSet<(PropertyId, HoldId)> = set_aside
                .iter()
                .flat_map(|(queued, holds)| holds.iter().map(|hold| (queued.order.property, *hold)))
                .collect();
            let lapse = |(property, hold)| Order::new(property, "desk", Command::Lapse { hold });
            let lapses: Arc<[Order]> = lapses.into_iter().map(lapse).collect();
            crash_point("desk.lapse");
            if let Err(fault) = self.write(lapses, true).await {
                warn!(error = %fault, "lapse overdue holds for those who wait: {fault}");
            }
            crash_point("desk.lapsed");
            waiting = set_aside.into_iter().map(|(queued, _)| queued).collect();
        }
    }

    /// Runs a batch and answers, save those set aside.
    async fn run(&self, batch: Vec<Queued>, is_last_look: bool) -> Vec<(Queued, Vec<HoldId>)> {
        if batch.is_empty() {
            return Vec::new();
        }
        let started = Instant::now();
        let orders: Arc<[Order]> = batch.iter().map(|queued| queued.order.clone()).collect();
        crash_point("desk.taken");
        let written = self.write(orders, is_last_look).await;
        crash_point("desk.written");
        #[expect(clippy::cast_precision_loss, reason = "a batch has at most some hundred orders")]
        histogram!("vacancy_desk_batch_orders").record(batch.len() as f64);
        histogram!("vacancy_desk_batch_seconds").record(started.elapsed().as_secs_f64());
        match written {
            Ok(verdicts) => answer_all(batch, verdicts),
            Err(Fault::OutcomeUnknown { .. }) if guards::is_off(Guard::UnknownCommit) => {
                answer_all_with(batch, &Error::Busy { retry_after_ms: RETRY_AFTER_MS });
                Vec::new()
            }
            Err(fault) if is_about_all(&fault) || guards::is_off(Guard::RunAlone) => {
                answer_all_with(batch, &Error::from(fault));
                Vec::new()
            }
            Err(fault) if batch.len() == 1 => {
                self.run_guilty(batch, fault, is_last_look).await;
                Vec::new()
            }
            Err(fault) => {
                warn!(error = %fault, "run the orders of a failed batch alone: {fault}");
                counter!("vacancy_desk_batches_split_total").increment(1);
                self.run_each(batch, is_last_look).await
            }
        }
    }

    /// Runs each order alone, so that only the guilty one gets the fault.
    async fn run_each(&self, batch: Vec<Queued>, is_last_look: bool) -> Vec<(Queued, Vec<HoldId>)> {
        let mut set_aside = Vec::new();
        for queued in batch {
            set_aside.extend(Box::pin(self.run(vec![queued], is_last_look)).await);
        }
        set_aside
    }

    /// An order that fails alone. A constraint may be somebody else's doing: look again.
    async fn run_guilty(&self, mut batch: Vec<Queued>, fault: Fault, is_last_look: bool) {
        let Some(queued) = batch.pop() else { return };
        let mut fault = fault;
        for _ in 1..CONSTRAINT_TRIES_MAX {
            if !matches!(fault, Fault::Constraint { .. }) {
                break;
            }
            match self.write(Arc::from([queued.order.clone()]), is_last_look).await {
                Ok(verdicts) => {
                    answer_all(vec![queued], verdicts);
                    return;
                }
                Err(again) => fault = again,
            }
        }
        let cause = std::error::Error::source(&fault).map(ToString::to_string);
        error!(error = %fault, cause, "an order failed: {fault}");
        queued.answer(Err(Error::from(fault)));
    }

    async fn write(&self, orders: Arc<[Order]>, is_last_look: bool) -> Result<Vec<Verdict>, Fault> {
        #[cfg(feature = "mutants")]
        if let Some(written) = mutants::write(self, &orders, is_last_look).await {
            return written;
        }
        let ids = self.ids.clone();
        let written = self.db.write_desk(move |tx| {
            Box::pin(batch::run(tx, Arc::clone(&orders), ids.clone(), is_last_look))
        });
        let (verdicts, tally) = written.await?;
        tally.tell();
        Ok(verdicts)
    }
}

/// Whether the fault says nothing about any one order.
fn is_about_all(fault: &Fault) -> bool {
    match fault {
        Fault::Unavailable { .. }
        | Fault::OutcomeUnknown { .. }
        | Fault::Conflict { .. }
        | Fault::GuardMissed
        | Fault::UnsafeDurability { .. }
        | Fault::Overloaded => true,
        Fault::Constraint { .. }
        | Fault::SchemaTooNew { .. }
        | Fault::SchemaTooOld { .. }
        | Fault::Locked { .. }
        | Fault::Internal { .. } => false,
    }
}

fn answer_all_with(batch: Vec<Queued>, error: &Error) {
    for queued in batch {
        queued.answer(Err(error.clone()));
    }
}

fn answer_all(batch: Vec<Queued>, verdicts: Vec<Verdict>) -> Vec<(Queued, Vec<HoldId>)> {
    let mut set_aside = Vec::new();
    for (queued, verdict) in batch.into_iter().zip(verdicts) {
        match verdict {
            Verdict::Done(answer) => queued.answer(Ok(answer)),
            Verdict::Refused(refusal) => queued.answer(Err(Error::from(refusal))),
            Verdict::SetAside(holds) => set_aside.push((queued, holds)),
            Verdict::Broken => {
                error!(hold.id = ?queued.order.command.hold(), "a rule panicked; nothing was done");
                queued.answer(Err(Error::from(Fault::internal("decide a command"))));
            }
        }
    }
    set_aside
}
