//! Stripe's disputes as far as we read them, and what they say in our words.

use serde::Deserialize;
use vacancy_domain::disputes::{DisputeStatus, Funds};
use vacancy_domain::money::{Currency, Money};

use super::amounts::from_stripe;
use super::wire::{Expandable, Named};
use crate::payments::disputes::{Disputed, bounded};

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dispute {
    pub(super) id: String,
    amount: i64,
    currency: String,
    payment_intent: Option<Expandable<Named>>,
    reason: String,
    status: String,
    created: i64,
    /// What it took from the account, and gave back to it.
    balance_transactions: Vec<BalanceTransaction>,
    evidence_details: Option<EvidenceDetails>,
}

#[derive(Debug, Clone, Deserialize)]
struct BalanceTransaction {
    amount: i64,
    currency: String,
    #[serde(default)]
    fee: i64,
}

#[derive(Debug, Clone, Deserialize)]
struct EvidenceDetails {
    due_by: Option<i64>,
}

impl Dispute {
    /// Nothing when it names no amount of ours.
    pub(super) fn told(&self) -> Option<Disputed> {
        let named = self.payment_intent.as_ref().map(|intent| intent.id().to_owned());
        let due_by_s = self.evidence_details.as_ref().and_then(|details| details.due_by);
        Some(Disputed {
            provider_dispute_id: self.id.clone(),
            provider_payment_id: named.unwrap_or_default(),
            opened_at_ms: self.created.saturating_mul(1000),
            amount: money(self.amount, &self.currency)?,
            reason: bounded(&self.reason),
            status: status(&self.status),
            funds: self.funds(),
            fee: self.fee(),
            due_by_ms: due_by_s.map(|at_s| at_s.saturating_mul(1000)),
        })
    }

    /// An inquiry (`warning_…`) takes nothing.
    fn funds(&self) -> Funds {
        let mut moved = self.balance_transactions.iter();
        let is_taken = moved.clone().any(|one| one.amount < 0);
        let is_returned = moved.any(|one| 0 < one.amount);
        match (is_taken, is_returned) {
            (true, true) => Funds::Reinstated,
            (true, false) => Funds::Withdrawn,
            (false, _) => Funds::Kept,
        }
    }

    /// In the currency of the account, which need not be the guest's.
    fn fee(&self) -> Option<Money> {
        let currency = &self.balance_transactions.first()?.currency;
        let fees = self.balance_transactions.iter().filter(|one| one.currency == *currency);
        let units = fees.fold(0_i64, |sum, one| sum.saturating_add(one.fee));
        money(units, currency).filter(|fee| 0 < fee.minor)
    }
}

fn status(word: &str) -> DisputeStatus {
    match word {
        "under_review" | "warning_under_review" => DisputeStatus::UnderReview,
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        "warning_closed" | "prevented" => DisputeStatus::Closed,
        // "needs_response", "warning_needs_response", and what nobody here knows.
        _ => DisputeStatus::NeedsResponse,
    }
}

fn money(units: i64, currency: &str) -> Option<Money> {
    let currency: Currency = currency.to_ascii_uppercase().parse().ok()?;
    Some(Money::new(from_stripe(units, currency)?, currency))
}

#[cfg(test)]
mod tests {
    //! Goal: what Stripe's words and balance transactions say. Method: one dispute, one change each.

    use super::*;

    #[track_caller]
    fn told(status: &str, moved: &str) -> Disputed {
        let text = format!(
            r#"{{"id": "du_1", "amount": 1000, "currency": "usd", "payment_intent": "pi_1",
                "reason": "fraudulent", "status": "{status}", "created": 1,
                "balance_transactions": [{moved}], "evidence_details": {{"due_by": 7}}}}"#
        );
        let dispute: Dispute = serde_json::from_str(&text).expect("a dispute");
        dispute.told().expect("an amount of ours")
    }

    #[test]
    fn every_word_of_stripe_has_one_of_ours() {
        for (word, status) in [
            ("warning_needs_response", DisputeStatus::NeedsResponse),
            ("warning_under_review", DisputeStatus::UnderReview),
            ("warning_closed", DisputeStatus::Closed),
            ("needs_response", DisputeStatus::NeedsResponse),
            ("under_review", DisputeStatus::UnderReview),
            ("won", DisputeStatus::Won),
            ("lost", DisputeStatus::Lost),
            ("prevented", DisputeStatus::Closed),
            ("on_the_moon", DisputeStatus::NeedsResponse),
        ] {
            assert_eq!(told(word, "").status, status, "{word}");
        }
    }

    #[test]
    fn the_balance_says_where_the_money_is() {
        const TAKEN: &str = r#"{"amount": -1000, "currency": "usd", "fee": 1500}"#;
        const BACK: &str = r#"{"amount": 1000, "currency": "usd", "fee": 0}"#;
        let none = told("warning_needs_response", "");
        assert_eq!((none.funds, none.fee), (Funds::Kept, None));
        let taken = told("needs_response", TAKEN);
        assert_eq!(taken.funds, Funds::Withdrawn);
        assert_eq!(taken.fee, money(1500, "usd"));
        assert_eq!(taken.due_by_ms, Some(7000));
        let back = told("won", &format!("{TAKEN}, {BACK}"));
        assert_eq!(back.funds, Funds::Reinstated);
    }
}
