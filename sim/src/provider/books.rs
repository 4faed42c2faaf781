//! What a provider remembers and how it answers: the same six calls as the real ones, with what each of
//! them can and cannot do.

use std::collections::BTreeMap;

use uuid::Uuid;
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::listing::{ListRequest, Listed, Listing};
use vacancy_connect::payments::order::{self as asks, CaptureRequest, OrderRequest, RefundRequest};
use vacancy_connect::payments::standing::{Refund, RefundState, Standing};
use vacancy_domain::ids::PaymentId;
use vacancy_domain::payments::{Payment, PaymentState};

use super::orders::{At, Back, Order};
use super::post::Post;
use super::{DAY_MS, HOUR_MS, Kind, refused};
use crate::profile::Profile;
use crate::random::Random;

/// Stripe forgets idempotency keys after this.
const KEY_MS_MAX: i64 = DAY_MS;
/// How long a Stripe session lives.
const SESSION_MS: (i64, i64) = (31 * 60 * 1000, DAY_MS - 60 * 1000);
/// How long Razorpay's page of an order is open to a guest who has it.
const PAGE_MS_MAX: i64 = DAY_MS;
/// How long a bank may think.
const BANK_MS_MAX: i64 = 5 * DAY_MS;
/// How long a refund may be on its way.
const BACK_MS_MAX: i64 = 5 * DAY_MS;
/// Money that Razorpay has authorised and that nobody takes goes back after this.
const WAITING_MS: i64 = 5 * DAY_MS;

/// What a guest does on the provider's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    Pays,
    /// Chooses a bank that answers minutes or days later.
    AsksBank,
    /// The bank says no, and perhaps yes days later.
    IsDeclined,
}

/// An order as an auditor sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub payment: Uuid,
    pub captured_minor: i64,
    /// By our id of each refund; what failed on its way is not here.
    pub refunds: BTreeMap<Uuid, i64>,
}

pub(super) struct Books {
    kind: Kind,
    random: Random,
    slow_bank: i64,
    slow_refund: i64,
    orders: BTreeMap<String, Order>,
    /// By our payment: the time and the order.
    keys: BTreeMap<PaymentId, (i64, String)>,
    pub(super) post: Post,
    pub(super) seen: BTreeMap<&'static str, u64>,
}

impl Books {
    pub(super) fn new(kind: Kind, profile: &Profile, mut random: Random) -> Books {
        let post = Post::new(kind, profile, Random::of(random.draw(), 0));
        let Profile { slow_bank, slow_refund, .. } = *profile;
        let (orders, keys, seen) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Books { kind, random, slow_bank, slow_refund, orders, keys, post, seen }
    }

    pub(super) fn heal(&mut self) {
        self.post.heal();
    }

    pub(super) fn taken(&self) -> Vec<Taken> {
        let taken = |order: &Order| Taken {
            payment: Uuid::from_u128(order.payment.0),
            captured_minor: order.captured_minor(),
            refunds: order
                .refunds
                .iter()
                .filter(|(_, back)| back.state != RefundState::Failed)
                .map(|(id, back)| (Uuid::from_u128(id.0), back.minor))
                .collect(),
        };
        self.orders.values().map(taken).collect()
    }

    fn note(&mut self, what: &'static str) {
        *self.seen.entry(what).or_insert(0) += 1;
    }

    /// The order goes there, and whoever listens hears of it, sooner or later or never.
    fn goes(&mut self, id: &str, at: At, now_ms: i64) {
        let Some(order) = self.orders.get_mut(id) else { return };
        let before = std::mem::replace(&mut order.at, at);
        order.next = None;
        if at == At::Authorized {
            order.next = Some((now_ms + WAITING_MS, At::GoneBack));
        }
        let was_asked = before == At::Asked;
        let told: &[&str] = match (self.kind, at) {
            (Kind::Stripe, At::Taken) if was_asked => &["checkout.session.async_payment_succeeded"],
            (Kind::Stripe, At::Asked | At::Taken) => &["checkout.session.completed"],
            (Kind::Stripe, At::Declined) => &["checkout.session.async_payment_failed"],
            (Kind::Stripe, At::Closed) => &["checkout.session.expired"],
            (Kind::Razorpay, At::Taken) => &["payment.captured", "order.paid"],
            (Kind::Razorpay, At::Authorized) => &["payment.authorized"],
            (Kind::Razorpay, At::Declined) => &["payment.failed"],
            (Kind::Stripe, At::Open | At::Authorized | At::GoneBack)
            | (Kind::Razorpay, At::Open | At::Closed | At::Asked | At::GoneBack) => &[],
        };
        for what in told {
            self.post.tell(what, Some(id), now_ms);
        }
        if (before, at) == (At::Declined, At::Authorized) {
            self.note("provider: what had failed was authorised days later");
        }
        if at == At::GoneBack {
            self.note("provider: an authorisation that nobody took went back");
        }
        // A card holder complains about some of them; the provider tells us, and names no order.
        if at == At::Taken && self.random.chance(30) {
            self.note("provider: a charge was disputed");
            self.post.tell("charge.dispute.created", None, now_ms);
        }
    }

