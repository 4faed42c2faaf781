//! The demonstration: invented hotels in real cities, the same on every machine and every day.
//!
//! Only data stands here, in the words of the store. It must not know today's date, draw a random
//! number or write anything; whoever seeds a business reads [`PLACES`]. No name is meant to be that
//! of a real house.

mod americas;
mod asia;
mod europe;
mod iberia;
mod mediterranean;

/// Every city of the demonstration with its hotels.
pub const PLACES: &[Place] = &[
    iberia::LISBON,
    iberia::PORTO,
    iberia::BARCELONA,
    europe::PARIS,
    europe::ROME,
    europe::COPENHAGEN,
    europe::ATHENS,
    mediterranean::ISTANBUL,
    mediterranean::MARRAKESH,
    mediterranean::TUNIS,
    asia::KYOTO,
    asia::JAIPUR,
    asia::MUMBAI,
    americas::MEXICO_CITY,
];

/// A city: one location of the search.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Such as `lisbon-pt`.
    pub location_id: &'static str,
    pub name: &'static str,
    pub country: &'static str,
    pub latitude_e6: i64,
    pub longitude_e6: i64,
    pub time_zone: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// One flat tax on top of the rate, in basis points.
    pub tax_bp: i64,
    pub picture: Picture,
    pub hotels: &'static [Hotel],
}

#[derive(Debug, Clone, Copy)]
pub struct Hotel {
    /// Unique in the demonstration: its external id.
    pub slug: &'static str,
    pub name: &'static str,
    pub street: &'static str,
    /// The part of the city, as people call it.
    pub area: &'static str,
    pub latitude_e6: i64,
    pub longitude_e6: i64,
    pub stars: Option<i64>,
    /// Guest score out of ten, in tenths.
    pub rating_tenths: i64,
    /// Codes such as `wifi`; pages have words for them.
    pub amenities: &'static [&'static str],
    pub description: &'static str,
    /// Minutes after midnight at the property.
    pub check_in_minutes: i64,
    pub check_out_minutes: i64,
    pub picture: Picture,
    pub room_types: &'static [RoomType],
}

/// What the generated drawings of a hotel start from.
#[derive(Debug, Clone, Copy)]
pub struct Picture {
    /// `coast`, `river`, `mountains`, `city`, `desert`, `old-town` or `garden`.
    pub scene: &'static str,
    pub seed: u64,
}

#[derive(Debug, Clone, Copy)]
pub struct RoomType {
    pub code: &'static str,
    pub name: &'static str,
    pub beds: &'static str,
    pub description: &'static str,
    pub adults_max: i64,
    pub children_max: i64,
    pub units: i64,
    /// Per night and room, before tax, in minor units of the place's currency.
    pub base_rate_minor: i64,
}

/// Check-in from three, check-out until eleven: what most houses do.
const CHECK_IN_MINUTES: i64 = 15 * 60;
const CHECK_OUT_MINUTES: i64 = 11 * 60;

/// Rooms on one floor, as their numbers count them.
const ROOMS_PER_FLOOR: i64 = 12;

const SINGLE: RoomType = RoomType {
    code: "SINGLE",
    name: "Single room",
    beds: "1 single bed",
    description: "A small, quiet room with a good bed, a desk and its own shower.",
    adults_max: 1,
    children_max: 0,
    units: 0,
    base_rate_minor: 0,
};

const STANDARD: RoomType = RoomType {
    code: "STANDARD",
    name: "Standard double",
    beds: "1 double bed",
    description: "A calm double room with a walk-in shower, blackout curtains and a kettle.",
    adults_max: 2,
    children_max: 0,
    units: 0,
    base_rate_minor: 0,
};

const TWIN: RoomType = RoomType {
    code: "TWIN",
    name: "Twin room",
    beds: "2 single beds",
    description: "Two single beds that can be pushed together, a shower and a table for two.",
    adults_max: 2,
    children_max: 0,
    units: 0,
    base_rate_minor: 0,
};

const DELUXE: RoomType = RoomType {
    code: "DELUXE",
    name: "Deluxe double",
    beds: "1 king bed",
    description: "A larger room with a king bed, an armchair by the window and a bath.",
    adults_max: 2,
    children_max: 1,
    units: 0,
    base_rate_minor: 0,
};

const FAMILY: RoomType = RoomType {
    code: "FAMILY",
    name: "Family room",
    beds: "1 double bed, 2 single beds",
    description: "Space for four: a double bed, two single beds behind a sliding door, one bath.",
    adults_max: 2,
    children_max: 2,
    units: 0,
    base_rate_minor: 0,
};

const SUITE: RoomType = RoomType {
    code: "SUITE",
    name: "Suite",
    beds: "1 king bed, 1 sofa bed",
    description: "A bedroom and a living room, each with its own window, and a deep bath.",
    adults_max: 3,
    children_max: 1,
    units: 0,
    base_rate_minor: 0,
};

impl Place {
    /// The address of a drawing of the city.
    pub fn image_url(&self) -> String {
        self.picture.path("place", 0)
    }
}

impl Hotel {
    /// Addresses of the drawings: the front first, then one per room type, then the place.
    pub fn image_urls(&self) -> Vec<String> {
        let mut urls = vec![self.picture.path("hotel", 0)];
        urls.extend(self.room_types.iter().map(|room_type| self.room_image_url(room_type)));
        urls.push(self.picture.path("place", 0));
        urls
    }

