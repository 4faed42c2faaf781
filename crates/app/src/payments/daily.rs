//! What is done for money once a day, whatever was lost on the way: each account's list is compared with
//! our books by a job of its own, so that one whose provider is away delays nobody else's; disputes
//! without an end are asked for; jobs that were given up are taken up again. Compares nothing itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use vacancy_connect::payments::{Provider, Truth};
use vacancy_domain::ids::{JobId, PaymentAccountId};
use vacancy_store::faults::Fault;
use vacancy_store::jobs::watch::Cursor;
use vacancy_store::jobs::{Job, NewJob};
use vacancy_store::payment_accounts::{self, PaymentAccount};

use super::Payments;
use super::compare::{self, DAY_MS};
use super::disputes::DISPUTE_JOB;
use super::follow::FOLLOW_JOB;
use super::jobs::{event_id, read};
use super::look_back::LOOK_BACK_JOB;
use super::settle::again;
use super::surplus::SURPLUS_JOB;
use crate::desk::due::{ASKED_REFUND_JOB, REFUND_JOB, REST_JOB, SETTLE_JOB};
use crate::errors::Error;
use crate::jobs::{JobError, parked};

/// The day's job: makes one [`ACCOUNT_JOB`] for each account, and the next day's.
pub const COMPARE_JOB: &str = "compare_payments";
/// Compares the list of one account with ours.
pub const ACCOUNT_JOB: &str = "compare_account";
/// How long one attempt at either may take; each page of a list is a call.
pub const COMPARE_DEADLINE: Duration = Duration::from_secs(10 * 60);

/// The ids of the days' jobs: one for each, so that no day has two.
const DAY_JOBS: u128 = 0x7061_795f_636f_6d70_0000_0000_0000_0000;
/// Accounts that are read at once.
const ACCOUNTS_READ: i64 = 100;
/// Between the accounts of two businesses: what is urgent goes in between.
const ACCOUNT_PAUSE_MS: i64 = 5_000;
/// The last of them begins no later than this.
const ACCOUNTS_MS_MAX: i64 = 6 * 60 * 60 * 1000;

/// What was given up while a provider was away is tried again. A comparison of an earlier day finds that
/// today's goes through the same orders, and is done.
const TAKEN_UP: [&str; 10] = [
    REFUND_JOB,
    ASKED_REFUND_JOB,
    SETTLE_JOB,
    REST_JOB,
    SURPLUS_JOB,
    LOOK_BACK_JOB,
    FOLLOW_JOB,
    DISPUTE_JOB,
    ACCOUNT_JOB,
    COMPARE_JOB,
];

#[derive(Serialize, Deserialize)]
struct Payload {
    provider: String,
    /// None: the installation's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    day: i64,
}

impl Payments {
    /// Makes sure that today has its comparison: for the start. The comparison itself sees to the next
    /// day's.
    pub async fn begin_comparing(&self) -> Result<(), Error> {
        compare::describe();
        let now_ms = self.now_ms().await?;
        Ok(self.compare_on(now_ms.div_euclid(DAY_MS), 0).await?)
    }

    async fn compare_on(&self, day: i64, due_in_ms: i64) -> Result<(), Fault> {
        let job = NewJob {
            id: JobId(DAY_JOBS | u128::from(day.unsigned_abs())),
            kind: COMPARE_JOB,
            property: None,
            subject: subject_of(day),
            payload: "{}".to_owned(),
            due_in_ms,
        };
        self.add_once(job).await.map(|_| ())
    }

