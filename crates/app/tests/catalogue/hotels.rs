//! Hotels are made, changed by who read their last version, listed, and found by their place.

use vacancy_app::access::Actor;
use vacancy_app::errors::Error;
use vacancy_app::hotels::bulk::{HOTELS_PER_TRANSACTION, Made, NewHouse};
use vacancy_app::hotels::draft::{HotelPatch, NewHotel};
use vacancy_app::hotels::{create, get, list, list_own, patch, profile};
use vacancy_app::locations::{self, PlaceName};
use vacancy_app::room_types::NewRoomType;
use vacancy_app::rooms;
use vacancy_domain::ids::PropertyId;

use super::town::{NOON_MS, Town, code_of, fields, hotel, house, lisbon, on_both, stay};

#[test]
fn a_hotel_comes_back_as_it_was_made() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let new = NewHotel {
                external_id: Some("osm:1".into()),
                description: "By the river.\nQuiet.".into(),
                address: "Rua 1".into(),
                stars: Some(4),
                rating_tenths: Some(87),
                amenities: vec!["Pool".into(), "Wi-Fi".into()],
                image_urls: vec!["/pictures/1.jpg".into()],
                tax_bp: 600,
                ..hotel("Hôtel \"Grão\"")
            };
            let made = create(&town.db, &town.ids, &town.owner(), town.business, &new).await;
            let made = made.unwrap();
            assert_eq!((made.created_at_ms, made.version), (NOON_MS, 1));
            assert_eq!(made.location, "lisbon-pt");
            let seen = profile(&town.db, &Actor::Anonymous, made.id).await.unwrap();
            assert_eq!(seen.hotel, made);
            assert_eq!((seen.location.name.as_str(), seen.location.hotel_count), ("Lisbon", 1));
            assert!(seen.room_types.is_empty());
            let twice = create(&town.db, &town.ids, &town.owner(), town.business, &new).await;
            assert!(matches!(twice, Err(Error::Exists { field: "externalId" })), "{twice:?}");
            let none = profile(&town.db, &Actor::Anonymous, PropertyId(1)).await;
            assert_eq!(code_of(none), "not_found");
        })
    });
}

#[test]
fn every_wrong_field_is_named() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let wrong = NewHotel {
                name: " ".into(),
                description: "a\0b".into(),
                latitude_e6: 91_000_000,
                stars: Some(6),
                amenities: vec![String::new()],
                image_urls: vec!["javascript:alert(1)".into()],
                time_zone: "Mars/Olympus".into(),
                currency: "XXX".into(),
                check_in_minutes: 1440,
                hold_ttl_ms: 1,
                tax_bp: -1,
                place: PlaceName::City { name: "!".into(), country: "pt".into() },
                ..hotel("")
            };
            let told =
                fields(create(&town.db, &town.ids, &town.owner(), town.business, &wrong).await);
            let told: Vec<String> =
                told.into_iter().map(|(pointer, code)| format!("{pointer} {code}")).collect();
            assert_eq!(
                told,
                [
                    "/city malformed",
                    "/country malformed",
                    "/currency unknown",
                    "/name missing",
                    "/description malformed",
                    "/latitude out_of_range",
                    "/stars out_of_range",
                    "/amenities missing",
                    "/imageUrls malformed",
                    "/timeZone unknown",
                    "/checkInTime out_of_range",
                    "/holdSeconds out_of_range",
                    "/taxBp out_of_range",
                ]
            );
            let nowhere = NewHotel { place: PlaceName::Known("atlantis".into()), ..hotel("A") };
            let told =
                fields(create(&town.db, &town.ids, &town.owner(), town.business, &nowhere).await);
            assert_eq!(told, [("/locationId".to_owned(), "unknown")]);
        })
    });
}

#[test]
fn a_change_over_an_old_version_is_refused() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let (db, owner) = (&town.db, town.owner());
            let made =
                create(db, &town.ids, &owner, town.business, &hotel("Old Name")).await.unwrap();
            let porto = PlaceName::City { name: "Porto".into(), country: "PT".into() };
            let change = HotelPatch {
                name: Some("New Name".into()),
                stars: Some(Some(3)),
                place: Some(porto),
                ..HotelPatch::default()
            };
            let changed = patch(db, &owner, made.id, 1, &change).await.unwrap();
            assert_eq!(
                (changed.name.as_str(), changed.stars, changed.version),
                ("New Name", Some(3), 2)
            );
            assert_eq!(get(db, &Actor::Anonymous, made.id).await.unwrap(), changed);
            let stale = patch(db, &owner, made.id, 1, &change).await;
            assert!(matches!(stale, Err(Error::Stale { version: 2 })), "{stale:?}");
            let counts: Vec<(String, i64)> = locations::search(db, &Actor::Anonymous, "", None)
                .await
                .unwrap()
                .into_iter()
                .map(|place| (place.id, place.hotel_count))
                .collect();
            assert_eq!(counts, [("porto-pt".to_owned(), 1), ("lisbon-pt".to_owned(), 0)]);
            let wrong = HotelPatch { name: Some(String::new()), ..HotelPatch::default() };
            assert_eq!(
                fields(patch(db, &owner, made.id, 2, &wrong).await),
                [("/name".into(), "missing")]
            );
        })
    });
}

