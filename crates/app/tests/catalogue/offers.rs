//! Goal: many who ask one hotel at once share a look, and nobody gets less by it.
//! Method: one thread, so that all have asked before the first look begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::poll;
use vacancy_app::access::Actor;
use vacancy_app::errors::Error;
use vacancy_app::hotels::bulk::NewHouse;
use vacancy_app::reservations::book::{BookingWish, Offer};
use vacancy_app::reservations::offers::Offers;
use vacancy_app::room_types::{self, NewRoomType};
use vacancy_app::tariffs::{self, Change};
use vacancy_domain::ids::{LineId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::policies::{Fee, Policy, PolicyStep};
use vacancy_domain::prices::{self, Sale, Terms};
use vacancy_domain::reservations::Guest;
use vacancy_domain::stays::Stay;
use vacancy_store::sql::{Db, Time};
use vacancy_store::tariffs::Part;

use super::town::{NOON_MS, Town, hotel, stay};

const SUMMER_MINOR: i64 = 15_000;
const BASE_MINOR: i64 = 9_000;

/// A hotel that costs more from day 40 on.
async fn open() -> (Town, Offers, PropertyId) {
    let db = Db::open_sqlite_memory(Time::Given(Arc::new(|| NOON_MS))).unwrap();
    db.migrate().await.unwrap();
    let town = Town::open(db).await;
    let double = NewRoomType {
        rates: vec![(stay(40, 90), SUMMER_MINOR)],
        ..NewRoomType::coded("DOUBLE", 3, Some(BASE_MINOR))
    };
    let house = NewHouse { hotel: hotel("Casa do Rossio"), room_types: vec![double] };
    let id = town.build(&[house]).await[0];
    let offers = Offers::new(&town.db);
    (town, offers, id)
}

fn night_minor(offer: &Offer, stay: Stay) -> i64 {
    let pool = offer.room_types[0].pool;
    let line = Line { id: LineId(1), pool, stay, units: 1 };
    prices::price(&[line], &offer.rates, &Sale::plain(stay.first_day)).unwrap().lines[0].nights[0]
        .amount_minor
}

#[tokio::test]
async fn all_who_ask_at_once_share_a_look_with_the_rates_of_their_own_nights() {
    let (_town, offers, id) = open().await;
    let stays = [stay(10, 12), stay(41, 44), stay(10, 12), stay(80, 81)];
    let found = join_all(stays.map(|stay| offers.of(id, stay))).await;
    let found: Vec<Arc<Offer>> = found.into_iter().map(Result::unwrap).collect();
    assert!(found.iter().all(|offer| Arc::ptr_eq(offer, &found[0])));
    let nights: Vec<i64> =
        found.iter().zip(stays).map(|(offer, stay)| night_minor(offer, stay)).collect();
    assert_eq!(nights, [BASE_MINOR, SUMMER_MINOR, BASE_MINOR, SUMMER_MINOR]);
}

#[tokio::test]
async fn whoever_shares_a_look_agrees_the_fees_of_their_own_arrival() {
    let (town, offers, id) = open().await;
    let policy = Policy {
        code: "FLEX".into(),
        name: "Flexible".into(),
        is_standard: true,
        steps: vec![PolicyStep { hours_before: Some(24), fee: Fee::All }],
        no_show: Fee::All,
        deposit: None,
    };
    let part = Change::Create(Part::Policy(policy));
    tariffs::change(&town.db, &Actor::Admin, id, part).await.unwrap();
    let shared = offers.of(id, stay(10, 44)).await.unwrap();
    for own in [stay(10, 12), stay(41, 44)] {
        let price = shared.price_of(&wish(id, own)).unwrap();
        let check_in_ms = shared.hotel.check_in_ms(own.first_day).unwrap();
        let free_until_ms = price.cancellation.unwrap().free_until_ms();
        assert_eq!(free_until_ms, Some(check_in_ms - 24 * 60 * 60 * 1000));
    }
}

fn wish(hotel: PropertyId, stay: Stay) -> BookingWish {
    BookingWish {
        request_id: "r".into(),
        body_hash: String::new(),
        hotel,
        stay,
        rooms: BTreeMap::from([("DOUBLE".into(), 1)]),
        adults: 2,
        children: Vec::new(),
        guest: Guest::default(),
        terms: Terms::default(),
        agreed: None,
        quote: None,
        advance_days_max: None,
        deadline: None,
    }
}

#[tokio::test]
async fn a_hotel_that_is_not_there_is_nobody_elses_fault() {
    let (_town, offers, id) = open().await;
    let unknown = PropertyId(7);
    let asked = [offers.of(unknown, stay(1, 2)), offers.of(id, stay(1, 2))];
    let found = join_all(asked).await;
    assert!(matches!(found[0], Err(Error::NotFound)), "{found:?}");
    assert!(found[1].is_ok(), "{found:?}");
}

#[tokio::test]
async fn whoever_leaves_first_takes_nothing_from_the_others() {
    let (_town, offers, id) = open().await;
    let mut first = Box::pin(offers.of(id, stay(1, 2)));
    assert!(poll!(first.as_mut()).is_pending());
    drop(first);
    assert!(offers.of(id, stay(41, 42)).await.is_ok());
}

#[tokio::test]
async fn an_answer_is_never_older_than_its_question() {
    let (town, offers, id) = open().await;
    for count in 1..4 {
        assert_eq!(offers.of(id, stay(1, 2)).await.unwrap().room_types.len(), count);
        let new = NewRoomType::coded(&format!("TYPE{count}"), 1, Some(BASE_MINOR));
        room_types::create(&town.db, &town.ids, &town.owner(), id, &new).await.unwrap();
    }
}
