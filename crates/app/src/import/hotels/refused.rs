//! Every reason why a row of a list is not taken, and the words for it in the result file. A new
//! reason gets a code of its own; codes are never reused.

use std::fmt;

use super::row::{ROOMS_MAX, STARS_MAX};
use crate::import::input::RowFault;

/// Why a row is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    Unreadable(RowFault),
    IdMissing,
    IdRepeated {
        line: u64,
    },
    NameMissing,
    NameWithoutLetter {
        name: String,
    },
    /// The list itself says that the house is closed.
    Closed {
        name: String,
    },
    CoordinatesMissing,
    CoordinatesUnreadable {
        text: String,
    },
    CoordinatesOutOfRange {
        text: String,
    },
    CityMissing,
    CountryMissing,
    CountryUnknown {
        text: String,
    },
    TimeZoneMissing,
    TimeZoneUnknown {
        text: String,
    },
    StarsUnreadable {
        text: String,
    },
    StarsOutOfRange {
        stars: i64,
    },
    RoomsUnreadable {
        text: String,
    },
    RoomsOutOfRange {
        rooms: i64,
    },
    /// `dup_of` names an id that no row has.
    DuplicateOfUnknown {
        id: String,
    },
    /// `dup_of` names a row that is itself refused.
    DuplicateOfRefused {
        id: String,
    },
    /// Rows that each call another the original.
    DuplicateInACircle {
        id: String,
    },
}

impl Refused {
    /// Stable, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refused::Unreadable(fault) => fault.code(),
            Refused::IdMissing => "id_missing",
            Refused::IdRepeated { .. } => "id_repeated",
            Refused::NameMissing => "name_missing",
            Refused::NameWithoutLetter { .. } => "name_without_letter",
            Refused::Closed { .. } => "closed",
            Refused::CoordinatesMissing => "coordinates_missing",
            Refused::CoordinatesUnreadable { .. } => "coordinates_unreadable",
            Refused::CoordinatesOutOfRange { .. } => "coordinates_out_of_range",
            Refused::CityMissing => "city_missing",
            Refused::CountryMissing => "country_missing",
            Refused::CountryUnknown { .. } => "country_unknown",
            Refused::TimeZoneMissing => "time_zone_missing",
            Refused::TimeZoneUnknown { .. } => "time_zone_unknown",
            Refused::StarsUnreadable { .. } => "stars_unreadable",
            Refused::StarsOutOfRange { .. } => "stars_out_of_range",
            Refused::RoomsUnreadable { .. } => "rooms_unreadable",
            Refused::RoomsOutOfRange { .. } => "rooms_out_of_range",
            Refused::DuplicateOfUnknown { .. } => "duplicate_of_unknown",
            Refused::DuplicateOfRefused { .. } => "duplicate_of_refused",
            Refused::DuplicateInACircle { .. } => "duplicate_in_a_circle",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Refused::Unreadable(fault) => Some(fault.detail()),
            Refused::IdMissing
            | Refused::NameMissing
            | Refused::CoordinatesMissing
            | Refused::CityMissing
            | Refused::CountryMissing
            | Refused::TimeZoneMissing => None,
            Refused::IdRepeated { line } => Some(format!("line {line} has it")),
            Refused::NameWithoutLetter { name } | Refused::Closed { name } => Some(name.clone()),
            Refused::CoordinatesUnreadable { text }
            | Refused::CoordinatesOutOfRange { text }
            | Refused::CountryUnknown { text }
            | Refused::TimeZoneUnknown { text }
            | Refused::StarsUnreadable { text }
            | Refused::RoomsUnreadable { text } => Some(text.clone()),
            Refused::StarsOutOfRange { stars } => {
                Some(format!("{stars} is not within 1 to {STARS_MAX}"))
            }
            Refused::RoomsOutOfRange { rooms } => {
                Some(format!("{rooms} is not within 1 to {ROOMS_MAX}"))
            }
            Refused::DuplicateOfUnknown { id }
            | Refused::DuplicateOfRefused { id }
            | Refused::DuplicateInACircle { id } => Some(id.clone()),
        }
    }
}

/// The code, and what was found.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail() {
            Some(detail) => write!(f, "{}: {detail}", self.code()),
            None => f.write_str(self.code()),
        }
    }
}
