//! The hold ran out: the rooms went back on sale. The same search is one press away.

use askama::Template;

use super::parts::{Offer, StayCard};

/// Form: GET `again_href` needs none; it is a link to the booking form with the same rooms.
#[derive(Debug, Clone, Template)]
#[template(path = "expired.html")]
pub struct Expired {
    pub stay: StayCard,
    /// "14:32 (Lisbon time)"
    pub expired_at: String,
    /// The booking form with the same rooms, while they are still free.
    pub again_href: Option<String>,
    /// What happened to money that came too late; empty when none did.
    pub money_note: Option<String>,
    pub alternatives: Vec<Offer>,
    pub search_href: String,
}
