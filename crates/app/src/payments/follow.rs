//! Asks for a payment until it has an end: webhooks get lost, guests do not come back, and some
//! money turns good days after its bank said no. A job per attempt to pay, which makes the next one.

use futures_util::future::BoxFuture;
use vacancy_connect::payments::{Abilities, Follow};
use vacancy_domain::ids::{JobId, PaymentId};
use vacancy_domain::payments::{Payment, PaymentState};
use vacancy_store::jobs::{self as stored_jobs, Job, NewJob};
use vacancy_store::payments as stored;

use super::Payments;
use crate::errors::Error;
use crate::jobs::JobError;

/// Asks how one payment stands, and again later while it has no end.
pub const FOLLOW_JOB: &str = "follow_payment";

const MINUTE_MS: i64 = 60 * 1000;
/// The first question; most guests have paid by then, and most webhooks have come.
const PAUSE_MS_MIN: i64 = 2 * MINUTE_MS;
/// While nothing is heard of the provider by itself.
const PAUSE_MS_SILENT: i64 = MINUTE_MS;
/// Half its age passes between two questions about a payment, but not more than this.
const PAUSE_MS_MAX: i64 = 6 * 60 * MINUTE_MS;
/// So long somebody may still wait for it, and money without a webhook is found within five minutes.
const YOUNG_MS: i64 = 60 * MINUTE_MS;
const PAUSE_MS_YOUNG_MAX: i64 = 4 * MINUTE_MS;
/// Nobody waits longer for money that is on its way: the slowest banks need a fortnight.
const OPEN_MS_MAX: i64 = 14 * 24 * 60 * MINUTE_MS;
/// No payment is followed longer, also when its provider was switched off, so that nobody says how long.
const FOLLOWED_MS_MAX: i64 = 30 * 24 * 60 * MINUTE_MS;

impl Payments {
    /// Begins to follow a payment, before its provider has heard of it.
    pub(super) async fn follow(
        &self,
        payment: PaymentId,
        abilities: &Abilities,
    ) -> Result<(), Error> {
        match abilities.follow {
            Follow::Never => Ok(()),
            Follow::UntilItsEnd { .. } => {
                let now_ms = self.now_ms().await?;
                let is_silent = self.silence.lasts(abilities.name, now_ms);
                let pause_ms = if is_silent { PAUSE_MS_SILENT } else { PAUSE_MS_MIN };
                self.ask_later(payment, pause_ms).await
            }
        }
    }

    pub(super) fn run_follow(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let id: PaymentId =
                job.subject.parse().map_err(|_| JobError::hopeless("the subject is no payment"))?;
            let found = self
                .bookings
                .db
                .read(move |tx| Box::pin(async move { stored::by_id(tx, id).await }));
            let Some(payment) = found.await? else { return Ok(()) };
            let now_ms = self.now_ms().await?;
            if FOLLOWED_MS_MAX <= now_ms - payment.created_at_ms {
                return Ok(());
            }
            let provider = self.provider_of(&payment).await?;
            let abilities = provider.abilities();
            let is_silent = abilities.webhooks && self.silence.lasts(abilities.name, now_ms);
            if pause_ms(&payment, abilities, is_silent, now_ms).is_none() {
                return Ok(());
            }
            // Whatever came of the question, the next one is asked.
            if let Err(error) = self.ask(&payment, None).await {
                tracing::warn!(payment.id = %id, %error, "follow a payment: {error}");
            }
            let payment = self.standings(id).await?.payment;
            match pause_ms(&payment, abilities, is_silent, now_ms) {
                Some(pause_ms) => Ok(self.ask_later(id, pause_ms).await?),
                None => Ok(()),
            }
        })
    }

    async fn ask_later(&self, payment: PaymentId, due_in_ms: i64) -> Result<(), Error> {
        self.do_later(FOLLOW_JOB, payment.to_string(), due_in_ms).await
    }

    /// Adds a job of a payment or a reservation that needs to know no more than its name.
    pub(super) async fn do_later(
        &self,
        kind: &'static str,
        subject: String,
        due_in_ms: i64,
    ) -> Result<(), Error> {
        let job = NewJob {
            id: JobId(self.bookings.ids.next_id()),
            kind,
            property: None,
            subject,
            payload: "{}".to_owned(),
            due_in_ms,
        };
        let add = self.bookings.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move {
                let now_ms = tx.now_ms().await?;
                stored_jobs::add(tx, now_ms, &[job]).await
            })
        });
        Ok(add.await?)
    }
}

/// How long until the next question; nothing when there is no more to hear.
fn pause_ms(payment: &Payment, abilities: &Abilities, is_silent: bool, now_ms: i64) -> Option<i64> {
    let Follow::UntilItsEnd { late_ms } = abilities.follow else { return None };
    let age_ms = now_ms - payment.created_at_ms;
    let goes_on = match payment.state {
        PaymentState::Succeeded => false,
        PaymentState::Created | PaymentState::Pending | PaymentState::Authorized => {
            age_ms < OPEN_MS_MAX
        }
        PaymentState::Failed | PaymentState::Canceled => age_ms < late_ms,
    };
    let longest_ms = if age_ms < YOUNG_MS { PAUSE_MS_YOUNG_MAX } else { PAUSE_MS_MAX };
    goes_on.then(|| match is_silent && age_ms < YOUNG_MS {
        true => PAUSE_MS_SILENT,
        false => (age_ms / 2).clamp(PAUSE_MS_MIN, longest_ms),
    })
}
