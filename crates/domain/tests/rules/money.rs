//! Goal: no money without a booking, no booking that waits for money that cannot come. Method:
//! payments begun, heard of in any order, given back; answers compared by `check`.

use vacancy_domain::reservations::state::StayState;

use crate::orders::check;
use crate::reservations::brought_to;

const PAY: &str = "pay p1 h1 amount=100 => p1 CREATED, pay: held/pending v2\n";

fn check_paying(script: &str) {
    check(brought_to(StayState::Held), &format!("{PAY}{script}"));
}

#[test]
fn success_confirms_whatever_came_before_it() {
    let success =
        "=> p1 SUCCESS, posted A10..12x1, h1 confirmed until 600, confirm: confirmed/paid";
    check_paying(&format!("hear p1 h1 SUCCESS captured=100 {success} v3"));
    check_paying(&format!(
        "name p1 h1 order=o1 => p1 PENDING
         hear p1 h1 AUTHORIZED => p1 AUTHORIZED, payment: held/authorized v3
         hear p1 h1 PENDING => nothing
         hear p1 h1 SUCCESS captured=100 {success} v4
         hear p1 h1 SUCCESS captured=100 => nothing
         hear p1 h1 FAILED => nothing
         show h1 => CONFIRMED due 0 owed 0"
    ));
    check_paying(&format!(
        "hear p1 h1 FAILED => p1 FAILED, payment: held/failed v3
         hear p1 h1 SUCCESS captured=100 {success} v4"
    ));
}

#[test]
fn an_order_is_named_once() {
    check_paying(
        "name p1 h1 order=o1 => p1 PENDING
         name p1 h1 order=o1 => nothing
         name p1 h1 order=o2 => no: mismatch field: \"paymentOrderId\"
         name p7 h1 order=o1 => no: payment_not_found",
    );
}

#[test]
fn only_what_is_due_can_be_paid_and_in_its_currency() {
    check(
        brought_to(StayState::Held),
        "pay p1 h1 amount=99 => no: nothing_due
         pay p1 h1 amount=101 => no: nothing_due
         pay p1 h1 amount=100 currency=USD => no: mismatch field: \"currency\"
         now 600
         pay p1 h1 amount=100 => no: hold_expired expired_at_ms: 600000",
    );
    check(brought_to(StayState::Confirmed), "pay p1 h1 amount=0 => no: nothing_due");
    check_paying(
        "hear p1 h1 SUCCESS captured=99 => no: mismatch field: \"amount\"
         hear p7 h1 FAILED => no: payment_not_found",
    );
}

#[test]
fn a_deadline_with_a_payment_under_way_asks_the_provider_first() {
    check_paying(
        "now 599
         guest.lapse h1 => nothing
         now 600
         guest.lapse h1 => h1 held until 1500, releasing: releasing/pending v3, settle
         cells A10 => A10 5 1 0
         now 1499
         guest.lapse h1 => nothing
         now 1500
         guest.lapse h1 => h1 held until 2400, settle
         hear p1 h1 CANCELED => p1 CANCELED, expired A10..12x1, h1 expired until 2400, \
         expire: expired/failed v4
         cells A10 => A10 5 0 0",
    );
}

#[test]
fn an_authorised_payment_is_under_way_too() {
    check_paying(
        "hear p1 h1 AUTHORIZED => p1 AUTHORIZED, payment: held/authorized v3
         now 600
         guest.lapse h1 => h1 held until 1500, releasing: releasing/authorized v4, settle
         hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, posted A10..12x1, h1 confirmed until 1500, \
         confirm: confirmed/paid v5",
    );
    check_paying(
        "hear p1 h1 AUTHORIZED => p1 AUTHORIZED, payment: held/authorized v3
         guest.cancel h1 => released A10..12x1, h1 released until 600, \
         cancel: released/authorized v4, settle",
    );
}

#[test]
fn a_definite_no_lets_a_held_guest_try_again() {
    check_paying(
        "hear p1 h1 FAILED => p1 FAILED, payment: held/failed v3
         pay p2 h1 amount=100 => p2 CREATED, pay: held/pending v4
         now 600
         guest.lapse h1 => h1 held until 1500, releasing: releasing/pending v5, settle",
    );
    check_paying(
        "hear p1 h1 FAILED => p1 FAILED, payment: held/failed v3
         now 600
         guest.lapse h1 => expired A10..12x1, h1 expired until 600, expire: expired/failed v4",
    );
}

