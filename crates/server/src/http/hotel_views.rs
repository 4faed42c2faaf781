//! Hotels and room types on the wire: what everybody sees, and what whoever runs the hotel sees
//! beside it. Nothing is decided here.

use serde::Serialize;
use utoipa::ToSchema;
use vacancy_app::access::{Actor, On};
use vacancy_app::hotels::Profile;
use vacancy_domain::access::Action;
use vacancy_domain::hotels::{Hotel, Location, RoomType};
use vacancy_domain::money::{Currency, Money};

use super::fields::{Amount, instant};
use super::policy_views::{HotelCancellation, in_words};

/// A hotel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HotelView {
    #[schema(format = Uuid, example = "0192f3a4-b5c6-7d8e-9f01-23456789abcd")]
    hotel_id: String,
    #[schema(example = "Casa da Ribeira")]
    name: String,
    description: String,
    #[schema(example = "lisbon-pt")]
    location_id: String,
    /// Left out in lists over several places, as the country.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Lisbon")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PT")]
    country: Option<String>,
    #[schema(example = "Rua das Flores 12, 1200-195 Lisbon")]
    address: String,
    geo: HotelGeo,
    /// Null: not known.
    #[schema(required = true, minimum = 1, maximum = 5)]
    stars: Option<i64>,
    /// Of ten points. Null: not known.
    #[schema(required = true, minimum = 0, maximum = 10, example = 8.7)]
    rating: Option<f64>,
    #[schema(example = json!(["wifi", "breakfast"]))]
    amenities: Vec<String>,
    image_urls: Vec<String>,
    policies: HotelPolicies,
    /// In the order of their codes; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    room_types: Option<Vec<RoomTypeView>>,
    /// IANA name.
    #[schema(example = "Europe/Lisbon")]
    time_zone: String,
    #[schema(example = "EUR")]
    currency: String,
    version: i64,
    /// For whoever runs the hotel.
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<HotelSettings>,
}

/// Where a hotel stands, in degrees.
#[derive(Debug, Serialize, ToSchema)]
pub struct HotelGeo {
    #[schema(example = 38.7223)]
    latitude: f64,
    #[schema(example = -9.1393)]
    longitude: f64,
}

/// What a guest agrees to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HotelPolicies {
    /// Earliest, at the hotel.
    #[schema(example = "15:00")]
    check_in_time: String,
    /// Latest, at the hotel.
    #[schema(example = "11:00")]
    check_out_time: String,
    /// At the standard rate; in the profile of a hotel only.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation: Option<HotelCancellation>,
}

/// What its bookings follow.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HotelSettings {
    business_id: String,
    /// What another system calls it.
    #[schema(required = true)]
    external_id: Option<String>,
    /// How long rooms are kept for a guest who has not paid.
    #[schema(example = 600)]
    hold_seconds: i64,
    /// How far any room type may sell above what there is, in hundredths of a percent.
    overbook_bp: i64,
    /// Tax on every stay, in hundredths of a percent; counts until the hotel has taxes of its own.
    #[schema(example = 600)]
    tax_bp: i64,
    #[schema(format = DateTime)]
    created_at: String,
}

/// A room type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomTypeView {
    room_type_id: String,
    #[schema(example = "DELUXE")]
    code: String,
    #[schema(example = "Deluxe double room")]
    name: String,
    description: String,
    #[schema(example = "1 king bed")]
    beds: String,
    image_urls: Vec<String>,
    #[schema(example = 2)]
    adults_max: i64,
    #[schema(example = 1)]
    children_max: i64,
    /// Adults and children together.
    #[schema(example = 3)]
    guests_max: i64,
    /// Rooms of this type on a night for which nothing else is set.
    #[schema(example = 12)]
    capacity: i64,
    /// A night for which no other rate is set. Null: only such nights are sold.
    #[schema(required = true)]
    base_rate: Option<Amount>,
    /// Left out within a hotel, which has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<HotelPolicies>,
    version: i64,
}

