//! `/bookings`: find my booking by code and e-mail. A wrong code and a wrong e-mail read alike, and
//! nobody may try many.

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use vacancy_app::errors::Error;

use super::book::opened;
use crate::http::limits::Source;
use crate::pages::answer::{Answer, Instead, page, page_as, public};
use crate::pages::forms::Sent;
use crate::pages::links;
use crate::pages::views::find_booking::FindBooking;
use crate::pages::visitor::Visitor;
use crate::state::AppState;

pub async fn show() -> Answer {
    page(&FindBooking::empty()).map(public)
}

pub async fn submit(
    State(state): State<AppState>,
    Extension(source): Extension<Source>,
    visitor: Visitor,
    Sent(values): Sent,
) -> Answer {
    let (code, email) = (values.text("code"), values.text("email"));
    let mut view = FindBooking::empty();
    if code.is_empty() {
        view.code = view.code.with_error("Enter the code of your booking");
    }
    if email.is_empty() {
        view.email = view.email.with_error("Enter the e-mail you booked with");
    }
    if !view.errors().is_empty() {
        view.code = view.code.with_value(code);
        view.email = view.email.with_value(email);
        return page_as(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    state.limits.check_lookup(source, code)?;
    match state.bookings.look_up(code, email).await {
        Ok(shown) => {
            let id = shown.reservation.id;
            let token = state.secret().guest_token(id, shown.token_version);
            Ok(opened(&visitor, &token, &links::booking(&id.to_string())))
        }
        Err(Error::NotFound) => {
            page_as(StatusCode::NOT_FOUND, &FindBooking::empty().not_found(code, email))
        }
        Err(error) => Err(error.into()),
    }
}

/// In place of a booking that this browser has no cookie for. Says nothing about whether there is
/// such a booking.
pub(super) fn locked() -> Instead {
    let mut view = FindBooking::empty();
    view.alert =
        Some("This browser cannot open that booking yet. Enter its code and e-mail.".to_owned());
    match page_as(StatusCode::UNAUTHORIZED, &view) {
        Ok(response) => response.into(),
        Err(instead) => instead,
    }
}
