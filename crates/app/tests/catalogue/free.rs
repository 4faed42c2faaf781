//! What is free and what it costs, for one hotel and for many, and that the desk agrees.

use std::collections::BTreeMap;
use std::sync::Arc;

use vacancy_app::access::Actor;
use vacancy_app::availability::{self, Ask, BATCH_HOTELS_MAX};
use vacancy_app::calendar;
use vacancy_app::desk::Desk;
use vacancy_app::desk::command::{Command, Order};
use vacancy_app::pricing;
use vacancy_domain::holds::Place;
use vacancy_domain::hotels::Party;
use vacancy_domain::ids::{HoldId, LineId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::pools::StockPatch;
use vacancy_domain::prices::Terms;
use vacancy_domain::refusals::Reason;
use vacancy_domain::stays::{STAY_ADVANCE_DAYS_MAX, Stay};

use super::town::{TODAY, Town, code_of, fields, house, on_both, stay};

/// A town with a desk.
struct Open {
    town: Town,
    desk: Desk,
    lanes: vacancy_app::desk::Lanes,
}

impl Open {
    async fn of(db: vacancy_store::sql::Db) -> Open {
        let town = Town::open(db).await;
        let (desk, lanes) = Desk::open(&town.db, &town.ids);
        Open { town, desk, lanes }
    }

    async fn close(self) {
        self.lanes.close().await;
    }

    async fn ask(&self, id: PropertyId, stay: Stay, adults: i64, room_count: i64) -> String {
        let party = Party { adults, children: Vec::new(), room_count };
        let ask = Ask { property: id, stay, party, room_types: None, terms: Terms::default() };
        let answer = availability::ask(&self.town.db, &Actor::Anonymous, &ask).await.unwrap();
        let shown = answer.types.iter().map(|found| {
            let reasons: Vec<&str> = found.outlook.reasons.iter().map(Reason::code).collect();
            format!("{} {} {}", found.room_type.code, found.outlook.rooms_left, reasons.join(","))
        });
        shown.collect::<Vec<_>>().join(" | ").trim_end().to_owned()
    }

    async fn place(&self, id: PropertyId, stay: Stay, units: i64) -> &'static str {
        let pool = self.pool(id).await;
        let line = Line { id: LineId(self.town.ids.next_id()), pool, stay, units };
        let place = Place {
            property: id,
            hold: HoldId(self.town.ids.next_id()),
            reference: String::new(),
            lines: vec![line],
            advance_days_max: Some(STAY_ADVANCE_DAYS_MAX),
        };
        code_of(self.desk.submit(Order::new(id, "test", Command::Place(place))).await)
    }

    async fn set(&self, id: PropertyId, days: Stay, patch: StockPatch) {
        let pool = self.pool(id).await;
        let (first_day, end_day) = (days.first_day, days.end_day);
        let command = Command::SetStock { pool, first_day, end_day, patch };
        self.desk.submit(Order::new(id, "test", command)).await.unwrap();
    }

    async fn pool(&self, id: PropertyId) -> vacancy_domain::ids::PoolId {
        let types = vacancy_app::room_types::list(&self.town.db, &Actor::Anonymous, id).await;
        types.unwrap()[0].pool
    }
}

#[test]
fn what_is_held_is_not_free() {
    on_both(|db| {
        Box::pin(async move {
            let open = Open::of(db).await;
            let id = open.town.build(&[house("Grand", 2, 100)]).await[0];
            assert_eq!(open.ask(id, stay(1, 4), 2, 1).await, "DOUBLE 2");
            assert_eq!(open.ask(id, stay(1, 4), 2, 3).await, "DOUBLE 2 sold_out");
            assert_eq!(open.place(id, stay(2, 3), 2).await, "ok");
            assert_eq!(open.ask(id, stay(1, 4), 2, 1).await, "DOUBLE 0 partly_sold_out");
            assert_eq!(open.ask(id, stay(2, 3), 2, 1).await, "DOUBLE 0 sold_out");
            assert_eq!(open.ask(id, stay(3, 5), 2, 2).await, "DOUBLE 2");
            assert_eq!(open.ask(id, stay(3, 5), 5, 2).await, "DOUBLE 2 adults_exceeded");
            open.close().await;
        })
    });
}