/// All that is shown of a hotel to this caller.
#[must_use]
pub fn profile(profile: &Profile, actor: &Actor) -> HotelView {
    let currency = profile.hotel.currency;
    let types = profile.room_types.iter().map(|room_type| room_type_within(room_type, currency));
    let mut view = hotel(&profile.hotel, Some(&profile.location), actor);
    view.room_types = Some(types.collect());
    view.policies.cancellation = Some(in_words(profile.policy.as_ref(), currency));
    view
}

/// A hotel in a list, with its place when the list knows it.
#[must_use]
pub fn hotel(hotel: &Hotel, place: Option<&Location>, actor: &Actor) -> HotelView {
    HotelView {
        hotel_id: hotel.id.to_string(),
        name: hotel.name.clone(),
        description: hotel.description.clone(),
        location_id: hotel.location.clone(),
        city: place.map(|place| place.name.clone()),
        country: place.map(|place| place.country.clone()),
        address: hotel.address.clone(),
        geo: HotelGeo {
            latitude: degrees(hotel.latitude_e6),
            longitude: degrees(hotel.longitude_e6),
        },
        stars: hotel.stars,
        rating: hotel.rating_tenths.map(points),
        amenities: hotel.amenities.clone(),
        image_urls: hotel.image_urls.clone(),
        policies: policies(hotel),
        room_types: None,
        time_zone: hotel.time_zone.clone(),
        currency: hotel.currency.code().to_owned(),
        version: hotel.version,
        settings: runs(actor, hotel).then(|| settings(hotel)),
    }
}

/// Whether this caller is shown the settings.
#[must_use]
pub fn runs(actor: &Actor, hotel: &Hotel) -> bool {
    let on = On::Business(hotel.business);
    [Action::ReadInventory, Action::ChangeHotels]
        .iter()
        .any(|action| actor.may(*action, on).is_ok())
}

#[must_use]
pub fn room_type(room_type: &RoomType, hotel: &Hotel) -> RoomTypeView {
    let policies = Some(policies(hotel));
    RoomTypeView { policies, ..room_type_within(room_type, hotel.currency) }
}

fn room_type_within(room_type: &RoomType, currency: Currency) -> RoomTypeView {
    RoomTypeView {
        room_type_id: room_type.pool.to_string(),
        code: room_type.code.clone(),
        name: room_type.name.clone(),
        description: room_type.description.clone(),
        beds: room_type.beds.clone(),
        image_urls: room_type.image_urls.clone(),
        adults_max: room_type.adults_max,
        children_max: room_type.children_max,
        guests_max: room_type.guests_max,
        capacity: room_type.stock.capacity,
        base_rate: room_type.base_rate_minor.map(|minor| Money::new(minor, currency).into()),
        policies: None,
        version: room_type.version,
    }
}

fn policies(hotel: &Hotel) -> HotelPolicies {
    HotelPolicies {
        check_in_time: time_of_day(hotel.check_in_minutes),
        check_out_time: time_of_day(hotel.check_out_minutes),
        cancellation: None,
    }
}

fn settings(hotel: &Hotel) -> HotelSettings {
    HotelSettings {
        business_id: hotel.business.to_string(),
        external_id: hotel.external_id.clone(),
        hold_seconds: hotel.hold_ttl_ms / 1_000,
        overbook_bp: hotel.overbook_cap_bp,
        tax_bp: hotel.tax_bp,
        created_at: instant(hotel.created_at_ms),
    }
}

pub(super) fn time_of_day(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Micro-degrees as degrees.
#[must_use]
pub fn degrees(e6: i64) -> f64 {
    i32::try_from(e6).map_or(0.0, f64::from) / 1e6
}

/// Tenths of a point as points.
#[must_use]
pub fn points(tenths: i64) -> f64 {
    i32::try_from(tenths).map_or(0.0, f64::from) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_points_and_times_are_told_as_people_write_them() {
        assert_eq!(serde_json::json!(degrees(-9_139_335)).to_string(), "-9.139335");
        assert_eq!(serde_json::json!(points(87)).to_string(), "8.7");
        assert_eq!((time_of_day(0), time_of_day(905)), ("00:00".to_owned(), "15:05".to_owned()));
    }
}
