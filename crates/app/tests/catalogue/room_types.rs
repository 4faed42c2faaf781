//! Room types, their rooms and their rates.

use vacancy_app::access::Actor;
use vacancy_app::errors::Error;
use vacancy_app::room_types::{NewRoomType, RoomTypePatch, create, delete, get, list, patch};
use vacancy_app::rooms::{self, NewRoom};
use vacancy_app::{pricing, rates};
use vacancy_domain::cells::Cell;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::pools::{self, PoolChange, PoolChangeKind};
use vacancy_domain::stays::Day;
use vacancy_store::ids::uuid;
use vacancy_store::sql::tx::Sql;

use super::town::{TODAY, Town, code_of, fields, hotel, house, on_both, stay};

#[test]
fn a_room_type_begins_with_stock_that_its_records_explain() {
    const CHANGES: Sql = Sql::new(
        "SELECT seq, kind, first_day, end_day, value FROM pool_change WHERE pool = $1 ORDER BY seq",
    );
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

            let pool = uuid(suite.pool.0);
            type Row = (i64, String, i64, Option<i64>, i64);
            let rows = db
                .read(move |tx| Box::pin(async move { tx.query::<Row>(&CHANGES, &[&pool]).await }));
            let changes: Vec<PoolChange> = rows
                .await
                .unwrap()
                .into_iter()
                .map(|(seq, kind, first_day, end_day, value)| PoolChange {
                    property: made.id,
                    pool: suite.pool,
                    seq,
                    kind: PoolChangeKind::from_word(&kind).unwrap(),
                    first_day: Day(first_day),
                    end_day: end_day.map(Day),
                    value,
                })
                .collect();
            assert_eq!(changes.len(), 2);
            assert_eq!(pools::fold(&changes, TODAY), Cell::untouched(suite.stock));
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
    const SELL: Sql = Sql::new(
        "INSERT INTO cell (property, pool, slot, day, capacity, blocked, out_of_order, \
         overbook_bp, limit_units, capacity_is_own, held, sold, oversold, closed, \
         closed_to_arrival, closed_to_departure, version) VALUES ($1, $2, $3, $3, 1, 0, 0, 0, 1, \
         FALSE, $4, $5, FALSE, FALSE, FALSE, FALSE, 1)",
    );
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            for (day, held, sold, told) in [
                (5, 0, 1, "invalid_transition"),
                (-1, 0, 1, "invalid_transition"),
                (-9, 1, 0, "invalid_transition"),
                (-2, 0, 1, "ok"),
                (5, 0, 0, "ok"),
            ] {
                let mut new = house("Grand", 1, 100);
                new.room_types[0].rooms = vec!["1".into()];
                new.room_types[0].rates = vec![(stay(0, 5), 90)];
                let id = town.build(&[new]).await[0];
                let pool = get(&town.db, &Actor::Anonymous, id, "DOUBLE").await.unwrap().pool;
                let keys = (uuid(id.0), uuid(pool.0), TODAY.plus(day).0);
                let sold = town.db.write(move |tx| {
                    Box::pin(async move {
                        tx.execute(&SELL, &[&keys.0, &keys.1, &keys.2, &held, &sold]).await
                    })
                });
                assert_eq!(sold.await.unwrap(), 1);
                let outcome = delete(&town.db, &town.owner(), id, "DOUBLE").await;
                assert_eq!(code_of(outcome), told, "{day} {held}");
                let left = list(&town.db, &Actor::Anonymous, id).await.unwrap();
                assert_eq!(left.is_empty(), told == "ok");
            }
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

#[test]
fn a_room_that_somebody_sleeps_in_stays() {
    const SLEEP: Sql =
        Sql::new("INSERT INTO room_night (property, room, day, line) VALUES ($1, $2, $3, $2)");
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let id = town.build(&[house("Grand", 4, 100)]).await[0];
            let new = [NewRoom { room_type: "DOUBLE".into(), number: "1".into() }];
            let made = rooms::create(&town.db, &town.ids, &town.owner(), id, &new).await.unwrap();
            let keys = (uuid(id.0), uuid(made[0].room.id.0), TODAY.0);
            let slept = town.db.write(move |tx| {
                Box::pin(async move { tx.execute(&SLEEP, &[&keys.0, &keys.1, &keys.2]).await })
            });
            slept.await.unwrap();
            let refused = rooms::delete(&town.db, &town.owner(), id, "1").await;
            assert_eq!(code_of(refused), "invalid_transition");
        })
    });
}

async fn nights(town: &Town, id: PropertyId, first: i64, end: i64) -> Option<Vec<i64>> {
    let (stay, room_types) = (stay(first, end), None);
    let ask = pricing::Ask { property: id, stay, room_types, adults: 2 };
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
