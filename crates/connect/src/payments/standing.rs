//! What a provider says of an order and of a refund. Says nothing about the booking.

use vacancy_domain::ids::RefundId;
use vacancy_domain::money::Money;
use vacancy_domain::payments::PaymentState;

/// How an order stands at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub provider_order_id: String,
    /// A status that we do not know is `Pending`.
    pub state: PaymentState,
    pub provider_payment_id: Option<String>,
    /// As the provider has it; the caller compares it with its own.
    pub amount: Money,
    pub captured_minor: i64,
    pub refunded_minor: i64,
    pub method: Option<Method>,
}

/// What the guest paid with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Card,
    Upi,
    Wallet,
    NetBanking,
    Cash,
    BankTransfer,
    /// Something that we have no word for.
    Other,
}

impl Method {
    /// As stored and shown; an unknown word is [`Method::Other`].
    #[must_use]
    pub fn parse(text: &str) -> Method {
        match text {
            "card" => Method::Card,
            "upi" => Method::Upi,
            "wallet" => Method::Wallet,
            "netbanking" => Method::NetBanking,
            "cash" => Method::Cash,
            "bank_transfer" => Method::BankTransfer,
            _ => Method::Other,
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Card => "card",
            Method::Upi => "upi",
            Method::Wallet => "wallet",
            Method::NetBanking => "netbanking",
            Method::Cash => "cash",
            Method::BankTransfer => "bank_transfer",
            Method::Other => "other",
        }
    }
}

/// Money going back, as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub refund_id: RefundId,
    pub provider_refund_id: String,
    pub amount: Money,
    pub state: RefundState,
}

/// Where a refund is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    /// Under way, or a status that we do not know.
    Pending,
    Succeeded,
    Failed,
}
