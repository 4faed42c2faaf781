//! Payments: intent first, then the provider, then what it said. No provider is ever called inside
//! a transaction, and nothing it does not know for certain is taken for success or failure.

pub mod accounts;
pub mod compare;
pub mod daily;
pub mod disputes;
mod failed_refunds;
pub mod follow;
mod in_time;
pub mod inbox;
pub mod jobs;
pub mod look_back;
pub mod matters;
#[cfg(feature = "mutants")]
mod mutants;
pub mod order;
pub mod refunds;
pub mod rest;
pub mod settle;
pub mod silence;
pub mod stray;
pub mod surplus;
pub mod tills;
mod unbooked;

use std::sync::Arc;

use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::order::{CaptureRequest, Claim, LookUp};
use vacancy_connect::payments::providers::Providers;
use vacancy_connect::payments::standing::{Method, Standing};
use vacancy_connect::payments::{Provider, Truth};
use vacancy_domain::access::Action;
use vacancy_domain::crash::crash_point;
use vacancy_domain::disputes::Dispute;
use vacancy_domain::ids::PaymentId;
use vacancy_domain::money::Money;
use vacancy_domain::payments::{News, Payment, PaymentState};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::Reservation;
use vacancy_store::faults::Fault;
use vacancy_store::payments::{self as stored, Refund};
use vacancy_store::reservations as stored_reservations;

use self::accounts::Accounts;
use self::silence::Silence;
use crate::access::{Actor, On};
use crate::desk::command::Command;
use crate::errors::Error;
use crate::reservations::Bookings;
use jobs::HEARD;

/// What the payment use cases work with. Clones share it.
#[derive(Clone)]
pub struct Payments {
    pub bookings: Bookings,
    /// The installation's own.
    pub providers: Providers,
    pub accounts: Accounts,
    /// Whose webhooks do not come.
    pub silence: Silence,
    /// Whether a guest who will pay at the property has a confirmed reservation at once.
    pub confirms_pay_at_property: bool,
}

/// A payment and the reservation that it is for, as both stand now.
#[derive(Debug, Clone)]
pub struct Standings {
    pub payment: Payment,
    pub reservation: Reservation,
}

impl Payments {
    /// A payment with what went back of it and what banks took of it.
    pub async fn show(
        &self,
        actor: &Actor,
        id: PaymentId,
    ) -> Result<(Payment, Vec<Refund>, Vec<Dispute>), Error> {
        if *actor == Actor::Anonymous {
            return Err(Error::Unauthorized);
        }
        let found = self.bookings.db.read(move |tx| {
            Box::pin(async move {
                let Some(payment) = stored::by_id(tx, id).await? else { return Ok(None) };
                let reservation = stored_reservations::by_id(tx, payment.reservation).await?;
                let disputes = vacancy_store::disputes::of_payment(tx, id).await?;
                Ok(Some((payment, reservation, stored::refunds(tx, id).await?, disputes)))
            })
        });
        let Some((payment, Some(reservation), refunds, disputes)) = found.await? else {
            return Err(Error::NotFound);
        };
        let business = reservation.reservation.business;
        let on = On::Reservation { business, reservation: payment.reservation };
        actor.may(Action::ReadReservations, on)?;
        Ok((payment, refunds, disputes))
    }

    /// The provider of a payment that was begun: the one way from a payment to who has its money.
    /// Asked per payment, since each remembers where it was begun.
    pub(crate) async fn provider_of(&self, payment: &Payment) -> Result<Arc<dyn Provider>, Error> {
        if let Some(account) = payment.account {
            return Ok(self.accounts.till(account).await?.provider);
        }
        let found = self.providers.find(&payment.provider).map(Arc::clone);
        found.ok_or_else(|| Error::Fault(Fault::internal("find the provider of a payment")))
    }

    /// The payment that a provider's order stands for, for the page that leads to its checkout.
    /// Whoever knows the order's name may see its amount.
    pub async fn by_order(&self, provider: &str, order: &str) -> Result<Standings, Error> {
        let (provider, order) = (provider.to_owned(), order.to_owned());
        let found = self
            .bookings
            .db
            .read(move |tx| Box::pin(async move { stored::by_order(tx, &provider, &order).await }));
        self.standings(found.await?.ok_or(Error::NotFound)?.id).await
    }

    /// Asks the provider how a payment stands and books what it says. We ask for money that is taken
    /// at once; where it came as an authorisation all the same, late as some banks are, it is taken
    /// now: what is not wanted any more goes back as every late payment does.
    pub(crate) async fn ask(
        &self,
        payment: &Payment,
        claim: Option<Claim>,
    ) -> Result<Standings, Error> {
        match self.ask_once(payment, claim).await? {
            Some(standings) => Ok(standings),
            None => self.standings(payment.id).await,
        }
    }

    /// The same for whoever goes on only when the provider has said something.
    pub(super) async fn ask_for_certain(&self, payment: &Payment) -> Result<(), Error> {
        self.ask_once(payment, None).await?.map(|_| ()).ok_or(Error::OutcomeUnknown)
    }

