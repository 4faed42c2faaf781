//! Holds and their ends, one order after the other, on both engines.

use vacancy_app::desk::command::{Answer, Command, Key, KeyName, Order, Outcome};
use vacancy_domain::holds::{HOLD_LIFE_MS_MAX, HOLD_TTL_MS, HoldState};
use vacancy_domain::ids::{HoldId, PoolId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_store::testing::fixtures;

use super::books::report;
use super::hotel::{Hotel, NOON_MS, PROPERTY, code, hold_of, reservation};
use super::runs::on_both;

const OTHER: PropertyId = PropertyId(0xa2);
const OTHER_POOL: PoolId = PoolId(0xc2);

fn confirm(hold: HoldId) -> Command {
    Command::Confirm { hold, reference: None }
}

fn cancel(hold: HoldId) -> Command {
    Command::Cancel { hold, reference: None, reason: "plans changed".to_owned() }
}

/// State and deadline of a bare hold's answer.
fn held(answer: Answer) -> (HoldState, i64) {
    let Outcome::Held(held) = answer.outcome else { panic!("no bare hold") };
    (held.state, held.expires_at_ms)
}

#[test]
fn the_last_room_is_sold_once_and_free_again_after_its_cancellation() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let first = hotel.desk.submit(hotel.book("r1", 10, 12, 1)).await.unwrap();
            assert_eq!(code(hotel.desk.submit(hotel.book("r2", 11, 13, 1)).await), "sold_out");
            let hold = hold_of(&first);
            let confirmed = reservation(hotel.ask(confirm(hold)).await.unwrap());
            assert_eq!(confirmed.status(), "CONFIRMED");
            assert_eq!(hotel.gone(10..13).await, [(0, 1), (0, 1), (0, 0)]);
            assert_eq!(code(hotel.desk.submit(hotel.book("r3", 11, 13, 1)).await), "sold_out");
            hotel.ask(cancel(hold)).await.unwrap();
            assert!(hotel.desk.submit(hotel.book("r4", 11, 13, 1)).await.is_ok());
            hotel.close().await;
        })
    });
}

#[test]
fn the_same_request_gets_the_same_reservation_and_another_body_is_refused() {
    on_both(5, |hotel, _| {
        Box::pin(async move {
            let first = hotel.desk.submit(hotel.book("r1", 10, 12, 1)).await.unwrap();
            let again = hotel.desk.submit(hotel.book("r1", 10, 12, 1)).await.unwrap();
            assert!(!first.is_replay && again.is_replay);
            assert_eq!(first.outcome, again.outcome);
            let other = hotel.desk.submit(hotel.book("r1", 10, 13, 1)).await;
            assert_eq!(code(other), "idempotency_key_reused");
            assert_eq!(hotel.gone(10..13).await, [(1, 0), (1, 0), (0, 0)]);
            hotel.close().await;
        })
    });
}

#[test]
fn a_key_of_a_bare_hold_is_answered_again_whatever_became_of_the_hold() {
    on_both(5, |hotel, _| {
        Box::pin(async move {
            let order = |body: &str| {
                let name = KeyName::Scoped { scope: "key 1".to_owned(), key: "k1".to_owned() };
                let place = Command::Place(hotel.place(10, 11, 1));
                Order::new(PROPERTY, "test", place)
                    .with_key(Key { name, body_hash: body.to_owned() })
            };
            let first = hotel.desk.submit(order("a")).await.unwrap();
            hotel.ask(cancel(hold_of(&first))).await.unwrap();
            let again = hotel.desk.submit(order("a")).await.unwrap();
            assert!(again.is_replay);
            assert_eq!(first.outcome, again.outcome);
            assert_eq!(code(hotel.desk.submit(order("b")).await), "idempotency_key_reused");
            assert_eq!(report(&hotel.db).await.looked.holds_count, 1);
            hotel.close().await;
        })
    });
}

#[test]
fn a_no_is_not_kept_so_the_same_request_may_succeed_later() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let hold = hotel.hold(10, 11, 1).await.unwrap();
            assert_eq!(code(hotel.desk.submit(hotel.book("r1", 10, 11, 1)).await), "sold_out");
            hotel.ask(cancel(hold)).await.unwrap();
            let booked = hotel.desk.submit(hotel.book("r1", 10, 11, 1)).await.unwrap();
            assert!(!booked.is_replay);
            hotel.close().await;
        })
    });
}

