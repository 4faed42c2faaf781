//! Places with hotels: found while somebody types, made when the first hotel of a place is made.

use vacancy_domain::access::Action;
use vacancy_domain::hotels::{Checks, Location, NAME_CHARS_MAX, Wrong, is_country};
use vacancy_domain::names;
use vacancy_store::locations;
use vacancy_store::sql::Db;

use crate::access::{Actor, On};
use crate::cursors::page_limit;
use crate::errors::Error;

/// Longest text that is searched for.
pub const QUERY_CHARS_MAX: usize = 100;

/// Where a hotel stands, as who makes it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceName {
    /// A place that is there: `lisbon-pt`.
    Known(String),
    /// A city, which becomes a place when it is none yet.
    City { name: String, country: String },
}

/// Places whose name begins with the text, then those that contain it. No text: the places with
/// most hotels.
pub async fn search(
    db: &Db,
    actor: &Actor,
    q: &str,
    limit: Option<i64>,
) -> Result<Vec<Location>, Error> {
    actor.may(Action::Find, On::Platform)?;
    check_query(q)?;
    let limit = page_limit(limit)?;
    let folded = names::fold(q);
    if folded.is_empty() && !q.trim().is_empty() {
        return Ok(Vec::new());
    }
    let found =
        db.read(move |tx| Box::pin(async move { locations::search(tx, &folded, limit).await }));
    Ok(found.await?)
}

pub async fn get(db: &Db, actor: &Actor, id: &str) -> Result<Location, Error> {
    actor.may(Action::Find, On::Platform)?;
    let ids = [id.to_owned()];
    let found = db.read(move |tx| Box::pin(async move { locations::by_ids(tx, &ids).await }));
    found.await?.pop().ok_or(Error::NotFound)
}

pub(crate) fn check_query(q: &str) -> Result<(), Error> {
    if QUERY_CHARS_MAX < q.chars().count() {
        let detail = format!("is longer than {QUERY_CHARS_MAX} characters");
        return Err(Error::invalid("q", "too_long", detail));
    }
    Ok(())
}

/// The place of a city, or what is wrong with its name. A known place is not looked up here.
pub(crate) fn place_of(
    place: &PlaceName,
    (latitude_e6, longitude_e6): (i64, i64),
    checks: &mut Checks,
) -> Option<Location> {
    let PlaceName::City { name, country } = place else { return None };
    checks.name("city", name, NAME_CHARS_MAX);
    if names::fold(name).is_empty() && !name.trim().is_empty() {
        checks.add("city", Wrong::Malformed);
    }
    if !is_country(country) {
        checks.add("country", Wrong::Malformed);
    }
    Some(Location {
        id: names::location_id(name, country),
        name: name.trim().to_owned(),
        country: country.clone(),
        latitude_e6,
        longitude_e6,
        hotel_count: 0,
    })
}
