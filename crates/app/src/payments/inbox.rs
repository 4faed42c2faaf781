//! The inbox of a business: payments, refunds and what a provider says of them that somebody has to
//! settle. Each kind of matter has its resolutions, one step each: it talks to the provider first and
//! closes the matter then, so that a step that was cut short is taken again and nothing twice.

use serde::{Deserialize, Serialize};
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::order::{LookUp, RefundRequest, VoidRequest};
use vacancy_connect::payments::standing::{RefundState, Standing};
use vacancy_domain::access::Action;
use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::{BusinessId, JobId, PaymentId, RefundId, WorkItemId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{Payment, PaymentState};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::money::GivenBack;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::{self as stored_jobs, NewJob, watch};
use vacancy_store::work_items::{self, Cursor, Filed, Settlement, WorkItem, WorkKind};

use super::jobs::done_again;
use super::matters::revision;
use super::stray::Stray;
use super::surplus::SURPLUS_JOB;
use super::{Payments, failed_refunds};
use crate::access::{Actor, On};
use crate::cursors::{Page, Position, page_limit};
use crate::desk::command::Command;
use crate::desk::due::{ASKED_REFUND_JOB, REFUND_JOB, REST_JOB};
use crate::desk::news;
use crate::errors::{Error, RETRY_AFTER_MS};
use crate::jobs::parked;

const LIST: u8 = b'i';

/// What somebody can do about a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Try again what failed, or ask the provider again.
    Retry,
    /// Give the money back at the provider.
    Refund,
    /// Book what the provider did.
    Accept,
    /// It has been seen to elsewhere; nothing is done here.
    Dismiss,
}

impl Resolution {
    pub const ALL: [Resolution; 4] =
        [Resolution::Retry, Resolution::Refund, Resolution::Accept, Resolution::Dismiss];

    /// The word in the store and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Resolution::Retry => "retry",
            Resolution::Refund => "refund",
            Resolution::Accept => "accept",
            Resolution::Dismiss => "dismiss",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Resolution> {
        Resolution::ALL.into_iter().find(|known| known.word() == word)
    }

    /// What makes sense for this kind of matter.
    #[must_use]
    pub fn of(kind: WorkKind) -> &'static [Resolution] {
        match kind {
            // No matter of a payment.
            WorkKind::Oversold => &[],
            WorkKind::PaymentUnsettled
            | WorkKind::RestUnpaid
            | WorkKind::RefundFailed
            | WorkKind::PaymentMissing
            | WorkKind::PaidTwice => &[Resolution::Retry, Resolution::Dismiss],
            WorkKind::PaymentElsewhere | WorkKind::PaymentUnknown | WorkKind::RefundMissing => {
                &[Resolution::Refund, Resolution::Dismiss]
            }
            // The evidence goes to the provider, in its dashboard.
            WorkKind::DisputeOpened | WorkKind::DisputeLost => &[Resolution::Dismiss],
            WorkKind::RefundElsewhere => &[Resolution::Accept, Resolution::Dismiss],
            WorkKind::PaymentMismatch => {
                &[Resolution::Refund, Resolution::Retry, Resolution::Dismiss]
            }
        }
    }
}

/// What a matter carries for its resolutions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct About {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// The provider's order, where it is not the one of our payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Until when a provider takes evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_by_ms: Option<i64>,
    /// The job whose refund failed: its kind and payload, to be done again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<(String, String)>,
    /// A payment that is not in this store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stray: Option<Stray>,
}

impl About {
    /// As it stands in the store.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("plain fields have a text")
    }

    #[must_use]
    pub fn of(item: &WorkItem) -> About {
        serde_json::from_str(&item.data).unwrap_or_default()
    }
}