#[test]
fn a_hold_lives_its_time_and_longer_when_extended_but_never_beyond_the_cap() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let place = hotel.place(10, 12, 1);
            let hold = place.hold;
            let placed = held(hotel.ask(Command::Place(place)).await.unwrap());
            assert_eq!(placed, (HoldState::Held, NOON_MS + HOLD_TTL_MS));
            for minute in (9..=54).step_by(9) {
                clock.advance_ms(9 * 60 * 1000);
                let now_ms = NOON_MS + minute * 60 * 1000;
                let until_ms = (now_ms + HOLD_TTL_MS).min(NOON_MS + HOLD_LIFE_MS_MAX);
                let extended = held(hotel.ask(Command::Extend { hold }).await.unwrap());
                assert_eq!(extended, (HoldState::Held, until_ms), "minute {minute}");
            }
            let more = hotel.ask(Command::Extend { hold }).await;
            assert_eq!(code(more), "hold_life_used_up");
            clock.advance_ms(6 * 60 * 1000);
            let late = hotel.ask(Command::Extend { hold }).await;
            assert_eq!(code(late), "hold_expired");
            hotel.close().await;
        })
    });
}

#[test]
fn a_reservation_learns_of_its_holds_new_deadline() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let booked = hotel.desk.submit(hotel.book("r1", 10, 11, 1)).await.unwrap();
            clock.advance_ms(60_000);
            let hold = hold_of(&booked);
            let extended = reservation(hotel.ask(Command::Extend { hold }).await.unwrap());
            assert_eq!(extended.hold_expires_at_ms, NOON_MS + 60_000 + HOLD_TTL_MS);
            hotel.close().await;
        })
    });
}

#[test]
fn confirming_and_canceling_twice_is_the_same_as_once() {
    on_both(2, |hotel, _| {
        Box::pin(async move {
            let booked = hotel.desk.submit(hotel.book("r1", 10, 11, 1)).await.unwrap();
            let bare = hotel.hold(10, 11, 1).await.unwrap();
            for hold in [hold_of(&booked), bare] {
                let first = hotel.ask(confirm(hold)).await.unwrap();
                assert_eq!(hotel.ask(confirm(hold)).await.unwrap().outcome, first.outcome);
            }
            assert_eq!(hotel.gone(10..11).await, [(0, 2)]);
            let hold = hold_of(&booked);
            let first = reservation(hotel.ask(cancel(hold)).await.unwrap());
            assert_eq!(reservation(hotel.ask(cancel(hold)).await.unwrap()), first);
            let history = hotel.history(first.id).await;
            let actions: Vec<&str> = history.iter().map(|entry| entry.action.as_str()).collect();
            assert_eq!(actions, ["book", "confirm", "cancel"]);
            assert_eq!(code(hotel.ask(confirm(hold)).await), "invalid_transition");
            assert_eq!(code(hotel.ask(Command::Extend { hold }).await), "invalid_transition");
            hotel.close().await;
        })
    });
}

#[test]
fn a_held_room_is_released_and_a_released_hold_sells_nothing() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let bare = hotel.hold(10, 12, 1).await.unwrap();
            hotel.ask(cancel(bare)).await.unwrap();
            let again = held(hotel.ask(cancel(bare)).await.unwrap());
            assert_eq!(again.0, HoldState::Released);
            assert_eq!(code(hotel.ask(confirm(bare)).await), "invalid_transition");
            let booked = hotel.desk.submit(hotel.book("r1", 10, 12, 1)).await.unwrap();
            let released = reservation(hotel.ask(cancel(hold_of(&booked))).await.unwrap());
            assert_eq!(released.stay_state.word(), "released");
            assert_eq!(hotel.gone(10..12).await, [(0, 0), (0, 0)]);
            hotel.close().await;
        })
    });
}

#[test]
fn another_reference_than_the_one_given_is_a_mismatch() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let place = hotel.place(10, 11, 1);
            let hold = place.hold;
            let reference = "order 17".to_owned();
            let place = vacancy_domain::holds::Place { reference: reference.clone(), ..place };
            hotel.ask(Command::Place(place)).await.unwrap();
            let wrong = Some("order 18".to_owned());
            let confirmed = Command::Confirm { hold, reference: wrong.clone() };
            assert_eq!(code(hotel.ask(confirmed).await), "mismatch");
            let canceled = Command::Cancel { hold, reference: wrong, reason: String::new() };
            assert_eq!(code(hotel.ask(canceled).await), "mismatch");
            assert_eq!(hotel.gone(10..11).await, [(1, 0)]);
            let right = Command::Confirm { hold, reference: Some(reference) };
            assert_eq!(held(hotel.ask(right).await.unwrap()).0, HoldState::Confirmed);
            hotel.close().await;
        })
    });
}

#[test]
fn an_overdue_hold_occupies_until_somebody_needs_its_room() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let first = hotel.hold(10, 12, 1).await.unwrap();
            assert_eq!(hotel.hold(10, 12, 1).await, Err("sold_out".to_owned()));
            clock.advance_ms(HOLD_TTL_MS);
            assert_eq!(hotel.gone(10..12).await, [(1, 0), (1, 0)]);
            assert!(hotel.hold(10, 12, 1).await.is_ok());
            assert_eq!(code(hotel.ask(confirm(first)).await), "hold_expired");
            hotel.close().await;
        })
    });
}

