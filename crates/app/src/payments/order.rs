//! A guest goes to pay, and comes back. The amount is ours; what the browser brings back is a hint
//! to ask the provider, never the truth.

use std::time::Duration;

use vacancy_connect::payments::failure::{Code, Failure};
use vacancy_connect::payments::order::{Capture, Claim, OrderRequest, Payer, TestOutcome};
use vacancy_connect::payments::{Checkout, Provider};
use vacancy_domain::access::Action;
use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::{PaymentId, ReservationId};
use vacancy_domain::money::{Currency, Money};
use vacancy_domain::payments::{NewPayment, News, Payment, PaymentState};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::state::StayState;

use super::settle::{is_forgotten, is_key_over};
use super::tills::OpenTill;
use super::{Payments, Standings, is_recorded_by_staff};
use crate::access::Actor;
use crate::desk::command::Command;
use crate::errors::{Error, RETRY_AFTER_MS};

/// How long an order of a reservation that is confirmed already stays open: a day.
pub(super) const ORDER_MS_MAX: i64 = 24 * 60 * 60 * 1000;

/// How long a guest who is back from paying waits for the provider, all its calls together.
const GUEST_WAIT_MAX: Duration = Duration::from_millis(4_500);

/// The wish to pay.
#[derive(Debug, Clone)]
pub struct PaymentWish {
    pub reservation: ReservationId,
    pub return_url: String,
    pub test_outcome: Option<TestOutcome>,
    pub claimed: ClaimedAmount,
}

/// An order that a guest can pay; one without a name while its provider gives no answer.
#[derive(Debug, Clone)]
pub struct Opened {
    pub standings: Standings,
    /// For a provider's element in a page of the business; kept nowhere.
    pub client_secret: Option<String>,
}

/// Which payment staff speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    Payment(PaymentId),
    /// By the order of its provider.
    Order(String),
    /// The last attempt at this provider.
    Provider(String),
}

/// What a client believes a payment is about: compared, never followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClaimedAmount {
    pub minor: Option<i64>,
    pub currency: Option<Currency>,
}

/// What the guest's browser brings back from the provider.
#[derive(Debug, Clone)]
pub struct Returned {
    pub reservation: ReservationId,
    pub provider_order_id: String,
    pub claim: Option<Claim>,
    pub claimed: ClaimedAmount,
}

impl ClaimedAmount {
    fn check(self, ours: Money) -> Result<(), Refusal> {
        if self.minor.is_some_and(|minor| minor != ours.minor) {
            return Err(Refusal::Mismatch { field: "amount" });
        }
        if self.currency.is_some_and(|currency| currency != ours.currency) {
            return Err(Refusal::Mismatch { field: "currency" });
        }
        Ok(())
    }
}

impl Payments {
    /// Where a guest of this reservation may pay, by the name of the provider.
    pub async fn till(
        &self,
        actor: &Actor,
        reservation: ReservationId,
        provider: &str,
    ) -> Result<OpenTill, Error> {
        let action = Action::ChangeReservations;
        let found = self.bookings.reservation(actor, action, reservation).await?;
        let tills = self.tills(found.reservation.business).await?;
        tills.named(provider).cloned()
    }

