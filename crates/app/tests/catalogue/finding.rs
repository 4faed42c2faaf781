//! A search finds what is there, sorted and filtered, page by page, and nothing that cannot be
//! booked.

use vacancy_app::access::Actor;
use vacancy_app::hotels::bulk::NewHouse;
use vacancy_app::hotels::draft::HotelPatch;
use vacancy_app::listings::Listings;
use vacancy_app::listings::criteria::{Area, Criteria, Sort};
use vacancy_app::room_types::NewRoomType;
use vacancy_domain::hotels::Party;
use vacancy_store::listings::GeoBox;

use super::town::{NOON_MS, Town, code_of, fields, house, on_both, stay};

fn here() -> Area {
    Area::Location("lisbon-pt".into())
}

/// Houses of one street, each a kilometre north of the one before.
fn street() -> Vec<NewHouse> {
    let numbers = 0..;
    let names = ["Alfa", "Bravo Grand Hôtel", "Charlie", "Delta"];
    let rates = [30_000, 10_000, 20_000, 10_000];
    let mut houses: Vec<NewHouse> =
        names.iter().zip(rates).map(|(name, rate)| house(name, 2, rate)).collect();
    for (house, number) in houses.iter_mut().zip(numbers) {
        house.hotel.latitude_e6 += number * 9_000;
        house.hotel.stars = (number < 3).then_some(number + 2);
        house.hotel.rating_tenths =
            [Some(80), None, Some(95), Some(70)][usize::try_from(number).unwrap()];
        house.hotel.amenities = if number == 1 { vec![] } else { vec!["Pool".into()] };
        house.hotel.tax_bp = 1_000;
    }
    houses[3].hotel.amenities.push("Spa".into());
    houses
}

fn names(found: &Listings) -> String {
    let names = found.page.items.iter().map(|item| &item.hotel.name[..1]);
    names.collect::<Vec<_>>().concat()
}

async fn find(town: &Town, criteria: &Criteria) -> Listings {
    town.finder.search(&Actor::Anonymous, criteria).await.unwrap()
}

#[test]
fn the_cheapest_comes_first_with_its_price() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            town.build(&street()).await;
            let found = find(&town, &Criteria::of(here(), Some(stay(1, 3)))).await;
            assert_eq!((names(&found).as_str(), found.total, found.is_complete), ("BDCA", 4, true));
            assert_eq!(found.as_of_ms, NOON_MS);
            let offer = found.page.items[0].offer.as_ref().unwrap();
            assert_eq!((offer.average_night.minor, offer.total.minor), (10_000, 22_000));
            assert_eq!((offer.room_type.as_str(), offer.rooms_left), ("DOUBLE", 2));
            let stars: Vec<(i64, i64)> = found.facets.stars.into_iter().collect();
            assert_eq!(stars, [(0, 1), (2, 1), (3, 1), (4, 1)]);
            assert_eq!(found.facets.amenities, [("pool".to_owned(), 3), ("spa".to_owned(), 1)]);
        })
    });
}

#[test]
fn filters_and_orders_do_what_they_say() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            town.build(&street()).await;
            let base = Criteria::of(here(), Some(stay(1, 3)));
            let party = |adults, room_count| Party { adults, children: Vec::new(), room_count };
            for (criteria, found) in [
                (Criteria { sort: Sort::Rating, ..base.clone() }, "CADB"),
                (Criteria { sort: Sort::Distance, ..base.clone() }, "ABCD"),
                (Criteria { stars: vec![2, 3], ..base.clone() }, "BA"),
                (Criteria { amenities: vec!["POOL".into()], ..base.clone() }, "DCA"),
                (Criteria { amenities: vec!["pool".into(), "spa".into()], ..base.clone() }, "D"),
                (Criteria { price_max_minor: Some(20_000), ..base.clone() }, "BDC"),
                (Criteria { price_min_minor: Some(20_001), ..base.clone() }, "A"),
                (Criteria { party: party(4, 2), ..base.clone() }, "BDCA"),
                (Criteria { party: party(3, 1), ..base.clone() }, ""),
                (Criteria { party: party(3, 3), ..base.clone() }, ""),
                (Criteria { room_types: vec!["DOUBLE".into()], ..base.clone() }, "BDCA"),
                (Criteria { room_types: vec!["SUITE".into()], ..base.clone() }, ""),
                (Criteria { stay: Some(stay(-1, 1)), ..base.clone() }, ""),
                (Criteria::of(here(), None), "CADB"),
            ] {
                assert_eq!(names(&find(&town, &criteria).await), found, "{criteria:?}");
            }
        })
    });
}

#[test]
fn a_hotel_shows_its_cheapest_room_that_fits() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let mut new = house("Alfa", 2, 10_000);
            let mut family = NewRoomType::coded("FAMILY", 1, Some(25_000));
            family.adults_max = 4;
            new.room_types.push(family);
            town.build(&[new]).await;
            for (adults, room_type) in [(2, "DOUBLE"), (4, "FAMILY")] {
                let party = Party { adults, children: Vec::new(), room_count: 1 };
                let criteria = Criteria { party, ..Criteria::of(here(), Some(stay(0, 1))) };
                let found = find(&town, &criteria).await;
                assert_eq!(found.page.items[0].offer.as_ref().unwrap().room_type, room_type);
            }
        })
    });
}

