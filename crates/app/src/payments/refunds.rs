//! Money that goes back: what a reservation is owed, and what staff ask for. Both are jobs, and those
//! of one reservation go one after the other: while nobody knows how a refund ended, the next one
//! cannot know how much is left. What the provider will not do becomes a matter for people.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::order::RefundRequest;
use vacancy_connect::payments::standing::RefundState;
use vacancy_domain::access::Action;
use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::{JobId, PaymentId, RefundId, ReservationId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::Payment;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::money::GivenBack;
use vacancy_domain::reservations::refunds::RefundAsk;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::{JOB_ATTEMPTS_MAX, Job, JobState, claim, watch};
use vacancy_store::payments::{self as stored, Refund};

use super::jobs::{done_again, read};
use super::settle::again;
use super::{Payments, Standings};
use crate::access::{Actor, On};
use crate::desk::command::{Answer, Command, Key, Order, Outcome, RefundAsked};
use crate::desk::due::AskedRefund;
use crate::errors::Error;
use crate::jobs::JobError;

/// How long the asker waits for the provider before the refund counts as under way.
const WAIT: Duration = Duration::from_secs(4);
/// How often it is looked whether the refund has been made.
const LOOK: Duration = Duration::from_millis(50);
/// How long a refund waits for an earlier one of its reservation before it looks again.
const TURN_MS: i64 = 1_000;
/// The same for one that was given up until a person looks.
const PARKED_TURN_MS: i64 = 60_000;

/// The wish of staff to give money back.
#[derive(Debug, Clone)]
pub struct RefundWish {
    pub payment: PaymentId,
    /// All that is left, when it is left out.
    pub amount: Option<Money>,
    pub reason: String,
    /// As [`RefundAsk::is_still_due`].
    pub is_still_due: bool,
}

/// How far a refund is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Made(Refund),
    /// The provider has not said yet; it is asked again.
    UnderWay,
    /// Nothing went back. Why stands in the inbox.
    Refused,
}

/// What the job of a refund that is owed carries.
#[derive(Serialize, Deserialize)]
struct Owed {
    amount_minor: i64,
    reason: String,
    /// What a provider was asked for last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent: Option<Sent>,
}

/// A part of it, and the payment that it is of.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    payment: String,
    minor: i64,
}

/// What came of asking the provider, when that is certain.
enum Ended {
    /// The provider's own name for the refund.
    Made(String),
    /// Nothing happened. The same may be asked again.
    Refused(String),
    /// It was made and failed: under this id there is no other.
    Failed,
}

impl Owed {
    /// What was sent of this payment.
    fn sent_minor(&self, payment: &Payment) -> Option<i64> {
        let sent = self.sent.as_ref().filter(|sent| sent.payment == payment.id.to_string());
        sent.map(|sent| sent.minor)
    }
}

impl Payments {
    /// The payment, if the actor may give it back.
    pub async fn may_refund(&self, actor: &Actor, payment: PaymentId) -> Result<Standings, Error> {
        if *actor == Actor::Anonymous {
            return Err(Error::Unauthorized);
        }
        let standings = self.standings(payment).await?;
        let Reservation { business, id, .. } = standings.reservation;
        actor.may(Action::RefundPayments, On::Reservation { business, reservation: id })?;
        Ok(standings)
    }

    /// Notes that money is to go back; a job does it. The same key is the same refund.
    pub async fn ask_refund(
        &self,
        actor: &Actor,
        wish: &RefundWish,
        key: Key,
    ) -> Result<(RefundAsked, bool), Error> {
        let Standings { payment, reservation } = self.may_refund(actor, wish.payment).await?;
        let ask = RefundAsk {
            refund: RefundId(self.bookings.ids.next_id()),
            payment: payment.id,
            amount: wish.amount,
            reason: wish.reason.clone(),
            is_still_due: wish.is_still_due,
        };
        let command = Command::AskRefund { hold: reservation.hold, ask };
        let order = Order::new(reservation.property, actor.label(), command).with_key(key);
        let Answer { outcome, is_replay } = self.bookings.desk.submit(order).await?;
        match outcome {
            Outcome::RefundAsked(asked) => Ok((asked, is_replay)),
            Outcome::Booked(_)
            | Outcome::Held(_)
            | Outcome::Reservation(_)
            | Outcome::Known(_)
            | Outcome::Done => Err(Error::Fault(Fault::internal("answer for a refund"))),
        }
    }

    /// How far a refund is; waits a little for the first word of the provider.
    pub async fn await_refund(&self, asked: &RefundAsked) -> Result<Progress, Error> {
        let deadline = Instant::now() + WAIT;
        loop {
            let (progress, may_change_soon) = self.progress(asked).await?;
            if !may_change_soon || deadline <= Instant::now() {
                return Ok(progress);
            }
            sleep(LOOK).await;
        }
    }