    /// Opens an order at the provider, or gives the one that is open already. Asked again after a
    /// lost answer it goes on where it stopped: the payment's id is the provider's key.
    pub async fn open_order(
        &self,
        actor: &Actor,
        till: &OpenTill,
        wish: &PaymentWish,
    ) -> Result<Opened, Error> {
        let provider = &till.provider;
        let (action, id) = (Action::ChangeReservations, wish.reservation);
        let reservation = self.bookings.reservation(actor, action, id).await?.reservation;
        let due = Money::new(reservation.due_now_minor(), reservation.price.currency);
        // Where nothing is due any more, the reason says more than the amount.
        if 0 < due.minor {
            wish.claimed.check(due)?;
        }
        let payment = match self.payment_to_go_on_with(&reservation, till).await? {
            // An element of the provider needs the order's secret again, which only it knows.
            Some(open) if !open.provider_order_id.is_empty() && !is_embedded(provider.as_ref()) => {
                self.confirm_at_property(actor, &reservation, provider.as_ref()).await?;
                return Ok(Opened {
                    standings: self.standings(open.id).await?,
                    client_secret: None,
                });
            }
            Some(begun) => begun,
            None => self.begin_or_join(actor, &reservation, till).await?,
        };
        // Before each attempt to make the order, for whoever made the one before may have died.
        if payment.provider_order_id.is_empty() {
            self.follow(payment.id, provider.abilities()).await?;
        }
        let now_ms = self.now_ms().await?;
        let held = matches!(reservation.stay_state, StayState::Held);
        let expires_at_ms =
            if held { reservation.hold_expires_at_ms } else { now_ms + ORDER_MS_MAX };
        let request = OrderRequest {
            payment_id: payment.id,
            reservation_id: reservation.id,
            amount: payment.amount,
            capture: Capture::Automatic,
            payer: payer(&reservation, held),
            return_url: wish.return_url.clone(),
            description: format!("Reservation {}", reservation.code),
            expires_at_ms,
            test_outcome: wish.test_outcome,
            now_ms,
        };
        crash_point("provider.open");
        let opened = provider.create(&request).await;
        crash_point("provider.opened");
        let order = match opened {
            Ok(order) => order,
            // The intent stands, and so do the rooms: whoever asks again goes on from here.
            Err(
                failure @ (Failure::Unknown { .. } | Failure::Refused { code: Code::KeyRefused }),
            ) => {
                tracing::warn!(payment.id = %payment.id, error = %failure, "open an order");
                let standings = self.standings(payment.id).await?;
                return Ok(Opened { standings, client_secret: None });
            }
            Err(failure @ (Failure::Declined | Failure::Refused { .. })) => {
                tracing::warn!(payment.id = %payment.id, error = %failure, "open an order");
                self.hear_state(&payment, PaymentState::Failed).await?;
                return Err(Error::Refused(Refusal::PaymentDeclined));
            }
        };
        let command = Command::NamePayment {
            hold: reservation.hold,
            payment: payment.id,
            order_id: order.provider_order_id,
            checkout_url: order.checkout_url.unwrap_or_default(),
        };
        self.bookings.order(actor, reservation.property, command).await?;
        crash_point("payment.named");
        self.confirm_at_property(actor, &reservation, provider.as_ref()).await?;
        let standings = self.standings(payment.id).await?;
        Ok(Opened { standings, client_secret: order.client_secret })
    }

    /// Who will pay at the property has a confirmed reservation, if the business says so. Asked again
    /// whenever the order is, since whoever asked first may have died in between.
    async fn confirm_at_property(
        &self,
        actor: &Actor,
        reservation: &Reservation,
        provider: &dyn Provider,
    ) -> Result<(), Error> {
        let is_held = matches!(reservation.stay_state, StayState::Held);
        // Where a deposit was agreed, it is to be paid first.
        let has_deposit = reservation.first_due_minor() < reservation.price.total_minor;
        let is_enough = is_held && !has_deposit && self.confirms_pay_at_property;
        if is_recorded_by_staff(provider) && is_enough {
            let command = Command::Confirm { hold: reservation.hold, reference: None };
            self.bookings.order(actor, reservation.property, command).await?;
        }
        Ok(())
    }

    /// The guest is back: asks the provider, and confirms when the money is there.
    pub async fn confirm(&self, actor: &Actor, back: &Returned) -> Result<Standings, Error> {
        let (action, id) = (Action::ChangeReservations, back.reservation);
        self.bookings.reservation(actor, action, id).await?;
        let mut payments = self.payments_of(id).await?.into_iter();
        let named = payments.find(|known| known.provider_order_id == back.provider_order_id);
        let payment = named.ok_or(Error::Refused(Refusal::Mismatch { field: "paymentOrderId" }))?;
        back.claimed.check(payment.amount)?;
        // Who sends our own id beside the order claims nothing about the provider's.
        let ours = payment.id.to_string();
        let claim = back.claim.clone().filter(|claim| claim.provider_payment_id != ours);
        // What is broken off here is asked for again by a job.
        match tokio::time::timeout(GUEST_WAIT_MAX, self.ask(&payment, claim)).await {
            Ok(asked) => asked,
            Err(_elapsed) => self.standings(payment.id).await,
        }
    }