    /// Nothing when the provider said nothing of the payment.
    async fn ask_once(
        &self,
        payment: &Payment,
        claim: Option<Claim>,
    ) -> Result<Option<Standings>, Error> {
        let provider = self.provider_of(payment).await?;
        let now_ms = self.now_ms().await?;
        let request = LookUp { payment: payment.clone(), claim, now_ms };
        crash_point("provider.ask");
        let mut asked = provider.look_up(&request).await;
        crash_point("provider.asked");
        if let Ok(Standing { state: PaymentState::Authorized, amount, .. }) = &asked
            && *amount == payment.amount
        {
            let request = CaptureRequest { payment: payment.clone(), amount: *amount, now_ms };
            asked = provider.capture(&request).await;
        }
        match asked {
            Ok(standing) => self.hear(payment, &standing).await.map(Some),
            Err(Failure::Declined) => {
                self.hear_state(payment, PaymentState::Failed).await.map(Some)
            }
            // A key that is refused says nothing about the payment.
            Err(
                failure @ (Failure::Unknown { .. } | Failure::Refused { code: Code::KeyRefused }),
            ) => {
                tracing::warn!(payment.id = %payment.id, error = %failure, "look-up failed");
                Ok(None)
            }
            Err(Failure::Refused { code }) => {
                tracing::warn!(payment.id = %payment.id, code = code.as_str(), "look-up refused");
                Err(Error::Refused(Refusal::Mismatch { field: "providerPaymentId" }))
            }
        }
    }

    /// Books what a provider said of a payment.
    pub(crate) async fn hear(
        &self,
        payment: &Payment,
        standing: &Standing,
    ) -> Result<Standings, Error> {
        let captured = Money::new(standing.captured_minor, standing.amount.currency);
        // All of it went back before we booked any: no money will come of it.
        let went_back = standing.state == PaymentState::Succeeded
            && payment.state != PaymentState::Succeeded
            && 0 < standing.captured_minor
            && standing.captured_minor <= standing.refunded_minor;
        let state = if went_back { PaymentState::Canceled } else { standing.state };
        let news = News {
            payment: payment.id,
            state,
            provider_payment_id: standing.provider_payment_id.clone().unwrap_or_default(),
            captured,
            method: standing.method.map_or("", Method::as_str).to_owned(),
        };
        let standings = self.tell(payment, news).await?;
        for surplus in &standing.surplus {
            self.return_later(payment, surplus).await?;
        }
        Ok(standings)
    }

    async fn hear_state(&self, payment: &Payment, state: PaymentState) -> Result<Standings, Error> {
        let news = News {
            payment: payment.id,
            state,
            provider_payment_id: payment.provider_payment_id.clone(),
            captured: Money::zero(payment.amount.currency),
            method: payment.method.clone(),
        };
        self.tell(payment, news).await
    }

    async fn tell(&self, payment: &Payment, news: News) -> Result<Standings, Error> {
        let reservation = self.reservation_of(payment).await?;
        let captured = news.captured;
        let command = Command::HearPayment { hold: reservation.hold, news };
        let heard = self.bookings.order(&Actor::System, reservation.property, command).await;
        if let Err(Error::Refused(Refusal::Mismatch { field: "amount" })) = heard {
            self.park(payment, &reservation, captured).await?;
        }
        heard?;
        crash_point("payment.heard");
        let standings = self.standings(payment.id).await?;
        let is_new = payment.state != PaymentState::Succeeded
            && standings.payment.state == PaymentState::Succeeded;
        if is_new {
            let provider = self.provider_of(payment).await?;
            if provider.abilities().webhooks {
                metrics::counter!(HEARD, "provider" => provider.abilities().name).increment(1);
            }
            let Reservation { id, ref price, .. } = standings.reservation;
            let has_deposit = price.cancellation.as_ref().is_some_and(|own| own.deposit.is_some());
            if has_deposit && standings.reservation.due_minor() == 0 {
                self.rest_is_paid(id).await?;
            }
        }
        Ok(standings)
    }

    pub(crate) async fn standings(&self, id: PaymentId) -> Result<Standings, Error> {
        let found = self.bookings.db.read(move |tx| {
            Box::pin(async move {
                let Some(payment) = stored::by_id(tx, id).await? else { return Ok(None) };
                let found = stored_reservations::by_id(tx, payment.reservation).await?;
                Ok(found.map(|found| Standings { payment, reservation: found.reservation }))
            })
        });
        found.await?.ok_or(Error::NotFound)
    }

    pub(crate) async fn reservation_of(&self, payment: &Payment) -> Result<Reservation, Error> {
        let id = payment.reservation;
        let found = self
            .bookings
            .db
            .read(move |tx| Box::pin(async move { stored_reservations::by_id(tx, id).await }));
        let missing = || Error::Fault(Fault::internal("find the reservation of a payment"));
        Ok(found.await?.ok_or_else(missing)?.reservation)
    }

    pub(crate) async fn now_ms(&self) -> Result<i64, Error> {
        Ok(self.bookings.db.read(|tx| Box::pin(async move { tx.now_ms().await })).await?)
    }
}

/// Whether only our own record knows if the money came.
pub(crate) fn is_recorded_by_staff(provider: &dyn Provider) -> bool {
    match provider.abilities().truth {
        Truth::OurRecord => true,
        Truth::Provider => false,
    }
}
