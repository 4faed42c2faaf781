//! The last page of ours before a provider's: what is paid, to whom, and a button.

use askama::Template;

use super::parts::Hidden;

/// Form: POST `action`, the provider's own address, with `fields`.
#[derive(Debug, Clone, Template)]
#[template(path = "hand_off.html")]
pub struct HandOff {
    pub action: String,
    pub fields: Vec<Hidden>,
    pub hotel_name: String,
    pub amount: String,
    pub payment_order_id: String,
    /// Back to the booking without paying.
    pub back_href: String,
}
