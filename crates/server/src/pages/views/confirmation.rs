//! Booked: the code, what, when, and what it costs.

use askama::Template;

use super::parts::{PriceTable, StayCard};

/// No form.
#[derive(Debug, Clone, Template)]
#[template(path = "confirmation.html")]
pub struct Confirmation {
    /// `ABCDE-FGHJK`
    pub code: String,
    pub guest_name: String,
    pub email: String,
    pub stay: StayCard,
    pub price: PriceTable,
    /// "Paid €208.00 on Wed 3 Feb 2027", or "To pay at the property: €208.00".
    pub payment: String,
    pub cancellation: String,
    pub booking_href: String,
}
