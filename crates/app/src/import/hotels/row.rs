//! One row of a list of places to stay: its text made clean, its numbers made exact, or the one
//! reason why the row cannot be used. A row is judged by itself here; duplicates are not seen.

use vacancy_domain::money::Currency;
use vacancy_domain::names;

use super::currency;
use super::refused::Refused;
use super::text::{self, Repair};

/// The columns of a list, in the order [`parse`] takes them. Others may stand beside them.
pub const COLUMNS: [&str; 15] = [
    "id", "name", "lat", "lon", "city", "country", "stars", "rooms", "brand", "kind", "timezone",
    "source", "licence", "as_of", "dup_of",
];

/// Most rooms of one house: the largest hotels of the world have fewer.
pub const ROOMS_MAX: i64 = 10_000;

/// Most stars of one house.
pub const STARS_MAX: i64 = 5;

/// Micro-degrees in one degree.
const DEGREE_E6: i64 = 1_000_000;

/// A place to stay as it will be created. `id` is the list's own and stays the external id, so
/// that the same list twice creates nothing twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotelRow {
    pub id: String,
    pub name: String,
    /// Latitude and longitude in micro-degrees (about 0.1 m).
    pub lat_e6: i64,
    pub lon_e6: i64,
    pub city: String,
    pub location_id: String,
    /// ISO 3166, two capital letters.
    pub country: String,
    pub currency: Currency,
    /// IANA name.
    pub time_zone: String,
    /// `None`: not known, which is not the same as no star.
    pub stars: Option<i64>,
    /// `None`: not known; then the place has a profile and nothing to sell.
    pub rooms: Option<i64>,
    pub brand: Option<String>,
    pub kind: String,
    /// Where the row came from, under which licence, and when it was true.
    pub source: String,
    pub licence: String,
    pub as_of: String,
}

/// What one row says, before rows are compared with each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub hotel: HotelRow,
    /// The id of the row that this one repeats, by the list's own word.
    pub dup_of: Option<String>,
    pub repairs: Vec<Repair>,
}

/// The fields of a row, cleaned once, by the place of their column in [`COLUMNS`].
struct Fields {
    texts: Vec<String>,
}

impl Fields {
    fn get(&self, column: &str) -> &str {
        let place = COLUMNS.iter().position(|known| *known == column);
        place.and_then(|place| self.texts.get(place)).map_or("", String::as_str)
    }

