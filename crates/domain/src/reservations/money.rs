//! How money moves a reservation: payments begun, heard of, refunded. Success confirms; a definite
//! no frees what waited for it; whatever comes too late goes back.

use super::state::{MoneyState, StayState};
use super::{Paid, Reservation, confirm, moved};
use crate::guards::{self, Guard};
use crate::holds;
use crate::ids::{HoldId, LineId, PaymentId, RefundId};
use crate::ledger::Line;
use crate::money::{AMOUNT_MINOR_MAX, Money};
use crate::payments::{self, News, Payment, PaymentState};
use crate::refusals::Refusal;
use crate::snapshot::{Change, Snapshot};

impl Reservation {
    /// Books a refund that the provider has made, and what of it is an allowance.
    #[must_use]
    pub fn refunded(mut self, amount_minor: i64, allowance_minor: i64) -> Change {
        self.refunded_minor = self.refunded_minor.saturating_add(amount_minor);
        self.allowance_minor = self.allowance_minor.saturating_add(allowance_minor);
        self.money_state = self.settled_money_state();
        let detail = format!("{amount_minor} {} given back", self.price.currency);
        moved(self, "refund", detail)
    }

    /// What of a refund the guest was not owed. It lowers what the booking costs, or the guest would
    /// be asked for the same money again.
    fn allowance_in(&self, amount_minor: i64) -> i64 {
        amount_minor.saturating_sub(self.owed_minor()).max(0)
    }
}

/// Notes that the guest goes to pay. From now on the deadline asks the provider first. A payment of
/// the same money at the same provider that is open already stands: a guest who presses twice must
/// not find two orders to pay.
pub fn begin(stock: &Snapshot, hold: HoldId, payment: Payment) -> Result<Vec<Change>, Refusal> {
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    match reservation.stay_state {
        StayState::Held if reservation.hold_expires_at_ms <= stock.now_ms => {
            let expired_at_ms = reservation.hold_expires_at_ms;
            return Err(Refusal::HoldExpired { expired_at_ms });
        }
        StayState::Expired => {
            let expired_at_ms = reservation.hold_expires_at_ms;
            return Err(Refusal::HoldExpired { expired_at_ms });
        }
        StayState::Held | StayState::Confirmed | StayState::CheckedIn => {}
        StayState::Releasing
        | StayState::Completed
        | StayState::Released
        | StayState::Canceled
        | StayState::NoShow => {
            let from = reservation.stay_state.word();
            return Err(Refusal::InvalidTransition { from, action: "pay" });
        }
    }
    let due = Money::new(reservation.due_now_minor(), reservation.price.currency);
    if due.minor == 0 || payment.amount.minor != due.minor {
        return Err(Refusal::NothingDue);
    }
    if payment.amount.currency != due.currency {
        return Err(Refusal::Mismatch { field: "currency" });
    }
    let mut known = stock.payments.values();
    let stands = known.any(|other| {
        other.reservation == reservation.id
            && other.provider == payment.provider
            && other.account == payment.account
            && other.amount == payment.amount
            && other.state.is_open()
    });
    if stands {
        return Ok(Vec::new());
    }
    let mut next = reservation.clone();
    next.money_state = MoneyState::Pending;
    Ok(vec![Change::PaymentMade(payment), moved(next, "pay", String::new())])
}

/// Notes the order that the provider made of our intent. The same order twice changes nothing.
pub fn name(
    stock: &Snapshot,
    payment: PaymentId,
    order_id: &str,
    checkout_url: &str,
) -> Result<Vec<Change>, Refusal> {
    let payment = stock.payments.get(&payment).ok_or(Refusal::PaymentNotFound)?;
    if payment.provider_order_id == order_id {
        return Ok(Vec::new());
    }
    if !payment.provider_order_id.is_empty() {
        return Err(Refusal::Mismatch { field: "paymentOrderId" });
    }
    let mut next = payment.clone();
    next.provider_order_id = order_id.to_owned();
    next.checkout_url = checkout_url.to_owned();
    if next.state == PaymentState::Created {
        next.state = PaymentState::Pending;
    }
    next.version += 1;
    Ok(vec![Change::PaymentMoved(next)])
}

/// Takes a provider's news. Old news change nothing, in whatever order they come.
pub fn hear(stock: &Snapshot, hold: HoldId, news: &News) -> Result<Vec<Change>, Refusal> {
    let known = stock.payments.get(&news.payment).ok_or(Refusal::PaymentNotFound)?;
    let Some(payment) = payments::hear(known, news, stock.now_ms)? else { return Ok(Vec::new()) };
    let state = payment.state;
    let paid = Paid { payment: payment.id, amount_minor: payment.captured_minor };
    let mut changes = vec![Change::PaymentMoved(payment)];
    match state {
        PaymentState::Succeeded => changes.extend(confirm(stock, hold, Some(paid))?),
        PaymentState::Failed | PaymentState::Canceled => {
            changes.extend(without_money(stock, hold, news.payment)?);
        }
        PaymentState::Authorized => {
            let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
            if 0 < reservation.due_minor() {
                let mut next = reservation.clone();
                next.money_state = MoneyState::Authorized;
                changes.push(moved(next, "payment", "authorized".to_owned()));
            }
        }
        PaymentState::Created | PaymentState::Pending => {}
    }
    Ok(changes)
}

