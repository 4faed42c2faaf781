//! What a provider leaves open too long is a matter for people: they hear of it after fifteen minutes,
//! and no more once it has its end. Decides nothing about the job itself, which goes on asking.

use vacancy_domain::ids::{PropertyId, WorkItemId};
use vacancy_domain::payments::SETTLE_MS_MAX;
use vacancy_store::jobs::Job;
use vacancy_store::work_items::{self, NewWorkItem, WorkKind};

use super::Payments;
use super::inbox::About;
use super::settle::again;
use crate::errors::Error;
use crate::jobs::{JobError, retry_pause_ms};

impl Payments {
    /// How an attempt at a job ended; people hear in time what has no end yet. `subject` is the same at
    /// each attempt.
    pub(super) async fn in_time(
        &self,
        job: &Job,
        subject: String,
        detail: String,
        ended: Result<(), JobError>,
    ) -> Result<(), JobError> {
        let Some(property) = job.property else { return ended };
        let reservation = Some(job.subject.clone());
        let data = About { reservation, ..About::default() }.to_text();
        let Err(error) = ended else {
            let kind = WorkKind::PaymentUnsettled;
            return self.end_matter(property, kind, &subject).await.map_err(again);
        };
        let told = self.tell_people(property, (subject, detail, data), job.created_at_ms).await;
        Err(self.not_later(job, error, told.map_err(again)?))
    }

    /// The next attempt waits no longer than until people must hear of it.
    fn not_later(&self, job: &Job, error: JobError, left_ms: i64) -> JobError {
        let JobError::Retry { told } = error else { return error };
        if left_ms < 1 {
            return JobError::Retry { told };
        }
        let pause_ms = retry_pause_ms(job.attempts, self.bookings.ids.next_u64());
        JobError::RetryIn { told, pause_ms: pause_ms.min(left_ms) }
    }

    /// Adds the matter once its time has come; one that is open already is not added again. Gives how
    /// long that is still.
    async fn tell_people(
        &self,
        property: PropertyId,
        (subject, detail, data): (String, String, String),
        since_ms: i64,
    ) -> Result<i64, Error> {
        let id = WorkItemId(self.bookings.ids.next_id());
        let item =
            NewWorkItem { property, id, kind: WorkKind::PaymentUnsettled, subject, detail, data };
        let add = self.bookings.db.write(move |tx| {
            let item = item.clone();
            Box::pin(async move {
                let now_ms = tx.now_ms().await?;
                let left_ms = since_ms + SETTLE_MS_MAX - now_ms;
                if left_ms < 1 {
                    work_items::add(tx, now_ms, &[item]).await?;
                }
                Ok(left_ms)
            })
        });
        Ok(add.await?)
    }
}