#[test]
fn rules_of_a_night_say_why_not() {
    on_both(|db| {
        Box::pin(async move {
            let open = Open::of(db).await;
            let id = open.town.build(&[house("Grand", 2, 100)]).await[0];
            let closed = StockPatch { closed: Some(true), ..StockPatch::default() };
            open.set(id, stay(5, 6), closed).await;
            let arrival = StockPatch { closed_to_arrival: Some(true), ..StockPatch::default() };
            open.set(id, stay(6, 7), arrival).await;
            let least = StockPatch { stay_nights_min: Some(3), ..StockPatch::default() };
            open.set(id, stay(7, 8), least).await;
            let no_departure =
                StockPatch { closed_to_departure: Some(true), ..StockPatch::default() };
            open.set(id, stay(20, 21), no_departure).await;
            for (first, end, told) in [
                (4, 6, "DOUBLE 0 closed"),
                (6, 9, "DOUBLE 0 closed_to_arrival"),
                (7, 9, "DOUBLE 0 minimum_stay"),
                (7, 10, "DOUBLE 2"),
                (18, 20, "DOUBLE 0 closed_to_departure"),
                (18, 21, "DOUBLE 2"),
                (STAY_ADVANCE_DAYS_MAX + 1, STAY_ADVANCE_DAYS_MAX + 2, "DOUBLE 0 too_early"),
            ] {
                assert_eq!(open.ask(id, stay(first, end), 2, 1).await, told, "{first}..{end}");
                let placed = open.place(id, stay(first, end), 1).await == "ok";
                assert_eq!(placed, told == "DOUBLE 2", "{first}..{end}");
                if placed {
                    // Gives the room back for the next question.
                    let more = StockPatch { capacity: Some(3), ..StockPatch::default() };
                    open.set(id, stay(first, end), more).await;
                }
            }
            open.close().await;
        })
    });
}

#[test]
fn what_cannot_be_asked_is_refused() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let id = town.build(&[house("Grand", 2, 100)]).await[0];
            let (db, nobody) = (&town.db, Actor::Anonymous);
            let ask = |stay, adults, room_count| {
                let party = Party { adults, children: Vec::new(), room_count };
                Ask { property: id, stay, party, room_types: None, terms: Terms::default() }
            };
            for (question, told) in [
                (ask(stay(0, 1), 0, 1), "out_of_range"),
                (ask(stay(0, 1), 2, 10_000), "out_of_range"),
                (ask(stay(0, 0), 2, 1), "stay_is_empty"),
                (ask(stay(3, 1), 2, 1), "stay_is_empty"),
                (ask(stay(0, 400), 2, 1), "stay_too_long"),
                (ask(stay(-1, 1), 2, 1), "stay_in_the_past"),
                (Ask { property: PropertyId(1), ..ask(stay(0, 1), 2, 1) }, "not_found"),
                (
                    Ask { room_types: Some(vec!["SUITE".into()]), ..ask(stay(0, 1), 2, 1) },
                    "unknown_room_type",
                ),
            ] {
                assert_eq!(code_of(availability::ask(db, &nobody, &question).await), told);
            }
            let many = vec![id; BATCH_HOTELS_MAX + 1];
            let told = fields(availability::ask_batch(db, &nobody, &many, stay(0, 1)).await);
            assert_eq!(told, [("/hotelIds".to_owned(), "too_many")]);
            let empty = pricing::ask_batch(db, &nobody, &[id], stay(1, 1)).await;
            assert_eq!(code_of(empty), "stay_is_empty");
        })
    });
}

#[test]
fn many_hotels_are_asked_at_once() {
    on_both(|db| {
        Box::pin(async move {
            let open = Open::of(db).await;
            let mut dear = house("Dear", 1, 30_000);
            dear.room_types.push(vacancy_app::room_types::NewRoomType::coded(
                "SINGLE",
                1,
                Some(20_001),
            ));
            dear.room_types[1].rates = vec![(stay(2, 3), 10_000)];
            let mut closed = house("Rateless", 1, 0);
            closed.room_types[0].base_rate_minor = None;
            let ids = open.town.build(&[house("Grand", 1, 100), dear, closed]).await;
            open.place(ids[0], stay(1, 3), 1).await;
            let (db, nobody) = (&open.town.db, Actor::Anonymous);
            let asked = [ids[0], ids[1], ids[2], ids[1], PropertyId(1)];
            let free = availability::ask_batch(db, &nobody, &asked, stay(2, 4)).await.unwrap();
            let expected = BTreeMap::from([(ids[0], false), (ids[1], true), (ids[2], false)]);
            assert_eq!(free, expected);
            let past = availability::ask_batch(db, &nobody, &ids, stay(-1, 4)).await.unwrap();
            assert!(past.values().all(|is_free| !is_free));
            let prices = pricing::ask_batch(db, &nobody, &asked, stay(2, 4)).await.unwrap();
            let prices: Vec<_> = prices.iter().map(|(id, money)| (*id, money.minor)).collect();
            // Half a cent rounds away from zero.
            assert_eq!(prices, [(ids[0], 100), (ids[1], 15_001)]);
            open.close().await;
        })
    });
}

