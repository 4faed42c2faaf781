//! Change dates: ask for new ones, see what it would cost, then swap. Never ends with nothing.

use askama::Template;

use super::parts::{Amount, Field, FieldError, Hidden, StayCard, errors};

/// Forms: GET `preview_action` with `checkInDate`, `checkOutDate` shows `preview`; POST
/// `apply_action` with `apply_hidden` (`checkInDate`, `checkOutDate`, `maxTotal` as shown, in minor
/// units) does it.
#[derive(Debug, Clone, Template)]
#[template(path = "change.html")]
pub struct Change {
    pub code: String,
    pub stay: StayCard,
    pub back_href: String,
    pub preview_action: String,
    pub check_in: Field,
    pub check_out: Field,
    pub earliest_date: String,
    pub latest_date: String,
    /// Why the new dates do not work, in words.
    pub refusals: Vec<String>,
    pub preview: Option<Preview>,
    pub apply_action: String,
    pub apply_hidden: Vec<Hidden>,
}

impl Change {
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        errors(&[&self.check_in, &self.check_out])
    }
}

#[derive(Debug, Clone)]
pub struct Preview {
    /// "12 – 15 Mar 2027 · 3 nights"
    pub new_stay: String,
    /// "New price", "Already paid", "Fee for the change".
    pub lines: Vec<Amount>,
    /// "To pay now", "Refund", or "Nothing to pay".
    pub result_label: String,
    pub result: String,
    /// "Change dates and pay €104.00"
    pub button: String,
}
