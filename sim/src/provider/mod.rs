//! Two providers that take money and lie about it: one does what Stripe does, the other what Razorpay
//! does. Each keeps its own books; what stands there is the truth, whatever our store knows of it. What
//! may go wrong is drawn: calls that never arrive, answers that get lost or come late, keys that are
//! forgotten after a day, webhooks that come twice, in another order, days later or never.

mod audit;
mod books;
mod disputes;
mod orders;
mod post;
mod refunds;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vacancy_connect::payments::disputes::{DisputeListing, DisputeLookUp, Disputed};
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::listing::{ListRequest, Listing};
use vacancy_connect::payments::order::{
    CaptureRequest, LookUp, Order, OrderRequest, RefundRequest, VoidRequest,
};
use vacancy_connect::payments::standing::{Refund, Standing};
use vacancy_connect::payments::webhook::{Event, Webhook, WebhookRefusal};
use vacancy_connect::payments::{Abilities, Answer, Checkout, Follow, Provider, Truth};

use crate::profile::Profile;
use crate::random::Random;

pub use audit::{Complained, Taken};
use books::Books;
pub use books::Visit;
pub use post::Delivery;

/// Most turns that others get while a call is on its way, and again while its answer is.
const TURNS_MAX: i64 = 6;
const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What a provider can and cannot do, and how it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Closes an order by API, and by itself within a day. Forgets keys, and makes a second order then.
    Stripe,
    /// Closes nothing: a guest may pay an order that we gave up, and a payment that failed may turn
    /// authorised days later, then waits for us to take it and goes back by itself. Finds its orders
    /// by our receipt. Switches an end point off that fails for a day.
    Razorpay,
}

impl Kind {
    pub const BOTH: [Kind; 2] = [Kind::Stripe, Kind::Razorpay];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Stripe => "stripe",
            Kind::Razorpay => "razorpay",
        }
    }

    /// As the real ones have them.
    fn abilities(self) -> Abilities {
        let late_ms = match self {
            Kind::Stripe => 0,
            Kind::Razorpay => 7 * DAY_MS,
        };
        Abilities {
            name: self.name(),
            checkout: Checkout::HostedPage,
            truth: Truth::Provider,
            manual_capture: true,
            charges_again: self == Kind::Stripe,
            webhooks: true,
            follow: Follow::UntilItsEnd { late_ms },
            test_outcomes: false,
        }
    }
}

/// What goes wrong, per call.
#[derive(Debug, Clone, Copy)]
struct Troubles {
    unreached: i64,
    lost_answer: i64,
    slow: i64,
}

/// A provider. Clones share its books.
#[derive(Clone)]
pub struct Till {
    pub kind: Kind,
    abilities: Arc<Abilities>,
    clock: Arc<AtomicI64>,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    books: Books,
    random: Random,
    troubles: Troubles,
    lost_count: u64,
}

impl Till {
    /// Its clock is the world's.
    #[must_use]
    pub fn new(kind: Kind, profile: &Profile, clock: &Arc<AtomicI64>, random: Random) -> Till {
        let Profile { unreached, lost_answer, slow, .. } = *profile;
        let troubles = Troubles { unreached, lost_answer, slow };
        let books = Books::new(kind, profile, random.clone());
        let shared = Shared { books, random, troubles, lost_count: 0 };
        let (abilities, clock) = (Arc::new(kind.abilities()), Arc::clone(clock));
        Till { kind, abilities, clock, shared: Arc::new(Mutex::new(shared)) }
    }

    /// From now on every call arrives and every answer, and the end point is switched on. What was
    /// lost stays lost.
    pub fn heal(&self) {
        let mut shared = self.shared();
        shared.troubles = Troubles { unreached: 0, lost_answer: 0, slow: 0 };
        shared.books.heal();
    }

    /// From now on so many answers get lost, in a thousand.
    pub fn lose_answers(&self, per_mille: i64) {
        self.shared().troubles.lost_answer = per_mille;
    }

