//! Verify and rebuild. What was filled in does not add up, so there is much to find. Then what
//! leaves the store for other programs, and what tells whether it is well.

use vacancy_domain::ids::{DisputeId, LineId, PaymentId, ReservationId};
use vacancy_store::exports::{self, PAGE_ROWS, Value};
use vacancy_store::sql::{Db, Engine};
use vacancy_store::verify::{self, rebuild};
use vacancy_store::vitals;

use super::{read, write};
use crate::fill::{pool, property};

pub(crate) async fn all(db: &Db) {
    read(db, |tx| {
        Box::pin(async move {
            let first = verify::properties(tx, None, 10).await?;
            assert_eq!((first.len(), first[0]), (10, property(0)));
            let next = verify::properties(tx, Some(first[9]), 10).await?;
            assert_eq!(next[0], property(10));
            let report = verify::property(tx, property(0)).await?;
            assert!(0 < report.looked.cells_count && 0 < report.looked.room_nights_count);
            let report = verify::beside_properties(tx).await?;
            assert!(report.findings.is_empty(), "{:?}", report.findings);
            Ok(())
        })
    })
    .await;
    exports_of_the_big_hotel(db).await;
    health(db).await;
    write(db, |tx| {
        Box::pin(async move {
            assert_eq!(rebuild::pools(tx, property(98)).await?, [pool(98, 0), pool(98, 1)]);
            let repaired = rebuild::rebuild_pool(tx, property(98), pool(98, 0)).await?;
            assert_eq!(repaired.len(), 250, "no line sleeps there");
            assert_eq!(rebuild::rebuild_pool(tx, property(98), pool(98, 0)).await?, []);
            Ok(())
        })
    })
    .await;
}

/// Every table, from its start and behind a row.
async fn exports_of_the_big_hotel(db: &Db) {
    let page = usize::try_from(PAGE_ROWS).unwrap();
    read(db, move |tx| {
        Box::pin(async move {
            let hotel = property(0);
            let first = exports::reservations(tx, hotel, ReservationId(0)).await?;
            let Value::Id(last) = first[page - 1].0[1] else { panic!("an id: {first:?}") };
            let next = exports::reservations(tx, hotel, ReservationId(last)).await?;
            assert_eq!((first.len(), next.len()), (page, page));
            assert!(!first.contains(&next[0]), "the next page begins behind the last row");
            let next_reservation = next[0].0[1].clone();

            let first = exports::ledger(tx, hotel, (LineId(0), 0)).await?;
            let [_, Value::Id(line), Value::Whole(seq), ..] = first[page - 1].0[..] else {
                panic!("a line and its number: {first:?}")
            };
            let next = exports::ledger(tx, hotel, (LineId(line), seq)).await?;
            assert!(!first.contains(&next[0]), "the next page begins behind the last row");

            let paid = exports::payments(tx, hotel, PaymentId(0)).await?;
            assert_eq!(paid.len(), page);

            let disputed = exports::disputes(tx, hotel, DisputeId(0)).await?;
            assert_eq!(disputed[0].0.len(), exports::DISPUTES.len());
            let guests = exports::guests(tx, hotel, ReservationId(last)).await?;
            assert_eq!(guests[0].0[1], next_reservation);
            Ok(())
        })
    })
    .await;
}

async fn health(db: &Db) {
    let setting = match db.engine() {
        Engine::Sqlite => ("sqlite_version", "3."),
        Engine::Postgres => ("fsync", "on"),
    };
    read(db, move |tx| {
        Box::pin(async move {
            let told = vitals::read(tx).await?;
            assert!(0 < told.lapse_lag_ms, "holds were filled in that nobody lapsed");
            assert!(told.open_work.iter().any(|(_, count)| 0 < *count), "{:?}", told.open_work);
            let settings = vitals::settings(tx).await?;
            let is_there = |(name, value): &(String, String)| {
                name == setting.0 && value.starts_with(setting.1)
            };
            assert!(settings.iter().any(is_there), "{settings:?}");
            Ok(())
        })
    })
    .await;
}
