//! Goal: the demonstration fills a store once, with hotels that can be found and guests who are
//! where a front desk expects them, and leaves books that agree.
//! Method: both engines at a fixed morning; what the use cases of guests and staff then show.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use vacancy_app::access::Actor;
use vacancy_app::demo::data::PLACES;
use vacancy_app::demo::seed::{BUSINESS, Seeded, seed};
use vacancy_app::desk::Desk;
use vacancy_app::hotels::{list, list_own, profile};
use vacancy_app::ids::Ids;
use vacancy_app::reservations::Bookings;
use vacancy_app::verify::verify;
use vacancy_app::{businesses, locations};
use vacancy_domain::ids::PropertyId;
use vacancy_store::sql::{Db, Time};
use vacancy_store::testing::on_both_engines_at;

/// 2027-07-01T08:30:00Z, a Thursday in the season.
const MORNING_MS: i64 = 1_814_430_600_000;

fn morning() -> Time {
    Time::Given(Arc::new(|| MORNING_MS))
}

fn ids(seed: u64) -> Ids {
    Ids::seeded(seed, Arc::new(|| MORNING_MS))
}

async fn hotel_of(db: &Db, name: &str) -> PropertyId {
    let page = list(db, &Actor::Anonymous, "lisbon-pt", None, None).await.unwrap();
    page.items.iter().find(|hotel| hotel.name == name).unwrap().id
}

/// Arrivals, in house, departures and departed, by count.
async fn day(bookings: &Bookings, name: &str) -> (usize, usize, usize, usize) {
    let hotel = hotel_of(&bookings.db, name).await;
    let day = bookings.day(&Actor::System, hotel).await.unwrap();
    (day.arrivals.len(), day.in_house.len(), day.departures.len(), day.departed.len())
}

async fn check_front_desks(db: &Db) {
    let ids = ids(9);
    let (desk, lanes) = Desk::open(db, &ids);
    let bookings = Bookings::new(db, desk, ids);
    assert_eq!(day(&bookings, "Casa do Limoal").await, (3, 2, 2, 1));
    assert_eq!(day(&bookings, "Miradouro da Aurora").await, (2, 2, 1, 1));
    assert_eq!(day(&bookings, "Armazém do Cais").await, (3, 3, 1, 1));
    lanes.close().await;
    assert_eq!(verify(db).await.unwrap().findings, []);
}

#[test]
fn every_hotel_is_there_once_with_its_rooms_and_prices() {
    on_both_engines_at(&morning(), |db| {
        Box::pin(async move {
            assert_eq!(seed(&db, &ids(1)).await.unwrap(), Seeded::Now);
            assert_eq!(seed(&db, &ids(2)).await.unwrap(), Seeded::Before);
            for place in PLACES {
                let found = locations::get(&db, &Actor::Anonymous, place.location_id).await;
                let count = i64::try_from(place.hotels.len()).unwrap();
                assert_eq!(found.unwrap().hotel_count, count, "{}", place.name);
            }
            let limoal = hotel_of(&db, "Casa do Limoal").await;
            let shown = profile(&db, &Actor::Anonymous, limoal).await.unwrap();
            let types = shown.room_types.iter();
            let types: Vec<_> =
                types.map(|kind| (kind.code.as_str(), kind.stock.capacity)).collect();
            assert_eq!(types, [("DELUXE", 8), ("STANDARD", 18), ("SUITE", 4)]);
            let own = businesses::own(&db, &Actor::System).await.unwrap();
            assert_eq!((own.id, own.name.as_str()), (BUSINESS, "Demonstration hotels"));
        })
    });
}

#[test]
fn guests_arrive_stay_and_leave_today() {
    on_both_engines_at(&morning(), |db| {
        Box::pin(async move {
            seed(&db, &ids(1)).await.unwrap();
            check_front_desks(&db).await;
        })
    });
}

#[test]
fn a_seeding_that_was_cut_short_goes_on_and_makes_nothing_twice() {
    on_both_engines_at(&morning(), |db| {
        Box::pin(async move {
            seed(&db, &ids(1)).await.unwrap();
            let unfinished = "Demonstration hotels, being made";
            businesses::rename(&db, &Actor::System, BUSINESS, unfinished).await.unwrap();
            assert_eq!(seed(&db, &ids(2)).await.unwrap(), Seeded::Now);
            check_front_desks(&db).await;
            let own = list_own(&db, &Actor::System, BUSINESS, None, Some(100)).await.unwrap();
            let count: usize = PLACES.iter().map(|place| place.hotels.len()).sum();
            assert_eq!(own.items.len(), count);
        })
    });
}
