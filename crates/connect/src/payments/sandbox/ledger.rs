//! All orders of the sandbox, as its entries make them. Decides what may happen to an order and
//! says which entry to write; writing is `books`.

use std::collections::BTreeMap;
use std::ops::Bound;

use vacancy_domain::ids::{PaymentId, RefundId};
use vacancy_domain::payments::{Payment, PaymentState};

use super::account::{Account, Dispute, Given, Paid};
use super::cards::Manner;
use super::entry::{Charged, Entry, Happening, Unreadable};
use super::page::PayWith;
use crate::payments::disputes::{DisputeListing, Disputed};
use crate::payments::failure::{Code, Failure, refused};
use crate::payments::listing::{ListRequest, Listed, Listing, PAGE_ORDERS_MAX};
use crate::payments::order::{
    CaptureRequest, OrderRequest, Payer, RefundRequest, TestOutcome, VoidRequest,
};
use crate::payments::standing::Method;

/// How long after an order's end the late money comes.
pub const LATE_BY_MS: i64 = 60 * 1000;

/// How long slow money is on its way.
pub const SLOW_BY_MS: i64 = 20 * 1000;

/// Orders that one set of books takes; they are kept in memory.
pub(super) const ORDERS_MAX: usize = 1_000_000;

/// The sandbox's memory. Never changes but by [`Ledger::apply`].
#[derive(Debug, Default)]
pub(super) struct Ledger {
    accounts: BTreeMap<String, Account>,
    order_of_payment: BTreeMap<PaymentId, String>,
    order_of_refund: BTreeMap<RefundId, String>,
    order_of_dispute: BTreeMap<String, String>,
}

/// What to write before the answer is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// It happened before: only answer.
    Repeat,
    Write(Entry),
    /// Write it, and let nobody know: the test outcome wants a lost answer.
    WriteAndLoseAnswer(Entry),
}

impl Ledger {
    pub(super) fn account(&self, order_id: &str) -> Result<&Account, Failure> {
        self.accounts.get(order_id).ok_or_else(|| refused(Code::UnknownOrder))
    }

    /// By the provider's id, or by ours while the answer to `create` is not known.
    pub(super) fn account_of(&self, payment: &Payment) -> Result<&Account, Failure> {
        if payment.provider_order_id.is_empty() {
            return self.account_of_payment(payment.id);
        }
        let account = self.account(&payment.provider_order_id)?;
        if account.payment_id != payment.id {
            return Err(refused(Code::OrderMismatch));
        }
        Ok(account)
    }

    /// The orders of a window, by their ids. `page` says where each can be paid.
    pub(super) fn list(&self, request: &ListRequest, page: impl Fn(&str) -> String) -> Listing {
        let start = match &request.after {
            Some(after) => Bound::Excluded(after.as_str()),
            None => Bound::Unbounded,
        };
        let window = request.from_ms..request.until_ms;
        let rest = self.accounts.range::<str, _>((start, Bound::Unbounded));
        let mut orders: Vec<Listed> = rest
            .filter(|(_, account)| window.contains(&account.created_at_ms))
            .take(PAGE_ORDERS_MAX + 1)
            .map(|(_, account)| Listed {
                payment_id: account.payment_id,
                checkout_url: Some(page(&account.order_id)),
                standing: account.standing(request.now_ms),
            })
            .collect();
        let goes_on = PAGE_ORDERS_MAX < orders.len();
        orders.truncate(PAGE_ORDERS_MAX);
        let last = orders.last().filter(|_| goes_on);
        let next = last.map(|last| last.standing.provider_order_id.clone());
        Listing { orders, next }
    }

    pub(super) fn account_of_payment(&self, payment_id: PaymentId) -> Result<&Account, Failure> {
        let order_id = self.order_of_payment.get(&payment_id);
        self.account(order_id.ok_or_else(|| refused(Code::UnknownOrder))?)
    }

    pub(super) fn create(
        &self,
        request: &OrderRequest,
        order_id: String,
        provider_payment_id: String,
    ) -> Result<Decision, Failure> {
        if let Ok(account) = self.account_of_payment(request.payment_id) {
            let same = account.amount == request.amount
                && account.reservation_id == request.reservation_id
                && account.capture == request.capture;
            return if same { Ok(Decision::Repeat) } else { Err(refused(Code::OrderMismatch)) };
        }
        if request.amount.minor < 1 {
            return Err(refused(Code::AmountInvalid));
        }
        if request.expires_at_ms <= request.now_ms {
            return Err(refused(Code::Expired));
        }
        if ORDERS_MAX <= self.accounts.len() {
            return Err(refused(Code::TooManyOrders));
        }
        let charged = match &request.payer {
            Payer::Guest | Payer::GuestAndLater => None,
            Payer::Again(earlier) => {
                let earlier = self.account_of(earlier)?.paid.as_ref();
                let earlier = earlier.ok_or(refused(Code::NothingKept))?;
                let method = earlier.method.as_str().to_owned();
                Some(Charged { provider_payment_id, method })
            }
        };
        let happening = Happening::created(request, charged);
        let entry = Entry { order_id, at_ms: request.now_ms, happening };
        Ok(decided(request.test_outcome, entry))
    }

