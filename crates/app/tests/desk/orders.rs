//! One order after the other: what each does, on both engines.

use vacancy_app::desk::command::{Command, Outcome};
use vacancy_store::testing::on_both_engines_at;

use super::hotel::{Clock, Hotel, code, hold_of};

#[test]
fn the_last_room_is_sold_once_and_free_again_after_its_cancellation() {
    on_both_engines_at(&Clock::at_noon().time(), |db| {
        Box::pin(async move {
            let hotel = Hotel::open(db, 1).await;
            let first = hotel.desk.submit(hotel.book("r1", 10, 12, 1)).await.unwrap();
            assert_eq!(code(hotel.desk.submit(hotel.book("r2", 11, 13, 1)).await), "sold_out");
            let hold = hold_of(&first);
            let confirmed = hotel.ask(Command::Confirm { hold, reference: None }).await.unwrap();
            let Outcome::Reservation(reservation) = confirmed.outcome else { panic!() };
            assert_eq!(reservation.status(), "CONFIRMED");
            assert_eq!(code(hotel.desk.submit(hotel.book("r3", 11, 13, 1)).await), "sold_out");
            let reason = "plans changed".to_owned();
            hotel.ask(Command::Cancel { hold, reference: None, reason }).await.unwrap();
            assert!(hotel.desk.submit(hotel.book("r4", 11, 13, 1)).await.is_ok());
            hotel.close().await;
        })
    });
}

#[test]
fn the_same_request_gets_the_same_reservation_and_another_body_is_refused() {
    on_both_engines_at(&Clock::at_noon().time(), |db| {
        Box::pin(async move {
            let hotel = Hotel::open(db, 5).await;
            let first = hotel.desk.submit(hotel.book("r1", 10, 12, 1)).await.unwrap();
            let again = hotel.desk.submit(hotel.book("r1", 10, 12, 1)).await.unwrap();
            assert!(!first.is_replay && again.is_replay);
            assert_eq!(first.outcome, again.outcome);
            let other = hotel.desk.submit(hotel.book("r1", 10, 13, 1)).await;
            assert_eq!(code(other), "idempotency_key_reused");
            hotel.close().await;
        })
    });
}

#[test]
fn an_overdue_hold_occupies_until_somebody_needs_its_room() {
    let clock = Clock::at_noon();
    let turn = clock.clone();
    on_both_engines_at(&clock.time(), move |db| {
        let clock = turn.clone();
        Box::pin(async move {
            let hotel = Hotel::open(db, 1).await;
            let first = hotel.hold(10, 12, 1).await.unwrap();
            assert_eq!(hotel.hold(10, 12, 1).await, Err("sold_out".to_owned()));
            clock.advance_ms(10 * 60 * 1000);
            assert!(hotel.hold(10, 12, 1).await.is_ok());
            let late = hotel.ask(Command::Confirm { hold: first, reference: None }).await;
            assert_eq!(code(late), "hold_expired");
            hotel.close().await;
        })
    });
}
