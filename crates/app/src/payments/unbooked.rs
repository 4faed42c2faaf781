//! Disputes that stand in no book: of other money than was paid, of a payment that came twice and goes
//! back, of one that is not in this store. People hear of them all the same, until the bank has decided.

use vacancy_connect::payments::disputes::Disputed;
use vacancy_domain::disputes;
use vacancy_domain::ids::{JobId, PaymentAccountId, PropertyId, WorkItemId};
use vacancy_domain::payments::Payment;
use vacancy_store::jobs::{NewJob, watch};
use vacancy_store::work_items::{NewWorkItem, WorkKind};

use super::Payments;
use super::disputes::{DISPUTE_JOB, Payload, told_of};
use super::inbox::About;
use super::jobs::event_id;
use crate::desk::due::{in_words, kind_of};
use crate::errors::Error;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// No bank takes longer to decide.
const FOLLOWED_MS_MAX: i64 = 180 * DAY_MS;
/// As a difference that is counted.
const DISPUTE_UNKNOWN: &str = "dispute_unknown";

/// Who says so, by which account.
pub(super) type Till = (&'static str, Option<PaymentAccountId>);

impl Payments {
    /// Puts a dispute of this payment before people though it is not booked, and says why.
    pub(super) async fn tell_unbooked(
        &self,
        till: Till,
        payment: &Payment,
        disputed: &Disputed,
        why: &str,
    ) -> Result<(), Error> {
        let (provider, _) = till;
        self.count(provider, WorkKind::DisputeOpened.word());
        let reservation = self.reservation_of(payment).await?;
        let about = About {
            reservation: Some(reservation.id.to_string()),
            payment: Some(payment.id.to_string()),
            due_by_ms: disputed.due_by_ms,
            ..About::default()
        };
        if disputed.status.is_end() {
            // It was the subject once.
            let (kind, subject) = (WorkKind::DisputeOpened, payment.id.to_string());
            self.end_matters(vec![(reservation.property, kind, subject)]).await?;
        }
        let whose = format!("reservation {}, {provider}", reservation.code);
        self.put(till, reservation.property, about, disputed, &whose, why).await
    }

    /// The same for a payment that is not in this store. Where nobody knows which business it is of, the log
    /// has it.
    pub(super) async fn tell_of_stranger(
        &self,
        till: Till,
        disputed: &Disputed,
    ) -> Result<(), Error> {
        let (provider, account) = till;
        self.count(provider, DISPUTE_UNKNOWN);
        let dispute = &disputed.provider_dispute_id;
        tracing::warn!(provider.dispute = dispute, "{provider}'s {dispute} is of no payment here");
        let Some(property) = self.whose(account).await? else { return Ok(()) };
        let about = About { due_by_ms: disputed.due_by_ms, ..About::default() };
        let why = "of a payment that is not in this store: another installation uses the same account, \
                   it was restored from an older copy, or the payment came twice and went back long ago";
        self.put(till, property, about, disputed, provider, why).await
    }

    /// What the provider says of such a dispute is the matter; an end ends it. It is asked for again each day.
    async fn put(
        &self,
        till: Till,
        property: PropertyId,
        about: About,
        disputed: &Disputed,
        whose: &str,
        why: &str,
    ) -> Result<(), Error> {
        let now_ms = self.now_ms().await?;
        let (name, told) = (&disputed.provider_dispute_id, told_of(disputed, now_ms));
        if told.status.is_end() {
            self.end_matters(vec![(property, WorkKind::DisputeOpened, name.clone())]).await?;
        } else if now_ms - disputed.opened_at_ms < FOLLOWED_MS_MAX {
            self.ask_tomorrow(till, name, about.payment.clone(), now_ms).await?;
        }
        let Some(alarm) = disputes::alarm(None, &told) else { return Ok(()) };
        let what = in_words(told.funds, told.amount, &told.reason);
        self.file_anew(NewWorkItem {
            property,
            id: WorkItemId(self.bookings.ids.next_id()),
            kind: kind_of(alarm),
            subject: name.clone(),
            detail: format!("{whose}, {name}: {what}, {why}"),
            data: about.to_text(),
        })
        .await
    }

    /// Once a day, however often it is heard of.
    async fn ask_tomorrow(
        &self,
        till: Till,
        name: &str,
        told_of: Option<String>,
        now_ms: i64,
    ) -> Result<(), Error> {
        let (provider, account) = till;
        let payload = Payload {
            provider: provider.to_owned(),
            account: account.map(|account| account.to_string()),
            dispute: name.to_owned(),
            told_of,
        };
        let job = NewJob {
            id: name_of(till, name, now_ms.div_euclid(DAY_MS) + 1),
            kind: DISPUTE_JOB,
            property: None,
            subject: name.to_owned(),
            payload: serde_json::to_string(&payload).expect("plain fields have a text"),
            due_in_ms: DAY_MS,
        };
        Ok(self.add_once(job).await.map(|_| ())?)
    }

    /// The payment that people were told of with this dispute, as the job remembers that asks tomorrow, or
    /// asked today.
    pub(super) async fn remembered(
        &self,
        till: Till,
        name: &str,
    ) -> Result<Option<Payment>, Error> {
        let today = self.now_ms().await?.div_euclid(DAY_MS);
        let ids = [today + 1, today].map(|day| name_of(till, name, day));
        let jobs = self.bookings.db.read(move |tx| {
            Box::pin(async move {
                let (next, last) = (watch::by_id(tx, ids[0]).await?, watch::by_id(tx, ids[1]));
                Ok([next, last.await?])
            })
        });
        let told_of = jobs.await?.into_iter().flatten().find_map(|job| {
            serde_json::from_str::<Payload>(&job.payload).ok()?.told_of?.parse().ok()
        });
        let Some(id) = told_of else { return Ok(None) };
        Ok(Some(self.standings(id).await?.payment))
    }
}

/// The job that asks for this dispute on that day.
fn name_of((provider, account): Till, name: &str, day: i64) -> JobId {
    let account = account.map(|account| account.to_string()).unwrap_or_default();
    JobId(event_id(&["dispute again", provider, &account, name, &day.to_string()]))
}
