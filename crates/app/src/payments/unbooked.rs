//! Disputes that stand in no book: of other money than was paid, of a payment that came twice and goes
//! back, of one that is not in this store. People hear of them all the same, until the bank has decided.

use serde::{Deserialize, Serialize};
use vacancy_connect::payments::disputes::Disputed;
use vacancy_domain::disputes;
use vacancy_domain::ids::{JobId, PaymentAccountId, PaymentId, PropertyId, WorkItemId};
use vacancy_domain::payments::Payment;
use vacancy_domain::stays::Day;
use vacancy_store::jobs::{NewJob, watch};
use vacancy_store::work_items::{NewWorkItem, Over, WorkKind};

use super::Payments;
use super::compare::DAY_MS;
use super::disputes::{DISPUTE_JOB, Payload, as_kept};
use super::inbox::About;
use super::jobs::event_id;
use crate::desk::due::{in_words, kind_of, over_by};
use crate::errors::Error;

/// No bank takes longer to decide.
pub(super) const FOLLOWED_MS_MAX: i64 = 180 * DAY_MS;
/// As a difference that is counted.
const DISPUTE_UNKNOWN: &str = "dispute_unknown";

/// Who says so, by which account.
pub(super) type Source = (&'static str, Option<PaymentAccountId>);

/// What people were told of a dispute, as the job remembers that asks for it each day.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Notice {
    /// In whose inbox it is.
    property: String,
    /// The payment of ours that was named with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment: Option<String>,
}

impl Payments {
    /// Puts a dispute of this payment before people though it is not booked, and says why.
    pub(super) async fn tell_unbooked(
        &self,
        source: Source,
        payment: &Payment,
        disputed: &Disputed,
        notice: Option<&Notice>,
        why: &str,
    ) -> Result<(), Error> {
        let (provider, account) = source;
        self.count(provider, WorkKind::DisputeOpened.word());
        let reservation = self.reservation_of(payment).await?;
        let about = About {
            reservation: Some(reservation.id.to_string()),
            payment: Some(payment.id.to_string()),
            due_by_ms: disputed.due_by_ms,
            ..About::default()
        };
        if disputed.status.is_end() {
            let name = &disputed.provider_dispute_id;
            self.end_notice(account, name, notice).await?;
            // It was the subject once.
            let (kind, subject) = (WorkKind::DisputeOpened, payment.id.to_string());
            self.end_matter(reservation.property, kind, &subject).await?;
        }
        let whose = format!("reservation {}, {provider}", reservation.code);
        self.tell_dispute(source, reservation.property, about, disputed, &whose, why).await
    }

    /// The same for a payment that is not in this store. Where nobody knows which business it is of, the log
    /// has it.
    pub(super) async fn tell_of_stranger(
        &self,
        source: Source,
        disputed: &Disputed,
        notice: Option<&Notice>,
    ) -> Result<(), Error> {
        let (provider, account) = source;
        self.count(provider, DISPUTE_UNKNOWN);
        let dispute = &disputed.provider_dispute_id;
        tracing::warn!(provider.dispute = dispute, "{provider}'s {dispute} is of no payment here");
        let told_at = self.told_at(account, notice).await?;
        let Some(property) = told_at.first().copied() else { return Ok(()) };
        let about = About { due_by_ms: disputed.due_by_ms, ..About::default() };
        let why = "of a payment that is not in this store: another installation uses the same account, \
                   it was restored from an older copy, or the payment came twice and went back long ago";
        self.tell_dispute(source, property, about, disputed, provider, why).await
    }

    /// What the provider says of such a dispute is the matter; an end ends it. It is asked for again each day.
    async fn tell_dispute(
        &self,
        source: Source,
        property: PropertyId,
        about: About,
        disputed: &Disputed,
        whose: &str,
        why: &str,
    ) -> Result<(), Error> {
        let now_ms = self.now_ms().await?;
        let (name, told) = (&disputed.provider_dispute_id, as_kept(disputed, now_ms));
        if !told.status.is_end() && now_ms - disputed.opened_at_ms < FOLLOWED_MS_MAX {
            let notice = Notice { property: property.to_string(), payment: about.payment.clone() };
            self.ask_tomorrow(source, name, notice, now_ms).await?;
        }
        self.end_matters(over_by(&told, property, name).collect()).await?;
        let Some(alarm) = disputes::alarm(None, &told) else { return Ok(()) };
        let what = in_words(told.funds, told.amount, &told.reason);
        let due_by_ms = told.due_by_ms.filter(|_| !told.status.is_end());
        // With another day it is another matter than the one that people have left.
        let until = due_by_ms.map_or_else(String::new, |at_ms| {
            format!("; evidence until {} UTC", Day(at_ms.div_euclid(DAY_MS)))
        });
        self.file_anew(NewWorkItem {
            property,
            id: WorkItemId(self.bookings.ids.next_id()),
            kind: kind_of(alarm),
            subject: name.clone(),
            detail: format!("{whose}, {name}: {what}, {why}{until}"),
            data: about.to_text(),
        })
        .await
    }

