//! The first page: where to, when, how many; and places to start from.

use askama::Template;

use super::search_form::SearchForm;

/// Form: see `SearchForm`.
#[derive(Debug, Clone, Template)]
#[template(path = "home.html")]
pub struct Home {
    pub search: SearchForm,
    /// Beside the heading where there is width for it.
    pub picture_src: String,
    pub places: Vec<PlaceCard>,
    /// True for the demonstration with invented hotels: the page says so.
    pub is_demo: bool,
}

#[derive(Debug, Clone)]
pub struct PlaceCard {
    pub href: String,
    pub name: String,
    pub country: String,
    /// "4 stays"
    pub hotel_count: String,
    pub picture_src: String,
}
