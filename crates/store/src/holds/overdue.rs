//! Overdue holds in the way of a sale: read without a lock, as a hint that lapsing may help. Who
//! lapses them locks them first, in a batch of its own.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use vacancy_domain::cells::CellId;
use vacancy_domain::ids::PropertyId;

use super::load::OCCUPIES;
use super::rows::{ENTRY, EntryRow};
use super::{Loaded, OVERDUE_READ_MAX};
use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column};
use crate::sql::dialect::Fork;
use crate::sql::tx::Tx;

/// From the overdue holds to their lines, since mostly there is none, and a pool has many lines.
static IN_THE_WAY: LazyLock<Bulk> = LazyLock::new(|| {
    let text = |from: &str, property: &str, pool: &str, first: &str, end: &str, now: &str| {
        format!(
            "SELECT {ENTRY} FROM {from}hold AS h CROSS JOIN ledger AS t \
             WHERE h.property = {property} AND h.state = 'held' AND h.expires_at_ms <= {now} \
             AND t.hold = h.id AND t.pool = {pool} AND t.first_day < {end} \
             AND t.first_day + t.slots > {first} AND {OCCUPIES} \
             ORDER BY h.expires_at_ms LIMIT {OVERDUE_READ_MAX}"
        )
    };
    let arrays = "UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[]) \
        AS u(property, pool, first, last, now) CROSS JOIN ";
    Bulk::forked(
        &text("", "$1", "$2", "$3", "$4", "$5"),
        &text(arrays, "u.property", "u.pool", "u.first", "u.last", "u.now"),
        5,
        Fork::BulkArrays,
    )
});

/// Adds overdue holds that sit on these nights to the snapshot, the oldest first and not all of
/// them: who lapses them may ask again.
pub async fn read(
    tx: &Tx<'_>,
    nights: &BTreeSet<(PropertyId, CellId)>,
    loaded: &mut Loaded,
) -> Result<(), Fault> {
    let spans = spans(nights);
    let columns = [
        Column::Uuid(spans.iter().map(|span| uuid(span.property.0)).collect()),
        Column::Uuid(spans.iter().map(|span| uuid(span.first.pool.0)).collect()),
        Column::I64(spans.iter().map(|span| span.first.day.0).collect()),
        Column::I64(spans.iter().map(|span| span.end_day).collect()),
        Column::I64(vec![loaded.snapshot.now_ms; spans.len()]),
    ];
    let overdue = &mut loaded.snapshot.overdue;
    for EntryRow(entry) in tx.bulk_query::<EntryRow>(&IN_THE_WAY, &columns).await? {
        let lines = overdue.entry(entry.hold).or_default();
        if !lines.contains(&entry.line) {
            lines.push(entry.line);
        }
    }
    Ok(())
}

/// Nights of one pool without a gap.
#[derive(Debug, PartialEq, Eq)]
struct Span {
    property: PropertyId,
    first: CellId,
    end_day: i64,
}

fn spans(nights: &BTreeSet<(PropertyId, CellId)>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (property, cell) in nights {
        let next_day = cell.day.plus(1).0;
        match spans.last_mut() {
            Some(last)
                if last.property == *property
                    && last.first.pool == cell.pool
                    && last.end_day == cell.day.0 =>
            {
                last.end_day = next_day;
            }
            Some(_) | None => {
                spans.push(Span { property: *property, first: *cell, end_day: next_day });
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use vacancy_domain::ids::PoolId;
    use vacancy_domain::stays::Day;

    #[test]
    fn nights_in_a_row_are_one_span_and_a_gap_or_another_pool_begins_the_next() {
        let night = |property, pool, day| {
            (PropertyId(property), CellId { pool: PoolId(pool), day: Day(day) })
        };
        let nights = [(1, 1, 10), (1, 1, 11), (1, 1, 13), (1, 2, 14), (2, 2, 15)];
        let nights = nights.map(|(property, pool, day)| night(property, pool, day));
        let told =
            |span: Span| (span.property.0, span.first.pool.0, span.first.day.0, span.end_day);
        let told: Vec<_> = spans(&BTreeSet::from(nights)).into_iter().map(told).collect();
        assert_eq!(told, [(1, 1, 10, 12), (1, 1, 13, 14), (1, 2, 14, 15), (2, 2, 15, 16)]);
    }
}
