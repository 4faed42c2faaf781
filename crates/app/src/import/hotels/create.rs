//! Makes the hotels that a decided list says to take, through the same use case as everybody, and
//! tells what became of each. A hotel that is there already is left as it is, so an import that
//! was cut short is simply run again.

use std::collections::BTreeMap;

use vacancy_domain::ids::BusinessId;
use vacancy_store::sql::Db;

use super::fates::Applied;
use super::row::HotelRow;
use super::{Decision, rates};
use crate::access::Actor;
use crate::errors::Error;
use crate::hotels::bulk::{Made, NewHouse, create_many};
use crate::hotels::draft::NewHotel;
use crate::ids::Ids;
use crate::locations::PlaceName;
use crate::room_types::NewRoomType;

/// The one room type of a house of which only the number of rooms is known.
pub const ROOM_TYPE: &str = "STANDARD";

/// Whether imported rooms have a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prices {
    /// Nothing is sold until somebody sets a rate.
    None,
    /// Made up, so that a search finds something.
    Sample,
}

/// Makes every hotel to be taken, for a business. The answer is by the list's own id.
///
/// # Errors
/// When the store fails; what was made until then stays, and a second run goes on.
pub async fn create_all(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    business: BusinessId,
    decision: &Decision,
    prices: Prices,
) -> Result<BTreeMap<String, Applied>, Error> {
    let place = |place: &super::Place| (place.location_id.clone(), place.name.clone());
    let city_names: BTreeMap<String, String> = decision.places.iter().map(place).collect();
    let rows: Vec<&HotelRow> = decision.taken().collect();
    let houses: Vec<NewHouse> = rows.iter().map(|row| house_of(row, &city_names, prices)).collect();
    let made = create_many(db, ids, actor, business, &houses).await?;
    Ok(rows.iter().map(|row| row.id.clone()).zip(made.into_iter().map(applied)).collect())
}

fn applied(made: Made) -> Applied {
    match made {
        Made::Created(_) => Applied::Created,
        Made::AlreadyThere(_) => Applied::AlreadyThere,
        Made::Refused(fields) => {
            let wrong = |field: &crate::errors::FieldError| {
                format!("{} {}", field.pointer.trim_start_matches('/'), field.code)
            };
            Applied::Refused { code: fields.iter().map(wrong).collect::<Vec<_>>().join(", ") }
        }
    }
}

fn house_of(row: &HotelRow, city_names: &BTreeMap<String, String>, prices: Prices) -> NewHouse {
    let city = city_names.get(&row.location_id).unwrap_or(&row.city);
    let place = PlaceName::City { name: city.clone(), country: row.country.clone() };
    let hotel = NewHotel {
        external_id: Some(row.id.clone()),
        description: description_of(row),
        latitude_e6: row.lat_e6,
        longitude_e6: row.lon_e6,
        stars: row.stars,
        ..NewHotel::named(&row.name, place, &row.time_zone, row.currency.code())
    };
    let base_rate_minor = match prices {
        Prices::None => None,
        Prices::Sample => Some(rates::base_night(&row.id, row.stars, row.currency).minor),
    };
    let standard = |rooms| NewRoomType {
        name: "Standard room".to_owned(),
        ..NewRoomType::coded(ROOM_TYPE, rooms, base_rate_minor)
    };
    NewHouse { hotel, room_types: row.rooms.map(standard).into_iter().collect() }
}

/// What kind of house it is, and where its data comes from: the licences ask for it.
fn description_of(row: &HotelRow) -> String {
    let kind = row.kind.replace('_', " ");
    let brand = row.brand.as_ref().map(|brand| format!(" of {brand}")).unwrap_or_default();
    let mut text = format!("A {kind}{brand} in {}.", row.city);
    if !row.source.is_empty() {
        text.push_str(&format!(" Source: {}, {}, as of {}.", row.source, row.licence, row.as_of));
    }
    text
}

#[cfg(test)]
mod tests {
    use vacancy_domain::money::Currency;

    use super::*;

    fn row() -> HotelRow {
        HotelRow {
            id: "osm:node/1".to_owned(),
            name: "Casa Test".to_owned(),
            lat_e6: 42_500_000,
            lon_e6: 1_500_000,
            city: "la Massana".to_owned(),
            location_id: "la-massana-ad".to_owned(),
            country: "AD".to_owned(),
            currency: Currency::EUR,
            time_zone: "Europe/Andorra".to_owned(),
            stars: Some(3),
            rooms: Some(12),
            brand: Some("Ibis".to_owned()),
            kind: "guest_house".to_owned(),
            source: "osm".to_owned(),
            licence: "ODbL-1.0".to_owned(),
            as_of: "2026-01".to_owned(),
        }
    }

    #[test]
    fn a_row_becomes_a_house_under_the_citys_usual_name() {
        let names = BTreeMap::from([("la-massana-ad".to_owned(), "La Massana".to_owned())]);
        let house = house_of(&row(), &names, Prices::Sample);
        let place = PlaceName::City { name: "La Massana".to_owned(), country: "AD".to_owned() };
        assert_eq!(house.hotel.place, place);
        assert_eq!(
            house.hotel.description,
            "A guest house of Ibis in la Massana. Source: osm, ODbL-1.0, as of 2026-01."
        );
        let types: Vec<_> =
            house.room_types.iter().map(|kind| (kind.code.as_str(), kind.capacity)).collect();
        assert_eq!(types, [("STANDARD", 12)]);
        assert!(house.room_types[0].base_rate_minor.is_some());
    }

    #[test]
    fn without_a_room_count_there_is_nothing_to_sell_and_without_prices_nothing_sold() {
        let none = BTreeMap::new();
        let profile = house_of(&HotelRow { rooms: None, ..row() }, &none, Prices::Sample);
        assert_eq!(profile.room_types, []);
        assert_eq!(house_of(&row(), &none, Prices::None).room_types[0].base_rate_minor, None);
    }

    #[test]
    fn a_refusal_names_its_fields() {
        let field = |pointer: &str| crate::errors::FieldError::new(pointer, "too_long", "");
        let refused = applied(Made::Refused(vec![field("/name"), field("/externalId")]));
        let code = "name too_long, externalId too_long".to_owned();
        assert_eq!(refused, Applied::Refused { code });
    }
}
