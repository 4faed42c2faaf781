//! Waiting for what others do meanwhile: an instance's own workers take jobs besides the test.

use std::time::{Duration, Instant};

use crate::jobs::{JobState, claim, watch};
use crate::sql::Db;

/// How long tests look for what others do: only a defect needs it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Rounds of looking. Their end is a time, not a number: a busy machine makes fewer of them.
pub fn patiently() -> impl Iterator<Item = ()> {
    let begun = Instant::now();
    std::iter::from_fn(move || (begun.elapsed() < PATIENCE).then_some(()))
}

/// Runs what is due, and waits for those that others do, until no job is left.
///
/// # Panics
/// When that never is.
pub async fn until_idle<F: Future<Output = ()>>(db: &Db, run_due: impl Fn() -> F) {
    for _ in patiently() {
        run_due().await;
        if is_idle(db).await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("jobs never end");
}

/// Whether no job is due or runs. In one snapshot: a job that ends leaves another one behind.
///
/// # Panics
/// When the store fails.
async fn is_idle(db: &Db) -> bool {
    let look = db.read(|tx| {
        Box::pin(async move {
            let counts = watch::count(tx).await?;
            let runs = counts.iter().any(|of| of.state == JobState::Leased);
            let kinds: Vec<String> = counts.into_iter().map(|of| of.kind).collect();
            Ok(!runs && !claim::is_any_due(tx, &kinds).await?)
        })
    });
    look.await.expect("a test can read its store")
}