    /// Puts before people that there is a dispute of which the provider's key may read nothing, unless they
    /// know more of it.
    pub(super) async fn tell_unreadable(
        &self,
        (provider, account): Source,
        name: &str,
        notice: Option<&Notice>,
    ) -> Result<(), Error> {
        let told_at = self.told_at(account, notice).await?;
        let Some(property) = told_at.first().copied() else { return Ok(()) };
        self.file_unless_dismissed(NewWorkItem {
            property,
            id: WorkItemId(self.bookings.ids.next_id()),
            kind: WorkKind::DisputeOpened,
            subject: name.to_owned(),
            detail: format!(
                "{provider}, {name}: a guest's bank disputes a payment, and our key may not read disputes: \
                 permit it that, and look at the dispute in the provider's dashboard"
            ),
            data: About::default().to_text(),
        })
        .await
    }

    /// Nothing more will be heard of this dispute: what is open under its name is over.
    pub(super) async fn end_notice(
        &self,
        account: Option<PaymentAccountId>,
        name: &str,
        notice: Option<&Notice>,
    ) -> Result<(), Error> {
        let told_at = self.told_at(account, notice).await?.into_iter();
        let (kind, subject) = (WorkKind::DisputeOpened, name.to_owned());
        let over = told_at.map(|property| Over { property, kind, subject: subject.clone() });
        self.end_matters(over.collect()).await
    }

    /// In whose inbox a dispute of no payment of ours is, or may be: where it was told before, and where it
    /// would be now.
    pub(super) async fn told_at(
        &self,
        account: Option<PaymentAccountId>,
        notice: Option<&Notice>,
    ) -> Result<Vec<PropertyId>, Error> {
        let before = notice.and_then(|notice| notice.property.parse().ok());
        Ok(before.into_iter().chain(self.whose(account).await?).collect())
    }

    /// The payment of ours that people were told of with it.
    pub(super) async fn named_with(
        &self,
        notice: Option<&Notice>,
    ) -> Result<Option<Payment>, Error> {
        let id: Option<PaymentId> = notice.and_then(|notice| notice.payment.as_ref()?.parse().ok());
        let Some(id) = id else { return Ok(None) };
        match self.standings(id).await {
            Err(Error::NotFound) => Ok(None),
            found => Ok(Some(found?.payment)),
        }
    }

    /// Once a day, however often it is heard of.
    async fn ask_tomorrow(
        &self,
        source: Source,
        name: &str,
        notice: Notice,
        now_ms: i64,
    ) -> Result<(), Error> {
        let (provider, account) = source;
        let payload = Payload {
            provider: provider.to_owned(),
            account: account.map(|account| account.to_string()),
            dispute: name.to_owned(),
            told_of: Some(notice),
        };
        let job = NewJob {
            id: name_of(source, name, now_ms.div_euclid(DAY_MS) + 1),
            kind: DISPUTE_JOB,
            property: None,
            subject: name.to_owned(),
            payload: serde_json::to_string(&payload).expect("plain fields have a text"),
            due_in_ms: DAY_MS,
        };
        Ok(self.add_once(job).await.map(|_| ())?)
    }

    /// What people were told of this dispute, as the job remembers that asks tomorrow, or asked today or
    /// late.
    pub(super) async fn remembered(
        &self,
        source: Source,
        name: &str,
    ) -> Result<Option<Notice>, Error> {
        let today = self.now_ms().await?.div_euclid(DAY_MS);
        let ids = [today + 1, today, today - 1].map(|day| name_of(source, name, day));
        let told_of = self.bookings.db.read(move |tx| {
            Box::pin(async move {
                for id in ids {
                    let payload = watch::by_id(tx, id).await?.map(|job| job.payload);
                    let payload = payload.and_then(|text| serde_json::from_str(&text).ok());
                    if let Some(Payload { told_of: Some(notice), .. }) = payload {
                        return Ok(Some(notice));
                    }
                }
                Ok(None)
            })
        });
        Ok(told_of.await?)
    }
}

/// The job that asks for this dispute on that day.
fn name_of((provider, account): Source, name: &str, day: i64) -> JobId {
    let account = account.map(|account| account.to_string()).unwrap_or_default();
    JobId(event_id(&["dispute again", provider, &account, name, &day.to_string()]))
}
