//! A booking's life after its sale, on both engines: changes, arrival, rooms, departure.

use vacancy_app::desk::command::Command;
use vacancy_domain::ids::{HoldId, LineId, RoomId};
use vacancy_domain::money::Currency;
use vacancy_domain::prices::Price;
use vacancy_domain::reservations::{Guest, Reservation, ReservedLine};
use vacancy_domain::rooms::{Assignment, Room};
use vacancy_store::rooms;

use super::books::report;
use super::hotel::{Hotel, POOL, PROPERTY, code, reservation};
use super::runs::on_both;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A move to these nights, as the caller last read the reservation.
fn reschedule(hotel: &Hotel, read: &Reservation, first: i64, end: i64) -> Command {
    let lines =
        vec![ReservedLine { line: hotel.line(first, end, 1), room_type: "TYPE0".to_owned() }];
    let price = Price { total_minor: 10_000, ..Price::free(Currency::EUR) };
    let (hold, version) = (read.hold, read.version);
    Command::Reschedule { hold, lines, price, agreed: None, advance_days_max: Some(730), version }
}

async fn add_rooms(hotel: &Hotel, numbers: &[&str]) {
    let room = |(id, number): (u128, &&str)| {
        (PROPERTY, Room { id: RoomId(id), pool: POOL, number: (*number).to_owned() })
    };
    let made: Vec<_> = (0x20..).zip(numbers).map(room).collect();
    let write = hotel.db.write(move |tx| {
        let made = made.clone();
        Box::pin(async move { rooms::insert(tx, &made).await })
    });
    write.await.unwrap();
}

fn ask_room(line: LineId, number: Option<&str>) -> Vec<Assignment> {
    vec![Assignment { line, number: number.map(ToOwned::to_owned) }]
}

fn check_in(hold: HoldId, rooms: Vec<Assignment>) -> Command {
    Command::CheckIn { hold, rooms }
}

fn line_of(reservation: &Reservation) -> LineId {
    reservation.lines[0].line.id
}

async fn room_nights(hotel: &Hotel) -> i64 {
    report(&hotel.db).await.looked.room_nights_count
}

#[test]
fn a_guest_in_a_full_house_may_stay_longer_and_others_may_not_come() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let sold = hotel.sold("r1", 10, 12).await;
            let longer = reservation(hotel.ask(reschedule(&hotel, &sold, 10, 14)).await.unwrap());
            assert_eq!(longer.stay.nights(), 4);
            assert_eq!(hotel.gone(10..15).await, [(0, 1), (0, 1), (0, 1), (0, 1), (0, 0)]);
            let other = hotel.sold("r2", 14, 15).await;
            let back = hotel.ask(reschedule(&hotel, &other, 13, 15)).await;
            assert_eq!(code(back), "sold_out");
            assert_eq!(hotel.gone(13..15).await, [(0, 1), (0, 1)], "nobody ends with nothing");
            hotel.close().await;
        })
    });
}

#[test]
fn a_move_that_was_priced_on_an_older_reservation_is_stale() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let sold = hotel.sold("r1", 10, 12).await;
            hotel.ask(reschedule(&hotel, &sold, 10, 11)).await.unwrap();
            assert_eq!(code(hotel.ask(reschedule(&hotel, &sold, 11, 13)).await), "stale");
            assert_eq!(hotel.gone(10..13).await, [(0, 1), (0, 0), (0, 0)]);
            hotel.close().await;
        })
    });
}

#[test]
fn who_comes_may_change_and_an_older_reading_is_stale() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let sold = hotel.sold("r1", 10, 12).await;
            let edit = |name: &str, version| Command::Edit {
                hold: sold.hold,
                guest: Guest { full_name: name.to_owned(), ..Guest::default() },
                guest_requests: "a quiet room".to_owned(),
                version,
            };
            let edited = hotel.ask(edit("Ana", Some(sold.version))).await.unwrap();
            assert_eq!(reservation(edited).guest.full_name, "Ana");
            assert_eq!(code(hotel.ask(edit("Eva", Some(sold.version))).await), "stale");
            let edited = reservation(hotel.ask(edit("Eva", None)).await.unwrap());
            assert_eq!(edited.version, sold.version + 2);
            hotel.close().await;
        })
    });
}

#[test]
fn a_room_is_given_once_and_the_next_guest_gets_another() {
    on_both(3, |hotel, _| {
        Box::pin(async move {
            add_rooms(&hotel, &["101", "102"]).await;
            let (a, b) = (hotel.sold("r1", 0, 2).await, hotel.sold("r2", 0, 3).await);
            let c = hotel.sold("r3", 0, 1).await;
            let rooms = ask_room(line_of(&a), Some("101"));
            let here = reservation(hotel.ask(check_in(a.hold, rooms)).await.unwrap());
            assert_eq!(here.status(), "CHECKED_IN");
            let same = ask_room(line_of(&b), Some("101"));
            assert_eq!(code(hotel.ask(check_in(b.hold, same)).await), "room_taken");
            let unknown = ask_room(line_of(&b), Some("999"));
            assert_eq!(code(hotel.ask(check_in(b.hold, unknown)).await), "unknown_room");
            let any = ask_room(line_of(&b), None);
            hotel.ask(check_in(b.hold, any)).await.unwrap();
            assert_eq!(room_nights(&hotel).await, 5);
            let none = ask_room(line_of(&c), None);
            assert_eq!(code(hotel.ask(check_in(c.hold, none)).await), "no_room_free");
            let foreign = ask_room(line_of(&a), None);
            assert_eq!(code(hotel.ask(check_in(c.hold, foreign)).await), "mismatch");
            let later = hotel.ask(check_in(c.hold, Vec::new())).await.unwrap();
            assert_eq!(reservation(later).status(), "CHECKED_IN");
            hotel.close().await;
        })
    });
}

