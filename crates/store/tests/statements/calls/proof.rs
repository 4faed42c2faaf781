//! Verify and rebuild. What was filled in does not add up, so there is much to find.

use vacancy_store::sql::Db;
use vacancy_store::verify::{self, rebuild};

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
