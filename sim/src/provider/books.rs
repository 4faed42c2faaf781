//! What a provider remembers and how it answers: the same six calls as the real ones, with what each of
//! them can and cannot do.

use std::collections::BTreeMap;

use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::listing::{ListRequest, Listed, Listing};
use vacancy_connect::payments::order::{self as asks, CaptureRequest, OrderRequest, Payer};
use vacancy_connect::payments::standing::Standing;
use vacancy_domain::ids::PaymentId;
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::{Payment, PaymentState};

use super::disputes::Complaint;
use super::orders::{At, Extra, Order};
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
/// Orders on a page of a list.
const PAGE_ORDERS: usize = 3;
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

/// How often what is seldom happens here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Odds {
    slow_bank: i64,
    other_money: i64,
    twice: i64,
    charge_fails: i64,
    pub(super) disputes: i64,
    pub(super) slow_refund: i64,
    pub(super) refund_fails: i64,
}

pub(super) struct Books {
    pub(super) kind: Kind,
    pub(super) random: Random,
    pub(super) troubles: Odds,
    pub(super) orders: BTreeMap<String, Order>,
    /// By our payment: the time and the order.
    keys: BTreeMap<PaymentId, (i64, String)>,
    /// By their names.
    pub(super) complaints: BTreeMap<String, Complaint>,
    pub(super) post: Post,
    pub(super) seen: BTreeMap<&'static str, u64>,
}

impl Books {
    pub(super) fn new(kind: Kind, profile: &Profile, mut random: Random) -> Books {
        let post = Post::new(kind, profile, Random::of(random.draw(), 0));
        let Profile {
            slow_bank,
            slow_refund,
            other_money,
            twice,
            charge_fails,
            refund_fails,
            disputes,
            ..
        } = *profile;
        let troubles = Odds {
            slow_bank,
            other_money,
            twice,
            charge_fails,
            disputes,
            slow_refund,
            refund_fails,
        };
        let (orders, keys, seen) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Books { kind, random, troubles, orders, keys, complaints: BTreeMap::new(), post, seen }
    }

    /// Refunds that are made from now on arrive, and nobody complains of what is paid from now on; banks go on as they like.
    pub(super) fn heal(&mut self) {
        self.post.heal();
        (self.troubles.refund_fails, self.troubles.disputes) = (0, 0);
    }

    pub(super) fn note(&mut self, what: &'static str) {
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
        if at == At::Taken {
            self.complain(id, now_ms);
        }
    }