impl Payments {
    /// Matters of a business, the oldest first.
    pub async fn inbox(
        &self,
        actor: &Actor,
        business: BusinessId,
        filed: Filed,
        cursor: Option<&str>,
        limit: Option<i64>,
    ) -> Result<Page<WorkItem>, Error> {
        actor.may(Action::ReadReservations, On::Business(business))?;
        let limit = page_limit(limit)?;
        let after = match Position::parse(LIST, cursor)? {
            Some(at) => Cursor { created_at_ms: at.key, id: WorkItemId(at.id) },
            None => Cursor::START,
        };
        let rows = self.bookings.db.read(move |tx| {
            Box::pin(
                async move { work_items::of_business(tx, business, filed, after, limit + 1).await },
            )
        });
        let position =
            |item: &WorkItem| Position { list: LIST, key: item.created_at_ms, id: item.id.0 };
        Ok(Page::cut(rows.await?, limit, position))
    }

    /// Settles a matter in one step. The same step again finds it settled. `seen` is the [`revision`] that
    /// somebody decided by: a matter that says something else by now stays as it is.
    pub async fn resolve(
        &self,
        actor: &Actor,
        id: WorkItemId,
        resolution: Resolution,
        note: &str,
        seen: Option<&str>,
    ) -> Result<WorkItem, Error> {
        let item = self.matter(actor, id).await?;
        if item.settled_at_ms.is_some() {
            let is_same = item.settlement.resolution == resolution.word();
            return if is_same { Ok(item) } else { Err(settled_otherwise(&item, resolution)) };
        }
        if !Resolution::of(item.kind).contains(&resolution) {
            let detail = format!("a matter of kind {} has no such step", item.kind.word());
            return Err(Error::invalid("/resolution", "not_applicable", detail));
        }
        if seen.is_some_and(|seen| seen != revision(&item)) {
            return Err(Error::MatterChanged(Box::new(item)));
        }
        match resolution {
            Resolution::Dismiss => self.let_go(&item).await?,
            Resolution::Refund => self.give_back_unbooked(&item).await?,
            Resolution::Retry => self.retry(&item).await?,
            Resolution::Accept => self.book_refund(actor, &item).await?,
        }
        let settlement = Settlement {
            resolution: resolution.word().to_owned(),
            note: note.to_owned(),
            settled_by: actor.label(),
        };
        // What a provider was told is done, whatever the matter says by now; a look at it alone is not.
        let is_as_seen = seen.is_some() && resolution == Resolution::Dismiss;
        self.close(&item, &settlement, is_as_seen).await?;
        let now = self.matter(actor, id).await?;
        if now.settled_at_ms.is_none() { Err(Error::MatterChanged(Box::new(now))) } else { Ok(now) }
    }

    async fn matter(&self, actor: &Actor, id: WorkItemId) -> Result<WorkItem, Error> {
        if *actor == Actor::Anonymous {
            return Err(Error::Unauthorized);
        }
        let found = self
            .bookings
            .db
            .read(move |tx| Box::pin(async move { work_items::by_id(tx, id).await }));
        let (item, business) = found.await?.ok_or(Error::NotFound)?;
        actor.may(Action::RefundPayments, On::Business(business))?;
        if item.kind.is_about_money() { Ok(item) } else { Err(Error::NotFound) }
    }

    /// Closes the matter, adds the job that goes on with it, and tells, all at once. Whoever was
    /// quicker has closed it for us, and one that had to be `as_seen` and is not stays open.
    async fn close(
        &self,
        item: &WorkItem,
        settlement: &Settlement,
        is_as_seen: bool,
    ) -> Result<(), Error> {
        let job =
            (settlement.resolution == Resolution::Retry.word()).then(|| self.again(item)).flatten();
        let (property, id, item) = (item.property, item.id, item.clone());
        let settlement = settlement.clone();
        let close = self.bookings.db.write(move |tx| {
            let (settlement, mut job, item) = (settlement.clone(), job.clone(), item.clone());
            Box::pin(async move {
                if job.is_some() {
                    let Some(goes_on) = failed_refunds::goes_on(tx, &item).await? else {
                        return Ok(Err(Error::Busy { retry_after_ms: RETRY_AFTER_MS }));
                    };
                    job = job.filter(|_| !goes_on);
                }
                let is_ours = match is_as_seen {
                    true => work_items::settle_as_seen(tx, &item, &settlement).await?,
                    false => work_items::settle(tx, property, id, &settlement).await?,
                };
                if !is_ours {
                    return Ok(Ok(()));
                }
                let now_ms = tx.now_ms().await?;
                stored_jobs::add(tx, now_ms, job.as_slice()).await?;
                news::tell_settled(tx, property, id).await.map(Ok)
            })
        });
        close.await?
    }

