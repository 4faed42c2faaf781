//! Ids and days as both drivers bind them. The only place that turns one into the other.

use uuid::Uuid;

use crate::faults::Fault;
use crate::sql::row::{Col, Row};

/// An id as a driver takes it.
#[must_use]
pub fn uuid(id: u128) -> Uuid {
    Uuid::from_u128(id)
}

/// Reads an id: `id(row, 0).map(HoldId)`.
pub(crate) fn id(row: &Row<'_>, index: usize) -> Result<u128, Fault> {
    Ok(row.get::<Uuid>(index)?.as_u128())
}

/// Reads a word and what it stands for; a word that nobody knows is our own mistake.
pub(crate) fn word<T>(
    row: &Row<'_>,
    index: usize,
    from_word: impl Fn(&str) -> Option<T>,
) -> Result<T, Fault> {
    let text: String = row.get(index)?;
    from_word(&text).ok_or_else(|| Fault::internal(format!("read the word in column {index}")))
}

/// Reads columns one after the other.
pub(crate) struct Columns<'r, 'row> {
    row: &'r Row<'row>,
    next: usize,
}

impl<'r, 'row> Columns<'r, 'row> {
    pub(crate) fn of(row: &'r Row<'row>) -> Columns<'r, 'row> {
        Columns { row, next: 0 }
    }

    pub(crate) fn get<T: Col>(&mut self) -> Result<T, Fault> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    pub(crate) fn id(&mut self) -> Result<u128, Fault> {
        self.next += 1;
        id(self.row, self.next - 1)
    }

    pub(crate) fn word<T>(&mut self, from_word: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
        self.next += 1;
        word(self.row, self.next - 1, from_word)
    }
}
