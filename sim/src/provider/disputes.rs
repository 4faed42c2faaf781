//! Guests who tell their bank that they do not want to have paid. A bank asks first, or takes the money
//! at once; days later it keeps it, gives it back, or nothing comes of it. How it goes is drawn when
//! the guest complains; nobody here knows before.

use std::collections::VecDeque;

use vacancy_connect::payments::disputes::{DisputeListing, Disputed};
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::listing::ListRequest;
use vacancy_domain::disputes::{DisputeStatus, Funds};
use vacancy_domain::money::Money;

use super::books::Books;
use super::orders::payment_name;
use super::{DAY_MS, HOUR_MS, Kind, refused};
use crate::random::Random;

/// How long after a payment its guest complains.
const COMPLAINT_MS_MAX: i64 = 5 * DAY_MS;
/// How long each step of a bank takes.
const STEP_MS_MAX: i64 = 10 * DAY_MS;
/// Disputes on a page of a list.
const PAGE_DISPUTES: usize = 2;

/// Where it stands, and where the money is.
pub(super) type Stage = (DisputeStatus, Funds);

/// A guest's complaint about one payment.
#[derive(Debug, Clone)]
pub(super) struct Complaint {
    pub(super) order: String,
    /// The provider's name for it.
    pub(super) payment: String,
    /// It is of other money than was asked for, or of what came twice: our books have none of it.
    pub(super) is_apart: bool,
    pub(super) amount: Money,
    /// When the provider heard of it, and where it stands. Nobody has heard of it while there is none.
    pub(super) stands: Option<(i64, Stage)>,
    /// What is to come.
    course: VecDeque<(i64, Stage)>,
}

impl Complaint {
    /// What the bank has of the payment.
    fn taken_minor(&self) -> i64 {
        match self.stands {
            Some((_, (_, Funds::Withdrawn))) => self.amount.minor,
            Some((_, (_, Funds::Kept | Funds::Reinstated))) | None => 0,
        }
    }

    fn disputed(&self, name: &str) -> Option<Disputed> {
        let (opened_at_ms, (status, funds)) = self.stands?;
        Some(Disputed {
            provider_dispute_id: name.to_owned(),
            provider_payment_id: self.payment.clone(),
            opened_at_ms,
            amount: self.amount,
            reason: "fraudulent".to_owned(),
            status,
            funds,
            fee: None,
            due_by_ms: Some(opened_at_ms + 7 * DAY_MS),
        })
    }
}

impl Books {
    /// The guest of an order that was paid, or was paid twice, may complain about what was paid last.
    pub(super) fn complain(&mut self, id: &str, now_ms: i64) {
        if !self.random.chance(self.troubles.disputes) {
            return;
        }
        let Some(order) = self.orders.get(id) else { return };
        let (payment, whole, is_apart) = match order.extras.last() {
            Some(extra) => (extra.name.clone(), extra.money, true),
            None => (payment_name(id), order.money(), order.came.is_some()),
        };
        let amount = if self.random.chance(300) {
            Money::new((whole.minor / 2).max(1), whole.currency)
        } else {
            whole
        };
        let is_soon = self.random.chance(500);
        let wait_ms = self.random.between(0, if is_soon { HOUR_MS } else { COMPLAINT_MS_MAX });
        let course = course(self.kind, now_ms + wait_ms, &mut self.random);
        let name = format!("dispute_{:04}", self.complaints.len());
        if is_apart {
            self.note("provider: money that is in no book of ours was disputed");
        }
        let order = id.to_owned();
        let complaint = Complaint { order, payment, is_apart, amount, stands: None, course };
        self.complaints.insert(name, complaint);
    }

    /// Banks do their next steps, and whoever listens hears of it.
    pub(super) fn banks_decide(&mut self, now_ms: i64) {
        for (name, complaint) in self.complaints.clone() {
            let mut next = complaint.clone();
            while let Some((at_ms, stage)) = next.course.front().copied()
                && at_ms <= now_ms
            {
                next.course.pop_front();
                let before = next.stands.map(|(_, stage)| stage);
                let opened_at_ms = next.stands.map_or(at_ms, |(opened_at_ms, _)| opened_at_ms);
                next.stands = Some((opened_at_ms, stage));
                self.tell_of_dispute(&name, before, stage, now_ms);
            }
            self.complaints.insert(name, next);
        }
    }

