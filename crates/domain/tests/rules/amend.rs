//! Goal: a guest who changes a stay competes for what is new in it only, and never loses what was
//! theirs. Method: full houses as cells, `amend` as orders, answers compared by `check`.

use crate::orders::check;
use crate::world::World;

#[test]
fn a_guest_in_a_full_house_can_stay_longer() {
    check(
        World::new("10 1 0 0 | 11 1 0 0 | 12 1 0 0"),
        "place h1 A10..12x1 => h1 until 600, held A10..12x1
         confirm h1 => posted A10..12x1, h1 confirmed until 600
         amend h1 A10..13x1 => posted A10..13x1, returned A10..12x1
         cells A10..13 => A10 1 0 1 | A11 1 0 1 | A12 1 0 1
         amend h1 A11..13x1 => posted A11..13x1, returned A10..13x1
         cells A10..13 => A10 1 0 0 | A11 1 0 1 | A12 1 0 1",
    );
}

#[test]
fn a_held_stay_is_swapped_like_a_sold_one() {
    check(
        World::new("10 1 0 0 | 11 1 0 0"),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         amend h1 A10..12x1 => held A10..12x1, released A10..11x1
         cells A10..12 => A10 1 1 0 | A11 1 1 0",
    );
}

#[test]
fn a_refused_change_leaves_the_guest_with_the_old_stay() {
    check(
        World::new("10 1 0 0 | 11 1 0 1 | 12 1 0 0"),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         confirm h1 => posted A10..11x1, h1 confirmed until 600
         amend h1 A10..12x1 => no: A partly_sold_out days: [11], free_units: 0
         amend h1 A12..13x2 => no: A sold_out free_units: 1
         amend h1 A10..11x0 => no: stay_is_empty
         amend h1 => no: stay_is_empty
         amend h1 Z10..11x1 => no: spans_properties
         amend h1 Q10..11x1 => no: unknown_room_type pool: 81
         amend h1 A20..21x1 advance=5 => no: A too_early advance_days_max: 5
         cells A10..13 => A10 1 0 1 | A11 1 0 1 | A12 1 0 0
         return h1 => returned A10..11x1, h1 returned until 600",
    );
}

#[test]
fn a_guest_keeps_a_night_that_was_sold_twice() {
    check(
        World::new("10 2 0 1"),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         confirm h1 => posted A10..11x1, h1 confirmed until 600
         stock A10 capacity=1 => #1 capacity 10..11 = 1, set A10, oversold A10 by 1
         amend h1 A10..12x1 => posted A10..12x1, returned A10..11x1
         cells A10 => A10 1 0 2 oversold own
         amend h1 A10..12x2 => no: A partly_sold_out days: [10], free_units: 0
         return h1 from=11 => posted A10..11x1, returned A10..12x1
         cells A10 => A10 1 0 2 oversold own
         amend h1 A11..12x1 => posted A11..12x1, returned A10..11x1
         cells A10 => A10 1 0 1 own",
    );
}

#[test]
fn closing_a_house_does_not_turn_out_who_is_in_it() {
    check(
        World::new("10 2 0 0 | 11 2 0 0 closed | 12 2 0 0"),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         stock A10 closed=1 => #1 closed 10..11 = 1, set A10
         amend h1 A10..11x2 => no: A closed days: [10]
         amend h1 A10..12x1 => no: A closed days: [11]
         amend h1 A10..11x1 B11..12x1 => held A10..11x1, held B11..12x1, released A10..11x1",
    );
}

#[test]
fn who_was_let_in_needs_no_second_leave_to_arrive_or_depart() {
    check(
        World::new(""),
        "place h1 A11..13x1 => h1 until 600, held A11..13x1
         stock A11 cta=1 => #1 closed_to_arrival 11..12 = 1, set A11
         stock A13 ctd=1 => #2 closed_to_departure 13..14 = 1, set A13
         amend h1 A12..13x1 => held A12..13x1, released A11..13x1
         amend h1 A12..13x2 => no: A closed_to_departure
         amend h1 A10..13x1 => held A10..13x1, released A12..13x1
         amend h1 A11..14x1 => no: A closed_to_arrival
         release h1 => released A10..13x1, h1 released until 600
         stock A11 cta=0 => #3 closed_to_arrival 11..12 = 0, set A11
         place h2 A11..14x1 => h2 until 600, held A11..14x1
         stock A11 cta=1 => #4 closed_to_arrival 11..12 = 1, set A11
         amend h2 A11..13x1 => no: A closed_to_departure
         amend h2 A11..14x2 => no: A closed_to_arrival
         amend h2 A11..15x1 => held A11..15x1, released A11..14x1
         amend h2 A10..14x1 => held A10..14x1, released A11..15x1
         amend h2 A11..14x1 => no: A closed_to_arrival
         stock B10 cta=1 => #1 closed_to_arrival 10..11 = 1, set B10
         amend h2 B10..14x1 => no: B closed_to_arrival",
    );
}

#[test]
fn a_long_stay_is_no_way_around_the_shortest_one() {
    check(
        World::new("10 5 0 0 min=3 max=5"),
        "place h1 A10..14x1 => h1 until 600, held A10..14x1
         amend h1 A10..13x1 => held A10..13x1, released A10..14x1
         amend h1 A10..12x1 => no: A minimum_stay nights: 3
         amend h1 A10..16x1 => no: A maximum_stay nights: 5
         stock A10 min=4 max=2 => #1 stay_nights_min 10..11 = 4, #2 stay_nights_max 10..11 = 2, set A10
         amend h1 A10..13x1 B11..12x1 => held A10..13x1, held B11..12x1, released A10..13x1",
    );
}

#[test]
fn a_night_gone_by_can_be_kept_and_not_bought() {
    check(
        World::new(""),
        "place h1 A10..13x1 => h1 until 600, held A10..13x1
         confirm h1 => posted A10..13x1, h1 confirmed until 600
         today 12
         amend h1 A10..14x1 => posted A10..14x1, returned A10..13x1
         amend h1 A9..14x1 => no: stay_in_the_past today: 12
         amend h1 A10..14x2 => no: stay_in_the_past today: 12
         amend h1 B10..14x1 => no: stay_in_the_past today: 12
         amend h1 A10..12x1 B12..14x1 => posted A10..12x1, posted B12..14x1, returned A10..14x1
         amend h1 A10..12x1 B12..14x1 A18..19x1 advance=5 => no: A too_early advance_days_max: 5",
    );
}
