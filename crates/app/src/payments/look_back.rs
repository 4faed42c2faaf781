//! A refund that a provider has made may come back weeks later, when the list that is compared each day
//! has long forgotten its order. So each payment of which something went back is looked at again, a day
//! after that and ever more seldom, for a month.

use futures_util::future::BoxFuture;
use vacancy_connect::payments::order::LookUp;
use vacancy_domain::ids::PaymentId;
use vacancy_domain::payments::PaymentState;
use vacancy_store::jobs::Job;
use vacancy_store::payments as stored;

use super::Payments;
use super::settle::again;
use crate::errors::Error;
use crate::jobs::JobError;

/// Looks whether what went back of a payment is still gone.
pub const LOOK_BACK_JOB: &str = "look_back_at_refund";

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The first look; each later one comes when twice the time has passed.
const PAUSE_MS_MIN: i64 = DAY_MS;
/// Banks send nothing back after this.
const AGE_MS_MAX: i64 = 30 * DAY_MS;
/// A provider that is away then may be asked for the last time some days later; one that never answers, since
/// it was switched off or has lost the order, is not asked for ever. The log says so: nobody knows more.
const GIVEN_UP_MS: i64 = AGE_MS_MAX + 7 * DAY_MS;

impl Payments {
    /// Something goes back of this payment: before it is booked, so that no end in between loses it.
    pub(super) async fn look_back_later(&self, payment: PaymentId) -> Result<(), Error> {
        self.do_later(LOOK_BACK_JOB, payment.to_string(), PAUSE_MS_MIN).await
    }

    pub(super) fn run_look_back(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let (attempts, random) = (job.attempts, self.bookings.ids.next_u64());
            // Nobody waits for it, and a provider may be away for a day.
            self.look_back(job).await.map_err(|error| error.retry_patiently(attempts, random))
        })
    }

    async fn look_back(&self, job: Job) -> Result<(), JobError> {
        let id: PaymentId =
            job.subject.parse().map_err(|_| JobError::hopeless("the subject is no payment"))?;
        let payment = match self.standings(id).await {
            Err(Error::NotFound) => return Ok(()),
            found => found.map_err(again)?.payment,
        };
        let refunds =
            self.bookings.db.read(move |tx| Box::pin(async move { stored::refunds(tx, id).await }));
        let times = refunds.await?.into_iter().map(|refund| refund.created_at_ms);
        let since_ms = times.fold(payment.created_at_ms, i64::max);
        let now_ms = self.now_ms().await.map_err(again)?;
        let age_ms = now_ms - since_ms;
        if GIVEN_UP_MS <= age_ms {
            tracing::warn!(payment.id = %id, "nobody could say whether a refund of {id} came back");
            return Ok(());
        }
        let provider = self.provider_of(&payment).await.map_err(again)?;
        let look_up = LookUp { payment: payment.clone(), claim: None, now_ms };
        let standing = provider
            .look_up(&look_up)
            .await
            .map_err(|failure| JobError::retry(failure.to_string()))?;
        for surplus in &standing.surplus {
            let told = self.tell_of_surplus(provider.as_ref(), &payment, surplus);
            told.await.map_err(again)?;
        }
        // Of other money than was asked for nothing is booked, but a second payment went back all the same.
        if payment.state == PaymentState::Succeeded {
            self.look_closer(provider.as_ref(), &payment).await.map_err(again)?;
        }
        if AGE_MS_MAX <= age_ms {
            return Ok(());
        }
        let pause_ms = age_ms.max(PAUSE_MS_MIN);
        self.do_later(LOOK_BACK_JOB, job.subject, pause_ms).await.map_err(again)
    }
}
