//! What somebody who looks for hotels may ask, read into the criteria of `app`. Forms only: how
//! wide an area may be, or how many rooms, is not for this file to say.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use vacancy_app::listings::criteria::{Area, Criteria, Sort};
use vacancy_domain::hotels::{NAME_CHARS_MAX, Party};
use vacancy_domain::stays::Stay;
use vacancy_store::listings::GeoBox;

use super::fields::Fields;
use super::hotel_asks::scaled;
use super::locations::one_of;
use super::problem::Problem;

/// How far around a point to look when nobody says, in metres.
const RADIUS_METRES: i64 = 10_000;
/// Most parts of one list in a parameter.
const LIST_ITEMS_MAX: usize = 100;

/// How many adults come, in how many rooms, when nobody says.
pub(super) const ADULTS: i64 = 2;
pub(super) const ROOM_COUNT: i64 = 1;

/// What somebody looks for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ListingsAsk {
    /// A place.
    #[param(example = "lisbon-pt")]
    location_id: Option<String>,
    /// The same as `locationId`.
    location: Option<String>,
    /// A point, with `lon`, in degrees.
    #[param(minimum = -90, maximum = 90)]
    lat: Option<f64>,
    #[param(minimum = -180, maximum = 180)]
    lon: Option<f64>,
    /// How far around the point; 10 when left out.
    #[param(minimum = 0, maximum = 200)]
    radius_km: Option<f64>,
    /// West, south, east and north in degrees: `-9.3,38.6,-9.0,38.9`. West beyond east goes over
    /// the date line.
    bbox: Option<String>,
    /// Names of hotels and places.
    #[param(max_length = 100)]
    q: Option<String>,
    /// With `checkOutDate`: what is free then.
    #[param(format = Date)]
    check_in_date: Option<String>,
    #[param(format = Date)]
    check_out_date: Option<String>,
    /// In all rooms together.
    #[param(minimum = 1, default = 2)]
    adults: Option<i64>,
    /// Ages in years: `4,9`.
    #[param(example = "4,9")]
    children: Option<String>,
    #[param(minimum = 1, maximum = 50, default = 1)]
    room_count: Option<i64>,
    /// Codes, any of them: `DELUXE,SUITE`.
    room_types: Option<String>,
    /// The least that a night of one room costs before tax, in minor units of the hotel's currency.
    #[param(minimum = 0)]
    min_price: Option<i64>,
    /// The most.
    #[param(minimum = 0)]
    max_price: Option<i64>,
    /// Any of these: `4,5`.
    #[param(example = "4,5")]
    stars: Option<String>,
    /// All of these: `wifi,pool`.
    #[param(example = "wifi,pool")]
    amenities: Option<String>,
    /// `price` when there are dates, else `rating`.
    #[param(inline)]
    sort: Option<ListingSort>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<i64>,
}

/// What comes first.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ListingSort {
    /// The cheapest.
    Price,
    /// The best rated.
    Rating,
    /// The nearest.
    Distance,
}

impl ListingsAsk {
    /// # Errors
    /// Every parameter that cannot be what it is.
    pub fn into_criteria(mut self) -> Result<Criteria, Problem> {
        let mut fields = Fields::new();
        let place = one_of(self.location_id.take(), self.location.take())?;
        let area = self.area(&mut fields, place);
        let stay = self.stay(&mut fields);
        let children = numbers(&mut fields, "children", self.children.as_deref());
        let stars = numbers(&mut fields, "stars", self.stars.as_deref());
        let room_types = texts(&mut fields, "roomTypes", self.room_types.as_deref());
        let amenities = texts(&mut fields, "amenities", self.amenities.as_deref());
        let (Some(area), true) = (area, fields.is_fine()) else { return Err(fields.problem()) };
        let known = Criteria::of(area, stay);
        Ok(Criteria {
            party: Party {
                adults: self.adults.unwrap_or(ADULTS),
                children,
                room_count: self.room_count.unwrap_or(ROOM_COUNT),
            },
            room_types,
            price_min_minor: self.min_price,
            price_max_minor: self.max_price,
            stars,
            amenities,
            sort: match self.sort {
                None => known.sort,
                Some(ListingSort::Price) => Sort::Price,
                Some(ListingSort::Rating) => Sort::Rating,
                Some(ListingSort::Distance) => Sort::Distance,
            },
            cursor: self.cursor,
            limit: self.limit,
            ..known
        })
    }

