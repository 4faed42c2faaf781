//! The desk: bookings do not fight for row locks, they queue. Each property belongs to one lane, a
//! lane commits what waits as one transaction, and `domain` decides each order in its turn. Several
//! instances may serve the same property; then locks, guards and constraints decide, and lanes are
//! only speed.

pub mod alone;
mod batch;
pub mod command;
mod decide;
pub mod due;
pub mod lane;
#[cfg(feature = "mutants")]
mod mutants;
pub(crate) mod news;
mod outcomes;
pub mod queue;
mod tally;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vacancy_domain::ids::PropertyId;
use vacancy_store::sql::{Db, Engine};

use self::command::{Answer, KeyName, Order, Outcome};
use self::lane::{BATCH_ORDERS_MAX, Lane};
use self::queue::{PROPERTY_QUEUE_MAX, Queue, Queued};
use crate::errors::{Error, RETRY_AFTER_MS};
use crate::ids::Ids;

/// Lanes of one instance on PostgreSQL. SQLite has one writer and so one lane.
pub const LANES: usize = 2;

/// How much a desk takes at once. A server takes the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most orders of one batch.
    pub batch_orders_max: usize,
    /// Most orders that may wait for one property.
    pub queue_orders_max: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { batch_orders_max: BATCH_ORDERS_MAX, queue_orders_max: PROPERTY_QUEUE_MAX }
    }
}

/// Where every change of stock and of a reservation is asked for. Clones share it.
#[derive(Clone)]
pub struct Desk {
    db: Db,
    ids: Ids,
    lanes: Arc<[Arc<Queue>]>,
    in_flight: Arc<Mutex<BTreeSet<KeyName>>>,
}

/// The running lanes, to be waited for at the end.
pub struct Lanes {
    desk: Desk,
    tasks: Vec<JoinHandle<()>>,
}

impl Desk {
    /// Opens the desk; its lanes run as tasks of the current runtime.
    #[must_use]
    pub fn open(db: &Db, ids: &Ids) -> (Desk, Lanes) {
        Desk::open_with(db, ids, Bounds::default())
    }

    /// The same with bounds of one's own: what is rare becomes common in the simulator, and the
    /// bench has its unbatched side.
    #[must_use]
    pub fn open_with(db: &Db, ids: &Ids, bounds: Bounds) -> (Desk, Lanes) {
        let Bounds { batch_orders_max, queue_orders_max } = bounds;
        let count = match db.engine() {
            Engine::Sqlite => 1,
            Engine::Postgres => LANES,
        };
        tally::begin();
        let lanes: Arc<[Arc<Queue>]> =
            (0..count).map(|_| Arc::new(Queue::of(queue_orders_max))).collect();
        let serve = |queue: &Arc<Queue>| {
            let (db, ids, queue) = (db.clone(), ids.clone(), Arc::clone(queue));
            tokio::spawn(Lane { db, ids, queue, batch_orders_max }.serve())
        };
        let tasks = lanes.iter().map(serve).collect();
        let (db, ids) = (db.clone(), ids.clone());
        let desk = Desk { db, ids, lanes, in_flight: Arc::default() };
        (desk.clone(), Lanes { desk, tasks })
    }

    /// Queues an order and waits for its answer. The order runs to its end even when the caller
    /// goes away.
    pub async fn submit(&self, order: Order) -> Result<Answer, Error> {
        let _guard = match &order.key {
            Some(key) => Some(self.enter(key.name.clone())?),
            None => None,
        };
        self.enqueue(order).await.unwrap_or(Err(Error::OutcomeUnknown))
    }

    /// Queues an order now, in the order of calls; the answer comes through the receiver. For
    /// callers that have many orders and need them in sequence.
    pub fn enqueue(&self, order: Order) -> oneshot::Receiver<Result<Answer, Error>> {
        let (reply, answer) = oneshot::channel();
        let lane = &self.lanes[self.lane_of(order.property)];
        if let Err(back) = lane.push(Queued { order, reply }) {
            metrics::counter!("vacancy_desk_refused_total").increment(1);
            back.answer(Err(Error::Busy { retry_after_ms: RETRY_AFTER_MS }));
        }
        answer
    }

    /// What an order would do if it were submitted now. Changes nothing.
    pub async fn preview(&self, order: Order) -> Result<Outcome, Error> {
        let (order, ids) = (Arc::new(order), self.ids.clone());
        let previewed = self.db.write(move |tx| {
            let (order, ids) = (Arc::clone(&order), ids.clone());
            Box::pin(async move { batch::preview(tx, &order, &ids).await })
        });
        Ok(previewed.await??)
    }

    /// Orders that wait now, over all lanes.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.lanes.iter().map(|lane| lane.len()).sum()
    }

    /// The same by lane.
    #[must_use]
    pub fn lane_depths(&self) -> Vec<usize> {
        self.lanes.iter().map(|lane| lane.len()).collect()
    }

    /// A property always maps to the same lane, so a batch of it never meets another of its own.
    fn lane_of(&self, property: PropertyId) -> usize {
        let spread = property.0 ^ (property.0 >> 64);
        let lanes = u128::try_from(self.lanes.len()).unwrap_or(1);
        usize::try_from(spread % lanes).unwrap_or(0)
    }

    /// Within one process the second request with a key is told to wait; across instances the
    /// locks make it wait.
    fn enter(&self, name: KeyName) -> Result<InFlight, Error> {
        let mut names = self.in_flight.lock().expect("no thread panics while it holds the names");
        if !names.insert(name.clone()) {
            return Err(Error::InFlight);
        }
        Ok(InFlight { names: Arc::clone(&self.in_flight), name })
    }
}

impl Lanes {
    /// Ends at once, as a crash would: what waits is lost, what runs stops at its next wait. For the
    /// simulator.
    pub async fn kill(self) {
        for task in &self.tasks {
            task.abort();
        }
        for task in self.tasks {
            let _aborted = task.await;
        }
        for lane in self.desk.lanes.iter() {
            lane.close();
            lane.forget();
        }
    }

    /// Takes no more orders, serves those that wait, and ends.
    pub async fn close(self) {
        for lane in self.desk.lanes.iter() {
            lane.close();
        }
        for task in self.tasks {
            if let Err(ended) = task.await {
                tracing::error!(error = %ended, "a lane ended before its time");
            }
        }
    }
}

/// Holds a key's name while its request runs.
struct InFlight {
    names: Arc<Mutex<BTreeSet<KeyName>>>,
    name: KeyName,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.names.lock().expect("no thread panics while it holds the names").remove(&self.name);
    }
}
