//! Goal: every answer of a change of stock, and that a night can always be rebuilt from the
//! record. Method: stock orders against cells; `rebuilt` folds the record and compares.

use vacancy_domain::pools::{self, PoolChange, PoolChangeKind};
use vacancy_domain::stays::Day;

use crate::orders::check;
use crate::world::{HOUSE, World, pool_id};

/// Compares every cell of A that an order wrote with the fold of what was recorded.
pub(crate) fn rebuilt(world: &World) {
    let default = |kind, value| PoolChange {
        property: HOUSE,
        pool: pool_id('A'),
        seq: 0,
        kind,
        first_day: Day(i64::MIN),
        end_day: None,
        value,
    };
    let mut recorded = vec![
        default(PoolChangeKind::DefaultCapacity, 5),
        default(PoolChangeKind::DefaultOverbookBp, 0),
    ];
    recorded.extend(world.recorded.iter().filter(|change| change.pool == pool_id('A')));
    for (id, cell) in world.stock.cells.iter().filter(|(id, _)| id.pool == pool_id('A')) {
        let folded = pools::fold(&recorded, id.day);
        let day = id.day.0;
        assert_eq!(folded.stock, cell.stock, "stock of day {day}: {recorded:?}");
        assert_eq!(folded.limit_units, cell.limit_units, "limit of day {day}");
        assert_eq!(folded.restrictions, cell.restrictions, "rules of day {day}");
        assert_eq!(folded.capacity_is_own, cell.capacity_is_own, "own on day {day}");
    }
}

#[test]
fn a_range_of_nights_is_set_and_recorded_once() {
    let world = check(
        World::new(""),
        "stock A10..12 capacity=3 overbook=1000 => #1 capacity 10..12 = 3, \
         #2 overbook_bp 10..12 = 1000, set A10, set A11
         stock A11 blocked=1 broken=1 => #3 blocked 11..12 = 1, #4 out_of_order 11..12 = 1, set A11
         cells A10..13 => A10 3 0 0 own | A11 1 0 0 own | A12 5 0 0
         stock A10..11 => set A10",
    );
    rebuilt(&world);
}

#[test]
fn rules_of_a_stay_are_set_and_taken_away() {
    let world = check(
        World::new(""),
        "stock A10 closed=1 cta=1 ctd=1 min=2 max=9 => #1 closed 10..11 = 1, \
         #2 closed_to_arrival 10..11 = 1, #3 closed_to_departure 10..11 = 1, \
         #4 stay_nights_min 10..11 = 2, #5 stay_nights_max 10..11 = 9, set A10
         cells A10 => A10 5 0 0 closed cta ctd min=2 max=9
         stock A10 closed=0 cta=0 ctd=0 min=0 max=0 => #6 closed 10..11 = 0, \
         #7 closed_to_arrival 10..11 = 0, #8 closed_to_departure 10..11 = 0, \
         #9 stay_nights_min 10..11 = 0, #10 stay_nights_max 10..11 = 0, set A10
         cells A10 => A10 5 0 0",
    );
    rebuilt(&world);
}

#[test]
fn closing_does_not_change_how_much_there_is() {
    check(
        World::new("10 3 0 1"),
        "stock A10 closed=1 => #1 closed 10..11 = 1, set A10
         cells A10 => A10 3 0 1 closed
         place h1 A10..11x1 => no: A closed days: [10]",
    );
}

#[test]
fn units_are_blocked_and_unblocked_night_by_night() {
    let world = check(
        World::new(""),
        "stock A11 blocked=1 => #1 blocked 11..12 = 1, set A11
         stock A10..12 block=2 => #2 blocked 10..11 = 2, set A10, #3 blocked 11..12 = 3, set A11
         cells A10..12 => A10 3 0 0 | A11 2 0 0
         stock A10..12 block=-3 => no: not_blocked blocked_units: 2
         cells A10..12 => A10 3 0 0 | A11 2 0 0
         stock A10..12 block=-2 => #4 blocked 10..11 = 0, set A10, #5 blocked 11..12 = 1, set A11
         stock A10 blocked=4 block=-1 => #6 blocked 10..11 = 4, #7 blocked 10..11 = 3, set A10
         cells A10..12 => A10 2 0 0 | A11 4 0 0",
    );
    rebuilt(&world);
}

#[test]
fn a_cut_below_what_is_gone_is_allowed_and_told() {
    check(
        World::new(""),
        "place h1 A10..11x4 => h1 until 600, held A10..11x4
         stock A10 broken=3 => #1 out_of_order 10..11 = 3, set A10, oversold A10 by 2
         cells A10 => A10 2 4 0 oversold
         place h2 A10..11x1 => no: A sold_out free_units: 0
         confirm h1 => posted A10..11x4, h1 confirmed until 600
         cells A10 => A10 2 0 4 oversold
         stock A10 broken=2 => #2 out_of_order 10..11 = 2, set A10, oversold A10 by 1
         stock A10 broken=1 => #3 out_of_order 10..11 = 1, set A10
         cells A10 => A10 4 0 4",
    );
}