#[test]
fn hotels_are_listed_page_by_page() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let houses: Vec<NewHouse> = (0..5).map(|at| house(&format!("H{at}"), 1, 100)).collect();
            let ids = town.build(&houses).await;
            for own in [false, true] {
                let mut cursor: Option<String> = None;
                let mut seen = Vec::new();
                for pages in 1.. {
                    let at = cursor.as_deref();
                    let page = if own {
                        list_own(&town.db, &town.owner(), town.business, at, Some(2)).await
                    } else {
                        list(&town.db, &Actor::Anonymous, "lisbon-pt", at, Some(2)).await
                    };
                    let page = page.unwrap();
                    seen.extend(page.items.iter().map(|hotel| hotel.id));
                    cursor = page.next_cursor;
                    if cursor.is_none() {
                        assert_eq!(pages, 3);
                        break;
                    }
                }
                assert_eq!(seen, ids);
            }
            let nobody = Actor::Anonymous;
            for (cursor, limit, pointer) in
                [(Some("x"), None, "cursor"), (None, Some(0), "limit"), (None, Some(201), "limit")]
            {
                let told = fields(list(&town.db, &nobody, "lisbon-pt", cursor, limit).await);
                assert_eq!(told[0].0, pointer);
            }
            let none = list(&town.db, &nobody, "nowhere", None, None).await.unwrap();
            assert!(none.items.is_empty());
        })
    });
}

#[test]
fn an_import_makes_each_house_once_whole_or_not_at_all() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let named = |name: &str, external: &str| {
                let mut new = house(name, 3, 9_000);
                new.hotel.external_id = Some(external.into());
                new.room_types[0].rooms = vec!["101".into(), "102".into()];
                new.room_types[0].rates = vec![(stay(0, 10), 8_000), (stay(5, 6), 7_000)];
                new
            };
            let mut broken = named("Broken", "x:9");
            broken.room_types.push(NewRoomType::coded("lower case", 1, None));
            let mut twice = named("Twice", "x:8");
            twice.room_types.push(NewRoomType::coded("DOUBLE", 1, None));
            let mut homeless = named("Homeless", "x:7");
            homeless.hotel.place = PlaceName::Known("atlantis".into());
            let houses =
                [named("A", "x:1"), broken, twice, homeless, named("B", "x:1"), named("C", "x:2")];
            let made = town.try_build(&houses).await;
            let Made::Created(first) = made[0] else { panic!("{made:?}") };
            let pointers: Vec<&str> = made
                .iter()
                .map(|made| match made {
                    Made::Created(_) => "created",
                    Made::AlreadyThere(id) if *id == first => "the first",
                    Made::AlreadyThere(_) => "another",
                    Made::Refused(fields) => &fields[0].pointer,
                })
                .collect();
            let expected = [
                "created",
                "/roomTypes/1/code",
                "/roomTypes/1/code",
                "/locationId",
                "the first",
                "created",
            ];
            assert_eq!(pointers, expected);
            let again = town.try_build(&houses).await;
            assert_eq!(again[0], Made::AlreadyThere(first));
            let seen = profile(&town.db, &Actor::Anonymous, first).await.unwrap();
            assert_eq!(seen.location.hotel_count, 2);
            assert_eq!(seen.room_types[0].stock.capacity, 3);
            let doors = rooms::list(&town.db, &town.owner(), first, "").await.unwrap();
            assert_eq!(doors.len(), 2);
        })
    });
}

#[test]
fn more_houses_than_one_transaction_takes_are_all_made() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let count = HOTELS_PER_TRANSACTION + 1;
            let houses: Vec<NewHouse> =
                (0..count).map(|at| house(&format!("H{at}"), 1, 100)).collect();
            assert_eq!(town.build(&houses).await.len(), count);
            let place = locations::get(&town.db, &Actor::Anonymous, "lisbon-pt").await.unwrap();
            assert_eq!(usize::try_from(place.hotel_count).unwrap(), count);
        })
    });
}

#[test]
fn places_are_found_while_somebody_types() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let mut houses = Vec::new();
            for (city, country, count) in [
                ("Lisbon", "PT", 2),
                ("Lissabon Nova", "BR", 1),
                ("Évora", "PT", 1),
                ("New Lisbon", "US", 3),
            ] {
                for at in 0..count {
                    let mut new = house(&format!("{city} {at}"), 1, 100);
                    new.hotel.place =
                        PlaceName::City { name: city.into(), country: country.into() };
                    houses.push(new);
                }
            }
            town.build(&houses).await;
            let nobody = Actor::Anonymous;
            for (q, found) in [
                ("LIS", &["lisbon-pt", "lissabon-nova-br", "new-lisbon-us"][..]),
                ("evo", &["evora-pt"]),
                ("", &["new-lisbon-us", "lisbon-pt", "lissabon-nova-br", "evora-pt"]),
                ("%", &[]),
                ("paris", &[]),
            ] {
                let mut places = locations::search(&town.db, &nobody, q, Some(10)).await.unwrap();
                if q.is_empty() {
                    // Of equally many hotels the name decides.
                    places.sort_by_key(|place| (-place.hotel_count, place.id == "evora-pt"));
                }
                let ids: Vec<&str> = places.iter().map(|place| place.id.as_str()).collect();
                assert_eq!(ids, found, "{q}");
            }
            let one = locations::search(&town.db, &nobody, "lis", Some(1)).await.unwrap();
            assert_eq!(one.len(), 1);
            let long = locations::search(&town.db, &nobody, &"x".repeat(101), None).await;
            assert_eq!(code_of(long), "too_long");
            assert_eq!(code_of(locations::get(&town.db, &nobody, "nowhere").await), "not_found");
            let PlaceName::City { name, .. } = lisbon() else { panic!("lisbon is a city") };
            assert_eq!(name, "Lisbon");
        })
    });
}
