//! Kyoto, Jaipur and Mumbai. Only data.

use super::{
    CHECK_IN_MINUTES, CHECK_OUT_MINUTES, DELUXE, FAMILY, Hotel, Picture, Place, RoomType, SINGLE,
    STANDARD, SUITE, TWIN,
};

/// A room with mats, as Kyoto has them.
const TATAMI: RoomType = RoomType {
    code: "TATAMI",
    name: "Tatami room",
    beds: "2 to 3 futons",
    description: "Eight mats, paper screens and futons that are laid out while you have dinner.",
    adults_max: 3,
    children_max: 1,
    units: 0,
    base_rate_minor: 0,
};

pub(super) const KYOTO: Place = Place {
    location_id: "kyoto-jp",
    name: "Kyoto",
    country: "Japan",
    latitude_e6: 35_011_600,
    longitude_e6: 135_768_100,
    time_zone: "Asia/Tokyo",
    currency: "JPY",
    tax_bp: 1_000,
    picture: Picture { scene: "garden", seed: 63 },
    hotels: &[
        Hotel {
            slug: "hoshizora-an",
            name: "Hoshizora-an",
            street: "Ishibei-koji 4-2",
            area: "Higashiyama",
            latitude_e6: 35_000_900,
            longitude_e6: 135_780_300,
            stars: Some(4),
            rating_tenths: 94,
            amenities: &["breakfast", "wifi", "garden", "spa", "restaurant"],
            description: "A wooden inn on a stone lane, with a moss garden that is swept before you \
                wake. Dinner follows the season in nine small courses. The bath is heated with \
                cedar and is yours alone for an hour.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 10 * 60,
            picture: Picture { scene: "garden", seed: 5 },
            room_types: &[
                RoomType { units: 10, base_rate_minor: 32_000, ..TATAMI },
                RoomType { name: "Garden suite", units: 3, base_rate_minor: 58_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "kamo-no-hashi",
            name: "Kamo no Hashi",
            street: "Kiyamachi-dori 118",
            area: "Kawaramachi",
            latitude_e6: 35_004_300,
            longitude_e6: 135_770_600,
            stars: Some(3),
            rating_tenths: 86,
            amenities: &["wifi", "laundry", "bicycles", "lift", "step_free"],
            description: "On the canal where the cherry trees are, between the river and the \
                arcades. Rooms are compact and everything in them has its place. Bicycles stand by \
                the door, and the night heron by the weir.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "river", seed: 2 },
            room_types: &[
                RoomType { units: 24, base_rate_minor: 9_800, ..SINGLE },
                RoomType { units: 30, base_rate_minor: 14_500, ..STANDARD },
                RoomType { units: 18, base_rate_minor: 14_800, ..TWIN },
                RoomType { units: 6, base_rate_minor: 24_000, ..FAMILY },
            ],
        },
        Hotel {
            slug: "sagano-chikurin-tei",
            name: "Sagano Chikurin-tei",
            street: "Susuki-no-bamba 31",
            area: "Arashiyama",
            latitude_e6: 35_015_800,
            longitude_e6: 135_674_500,
            stars: Some(5),
            rating_tenths: 92,
            amenities: &["breakfast", "wifi", "spa", "garden", "restaurant", "parking"],
            description: "At the edge of the bamboo, with the mountains for a wall and the river \
                for a road. Some guests arrive by boat. In November the maples outside the bath \
                turn the water red.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "mountains", seed: 77 },
            room_types: &[
                RoomType { units: 12, base_rate_minor: 41_000, ..TATAMI },
                RoomType { units: 10, base_rate_minor: 36_000, ..DELUXE },
                RoomType { units: 4, base_rate_minor: 72_000, ..SUITE },
            ],
        },
    ],
};

pub(super) const JAIPUR: Place = Place {
    location_id: "jaipur-in",
    name: "Jaipur",
    country: "India",
    latitude_e6: 26_912_400,
    longitude_e6: 75_787_300,
    time_zone: "Asia/Kolkata",
    currency: "INR",
    tax_bp: 1_200,
    picture: Picture { scene: "desert", seed: 2 },
    hotels: &[
        Hotel {
            slug: "gulmohar-haveli",
            name: "Gulmohar Haveli",
            street: "Jauhari Gali 11",
            area: "Old City",
            latitude_e6: 26_923_900,
            longitude_e6: 75_826_700,
            stars: Some(4),
            rating_tenths: 90,
            amenities: &["breakfast", "wifi", "roof_terrace", "restaurant", "air_conditioning"],
            description: "A merchant's house with painted arches and a court where the kite seller \
                still comes in January. Elephants once knelt at the gate, today it is rickshaws. \
                Dinner on the roof looks at the lit fort.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "desert", seed: 77 },
            room_types: &[
                RoomType { units: 14, base_rate_minor: 420_000, ..STANDARD },
                RoomType { units: 8, base_rate_minor: 590_000, ..DELUXE },
                RoomType { name: "Mirror suite", units: 3, base_rate_minor: 980_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "mor-bagh-palace",
            name: "Mor Bagh Palace",
            street: "Amer Kund Road 3",
            area: "Amer",
            latitude_e6: 26_984_100,
            longitude_e6: 75_852_400,
            stars: Some(5),
            rating_tenths: 93,
            amenities: &["breakfast", "wifi", "pool", "spa", "garden", "restaurant", "parking"],
            description: "Forty acres of garden below the fort, and more peacocks than guests. The \
                palace has thirty rooms, each with a terrace that catches the evening. Breakfast is \
                served wherever you happen to sit down.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "mountains", seed: 1_234 },
            room_types: &[
                RoomType { units: 20, base_rate_minor: 1_120_000, ..DELUXE },
                RoomType { units: 6, base_rate_minor: 1_450_000, ..FAMILY },
                RoomType { units: 4, base_rate_minor: 2_100_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "chai-and-chhat",
            name: "Chai & Chhat",
            street: "Sanganer Link Road 88",
            area: "Bani Park",
            latitude_e6: 26_927_600,
            longitude_e6: 75_793_900,
            stars: None,
            rating_tenths: 82,
            amenities: &["breakfast", "wifi", "laundry", "bicycles", "pets"],
            description: "A family home with guest rooms on the upper floors and tea at any hour. \
                The grandmother explains block printing to whoever asks. Quiet street, ten minutes \
                to the station.",
            check_in_minutes: 13 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "desert", seed: 41 },
            room_types: &[
                RoomType { units: 6, base_rate_minor: 160_000, ..SINGLE },
                RoomType { units: 9, base_rate_minor: 225_000, ..STANDARD },
                RoomType { units: 3, base_rate_minor: 340_000, ..FAMILY },
            ],
        },
    ],
};

pub(super) const MUMBAI: Place = Place {
    location_id: "mumbai-in",
    name: "Mumbai",
    country: "India",
    latitude_e6: 18_976_000,
    longitude_e6: 72_830_000,
    time_zone: "Asia/Kolkata",
    currency: "INR",
    tax_bp: 1_200,
    picture: Picture { scene: "city", seed: 41 },
    hotels: &[
        Hotel {
            slug: "the-brass-sextant",
            name: "The Brass Sextant",
            street: "Chandelier Lane 19",
            area: "Colaba",
            latitude_e6: 18_915_400,
            longitude_e6: 72_829_100,
            stars: Some(4),
            rating_tenths: 87,
            amenities: &["breakfast", "wifi", "bar", "restaurant", "air_conditioning", "lift"],
            description: "A ship broker's office with teak stairs and fans that remember the \
                twenties. The bar keeps the charts, the kitchen keeps the recipes of five ports. \
                The harbour gate and its boats are around the corner.",
            check_in_minutes: 14 * 60,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "city", seed: 3 },
            room_types: &[
                RoomType { units: 26, base_rate_minor: 685_000, ..STANDARD },
                RoomType { units: 12, base_rate_minor: 890_000, ..DELUXE },
                RoomType { units: 4, base_rate_minor: 1_380_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "bungalow-no-7",
            name: "Bungalow No. 7",
            street: "Almeda Pond Road 7",
            area: "Bandra West",
            latitude_e6: 19_054_600,
            longitude_e6: 72_826_900,
            stars: Some(3),
            rating_tenths: 85,
            amenities: &["breakfast", "wifi", "garden", "laundry", "air_conditioning"],
            description: "One of the last bungalows with a porch, between a church and a bakery. \
                Twelve rooms, mango trees, and a hammock that is always taken. The sea is at the \
                end of the road.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "coast", seed: 64 },
            room_types: &[
                RoomType { units: 8, base_rate_minor: 540_000, ..STANDARD },
                RoomType { units: 4, base_rate_minor: 720_000, ..FAMILY },
            ],
        },
        Hotel {
            slug: "monsoon-tower",
            name: "Monsoon Tower",
            street: "Worli Hill Bypass 2",
            area: "Worli",
            latitude_e6: 19_011_300,
            longitude_e6: 72_817_200,
            stars: Some(5),
            rating_tenths: 91,
            amenities: &["breakfast", "wifi", "pool", "gym", "spa", "restaurant", "step_free"],
            description: "Twenty floors of glass made for watching rain arrive over the sea. The \
                pool is on the eighteenth, half of it under a roof for good reasons. Late \
                check-out costs nothing when the streets are flooded.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "coast", seed: 1_234 },
            room_types: &[
                RoomType { units: 60, base_rate_minor: 980_000, ..STANDARD },
                RoomType {
                    name: "Deluxe sea view",
                    units: 44,
                    base_rate_minor: 1_240_000,
                    ..DELUXE
                },
                RoomType { units: 10, base_rate_minor: 1_590_000, ..FAMILY },
                RoomType { units: 8, base_rate_minor: 2_450_000, ..SUITE },
            ],
        },
    ],
};
