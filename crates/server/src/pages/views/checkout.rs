//! The sandbox's own checkout: plainly a test, so that nobody types a real card.

use askama::Template;

use super::parts::Select;

/// Form: POST `action` with `card`, the number of a test card or another way from the list, and `outcome`, the
/// value of the button pressed: `pay` or `decline`.
#[derive(Debug, Clone, Template)]
#[template(path = "checkout.html")]
pub struct Checkout {
    pub action: String,
    pub payment_order_id: String,
    /// "Casa do Limoeiro, 10 – 12 Mar 2027"
    pub purpose: String,
    pub amount: String,
    /// "14:32 (Lisbon time)"
    pub open_until: String,
    /// `card`: each test card with what it does, the one that pays first.
    pub cards: Select,
    /// The chosen way when the guest's bank asks whether it is them: buttons `approve` and `decline`.
    pub asked: Option<String>,
    /// What was wrong with the card.
    pub alert: Option<String>,
    /// Set once the order is paid, declined or too late: no buttons then.
    pub closed: Option<String>,
    /// Once it is paid: what the guest's bank may do, by the button's value of `outcome` and its text.
    pub bank: Vec<(&'static str, &'static str)>,
    /// Back to the booking without paying.
    pub back_href: String,
}
