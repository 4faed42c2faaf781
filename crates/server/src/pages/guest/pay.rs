//! `/bookings/{id}/pay`: how to pay, then on to the checkout. The amount is what is due, whatever
//! the browser says.

use axum::extract::State;
use vacancy_app::errors::Error;
use vacancy_app::payments::order::{ClaimedAmount, PaymentWish};
use vacancy_app::payments::tills::Tills;
use vacancy_connect::payments::Checkout;
use vacancy_connect::payments::stripe::CHECKOUT_ORIGIN;
use vacancy_domain::money::Money;
use vacancy_domain::payments::PaymentState;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::state::StayState;

use super::{Opened, expired, open};
use crate::http::path::Path;
use crate::pages::answer::{Answer, page, see_other, without_our_name};
use crate::pages::elsewhere::allow_form_to;
use crate::pages::forms::Sent;
use crate::pages::views::pay::{Pay, WayToPay};
use crate::pages::visitor::Visitor;
use crate::pages::{format, links, shown};
use crate::state::AppState;

const DECLINED: &str =
    "The payment was declined. Nothing was charged and the rooms are still held.";
const NOT_PAID: &str = "The payment was declined. Nothing was charged; your booking stands.";

const NO_ANSWER: &str = "The payment service does not answer right now. Nothing was charged and the rooms are still \
     held: try once more in a moment, or pay another way.";

pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let opened = open(&state, &visitor, &id).await?;
    fill(&state, &opened, None).await
}

pub async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Sent(values): Sent,
) -> Answer {
    let opened = open(&state, &visitor, &id).await?;
    let back = links::booking_step(&opened.id(), "return");
    let (reservation, provider) = (opened.shown.reservation.id, values.text("paymentProvider"));
    if opened.shown.reservation.waits_for_yes() {
        let confirmed = state.bookings.confirm_by_hand(&opened.actor, reservation, None).await;
        return match confirmed {
            Ok(_) | Err(Error::Refused(Refusal::InvalidTransition { .. })) => Ok(see_other(&back)),
            Err(Error::Refused(Refusal::HoldExpired { .. })) => {
                Ok(see_other(&links::booking(&opened.id())))
            }
            Err(error) => Err(error.into()),
        };
    }
    if is_settled(&opened.shown.reservation) {
        // Sent once more.
        return Ok(see_other(&back));
    }
    let till = state.payments.till(&opened.actor, reservation, provider).await?;
    let wish = PaymentWish {
        reservation,
        return_url: format!("{}{back}", state.public_url),
        test_outcome: None,
        claimed: ClaimedAmount::default(),
    };
    let standings = match state.payments.open_order(&opened.actor, &till, &wish).await {
        Ok(opened) => opened.standings,
        Err(Error::Refused(Refusal::PaymentDeclined)) => {
            return fill(&state, &opened, Some(DECLINED)).await;
        }
        Err(Error::Refused(Refusal::NothingDue)) => return Ok(see_other(&back)),
        Err(Error::Refused(Refusal::HoldExpired { .. } | Refusal::InvalidTransition { .. })) => {
            return Ok(see_other(&links::booking(&opened.id())));
        }
        Err(error) => return Err(error.into()),
    };
    let payment = standings.payment;
    if payment.provider_order_id.is_empty() && payment.state.is_open() {
        return fill(&state, &opened, Some(NO_ANSWER)).await;
    }
    match payment.checkout_url.as_str() {
        "" => Ok(see_other(&back)),
        checkout => Ok(see_other(without_our_name(checkout, &state.public_url))),
    }
}

