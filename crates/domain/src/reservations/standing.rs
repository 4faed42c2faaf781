//! How a reservation stands: its status, what is due, what is owed and what may be done next.
//! Reads only; who may change it stands in the parent.

use super::Reservation;
use super::state::{MoneyState, StayState, status};

impl Reservation {
    #[must_use]
    pub fn status(&self) -> &'static str {
        status(self.stay_state, self.money_state)
    }

    /// What is still to be paid. What went back counts as never paid, or a guest could move to a
    /// cheap stay and back and keep the difference.
    #[must_use]
    pub fn due_minor(&self) -> i64 {
        self.kept_minor().saturating_sub(self.unreturned_minor()).max(0)
    }

    /// What the business may keep as things stand: what is charged, less what it let the guest off.
    #[must_use]
    pub fn kept_minor(&self) -> i64 {
        self.charged_minor().saturating_sub(self.allowance_minor).max(0)
    }

    /// The price, or the fee of an end before the stay.
    #[must_use]
    pub fn charged_minor(&self) -> i64 {
        let agreed = self.price.cancellation.as_ref();
        match self.stay_state {
            StayState::Released | StayState::Expired => 0,
            StayState::Canceled => agreed.and_then(|agreed| agreed.kept_minor).unwrap_or(0),
            StayState::NoShow => {
                agreed.and_then(|agreed| agreed.kept_minor).unwrap_or(self.price.total_minor)
            }
            StayState::Held
            | StayState::Releasing
            | StayState::Confirmed
            | StayState::CheckedIn
            | StayState::Completed => {
                self.price.total_minor.max(agreed.map_or(0, |agreed| agreed.floor_minor))
            }
        }
    }

    /// What was paid and we have not given back, whoever has it now: the business, or a guest's bank that
    /// took it back. No part of it need go back: that is `owed_minor`.
    #[must_use]
    pub fn unreturned_minor(&self) -> i64 {
        self.paid_minor.saturating_sub(self.refunded_minor).max(0)
    }

    /// What has to go back to the guest as things stand. A job that gives money back asks this
    /// when it runs: what an earlier decision called due may be given back by now, or more. What a
    /// bank took back, the guest has.
    #[must_use]
    pub fn owed_minor(&self) -> i64 {
        let has_minor = self.unreturned_minor().saturating_sub(self.charged_back_minor);
        has_minor.saturating_sub(self.kept_minor()).max(0)
    }

    /// What goes back for its end, kept with what was agreed.
    pub(super) fn freeze_owed(&mut self) -> i64 {
        let owed_minor = self.owed_minor();
        if let Some(agreed) = &mut self.price.cancellation {
            agreed.back_minor = Some(owed_minor);
        }
        owed_minor
    }

    /// What goes back, or went back, for its end before the stay.
    #[must_use]
    pub fn back_for_end_minor(&self) -> i64 {
        let frozen = self.price.cancellation.as_ref().and_then(|agreed| agreed.back_minor);
        // Without a policy all is owed that was paid, not given back at will, and is not the bank's.
        let paid_minor = self.paid_minor.saturating_sub(self.allowance_minor);
        let paid_minor = paid_minor.saturating_sub(self.charged_back_minor);
        frozen.unwrap_or_else(|| paid_minor.saturating_sub(self.kept_minor()).max(0))
    }

    /// What may be done with it now, for the `links` of an answer.
    #[must_use]
    pub fn actions(&self) -> &'static [&'static str] {
        let is_due = 0 < self.due_now_minor();
        match self.stay_state {
            StayState::Held if is_due => &["pay", "confirm", "extend", "cancel", "edit"],
            StayState::Held => &["confirm", "extend", "cancel", "edit"],
            StayState::Confirmed if is_due => {
                &["pay", "cancel", "reschedule", "check-in", "no-show", "edit"]
            }
            StayState::Confirmed => &["cancel", "reschedule", "check-in", "no-show", "edit"],
            StayState::CheckedIn if is_due => &["pay", "check-out", "reschedule"],
            StayState::CheckedIn => &["check-out", "reschedule"],
            StayState::Releasing
            | StayState::Completed
            | StayState::Released
            | StayState::Expired
            | StayState::Canceled
            | StayState::NoShow => &[],
        }
    }

    /// Where the money stands when no payment is under way and the last one brought nothing.
    pub(super) fn settled_money_state(&self) -> MoneyState {
        if self.paid_minor < 1 {
            MoneyState::Failed
        } else if self.refunded_minor < 1 {
            MoneyState::Paid
        } else if self.paid_minor <= self.refunded_minor {
            MoneyState::Refunded
        } else {
            MoneyState::PartiallyRefunded
        }
    }
}
