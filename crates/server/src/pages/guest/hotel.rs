//! `GET /hotels/{id}`: what the house is like, and which rooms it has for the dates.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use vacancy_app::access::Actor;
use vacancy_app::alternatives::{self, Missed};
use vacancy_app::errors::Error;
use vacancy_app::hotels::{self, Profile};
use vacancy_app::quotes::{self, TypeQuote};
use vacancy_domain::hotels::{Party, RoomType};
use vacancy_domain::prices::{Price, Terms};
use vacancy_domain::refusals::Reason;
use vacancy_domain::stays::Stay;
use vacancy_domain::zones;

use super::now_ms;
use crate::http::fields::path_id;
use crate::http::path::Path;
use crate::pages::answer::{Answer, Instead, page_as, public};
use crate::pages::asked::{Question, UNITS};
use crate::pages::forms::Asked;
use crate::pages::views::amenities;
use crate::pages::views::hotel::{FreeRoom, Hotel, Policy, RoomOffer, RoomType as Room};
use crate::pages::views::parts::{Hidden, Link, Picture, Select, number_choices};
use crate::pages::views::reasons;
use crate::pages::{format, links, shown};
use crate::state::AppState;

/// Most rooms of a type that a list offers.
const UNITS_OFFERED_MAX: i64 = 8;
/// Other days named under a room type that is gone.
const OTHER_DAYS_MAX: usize = 2;

pub async fn show(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Asked(values): Asked,
) -> Answer {
    let profile = hotels::profile(&state.db, &Actor::Anonymous, path_id(&id)?).await?;
    let now_ms = now_ms(&state).await?;
    let today = zones::day_at(now_ms, &profile.hotel.time_zone)
        .unwrap_or_else(|_| shown::earliest_today(now_ms));
    let mut question = Question::read(&values, today);
    question.ask.place.clone_from(&profile.hotel.location);
    let stay = question.good_stay();
    let quotes = match stay {
        Some(stay) => quotes_for(&state, &profile, stay, &question).await?,
        None => Vec::new(),
    };
    let id = profile.hotel.id.to_string();
    let place = shown::place_name(&profile.location);
    let search = question.form(&place, today).for_hotel(&id, &question.ask);
    let status =
        if search.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let hotel = &profile.hotel;
    let codes: Vec<&str> = hotel.amenities.iter().map(String::as_str).collect();
    let rooms = match stay {
        Some(stay) => rooms_for(&state, &profile, stay, &question, &quotes).await?,
        None => profile.room_types.iter().map(|kind| undated(&profile, kind)).collect(),
    };
    let view = Hotel {
        search,
        back: stay.map(|_| back(&profile, &question)),
        name: hotel.name.clone(),
        address: shown::address(&profile),
        stars: shown::stars(hotel.stars),
        rating: shown::rating(hotel.rating_tenths),
        pictures: pictures(&profile),
        paragraphs: hotel
            .description
            .split('\n')
            .filter(|p| !p.trim().is_empty())
            .map(str::to_owned)
            .collect(),
        amenities: amenities::words(&codes),
        policies: policies(&profile),
        rooms_heading: rooms_heading(stay),
        rooms_subheading: rooms_subheading(stay, &question),
        rooms,
        book_action: links::BOOK.to_owned(),
        book_hidden: book_hidden(&id, &question),
        mixed_rooms: mixed_rooms(&quotes),
    };
    page_as(status, &view).map(public)
}

async fn quotes_for(
    state: &AppState,
    profile: &Profile,
    stay: Stay,
    question: &Question,
) -> Result<Vec<TypeQuote>, Instead> {
    let (adults, room_count) = (question.ask.adults, question.ask.room_count);
    let party = Party { adults, children: Vec::new(), room_count };
    let id = profile.hotel.id;
    let mut quotes = quotes::ask_each(&state.db, &Actor::Anonymous, id, stay, &party).await?;
    // What can be had first, the cheapest on top.
    quotes.sort_by_key(|quote| {
        let total_minor = quote.price.as_ref().map_or(i64::MAX, |price| price.total_minor);
        (!quote.reasons.is_empty(), total_minor)
    });
    Ok(quotes)
}

