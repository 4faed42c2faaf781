//! Room types, their rooms and their rates.

use vacancy_app::access::Actor;
use vacancy_app::desk::Desk;
use vacancy_app::desk::command::{Command, Order};
use vacancy_app::errors::Error;
use vacancy_app::room_types::{NewRoomType, RoomTypePatch, create, delete, get, list, patch};
use vacancy_app::rooms::{self, NewRoom};
use vacancy_app::{pricing, rates};
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{HoldId, LineId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::prices::Terms;

use super::town::{Town, code_of, fields, hotel, house, on_both, stay};

#[test]
fn a_room_type_begins_with_its_stock_under_the_hotel_s_cap() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let mut new = hotel("Grand");
            new.overbook_cap_bp = 300;
            let (db, owner) = (&town.db, town.owner());
            let made = vacancy_app::hotels::create(db, &town.ids, &owner, town.business, &new)
                .await
                .unwrap();
            let new = NewRoomType { overbook_bp: 1_000, ..NewRoomType::coded("SUITE", 187, None) };
            let suite = create(db, &town.ids, &owner, made.id, &new).await.unwrap();
            assert_eq!((suite.stock.overbook_bp, suite.type_overbook_bp), (300, 1_000));
            assert_eq!(suite.stock.limit_units(), 192);
            assert_eq!(get(db, &Actor::Anonymous, made.id, "SUITE").await.unwrap(), suite);

            let twice = create(db, &town.ids, &owner, made.id, &new).await;
            assert!(matches!(twice, Err(Error::Exists { field: "code" })), "{twice:?}");
        })
    });
}

#[test]
fn a_wrong_room_type_is_refused_field_by_field() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let id = town.build(&[house("Grand", 1, 100)]).await[0];
            let wrong = NewRoomType {
                name: String::new(),
                adults_max: 0,
                guests_max: -1,
                capacity: -1,
                overbook_bp: 10_001,
                base_rate_minor: Some(-1),
                rooms: vec!["1".into(), " 2".into()],
                rates: vec![(stay(3, 3), 1), (stay(0, 1), -5)],
                ..NewRoomType::coded("a", 1, None)
            };
            let told = fields(create(&town.db, &town.ids, &town.owner(), id, &wrong).await);
            let pointers: Vec<&str> = told.iter().map(|(pointer, _)| pointer.as_str()).collect();
            let expected = [
                "/code",
                "/name",
                "/adultsMax",
                "/guestsMax",
                "/capacity",
                "/overbookBp",
                "/baseRate",
                "/rooms/1",
                "/rates/0/to",
                "/rates/1/amount",
            ];
            assert_eq!(pointers, expected);
            let nowhere = create(&town.db, &town.ids, &Actor::Admin, PropertyId(1), &wrong).await;
            assert_eq!(code_of(nowhere), "not_found");
        })
    });
}

#[test]
fn what_is_shown_of_a_room_type_changes_over_its_last_version() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let id = town.build(&[house("Grand", 4, 100)]).await[0];
            let double = (id, "DOUBLE");
            let change = RoomTypePatch {
                name: Some("Sea view".into()),
                adults_max: Some(3),
                base_rate_minor: Some(None),
                ..RoomTypePatch::default()
            };
            let new = patch(&town.db, &town.owner(), double, 1, &change).await.unwrap();
            assert_eq!((new.version, new.base_rate_minor, new.stock.capacity), (2, None, 4));
            assert_eq!(list(&town.db, &Actor::Anonymous, id).await.unwrap(), [new]);
            let stale = patch(&town.db, &town.owner(), double, 1, &change).await;
            assert!(matches!(stale, Err(Error::Stale { version: 2 })), "{stale:?}");
            let none = patch(&town.db, &town.owner(), (id, "SUITE"), 1, &change).await;
            assert_eq!(code_of(none), "not_found");
        })
    });
}

#[test]
fn a_room_type_in_use_stays() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let (desk, lanes) = Desk::open(&town.db, &town.ids);
            let mut new = house("Grand", 1, 100);
            new.room_types[0].rooms = vec!["1".into()];
            new.room_types[0].rates = vec![(stay(0, 5), 90)];
            let id = town.build(&[new]).await[0];
            let pool = get(&town.db, &Actor::Anonymous, id, "DOUBLE").await.unwrap().pool;
            let hold = HoldId(town.ids.next_id());
            let id_of_line = LineId(town.ids.next_id());
            let lines = vec![Line { id: id_of_line, pool, stay: stay(5, 6), units: 1 }];
            let reference = String::new();
            let place = Place { property: id, hold, reference, lines, advance_days_max: None };
            desk.submit(Order::new(id, "test", Command::Place(place))).await.unwrap();
            let refused = delete(&town.db, &town.owner(), id, "DOUBLE").await;
            assert_eq!(code_of(refused), "invalid_transition");
            assert_eq!(list(&town.db, &Actor::Anonymous, id).await.unwrap().len(), 1);

            let reason = "changed my mind".to_owned();
            let cancel = Command::Cancel { hold, reference: None, reason };
            desk.submit(Order::new(id, "test", cancel)).await.unwrap();
            delete(&town.db, &town.owner(), id, "DOUBLE").await.unwrap();
            assert_eq!(list(&town.db, &Actor::Anonymous, id).await.unwrap(), []);
            assert_eq!(rooms::list(&town.db, &town.owner(), id, "").await.unwrap(), []);
            assert_eq!(code_of(delete(&town.db, &town.owner(), id, "DOUBLE").await), "not_found");
            lanes.close().await;
        })
    });
}

