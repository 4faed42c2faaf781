//! `GET /bookings/{id}`: one booking, how it stands, and what may be done with it now.

use axum::extract::State;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::reservations::state::{MoneyState, StayState};
use vacancy_store::reservations::HistoryEntry;

use super::confirmed::payment;
use super::{Opened, open};
use crate::http::path::Path;
use crate::pages::answer::{Answer, page};
use crate::pages::forms::Asked;
use crate::pages::views::booking::{Booking, HistoryLine};
use crate::pages::views::parts::{Badge, Link, Tone};
use crate::pages::visitor::Visitor;
use crate::pages::{format, links, shown};
use crate::state::AppState;

/// Words of the history for what happened.
const EVENTS: [(&str, &str); 15] = [
    ("book", "Rooms held"),
    ("pay", "Went to pay"),
    ("payment", "News of the payment"),
    ("confirm", "Booking confirmed"),
    ("extend", "Rooms held for longer"),
    ("edit", "Guest details changed"),
    ("cancel", "Booking cancelled"),
    ("expire", "Time to pay ran out"),
    ("releasing", "Time to pay ran out; asking the payment provider"),
    ("reschedule", "Dates changed"),
    ("check-in", "Checked in"),
    ("check-out", "Checked out"),
    ("no-show", "Did not come"),
    ("refund", "Money given back"),
    ("late-payment", "Payment came too late"),
];

pub async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Asked(values): Asked,
) -> Answer {
    let opened = open(&state, &visitor, &id).await?;
    let reservation = &opened.shown.reservation;
    let (guest, profile) = (&reservation.guest, &opened.profile);
    let zone = shown::zone(&profile.hotel.time_zone);
    let line = |entry: &HistoryEntry| HistoryLine {
        at: format::moment(entry.at_ms, &zone),
        what: event(entry),
    };
    page(&Booking {
        code: reservation.code.to_string(),
        state: badge(reservation),
        state_detail: detail(&opened, reservation),
        guest: vec![
            shown::amount("Guest", guest.full_name.as_str()),
            shown::amount("E-mail", guest.email.as_str()),
            shown::amount("Phone", guest.phone.as_str()),
        ],
        stay: shown::reserved_card(profile, reservation),
        price: shown::reserved_price(profile, reservation),
        payment: payment(&opened, reservation),
        cancellation: cancellation(&opened, reservation),
        notice: notice(&opened, values.text("done")).map(str::to_owned),
        main_action: main_action(&opened, reservation),
        actions: actions(&opened, reservation),
        history: opened.shown.history.iter().map(line).collect(),
    })
}

/// What was just done, as the address names it; said only where it is so.
fn notice(opened: &Opened, done: &str) -> Option<&'static str> {
    let was_moved = opened.shown.history.iter().any(|entry| entry.action == "reschedule");
    match done {
        "changed" if was_moved => Some("Your dates are changed."),
        "canceled" if opened.shown.reservation.stay_state.has_ended_unused() => {
            Some("Your booking is cancelled.")
        }
        _ => None,
    }
}

fn badge(reservation: &Reservation) -> Badge {
    let (label, tone) = match reservation.stay_state {
        StayState::Held if reservation.waits_for_yes() => ("Waiting for your yes", Tone::Warn),
        StayState::Held => ("Waiting for payment", Tone::Warn),
        StayState::Releasing => ("Payment on its way", Tone::Warn),
        StayState::Confirmed => ("Confirmed", Tone::Good),
        StayState::CheckedIn => ("Checked in", Tone::Good),
        StayState::Completed => ("Stayed", Tone::Calm),
        StayState::Released | StayState::Canceled | StayState::Expired
            if reservation.money_state == MoneyState::Refunded =>
        {
            ("Refunded", Tone::Calm)
        }
        StayState::Released | StayState::Canceled => ("Cancelled", Tone::Calm),
        StayState::Expired => ("Expired", Tone::Calm),
        StayState::NoShow => ("Did not come", Tone::Bad),
    };
    Badge { label: label.into(), tone }
}

fn detail(opened: &Opened, reservation: &Reservation) -> String {
    let until =
        || shown::until(reservation.hold_expires_at_ms, opened.shown.now_ms, &opened.profile);
    match reservation.stay_state {
        StayState::Held => format!("The rooms are held until {}.", until()),
        StayState::Releasing => "The rooms stay held until the payment is known.".to_owned(),
        StayState::Confirmed => {
            let arrival = format::date_short(reservation.stay.first_day);
            format!("The rooms are yours. See you on {arrival}.")
        }
        StayState::CheckedIn => "Enjoy your stay.".to_owned(),
        StayState::Completed => "Thank you for staying.".to_owned(),
        StayState::Released | StayState::Canceled => match reservation.owed_minor() {
            0 => "The rooms are back on sale.".to_owned(),
            owed => {
                let owed = format::money(opened.money(owed));
                format!("The rooms are back on sale, and {owed} is on its way to you.")
            }
        },
        StayState::Expired => "It was not paid in time; the rooms are back on sale.".to_owned(),
        StayState::NoShow => "You were expected and did not come.".to_owned(),
    }
}

fn cancellation(opened: &Opened, reservation: &Reservation) -> String {
    match reservation.actions().contains(&"cancel") {
        true => shown::cancellation(&reservation.price, opened.shown.now_ms, &opened.profile),
        false => "There is nothing to cancel any more.".to_owned(),
    }
}

fn main_action(opened: &Opened, reservation: &Reservation) -> Option<Link> {
    let step = || links::booking_step(&opened.id(), "pay");
    if reservation.waits_for_yes() {
        return Some(shown::link("Confirm the booking", step()));
    }
    let is_due = reservation.actions().contains(&"pay");
    let due = format::money(opened.money(reservation.due_now_minor()));
    is_due.then(|| shown::link(format!("Pay {due} now"), step()))
}

/// Only what is legal now, in the words of a guest.
fn actions(opened: &Opened, reservation: &Reservation) -> Vec<Link> {
    let all = [("reschedule", "change", "Change dates"), ("cancel", "cancel", "Cancel booking")];
    let legal = all.iter().filter(|(action, ..)| reservation.actions().contains(action));
    legal
        .map(|(_, step, label)| shown::link(*label, links::booking_step(&opened.id(), step)))
        .collect()
}

fn event(entry: &HistoryEntry) -> String {
    let known = EVENTS.iter().find(|(action, _)| *action == entry.action);
    match (entry.action.as_str(), entry.detail.as_str()) {
        ("payment", "failed") => "Payment declined".to_owned(),
        ("payment", "authorized") => "Payment approved".to_owned(),
        ("payment", "") => "Paid".to_owned(),
        (action, _) => {
            known.map_or_else(|| action.replace(['-', '_'], " "), |(_, word)| (*word).to_owned())
        }
    }
}