#[test]
fn one_payment_that_fails_does_not_end_another_that_may_succeed() {
    check_paying(
        "pay p2 h1 amount=100 => p2 CREATED, pay: held/pending v3
         now 600
         guest.lapse h1 => h1 held until 1500, releasing: releasing/pending v4, settle
         hear p1 h1 FAILED => p1 FAILED
         hear p2 h1 SUCCESS captured=100 => p2 SUCCESS, posted A10..12x1, h1 confirmed until 1500, \
         confirm: confirmed/paid v5",
    );
}

#[test]
fn money_twice_goes_back_once() {
    check_paying(
        "pay p2 h1 amount=100 => p2 CREATED, pay: held/pending v3
         hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, posted A10..12x1, h1 confirmed until 600, \
         confirm: confirmed/paid v4
         hear p2 h1 SUCCESS captured=100 => p2 SUCCESS, payment: confirmed/paid v5, \
         refund 100 paid_more_than_due
         refund p2 h1 amount=100 => refunded p2 EUR 1.00, p2 SUCCESS, \
         refund: confirmed/partially_refunded v6
         show h1 => CONFIRMED due 0 owed 0
         refund p2 h1 amount=1 => no: nothing_due",
    );
}

#[test]
fn a_failed_second_payment_does_not_hide_the_first() {
    check(
        brought_to(StayState::Confirmed),
        "reschedule h1 A10..13x1 price=150 => posted A10..13x1, returned A10..12x1, \
         reschedule: confirmed/paid v3
         pay p2 h1 amount=50 => p2 CREATED, pay: confirmed/pending v4
         hear p2 h1 FAILED => p2 FAILED, payment: confirmed/paid v5
         guest.cancel h1 => returned A10..13x1, h1 returned until 600, cancel: canceled/paid v6, \
         refund 100 canceled",
    );
}

#[test]
fn moving_to_a_cheap_stay_and_back_is_not_free() {
    let move_to = |price: i64, answer: &str| {
        format!(
            "reschedule h1 A10..12x1 price={price} => posted A10..12x1, returned A10..12x1, {answer}\n"
        )
    };
    let paid = "hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, posted A10..12x1, \
         h1 confirmed until 600, confirm: confirmed/paid v3\n";
    let cheaper = move_to(60, "reschedule: confirmed/paid v4, refund 40 rescheduled");
    let refunded = "refund p1 h1 amount=40 => refunded p1 EUR 0.40, p1 SUCCESS, \
         refund: confirmed/partially_refunded v5\n";
    let dearer = move_to(100, "reschedule: confirmed/partially_refunded v6");
    check_paying(&format!(
        "{paid}{cheaper}show h1 => CONFIRMED due 0 owed 40
         {refunded}show h1 => CONFIRMED due 0 owed 0
         {dearer}show h1 => CONFIRMED due 40 owed 0"
    ));
}

#[test]
fn a_move_never_costs_more_than_the_guest_agreed_to() {
    check(
        brought_to(StayState::Confirmed),
        "reschedule h1 A10..13x1 price=150 agreed=149 => no: price_changed \
         agreed: Money { minor: 149, currency: Currency([69, 85, 82]) }, \
         current: Money { minor: 150, currency: Currency([69, 85, 82]) }
         reschedule h1 A10..13x1 price=150 agreed=150 => posted A10..13x1, returned A10..12x1, \
         reschedule: confirmed/paid v3",
    );
}

/// Each decision tells the whole debt as it stands; the job asks again when it runs.
#[test]
fn what_is_owed_is_never_more_than_what_was_paid() {
    check(
        brought_to(StayState::Confirmed),
        "reschedule h1 A10..12x1 price=60 => posted A10..12x1, returned A10..12x1, \
         reschedule: confirmed/paid v3, refund 40 rescheduled
         guest.cancel h1 => returned A10..12x1, h1 returned until 600, cancel: canceled/paid v4, \
         refund 100 canceled
         show h1 => CANCELED due 0 owed 100",
    );
}

#[test]
fn a_refund_never_passes_what_was_captured() {
    check_paying(
        "refund p1 h1 amount=1 => no: nothing_due
         hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, posted A10..12x1, h1 confirmed until 600, \
         confirm: confirmed/paid v3
         guest.cancel h1 => returned A10..12x1, h1 returned until 600, cancel: canceled/paid v4, \
         refund 100 canceled
         refund p1 h1 amount=0 => no: nothing_due
         refund p1 h1 amount=-1 => no: nothing_due
         refund p1 h1 amount=101 => no: nothing_due
         refund p1 h1 amount=30 => refunded p1 EUR 0.30, p1 SUCCESS, \
         refund: canceled/partially_refunded v5
         show h1 => CANCELED due 0 owed 70
         refund p1 h1 amount=70 => refunded p1 EUR 0.70, p1 SUCCESS, refund: canceled/refunded v6
         show h1 => REFUNDED due 0 owed 0
         refund p1 h1 amount=1 => no: nothing_due
         refund p7 h1 amount=1 => no: payment_not_found
         refund p1 h2 amount=1 => no: reservation_not_found",
    );
}