    fn tell_of_dispute(&mut self, name: &str, before: Option<Stage>, now: Stage, now_ms: i64) {
        let funds_before = before.map_or(Funds::Kept, |(_, funds)| funds);
        match (funds_before, now.1) {
            (Funds::Kept, Funds::Withdrawn) if before.is_some() => {
                self.note("provider: a bank asked, and then took the money");
            }
            (Funds::Withdrawn, Funds::Reinstated) => self.note("provider: a bank gave money back"),
            (_, _) => {}
        }
        if now == (DisputeStatus::Lost, Funds::Withdrawn) {
            self.note("provider: a dispute was lost");
        }
        let what = match (self.kind, before, now.0.is_end()) {
            (Kind::Stripe, None, _) => "charge.dispute.created",
            (Kind::Stripe, Some(_), false) => "charge.dispute.updated",
            (Kind::Stripe, Some(_), true) => "charge.dispute.closed",
            (Kind::Razorpay, None, _) => "payment.dispute.created",
            (Kind::Razorpay, Some(_), false) => "payment.dispute.under_review",
            (Kind::Razorpay, Some(_), true) => "payment.dispute.closed",
        };
        if before.is_none() {
            self.note("provider: a charge was disputed");
        }
        self.post.tell(what, Some(name), now_ms);
    }

    /// What banks have of a payment. While they have something, nothing is given back of it.
    pub(super) fn at_the_bank_minor(&self, payment: &str) -> i64 {
        let own = self.complaints.values().filter(|complaint| complaint.payment == payment);
        own.map(Complaint::taken_minor).sum()
    }

    pub(super) fn dispute(&self, name: &str) -> Result<Disputed, Failure> {
        let known = self.complaints.get(name).and_then(|complaint| complaint.disputed(name));
        known.ok_or_else(|| refused(Code::UnknownDispute))
    }

    /// A few on a page.
    pub(super) fn disputes(&self, request: &ListRequest) -> DisputeListing {
        let after = request.after.clone().unwrap_or_default();
        let window = request.from_ms..request.until_ms;
        let known = self.complaints.iter().filter(|(name, _)| **name > after);
        let mut found = known
            .filter_map(|(name, complaint)| complaint.disputed(name))
            .filter(|disputed| window.contains(&disputed.opened_at_ms));
        let disputes: Vec<Disputed> = found.by_ref().take(PAGE_DISPUTES).collect();
        let last = disputes.last().map(|disputed| disputed.provider_dispute_id.clone());
        DisputeListing { disputes, next: last.filter(|_| found.next().is_some()) }
    }
}

/// How a complaint goes. Stripe's banks may ask first, and take the money before they decide; with
/// Razorpay it stays until they have.
fn course(kind: Kind, from_ms: i64, random: &mut Random) -> VecDeque<(i64, Stage)> {
    use DisputeStatus::{Closed, Lost, NeedsResponse, UnderReview, Won};
    let (mut course, mut at_ms) = (VecDeque::new(), from_ms);
    let mut then = |stage: Stage, random: &mut Random| {
        course.push_back((at_ms, stage));
        at_ms += random.between(1, STEP_MS_MAX);
    };
    let holds = match kind {
        Kind::Razorpay => Funds::Kept,
        Kind::Stripe => Funds::Withdrawn,
    };
    let is_question = kind == Kind::Razorpay || random.chance(400);
    if is_question {
        then((NeedsResponse, Funds::Kept), random);
        if random.chance(300) {
            // Razorpay closes what a business accepts, and the bank has it then.
            let is_accepted = kind == Kind::Razorpay && random.chance(400);
            then((Closed, if is_accepted { Funds::Withdrawn } else { Funds::Kept }), random);
            return course;
        }
    }
    if kind == Kind::Stripe {
        then((NeedsResponse, holds), random);
    }
    if random.chance(500) {
        then((UnderReview, holds), random);
    }
    let given_back = if kind == Kind::Stripe { Funds::Reinstated } else { Funds::Kept };
    let end = if random.chance(500) { (Lost, Funds::Withdrawn) } else { (Won, given_back) };
    then(end, random);
    course
}