    pub(super) fn visit(&mut self, id: &str, visit: Visit, now_ms: i64) {
        let Some(order) = self.orders.get(id) else { return };
        let page_is_open = match self.kind {
            Kind::Stripe => order.at == At::Open,
            // Who was declined may try another card.
            Kind::Razorpay => {
                matches!(order.at, At::Open | At::Declined)
                    && now_ms - order.made_at_ms < PAGE_MS_MAX
            }
        };
        if !page_is_open {
            return;
        }
        let bank_ms = if self.random.chance(self.slow_bank) { BANK_MS_MAX } else { HOUR_MS / 2 };
        let decides_at_ms = now_ms + self.random.between(0, bank_ms);
        match visit {
            Visit::Pays => self.goes(id, At::Taken, now_ms),
            Visit::AsksBank => {
                self.goes(id, At::Asked, now_ms);
                let end = if self.random.chance(600) { At::Taken } else { At::Declined };
                self.will_go(id, decides_at_ms, end);
            }
            // A declined card leaves Stripe's session open for another one.
            Visit::IsDeclined if self.kind == Kind::Stripe => {}
            Visit::IsDeclined => {
                self.goes(id, At::Declined, now_ms);
                if self.random.chance(500) {
                    self.will_go(id, decides_at_ms, At::Authorized);
                }
            }
        }
    }

    fn will_go(&mut self, id: &str, at_ms: i64, at: At) {
        if let Some(order) = self.orders.get_mut(id) {
            order.next = Some((at_ms, at));
        }
    }

    pub(super) fn pass(&mut self, now_ms: i64) {
        let ids: Vec<String> = self.orders.keys().cloned().collect();
        for id in ids {
            let Some(order) = self.orders.get_mut(&id) else { continue };
            for back in order.refunds.values_mut() {
                if back.state == RefundState::Pending && back.ends_at_ms <= now_ms {
                    back.state = RefundState::Succeeded;
                }
            }
            let ends = order.at == At::Open && order.ends_at_ms.is_some_and(|end| end <= now_ms);
            let next = order.next.filter(|(at_ms, _)| *at_ms <= now_ms);
            if let Some((_, at)) = next {
                self.goes(&id, at, now_ms);
            } else if ends {
                self.goes(&id, At::Closed, now_ms);
            }
        }
    }

    /// By its id here or, while we do not know that, by ours: Stripe lists the newest first.
    fn find(&self, payment: &Payment) -> Result<String, Failure> {
        let id = &payment.provider_order_id;
        if !id.is_empty() {
            let known = self.orders.contains_key(id).then(|| id.clone());
            return known.ok_or_else(|| refused(Code::UnknownOrder));
        }
        let mut ours = self.orders.iter().filter(|(_, order)| order.payment == payment.id);
        let found = match self.kind {
            Kind::Stripe => ours.next_back(),
            Kind::Razorpay => ours.next(),
        };
        found.map(|(id, _)| id.clone()).ok_or_else(|| refused(Code::UnknownOrder))
    }

    pub(super) fn create(
        &mut self,
        request: &OrderRequest,
        now_ms: i64,
    ) -> Result<asks::Order, Failure> {
        let payment = request.payment_id;
        let known = match (self.keys.get(&payment), self.kind) {
            (Some((since_ms, _)), Kind::Stripe) if KEY_MS_MAX <= now_ms - since_ms => {
                self.note("provider: a key was forgotten");
                None
            }
            (known, _) => known.map(|(_, id)| id.clone()),
        };
        let id = match known {
            Some(id) if self.orders[&id].asked != request.amount => {
                return Err(refused(Code::OrderMismatch));
            }
            Some(id) => id,
            None => {
                let id = format!("{}_{:04}", self.kind.name(), self.orders.len());
                let (from_ms, to_ms) = (now_ms + SESSION_MS.0, now_ms + SESSION_MS.1);
                let ends_at_ms = (self.kind == Kind::Stripe)
                    .then(|| request.expires_at_ms.clamp(from_ms, to_ms));
                let order = Order {
                    payment,
                    asked: request.amount,
                    made_at_ms: now_ms,
                    ends_at_ms,
                    at: At::Open,
                    next: None,
                    refunds: BTreeMap::new(),
                };
                self.orders.insert(id.clone(), order);
                self.keys.insert(payment, (now_ms, id.clone()));
                id
            }
        };
        let checkout_url = Some(format!("https://pay.example/{id}"));
        Ok(asks::Order { provider_order_id: id, checkout_url, client_secret: None })
    }

