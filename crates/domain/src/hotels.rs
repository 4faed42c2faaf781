//! What a guest can look at: businesses, places, hotels and room types, with the limits of every
//! field. What is wrong is told as data, field by field; nothing is repaired silently.

use crate::cells::{CAPACITY_UNITS_MAX, OVERBOOK_BP_MAX, Stock};
use crate::holds::{HOLD_TTL_MS_MAX, HOLD_TTL_MS_MIN, LINE_UNITS_MAX};
use crate::ids::{BusinessId, PoolId, PropertyId};
use crate::money::Currency;
use crate::names::is_disruptive;
use crate::prices::{RATE_MINOR_MAX, TAX_BP_MAX};
use crate::stays::Day;
use crate::zones::{self, UnknownZone};

pub const NAME_CHARS_MAX: usize = 200;
pub const DESCRIPTION_CHARS_MAX: usize = 5_000;
pub const ADDRESS_CHARS_MAX: usize = 500;
pub const EXTERNAL_ID_CHARS_MAX: usize = 200;
pub const BEDS_CHARS_MAX: usize = 200;
pub const AMENITIES_MAX: usize = 60;
pub const AMENITY_CHARS_MAX: usize = 60;
pub const IMAGES_MAX: usize = 40;
pub const IMAGE_URL_CHARS_MAX: usize = 500;
pub const ROOM_TYPE_CODE_CHARS_MAX: usize = 32;
pub const ROOM_NUMBER_CHARS_MAX: usize = 16;
pub const STARS_MAX: i64 = 5;
/// Ten of ten.
pub const RATING_TENTHS_MAX: i64 = 100;
/// Most people of one kind in one room.
pub const ROOM_GUESTS_MAX: i64 = 20;
pub const DAY_MINUTES: i64 = 24 * 60;
/// Micro-degrees in one degree.
pub const DEGREE_E6: i64 = 1_000_000;

/// A tenant: who runs hotels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    pub id: BusinessId,
    pub name: String,
    /// Only tests: no real provider ever hears of it. Fixed when it is made.
    pub is_test: bool,
    pub created_at_ms: i64,
}

/// A place with hotels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// `lisbon-pt`.
    pub id: String,
    pub name: String,
    /// ISO 3166, two capital letters.
    pub country: String,
    pub latitude_e6: i64,
    pub longitude_e6: i64,
    pub hotel_count: i64,
}

/// One hotel: what is shown of it, and the settings that its bookings follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hotel {
    pub id: PropertyId,
    pub business: BusinessId,
    pub location: String,
    /// What another system calls it; unique per business.
    pub external_id: Option<String>,
    pub name: String,
    pub description: String,
    pub address: String,
    pub latitude_e6: i64,
    pub longitude_e6: i64,
    /// `None`: not known.
    pub stars: Option<i64>,
    /// Tenths of a point, up to ten points.
    pub rating_tenths: Option<i64>,
    pub amenities: Vec<String>,
    pub image_urls: Vec<String>,
    /// IANA name.
    pub time_zone: String,
    /// Fixed when the hotel is made: everything it ever charged stands in it.
    pub currency: Currency,
    /// Earliest check-in and latest check-out, minutes after midnight.
    pub check_in_minutes: i64,
    pub check_out_minutes: i64,
    pub hold_ttl_ms: i64,
    /// No room type overbooks by more than this.
    pub overbook_cap_bp: i64,
    pub tax_bp: i64,
    pub created_at_ms: i64,
    pub version: i64,
}

impl Hotel {
    /// The instant from which a guest who arrives on a day may have the room.
    pub fn check_in_ms(&self, arrival: Day) -> Result<i64, UnknownZone> {
        zones::instant_ms(arrival, self.check_in_minutes, &self.time_zone)
    }
}

/// A room type: a pool, and what is shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomType {
    pub pool: PoolId,
    pub property: PropertyId,
    pub code: String,
    pub name: String,
    pub description: String,
    pub beds: String,
    pub image_urls: Vec<String>,
    pub adults_max: i64,
    pub children_max: i64,
    /// Adults and children together.
    pub guests_max: i64,
    /// Base rate of every night that no range covers. `None`: only ranges are sold.
    pub base_rate_minor: Option<i64>,
    /// What an untouched night has; its overbooking is already capped by the hotel's.
    pub stock: Stock,
    /// Overbooking as wished for this type, before the hotel's cap.
    pub type_overbook_bp: i64,
    pub created_at_ms: i64,
    pub version: i64,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The name of the field in the public contract.
    pub field: &'static str,
    pub wrong: Wrong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Missing,
    TooLong {
        chars_max: usize,
    },
    TooMany {
        count_max: usize,
    },
    OutOfRange {
        min: i64,
        max: i64,
    },
    /// Not of the form it must have.
    Malformed,
    /// Of the right form, but nothing has this name.
    Unknown,
    /// It would come back to itself.
    Cycle,
    /// Another one has it already.
    Taken,
}

