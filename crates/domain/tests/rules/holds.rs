//! Goal: every answer that a hold can get, from the first night taken to the last given back.
//! Method: a table of cells, orders, answers. `check` carries them out and recounts the ledger.

use crate::orders::check;
use crate::world::World;

#[test]
fn the_fullest_night_decides() {
    // Each cell: day, limit, held, sold.
    check(World::new("10 2 0 0 | 11 2 1 0"), "place h1 A10..12x1 => h1 until 600, held A10..12x1");
    check(
        World::new("10 2 0 0 | 11 2 1 1"),
        "place h1 A10..12x1 => no: A partly_sold_out days: [11], free_units: 0",
    );
    check(World::new("10 1 1 0 | 11 2 1 1"), "place h1 A10..12x1 => no: A sold_out free_units: 0");
    check(World::new("10 3 0 2"), "place h1 A10..11x2 => no: A sold_out free_units: 1");
}

#[test]
fn lines_on_one_night_are_summed_before_the_check() {
    check(
        World::new("10 3 0 0"),
        "place h1 A10..11x2 A10..11x2 => no: A sold_out free_units: 3
         place h1 A10..11x2 A10..11x1 => h1 until 600, held A10..11x2, held A10..11x1
         cells A10 => A10 3 3 0",
    );
}

#[test]
fn all_lines_are_taken_or_none() {
    check(
        World::new("B10 2 0 2"),
        "place h1 A10..12x1 B10..11x1 => no: B sold_out free_units: 0
         cells A10..12 => A10 5 0 0 | A11 5 0 0",
    );
}

#[test]
fn an_untouched_night_comes_as_its_pools_default() {
    check(
        World::new(""),
        "place h1 A10..11x5 => h1 until 600, held A10..11x5
         place h2 A10..11x1 => no: A sold_out free_units: 0
         place h3 B11..12x2 => h3 until 600, held B11..12x2",
    );
}

#[test]
fn every_reason_is_told_at_once() {
    check(
        World::new("10 1 0 1 cta min=3 | 11 1 0 0 closed | 12 1 0 0 ctd | B10 1 0 0 max=1"),
        "place h1 A10..12x1 B10..12x1 => no: A partly_sold_out days: [10], free_units: 0, \
         A closed days: [11], A closed_to_arrival, A minimum_stay nights: 3, \
         A closed_to_departure, B maximum_stay nights: 1",
    );
}

#[test]
fn a_wish_of_impossible_shape_is_refused_before_anything_is_looked_up() {
    check(
        World::new(""),
        "place h1 => no: stay_is_empty
         place h1 A12..12x1 => no: stay_is_empty
         place h1 A12..11x1 => no: stay_is_empty
         place h1 A10..11x0 => no: stay_is_empty
         place h1 A10..101x1 => no: stay_too_long nights_max: 90
         place h1 A10..11x51 => no: too_many_units units_max: 50
         place h1 A10..11x26 A10..12x25 => no: too_many_units units_max: 50
         place h1 Q10..11x1 => no: unknown_room_type pool: 81
         place h1 Z10..11x1 => no: spans_properties
         place h1 A10..11x1 Z10..11x1 => no: spans_properties
         place h1 A10..11x1 house=9 => no: spans_properties
         place h1 A9..11x1 => no: stay_in_the_past today: 10
         place h1 A16..17x1 advance=5 => no: A too_early advance_days_max: 5
         place h1 A15..17x1 advance=5 => h1 until 600, held A15..17x1",
    );
    let lines = "A10..11x1 ".repeat(21);
    check(World::new(""), &format!("place h1 {lines} => no: too_many_lines lines_max: 20"));
}

#[test]
fn the_longest_stay_and_the_largest_group_fit() {
    check(
        World::new("10 60 0 0"),
        "place h1 B10..100x1 => h1 until 600, held B10..100x1
         place h2 A10..11x50 => h2 until 600, held A10..11x50",
    );
}

#[test]
fn an_extension_counts_from_now_up_to_the_cap() {
    check(
        World::new(""),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         now 300
         extend h1 => h1 held until 900
         now 899
         extend h1 => h1 held until 1499
         now 1400
         extend h1 => h1 held until 2000
         now 1999
         extend h1 => h1 held until 2599
         now 2500
         extend h1 => h1 held until 3100
         now 3099
         extend h1 => h1 held until 3600
         extend h1 => no: hold_life_used_up life_ms_max: 3600000
         now 3600
         extend h1 => no: hold_expired expired_at_ms: 3600000
         extend h2 => no: hold_not_found",
    );
}

#[test]
fn a_deadline_permits_the_lapse_and_does_nothing_by_itself() {
    check(
        World::new("10 1 0 0"),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         now 599
         lapse h1 => nothing
         now 600
         place h2 A10..11x1 => no: A sold_out free_units: 0
         extend h1 => no: hold_expired expired_at_ms: 600000
         lapse h1 => expired A10..11x1, h1 expired until 600
         lapse h1 => nothing
         lapse h9 => nothing
         place h2 A10..11x1 => h2 until 1200, held A10..11x1",
    );
}

