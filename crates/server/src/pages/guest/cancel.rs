//! `/bookings/{id}/cancel`: what comes back is shown first; then it is done, and never for less
//! than was shown.

use axum::extract::State;
use axum::http::StatusCode;
use vacancy_app::errors::Error;
use vacancy_app::reservations::change::Settlement;
use vacancy_domain::refusals::Refusal;

use super::{Opened, open};
use crate::http::path::Path;
use crate::pages::answer::{Answer, Instead, page_as, see_other};
use crate::pages::forms::Sent;
use crate::pages::views::cancel::Cancel;
use crate::pages::visitor::Visitor;
use crate::pages::{format, links, shown};
use crate::state::AppState;

/// In the history of the booking.
const REASON: &str = "guest";

pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let opened = open(&state, &visitor, &id).await?;
    let settlement = preview(&state, &opened).await?;
    page_as(StatusCode::OK, &view(&opened, &settlement, None))
}

pub async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Sent(values): Sent,
) -> Answer {
    let opened = open(&state, &visitor, &id).await?;
    let settlement = preview(&state, &opened).await?;
    // Who gives held rooms back from the payment page was shown no refund.
    let shown_minor: i64 = values.read("refund").unwrap_or(0);
    if settlement.refund.minor < shown_minor {
        let alert =
            "The refund is lower than the page showed before. Nothing was done; look again.";
        return page_as(StatusCode::CONFLICT, &view(&opened, &settlement, Some(alert)));
    }
    let (actor, id) = (&opened.actor, opened.shown.reservation.id);
    state.bookings.cancel(actor, id, REASON.to_owned(), None).await?;
    Ok(see_other(&links::booking_done(&opened.id(), "canceled")))
}

/// What would come back. A booking that cannot be cancelled any more shows itself instead.
async fn preview(state: &AppState, opened: &Opened) -> Result<Settlement, Instead> {
    let id = opened.shown.reservation.id;
    if !opened.shown.reservation.actions().contains(&"cancel") {
        return Err(see_other(&links::booking(&opened.id())).into());
    }
    match state.bookings.preview_cancel(&opened.actor, id).await {
        Ok(settlement) => Ok(settlement),
        Err(Error::Refused(Refusal::InvalidTransition { .. } | Refusal::HoldExpired { .. })) => {
            Err(see_other(&links::booking(&opened.id())).into())
        }
        Err(error) => Err(error.into()),
    }
}

fn view(opened: &Opened, settlement: &Settlement, alert: Option<&str>) -> Cancel {
    let reservation = &opened.shown.reservation;
    let paid_minor = reservation.paid_minor.saturating_sub(reservation.refunded_minor);
    let refund_detail = match settlement.refund.minor {
        0 if 0 < paid_minor => "The agreed cancellation fee takes all that was paid.",
        0 => "Nothing was paid, so nothing has to come back.",
        _ => "To the card or account you paid with, usually within 5 days.",
    };
    Cancel {
        code: reservation.code.to_string(),
        stay: shown::reserved_card(&opened.profile, reservation),
        action: links::booking_step(&opened.id(), "cancel"),
        back_href: links::booking(&opened.id()),
        lines: vec![
            shown::amount("You paid", format::money(opened.money(paid_minor))),
            shown::amount("Cancellation fee", format::money(settlement.penalty)),
        ],
        refund: format::money(settlement.refund),
        refund_minor: settlement.refund.minor,
        refund_detail: refund_detail.to_owned(),
        policy: shown::cancellation(&reservation.price, opened.shown.now_ms, &opened.profile),
        alert: alert.map(str::to_owned),
    }
}
