//! Paris, Rome, Copenhagen and Athens. Only data.

use super::{
    CHECK_IN_MINUTES, CHECK_OUT_MINUTES, DELUXE, FAMILY, Hotel, Picture, Place, RoomType, SINGLE,
    STANDARD, SUITE, TWIN,
};

pub(super) const PARIS: Place = Place {
    location_id: "paris-fr",
    name: "Paris",
    country: "France",
    latitude_e6: 48_856_600,
    longitude_e6: 2_352_200,
    time_zone: "Europe/Paris",
    currency: "EUR",
    tax_bp: 1_000,
    picture: Picture { scene: "city", seed: 9 },
    hotels: &[
        Hotel {
            slug: "la-lampe-allumee",
            name: "La Lampe Allumée",
            street: "12 passage du Lampiste",
            area: "Marais",
            latitude_e6: 48_860_100,
            longitude_e6: 2_361_500,
            stars: Some(4),
            rating_tenths: 90,
            amenities: &["breakfast", "wifi", "bar", "air_conditioning", "lift"],
            description: "A lamp maker's workshop, and in every room a lamp that he would have \
                liked. The court is paved and silent, the bar by the door is neither. Museums, \
                falafel and the river are all within ten minutes.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "city", seed: 14 },
            room_types: &[
                RoomType { units: 24, base_rate_minor: 17_800, ..STANDARD },
                RoomType { units: 12, base_rate_minor: 23_500, ..DELUXE },
                RoomType {
                    name: "Suite under the roof",
                    units: 3,
                    base_rate_minor: 34_000,
                    ..SUITE
                },
            ],
        },
        Hotel {
            slug: "maison-des-saules",
            name: "Maison des Saules",
            street: "88 quai des Tonneliers",
            area: "Canal Saint-Martin",
            latitude_e6: 48_872_700,
            longitude_e6: 2_364_800,
            stars: Some(3),
            rating_tenths: 85,
            amenities: &["wifi", "bicycles", "terrace", "laundry"],
            description: "Willows in front, a lock beside, and barges that pass at breakfast \
                height. The rooms are plain and bright and the beds better than the price. Take a \
                bicycle, the towpath is flat for twenty kilometres.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "city", seed: 205 },
            room_types: &[
                RoomType { units: 8, base_rate_minor: 9_600, ..SINGLE },
                RoomType { units: 20, base_rate_minor: 12_700, ..STANDARD },
                RoomType { units: 10, base_rate_minor: 12_400, ..TWIN },
                RoomType { units: 4, base_rate_minor: 19_900, ..FAMILY },
            ],
        },
        Hotel {
            slug: "observatoire-bleu",
            name: "L'Observatoire Bleu",
            street: "3 impasse du Zénith",
            area: "Montmartre",
            latitude_e6: 48_886_900,
            longitude_e6: 2_338_700,
            stars: Some(5),
            rating_tenths: 94,
            amenities: &["breakfast", "wifi", "spa", "restaurant", "roof_terrace", "step_free"],
            description: "At the end of a lane, with a copper dome that an amateur astronomer left \
                behind. The telescope works and guests may use it after dinner. Below the terrace \
                lies all of Paris, and behind the house a vineyard.",
            check_in_minutes: 16 * 60,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "garden", seed: 90 },
            room_types: &[
                RoomType { units: 14, base_rate_minor: 31_000, ..DELUXE },
                RoomType { name: "Dome suite", units: 4, base_rate_minor: 56_000, ..SUITE },
            ],
        },
    ],
};

