//! `GET /search`: what was found for a place and dates, or why nothing was.

use std::collections::BTreeMap;

use axum::extract::State;
use vacancy_app::access::Actor;
use vacancy_app::listings::criteria::{Criteria, Sort as By};
use vacancy_app::listings::{Listing, Listings};
use vacancy_app::locations;
use vacancy_domain::hotels::{Location, Party};

use super::places::{self, Meant};
use super::{home, nothing, now_ms};
use crate::pages::answer::{Answer, Instead, page, public};
use crate::pages::asked::Question;
use crate::pages::forms::Asked;
use crate::pages::views::amenities;
use crate::pages::views::results::{HotelCard, Results, Sort};
use crate::pages::{format, links, shown};
use crate::state::AppState;

/// Amenities on one card.
const CARD_AMENITIES_MAX: usize = 4;

const SORTS: [(By, &str, &str); 3] = [
    (By::Price, "price", "Best price"),
    (By::Rating, "rating", "Best rated"),
    (By::Distance, "distance", "Nearest"),
];

pub async fn show(State(state): State<AppState>, Asked(values): Asked) -> Answer {
    let today = shown::earliest_today(now_ms(&state).await?);
    let mut question = Question::read(&values, today);
    if question.ask.place.is_empty() {
        return home::fill(&state, &question, Some("Enter a city or a hotel")).await;
    }
    let meant = places::meant(&state, &question.ask.place).await?;
    if !question.wrong.is_empty() {
        return home::fill(&state, &question, None).await;
    }
    let sort = sort(values.text("sort"), &meant);
    let mut criteria = criteria(&meant, &question);
    criteria.sort = sort;
    criteria.cursor = Some(values.text("cursor").to_owned()).filter(|cursor| !cursor.is_empty());
    let found = state.finder.search(&Actor::Anonymous, &criteria).await?;
    if found.total == 0 && !nothing::has_hotels(&state, &criteria).await? {
        let error = format!("We know no place or hotel called {}", question.ask.place);
        return home::fill(&state, &question, Some(&error)).await;
    }
    meant.key().clone_into(&mut question.ask.place);
    let mut search = question.form(&meant.name(), today);
    search.places = places::suggested(&state).await?.iter().map(shown::place_name).collect();
    let mut view = Results {
        search,
        heading: heading(&found, &meant),
        subheading: subheading(&question),
        sorts: sorts(&question.ask, sort, &meant),
        cards: cards(&state, &question, &found.page.items).await?,
        nothing: None,
        next_href: next_href(&question.ask, sort, &found),
    };
    if found.total == 0 {
        view.nothing = Some(nothing::explain(&state, &meant, &question, &criteria).await?);
    }
    page(&view).map(public)
}

pub(super) fn criteria(meant: &Meant, question: &Question) -> Criteria {
    let links::Ask { adults, room_count, .. } = question.ask;
    Criteria {
        party: Party { adults, children: Vec::new(), room_count },
        ..Criteria::of(meant.area(), Some(question.stay()))
    }
}

/// Distance needs a place to measure from.
fn sort(asked: &str, meant: &Meant) -> By {
    let found = SORTS.iter().find(|(_, word, _)| *word == asked);
    match (found, meant) {
        (Some((By::Distance, ..)), Meant::Name(_)) | (None, _) => By::Price,
        (Some((by, ..)), _) => *by,
    }
}

fn sorts(ask: &links::Ask, current: By, meant: &Meant) -> Vec<Sort> {
    let is_possible = |by: By| by != By::Distance || matches!(meant, Meant::Place(_));
    let possible = SORTS.iter().filter(|(by, ..)| is_possible(*by));
    let sort = |(by, word, label): &(By, &str, &str)| Sort {
        link: shown::link(*label, links::results(ask, Some(word), None)),
        is_current: *by == current,
    };
    possible.map(sort).collect()
}

fn heading(found: &Listings, meant: &Meant) -> String {
    match found.total {
        0 => format!("Nothing free {}", meant.in_words()),
        total => format!("{} {}", format::count(total, "stay", "stays"), meant.in_words()),
    }
}

fn subheading(question: &Question) -> String {
    let (nights, adults) = (shown::nights(question.stay()), shown::adults(question.ask.adults));
    let rooms = shown::rooms(question.ask.room_count);
    format!("{nights}, {adults}, {rooms}. Prices are for the whole stay with tax.")
}

fn next_href(ask: &links::Ask, sort: By, found: &Listings) -> Option<String> {
    let cursor = found.page.next_cursor.as_deref()?;
    let word = SORTS.iter().find(|(by, ..)| *by == sort).map(|(_, word, _)| *word);
    Some(links::results(ask, word, Some(cursor)))
}

async fn cards(
    state: &AppState,
    question: &Question,
    listings: &[Listing],
) -> Result<Vec<HotelCard>, Instead> {
    let mut places: BTreeMap<String, Location> = BTreeMap::new();
    let mut cards = Vec::with_capacity(listings.len());
    for listing in listings {
        let id = &listing.hotel.location;
        if !places.contains_key(id) {
            let place = locations::get(&state.db, &Actor::Anonymous, id).await?;
            places.insert(id.clone(), place);
        }
        cards.extend(places.get(id).and_then(|place| card(listing, place, question)));
    }
    Ok(cards)
}

fn card(listing: &Listing, place: &Location, question: &Question) -> Option<HotelCard> {
    let (hotel, offer) = (&listing.hotel, listing.offer.as_ref()?);
    let units = question.ask.room_count;
    let codes: Vec<&str> = hotel.amenities.iter().map(String::as_str).collect();
    let mut amenities = amenities::words(&codes);
    amenities.truncate(CARD_AMENITIES_MAX);
    let room_type = match units {
        1 => offer.room_type_name.clone(),
        more => format!("{more} × {}", offer.room_type_name),
    };
    Some(HotelCard {
        href: links::hotel(&hotel.id.to_string(), &question.ask),
        name: hotel.name.clone(),
        area: area(&hotel.address, place),
        picture_src: shown::picture(&hotel.image_urls, &hotel.name),
        stars: shown::stars(hotel.stars),
        rating: shown::rating(hotel.rating_tenths),
        amenities,
        room_type,
        total: format::money_short(offer.total),
        per_night: shown::per_night(offer.total, question.stay(), units),
        few_left: shown::few_left(offer.rooms_left),
    })
}

/// "Alfama, Lisbon": the last part of the address is the part of the city, where it has parts.
pub(super) fn area(address: &str, place: &Location) -> String {
    match address.rsplit_once(',') {
        Some((_, area)) if !area.trim().is_empty() => format!("{}, {}", area.trim(), place.name),
        Some(_) | None => place.name.clone(),
    }
}