    /// The one area that is named.
    fn area(&self, fields: &mut Fields, place: Option<String>) -> Option<Area> {
        let is_point = self.lat.is_some() || self.lon.is_some();
        let named = [place.is_some(), is_point, self.bbox.is_some(), self.q.is_some()];
        match named.iter().filter(|is_named| **is_named).count() {
            0 => {
                let detail = "or lat and lon, or bbox, or q must be given";
                fields.refuse("locationId", "missing_field", detail);
                return None;
            }
            1 => {}
            _ => {
                let detail = "name one of locationId, lat and lon, bbox and q";
                fields.refuse("locationId", "ambiguous", detail);
                return None;
            }
        }
        if self.radius_km.is_some() && !is_point {
            fields.refuse("radiusKm", "ambiguous", "goes with lat and lon only");
        }
        if is_point {
            return self.around(fields);
        }
        if let Some(bbox) = &self.bbox {
            return bounds(fields, bbox);
        }
        if let Some(q) = &self.q {
            return fields.text("q", q, NAME_CHARS_MAX).map(Area::Named);
        }
        place.map(Area::Location)
    }

    fn around(&self, fields: &mut Fields) -> Option<Area> {
        let latitude_e6 = degrees(fields, "lat", self.lat);
        let longitude_e6 = degrees(fields, "lon", self.lon);
        let radius_metres = match self.radius_km {
            None => Some(RADIUS_METRES),
            Some(km) => scaled(km, 3),
        };
        if radius_metres.is_none() {
            fields.refuse("radiusKm", "invalid_type", "must be a number");
        }
        Some(Area::Around {
            latitude_e6: latitude_e6?,
            longitude_e6: longitude_e6?,
            radius_metres: radius_metres?,
        })
    }

    /// Both days, or none.
    fn stay(&self, fields: &mut Fields) -> Option<Stay> {
        match (&self.check_in_date, &self.check_out_date) {
            (None, None) => None,
            (Some(check_in), Some(check_out)) => {
                fields.stay(("checkInDate", check_in), ("checkOutDate", check_out))
            }
            (Some(_), None) => {
                fields.refuse("checkOutDate", "missing_field", "must be given with checkInDate");
                None
            }
            (None, Some(_)) => {
                fields.refuse("checkInDate", "missing_field", "must be given with checkOutDate");
                None
            }
        }
    }
}

fn degrees(fields: &mut Fields, name: &str, value: Option<f64>) -> Option<i64> {
    let Some(value) = value else {
        fields.refuse(name, "missing_field", "lat and lon must be given together");
        return None;
    };
    let e6 = scaled(value, 6);
    if e6.is_none() {
        fields.refuse(name, "invalid_type", "must be a number of degrees");
    }
    e6
}

fn bounds(fields: &mut Fields, text: &str) -> Option<Area> {
    let side = |text: &str| text.trim().parse::<f64>().ok().and_then(|value| scaled(value, 6));
    let sides: Option<Vec<i64>> = text.split(',').map(side).collect();
    let Some([west_e6, south_e6, east_e6, north_e6]) = sides.as_deref() else {
        fields.refuse("bbox", "invalid_value", "must be west,south,east,north in degrees");
        return None;
    };
    let (west_e6, south_e6) = (*west_e6, *south_e6);
    Some(Area::Box(GeoBox { south_e6, north_e6: *north_e6, west_e6, east_e6: *east_e6 }))
}

