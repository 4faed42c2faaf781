//! A provider's list is compared with ours. What is repaired by asking is repaired; what is not becomes a
//! matter in the inbox. The window is seven days: banks authorise that late. When and for whom, `daily.rs`
//! says.

use std::collections::BTreeSet;
use std::sync::Arc;

use vacancy_connect::payments::Provider;
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::listing::{ListRequest, Listed};
use vacancy_connect::payments::order::LookUp;
use vacancy_connect::payments::standing::Standing;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::{PaymentAccountId, PaymentId, WorkItemId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{Difference, Payment, PaymentState};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::Reservation;
use vacancy_store::jobs::watch::{self, Cursor};
use vacancy_store::payments as stored;
use vacancy_store::work_items::{self, NewWorkItem, WorkKind};

use super::inbox::About;
use super::settle::again;
use super::{Payments, Standings};
use crate::access::Actor;
use crate::desk::command::Command;
use crate::errors::Error;
use crate::jobs::JobError;

pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How far back the list goes: payments turn good up to five days later.
const WINDOW_MS: i64 = 7 * DAY_MS;
/// What is younger is still being paid.
const FRESH_MS: i64 = 5 * 60 * 1000;
/// An order may be opened so much later than its payment was begun: it may not be in the list yet.
const UNLISTED_MS: i64 = 60 * 60 * 1000;
/// Payments of ours that are read at once.
const PAYMENTS_READ: i64 = 1_000;
const DIFFERENCES: &str = "vacancy_payment_differences_total";
/// What became of a difference that is none of the inbox's.
const REPAIRED: &str = "repaired";
pub(super) const FAILED: &str = "failed";

/// For the start: what is counted here.
pub(super) fn describe() {
    metrics::describe_counter!(DIFFERENCES, "Differences between a provider's list and ours.");
}

impl Payments {
    /// Goes through the list of one account to its end. An error about one order is told and counted, and
    /// the whole is a failure that wants to be repeated.
    pub(super) async fn compare(
        &self,
        provider: &Arc<dyn Provider>,
        account: Option<PaymentAccountId>,
        now_ms: i64,
    ) -> Result<(), JobError> {
        let (from_ms, until_ms) = (now_ms - WINDOW_MS, now_ms - FRESH_MS);
        let (mut after, mut listed_ids, mut failed_count) = (None, BTreeSet::new(), 0);
        loop {
            let request = ListRequest { from_ms, until_ms, after, now_ms };
            let page = provider.list(&request).await.map_err(|failure| {
                JobError::retry(format!("list the orders of a provider: {failure}"))
            })?;
            for listed in page.orders {
                let id = listed.payment_id;
                listed_ids.insert(id);
                let compared = self.compare_one(provider.as_ref(), account, listed).await;
                failed_count += self.told_failed(provider.as_ref(), id, compared);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let span_ms = (from_ms, until_ms - UNLISTED_MS);
        let unlisted =
            self.look_for_unlisted(provider.as_ref(), account, span_ms, &listed_ids).await;
        failed_count += unlisted.map_err(again)?;
        let window = ListRequest { from_ms, until_ms: now_ms, after: None, now_ms };
        let disputes = self.compare_disputes(provider, account, &window).await;
        match failed_count {
            0 => disputes,
            count => Err(JobError::retry(format!("orders that could not be compared: {count}"))),
        }
    }

    /// How many failed: none or one.
    fn told_failed(
        &self,
        provider: &dyn Provider,
        payment: PaymentId,
        compared: Result<(), Error>,
    ) -> usize {
        let Err(error) = compared else { return 0 };
        tracing::warn!(payment.id = %payment, %error, "compare a payment: {error}");
        self.count(provider.abilities().name, FAILED);
        1
    }

    /// Asks for what we booked and the list has not; gives how many could not be asked for.
    async fn look_for_unlisted(
        &self,
        provider: &dyn Provider,
        account: Option<PaymentAccountId>,
        span_ms: (i64, i64),
        listed_ids: &BTreeSet<PaymentId>,
    ) -> Result<usize, Error> {
        let name = provider.abilities().name;
        let (mut after, mut failed_count) = ((i64::MIN, PaymentId(0)), 0);
        loop {
            let page = self.bookings.db.read(move |tx| {
                Box::pin(async move {
                    stored::taken_between(tx, name, span_ms, after, PAYMENTS_READ).await
                })
            });
            let page = page.await?;
            let Some(last) = page.last() else { return Ok(failed_count) };
            after = (last.created_at_ms, last.id);
            for payment in &page {
                if payment.account == account && !listed_ids.contains(&payment.id) {
                    let looked = self.look_closer(provider, payment).await;
                    failed_count += self.told_failed(provider, payment.id, looked);
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
            if standing.told().has_money() {
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
            if standing.told().has_money() {
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
        if payment.agrees(&standing.told()) {
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
            Ok(after) => {
                if after.payment.state != payment.state {
                    self.count(&payment.provider, REPAIRED);
                }
                Ok(())
            }
            Err(Error::Refused(Refusal::Mismatch { .. })) => Ok(()),
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
            return self.ask_or_park(payment).await;
        }
        let payment = self.standings(payment.id).await?.payment;
        let now_ms = self.now_ms().await?;
        let look_up = LookUp { payment: payment.clone(), claim: None, now_ms };
        let standing = match provider.look_up(&look_up).await {
            Ok(standing) => Some(standing),
            Err(Failure::Refused { code: Code::UnknownOrder }) => None,
            Err(Failure::Unknown { .. } | Failure::Refused { code: Code::KeyRefused }) => {
                return Err(Error::OutcomeUnknown);
            }
            // It says nothing about this one, however often it is asked.
            Err(Failure::Declined | Failure::Refused { .. }) => return Ok(()),
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
        let money = |minor| Money::new(minor, payment.amount.currency);
        let (kind, told) = match payment.differs(&standing.told()) {
            None => return Ok(()),
            Some(Difference::Missing) => (
                WorkKind::PaymentMissing,
                "we booked money that the provider does not have".to_owned(),
            ),
            Some(Difference::RefundElsewhere { minor }) => (
                WorkKind::RefundElsewhere,
                format!("{} went back at the provider and not here", money(minor)),
            ),
            Some(Difference::RefundMissing { .. }) if guards::is_off(Guard::CameBack) => {
                return Ok(());
            }
            Some(Difference::RefundMissing { minor }) => (
                WorkKind::RefundMissing,
                format!("{} went back here and not at the provider", money(minor)),
            ),
        };
        self.differ(&payment, kind, &told, About::default()).await
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
