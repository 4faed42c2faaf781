//! Goal: hotels, room types, rooms, rates and keys come back from either engine as they went in.
//! Method: one hotel per test, written and read through the public functions in one transaction.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use futures_util::future::BoxFuture;
use vacancy_domain::cells::{Cell, Stock};
use vacancy_domain::hotels::{Business, Hotel, Location, RoomType};
use vacancy_domain::ids::{ApiKeyId, BusinessId, PoolId, PropertyId, ReservationId, RoomId};
use vacancy_domain::money::Currency;
use vacancy_domain::pools::{self, PoolChange, PoolChangeKind};
use vacancy_domain::prices::RateRange;
use vacancy_domain::rooms::Room;
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::access::{self, ApiKey};
use vacancy_store::faults::Fault;
use vacancy_store::ids::uuid;
use vacancy_store::listings::GeoBox;
use vacancy_store::sql::tx::{Sql, Tx};
use vacancy_store::testing::on_both_engines;
use vacancy_store::{
    availability, businesses, hotels, listings, locations, rates, room_types, rooms,
};

const BUSINESS: BusinessId = BusinessId(1);
const PROPERTY: PropertyId = PropertyId(2);
const POOL: PoolId = PoolId(3);

fn check(
    body: impl for<'t> Fn(&'t Tx<'t>) -> BoxFuture<'t, Result<(), Fault>> + Copy + Send + Sync + 'static,
) {
    on_both_engines(move |db| Box::pin(async move { db.write(body).await.unwrap() }));
}

fn hotel(id: PropertyId, name: &str) -> Hotel {
    Hotel {
        id,
        business: BUSINESS,
        location: "lisbon-pt".into(),
        external_id: Some(format!("x:{name}")),
        name: name.into(),
        description: "Quiet.\n\"Old\"".into(),
        address: "Rua 1".into(),
        latitude_e6: 38_722_000,
        longitude_e6: -9_139_000,
        stars: None,
        rating_tenths: Some(87),
        amenities: vec!["Pool".into()],
        image_urls: vec![],
        time_zone: "Europe/Lisbon".into(),
        currency: Currency::EUR,
        check_in_minutes: 900,
        check_out_minutes: 660,
        hold_ttl_ms: 600_000,
        overbook_cap_bp: 500,
        tax_bp: 600,
        created_at_ms: 5,
        version: 1,
    }
}

fn room_type() -> RoomType {
    RoomType {
        pool: POOL,
        property: PROPERTY,
        code: "DOUBLE".into(),
        name: "Double".into(),
        description: String::new(),
        beds: "1 queen".into(),
        image_urls: vec!["/a.jpg".into()],
        adults_max: 2,
        children_max: 1,
        guests_max: 3,
        base_rate_minor: Some(100),
        stock: Stock { capacity: 4, blocked: 0, out_of_order: 0, overbook_bp: 500 },
        type_overbook_bp: 1_000,
        created_at_ms: 5,
        version: 1,
    }
}

fn place(id: &str, name: &str) -> Location {
    Location {
        id: id.into(),
        name: name.into(),
        country: "PT".into(),
        latitude_e6: 1,
        longitude_e6: -1,
        hotel_count: 0,
    }
}

async fn build(tx: &Tx<'_>) -> Result<(), Fault> {
    let business = Business { id: BUSINESS, name: "B".into(), is_test: false, created_at_ms: 5 };
    businesses::insert(tx, &business).await?;
    locations::insert_missing(tx, &[place("lisbon-pt", "Lisbon")]).await?;
    hotels::insert(tx, &[hotel(PROPERTY, "Grand Hôtel")]).await?;
    room_types::insert(tx, &[room_type()]).await
}

#[test]
fn businesses_and_keys() {
    check(|tx| {
        Box::pin(async move {
            assert_eq!(businesses::first(tx).await?, None);
            build(tx).await?;
            assert!(businesses::rename(tx, BUSINESS, "New").await?);
            assert!(!businesses::rename(tx, BusinessId(9), "New").await?);
            let known = businesses::by_id(tx, BUSINESS).await?.unwrap();
            assert_eq!(known.name, "New");
            assert_eq!(businesses::first(tx).await?, Some(known.clone()));
            assert_eq!(businesses::list(tx, BusinessId(0), 9).await?, [known]);
            assert_eq!(businesses::list(tx, BUSINESS, 9).await?, []);
            let key = ApiKey {
                id: ApiKeyId(7),
                business: Some(BUSINESS),
                role: "key".into(),
                scopes: "rates:write".into(),
                name: "channel".into(),
                created_at_ms: 5,
                revoked_at_ms: None,
            };
            access::insert(tx, &key, "digest").await?;
            assert_eq!(access::by_hash(tx, "digest").await?, Some(key.clone()));
            assert_eq!(access::count_role(tx, "key").await?, 1);
            assert!(!access::revoke(tx, key.id, BusinessId(9), 6).await?);
            assert!(access::revoke(tx, key.id, BUSINESS, 6).await?);
            assert_eq!(access::by_hash(tx, "digest").await?, None);
            let revoked = ApiKey { revoked_at_ms: Some(6), ..key };
            assert_eq!(access::by_business(tx, BUSINESS, 9).await?, [revoked]);
            assert_eq!(access::secret_or(tx, "s", "one").await?, "one");
            assert_eq!(access::secret_or(tx, "s", "two").await?, "one");
            assert_eq!(access::token_version(tx, ReservationId(1)).await?, None);
            Ok(())
        })
    });
}