pub(super) const ROME: Place = Place {
    location_id: "rome-it",
    name: "Rome",
    country: "Italy",
    latitude_e6: 41_902_800,
    longitude_e6: 12_496_400,
    time_zone: "Europe/Rome",
    currency: "EUR",
    tax_bp: 1_000,
    picture: Picture { scene: "old-town", seed: 3 },
    hotels: &[
        Hotel {
            slug: "corte-dei-fabbri",
            name: "Corte dei Fabbri",
            street: "Vicolo del Mantice 17",
            area: "Trastevere",
            latitude_e6: 41_889_300,
            longitude_e6: 12_470_100,
            stars: Some(4),
            rating_tenths: 89,
            amenities: &["breakfast", "wifi", "garden", "bar", "air_conditioning"],
            description: "Smiths worked in this court until 1960, and the anvil is now the bell \
                for dinner. Orange trees shade the tables, and the street outside wakes up when \
                others go to bed. Ask for a room on the court if you want to sleep by ten.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "old-town", seed: 4 },
            room_types: &[
                RoomType { units: 16, base_rate_minor: 13_400, ..STANDARD },
                RoomType { units: 8, base_rate_minor: 17_900, ..DELUXE },
                RoomType { units: 3, base_rate_minor: 24_800, ..FAMILY },
            ],
        },
        Hotel {
            slug: "pensione-quattro-gatti",
            name: "Pensione Quattro Gatti",
            street: "Via del Cedro Alto 60",
            area: "Monti",
            latitude_e6: 41_895_100,
            longitude_e6: 12_493_800,
            stars: Some(2),
            rating_tenths: 80,
            amenities: &["breakfast", "wifi", "lift"],
            description: "Second floor, brass bell, and yes, there are four cats. High ceilings, \
                old tiles and a breakfast that the owner makes herself. The Forum is down the hill.",
            check_in_minutes: 14 * 60,
            check_out_minutes: 10 * 60 + 30,
            picture: Picture { scene: "city", seed: 61 },
            room_types: &[
                RoomType { units: 5, base_rate_minor: 5_900, ..SINGLE },
                RoomType { units: 9, base_rate_minor: 8_300, ..STANDARD },
                RoomType { units: 4, base_rate_minor: 8_300, ..TWIN },
            ],
        },
        Hotel {
            slug: "terrazza-delle-pinete",
            name: "Terrazza delle Pinete",
            street: "Viale dei Pini Alti 5",
            area: "Aventino",
            latitude_e6: 41_883_200,
            longitude_e6: 12_480_900,
            stars: Some(5),
            rating_tenths: 93,
            amenities: &["breakfast", "wifi", "pool", "spa", "restaurant", "parking", "gym"],
            description: "A villa on the quiet hill, between a rose garden and a famous keyhole. \
                Pines shade the pool and the city hums far below. In the evening the chef walks \
                through the garden before he writes the menu.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "river", seed: 88 },
            room_types: &[
                RoomType { units: 18, base_rate_minor: 27_500, ..DELUXE },
                RoomType { units: 6, base_rate_minor: 42_000, ..SUITE },
                RoomType { units: 4, base_rate_minor: 38_500, ..FAMILY },
            ],
        },
    ],
};

pub(super) const COPENHAGEN: Place = Place {
    location_id: "copenhagen-dk",
    name: "Copenhagen",
    country: "Denmark",
    latitude_e6: 55_676_100,
    longitude_e6: 12_568_300,
    time_zone: "Europe/Copenhagen",
    currency: "DKK",
    tax_bp: 2_500,
    picture: Picture { scene: "old-town", seed: 132 },
    hotels: &[
        Hotel {
            slug: "pakhus-tretten",
            name: "Pakhus Tretten",
            street: "Tjærekajen 13",
            area: "Christianshavn",
            latitude_e6: 55_673_400,
            longitude_e6: 12_592_600,
            stars: Some(4),
            rating_tenths: 91,
            amenities: &["breakfast", "wifi", "bicycles", "restaurant", "step_free", "lift"],
            description: "A corn store on the canal with walls a metre thick and windows the size \
                of hatches. Jump into the harbour from the steps and warm up in the sauna. Every \
                room comes with a bicycle, and the city with a lane for it.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "city", seed: 64 },
            room_types: &[
                RoomType { units: 30, base_rate_minor: 105_000, ..STANDARD },
                RoomType { units: 14, base_rate_minor: 142_000, ..DELUXE },
                RoomType { units: 6, base_rate_minor: 176_000, ..FAMILY },
            ],
        },
        Hotel {
            slug: "gaarden-paa-hjoernet",
            name: "Gården på Hjørnet",
            street: "Hyldegade 48",
            area: "Vesterbro",
            latitude_e6: 55_668_900,
            longitude_e6: 12_549_700,
            stars: Some(3),
            rating_tenths: 84,
            amenities: &["wifi", "laundry", "kitchen", "bicycles"],
            description: "Brick outside, pine inside, and a courtyard with one long bench for \
                everybody. The bakery next door opens at six and smells of cardamom. Families get \
                the rooms towards the playground.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "old-town", seed: 21 },
            room_types: &[
                RoomType { units: 12, base_rate_minor: 62_000, ..SINGLE },
                RoomType { units: 24, base_rate_minor: 84_500, ..STANDARD },
                RoomType { units: 8, base_rate_minor: 129_000, ..FAMILY },
            ],
        },
        Hotel {
            slug: "lysthuset-ved-soerne",
            name: "Lysthuset ved Søerne",
            street: "Pilealleen 2",
            area: "Nørrebro",
            latitude_e6: 55_687_600,
            longitude_e6: 12_563_400,
            stars: None,
            rating_tenths: 88,
            amenities: &["breakfast", "wifi", "garden", "pets"],
            description: "A summer house that the city grew around, on the water of the lakes. Ten \
                rooms, a stove, a shelf of books and no television at all. Skates hang in the hall \
                for the two weeks when they are needed.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "garden", seed: 9 },
            room_types: &[
                RoomType { units: 7, base_rate_minor: 98_000, ..STANDARD },
                RoomType { units: 3, base_rate_minor: 138_000, ..DELUXE },
            ],
        },
    ],
};

