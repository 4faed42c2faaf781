//! Goal: every refusal and every reason can be reached, and says the code of the public contract.
//! Method: the shortest orders that lead to each; the list of codes is read from the source, so
//! that a new one without a line here fails.

use std::collections::BTreeSet;

use vacancy_domain::availability::reasons_against_party;
use vacancy_domain::hotels::{Party, RoomType};
use vacancy_domain::ids::{LineId, PoolId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::{self, Rates, Sale, Tariff};
use vacancy_domain::refusals::Reason;
use vacancy_domain::stays::{Day, Stay};

use crate::world::{World, stock_of};

/// Cells of the world, orders, code of the last answer.
const REACHED: [(&str, &str, &str); 37] = [
    ("", "place h1", "stay_is_empty"),
    ("", "place h1 A10..101x1", "stay_too_long"),
    ("", "place h1 A9..10x1", "stay_in_the_past"),
    ("", "place h1 A10..11x51", "too_many_units"),
    ("", "place h1 LINES", "too_many_lines"),
    ("", "place h1 Q10..11x1", "unknown_room_type"),
    ("", "place h1 Z10..11x1", "spans_properties"),
    ("", "book h1 A10..11x1 price=100 agreed=99", "price_changed"),
    ("10 0 0 0", "place h1 A10..11x1", "sold_out"),
    ("10 0 0 0", "place h1 A10..12x1", "partly_sold_out"),
    ("10 1 0 0 closed", "place h1 A10..12x1", "closed"),
    ("10 1 0 0 cta", "place h1 A10..12x1", "closed_to_arrival"),
    ("12 1 0 0 ctd", "place h1 A10..12x1", "closed_to_departure"),
    ("10 1 0 0 min=3", "place h1 A10..12x1", "minimum_stay"),
    ("10 1 0 0 max=1", "place h1 A10..12x1", "maximum_stay"),
    ("", "place h1 A16..17x1 advance=5", "too_early"),
    ("", "confirm h1", "hold_not_found"),
    ("", "place h1 A10..11x1; now 600; extend h1", "hold_expired"),
    ("", "place h1 A10..11x1; LIVE; extend h1", "hold_life_used_up"),
    ("", "no-show h1", "reservation_not_found"),
    ("", "book h1 A10..11x1; check-in h1", "invalid_transition"),
    ("", "book h1 A11..12x1; guest.confirm h1; no-show h1", "too_soon"),
    ("", "book h1 A10..11x1; guest.confirm h1 paid=-1", "mismatch"),
    ("", "book h1 A10..11x1; guest.confirm h1 paid=1000000000001", "amount_too_large"),
    ("", "book h1 A10..11x1; hear p1 h1 FAILED", "payment_not_found"),
    ("", "book h1 A10..11x1 price=9; pay p1 h1 amount=8", "nothing_due"),
    (
        "",
        "book h1 A10..11x1 price=9; pay p1 h1 amount=9; ask-refund p1 h1 amount=1",
        "refund_too_large",
    ),
    ("", "book h1 A10..11x1 price=9; pay p1 h1 amount=9; ask-refund p1 h1", "nothing_to_refund"),
    (
        "",
        "book h1 A10..11x1 price=9; pay p1 h1 amount=9; hear p1 h1 SUCCESS captured=9; \
         dispute h1 p1 d1 lost withdrawn amount=9 asked=1; ask-refund p1 h1",
        "payment_disputed",
    ),
    ("", "book h1 B10..11x1; guest.confirm h1; check-in h1 1@?", "no_room_free"),
    ("", "book h1 A10..11x1; guest.confirm h1; check-in h1 1@7", "unknown_room"),
    ("", "book h1 A10..11x2; guest.confirm h1; check-in h1 1@1 1@1", "room_taken"),
    ("", "book h1 B10..11x1; guest.confirm h1; check-in h1 1@1", "room_of_other_type"),
    ("", "book h1 A10..11x1; edit h1 version=7", "stale"),
    ("", "stock A10 capacity=-1", "out_of_range"),
    ("", "stock A10..999 capacity=1", "range_too_long"),
    ("", "stock A10 block=-1", "not_blocked"),
];

/// Codes that are decided above `domain`, or by a look at a room type.
const ELSEWHERE: [&str; 18] = [
    "idempotency_key_reused",
    "payment_declined",
    // Tests of payment accounts and of test mode reach these.
    "payment_accounts_off",
    "test_mode",
    "test_mode_only",
    // Tests of tariffs reach this.
    "unknown_promo_code",
    // Tests of quotes reach these.
    "quote_expired",
    "quote_not_found",
    // Tests of restrictions reach these.
    "stay_length_not_offered",
    "same_day_closed",
    "infants_exceeded",
    "child_too_young",
    "adults_only",
    "rooms_exceeded",
    // The next test reaches these.
    "too_late",
    "adults_exceeded",
    "children_exceeded",
    "occupancy_exceeded",
];

#[test]
fn every_refusal_is_reached_by_the_shortest_orders() {
    for (cells, orders, code) in REACHED {
        let mut world = World::new(cells).with_rooms("1 A");
        let live: String = (1..12).map(|at| format!("now {}; extend h1;", at * 300)).collect();
        let orders = orders.replace("LINES", &"A10..11x1 ".repeat(21)).replace("LIVE;", &live);
        let answers: Vec<String> = orders.split(';').map(|order| world.order(order)).collect();
        let last = answers.last().unwrap();
        let told: Vec<&str> = last.strip_prefix("no: ").unwrap_or(last).split(' ').collect();
        assert!(last.starts_with("no: ") && told[..told.len().min(2)].contains(&code), "{last}");
    }
}

#[test]
fn no_code_of_the_contract_is_left_out() {
    let source = include_str!("../../src/refusals.rs");
    let arms = source.lines().filter_map(|line| line.split_once("=> \""));
    let codes: BTreeSet<&str> = arms.filter_map(|(_, rest)| rest.split('"').next()).collect();
    let tested =
        REACHED.iter().map(|(_, _, code)| *code).chain(ELSEWHERE).chain(["rate_not_offered"]);
    assert_eq!(codes, tested.collect());
}

#[test]
fn a_room_type_without_a_price_is_not_offered() {
    let stay = Stay::new(Day(10), Day(12));
    let line = Line { id: LineId(1), pool: PoolId(1), stay, units: 1 };
    let rates = Rates {
        currency: Currency::EUR,
        base_minor: std::collections::BTreeMap::new(),
        ranges: Vec::new(),
        tax_bp: 0,
        tariff: Tariff::default().into(),
    };
    let plain = Sale::plain(Day(0));
    assert_eq!(prices::price(&[line], &rates, &plain).unwrap_err().code(), "rate_not_offered");
}

#[test]
fn a_party_that_does_not_fit_is_told_every_limit() {
    let room_type = RoomType {
        pool: PoolId(1),
        property: PropertyId(1),
        code: "DOUBLE".to_owned(),
        name: String::new(),
        description: String::new(),
        beds: String::new(),
        image_urls: Vec::new(),
        adults_max: 2,
        children_max: 1,
        guests_max: 2,
        base_rate_minor: None,
        stock: stock_of(1),
        type_overbook_bp: 0,
        created_at_ms: 0,
        version: 1,
    };
    let codes = |adults, children: usize, room_count| -> Vec<&str> {
        let party = Party { adults, children: vec![5; children], room_count };
        reasons_against_party(&room_type, &party).iter().map(Reason::code).collect()
    };
    assert_eq!(codes(2, 0, 1), [""; 0]);
    assert_eq!(codes(2, 1, 1), ["occupancy_exceeded"]);
    assert_eq!(codes(3, 2, 1), ["adults_exceeded", "children_exceeded", "occupancy_exceeded"]);
    assert_eq!(codes(3, 1, 2), [""; 0]);
    assert_eq!(codes(i64::MAX, 1, i64::MAX), [""; 0]);
}
