//! The jobs that talk to payment providers: refunds, ends of payments, look-ups after a webhook.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vacancy_connect::payments::Provider;
use vacancy_connect::payments::webhook::{Webhook, WebhookRefusal};
use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::{JobId, PaymentAccountId, ReservationId};
use vacancy_domain::refusals::Refusal;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::{self as stored_jobs, Job, NewJob};
use vacancy_store::payments as stored;

use super::Payments;
use super::accounts::unusable;
use super::daily::{ACCOUNT_JOB, COMPARE_DEADLINE, COMPARE_JOB};
use super::disputes::STRANGER_ATTEMPTS;
use super::disputes::{self, DISPUTE_JOB};
use super::follow::FOLLOW_JOB;
use super::look_back::LOOK_BACK_JOB;
use super::surplus::SURPLUS_JOB;
use crate::desk::due::{ASKED_REFUND_JOB, REFUND_JOB, REST_JOB, SETTLE_JOB};
use crate::errors::Error;
use crate::jobs::{Handlers, JobError};

/// Asks the provider about one of its orders, since a webhook spoke of it.
pub const LOOK_UP_JOB: &str = "look_up_payment";
/// Deliveries by what became of them: a forged one is seen here.
const WEBHOOKS: &str = "vacancy_webhooks_total";
/// What becomes of a good one.
const TAKEN: &str = "taken";
/// Payments that were taken by providers that send webhooks: silence beside them is an alarm.
pub(super) const HEARD: &str = "vacancy_provider_payments_total";
/// How long one of these jobs may take before it counts as failed.
const DEADLINE: Duration = Duration::from_secs(20);

#[derive(Serialize, Deserialize)]
struct LookUpPayload {
    provider: String,
    /// The account whose secrets the event was signed with; none: the installation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    order: String,
}

impl Payments {
    /// Adds the handlers of payment jobs.
    #[must_use]
    pub fn handlers(&self, handlers: Handlers) -> Handlers {
        self.begin_counting();
        let (refund, settle, look_up) = (self.clone(), self.clone(), self.clone());
        let (follow, asked, compare) = (self.clone(), self.clone(), self.clone());
        let (surplus, rest, look_back) = (self.clone(), self.clone(), self.clone());
        let (dispute, account) = (self.clone(), self.clone());
        handlers
            .with(ASKED_REFUND_JOB, DEADLINE, Arc::new(move |job| asked.clone().run_asked(job)))
            .with(REFUND_JOB, DEADLINE, Arc::new(move |job| refund.clone().run_refund(job)))
            .with(SETTLE_JOB, DEADLINE, Arc::new(move |job| settle.clone().run_settle(job)))
            .with(REST_JOB, DEADLINE, Arc::new(move |job| rest.clone().run_rest(job)))
            .with(FOLLOW_JOB, DEADLINE, Arc::new(move |job| follow.clone().run_follow(job)))
            .with(
                LOOK_BACK_JOB,
                DEADLINE,
                Arc::new(move |job| look_back.clone().run_look_back(job)),
            )
            .with(SURPLUS_JOB, DEADLINE, Arc::new(move |job| surplus.clone().run_return(job)))
            .with(DISPUTE_JOB, DEADLINE, Arc::new(move |job| dispute.clone().run_dispute(job)))
            .with(
                COMPARE_JOB,
                COMPARE_DEADLINE,
                Arc::new(move |job| compare.clone().run_compare(job)),
            )
            .with(
                ACCOUNT_JOB,
                COMPARE_DEADLINE,
                Arc::new(move |job| account.clone().run_compare_account(job)),
            )
            .with(LOOK_UP_JOB, DEADLINE, Arc::new(move |job| look_up.clone().run_look_up(job)))
    }

    /// Figures that silence is told by are there from the start: a rate never begins with a gap.
    fn begin_counting(&self) {
        metrics::describe_counter!(WEBHOOKS, "Deliveries of providers by what became of them.");
        metrics::describe_counter!(HEARD, "Payments that providers with webhooks say they took.");
        let with_webhooks = self.providers.all().filter(|known| known.abilities().webhooks);
        for name in with_webhooks.map(|known| known.abilities().name) {
            metrics::counter!(WEBHOOKS, "provider" => name, "outcome" => TAKEN).absolute(0);
            metrics::counter!(HEARD, "provider" => name).absolute(0);
        }
    }