    /// The job of a refund that failed, once more: under a new id, for the old one is spent.
    fn again(&self, item: &WorkItem) -> Option<NewJob> {
        let About { reservation, payment, job, .. } = About::of(item);
        let (kind, payload, reservation) = match (job, item.kind) {
            (Some((kind, payload)), _) => (kind, payload, reservation),
            (None, WorkKind::RestUnpaid) => {
                (REST_JOB.to_owned(), "{}".to_owned(), Some(item.subject.clone()))
            }
            (None, _) => return None,
        };
        let kinds = [REFUND_JOB, ASKED_REFUND_JOB, SURPLUS_JOB, REST_JOB];
        let kind = kinds.into_iter().find(|known| *known == kind)?;
        let subject = if kind == SURPLUS_JOB { payment } else { reservation };
        let failed = item.subject.parse().ok().filter(|_| item.kind == WorkKind::RefundFailed);
        Some(NewJob {
            id: failed.map_or_else(|| JobId(self.bookings.ids.next_id()), done_again),
            kind,
            property: Some(item.property),
            subject: subject?,
            payload,
            due_in_ms: 0,
        })
    }

    async fn retry(&self, item: &WorkItem) -> Result<(), Error> {
        match item.kind {
            WorkKind::PaymentUnsettled => {
                let named = About::of(item).reservation.unwrap_or_else(|| item.subject.clone());
                let reservation = named.parse().map_err(|_| no_subject())?;
                self.end_all(reservation).await.map_err(|_| Error::OutcomeUnknown)?;
                // A refund that is late may have been given up: its job is what the matter is about.
                match item.subject.parse() {
                    Ok(job) => Ok(parked::retry(&self.bookings.db, job).await.map(|_| ())?),
                    Err(_) => Ok(()),
                }
            }
            WorkKind::PaymentMismatch => self.ask_for_certain(&self.payment_of(item).await?).await,
            WorkKind::PaymentMissing => {
                let (payment, standing) = self.both(item).await?;
                if standing.captured_minor == payment.captured_minor {
                    return Ok(());
                }
                let told = "the provider still does not have that money";
                Err(Error::invalid("/resolution", "provider_refused", told))
            }
            // A job does it; the others know no such step.
            WorkKind::RefundFailed
            | WorkKind::PaidTwice
            | WorkKind::Oversold
            | WorkKind::RestUnpaid
            | WorkKind::DisputeOpened
            | WorkKind::DisputeLost
            | WorkKind::PaymentElsewhere
            | WorkKind::PaymentUnknown
            | WorkKind::RefundElsewhere
            | WorkKind::RefundMissing => Ok(()),
        }
    }

    /// Gives back what the provider has and our books have not, and hears how the payment stands then.
    /// The matter's id names the refund.
    async fn give_back_unbooked(&self, item: &WorkItem) -> Result<(), Error> {
        let (payment, standing) = self.both(item).await?;
        let minor = if item.kind == WorkKind::RefundMissing {
            payment.refunded_minor - standing.refunded_minor
        } else {
            standing.captured_minor - standing.refunded_minor
        };
        if standing.state == PaymentState::Authorized {
            // Nothing was taken yet: it is let go.
            let provider = self.provider_of(&payment).await?;
            let request = VoidRequest { payment: payment.clone(), now_ms: self.now_ms().await? };
            provider.void(&request).await.map_err(|failure| told(&failure))?;
        } else if 0 < minor {
            if 0 < payment.charged_back_minor && item.kind == WorkKind::RefundMissing {
                return Err(Error::Refused(Refusal::PaymentDisputed));
            }
            let provider = self.provider_of(&payment).await?;
            let request = RefundRequest {
                refund_id: RefundId(item.id.0),
                payment: payment.clone(),
                amount: Money::new(minor, standing.amount.currency),
                now_ms: self.now_ms().await?,
            };
            crash_point("provider.refund");
            let refunded = provider.refund(&request).await;
            crash_point("provider.refunded");
            let refund = refunded.map_err(|failure| told(&failure))?;
            if refund.state == RefundState::Failed {
                let told = "the provider's refund failed: make it there, then dismiss the matter";
                return Err(Error::invalid("/resolution", "provider_refused", told));
            }
            if item.kind != WorkKind::PaymentUnknown {
                self.look_back_later(payment.id).await?;
            }
        }
        if item.kind == WorkKind::PaymentMismatch {
            self.ask_for_certain(&payment).await?;
        }
        Ok(())
    }

