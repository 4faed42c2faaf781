//! Forgets what is no longer needed: jobs long done, events that every follower has read, outcomes
//! under keys that are older than promised, quotes that ran out. Never anything about stock, guests or money.

use tracing::warn;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::watch;
use vacancy_store::sql::Db;
use vacancy_store::{events, idempotency, quotes};

/// How often a runner tidies up: every ten minutes.
pub const HOUSEKEEPING_MS: u64 = 10 * 60 * 1000;
/// How long a job that is done can still be looked at: seven days.
pub const JOBS_DONE_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// How long an event can still be followed: seven days, more than webhooks may be behind.
pub const EVENTS_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Most rows of one kind that one transaction forgets, so that nobody waits for it.
const ROWS_MAX: i64 = 1_000;
/// Most transactions of one sweep; the rest is for the next one.
const ROUNDS_MAX: usize = 100;

/// What one sweep forgot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    pub jobs_count: u64,
    pub events_count: u64,
    pub keys_count: u64,
    pub quotes_count: u64,
}

/// Forgets in small transactions until nothing old is left, or the limit of rounds is reached.
///
/// # Errors
/// When the store fails; what was forgotten until then stays forgotten.
pub async fn sweep(db: &Db) -> Result<Swept, Fault> {
    let mut total = Swept::default();
    for _ in 0..ROUNDS_MAX {
        let round = db.write(|tx| {
            Box::pin(async move {
                let now_ms = tx.now_ms().await?;
                Ok(Swept {
                    jobs_count: watch::purge_done(tx, now_ms - JOBS_DONE_KEPT_MS, ROWS_MAX).await?,
                    events_count: events::purge(tx, now_ms - EVENTS_KEPT_MS, ROWS_MAX).await?,
                    keys_count: idempotency::purge(tx, ROWS_MAX).await?,
                    quotes_count: quotes::purge(tx, ROWS_MAX).await?,
                })
            })
        });
        let round = round.await?;
        if round == Swept::default() {
            break;
        }
        total.jobs_count += round.jobs_count;
        total.events_count += round.events_count;
        total.keys_count += round.keys_count;
        total.quotes_count += round.quotes_count;
    }
    Ok(total)
}

/// The same for a caller that has nobody to tell of a fault but the log.
pub(super) async fn sweep_or_tell(db: &Db) {
    if let Err(fault) = sweep(db).await {
        warn!(error = %fault, "forget what is no longer needed: {fault}");
    }
}