    pub(super) fn look_up(&mut self, payment: &Payment) -> Result<Standing, Failure> {
        let id = self.find(payment)?;
        let mut standing = self.orders[&id].standing(&id);
        // Razorpay has no word for an order that nobody may pay any more: our row has.
        let is_over = payment.state == PaymentState::Canceled;
        if self.kind == Kind::Razorpay && is_over && standing.state == PaymentState::Created {
            standing.state = PaymentState::Canceled;
        }
        Ok(standing)
    }

    /// On one page.
    pub(super) fn list(&self, request: &ListRequest) -> Listing {
        let window = request.from_ms..request.until_ms;
        let made = self.orders.iter().filter(|(_, order)| window.contains(&order.made_at_ms));
        let listed = |(id, order): (&String, &Order)| Listed {
            payment_id: order.payment,
            standing: order.standing(id),
        };
        Listing { orders: made.map(listed).collect(), next: None }
    }

    pub(super) fn capture(
        &mut self,
        request: &CaptureRequest,
        now_ms: i64,
    ) -> Result<Standing, Failure> {
        let id = self.find(&request.payment)?;
        let order = &self.orders[&id];
        match order.at {
            At::Taken if request.amount == order.asked => {}
            At::Taken => return Err(refused(Code::AlreadyCaptured)),
            At::Authorized if request.amount == order.asked => self.goes(&id, At::Taken, now_ms),
            At::Authorized => return Err(refused(Code::AmountInvalid)),
            At::Declined => return Err(Failure::Declined),
            At::Closed | At::GoneBack => return Err(refused(Code::Canceled)),
            At::Open | At::Asked => return Err(refused(Code::NotAuthorized)),
        }
        Ok(self.orders[&id].standing(&id))
    }

    pub(super) fn void(&mut self, payment: &Payment, now_ms: i64) -> Result<Standing, Failure> {
        let id = self.find(payment)?;
        match (self.orders[&id].at, self.kind) {
            (At::Taken, _) => return Err(refused(Code::AlreadyCaptured)),
            (At::Authorized, _) => return Err(refused(Code::CannotVoid)),
            (At::Open, Kind::Stripe) => self.goes(&id, At::Closed, now_ms),
            (At::Open, Kind::Razorpay) => {
                // Our page shows the checkout no more; whoever has it open may still pay.
                let standing = self.orders[&id].standing(&id);
                return Ok(Standing { state: PaymentState::Canceled, ..standing });
            }
            (At::Asked, Kind::Stripe) => self.note("provider: would not close a session"),
            (At::Asked | At::Declined | At::Closed | At::GoneBack, _) => {}
        }
        Ok(self.orders[&id].standing(&id))
    }

    pub(super) fn refund(
        &mut self,
        request: &RefundRequest,
        now_ms: i64,
    ) -> Result<Refund, Failure> {
        let id = self.find(&request.payment)?;
        let is_slow = self.random.chance(self.slow_refund);
        let ends_at_ms = now_ms + self.random.between(0, BACK_MS_MAX);
        let order = self.orders.get_mut(&id).ok_or_else(|| refused(Code::UnknownOrder))?;
        let minor = request.amount.minor;
        let back = match order.refunds.get(&request.refund_id) {
            Some(made) if made.minor != minor => return Err(refused(Code::RefundMismatch)),
            Some(made) => *made,
            None if order.at != At::Taken => return Err(refused(Code::NotCaptured)),
            None if order.captured_minor() < order.refunded_minor() + minor => {
                return Err(refused(Code::AmountTooLarge));
            }
            None => {
                let state = if is_slow { RefundState::Pending } else { RefundState::Succeeded };
                let back = Back { minor, state, ends_at_ms };
                order.refunds.insert(request.refund_id, back);
                let is_part = minor < order.asked.minor;
                self.note("money: given back");
                if is_part {
                    self.note("money: a part was given back");
                }
                if is_slow {
                    self.note("provider: a refund was on its way for a while");
                }
                self.post.tell("refund.created", None, now_ms);
                back
            }
        };
        Ok(Refund {
            refund_id: request.refund_id,
            provider_refund_id: format!("refund {}", request.refund_id),
            amount: request.amount,
            state: back.state,
        })
    }
}
