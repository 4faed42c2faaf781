//! `GET /bookings/{id}/return`: back from a checkout. What the browser brings is a hint only: the
//! provider is asked, then the guest goes to where the booking stands.

use axum::extract::State;
use vacancy_app::errors::Error;
use vacancy_app::payments::order::{ClaimedAmount, Returned};
use vacancy_connect::payments::order::Claim;
use vacancy_domain::payments::{Payment, PaymentState};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::reservations::state::StayState;

use super::{Opened, expired, open};
use crate::http::path::Path;
use crate::pages::answer::{Answer, page, see_other};
use crate::pages::forms::{Asked, Values};
use crate::pages::views::waiting::Waiting;
use crate::pages::visitor::Visitor;
use crate::pages::{format, links, shown};
use crate::state::AppState;

const ORDER: &str = "paymentOrderId";
const PAID: &str = "providerPaymentId";
const SIGNATURE: &str = "signature";
const CLAIM: [&str; 3] = [ORDER, PAID, SIGNATURE];

/// Longest word that a provider puts into the address.
const CLAIM_BYTES_MAX: usize = 500;

pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Asked(values): Asked,
) -> Answer {
    let mut opened = open(&state, &visitor, &id).await?;
    if let Some(back) = returned(&opened, &values) {
        match state.payments.confirm(&opened.actor, &back).await {
            // The claim in the address is not what the provider has: what we know stands.
            Ok(_) | Err(Error::Refused(Refusal::Mismatch { .. } | Refusal::PaymentDeclined)) => {}
            Err(error) => return Err(error.into()),
        }
        opened = open(&state, &visitor, &id).await?;
    }
    go_on(&state, &opened, &values).await
}

/// Which order the guest comes from: the one in the address, else the last one.
fn returned(opened: &Opened, values: &Values) -> Option<Returned> {
    let payments = &opened.shown.payments;
    let named = values.text(ORDER);
    let is_named = |payment: &&Payment| payment.provider_order_id == named;
    let payment = match payments.iter().find(is_named) {
        Some(payment) if !named.is_empty() => payment,
        Some(_) | None => last(payments).filter(|last| !last.provider_order_id.is_empty())?,
    };
    let [provider_payment_id, signature] = [PAID, SIGNATURE]
        .map(|name| values.text(name).to_owned())
        .map(|text| if CLAIM_BYTES_MAX < text.len() { String::new() } else { text });
    let is_of_this = payment.provider_order_id == named && !provider_payment_id.is_empty();
    let signature = Some(signature).filter(|signature| !signature.is_empty());
    Some(Returned {
        reservation: opened.shown.reservation.id,
        provider_order_id: payment.provider_order_id.clone(),
        claim: is_of_this.then_some(Claim { provider_payment_id, signature }),
        claimed: ClaimedAmount::default(),
    })
}

async fn go_on(state: &AppState, opened: &Opened, values: &Values) -> Answer {
    let step = |name: &str| Ok(see_other(&links::booking_step(&opened.id(), name)));
    match opened.shown.reservation.stay_state {
        StayState::Held if may_still_come(opened, values) => page(&waiting(opened, values)),
        StayState::Held => step("pay"),
        StayState::Releasing => page(&waiting(opened, values)),
        StayState::Confirmed if has_failed(opened) => step("pay"),
        StayState::Confirmed => step("confirmed"),
        StayState::Expired => expired::show(state, opened).await,
        StayState::CheckedIn
        | StayState::Completed
        | StayState::Released
        | StayState::Canceled
        | StayState::NoShow => Ok(see_other(&links::booking(&opened.id()))),
    }
}

fn waiting(opened: &Opened, values: &Values) -> Waiting {
    let reservation = &opened.shown.reservation;
    let claim = CLAIM.map(|name| (name, values.text(name)));
    Waiting {
        check_href: links::booking_return(&opened.id(), &claim),
        held_until: shown::until(
            reservation.hold_expires_at_ms,
            opened.shown.now_ms,
            &opened.profile,
        ),
        amount: format::money(opened.money(reservation.due_now_minor())),
    }
}

fn last(payments: &[Payment]) -> Option<&Payment> {
    payments.iter().max_by_key(|payment| payment.id)
}

/// Whether money is on its way: the guest has paid, as the address says, and the provider does not
/// know how it ended. Who came back without paying may go and pay.
fn may_still_come(opened: &Opened, values: &Values) -> bool {
    let is_open = last(&opened.shown.payments).is_some_and(|payment| payment.state.is_open());
    is_open && !values.text(PAID).is_empty()
}

fn has_failed(opened: &Opened) -> bool {
    let reservation = &opened.shown.reservation;
    0 < reservation.due_minor()
        && last(&opened.shown.payments).is_some_and(|payment| payment.state == PaymentState::Failed)
}
