//! Payments: one row per attempt, forward only. Money arrives late, twice or never; the states
//! say what we know, never what we hope.

use crate::guards::{self, Guard};
use crate::ids::{PaymentAccountId, PaymentId, ReservationId};
use crate::money::Money;
use crate::refusals::Refusal;

/// How long a provider may leave the end of a payment open before a person hears of it. 15 minutes.
pub const SETTLE_MS_MAX: i64 = 15 * 60 * 1000;

/// Where one payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaymentState {
    /// Our intent is stored; the provider may not know of it.
    Created,
    /// The provider has an order; the guest may be paying now.
    Pending,
    /// The money is reserved, not taken.
    Authorized,
    Succeeded,
    Failed,
    Canceled,
}

impl PaymentState {
    pub const ALL: [PaymentState; 6] = [
        PaymentState::Created,
        PaymentState::Pending,
        PaymentState::Authorized,
        PaymentState::Succeeded,
        PaymentState::Failed,
        PaymentState::Canceled,
    ];

    /// The word in the store, the log and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            PaymentState::Created => "CREATED",
            PaymentState::Pending => "PENDING",
            PaymentState::Authorized => "AUTHORIZED",
            PaymentState::Succeeded => "SUCCESS",
            PaymentState::Failed => "FAILED",
            PaymentState::Canceled => "CANCELED",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<PaymentState> {
        PaymentState::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether news may move a payment from here to `next`. Ends stay ends, save one: a payment
    /// that failed may turn good later, as providers with late authorisation know.
    #[must_use]
    pub fn may_become(self, next: PaymentState) -> bool {
        match self {
            PaymentState::Created | PaymentState::Pending => {
                next != PaymentState::Created && next != self
            }
            PaymentState::Authorized => {
                matches!(
                    next,
                    PaymentState::Succeeded | PaymentState::Failed | PaymentState::Canceled
                )
            }
            PaymentState::Failed | PaymentState::Canceled => {
                matches!(next, PaymentState::Authorized | PaymentState::Succeeded)
            }
            PaymentState::Succeeded => false,
        }
    }

    /// Whether the provider may still take money.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, PaymentState::Created | PaymentState::Pending | PaymentState::Authorized)
    }
}

/// One attempt to pay for a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub reservation: ReservationId,
    /// Name of the provider, lower case.
    pub provider: String,
    /// Where it was begun; none: at the installation's own provider.
    pub account: Option<PaymentAccountId>,
    pub provider_order_id: String,
    /// Empty until the provider tells.
    pub provider_payment_id: String,
    /// Where the guest pays.
    pub checkout_url: String,
    pub state: PaymentState,
    pub amount: Money,
    pub captured_minor: i64,
    pub refunded_minor: i64,
    /// What the guest's bank has taken back of it, as things stand.
    pub charged_back_minor: i64,
    /// Card, UPI, cash …; empty until known.
    pub method: String,
    pub created_at_ms: i64,
    pub completed_at_ms: Option<i64>,
    /// +1 at every write.
    pub version: i64,
}

impl Payment {
    /// What may still go back to the guest. Of a payment that the bank took back, all or a part, that is
    /// nothing: the guest would have it twice.
    #[must_use]
    pub fn refundable_minor(&self) -> i64 {
        if 0 < self.charged_back_minor {
            return 0;
        }
        self.captured_minor.saturating_sub(self.refunded_minor).max(0)
    }
}

/// What a provider told of a payment, by look-up or webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub payment: PaymentId,
    pub state: PaymentState,
    pub provider_payment_id: String,
    pub captured: Money,
    pub method: String,
}

/// The payment after the news, or nothing when they are old.
pub fn hear(payment: &Payment, news: &News, now_ms: i64) -> Result<Option<Payment>, Refusal> {
    let is_told_again = payment.state == news.state && guards::is_off(Guard::HeardOnce);
    let has_turned = !payment.state.is_open() && payment.state != news.state;
    let is_overwritten = has_turned && guards::is_off(Guard::PaymentEnd);
    if !payment.state.may_become(news.state) && !is_told_again && !is_overwritten {
        return Ok(None);
    }
    let is_ours = news.captured == payment.amount || guards::is_off(Guard::AskedMoney);
    if news.state == PaymentState::Succeeded && !is_ours {
        return Err(Refusal::Mismatch { field: "amount" });
    }
    let mut next = payment.clone();
    next.state = news.state;
    next.method.clone_from(&news.method);
    next.provider_payment_id.clone_from(&news.provider_payment_id);
    if news.state == PaymentState::Succeeded {
        next.captured_minor = payment.amount.minor;
    }
    next.completed_at_ms = (!news.state.is_open()).then_some(now_ms);
    next.version += 1;
    Ok(Some(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_never_taken_back() {
        for next in PaymentState::ALL {
            assert!(!PaymentState::Succeeded.may_become(next), "{next:?}");
        }
    }

    #[test]
    fn a_failed_payment_may_turn_good_days_later() {
        assert!(PaymentState::Failed.may_become(PaymentState::Authorized));
        assert!(!PaymentState::Failed.may_become(PaymentState::Pending));
    }

    #[test]
    fn a_state_survives_its_word() {
        for state in PaymentState::ALL {
            assert_eq!(PaymentState::from_word(state.word()), Some(state));
        }
    }
}
