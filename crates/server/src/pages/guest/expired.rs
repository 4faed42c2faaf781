//! The hold ran out: the same rooms again while they are free, else what is.

use axum::http::StatusCode;
use vacancy_app::alternatives::Missed;
use vacancy_app::errors::Error;
use vacancy_app::quotes::{self, Ask};
use vacancy_domain::prices::Terms;

use super::{Opened, instead};
use crate::pages::answer::{Answer, page_as};
use crate::pages::views::expired::Expired;
use crate::pages::{format, links, shown};
use crate::state::AppState;

pub(super) async fn show(state: &AppState, opened: &Opened) -> Answer {
    let reservation = &opened.shown.reservation;
    let rooms = reservation.lines.iter().fold(std::collections::BTreeMap::new(), |mut all, one| {
        *all.entry(one.room_type.clone()).or_insert(0) += one.line.units;
        all
    });
    let (property, stay, adults) = (reservation.property, reservation.stay, reservation.adults);
    let ask =
        Ask { property, stay, rooms: rooms.clone(), adults, guests: None, terms: Terms::default() };
    let is_free = match quotes::ask(&state.db, &opened.actor, &ask).await {
        Ok(quote) => quote.reasons.is_empty(),
        // The day has passed, or the hotel sells something else by now.
        Err(Error::Refused(_)) => false,
        Err(error) => return Err(error.into()),
    };
    let units: Vec<(&str, i64)> =
        rooms.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    let room_count = rooms.values().sum();
    let ask = shown::ask_of(stay, adults, room_count, &opened.profile.hotel.location);
    let alternatives = if is_free {
        Vec::new()
    } else {
        let children = reservation.children.clone();
        let (hotel, rooms, terms) = (property, rooms.clone(), Terms::default());
        let missed = Missed { hotel, stay, rooms, adults, children, terms };
        instead::offers(state, &opened.profile, &missed).await?
    };
    let view = Expired {
        stay: shown::reserved_card(&opened.profile, reservation),
        expired_at: shown::until(
            reservation.hold_expires_at_ms,
            opened.shown.now_ms,
            &opened.profile,
        ),
        again_href: is_free.then(|| links::book(&property.to_string(), &ask, &units)),
        money_note: (0 < reservation.paid_minor).then(|| {
            let paid = format::money(opened.money(reservation.paid_minor));
            format!("Your payment of {paid} came after that and goes back to where it came from.")
        }),
        alternatives,
        search_href: links::results(&ask, None, None),
    };
    page_as(StatusCode::GONE, &view)
}
