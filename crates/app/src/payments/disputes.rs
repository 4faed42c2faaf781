//! Disputes: what a guest's bank asks about or takes back. An event makes us ask the provider; what it
//! says goes to the desk, which books it, and people hear of it. Once a day the provider's list is
//! gone through, and those whose end is to come are asked for again, since events get lost.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use vacancy_connect::payments::Provider;
use vacancy_connect::payments::disputes::{DisputeLookUp, Disputed};
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::listing::ListRequest;
use vacancy_domain::access::Action;
use vacancy_domain::crash::crash_point;
use vacancy_domain::disputes::{Dispute, News, Told};
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::{BusinessId, DisputeId, PaymentAccountId, PropertyId};
use vacancy_domain::payments::Payment;
use vacancy_domain::refusals::Refusal;
use vacancy_store::disputes::{self as stored, Cursor, Listed};
use vacancy_store::jobs::Job;
use vacancy_store::payments as stored_payments;
use vacancy_store::work_items::{Over, WorkKind};

use super::Payments;
use super::compare::FAILED;
use super::jobs::read;
use super::settle::again;
use super::unbooked::{FOLLOWED_MS_MAX, Notice, Source};
use crate::access::{Actor, On};
use crate::cursors::{Page, Position, page_limit};
use crate::desk::command::Command;
use crate::errors::Error;
use crate::jobs::{JobError, RETRY_MS_MAX};

/// Asks the provider about a dispute, since a webhook spoke of it.
pub const DISPUTE_JOB: &str = "look_up_dispute";

const LIST: u8 = b'd';
/// Attempts at a dispute of a payment that we do not know: its own news may be on the way. After them
/// it is somebody else's money on the same account.
pub(super) const STRANGER_ATTEMPTS: i64 = 5;
/// Accounts of one provider may name payments alike; more than a few do not.
const NAMESAKES_READ: i64 = 20;
/// Disputes without an end that are read at once.
const OPEN_READ: i64 = 100;

/// What the job of a dispute carries.
#[derive(Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) provider: String,
    /// The account whose secrets the event was signed with; none: the installation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    pub(super) dispute: String,
    /// What people were told of it before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) told_of: Option<Notice>,
}

/// What came of a question about a dispute.
enum Heard {
    /// It is booked, or it never will be and people hear of it.
    Told,
    /// It is of no payment of ours; what people were told of it before.
    Stranger(Box<Disputed>, Option<Notice>),
    /// The provider does not know it.
    Unknown,
    /// The provider's key may not read disputes.
    KeyRefused,
}

/// Whose money a dispute is about.
enum Whose {
    Ours(Payment),
    /// It came once more than this one was asked for, and is in no book.
    CameTwice(Payment),
    /// It is of a payment at another account of ours: the two are one at the provider.
    AnotherAccounts,
    Nobodys,
}

