//! A claim that is believed before it is committed, behind a guard that only a test takes away. No
//! release has it.

use std::sync::{Arc, Mutex};

use vacancy_domain::guards::{self, Guard};
use vacancy_store::faults::Fault;
use vacancy_store::jobs::claim::{self, Claim, Claimed};
use vacancy_store::sql::Db;

/// Claims, and begins the jobs whatever the commit says; `None` while the guard is on.
pub(super) async fn claim(db: &Db, ask: &Claim) -> Option<Result<Claimed, Fault>> {
    if !guards::is_off(Guard::ClaimBeforeDeed) {
        return None;
    }
    let seen: Arc<Mutex<Claimed>> = Arc::default();
    let (ask, tell) = (ask.clone(), Arc::clone(&seen));
    let write = db.write(move |tx| {
        let (ask, tell) = (ask.clone(), Arc::clone(&tell));
        Box::pin(async move {
            let claimed = claim::claim(tx, &ask).await?;
            tell.lock().expect("no thread panics while it tells").clone_from(&claimed);
            Ok(())
        })
    });
    let _whatever_it_says = write.await;
    let claimed = seen.lock().expect("no thread panics while it tells").clone();
    Some(Ok(claimed))
}
