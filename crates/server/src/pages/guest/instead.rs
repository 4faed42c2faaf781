//! What a guest could have instead of rooms that are gone: others of the house, the same on other
//! days, other houses of the place. Shown where a booking was refused or a hold ran out.

use std::collections::BTreeMap;

use vacancy_app::access::Actor;
use vacancy_app::alternatives::{self, Alternative, Missed};
use vacancy_app::errors::Error;
use vacancy_app::hotels::Profile;
use vacancy_app::listings::criteria::{Area, Criteria};
use vacancy_app::listings::{self};
use vacancy_domain::hotels::Party;
use vacancy_domain::stays::Stay;

use super::results::area;
use crate::pages::answer::Instead;
use crate::pages::views::parts::Offer;
use crate::pages::{format, links, shown};
use crate::state::AppState;

const OFFERS_MAX: usize = 3;

/// Most of one page; never more than a guest can take in.
pub(super) async fn offers(
    state: &AppState,
    profile: &Profile,
    missed: &Missed,
) -> Result<Vec<Offer>, Instead> {
    let mut offers: Vec<Offer> = match alternatives::find(&state.db, missed).await {
        // A change of room is two bookings, which no link can make.
        Ok(found) => found
            .iter()
            .filter(|other| other.then.is_none())
            .map(|other| here(profile, missed, other))
            .collect(),
        // The days around may lie outside what can be asked.
        Err(Error::Refused(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    offers.truncate(OFFERS_MAX);
    if offers.len() < OFFERS_MAX {
        let more = elsewhere(state, profile, missed).await?;
        offers.extend(more.into_iter().take(OFFERS_MAX - offers.len()));
    }
    Ok(offers)
}

/// Another room or another day in the same house.
fn here(profile: &Profile, missed: &Missed, other: &Alternative) -> Offer {
    let names = named(profile, &other.rooms);
    let kind = profile.room_types.iter().find(|kind| other.rooms.contains_key(&kind.code));
    let name = &profile.hotel.name;
    let picture_src = kind.map_or_else(
        || shown::picture(&profile.hotel.image_urls, name),
        |kind| shown::picture(&kind.image_urls, name),
    );
    let dates = if other.stay == missed.stay {
        "same dates".to_owned()
    } else {
        format::date_range(other.stay.first_day, other.stay.end_day)
    };
    let units: Vec<(&str, i64)> =
        other.rooms.iter().map(|(code, units)| (code.as_str(), *units)).collect();
    let ask = shown::ask_of(other.stay, missed.adults, units.iter().map(|(_, n)| n).sum(), "");
    Offer {
        href: links::book(&profile.hotel.id.to_string(), &ask, &units),
        picture_src,
        title: format!("{names}, {dates}"),
        detail: name.clone(),
        price: format::money_short(other.total),
    }
}

/// "Deluxe double, 2 × Twin room"
fn named(profile: &Profile, rooms: &BTreeMap<String, i64>) -> String {
    let name = |(code, units): (&String, &i64)| {
        let kind = profile.room_types.iter().find(|kind| kind.code == *code);
        let name = kind.map_or(code.as_str(), |kind| kind.name.as_str());
        if *units == 1 { name.to_owned() } else { format!("{units} × {name}") }
    };
    rooms.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Other houses of the place that take the party for the same nights.
async fn elsewhere(
    state: &AppState,
    profile: &Profile,
    missed: &Missed,
) -> Result<Vec<Offer>, Instead> {
    let (adults, room_count) = (missed.adults, missed.rooms.values().sum());
    let area_of = Area::Location(profile.hotel.location.clone());
    let criteria = Criteria {
        party: Party { adults, children: Vec::new(), room_count },
        limit: Some(i64::try_from(OFFERS_MAX).unwrap_or(1) + 1),
        ..Criteria::of(area_of, Some(missed.stay))
    };
    let found = match state.finder.search(&Actor::Anonymous, &criteria).await {
        Ok(found) => found.page.items,
        Err(Error::Refused(_) | Error::Invalid(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let Stay { first_day, end_day } = missed.stay;
    let ask = shown::ask_of(Stay::new(first_day, end_day), adults, room_count, "");
    let others = found.into_iter().filter(|listing| listing.hotel.id != missed.hotel);
    let offer = |listing: listings::Listing| {
        let (hotel, offer) = (listing.hotel, listing.offer?);
        Some(Offer {
            href: links::hotel(&hotel.id.to_string(), &ask),
            picture_src: shown::picture(&hotel.image_urls, &hotel.name),
            title: format!("{} at {}", offer.room_type_name, hotel.name),
            detail: format!("{} · same dates", area(&hotel.address, &profile.location)),
            price: format::money_short(offer.total),
        })
    };
    Ok(others.filter_map(offer).collect())
}
