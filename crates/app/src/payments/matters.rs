//! Matters of payments as they begin and end by themselves; the steps that people take are `inbox`'s.

use vacancy_domain::ids::{PropertyId, WorkItemId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{Payment, PaymentState};
use vacancy_domain::reservations::Reservation;
use vacancy_store::work_items::{self, Cursor, NewWorkItem, Over, WorkItem, WorkKind};

use super::Payments;
use super::inbox::About;
use super::jobs::event_id;
use crate::errors::Error;

/// What a matter says, as a word: another one as soon as it says something else.
#[must_use]
pub fn revision(item: &WorkItem) -> String {
    format!("{:032x}", event_id(&["matter", &item.detail, &item.data]))
}

/// Matters that are read at once.
const MATTERS_READ: i64 = 200;

impl Payments {
    /// The provider has other money than ours: nothing is booked, and people hear of it. The nights
    /// stay as they are until that is settled.
    pub(super) async fn park(
        &self,
        payment: &Payment,
        reservation: &Reservation,
        captured: Money,
    ) -> Result<(), Error> {
        let about = About {
            reservation: Some(reservation.id.to_string()),
            payment: Some(payment.id.to_string()),
            ..About::default()
        };
        let (provider, ours) = (&payment.provider, payment.amount);
        self.file_unless_dismissed(NewWorkItem {
            property: reservation.property,
            id: WorkItemId(self.bookings.ids.next_id()),
            kind: WorkKind::PaymentMismatch,
            subject: payment.id.to_string(),
            detail: format!(
                "reservation {}: {provider} took {captured} and we asked for {ours}",
                reservation.code
            ),
            data: about.to_text(),
        })
        .await
    }

    /// Other money than was asked for, of which people see to elsewhere: no more is waited for, or its rooms
    /// would be kept for ever.
    pub(super) async fn let_go(&self, item: &WorkItem) -> Result<(), Error> {
        if item.kind != WorkKind::PaymentMismatch {
            return Ok(());
        }
        let payment = self.payment_of(item).await?;
        if payment.state.is_open() {
            self.hear_state(&payment, PaymentState::Canceled).await?;
        }
        Ok(())
    }

    /// Puts a matter about a payment before people, unless it is open already.
    pub(super) async fn file(&self, item: NewWorkItem) -> Result<(), Error> {
        let add = self.bookings.db.write(move |tx| {
            let item = item.clone();
            Box::pin(async move {
                work_items::take_turn(tx, item.property).await?;
                let now_ms = tx.now_ms().await?;
                work_items::add(tx, now_ms, &[item]).await
            })
        });
        Ok(add.await?)
    }

    /// What is open of this kind at a property, the oldest first.
    pub(super) async fn open_matters(
        &self,
        property: PropertyId,
        kind: WorkKind,
    ) -> Result<Vec<WorkItem>, Error> {
        let (mut open, mut after) = (Vec::new(), Cursor::START);
        loop {
            let page = self.bookings.db.read(move |tx| {
                let page = work_items::open_of_kind(tx, property, kind, after, MATTERS_READ);
                Box::pin(page)
            });
            let page = page.await?;
            let Some(last) = page.last() else { return Ok(open) };
            after = Cursor::behind(last);
            open.extend(page);
        }
    }

    /// The same, and one that is open already says from now on what is told here. What people have looked at
    /// and left stays left, while it is the same.
    pub(super) async fn file_anew(&self, item: NewWorkItem) -> Result<(), Error> {
        let tell = self.bookings.db.write(move |tx| {
            let item = item.clone();
            Box::pin(async move {
                work_items::take_turn(tx, item.property).await?;
                if work_items::is_dismissed(tx, &item).await? {
                    return Ok(());
                }
                let now_ms = tx.now_ms().await?;
                work_items::tell(tx, now_ms, &[item]).await
            })
        });
        Ok(tell.await?)
    }

    /// The work settled itself: what is open of this kind about the subject is over.
    pub(super) async fn end_matter(
        &self,
        property: PropertyId,
        kind: WorkKind,
        subject: &str,
    ) -> Result<(), Error> {
        self.end_matters(vec![Over { property, kind, subject: subject.to_owned() }]).await
    }

    /// The same for several.
    pub(super) async fn end_matters(&self, over: Vec<Over>) -> Result<(), Error> {
        let settle = self.bookings.db.write(move |tx| {
            let over = over.clone();
            Box::pin(async move {
                let now_ms = tx.now_ms().await?;
                work_items::settle_subjects(tx, now_ms, &over).await
            })
        });
        Ok(settle.await.map(|_| ())?)
    }
}