async fn fill(state: &AppState, opened: &Opened, alert: Option<&str>) -> Answer {
    let reservation = &opened.shown.reservation;
    let due_minor = reservation.due_now_minor();
    let booking = links::booking(&opened.id());
    let is_held = match reservation.stay_state {
        StayState::Held => true,
        StayState::Confirmed | StayState::CheckedIn if 0 < due_minor => false,
        StayState::Confirmed => {
            return Ok(see_other(&links::booking_step(&opened.id(), "confirmed")));
        }
        StayState::Expired => return expired::show(state, opened).await,
        StayState::Releasing => return Ok(see_other(&links::booking_step(&opened.id(), "return"))),
        StayState::CheckedIn
        | StayState::Completed
        | StayState::Released
        | StayState::Canceled
        | StayState::NoShow => return Ok(see_other(&booking)),
    };
    let last = opened.shown.payments.iter().max_by_key(|payment| payment.id);
    let was_declined = last.is_some_and(|payment| payment.state == PaymentState::Failed);
    let declined = if is_held { DECLINED } else { NOT_PAID };
    let alert = alert.or(was_declined.then_some(declined));
    let until = shown::until(reservation.hold_expires_at_ms, opened.shown.now_ms, &opened.profile);
    let paid_minor = reservation.paid_minor.saturating_sub(reservation.refunded_minor);
    let tills = state.payments.tills(reservation.business).await?;
    let view = Pay {
        stay: shown::reserved_card(&opened.profile, reservation),
        price: shown::reserved_price(&opened.profile, reservation),
        action: links::booking_step(&opened.id(), "pay"),
        held_until: is_held.then_some(until),
        paid_already: (0 < paid_minor).then(|| format::money(opened.money(paid_minor))),
        rest: shown::rest(reservation, &opened.profile).filter(|_| is_held),
        is_free: reservation.waits_for_yes(),
        ways: ways(state, &tills, opened.money(due_minor), is_held && !has_deposit(reservation)),
        release_action: is_held.then(|| links::booking_step(&opened.id(), "cancel")),
        back_href: booking,
        alert: alert.map(str::to_owned),
    };
    let mut response = page(&view)?;
    if goes_to_stripes_page(&tills) {
        allow_form_to(&mut response, CHECKOUT_ORIGIN);
    }
    Ok(response)
}

/// Where a business has Stripe's element in a page of its own, this page offers no Stripe.
fn goes_to_stripes_page(tills: &Tills) -> bool {
    let stripe = tills.find("stripe");
    stripe.is_some_and(|stripe| match stripe.provider.abilities().checkout {
        Checkout::HostedPage => true,
        Checkout::Embedded | Checkout::AtProperty => false,
    })
}

/// A booking that stands, and of which nothing is due.
fn is_settled(reservation: &Reservation) -> bool {
    matches!(reservation.stay_state, StayState::Confirmed | StayState::CheckedIn)
        && reservation.due_now_minor() == 0
}

fn has_deposit(reservation: &Reservation) -> bool {
    reservation.first_due_minor() < reservation.price.total_minor
}

/// Paying now first. Who has a booking without having paid pays at the property already.
fn ways(state: &AppState, tills: &Tills, due: Money, may_pay_there: bool) -> Vec<WayToPay> {
    let mut ways = Vec::new();
    let has = |name: &str| tills.find(name).is_some();
    let pay_now = |provider, detail: &str| WayToPay {
        provider,
        label: format!("Pay {} now", format::money(due)),
        detail: detail.to_owned(),
    };
    if goes_to_stripes_page(tills) {
        ways.push(pay_now("STRIPE", "By card and more, on the page of Stripe."));
    }
    if has("razorpay") {
        ways.push(pay_now("RAZORPAY", "By card, UPI, wallet or net banking, with Razorpay."));
    }
    if has("sandbox") {
        ways.push(pay_now("SANDBOX", "You go to a test payment page. No real money moves."));
    }
    if has("offline") && may_pay_there && state.payments.confirms_pay_at_property {
        ways.push(WayToPay {
            provider: "OFFLINE",
            label: "Pay at the property".to_owned(),
            detail: "Booked at once; cash or card at check-in.".to_owned(),
        });
    }
    ways
}
