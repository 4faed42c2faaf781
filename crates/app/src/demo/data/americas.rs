//! Mexico City. Only data.

use super::{
    CHECK_IN_MINUTES, CHECK_OUT_MINUTES, DELUXE, FAMILY, Hotel, Picture, Place, RoomType, SINGLE,
    STANDARD, SUITE,
};

pub(super) const MEXICO_CITY: Place = Place {
    location_id: "mexico-city-mx",
    name: "Mexico City",
    country: "Mexico",
    latitude_e6: 19_432_600,
    longitude_e6: -99_133_200,
    time_zone: "America/Mexico_City",
    currency: "MXN",
    tax_bp: 1_900,
    picture: Picture { scene: "city", seed: 1 },
    hotels: &[
        Hotel {
            slug: "casa-jacaranda-honda",
            name: "Casa Jacaranda Honda",
            street: "Calle del Aljibe 52",
            area: "Roma Norte",
            latitude_e6: 19_419_100,
            longitude_e6: -99_161_800,
            stars: Some(4),
            rating_tenths: 92,
            amenities: &["breakfast", "wifi", "garden", "bar", "pets"],
            description: "In March the whole street is violet, and so is the light in the stairs. A \
                house of 1908 with new bathrooms and old doors, around a court with a lime tree. \
                The best tacos of the quarter open across the road at eight.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "old-town", seed: 9 },
            room_types: &[
                RoomType { units: 12, base_rate_minor: 238_000, ..STANDARD },
                RoomType { units: 6, base_rate_minor: 315_000, ..DELUXE },
                RoomType { units: 2, base_rate_minor: 465_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "obsidiana-21",
            name: "Obsidiana 21",
            street: "Calle de los Canteros 21",
            area: "Centro Histórico",
            latitude_e6: 19_430_900,
            longitude_e6: -99_138_600,
            stars: Some(3),
            rating_tenths: 83,
            amenities: &["wifi", "roof_terrace", "lift", "laundry", "step_free"],
            description: "Black stone, brass lamps, and a roof from which you hear the bells a \
                moment before they sound below. Rooms to the court are silent, rooms to the street \
                have the balcony. The great square is four blocks east.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "city", seed: 41 },
            room_types: &[
                RoomType { units: 14, base_rate_minor: 98_000, ..SINGLE },
                RoomType { units: 38, base_rate_minor: 142_000, ..STANDARD },
                RoomType { units: 10, base_rate_minor: 219_000, ..FAMILY },
            ],
        },
        Hotel {
            slug: "posada-los-ahuejotes",
            name: "Posada Los Ahuejotes",
            street: "Callejón del Agua 6",
            area: "Coyoacán",
            latitude_e6: 19_350_400,
            longitude_e6: -99_162_500,
            stars: None,
            rating_tenths: 89,
            amenities: &["breakfast", "wifi", "garden", "kitchen"],
            description: "Nine rooms in a garden with willows, two squares away from the blue house \
                that everyone comes to see. Hot chocolate is whisked by hand each morning. At night \
                only the tamale cart passes.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "garden", seed: 1_234 },
            room_types: &[
                RoomType { units: 7, base_rate_minor: 176_000, ..STANDARD },
                RoomType { units: 2, base_rate_minor: 264_000, ..FAMILY },
            ],
        },
    ],
};
