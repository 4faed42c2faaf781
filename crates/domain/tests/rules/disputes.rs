//! Goal: what a bank takes back is never asked for again, never goes back twice, and ends nobody's
//! booking. Method: a confirmed, paid stay, a dispute's answers, what is due and owed after each.

use vacancy_domain::disputes::Dispute;
use vacancy_domain::folio::{self, EntryKind};
use vacancy_domain::ids::{HoldId, PaymentId};
use vacancy_domain::reservations::refunds::{self, Failed};

use crate::orders::check;
use crate::world::World;

const PAID: &str = "book h1 A10..12x1 price=100 => h1 until 600, held A10..12x1, made v1
     pay p1 h1 amount=100 => p1 CREATED, pay: held/pending v2
     hear p1 h1 SUCCESS captured=100 => p1 SUCCESS, posted A10..12x1, h1 confirmed until 600, \
     confirm: confirmed/paid v3\n";

fn check_paid(script: &str) -> World {
    check_again(check(World::new("10 1 0 0"), &format!("{PAID}{script}")))
}

/// What banks have is what the disputes say, everywhere, and the folio is the sum of its entries.
fn check_again(world: World) -> World {
    let books = &world.stock;
    let disputes: Vec<Dispute> = books.disputes.values().cloned().collect();
    let payments: Vec<_> = books.payments.values().cloned().collect();
    let reservation = &books.reservations[&HoldId(1)];
    let taken: i64 = disputes.iter().map(|dispute| dispute.told.taken_minor()).sum();
    let of_payments: i64 = payments.iter().map(|payment| payment.charged_back_minor).sum();
    assert_eq!((reservation.charged_back_minor, of_payments), (taken, taken));
    let folio = folio::of(reservation, &payments, &[], &disputes);
    let sum: i64 = folio.entries.iter().map(|entry| entry.amount_minor).sum();
    assert_eq!(folio.balance().minor, sum);
    // This world's prices have no lines: the whole price is missing from the entries.
    let charged = reservation.kept_minor() - reservation.price.total_minor;
    assert_eq!(sum, charged - reservation.paid_minor + taken);
    world
}

#[test]
fn what_the_bank_took_is_not_asked_for_again() {
    let world = check_paid(
        "dispute h1 p1 d1 needs_response withdrawn amount=100 asked=1 \
         => d1 needs_response withdrawn, p1 SUCCESS, dispute: confirmed/paid v4
         show h1 => CONFIRMED due 0 owed 0
         pay p2 h1 amount=100 => no: nothing_due",
    );
    let reservation = &world.stock.reservations[&HoldId(1)];
    let disputes: Vec<Dispute> = world.stock.disputes.values().cloned().collect();
    let folio = folio::of(reservation, &[], &[], &disputes);
    let kinds: Vec<EntryKind> = folio.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds.last(), Some(&EntryKind::Chargeback));
}

#[test]
fn nothing_goes_back_of_what_the_bank_took() {
    check_paid(
        "dispute h1 p1 d1 needs_response withdrawn amount=100 asked=1 \
         => d1 needs_response withdrawn, p1 SUCCESS, dispute: confirmed/paid v4
         ask-refund h1 p1 amount=10 => no: payment_disputed
         ask-refund h1 p1 => no: payment_disputed
         guest.cancel h1 => returned A10..12x1, h1 returned until 600, cancel: canceled/paid v5
         show h1 => CANCELED due 0 owed 0
         dispute h1 p1 d1 lost withdrawn amount=100 asked=2 \
         => d1 lost withdrawn, dispute: canceled/paid v6
         show h1 => CANCELED due 0 owed 0",
    );
}

#[test]
fn who_canceled_gets_back_what_the_bank_gives_back() {
    check_paid(
        "dispute h1 p1 d1 needs_response withdrawn amount=100 asked=1 \
         => d1 needs_response withdrawn, p1 SUCCESS, dispute: confirmed/paid v4
         guest.cancel h1 => returned A10..12x1, h1 returned until 600, cancel: canceled/paid v5
         dispute h1 p1 d1 won reinstated amount=100 asked=2 \
         => d1 won reinstated, p1 SUCCESS, dispute: canceled/paid v6, refund 100 dispute_won
         show h1 => CANCELED due 0 owed 100",
    );
}

#[test]
fn only_what_is_left_is_owed_where_the_bank_took_a_part() {
    check_paid(
        "dispute h1 p1 d1 needs_response withdrawn amount=30 asked=1 \
         => d1 needs_response withdrawn, p1 SUCCESS, dispute: confirmed/paid v4
         ask-refund h1 p1 amount=10 => no: payment_disputed
         guest.cancel h1 => returned A10..12x1, h1 returned until 600, cancel: canceled/paid v5, \
         refund 70 canceled
         show h1 => CANCELED due 0 owed 70",
    );
}

#[test]
fn a_question_of_the_bank_holds_nothing_up() {
    check_paid(
        "dispute h1 p1 d1 needs_response kept amount=100 asked=1 \
         => d1 needs_response kept, dispute: confirmed/paid v4
         ask-refund h1 p1 amount=10 => asked p1 EUR 0.10
         dispute h1 p1 d1 closed kept amount=100 asked=2 \
         => d1 closed kept, dispute: confirmed/paid v5
         show h1 => CONFIRMED due 0 owed 0",
    );
}

