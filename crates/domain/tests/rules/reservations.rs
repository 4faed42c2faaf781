//! Goal: every answer that a reservation can get, save those about money. Method: one booked stay
//! brought into each state by `brought_to`, then every order; answers compared by `check`.

use vacancy_domain::ids::HoldId;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::state::{MoneyState, StayState, status};

use crate::orders::check;
use crate::world::World;

const BOOK: &str = "book h1 A10..12x1 price=100 => h1 until 600, held A10..12x1, made v1\n";
const CONFIRM: &str = "guest.confirm h1 p9 paid=100 => posted A10..12x1, h1 confirmed until 600, \
     confirm: confirmed/paid v2\n";

/// A world in which the stay of `h1`, nights 10 and 11, is in this state.
pub(crate) fn brought_to(state: StayState) -> World {
    let world = check(World::new("").with_rooms("101 A | 102 A"), BOOK);
    let and = |world, script: &str| check(world, script);
    match state {
        StayState::Held => world,
        StayState::Releasing => and(
            world,
            "pay p1 h1 amount=100 => p1 CREATED, pay: held/pending v2
             now 600
             guest.lapse h1 => h1 held until 1500, releasing: releasing/pending v3, settle",
        ),
        StayState::Confirmed => and(world, CONFIRM),
        StayState::CheckedIn => and(
            brought_to(StayState::Confirmed),
            "check-in h1 1@101 => +101@10, +101@11, check-in: checked_in/paid v3",
        ),
        StayState::Completed => and(
            brought_to(StayState::CheckedIn),
            "today 12
             check-out h1 => check-out: completed/paid v4",
        ),
        StayState::Released => and(
            world,
            "guest.cancel h1 => released A10..12x1, h1 released until 600, \
             cancel: released/unpaid v2",
        ),
        StayState::Expired => and(
            world,
            "now 600
             guest.lapse h1 => expired A10..12x1, h1 expired until 600, expire: expired/unpaid v2",
        ),
        StayState::Canceled => and(
            brought_to(StayState::Confirmed),
            "guest.cancel h1 => returned A10..12x1, h1 returned until 600, \
             cancel: canceled/paid v3, refund 100 canceled",
        ),
        StayState::NoShow => and(
            brought_to(StayState::Confirmed),
            "no-show h1 => returned A10..12x1, h1 returned until 600, no-show: no_show/paid v3",
        ),
    }
}

#[test]
fn the_status_is_the_one_of_the_public_contract() {
    use MoneyState::{Paid, Refunded, Unpaid};
    let table = [
        (StayState::Held, Unpaid, "PENDING_PAYMENT"),
        (StayState::Releasing, Refunded, "PENDING_PAYMENT"),
        (StayState::Confirmed, Refunded, "CONFIRMED"),
        (StayState::CheckedIn, Paid, "CHECKED_IN"),
        (StayState::Completed, Refunded, "COMPLETED"),
        (StayState::Released, Unpaid, "CANCELED"),
        (StayState::Canceled, Paid, "CANCELED"),
        (StayState::Expired, Unpaid, "EXPIRED"),
        (StayState::NoShow, Refunded, "NO_SHOW"),
        (StayState::Released, Refunded, "REFUNDED"),
        (StayState::Canceled, Refunded, "REFUNDED"),
        (StayState::Expired, Refunded, "REFUNDED"),
    ];
    for (stay, money, expected) in table {
        assert_eq!(status(stay, money), expected, "{stay:?} {money:?}");
    }
    for stay in StayState::ALL {
        for money in MoneyState::ALL {
            let says_refunded = status(stay, money) == "REFUNDED";
            assert_eq!(says_refunded, stay.has_ended_unused() && money == Refunded);
        }
    }
}

#[test]
fn words_of_both_states_are_read_back() {
    for state in StayState::ALL {
        assert_eq!(StayState::from_word(state.word()), Some(state));
    }
    for state in MoneyState::ALL {
        assert_eq!(MoneyState::from_word(state.word()), Some(state));
    }
    assert_eq!((StayState::from_word("EXPIRED"), MoneyState::from_word("")), (None, None));
}