pub(super) const ATHENS: Place = Place {
    location_id: "athens-gr",
    name: "Athens",
    country: "Greece",
    latitude_e6: 37_983_800,
    longitude_e6: 23_727_500,
    time_zone: "Europe/Athens",
    currency: "EUR",
    tax_bp: 1_300,
    picture: Picture { scene: "old-town", seed: 1_234 },
    hotels: &[
        Hotel {
            slug: "avli-tis-kyras",
            name: "Avlí tis Kyrás",
            street: "Odós Lychnou 21",
            area: "Plaka",
            latitude_e6: 37_972_900,
            longitude_e6: 23_730_300,
            stars: Some(3),
            rating_tenths: 88,
            amenities: &["breakfast", "wifi", "roof_terrace", "air_conditioning"],
            description: "A court with a fig tree, fourteen rooms around it and the rock of the \
                Acropolis over everything. The roof opens at sunset and closes when the last guest \
                leaves. Honey and figs at breakfast are from the owner's village.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "old-town", seed: 3 },
            room_types: &[
                RoomType { units: 9, base_rate_minor: 8_700, ..STANDARD },
                RoomType { units: 3, base_rate_minor: 12_300, ..DELUXE },
                RoomType { units: 2, base_rate_minor: 14_900, ..FAMILY },
            ],
        },
        Hotel {
            slug: "typografeio",
            name: "Typografeío",
            street: "Odós Stoicheíon 9",
            area: "Exarchia",
            latitude_e6: 37_986_400,
            longitude_e6: 23_733_900,
            stars: Some(3),
            rating_tenths: 83,
            amenities: &["wifi", "bar", "air_conditioning", "lift", "laundry"],
            description: "A printing house of the thirties, with type cases for shelves and a press \
                in the bar. Rooms are named after typefaces and are as different as those. The \
                museum with the golden mask is around the corner.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "city", seed: 33 },
            room_types: &[
                RoomType { units: 18, base_rate_minor: 7_400, ..STANDARD },
                RoomType { units: 10, base_rate_minor: 7_400, ..TWIN },
                RoomType { units: 2, base_rate_minor: 13_800, ..SUITE },
            ],
        },
        Hotel {
            slug: "thalassia-avra",
            name: "Thalassía Ávra",
            street: "Aktí Faneroménis 30",
            area: "Paleo Faliro",
            latitude_e6: 37_927_900,
            longitude_e6: 23_697_300,
            stars: Some(4),
            rating_tenths: 86,
            amenities: &["breakfast", "wifi", "pool", "beach", "restaurant", "parking"],
            description: "On the sea front, with the tram to the centre at the door and a swim \
                before breakfast behind it. Balconies all face the water. On clear days you count \
                three islands from the pool.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "coast", seed: 40 },
            room_types: &[
                RoomType { units: 36, base_rate_minor: 10_900, ..STANDARD },
                RoomType { name: "Deluxe sea view", units: 18, base_rate_minor: 14_500, ..DELUXE },
                RoomType { units: 10, base_rate_minor: 17_500, ..FAMILY },
            ],
        },
    ],
};