#[test]
fn rooms_are_made_all_or_none_and_numbers_are_one_per_hotel() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let (db, owner) = (&town.db, town.owner());
            let id = town.build(&[house("Grand", 4, 100)]).await[0];
            let room = |room_type: &str, number: &str| NewRoom {
                room_type: room_type.into(),
                number: number.into(),
            };
            let two = [room("DOUBLE", "101"), room("DOUBLE", "102A")];
            let made = rooms::create(db, &town.ids, &owner, id, &two).await.unwrap();
            assert_eq!(rooms::list(db, &owner, id, "").await.unwrap(), made);
            assert_eq!(rooms::list(db, &owner, id, "101").await.unwrap(), &made[1..]);
            let clash = [room("DOUBLE", "103"), room("DOUBLE", "101")];
            let refused = rooms::create(db, &town.ids, &owner, id, &clash).await;
            assert!(matches!(refused, Err(Error::Exists { field: "number" })), "{refused:?}");
            let wrong =
                [room("SUITE", "1"), room("DOUBLE", ""), room("DOUBLE", "7"), room("DOUBLE", "7")];
            let told = fields(rooms::create(db, &town.ids, &owner, id, &wrong).await);
            let told: Vec<&str> = told.iter().map(|(pointer, _)| pointer.as_str()).collect();
            assert_eq!(told, ["/rooms/0/roomType", "/rooms/1/number", "/rooms/3/number"]);
            assert_eq!(code_of(rooms::create(db, &town.ids, &owner, id, &[]).await), "missing");
            rooms::delete(db, &owner, id, "101").await.unwrap();
            assert_eq!(code_of(rooms::delete(db, &owner, id, "101").await), "not_found");
            assert_eq!(rooms::list(db, &owner, id, "").await.unwrap(), &made[1..]);
        })
    });
}

async fn nights(town: &Town, id: PropertyId, first: i64, end: i64) -> Option<Vec<i64>> {
    let (stay, room_types) = (stay(first, end), None);
    let (children, terms) = (Vec::new(), Terms::default());
    let ask = pricing::Ask { property: id, stay, room_types, adults: 2, children, terms };
    let mut answer = pricing::ask(&town.db, &Actor::Anonymous, &ask).await.unwrap();
    let price = answer.types.pop()?.price?;
    Some(price.lines[0].nights.iter().map(|night| night.amount_minor).collect())
}

#[test]
fn the_rate_that_was_set_last_counts() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let (db, owner) = (&town.db, town.owner());
            let id = town.build(&[house("Grand", 4, 100)]).await[0];
            let double = (id, "DOUBLE");
            rates::set_range(db, &owner, double, stay(2, 4), 300).await.unwrap();
            rates::set_range(db, &owner, double, stay(0, 3), 200).await.unwrap();
            assert_eq!(nights(&town, id, 0, 5).await, Some(vec![200, 200, 200, 300, 100]));
            // Covers the first range wholly, which is forgotten, and the second in part.
            rates::set_range(db, &owner, double, stay(1, 4), 400).await.unwrap();
            assert_eq!(nights(&town, id, 0, 5).await, Some(vec![200, 400, 400, 400, 100]));
            let listed = rates::list(db, &Actor::Anonymous, id, stay(0, 9)).await.unwrap();
            let amounts: Vec<i64> =
                listed[0].ranges.iter().map(|range| range.amount_minor).collect();
            assert_eq!(amounts, [200, 400]);
            rates::set_base(db, &owner, double, None).await.unwrap();
            assert_eq!(nights(&town, id, 0, 5).await, None);
            rates::set_base(db, &owner, double, Some(0)).await.unwrap();
            assert_eq!(nights(&town, id, 3, 5).await, Some(vec![400, 0]));

            for (stay, amount) in [(stay(3, 3), 1), (stay(0, 801), 1), (stay(0, 1), -1)] {
                let told = rates::set_range(db, &owner, double, stay, amount).await;
                assert_eq!(code_of(told), "out_of_range");
            }
            let none = rates::set_base(db, &owner, (id, "SUITE"), None).await;
            assert_eq!(code_of(none), "not_found");
        })
    });
}