fn back(profile: &Profile, question: &Question) -> Link {
    let label = format!("Stays in {}", profile.location.name);
    shown::link(label, links::results(&question.ask, None, None))
}

fn rooms_heading(stay: Option<Stay>) -> String {
    match stay {
        Some(stay) => format!("Rooms for {}", format::date_range(stay.first_day, stay.end_day)),
        None => "Room types".to_owned(),
    }
}

fn rooms_subheading(stay: Option<Stay>, question: &Question) -> String {
    let Some(stay) = stay else {
        return "Choose dates to see what is free and what it costs.".to_owned();
    };
    let (nights, adults) = (shown::nights(stay), shown::adults(question.ask.adults));
    match question.ask.room_count {
        1 => format!("{nights}, {adults}. Prices are for the whole stay with tax."),
        many => {
            let rooms = shown::rooms(many);
            format!("{nights}, {adults}. Prices are for {rooms} and the whole stay, with tax.")
        }
    }
}

async fn rooms_for(
    state: &AppState,
    profile: &Profile,
    stay: Stay,
    question: &Question,
    quotes: &[TypeQuote],
) -> Result<Vec<Room>, Instead> {
    let mut rooms = Vec::with_capacity(quotes.len());
    for quote in quotes {
        let offer = match &quote.price {
            Some(price) if quote.reasons.is_empty() => {
                free(profile, stay, question, (quote, price))
            }
            Some(_) | None => taken(state, profile, stay, question, quote).await?,
        };
        rooms.push(room(profile, &quote.room_type, offer));
    }
    Ok(rooms)
}

fn free(
    profile: &Profile,
    stay: Stay,
    question: &Question,
    (quote, price): (&TypeQuote, &Price),
) -> RoomOffer {
    let total = price.whole();
    let tax = match price.charges.as_slice() {
        [] => "no tax to add".to_owned(),
        [only] if 0 < only.bp => format!("with {} tax", shown::percent(only.bp)),
        [_, ..] => "with all taxes and fees".to_owned(),
    };
    let room_count = question.ask.room_count;
    let last = quote.rooms_left.min(UNITS_OFFERED_MAX).max(room_count);
    RoomOffer::Free(FreeRoom {
        total: format::money_short(total),
        per_night: shown::per_night(total, stay, room_count),
        tax,
        few_left: shown::few_left(quote.rooms_left),
        cancellation: shown::terms(price, quote.as_of_ms, profile),
        units: Select {
            name: format!("{UNITS}{}", quote.room_type.code),
            label: "Rooms".to_owned(),
            options: number_choices(1, last, room_count, shown::rooms),
        },
    })
}