    async fn progress(&self, asked: &RefundAsked) -> Result<(Progress, bool), Error> {
        let (id, payment) = (asked.refund, asked.payment);
        let found = self.bookings.db.read(move |tx| {
            Box::pin(async move {
                let mut id = JobId(id.0);
                let mut job = watch::by_id(tx, id).await?;
                // One that came to nothing may have been done again.
                while job.as_ref().is_none_or(|job| job.state == JobState::Done)
                    && let Some(later) = watch::by_id(tx, done_again(id)).await?
                {
                    (id, job) = (later.id, Some(later));
                }
                // A job ends after its refund was booked: read first, it never tells too little.
                Ok((id, job, stored::refunds(tx, payment).await?))
            })
        });
        let (id, job, refunds) = found.await?;
        if let Some(made) = refunds.into_iter().find(|refund| refund.id.0 == id.0) {
            return Ok((Progress::Made(made), false));
        }
        Ok(match job {
            Some(Job { state: JobState::Waiting, attempts, .. }) => {
                (Progress::UnderWay, attempts < 1)
            }
            Some(Job { state: JobState::Leased, .. }) => (Progress::UnderWay, true),
            Some(Job { state: JobState::Parked, .. }) => (Progress::UnderWay, false),
            Some(Job { state: JobState::Done, .. }) | None => (Progress::Refused, false),
        })
    }

    /// Gives back what a reservation is owed, payment by payment. The job's id names the refunds,
    /// so that a repeated job gives nothing twice.
    pub(super) async fn refund_owed(
        &self,
        job: &Job,
        reservation: ReservationId,
    ) -> Result<(), JobError> {
        let mut owed: Owed = read(job)?;
        self.wait_turn(job).await?;
        let found = self.bookings.reservation(&Actor::System, Action::RefundPayments, reservation);
        let reservation = match found.await {
            Err(Error::NotFound) => return Err(JobError::hopeless("no such reservation")),
            found => found.map_err(again)?.reservation,
        };
        let payments = self.payments_of(reservation.id).await.map_err(again)?;
        let is_disputed = payments.iter().any(|payment| 0 < payment.charged_back_minor);
        let (mut due_minor, mut payments_left) = (owed.amount_minor, Vec::new());
        for payment in payments {
            let id = RefundId(job.id.0 ^ payment.id.0.rotate_left(64));
            #[cfg(feature = "mutants")]
            let id = self.another_refund(id);
            match self.booked(&payment, id).await.map_err(again)? {
                Some(made) => due_minor -= made.amount.minor,
                None => payments_left.push((id, payment)),
            }
        }
        // What was due may have become less. What became more has a job of its own.
        due_minor = due_minor.min(reservation.owed_minor());
        // What was sent and is not booked may have been made: it goes first and as it was, or money that
        // came since would go back in its place, and it would have gone back twice.
        payments_left.sort_by_key(|(_, payment)| owed.sent_minor(payment).is_none());
        for (id, payment) in payments_left {
            let left_minor = due_minor.min(payment.refundable_minor());
            let minor = owed.sent_minor(&payment).unwrap_or(left_minor);
            if minor < 1 {
                continue;
            }
            self.note_sent(job, &mut owed, &payment, minor).await?;
            let amount = Money::new(minor, payment.amount.currency);
            match self.give_back(&payment, id, amount).await? {
                Ended::Made(provider_refund_id) => {
                    let back = GivenBack {
                        refund: id,
                        payment: payment.id,
                        amount_minor: minor,
                        reason: owed.reason.clone(),
                        // What was owed when it was sent may be due again since: a dearer stay.
                        is_still_due: true,
                        provider_refund_id,
                    };
                    self.book("system", &reservation, back).await?;
                }
                Ended::Refused(told) if job.attempts < JOB_ATTEMPTS_MAX => {
                    let reason = &owed.reason;
                    return Err(JobError::retry(format!("refund {amount} ({reason}): {told}")));
                }
                Ended::Refused(told) => {
                    return self.tell_of_failure(&reservation, &spent(job, owed), &told).await;
                }
                Ended::Failed => {
                    let told = "the provider's refund failed";
                    return self.tell_of_failure(&reservation, &spent(job, owed), told).await;
                }
            }
            due_minor -= minor;
        }
        if 0 < due_minor && is_disputed {
            let told = "the guest's bank has taken a part of the payment back";
            return self.tell_of_failure(&reservation, &spent(job, owed), told).await;
        }
        Ok(())
    }

    /// Keeps with the job what a provider is about to be asked for. Whoever has the job no more asks for
    /// nothing.
    async fn note_sent(
        &self,
        job: &Job,
        owed: &mut Owed,
        payment: &Payment,
        minor: i64,
    ) -> Result<(), JobError> {
        let sent = Some(Sent { payment: payment.id.to_string(), minor });
        if owed.sent == sent {
            return Ok(());
        }
        owed.sent = sent;
        let payload = serde_json::to_string(owed).expect("plain fields have a text");
        let (job, told) = (job.clone(), "the lease was taken over");
        let note = self.bookings.db.write(move |tx| {
            let (job, payload) = (job.clone(), payload.clone());
            Box::pin(async move { claim::note(tx, &job, &payload).await })
        });
        if note.await? { Ok(()) } else { Err(JobError::retry(told)) }
    }

