//! Deposits: what of a booking's total is paid for it to stand, and when the rest is. What was agreed
//! is frozen into the price with its policy.

use crate::guards::{self, Guard};
use crate::hotels::{Checks, Wrong};
use crate::policies::{self, Cancellation, Fee, POLICY_HOURS_MAX};
use crate::prices::Price;
use crate::reservations::Reservation;
use crate::reservations::state::StayState;
use crate::snapshot::Change;

/// What a guest pays to book, where that is not the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deposit {
    /// Something, and not all.
    pub now: Fee,
    pub rest: Rest,
}

impl Deposit {
    /// Whether it is something, and not all.
    #[must_use]
    pub fn is_part(&self) -> bool {
        match self.now {
            Fee::Nothing | Fee::All => false,
            Fee::Percent { bp } => 0 < bp,
            Fee::Fixed { minor } => 0 < minor,
            Fee::FirstNight => true,
        }
    }
}

/// When the rest is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    AtProperty,
    /// So many elapsed hours before check-in, by what the deposit was paid with.
    BeforeArrival {
        hours: i64,
    },
}

/// A deposit as it was agreed for one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgreedDeposit {
    pub now_minor: i64,
    /// From when the rest is collected; `None`: at the property.
    pub rest_from_ms: Option<i64>,
}

/// A deposit for one price and the instant of its check-in. Where it comes to nothing (a first night
/// that is free, a percent of a few cents), there is none, and all is paid: a booking of something does
/// not stand for nothing.
pub(crate) fn agree(deposit: Deposit, price: &Price, check_in_ms: i64) -> Option<AgreedDeposit> {
    let now_minor = policies::amount_minor(deposit.now, price);
    (0 < now_minor).then(|| AgreedDeposit {
        now_minor,
        rest_from_ms: match deposit.rest {
            Rest::AtProperty => None,
            Rest::BeforeArrival { hours } => Some(policies::before(check_in_ms, hours)),
        },
    })
}

/// What is wrong with a deposit goes to the field of that name.
pub(crate) fn check(checks: &mut Checks, deposit: Deposit) {
    policies::fee(checks, "deposit", deposit.now);
    if !deposit.is_part() {
        checks.add("deposit", Wrong::Malformed);
    }
    if let Rest::BeforeArrival { hours } = deposit.rest {
        checks.range("deposit", hours, (0, POLICY_HOURS_MAX));
    }
}

/// Whether a guest pays more to book, or the rest earlier.
pub(crate) fn is_worse(new: Option<&Cancellation>, old: Option<&Cancellation>) -> bool {
    let of = |agreed: Option<&Cancellation>| agreed.and_then(|agreed| agreed.deposit);
    let Some(old) = of(old) else { return false };
    let Some(new) = of(new) else { return true };
    let from_ms = |deposit: AgreedDeposit| deposit.rest_from_ms.unwrap_or(i64::MAX);
    old.now_minor < new.now_minor || from_ms(new) < from_ms(old)
}

impl Price {
    /// What must be paid for a booking of that instant to stand. A rest that would be collected when the
    /// booking is made is paid with it.
    #[must_use]
    pub fn first_due_minor(&self, booked_at_ms: i64) -> i64 {
        let deposit = self.cancellation.as_ref().and_then(|agreed| agreed.deposit);
        match deposit {
            Some(AgreedDeposit { now_minor, rest_from_ms })
                if rest_from_ms.is_none_or(|from_ms| booked_at_ms < from_ms) =>
            {
                now_minor.min(self.total_minor)
            }
            Some(_) | None => self.total_minor,
        }
    }
}

impl Reservation {
    /// What must be paid for the booking to stand.
    #[must_use]
    pub fn first_due_minor(&self) -> i64 {
        self.price.first_due_minor(self.created_at_ms)
    }

    /// Whether the booking stands without a payment: it costs nothing.
    #[must_use]
    pub fn stands_unpaid(&self) -> bool {
        self.first_due_minor() == 0
    }

