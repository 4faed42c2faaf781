//! Goal: nobody sleeps in a bed that is taken. Method: houses with a few numbered rooms, the front
//! desk's orders, answers compared by `check`; the world refuses a room twice on one night.

use crate::orders::check;
use crate::world::World;

const BOOKED: &str =
    "book h1 A10..12x2 B10..12x1 => h1 until 600, held A10..12x2, held B10..12x1, \
     made v1
     guest.confirm h1 => posted A10..12x2, posted B10..12x1, h1 confirmed until 600, \
     confirm: confirmed/unpaid v2";

fn house() -> World {
    World::new("").with_rooms("101 A | 102 A | 103 A | 201 B | 101 Z")
}

fn check_booked(script: &str) {
    check(house(), &format!("{BOOKED}\n{script}"));
}

#[test]
fn each_unit_gets_a_room_of_its_type_for_every_night() {
    check_booked(
        "check-in h1 1@102 1@? 2@? => +102@10, +102@11, +101@10, +101@11, +201@10, +201@11, \
         check-in: checked_in/unpaid v3",
    );
}

#[test]
fn check_in_without_a_room_is_possible_and_the_rest_may_follow() {
    check_booked(
        "check-in h1 => check-in: checked_in/unpaid v3
         check-in h1 1@101 => +101@10, +101@11, check-in: checked_in/unpaid v4
         today 11
         check-in h1 1@102 => +102@11, check-in: checked_in/unpaid v5
         check-in h1 1@103 => no: too_many_units units_max: 2",
    );
}

#[test]
fn a_room_that_cannot_be_had_is_refused_by_name() {
    check_booked(
        "check-in h1 1@999 => no: unknown_room number: \"999\"
         check-in h1 1@201 => no: room_of_other_type number: \"201\"
         check-in h1 1@101 1@101 => no: room_taken number: \"101\", day: 10
         check-in h1 1@? 1@? 1@? => no: too_many_units units_max: 2
         check-in h1 9@? => no: mismatch field: \"lineId\"
         check-in h1 2@101 => no: room_of_other_type number: \"101\"
         show h1 => CONFIRMED due 0 owed 0",
    );
}

#[test]
fn a_room_of_the_same_number_in_another_house_is_not_meant() {
    check(
        World::new("").with_rooms("101 Z | 101 A | 301 Z"),
        "book h1 A10..11x1 => h1 until 600, held A10..11x1, made v1
         guest.confirm h1 => posted A10..11x1, h1 confirmed until 600, confirm: confirmed/unpaid v2
         check-in h1 1@301 => no: unknown_room number: \"301\"
         check-in h1 1@101 => +101@10, check-in: checked_in/unpaid v3",
    );
}

#[test]
fn a_taken_room_is_passed_over_or_refused() {
    check(
        house(),
        "book h1 A10..12x1 => h1 until 600, held A10..12x1, made v1
         guest.confirm h1 => posted A10..12x1, h1 confirmed until 600, confirm: confirmed/unpaid v2
         check-in h1 1@101 => +101@10, +101@11, check-in: checked_in/unpaid v3
         book h2 A10..13x2 => h2 until 600, held A10..13x2, made v1
         guest.confirm h2 => posted A10..13x2, h2 confirmed until 600, confirm: confirmed/unpaid v2
         check-in h2 1@101 => no: room_taken number: \"101\", day: 10
         check-in h2 1@? 1@? => +102@10, +102@11, +102@12, +103@10, +103@11, +103@12, \
         check-in: checked_in/unpaid v3
         book h3 A11..12x1 => h3 until 600, held A11..12x1, made v1
         guest.confirm h3 => posted A11..12x1, h3 confirmed until 600, confirm: confirmed/unpaid v2
         today 11
         check-in h3 1@? => no: no_room_free line: 103
         check-in h3 => check-in: checked_in/unpaid v3",
    );
}

#[test]
fn two_stays_in_a_row_may_have_one_room() {
    check(
        house(),
        "book h1 A10..11x1 A11..12x1 => h1 until 600, held A10..11x1, held A11..12x1, made v1
         guest.confirm h1 => posted A10..11x1, posted A11..12x1, h1 confirmed until 600, \
         confirm: confirmed/unpaid v2
         check-in h1 1@101 2@101 => +101@10, +101@11, check-in: checked_in/unpaid v3",
    );
}

#[test]
fn who_leaves_early_gives_the_room_back_and_keeps_the_nights_slept() {
    check(
        house(),
        "book h1 A10..13x1 => h1 until 600, held A10..13x1, made v1
         guest.confirm h1 => posted A10..13x1, h1 confirmed until 600, confirm: confirmed/unpaid v2
         check-in h1 1@101 => +101@10, +101@11, +101@12, check-in: checked_in/unpaid v3
         today 11
         check-out h1 => posted A10..11x1, returned A10..13x1, -101@10, -101@11, -101@12, \
         +101@10, check-out: completed/unpaid v4
         cells A10..13 => A10 5 0 1 | A11 5 0 0 | A12 5 0 0",
    );
}

#[test]
fn who_leaves_in_time_changes_nothing_in_the_books() {
    check(
        house(),
        "book h1 A10..12x1 => h1 until 600, held A10..12x1, made v1
         guest.confirm h1 => posted A10..12x1, h1 confirmed until 600, confirm: confirmed/unpaid v2
         check-in h1 1@101 => +101@10, +101@11, check-in: checked_in/unpaid v3
         today 12
         check-out h1 => check-out: completed/unpaid v4
         cells A10..12 => A10 5 0 1 | A11 5 0 1",
    );
}

#[test]
fn who_leaves_before_the_first_night_gives_all_of_it_back() {
    check(
        house(),
        "book h1 A10..12x1 => h1 until 600, held A10..12x1, made v1
         guest.confirm h1 => posted A10..12x1, h1 confirmed until 600, confirm: confirmed/unpaid v2
         check-in h1 1@101 => +101@10, +101@11, check-in: checked_in/unpaid v3
         check-out h1 => returned A10..12x1, -101@10, -101@11, check-out: completed/unpaid v4
         cells A10..12 => A10 5 0 0 | A11 5 0 0",
    );
}

#[test]
fn a_guest_who_stays_longer_keeps_the_room_where_it_is_free() {
    check(
        house(),
        "book h1 A10..12x1 => h1 until 600, held A10..12x1, made v1
         guest.confirm h1 => posted A10..12x1, h1 confirmed until 600, confirm: confirmed/unpaid v2
         check-in h1 1@101 => +101@10, +101@11, check-in: checked_in/unpaid v3
         reschedule h1 A10..13x1 => posted A10..13x1, returned A10..12x1, -101@10, -101@11, \
         +101@10, +101@11, +101@12, reschedule: checked_in/unpaid v4
         reschedule h1 B10..13x1 => posted B10..13x1, returned A10..13x1, -101@10, -101@11, \
         -101@12, reschedule: checked_in/unpaid v5",
    );
}
