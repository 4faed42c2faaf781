//! Every public function of the store, called on the filled stores as the product calls it. What
//! comes back is checked for being what was filled in; the rules around it have tests of their own.

mod catalogue;
pub(crate) mod desk;
mod guests;
mod proof;
mod work;

use futures_util::future::BoxFuture;
use vacancy_store::faults::Fault;
use vacancy_store::sql::tx::Tx;
use vacancy_store::sql::{Db, Time};

/// Everything but the desk, whose sessions are others.
pub(crate) async fn all(db: &Db) {
    db.check_schema().await.unwrap();
    db.with_time(Time::Engine).read(|tx| Box::pin(tx.now_ms())).await.unwrap();
    catalogue::all(db).await;
    guests::all(db).await;
    work::all(db).await;
    proof::all(db).await;
}

/// Reads, in one snapshot.
async fn read(
    db: &Db,
    body: impl for<'t> FnOnce(&'t Tx<'t>) -> BoxFuture<'t, Result<(), Fault>> + Send + 'static,
) {
    db.read(body).await.unwrap();
}

/// Writes, in one transaction.
async fn write(
    db: &Db,
    body: impl for<'t> Fn(&'t Tx<'t>) -> BoxFuture<'t, Result<(), Fault>> + Send + Sync + 'static,
) {
    db.write(body).await.unwrap();
}