impl Wrong {
    /// The stable code of the public contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Wrong::Missing => "missing",
            Wrong::TooLong { .. } => "too_long",
            Wrong::TooMany { .. } => "too_many",
            Wrong::OutOfRange { .. } => "out_of_range",
            Wrong::Malformed => "malformed",
            Wrong::Unknown => "unknown",
            Wrong::Cycle => "cycle",
            Wrong::Taken => "taken",
        }
    }
}

/// Collects what is wrong, field by field.
#[derive(Debug, Default)]
pub struct Checks {
    pub defects: Vec<Defect>,
}

impl Checks {
    pub fn add(&mut self, field: &'static str, wrong: Wrong) {
        self.defects.push(Defect { field, wrong });
    }

    /// A text for people: not longer than this, and nothing that no screen can show.
    pub fn text(&mut self, field: &'static str, text: &str, chars_max: usize) {
        if chars_max < text.chars().count() {
            self.add(field, Wrong::TooLong { chars_max });
        } else if text.chars().any(|letter| is_disruptive(letter) && letter != '\n') {
            self.add(field, Wrong::Malformed);
        }
    }

    /// The same, and not empty.
    pub fn name(&mut self, field: &'static str, text: &str, chars_max: usize) {
        if text.trim().is_empty() {
            self.add(field, Wrong::Missing);
        } else if text.contains('\n') {
            self.add(field, Wrong::Malformed);
        } else {
            self.text(field, text, chars_max);
        }
    }

    pub fn range(&mut self, field: &'static str, value: i64, (min, max): (i64, i64)) {
        if value < min || max < value {
            self.add(field, Wrong::OutOfRange { min, max });
        }
    }

    fn list(&mut self, field: &'static str, texts: &[String], count_max: usize, chars_max: usize) {
        if count_max < texts.len() {
            self.add(field, Wrong::TooMany { count_max });
        }
        if let Some(text) = texts.iter().find(|text| {
            text.trim().is_empty()
                || chars_max < text.chars().count()
                || text.chars().any(is_disruptive)
        }) {
            self.name(field, text, chars_max);
        }
    }

    fn urls(&mut self, field: &'static str, urls: &[String]) {
        self.list(field, urls, IMAGES_MAX, IMAGE_URL_CHARS_MAX);
        let is_url = |url: &String| {
            let shown = ["https://", "http://", "/"].iter().any(|start| url.starts_with(start));
            shown && !url.contains(char::is_whitespace) && !url.starts_with("//")
        };
        if !urls.iter().all(is_url) {
            self.add(field, Wrong::Malformed);
        }
    }
}

/// What is wrong with a hotel. Empty: nothing.
#[must_use]
pub fn check_hotel(hotel: &Hotel) -> Vec<Defect> {
    let mut checks = Checks::default();
    checks.name("name", &hotel.name, NAME_CHARS_MAX);
    checks.text("description", &hotel.description, DESCRIPTION_CHARS_MAX);
    checks.text("address", &hotel.address, ADDRESS_CHARS_MAX);
    if let Some(external_id) = &hotel.external_id {
        checks.name("externalId", external_id, EXTERNAL_ID_CHARS_MAX);
    }
    checks.range("latitude", hotel.latitude_e6, (-90 * DEGREE_E6, 90 * DEGREE_E6));
    checks.range("longitude", hotel.longitude_e6, (-180 * DEGREE_E6, 180 * DEGREE_E6));
    checks.range("stars", hotel.stars.unwrap_or(1), (1, STARS_MAX));
    checks.range("rating", hotel.rating_tenths.unwrap_or(0), (0, RATING_TENTHS_MAX));
    checks.list("amenities", &hotel.amenities, AMENITIES_MAX, AMENITY_CHARS_MAX);
    checks.urls("imageUrls", &hotel.image_urls);
    if zones::day_at(0, &hotel.time_zone).is_err() {
        checks.add("timeZone", Wrong::Unknown);
    }
    checks.range("checkInTime", hotel.check_in_minutes, (0, DAY_MINUTES - 1));
    checks.range("checkOutTime", hotel.check_out_minutes, (0, DAY_MINUTES - 1));
    checks.range("holdSeconds", hotel.hold_ttl_ms, (HOLD_TTL_MS_MIN, HOLD_TTL_MS_MAX));
    checks.range("overbookBp", hotel.overbook_cap_bp, (0, OVERBOOK_BP_MAX));
    checks.range("taxBp", hotel.tax_bp, (0, TAX_BP_MAX));
    checks.defects
}

