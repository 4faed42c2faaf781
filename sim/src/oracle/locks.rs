//! The global order of locks: holds, then pools, then nights, each by key. A store in memory takes
//! no row locks, so the seam tells which ones a transaction would have asked for on PostgreSQL, and
//! in which order; two transactions that keep the order never wait for each other in a circle.

use vacancy_store::sql::Lock;

use super::{Checked, check};

const ORDER: [&str; 3] = ["hold", "pool", "cell"];

pub fn judge(transactions: &[Vec<Lock>]) -> Checked {
    for locks in transactions {
        let place = |lock: &Lock| ORDER.iter().position(|table| *table == lock.table);
        let mut last: Option<(usize, &[u8])> = None;
        for lock in locks {
            let Some(rank) = place(lock) else { continue };
            let now = (rank, lock.key.as_slice());
            let is_behind = last.is_none_or(|last| last <= now);
            check("lock order", is_behind, || format!("{lock:?} was asked for behind {last:?}"))?;
            last = Some(now);
        }
    }
    Ok(())
}
