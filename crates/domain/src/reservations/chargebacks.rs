//! What a dispute does to a reservation: the bank takes money back, or gives it back. The booking stays
//! as it is, nobody is asked to pay again, and nothing is given back of what the bank has: the folio
//! tells it, and people decide.

use super::moved;
use crate::disputes::{self, Dispute, News};
use crate::guards::{self, Guard};
use crate::ids::HoldId;
use crate::money::AMOUNT_MINOR_MAX;
use crate::refusals::Refusal;
use crate::snapshot::{Change, Snapshot};

/// Takes what a provider says of a dispute. Old news change nothing, in whatever order they come.
pub fn hear(stock: &Snapshot, hold: HoldId, news: &News) -> Result<Vec<Change>, Refusal> {
    let reservation = stock.reservations.get(&hold).ok_or(Refusal::ReservationNotFound)?;
    let payment = stock.payments.get(&news.payment).ok_or(Refusal::PaymentNotFound)?;
    if payment.reservation != reservation.id {
        return Err(Refusal::PaymentNotFound);
    }
    if news.told.amount.currency != payment.amount.currency {
        return Err(Refusal::Mismatch { field: "currency" });
    }
    if !(0..=AMOUNT_MINOR_MAX).contains(&news.told.amount.minor) {
        return Err(Refusal::AmountTooLarge);
    }
    let is_it = |known: &&Dispute| {
        known.payment == payment.id && known.provider_dispute_id == news.provider_dispute_id
    };
    let known = stock.disputes.values().find(is_it);
    let Some(dispute) = disputes::hear(known, reservation.id, news, stock.now_ms) else {
        return Ok(Vec::new());
    };
    let counted = known.filter(|_| !guards::is_off(Guard::DisputeOnce));
    let taken_before_minor = counted.map_or(0, |known| known.told.taken_minor());
    let more_minor = dispute.told.taken_minor() - taken_before_minor;
    let says_more = known.is_none_or(|known| !known.told.says_the_same(&dispute.told));
    let (told, before) = (dispute.told.clone(), known.map(|known| Box::new(known.told.clone())));
    let mut changes = vec![Change::DisputeHeard { dispute: Box::new(dispute), before }];
    if more_minor != 0 {
        let mut next = payment.clone();
        next.charged_back_minor = next.charged_back_minor.saturating_add(more_minor);
        next.version += 1;
        changes.push(Change::PaymentMoved(next));
    }
    if !says_more {
        return Ok(changes);
    }
    let mut next = reservation.clone();
    next.charged_back_minor = next.charged_back_minor.saturating_add(more_minor);
    let (id, owed_minor) = (next.id, next.owed_minor());
    let (name, amount) = (&news.provider_dispute_id, told.amount);
    let detail = format!("{name} {}, {amount} {}", told.status.word(), told.funds.word());
    changes.push(moved(next, "dispute", detail));
    // What the bank took of a booking that ended did not go back to the guest after all.
    let back_minor = owed_minor.min(more_minor.saturating_neg());
    if 0 < back_minor {
        let reason = "dispute_won";
        changes.push(Change::RefundDue { reservation: id, amount_minor: back_minor, reason });
    }
    Ok(changes)
}
