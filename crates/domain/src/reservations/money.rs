//! How money moves a reservation: payments begun, heard of, refunded. Success confirms; a definite
//! no frees what waited for it; whatever comes too late goes back.

use super::state::{MoneyState, StayState};
use super::{Paid, confirm, moved};
use crate::holds;
use crate::ids::{HoldId, PaymentId, RefundId};
use crate::money::Money;
use crate::payments::{self, News, Payment, PaymentState};
use crate::refusals::Refusal;
use crate::snapshot::{Change, Snapshot};

/// Notes that the guest goes to pay. From now on the deadline asks the provider first.
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
    if reservation.due_minor() == 0 || payment.amount.minor != reservation.due_minor() {
        return Err(Refusal::NothingDue);
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
            changes.extend(without_money(stock, hold)?);
        }
        PaymentState::Created | PaymentState::Pending | PaymentState::Authorized => {}
    }
    Ok(changes)
}

/// Books what the provider has given back. A refund that is known already changes nothing.
pub fn refund(
    stock: &Snapshot,
    hold: HoldId,
    (refund, payment): (RefundId, PaymentId),
    amount_minor: i64,
    reason: &str,
) -> Result<Vec<Change>, Refusal> {
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    let payment = stock.payments.get(&payment).ok_or(Refusal::PaymentNotFound)?;
    if payment.captured_minor < payment.refunded_minor + amount_minor || amount_minor < 1 {
        return Err(Refusal::NothingDue);
    }
    let mut next = payment.clone();
    next.refunded_minor += amount_minor;
    next.version += 1;
    let money = Money::new(amount_minor, payment.amount.currency);
    Ok(vec![
        Change::RefundMade {
            refund,
            payment: payment.id,
            reservation: reservation.id,
            money,
            reason: reason.to_owned(),
        },
        Change::PaymentMoved(next),
        reservation.clone().refunded(amount_minor),
    ])
}

/// No money will come: a reservation that waited for it gives up its stock, a held one may try
/// another payment.
fn without_money(stock: &Snapshot, hold: HoldId) -> Result<Vec<Change>, Refusal> {
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    if reservation.money_state != MoneyState::Pending {
        return Ok(Vec::new());
    }
    let mut next = reservation.clone();
    next.money_state = MoneyState::Failed;
    if reservation.stay_state != StayState::Releasing {
        return Ok(vec![moved(next, "payment", "failed".to_owned())]);
    }
    next.stay_state = StayState::Expired;
    let mut changes = holds::expire(stock, hold)?;
    changes.push(moved(next, "expire", "payment failed".to_owned()));
    Ok(changes)
}
