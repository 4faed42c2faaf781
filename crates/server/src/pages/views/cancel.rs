//! Cancel, step one: what comes back and what does not, before anything happens.

use askama::Template;

use super::parts::{Amount, StayCard};

/// Form: POST `action` with the hidden field `refund` (what the page showed, in minor units: if the
/// policy gives less by then, the page is shown again instead).
#[derive(Debug, Clone, Template)]
#[template(path = "cancel.html")]
pub struct Cancel {
    pub code: String,
    pub stay: StayCard,
    pub action: String,
    pub back_href: String,
    /// "You paid €208.00", "Fee €0.00".
    pub lines: Vec<Amount>,
    /// "€208.00"; shown large.
    pub refund: String,
    pub refund_minor: i64,
    /// "Back on the card within 5 days."
    pub refund_detail: String,
    /// The policy in words.
    pub policy: String,
    pub alert: Option<String>,
}
