//! One hotel: what it is like, and which rooms it has for the dates.

use askama::Template;

use super::parts::{Hidden, Link, Picture, Select};
use super::results::Rating;
use super::search_form::SearchForm;

/// Forms: `search` (GET to this page with dates). Each room type: GET `book_action` with the hidden
/// fields `book_hidden` (`hotelId`, `checkInDate`, `checkOutDate`, `adults`) and `units.CODE`; the
/// form for mixed rooms sends one `units.CODE` per room type, most of them 0.
#[derive(Debug, Clone, Template)]
#[template(path = "hotel.html")]
pub struct Hotel {
    pub search: SearchForm,
    /// Back to the results, when the guest came from there.
    pub back: Option<Link>,
    pub name: String,
    pub address: String,
    pub stars: usize,
    pub rating: Option<Rating>,
    /// The first is shown large.
    pub pictures: Vec<Picture>,
    pub paragraphs: Vec<String>,
    pub amenities: Vec<String>,
    pub policies: Vec<Policy>,
    /// "Rooms for 10 – 12 Mar 2027", or "Room types" without dates.
    pub rooms_heading: String,
    /// "2 nights, 2 adults. Prices are for the whole stay."
    pub rooms_subheading: String,
    pub rooms: Vec<RoomType>,
    pub book_action: String,
    pub book_hidden: Vec<Hidden>,
    /// Lists for taking several room types together; empty hides the form.
    pub mixed_rooms: Vec<Select>,
}

#[derive(Debug, Clone)]
pub struct Policy {
    pub title: String,
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct RoomType {
    pub code: String,
    pub name: String,
    pub picture_src: String,
    /// "1 king bed"
    pub beds: String,
    /// "Sleeps 2 adults and 1 child"
    pub sleeps: String,
    pub description: String,
    pub offer: RoomOffer,
}

/// What this room type can do for the dates.
#[derive(Debug, Clone)]
pub enum RoomOffer {
    /// No dates asked: "from €92 a night".
    From {
        per_night: String,
    },
    Free(FreeRoom),
    /// Why not, in words, and what would work instead.
    Taken {
        reasons: Vec<String>,
        instead: Vec<Link>,
    },
}

#[derive(Debug, Clone)]
pub struct FreeRoom {
    pub total: String,
    /// "€104 a night": the average with tax, so that it agrees with the total.
    pub per_night: String,
    /// "with 6 % tax"
    pub tax: String,
    /// "Only 2 left"
    pub few_left: Option<String>,
    /// "Free cancellation until Tue 9 Mar, 18:00 (Lisbon time)"
    pub cancellation: String,
    /// `units.CODE`: "1 room" … up to what is free, and never more than a form may ask.
    pub units: Select,
}
