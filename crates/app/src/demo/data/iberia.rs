//! Lisbon, Porto and Barcelona. Only data.

use super::{
    CHECK_IN_MINUTES, CHECK_OUT_MINUTES, DELUXE, FAMILY, Hotel, Picture, Place, RoomType, SINGLE,
    STANDARD, SUITE, TWIN,
};

pub(super) const LISBON: Place = Place {
    location_id: "lisbon-pt",
    name: "Lisbon",
    country: "Portugal",
    latitude_e6: 38_713_900,
    longitude_e6: -9_133_400,
    time_zone: "Europe/Lisbon",
    currency: "EUR",
    tax_bp: 600,
    picture: Picture { scene: "river", seed: 11 },
    hotels: &[
        Hotel {
            slug: "casa-do-limoal",
            name: "Casa do Limoal",
            street: "Beco do Limoal 9",
            area: "Alfama",
            latitude_e6: 38_711_800,
            longitude_e6: -9_130_100,
            stars: Some(4),
            rating_tenths: 92,
            amenities: &["breakfast", "wifi", "roof_terrace", "air_conditioning", "lift"],
            description: "Three old houses around one lemon tree, joined by stairs that never quite \
                line up. Breakfast is laid in the courtyard until eleven, and the roof looks over \
                the river to the far bank. The last tram of the night stops at the corner.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "old-town", seed: 41 },
            room_types: &[
                RoomType { units: 18, base_rate_minor: 9_800, ..STANDARD },
                RoomType { units: 8, base_rate_minor: 13_800, ..DELUXE },
                RoomType { name: "Lemon tree suite", units: 4, base_rate_minor: 19_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "miradouro-da-aurora",
            name: "Miradouro da Aurora",
            street: "Calçada da Aurora 41",
            area: "Graça",
            latitude_e6: 38_718_300,
            longitude_e6: -9_129_700,
            stars: Some(3),
            rating_tenths: 86,
            amenities: &["breakfast", "wifi", "terrace", "bar"],
            description: "High on the hill of Graça, where the light comes first. Half of the rooms \
                face the castle and the other half a garden full of swifts. There is no lift, but \
                someone will carry your bag.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "river", seed: 19 },
            room_types: &[
                RoomType { units: 6, base_rate_minor: 6_200, ..SINGLE },
                RoomType { units: 14, base_rate_minor: 8_100, ..STANDARD },
                RoomType { units: 4, base_rate_minor: 12_500, ..FAMILY },
            ],
        },
        Hotel {
            slug: "armazem-do-cais",
            name: "Armazém do Cais",
            street: "Travessa do Cordoeiro 3",
            area: "Cais do Sodré",
            latitude_e6: 38_706_300,
            longitude_e6: -9_144_200,
            stars: Some(5),
            rating_tenths: 90,
            amenities: &["breakfast", "wifi", "pool", "spa", "restaurant", "gym", "step_free"],
            description: "A rope store of 1881 turned into tall rooms with iron columns and oak \
                floors. The pool is where the ropes were tarred, and the restaurant cooks what the \
                boats bring. Ferries leave from across the street.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "coast", seed: 77 },
            room_types: &[
                RoomType { units: 32, base_rate_minor: 18_500, ..STANDARD },
                RoomType {
                    name: "Deluxe river view",
                    units: 20,
                    base_rate_minor: 24_500,
                    ..DELUXE
                },
                RoomType { units: 6, base_rate_minor: 39_000, ..SUITE },
            ],
        },
        Hotel {
            slug: "patio-das-andorinhas",
            name: "Pátio das Andorinhas",
            street: "Rua do Tijolo Velho 22",
            area: "Príncipe Real",
            latitude_e6: 38_717_200,
            longitude_e6: -9_149_100,
            stars: None,
            rating_tenths: 78,
            amenities: &["wifi", "garden", "kitchen", "pets", "laundry"],
            description: "A guest house with eleven rooms, one long kitchen table and a garden that \
                nobody expects behind such a narrow door. Cook for yourself, or ask what is on the \
                stove. Dogs are greeted by name.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "old-town", seed: 205 },
            room_types: &[
                RoomType { units: 8, base_rate_minor: 6_800, ..STANDARD },
                RoomType { units: 3, base_rate_minor: 10_200, ..FAMILY },
            ],
        },
    ],
};

pub(super) const PORTO: Place = Place {
    location_id: "porto-pt",
    name: "Porto",
    country: "Portugal",
    latitude_e6: 41_149_600,
    longitude_e6: -8_611_000,
    time_zone: "Europe/Lisbon",
    currency: "EUR",
    tax_bp: 600,
    picture: Picture { scene: "old-town", seed: 77 },
    hotels: &[
        Hotel {
            slug: "tanoaria-sao-telmo",
            name: "Tanoaria São Telmo",
            street: "Rua dos Tanoeiros 58",
            area: "Ribeira",
            latitude_e6: 41_140_900,
            longitude_e6: -8_613_600,
            stars: Some(4),
            rating_tenths: 89,
            amenities: &["breakfast", "wifi", "bar", "air_conditioning", "lift"],
            description: "Barrels were built here for two hundred years, and the beams still smell \
                of it on rainy days. The rooms on the river side hear the boats, those at the back \
                hear nothing. A glass of port waits at every check-in.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "river", seed: 204 },
            room_types: &[
                RoomType { units: 20, base_rate_minor: 9_200, ..STANDARD },
                RoomType { units: 10, base_rate_minor: 12_800, ..DELUXE },
                RoomType { name: "Cooper's suite", units: 3, base_rate_minor: 18_900, ..SUITE },
            ],
        },
        Hotel {
            slug: "azulejo-32",
            name: "Azulejo 32",
            street: "Rua do Forno Alto 32",
            area: "Bonfim",
            latitude_e6: 41_151_800,
            longitude_e6: -8_600_300,
            stars: Some(2),
            rating_tenths: 81,
            amenities: &["wifi", "bicycles", "laundry", "kitchen"],
            description: "Simple rooms behind a blue tiled front, ten minutes on foot from the \
                station. Bicycles are free, the washing machine too. Students paint a new tile for \
                the stairs every year.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "old-town", seed: 132 },
            room_types: &[
                RoomType { units: 10, base_rate_minor: 4_100, ..SINGLE },
                RoomType { units: 16, base_rate_minor: 5_600, ..TWIN },
                RoomType { units: 5, base_rate_minor: 8_400, ..FAMILY },
            ],
        },
        Hotel {
            slug: "farol-da-foz-velha",
            name: "Farol da Foz Velha",
            street: "Esplanada do Farol 7",
            area: "Foz do Douro",
            latitude_e6: 41_149_100,
            longitude_e6: -8_674_800,
            stars: Some(4),
            rating_tenths: 91,
            amenities: &["breakfast", "wifi", "beach", "restaurant", "parking", "step_free"],
            description: "Where the Douro meets the Atlantic and breakfast comes with spray on the \
                windows. Surfboards stand in the hall, and towels hang warm by the door. The old \
                tram takes you along the river into town.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "coast", seed: 305 },
            room_types: &[
                RoomType { units: 15, base_rate_minor: 10_400, ..STANDARD },
                RoomType { name: "Deluxe sea view", units: 9, base_rate_minor: 15_200, ..DELUXE },
            ],
        },
    ],
};

pub(super) const BARCELONA: Place = Place {
    location_id: "barcelona-es",
    name: "Barcelona",
    country: "Spain",
    latitude_e6: 41_385_100,
    longitude_e6: 2_173_400,
    time_zone: "Europe/Madrid",
    currency: "EUR",
    tax_bp: 1_000,
    picture: Picture { scene: "coast", seed: 1_234 },
    hotels: &[
        Hotel {
            slug: "la-sal-de-llevant",
            name: "La Sal de Llevant",
            street: "Carrer dels Calafats 15",
            area: "Barceloneta",
            latitude_e6: 41_379_900,
            longitude_e6: 2_189_600,
            stars: Some(3),
            rating_tenths: 84,
            amenities: &["wifi", "beach", "air_conditioning", "roof_terrace", "lift"],
            description: "Two streets from the sand, in a house that dries its towels on the roof. \
                Rooms are small, white and cool, with shutters that really close. Showers by the \
                back door wash the beach off before the stairs.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "coast", seed: 3 },
            room_types: &[
                RoomType { units: 22, base_rate_minor: 11_900, ..STANDARD },
                RoomType { units: 12, base_rate_minor: 11_500, ..TWIN },
                RoomType { units: 6, base_rate_minor: 17_800, ..FAMILY },
            ],
        },
        Hotel {
            slug: "xamfra-verd",
            name: "Xamfrà Verd",
            street: "Carrer del Safareig 204",
            area: "Eixample",
            latitude_e6: 41_391_200,
            longitude_e6: 2_164_900,
            stars: Some(4),
            rating_tenths: 88,
            amenities: &["breakfast", "wifi", "pool", "gym", "air_conditioning", "step_free"],
            description: "A corner house of the grid with coloured glass in the stairwell and an \
                orange court behind. Swim on the roof with the whole city below, and have supper \
                where the coaches used to turn. Three metro lines meet at the next crossing.",
            check_in_minutes: CHECK_IN_MINUTES,
            check_out_minutes: 12 * 60,
            picture: Picture { scene: "city", seed: 77 },
            room_types: &[
                RoomType { units: 40, base_rate_minor: 14_900, ..STANDARD },
                RoomType { units: 24, base_rate_minor: 18_900, ..DELUXE },
                RoomType { units: 8, base_rate_minor: 29_500, ..SUITE },
                RoomType { units: 8, base_rate_minor: 22_400, ..FAMILY },
            ],
        },
        Hotel {
            slug: "cal-boter-vell",
            name: "Cal Boter Vell",
            street: "Plaça del Most 4",
            area: "Gràcia",
            latitude_e6: 41_402_300,
            longitude_e6: 2_156_700,
            stars: None,
            rating_tenths: 87,
            amenities: &["breakfast", "wifi", "garden", "pets"],
            description: "A family house on a square where children play until late and nobody \
                minds. Nine rooms, each with a balcony just deep enough for two chairs. Breakfast \
                is bread, tomato and oil, as it should be.",
            check_in_minutes: 14 * 60,
            check_out_minutes: CHECK_OUT_MINUTES,
            picture: Picture { scene: "old-town", seed: 1_234 },
            room_types: &[
                RoomType { units: 7, base_rate_minor: 8_900, ..STANDARD },
                RoomType { units: 2, base_rate_minor: 13_100, ..FAMILY },
            ],
        },
    ],
};
