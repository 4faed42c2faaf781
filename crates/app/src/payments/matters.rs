//! Matters of payments as they begin and end by themselves; the steps that people take are `inbox`'s.

use vacancy_domain::ids::{PropertyId, WorkItemId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::Payment;
use vacancy_domain::reservations::Reservation;
use vacancy_store::work_items::{self, NewWorkItem, WorkKind};

use super::Payments;
use super::inbox::About;
use crate::errors::Error;

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
        self.file(NewWorkItem {
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

    /// Puts a matter about a payment before people, unless it is open already.
    pub(super) async fn file(&self, item: NewWorkItem) -> Result<(), Error> {
        let add = self.bookings.db.write(move |tx| {
            let item = item.clone();
            Box::pin(async move {
                let now_ms = tx.now_ms().await?;
                work_items::add(tx, now_ms, &[item]).await
            })
        });
        Ok(add.await?)
    }

    /// The work settled itself: what is open of this kind about the subject is over.
    pub(super) async fn end_matter(
        &self,
        property: PropertyId,
        kind: WorkKind,
        subject: &str,
    ) -> Result<(), Error> {
        let subject = subject.to_owned();
        let settle = self.bookings.db.write(move |tx| {
            let subject = subject.clone();
            Box::pin(async move {
                work_items::settle_subject(tx, property, kind, &subject).await.map(|_| ())
            })
        });
        Ok(settle.await?)
    }
}