    /// A payment on the page. What the order itself asks for goes before what the card does.
    pub(super) fn pay(
        &self,
        order_id: &str,
        provider_payment_id: String,
        with: PayWith,
        now_ms: i64,
    ) -> Result<Decision, Failure> {
        let account = self.account(order_id)?;
        if account.paid.is_some() || account.declined {
            return Ok(Decision::Repeat);
        }
        if !account.is_payable(now_ms) {
            let voided = account.voided_at_ms.is_some();
            return Err(refused(if voided { Code::Canceled } else { Code::Expired }));
        }
        let outcome = account.outcome.or(with.outcome());
        let settles_at_ms = match outcome {
            Some(TestOutcome::Declined) => {
                return Ok(Decision::Write(account.entry(Happening::Declined, now_ms)));
            }
            Some(TestOutcome::Late) if now_ms < account.expires_at_ms => {
                account.expires_at_ms.saturating_add(LATE_BY_MS)
            }
            Some(TestOutcome::Late | TestOutcome::TimedOut | TestOutcome::Disputed) => now_ms,
            None if with.manner() == Manner::Slow => now_ms.saturating_add(SLOW_BY_MS),
            None => now_ms,
        };
        let method = with.method().as_str().to_owned();
        let paid = Happening::Paid { provider_payment_id, method, settles_at_ms };
        Ok(decided(outcome, account.entry(paid, now_ms)))
    }

    /// The guest's bank says no.
    pub(super) fn decline(&self, order_id: &str, now_ms: i64) -> Result<Decision, Failure> {
        let account = self.account(order_id)?;
        match account.state(now_ms) {
            PaymentState::Created => {
                Ok(Decision::Write(account.entry(Happening::Declined, now_ms)))
            }
            // Paid, or over: the button comes too late and changes nothing.
            PaymentState::Pending
            | PaymentState::Authorized
            | PaymentState::Succeeded
            | PaymentState::Failed
            | PaymentState::Canceled => Ok(Decision::Repeat),
        }
    }

    pub(super) fn capture(&self, request: &CaptureRequest) -> Result<Decision, Failure> {
        let account = self.account_of(&request.payment)?;
        if request.amount.currency != account.amount.currency {
            return Err(refused(Code::CurrencyMismatch));
        }
        match account.state(request.now_ms) {
            PaymentState::Succeeded => {
                let same = account.captured_minor(request.now_ms) == request.amount.minor;
                if same { Ok(Decision::Repeat) } else { Err(refused(Code::AlreadyCaptured)) }
            }
            PaymentState::Failed => Err(Failure::Declined),
            PaymentState::Canceled => Err(refused(Code::Canceled)),
            PaymentState::Created | PaymentState::Pending => Err(refused(Code::NotAuthorized)),
            PaymentState::Authorized if request.amount.minor < 1 => {
                Err(refused(Code::AmountInvalid))
            }
            PaymentState::Authorized if account.amount.minor < request.amount.minor => {
                Err(refused(Code::AmountTooLarge))
            }
            PaymentState::Authorized => {
                let captured = Happening::Captured { amount_minor: request.amount.minor };
                Ok(decided(account.outcome, account.entry(captured, request.now_ms)))
            }
        }
    }

    pub(super) fn void(&self, request: &VoidRequest) -> Result<Decision, Failure> {
        let account = self.account_of(&request.payment)?;
        match account.state(request.now_ms) {
            PaymentState::Succeeded => Err(refused(Code::AlreadyCaptured)),
            PaymentState::Failed | PaymentState::Canceled => Ok(Decision::Repeat),
            PaymentState::Created | PaymentState::Pending | PaymentState::Authorized => {
                Ok(decided(account.outcome, account.entry(Happening::Voided, request.now_ms)))
            }
        }
    }

    pub(super) fn refund(
        &self,
        request: &RefundRequest,
        provider_refund_id: String,
    ) -> Result<Decision, Failure> {
        let account = self.account_of(&request.payment)?;
        if request.amount.currency != account.amount.currency {
            return Err(refused(Code::CurrencyMismatch));
        }
        if let Some(order_id) = self.order_of_refund.get(&request.refund_id) {
            let before = account.refunds.get(&request.refund_id);
            let same = *order_id == account.order_id
                && before.is_some_and(|given| given.amount_minor == request.amount.minor);
            return if same { Ok(Decision::Repeat) } else { Err(refused(Code::RefundMismatch)) };
        }
        if account.state(request.now_ms) != PaymentState::Succeeded {
            return Err(refused(Code::NotCaptured));
        }
        if account.is_taken_back() {
            return Err(refused(Code::PaymentDisputed));
        }
        if request.amount.minor < 1 {
            return Err(refused(Code::AmountInvalid));
        }
        let left_minor = account.captured_minor(request.now_ms) - account.refunded_minor();
        if left_minor < request.amount.minor {
            return Err(refused(Code::AmountTooLarge));
        }
        let refunded = Happening::Refunded {
            refund_id: request.refund_id.to_string(),
            provider_refund_id,
            amount_minor: request.amount.minor,
        };
        Ok(decided(account.outcome, account.entry(refunded, request.now_ms)))
    }