#[test]
fn hotels_and_places() {
    check(|tx| {
        Box::pin(async move {
            build(tx).await?;
            locations::insert_missing(
                tx,
                &[place("lisbon-pt", "Other"), place("porto-pt", "Porto")],
            )
            .await?;
            locations::count_hotels(tx, &[("lisbon-pt".into(), 2), ("porto-pt".into(), 1)]).await?;
            let found = locations::search(tx, "o", 9).await?;
            let names: Vec<&str> = found.iter().map(|place| place.name.as_str()).collect();
            assert_eq!(names, ["Lisbon", "Porto"]);
            assert_eq!(locations::by_ids(tx, &["porto-pt".into()]).await?[0].hotel_count, 1);
            let mut old = hotels::by_id(tx, PROPERTY).await?.unwrap();
            assert_eq!(old, hotel(PROPERTY, "Grand Hôtel"));
            old.stars = Some(4);
            old.name = "Petit".into();
            assert!(hotels::update(tx, &old).await?);
            assert!(!hotels::update(tx, &old).await?, "it has another version now");
            assert!(hotels::set_overbook_cap(tx, PROPERTY, 700).await?);
            let new = Hotel { version: 3, overbook_cap_bp: 700, ..old };
            let nobody = PropertyId(0);
            assert_eq!(hotels::by_ids(tx, &[PROPERTY, nobody]).await?, std::slice::from_ref(&new));
            assert_eq!(
                hotels::by_location(tx, "lisbon-pt", nobody, 9).await?,
                std::slice::from_ref(&new)
            );
            assert_eq!(hotels::by_business(tx, BUSINESS, PROPERTY, 9).await?, []);
            assert_eq!(hotels::by_business(tx, BUSINESS, nobody, 9).await?, [new]);
            let names = ["x:Grand Hôtel".to_owned(), "x:none".to_owned()];
            let known = hotels::by_external_ids(tx, BUSINESS, &names).await?;
            assert_eq!(known.into_values().collect::<Vec<_>>(), [PROPERTY]);
            Ok(())
        })
    });
}

#[test]
fn a_search_never_looks_at_more_than_it_is_told() {
    check(|tx| {
        Box::pin(async move {
            build(tx).await?;
            hotels::insert(tx, &[hotel(PropertyId(4), "Grand Two"), hotel(PropertyId(5), "Ibis")])
                .await?;
            assert_eq!(listings::in_location(tx, "lisbon-pt", 9).await?.len(), 3);
            assert_eq!(listings::in_location(tx, "lisbon-pt", 2).await?.len(), 2);
            let grand = listings::by_word(tx, "gran", 9).await?;
            assert_eq!(grand.iter().map(|hotel| hotel.property.0).collect::<Vec<_>>(), [2, 4]);
            assert_eq!(listings::by_word(tx, "gran", 1).await?.len(), 1);
            let area = |west_e6, east_e6| GeoBox {
                south_e6: 38_000_000,
                north_e6: 39_000_000,
                west_e6,
                east_e6,
            };
            assert_eq!(listings::in_box(tx, area(-10_000_000, -9_000_000), 2).await?.len(), 2);
            assert_eq!(listings::in_box(tx, area(-9_000_000, -10_000_000), 9).await?, []);
            assert_eq!(listings::in_box(tx, area(170_000_000, -9_000_000), 9).await?.len(), 3);
            Ok(())
        })
    });
}

