//! What clients send about hotels and room types, read into the drafts of `app`. Forms only: what
//! a hotel may be is for `domain` to say.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use vacancy_app::hotels::draft::{CHECK_IN_MINUTES, CHECK_OUT_MINUTES, HotelPatch, NewHotel};
use vacancy_app::locations::PlaceName;
use vacancy_domain::holds::{HOLD_TTL_MS, HOLD_TTL_MS_MAX, HOLD_TTL_MS_MIN};
use vacancy_domain::hotels::RATING_TENTHS_MAX;
use vacancy_domain::ids::BusinessId;

use super::fields::Fields;
use super::problem::Problem;

/// A hotel to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Casa da Ribeira",
    "city": "Lisbon",
    "country": "PT",
    "address": "Rua das Flores 12, 1200-195 Lisbon",
    "geo": {"latitude": 38.7223, "longitude": -9.1393},
    "stars": 4,
    "amenities": ["wifi", "breakfast"],
    "timeZone": "Europe/Lisbon",
    "currency": "EUR",
    "policies": {"checkInTime": "15:00", "checkOutTime": "11:00"},
    "taxBp": 600
}))]
pub struct NewHotelAsk {
    /// For the platform's own key, which belongs to no business; else yours.
    #[schema(format = Uuid)]
    business_id: Option<String>,
    /// What another system of yours calls it; unique in your business.
    #[schema(max_length = 200)]
    external_id: Option<String>,
    /// A place that is there; or `city` and `country`.
    location_id: Option<String>,
    /// Becomes a place when it is none yet.
    #[schema(max_length = 200)]
    city: Option<String>,
    /// ISO 3166, two capital letters.
    #[schema(pattern = "^[A-Z]{2}$")]
    country: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(max_length = 5_000)]
    description: Option<String>,
    #[schema(max_length = 500)]
    address: Option<String>,
    geo: GeoAsk,
    #[schema(minimum = 1, maximum = 5)]
    stars: Option<i64>,
    /// Of ten points.
    #[schema(minimum = 0, maximum = 10)]
    rating: Option<f64>,
    #[schema(max_items = 60)]
    amenities: Option<Vec<String>>,
    #[schema(max_items = 40)]
    image_urls: Option<Vec<String>>,
    /// IANA name.
    time_zone: String,
    /// ISO 4217; it never changes.
    #[schema(min_length = 3, max_length = 3)]
    currency: String,
    policies: Option<PoliciesAsk>,
    /// How long rooms are kept for a guest who has not paid; 600 when left out.
    #[schema(minimum = 120, maximum = 1_800)]
    hold_seconds: Option<i64>,
    /// How far any room type may sell above what there is, in hundredths of a percent.
    #[schema(minimum = 0, maximum = 10_000)]
    overbook_bp: Option<i64>,
    /// Tax on every stay, in hundredths of a percent; counts until the hotel has taxes of its own.
    #[schema(minimum = 0, maximum = 10_000)]
    tax_bp: Option<i64>,
}

/// What changes of a hotel. What is left out stays; null takes `externalId`, `stars` and `rating`
/// away. The currency never changes, and overbooking has its own address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Casa da Ribeira e Jardim", "stars": 5}))]
pub struct HotelChangeAsk {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    external_id: Option<Option<String>>,
    location_id: Option<String>,
    #[schema(max_length = 200)]
    city: Option<String>,
    #[schema(pattern = "^[A-Z]{2}$")]
    country: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(max_length = 5_000)]
    description: Option<String>,
    #[schema(max_length = 500)]
    address: Option<String>,
    geo: Option<GeoAsk>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 5)]
    stars: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 10)]
    rating: Option<Option<f64>>,
    #[schema(max_items = 60)]
    amenities: Option<Vec<String>>,
    #[schema(max_items = 40)]
    image_urls: Option<Vec<String>>,
    time_zone: Option<String>,
    policies: Option<PoliciesAsk>,
    #[schema(minimum = 120, maximum = 1_800)]
    hold_seconds: Option<i64>,
    #[schema(minimum = 0, maximum = 10_000)]
    tax_bp: Option<i64>,
}

