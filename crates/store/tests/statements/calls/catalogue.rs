//! Businesses, keys, places, hotels, room types, rooms, rates and free nights.

use vacancy_domain::hotels::Business;
use vacancy_domain::ids::{ApiKeyId, PropertyId};
use vacancy_domain::prices::RateRange;
use vacancy_domain::stays::{Day, Stay};
use vacancy_store::access::{self, ApiKey};
use vacancy_store::listings::GeoBox;
use vacancy_store::sql::Db;
use vacancy_store::{
    availability, businesses, hotels, listings, locations, plan_rates, rates, room_types, rooms,
    tariffs,
};

use super::{read, write};
use crate::fill::house::{self, business};
use crate::fill::{Of, TODAY, id, pool, property};

/// A hotel that no booking touches.
const QUIET: i64 = 1_000;

pub(crate) async fn all(db: &Db) {
    tenants(db).await;
    find(db).await;
    prices(db).await;
    run_a_hotel(db).await;
    db.gather_statistics().await.unwrap();
}

async fn tenants(db: &Db) {
    write(db, |tx| {
        Box::pin(async move {
            let new = Business {
                id: business(9_999),
                name: "New".into(),
                is_test: true,
                created_at_ms: 9_999,
            };
            businesses::insert(tx, &new).await?;
            assert!(businesses::rename(tx, business(9_999), "Newer").await?);
            assert_eq!(businesses::by_id(tx, business(9_999)).await?.unwrap().name, "Newer");
            assert_eq!(businesses::first(tx).await?.unwrap().id, business(1));
            let listed = businesses::list(tx, business(1), 20).await?;
            assert_eq!((listed.len(), listed[0].id), (20, business(2)));
            let key = ApiKey {
                id: ApiKeyId(id(Of::Key, 9_999)),
                business: Some(business(9_999)),
                role: "owner".into(),
                scopes: String::new(),
                name: String::new(),
                created_at_ms: 5,
                revoked_at_ms: None,
            };
            access::insert(tx, &key, "a new digest").await?;
            assert_eq!(access::by_hash(tx, "a new digest").await?.as_ref(), Some(&key));
            assert_eq!(
                access::by_business(tx, business(9_999), 50).await?,
                std::slice::from_ref(&key)
            );
            assert_eq!(access::count_role(tx, "owner").await?, 1);
            assert!(access::revoke(tx, key.id, business(9_999), 6).await?);
            assert!(!access::revoke_any(tx, key.id, 6).await?, "it was taken back already");
            let revoked = ApiKey { revoked_at_ms: Some(6), ..key.clone() };
            assert_eq!(access::by_id(tx, key.id).await?.as_ref(), Some(&revoked));
            let before = ApiKeyId(key.id.0 - 1);
            assert_eq!(access::list(tx, before, 50).await?, std::slice::from_ref(&revoked));
            assert_eq!(access::secret_or(tx, "a secret", "drawn").await?, "drawn");
            Ok(())
        })
    })
    .await;
}

async fn find(db: &Db) {
    read(db, |tx| {
        Box::pin(async move {
            assert_eq!(locations::search(tx, "town 29", 5).await?.len(), 5);
            assert_eq!(locations::search(tx, "own 2999", 5).await?.len(), 1);
            assert_eq!(locations::by_ids(tx, &["town-7".into()]).await?[0].name, "Town 7");
            assert_eq!(listings::in_location(tx, "town-0", 100).await?.len(), 22);
            assert_eq!(listings::by_word(tx, "1999", 100).await?.len(), 1);
            let south_e6 = house::hotel(QUIET).latitude_e6;
            let (north_e6, west_e6, east_e6) = (south_e6 + 400_000, 0, 90_000_000);
            let area = GeoBox { south_e6, north_e6, west_e6, east_e6 };
            assert_eq!(listings::in_box(tx, area, 100).await?.len(), 11);

            assert_eq!(hotels::by_id(tx, property(7)).await?, Some(house::hotel(7)));
            let page: Vec<PropertyId> = (300..320).map(property).collect();
            assert_eq!(hotels::by_ids(tx, &page).await?.len(), 20);
            assert_eq!(hotels::by_location(tx, "town-0", property(3), 10).await?.len(), 10);
            let own = hotels::by_business(tx, business(1), property(3), 10).await?;
            assert_eq!(own[0].id, property(4));
            let names = ["hotel 5".to_owned(), "hotel 500".to_owned()];
            assert_eq!(hotels::by_external_ids(tx, business(1), &names).await?.len(), 1);

            assert_eq!(room_types::by_properties(tx, &page).await?.len(), 40);
            let known = room_types::by_code(tx, property(7), "TYPE1").await?;
            assert_eq!(known, Some(house::room_type(7, 1)));
            let pools: Vec<_> = (60..80).map(|hotel| (property(hotel), pool(hotel, 0))).collect();
            let touched = availability::cells(tx, &pools, (Day(TODAY), Day(TODAY + 6))).await?;
            assert_eq!((touched.len(), touched[&pool(60, 0)].len()), (20, 7));
            Ok(())
        })
    })
    .await;
}

