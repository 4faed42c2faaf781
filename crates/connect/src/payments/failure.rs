//! How a call to a provider can fail: for certain, or nobody knows. The two never mix.

use std::error::Error;

/// Why a call brought no answer to use.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// For certain: the payer's bank said no.
    #[error("the payer's bank declined")]
    Declined,
    /// For certain: the provider will not do this, and has done nothing.
    #[error("the provider refused: {}", code.as_str())]
    Refused { code: Code },
    /// A time-out or a lost answer. It may have happened or not: repeat the call or look up; take
    /// it neither for success nor for failure.
    #[error("the outcome is unknown: {attempted}")]
    Unknown { attempted: &'static str, source: Option<Box<dyn Error + Send + Sync>> },
}

/// Why a provider refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// The money was taken already; give it back by refund.
    AlreadyCaptured,
    /// Zero, below zero, or outside what the provider takes.
    AmountInvalid,
    /// More than was authorised, or than is left to give back.
    AmountTooLarge,
    Canceled,
    /// This provider cannot let an authorisation go; take it and give it back.
    CannotVoid,
    /// The card number fails its check digit.
    CardInvalid,
    /// A number that may be somebody's real card.
    CardNotForTests,
    CurrencyMismatch,
    Expired,
    /// The provider does not know our key, or the key may not do this: a person must look.
    KeyRefused,
    /// Nothing is authorised, so nothing can be captured.
    NotAuthorized,
    /// Nothing is captured, so nothing can be given back.
    NotCaptured,
    /// What paid before was not kept, so nothing can be charged again: nobody's bank was asked.
    NothingKept,
    /// The same payment id with other terms, or an order of another payment.
    OrderMismatch,
    /// The guest's bank has taken the payment back, or is about to.
    PaymentDisputed,
    /// The payment named is not the one that paid this order.
    PaymentMismatch,
    /// The same refund id with another order or amount.
    RefundMismatch,
    /// For a reason that we have no word for.
    RequestRefused,
    SignatureInvalid,
    /// The provider takes no further orders.
    TooManyOrders,
    UnknownDispute,
    UnknownOrder,
}

impl Code {
    /// Stable text for logs and answers.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Code::AlreadyCaptured => "already_captured",
            Code::AmountInvalid => "amount_invalid",
            Code::AmountTooLarge => "amount_too_large",
            Code::Canceled => "canceled",
            Code::CannotVoid => "cannot_void",
            Code::CardInvalid => "card_invalid",
            Code::CardNotForTests => "card_not_for_tests",
            Code::CurrencyMismatch => "currency_mismatch",
            Code::Expired => "expired",
            Code::KeyRefused => "key_refused",
            Code::NotAuthorized => "not_authorized",
            Code::NotCaptured => "not_captured",
            Code::NothingKept => "nothing_kept",
            Code::OrderMismatch => "order_mismatch",
            Code::PaymentDisputed => "payment_disputed",
            Code::PaymentMismatch => "payment_mismatch",
            Code::RefundMismatch => "refund_mismatch",
            Code::RequestRefused => "request_refused",
            Code::SignatureInvalid => "signature_invalid",
            Code::TooManyOrders => "too_many_orders",
            Code::UnknownDispute => "unknown_dispute",
            Code::UnknownOrder => "unknown_order",
        }
    }
}

impl Failure {
    /// Whether the provider is sure that nothing happened and nothing will.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        match self {
            Failure::Declined | Failure::Refused { .. } => true,
            Failure::Unknown { .. } => false,
        }
    }

    /// Stable text for logs and answers.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Failure::Declined => "declined",
            Failure::Refused { code } => code.as_str(),
            Failure::Unknown { .. } => "outcome_unknown",
        }
    }
}

pub(crate) fn refused(code: Code) -> Failure {
    Failure::Refused { code }
}