    /// Staff have the money of a payment that only our record knows, in cash or on the account.
    pub async fn record(
        &self,
        actor: &Actor,
        reservation: ReservationId,
        named: &Named,
        method: &str,
    ) -> Result<Reservation, Error> {
        let action = Action::ConfirmReservations;
        let found = self.bookings.reservation(actor, action, reservation).await?.reservation;
        let mut payments = self.payments_of(reservation).await?.into_iter().rev();
        let is_meant = |known: &Payment| match named {
            Named::Payment(id) => known.id == *id,
            Named::Order(order) => known.provider_order_id == *order,
            Named::Provider(name) => known.provider.eq_ignore_ascii_case(name),
        };
        let Some(payment) = payments.find(is_meant) else {
            return Err(Error::Refused(Refusal::PaymentNotFound));
        };
        if !is_recorded_by_staff(self.provider_of(&payment).await?.as_ref()) {
            // Whether a provider has the money, it must say itself.
            return Ok(self.ask(&payment, None).await?.reservation);
        }
        let news = News {
            payment: payment.id,
            state: PaymentState::Succeeded,
            provider_payment_id: String::new(),
            captured: payment.amount,
            method: method.to_owned(),
        };
        let command = Command::HearPayment { hold: found.hold, news };
        self.bookings.order(actor, found.property, command).await
    }

    /// The payment at this till that a guest of this reservation may still pay.
    async fn open_payment(
        &self,
        reservation: &Reservation,
        till: &OpenTill,
    ) -> Result<Option<Payment>, Error> {
        let (id, due_minor) = (reservation.id, reservation.due_now_minor());
        let (account, provider) = (till.account, till.provider.abilities().name);
        let mut payments = self.payments_of(id).await?.into_iter();
        Ok(payments.find(|known| {
            let is_there = known.provider == provider && known.account == account;
            is_there && known.state.is_open() && known.amount.minor == due_minor
        }))
    }

    /// The same, but one so old that its provider may have forgotten it is ended first: asked for again
    /// it would be a second order.
    async fn payment_to_go_on_with(
        &self,
        reservation: &Reservation,
        till: &OpenTill,
    ) -> Result<Option<Payment>, Error> {
        let Some(open) = self.open_payment(reservation, till).await? else { return Ok(None) };
        let now_ms = self.now_ms().await?;
        // An element is asked for its secret by our key each time: an old one would be a second order.
        let is_over = is_embedded(till.provider.as_ref()) && is_key_over(&open, now_ms);
        if !is_over && !is_forgotten(&open, now_ms) {
            return Ok(Some(open));
        }
        let ended = self.end(open).await?.payment;
        if ended.state.is_open() { Err(Error::OutcomeUnknown) } else { Ok(None) }
    }

    /// A payment that is begun now, or the one of somebody who was quicker: then ours was not made.
    async fn begin_or_join(
        &self,
        actor: &Actor,
        reservation: &Reservation,
        till: &OpenTill,
    ) -> Result<Payment, Error> {
        let begun = self.begin(actor, reservation, till).await?;
        if let Some(theirs) = self.open_payment(reservation, till).await? {
            return Ok(theirs);
        }
        // Theirs may have ended by now, too, and only what is stored is paid.
        match self.standings(begun.id).await {
            Err(Error::NotFound) => Err(Error::Busy { retry_after_ms: RETRY_AFTER_MS }),
            stored => Ok(stored?.payment),
        }
    }

    /// Stores the intent before anybody outside hears of it.
    pub(super) async fn begin(
        &self,
        actor: &Actor,
        reservation: &Reservation,
        till: &OpenTill,
    ) -> Result<Payment, Error> {
        let payment = Payment::begun(NewPayment {
            id: PaymentId(self.bookings.ids.next_id()),
            reservation: reservation.id,
            provider: till.provider.abilities().name.to_owned(),
            account: till.account,
            amount: Money::new(reservation.due_now_minor(), reservation.price.currency),
        });
        let begun = Box::new(payment.clone());
        let command = Command::BeginPayment { hold: reservation.hold, payment: begun };
        self.bookings.order(actor, reservation.property, command).await?;
        Ok(payment)
    }
}

/// Who pays a deposit whose rest is collected later agrees to that.
fn payer(reservation: &Reservation, is_held: bool) -> Payer {
    let is_collected_later = reservation.rest_from_ms().is_some();
    if is_held && is_collected_later { Payer::GuestAndLater } else { Payer::Guest }
}

fn is_embedded(provider: &dyn Provider) -> bool {
    match provider.abilities().checkout {
        Checkout::Embedded => true,
        Checkout::HostedPage | Checkout::AtProperty => false,
    }
}
