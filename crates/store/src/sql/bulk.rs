//! Many rows in one call. A `Bulk` is described once; on PostgreSQL it becomes one statement
//! over arrays (`UNNEST`), on SQLite one prepared statement that runs once per element.
//! Texts are built when the program starts (`LazyLock`), never per call.

use std::panic::Location;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use uuid::Uuid;

use super::dialect::Fork;
use crate::faults::Fault;

/// The type of a bulk column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    I64,
    Uuid,
    Text,
    Bool,
}

impl Kind {
    fn pg_array(self) -> &'static str {
        match self {
            Kind::I64 => "bigint[]",
            Kind::Uuid => "uuid[]",
            Kind::Text => "text[]",
            Kind::Bool => "boolean[]",
        }
    }
}

/// One value per element, in the order of the description.
#[derive(Debug, Clone)]
pub enum Column {
    I64(Vec<i64>),
    OptI64(Vec<Option<i64>>),
    Uuid(Vec<Uuid>),
    OptUuid(Vec<Option<Uuid>>),
    Text(Vec<String>),
    OptText(Vec<Option<String>>),
    Bool(Vec<bool>),
}

impl Column {
    pub fn len(&self) -> usize {
        match self {
            Column::I64(values) => values.len(),
            Column::OptI64(values) => values.len(),
            Column::Uuid(values) => values.len(),
            Column::OptUuid(values) => values.len(),
            Column::Text(values) => values.len(),
            Column::OptText(values) => values.len(),
            Column::Bool(values) => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn as_pg(&self) -> &(dyn tokio_postgres::types::ToSql + Sync) {
        match self {
            Column::I64(values) => values,
            Column::OptI64(values) => values,
            Column::Uuid(values) => values,
            Column::OptUuid(values) => values,
            Column::Text(values) => values,
            Column::OptText(values) => values,
            Column::Bool(values) => values,
        }
    }

    pub(super) fn lite_value(&self, index: usize) -> ToSqlOutput<'_> {
        match self {
            Column::I64(values) => integer(values[index]),
            Column::OptI64(values) => values[index].map_or(null(), integer),
            Column::Uuid(values) => blob(&values[index]),
            Column::OptUuid(values) => values[index].as_ref().map_or(null(), blob),
            Column::Text(values) => text(&values[index]),
            Column::OptText(values) => values[index].as_deref().map_or(null(), text),
            Column::Bool(values) => integer(i64::from(values[index])),
        }
    }

    /// One value as bytes that sort as it does, for keys of rows.
    pub(super) fn key_bytes(&self, index: usize) -> Vec<u8> {
        match self {
            Column::I64(values) => values[index].to_be_bytes().to_vec(),
            Column::Uuid(values) => values[index].as_bytes().to_vec(),
            Column::Text(values) => values[index].clone().into_bytes(),
            Column::OptI64(_) | Column::OptUuid(_) | Column::OptText(_) | Column::Bool(_) => {
                Vec::new()
            }
        }
    }
}

fn null() -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(Value::Null)
}

fn integer(value: i64) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(Value::Integer(value))
}

fn blob(value: &Uuid) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Blob(value.as_bytes()))
}

fn text(value: &str) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes()))
}

/// A statement over many elements.
#[derive(Debug, Clone)]
pub struct Bulk {
    lite: String,
    pg: String,
    columns: usize,
    /// The table whose rows it locks on PostgreSQL.
    locks: Option<String>,
    made_at: &'static Location<'static>,
}

impl Bulk {
    /// `INSERT INTO table (columns)`, one row per element.
    #[track_caller]
    pub fn insert(table: &str, columns: &[(&str, Kind)]) -> Bulk {
        let names = names(columns);
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        Bulk {
            lite: format!("INSERT INTO {table} ({names}) VALUES ({})", places.join(", ")),
            pg: format!("INSERT INTO {table} ({names}) SELECT * FROM {}", elements(columns)),
            columns: columns.len(),
            locks: None,
            made_at: Location::caller(),
        }
    }

