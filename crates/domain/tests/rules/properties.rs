//! Goal: what must hold for every stay, however full the house. Method: proptest against counts
//! made here by the simplest means, night by night.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use vacancy_domain::availability::{self, Wish};
use vacancy_domain::cells::{Cell, CellId, Restrictions};
use vacancy_domain::holds::{self, Place};
use vacancy_domain::hotels::{Party, RoomType};
use vacancy_domain::ids::HoldId;
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::{Rates, Terms};
use vacancy_domain::stays::{Day, STAY_ADVANCE_DAYS_MAX, Stay};
use vacancy_domain::zones;
use vacancy_domain::zones::Local;

use crate::world::{HOUSE, TODAY, World, pool_id, stock_of};

/// First night, nights, units.
type Wished = (i64, i64, i64);

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(11),
        ..ProptestConfig::default()
    }
}

/// A house with this many free units of A from day 10 on; the rest is sold.
fn house(free: &[i64]) -> World {
    let cells: Vec<String> =
        free.iter().zip(10..).map(|(free, day)| format!("A{day} 9 0 {}", 9 - free)).collect();
    World::new(&cells.join(" | "))
}

fn lines(world: &mut World, wished: &[Wished]) -> Vec<Line> {
    let stay = |first: i64, nights: i64| Stay::new(Day(first), Day(first + nights));
    wished
        .iter()
        .map(|(f, n, units)| world.fresh_line(pool_id('A'), stay(*f, *n), *units))
        .collect()
}

fn place(world: &mut World, wished: &[Wished]) -> Place {
    let lines = lines(world, wished);
    let hold = HoldId(1);
    Place { property: HOUSE, hold, reference: String::new(), lines, advance_days_max: None }
}

/// Units asked on one night, by counting.
fn asked(wished: &[Wished], day: i64) -> i64 {
    let there = wished.iter().filter(|(first, nights, _)| *first <= day && day < first + nights);
    there.map(|(_, _, units)| units).sum()
}

fn wish() -> impl Strategy<Value = Wished> {
    (10_i64..16, 1_i64..5, 1_i64..4)
}