#[test]
fn a_booking_takes_the_stock_and_makes_the_reservation_or_neither() {
    let world = check(
        World::new("10 1 0 1"),
        "book h1 A10..12x1 => no: A partly_sold_out days: [10], free_units: 0
         book h1 => no: stay_is_empty
         book h1 A10..12x1 house=9 => no: spans_properties",
    );
    assert!(world.stock.reservations.is_empty() && world.stock.holds.is_empty());
    let world = check(World::new(""), &format!("{BOOK} show h1 => PENDING_PAYMENT due 100 owed 0"));
    let made: &Reservation = &world.stock.reservations[&HoldId(1)];
    assert_eq!((made.created_at_ms, made.hold_expires_at_ms), (0, 600_000));
    assert_eq!((made.lines.len(), made.stay.nights()), (1, 2));
}

#[test]
fn the_stay_of_a_reservation_spans_all_its_lines() {
    let world = check(
        World::new(""),
        "book h1 A12..14x1 B10..11x1 => h1 until 600, held A12..14x1, held B10..11x1, made v1",
    );
    let stay = world.stock.reservations[&HoldId(1)].stay;
    assert_eq!((stay.first_day.0, stay.end_day.0), (10, 14));
}

#[test]
fn an_extension_moves_both_deadlines() {
    let world = check(
        brought_to(StayState::Held),
        "now 500
         guest.extend h1 => h1 held until 1100, extend: held/unpaid v2
         now 1100
         guest.extend h1 => no: hold_expired expired_at_ms: 1100000",
    );
    assert_eq!(world.stock.reservations[&HoldId(1)].hold_expires_at_ms, 1_100_000);
}

/// Every state against every order that it does not allow.
#[test]
fn an_impossible_transition_names_itself() {
    let orders = ["confirm", "extend", "cancel", "edit", "reschedule", "check-in", "check-out"];
    let orders: Vec<&str> = orders.into_iter().chain(["no-show", "pay"]).collect();
    for state in StayState::ALL {
        let allowed: &[&str] = match state {
            StayState::Held => &["confirm", "extend", "cancel", "edit", "pay"],
            StayState::Releasing => &["confirm"],
            StayState::Confirmed => &["cancel", "edit", "reschedule", "check-in", "no-show", "pay"],
            StayState::CheckedIn => &["reschedule", "check-in", "check-out", "pay"],
            // These say that the hold ran out.
            StayState::Expired => &["confirm", "extend", "cancel", "pay"],
            StayState::Completed
            | StayState::Released
            | StayState::Canceled
            | StayState::NoShow => &[],
        };
        for action in orders.iter().filter(|action| !allowed.contains(*action)) {
            let order = if ["confirm", "extend", "cancel"].contains(action) {
                format!("guest.{action} h1")
            } else {
                format!("{action} h1 p1 amount=100 A10..12x1 price=100")
            };
            let data = format!("from: \"{}\", action: \"{action}\"", state.word());
            check(brought_to(state), &format!("{order} => no: invalid_transition {data}"));
        }
    }
    check(
        brought_to(StayState::Expired),
        "guest.confirm h1 => no: hold_expired expired_at_ms: 600000
         guest.extend h1 => no: hold_expired expired_at_ms: 600000
         guest.cancel h1 => no: hold_expired expired_at_ms: 600000
         pay p1 h1 amount=100 => no: hold_expired expired_at_ms: 600000",
    );
}

/// What an answer lists as legal is legal: each of these orders is accepted.
#[test]
fn every_listed_action_is_accepted() {
    for state in StayState::ALL {
        let world = brought_to(state);
        let actions = world.stock.reservations[&HoldId(1)].actions();
        for action in actions {
            let order = match *action {
                "pay" => "pay p1 h1 amount=100".to_owned(),
                "confirm" | "extend" | "cancel" => format!("guest.{action} h1"),
                "reschedule" => "reschedule h1 A10..13x1 price=100".to_owned(),
                other => format!("{other} h1"),
            };
            let mut world = brought_to(state);
            world.stock.now_ms = 1000;
            let answer = world.order(&order);
            assert!(!answer.starts_with("no:"), "{state:?}: {action}: {answer}");
        }
        assert_eq!(
            actions.is_empty(),
            !matches!(state, StayState::Held | StayState::Confirmed | StayState::CheckedIn)
        );
    }
}

