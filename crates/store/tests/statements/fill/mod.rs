//! What the stores are filled with: a big old hotel, many small ones, and what they leave behind.
//! Rows are enough to make a plan choose; they need not add up.

pub(crate) mod bookings;
pub(crate) mod house;
pub(crate) mod work;

use uuid::Uuid;
use vacancy_domain::ids::{PoolId, PropertyId};
use vacancy_store::faults::Fault;
use vacancy_store::ids::uuid;
use vacancy_store::sql::bulk::{Bulk, Column, Kind};
use vacancy_store::sql::tx::{Sql, Tx};
use vacancy_store::sql::{Db, Engine};

pub(crate) const TODAY: i64 = 20_000;

/// What an id is of; the number behind it grows with time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    Business = 1,
    Key,
    Property,
    Pool,
    Room,
    Hold,
    Line,
    Reservation,
    Payment,
    Refund,
    Job,
    WorkItem,
    Quote,
    Account,
    Dispute,
}

pub(crate) fn id(of: Of, number: i64) -> u128 {
    (of as u128) << 64 | u128::try_from(number).unwrap()
}

/// The big hotel is number 0.
pub(crate) fn property(number: i64) -> PropertyId {
    PropertyId(id(Of::Property, number))
}

/// One of the room types of a hotel.
pub(crate) fn pool(hotel: i64, number: i64) -> PoolId {
    PoolId(id(Of::Pool, hotel * house::TYPES + number))
}

pub(crate) async fn all(db: &Db) {
    house::fill(db).await;
    bookings::fill(db).await;
    work::fill(db).await;
    if db.engine() == Engine::Postgres {
        let analyze = db.write(|tx| {
            Box::pin(async move { tx.execute(&Sql::new("ANALYZE"), &[]).await.map(|_| ()) })
        });
        analyze.await.unwrap();
    }
}

/// Columns of a table under their names, with one value per number.
pub(crate) struct Rows {
    numbers: Vec<i64>,
    columns: Vec<(&'static str, Kind, Column)>,
}

impl Rows {
    pub(crate) fn of(numbers: impl Iterator<Item = i64>) -> Rows {
        Rows { numbers: numbers.collect(), columns: Vec::new() }
    }

    fn with(mut self, name: &'static str, kind: Kind, column: Column) -> Rows {
        self.columns.push((name, kind, column));
        self
    }

    pub(crate) fn ids(self, name: &'static str, of: impl Fn(i64) -> u128) -> Rows {
        let ids: Vec<Uuid> = self.numbers.iter().map(|number| uuid(of(*number))).collect();
        self.with(name, Kind::Uuid, Column::Uuid(ids))
    }

    pub(crate) fn whole(self, name: &'static str, of: impl Fn(i64) -> i64) -> Rows {
        let values = self.numbers.iter().map(|number| of(*number)).collect();
        self.with(name, Kind::I64, Column::I64(values))
    }

    pub(crate) fn maybe(self, name: &'static str, of: impl Fn(i64) -> Option<i64>) -> Rows {
        let values = self.numbers.iter().map(|number| of(*number)).collect();
        self.with(name, Kind::I64, Column::OptI64(values))
    }

    pub(crate) fn text(self, name: &'static str, of: impl Fn(i64) -> String) -> Rows {
        let values = self.numbers.iter().map(|number| of(*number)).collect();
        self.with(name, Kind::Text, Column::Text(values))
    }

    pub(crate) fn maybe_text(self, name: &'static str, of: impl Fn(i64) -> Option<String>) -> Rows {
        let values = self.numbers.iter().map(|number| of(*number)).collect();
        self.with(name, Kind::Text, Column::OptText(values))
    }

    /// The same word in every row.
    pub(crate) fn word(self, name: &'static str, word: &str) -> Rows {
        self.text(name, |_| word.to_owned())
    }

    /// The same number in every row.
    pub(crate) fn each(self, name: &'static str, value: i64) -> Rows {
        self.whole(name, |_| value)
    }

    /// The same answer in every row.
    pub(crate) fn flag(self, name: &'static str, value: bool) -> Rows {
        let values = vec![value; self.numbers.len()];
        self.with(name, Kind::Bool, Column::Bool(values))
    }

    pub(crate) async fn put(self, tx: &Tx<'_>, table: &str) -> Result<(), Fault> {
        let names: Vec<(&str, Kind)> =
            self.columns.iter().map(|(name, kind, _)| (*name, *kind)).collect();
        let columns: Vec<Column> = self.columns.into_iter().map(|(_, _, column)| column).collect();
        tx.bulk_execute(&Bulk::insert(table, &names), &columns).await.map(|_| ())
    }
}
