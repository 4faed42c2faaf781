//! What a provider says of an order and of a refund. Says nothing about the booking.

use vacancy_domain::ids::RefundId;
use vacancy_domain::money::Money;
use vacancy_domain::payments::{PaymentState, Told};

use super::failure::{Code, Failure, refused};

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
    /// Further payments of the same order that were taken, too, and have not gone back.
    pub surplus: Vec<Surplus>,
}

/// Money that came once more than it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surplus {
    pub provider_payment_id: String,
    /// What has not gone back of it.
    pub left: Money,
}

/// Whether there is something left to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capture {
    Due,
    Done,
}

impl Standing {
    /// The figures alone, for whoever compares them with our books.
    #[must_use]
    pub fn told(&self) -> Told {
        let Standing { state, captured_minor, refunded_minor, .. } = *self;
        Told { state, captured_minor, refunded_minor }
    }

    /// Whether this amount may be taken, or was: every provider says no alike.
    pub(super) fn may_capture(&self, amount: Money) -> Result<Capture, Failure> {
        if amount.currency != self.amount.currency {
            return Err(refused(Code::CurrencyMismatch));
        }
        match self.state {
            PaymentState::Succeeded if amount.minor == self.captured_minor => Ok(Capture::Done),
            PaymentState::Succeeded => Err(refused(Code::AlreadyCaptured)),
            PaymentState::Failed => Err(Failure::Declined),
            PaymentState::Canceled => Err(refused(Code::Canceled)),
            PaymentState::Created | PaymentState::Pending => Err(refused(Code::NotAuthorized)),
            PaymentState::Authorized if amount.minor < 1 => Err(refused(Code::AmountInvalid)),
            PaymentState::Authorized if self.amount.minor < amount.minor => {
                Err(refused(Code::AmountTooLarge))
            }
            PaymentState::Authorized => Ok(Capture::Due),
        }
    }

    /// Whether this amount is there to be given back.
    pub(super) fn may_refund(&self, amount: Money) -> Result<(), Failure> {
        if self.state != PaymentState::Succeeded {
            return Err(refused(Code::NotCaptured));
        }
        if amount.currency != self.amount.currency {
            return Err(refused(Code::CurrencyMismatch));
        }
        if amount.minor < 1 {
            return Err(refused(Code::AmountInvalid));
        }
        if self.captured_minor.saturating_sub(self.refunded_minor) < amount.minor {
            return Err(refused(Code::AmountTooLarge));
        }
        Ok(())
    }
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