#[test]
fn paying_is_offered_while_something_is_due() {
    let listed = |script: &str| {
        let world = check(World::new(""), script);
        world.stock.reservations[&HoldId(1)].actions().contains(&"pay")
    };
    assert!(listed(BOOK));
    assert!(!listed("book h1 A10..12x1 => h1 until 600, held A10..12x1, made v1"));
    assert!(!listed(&format!("{BOOK}{CONFIRM}")));
    let dearer = "reschedule h1 A10..13x1 price=150 => posted A10..13x1, returned A10..12x1, \
         reschedule: confirmed/paid v3";
    assert!(listed(&format!("{BOOK}{CONFIRM}{dearer}")));
}

#[test]
fn a_guest_can_be_changed_until_arrival_by_who_read_the_last_version() {
    check(
        brought_to(StayState::Held),
        "edit h1 version=9 => no: stale version: 1
         edit h1 version=1 => edit: held/unpaid v2
         edit h1 version=1 => no: stale version: 2
         edit h1 => edit: held/unpaid v3
         edit h2 => no: reservation_not_found",
    );
}

#[test]
fn a_bare_hold_is_treated_as_one() {
    check(
        World::new(""),
        "place h1 A10..11x1 => h1 until 600, held A10..11x1
         guest.extend h1 => h1 held until 600
         guest.confirm h1 => posted A10..11x1, h1 confirmed until 600
         guest.cancel h1 => returned A10..11x1, h1 returned until 600
         guest.cancel h1 => no: invalid_transition from: \"returned\", action: \"release\"
         place h2 A10..11x1 => h2 until 600, held A10..11x1
         guest.cancel h2 => released A10..11x1, h2 released until 600
         place h3 A10..11x1 => h3 until 600, held A10..11x1
         now 600
         guest.lapse h3 => expired A10..11x1, h3 expired until 600
         guest.lapse h4 => nothing
         guest.confirm h4 => no: hold_not_found
         reschedule h1 A10..11x1 => no: reservation_not_found
         check-in h1 => no: reservation_not_found
         check-out h1 => no: reservation_not_found
         no-show h1 => no: reservation_not_found
         pay p1 h1 amount=1 => no: reservation_not_found",
    );
}

#[test]
fn nobody_checks_in_or_fails_to_come_before_the_day() {
    let early = |action: &str| format!("today 9\n{action} h1 => no: too_soon from: 10");
    check(brought_to(StayState::Confirmed), &early("check-in"));
    check(brought_to(StayState::Confirmed), &early("no-show"));
}

#[test]
fn a_stay_that_ends_frees_its_nights() {
    for (state, sold) in [
        (StayState::Released, 0),
        (StayState::Expired, 0),
        (StayState::Canceled, 0),
        (StayState::NoShow, 0),
        (StayState::Completed, 1),
    ] {
        check(brought_to(state), &format!("cells A10 => A10 5 0 {sold}"));
    }
    check(brought_to(StayState::Releasing), "cells A10 => A10 5 1 0");
}

#[test]
fn a_stay_is_moved_at_once_or_stays_as_it_is() {
    check(
        brought_to(StayState::Confirmed),
        "reschedule h1 B10..12x3 price=300 => no: B sold_out free_units: 2
         reschedule h1 A20..21x1 advance=5 => no: A too_early advance_days_max: 5
         cells A10 => A10 5 0 1
         reschedule h1 B12..14x2 price=300 => posted B12..14x2, returned A10..12x1, \
         reschedule: confirmed/paid v3
         show h1 => CONFIRMED due 200 owed 0",
    );
}

#[test]
fn who_is_in_the_house_cannot_have_arrived_on_another_day() {
    check(
        brought_to(StayState::CheckedIn),
        "reschedule h1 A11..13x1 price=100 => no: mismatch field: \"checkInDate\"
         reschedule h1 A10..13x1 price=100 => posted A10..13x1, returned A10..12x1, -101@10, \
         -101@11, +101@10, +101@11, +101@12, reschedule: checked_in/paid v4",
    );
}