#[test]
fn an_overdue_hold_that_nobody_lapsed_may_still_be_sold() {
    check(
        World::new("10 1 0 0"),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         now 9000
         confirm h1 => posted A10..11x1, h1 confirmed until 600
         lapse h1 => nothing
         cells A10 => A10 1 0 1",
    );
}

/// Every state against every order on a hold; the answers are the whole graph of its life.
#[test]
fn a_hold_moves_forward_only() {
    let confirmed = "confirm h1 => posted A10..11x1, h1 confirmed until 600";
    let states = [
        ("release h1 => released A10..11x1, h1 released until 600", "released"),
        ("confirm h1 => posted A10..11x1, h1 confirmed until 600", "confirmed"),
    ];
    for (order, state) in states {
        let mut script = format!("place h1 A10..11x1 => h1 until 600, held A10..11x1\n{order}\n");
        for action in ["extend", "confirm", "release", "expire"] {
            let refusal = format!("invalid_transition from: \"{state}\", action: \"{action}\"");
            script.push_str(&format!("{action} h1 => no: {refusal}\n"));
        }
        script.push_str("lapse h1 => nothing\n");
        check(World::new(""), &script);
    }
    let expired = "hold_expired expired_at_ms: 600000";
    check(
        World::new(""),
        &format!(
            "place h1 A10..11x1 => h1 until 600, held A10..11x1
             expire h1 => expired A10..11x1, h1 expired until 600
             extend h1 => no: {expired}
             confirm h1 => no: {expired}
             release h1 => no: {expired}
             expire h1 => no: {expired}
             amend h1 A10..11x1 => no: invalid_transition from: \"expired\", action: \"amend\"
             return h1 => no: invalid_transition from: \"expired\", action: \"return\""
        ),
    );
    check(
        World::new(""),
        &format!(
            "place h1 A10..11x1 => h1 until 600, held A10..11x1
             return h1 => no: invalid_transition from: \"held\", action: \"return\"
             retake h1 A10..11x1 => no: invalid_transition from: \"held\", action: \"retake\"
             {confirmed}
             return h1 => returned A10..11x1, h1 returned until 600
             return h1 => no: invalid_transition from: \"returned\", action: \"return\"
             amend h1 A10..11x1 => no: invalid_transition from: \"returned\", action: \"amend\"
             confirm h1 => no: invalid_transition from: \"returned\", action: \"confirm\""
        ),
    );
    for action in ["confirm", "release", "expire", "amend", "return", "retake"] {
        check(World::new(""), &format!("{action} h7 A10..11x1 => no: hold_not_found"));
    }
}

#[test]
fn a_shortened_line_is_returned_and_a_shorter_one_posted() {
    check(
        World::new(""),
        "place h1 A10..14x2 B12..13x1 => h1 until 600, held A10..14x2, held B12..13x1
         confirm h1 => posted A10..14x2, posted B12..13x1, h1 confirmed until 600
         return h1 from=14 => nothing
         return h1 from=12 => posted A10..12x2, returned A10..14x2, returned B12..13x1
         cells A11..13 => A11 5 0 2 | A12 5 0 0
         return h1 => returned A10..12x2, h1 returned until 600
         cells A11..13 => A11 5 0 0 | A12 5 0 0",
    );
}

#[test]
fn overdue_holds_are_named_only_where_they_are_in_the_way() {
    check(
        World::new(""),
        "place h1 A10..12x1 => h1 until 600, held A10..12x1
         place h2 B10..12x1 => h2 until 600, held B10..12x1
         place h3 A13..14x1 => h3 until 600, held A13..14x1
         overdue A10..14x1 =>
         now 600
         overdue A10..14x1 => h1 h3
         overdue A12..13x1 =>
         overdue A11..12x1 B11..12x1 => h1 h2
         confirm h1 => posted A10..12x1, h1 confirmed until 600
         overdue A10..14x1 => h3",
    );
}

#[test]
fn an_expired_hold_takes_its_nights_again_while_they_are_free() {
    check(
        World::new("10 1 0 0"),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         expire h1 => expired A10..11x1, h1 expired until 600
         retake h1 A10..11x1 => posted A10..11x1, h1 confirmed until 600
         return h1 => returned A10..11x1, h1 returned until 600
         place h2 A10..11x1 => h2 until 600, held A10..11x1
         expire h2 => expired A10..11x1, h2 expired until 600
         place h3 A10..11x1 => h3 until 600, held A10..11x1
         retake h2 A10..11x1 => no: A sold_out free_units: 0
         release h3 => released A10..11x1, h3 released until 600
         today 11
         retake h2 A10..11x1 => no: stay_in_the_past today: 11",
    );
}
