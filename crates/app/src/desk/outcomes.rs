//! Outcomes as stored text, so that a key's first answer can be given again. The form may only
//! grow: keys of reservations are kept for ever.

use serde::{Deserialize, Serialize};
use vacancy_domain::holds::HoldState;
use vacancy_domain::money::Money;
use vacancy_store::faults::Fault;
use vacancy_store::prices;

use super::command::{Booked, Held, Outcome, RefundAsked};

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Stored {
    Booked {
        reservation: String,
        property: String,
        hold: String,
        code: String,
        expires_at_ms: i64,
        decided_at_ms: i64,
        price: String,
        #[serde(default)]
        room_types: Vec<String>,
    },
    Reservation {
        reservation: String,
    },
    Held {
        hold: String,
        state: String,
        reference: String,
        expires_at_ms: i64,
        decided_at_ms: i64,
    },
    RefundAsked {
        refund: String,
        payment: String,
        amount_minor: i64,
        currency: String,
        reason: String,
        decided_at_ms: i64,
    },
}

/// The text of an outcome; `None` for those that no key keeps.
#[must_use]
pub(super) fn to_text(outcome: &Outcome) -> Option<String> {
    let stored = match outcome {
        Outcome::Booked(booked) => Stored::Booked {
            reservation: booked.reservation.to_string(),
            property: booked.property.to_string(),
            hold: booked.hold.to_string(),
            code: booked.code.letters().to_owned(),
            expires_at_ms: booked.expires_at_ms,
            decided_at_ms: booked.decided_at_ms,
            price: prices::to_text(&booked.price),
            room_types: booked.room_types.clone(),
        },
        Outcome::Held(held) => Stored::Held {
            hold: held.hold.to_string(),
            state: held.state.word().to_owned(),
            reference: held.reference.clone(),
            expires_at_ms: held.expires_at_ms,
            decided_at_ms: held.decided_at_ms,
        },
        Outcome::RefundAsked(asked) => Stored::RefundAsked {
            refund: asked.refund.to_string(),
            payment: asked.payment.to_string(),
            amount_minor: asked.amount.minor,
            currency: asked.amount.currency.to_string(),
            reason: asked.reason.clone(),
            decided_at_ms: asked.decided_at_ms,
        },
        Outcome::Reservation(reservation) => {
            Stored::Reservation { reservation: reservation.id.to_string() }
        }
        Outcome::Known(reservation) => Stored::Reservation { reservation: reservation.to_string() },
        Outcome::Done => return None,
    };
    Some(serde_json::to_string(&stored).expect("an outcome of plain fields has a text"))
}

/// The outcome that a text stands for.
pub(super) fn from_text(text: &str) -> Result<Outcome, Fault> {
    let stored: Stored = serde_json::from_str(text)
        .map_err(|error| Fault::internal_because("read a stored outcome", error))?;
    read(stored).ok_or_else(|| Fault::internal("read the words of a stored outcome"))?
}

fn read(stored: Stored) -> Option<Result<Outcome, Fault>> {
    match stored {
        Stored::Booked {
            reservation,
            property,
            hold,
            code,
            expires_at_ms,
            decided_at_ms,
            price,
            room_types,
        } => {
            let price = match prices::from_text(&price) {
                Ok(price) => price,
                Err(fault) => return Some(Err(fault)),
            };
            Some(Ok(Outcome::Booked(Box::new(Booked {
                reservation: reservation.parse().ok()?,
                property: property.parse().ok()?,
                hold: hold.parse().ok()?,
                code: code.parse().ok()?,
                expires_at_ms,
                decided_at_ms,
                price,
                room_types,
            }))))
        }
        Stored::Reservation { reservation } => Some(Ok(Outcome::Known(reservation.parse().ok()?))),
        Stored::RefundAsked { refund, payment, amount_minor, currency, reason, decided_at_ms } => {
            Some(Ok(Outcome::RefundAsked(RefundAsked {
                refund: refund.parse().ok()?,
                payment: payment.parse().ok()?,
                amount: Money::new(amount_minor, currency.parse().ok()?),
                reason,
                decided_at_ms,
            })))
        }
        Stored::Held { hold, state, reference, expires_at_ms, decided_at_ms } => {
            Some(Ok(Outcome::Held(Held {
                hold: hold.parse().ok()?,
                state: HoldState::from_word(&state)?,
                reference,
                expires_at_ms,
                decided_at_ms,
            })))
        }
    }
}
