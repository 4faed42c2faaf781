//! What staff do with money: refunds that they ask for are made once, whoever asks and how often, and
//! what goes back beyond what was owed is not asked for again, unless they say so.

use uuid::Uuid;
use vacancy_store::testing::money::{self, DisputeRow, RefundRow};

use super::{Money, parts};
use crate::oracle::{Checked, check};

/// What staff were told of a refund that they asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub refund: Uuid,
    pub payment: Uuid,
    pub minor: i64,
    /// The guest is to pay it another way.
    pub is_still_due: bool,
}

impl Money {
    /// I7: one key is one refund.
    ///
    /// # Errors
    /// When the same key was told another one before.
    pub fn refund_told(&mut self, key: &str, told: Told) -> Checked {
        let first = self.asked.entry(key.to_owned()).or_insert_with(|| told.clone()).clone();
        check("I7", first == told, || format!("{key} was told {first:?}, then {told:?}"))
    }

    /// Payments of which something may go back: payment, reservation and how much.
    #[must_use]
    pub fn refundable(&self) -> Vec<(Uuid, Uuid, i64)> {
        let left = |row: &money::PaymentRow| {
            (row.id, row.reservation, row.captured_minor - row.refunded_minor)
        };
        self.ours.payments.iter().map(left).filter(|(_, _, left)| 0 < *left).collect()
    }

    /// I11: what of a refund the guest was not owed lowers what the booking costs, or is due again; where
    /// nothing else happened to the reservation meanwhile, it is known how much that is.
    pub(super) fn let_off(&self, ours: &money::Money) -> Checked {
        let is_new = |row: &&RefundRow| !self.ours.refunds.iter().any(|old| old.id == row.id);
        for row in ours.refunds.iter().filter(is_new) {
            let RefundRow { id, reservation, amount_minor, allowance_minor, .. } = row;
            let stay =
                |all: &money::Money| all.stays.iter().find(|stay| stay.id == *reservation).cloned();
            let (Some(before), Some(after)) = (stay(&self.ours), stay(ours)) else { continue };
            let is_alone = (&before.state, &before.price, before.paid_minor)
                == (&after.state, &after.price, after.paid_minor)
                && before.charged_back_minor == after.charged_back_minor
                && before.refunded_minor + amount_minor == after.refunded_minor;
            if !is_alone {
                continue;
            }
            let owed_minor = (-self.balance(&before)?).max(0);
            let beyond_minor = (amount_minor - owed_minor).max(0);
            let told = self.asked.values().find(|told| told.refund == *id);
            let is_right = match told {
                Some(told) if told.is_still_due => *allowance_minor == 0,
                Some(_) => *allowance_minor == beyond_minor,
                None => *allowance_minor == 0 || *allowance_minor == beyond_minor,
            };
            let kept_minor = parts::kept_minor(&after)?;
            check("I11", is_right, || {
                format!("{row:?} of {beyond_minor} beyond what was owed; {kept_minor} is kept")
            })?;
        }
        Ok(())
    }

    /// I9: what staff were told will go back did, or people heard that it did not. Who has all of the payment
    /// back by another way, or lost the rest to a bank, needs neither.
    pub(super) fn asked_refunds_are_made(
        &self,
        forgiven: &std::collections::BTreeSet<Uuid>,
    ) -> Checked {
        for (key, Told { refund, payment, minor, .. }) in &self.asked {
            let booked = self.ours.refunds.iter().find(|row| row.id == *refund);
            let is_made =
                booked.is_some_and(|row| (row.payment, row.amount_minor) == (*payment, *minor));
            let is_known = self.told_of.contains(&refund.to_string());
            let is_settled = is_known || self.is_all_gone(*payment) || forgiven.contains(payment);
            check("I9", is_made || is_settled, || {
                format!("{key}: {minor} of {payment} was to go back as {refund}, booked {booked:?}")
            })?;
        }
        Ok(())
    }

    fn is_all_gone(&self, id: Uuid) -> bool {
        let is_lost = |row: &&DisputeRow| {
            row.payment == id && row.status == "lost" && row.funds == "withdrawn"
        };
        let lost = self.ours.disputes.iter().filter(is_lost);
        let lost_minor: i64 = lost.map(|row| row.amount_minor).sum();
        let mut payments = self.ours.payments.iter();
        payments.any(|row| row.id == id && row.captured_minor <= row.refunded_minor + lost_minor)
    }
}