    /// The guest's bank takes the money back.
    pub(super) fn dispute(
        &self,
        order_id: &str,
        provider_dispute_id: String,
        now_ms: i64,
    ) -> Result<Decision, Failure> {
        let account = self.account(order_id)?;
        if account.dispute.is_some() {
            return Ok(Decision::Repeat);
        }
        if account.state(now_ms) != PaymentState::Succeeded {
            return Err(refused(Code::NotCaptured));
        }
        let disputed = Happening::Disputed { provider_dispute_id };
        Ok(Decision::Write(account.entry(disputed, now_ms)))
    }

    /// The bank decides, once.
    pub(super) fn end_dispute(
        &self,
        order_id: &str,
        won: bool,
        now_ms: i64,
    ) -> Result<Decision, Failure> {
        let account = self.account(order_id)?;
        let dispute = account.dispute.as_ref().ok_or_else(|| refused(Code::UnknownDispute))?;
        if dispute.won.is_some() {
            return Ok(Decision::Repeat);
        }
        Ok(Decision::Write(account.entry(Happening::DisputeEnded { won }, now_ms)))
    }

    pub(super) fn disputed(&self, provider_dispute_id: &str) -> Result<Disputed, Failure> {
        let order_id = self.order_of_dispute.get(provider_dispute_id);
        let account = order_id.and_then(|order_id| self.accounts.get(order_id));
        account.and_then(Account::disputed).ok_or_else(|| refused(Code::UnknownDispute))
    }

    /// The disputes of a window, by their ids.
    pub(super) fn disputes(&self, request: &ListRequest) -> DisputeListing {
        let start = match &request.after {
            Some(after) => Bound::Excluded(after.as_str()),
            None => Bound::Unbounded,
        };
        let window = request.from_ms..request.until_ms;
        let rest = self.order_of_dispute.range::<str, _>((start, Bound::Unbounded));
        let mut disputes: Vec<Disputed> = rest
            .filter_map(|(_, order_id)| self.accounts.get(order_id)?.disputed())
            .filter(|dispute| window.contains(&dispute.opened_at_ms))
            .take(PAGE_ORDERS_MAX + 1)
            .collect();
        let goes_on = PAGE_ORDERS_MAX < disputes.len();
        disputes.truncate(PAGE_ORDERS_MAX);
        let last = disputes.last().filter(|_| goes_on);
        let next = last.map(|last| last.provider_dispute_id.clone());
        DisputeListing { disputes, next }
    }

    /// Takes an entry in: the only way the ledger changes.
    pub(super) fn apply(&mut self, entry: Entry) -> Result<(), Unreadable> {
        if let Happening::Created { .. } = entry.happening {
            let account = entry.into_account()?;
            self.order_of_payment.insert(account.payment_id, account.order_id.clone());
            self.accounts.insert(account.order_id.clone(), account);
            return Ok(());
        }
        let Entry { order_id, at_ms, happening } = entry;
        let account =
            self.accounts.get_mut(&order_id).ok_or(Unreadable("an order before it was created"))?;
        match happening {
            Happening::Created { .. } => {}
            Happening::Paid { provider_payment_id, method, settles_at_ms } => {
                let method = Method::parse(&method);
                account.paid = Some(Paid { provider_payment_id, method, settles_at_ms });
            }
            Happening::Declined => account.declined = true,
            Happening::Captured { amount_minor } => account.captured_minor = Some(amount_minor),
            Happening::Voided => account.voided_at_ms = Some(at_ms),
            Happening::Refunded { refund_id, provider_refund_id, amount_minor } => {
                let refund_id: RefundId =
                    refund_id.parse().map_err(|_| Unreadable("a refund id"))?;
                account.refunds.insert(refund_id, Given { provider_refund_id, amount_minor });
                self.order_of_refund.insert(refund_id, order_id);
            }
            Happening::Disputed { provider_dispute_id } => {
                self.order_of_dispute.insert(provider_dispute_id.clone(), order_id);
                let opened_at_ms = at_ms;
                account.dispute = Some(Dispute { provider_dispute_id, opened_at_ms, won: None });
            }
            Happening::DisputeEnded { won } => {
                let none = Unreadable("an end of no dispute");
                account.dispute.as_mut().ok_or(none)?.won = Some(won);
            }
        }
        Ok(())
    }
}

impl Account {
    fn entry(&self, happening: Happening, at_ms: i64) -> Entry {
        Entry { order_id: self.order_id.clone(), at_ms, happening }
    }
}

fn decided(outcome: Option<TestOutcome>, entry: Entry) -> Decision {
    match outcome {
        Some(TestOutcome::TimedOut) => Decision::WriteAndLoseAnswer(entry),
        Some(TestOutcome::Declined | TestOutcome::Late | TestOutcome::Disputed) | None => {
            Decision::Write(entry)
        }
    }
}
