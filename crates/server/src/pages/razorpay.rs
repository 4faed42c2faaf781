//! `/razorpay/checkout/{order}`: the page whose form takes the guest to Razorpay, and
//! `/razorpay/return/{order}`, where Razorpay's own page sends the guest's browser back. Neither
//! believes anything: the provider is asked when the guest is back at the booking.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use vacancy_app::access::Actor;
use vacancy_app::hotels;
use vacancy_app::payments::Standings;
use vacancy_connect::payments::razorpay::{Back, HandOff, Razorpay};
use vacancy_domain::payments::Payment;
use vacancy_domain::reservations::state::StayState;

use super::answer::{Answer, page, see_other, without_our_name};
use super::elsewhere::allow_form_to;
use super::format;
use super::forms::Values;
use super::views::hand_off::HandOff as View;
use super::views::parts::Hidden;
use crate::http::json::RawBody;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::state::AppState;

/// Longest word that Razorpay sends back.
const WORD_BYTES_MAX: usize = 500;

pub async fn show(State(state): State<AppState>, Path(order): Path<String>) -> Answer {
    let Standings { payment, reservation } = state.payments.by_order("razorpay", &order).await?;
    let razorpay = razorpay(&state, &payment).await?;
    let is_wanted = matches!(
        reservation.stay_state,
        StayState::Held | StayState::Confirmed | StayState::CheckedIn
    );
    let back = razorpay.way_back(&payment, &Back::default());
    let back = without_our_name(&back, &state.public_url).to_owned();
    if !is_wanted || !payment.state.is_open() {
        return Ok(see_other(&back));
    }
    let actor = Actor::Anonymous;
    let hotel = hotels::profile(&state.db, &actor, reservation.property).await?.hotel;
    let HandOff { action, fields } = razorpay.hand_off(&payment, &hotel.name);
    let fields = fields.into_iter().map(|(name, value)| Hidden { name: name.to_owned(), value });
    let view = View {
        action: action.clone(),
        fields: fields.collect(),
        hotel_name: hotel.name,
        amount: format::money(payment.amount),
        payment_order_id: payment.provider_order_id,
        back_href: back,
    };
    let mut response = page(&view)?;
    allow_form_to(&mut response, &action);
    Ok(response)
}

/// The browser posts here from Razorpay's page, as any other site could make it do: all that
/// follows is a redirect to where the order said.
pub async fn back(
    State(state): State<AppState>,
    Path(order): Path<String>,
    request: Request,
) -> Answer {
    let payment = state.payments.by_order("razorpay", &order).await?.payment;
    let razorpay = razorpay(&state, &payment).await?;
    let RawBody(body) = RawBody::from_request(request, &state).await?;
    let values = Values::parse(&body)?;
    let word = |name: &str| {
        let text = values.text(name);
        if WORD_BYTES_MAX < text.len() { String::new() } else { text.to_owned() }
    };
    let back =
        Back { payment_id: word("razorpay_payment_id"), signature: word("razorpay_signature") };
    let way_back = razorpay.way_back(&payment, &back);
    Ok(see_other(without_our_name(&way_back, &state.public_url)))
}

/// The account that the payment was begun at.
async fn razorpay(state: &AppState, payment: &Payment) -> Result<Arc<Razorpay>, Problem> {
    let found = match payment.account {
        Some(account) => state.payments.accounts.till(account).await?.razorpay,
        None => state.razorpay.clone(),
    };
    found.ok_or_else(Problem::not_found)
}
