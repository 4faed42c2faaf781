//! The search form: on the home page, and folded into a line on results and hotel pages.
//!
//! It must not look anything up; places come from the caller.

use vacancy_domain::stays::{Day, STAY_ADVANCE_DAYS_MAX};

use super::parts::{Choice, Field, FieldError, Select, errors, number_choices};
use crate::pages::{format, links};

/// The most adults and rooms that the lists offer; larger groups write to the hotel.
pub const ADULTS_MAX: i64 = 8;
pub const ROOM_COUNT_MAX: i64 = 5;

/// Sends GET `action` with `place`, `checkInDate`, `checkOutDate`, `adults`, `roomCount`.
/// `place` is what the guest typed or picked: a name of the list, or any text.
#[derive(Debug, Clone)]
pub struct SearchForm {
    pub action: String,
    /// `None` on a hotel page, where the place is known.
    pub place: Option<Field>,
    pub check_in: Field,
    pub check_out: Field,
    /// Today at the place, or the earliest today there is: `min` of the date fields.
    pub earliest_date: String,
    pub latest_date: String,
    pub adults: Select,
    pub rooms: Select,
    /// Names for the list under `place`: "Lisbon, Portugal".
    pub places: Vec<String>,
    /// The search in a line: "Lisbon · 10 – 12 Mar 2027 · 2 adults · 1 room".
    pub summary: String,
}

impl SearchForm {
    /// A form for this ask. `place_name` is what the guest reads ("Lisbon, Portugal").
    pub fn new(ask: &links::Ask, place_name: &str, today: Day) -> Self {
        let place = Field {
            name: "place",
            label: "Where to?",
            kind: "text",
            autocomplete: "off",
            value: place_name.to_owned(),
            max_length: 120,
            ..Field::default()
        };
        let adults = format::count(ask.adults, "adult", "adults");
        let rooms = format::count(ask.room_count, "room", "rooms");
        let dates = format::date_range(ask.check_in, ask.check_out);
        let city = place_name.split(',').next().unwrap_or(place_name);
        Self {
            action: links::SEARCH.to_owned(),
            place: Some(place),
            check_in: date_field("checkInDate", "Check-in", ask.check_in),
            check_out: date_field("checkOutDate", "Check-out", ask.check_out),
            earliest_date: format::date_iso(today),
            latest_date: format::date_iso(today.plus(STAY_ADVANCE_DAYS_MAX)),
            adults: numbers("adults", "Adults", ADULTS_MAX, ask.adults),
            rooms: numbers("roomCount", "Rooms", ROOM_COUNT_MAX, ask.room_count),
            places: Vec::new(),
            summary: format!("{city} · {dates} · {adults} · {rooms}"),
        }
    }

    /// The same form on the page of one hotel: the place is fixed.
    #[must_use]
    pub fn for_hotel(mut self, hotel_id: &str, ask: &links::Ask) -> Self {
        self.action = links::hotel_page(hotel_id);
        self.place = None;
        self.summary = format!(
            "{} · {} · {}",
            format::date_range(ask.check_in, ask.check_out),
            format::count(ask.adults, "adult", "adults"),
            format::count(ask.room_count, "room", "rooms"),
        );
        self
    }

    pub fn errors(&self) -> Vec<FieldError<'_>> {
        let mut fields: Vec<&Field> = self.place.iter().collect();
        fields.push(&self.check_in);
        fields.push(&self.check_out);
        errors(&fields)
    }

    /// Open when there is something to put right, folded otherwise.
    pub fn has_errors(&self) -> bool {
        !self.errors().is_empty()
    }
}

fn date_field(name: &'static str, label: &'static str, day: Day) -> Field {
    Field {
        name,
        label,
        kind: "date",
        autocomplete: "off",
        value: format::date_iso(day),
        max_length: 10,
        ..Field::default()
    }
}

fn numbers(name: &str, label: &str, last: i64, selected: i64) -> Select {
    let options: Vec<Choice> = number_choices(1, last, selected, |number| number.to_string());
    Select { name: name.to_owned(), label: label.to_owned(), options }
}
