//! The payment's outcome is not known yet: say so, and how to look again.

use askama::Template;

/// No form. The page asks again by itself every few seconds; the link does the same by hand.
#[derive(Debug, Clone, Template)]
#[template(path = "waiting.html")]
pub struct Waiting {
    pub check_href: String,
    /// "14:32 (Lisbon time)": the rooms stay held until the answer is known.
    pub held_until: String,
    pub amount: String,
}