    /// Takes a provider's webhook: verified on the raw bytes, kept as a job, answered. What it
    /// says is only a reason to ask the provider; said again, it is none.
    pub async fn take_webhook(
        &self,
        provider: &str,
        account: Option<PaymentAccountId>,
        webhook: &Webhook<'_>,
    ) -> Result<Result<(), WebhookRefusal>, Error> {
        let found = self.sender(provider, account).await?;
        let parsed = found.parse_webhook(webhook);
        let outcome = parsed.as_ref().map_or_else(|refusal| refusal.code(), |_| TAKEN);
        let name = found.abilities().name;
        metrics::counter!(WEBHOOKS, "provider" => name, "outcome" => outcome).increment(1);
        let event = match parsed {
            Ok(event) => event,
            Err(refusal) => return Ok(Err(refusal)),
        };
        self.silence.heard(name, webhook.now_ms);
        #[cfg(feature = "mutants")]
        if let Some(believed) = super::mutants::believe(self, provider, &event).await {
            return believed.map(Ok);
        }
        let account = account.map(|account| account.to_string());
        let id = JobId(event_id(&[name, account.as_deref().unwrap_or_default(), &event.event_id]));
        let provider = name.to_owned();
        let (kind, subject, payload) = match (event.provider_dispute_id, event.provider_order_id) {
            (Some(dispute), _) => {
                let told_of = None;
                let payload =
                    disputes::Payload { provider, account, dispute: dispute.clone(), told_of };
                (DISPUTE_JOB, dispute, serde_json::to_string(&payload))
            }
            (None, Some(order)) => {
                let payload = LookUpPayload { provider, account, order: order.clone() };
                (LOOK_UP_JOB, order, serde_json::to_string(&payload))
            }
            (None, None) => return Ok(Ok(())),
        };
        let payload = payload.expect("plain fields have a text");
        let job = NewJob { id, kind, property: None, subject, payload, due_in_ms: 0 };
        if !self.add_once(job).await? {
            metrics::counter!(WEBHOOKS, "provider" => name, "outcome" => "repeated").increment(1);
        }
        crash_point("webhook.kept");
        Ok(Ok(()))
    }

    /// Adds a job unless there is one of its id, whatever became of that; gives whether it was added.
    pub(super) async fn add_once(&self, job: NewJob) -> Result<bool, Fault> {
        let add = self.bookings.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move { stored_jobs::add_once(tx, tx.now_ms().await?, job).await })
        });
        add.await
    }

    /// Whose webhook it is, by the address that it came to.
    pub(super) async fn sender(
        &self,
        provider: &str,
        account: Option<PaymentAccountId>,
    ) -> Result<Arc<dyn Provider>, Error> {
        let Some(id) = account else {
            return self.providers.find(provider).map(Arc::clone).ok_or(Error::NotFound);
        };
        let account = self.accounts.find(id).await?;
        if account.provider != provider {
            return Err(Error::NotFound);
        }
        let opened = self.accounts.open(&account);
        Ok(opened.map_err(|fault| unusable(&account, &fault))?.provider)
    }

    fn run_refund(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let ended = self.refund_owed(&job, reservation_of(&job)?).await;
            self.refund_in_time(&job, ended).await
        })
    }

    fn run_asked(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let ended = self.refund_asked(&job).await;
            self.refund_in_time(&job, ended).await
        })
    }

    async fn refund_in_time(&self, job: &Job, ended: Result<(), JobError>) -> Result<(), JobError> {
        let detail = format!("money of reservation {} has not gone back yet", job.subject);
        self.in_time(job, job.id.to_string(), detail, ended).await?;
        // Also when it ran before and died here: one that failed earlier may be over by it. A fault here
        // holds no later refund up: the next one looks, too.
        let id = reservation_of(job)?;
        if let Err(error) = self.end_failed_refunds(id).await {
            tracing::warn!(reservation.id = %id, %error, "end matters of refunds: {error}");
        }
        Ok(())
    }

    fn run_settle(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move { self.settle(&job, reservation_of(&job)?).await })
    }

    fn run_look_up(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let LookUpPayload { provider, account, order } = read(&job)?;
            let payment = self.bookings.db.read(move |tx| {
                Box::pin(async move { stored::by_order(tx, &provider, &order).await })
            });
            let payment = payment.await.map_err(|fault| JobError::retry(fault.to_string()))?;
            // A webhook may overtake our own commit of the order.
            let Some(payment) = payment else {
                if job.attempts < STRANGER_ATTEMPTS {
                    return Err(JobError::retry("no payment has this order"));
                }
                // Another system's, on the same account; money of ours is found by the comparison.
                tracing::warn!(order = job.subject, "an event for an order of nobody here");
                return Ok(());
            };
            if payment.account.map(|account| account.to_string()) != account {
                // Whoever signs for one account says nothing about another's money.
                tracing::warn!(payment.id = %payment.id, "an event for another account is ignored");
                return Ok(());
            }
            match self.ask(&payment, None).await {
                // Other money than ours waits in the inbox now.
                Ok(_) | Err(Error::Refused(Refusal::Mismatch { .. })) => Ok(()),
                Err(error) => Err(JobError::retry(error.to_string())),
            }
        })
    }
}

/// The same event is the same job, however often it is delivered: the first half of a digest, as
/// an id. The parts are the provider's name, the account, and the provider's name for the event:
/// whoever signs for one account takes no event of another away. Without a name of the provider's
/// every delivery would be one; there is always one.
pub(super) fn event_id(parts: &[&str]) -> u128 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    let mut half = [0; 16];
    half.copy_from_slice(&digest.finalize()[..16]);
    u128::from_be_bytes(half)
}

/// The job that does a refund again which came to nothing: its provider knows the first one's name
/// only as refused, and whoever asked for the first one finds this one.
pub(super) fn done_again(job: JobId) -> JobId {
    JobId(event_id(&["refund again", &job.to_string()]))
}

pub(super) fn read<T: for<'de> Deserialize<'de>>(job: &Job) -> Result<T, JobError> {
    serde_json::from_str(&job.payload)
        .map_err(|error| JobError::hopeless(format!("read the payload: {error}")))
}

pub(super) fn reservation_of(job: &Job) -> Result<ReservationId, JobError> {
    job.subject.parse().map_err(|_| JobError::hopeless("the subject is no reservation"))
}