    /// Answers that got lost.
    #[must_use]
    pub fn lost_count(&self) -> u64 {
        self.shared().lost_count
    }

    /// What a guest does on the provider's page.
    pub fn visit(&self, order: &str, visit: Visit) {
        let now_ms = self.now_ms();
        self.shared().books.visit(order, visit, now_ms);
    }

    /// Banks decide, sessions end, authorisations go back: whatever happens by itself until now.
    pub fn pass(&self) {
        let now_ms = self.now_ms();
        self.shared().books.pass(now_ms);
    }

    /// Webhooks that arrive now, those that failed among them.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        let now_ms = self.now_ms();
        self.shared().books.post.due(now_ms)
    }

    /// Whether the end point took a webhook.
    pub fn delivered(&self, delivery: Delivery, is_taken: bool) {
        let now_ms = self.now_ms();
        self.shared().books.post.delivered(delivery, is_taken, now_ms);
    }

    /// All orders, for whoever compares.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        self.shared().books.taken()
    }

    /// What was seen, for the situations.
    #[must_use]
    pub fn seen(&self) -> std::collections::BTreeMap<&'static str, u64> {
        let shared = self.shared();
        let mut seen = shared.books.seen.clone();
        for (what, times) in &shared.books.post.seen {
            *seen.entry(what).or_insert(0) += times;
        }
        seen
    }

    fn now_ms(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn others_run(&self) {
        let turns = {
            let mut shared = self.shared();
            let per_mille = shared.troubles.slow;
            if shared.random.chance(per_mille) { shared.random.between(1, TURNS_MAX) } else { 0 }
        };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    /// Does the deed; the call or its answer may get lost, and each may take its time.
    async fn act<T>(
        &self,
        deed: impl FnOnce(&mut Books, i64) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let lost = || Failure::Unknown { attempted: "reach the provider", source: None };
        self.others_run().await;
        let (answer, is_lost) = {
            let now_ms = self.now_ms();
            let mut shared = self.shared();
            let Troubles { unreached, lost_answer, .. } = shared.troubles;
            if shared.random.chance(unreached) {
                return Err(lost());
            }
            let answer = deed(&mut shared.books, now_ms);
            let is_lost = shared.random.chance(lost_answer);
            shared.lost_count += u64::from(is_lost);
            (answer, is_lost)
        };
        self.others_run().await;
        if is_lost { Err(lost()) } else { answer }
    }
}

fn refused(code: Code) -> Failure {
    Failure::Refused { code }
}

impl Provider for Till {
    fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    fn create<'a>(&'a self, request: &'a OrderRequest) -> Answer<'a, Order> {
        Box::pin(self.act(move |books, now_ms| books.create(request, now_ms)))
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, Standing> {
        Box::pin(self.act(move |books, now_ms| books.capture(request, now_ms)))
    }

    fn void<'a>(&'a self, request: &'a VoidRequest) -> Answer<'a, Standing> {
        Box::pin(self.act(move |books, now_ms| books.void(&request.payment, now_ms)))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, Refund> {
        Box::pin(self.act(move |books, now_ms| books.refund(request, now_ms)))
    }

    fn look_up<'a>(&'a self, request: &'a LookUp) -> Answer<'a, Standing> {
        Box::pin(self.act(move |books, _| books.look_up(&request.payment)))
    }

    fn list<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, Listing> {
        Box::pin(self.act(move |books, _| Ok(books.list(request))))
    }

    fn dispute<'a>(&'a self, request: &'a DisputeLookUp) -> Answer<'a, Disputed> {
        Box::pin(self.act(move |books, _| books.dispute(&request.provider_dispute_id)))
    }

    fn disputes<'a>(&'a self, request: &'a ListRequest) -> Answer<'a, DisputeListing> {
        Box::pin(self.act(move |books, _| Ok(books.disputes(request))))
    }

    fn parse_webhook(&self, webhook: &Webhook<'_>) -> Result<Event, WebhookRefusal> {
        post::read(webhook.body)
    }
}
