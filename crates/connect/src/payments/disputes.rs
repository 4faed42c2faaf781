//! What a provider says of a dispute: a guest's bank asks about a payment, or takes it back. Asked for,
//! as everything else; an event only says that there is something to ask for.

use vacancy_domain::disputes::{DisputeStatus, Funds, TEXT_CHARACTERS_MAX};
use vacancy_domain::money::Money;

/// Asks how a dispute stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeLookUp {
    pub provider_dispute_id: String,
    pub now_ms: i64,
}

/// A dispute as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disputed {
    pub provider_dispute_id: String,
    /// Whose money it is; empty where it is nobody's that we could know.
    pub provider_payment_id: String,
    pub opened_at_ms: i64,
    /// What the bank took, or asks about.
    pub amount: Money,
    /// The provider's code.
    pub reason: String,
    /// A status that we do not know needs a response: somebody has to look.
    pub status: DisputeStatus,
    pub funds: Funds,
    /// What the provider takes for it.
    pub fee: Option<Money>,
    pub due_by_ms: Option<i64>,
}

/// One page of disputes that were opened in a window of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DisputeListing {
    pub disputes: Vec<Disputed>,
    /// Asks for the next page; there is none on the last one.
    pub next: Option<String>,
}

/// A provider's code, not longer than what is kept of it.
pub(super) fn bounded(text: &str) -> String {
    text.chars().take(TEXT_CHARACTERS_MAX).collect()
}
