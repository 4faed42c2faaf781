//! The usual way, which the bench measures the desk against: one order, one transaction, no queue.
//! The same locks, rules and rows; row locks alone keep such callers apart. The product never calls
//! this.

use std::sync::Arc;

use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;

use super::batch::{self, Verdict};
use super::command::{Answer, Order};
use crate::errors::Error;
use crate::ids::Ids;

/// Runs one order as a transaction of its own.
pub async fn run(db: &Db, ids: &Ids, order: Order) -> Result<Answer, Error> {
    let (orders, ids): (Arc<[Order]>, Ids) = (Arc::from([order]), ids.clone());
    let (mut verdicts, _nobody_counts) = db
        .write_desk(move |tx| Box::pin(batch::run(tx, Arc::clone(&orders), ids.clone(), true)))
        .await?;
    match verdicts.pop() {
        Some(Verdict::Done(answer)) => Ok(answer),
        Some(Verdict::Refused(refusal)) => Err(Error::from(refusal)),
        Some(Verdict::SetAside(_) | Verdict::Broken) | None => {
            Err(Error::from(Fault::internal("decide a command")))
        }
    }
}
