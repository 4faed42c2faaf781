//! Refunds that came to nothing: people hear of them, and no more once there is nothing left to give back.

use vacancy_domain::ids::{ReservationId, WorkItemId};
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::refunds::Failed;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::{Job, JobState, claim, watch};
use vacancy_store::sql::tx::Tx;
use vacancy_store::work_items::{NewWorkItem, Over, WorkItem, WorkKind};
use vacancy_store::{disputes, payments as stored, reservations};

use super::Payments;
use super::inbox::About;
use super::settle::again;
use crate::desk::due::{ASKED_REFUND_JOB, AskedRefund, REFUND_JOB};
use crate::errors::Error;
use crate::jobs::JobError;

impl Payments {
    /// Refunds of a reservation that failed are nobody's matter any more once there is nothing left to give
    /// back: it went another way.
    pub(super) async fn end_failed_refunds(&self, id: ReservationId) -> Result<(), Error> {
        let (kind, ours) = (WorkKind::RefundFailed, Some(id.to_string()));
        let found = self
            .bookings
            .db
            .read(move |tx| Box::pin(async move { reservations::by_id(tx, id).await }));
        let Some(property) = found.await?.map(|found| found.reservation.property) else {
            return Ok(());
        };
        // The matters before the books: one that is filed meanwhile is not judged by what was owed earlier.
        let failed = self.open_matters(property, kind).await?;
        if failed.is_empty() {
            return Ok(());
        }
        let found = self.bookings.db.read(move |tx| {
            Box::pin(async move {
                let Some(found) = reservations::by_id(tx, id).await? else { return Ok(None) };
                let payments = stored::of_reservation(tx, id).await?;
                Ok(Some((found.reservation, payments, disputes::of_reservation(tx, id).await?)))
            })
        });
        let Some((reservation, payments, disputes)) = found.await? else { return Ok(()) };
        let is_over = |item: &WorkItem| {
            About::of(item).reservation == ours
                && failed_of(item)
                    .is_some_and(|failed| failed.is_over(&reservation, &payments, &disputes))
        };
        let over = failed.into_iter().filter(is_over);
        let over: Vec<_> =
            over.map(|item| Over { property, kind, subject: item.subject }).collect();
        if over.is_empty() { Ok(()) } else { self.end_matters(over).await }
    }

    /// The refund of this job was made after all: whoever did it again would give the same twice.
    pub(super) async fn did_not_fail(
        &self,
        reservation: &Reservation,
        job: &Job,
    ) -> Result<(), JobError> {
        let (kind, subject) = (WorkKind::RefundFailed, job.id.to_string());
        self.end_matter(reservation.property, kind, &subject).await.map_err(again)
    }

    /// The refund is over without an effect: somebody has to look.
    pub(super) async fn tell_of_failure(
        &self,
        reservation: &Reservation,
        job: &Job,
        told: &str,
    ) -> Result<(), JobError> {
        let about = About {
            reservation: Some(reservation.id.to_string()),
            job: Some((job.kind.clone(), job.payload.clone())),
            ..About::default()
        };
        let item = NewWorkItem {
            property: reservation.property,
            id: WorkItemId(self.bookings.ids.next_id()),
            kind: WorkKind::RefundFailed,
            subject: job.id.to_string(),
            detail: format!("reservation {}: {told}", reservation.code),
            data: about.to_text(),
        };
        self.file(item).await.map_err(again)
    }
}

/// The refund that this matter is about. None of money that came twice: it is in no book.
fn failed_of(item: &WorkItem) -> Option<Failed> {
    let (job, payload) = About::of(item).job?;
    match job.as_str() {
        REFUND_JOB => Some(Failed::Owed),
        ASKED_REFUND_JOB => {
            let asked: AskedRefund = serde_json::from_str(&payload).ok()?;
            asked.payment.parse().ok().map(Failed::Asked)
        }
        _ => None,
    }
}

/// Whether the job of a refund that failed is not done, since it died when people had been told: one more
/// would give the same twice. One that waits goes on, also when it was given up. While it runs, nobody
/// knows.
pub(super) async fn goes_on(tx: &Tx<'_>, item: &WorkItem) -> Result<Option<bool>, Fault> {
    let job = item.subject.parse().ok().filter(|_| item.kind == WorkKind::RefundFailed);
    let Some(id) = job else { return Ok(Some(false)) };
    match watch::by_id(tx, id).await?.map(|job| job.state) {
        None | Some(JobState::Done) => Ok(Some(false)),
        Some(JobState::Leased) => Ok(None),
        Some(JobState::Waiting) => Ok(Some(true)),
        Some(JobState::Parked) => claim::retry_parked(tx, id).await.map(Some),
    }
}