    /// Books what went back at the provider without us.
    async fn book_refund(&self, actor: &Actor, item: &WorkItem) -> Result<(), Error> {
        let (payment, standing) = self.both(item).await?;
        let subject = payment.reservation.to_string();
        let under_way = self.bookings.db.read(move |tx| {
            let subject = subject.clone();
            Box::pin(async move { watch::open_refund(tx, &subject, watch::Cursor::END).await })
        });
        if under_way.await?.is_some() {
            // Whose it is shows when that one is done.
            return Err(Error::Busy { retry_after_ms: RETRY_AFTER_MS });
        }
        let amount_minor = standing.refunded_minor - payment.refunded_minor;
        if amount_minor < 1 {
            // The same step before may have come no further.
            return self.end_failed_refunds(payment.reservation).await;
        }
        let reservation = self.reservation_of(&payment).await?;
        let back = GivenBack {
            refund: RefundId(item.id.0),
            payment: payment.id,
            amount_minor,
            reason: "made at the provider".to_owned(),
            is_still_due: false,
            provider_refund_id: String::new(),
        };
        let command = Command::RecordRefund { hold: reservation.hold, back };
        self.bookings.order(actor, reservation.property, command).await?;
        self.end_failed_refunds(reservation.id).await
    }

    /// The payment of a matter as our books have it, at the order that the matter is about, and as the
    /// provider has it.
    async fn both(&self, item: &WorkItem) -> Result<(Payment, Standing), Error> {
        let mut payment = self.payment_of(item).await?;
        if let Some(order) = About::of(item).order {
            payment.provider_order_id = order;
        }
        let provider = self.provider_of(&payment).await?;
        let now_ms = self.now_ms().await?;
        let look_up = LookUp { payment: payment.clone(), claim: None, now_ms };
        let standing = provider.look_up(&look_up).await.map_err(|failure| told(&failure))?;
        Ok((payment, standing))
    }

    pub(super) async fn payment_of(&self, item: &WorkItem) -> Result<Payment, Error> {
        let about = About::of(item);
        if let Some(stray) = about.stray {
            return stray.payment().ok_or_else(no_subject);
        }
        let id: PaymentId = about.payment.and_then(|id| id.parse().ok()).ok_or_else(no_subject)?;
        Ok(self.standings(id).await?.payment)
    }
}

fn no_subject() -> Error {
    Error::Fault(Fault::internal("read what a matter is about"))
}

fn settled_otherwise(item: &WorkItem, asked: Resolution) -> Error {
    let settled = Resolution::from_word(&item.settlement.resolution);
    let from = settled.map_or("settled", Resolution::word);
    Error::Refused(Refusal::InvalidTransition { from, action: asked.word() })
}

fn told(failure: &Failure) -> Error {
    tracing::warn!(error = %failure, "resolve a matter: {failure}");
    match failure {
        Failure::Refused { code: Code::KeyRefused } | Failure::Unknown { .. } => {
            Error::OutcomeUnknown
        }
        Failure::Declined | Failure::Refused { .. } => {
            Error::invalid("/resolution", "provider_refused", failure.to_string())
        }
    }
}
