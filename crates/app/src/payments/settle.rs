//! Ending what is open with a provider: a payment whose time has passed. Runs as a job, may run
//! twice, and goes on where it stopped. What stays open too long becomes a matter for people.

use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::order::{Capture, OrderRequest, Payer, VoidRequest};
use vacancy_domain::crash::crash_point;
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::ReservationId;
use vacancy_domain::payments::{Payment, PaymentState};
use vacancy_store::jobs::Job;
use vacancy_store::payments as stored;

use super::{Payments, is_recorded_by_staff};
use crate::errors::Error;
use crate::jobs::JobError;

/// Providers keep our keys for a day; nobody sends one close to that.
const KEY_MS_MAX: i64 = 23 * 60 * 60 * 1000;

impl Payments {
    /// Ends what is open of a reservation. What has no definite end for too long becomes a matter
    /// for people; the job goes on asking, and takes the matter away when the end is known.
    pub(super) async fn settle(
        &self,
        job: &Job,
        reservation: ReservationId,
    ) -> Result<(), JobError> {
        let ended = self.end_all(reservation).await;
        let detail = "the payment provider gives no definite answer".to_owned();
        self.in_time(job, reservation.to_string(), detail, ended).await
    }

    /// Asks the provider of every open payment of a reservation to take no more money, and books
    /// how each ended. An answer that is not definite is asked for again.
    pub(super) async fn end_all(&self, reservation: ReservationId) -> Result<(), JobError> {
        let payments = self.payments_of(reservation).await.map_err(again)?;
        let mut open_count = 0;
        for payment in payments.into_iter().filter(|payment| payment.state.is_open()) {
            let ended = self.end(payment).await.map_err(again)?;
            if ended.payment.state.is_open() {
                open_count += 1;
            }
        }
        if 0 < open_count {
            return Err(JobError::retry(format!("{open_count} payments have no definite end yet")));
        }
        Ok(())
    }

    pub(super) async fn end(&self, mut payment: Payment) -> Result<super::Standings, Error> {
        let provider = self.provider_of(&payment).await?;
        let now_ms = self.now_ms().await?;
        let is_asked_again =
            !is_recorded_by_staff(provider.as_ref()) && !is_forgotten(&payment, now_ms);
        if payment.provider_order_id.is_empty() && is_asked_again {
            // The answer to our first call was lost: the same id gives the same order.
            let request = OrderRequest {
                payment_id: payment.id,
                reservation_id: payment.reservation,
                amount: payment.amount,
                capture: Capture::Automatic,
                payer: Payer::Guest,
                return_url: String::new(),
                description: String::new(),
                expires_at_ms: now_ms,
                test_outcome: None,
                now_ms,
            };
            crash_point("provider.reopen");
            let opened = provider.create(&request).await;
            crash_point("provider.reopened");
            match opened {
                Ok(order) => payment.provider_order_id = order.provider_order_id,
                // Its key was used with other terms, or it takes no such order: what there is of
                // ours, if anything, is found by our id.
                Err(Failure::Refused { .. }) => {}
                Err(Failure::Declined | Failure::Unknown { .. }) => {
                    return Err(Error::OutcomeUnknown);
                }
            }
        }
        crash_point("provider.void");
        let voided = provider.void(&VoidRequest { payment: payment.clone(), now_ms }).await;
        crash_point("provider.voided");
        match voided {
            Ok(standing) => self.hear(&payment, &standing).await,
            Err(Failure::Refused { code: Code::AlreadyCaptured }) => self.ask(&payment, None).await,
            // We asked for an order and got none, then or now: there is nothing to pay.
            Err(Failure::Refused { code: Code::UnknownOrder })
                if payment.provider_order_id.is_empty() =>
            {
                self.hear_state(&payment, PaymentState::Canceled).await
            }
            Err(failure) => {
                tracing::warn!(payment.id = %payment.id, error = %failure, "void a payment");
                self.ask(&payment, None).await
            }
        }
    }

    pub(super) async fn payments_of(
        &self,
        reservation: ReservationId,
    ) -> Result<Vec<Payment>, Error> {
        let payments = self
            .bookings
            .db
            .read(move |tx| Box::pin(async move { stored::of_reservation(tx, reservation).await }));
        Ok(payments.await?)
    }
}

/// Whether an order that nobody named was begun so long ago that its provider may have forgotten our key:
/// asked for once more, it would be a second one, and the first may have taken the money. From then on it
/// is only looked for.
pub(super) fn is_forgotten(payment: &Payment, now_ms: i64) -> bool {
    payment.provider_order_id.is_empty()
        && is_key_over(payment, now_ms)
        && !guards::is_off(Guard::KeyForADay)
}

/// Whether its provider may have forgotten the key under which an order was made.
pub(super) fn is_key_over(payment: &Payment, now_ms: i64) -> bool {
    KEY_MS_MAX <= now_ms - payment.created_at_ms
}

/// What stopped the job may be over the next time.
pub(super) fn again(error: Error) -> JobError {
    JobError::retry(error.to_string())
}
