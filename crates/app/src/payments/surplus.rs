//! An order that was paid twice: the later payment goes back by itself, and where it does not, people
//! hear of it. Our books have the first one alone.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vacancy_connect::payments::Provider;
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::order::{LookUp, RefundRequest};
use vacancy_connect::payments::standing::{RefundState, Surplus};
use vacancy_domain::crash::crash_point;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::{JobId, PaymentId, RefundId, WorkItemId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::Payment;
use vacancy_domain::reservations::Reservation;
use vacancy_store::jobs::{Job, JobState, NewJob, watch};
use vacancy_store::work_items::{NewWorkItem, WorkItem, WorkKind};

use super::Payments;
use super::inbox::About;
use super::jobs::read;
use super::settle::again;
use crate::errors::Error;
use crate::jobs::JobError;

/// Gives a payment back that came once more than it was asked for. The job's id is the refund's.
pub const SURPLUS_JOB: &str = "return_surplus";

#[derive(Serialize, Deserialize)]
struct Payload {
    payment: String,
    provider_payment_id: String,
    amount_minor: i64,
    currency: String,
}

impl Payments {
    /// Sees to it that a second payment of an order goes back, once, however often it is seen.
    pub(super) async fn return_later(
        &self,
        payment: &Payment,
        surplus: &Surplus,
    ) -> Result<(), Error> {
        if guards::is_off(Guard::SurplusBack) {
            return Ok(());
        }
        let job = NewJob {
            id: name_of(&payment.provider, &surplus.provider_payment_id),
            kind: SURPLUS_JOB,
            property: None,
            subject: payment.id.to_string(),
            payload: payload_of(payment, surplus).to_text(),
            due_in_ms: 0,
        };
        Ok(self.add_once(job).await.map(|_| ())?)
    }

    /// A second payment that is still there though its refund was made: it came back. The provider is
    /// asked anew, for a list is older than that refund may be.
    pub(super) async fn tell_of_surplus(
        &self,
        provider: &dyn Provider,
        payment: &Payment,
        surplus: &Surplus,
    ) -> Result<(), Error> {
        let id = name_of(&payment.provider, &surplus.provider_payment_id);
        let job =
            self.bookings.db.read(move |tx| Box::pin(async move { watch::by_id(tx, id).await }));
        if job.await?.is_none_or(|job| job.state != JobState::Done) {
            return Ok(());
        }
        let now_ms = self.now_ms().await?;
        let look_up = LookUp { payment: payment.clone(), claim: None, now_ms };
        let Ok(standing) = provider.look_up(&look_up).await else { return Ok(()) };
        let is_same = |left: &&Surplus| left.provider_payment_id == surplus.provider_payment_id;
        let Some(left) = standing.surplus.iter().find(is_same) else { return Ok(()) };
        let told = format!("{} came twice, and its refund failed", left.left);
        self.tell_of_twice(payment, &payload_of(payment, left), &told).await
    }

    /// A matter for each of them, whose step gives that one back.
    async fn tell_of_twice(
        &self,
        payment: &Payment,
        payload: &Payload,
        told: &str,
    ) -> Result<(), Error> {
        let kind = WorkKind::PaidTwice;
        self.count(&payment.provider, kind.word());
        let Reservation { property, code, id, .. } = self.reservation_of(payment).await?;
        let (ours, theirs) = (payment.id.to_string(), &payload.provider_payment_id);
        // All of a payment had one matter once. What is told by one that is open need not be told again.
        let is_told = |item: &WorkItem| {
            let job = About::of(item).job.filter(|_| item.subject == ours);
            let of: Option<Payload> = job.and_then(|(_, text)| serde_json::from_str(&text).ok());
            of.is_some_and(|of| of.provider_payment_id == *theirs)
        };
        if self.open_matters(property, kind).await?.iter().any(is_told) {
            return Ok(());
        }
        let about = About {
            reservation: Some(id.to_string()),
            payment: Some(ours.clone()),
            job: Some((SURPLUS_JOB.to_owned(), payload.to_text())),
            ..About::default()
        };
        self.file_unless_dismissed(NewWorkItem {
            property,
            id: WorkItemId(self.bookings.ids.next_id()),
            kind,
            subject: format!("{ours} {theirs}"),
            detail: format!("reservation {code}, {}, {theirs}: {told}", payment.provider),
            data: about.to_text(),
        })
        .await
    }

    /// The payment beside which a provider's payment came, while the job that gives it back is kept: until a
    /// week after it is done.
    pub(super) async fn came_besides(
        &self,
        provider: &str,
        provider_payment_id: &str,
    ) -> Result<Option<Payment>, Error> {
        let id = name_of(provider, provider_payment_id);
        let job =
            self.bookings.db.read(move |tx| Box::pin(async move { watch::by_id(tx, id).await }));
        let Some(job) = job.await?.filter(|job| job.kind == SURPLUS_JOB) else { return Ok(None) };
        let told: Option<Payload> = serde_json::from_str(&job.payload).ok();
        let Some(id) = told.and_then(|told| told.payment.parse().ok()) else { return Ok(None) };
        Ok(Some(self.standings(id).await?.payment))
    }

    pub(super) fn run_return(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let payload: Payload = read(&job)?;
            let unreadable = |_| JobError::hopeless("the payload names no payment of ours");
            let id: PaymentId = payload.payment.parse().map_err(unreadable)?;
            let currency =
                payload.currency.parse().map_err(|_| JobError::hopeless("no currency"))?;
            let amount = Money::new(payload.amount_minor, currency);
            let ours = self.standings(id).await.map_err(again)?.payment;
            let provider = self.provider_of(&ours).await.map_err(again)?;
            let provider_payment_id = payload.provider_payment_id.clone();
            let named = Payment { provider_payment_id, ..ours.clone() };
            let now_ms = self.now_ms().await.map_err(again)?;
            let refund_id = RefundId(job.id.0);
            let request = RefundRequest { refund_id, payment: named, amount, now_ms };
            crash_point("provider.refund");
            let refunded = provider.refund(&request).await;
            crash_point("provider.refunded");
            let why = match refunded {
                Ok(refund) if refund.state != RefundState::Failed => {
                    return self.look_back_later(id).await.map_err(again);
                }
                Ok(_) => "the refund failed".to_owned(),
                Err(
                    failure @ (Failure::Unknown { .. }
                    | Failure::Refused { code: Code::KeyRefused }),
                ) => return Err(JobError::retry(failure.to_string())),
                Err(failure @ (Failure::Declined | Failure::Refused { .. })) => failure.to_string(),
            };
            let told = format!("{amount} came twice and did not go back: {why}");
            self.tell_of_twice(&ours, &payload, &told).await.map_err(again)
        })
    }
}

impl Payload {
    fn to_text(&self) -> String {
        serde_json::to_string(self).expect("plain fields have a text")
    }
}

fn payload_of(payment: &Payment, surplus: &Surplus) -> Payload {
    Payload {
        payment: payment.id.to_string(),
        provider_payment_id: surplus.provider_payment_id.clone(),
        amount_minor: surplus.left.minor,
        currency: surplus.left.currency.to_string(),
    }
}

/// The same payment of the provider has the same name, whoever sees it.
fn name_of(provider: &str, provider_payment_id: &str) -> JobId {
    let text = format!("{provider} {provider_payment_id}");
    let digest = Sha256::digest(text.as_bytes());
    JobId(digest.iter().take(16).fold(0, |name, byte| (name << 8) | u128::from(*byte)))
}