/// Where a hotel stands, in degrees.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GeoAsk {
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
}

/// Hours at the hotel.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoliciesAsk {
    /// Earliest; 15:00 when nobody says.
    #[schema(example = "15:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    check_in_time: Option<String>,
    /// Latest; 11:00 when nobody says.
    #[schema(example = "11:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    check_out_time: Option<String>,
}

/// A field that is there, be it null.
fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

impl NewHotelAsk {
    /// The hotel, and the business if one is named.
    ///
    /// # Errors
    /// Every field that cannot be what it is.
    pub fn into_draft(self) -> Result<(NewHotel, Option<BusinessId>), Problem> {
        let mut fields = Fields::new();
        let business = self.business_id.and_then(|id| fields.id("/businessId", &id));
        let place = place(&mut fields, self.location_id, self.city, self.country);
        if place.is_none() {
            fields.refuse("/locationId", "missing_field", "or city and country must be given");
        }
        let geo = self.geo.read(&mut fields);
        let rating_tenths = self.rating.and_then(|rating| tenths(&mut fields, rating));
        let (check_in, check_out) = self.policies.unwrap_or_default().read(&mut fields);
        let hold_ttl_ms = self.hold_seconds.and_then(|seconds| hold_ms(&mut fields, seconds));
        let (Some(place), Some((latitude_e6, longitude_e6)), true) = (place, geo, fields.is_fine())
        else {
            return Err(fields.problem());
        };
        let draft = NewHotel {
            external_id: self.external_id,
            place,
            name: self.name,
            description: self.description.unwrap_or_default(),
            address: self.address.unwrap_or_default(),
            latitude_e6,
            longitude_e6,
            stars: self.stars,
            rating_tenths,
            amenities: self.amenities.unwrap_or_default(),
            image_urls: self.image_urls.unwrap_or_default(),
            time_zone: self.time_zone,
            currency: self.currency,
            check_in_minutes: check_in.unwrap_or(CHECK_IN_MINUTES),
            check_out_minutes: check_out.unwrap_or(CHECK_OUT_MINUTES),
            hold_ttl_ms: hold_ttl_ms.unwrap_or(HOLD_TTL_MS),
            overbook_cap_bp: self.overbook_bp.unwrap_or(0),
            tax_bp: self.tax_bp.unwrap_or(0),
        };
        Ok((draft, business))
    }
}

impl HotelChangeAsk {
    /// # Errors
    /// Every field that cannot be what it is.
    pub fn into_patch(self) -> Result<HotelPatch, Problem> {
        let mut fields = Fields::new();
        let place = place(&mut fields, self.location_id, self.city, self.country);
        let geo = self.geo.and_then(|geo| geo.read(&mut fields));
        let rating_tenths = self.rating.map(|rating| rating.and_then(|r| tenths(&mut fields, r)));
        let (check_in_minutes, check_out_minutes) =
            self.policies.unwrap_or_default().read(&mut fields);
        let hold_ttl_ms = self.hold_seconds.and_then(|seconds| hold_ms(&mut fields, seconds));
        fields.finish()?;
        Ok(HotelPatch {
            external_id: self.external_id,
            place,
            name: self.name,
            description: self.description,
            address: self.address,
            latitude_e6: geo.map(|(latitude_e6, _)| latitude_e6),
            longitude_e6: geo.map(|(_, longitude_e6)| longitude_e6),
            stars: self.stars,
            rating_tenths,
            amenities: self.amenities,
            image_urls: self.image_urls,
            time_zone: self.time_zone,
            check_in_minutes,
            check_out_minutes,
            hold_ttl_ms,
            tax_bp: self.tax_bp,
        })
    }
}

