//! Razorpay's disputes as far as we read them, and what they say in our words.

use serde::Deserialize;
use vacancy_domain::disputes::{DisputeStatus, Funds};
use vacancy_domain::money::Money;

use crate::payments::disputes::{Disputed, bounded};

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dispute {
    id: String,
    payment_id: String,
    amount: i64,
    currency: String,
    /// What it took from the account; nothing while the bank only asks.
    #[serde(default)]
    amount_deducted: i64,
    reason_code: String,
    respond_by: Option<i64>,
    status: String,
    created_at: i64,
}

impl Dispute {
    /// Nothing when it names no currency of ours.
    pub(super) fn told(&self) -> Option<Disputed> {
        let status = status(&self.status);
        let funds = match status {
            _ if self.amount_deducted < 1 => Funds::Kept,
            DisputeStatus::Won => Funds::Reinstated,
            DisputeStatus::NeedsResponse
            | DisputeStatus::UnderReview
            | DisputeStatus::Closed
            | DisputeStatus::Lost => Funds::Withdrawn,
        };
        let minor = match funds {
            Funds::Kept => self.amount,
            Funds::Withdrawn | Funds::Reinstated => self.amount_deducted,
        };
        Some(Disputed {
            provider_dispute_id: self.id.clone(),
            provider_payment_id: self.payment_id.clone(),
            opened_at_ms: self.created_at.saturating_mul(1000),
            amount: Money::new(minor, self.currency.parse().ok()?),
            reason: bounded(&self.reason_code),
            status,
            funds,
            fee: None,
            due_by_ms: self.respond_by.map(|at_s| at_s.saturating_mul(1000)),
        })
    }
}

fn status(word: &str) -> DisputeStatus {
    match word {
        "under_review" => DisputeStatus::UnderReview,
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        "closed" => DisputeStatus::Closed,
        // "open", and what nobody here knows.
        _ => DisputeStatus::NeedsResponse,
    }
}