#[test]
fn room_types_rooms_and_rates() {
    check(|tx| {
        Box::pin(async move {
            build(tx).await?;
            let mut known = room_types::by_code(tx, PROPERTY, "DOUBLE").await?.unwrap();
            assert_eq!(known, room_type());
            known.name = "Twin".into();
            assert!(room_types::update(tx, &known).await?);
            assert!(!room_types::update(tx, &known).await?, "it has another version now");
            assert!(room_types::set_type_overbook(tx, POOL, 9).await?);
            assert!(rates::set_base(tx, POOL, Some(200)).await?);
            let known = room_types::by_properties(tx, &[PROPERTY]).await?.pop().unwrap();
            assert_eq!(
                (known.version, known.type_overbook_bp, known.name.as_str()),
                (4, 9, "Twin")
            );

            let room =
                |id, number: &str| Room { id: RoomId(id), pool: POOL, number: number.into() };
            rooms::insert(tx, &[(PROPERTY, room(1, "1")), (PROPERTY, room(2, "2"))]).await?;
            assert_eq!(rooms::list(tx, PROPERTY, "1", 9).await?, [room(2, "2")]);
            let named = rooms::by_numbers(tx, PROPERTY, &["1".into(), "9".into()]).await?;
            assert_eq!(named, [room(1, "1")]);
            assert!(rooms::delete_unless_taken(tx, PROPERTY, RoomId(1), Day(1)).await?);
            assert_eq!(rooms::list(tx, PROPERTY, "", 9).await?.len(), 1);

            let stay = |first, end| Stay::new(Day(first), Day(end));
            let range = |first, end, amount_minor| RateRange {
                pool: POOL,
                stay: stay(first, end),
                amount_minor,
            };
            rates::insert_first(tx, &[(PROPERTY, range(1, 3, 1)), (PROPERTY, range(5, 9, 2))])
                .await?;
            rates::set_range(tx, PROPERTY, range(1, 4, 3)).await?;
            let found = rates::ranges(tx, &[PROPERTY], stay(3, 6)).await?;
            assert_eq!(found[&PROPERTY], [range(5, 9, 2), range(1, 4, 3)]);
            let all = rates::load(tx, &[PROPERTY], stay(3, 5)).await?;
            let nights = [3, 4].map(|day| all[&PROPERTY].night(POOL, Day(day)));
            assert_eq!((nights, all[&PROPERTY].tax_bp), ([Some(3), Some(200)], 600));

            let touched = availability::cells(tx, &[(PROPERTY, POOL)], (Day(1), Day(9))).await?;
            assert!(touched.is_empty());
            assert_eq!(room_types::count_nights_in_use(tx, PROPERTY, POOL, Day(0)).await?, 0);
            assert!(room_types::lock(tx, POOL).await?);
            room_types::delete(tx, PROPERTY, POOL).await?;
            assert!(!room_types::lock(tx, POOL).await?);
            assert_eq!(rooms::list(tx, PROPERTY, "", 9).await?, []);
            Ok(())
        })
    });
}

#[test]
fn a_room_type_begins_with_records_that_explain_its_stock() {
    const CHANGES: Sql = Sql::new(
        "SELECT seq, kind, first_day, end_day, value FROM pool_change WHERE pool = $1 ORDER BY seq",
    );
    check(|tx| {
        Box::pin(async move {
            build(tx).await?;
            type Recorded = (i64, String, i64, Option<i64>, i64);
            let rows: Vec<Recorded> = tx.query(&CHANGES, &[&uuid(POOL.0)]).await?;
            let change = |(seq, kind, first_day, end_day, value): Recorded| PoolChange {
                property: PROPERTY,
                pool: POOL,
                seq,
                kind: PoolChangeKind::from_word(&kind).unwrap(),
                first_day: Day(first_day),
                end_day: end_day.map(Day),
                value,
            };
            let changes: Vec<PoolChange> = rows.into_iter().map(change).collect();
            assert_eq!(changes.len(), 2);
            assert_eq!(pools::fold(&changes, Day(20_000)), Cell::untouched(room_type().stock));
            Ok(())
        })
    });
}

#[test]
fn nights_that_are_over_keep_no_room_type_and_sleepers_keep_their_room() {
    const CELL: Sql = Sql::new(
        "INSERT INTO cell (property, pool, slot, day, capacity, blocked, out_of_order, \
         overbook_bp, limit_units, capacity_is_own, held, sold, oversold, closed, \
         closed_to_arrival, closed_to_departure, version) VALUES ($1, $2, $3, $3, 1, 0, 0, 0, 1, \
         FALSE, $4, $5, FALSE, FALSE, FALSE, FALSE, 1)",
    );
    const SLEEP: Sql =
        Sql::new("INSERT INTO room_night (property, room, day, line) VALUES ($1, $2, 10, $2)");
    check(|tx| {
        Box::pin(async move {
            build(tx).await?;
            let (property, pool) = (uuid(PROPERTY.0), uuid(POOL.0));
            for (day, held, sold) in [(8, 0, 1), (9, 1, 0), (10, 0, 0), (11, 0, 1)] {
                tx.execute(&CELL, &[&property, &pool, &day, &held, &sold]).await?;
            }
            // From day: the sold nights from it on, and every held one.
            for (from_day, nights) in [(8, 3), (9, 2), (11, 2), (12, 1)] {
                let counted = room_types::count_nights_in_use(tx, PROPERTY, POOL, Day(from_day));
                assert_eq!(counted.await?, nights, "{from_day}");
            }
            let touched = availability::cells(tx, &[(PROPERTY, POOL)], (Day(9), Day(10))).await?;
            let days: Vec<i64> = touched[&POOL].keys().map(|day| day.0).collect();
            assert_eq!((days, touched[&POOL][&Day(9)].held), (vec![9, 10], 1));

            let room = Room { id: RoomId(1), pool: POOL, number: "1".into() };
            rooms::insert(tx, &[(PROPERTY, room)]).await?;
            tx.execute(&SLEEP, &[&property, &uuid(1)]).await?;
            assert!(!rooms::delete_unless_taken(tx, PROPERTY, RoomId(1), Day(10)).await?);
            assert!(rooms::delete_unless_taken(tx, PROPERTY, RoomId(1), Day(11)).await?);
            Ok(())
        })
    });
}
