//! The proof: every count that is kept twice is computed again and compared, beside running
//! writers. And the repair: cells are made anew from the ledger, under the desk's locks; the
//! ledger itself is never touched.

use futures_util::{StreamExt, TryStreamExt, stream};
use vacancy_domain::cells::{Cell, CellId};
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_domain::verify::Report;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;
use vacancy_store::verify::rebuild::{self, Repaired};
use vacancy_store::{events, verify as stored};

use crate::desk::news;

/// Properties that are looked at at the same time.
const PROPERTIES_AT_ONCE: usize = 4;
/// Properties of one page of the list.
const PAGE_PROPERTIES: i64 = 500;
/// Most cells that one event tells.
const EVENT_CELLS_MAX: usize = 500;
/// Most repaired cells that a report tells in full; all are counted.
pub const REPAIRED_TOLD_MAX: usize = 1_000;

/// Looks at the whole store: one snapshot per property.
///
/// # Errors
/// When the store fails. What is wrong with the books is no error, it is the report.
pub async fn verify(db: &Db) -> Result<Report, Fault> {
    let mut report = db.read(|tx| Box::pin(stored::beside_properties(tx))).await?;
    let mut behind = None;
    loop {
        let page = properties(db, behind).await?;
        let Some(last) = page.last() else { return Ok(report) };
        behind = Some(*last);
        let mut reports = stream::iter(page)
            .map(|property| verify_property(db, property))
            .buffered(PROPERTIES_AT_ONCE);
        while let Some(of_one) = reports.try_next().await? {
            report.absorb(of_one);
        }
    }
}

/// Looks at one property.
///
/// # Errors
/// When the store fails.
pub async fn verify_property(db: &Db, property: PropertyId) -> Result<Report, Fault> {
    db.read(move |tx| Box::pin(stored::property(tx, property))).await
}

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rebuilt {
    pub properties_count: i64,
    pub pools_count: i64,
    /// The first cells that were not right, at most [`REPAIRED_TOLD_MAX`].
    pub repaired: Vec<(PropertyId, Repaired)>,
    /// All of them, told or not.
    pub repaired_count: i64,
}

/// Makes the cells of the whole store anew, pool by pool, each in a transaction of its own that
/// tells followers what changed.
///
/// # Errors
/// When the store fails; pools done until then stay repaired.
pub async fn rebuild(db: &Db) -> Result<Rebuilt, Fault> {
    let mut rebuilt = Rebuilt::default();
    let mut behind = None;
    loop {
        let page = properties(db, behind).await?;
        let Some(last) = page.last() else { return Ok(rebuilt) };
        behind = Some(*last);
        for property in page {
            rebuild_property(db, property, &mut rebuilt).await?;
        }
    }
}

async fn rebuild_property(
    db: &Db,
    property: PropertyId,
    rebuilt: &mut Rebuilt,
) -> Result<(), Fault> {
    rebuilt.properties_count += 1;
    let pools = db.read(move |tx| Box::pin(rebuild::pools(tx, property))).await?;
    for pool in pools {
        let repaired = db.write(move |tx| Box::pin(rebuild_pool(tx, property, pool))).await?;
        rebuilt.pools_count += 1;
        rebuilt.repaired_count += i64::try_from(repaired.len()).unwrap_or(i64::MAX);
        let room = REPAIRED_TOLD_MAX.saturating_sub(rebuilt.repaired.len());
        let told = repaired.into_iter().take(room).map(|repaired| (property, repaired));
        rebuilt.repaired.extend(told);
    }
    Ok(())
}

async fn rebuild_pool(
    tx: &Tx<'_>,
    property: PropertyId,
    pool: PoolId,
) -> Result<Vec<Repaired>, Fault> {
    let repaired = rebuild::rebuild_pool(tx, property, pool).await?;
    let cells: Vec<(CellId, Cell)> = repaired.iter().map(|r| (r.cell, r.after)).collect();
    let news: Vec<_> =
        cells.chunks(EVENT_CELLS_MAX).map(|cells| news::of_cells(property, cells)).collect();
    events::append(tx, tx.now_ms().await?, &news).await?;
    Ok(repaired)
}

async fn properties(db: &Db, behind: Option<PropertyId>) -> Result<Vec<PropertyId>, Fault> {
    db.read(move |tx| Box::pin(stored::properties(tx, behind, PAGE_PROPERTIES))).await
}
