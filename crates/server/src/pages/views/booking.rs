//! One booking as its guest sees it, with the actions that are legal now.

use askama::Template;

use super::parts::{Amount, Badge, Link, PriceTable, StayCard};

/// No form: every action is a link to its own page, which shows what it does before it does it.
#[derive(Debug, Clone, Template)]
#[template(path = "booking.html")]
pub struct Booking {
    pub code: String,
    pub state: Badge,
    /// What the state means: "Pay until 14:32 (Lisbon time) to keep the rooms."
    pub state_detail: String,
    pub guest: Vec<Amount>,
    pub stay: StayCard,
    pub price: PriceTable,
    pub payment: String,
    pub cancellation: String,
    /// Done just now: "Your dates are changed."
    pub notice: Option<String>,
    /// "Pay now", first and prominent; `None` when nothing is due.
    pub main_action: Option<Link>,
    /// "Change dates", "Cancel booking"; only legal ones.
    pub actions: Vec<Link>,
    /// Newest last: when, what.
    pub history: Vec<HistoryLine>,
}

#[derive(Debug, Clone)]
pub struct HistoryLine {
    pub at: String,
    pub what: String,
}
