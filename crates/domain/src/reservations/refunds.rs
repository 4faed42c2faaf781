//! A refund that staff ask for: how much may go back, before any provider is asked. What a
//! cancellation or a move makes due is `money`'s and the parent's.

use crate::disputes::{Dispute, DisputeStatus};
use crate::ids::{HoldId, PaymentId, RefundId};
use crate::money::Money;
use crate::payments::Payment;
use crate::refusals::Refusal;
use crate::reservations::Reservation;
use crate::reservations::state::StayState;
use crate::snapshot::{Change, Snapshot};

/// The wish to give money of a payment back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAsk {
    pub refund: RefundId,
    pub payment: PaymentId,
    /// All that is left, when it is left out.
    pub amount: Option<Money>,
    pub reason: String,
    /// The guest is to pay it another way: the price stands. Otherwise what the guest was not owed
    /// lowers what the booking costs.
    pub is_still_due: bool,
}

impl RefundAsk {
    /// What is to go back of this payment, of which `asked_minor` is on its way back already.
    fn amount_of(&self, payment: &Payment, asked_minor: i64) -> Result<Money, Refusal> {
        if 0 < payment.charged_back_minor {
            return Err(Refusal::PaymentDisputed);
        }
        let left_minor = payment.captured_minor.saturating_sub(payment.refunded_minor);
        let left_minor = left_minor.saturating_sub(asked_minor).max(0);
        let left = Money::new(left_minor, payment.amount.currency);
        let amount = match self.amount {
            Some(amount) => amount,
            None if left.minor == 0 => return Err(Refusal::NothingLeft),
            None => left,
        };
        if amount.currency != left.currency {
            return Err(Refusal::Mismatch { field: "amount/currency" });
        }
        if amount.minor < 1 || left.minor < amount.minor {
            return Err(Refusal::RefundTooLarge { left });
        }
        Ok(amount)
    }
}

/// Whether nothing of a payment can go back any more: all of it did, or a bank has the rest for good.
#[must_use]
pub fn is_spent(payment: &Payment, disputes: &[Dispute]) -> bool {
    let lost = disputes.iter().filter(|dispute| {
        dispute.payment == payment.id && dispute.told.status == DisputeStatus::Lost
    });
    let lost_minor = lost.map(|dispute| dispute.told.taken_minor()).fold(0, i64::saturating_add);
    payment.captured_minor <= payment.refunded_minor.saturating_add(lost_minor)
}

/// A refund that came to nothing, by who had wanted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// The booking itself owed it: it was canceled, or costs less.
    Owed,
    /// Staff asked for it, of this payment.
    Asked(PaymentId),
}

impl Failed {
    /// Whether there is nothing left that it could give back: it went another way. `payments` and
    /// `disputes` are the reservation's.
    #[must_use]
    pub fn is_over(
        self,
        reservation: &Reservation,
        payments: &[Payment],
        disputes: &[Dispute],
    ) -> bool {
        match self {
            Failed::Owed => reservation.owed_minor() == 0,
            Failed::Asked(id) => {
                let payment = payments.iter().find(|known| known.id == id);
                payment.is_some_and(|payment| is_spent(payment, disputes))
            }
        }
    }
}

/// Notes that staff want money back to the guest; a job asks the provider.
pub fn ask(stock: &Snapshot, hold: HoldId, ask: &RefundAsk) -> Result<Vec<Change>, Refusal> {
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    let payment = stock.payments.get(&ask.payment).ok_or(Refusal::PaymentNotFound)?;
    if payment.reservation != reservation.id {
        return Err(Refusal::PaymentNotFound);
    }
    let is_payable = matches!(
        reservation.stay_state,
        StayState::Held | StayState::Confirmed | StayState::CheckedIn
    );
    if ask.is_still_due && !is_payable {
        let from = reservation.stay_state.word();
        return Err(Refusal::InvalidTransition { from, action: "pay" });
    }
    let asked = stock.refunds_asked.get(&payment.id);
    let asked_minor = asked.map_or(0, |asked| asked.values().sum());
    Ok(vec![Change::RefundAsked {
        refund: ask.refund,
        payment: payment.id,
        reservation: reservation.id,
        money: ask.amount_of(payment, asked_minor)?,
        reason: ask.reason.clone(),
        is_still_due: ask.is_still_due,
    }])
}