#[test]
fn a_room_may_be_given_after_the_guest_has_come() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            add_rooms(&hotel, &["101"]).await;
            let sold = hotel.sold("r1", 0, 2).await;
            hotel.ask(check_in(sold.hold, Vec::new())).await.unwrap();
            let rooms = ask_room(line_of(&sold), None);
            hotel.ask(check_in(sold.hold, rooms.clone())).await.unwrap();
            assert_eq!(room_nights(&hotel).await, 2);
            assert_eq!(code(hotel.ask(check_in(sold.hold, rooms)).await), "too_many_units");
            hotel.close().await;
        })
    });
}

#[test]
fn a_guest_who_leaves_early_gives_back_the_nights_and_the_room() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            add_rooms(&hotel, &["101"]).await;
            let sold = hotel.sold("r1", 0, 4).await;
            let rooms = ask_room(line_of(&sold), Some("101"));
            hotel.ask(check_in(sold.hold, rooms)).await.unwrap();
            clock.advance_ms(DAY_MS);
            let left = hotel.ask(Command::CheckOut { hold: sold.hold }).await.unwrap();
            assert_eq!(reservation(left).status(), "COMPLETED");
            assert_eq!(hotel.gone(0..4).await, [(0, 1), (0, 0), (0, 0), (0, 0)]);
            assert_eq!(room_nights(&hotel).await, 1);
            let next = hotel.sold("r2", 1, 4).await;
            let rooms = ask_room(line_of(&next), Some("101"));
            hotel.ask(check_in(next.hold, rooms)).await.unwrap();
            let again = hotel.ask(Command::CheckOut { hold: sold.hold }).await;
            assert_eq!(code(again), "invalid_transition");
            hotel.close().await;
        })
    });
}

#[test]
fn a_guest_who_stays_to_the_end_keeps_every_night_in_the_books() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let sold = hotel.sold("r1", 0, 2).await;
            hotel.ask(check_in(sold.hold, Vec::new())).await.unwrap();
            clock.advance_ms(2 * DAY_MS);
            hotel.ask(Command::CheckOut { hold: sold.hold }).await.unwrap();
            assert_eq!(hotel.gone(0..2).await, [(0, 1), (0, 1)]);
            hotel.close().await;
        })
    });
}

#[test]
fn a_guest_in_the_house_keeps_the_room_when_the_stay_is_moved() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            add_rooms(&hotel, &["101"]).await;
            let sold = hotel.sold("r1", 0, 2).await;
            let rooms = ask_room(line_of(&sold), Some("101"));
            let here = reservation(hotel.ask(check_in(sold.hold, rooms)).await.unwrap());
            hotel.ask(reschedule(&hotel, &here, 0, 5)).await.unwrap();
            assert_eq!(room_nights(&hotel).await, 5);
            hotel.close().await;
        })
    });
}

#[test]
fn a_canceled_guest_leaves_no_room_behind_and_no_stay_begins_too_soon() {
    on_both(2, |hotel, clock| {
        Box::pin(async move {
            add_rooms(&hotel, &["101"]).await;
            let sold = hotel.sold("r1", 1, 3).await;
            let soon = hotel.ask(check_in(sold.hold, Vec::new())).await;
            assert_eq!(code(soon), "too_soon");
            assert_eq!(code(hotel.ask(Command::NoShow { hold: sold.hold }).await), "too_soon");
            let gone = hotel.ask(Command::CheckOut { hold: sold.hold }).await;
            assert_eq!(code(gone), "invalid_transition");
            clock.advance_ms(DAY_MS);
            let absent = hotel.ask(Command::NoShow { hold: sold.hold }).await.unwrap();
            assert_eq!(reservation(absent).status(), "NO_SHOW");
            assert_eq!(hotel.gone(1..3).await, [(0, 0), (0, 0)]);
            let again = hotel.ask(Command::NoShow { hold: sold.hold }).await;
            assert_eq!(code(again), "invalid_transition");
            hotel.close().await;
        })
    });
}

#[test]
fn a_history_tells_every_step_without_a_gap_and_who_took_it() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let sold = hotel.sold("r1", 0, 4).await;
            let moved = reservation(hotel.ask(reschedule(&hotel, &sold, 0, 3)).await.unwrap());
            hotel.ask(check_in(sold.hold, Vec::new())).await.unwrap();
            clock.advance_ms(DAY_MS);
            hotel.ask(Command::CheckOut { hold: sold.hold }).await.unwrap();
            let history = hotel.history(moved.id).await;
            let told: Vec<(i64, &str, &str, &str)> = history
                .iter()
                .map(|e| (e.seq, e.actor.as_str(), e.action.as_str(), e.stay_state.as_str()))
                .collect();
            let expected = [
                (1, "guest", "book", "held"),
                (2, "test", "confirm", "confirmed"),
                (3, "test", "reschedule", "confirmed"),
                (4, "test", "check-in", "checked_in"),
                (5, "test", "check-out", "completed"),
            ];
            assert_eq!(told, expected);
            assert_eq!(history[4].detail, "2 nights early");
            hotel.close().await;
        })
    });
}
