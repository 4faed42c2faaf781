//! `GET /bookings/{id}/confirmed`: the code, what, when, and what it costs.

use axum::extract::State;
use vacancy_domain::payments::PaymentState;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::state::StayState;

use super::{Opened, open};
use crate::http::path::Path;
use crate::pages::answer::{Answer, page, see_other};
use crate::pages::views::confirmation::Confirmation;
use crate::pages::visitor::Visitor;
use crate::pages::{format, links, shown};
use crate::state::AppState;

pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let opened = open(&state, &visitor, &id).await?;
    let reservation = &opened.shown.reservation;
    match reservation.stay_state {
        StayState::Confirmed => {}
        StayState::Held => return Ok(see_other(&links::booking_step(&opened.id(), "pay"))),
        StayState::Releasing
        | StayState::CheckedIn
        | StayState::Completed
        | StayState::Released
        | StayState::Expired
        | StayState::Canceled
        | StayState::NoShow => return Ok(see_other(&links::booking(&opened.id()))),
    }
    page(&Confirmation {
        code: reservation.code.to_string(),
        guest_name: reservation.guest.full_name.clone(),
        email: reservation.guest.email.clone(),
        stay: shown::reserved_card(&opened.profile, reservation),
        price: shown::reserved_price(&opened.profile, reservation),
        payment: payment(&opened, reservation),
        cancellation: shown::cancellation(&reservation.price, opened.shown.now_ms, &opened.profile),
        booking_href: links::booking(&opened.id()),
    })
}

/// "Paid €208.00 on Wed 3 Feb 2027", "€208.00 to pay at the property", "Refunded €208.00".
pub(super) fn payment(opened: &Opened, reservation: &Reservation) -> String {
    let shown = |minor: i64| format::money(opened.money(minor));
    let mut parts = Vec::new();
    if 0 < reservation.paid_minor {
        let zone = shown::zone(&opened.profile.hotel.time_zone);
        let paid_at = opened.shown.payments.iter().filter_map(|payment| match payment.state {
            PaymentState::Succeeded => payment.completed_at_ms,
            PaymentState::Created
            | PaymentState::Pending
            | PaymentState::Authorized
            | PaymentState::Failed
            | PaymentState::Canceled => None,
        });
        let on = paid_at.max().map(|at_ms| format::moment(at_ms, &zone));
        let on = on.and_then(|at| at.split(',').next().map(|day| format!(" on {day}")));
        parts.push(format!("Paid {}{}", shown(reservation.paid_minor), on.unwrap_or_default()));
    }
    if 0 < reservation.refunded_minor {
        parts.push(format!("refunded {}", shown(reservation.refunded_minor)));
    }
    let on_its_way = reservation.owed_minor();
    if 0 < on_its_way {
        parts.push(format!("{} on its way back to you", shown(on_its_way)));
    }
    if 0 < reservation.due_minor() {
        let due = shown(reservation.due_minor());
        let later = reservation
            .rest_from_ms()
            .map(|at_ms| format::moment(at_ms, &shown::zone(&opened.profile.hotel.time_zone)));
        parts.push(match (reservation.stay_state, later) {
            (StayState::Held | StayState::Releasing, _) => format!("{due} to pay"),
            (StayState::Confirmed, Some(at)) => {
                format!("{due} will be taken on {at} by what you paid with")
            }
            (
                StayState::Confirmed
                | StayState::CheckedIn
                | StayState::Completed
                | StayState::Released
                | StayState::Expired
                | StayState::Canceled
                | StayState::NoShow,
                _,
            ) => format!("{due} to pay at the property"),
        });
    }
    match parts.is_empty() {
        true => "Nothing was charged".to_owned(),
        false => parts.join("; "),
    }
}
