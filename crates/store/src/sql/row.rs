//! What both drivers can bind and read: `Bind` for parameters, `Col` for columns, `FromRow` for
//! tuples of columns. Types mean the same on both engines: integers are 8 bytes, a uuid is a
//! `uuid` on PostgreSQL and a 16-byte BLOB on SQLite, a bool is a `boolean` and an INTEGER.

use uuid::Uuid;

use crate::faults::Fault;

/// A parameter that means the same to both drivers. The list is short on purpose: with an `i32`
/// SQLite would be content and PostgreSQL would refuse at run time.
pub trait Bind: rusqlite::ToSql + tokio_postgres::types::ToSql + Send + Sync {}
impl Bind for bool {}
impl Bind for i64 {}
impl Bind for Uuid {}
impl Bind for String {}
impl Bind for &str {}
impl Bind for Vec<u8> {}
impl Bind for &[u8] {}
impl<T: Bind> Bind for Option<T> {}
impl<T: Bind> Bind for &T {}

/// A column value that both drivers give for the same column.
pub trait Col: rusqlite::types::FromSql + for<'a> tokio_postgres::types::FromSql<'a> {}
impl Col for bool {}
impl Col for i64 {}
impl Col for Uuid {}
impl Col for String {}
impl Col for Vec<u8> {}
impl<T: Col> Col for Option<T> {}

/// One row of an answer, from either engine.
pub struct Row<'r>(Source<'r>);

enum Source<'r> {
    Lite(&'r rusqlite::Row<'r>),
    Pg(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    pub(super) fn lite(row: &'r rusqlite::Row<'r>) -> Row<'r> {
        Row(Source::Lite(row))
    }

    pub(super) fn pg(row: &'r tokio_postgres::Row) -> Row<'r> {
        Row(Source::Pg(row))
    }

    pub fn get<T: Col>(&self, index: usize) -> Result<T, Fault> {
        match &self.0 {
            Source::Lite(row) => {
                row.get(index).map_err(|error| Fault::internal_because("read a column", error))
            }
            Source::Pg(row) => {
                row.try_get(index).map_err(|error| Fault::internal_because("read a column", error))
            }
        }
    }
}

/// A value made of one row.
pub trait FromRow: Sized + Send {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault>;
}

macro_rules! from_row_for_tuple {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Col + Send),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
                Ok(($(row.get::<$name>($index)?,)+))
            }
        }
    };
}

from_row_for_tuple!(A 0);
from_row_for_tuple!(A 0, B 1);
from_row_for_tuple!(A 0, B 1, C 2);
from_row_for_tuple!(A 0, B 1, C 2, D 3);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12);
from_row_for_tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13);
from_row_for_tuple!(
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14
);
from_row_for_tuple!(
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15
);
from_row_for_tuple!(
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16
);
from_row_for_tuple!(
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16,
    R 17
);
from_row_for_tuple!(
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16,
    R 17, S 18
);
from_row_for_tuple!(
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16,
    R 17, S 18, T 19
);
from_row_for_tuple!(
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16,
    R 17, S 18, T 19, U 20
);
from_row_for_tuple!(
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15, Q 16,
    R 17, S 18, T 19, U 20, V 21
);
