//! Find my booking: by code and e-mail.

use askama::Template;

use super::parts::{Field, FieldError, errors};
use crate::pages::links;

/// Form: POST `/bookings` with `code` and `email`.
#[derive(Debug, Clone, Template)]
#[template(path = "find_booking.html")]
pub struct FindBooking {
    pub action: String,
    pub code: Field,
    pub email: Field,
    /// A wrong code and a wrong e-mail read alike.
    pub alert: Option<String>,
}

impl FindBooking {
    pub fn empty() -> Self {
        Self {
            action: links::FIND_BOOKING.to_owned(),
            code: Field {
                name: "code",
                label: "Booking code",
                kind: "text",
                autocomplete: "off",
                hint: "Ten letters and digits from your confirmation, such as 7K3QP-M2XWD.",
                max_length: 20,
                ..Field::default()
            },
            email: Field {
                name: "email",
                label: "E-mail",
                kind: "email",
                autocomplete: "email",
                hint: "The one you booked with.",
                max_length: 254,
                ..Field::default()
            },
            alert: None,
        }
    }

    /// The one answer to every look-up that finds nothing.
    #[must_use]
    pub fn not_found(mut self, code: &str, email: &str) -> Self {
        self.code = self.code.with_value(code);
        self.email = self.email.with_value(email);
        self.alert = Some(
            "No booking has this code with this e-mail. Check both against your confirmation."
                .to_owned(),
        );
        self
    }

    pub fn errors(&self) -> Vec<FieldError<'_>> {
        errors(&[&self.code, &self.email])
    }
}