    /// Gives back what staff asked for.
    pub(super) async fn refund_asked(&self, job: &Job) -> Result<(), JobError> {
        let AskedRefund { payment, amount_minor, reason, actor, is_still_due } = read(job)?;
        self.wait_turn(job).await?;
        let payment =
            payment.parse().map_err(|_| JobError::hopeless("the payload names no payment"))?;
        let Standings { payment, reservation } = self.standings(payment).await.map_err(again)?;
        let refund = RefundId(job.id.0);
        if self.booked(&payment, refund).await.map_err(again)?.is_some() {
            return self.did_not_fail(&reservation, job).await;
        }
        let amount = Money::new(amount_minor, payment.amount.currency);
        if payment.refundable_minor() < amount_minor {
            let told = format!(
                "{amount} ({reason}): less than that is left, since it went back otherwise or the \
                 guest's bank took it"
            );
            return self.tell_of_failure(&reservation, job, &told).await;
        }
        match self.give_back(&payment, refund, amount).await? {
            Ended::Made(provider_refund_id) => {
                let payment = payment.id;
                let back = GivenBack {
                    refund,
                    payment,
                    amount_minor,
                    reason,
                    is_still_due,
                    provider_refund_id,
                };
                self.book(&actor, &reservation, back).await?;
                self.did_not_fail(&reservation, job).await
            }
            Ended::Refused(told) => self.tell_of_failure(&reservation, job, &told).await,
            Ended::Failed => {
                self.tell_of_failure(&reservation, job, "the provider's refund failed").await
            }
        }
    }

    /// Refunds of one reservation go one after the other, the oldest first.
    async fn wait_turn(&self, job: &Job) -> Result<(), JobError> {
        let (subject, own) = (job.subject.clone(), watch::Cursor::behind(job));
        let elder = self.bookings.db.read(move |tx| {
            let subject = subject.clone();
            Box::pin(async move { watch::open_refund(tx, &subject, own).await })
        });
        let Some(elder) = elder.await? else { return Ok(()) };
        let told = format!("the refund {} of the reservation is not done", elder.id);
        let waits_for_people = elder.state == JobState::Parked;
        let pause_ms = if waits_for_people { PARKED_TURN_MS } else { TURN_MS };
        Err(JobError::NotYet { told, pause_ms })
    }

    async fn give_back(
        &self,
        payment: &Payment,
        refund_id: RefundId,
        amount: Money,
    ) -> Result<Ended, JobError> {
        let provider = self.provider_of(payment).await.map_err(again)?;
        let now_ms = self.now_ms().await.map_err(again)?;
        let request = RefundRequest { refund_id, payment: payment.clone(), amount, now_ms };
        crash_point("provider.refund");
        let refunded = provider.refund(&request).await;
        crash_point("provider.refunded");
        match refunded {
            Ok(refund) => match refund.state {
                RefundState::Succeeded | RefundState::Pending => {
                    Ok(Ended::Made(refund.provider_refund_id))
                }
                RefundState::Failed => Ok(Ended::Failed),
            },
            // The key may be put right; the guest's money must not wait for more than that.
            Err(
                failure @ (Failure::Unknown { .. } | Failure::Refused { code: Code::KeyRefused }),
            ) => Err(JobError::retry(format!("refund {amount}: {failure}"))),
            Err(failure @ (Failure::Declined | Failure::Refused { .. })) => {
                Ok(Ended::Refused(failure.to_string()))
            }
        }
    }

    async fn book(
        &self,
        actor: &str,
        reservation: &Reservation,
        back: GivenBack,
    ) -> Result<(), JobError> {
        self.look_back_later(back.payment).await.map_err(again)?;
        let command = Command::RecordRefund { hold: reservation.hold, back };
        let order = Order::new(reservation.property, actor, command);
        self.bookings.keyed(order, None).await.map_err(again)?;
        crash_point("refund.recorded");
        Ok(())
    }

    async fn booked(&self, payment: &Payment, id: RefundId) -> Result<Option<Refund>, Error> {
        let payment = payment.id;
        let refunds = self
            .bookings
            .db
            .read(move |tx| Box::pin(async move { stored::refunds(tx, payment).await }));
        Ok(refunds.await?.into_iter().find(|refund| refund.id == id))
    }
}

/// The job as people may have it done again: nothing of it is on its way any more, so that what is owed
/// then counts and not what was sent.
fn spent(job: &Job, owed: Owed) -> Job {
    let owed = Owed { sent: None, ..owed };
    let payload = serde_json::to_string(&owed).expect("plain fields have a text");
    Job { payload, ..job.clone() }
}
