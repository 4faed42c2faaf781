//! What a search asks for, and whether it can be asked.

use vacancy_domain::access::Action;
use vacancy_domain::availability::check_stay;
use vacancy_domain::hotels::{
    AMENITIES_MAX, DEGREE_E6, Party, ROOM_TYPE_CODE_CHARS_MAX, STARS_MAX,
};
use vacancy_domain::stays::Stay;
use vacancy_store::listings::GeoBox;

use crate::access::{Actor, On};
use crate::cursors::{Position, page_limit};
use crate::errors::{Error, FieldError};
use crate::fields::under;
use crate::locations::check_query;

/// Farthest that a search around a point may reach: 200 km.
pub const RADIUS_METRES_MAX: i64 = 200_000;
/// Widest box that a search may look into, on each side: 5 degrees.
pub const BOX_SIDE_E6_MAX: i64 = 5 * DEGREE_E6;
/// Most room types that one search may name.
pub const ROOM_TYPES_MAX: usize = 20;

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// A place: `lisbon-pt`.
    Location(String),
    Around {
        latitude_e6: i64,
        longitude_e6: i64,
        radius_metres: i64,
    },
    Box(GeoBox),
    /// Names of hotels and places.
    Named(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Cheapest total first; hotels that sell nothing are not there.
    Price,
    /// Best rating first.
    Rating,
    /// Nearest first.
    Distance,
}

impl Sort {
    pub(super) fn list(self) -> u8 {
        match self {
            Sort::Price => b'p',
            Sort::Rating => b'r',
            Sort::Distance => b'd',
        }
    }
}

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criteria {
    pub area: Area,
    /// `None` lists hotels without asking what is free.
    pub stay: Option<Stay>,
    pub party: Party,
    /// Codes; empty takes all.
    pub room_types: Vec<String>,
    /// Bounds of an average night before tax, in minor units.
    pub price_min_minor: Option<i64>,
    pub price_max_minor: Option<i64>,
    /// Any of these; empty takes all.
    pub stars: Vec<i64>,
    /// All of these, whatever their case.
    pub amenities: Vec<String>,
    pub sort: Sort,
    pub cursor: Option<String>,
    pub limit: Option<i64>,
}

impl Criteria {
    /// Hotels of an area for two adults in one room, cheapest first.
    #[must_use]
    pub fn of(area: Area, stay: Option<Stay>) -> Criteria {
        Criteria {
            area,
            sort: if stay.is_some() { Sort::Price } else { Sort::Rating },
            stay,
            party: Party { adults: 2, children: Vec::new(), room_count: 1 },
            room_types: Vec::new(),
            price_min_minor: None,
            price_max_minor: None,
            stars: Vec::new(),
            amenities: Vec::new(),
            cursor: None,
            limit: None,
        }
    }

    /// Where the page begins and how long it is, if the question can be asked at all.
    pub(super) fn check(&self, actor: &Actor) -> Result<Plan, Error> {
        actor.may(Action::Find, On::Platform)?;
        let limit = page_limit(self.limit)?;
        let after = Position::parse(self.sort.list(), self.cursor.as_deref())?;
        let mut fields: Vec<FieldError> = under("", &self.party.check())
            .into_iter()
            .map(|field| FieldError { pointer: field.pointer.replace('/', ""), ..field })
            .collect();
        let mut wrong = |name: &str, code, detail: String| {
            fields.push(FieldError::new(name, code, detail));
        };
        if let Area::Named(q) = &self.area {
            check_query(q)?;
        }
        if let Some((name, detail)) = wrong_area(&self.area) {
            wrong(name, "out_of_range", detail);
        }
        if self.sort == Sort::Price && self.stay.is_none() {
            wrong("sort", "needs_dates", "prices need check-in and check-out dates".to_owned());
        }
        if self.sort == Sort::Distance && matches!(self.area, Area::Named(_)) {
            wrong("sort", "needs_point", "distance needs a place or a point".to_owned());
        }
        if self.stars.iter().any(|stars| !(1..=STARS_MAX).contains(stars)) {
            wrong("stars", "out_of_range", format!("must be from 1 to {STARS_MAX}"));
        }
        if AMENITIES_MAX < self.amenities.len() {
            wrong("amenities", "too_many", format!("has more than {AMENITIES_MAX} entries"));
        }
        let is_long = |code: &String| ROOM_TYPE_CODE_CHARS_MAX < code.len();
        if ROOM_TYPES_MAX < self.room_types.len() || self.room_types.iter().any(is_long) {
            wrong("roomTypes", "too_many", format!("has more than {ROOM_TYPES_MAX} codes"));
        }
        for (name, price) in
            [("minPrice", self.price_min_minor), ("maxPrice", self.price_max_minor)]
        {
            if price.is_some_and(|minor| minor < 0) {
                wrong(name, "out_of_range", "must not be below 0".to_owned());
            }
        }
        if !fields.is_empty() {
            return Err(Error::Invalid(fields));
        }
        if let Some(stay) = self.stay {
            // Whether it lies in the past depends on the hotel.
            check_stay(stay, stay.first_day)?;
        }
        Ok(Plan { limit, after })
    }
}

/// A page of a search.
pub(super) struct Plan {
    pub(super) limit: i64,
    pub(super) after: Option<Position>,
}

fn wrong_area(area: &Area) -> Option<(&'static str, String)> {
    let latitudes = -90 * DEGREE_E6..=90 * DEGREE_E6;
    let longitudes = -180 * DEGREE_E6..=180 * DEGREE_E6;
    match area {
        Area::Location(_) | Area::Named(_) => None,
        Area::Around { latitude_e6, longitude_e6, radius_metres } => {
            if !latitudes.contains(latitude_e6) {
                return Some(("lat", "must be from -90 to 90".to_owned()));
            }
            if !longitudes.contains(longitude_e6) {
                return Some(("lon", "must be from -180 to 180".to_owned()));
            }
            (!(1..=RADIUS_METRES_MAX).contains(radius_metres)).then(|| {
                ("radiusKm", format!("must be above 0 and at most {}", RADIUS_METRES_MAX / 1000))
            })
        }
        Area::Box(GeoBox { south_e6, north_e6, west_e6, east_e6 }) => {
            let on_globe = [south_e6, north_e6].iter().all(|side| latitudes.contains(side))
                && [west_e6, east_e6].iter().all(|side| longitudes.contains(side));
            if !on_globe || north_e6 < south_e6 {
                return Some(("bbox", "must be west,south,east,north in degrees".to_owned()));
            }
            let over_date_line_e6 = if east_e6 < west_e6 { 360 * DEGREE_E6 } else { 0 };
            let wide_e6 = east_e6 - west_e6 + over_date_line_e6;
            (BOX_SIDE_E6_MAX < wide_e6 || BOX_SIDE_E6_MAX < north_e6 - south_e6).then(|| {
                let side = BOX_SIDE_E6_MAX / DEGREE_E6;
                ("bbox", format!("must not be wider than {side} degrees"))
            })
        }
    }
}
