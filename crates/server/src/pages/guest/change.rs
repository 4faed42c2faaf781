//! `/bookings/{id}/change`: new dates are asked for and priced, then swapped at once or not at all.
//! Never for more than was shown.

use axum::extract::State;
use axum::http::StatusCode;
use vacancy_app::errors::Error;
use vacancy_app::reservations::change::{Move, Settlement};
use vacancy_domain::refusals::{PoolReason, Refusal};
use vacancy_domain::stays::{Day, STAY_ADVANCE_DAYS_MAX, Stay};
use vacancy_domain::zones;

use super::{Opened, open};
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::pages::answer::{Answer, Instead, page_as, see_other};
use crate::pages::asked::{CHECK_IN, CHECK_OUT, Question};
use crate::pages::forms::{Asked, Sent, Values};
use crate::pages::problems::sentence;
use crate::pages::views::change::{Change, Preview};
use crate::pages::views::parts::Field;
use crate::pages::views::reasons;
use crate::pages::visitor::Visitor;
use crate::pages::{format, links, shown};
use crate::state::AppState;

/// The price of the new stay as it was shown, in minor units.
const MAX_TOTAL: &str = "maxTotal";

/// What the new dates come to: a price, or why not.
enum Asking {
    Nothing,
    Priced(Box<Settlement>),
    Refused(Vec<String>),
}

pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Asked(values): Asked,
) -> Answer {
    let opened = open_changeable(&state, &visitor, &id).await?;
    let question = read(&opened, &values);
    let asking = match question.good_stay() {
        Some(stay) => ask(&state, &opened, stay).await?,
        None => Asking::Nothing,
    };
    let status = match &asking {
        Asking::Refused(_) => StatusCode::CONFLICT,
        Asking::Nothing if !question.wrong.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        Asking::Nothing | Asking::Priced(_) => StatusCode::OK,
    };
    page_as(status, &view(&opened, &question, &asking))
}

pub async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Sent(values): Sent,
) -> Answer {
    let opened = open_changeable(&state, &visitor, &id).await?;
    let question = read(&opened, &values);
    let Some(stay) = question.good_stay() else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page_as(status, &view(&opened, &question, &Asking::Nothing));
    };
    let agreed = opened.money(values.read(MAX_TOTAL).unwrap_or(0));
    let (actor, id) = (&opened.actor, opened.shown.reservation.id);
    let wish = Move { stay, rooms: None, agreed: Some(agreed) };
    match state.bookings.reschedule(actor, id, &wish, None).await {
        Ok((settlement, _)) if 0 < settlement.amount_due.minor => {
            Ok(see_other(&links::booking_step(&opened.id(), "pay")))
        }
        Ok(_) => Ok(see_other(&links::booking_done(&opened.id(), "changed"))),
        Err(Error::Refused(Refusal::PriceChanged { .. })) => {
            // The page says the price of now, and waits for another yes.
            let asking = ask(&state, &opened, stay).await?;
            page_as(StatusCode::CONFLICT, &view(&opened, &question, &asking))
        }
        Err(Error::Refused(refusal)) => {
            let asking = Asking::Refused(sentences(&opened, refusal));
            page_as(StatusCode::CONFLICT, &view(&opened, &question, &asking))
        }
        Err(error) => Err(error.into()),
    }
}

/// A booking whose dates cannot be changed any more shows itself instead.
async fn open_changeable(state: &AppState, visitor: &Visitor, id: &str) -> Result<Opened, Instead> {
    let opened = open(state, visitor, id).await?;
    if opened.shown.reservation.actions().contains(&"reschedule") {
        return Ok(opened);
    }
    Err(see_other(&links::booking(&opened.id())).into())
}

fn today(opened: &Opened) -> Day {
    let now_ms = opened.shown.now_ms;
    zones::day_at(now_ms, &opened.profile.hotel.time_zone)
        .unwrap_or_else(|_| shown::earliest_today(now_ms))
}

/// The dates asked for. A guest who is here keeps the day of arrival, which is over.
/// A stay that cost nothing does not become one that costs something by the guest alone.
const TO_BE_PAID: &str = "These nights are to be paid for: ask the house to move your booking.";

fn read(opened: &Opened, values: &Values) -> Question {
    let stay = opened.shown.reservation.stay;
    let earliest = today(opened).min(stay.first_day);
    let mut question = Question::read(values, earliest);
    if !question.has_dates {
        (question.ask.check_in, question.ask.check_out) = (stay.first_day, stay.end_day);
    }
    question
}