    pub(super) fn run_compare(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let now_ms = self.now_ms().await.map_err(again)?;
            let day = now_ms.div_euclid(DAY_MS);
            // Whatever comes of this day's, the next one has its own.
            self.compare_on(day + 1, DAY_MS - now_ms.rem_euclid(DAY_MS)).await?;
            if takes_up(&job, day) {
                self.take_up_given_up().await?;
            }
            self.compare_each(day).await?;
            self.follow_disputes().await.map_err(again)
        })
    }

    /// A job for whoever may have money of ours: the installation's providers and every account of a
    /// business, also those that take no new orders.
    async fn compare_each(&self, day: i64) -> Result<(), Fault> {
        for provider in self.providers.all().filter(|provider| has_books(provider)) {
            let provider = provider.abilities().name.to_owned();
            self.add_once(job_of(&Payload { provider, account: None, day }, 0)).await?;
        }
        let (mut after, mut due_in_ms) = (PaymentAccountId(0), 0);
        loop {
            let page = self.bookings.db.read(move |tx| {
                Box::pin(async move { payment_accounts::list(tx, after, ACCOUNTS_READ).await })
            });
            let page = page.await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for PaymentAccount { id, provider, .. } in page {
                let payload = Payload { provider, account: Some(id.to_string()), day };
                self.add_once(job_of(&payload, due_in_ms)).await?;
                due_in_ms = (due_in_ms + ACCOUNT_PAUSE_MS) % ACCOUNTS_MS_MAX;
            }
        }
    }

    pub(super) fn run_compare_account(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let payload: Payload = read(&job)?;
            let now_ms = self.now_ms().await.map_err(again)?;
            // The next day's goes through the same orders.
            if payload.day < now_ms.div_euclid(DAY_MS) {
                return Ok(());
            }
            let unreadable = |_| JobError::hopeless("the payload names no account");
            let account = payload.account.map(|id| id.parse()).transpose().map_err(unreadable)?;
            let till = self.till_of(&payload.provider, account).await.map_err(again)?;
            match till.filter(has_books) {
                Some(provider) => self.compare(&provider, account, now_ms).await,
                None => Ok(()),
            }
        })
    }

    /// Nothing when it cannot be opened: people hear of that where they open it.
    async fn till_of(
        &self,
        provider: &str,
        account: Option<PaymentAccountId>,
    ) -> Result<Option<Arc<dyn Provider>>, Error> {
        let Some(id) = account else { return Ok(self.providers.find(provider).map(Arc::clone)) };
        let account = match self.accounts.find(id).await {
            Err(Error::NotFound) => return Ok(None),
            found => found?,
        };
        match self.accounts.open(&account) {
            Ok(till) => Ok(Some(till.provider)),
            Err(fault) => {
                tracing::warn!(payment.account = %id, "compare account {id}: {fault}");
                Ok(None)
            }
        }
    }

    async fn take_up_given_up(&self) -> Result<(), Fault> {
        let mut after = Cursor::START;
        loop {
            let (jobs, reached) =
                parked::list(&self.bookings.db, after, parked::PAGE_JOBS_MAX).await?;
            if jobs.is_empty() {
                return Ok(());
            }
            after = reached;
            for job in jobs.iter().filter(|job| TAKEN_UP.contains(&job.kind.as_str())) {
                parked::retry(&self.bookings.db, job.id).await?;
            }
        }
    }
}

fn subject_of(day: i64) -> String {
    format!("day {day}")
}

/// What was given up is taken up once a day, not again with each attempt at the comparison, nor with one of
/// an earlier day that was taken up itself. A process that dies right there leaves it to the next day.
fn takes_up(job: &Job, day: i64) -> bool {
    job.attempts <= 1 && job.subject == subject_of(day)
}

/// The same account has one job a day.
fn job_of(payload: &Payload, due_in_ms: i64) -> NewJob {
    let Payload { provider, account, day } = payload;
    let account = account.as_deref().unwrap_or_default();
    NewJob {
        id: JobId(event_id(&["compare", provider, account, &day.to_string()])),
        kind: ACCOUNT_JOB,
        property: None,
        subject: format!("{provider} {account}").trim_end().to_owned(),
        payload: serde_json::to_string(payload).expect("plain fields have a text"),
        due_in_ms,
    }
}

fn has_books(provider: &Arc<dyn Provider>) -> bool {
    match provider.abilities().truth {
        Truth::Provider => true,
        Truth::OurRecord => false,
    }
}

#[cfg(test)]
mod tests {
    use vacancy_store::jobs::JobState;

    use super::*;

    #[test]
    fn what_was_given_up_is_taken_up_by_the_first_attempt_at_the_days_comparison_alone() {
        let at = |day: i64, attempts: i64| Job {
            id: JobId(1),
            kind: COMPARE_JOB.to_owned(),
            property: None,
            subject: subject_of(day),
            payload: "{}".to_owned(),
            state: JobState::Leased,
            due_at_ms: 0,
            attempts,
            lease_owner: None,
            lease_until_ms: None,
            last_error: String::new(),
            created_at_ms: 0,
            completed_at_ms: None,
        };
        assert!(takes_up(&at(7, 1), 7));
        assert!(!takes_up(&at(7, 2), 7));
        assert!(!takes_up(&at(6, 1), 7));
    }
}
