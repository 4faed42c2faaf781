//! One order in the sandbox's books: what happened to it, and how it therefore stands at a given
//! time. Pure: no file, no clock.

use std::collections::BTreeMap;

use vacancy_domain::disputes::{DisputeStatus, Funds};
use vacancy_domain::ids::{PaymentId, RefundId, ReservationId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::PaymentState;

use crate::payments::disputes::Disputed;
use crate::payments::order::{Capture, TestOutcome};
use crate::payments::standing::{Method, Refund, RefundState, Standing};

/// How long the business may answer a dispute. 7 days.
const RESPOND_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// An order and everything that happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) order_id: String,
    pub(super) payment_id: PaymentId,
    pub(super) reservation_id: ReservationId,
    pub(super) amount: Money,
    pub(super) capture: Capture,
    pub(super) return_url: String,
    pub(super) description: String,
    pub(super) created_at_ms: i64,
    pub(super) expires_at_ms: i64,
    pub(super) outcome: Option<TestOutcome>,
    pub(super) paid: Option<Paid>,
    pub(super) declined: bool,
    pub(super) captured_minor: Option<i64>,
    pub(super) voided_at_ms: Option<i64>,
    pub(super) refunds: BTreeMap<RefundId, Given>,
    pub(super) dispute: Option<Dispute>,
}

/// What the guest did on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paid {
    pub(super) provider_payment_id: String,
    pub(super) method: Method,
    /// When the money is there: at once, or late.
    pub(super) settles_at_ms: i64,
}

/// A refund as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) provider_refund_id: String,
    pub(super) amount_minor: i64,
}

/// What the guest's bank took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dispute {
    pub(super) provider_dispute_id: String,
    pub(super) opened_at_ms: i64,
    /// Whether the business was right; nothing while the bank looks at it.
    pub(super) won: Option<bool>,
}

impl Dispute {
    pub(super) fn status(&self) -> DisputeStatus {
        match self.won {
            None => DisputeStatus::NeedsResponse,
            Some(true) => DisputeStatus::Won,
            Some(false) => DisputeStatus::Lost,
        }
    }
}

impl Account {
    /// The dispute as it is told. The bank takes all that the guest paid, at once.
    pub(super) fn disputed(&self) -> Option<Disputed> {
        let dispute = self.dispute.as_ref()?;
        let is_won = dispute.won == Some(true);
        Some(Disputed {
            provider_dispute_id: dispute.provider_dispute_id.clone(),
            provider_payment_id: self.paid.as_ref()?.provider_payment_id.clone(),
            opened_at_ms: dispute.opened_at_ms,
            amount: Money::new(
                self.captured_minor.unwrap_or(self.amount.minor),
                self.amount.currency,
            ),
            reason: "fraudulent".to_owned(),
            status: dispute.status(),
            funds: if is_won { Funds::Reinstated } else { Funds::Withdrawn },
            fee: None,
            due_by_ms: Some(dispute.opened_at_ms.saturating_add(RESPOND_MS)),
        })
    }

    /// Whether the guest's bank has the money.
    pub(super) fn is_taken_back(&self) -> bool {
        self.dispute.as_ref().is_some_and(|dispute| dispute.won != Some(true))
    }

    /// The money came, and no void since let it go again.
    fn settled(&self, now_ms: i64) -> bool {
        let Some(paid) = &self.paid else { return false };
        let let_go = self.voided_at_ms.is_some_and(|voided| paid.settles_at_ms <= voided);
        paid.settles_at_ms <= now_ms && !let_go
    }

    pub(super) fn state(&self, now_ms: i64) -> PaymentState {
        if self.settled(now_ms) {
            return match (self.capture, self.captured_minor) {
                (Capture::Automatic, _) | (Capture::Manual, Some(_)) => PaymentState::Succeeded,
                (Capture::Manual, None) => PaymentState::Authorized,
            };
        }
        if self.declined {
            return PaymentState::Failed;
        }
        if self.voided_at_ms.is_some() {
            return PaymentState::Canceled;
        }
        match self.paid {
            Some(_) => PaymentState::Pending,
            None if self.expires_at_ms <= now_ms => PaymentState::Canceled,
            None => PaymentState::Created,
        }
    }

    /// Whether the page still takes a payment.
    pub(super) fn is_payable(&self, now_ms: i64) -> bool {
        let late = self.outcome == Some(TestOutcome::Late);
        match self.state(now_ms) {
            PaymentState::Created => true,
            PaymentState::Canceled => late && self.paid.is_none(),
            PaymentState::Pending
            | PaymentState::Authorized
            | PaymentState::Succeeded
            | PaymentState::Failed => false,
        }
    }

    pub(super) fn captured_minor(&self, now_ms: i64) -> i64 {
        match self.state(now_ms) {
            PaymentState::Succeeded => self.captured_minor.unwrap_or(self.amount.minor),
            PaymentState::Created
            | PaymentState::Pending
            | PaymentState::Authorized
            | PaymentState::Failed
            | PaymentState::Canceled => 0,
        }
    }

    pub(super) fn refunded_minor(&self) -> i64 {
        // No overflow: the sum never passes what was captured.
        self.refunds.values().map(|given| given.amount_minor).sum()
    }

    pub(super) fn standing(&self, now_ms: i64) -> Standing {
        Standing {
            provider_order_id: self.order_id.clone(),
            state: self.state(now_ms),
            provider_payment_id: self.paid.as_ref().map(|paid| paid.provider_payment_id.clone()),
            amount: self.amount,
            captured_minor: self.captured_minor(now_ms),
            refunded_minor: self.refunded_minor(),
            method: self.paid.as_ref().map(|paid| paid.method),
            surplus: Vec::new(),
        }
    }

    pub(super) fn refund(&self, refund_id: RefundId) -> Option<Refund> {
        let given = self.refunds.get(&refund_id)?;
        Some(Refund {
            refund_id,
            provider_refund_id: given.provider_refund_id.clone(),
            amount: Money::new(given.amount_minor, self.amount.currency),
            state: RefundState::Succeeded,
        })
    }
}
