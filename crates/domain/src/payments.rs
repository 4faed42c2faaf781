//! Payments: one row per attempt, forward only. Money arrives late, twice or never; the states
//! say what we know, never what we hope.

use std::cmp::Ordering;

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

/// A new attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    pub id: PaymentId,
    pub reservation: ReservationId,
    pub provider: String,
    pub account: Option<PaymentAccountId>,
    pub amount: Money,
}

/// How a provider says that a payment stands, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub state: PaymentState,
    pub captured_minor: i64,
    pub refunded_minor: i64,
}

/// What a provider's books have and ours have not, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// We booked money that the provider does not have.
    Missing,
    /// So much more went back at the provider.
    RefundElsewhere { minor: i64 },
    /// So much more went back here.
    RefundMissing { minor: i64 },
}

impl Told {
    /// Whether the provider has, or may take, money that did not go back.
    #[must_use]
    pub fn has_money(&self) -> bool {
        match self.state {
            PaymentState::Authorized => true,
            PaymentState::Succeeded => self.refunded_minor < self.captured_minor,
            PaymentState::Created
            | PaymentState::Pending
            | PaymentState::Failed
            | PaymentState::Canceled => false,
        }
    }
}

impl Payment {
    /// As it stands while its provider has not heard of it. The store sets the time.
    #[must_use]
    pub fn begun(new: NewPayment) -> Payment {
        let NewPayment { id, reservation, provider, account, amount } = new;
        Payment {
            id,
            reservation,
            provider,
            account,
            provider_order_id: String::new(),
            provider_payment_id: String::new(),
            checkout_url: String::new(),
            state: PaymentState::Created,
            amount,
            captured_minor: 0,
            refunded_minor: 0,
            charged_back_minor: 0,
            method: String::new(),
            created_at_ms: 0,
            completed_at_ms: None,
            version: 1,
        }
    }

    /// Whether our row has the money that its provider has. What brought none is left to the jobs that
    /// follow it.
    #[must_use]
    pub fn agrees(&self, told: &Told) -> bool {
        match self.state {
            PaymentState::Succeeded => self.differs(told).is_none(),
            PaymentState::Created
            | PaymentState::Pending
            | PaymentState::Authorized
            | PaymentState::Failed
            | PaymentState::Canceled => !told.has_money(),
        }
    }

    /// How the books differ about a payment that we have booked as taken.
    #[must_use]
    pub fn differs(&self, told: &Told) -> Option<Difference> {
        let is_there =
            told.state == PaymentState::Succeeded && told.captured_minor == self.captured_minor;
        let (ours, theirs) = (self.refunded_minor, told.refunded_minor);
        match ours.cmp(&theirs) {
            _ if !is_there => Some(Difference::Missing),
            Ordering::Less => Some(Difference::RefundElsewhere { minor: theirs - ours }),
            Ordering::Greater => Some(Difference::RefundMissing { minor: ours - theirs }),
            Ordering::Equal => None,
        }
    }

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

    fn begun() -> Payment {
        let amount = Money::new(100, crate::money::Currency::EUR);
        let (id, reservation, provider) = (PaymentId(1), ReservationId(2), "stripe".to_owned());
        Payment::begun(NewPayment { id, reservation, provider, account: None, amount })
    }

    /// Ours of 100, all taken, of which so much went back; what its provider says; the difference.
    #[track_caller]
    fn check(
        refunded_minor: i64,
        (told, captured, refunded): (PaymentState, i64, i64),
        differs: Option<Difference>,
    ) {
        let state = PaymentState::Succeeded;
        let payment = Payment { state, captured_minor: 100, refunded_minor, ..begun() };
        let told = Told { state: told, captured_minor: captured, refunded_minor: refunded };
        assert_eq!(payment.differs(&told), differs, "{told:?}");
        assert_eq!(payment.agrees(&told), differs.is_none(), "{told:?}");
    }

    #[test]
    fn books_differ_by_what_one_side_has_and_the_other_has_not() {
        use PaymentState::{Authorized, Canceled, Pending, Succeeded};
        check(0, (Succeeded, 100, 0), None);
        check(30, (Succeeded, 100, 30), None);
        let elsewhere = Some(Difference::RefundElsewhere { minor: 70 });
        check(30, (Succeeded, 100, 100), elsewhere);
        check(30, (Succeeded, 100, 0), Some(Difference::RefundMissing { minor: 30 }));
        // Without the money nobody asks what went back of it.
        for told in [(Pending, 0, 0), (Authorized, 0, 0), (Canceled, 0, 0), (Succeeded, 99, 30)] {
            check(30, told, Some(Difference::Missing));
        }
    }

    #[test]
    fn what_we_have_not_booked_agrees_until_the_provider_has_money() {
        for state in PaymentState::ALL.into_iter().filter(|state| *state != PaymentState::Succeeded)
        {
            let payment = Payment { state, ..begun() };
            for (told, captured_minor, refunded_minor, has_money) in [
                (PaymentState::Authorized, 0, 0, true),
                (PaymentState::Succeeded, 100, 0, true),
                (PaymentState::Succeeded, 100, 99, true),
                (PaymentState::Succeeded, 100, 100, false),
                (PaymentState::Created, 0, 0, false),
                (PaymentState::Pending, 0, 0, false),
                (PaymentState::Failed, 0, 0, false),
                (PaymentState::Canceled, 100, 0, false),
            ] {
                let told = Told { state: told, captured_minor, refunded_minor };
                assert_eq!(told.has_money(), has_money, "{told:?}");
                assert_eq!(payment.agrees(&told), !has_money, "{state:?} {told:?}");
            }
        }
    }

    #[test]
    fn a_state_survives_its_word() {
        for state in PaymentState::ALL {
            assert_eq!(PaymentState::from_word(state.word()), Some(state));
        }
    }
}