    fn optional(&self, column: &str) -> Option<String> {
        let text = self.get(column);
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// Reads the fields of one row, in the order of [`COLUMNS`]. Checks run in a fixed order and the
/// first defect is the reason.
pub fn parse(raw: &[String]) -> Result<Parsed, Refused> {
    let mut repairs = Vec::new();
    let mut texts = Vec::with_capacity(raw.len());
    for field in raw {
        let (cleaned, done) = text::clean(field);
        texts.push(cleaned);
        repairs.extend(done);
    }
    repairs.sort_unstable();
    repairs.dedup();
    let fields = Fields { texts };

    let id = fields.optional("id").ok_or(Refused::IdMissing)?;
    let name = parse_name(fields.get("name"))?;
    let (lat_e6, lon_e6) = parse_coordinates(fields.get("lat"), fields.get("lon"))?;
    let city = fields.optional("city").ok_or(Refused::CityMissing)?;
    let (country, currency) = parse_country(fields.get("country"))?;
    let time_zone = parse_time_zone(fields.get("timezone"))?;
    let stars = parse_stars(fields.get("stars"))?;
    let rooms = parse_rooms(fields.get("rooms"))?;
    let hotel = HotelRow {
        location_id: names::location_id(&city, &country),
        brand: fields.optional("brand"),
        kind: fields.optional("kind").unwrap_or_else(|| "hotel".to_owned()),
        source: fields.get("source").to_owned(),
        licence: fields.get("licence").to_owned(),
        as_of: fields.get("as_of").to_owned(),
        id,
        name,
        lat_e6,
        lon_e6,
        city,
        country,
        currency,
        time_zone,
        stars,
        rooms,
    };
    Ok(Parsed { hotel, dup_of: fields.optional("dup_of"), repairs })
}

fn parse_name(name: &str) -> Result<String, Refused> {
    if name.is_empty() {
        return Err(Refused::NameMissing);
    }
    if !name.chars().any(char::is_alphabetic) {
        return Err(Refused::NameWithoutLetter { name: name.to_owned() });
    }
    // Barcelona's register writes a closed house's state into its name.
    if name.to_lowercase().contains("*temporalment tancat") {
        return Err(Refused::Closed { name: name.to_owned() });
    }
    Ok(name.to_owned())
}

fn parse_coordinates(lat: &str, lon: &str) -> Result<(i64, i64), Refused> {
    if lat.is_empty() || lon.is_empty() {
        return Err(Refused::CoordinatesMissing);
    }
    let unreadable = || Refused::CoordinatesUnreadable { text: format!("{lat}, {lon}") };
    let lat_e6 = parse_degrees(lat).ok_or_else(unreadable)?;
    let lon_e6 = parse_degrees(lon).ok_or_else(unreadable)?;
    if 90 * DEGREE_E6 < lat_e6.abs() || 180 * DEGREE_E6 < lon_e6.abs() {
        return Err(Refused::CoordinatesOutOfRange { text: format!("{lat}, {lon}") });
    }
    // 0, 0 is open sea and what many programs write when they know nothing.
    if lat_e6 == 0 && lon_e6 == 0 {
        return Err(Refused::CoordinatesMissing);
    }
    Ok((lat_e6, lon_e6))
}

/// `-12.345678` as micro-degrees; decimals after the sixth are cut (0.1 m).
fn parse_degrees(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || 6 < whole.len() || !is_number(whole) || !is_number(decimals) {
        return None;
    }
    let kept: String = decimals.chars().chain("000000".chars()).take(6).collect();
    let value_e6 = whole.parse::<i64>().ok()? * DEGREE_E6 + kept.parse::<i64>().ok()?;
    Some(if negative { -value_e6 } else { value_e6 })
}

fn parse_country(text: &str) -> Result<(String, Currency), Refused> {
    if text.is_empty() {
        return Err(Refused::CountryMissing);
    }
    let country = text.to_ascii_uppercase();
    let unknown = || Refused::CountryUnknown { text: text.to_owned() };
    let currency = currency::in_country(&country).ok_or_else(unknown)?;
    Ok((country, currency))
}

fn parse_time_zone(text: &str) -> Result<String, Refused> {
    if text.is_empty() {
        return Err(Refused::TimeZoneMissing);
    }
    let unknown = || Refused::TimeZoneUnknown { text: text.to_owned() };
    let zone = jiff::tz::TimeZone::get(text).map_err(|_| unknown())?;
    match zone.iana_name() {
        Some(name) if !zone.is_unknown() => Ok(name.to_owned()),
        Some(_) | None => Err(unknown()),
    }
}

fn parse_stars(text: &str) -> Result<Option<i64>, Refused> {
    if text.is_empty() {
        return Ok(None);
    }
    let unreadable = || Refused::StarsUnreadable { text: text.to_owned() };
    let stars: i64 = text.parse().map_err(|_| unreadable())?;
    if !(1..=STARS_MAX).contains(&stars) {
        return Err(Refused::StarsOutOfRange { stars });
    }
    Ok(Some(stars))
}

fn parse_rooms(text: &str) -> Result<Option<i64>, Refused> {
    if text.is_empty() {
        return Ok(None);
    }
    let unreadable = || Refused::RoomsUnreadable { text: text.to_owned() };
    let rooms: i64 = text.parse().map_err(|_| unreadable())?;
    if !(1..=ROOMS_MAX).contains(&rooms) {
        return Err(Refused::RoomsOutOfRange { rooms });
    }
    Ok(Some(rooms))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One good row with some columns changed: `lat=91 lon=` and so on.
    fn parsed(changes: &[(&str, &str)]) -> Result<Parsed, Refused> {
        let good =
            "o:1|Hôtel A|48.85|2.35|Paris|FR|3|40|Ibis|hotel|Europe/Paris|osm|ODbL-1.0|2026|";
        let mut fields: Vec<String> = good.split('|').map(str::to_owned).collect();
        for (column, value) in changes {
            let place = COLUMNS.iter().position(|known| known == column).expect("a column");
            fields[place] = (*value).to_owned();
        }
        parse(&fields)
    }

    fn check(column: &str, value: &str, refused: &str) {
        let seen = match parsed(&[(column, value)]) {
            Ok(_) => "taken".to_owned(),
            Err(refused) => refused.to_string(),
        };
        assert_eq!(seen, refused, "{column} = {value:?}");
    }

    #[test]
    fn a_good_row_becomes_a_hotel() {
        let row = parsed(&[("lat", "-33.8688197"), ("country", "fr")]).expect("taken").hotel;
        assert_eq!((row.lat_e6, row.lon_e6), (-33_868_819, 2_350_000));
        assert_eq!((row.location_id.as_str(), row.currency.code()), ("paris-fr", "EUR"));
        assert_eq!((row.stars, row.rooms), (Some(3), Some(40)));
    }

    #[test]
    fn what_is_not_known_stays_unknown() {
        let row = parsed(&[("stars", ""), ("rooms", ""), ("brand", " ")]).expect("taken").hotel;
        assert_eq!((row.stars, row.rooms, row.brand), (None, None, None));
    }

    #[test]
    fn every_defect_has_its_reason() {
        check("id", "  ", "id_missing");
        check("name", "\u{200B} ", "name_missing");
        check("name", "1", "name_without_letter: 1");
        check("name", "Rey *Temporalment tancat", "closed: Rey *Temporalment tancat");
        check("lat", "", "coordinates_missing");
        check("lat", "48,85", "coordinates_unreadable: 48,85, 2.35");
        check("lat", "NaN", "coordinates_unreadable: NaN, 2.35");
        check("lat", "1e1", "coordinates_unreadable: 1e1, 2.35");
        check("lat", "90.000001", "coordinates_out_of_range: 90.000001, 2.35");
        check("lon", "-181", "coordinates_out_of_range: 48.85, -181");
        check("city", "", "city_missing");
        check("country", "", "country_missing");
        check("country", "ZZ", "country_unknown: ZZ");
        check("timezone", "", "time_zone_missing");
        check("timezone", "Europe/Atlantis", "time_zone_unknown: Europe/Atlantis");
        check("timezone", "../../etc/passwd", "time_zone_unknown: ../../etc/passwd");
        check("stars", "three", "stars_unreadable: three");
        check("stars", "7", "stars_out_of_range: 7 is not within 1 to 5");
        check("rooms", "0", "rooms_out_of_range: 0 is not within 1 to 10000");
        check("rooms", "-4", "rooms_out_of_range: -4 is not within 1 to 10000");
        check("rooms", "100000", "rooms_out_of_range: 100000 is not within 1 to 10000");
        check("rooms", "12.5", "rooms_unreadable: 12.5");
        check("rooms", "99999999999999999999", "rooms_unreadable: 99999999999999999999");
    }

    #[test]
    fn open_sea_is_no_place() {
        let refused = parsed(&[("lat", "0"), ("lon", "0.000")]);
        assert_eq!(refused, Err(Refused::CoordinatesMissing));
    }
}
