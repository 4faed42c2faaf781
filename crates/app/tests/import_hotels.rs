//! Goal: the real list of places to stay is decided row by row, and twice the same; what is taken
//! becomes hotels, once.
//! Method: the list itself; the counts are those found by looking at it with other tools.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it must be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod real_data;

use vacancy_app::access::Actor;
use vacancy_app::businesses::ensure_default;
use vacancy_app::hotels::{list, profile};
use vacancy_app::ids::Ids;
use vacancy_app::import::hotels::create::{Prices, create_all};
use vacancy_app::import::hotels::fates::{Applied, write_rows};
use vacancy_app::import::hotels::{Decision, Fate, rates, read};
use vacancy_app::locations;
use vacancy_app::verify::verify;
use vacancy_store::testing::on_both_engines;

fn results(decision: &Decision) -> (String, String) {
    let applied: BTreeMap<String, Applied> =
        decision.taken().map(|hotel| (hotel.id.clone(), Applied::Created)).collect();
    let mut out = Vec::new();
    let summary = write_rows(decision, &applied, &mut out).unwrap();
    (summary.to_string(), String::from_utf8(out).unwrap())
}

#[test]
fn every_real_row_has_one_fate_with_a_reason() {
    let Some(path) = real_data::find("hotels.csv.zst") else { return };
    let decision = read(&path).unwrap();
    let (summary, lines) = results(&decision);
    assert_eq!(
        summary,
        "3175 rows: 2541 taken, 0 already there, 632 merged, 2 refused \
         (closed 1, name_without_letter 1)"
    );
    assert_eq!(lines.lines().count(), 1 + 3175);
    assert_eq!(results(&read(&path).unwrap()), (summary, lines), "the second time differs");
}

#[test]
fn every_real_row_that_is_merged_goes_into_one_that_is_taken() {
    let Some(path) = real_data::find("hotels.csv.zst") else { return };
    let decision = read(&path).unwrap();
    let taken: BTreeSet<&str> = decision.taken().map(|hotel| hotel.id.as_str()).collect();
    for row in &decision.rows {
        match &row.fate {
            Fate::Merge { into, .. } => assert!(taken.contains(into.as_str()), "{row:?}"),
            Fate::Take(take) => assert_eq!(take.hotel.id, row.id),
            Fate::Refuse { .. } => {}
        }
    }
}

#[test]
fn every_real_hotel_stands_in_a_place_and_has_a_price_in_its_currency() {
    let Some(path) = real_data::find("hotels.csv.zst") else { return };
    let decision = read(&path).unwrap();
    let places: BTreeMap<&str, &str> = decision
        .places
        .iter()
        .map(|place| (place.location_id.as_str(), place.name.as_str()))
        .collect();
    assert_eq!(places["paris-fr"], "Paris");
    assert_eq!(places["la-massana-ad"], "La Massana");
    let mut with_rooms = 0;
    for hotel in decision.taken() {
        assert!(places.contains_key(hotel.location_id.as_str()), "{hotel:?}");
        assert!(hotel.location_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        let swiss = hotel.country == "LI";
        assert_eq!(hotel.currency.code(), if swiss { "CHF" } else { "EUR" });
        let night = rates::base_night(&hotel.id, hotel.stars, hotel.currency);
        assert!((3000..=40_000).contains(&night.minor), "{night}");
        with_rooms += i64::from(hotel.rooms.is_some());
    }
    assert_eq!(with_rooms, 1265);
}

#[test]
fn the_list_is_imported_once_and_the_second_time_changes_nothing() {
    let Some(path) = real_data::find("hotels.csv.zst") else { return };
    on_both_engines(|db| {
        let path = path.clone();
        Box::pin(async move {
            let ids = Ids::seeded(1, Arc::new(|| 0));
            let business = ensure_default(&db).await.unwrap().id;
            let decision = read(&path).unwrap();
            let mut summaries = Vec::new();
            for _ in 0..2 {
                let prices = Prices::Sample;
                let applied =
                    create_all(&db, &ids, &Actor::System, business, &decision, prices).await;
                let applied = applied.unwrap();
                let summary = write_rows(&decision, &applied, &mut Vec::new()).unwrap();
                summaries.push((summary.taken, summary.already_there, summary.rows));
            }
            assert_eq!(summaries, [(2541, 0, 3175), (0, 2541, 3175)]);
            let paris = locations::get(&db, &Actor::Anonymous, "paris-fr").await.unwrap();
            let taken = decision.taken().filter(|hotel| hotel.location_id == "paris-fr").count();
            assert_eq!(paris.hotel_count, i64::try_from(taken).unwrap());
            let page = list(&db, &Actor::Anonymous, "paris-fr", None, None).await.unwrap();
            let shown = profile(&db, &Actor::Anonymous, page.items[0].id).await.unwrap();
            assert_eq!(shown.hotel.currency.code(), "EUR");
            assert!(verify(&db).await.unwrap().is_clean());
        })
    });
}
