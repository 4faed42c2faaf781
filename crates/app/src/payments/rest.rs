//! Collects the rest of what a booking with a deposit costs, before the guest arrives: what paid the
//! deposit pays again. Runs as a job, may run twice, and charges nobody before every earlier attempt
//! has a definite end. Where it brings nothing, people hear of it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::order::{OrderRequest, Payer};
use vacancy_domain::crash::crash_point;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::{ReservationId, WorkItemId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::{Payment, PaymentState};
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::state::StayState;
use vacancy_store::jobs::Job;
use vacancy_store::reservations as stored_reservations;
use vacancy_store::work_items::{NewWorkItem, WorkKind};

use super::order::ORDER_MS_MAX;
use super::settle::again;
use super::tills::OpenTill;
use super::{Payments, Standings};
use crate::access::Actor;
use crate::desk::command::Command;
use crate::desk::due::REST_JOB;
use crate::errors::Error;
use crate::jobs::JobError;

impl Payments {
    pub(super) fn run_rest(self, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
        Box::pin(async move {
            let id = super::jobs::reservation_of(&job)?;
            let found = self
                .bookings
                .db
                .read(move |tx| Box::pin(async move { stored_reservations::by_id(tx, id).await }));
            let Some(found) = found.await? else { return Ok(()) };
            let ended = self.pay_rest(id).await;
            // The job was made when the guest booked; it is late from when the rest was due.
            let due_at_ms = found.reservation.rest_from_ms().unwrap_or(job.created_at_ms);
            let created_at_ms = job.created_at_ms.max(due_at_ms);
            let job = Job { property: Some(found.reservation.property), created_at_ms, ..job };
            let detail = "the payment provider gives no definite answer about the rest".to_owned();
            self.in_time(&job, job.id.to_string(), detail, ended).await
        })
    }

    async fn pay_rest(&self, id: ReservationId) -> Result<(), JobError> {
        let Some(reservation) = self.that_owes(id).await.map_err(again)? else {
            return self.rest_is_paid(id).await.map_err(again);
        };
        let now_ms = self.now_ms().await.map_err(again)?;
        match reservation.rest_from_ms() {
            // Other dates were agreed, with the rest at the property.
            None => Ok(()),
            Some(from_ms) if now_ms < from_ms => {
                self.do_later(REST_JOB, id.to_string(), from_ms - now_ms).await.map_err(again)
            }
            Some(_) => self.collect(id).await,
        }
    }

    async fn collect(&self, id: ReservationId) -> Result<(), JobError> {
        // An attempt of ours or of the guest's may have brought the money, or may yet.
        if !guards::is_off(Guard::EndsFirst) {
            self.end_all(id).await?;
        }
        let Some(reservation) = self.that_owes(id).await.map_err(again)? else {
            return self.rest_is_paid(id).await.map_err(again);
        };
        if 0 < reservation.charged_back_minor {
            let told = "the bank of the guest has taken money back";
            return self.rest_is_open(&reservation, told).await.map_err(again);
        }
        let mut told = "nothing that was paid with can be charged again";
        for earlier in self.those_that_pay_again(id).await.map_err(again)? {
            let charged = self.charge(&reservation, earlier).await.map_err(again)?;
            match charged.map(|charged| charged.payment.state) {
                // It was not kept; what another payment was made with may be.
                None => {}
                Some(PaymentState::Succeeded) => return self.rest_is_paid(id).await.map_err(again),
                Some(PaymentState::Failed | PaymentState::Canceled) => {
                    told = "what the deposit was paid with was declined";
                    break;
                }
                Some(PaymentState::Created | PaymentState::Pending | PaymentState::Authorized) => {
                    return Err(JobError::retry("the charge has no definite end yet"));
                }
            }
        }
        self.rest_is_open(&reservation, told).await.map_err(again)
    }

    /// The reservation, if its stay is to come or has begun and something is due on it.
    async fn that_owes(&self, id: ReservationId) -> Result<Option<Reservation>, Error> {
        let found = self
            .bookings
            .db
            .read(move |tx| Box::pin(async move { stored_reservations::by_id(tx, id).await }));
        let Some(found) = found.await? else { return Ok(None) };
        let reservation = found.reservation;
        let owes = matches!(reservation.stay_state, StayState::Confirmed | StayState::CheckedIn)
            && 0 < reservation.due_now_minor();
        Ok(owes.then_some(reservation))
    }

    /// Payments whose provider can charge their means again, the last one first.
    async fn those_that_pay_again(&self, id: ReservationId) -> Result<Vec<Payment>, Error> {
        let mut found = Vec::new();
        for payment in self.payments_of(id).await?.into_iter().rev() {
            if payment.state == PaymentState::Succeeded
                && self.provider_of(&payment).await?.abilities().charges_again
            {
                found.push(payment);
            }
        }
        Ok(found)
    }

    /// The intent first, then the provider, then what it said. Nothing where its means was not kept.
    async fn charge(
        &self,
        reservation: &Reservation,
        earlier: Payment,
    ) -> Result<Option<Standings>, Error> {
        let provider = self.provider_of(&earlier).await?;
        let till = OpenTill { account: earlier.account, provider: Arc::clone(&provider) };
        let begun = self.begin(&Actor::System, reservation, &till).await?;
        // A guest who goes to pay the same in between has an order: then ours was not made, and nobody
        // may be charged for it.
        let payment = self.standings(begun.id).await?.payment;
        self.follow(payment.id, provider.abilities()).await?;
        let now_ms = self.now_ms().await?;
        let request = OrderRequest {
            payment_id: payment.id,
            reservation_id: reservation.id,
            amount: payment.amount,
            capture: vacancy_connect::payments::order::Capture::Automatic,
            payer: Payer::Again(Box::new(earlier)),
            return_url: String::new(),
            description: format!("Reservation {}, the rest", reservation.code),
            expires_at_ms: now_ms + ORDER_MS_MAX,
            test_outcome: None,
            now_ms,
        };
        crash_point("provider.open");
        let charged = provider.create(&request).await;
        crash_point("provider.opened");
        match charged {
            Ok(order) => {
                let command = Command::NamePayment {
                    hold: reservation.hold,
                    payment: payment.id,
                    order_id: order.provider_order_id,
                    checkout_url: String::new(),
                };
                self.bookings.order(&Actor::System, reservation.property, command).await?;
                let payment = self.standings(payment.id).await?.payment;
                self.ask(&payment, None).await.map(Some)
            }
            Err(
                failure @ (Failure::Unknown { .. } | Failure::Refused { code: Code::KeyRefused }),
            ) => {
                tracing::warn!(payment.id = %payment.id, error = %failure, "charge again");
                self.standings(payment.id).await.map(Some)
            }
            Err(Failure::Refused { code: Code::NothingKept }) => {
                self.hear_state(&payment, PaymentState::Canceled).await?;
                Ok(None)
            }
            Err(failure @ (Failure::Declined | Failure::Refused { .. })) => {
                tracing::warn!(payment.id = %payment.id, error = %failure, "charge again");
                self.hear_state(&payment, PaymentState::Failed).await.map(Some)
            }
        }
    }

    /// A matter for people: the guest is to be asked.
    async fn rest_is_open(&self, reservation: &Reservation, told: &str) -> Result<(), Error> {
        let due = Money::new(reservation.due_minor(), reservation.price.currency);
        self.file(NewWorkItem {
            property: reservation.property,
            id: WorkItemId(self.bookings.ids.next_id()),
            kind: WorkKind::RestUnpaid,
            subject: reservation.id.to_string(),
            detail: format!("{due} is due before arrival: {told}"),
            data: "{}".to_owned(),
        })
        .await
    }

    /// Whoever paid it, the matter is over.
    pub(super) async fn rest_is_paid(&self, id: ReservationId) -> Result<(), Error> {
        let found = self
            .bookings
            .db
            .read(move |tx| Box::pin(async move { stored_reservations::by_id(tx, id).await }));
        let Some(found) = found.await? else { return Ok(()) };
        self.end_matter(found.reservation.property, WorkKind::RestUnpaid, &id.to_string()).await
    }
}