async fn prices(db: &Db) {
    let stay = Stay::new(Day(TODAY), Day(TODAY + 3));
    write(db, move |tx| {
        Box::pin(async move {
            let page: Vec<PropertyId> = (300..320).map(property).collect();
            assert_eq!(rates::ranges(tx, &page, stay).await?[&property(300)].len(), 2);
            let all = rates::load(tx, &page, stay).await?;
            assert_eq!(all[&property(300)].night(pool(300, 0), Day(TODAY)), Some(12_000));
            let range = RateRange { pool: pool(QUIET, 0), stay, amount_minor: 9_000 };
            rates::set_range(tx, property(QUIET), range).await?;
            assert!(rates::set_base(tx, pool(QUIET, 0), Some(8_000)).await?);
            plan_rates::set_range(tx, property(QUIET), "PLAN0", range).await?;
            assert_eq!(plan_rates::ranges(tx, &page, stay).await?[&property(300)].len(), 2);
            tariffs::lock(tx, property(QUIET)).await?;
            let mut parts = tariffs::parts(tx, property(QUIET)).await?;
            assert_eq!(tariffs::load(tx, &page, stay).await?[&property(300)].plans.len(), 2);
            let plan = parts.remove(0).part;
            assert!(tariffs::update(tx, property(QUIET), &plan).await?);
            assert!(tariffs::delete(tx, property(QUIET), plan.kind(), &plan.code()).await?);
            tariffs::insert(tx, property(QUIET), &plan).await
        })
    })
    .await;
}

async fn run_a_hotel(db: &Db) {
    write(db, |tx| {
        Box::pin(async move {
            locations::insert_missing(tx, &[house::place(9_999)]).await?;
            locations::count_hotels(tx, &[("town-9999".into(), 1)]).await?;
            let mut new = house::hotel(9_999);
            new.location = "town-9999".into();
            hotels::insert(tx, &[new.clone()]).await?;
            new.name = "Another".into();
            assert!(hotels::update(tx, &new).await?);
            assert!(hotels::set_overbook_cap(tx, new.id, 100).await?);
            room_types::insert(tx, &[house::room_type(9_999, 0)]).await?;
            let mut kind = house::room_type(QUIET, 1);
            kind.name = "Twin".into();
            assert!(room_types::update(tx, &kind).await?);
            assert!(room_types::set_type_overbook(tx, kind.pool, 100).await?);

            let rooms = [5, 6].map(|door| (property(QUIET), house::room(QUIET, door)));
            rooms::insert(tx, &rooms).await?;
            assert_eq!(rooms::list(tx, property(0), "100", 50).await?.len(), 20);
            let numbers = ["001".to_owned(), "no".to_owned()];
            assert_eq!(rooms::by_numbers(tx, property(0), &numbers).await?.len(), 1);
            let free = house::room(QUIET, 5).id;
            assert!(rooms::delete_unless_taken(tx, property(QUIET), free, Day(TODAY)).await?);

            let (big, quiet) = ((property(0), pool(0, 0)), (property(QUIET), pool(QUIET, 1)));
            assert!(0 < room_types::count_nights_in_use(tx, big.0, big.1, Day(TODAY)).await?);
            assert!(room_types::lock(tx, quiet.1).await?);
            room_types::delete(tx, quiet.0, quiet.1).await
        })
    })
    .await;
}
