//! What was found for a place and dates, or why nothing was.

use askama::Template;

use super::parts::Link;
use super::search_form::SearchForm;

/// Form: see `SearchForm`. Sorting and paging are links.
#[derive(Debug, Clone, Template)]
#[template(path = "results.html")]
pub struct Results {
    pub search: SearchForm,
    /// "4 stays in Lisbon", or "Nothing free in Lisbon".
    pub heading: String,
    /// "2 nights, 2 adults, 1 room. Prices are for the whole stay with tax."
    pub subheading: String,
    pub sorts: Vec<Sort>,
    pub cards: Vec<HotelCard>,
    /// Set instead of cards.
    pub nothing: Option<Nothing>,
    pub next_href: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Sort {
    pub link: Link,
    pub is_current: bool,
}

#[derive(Debug, Clone)]
pub struct HotelCard {
    pub href: String,
    pub name: String,
    /// "Alfama, Lisbon"
    pub area: String,
    pub picture_src: String,
    /// 0 shows no stars.
    pub stars: usize,
    pub rating: Option<Rating>,
    /// At most four words or so each.
    pub amenities: Vec<String>,
    /// "Deluxe double": the room type that the price is for.
    pub room_type: String,
    pub total: String,
    /// "€104 a night": the average with tax, so that it agrees with the total.
    pub per_night: String,
    /// "Only 2 left" when few; else nothing.
    pub few_left: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Rating {
    /// "8.9"
    pub score: String,
    /// "Very good"
    pub word: &'static str,
}

/// Nothing found: why, in words, and what could help.
#[derive(Debug, Clone)]
pub struct Nothing {
    /// "All 4 hotels are sold out on Thu 11 Mar."
    pub reasons: Vec<String>,
    /// "Try 12 – 14 Mar 2027", "See Porto, 2 h by train".
    pub suggestions: Vec<Link>,
}
