//! Once a day the provider's list is compared with ours. What is repaired by asking is repaired; what
//! is not becomes a matter in the inbox. The window is seven days: banks authorise that late.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::listing::{ListRequest, Listed};
use vacancy_connect::payments::order::LookUp;
use vacancy_connect::payments::standing::Standing;
use vacancy_connect::payments::{Provider, Truth};
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::{JobId, PaymentAccountId, PaymentId, WorkItemId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{Payment, PaymentState};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::Reservation;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::watch::{self, Cursor};
use vacancy_store::jobs::{self as stored_jobs, Job, NewJob};
use vacancy_store::payment_accounts;
use vacancy_store::payments as stored;
use vacancy_store::work_items::{self, NewWorkItem, WorkKind};

use super::follow::FOLLOW_JOB;
use super::inbox::About;
use super::look_back::LOOK_BACK_JOB;
use super::settle::again;
use super::surplus::SURPLUS_JOB;
use super::{Payments, Standings};
use crate::access::Actor;
use crate::desk::command::Command;
use crate::desk::due::{ASKED_REFUND_JOB, REFUND_JOB, REST_JOB, SETTLE_JOB};
use crate::errors::Error;
use crate::jobs::{JobError, parked};

/// Compares the lists of all providers with ours.
pub const COMPARE_JOB: &str = "compare_payments";
/// How long one comparison may take; each page of each provider is a call.
pub const COMPARE_DEADLINE: Duration = Duration::from_secs(10 * 60);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How far back the list goes: payments turn good up to five days later.
const WINDOW_MS: i64 = 7 * DAY_MS;
/// What is younger is still being paid.
const FRESH_MS: i64 = 5 * 60 * 1000;
/// The ids of these jobs: one for each day, so that no day has two.
const DAY_JOBS: u128 = 0x7061_795f_636f_6d70_0000_0000_0000_0000;
/// An order may be opened so much later than its payment was begun: it may not be in the list yet.
const UNLISTED_MS: i64 = 60 * 60 * 1000;
/// Payments of ours that are read at once.
const PAYMENTS_READ: i64 = 1_000;
/// Accounts that are read at once.
const ACCOUNTS_READ: i64 = 100;
const DIFFERENCES: &str = "vacancy_payment_differences_total";

/// Who may have money of ours, and by which account.
type Till = (Option<PaymentAccountId>, Arc<dyn Provider>);

impl Payments {
    /// Makes sure that today has its comparison: for the start. The comparison itself sees to the next
    /// day's.
    pub async fn begin_comparing(&self) -> Result<(), Error> {
        metrics::describe_counter!(DIFFERENCES, "Differences between a provider's list and ours.");
        let now_ms = self.now_ms().await?;
        Ok(self.compare_on(now_ms.div_euclid(DAY_MS), 0).await?)
    }

    async fn compare_on(&self, day: i64, due_in_ms: i64) -> Result<(), Fault> {
        let job = NewJob {
            id: JobId(DAY_JOBS | u128::from(day.unsigned_abs())),
            kind: COMPARE_JOB,
            property: None,
            subject: format!("day {day}"),
            payload: "{}".to_owned(),
            due_in_ms,
        };
        let add = self.bookings.db.write(move |tx| {
            let job = job.clone();
            Box::pin(async move { stored_jobs::add_once(tx, tx.now_ms().await?, job).await })
        });
        add.await.map(|_| ())
    }

    pub(super) fn run_compare(self, _job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let now_ms = self.now_ms().await.map_err(again)?;
            // Whatever comes of this day's, the next one has its own.
            self.compare_on(now_ms.div_euclid(DAY_MS) + 1, DAY_MS - now_ms.rem_euclid(DAY_MS))
                .await?;
            self.take_up_given_up().await?;
            let mut failed = Vec::new();
            for (account, provider) in self.everybody().await.map_err(again)? {
                let name = provider.abilities().name;
                if let Err(error) = self.compare(&provider, account, now_ms).await {
                    failed.push(format!("{name}: {error}"));
                }
            }
            if let Err(error) = self.follow_disputes().await {
                failed.push(format!("disputes: {error}"));
            }
            if failed.is_empty() { Ok(()) } else { Err(JobError::retry(failed.join("; "))) }
        })
    }

    /// What was given up while a provider was away is tried again, once a day.
    async fn take_up_given_up(&self) -> Result<(), Fault> {
        const OF_MONEY: [&str; 7] = [
            REFUND_JOB,
            ASKED_REFUND_JOB,
            SETTLE_JOB,
            REST_JOB,
            SURPLUS_JOB,
            LOOK_BACK_JOB,
            FOLLOW_JOB,
        ];
        let mut after = Cursor::START;
        loop {
            let (jobs, reached) =
                parked::list(&self.bookings.db, after, parked::PAGE_JOBS_MAX).await?;
            if jobs.is_empty() {
                return Ok(());
            }
            after = reached;
            for job in jobs.iter().filter(|job| OF_MONEY.contains(&job.kind.as_str())) {
                parked::retry(&self.bookings.db, job.id).await?;
            }
        }
    }

    /// Whoever may have money of ours: the installation's providers and every account of a business,
    /// also those that take no new orders.
    async fn everybody(&self) -> Result<Vec<Till>, Error> {
        let mut tills: Vec<Till> =
            self.providers.all().map(|provider| (None, Arc::clone(provider))).collect();
        let mut after = PaymentAccountId(0);
        loop {
            let page = self.bookings.db.read(move |tx| {
                Box::pin(async move { payment_accounts::list(tx, after, ACCOUNTS_READ).await })
            });
            let page = page.await?;
            let Some(last) = page.last() else { return Ok(tills) };
            after = last.id;
            for account in &page {
                match self.accounts.open(account) {
                    Ok(till) => tills.push((Some(account.id), till.provider)),
                    Err(fault) => {
                        let id = account.id;
                        tracing::warn!(payment.account = %id, "compare account {id}: {fault}");
                    }
                }
            }
        }
    }

    async fn compare(
        &self,
        provider: &Arc<dyn Provider>,
        account: Option<PaymentAccountId>,
        now_ms: i64,
    ) -> Result<(), Error> {
        match provider.abilities().truth {
            Truth::OurRecord => return Ok(()),
            Truth::Provider => {}
        }
        let (from_ms, until_ms) = (now_ms - WINDOW_MS, now_ms - FRESH_MS);
        let (mut after, mut listed_ids) = (None, BTreeSet::new());
        loop {
            let request = ListRequest { from_ms, until_ms, after, now_ms };
            let page = provider.list(&request).await.map_err(|failure| {
                tracing::warn!(error = %failure, "list the orders of a provider: {failure}");
                Error::OutcomeUnknown
            })?;
            for listed in page.orders {
                listed_ids.insert(listed.payment_id);
                self.compare_one(provider.as_ref(), account, listed).await?;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let until_ms = until_ms - UNLISTED_MS;
        self.look_for_unlisted(provider.as_ref(), account, (from_ms, until_ms), &listed_ids)
            .await?;
        let window = ListRequest { from_ms, until_ms: now_ms, after: None, now_ms };
        self.compare_disputes(provider, account, &window).await
    }

    /// Asks for what we booked and the list has not.
    async fn look_for_unlisted(
        &self,
        provider: &dyn Provider,
        account: Option<PaymentAccountId>,
        span_ms: (i64, i64),
        listed_ids: &BTreeSet<PaymentId>,
    ) -> Result<(), Error> {
        let name = provider.abilities().name;
        let mut after = (i64::MIN, PaymentId(0));
        loop {
            let page = self.bookings.db.read(move |tx| {
                Box::pin(async move {
                    stored::taken_between(tx, name, span_ms, after, PAYMENTS_READ).await
                })
            });
            let page = page.await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = (last.created_at_ms, last.id);
            for payment in &page {
                if payment.account == account && !listed_ids.contains(&payment.id) {
                    self.look_closer(provider, payment).await?;
                }
            }
        }
    }

    async fn compare_one(
        &self,
        provider: &dyn Provider,
        account: Option<PaymentAccountId>,
        listed: Listed,
    ) -> Result<(), Error> {
        let name = provider.abilities().name;
        let Listed { payment_id: id, checkout_url, standing } = listed;
        let found =
            self.bookings.db.read(move |tx| Box::pin(async move { stored::by_id(tx, id).await }));
        let Some(payment) = found.await? else {
            if has_money(&standing) {
                self.tell_of_stray(provider, account, id, &standing).await?;
            }
            return Ok(());
        };
        if payment.provider != name || payment.account != account {
            // Two of our accounts are one at the provider: this payment is compared with the other.
            return Ok(());
        }
        if payment.provider_order_id.is_empty() {
            return self.adopt(&payment, standing, checkout_url).await;
        }
        if payment.provider_order_id != standing.provider_order_id {
            if has_money(&standing) {
                let order = standing.provider_order_id;
                let told = format!("order {order} has money, too");
                let kind = WorkKind::PaymentElsewhere;
                let about = About { order: Some(order), ..About::default() };
                self.differ(&payment, kind, &told, about).await?;
            }
            return Ok(());
        }
        for surplus in &standing.surplus {
            self.return_later(&payment, surplus).await?;
            self.tell_of_surplus(provider, &payment, surplus).await?;
        }
        if agrees(&payment, &standing) {
            Ok(())
        } else {
            self.look_closer(provider, &payment).await
        }
    }

    /// An order whose name we never heard is ours by the id that it carries. Its guest may still pay it.
    async fn adopt(
        &self,
        payment: &Payment,
        standing: Standing,
        checkout_url: Option<String>,
    ) -> Result<(), Error> {
        let reservation = self.reservation_of(payment).await?;
        let command = Command::NamePayment {
            hold: reservation.hold,
            payment: payment.id,
            order_id: standing.provider_order_id,
            checkout_url: checkout_url.unwrap_or_default(),
        };
        self.bookings.order(&Actor::System, reservation.property, command).await?;
        let payment = self.standings(payment.id).await?.payment;
        self.ask_or_park(&payment).await
    }

    async fn ask_or_park(&self, payment: &Payment) -> Result<(), Error> {
        match self.ask(payment, None).await {
            Ok(_) | Err(Error::Refused(Refusal::Mismatch { .. })) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A list is older than its answer: before anybody is told, the provider is asked about this one,
    /// and our row must not have moved meanwhile.
    pub(super) async fn look_closer(
        &self,
        provider: &dyn Provider,
        payment: &Payment,
    ) -> Result<(), Error> {
        if payment.state != PaymentState::Succeeded {
            self.count(&payment.provider, "repaired");
            return self.ask_or_park(payment).await;
        }
        let payment = self.standings(payment.id).await?.payment;
        let now_ms = self.now_ms().await?;
        let look_up = LookUp { payment: payment.clone(), claim: None, now_ms };
        let standing = match provider.look_up(&look_up).await {
            Ok(standing) => Some(standing),
            Err(Failure::Refused { code: Code::UnknownOrder }) => None,
            // The next comparison asks again.
            Err(_) => return Ok(()),
        };
        let subject = payment.reservation.to_string();
        let refund = self.bookings.db.read(move |tx| {
            let subject = subject.clone();
            Box::pin(async move { watch::open_refund(tx, &subject, Cursor::END).await })
        });
        let is_under_way = refund.await?.is_some();
        let Standings { payment: after, .. } = self.standings(payment.id).await?;
        if is_under_way || after.version != payment.version {
            return Ok(());
        }
        let Some(standing) = standing else {
            let told = "we booked money of an order that the provider does not have";
            return self.differ(&payment, WorkKind::PaymentMissing, told, About::default()).await;
        };
        if agrees(&payment, &standing) {
            return Ok(());
        }
        let (ours, theirs) = (payment.refunded_minor, standing.refunded_minor);
        let currency = payment.amount.currency;
        if standing.state != PaymentState::Succeeded
            || standing.captured_minor != payment.captured_minor
        {
            let told = "we booked money that the provider does not have";
            self.differ(&payment, WorkKind::PaymentMissing, told, About::default()).await
        } else if ours < theirs {
            let more = Money::new(theirs - ours, currency);
            let told = format!("{more} went back at the provider and not here");
            self.differ(&payment, WorkKind::RefundElsewhere, &told, About::default()).await
        } else if guards::is_off(Guard::CameBack) {
            Ok(())
        } else {
            let less = Money::new(ours - theirs, currency);
            let told = format!("{less} went back here and not at the provider");
            self.differ(&payment, WorkKind::RefundMissing, &told, About::default()).await
        }
    }

    pub(super) async fn differ(
        &self,
        payment: &Payment,
        kind: WorkKind,
        told: &str,
        about: About,
    ) -> Result<(), Error> {
        self.count(&payment.provider, kind.word());
        let Reservation { property, code, id, .. } = self.reservation_of(payment).await?;
        let about = About {
            reservation: Some(id.to_string()),
            payment: Some(payment.id.to_string()),
            ..about
        };
        self.file_unless_dismissed(NewWorkItem {
            property,
            id: WorkItemId(self.bookings.ids.next_id()),
            kind,
            subject: payment.id.to_string(),
            detail: format!("reservation {code}, {}: {told}", payment.provider),
            data: about.to_text(),
        })
        .await
    }

    /// What somebody has looked at and left stays left, while it is the same.
    pub(super) async fn file_unless_dismissed(&self, item: NewWorkItem) -> Result<(), Error> {
        let asked = item.clone();
        let dismissed = self.bookings.db.read(move |tx| {
            let asked = asked.clone();
            Box::pin(async move { work_items::is_dismissed(tx, &asked).await })
        });
        if dismissed.await? { Ok(()) } else { self.file(item).await }
    }

    pub(super) fn count(&self, provider: &str, kind: &'static str) {
        metrics::counter!(DIFFERENCES, "provider" => provider.to_owned(), "kind" => kind)
            .increment(1);
    }
}

/// Whether the provider has, or may take, money that did not go back.
fn has_money(standing: &Standing) -> bool {
    match standing.state {
        PaymentState::Authorized => true,
        PaymentState::Succeeded => standing.refunded_minor < standing.captured_minor,
        PaymentState::Created
        | PaymentState::Pending
        | PaymentState::Failed
        | PaymentState::Canceled => false,
    }
}

/// Whether our row has the money that the provider has. What brought none is left to the jobs that
/// follow it.
fn agrees(payment: &Payment, standing: &Standing) -> bool {
    if payment.state != PaymentState::Succeeded {
        return !has_money(standing);
    }
    standing.state == PaymentState::Succeeded
        && standing.captured_minor == payment.captured_minor
        && standing.refunded_minor == payment.refunded_minor
}
