//! Rules of `domain`, and the wall of the database behind them, on both engines.

use vacancy_app::desk::command::Command;
use vacancy_domain::guards::Guard;
use vacancy_domain::money::Currency;
use vacancy_domain::prices::Price;
use vacancy_domain::reservations::ReservedLine;
use vacancy_store::testing::races::{self, Wall};

use super::super::books::findings;
use super::super::hotel::code;
use super::super::runs::on_both_as_it_is;
use super::without;

/// A guest in a full house asks for two nights more: the code of the answer, or `ok`.
fn stay_longer(expected: &'static str) {
    on_both_as_it_is(1, move |hotel, _| {
        Box::pin(async move {
            let sold = hotel.sold("r1", 10, 12).await;
            let line = hotel.line(10, 14, 1);
            let price = Price { total_minor: 10_000, ..Price::free(Currency::EUR) };
            let longer = Command::Reschedule {
                hold: sold.hold,
                lines: vec![ReservedLine { line, room_type: "TYPE0".to_owned() }],
                price,
                agreed: None,
                advance_days_max: None,
                version: sold.version,
            };
            let answer = hotel.ask(longer).await;
            let told = if answer.is_ok() { "ok".to_owned() } else { code(answer) };
            assert_eq!(told, expected);
            hotel.close().await;
        })
    });
}

#[test]
fn a_guest_in_a_full_house_may_stay_longer_since_only_the_net_is_asked() {
    without(&[], || stay_longer("ok"));
}

#[test]
fn if_all_nights_were_asked_again_the_guest_would_stand_in_their_own_way() {
    without(&[Guard::NetDemand], || stay_longer("sold_out"));
}

/// Two lines of one request on the last room.
fn two_lines(walls: &'static [Wall], expected: &'static str, held: i64, is_wrong: bool) {
    on_both_as_it_is(1, move |hotel, _| {
        Box::pin(async move {
            for wall in walls {
                races::without(&hotel.db, *wall).await.unwrap();
            }
            let mut place = hotel.place(10, 11, 1);
            place.lines.push(hotel.line(10, 11, 1));
            let answer = hotel.ask(Command::Place(place)).await;
            let told = if answer.is_ok() { "ok".to_owned() } else { code(answer) };
            assert_eq!(told, expected);
            assert_eq!(hotel.gone(10..11).await, [(held, 0)]);
            assert_eq!(!findings(&hotel.db).await.is_empty(), is_wrong);
            hotel.end().await;
        })
    });
}

#[test]
fn two_lines_on_the_last_room_are_counted_together() {
    without(&[], || two_lines(&[], "sold_out", 0, false));
}

#[test]
fn counted_each_alone_the_check_refuses_what_the_rule_let_through() {
    without(&[Guard::DemandSum], || two_lines(&[], "internal", 0, false));
}

#[test]
fn counted_each_alone_and_without_the_check_the_last_room_is_sold_twice() {
    without(&[Guard::DemandSum], || two_lines(&[Wall::CellCheck], "ok", 2, true));
}
