//! Columns for a bulk statement, out of domain values.

use crate::ids::uuid;
use crate::sql::bulk::Column;

/// Columns of one table, taken from its values one closure at a time.
pub(super) struct Rows<'v, T>(pub(super) Vec<&'v T>);

impl<T> Rows<'_, T> {
    pub(super) fn id(&self, of: impl Fn(&T) -> u128) -> Column {
        Column::Uuid(self.0.iter().map(|value| uuid(of(value))).collect())
    }

    pub(super) fn maybe_id(&self, of: impl Fn(&T) -> Option<u128>) -> Column {
        Column::OptUuid(self.0.iter().map(|value| of(value).map(uuid)).collect())
    }

    pub(super) fn number(&self, of: impl Fn(&T) -> i64) -> Column {
        Column::I64(self.0.iter().map(|value| of(value)).collect())
    }

    pub(super) fn maybe(&self, of: impl Fn(&T) -> Option<i64>) -> Column {
        Column::OptI64(self.0.iter().map(|value| of(value)).collect())
    }

    pub(super) fn text(&self, of: impl Fn(&T) -> String) -> Column {
        Column::Text(self.0.iter().map(|value| of(value)).collect())
    }
}
