//! What a guest means by a place: one of ours by its id or name, else a text to look for in names
//! of hotels and places.

use vacancy_app::access::Actor;
use vacancy_app::errors::Error;
use vacancy_app::listings::criteria::Area;
use vacancy_app::locations::{self, QUERY_CHARS_MAX};
use vacancy_domain::hotels::Location;
use vacancy_domain::names::fold;

use crate::pages::{countries, shown};
use crate::state::AppState;

/// Places that the form suggests.
const SUGGESTED_PLACES_MAX: i64 = 60;
/// Places of one name that are compared with what was typed.
const NAMESAKES_MAX: i64 = 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    Place(Box<Location>),
    Name(String),
}

impl Meant {
    pub(super) fn area(&self) -> Area {
        match self {
            Meant::Place(place) => Area::Location(place.id.clone()),
            Meant::Name(name) => Area::Named(name.clone()),
        }
    }

    /// As the form shows it: "Lisbon, Portugal".
    pub(super) fn name(&self) -> String {
        match self {
            Meant::Place(place) => shown::place_name(place),
            Meant::Name(name) => name.clone(),
        }
    }

    /// As a sentence goes on: "in Lisbon", "for “casa”".
    pub(super) fn in_words(&self) -> String {
        match self {
            Meant::Place(place) => format!("in {}", place.name),
            Meant::Name(name) => format!("for “{name}”"),
        }
    }

    /// What stands in an address for it.
    pub(super) fn key(&self) -> &str {
        match self {
            Meant::Place(place) => &place.id,
            Meant::Name(name) => name,
        }
    }
}

/// Reads what a guest typed or picked.
pub(super) async fn meant(state: &AppState, typed: &str) -> Result<Meant, Error> {
    let anybody = Actor::Anonymous;
    let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if typed.bytes().all(is_id) && typed.contains('-') {
        match locations::get(&state.db, &anybody, typed).await {
            Ok(place) => return Ok(Meant::Place(Box::new(place))),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    let typed: String = typed.chars().take(QUERY_CHARS_MAX).collect();
    let (city, country) = match typed.rsplit_once(',') {
        Some((city, country)) => (fold(city), Some(fold(country))),
        None => (fold(&typed), None),
    };
    if !city.is_empty() {
        let limit = Some(NAMESAKES_MAX);
        let found = locations::search(&state.db, &anybody, &city, limit).await?;
        let is_meant = |place: &Location| {
            let names = [countries::name(&place.country), place.country.as_str()].map(fold);
            fold(&place.name) == city
                && country.as_ref().is_none_or(|country| names.contains(country))
        };
        if let Some(place) = found.into_iter().find(is_meant) {
            return Ok(Meant::Place(Box::new(place)));
        }
    }
    Ok(Meant::Name(typed))
}

/// The places with most hotels.
pub(super) async fn suggested(state: &AppState) -> Result<Vec<Location>, Error> {
    locations::search(&state.db, &Actor::Anonymous, "", Some(SUGGESTED_PLACES_MAX)).await
}