#[test]
fn an_overdue_hold_that_nobody_lapsed_may_still_be_sold() {
    on_both(1, |hotel, clock| {
        Box::pin(async move {
            let booked = hotel.desk.submit(hotel.book("r1", 10, 12, 1)).await.unwrap();
            clock.advance_ms(HOLD_TTL_MS);
            let sold = reservation(hotel.ask(confirm(hold_of(&booked))).await.unwrap());
            assert_eq!(sold.status(), "CONFIRMED");
            hotel.close().await;
        })
    });
}

#[test]
fn a_lapse_frees_what_is_overdue_and_nothing_else() {
    on_both(3, |hotel, clock| {
        Box::pin(async move {
            let booked = hotel.desk.submit(hotel.book("r1", 10, 12, 1)).await.unwrap();
            let sold = hotel.sold("r2", 10, 12).await;
            let hold = hold_of(&booked);
            let early = reservation(hotel.ask(Command::Lapse { hold }).await.unwrap());
            assert_eq!(early.stay_state.word(), "held");
            clock.advance_ms(HOLD_TTL_MS);
            for _ in 0..2 {
                let lapsed = reservation(hotel.ask(Command::Lapse { hold }).await.unwrap());
                assert_eq!((lapsed.status(), lapsed.version), ("EXPIRED", 2));
            }
            let kept = reservation(hotel.ask(Command::Lapse { hold: sold.hold }).await.unwrap());
            assert_eq!(kept.status(), "CONFIRMED");
            assert_eq!(hotel.gone(10..12).await, [(0, 1), (0, 1)]);
            assert_eq!(code(hotel.ask(cancel(hold)).await), "hold_expired");
            hotel.close().await;
        })
    });
}

/// Every command that names a hold.
fn on_a_hold(hotel: &Hotel, hold: HoldId) -> Vec<Command> {
    let price = vacancy_domain::prices::Price::free(vacancy_domain::money::Currency::EUR);
    let line = hotel.line(20, 21, 1);
    let lines =
        vec![vacancy_domain::reservations::ReservedLine { line, room_type: "TYPE0".to_owned() }];
    vec![
        confirm(hold),
        cancel(hold),
        Command::Extend { hold },
        Command::Lapse { hold },
        Command::Edit {
            hold,
            guest: vacancy_domain::reservations::Guest::default(),
            guest_requests: String::new(),
            version: None,
        },
        Command::Reschedule {
            hold,
            lines,
            price,
            agreed: None,
            advance_days_max: None,
            version: 1,
        },
        Command::CheckIn { hold, rooms: Vec::new() },
        Command::CheckOut { hold },
        Command::NoShow { hold },
    ]
}

#[test]
fn a_hold_of_another_hotel_is_as_unknown_as_one_that_is_not_there() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            fixtures::property(&hotel.db, OTHER, &[(OTHER_POOL, 1)]).await.unwrap();
            let booked = hotel.desk.submit(hotel.book("r1", 10, 11, 1)).await.unwrap();
            for command in on_a_hold(&hotel, hold_of(&booked)) {
                let named = format!("{command:?}");
                let answer = hotel.desk.submit(Order::new(OTHER, "thief", command)).await;
                assert_eq!(code(answer), "hold_not_found", "{named}");
            }
            for command in on_a_hold(&hotel, HoldId(404)) {
                let named = format!("{command:?}");
                assert_eq!(code(hotel.ask(command).await), "hold_not_found", "{named}");
            }
            assert_eq!(hotel.gone(10..11).await, [(1, 0)]);
            hotel.close().await;
        })
    });
}

#[test]
fn a_pool_of_another_hotel_is_refused_and_nothing_is_taken() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            fixtures::property(&hotel.db, OTHER, &[(OTHER_POOL, 1)]).await.unwrap();
            let mut place = hotel.place(10, 11, 1);
            place.lines.push(Line { pool: OTHER_POOL, ..hotel.line(10, 11, 1) });
            assert_eq!(code(hotel.ask(Command::Place(place)).await), "spans_properties");
            let mut place = hotel.place(10, 11, 1);
            place.lines.push(Line { pool: PoolId(404), ..hotel.line(10, 11, 1) });
            assert_eq!(code(hotel.ask(Command::Place(place)).await), "unknown_room_type");
            assert_eq!(hotel.gone(10..11).await, [(0, 0)]);
            hotel.close().await;
        })
    });
}

#[test]
fn two_lines_of_one_request_are_counted_together() {
    on_both(1, |hotel, _| {
        Box::pin(async move {
            let mut place = hotel.place(10, 12, 1);
            place.lines.push(hotel.line(11, 13, 1));
            assert_eq!(code(hotel.ask(Command::Place(place)).await), "sold_out");
            let mut place = hotel.place(10, 12, 1);
            place.lines.push(hotel.line(12, 13, 1));
            assert!(hotel.ask(Command::Place(place)).await.is_ok());
            hotel.close().await;
        })
    });
}
