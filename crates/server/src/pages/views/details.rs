//! The booking form: who comes, what it costs, then hold the rooms.

use askama::Template;

use super::parts::{Field, FieldError, Hidden, PriceTable, StayCard, errors};
use crate::pages::links;

/// Form: POST `/book` with the hidden fields `requestId` (a UUID made when the form was first
/// shown, so that a second press books nothing twice), `hotelId`, `checkInDate`, `checkOutDate`,
/// `adults`, `units.CODE` per room type and `maxTotal` (the total shown, in minor units: a higher
/// price is refused, never taken), and the fields `guestName`, `email`, `phone`.
#[derive(Debug, Clone, Template)]
#[template(path = "details.html")]
pub struct Details {
    pub stay: StayCard,
    pub price: PriceTable,
    pub action: String,
    pub hidden: Vec<Hidden>,
    pub fields: GuestFields,
    /// A problem of the whole form, not of one field: "The price has changed since …".
    pub alert: Option<String>,
    /// "Your rooms are held for 10 minutes while you pay. Nothing is charged before."
    pub hold_note: String,
    /// "Free cancellation until …" or the penalty in words.
    pub cancellation: String,
}

impl Details {
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        let fields = &self.fields;
        errors(&[&fields.name, &fields.email, &fields.phone])
    }
}

#[derive(Debug, Clone)]
pub struct GuestFields {
    pub name: Field,
    pub email: Field,
    pub phone: Field,
}

impl GuestFields {
    /// Empty fields with their labels; `with_value` and `with_error` fill them.
    pub fn empty() -> Self {
        Self {
            name: Field {
                name: "guestName",
                label: "Full name",
                kind: "text",
                autocomplete: "name",
                hint: "As on the passport or card shown at check-in.",
                max_length: 200,
                ..Field::default()
            },
            email: Field {
                name: "email",
                label: "E-mail",
                kind: "email",
                autocomplete: "email",
                hint: "For the confirmation, and to find the booking again.",
                max_length: 254,
                ..Field::default()
            },
            phone: Field {
                name: "phone",
                label: "Phone",
                kind: "tel",
                autocomplete: "tel",
                hint: "With country code, such as +351 912 345 678.",
                max_length: 32,
                ..Field::default()
            },
        }
    }
}

/// Where the form goes.
pub fn action() -> String {
    links::BOOK.to_owned()
}
