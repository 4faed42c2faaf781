//! What a caller says about a hotel before there is one, or about one that is to change: defaults
//! for what is left out, and every field checked.

use vacancy_domain::holds::HOLD_TTL_MS;
use vacancy_domain::hotels::{Checks, Hotel, Location, Wrong, check_hotel};
use vacancy_domain::ids::{BusinessId, PropertyId};
use vacancy_domain::money::Currency;

use super::location_of;
use crate::errors::Error;
use crate::fields::invalid_unless_clean;
use crate::locations::{PlaceName, place_of};

/// Earliest check-in when nobody says otherwise: 15:00.
pub const CHECK_IN_MINUTES: i64 = 15 * 60;
/// Latest check-out when nobody says otherwise: 11:00.
pub const CHECK_OUT_MINUTES: i64 = 11 * 60;

/// A hotel to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHotel {
    pub external_id: Option<String>,
    pub place: PlaceName,
    pub name: String,
    pub description: String,
    pub address: String,
    pub latitude_e6: i64,
    pub longitude_e6: i64,
    pub stars: Option<i64>,
    pub rating_tenths: Option<i64>,
    pub amenities: Vec<String>,
    pub image_urls: Vec<String>,
    /// IANA name.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
    pub check_in_minutes: i64,
    pub check_out_minutes: i64,
    pub hold_ttl_ms: i64,
    pub overbook_cap_bp: i64,
    pub tax_bp: i64,
}

impl NewHotel {
    /// A hotel of which nothing else is known.
    #[must_use]
    pub fn named(name: &str, place: PlaceName, time_zone: &str, currency: &str) -> NewHotel {
        NewHotel {
            external_id: None,
            place,
            name: name.to_owned(),
            description: String::new(),
            address: String::new(),
            latitude_e6: 0,
            longitude_e6: 0,
            stars: None,
            rating_tenths: None,
            amenities: Vec::new(),
            image_urls: Vec::new(),
            time_zone: time_zone.to_owned(),
            currency: currency.to_owned(),
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            hold_ttl_ms: HOLD_TTL_MS,
            overbook_cap_bp: 0,
            tax_bp: 0,
        }
    }

    /// The hotel, and its place if that may have to be made.
    pub fn to_hotel(
        &self,
        id: PropertyId,
        business: BusinessId,
    ) -> Result<(Hotel, Option<Location>), Error> {
        let mut checks = Checks::default();
        let place = place_of(&self.place, (self.latitude_e6, self.longitude_e6), &mut checks);
        let currency = self.currency.parse().unwrap_or_else(|_| {
            checks.add("currency", Wrong::Unknown);
            Currency::EUR
        });
        let hotel = Hotel {
            id,
            business,
            location: location_of(&self.place, place.as_ref()),
            external_id: self.external_id.clone(),
            name: self.name.trim().to_owned(),
            description: self.description.clone(),
            address: self.address.trim().to_owned(),
            latitude_e6: self.latitude_e6,
            longitude_e6: self.longitude_e6,
            stars: self.stars,
            rating_tenths: self.rating_tenths,
            amenities: self.amenities.clone(),
            image_urls: self.image_urls.clone(),
            time_zone: self.time_zone.clone(),
            currency,
            check_in_minutes: self.check_in_minutes,
            check_out_minutes: self.check_out_minutes,
            hold_ttl_ms: self.hold_ttl_ms,
            overbook_cap_bp: self.overbook_cap_bp,
            tax_bp: self.tax_bp,
            created_at_ms: 0,
            version: 1,
        };
        checks.defects.extend(check_hotel(&hotel));
        invalid_unless_clean(checks.defects)?;
        Ok((hotel, place))
    }
}

/// What is to change of a hotel; `None` leaves it. The currency never changes, and the overbooking
/// cap has a call of its own since it moves nights.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HotelPatch {
    pub external_id: Option<Option<String>>,
    pub place: Option<PlaceName>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub address: Option<String>,
    pub latitude_e6: Option<i64>,
    pub longitude_e6: Option<i64>,
    pub stars: Option<Option<i64>>,
    pub rating_tenths: Option<Option<i64>>,
    pub amenities: Option<Vec<String>>,
    pub image_urls: Option<Vec<String>>,
    pub time_zone: Option<String>,
    pub check_in_minutes: Option<i64>,
    pub check_out_minutes: Option<i64>,
    pub hold_ttl_ms: Option<i64>,
    pub tax_bp: Option<i64>,
}

impl HotelPatch {
    /// The hotel with the changes, and its new place if that may have to be made.
    pub(super) fn applied_to(&self, old: &Hotel) -> Result<(Hotel, Option<Location>), Error> {
        let mut checks = Checks::default();
        let latitude_e6 = self.latitude_e6.unwrap_or(old.latitude_e6);
        let longitude_e6 = self.longitude_e6.unwrap_or(old.longitude_e6);
        let place = self
            .place
            .as_ref()
            .and_then(|name| place_of(name, (latitude_e6, longitude_e6), &mut checks));
        let location = match &self.place {
            Some(name) => location_of(name, place.as_ref()),
            None => old.location.clone(),
        };
        let text = |new: &Option<String>, old: &String| new.clone().unwrap_or_else(|| old.clone());
        let list = |new: &Option<Vec<String>>, old: &Vec<String>| {
            new.clone().unwrap_or_else(|| old.clone())
        };
        let hotel = Hotel {
            location,
            external_id: self.external_id.clone().unwrap_or_else(|| old.external_id.clone()),
            name: text(&self.name, &old.name).trim().to_owned(),
            description: text(&self.description, &old.description),
            address: text(&self.address, &old.address),
            latitude_e6,
            longitude_e6,
            stars: self.stars.unwrap_or(old.stars),
            rating_tenths: self.rating_tenths.unwrap_or(old.rating_tenths),
            amenities: list(&self.amenities, &old.amenities),
            image_urls: list(&self.image_urls, &old.image_urls),
            time_zone: text(&self.time_zone, &old.time_zone),
            check_in_minutes: self.check_in_minutes.unwrap_or(old.check_in_minutes),
            check_out_minutes: self.check_out_minutes.unwrap_or(old.check_out_minutes),
            hold_ttl_ms: self.hold_ttl_ms.unwrap_or(old.hold_ttl_ms),
            tax_bp: self.tax_bp.unwrap_or(old.tax_bp),
            ..old.clone()
        };
        checks.defects.extend(check_hotel(&hotel));
        invalid_unless_clean(checks.defects)?;
        Ok((hotel, place))
    }
}
