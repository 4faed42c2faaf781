//! Reservations, payments, holds and figures, as guests and staff ask for them.

use vacancy_domain::holds::HoldState;
use vacancy_domain::ids::{DisputeId, PaymentId, ReservationId};
use vacancy_domain::reservations::state::StayState;
use vacancy_domain::stays::Day;
use vacancy_store::faults::Fault;
use vacancy_store::holds::load;
use vacancy_store::reservations::{self, Filter};
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;
use vacancy_store::{access, disputes, figures, payments, room_nights, rooms};

use super::read;
use crate::fill::bookings::{Booking, HELD, NIGHTS, SOLD};
use crate::fill::{TODAY, house, property};

/// A guest who is in the house today and has a room.
const IN_HOUSE: Booking = Booking(17_470);

pub(crate) async fn all(db: &Db) {
    lists(db).await;
    one(db).await;
    holds(db).await;
    books(db).await;
}

/// Every kind of rule that a list may have, alone and together.
fn filters() -> Vec<(Filter, usize)> {
    let none = Filter::default();
    vec![
        (none.clone(), 50),
        (Filter { property: Some(property(0)), ..none.clone() }, 50),
        (Filter { stay_states: vec![StayState::Confirmed, StayState::Held], ..none.clone() }, 50),
        (Filter { from_day: Some(Day(TODAY)), to_day: Some(Day(TODAY)), ..none.clone() }, 17),
        (Filter { guest_email: Some(IN_HOUSE.email()), ..none.clone() }, 1),
        (Filter { text: Some(IN_HOUSE.email()), ..none.clone() }, 1),
        (Filter { is_refunded: Some(true), ..none }, 0),
    ]
}

async fn lists(db: &Db) {
    read(db, |tx| {
        Box::pin(async move {
            let before = Some(ReservationId(u128::MAX));
            for (filter, count) in filters() {
                let listed =
                    reservations::list(tx, house::business(1), &filter, before, 50).await?;
                assert_eq!(listed.len(), count, "{filter:?}");
                let ids: Vec<_> = listed.iter().map(|stored| stored.reservation.id).collect();
                assert!(ids.is_sorted_by(|newer, older| older < newer), "{filter:?}");
            }
            let desk = reservations::at_desk(tx, property(0), Day(TODAY), 1_000).await?;
            assert!(desk.iter().any(|stored| stored.reservation.id == IN_HOUSE.reservation()));
            assert!(desk.len() < 200, "one day's guests, {} of them", desk.len());
            Ok(())
        })
    })
    .await;
}

async fn one(db: &Db) {
    read(db, |tx| {
        Box::pin(async move {
            let (id, hold) = (IN_HOUSE.reservation(), IN_HOUSE.hold());
            let known = reservations::by_id(tx, id).await?.unwrap();
            assert_eq!(known.reservation.code, IN_HOUSE.code());
            assert_eq!(reservations::by_hold(tx, hold).await?.as_ref(), Some(&known));
            let found = reservations::by_code(tx, IN_HOUSE.code(), &IN_HOUSE.email()).await?;
            assert_eq!(found, Some(known));
            let stranger = reservations::by_code(tx, IN_HOUSE.code(), "x@example.org").await?;
            assert_eq!(stranger, None);
            assert_eq!(reservations::history(tx, property(0), id).await?.len(), 2);
            assert_eq!(access::token_version(tx, id).await?, Some(1));

            let payment = payments::by_id(tx, IN_HOUSE.payment()).await?.unwrap();
            assert_eq!(payment.provider_order_id, "order 17470");
            let listed = payments::of_reservation(tx, id).await?;
            assert_eq!(listed, std::slice::from_ref(&payment));
            let by_order = payments::by_order(tx, "sandbox", "order 17470").await?;
            assert_eq!(by_order.as_ref(), Some(&payment));
            assert_eq!(payments::by_order(tx, "other", "order 17470").await?, None);
            let (at_ms, before) = (payment.created_at_ms, PaymentId(payment.id.0 - 1));
            let span = (at_ms, at_ms + 1);
            let taken = payments::taken_between(tx, "sandbox", span, (at_ms, before), 9).await?;
            assert_eq!(taken.first(), Some(&payment));
            assert_eq!(payments::refunds(tx, IN_HOUSE.payment()).await?.len(), 1);
            disputed(tx).await?;

            let number = house::room(0, 70).number;
            let slept = rooms::of_hold(tx, property(0), hold).await?;
            assert_eq!(slept, [(IN_HOUSE.line(), number)]);
            let nights = room_nights::of_lines(tx, property(0), &[IN_HOUSE.line()]).await?;
            assert_eq!(nights.len(), usize::try_from(NIGHTS).unwrap());
            Ok(())
        })
    })
    .await;
}

/// What a bank took back, found by the payment's name at the provider and in every list.
async fn disputed(tx: &Tx<'_>) -> Result<(), Fault> {
    let named = payments::by_provider_payment(tx, "sandbox", "pay 1700", 2).await?;
    let [payment] = named.as_slice() else { panic!("{} payments", named.len()) };
    let of_payment = disputes::of_payment(tx, payment.id).await?;
    assert_eq!(of_payment.len(), 1);
    assert_eq!(disputes::of_reservation(tx, payment.reservation).await?, of_payment);
    let page = disputes::open(tx, DisputeId(0), 3).await?;
    assert_eq!(page.len(), 3);
    assert!(page.iter().all(|dispute| !dispute.told.status.is_end()));
    for (is_over, all_over) in [(None, None), (Some(true), Some(true)), (Some(false), Some(false))]
    {
        let listed = disputes::of_business(
            tx,
            house::business(house::business_of(0)),
            is_over,
            disputes::Cursor::START,
            5,
        )
        .await?;
        assert_eq!(listed.len(), 5);
        let over = listed.iter().all(|one| Some(one.dispute.told.status.is_end()) == all_over);
        assert!(all_over.is_none() || over);
    }
    Ok(())
}

async fn holds(db: &Db) {
    read(db, |tx| {
        Box::pin(async move {
            let overdue = load::overdue(tx, 1_000).await?;
            assert_eq!(overdue.len(), usize::try_from(HELD / 2).unwrap());
            assert!(overdue.contains(&(property(0), Booking(SOLD).hold())));
            assert_eq!(load::property_of(tx, IN_HOUSE.hold()).await?, Some(property(0)));
            assert_eq!(load::state_of(tx, IN_HOUSE.hold()).await?, Some(HoldState::Confirmed));
            Ok(())
        })
    })
    .await;
}

async fn books(db: &Db) {
    read(db, |tx| {
        Box::pin(async move {
            let counts = figures::count_by_state(tx, property(0)).await?;
            // One of them is the desk's.
            assert!(counts.contains(&(StayState::Held, HELD + 1)), "{counts:?}");
            let guests = figures::slept(tx, property(0), ReservationId(0)).await?;
            assert_eq!(i64::try_from(guests.len()).unwrap(), figures::SLEPT_PAGE_MAX);
            assert!(guests.iter().all(|guest| guest.lines.len() == 1));
            Ok(())
        })
    })
    .await;
}
