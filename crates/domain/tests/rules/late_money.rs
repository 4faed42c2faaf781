//! Goal: money that comes after the stock was given up buys the same nights or goes back, and no
//! reservation stays "paid but nothing". Method: an expired or canceled stay, the rest of the
//! house as cells, the payment's success; answers compared by `check`.

use vacancy_domain::ids::{HoldId, LineId};
use vacancy_domain::reservations::state::StayState;

use crate::orders::check;
use crate::reservations::brought_to;
use crate::world::World;

const EXPIRED: &str = "book h1 A10..12x1 price=100 => h1 until 600, held A10..12x1, made v1
     pay p1 h1 amount=100 => p1 CREATED, pay: held/pending v2
     hear p1 h1 FAILED => p1 FAILED, payment: held/failed v3
     now 600
     guest.lapse h1 => expired A10..12x1, h1 expired until 600, expire: expired/failed v4\n";
const GOES_BACK: &str = "hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, \
     late-payment: expired/paid v5, refund 100 paid_after_the_stock_was_gone
     show h1 => EXPIRED due 0 owed 100
     refund p1 h1 amount=100 => refunded p1 EUR 1.00, p1 SUCCESS, refund: expired/refunded v6
     show h1 => REFUNDED due 0 owed 0";

fn check_expired(script: &str) -> World {
    check(World::new("10 1 0 0"), &format!("{EXPIRED}{script}"))
}

#[test]
fn it_takes_the_same_nights_while_they_are_free() {
    let world = check_expired(
        "hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, posted A10..12x1, \
         h1 confirmed until 600, confirm: confirmed/paid v5
         cells A10..12 => A10 1 0 1 | A11 5 0 1
         show h1 => CONFIRMED due 0 owed 0
         guest.cancel h1 => returned A10..12x1, h1 returned until 600, cancel: canceled/paid v6, \
         refund 100 canceled",
    );
    // The ledger has a new line, with an id that only this payment can give.
    assert_eq!(world.ledger.last().unwrap().line.id, LineId(1));
    assert_eq!(world.stock.reservations[&HoldId(1)].lines[0].line.id, LineId(1));
}

#[test]
fn it_goes_back_when_one_of_the_nights_is_gone() {
    check_expired(&format!(
        "place h2 A10..11x1 => h2 until 1200, held A10..11x1\n{GOES_BACK}
         cells A10..12 => A10 1 1 0 | A11 5 0 0"
    ));
}

#[test]
fn it_goes_back_when_the_house_was_closed_or_the_day_is_over() {
    check_expired(&format!("stock A11 closed=1 => #1 closed 11..12 = 1, set A11\n{GOES_BACK}"));
    check_expired(&format!("today 11\n{GOES_BACK}"));
}

#[test]
fn it_goes_back_when_the_nights_were_not_looked_at() {
    let mut world = check_expired("");
    world.stock.cells.clear();
    let answer = world.order("hear p1 h1 SUCCESS captured=100");
    assert!(answer.contains("refund 100"), "{answer}");
}

#[test]
fn who_canceled_gets_it_back_although_the_nights_are_free() {
    check(
        brought_to(StayState::Held),
        "pay p1 h1 amount=100 => p1 CREATED, pay: held/pending v2
         guest.cancel h1 => released A10..12x1, h1 released until 600, \
         cancel: released/pending v3, settle
         hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, late-payment: released/paid v4, \
         refund 100 paid_after_the_stock_was_gone
         show h1 => CANCELED due 0 owed 100",
    );
    check(
        brought_to(StayState::Canceled),
        "guest.confirm h1 p2 paid=100 => late-payment: canceled/paid v4, \
         refund 100 paid_after_the_stock_was_gone
         show h1 => CANCELED due 0 owed 200",
    );
}

#[test]
fn too_little_buys_nothing() {
    check(
        brought_to(StayState::Expired),
        "guest.confirm h1 p2 paid=99 => late-payment: expired/paid v3, \
         refund 99 paid_after_the_stock_was_gone",
    );
}

#[test]
fn each_late_payment_goes_back_once() {
    check(
        brought_to(StayState::Expired),
        "place h2 A10..12x5 => h2 until 1200, held A10..12x5
         guest.confirm h1 p2 paid=100 => late-payment: expired/paid v3, \
         refund 100 paid_after_the_stock_was_gone
         guest.confirm h1 p3 paid=100 => late-payment: expired/paid v4, \
         refund 100 paid_after_the_stock_was_gone
         show h1 => EXPIRED due 0 owed 200",
    );
}

#[test]
fn a_stay_that_was_lived_or_missed_keeps_what_is_due_and_returns_the_rest() {
    check(
        brought_to(StayState::Completed),
        "guest.confirm h1 p2 paid=30 => payment: completed/paid v5, refund 30 paid_more_than_due",
    );
    check(
        brought_to(StayState::NoShow),
        "guest.confirm h1 p2 paid=30 => payment: no_show/paid v4, refund 30 paid_more_than_due",
    );
    check(
        brought_to(StayState::CheckedIn),
        "reschedule h1 A10..13x1 price=130 => posted A10..13x1, returned A10..12x1, -101@10, \
         -101@11, +101@10, +101@11, +101@12, reschedule: checked_in/paid v4
         guest.confirm h1 p2 paid=30 => payment: checked_in/paid v5
         show h1 => CHECKED_IN due 0 owed 0",
    );
}