#[test]
fn an_oversold_night_heals_when_guests_leave() {
    check(
        World::new(""),
        "place h1 A10..11x2 => h1 until 600, held A10..11x2
         place h2 A10..11x2 => h2 until 600, held A10..11x2
         stock A10 capacity=2 => #1 capacity 10..11 = 2, set A10, oversold A10 by 2
         release h1 => released A10..11x2, h1 released until 600
         cells A10 => A10 2 2 0 own",
    );
}

#[test]
fn a_new_default_reaches_the_nights_to_come_that_have_no_own() {
    let world = check(
        World::new(""),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         place h2 A13..14x5 => h2 until 600, held A13..14x5
         stock A12 capacity=1 => #1 capacity 12..13 = 1, set A12
         default A11 capacity=4 => #2 default_capacity 11.. = 4, default A 4 +0bp, set A12, \
         set A13, oversold A13 by 1
         cells A10..15 => A10 5 1 0 | A11 4 0 0 | A12 1 0 0 own | A13 4 5 0 oversold | A14 4 0 0
         default A11 overbook=5000 => #3 default_overbook_bp 11.. = 5000, default A 4 +5000bp, \
         set A12, set A13
         cells A10..15 => A10 5 1 0 | A11 6 0 0 | A12 1 0 0 own | A13 6 5 0 | A14 6 0 0",
    );
    rebuilt(&world);
}

#[test]
fn overbooking_set_for_a_night_yields_to_a_later_default() {
    let world = check(
        World::new(""),
        "stock A10 overbook=2000 => #1 overbook_bp 10..11 = 2000, set A10
         default A10 capacity=10 => #2 default_capacity 10.. = 10, default A 10 +0bp, set A10
         cells A10 => A10 12 0 0
         default A10 overbook=0 => #3 default_overbook_bp 10.. = 0, default A 10 +0bp, set A10
         cells A10 => A10 10 0 0",
    );
    rebuilt(&world);
}

/// Its default was another one then: what it gets now is its own.
#[test]
fn a_night_gone_by_that_is_touched_late_can_still_be_rebuilt() {
    let world = check(
        World::new(""),
        "default A12 capacity=9 => #1 default_capacity 12.. = 9, default A 9 +0bp
         today 12
         stock A11..13 broken=1 => #2 out_of_order 11..13 = 1, #3 capacity 11..12 = 9, \
         #4 overbook_bp 11..12 = 0, set A11, set A12
         cells A11..13 => A11 8 0 0 own | A12 8 0 0",
    );
    rebuilt(&world);
}

#[test]
fn what_no_house_can_have_is_refused() {
    check(
        World::new(""),
        "stock Q10 capacity=1 => no: unknown_room_type pool: 81
         default Q10 capacity=1 => no: unknown_room_type pool: 81
         stock A10..10 capacity=1 => no: stay_is_empty
         stock A11..10 capacity=1 => no: stay_is_empty
         stock A10..811 capacity=1 => no: range_too_long days_max: 800
         stock A10 capacity=-1 => no: out_of_range field: \"capacity\", max: 100000
         stock A10 capacity=100001 => no: out_of_range field: \"capacity\", max: 100000
         stock A10 blocked=100001 => no: out_of_range field: \"blocked\", max: 100000
         stock A10 block=100001 => no: out_of_range field: \"units\", max: 100000
         stock A10 blocked=100000 block=1 => no: out_of_range field: \"blocked\", max: 100000
         stock A10 broken=-1 => no: out_of_range field: \"outOfOrder\", max: 100000
         stock A10 overbook=10001 => no: out_of_range field: \"overbookBp\", max: 10000
         stock A10 min=366 => no: out_of_range field: \"minStay\", max: 365
         stock A10 max=-1 => no: out_of_range field: \"maxStay\", max: 365
         default A10 capacity=-1 => no: out_of_range field: \"capacity\", max: 100000
         default A10 overbook=10001 => no: out_of_range field: \"overbookBp\", max: 10000
         cells A10 => A10 5 0 0",
    );
}

#[test]
fn overbooking_sells_above_what_there_is_and_no_further() {
    check(
        World::new(""),
        "stock A10 overbook=2000 => #1 overbook_bp 10..11 = 2000, set A10
         place h1 A10..11x6 => h1 until 600, held A10..11x6
         place h2 A10..11x1 => no: A sold_out free_units: 0
         cells A10 => A10 6 6 0",
    );
}
