//! Holds of one property with every entry of their lines.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use uuid::Uuid;
use vacancy_domain::holds::HoldState;
use vacancy_domain::ids::{HoldId, LineId, PoolId, PropertyId};
use vacancy_domain::ledger::{Kind, Line};
use vacancy_domain::stays::{Day, Stay};
use vacancy_domain::verify::cells::LINE_DAYS_MAX;
use vacancy_domain::verify::holds::{Numbered, judge_chain, judge_hold};
use vacancy_domain::verify::{Check, Finding, Report};

use super::PAGE_ROWS;
use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::bulk::{Bulk, Column, Kind as ColumnKind};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

const HOLDS: Sql =
    Sql::new("SELECT id, state FROM hold WHERE property = $1 AND id > $2 ORDER BY id LIMIT $3");
const ENTRY: &str = "t.hold, t.seq, t.kind, t.line, t.pool, t.first_day, t.slots, t.units";
/// By the hold alone: while PostgreSQL knows nothing of a new table, a second condition leads it
/// to walk through the whole property for each hold.
static ENTRIES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::select(ENTRY, "ledger", "t.hold = u.hold", &[("hold", ColumnKind::Uuid)], "")
});

struct HoldRow(HoldId, HoldState);

impl FromRow for HoldRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(HoldRow(HoldId(columns.id()?), columns.word(HoldState::from_word)?))
    }
}

struct EntryRow(HoldId, Numbered);

impl FromRow for EntryRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let hold = HoldId(columns.id()?);
        let seq = columns.get()?;
        let kind = columns.word(Kind::from_word)?;
        let (id, pool) = (LineId(columns.id()?), PoolId(columns.id()?));
        let first_day: i64 = columns.get()?;
        let slots: i64 = columns.get()?;
        // Nonsense is found by the judge; it must not overflow on the way there.
        let end_day = first_day.saturating_add(slots.clamp(-1, LINE_DAYS_MAX + 1));
        let stay = Stay::new(Day(first_day), Day(end_day));
        let line = Line { id, pool, stay, units: columns.get()? };
        Ok(EntryRow(hold, Numbered { seq, kind, line }))
    }
}

/// The entries of each line of each hold, in order.
pub(super) type Entries = BTreeMap<HoldId, BTreeMap<LineId, Vec<Numbered>>>;

/// The lines of a hold whose last entry occupies.
pub(super) fn open_lines(entries: &Entries, hold: HoldId) -> Vec<Line> {
    let lines = entries.get(&hold).into_iter().flat_map(BTreeMap::values);
    let last = lines.filter_map(|entries| entries.last());
    last.filter(|entry| entry.kind.occupies()).map(|entry| entry.line).collect()
}

/// Every entry of these holds. Bounded by the page: a hold has few lines, a line few entries.
pub(super) async fn entries(tx: &Tx<'_>, holds: &[HoldId]) -> Result<Entries, Fault> {
    let columns = [Column::Uuid(holds.iter().map(|hold| uuid(hold.0)).collect())];
    let mut entries = Entries::new();
    for EntryRow(hold, entry) in tx.bulk_query::<EntryRow>(&ENTRIES, &columns).await? {
        entries.entry(hold).or_default().entry(entry.line.id).or_default().push(entry);
    }
    for line in entries.values_mut().flat_map(BTreeMap::values_mut) {
        line.sort_by_key(|entry| entry.seq);
    }
    Ok(entries)
}

pub(super) async fn look(
    tx: &Tx<'_>,
    property: PropertyId,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut behind = Uuid::nil();
    loop {
        let rows: Vec<HoldRow> =
            tx.query(&HOLDS, &[&uuid(property.0), &behind, &PAGE_ROWS]).await?;
        let Some(HoldRow(last, _)) = rows.last() else { return Ok(()) };
        behind = uuid(last.0);
        let ids: Vec<HoldId> = rows.iter().map(|HoldRow(id, _)| *id).collect();
        let entries = entries(tx, &ids).await?;
        for HoldRow(id, state) in &rows {
            report.looked.holds_count += 1;
            let none = BTreeMap::new();
            let lines = entries.get(id).unwrap_or(&none);
            for (line, entries) in lines {
                report.looked.entries_count += i64::try_from(entries.len()).unwrap_or(0);
                if let Some(detail) = judge_chain(entries) {
                    let subject = format!("line {line} of hold {id}");
                    report.add(Finding::new(Check::LineChain, subject, detail));
                }
            }
            let last: Vec<Kind> =
                lines.values().filter_map(|line| line.last()).map(|entry| entry.kind).collect();
            if let Some(detail) = judge_hold(*state, &last) {
                report.add(Finding::new(Check::HoldLines, format!("hold {id}"), detail));
            }
        }
    }
}