    /// `UPDATE table AS t SET .. WHERE ..`, once per element. Write the row's columns as `t.x`
    /// (in `SET` the target bare, as SQL wants it) and the element's as `u.x`:
    /// `Bulk::update("cell", "held = t.held + u.held", "t.pool = u.pool", ..)`.
    /// One row must not match two elements: PostgreSQL would apply only one of them.
    #[track_caller]
    pub fn update(table: &str, set: &str, condition: &str, columns: &[(&str, Kind)]) -> Bulk {
        Bulk {
            lite: placed(&format!("UPDATE {table} AS t SET {set} WHERE {condition}"), columns),
            pg: format!(
                "UPDATE {table} AS t SET {set} FROM {} WHERE {condition}",
                elements(columns)
            ),
            columns: columns.len(),
            locks: None,
            made_at: Location::caller(),
        }
    }

    /// `DELETE FROM table AS t WHERE ..`, once per element.
    #[track_caller]
    pub fn delete(table: &str, condition: &str, columns: &[(&str, Kind)]) -> Bulk {
        Bulk {
            lite: placed(&format!("DELETE FROM {table} AS t WHERE {condition}"), columns),
            pg: format!("DELETE FROM {table} AS t USING {} WHERE {condition}", elements(columns)),
            columns: columns.len(),
            locks: None,
            made_at: Location::caller(),
        }
    }

    /// `SELECT what FROM table AS t` joined to the elements. `pg_tail` stands at the end on
    /// PostgreSQL only: `" ORDER BY t.pool, t.slot FOR UPDATE OF t"`.
    /// The tables named in `what` and `condition` are `t` (the row) and `u` (the element).
    #[track_caller]
    pub fn select(
        what: &str,
        table: &str,
        condition: &str,
        columns: &[(&str, Kind)],
        pg_tail: &str,
    ) -> Bulk {
        Bulk {
            lite: placed(&format!("SELECT {what} FROM {table} AS t WHERE {condition}"), columns),
            pg: format!(
                "SELECT {what} FROM {} JOIN {table} AS t ON {condition}{pg_tail}",
                elements(columns)
            ),
            columns: columns.len(),
            locks: pg_tail.contains(" FOR ").then(|| table.to_owned()),
            made_at: Location::caller(),
        }
    }

    /// Two texts for what the builders cannot say. The reason is listed in `dialect`.
    #[track_caller]
    pub fn forked(lite_row: &str, pg_arrays: &str, columns: usize, why: Fork) -> Bulk {
        let _listed = why;
        Bulk {
            lite: lite_row.to_owned(),
            pg: pg_arrays.to_owned(),
            columns,
            locks: None,
            made_at: Location::caller(),
        }
    }

    /// Order of the rows on PostgreSQL, so that two batches meet in the same order. On an
    /// insert; before `or_nothing`.
    pub fn ordered_by(mut self, columns: &str) -> Bulk {
        self.pg.push_str(" ORDER BY ");
        self.pg.push_str(columns);
        self
    }

    /// Rows that exist already are left as they are and not counted.
    pub fn or_nothing(self) -> Bulk {
        self.then(" ON CONFLICT DO NOTHING")
    }

    /// More text at the end, on both engines.
    pub fn then(mut self, both: &str) -> Bulk {
        self.lite.push_str(both);
        self.pg.push_str(both);
        self
    }

    pub fn lite_text(&self) -> &str {
        &self.lite
    }

    pub fn pg_text(&self) -> &str {
        &self.pg
    }

    pub(super) fn locked_table(&self) -> Option<&str> {
        self.locks.as_deref()
    }

    pub(super) fn made_at(&self) -> &'static Location<'static> {
        self.made_at
    }