/// Why not, and what would work: more rooms for a large party, else other days.
async fn taken(
    state: &AppState,
    profile: &Profile,
    stay: Stay,
    question: &Question,
    quote: &TypeQuote,
) -> Result<RoomOffer, Instead> {
    let kind = &quote.room_type;
    let mut instead = Vec::new();
    let hotel = profile.hotel.id.to_string();
    let people = question.ask.adults;
    let is_too_small = |reason: &Reason| {
        matches!(reason, Reason::AdultsExceeded { .. } | Reason::OccupancyExceeded { .. })
    };
    let sleeps = kind.adults_max.min(kind.guests_max).max(1);
    let room_count = (people + sleeps - 1) / sleeps;
    if quote.reasons.iter().all(is_too_small) && room_count <= quote.rooms_left {
        let ask = links::Ask { room_count, ..question.ask.clone() };
        instead.push(shown::link(
            format!("Take {}", shown::rooms(room_count)),
            links::hotel(&hotel, &ask),
        ));
    } else if quote.reasons.iter().any(Reason::is_about_stock) {
        let rooms = BTreeMap::from([(kind.code.clone(), question.ask.room_count)]);
        let (children, terms) = (Vec::new(), Terms::default());
        let missed =
            Missed { hotel: profile.hotel.id, stay, rooms, adults: people, children, terms };
        let found = match alternatives::find(&state.db, &missed).await {
            Ok(found) => found,
            // The days around may lie outside what can be asked.
            Err(Error::Refused(_)) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let other_days = found.iter().filter(|found| found.rooms == missed.rooms);
        for other in other_days.take(OTHER_DAYS_MAX) {
            let dates = format::date_range(other.stay.first_day, other.stay.end_day);
            let label = format!("Free {dates}, {}", format::money_short(other.total));
            let ask = shown::ask_of(other.stay, people, question.ask.room_count, "");
            instead.push(shown::link(label, links::hotel(&hotel, &ask)));
        }
    }
    Ok(RoomOffer::Taken { reasons: sentences(&quote.reasons), instead })
}

/// Each reason in words. That a room has too few beds for the adults says all about its size.
fn sentences(found: &[Reason]) -> Vec<String> {
    let is_small = found.iter().any(|reason| matches!(reason, Reason::AdultsExceeded { .. }));
    let is_said =
        |reason: &&Reason| !is_small || !matches!(reason, Reason::OccupancyExceeded { .. });
    found.iter().filter(is_said).map(reasons::in_words).collect()
}

fn undated(profile: &Profile, kind: &RoomType) -> Room {
    let offer = match quotes::night_from(&profile.hotel, kind) {
        Some(night) => RoomOffer::From { per_night: format::money_short(night) },
        None => RoomOffer::Taken {
            reasons: vec!["Choose dates to see whether it is on sale.".to_owned()],
            instead: Vec::new(),
        },
    };
    room(profile, kind, offer)
}

fn room(profile: &Profile, kind: &RoomType, offer: RoomOffer) -> Room {
    Room {
        code: kind.code.clone(),
        name: kind.name.clone(),
        picture_src: shown::picture(
            &kind.image_urls,
            &format!("{} {}", profile.hotel.name, kind.code),
        ),
        beds: kind.beds.clone(),
        sleeps: sleeps(kind),
        description: kind.description.clone(),
        offer,
    }
}

/// "sleeps 2 adults and 1 child"
fn sleeps(kind: &RoomType) -> String {
    let adults = shown::adults(kind.adults_max);
    match kind.children_max {
        0 => format!("sleeps {adults}"),
        children => format!("sleeps {adults} and {}", format::count(children, "child", "children")),
    }
}

fn pictures(profile: &Profile) -> Vec<Picture> {
    let hotel = &profile.hotel;
    let mut pictures: Vec<Picture> = shown::own_pictures(&hotel.image_urls)
        .map(|src| Picture { src: src.to_owned(), alt: String::new() })
        .collect();
    if pictures.is_empty() {
        let src = shown::picture(&[], &hotel.name);
        pictures.push(Picture { src, alt: String::new() });
    }
    if let Some(front) = pictures.first_mut() {
        front.alt = format!("Drawing of {}", hotel.name);
    }
    pictures
}

fn policies(profile: &Profile) -> Vec<Policy> {
    let policy = |title: &str, text: String| Policy { title: title.to_owned(), text };
    let hotel = &profile.hotel;
    vec![
        policy("Check-in", format!("From {}", shown::clock_minutes(hotel.check_in_minutes))),
        policy("Check-out", format!("Until {}", shown::clock_minutes(hotel.check_out_minutes))),
        policy("Cancellation", shown::hotel_cancellation(profile)),
        policy("Times", format!("All times are {} time.", profile.location.name)),
    ]
}

fn book_hidden(id: &str, question: &Question) -> Vec<Hidden> {
    let ask = &question.ask;
    vec![
        shown::hidden("hotelId", id),
        shown::hidden("checkInDate", format::date_iso(ask.check_in)),
        shown::hidden("checkOutDate", format::date_iso(ask.check_out)),
        shown::hidden("adults", ask.adults.to_string()),
    ]
}

/// Lists for taking several types together: those that have a room, however small.
fn mixed_rooms(quotes: &[TypeQuote]) -> Vec<Select> {
    let open = quotes.iter().filter(|quote| 0 < quote.rooms_left && quote.price.is_some());
    let select = |quote: &TypeQuote| Select {
        name: format!("{UNITS}{}", quote.room_type.code),
        label: quote.room_type.name.clone(),
        options: number_choices(0, quote.rooms_left.min(UNITS_OFFERED_MAX), 0, |units| {
            units.to_string()
        }),
    };
    open.map(select).collect()
}