fn rules() -> impl Strategy<Value = Restrictions> {
    let nights = || prop_oneof![3 => Just(None), 1 => (1_i64..6).prop_map(Some)];
    let rarely = || prop::bool::weighted(0.1);
    (rarely(), rarely(), rarely(), nights(), nights()).prop_map(|(closed, cta, ctd, min, max)| {
        Restrictions {
            closed,
            closed_to_arrival: cta,
            closed_to_departure: ctd,
            stay_nights_min: min,
            stay_nights_max: max,
        }
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_place_takes_all_or_nothing_and_never_more_than_is_free(
        free in vec(0_i64..6, 10),
        wished in vec(wish(), 1..4),
    ) {
        let mut world = house(&free);
        let ask = place(&mut world, &wished);
        let fits = free.iter().zip(10..).all(|(free, day)| asked(&wished, day) <= *free);
        let decided = holds::place(&world.stock, &ask);
        prop_assert_eq!(decided.is_ok(), fits);
        if let Ok(changes) = decided {
            world.apply(&changes);
            for (free, day) in free.iter().zip(10..) {
                let cell = world.stock.cell(CellId { pool: pool_id('A'), day: Day(day) }).unwrap();
                prop_assert_eq!(cell.free_units(), free - asked(&wished, day));
            }
        }
    }

    #[test]
    fn an_amend_needs_only_what_is_new_and_loses_nothing_when_refused(
        free in vec(0_i64..3, 10),
        had in vec(wish(), 1..3),
        wished in vec(wish(), 1..3),
        is_sold in any::<bool>(),
    ) {
        // The house is as full as `free` says once the guest has what they had.
        let around: Vec<i64> = free.iter().zip(10..).map(|(f, day)| f + asked(&had, day)).collect();
        prop_assume!(around.iter().all(|free| *free <= 9));
        let mut world = house(&around);
        let ask = place(&mut world, &had);
        let placed = holds::place(&world.stock, &ask).unwrap();
        world.apply(&placed);
        if is_sold {
            world.order("confirm h1");
        }
        let before = world.stock.holds[&HoldId(1)].lines.clone();
        let new = lines(&mut world, &wished);
        let fits = free.iter().zip(10..).all(|(free, day)| {
            asked(&wished, day) <= asked(&had, day) || asked(&wished, day) - asked(&had, day) <= *free
        });
        let decided = holds::amend(&world.stock, HoldId(1), &new, None);
        prop_assert_eq!(decided.is_ok(), fits);
        world.apply(decided.as_deref().unwrap_or_default());
        let after = &world.stock.holds[&HoldId(1)].lines;
        prop_assert_eq!(after, if fits { &new } else { &before });
    }

    /// Whoever finds a room can book it, and whoever finds none cannot.
    #[test]
    fn what_a_look_promises_a_place_keeps(
        free in vec(0_i64..4, 10),
        rules in vec(rules(), 10),
        wished in wish(),
        advance_days_max in 0_i64..8,
    ) {
        let mut world = house(&free);
        for (cell, rules) in world.stock.cells.values_mut().zip(rules) {
            cell.restrictions = rules;
        }
        let mut ask = place(&mut world, &[wished]);
        ask.advance_days_max = Some(advance_days_max);
        let touched: BTreeMap<Day, Cell> =
            world.stock.cells.iter().map(|(id, cell)| (id.day, *cell)).collect();
        let party = Party { adults: 1, children: Vec::new(), room_count: wished.2 };
        let (stay, terms) = (ask.lines[0].stay, Terms::default());
        let wish = Wish { stay, party, local: Local { day: TODAY, minutes: 0 }, advance_days_max, terms };
        let outlook = availability::look(&room_type(), &touched, &rates(), &wish);
        let placed = holds::place(&world.stock, &ask);
        prop_assert_eq!(outlook.is_available(), placed.is_ok(), "{:?} {:?}", outlook, placed);
        if outlook.is_available() {
            prop_assert!(wished.2 <= outlook.rooms_left);
        }
    }

    /// A stay has as many nights as there are days between, whatever clocks do meanwhile.
    #[test]
    fn a_day_at_the_property_is_one_day_in_every_zone(
        zone in any::<prop::sample::Index>(),
        arrival in 18_262_i64..40_000,
        nights in 1_i64..90,
        minutes in 0..=LAST_MINUTE,
    ) {
        let names: Vec<String> =
            jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
        let name = &names[zone.index(names.len())];
        let day_of = |day: i64| {
            let instant_ms = zones::instant_ms(Day(day), minutes, name).unwrap();
            zones::day_at(instant_ms, name).unwrap()
        };
        let (from, to) = (day_of(arrival), day_of(arrival + nights));
        prop_assert_eq!((from, to), (Day(arrival), Day(arrival + nights)), "{}", name);
        prop_assert_eq!(Stay::new(from, to).nights(), nights);
        prop_assert_eq!(i64::try_from(Stay::new(from, to).days().count()), Ok(nights));
        prop_assert_eq!(from.to_string().parse(), Ok(from));
    }
}

/// The nights on which clocks change are the ones on which a day could get lost.
#[test]
fn no_change_of_clocks_loses_a_day() {
    let from = jiff::Timestamp::from_second(1_767_225_600).unwrap(); // 2026-01-01
    let until = jiff::Timestamp::from_second(2_082_758_400).unwrap(); // 2036-01-01
    let mut changes_seen = 0;
    for name in jiff::tz::db().available() {
        let zone = jiff::tz::TimeZone::get(name.as_str()).unwrap();
        let changes = zone.following(from).map(|change| change.timestamp());
        for change in changes.take_while(|at| *at < until) {
            changes_seen += 1;
            let today = zones::day_at(change.as_millisecond(), name.as_str()).unwrap();
            for (day, minutes) in [-1, 0, 1].into_iter().flat_map(|d| MINUTES.map(|m| (d, m))) {
                let instant_ms = zones::instant_ms(today.plus(day), minutes, name.as_str());
                let back = instant_ms.map(|at| zones::day_at(at, name.as_str()));
                assert_eq!(back, Ok(Ok(today.plus(day))), "{name} {today} {minutes}");
            }
        }
    }
    assert!(1_000 < changes_seen, "the zones came without their changes: {changes_seen}");
}

/// Minutes after midnight: around every hour at which clocks are changed anywhere, save the last
/// of a day, which Nuuk skips once a year.
const MINUTES: [i64; 9] = [0, 1, 30, 60, 90, 120, 150, 180, LAST_MINUTE];
const LAST_MINUTE: i64 = 23 * 60 - 1;

fn room_type() -> RoomType {
    RoomType {
        pool: pool_id('A'),
        property: HOUSE,
        code: "DOUBLE".to_owned(),
        name: String::new(),
        description: String::new(),
        beds: String::new(),
        image_urls: Vec::new(),
        adults_max: 2,
        children_max: 0,
        guests_max: 2,
        base_rate_minor: None,
        stock: stock_of(5),
        type_overbook_bp: 0,
        created_at_ms: 0,
        version: 1,
    }
}

fn rates() -> Rates {
    let base_minor = BTreeMap::from([(pool_id('A'), 100)]);
    let tariff = Arc::default();
    Rates { currency: Currency::EUR, base_minor, ranges: Vec::new(), tax_bp: 0, tariff }
}

#[test]
fn the_advance_limit_is_two_years() {
    let mut world = World::new("");
    let mut ask = place(&mut world, &[(10 + STAY_ADVANCE_DAYS_MAX, 1, 1)]);
    ask.advance_days_max = Some(STAY_ADVANCE_DAYS_MAX);
    assert!(holds::place(&world.stock, &ask).is_ok());
    ask.lines = lines(&mut world, &[(11 + STAY_ADVANCE_DAYS_MAX, 1, 1)]);
    assert!(holds::place(&world.stock, &ask).is_err());
}