/// Money that came when the nights were given up. After a deadline the same nights are taken
/// again at the agreed price, if they are still to be had. Who canceled wants the money back.
pub(super) fn late(stock: &Snapshot, next: Reservation, paid: Paid) -> Vec<Change> {
    let is_enough = next.first_due_minor() <= next.unreturned_minor();
    if next.stay_state == StayState::Expired
        && is_enough
        && let Some(changes) = retake(stock, &next, paid.payment)
    {
        return changes;
    }
    let (reservation, amount_minor) = (next.id, paid.amount_minor.min(next.owed_minor()));
    let reason = "paid_after_the_stock_was_gone";
    let mut changes = vec![moved(next, "late-payment", String::new())];
    if 0 < amount_minor {
        changes.push(Change::RefundDue { reservation, amount_minor, reason });
    }
    changes
}

/// The new lines take their ids from the payment: it is unique, and it succeeds once.
fn retake(stock: &Snapshot, expired: &Reservation, payment: PaymentId) -> Option<Vec<Change>> {
    let mut next = expired.clone();
    for (reserved, at) in next.lines.iter_mut().zip(0..) {
        reserved.line.id = LineId(payment.0.wrapping_add(at));
    }
    let lines: Vec<Line> = next.lines.iter().map(|reserved| reserved.line).collect();
    // These nights were held once, so they are cells: one that is missing was not loaded, and
    // must not pass for untouched.
    if !holds::demand_per_cell(&lines).keys().all(|night| stock.cells.contains_key(night)) {
        return None;
    }
    let mut changes = holds::retake(stock, next.hold, &lines).ok()?;
    next.stay_state = StayState::Confirmed;
    next.confirmed_at_ms = Some(stock.now_ms);
    changes.extend(next.rest_to_collect());
    changes.push(moved(next, "confirm", "paid late, the nights were still free".to_owned()));
    Some(changes)
}

/// What was paid and what comes now; a sum that no money can be is refused.
pub(super) fn sum(before_minor: i64, more_minor: i64) -> Result<i64, Refusal> {
    if more_minor < 0 {
        return Err(Refusal::Mismatch { field: "amount" });
    }
    let more_minor = Some(more_minor).filter(|more| *more <= AMOUNT_MINOR_MAX);
    let sum = more_minor.and_then(|more| before_minor.checked_add(more));
    sum.filter(|sum| *sum <= AMOUNT_MINOR_MAX).ok_or(Refusal::AmountTooLarge)
}

/// Money that a provider has given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenBack {
    pub refund: RefundId,
    pub payment: PaymentId,
    pub amount_minor: i64,
    pub reason: String,
    /// The price stands, so that what the guest was not owed is due again. Otherwise it is an allowance.
    pub is_still_due: bool,
    /// The provider's own name for it.
    pub provider_refund_id: String,
}

/// Books what the provider has given back.
pub fn refund(stock: &Snapshot, hold: HoldId, back: &GivenBack) -> Result<Vec<Change>, Refusal> {
    let amount_minor = back.amount_minor;
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    let payment = stock.payments.get(&back.payment).ok_or(Refusal::PaymentNotFound)?;
    let left_minor = payment.captured_minor.saturating_sub(payment.refunded_minor);
    if amount_minor < 1 || left_minor < amount_minor {
        return Err(Refusal::NothingDue);
    }
    let mut next = payment.clone();
    next.refunded_minor += amount_minor;
    next.version += 1;
    let money = Money::new(amount_minor, payment.amount.currency);
    let allowance_minor = if back.is_still_due || guards::is_off(Guard::LetOff) {
        0
    } else {
        reservation.allowance_in(amount_minor)
    };
    Ok(vec![
        Change::RefundMade {
            refund: back.refund,
            payment: payment.id,
            reservation: reservation.id,
            money,
            allowance_minor,
            reason: back.reason.clone(),
            provider_refund_id: back.provider_refund_id.clone(),
        },
        Change::PaymentMoved(next),
        reservation.clone().refunded(amount_minor, allowance_minor),
    ])
}

/// No money will come of this payment: a reservation that waited for it gives up its stock, a
/// held one may try another payment.
fn without_money(
    stock: &Snapshot,
    hold: HoldId,
    payment: PaymentId,
) -> Result<Vec<Change>, Refusal> {
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    let mut payments = stock.payments.values();
    let another_is_open = payments.any(|other| {
        other.reservation == reservation.id && other.id != payment && other.state.is_open()
    });
    if !reservation.money_state.is_open() || another_is_open {
        return Ok(Vec::new());
    }
    let mut next = reservation.clone();
    next.money_state = next.settled_money_state();
    if reservation.stay_state != StayState::Releasing {
        return Ok(vec![moved(next, "payment", "failed".to_owned())]);
    }
    next.stay_state = StayState::Expired;
    let mut changes = holds::expire(stock, hold)?;
    changes.push(moved(next, "expire", "payment failed".to_owned()));
    Ok(changes)
}
