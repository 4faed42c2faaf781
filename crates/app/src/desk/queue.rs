//! Where orders wait: one queue per property, drained in turn, so that one business under storm
//! does not starve another. Order of arrival holds within a property.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use tokio::sync::{Notify, oneshot};
use vacancy_domain::ids::PropertyId;

use super::command::{Answer, Order};
use crate::errors::Error;

/// Most orders that may wait for one property. A storm of 50,000 on one hotel still gets answers
/// instead of refusals; at 10,000 decisions a second the last one waits 6 seconds.
pub const PROPERTY_QUEUE_MAX: usize = 60_000;
/// Most orders that may wait in one lane.
pub const LANE_QUEUE_MAX: usize = 200_000;

/// An order and whoever waits for its answer.
pub(super) struct Queued {
    pub(super) order: Order,
    pub(super) reply: oneshot::Sender<Result<Answer, Error>>,
}

impl Queued {
    /// Answers. Nobody listening any more is no fault: the outcome stands either way.
    pub(super) fn answer(self, answer: Result<Answer, Error>) {
        let _gone = self.reply.send(answer);
    }
}

#[derive(Default)]
struct Waiting {
    by_property: BTreeMap<PropertyId, VecDeque<Queued>>,
    /// Whose turn it is: every property with waiting orders stands here once.
    turns: VecDeque<PropertyId>,
    count: usize,
    is_closed: bool,
}

/// The queues of one lane.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Notify,
    property_orders_max: usize,
}

impl Queue {
    /// One whose properties may each have so many orders waiting.
    pub(super) fn of(property_orders_max: usize) -> Queue {
        Queue { waiting: Mutex::default(), arrived: Notify::new(), property_orders_max }
    }

    /// Puts an order last in its property's queue, or gives it back when there is no room.
    pub(super) fn push(&self, queued: Queued) -> Result<(), Box<Queued>> {
        let mut waiting = self.waiting.lock().expect("no thread panics while it holds the queue");
        if waiting.is_closed || LANE_QUEUE_MAX <= waiting.count {
            return Err(Box::new(queued));
        }
        let property = queued.order.property;
        let queue = waiting.by_property.entry(property).or_default();
        if self.property_orders_max <= queue.len() {
            return Err(Box::new(queued));
        }
        queue.push_back(queued);
        let is_first = queue.len() == 1;
        waiting.count += 1;
        if is_first {
            waiting.turns.push_back(property);
        }
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for orders and takes up to `count` of them, one per property and turn. `None` when
    /// the queue was closed and everything is taken.
    pub(super) async fn take(&self, count: usize) -> Option<Vec<Queued>> {
        loop {
            let arrived = self.arrived.notified();
            {
                let mut waiting =
                    self.waiting.lock().expect("no thread panics while it holds the queue");
                if 0 < waiting.count {
                    return Some(waiting.take(count));
                }
                if waiting.is_closed {
                    return None;
                }
            }
            arrived.await;
        }
    }

    /// Takes no more orders; what waits is still served.
    pub(super) fn close(&self) {
        let mut waiting = self.waiting.lock().expect("no thread panics while it holds the queue");
        waiting.is_closed = true;
        drop(waiting);
        self.arrived.notify_one();
    }

    /// Drops what waits; whoever asked hears nothing.
    pub(super) fn forget(&self) {
        let mut waiting = self.waiting.lock().expect("no thread panics while it holds the queue");
        waiting.by_property.clear();
        waiting.turns.clear();
        waiting.count = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.lock().expect("no thread panics while it holds the queue").count
    }
}

impl Waiting {
    fn take(&mut self, count: usize) -> Vec<Queued> {
        let mut taken = Vec::with_capacity(count.min(self.count));
        while taken.len() < count {
            let Some(property) = self.turns.pop_front() else { break };
            let Some(queue) = self.by_property.get_mut(&property) else { continue };
            taken.extend(queue.pop_front());
            if queue.is_empty() {
                self.by_property.remove(&property);
            } else {
                self.turns.push_back(property);
            }
        }
        self.count -= taken.len();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::command::Command;
    use vacancy_domain::ids::HoldId;

    fn order(property: u128, hold: u128) -> Queued {
        let command = Command::Lapse { hold: HoldId(hold) };
        let order = Order::new(PropertyId(property), "test", command);
        Queued { order, reply: oneshot::channel().0 }
    }

    #[tokio::test]
    async fn properties_take_turns_and_each_keeps_its_order() {
        let queue = Queue::of(PROPERTY_QUEUE_MAX);
        for (property, hold) in [(1, 10), (1, 11), (1, 12), (2, 20), (3, 30), (2, 21)] {
            assert!(queue.push(order(property, hold)).is_ok());
        }
        let taken = queue.take(5).await.expect("orders");
        let holds: Vec<u128> =
            taken.iter().filter_map(|queued| queued.order.command.hold()).map(|id| id.0).collect();
        assert_eq!(holds, [10, 20, 30, 11, 21]);
        assert_eq!(queue.len(), 1);
    }

    #[tokio::test]
    async fn a_full_queue_gives_the_order_back() {
        let queue = Queue::of(PROPERTY_QUEUE_MAX);
        for hold in 0..PROPERTY_QUEUE_MAX {
            assert!(queue.push(order(1, hold as u128)).is_ok());
        }
        assert!(queue.push(order(1, 0)).is_err());
        assert!(queue.push(order(2, 0)).is_ok(), "another property has room");
    }

    #[tokio::test]
    async fn a_closed_queue_serves_what_waits_and_takes_no_more() {
        let queue = Queue::of(PROPERTY_QUEUE_MAX);
        assert!(queue.push(order(1, 1)).is_ok());
        queue.close();
        assert!(queue.push(order(1, 2)).is_err());
        assert_eq!(queue.take(9).await.map(|taken| taken.len()), Some(1));
        assert!(queue.take(9).await.is_none());
    }
}
