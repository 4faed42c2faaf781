//! Ways to run a test on a hotel: on both engines; on one thread, where what is enqueued together
//! is one batch; in memory, where commits can be spoilt; with two instances.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use vacancy_store::sql::{Db, Engine};
use vacancy_store::testing::{TestStore, on_engine};

use super::hotel::{Clock, Hotel};

/// Runs the body on a fresh hotel with one pool of `units`, on each engine.
pub(crate) fn on_both<F>(units: i64, body: F)
where
    F: Fn(Hotel, Clock) -> BoxFuture<'static, ()> + Send + Sync + 'static,
{
    let _every_guard = every_guard();
    on_both_as_it_is(units, body);
}

/// The same, whatever guards are off.
pub(crate) fn on_both_as_it_is<F>(units: i64, body: F)
where
    F: Fn(Hotel, Clock) -> BoxFuture<'static, ()> + Send + Sync + 'static,
{
    let body = Arc::new(body);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let clock = Clock::at_noon();
        on_engine(engine, &clock.time(), |db| {
            let (body, clock) = (Arc::clone(&body), clock.clone());
            Box::pin(async move { body(Hotel::open(db, units).await, clock).await })
        });
    }
}

/// Runs the body on one thread: the lanes do nothing until the body waits, so what it enqueues
/// without waiting is one batch.
pub(crate) fn in_one_batch<B>(engine: Engine, units: i64, body: impl FnOnce(Hotel, Clock) -> B)
where
    B: Future<Output = ()>,
{
    let _every_guard = every_guard();
    in_one_batch_as_it_is(engine, units, body);
}

/// The same, whatever guards are off.
pub(crate) fn in_one_batch_as_it_is<B>(
    engine: Engine,
    units: i64,
    body: impl FnOnce(Hotel, Clock) -> B,
) where
    B: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::at_noon();
        let Some(store) = TestStore::open(engine, clock.time()).await else { return };
        body(Hotel::open(store.db.clone(), units).await, clock).await;
        store.remove().await;
    });
}

/// The same on a store in memory, whose commits a test may spoil.
pub(crate) fn in_memory<B>(units: i64, body: impl FnOnce(Hotel, Clock) -> B)
where
    B: Future<Output = ()>,
{
    let _every_guard = every_guard();
    in_memory_as_it_is(units, body);
}

/// The same, whatever guards are off.
pub(crate) fn in_memory_as_it_is<B>(units: i64, body: impl FnOnce(Hotel, Clock) -> B)
where
    B: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::at_noon();
        let db = Db::open_sqlite_memory(clock.time()).unwrap();
        db.migrate().await.unwrap();
        body(Hotel::open(db, units).await, clock).await;
    });
}

/// Runs the body with two instances that serve the same hotel, on PostgreSQL.
pub(crate) fn with_two_instances<B>(units: i64, body: impl FnOnce(Hotel, Hotel) -> B)
where
    B: Future<Output = ()>,
{
    let _every_guard = every_guard();
    with_two_instances_as_it_is(units, body);
}

/// The same, whatever guards are off.
pub(crate) fn with_two_instances_as_it_is<B>(units: i64, body: impl FnOnce(Hotel, Hotel) -> B)
where
    B: Future<Output = ()>,
{
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Clock::at_noon();
        let Some(store) = TestStore::open(Engine::Postgres, clock.time()).await else { return };
        let other = store.second_instance(clock.time()).await.unwrap();
        let one = Hotel::open(store.db.clone(), units).await;
        body(one, Hotel::instance(other, 2)).await;
        store.remove().await;
    });
}

/// While the answer lives, no test takes a guard away.
#[cfg(feature = "mutants")]
fn every_guard() -> vacancy_domain::guards::AllOn {
    vacancy_domain::guards::all_on()
}

/// Guards cannot be taken away.
#[cfg(not(feature = "mutants"))]
struct EveryGuard;

#[cfg(not(feature = "mutants"))]
fn every_guard() -> EveryGuard {
    EveryGuard
}