#[test]
fn a_price_has_its_nights_its_tax_and_its_total() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let mut new = house("Grand", 1, 10_050);
            new.hotel.tax_bp = 605;
            let id = town.build(&[new]).await[0];
            let ask = pricing::Ask {
                property: id,
                stay: stay(0, 2),
                room_types: Some(vec!["DOUBLE".into()]),
                adults: 2,
                children: Vec::new(),
                terms: Terms::default(),
            };
            let answer = pricing::ask(&town.db, &Actor::Anonymous, &ask).await.unwrap();
            let price = answer.types[0].price.as_ref().unwrap();
            assert_eq!(
                (price.subtotal_minor, price.on_top_minor(), price.total_minor),
                (20_100, 1_216, 21_316)
            );
            assert_eq!(price.lines[0].nights[1].day, TODAY.plus(1));
            let none = pricing::Ask { room_types: Some(vec!["X".into()]), ..ask };
            assert_eq!(
                code_of(pricing::ask(&town.db, &Actor::Anonymous, &none).await),
                "unknown_room_type"
            );
        })
    });
}

#[test]
fn a_calendar_shows_each_day_as_it_is() {
    on_both(|db| {
        Box::pin(async move {
            let open = Open::of(db).await;
            let mut new = house("Grand", 1, 100);
            new.room_types[0].rates = vec![(stay(1, 2), 80)];
            let mut big = vacancy_app::room_types::NewRoomType::coded("FAMILY", 3, Some(300));
            big.adults_max = 4;
            new.room_types.push(big);
            let id = open.town.build(&[new]).await[0];
            open.place(id, stay(2, 3), 1).await;
            let least = StockPatch { stay_nights_min: Some(2), ..StockPatch::default() };
            open.set(id, stay(1, 2), least).await;
            let (db, nobody) = (&open.town.db, Actor::Anonymous);
            let shown = |days: &calendar::Calendar| -> Vec<(Option<i64>, i64, Option<i64>)> {
                let day = |day: &calendar::CalendarDay| {
                    assert_eq!(day.is_open, day.cheapest_minor.is_some());
                    (day.cheapest_minor, day.rooms_left, day.stay_nights_min)
                };
                days.days.iter().map(day).collect()
            };
            let two = calendar::days(db, &nobody, id, stay(-1, 4), 2).await.unwrap();
            let expected = [
                (None, 0, None),
                (Some(100), 4, None),
                (Some(80), 4, None),
                (Some(300), 3, None),
                (Some(100), 4, None),
            ];
            assert_eq!(shown(&two), expected);
            let four = calendar::days(db, &nobody, id, stay(1, 2), 4).await.unwrap();
            assert_eq!(shown(&four), [(Some(300), 3, None)]);
            let inventory =
                calendar::inventory(db, &open.town.owner(), id, stay(1, 3)).await.unwrap();
            let held: Vec<i64> = inventory[0].nights.iter().map(|(_, cell)| cell.held).collect();
            assert_eq!(held, [0, 1]);
            assert_eq!(inventory[0].nights[0].1.restrictions.stay_nights_min, Some(2));
            let long = calendar::days(db, &nobody, id, stay(0, 401), 2).await;
            assert_eq!(code_of(long), "out_of_range");
            open.close().await;
        })
    });
}

#[test]
fn what_availability_promises_the_desk_keeps() {
    on_both(|db| {
        Box::pin(async move {
            let open = Open::of(db).await;
            let id = open.town.build(&[house("Grand", 3, 100)]).await[0];
            let draw = vacancy_app::ids::Ids::seeded(11, Arc::new(|| 0));
            let under = |limit: u64| i64::try_from(draw.next_u64() % limit).unwrap();
            let (mut yes, mut no) = (0, 0);
            for _ in 0..60 {
                let first = under(12);
                let stay = stay(first, first + 1 + under(4));
                let units = 1 + under(2);
                let told = open.ask(id, stay, 1, units).await;
                let promised = !told.contains("sold_out");
                assert_eq!(open.place(id, stay, units).await == "ok", promised, "{told} {stay}");
                if promised { yes += 1 } else { no += 1 }
            }
            assert!(5 < yes && 5 < no, "the test asks both: {yes} {no}");
            open.close().await;
        })
    });
}