async fn ask(state: &AppState, opened: &Opened, stay: Stay) -> Result<Asking, Instead> {
    let wish = Move { stay, rooms: None, agreed: None };
    let id = opened.shown.reservation.id;
    match state.bookings.preview_reschedule(&opened.actor, id, &wish).await {
        Ok(settlement) => Ok(Asking::Priced(Box::new(settlement))),
        Err(Error::Refused(refusal)) => Ok(Asking::Refused(sentences(opened, refusal))),
        Err(Error::Denied) => Ok(Asking::Refused(vec![TO_BE_PAID.to_owned()])),
        Err(error) => Err(error.into()),
    }
}

/// Why not, in words.
fn sentences(opened: &Opened, refusal: Refusal) -> Vec<String> {
    if let Refusal::Unavailable { reasons } = &refusal {
        let names = shown::names(&opened.profile.room_types);
        let sentence = |no: &PoolReason| {
            let name = names.get(&no.pool).map_or("Room", String::as_str);
            format!("{name}: {}", reasons::in_words(&no.reason))
        };
        return reasons.iter().map(sentence).collect();
    }
    vec![sentence(Problem::from(Error::Refused(refusal)).detail())]
}

fn view(opened: &Opened, question: &Question, asking: &Asking) -> Change {
    let reservation = &opened.shown.reservation;
    let date = |name, label, at| {
        let field = Field {
            name,
            label,
            kind: "date",
            autocomplete: "off",
            max_length: 10,
            ..Field::default()
        };
        question.marked(field, at)
    };
    let (preview, refusals) = match asking {
        Asking::Nothing => (None, Vec::new()),
        Asking::Priced(settlement) => (Some(preview(opened, settlement)), Vec::new()),
        Asking::Refused(sentences) => (None, sentences.clone()),
    };
    let (first, end) = (question.ask.check_in, question.ask.check_out);
    let mut check_in = date(CHECK_IN, "New check-in", 0);
    let mut check_out = date(CHECK_OUT, "New check-out", 1);
    if !question.has_dates {
        check_in = check_in.with_value(&format::date_iso(first));
        check_out = check_out.with_value(&format::date_iso(end));
    }
    let mut apply_hidden = vec![
        shown::hidden(CHECK_IN, format::date_iso(first)),
        shown::hidden(CHECK_OUT, format::date_iso(end)),
    ];
    if let Asking::Priced(settlement) = asking {
        let total_minor = settlement.reservation.price.whole().minor;
        apply_hidden.push(shown::hidden(MAX_TOTAL, total_minor.to_string()));
    }
    Change {
        code: reservation.code.to_string(),
        stay: shown::reserved_card(&opened.profile, reservation),
        back_href: links::booking(&opened.id()),
        preview_action: links::booking_step(&opened.id(), "change"),
        check_in,
        check_out,
        earliest_date: format::date_iso(today(opened).min(reservation.stay.first_day)),
        latest_date: format::date_iso(today(opened).plus(STAY_ADVANCE_DAYS_MAX)),
        refusals,
        preview,
        apply_action: links::booking_step(&opened.id(), "change"),
        apply_hidden,
    }
}

fn preview(opened: &Opened, settlement: &Settlement) -> Preview {
    let old = &opened.shown.reservation;
    let new = &settlement.reservation;
    let paid_minor = old.paid_minor.saturating_sub(old.refunded_minor);
    let due = format::money(settlement.amount_due);
    let refund = format::money(settlement.refund);
    let (result_label, result, button) = if 0 < settlement.amount_due.minor {
        ("To pay", due.clone(), format!("Change dates and pay {due}"))
    } else if 0 < settlement.refund.minor {
        ("You get back", refund, "Change dates".to_owned())
    } else {
        ("Nothing to pay", due, "Change dates".to_owned())
    };
    let dates = format::date_range(new.stay.first_day, new.stay.end_day);
    Preview {
        new_stay: format!("{dates} · {}", shown::nights(new.stay)),
        lines: vec![
            shown::amount("New price with tax", format::money(new.price.whole())),
            shown::amount("Already paid", format::money(opened.money(paid_minor))),
            shown::amount("Fee for the change", format::money(settlement.penalty)),
        ],
        result_label: result_label.to_owned(),
        result,
        button,
    }
}