#[test]
fn pages_follow_each_other_without_gap_or_repeat() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            town.build(&street()).await;
            for sort in [Sort::Price, Sort::Rating, Sort::Distance] {
                let base =
                    Criteria { sort, limit: Some(1), ..Criteria::of(here(), Some(stay(1, 3))) };
                let all = find(&town, &Criteria { limit: None, ..base.clone() }).await;
                let mut seen = String::new();
                let mut cursor = None;
                for _ in 0..4 {
                    let page = find(&town, &Criteria { cursor, ..base.clone() }).await;
                    assert_eq!(page.total, 4);
                    seen.push_str(&names(&page));
                    cursor = page.page.next_cursor;
                }
                assert_eq!((seen, cursor), (names(&all), None));
            }
            let one = Criteria { limit: Some(1), ..Criteria::of(here(), Some(stay(1, 3))) };
            let cursor = find(&town, &one).await.page.next_cursor;
            let other = Criteria { cursor, sort: Sort::Rating, ..one };
            assert_eq!(fields(town.finder.search(&Actor::Anonymous, &other).await)[0].0, "cursor");
        })
    });
}

#[test]
fn hotels_are_found_around_a_point_and_in_a_box() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let mut houses = street();
            let mut fiji = house("Fiji", 1, 10_000);
            (fiji.hotel.latitude_e6, fiji.hotel.longitude_e6) = (-17_000_000, 179_999_000);
            houses.push(fiji);
            town.build(&houses).await;
            let around = |latitude_e6, longitude_e6, radius_metres| {
                let area = Area::Around { latitude_e6, longitude_e6, radius_metres };
                Criteria { sort: Sort::Distance, ..Criteria::of(area, Some(stay(1, 2))) }
            };
            let near = find(&town, &around(38_722_000, -9_139_000, 1_500)).await;
            assert_eq!(names(&near), "AB");
            assert_eq!(near.page.items[0].distance_metres, Some(0));
            assert!((990..1_010).contains(&near.page.items[1].distance_metres.unwrap()));
            let over_the_date_line = find(&town, &around(-17_000_000, -179_999_000, 1_000)).await;
            assert_eq!(names(&over_the_date_line), "F");
            let area = |south_e6, north_e6, west_e6, east_e6| {
                let area = Area::Box(GeoBox { south_e6, north_e6, west_e6, east_e6 });
                Criteria::of(area, Some(stay(1, 2)))
            };
            let boxed = find(&town, &area(38_725_000, 38_745_000, -9_200_000, -9_100_000)).await;
            assert_eq!(names(&boxed), "BC");
            let wrapped =
                find(&town, &area(-18_000_000, -16_000_000, 179_000_000, -179_000_000)).await;
            assert_eq!(names(&wrapped), "F");
        })
    });
}

#[test]
fn hotels_are_found_by_name_and_by_the_name_of_their_place() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let ids = town.build(&street()).await;
            let named = |q: &str| Criteria::of(Area::Named(q.into()), Some(stay(1, 2)));
            for (q, found) in [
                ("bravo", "B"),
                ("HOTEL gra", "B"),
                ("grand charlie", ""),
                ("lisb", "BDCA"),
                ("", ""),
                ("%", ""),
            ] {
                assert_eq!(names(&find(&town, &named(q)).await), found, "{q}");
            }
            let change = HotelPatch { name: Some("Zulu".into()), ..HotelPatch::default() };
            let owner = town.owner();
            let renamed = vacancy_app::hotels::patch(&town.db, &owner, ids[1], 1, &change).await;
            renamed.unwrap();
            assert_eq!(names(&find(&town, &named("bravo")).await), "");
            assert_eq!(names(&find(&town, &named("zul")).await), "Z");
        })
    });
}

#[test]
fn what_cannot_be_searched_is_told_by_field() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            town.build(&street()).await;
            let base = Criteria::of(here(), Some(stay(1, 3)));
            let wide =
                GeoBox { south_e6: 0, north_e6: 1, west_e6: -180_000_000, east_e6: 180_000_000 };
            let far =
                Area::Around { latitude_e6: 0, longitude_e6: 0, radius_metres: 1_000_000_000 };
            let nobody = Party { adults: 0, children: vec![30], room_count: 0 };
            for (criteria, pointers) in [
                (
                    Criteria { party: nobody, ..base.clone() },
                    &["adults", "roomCount", "children"][..],
                ),
                (Criteria { area: Area::Box(wide), ..base.clone() }, &["bbox"]),
                (Criteria { area: far, ..base.clone() }, &["radiusKm"]),
                (Criteria { stay: None, ..base.clone() }, &["sort"]),
                (Criteria { stars: vec![0, 6], ..base.clone() }, &["stars"]),
                (Criteria { price_min_minor: Some(-1), ..base.clone() }, &["minPrice"]),
                (Criteria { limit: Some(10_000), ..base.clone() }, &["limit"]),
                (
                    Criteria {
                        area: Area::Named("x".into()),
                        sort: Sort::Distance,
                        ..base.clone()
                    },
                    &["sort"],
                ),
            ] {
                let told = fields(town.finder.search(&Actor::Anonymous, &criteria).await);
                let told: Vec<&str> = told.iter().map(|(pointer, _)| pointer.as_str()).collect();
                assert_eq!(told, pointers);
            }
            for (criteria, told) in [
                (Criteria { stay: Some(stay(3, 3)), ..base.clone() }, "stay_is_empty"),
                (Criteria { stay: Some(stay(0, 400)), ..base.clone() }, "stay_too_long"),
                (Criteria { area: Area::Location("nowhere".into()), ..base.clone() }, "not_found"),
            ] {
                assert_eq!(code_of(town.finder.search(&Actor::Anonymous, &criteria).await), told);
            }
        })
    });
}