#[test]
fn staff_ask_for_no_more_than_is_left_and_in_its_currency() {
    let left = |minor: i64| {
        let left = format!("Money {{ minor: {minor}, currency: Currency([69, 85, 82]) }}");
        format!("no: refund_too_large left: {left}")
    };
    let (nothing, some) = (left(0), left(70));
    check_paying(&format!(
        "ask-refund p1 h1 => no: nothing_to_refund
         ask-refund p1 h1 amount=1 => {nothing}
         hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, posted A10..12x1, h1 confirmed until 600, \
         confirm: confirmed/paid v3
         ask-refund p1 h1 amount=100 => asked p1 EUR 1.00
         refund p1 h1 amount=30 => refunded p1 EUR 0.30, p1 SUCCESS, \
         refund: confirmed/partially_refunded v4
         ask-refund p1 h1 amount=71 => {some}
         ask-refund p1 h1 amount=0 => {some}
         ask-refund p1 h1 amount=-1 => {some}
         ask-refund p1 h1 amount=1 currency=USD => no: mismatch field: \"amount/currency\"
         ask-refund p1 h1 => asked p1 EUR 0.70
         ask-refund p7 h1 => no: payment_not_found"
    ));
}

#[test]
fn what_staff_asked_back_is_asked_back_once() {
    let left = "no: refund_too_large left: Money { minor: 10, currency: Currency([69, 85, 82]) }";
    check_paying(&format!(
        "hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, posted A10..12x1, h1 confirmed until 600, \
         confirm: confirmed/paid v3
         ask-refund p1 h1 refund=1 amount=60 => asked p1 EUR 0.60
         ask-refund p1 h1 refund=2 amount=30 => asked p1 EUR 0.30
         ask-refund p1 h1 refund=3 amount=11 => {left}
         refund p1 h1 refund=1 amount=60 => refunded p1 EUR 0.60, p1 SUCCESS, \
         refund: confirmed/partially_refunded v4
         ask-refund p1 h1 refund=3 amount=11 => {left}
         ask-refund p1 h1 refund=3 => asked p1 EUR 0.10
         ask-refund p1 h1 refund=4 => no: nothing_to_refund"
    ));
}

#[test]
fn what_goes_back_beyond_what_is_owed_is_let_off_and_never_due_again() {
    check_paying(
        "hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, posted A10..12x1, h1 confirmed until 600, \
         confirm: confirmed/paid v3
         refund p1 h1 amount=30 => refunded p1 EUR 0.30, p1 SUCCESS, \
         refund: confirmed/partially_refunded v4
         show h1 => CONFIRMED due 0 owed 0
         refund p1 h1 amount=20 still=1 => refunded p1 EUR 0.20, p1 SUCCESS, \
         refund: confirmed/partially_refunded v5
         show h1 => CONFIRMED due 20 owed 0
         guest.cancel h1 => returned A10..12x1, h1 returned until 600, cancel: canceled/partially_refunded v6, \
         refund 50 canceled
         show h1 => CANCELED due 0 owed 50
         refund p1 h1 amount=50 => refunded p1 EUR 0.50, p1 SUCCESS, refund: canceled/refunded v7
         show h1 => REFUNDED due 0 owed 0",
    );
}

#[test]
fn staff_may_confirm_without_money_or_with_money_that_can_be() {
    check(
        brought_to(StayState::Held),
        "guest.confirm h1 => posted A10..12x1, h1 confirmed until 600, confirm: confirmed/unpaid v2
         show h1 => CONFIRMED due 100 owed 0",
    );
    check(
        brought_to(StayState::Held),
        "guest.confirm h1 p1 paid=-1 => no: mismatch field: \"amount\"
         guest.confirm h1 p1 paid=1000000000001 => no: amount_too_large
         cells A10 => A10 5 1 0",
    );
    check(
        brought_to(StayState::Releasing),
        "guest.confirm h1 => posted A10..12x1, h1 confirmed until 1500, \
         confirm: confirmed/pending v4",
    );
}