/// The parts of a list in one parameter: `4,9`.
fn texts(fields: &mut Fields, name: &str, text: Option<&str>) -> Vec<String> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() {
        return Vec::new();
    }
    let parts: Vec<String> = text.split(',').map(|part| part.trim().to_owned()).collect();
    if LIST_ITEMS_MAX < parts.len() {
        fields.refuse(name, "too_many", format!("must be at most {LIST_ITEMS_MAX}"));
    }
    parts
}

fn numbers(fields: &mut Fields, name: &str, text: Option<&str>) -> Vec<i64> {
    let parts = texts(fields, name, text);
    let read: Option<Vec<i64>> = parts.iter().map(|part| part.parse().ok()).collect();
    read.unwrap_or_else(|| {
        fields.refuse(name, "invalid_value", "must be whole numbers with commas between them");
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::super::query;
    use super::*;

    fn read(text: &str) -> Result<Criteria, String> {
        let ask: ListingsAsk = query::parse(text).map_err(|problem| problem.code().to_owned())?;
        ask.into_criteria().map_err(|problem| format!("{} {}", problem.code(), problem.detail()))
    }

    #[track_caller]
    fn check_area(text: &str, expected: Area) {
        assert_eq!(read(text).map(|criteria| criteria.area), Ok(expected), "{text}");
    }

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        let told = read(text).expect_err("a flaw");
        assert!(told.starts_with(expected), "{text}: {told}");
    }

    #[test]
    fn one_area_is_named_in_one_of_four_ways() {
        check_area("locationId=lisbon-pt", Area::Location("lisbon-pt".into()));
        check_area("location=lisbon-pt", Area::Location("lisbon-pt".into()));
        check_area("q=casa+da", Area::Named("casa da".into()));
        let around = |radius_metres| Area::Around {
            latitude_e6: 38_700_000,
            longitude_e6: -9_100_000,
            radius_metres,
        };
        check_area("lat=38.7&lon=-9.1", around(10_000));
        check_area("lat=38.7&lon=-9.1&radiusKm=1.5", around(1_500));
        let west_e6 = -9_300_000;
        let sides =
            GeoBox { south_e6: 38_600_000, north_e6: 38_900_000, west_e6, east_e6: -9_000_000 };
        check_area("bbox=-9.3,38.6,-9,38.9", Area::Box(sides));
        check_refused("", "missing_field locationId");
        check_refused("q=a&locationId=b", "ambiguous locationId");
        check_refused("locationId=b&radiusKm=2", "ambiguous radiusKm");
        check_refused("lat=38.7", "missing_field lon");
        check_refused("lat=NaN&lon=1", "invalid_type lat");
        check_refused("bbox=1,2,3", "invalid_value bbox");
        check_refused("q=", "empty q");
    }

    #[test]
    fn what_is_left_out_is_two_adults_in_one_room() {
        let criteria = read("locationId=a").expect("it can be asked");
        assert_eq!(criteria.party, Party { adults: 2, children: vec![], room_count: 1 });
        assert_eq!((criteria.stay, criteria.sort), (None, Sort::Rating));
    }

    #[test]
    fn lists_and_dates_are_read() {
        let text = "locationId=a&checkInDate=2027-03-10&checkOutDate=2027-03-12&adults=1\
            &children=4,9&roomCount=2&roomTypes=A,B&minPrice=1&maxPrice=2&stars=4,5\
            &amenities=wifi,pool&sort=distance&limit=3";
        let criteria = read(text).expect("it can be asked");
        assert_eq!(criteria.party, Party { adults: 1, children: vec![4, 9], room_count: 2 });
        assert_eq!(criteria.stay.map(|stay| stay.nights()), Some(2));
        assert_eq!((criteria.stars, criteria.sort), (vec![4, 5], Sort::Distance));
        assert_eq!((criteria.room_types.len(), criteria.amenities.len()), (2, 2));
        check_refused("locationId=a&checkInDate=2027-03-10", "missing_field checkOutDate");
        check_refused("locationId=a&stars=four", "invalid_value stars");
        check_refused(&format!("locationId=a&amenities={}", ",".repeat(200)), "too_many amenities");
    }
}