    /// Whether its guest need only say yes: the rooms are held, and nothing is to be paid.
    #[must_use]
    pub fn waits_for_yes(&self) -> bool {
        matches!(self.stay_state, StayState::Held) && self.stands_unpaid()
    }

    /// Whether its guest would have for nothing, by moving it, what others pay to book: nothing was ever
    /// asked for it, nothing was paid, and the new price asks for something first.
    #[must_use]
    pub fn moves_past_payment(&self, next: &Price) -> bool {
        let asks = 0 < next.first_due_minor(self.created_at_ms);
        asks && self.stands_unpaid() && self.unreturned_minor() == 0
    }

    /// Whether the confirmation needs somebody who answers for the money: something is to be paid first.
    #[must_use]
    pub fn confirms_past_payment(&self) -> bool {
        matches!(self.stay_state, StayState::Held | StayState::Releasing) && !self.stands_unpaid()
    }

    /// What is to be paid next: the deposit while the rooms are only held, then all that is due.
    #[must_use]
    pub fn due_now_minor(&self) -> i64 {
        let due_minor = self.due_minor();
        match self.stay_state {
            StayState::Held | StayState::Releasing => {
                let left_minor = self.first_due_minor().saturating_sub(self.unreturned_minor());
                left_minor.clamp(0, due_minor)
            }
            StayState::Confirmed
            | StayState::CheckedIn
            | StayState::Completed
            | StayState::Released
            | StayState::Expired
            | StayState::Canceled
            | StayState::NoShow => due_minor,
        }
    }

    /// From when the rest is collected, where it is by the deposit's means and not at the property.
    #[must_use]
    pub fn rest_from_ms(&self) -> Option<i64> {
        let deposit = self.price.cancellation.as_ref()?.deposit?;
        deposit.rest_from_ms.filter(|from_ms| self.created_at_ms < *from_ms)
    }

    /// The rest that a confirmed booking leaves for later, if it does.
    pub(crate) fn rest_to_collect(&self) -> Option<Change> {
        let is_left = 0 < self.due_minor() && !guards::is_off(Guard::RestCollected);
        let at_ms = self.rest_from_ms().filter(|_| is_left)?;
        Some(Change::RestDue { reservation: self.id, at_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn agreed(now_minor: i64, rest_from_ms: Option<i64>) -> Cancellation {
        let deposit = Some(AgreedDeposit { now_minor, rest_from_ms });
        Cancellation { deposit, ..Cancellation::default() }
    }

    fn price(total_minor: i64) -> Price {
        Price { total_minor, ..Price::free(Currency::EUR) }
    }

    #[test]
    fn a_deposit_is_a_share_or_an_amount_and_never_more_than_the_total() {
        let deposit = |now, rest| agree(Deposit { now, rest }, &price(42_401), 1_000 * 3_600_000);
        let third = deposit(Fee::Percent { bp: 3_000 }, Rest::AtProperty);
        assert_eq!(third, Some(AgreedDeposit { now_minor: 12_720, rest_from_ms: None }));
        let fixed = deposit(Fee::Fixed { minor: 50_000 }, Rest::BeforeArrival { hours: 336 });
        let from_ms = (1_000 - 336) * 3_600_000;
        let all = AgreedDeposit { now_minor: 42_401, rest_from_ms: Some(from_ms) };
        assert_eq!(fixed, Some(all));
        assert_eq!(deposit(Fee::FirstNight, Rest::AtProperty), None);
    }

    #[test]
    fn more_at_once_or_earlier_is_worse_and_less_or_later_is_not() {
        let old = agreed(100, Some(500));
        for (new, expected) in [
            (agreed(100, Some(500)), false),
            (agreed(101, Some(500)), true),
            (agreed(99, Some(500)), false),
            (agreed(100, Some(499)), true),
            (agreed(100, None), false),
            (Cancellation::default(), true),
        ] {
            assert_eq!(is_worse(Some(&new), Some(&old)), expected, "{new:?}");
        }
        assert!(is_worse(None, Some(&old)));
        assert!(!is_worse(Some(&old), None));
    }
}
