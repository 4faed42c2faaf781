//! The folio of a reservation: what is charged, paid and given back, entry by entry. It is computed
//! from what cannot be changed, so its balance is always the sum of its entries.

use crate::disputes::Dispute;
use crate::money::{Currency, Money};
use crate::payments::Payment;
use crate::prices::levies::Charge;
use crate::prices::tariff::{Collected, LevyKind};
use crate::reservations::Reservation;

/// What an entry stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Rooms of one type with their guests, for all nights.
    Rooms,
    Tax,
    Fee,
    /// What makes of the price what the business keeps: less after a cancellation, more where a fee
    /// stays due.
    Adjustment,
    /// What the business let the guest off.
    Allowance,
    Payment,
    Refund,
    /// A guest's bank took a payment back.
    Chargeback,
    /// The bank gave it back.
    ChargebackReversed,
}

impl EntryKind {
    /// The word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EntryKind::Rooms => "rooms",
            EntryKind::Tax => "tax",
            EntryKind::Fee => "fee",
            EntryKind::Adjustment => "adjustment",
            EntryKind::Allowance => "allowance",
            EntryKind::Payment => "payment",
            EntryKind::Refund => "refund",
            EntryKind::Chargeback => "chargeback",
            EntryKind::ChargebackReversed => "chargeback_reversed",
        }
    }
}

/// One line of a folio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub kind: EntryKind,
    pub text: String,
    pub at_ms: i64,
    /// Above zero the guest owes it, below the business.
    pub amount_minor: i64,
}

/// Money that went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenBack {
    pub reason: String,
    pub at_ms: i64,
    pub amount_minor: i64,
    /// What of it the guest was not owed.
    pub allowance_minor: i64,
}

/// The running account of a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folio {
    pub currency: Currency,
    /// Charges, then payments, allowances and refunds in the order of time.
    pub entries: Vec<Entry>,
    /// What the property collects itself; not in the balance.
    pub at_property: Vec<Entry>,
}

impl Folio {
    /// Above zero the guest still owes it, below it is owed to the guest.
    #[must_use]
    pub fn balance(&self) -> Money {
        let sum =
            self.entries.iter().fold(0_i64, |sum, entry| sum.saturating_add(entry.amount_minor));
        Money::new(sum, self.currency)
    }
}

/// The folio of a reservation with its payments, what went back of them and what banks took.
#[must_use]
pub fn of(
    reservation: &Reservation,
    payments: &[Payment],
    refunds: &[GivenBack],
    disputes: &[Dispute],
) -> Folio {
    let (at_ms, price) = (reservation.created_at_ms, &reservation.price);
    let rooms = price.lines.iter().enumerate().map(|(at, line)| {
        let code = reservation.lines.get(at).map_or("", |line| line.room_type.as_str());
        let text = format!("{} × {code}, {}", line.units, reservation.stay);
        Entry { kind: EntryKind::Rooms, text, at_ms, amount_minor: line.total_minor }
    });
    let charge = |charge: &Charge| Entry {
        kind: match charge.kind {
            LevyKind::Tax => EntryKind::Tax,
            LevyKind::Fee => EntryKind::Fee,
        },
        text: charge.name.clone(),
        at_ms,
        amount_minor: charge.amount_minor,
    };
    let collected = |how: Collected| {
        price.charges.iter().filter(move |charge| charge.collected == how).map(charge)
    };
    let mut entries: Vec<Entry> = rooms.chain(collected(Collected::OnTop)).collect();
    let adjusted_minor = reservation.charged_minor().saturating_sub(price.total_minor);
    if adjusted_minor != 0 {
        let (kind, text) = (EntryKind::Adjustment, reservation.stay_state.word().to_owned());
        entries.push(Entry { kind, text, at_ms, amount_minor: adjusted_minor });
    }
    let paid = payments.iter().filter(|payment| 0 < payment.captured_minor).map(|payment| Entry {
        kind: EntryKind::Payment,
        text: payment.provider.clone(),
        at_ms: payment.completed_at_ms.unwrap_or(payment.created_at_ms),
        amount_minor: payment.captured_minor.saturating_neg(),
    });
    let given_back = refunds.iter().map(|back| Entry {
        kind: EntryKind::Refund,
        text: back.reason.clone(),
        at_ms: back.at_ms,
        amount_minor: back.amount_minor,
    });
    let taken = disputes.iter().flat_map(charged_back);
    // No more can be let off than is charged: a cheaper stay, or its end, may have left less.
    let mut left_minor = reservation.charged_minor();
    let let_off = refunds.iter().filter_map(|back| {
        let minor = back.allowance_minor.min(left_minor);
        left_minor -= minor;
        let amount_minor = minor.saturating_neg();
        let (kind, text) = (EntryKind::Allowance, back.reason.clone());
        (0 < minor).then_some(Entry { kind, text, at_ms: back.at_ms, amount_minor })
    });
    let mut moved: Vec<Entry> = paid.chain(let_off).chain(given_back).chain(taken).collect();
    moved.sort_by_key(|entry| entry.at_ms);
    entries.extend(moved);
    let at_property = collected(Collected::AtProperty).collect();
    Folio { currency: price.currency, entries, at_property }
}

/// What a bank took, and what it gave back of that.
fn charged_back(dispute: &Dispute) -> impl Iterator<Item = Entry> {
    let entry = |kind, at_ms, amount_minor| {
        let text = format!("{} {}", dispute.provider_dispute_id, dispute.told.reason);
        Entry { kind, text: text.trim_end().to_owned(), at_ms, amount_minor }
    };
    let minor = dispute.told.amount.minor;
    let taken = dispute.taken_at_ms.map(|at_ms| entry(EntryKind::Chargeback, at_ms, minor));
    let back = dispute
        .returned_at_ms
        .map(|at_ms| entry(EntryKind::ChargebackReversed, at_ms, minor.saturating_neg()));
    taken.into_iter().chain(back)
}
