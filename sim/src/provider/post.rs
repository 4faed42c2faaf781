//! The provider's webhooks on their way: lost, doubled, late by up to three days, in any order, sent
//! again while the end point does not take them, and no more once it has been switched off.

use std::collections::BTreeMap;

use vacancy_connect::payments::webhook::{Event, WebhookRefusal};

use super::{DAY_MS, HOUR_MS, Kind};
use crate::profile::Profile;
use crate::random::Random;

/// How long a webhook may be on its way.
const LATE_MS_MAX: i64 = 3 * DAY_MS;
/// How long one usually is.
const USUAL_MS_MAX: i64 = 2 * 60 * 1000;
/// How long one that is not taken is sent again.
const AGAIN_MS_MAX: i64 = 3 * DAY_MS;
/// From one attempt to the next.
const PAUSE_MS: i64 = HOUR_MS;
/// Razorpay switches an end point off that has failed for so long.
const FAILING_MS_MAX: i64 = DAY_MS;
/// Stands for no order and no dispute.
const NOBODY: &str = "-";

/// A webhook that arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub body: String,
    sent_at_ms: i64,
    due_at_ms: i64,
}

/// What is on its way to us.
pub(super) struct Post {
    kind: Kind,
    random: Random,
    loss: i64,
    doubled: i64,
    late: i64,
    events_count: u64,
    under_way: Vec<Delivery>,
    failing_since_ms: Option<i64>,
    is_off: bool,
    pub(super) seen: BTreeMap<&'static str, u64>,
}

impl Post {
    pub(super) fn new(kind: Kind, profile: &Profile, random: Random) -> Post {
        Post {
            kind,
            random,
            loss: profile.webhook_loss,
            doubled: profile.webhook_doubled,
            late: profile.webhook_late,
            events_count: 0,
            under_way: Vec::new(),
            failing_since_ms: None,
            is_off: false,
            seen: BTreeMap::new(),
        }
    }

    /// Something happened to an order or a dispute.
    pub(super) fn tell(&mut self, what: &str, name: Option<&str>, now_ms: i64) {
        self.events_count += 1;
        if self.is_off || self.random.chance(self.loss) {
            self.note("webhook: never came");
            return;
        }
        let event = format!("evt_{}", self.events_count);
        let body = format!("{event} {what} {}", name.unwrap_or(NOBODY));
        let copies = if self.random.chance(self.doubled) { self.random.between(2, 4) } else { 1 };
        if 1 < copies {
            self.note("webhook: came more than once");
        }
        for _ in 0..copies {
            let way_ms = if self.random.chance(self.late) { LATE_MS_MAX } else { USUAL_MS_MAX };
            let due_at_ms = now_ms + self.random.between(0, way_ms);
            self.under_way.push(Delivery { body: body.clone(), sent_at_ms: now_ms, due_at_ms });
        }
    }

    pub(super) fn due(&mut self, now_ms: i64) -> Vec<Delivery> {
        let under_way = std::mem::take(&mut self.under_way);
        let (mut due, later): (Vec<_>, Vec<_>) =
            under_way.into_iter().partition(|delivery| delivery.due_at_ms <= now_ms);
        self.under_way = later;
        due.sort_by_key(|delivery| delivery.due_at_ms);
        due
    }

    pub(super) fn delivered(&mut self, delivery: Delivery, is_taken: bool, now_ms: i64) {
        if is_taken {
            if HOUR_MS < now_ms - delivery.sent_at_ms {
                self.note("webhook: came hours later");
            }
            self.failing_since_ms = None;
            return;
        }
        let since_ms = *self.failing_since_ms.get_or_insert(now_ms);
        if self.kind == Kind::Razorpay && FAILING_MS_MAX <= now_ms - since_ms {
            self.note("webhook: the end point was switched off");
            self.is_off = true;
            self.under_way.clear();
            return;
        }
        if now_ms - delivery.sent_at_ms < AGAIN_MS_MAX {
            let due_at_ms = now_ms + PAUSE_MS;
            self.under_way.push(Delivery { due_at_ms, ..delivery });
        }
    }

    /// Somebody switches the end point on again.
    pub(super) fn heal(&mut self) {
        (self.is_off, self.failing_since_ms) = (false, None);
    }

    fn note(&mut self, what: &'static str) {
        *self.seen.entry(what).or_insert(0) += 1;
    }
}

/// The event that a body brings.
pub(super) fn read(body: &[u8]) -> Result<Event, WebhookRefusal> {
    let text = std::str::from_utf8(body).map_err(|_| WebhookRefusal::Malformed)?;
    let mut words = text.splitn(3, ' ');
    let (Some(event_id), Some(kind), Some(name)) = (words.next(), words.next(), words.next())
    else {
        return Err(WebhookRefusal::Malformed);
    };
    let name = Some(name.to_owned()).filter(|name| name != NOBODY);
    let (order, dispute) = if kind.contains("dispute") { (None, name) } else { (name, None) };
    Ok(Event {
        event_id: event_id.to_owned(),
        kind: kind.to_owned(),
        provider_order_id: order,
        provider_payment_id: None,
        provider_dispute_id: dispute,
    })
}