impl GeoAsk {
    /// Latitude and longitude in micro-degrees.
    fn read(self, fields: &mut Fields) -> Option<(i64, i64)> {
        let mut side = |pointer, value: f64, most: f64| {
            let e6 = scaled(value, 6).filter(|_| (-most..=most).contains(&value));
            if e6.is_none() {
                fields.refuse(pointer, "out_of_range", format!("must be from -{most} to {most}"));
            }
            e6
        };
        let latitude = side("/geo/latitude", self.latitude, 90.0);
        Some((latitude?, side("/geo/longitude", self.longitude, 180.0)?))
    }
}

impl PoliciesAsk {
    /// Check-in and check-out in minutes after midnight.
    fn read(self, fields: &mut Fields) -> (Option<i64>, Option<i64>) {
        let mut time =
            |pointer, text: Option<String>| time_of_day(fields, pointer, text.as_deref()?);
        let check_in = time("/policies/checkInTime", self.check_in_time);
        (check_in, time("/policies/checkOutTime", self.check_out_time))
    }
}

/// A time of the day in minutes after midnight.
pub(super) fn time_of_day(fields: &mut Fields, pointer: &str, text: &str) -> Option<i64> {
    let minutes = minutes_of(text);
    if minutes.is_none() {
        fields.refuse(pointer, "invalid_time", "must be a time of the day as 15:00");
    }
    minutes
}

/// Where it stands: a place by its id, or a city; nothing when nobody says.
fn place(
    fields: &mut Fields,
    location_id: Option<String>,
    city: Option<String>,
    country: Option<String>,
) -> Option<PlaceName> {
    match (location_id, city, country) {
        (Some(id), None, None) => Some(PlaceName::Known(id)),
        (None, Some(name), Some(country)) => Some(PlaceName::City { name, country }),
        (None, None, None) => None,
        (Some(id), ..) => {
            fields.refuse("/locationId", "ambiguous", "or city and country, not both");
            Some(PlaceName::Known(id))
        }
        (None, city, country) => {
            let missing = if city.is_none() { "/city" } else { "/country" };
            fields.refuse(missing, "missing_field", "must be given with the other");
            let (name, country) = (city.unwrap_or_default(), country.unwrap_or_default());
            Some(PlaceName::City { name, country })
        }
    }
}

fn tenths(fields: &mut Fields, rating: f64) -> Option<i64> {
    let tenths = scaled(rating, 1).filter(|tenths| (0..=RATING_TENTHS_MAX).contains(tenths));
    if tenths.is_none() {
        fields.refuse("/rating", "out_of_range", "must be from 0 to 10");
    }
    tenths
}

fn hold_ms(fields: &mut Fields, seconds: i64) -> Option<i64> {
    let range = HOLD_TTL_MS_MIN / 1_000..=HOLD_TTL_MS_MAX / 1_000;
    fields.whole("/holdSeconds", seconds, range).map(|seconds| seconds * 1_000)
}

/// A decimal number as a whole one of its last decimal, rounded; none when that is too large.
#[must_use]
pub fn scaled(value: f64, decimals: usize) -> Option<i64> {
    format!("{value:.decimals$}").replace('.', "").parse().ok()
}

/// `15:05` in minutes after midnight.
fn minutes_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str, most: i64| {
        let is_two = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|value| is_two && *value <= most)
    };
    Some(two(hours, 23)? * 60 + two(minutes, 59)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_number_becomes_a_whole_one() {
        assert_eq!(scaled(38.7223, 6), Some(38_722_300));
        assert_eq!(scaled(-9.139_335_4, 6), Some(-9_139_335));
        assert_eq!(scaled(-0.000_000_1, 6), Some(0));
        assert_eq!(scaled(8.75, 1), Some(88));
        for absurd in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(scaled(absurd, 6), None);
        }
    }

    #[test]
    fn a_time_of_the_day_has_hours_and_minutes() {
        assert_eq!((minutes_of("00:00"), minutes_of("23:59")), (Some(0), Some(1_439)));
        for wrong in ["24:00", "12:60", "3:00", "15", "15:0", "+1:00", "15:00:00", ""] {
            assert_eq!(minutes_of(wrong), None, "{wrong}");
        }
    }
}