    pub fn room_image_url(&self, room_type: &RoomType) -> String {
        let same = |other: &RoomType| other.code == room_type.code;
        let place = self.room_types.iter().take_while(|other| !same(other)).count();
        self.picture.path("room", u64::try_from(place).unwrap_or(0))
    }

    /// "Beco do Limoal 9, Alfama"
    pub fn address(&self) -> String {
        format!("{}, {}", self.street, self.area)
    }

    /// Every physical room with the code of its type: 101 to 112 on the first floor, and so on up,
    /// the types in their order.
    pub fn rooms(&self) -> Vec<(String, &'static str)> {
        let codes = self
            .room_types
            .iter()
            .flat_map(|room_type| (0..room_type.units).map(move |_unit| room_type.code));
        (0_i64..)
            .zip(codes)
            .map(|(index, code)| {
                let floor = index / ROOMS_PER_FLOOR + 1;
                (format!("{floor}{:02}", index % ROOMS_PER_FLOOR + 1), code)
            })
            .collect()
    }
}

impl Picture {
    fn path(&self, kind: &str, offset: u64) -> String {
        format!("/pictures/{kind}-{}-{}.svg", self.scene, self.seed + offset)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use vacancy_domain::money::Currency;

    use super::*;

    fn hotels() -> impl Iterator<Item = (&'static Place, &'static Hotel)> {
        PLACES.iter().flat_map(|place| place.hotels.iter().map(move |hotel| (place, hotel)))
    }

    #[test]
    fn forty_hotels_stand_in_a_dozen_cities_each_under_its_own_name() {
        let slugs: BTreeSet<_> = hotels().map(|(_, hotel)| hotel.slug).collect();
        let names: BTreeSet<_> = hotels().map(|(_, hotel)| hotel.name).collect();
        let pictures: BTreeSet<_> = hotels().map(|(_, hotel)| hotel.image_urls()).collect();
        let count = hotels().count();
        assert!(40 <= count && 12 <= PLACES.len(), "{count} hotels in {} cities", PLACES.len());
        assert_eq!((slugs.len(), names.len(), pictures.len()), (count, count, count));
    }

    #[test]
    fn money_of_no_two_and_three_decimals_is_among_them() {
        let decimals: BTreeSet<u32> = PLACES
            .iter()
            .map(|place| place.currency.parse::<Currency>().expect("a currency").decimals())
            .collect();
        assert_eq!(decimals, BTreeSet::from([0, 2, 3]));
    }

    #[test]
    fn every_time_zone_is_a_real_one() {
        for place in PLACES {
            assert!(jiff::tz::TimeZone::get(place.time_zone).is_ok(), "{}", place.time_zone);
        }
    }

    #[test]
    fn every_hotel_stands_within_its_city() {
        for (place, hotel) in hotels() {
            let north_e6 = (hotel.latitude_e6 - place.latitude_e6).abs();
            let east_e6 = (hotel.longitude_e6 - place.longitude_e6).abs();
            assert!(north_e6 < 120_000 && east_e6 < 120_000, "{} is far out", hotel.slug);
        }
    }

    #[test]
    fn every_room_type_can_be_sold() {
        for (_, hotel) in hotels() {
            assert!((2..=4).contains(&hotel.room_types.len()), "{}", hotel.slug);
            let codes: BTreeSet<_> = hotel.room_types.iter().map(|kind| kind.code).collect();
            assert_eq!(codes.len(), hotel.room_types.len(), "{}: a code twice", hotel.slug);
            for kind in hotel.room_types {
                assert!(0 < kind.units && 0 < kind.base_rate_minor, "{} {}", hotel.slug, kind.code);
            }
            assert!((1..=5).contains(&hotel.stars.unwrap_or(1)), "{}", hotel.slug);
            assert!((60..=98).contains(&hotel.rating_tenths), "{}", hotel.slug);
            let sentences = hotel.description.matches(['.', '?', '!']).count();
            assert!((2..=4).contains(&sentences), "{}: {sentences} sentences", hotel.slug);
        }
    }

    #[test]
    fn lisbon_sells_deluxe_and_standard_in_one_house() {
        let lisbon = PLACES.iter().find(|place| place.location_id == "lisbon-pt");
        let sells = |hotel: &Hotel, code| hotel.room_types.iter().any(|kind| kind.code == code);
        let both = |hotel: &&Hotel| sells(hotel, "DELUXE") && sells(hotel, "STANDARD");
        assert!(lisbon.is_some_and(|place| place.hotels.iter().any(|hotel| both(&hotel))));
    }

    #[test]
    fn each_room_has_one_number_and_each_type_all_its_rooms() {
        for (_, hotel) in hotels() {
            let rooms = hotel.rooms();
            let numbers: BTreeSet<_> = rooms.iter().map(|(number, _)| number).collect();
            assert_eq!(numbers.len(), rooms.len(), "{}: a number twice", hotel.slug);
            for kind in hotel.room_types {
                let count = rooms.iter().filter(|(_, code)| *code == kind.code).count();
                assert_eq!(i64::try_from(count), Ok(kind.units), "{} {}", hotel.slug, kind.code);
            }
            assert_eq!(rooms.first().map(|(number, _)| number.as_str()), Some("101"));
        }
    }
}