impl Payments {
    pub(super) fn run_dispute(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let Err(error) = self.look_up_dispute(&job).await else { return Ok(()) };
            let now_ms = self.now_ms().await.map_err(again)?;
            if now_ms - job.created_at_ms < FOLLOWED_MS_MAX {
                return Err(error);
            }
            // Each day takes it up again, and one day nobody needs the answer any more.
            let dispute = &job.subject;
            tracing::warn!(provider.dispute = dispute, ?error, "{dispute} is asked for no more");
            Ok(())
        })
    }

    async fn look_up_dispute(&self, job: &Job) -> Result<(), JobError> {
        let Payload { provider, account, dispute, told_of } = read(job)?;
        let unreadable = |_| JobError::hopeless("the payload names no account");
        let account: Option<PaymentAccountId> =
            account.map(|id| id.parse()).transpose().map_err(unreadable)?;
        let provider = match self.sender(&provider, account).await {
            // The account is deleted or the provider switched off: there is nobody to ask any more.
            Err(Error::NotFound) => {
                let ended = self.end_notice(account, &dispute, told_of.as_ref()).await;
                return ended.map_err(again);
            }
            found => found.map_err(again)?,
        };
        let name = provider.abilities().name;
        let heard = self.ask_dispute(&provider, account, &dispute, told_of.clone()).await;
        match heard.map_err(again)? {
            Heard::Told => Ok(()),
            Heard::Stranger(..) | Heard::Unknown if job.attempts < STRANGER_ATTEMPTS => {
                Err(JobError::retry("no payment of ours is disputed by this"))
            }
            Heard::Stranger(disputed, notice) => {
                let told = self.tell_of_stranger((name, account), &disputed, notice.as_ref());
                told.await.map_err(again)
            }
            Heard::Unknown => {
                tracing::warn!(provider.dispute = dispute, "{name} does not know {dispute}");
                self.end_notice(account, &dispute, told_of.as_ref()).await.map_err(again)
            }
            Heard::KeyRefused => {
                let told = self.tell_unreadable((name, account), &dispute, told_of.as_ref());
                told.await.map_err(again)?;
                let told = "the key may not read disputes".to_owned();
                Err(JobError::NotYet { told, pause_ms: RETRY_MS_MAX })
            }
        }
    }

    /// Asks how a dispute stands, and books that.
    async fn ask_dispute(
        &self,
        provider: &Arc<dyn Provider>,
        account: Option<PaymentAccountId>,
        name: &str,
        notice: Option<Notice>,
    ) -> Result<Heard, Error> {
        let asked_at_ms = self.now_ms().await?;
        let request = DisputeLookUp { provider_dispute_id: name.to_owned(), now_ms: asked_at_ms };
        crash_point("provider.ask_dispute");
        let answer = provider.dispute(&request).await;
        crash_point("provider.asked_dispute");
        match answer {
            Ok(disputed) => {
                self.hear_dispute(provider, account, disputed, asked_at_ms, notice).await
            }
            Err(Failure::Refused { code: Code::UnknownDispute }) => Ok(Heard::Unknown),
            Err(failure @ Failure::Refused { code: Code::KeyRefused }) => {
                tracing::warn!(provider.dispute = name, error = %failure, "look at {name}: {failure}");
                Ok(Heard::KeyRefused)
            }
            Err(failure) => {
                tracing::warn!(error = %failure, "look at a dispute: {failure}");
                Err(Error::OutcomeUnknown)
            }
        }
    }

    async fn hear_dispute(
        &self,
        provider: &Arc<dyn Provider>,
        account: Option<PaymentAccountId>,
        disputed: Disputed,
        asked_at_ms: i64,
        notice: Option<Notice>,
    ) -> Result<Heard, Error> {
        let source = (provider.abilities().name, account);
        let notice = match notice {
            None => self.remembered(source, &disputed.provider_dispute_id).await?,
            known => known,
        };
        let notice = notice.as_ref();
        let payment = match self.disputed_payment(source, &disputed, notice).await? {
            Whose::Ours(payment) => payment,
            Whose::CameTwice(payment) => {
                let why = "of a payment that came twice, and that is in no book";
                self.tell_unbooked(source, &payment, &disputed, notice, why).await?;
                return Ok(Heard::Told);
            }
            // Asked by that account, it is booked there.
            Whose::AnotherAccounts => return Ok(Heard::Told),
            Whose::Nobodys => return Ok(Heard::Stranger(Box::new(disputed), notice.cloned())),
        };
        let reservation = self.reservation_of(&payment).await?;
        let news = News {
            dispute: DisputeId(self.bookings.ids.next_id()),
            provider_dispute_id: disputed.provider_dispute_id.clone(),
            payment: payment.id,
            opened_at_ms: disputed.opened_at_ms,
            told: as_kept(&disputed, asked_at_ms),
        };
        let command = Command::HearDispute { hold: reservation.hold, news: Box::new(news) };
        match self.bookings.order(&Actor::System, reservation.property, command).await {
            Ok(_) => {}
            // Nothing is booked of other money than ours; people hear of it.
            Err(Error::Refused(Refusal::Mismatch { .. } | Refusal::AmountTooLarge)) => {
                let why = "which is not what was paid";
                self.tell_unbooked(source, &payment, &disputed, notice, why).await?;
                return Ok(Heard::Told);
            }
            Err(error) => return Err(error),
        }
        crash_point("dispute.heard");
        let name = &disputed.provider_dispute_id;
        self.end_riddle(reservation.property, account, name, notice).await?;
        self.end_failed_refunds(reservation.id).await?;
        Ok(Heard::Told)
    }

    /// Whom a provider's payment is of. Whoever answers for one account says nothing about another's money.
    async fn disputed_payment(
        &self,
        (provider, account): Source,
        disputed: &Disputed,
        notice: Option<&Notice>,
    ) -> Result<Whose, Error> {
        let named = disputed.provider_payment_id.clone();
        if named.is_empty() {
            return Ok(Whose::Nobodys);
        }
        let found = self.bookings.db.read(move |tx| {
            let named = named.clone();
            Box::pin(async move {
                stored_payments::by_provider_payment(tx, provider, &named, NAMESAKES_READ).await
            })
        });
        let is_there = |payment: &Payment| payment.account == account;
        let found = found.await?;
        let is_anybodys = !found.is_empty();
        if let Some(ours) = found.into_iter().find(is_there) {
            return Ok(Whose::Ours(ours));
        }
        let mut besides = self.came_besides(provider, &disputed.provider_payment_id).await?;
        if besides.is_none() {
            besides = self.named_with(notice).await?;
        }
        Ok(match besides {
            Some(payment) if is_there(&payment) => Whose::CameTwice(payment),
            Some(_) => Whose::AnotherAccounts,
            None if is_anybodys => Whose::AnotherAccounts,
            None => Whose::Nobodys,
        })
    }

    /// A dispute that is booked is nobody's riddle: what was told of it before its payment was known ends.
    async fn end_riddle(
        &self,
        property: PropertyId,
        account: Option<PaymentAccountId>,
        name: &str,
        notice: Option<&Notice>,
    ) -> Result<(), Error> {
        let told_at = self.told_at(account, notice).await?;
        let kinds = [WorkKind::DisputeOpened, WorkKind::DisputeLost];
        let about = |property| kinds.map(|kind| Over { property, kind, subject: name.to_owned() });
        self.end_matters([property].into_iter().chain(told_at).flat_map(about).collect()).await
    }

    /// Goes through the disputes of a window as the provider lists them. An error about one of them is told
    /// and counted, and the whole is a failure that wants to be repeated.
    pub(super) async fn compare_disputes(
        &self,
        provider: &Arc<dyn Provider>,
        account: Option<PaymentAccountId>,
        window: &ListRequest,
    ) -> Result<(), JobError> {
        let mut request = ListRequest { after: None, ..window.clone() };
        let mut failed_count = 0;
        loop {
            let asked_at_ms = self.now_ms().await.map_err(again)?;
            let page = match provider.disputes(&request).await {
                Ok(page) => page,
                // Asking again does not help. Where the key may not read disputes, the event of one makes
                // a matter that says so.
                Err(failure @ (Failure::Declined | Failure::Refused { .. })) => {
                    tracing::warn!(error = %failure, "list the disputes of a provider: {failure}");
                    return Ok(());
                }
                Err(failure @ Failure::Unknown { .. }) => {
                    tracing::warn!(error = %failure, "list the disputes of a provider: {failure}");
                    return Err(again(Error::OutcomeUnknown));
                }
            };
            for disputed in page.disputes {
                let name = disputed.provider_dispute_id.clone();
                let compared = self.compare_dispute(provider, account, disputed, asked_at_ms).await;
                if let Err(error) = compared {
                    tracing::warn!(provider.dispute = name, %error, "compare {name}: {error}");
                    self.count(provider.abilities().name, FAILED);
                    failed_count += 1;
                }
            }
            match page.next {
                Some(next) => request.after = Some(next),
                None if failed_count == 0 => return Ok(()),
                None => {
                    let told = format!("disputes that could not be compared: {failed_count}");
                    return Err(JobError::retry(told));
                }
            }
        }
    }

    async fn compare_dispute(
        &self,
        provider: &Arc<dyn Provider>,
        account: Option<PaymentAccountId>,
        disputed: Disputed,
        asked_at_ms: i64,
    ) -> Result<(), Error> {
        let source = (provider.abilities().name, account);
        match self.hear_dispute(provider, account, disputed, asked_at_ms, None).await? {
            Heard::Stranger(disputed, notice) => {
                self.tell_of_stranger(source, &disputed, notice.as_ref()).await
            }
            Heard::Told | Heard::Unknown | Heard::KeyRefused => Ok(()),
        }
    }

    /// Asks again for every dispute whose end is to come. What cannot be asked today is asked tomorrow.
    pub(super) async fn follow_disputes(&self) -> Result<(), Error> {
        if guards::is_off(Guard::DisputeFollowed) {
            return Ok(());
        }
        let mut after = DisputeId(0);
        loop {
            let page = self
                .bookings
                .db
                .read(move |tx| Box::pin(async move { stored::open(tx, after, OPEN_READ).await }));
            let page = page.await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for dispute in page {
                if let Err(error) = self.follow_dispute(&dispute).await {
                    let id = dispute.id;
                    tracing::warn!(dispute.id = %id, %error, "follow dispute {id}: {error}");
                }
            }
        }
    }

    async fn follow_dispute(&self, dispute: &Dispute) -> Result<(), Error> {
        let payment = self.standings(dispute.payment).await?.payment;
        let provider = self.provider_of(&payment).await?;
        let name = &dispute.provider_dispute_id;
        self.ask_dispute(&provider, payment.account, name, None).await.map(|_| ())
    }

    /// Disputes of a business, the oldest first; all of them, or by whether they are over.
    pub async fn list_disputes(
        &self,
        actor: &Actor,
        business: BusinessId,
        is_over: Option<bool>,
        cursor: Option<&str>,
        limit: Option<i64>,
    ) -> Result<Page<Listed>, Error> {
        actor.may(Action::ReadReservations, On::Business(business))?;
        let limit = page_limit(limit)?;
        let after = match Position::parse(LIST, cursor)? {
            Some(at) => Cursor { created_at_ms: at.key, id: DisputeId(at.id) },
            None => Cursor::START,
        };
        let rows = self.bookings.db.read(move |tx| {
            Box::pin(
                async move { stored::of_business(tx, business, is_over, after, limit + 1).await },
            )
        });
        let position = |listed: &Listed| Position {
            list: LIST,
            key: listed.dispute.created_at_ms,
            id: listed.dispute.id.0,
        };
        Ok(Page::cut(rows.await?, limit, position))
    }
}

/// What was answered, as it is kept.
pub(super) fn as_kept(disputed: &Disputed, asked_at_ms: i64) -> Told {
    Told {
        amount: disputed.amount,
        reason: disputed.reason.clone(),
        status: disputed.status,
        funds: disputed.funds,
        fee: disputed.fee,
        due_by_ms: disputed.due_by_ms,
        asked_at_ms,
    }
}
