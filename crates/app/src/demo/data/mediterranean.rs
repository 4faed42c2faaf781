//! Istanbul, Marrakesh and Tunis. Only data.

use super::{
    CHECK_IN_MINUTES, CHECK_OUT_MINUTES, DELUXE, FAMILY, Hotel, Picture, Place, RoomType, STANDARD,
    SUITE, TWIN,
};

pub(super) const ISTANBUL: Place = Place {
    location_id: "istanbul-tr",
    name: "Istanbul",
    country: "Türkiye",
    latitude_e6: 41_008_200,
    longitude_e6: 28_978_400,
    time_zone: "Europe/Istanbul",
    currency: "TRY",
    tax_bp: 1_200,
    picture: Picture { scene: "coast", seed: 3 },
    hotels: &[
        Hotel {
            slug: "fenerci-konagi",
            name: "Fenerci Konağı",
            street: "Kandil Sokak 14",
            area: "Balat",
            latitude_e6: 41_029_300,
            longitude_e6: 28_948_600,
            stars: Some(3),
            rating_tenths: 87,
            amenities: &["breakfast", "wifi", "roof_terrace", "air_conditioning"],
            description: "A lantern maker's house in a street of painted fronts, with bay windows \
                that lean over the cats. Breakfast is twenty small plates on the roof, and the \
                Golden Horn lies below. The ferry pier is six minutes down the hill.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "old-town", seed: 58 },
            room_types: &[
                RoomType { units: 11, base_rate_minor: 345_000, ..STANDARD },
                RoomType { units: 5, base_rate_minor: 468_000, ..DELUXE },
                RoomType { units: 3, base_rate_minor: 560_000, ..FAMILY },
            ],
        },
        Hotel {
            slug: "iki-kita",
            name: "İki Kıta Oteli",
            street: "Vapur Yolu 2",
            area: "Kadıköy",
            latitude_e6: 40_991_300,
            longitude_e6: 29_025_100,
            stars: Some(4),
            rating_tenths: 89,
            amenities: &["breakfast", "wifi", "gym", "restaurant", "lift", "step_free"],
            description: "Sleep in Asia and look at Europe: the ferries turn right under the \
                windows. The market begins behind the house and feeds the kitchen. Rooms on the \
                sixth floor and above see both shores.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "coast", seed: 112 },
            room_types: &[
                RoomType { units: 34, base_rate_minor: 390_000, ..STANDARD },
                RoomType { units: 20, base_rate_minor: 395_000, ..TWIN },
                RoomType { name: "Two shores suite", units: 4, base_rate_minor: 880_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "sarnic-bahcesi",
            name: "Sarnıç Bahçesi",
            street: "Su Terazisi Sokak 8",
            area: "Sultanahmet",
            latitude_e6: 41_004_900,
            longitude_e6: 28_976_800,
            stars: Some(5),
            rating_tenths: 92,
            amenities: &["breakfast", "wifi", "spa", "garden", "restaurant", "airport_shuttle"],
            description: "Built over an old cistern that is now the quietest bath in town. The \
                garden holds a plane tree, a fountain and most of the breakfast tables. The great \
                domes are a short walk away and in view from bed.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "garden", seed: 63 },
            room_types: &[
                RoomType { units: 22, base_rate_minor: 720_000, ..DELUXE },
                RoomType { units: 6, base_rate_minor: 1_240_000, ..SUITE },
            ],
        },
    ],
};

pub(super) const MARRAKESH: Place = Place {
    location_id: "marrakesh-ma",
    name: "Marrakesh",
    country: "Morocco",
    latitude_e6: 31_629_500,
    longitude_e6: -7_981_100,
    time_zone: "Africa/Casablanca",
    currency: "MAD",
    tax_bp: 1_000,
    picture: Picture { scene: "desert", seed: 8 },
    hotels: &[
        Hotel {
            slug: "riad-warda-zerka",
            name: "Riad Warda Zerka",
            street: "Derb Zaouiat 27",
            area: "Medina",
            latitude_e6: 31_632_800,
            longitude_e6: -7_985_900,
            stars: Some(4),
            rating_tenths: 93,
            amenities: &["breakfast", "wifi", "pool", "roof_terrace", "air_conditioning"],
            description: "Seven turns into the medina, behind a door with no sign, water runs over \
                blue tiles. Eight rooms open on the court, and dinner is cooked when you ask for \
                it. A porter with a cart meets you where the cars must stop.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "desert", seed: 2 },
            room_types: &[
                RoomType { units: 5, base_rate_minor: 98_000, ..STANDARD },
                RoomType { units: 2, base_rate_minor: 136_000, ..DELUXE },
                RoomType { units: 1, base_rate_minor: 190_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "jnane-el-qamar",
            name: "Jnane El Qamar",
            street: "Route des Oliviers, km 6",
            area: "Palmeraie",
            latitude_e6: 31_672_400,
            longitude_e6: -7_951_200,
            stars: Some(5),
            rating_tenths: 90,
            amenities: &["breakfast", "wifi", "pool", "spa", "restaurant", "parking", "garden"],
            description: "Low pink houses among four hundred palms, with the Atlas white on the \
                horizon until May. Two pools, one for children and one for silence. A bus goes to \
                the big square every hour.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "desert", seed: 8 },
            room_types: &[
                RoomType { units: 24, base_rate_minor: 165_000, ..DELUXE },
                RoomType { units: 12, base_rate_minor: 214_000, ..FAMILY },
                RoomType { name: "Garden suite", units: 6, base_rate_minor: 298_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "le-petit-fondouk",
            name: "Le Petit Fondouk",
            street: "Rue des Brodeuses 5",
            area: "Guéliz",
            latitude_e6: 31_636_700,
            longitude_e6: -8_010_300,
            stars: Some(3),
            rating_tenths: 81,
            amenities: &["wifi", "bar", "lift", "air_conditioning"],
            description: "In the new town, with straight streets, good coffee and taxis that stop. \
                The rooms are modern and look on an inner court of potted figs. The station is \
                fifteen minutes on foot.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "city", seed: 5 },
            room_types: &[
                RoomType { units: 20, base_rate_minor: 58_000, ..STANDARD },
                RoomType { units: 14, base_rate_minor: 58_000, ..TWIN },
            ],
        },
    ],
};

pub(super) const TUNIS: Place = Place {
    location_id: "tunis-tn",
    name: "Tunis",
    country: "Tunisia",
    latitude_e6: 36_806_500,
    longitude_e6: 10_181_500,
    time_zone: "Africa/Tunis",
    currency: "TND",
    tax_bp: 700,
    picture: Picture { scene: "coast", seed: 77 },
    hotels: &[
        Hotel {
            slug: "dar-yasmine-el-bey",
            name: "Dar Yasmine El Bey",
            street: "Impasse du Potier 6",
            area: "Medina",
            latitude_e6: 36_798_700,
            longitude_e6: 10_169_900,
            stars: Some(4),
            rating_tenths: 88,
            amenities: &["breakfast", "wifi", "roof_terrace", "restaurant", "air_conditioning"],
            description: "A house of the old city with a marble court and a carved ceiling in every \
                room, no two alike. Jasmine climbs to the terrace, where tea is poured from a \
                height. The gate to the new town is five minutes away.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "old-town", seed: 402 },
            room_types: &[
                RoomType { units: 10, base_rate_minor: 245_500, ..STANDARD },
                RoomType { units: 5, base_rate_minor: 318_750, ..DELUXE },
                RoomType { units: 2, base_rate_minor: 460_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "les-deux-phares",
            name: "Les Deux Phares",
            street: "Avenue de la Corniche 61",
            area: "La Marsa",
            latitude_e6: 36_878_100,
            longitude_e6: 10_281_400,
            stars: Some(4),
            rating_tenths: 84,
            amenities: &["breakfast", "wifi", "beach", "pool", "parking", "step_free"],
            description: "White walls, blue doors, and a bay that is warm from May to November. The \
                suburban train brings you to town in half an hour. Children find the shallow end, \
                everyone else finds the shade.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "coast", seed: 2 },
            room_types: &[
                RoomType { units: 28, base_rate_minor: 268_000, ..STANDARD },
                RoomType { name: "Deluxe sea view", units: 14, base_rate_minor: 342_500, ..DELUXE },
                RoomType { units: 8, base_rate_minor: 395_000, ..FAMILY },
            ],
        },
    ],
};