    pub(super) fn count_elements(&self, columns: &[Column]) -> Result<usize, Fault> {
        if columns.len() != self.columns {
            return Err(Fault::internal(format!(
                "bind {} columns to a bulk statement of {}",
                columns.len(),
                self.columns
            )));
        }
        let count = columns.first().map_or(0, Column::len);
        if columns.iter().any(|column| column.len() != count) {
            return Err(Fault::internal("bind columns of unequal length"));
        }
        Ok(count)
    }
}

fn names(columns: &[(&str, Kind)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The elements as rows `u`. `UNNEST` stands where columns stand, not where a table does: there
/// each array would be copied row by row into a store of its own before the first row is seen.
fn elements(columns: &[(&str, Kind)]) -> String {
    let arrays: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(index, (name, kind))| {
            format!("UNNEST(${}::{}) AS {name}", index + 1, kind.pg_array())
        })
        .collect();
    format!("(SELECT {}) AS u", arrays.join(", "))
}

/// The same text with every `u.column` as the place of its parameter.
fn placed(text: &str, columns: &[(&str, Kind)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut used = vec![false; columns.len()];
    let mut rest = text;
    while let Some(at) = rest.find("u.") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let own_word = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let word: &str = &from[2..];
        let end = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
        let place = columns.iter().position(|(name, _)| *name == &word[..end]);
        match place {
            Some(index) if own_word => {
                used[index] = true;
                out.push_str(&format!("${}", index + 1));
            }
            Some(_) | None => out.push_str(&from[..2 + end]),
        }
        rest = &word[end..];
    }
    out.push_str(rest);
    assert!(used.iter().all(|used| *used), "every column of a bulk statement is used: {text}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[(&str, Kind)] = &[("pool", Kind::Uuid), ("slot", Kind::I64)];

    #[test]
    fn an_insert_is_values_on_sqlite_and_arrays_on_postgres() {
        let bulk = Bulk::insert("cell", COLUMNS).ordered_by("pool, slot").or_nothing();
        assert_eq!(
            bulk.lite_text(),
            "INSERT INTO cell (pool, slot) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            bulk.pg_text(),
            "INSERT INTO cell (pool, slot) SELECT * FROM (SELECT UNNEST($1::uuid[]) AS pool, \
             UNNEST($2::bigint[]) AS slot) AS u ORDER BY pool, slot ON CONFLICT DO NOTHING"
        );
    }

    #[test]
    fn an_update_names_the_element_once_for_both_engines() {
        let bulk = Bulk::update("cell", "held = t.held + u.slot", "t.pool = u.pool", COLUMNS);
        assert_eq!(bulk.lite_text(), "UPDATE cell AS t SET held = t.held + $2 WHERE t.pool = $1");
        assert_eq!(
            bulk.pg_text(),
            "UPDATE cell AS t SET held = t.held + u.slot \
             FROM (SELECT UNNEST($1::uuid[]) AS pool, UNNEST($2::bigint[]) AS slot) AS u \
             WHERE t.pool = u.pool"
        );
    }

    #[test]
    fn a_word_that_ends_in_u_is_left_alone() {
        let bulk = Bulk::select("menu.slot", "cell", "t.pool = u.pool AND u.slot = 1", COLUMNS, "");
        assert_eq!(
            bulk.lite_text(),
            "SELECT menu.slot FROM cell AS t WHERE t.pool = $1 AND $2 = 1"
        );
    }

    #[test]
    #[should_panic(expected = "every column of a bulk statement is used")]
    fn a_column_that_no_text_names_is_our_mistake() {
        let _ = Bulk::update("cell", "held = 0", "t.pool = u.pool", COLUMNS);
    }

    #[test]
    fn unequal_columns_are_refused() {
        let bulk = Bulk::insert("cell", COLUMNS);
        let columns = [Column::Uuid(vec![Uuid::nil()]), Column::I64(vec![1, 2])];
        assert!(bulk.count_elements(&columns).is_err());
        assert!(bulk.count_elements(&columns[..1]).is_err());
    }
}