#[test]
fn old_and_repeated_answers_move_nothing() {
    check_paid(
        "dispute h1 p1 d1 won reinstated amount=100 asked=5 \
         => d1 won reinstated, dispute: confirmed/paid v4
         dispute h1 p1 d1 needs_response withdrawn amount=100 asked=1 => nothing
         dispute h1 p1 d1 won reinstated amount=100 asked=5 => nothing
         dispute h1 p1 d1 won reinstated amount=100 asked=6 => d1 won reinstated
         dispute h1 p1 d2 needs_response withdrawn amount=100 asked=7 \
         => d2 needs_response withdrawn, p1 SUCCESS, dispute: confirmed/paid v5",
    );
}

#[test]
fn a_payment_is_spent_when_all_went_back_or_a_bank_has_the_rest_for_good() {
    let check_spent = |script: &str, refunded_minor: i64, is_spent: bool| {
        let world = check_paid(script);
        let disputes: Vec<Dispute> = world.stock.disputes.values().cloned().collect();
        let mut payment = world.stock.payments[&PaymentId(1)].clone();
        payment.refunded_minor = refunded_minor;
        assert_eq!(refunds::is_spent(&payment, &disputes), is_spent, "{script}");
    };
    check_spent("", 99, false);
    check_spent("", 100, true);
    let taken = "dispute h1 p1 d1 needs_response withdrawn amount=30 asked=1 \
         => d1 needs_response withdrawn, p1 SUCCESS, dispute: confirmed/paid v4";
    // The bank may give it back yet.
    check_spent(taken, 70, false);
    let lost = "dispute h1 p1 d1 lost withdrawn amount=30 asked=1 \
         => d1 lost withdrawn, p1 SUCCESS, dispute: confirmed/paid v4";
    check_spent(lost, 69, false);
    check_spent(lost, 70, true);
}

#[test]
fn a_refund_that_failed_is_over_when_there_is_nothing_left_that_it_could_give_back() {
    let check_over = |script: &str, refunded_minor: i64, failed: Failed, is_over: bool| {
        let world = check_paid(script);
        let books = &world.stock;
        let disputes: Vec<Dispute> = books.disputes.values().cloned().collect();
        let mut payment = books.payments[&PaymentId(1)].clone();
        payment.refunded_minor = refunded_minor;
        let mut reservation = books.reservations[&HoldId(1)].clone();
        reservation.refunded_minor = refunded_minor;
        let told = failed.is_over(&reservation, &[payment], &disputes);
        assert_eq!(told, is_over, "{script} {refunded_minor} {failed:?}");
    };
    let canceled = "guest.cancel h1 => returned A10..12x1, h1 returned until 600, \
         cancel: canceled/paid v4, refund 100 canceled";
    let (owed, asked) = (Failed::Owed, Failed::Asked(PaymentId(1)));
    check_over(canceled, 0, owed, false);
    check_over(canceled, 99, owed, false);
    check_over(canceled, 100, owed, true);
    // A booking that goes on owes nothing; what staff asked for is there all the same.
    check_over("", 0, owed, true);
    check_over("", 99, asked, false);
    check_over("", 100, asked, true);
    check_over("", 100, Failed::Asked(PaymentId(2)), false);
    let ended = |status: &str| {
        format!(
            "dispute h1 p1 d1 {status} withdrawn amount=100 asked=1 \
             => d1 {status} withdrawn, p1 SUCCESS, dispute: confirmed/paid v4"
        )
    };
    check_over(&ended("lost"), 0, asked, true);
    // The bank may give it back yet.
    check_over(&ended("under_review"), 0, asked, false);
}

#[test]
fn a_dispute_of_other_money_is_refused() {
    check_paid(
        "dispute h1 p9 d1 lost withdrawn amount=100 asked=1 => no: payment_not_found
         dispute h1 p1 d1 lost withdrawn amount=100 currency=USD asked=1 => no: mismatch field: \"currency\"
         dispute h1 p1 d1 lost withdrawn amount=-1 asked=1 => no: amount_too_large",
    );
}

/// Every order of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for next in 0..count {
        let longer = |shorter: &Vec<usize>| {
            let places = 0..=shorter.len();
            let put = |at| [&shorter[..at], &[next], &shorter[at..]].concat();
            places.map(put).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[test]
fn any_order_of_two_disputes_answers_ends_alike() {
    let answers = [
        "dispute h1 p1 d1 needs_response withdrawn amount=60 asked=1",
        "dispute h1 p1 d2 needs_response kept amount=40 asked=2",
        "dispute h1 p1 d1 won reinstated amount=60 asked=3",
        "dispute h1 p1 d2 under_review withdrawn amount=40 asked=4",
        "dispute h1 p1 d2 lost withdrawn amount=40 asked=5",
    ];
    for order in orders(answers.len()) {
        let mut world = check_paid("");
        for at in order.iter().flat_map(|at| [*at, *at]).chain(order.iter().rev().copied()) {
            world.order(answers[at]);
        }
        let world = check_again(world);
        let stay = &world.stock.reservations[&HoldId(1)];
        assert_eq!((stay.charged_back_minor, stay.due_minor()), (40, 0), "{order:?}");
        let ends: Vec<_> =
            world.stock.disputes.values().map(|one| one.told.status.word()).collect();
        assert_eq!(ends.len(), 2);
        assert!(ends.contains(&"won") && ends.contains(&"lost"), "{order:?}: {ends:?}");
    }
}