/// What is wrong with a room type. Empty: nothing.
#[must_use]
pub fn check_room_type(room_type: &RoomType) -> Vec<Defect> {
    let mut checks = Checks::default();
    if !is_room_type_code(&room_type.code) {
        checks.add("code", Wrong::Malformed);
    }
    checks.name("name", &room_type.name, NAME_CHARS_MAX);
    checks.text("description", &room_type.description, DESCRIPTION_CHARS_MAX);
    checks.text("beds", &room_type.beds, BEDS_CHARS_MAX);
    checks.urls("imageUrls", &room_type.image_urls);
    checks.range("adultsMax", room_type.adults_max, (1, ROOM_GUESTS_MAX));
    checks.range("childrenMax", room_type.children_max, (0, ROOM_GUESTS_MAX));
    checks.range("guestsMax", room_type.guests_max, (room_type.adults_max, 2 * ROOM_GUESTS_MAX));
    checks.range("capacity", room_type.stock.capacity, (0, CAPACITY_UNITS_MAX));
    checks.range("overbookBp", room_type.type_overbook_bp, (0, OVERBOOK_BP_MAX));
    checks.range("baseRate", room_type.base_rate_minor.unwrap_or(0), (0, RATE_MINOR_MAX));
    checks.defects
}

/// 1 to 32 of `A-Z`, `0-9`, `_` and `-`.
#[must_use]
pub fn is_room_type_code(code: &str) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    (1..=ROOM_TYPE_CODE_CHARS_MAX).contains(&code.len()) && code.bytes().all(fits)
}

/// Two capital letters.
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// What a number on a door may be: as it is written there, without space around it.
#[must_use]
pub fn is_room_number(number: &str) -> bool {
    (1..=ROOM_NUMBER_CHARS_MAX).contains(&number.chars().count())
        && number.trim() == number
        && !number.chars().any(is_disruptive)
}

/// Overbooking of a room type under its hotel's cap.
#[must_use]
pub fn effective_overbook_bp(type_overbook_bp: i64, overbook_cap_bp: i64) -> i64 {
    type_overbook_bp.min(overbook_cap_bp)
}

/// People who want to sleep in a number of rooms of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    pub adults: i64,
    /// Ages in years.
    pub children: Vec<i64>,
    pub room_count: i64,
}

impl Party {
    /// What the world can be asked about. Empty: this can.
    #[must_use]
    pub fn check(&self) -> Vec<Defect> {
        /// Older is an adult.
        const CHILD_YEARS_MAX: i64 = 17;
        let mut checks = Checks::default();
        let guests_max = LINE_UNITS_MAX * ROOM_GUESTS_MAX;
        checks.range("adults", self.adults, (1, guests_max));
        checks.range("roomCount", self.room_count, (1, LINE_UNITS_MAX));
        if LINE_UNITS_MAX < i64::try_from(self.children.len()).unwrap_or(i64::MAX) {
            let count_max = usize::try_from(LINE_UNITS_MAX).unwrap_or(usize::MAX);
            checks.add("children", Wrong::TooMany { count_max });
        }
        if let Some(age) = self.children.iter().find(|age| !(0..=CHILD_YEARS_MAX).contains(*age)) {
            checks.range("children", *age, (0, CHILD_YEARS_MAX));
        }
        checks.defects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_short_capital_and_plain() {
        for code in ["A", "DELUXE", "SEA_VIEW-2", "12345678901234567890123456789012"] {
            assert!(is_room_type_code(code), "{code}");
        }
        for code in ["", "deluxe", "DE LUXE", "É", "123456789012345678901234567890123"] {
            assert!(!is_room_type_code(code), "{code}");
        }
    }

    #[test]
    fn a_text_with_a_hidden_zero_never_reaches_the_store() {
        let mut checks = Checks::default();
        checks.text("description", "a\0b", 10);
        checks.text("description", "two\nlines", 10);
        checks.name("name", "two\nlines", 10);
        checks.name("name", "  ", 10);
        checks.name("name", "too long a name", 10);
        let codes: Vec<_> = checks.defects.iter().map(|defect| defect.wrong.code()).collect();
        assert_eq!(codes, ["malformed", "malformed", "missing", "too_long"]);
    }

    #[test]
    fn pictures_are_web_addresses_or_our_own_paths() {
        let mut checks = Checks::default();
        checks.urls("imageUrls", &["https://a.example/b.jpg".into(), "/pictures/1".into()]);
        assert_eq!(checks.defects, []);
        for bad in ["javascript:alert(1)", "//evil.example/x", "https://a b", ""] {
            let mut checks = Checks::default();
            checks.urls("imageUrls", &[bad.into()]);
            assert!(!checks.defects.is_empty(), "{bad}");
        }
    }

    #[test]
    fn nobody_asks_for_no_guest_or_ten_thousand_rooms() {
        let party = |adults, room_count, age| Party { adults, children: vec![age], room_count };
        assert_eq!(party(2, 1, 17).check(), []);
        for bad in [party(0, 1, 1), party(2, 0, 1), party(2, 10_000, 1), party(2, 1, 18)] {
            assert_eq!(bad.check().len(), 1, "{bad:?}");
        }
    }
}