    pub(super) fn visit(&mut self, id: &str, visit: Visit, now_ms: i64) {
        let Some(order) = self.orders.get(id) else { return };
        let is_young = now_ms - order.made_at_ms < PAGE_MS_MAX;
        let page_is_open = !order.is_charge
            && match self.kind {
                Kind::Stripe => order.at == At::Open,
                // Who was declined may try another card.
                Kind::Razorpay => matches!(order.at, At::Open | At::Declined) && is_young,
            };
        if !page_is_open {
            // Who has the page open twice may pay twice.
            let is_twice = self.kind == Kind::Razorpay && order.at == At::Taken && is_young;
            if is_twice && visit == Visit::Pays && self.random.chance(self.troubles.twice) {
                self.pays_twice(id, now_ms);
            }
            return;
        }
        let decides_at_ms = self.bank_decides(now_ms);
        match visit {
            Visit::Pays => {
                if self.random.chance(self.troubles.other_money) {
                    self.other_money_comes(id);
                }
                self.goes(id, At::Taken, now_ms);
            }
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

    fn bank_decides(&mut self, now_ms: i64) -> i64 {
        let is_slow = self.random.chance(self.troubles.slow_bank);
        now_ms + self.random.between(0, if is_slow { BANK_MS_MAX } else { HOUR_MS / 2 })
    }

    /// More, less, or another currency, as a provider does that converts or lets guests pay a part.
    fn other_money_comes(&mut self, id: &str) {
        self.note("provider: other money came than was asked");
        let kind = self.random.between(0, 3);
        let Some(order) = self.orders.get_mut(id) else { return };
        let Money { minor, currency } = order.asked;
        let other = "USD".parse::<Currency>().unwrap_or(currency);
        order.came = Some(match kind {
            0 => Money::new(minor, other),
            1 => Money::new(minor + 1, currency),
            _ => Money::new((minor / 2).max(1), currency),
        });
    }

    fn pays_twice(&mut self, id: &str, now_ms: i64) {
        self.note("provider: an order was paid twice");
        let Some(order) = self.orders.get_mut(id) else { return };
        let name = format!("pay {} of {id}", order.extras.len() + 2);
        order.extras.push(Extra { name, money: order.asked, refunds: BTreeMap::new() });
        self.post.tell("payment.captured", Some(id), now_ms);
        self.complain(id, now_ms);
    }

    fn will_go(&mut self, id: &str, at_ms: i64, at: At) {
        if let Some(order) = self.orders.get_mut(id) {
            order.next = Some((at_ms, at));
        }
    }

    pub(super) fn pass(&mut self, now_ms: i64) {
        self.banks_decide(now_ms);
        let ids: Vec<String> = self.orders.keys().cloned().collect();
        for id in ids {
            let Some(order) = self.orders.get_mut(&id) else { continue };
            let refunds = order.refunds.values_mut();
            let extras = order.extras.iter_mut().flat_map(|extra| extra.refunds.values_mut());
            let ended = refunds.chain(extras).filter_map(|back| back.arrive(now_ms)).count();
            let ends = order.at == At::Open && order.ends_at_ms.is_some_and(|end| end <= now_ms);
            let next = order.next.filter(|(at_ms, _)| *at_ms <= now_ms);
            if let Some((_, at)) = next {
                self.goes(&id, at, now_ms);
            } else if ends {
                self.goes(&id, At::Closed, now_ms);
            }
            for _ in 0..ended {
                self.note("provider: a refund came back days after it was made");
                self.post.tell("refund.failed", None, now_ms);
            }
        }
    }

    /// By its id here or, while we do not know that, by ours: Stripe lists the newest first.
    pub(super) fn find(&self, payment: &Payment) -> Result<String, Failure> {
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
        if let Some(id) = known {
            let order = &self.orders[&id];
            if order.asked != request.amount {
                return Err(refused(Code::OrderMismatch));
            }
            let is_declined = order.is_charge && order.at == At::Declined;
            return if is_declined { Err(Failure::Declined) } else { Ok(opened(&id, order)) };
        }
        let id = format!("{}_{:04}", self.kind.name(), self.orders.len());
        let (from_ms, to_ms) = (now_ms + SESSION_MS.0, now_ms + SESSION_MS.1);
        let is_stripe = self.kind == Kind::Stripe;
        let mut order = Order {
            payment,
            asked: request.amount,
            came: None,
            pays_again: is_stripe && request.payer == Payer::GuestAndLater,
            is_charge: false,
            made_at_ms: now_ms,
            ends_at_ms: is_stripe.then(|| request.expires_at_ms.clamp(from_ms, to_ms)),
            at: At::Open,
            next: None,
            refunds: BTreeMap::new(),
            extras: Vec::new(),
        };
        let Payer::Again(earlier) = &request.payer else {
            let answer = opened(&id, &order);
            self.orders.insert(id.clone(), order);
            self.keys.insert(payment, (now_ms, id));
            return Ok(answer);
        };
        let paid = self.orders.get(&earlier.provider_order_id);
        if paid.is_none_or(|paid| !paid.pays_again || paid.at != At::Taken) {
            self.note("money: what paid may not be charged again");
            return Err(Failure::Refused { code: Code::NothingKept });
        }
        (order.is_charge, order.ends_at_ms) = (true, None);
        let answer = opened(&id, &order);
        self.orders.insert(id.clone(), order);
        self.keys.insert(payment, (now_ms, id.clone()));
        self.charge(&id, now_ms).map(|()| answer)
    }

    /// What paid before pays again: at once, or when its bank has thought about it, or not.
    fn charge(&mut self, id: &str, now_ms: i64) -> Result<(), Failure> {
        if self.random.chance(self.troubles.charge_fails) {
            self.note("money: the rest was declined");
            self.goes(id, At::Declined, now_ms);
            return Err(Failure::Declined);
        }
        if self.random.chance(200) {
            self.note("money: a bank thought about the rest");
            let (decides_at_ms, is_yes) = (self.bank_decides(now_ms), self.random.chance(600));
            self.goes(id, At::Asked, now_ms);
            self.will_go(id, decides_at_ms, if is_yes { At::Taken } else { At::Declined });
            return Ok(());
        }
        self.note("money: the rest was charged");
        self.goes(id, At::Taken, now_ms);
        Ok(())
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

    /// A few on a page.
    pub(super) fn list(&self, request: &ListRequest) -> Listing {
        let after = request.after.clone().unwrap_or_default();
        let window = request.from_ms..request.until_ms;
        let made = self
            .orders
            .iter()
            .filter(|(id, order)| **id > after && window.contains(&order.made_at_ms));
        let listed = |(id, order): (&String, &Order)| Listed {
            payment_id: order.payment,
            checkout_url: opened(id, order).checkout_url,
            standing: order.standing(id),
        };
        let mut names = made.clone().map(|(id, _)| id.clone());
        let last = names.nth(PAGE_ORDERS - 1);
        Listing {
            orders: made.take(PAGE_ORDERS).map(listed).collect(),
            next: last.filter(|_| names.next().is_some()),
        }
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
}

fn opened(id: &str, order: &Order) -> asks::Order {
    let checkout_url = (!order.is_charge).then(|| format!("https://pay.example/{id}"));
    asks::Order { provider_order_id: id.to_owned(), checkout_url, client_secret: None }
}
