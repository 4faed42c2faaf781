//! Hotels by the hundred, for imports and the demonstration: few transactions, every hotel with its
//! room types, rooms and rates or not at all, and a fate for each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tracing::warn;
use vacancy_domain::access::Action;
use vacancy_domain::hotels::{Hotel, Location};
use vacancy_domain::ids::{BusinessId, PropertyId};
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;
use vacancy_store::{hotels, locations, rates, room_types, rooms};

use super::draft::NewHotel;
use crate::access::{Actor, On};
use crate::errors::{Error, FieldError};
use crate::ids::Ids;
use crate::room_types::{NewRoomType, PreparedType};

/// Hotels of one transaction: other writers wait no longer than these take.
pub const HOTELS_PER_TRANSACTION: usize = 200;

/// A hotel with all that it sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHouse {
    pub hotel: NewHotel,
    pub room_types: Vec<NewRoomType>,
}

/// What became of one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    Created(PropertyId),
    /// The business has a hotel with this external id; nothing was changed.
    AlreadyThere(PropertyId),
    Refused(Vec<FieldError>),
}

struct Prepared {
    /// Its place in what was given.
    at: usize,
    hotel: Hotel,
    place: Option<Location>,
    types: Vec<PreparedType>,
}

/// Makes hotels; the answers stand in the order of what was given.
pub async fn create_many(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    business: BusinessId,
    houses: &[NewHouse],
) -> Result<Vec<Made>, Error> {
    actor.may(Action::ChangeHotels, On::Business(business))?;
    let mut made = vec![Made::Refused(Vec::new()); houses.len()];
    let mut prepared = Vec::with_capacity(houses.len());
    for (at, house) in houses.iter().enumerate() {
        match prepare(ids, business, at, house) {
            Ok(ready) => prepared.push(ready),
            Err(Error::Invalid(fields)) => made[at] = Made::Refused(fields),
            Err(other) => return Err(other),
        }
    }
    while !prepared.is_empty() {
        let rest = prepared.split_off(prepared.len().min(HOTELS_PER_TRANSACTION));
        let chunk = Arc::new(std::mem::replace(&mut prepared, rest));
        let written = db.write(move |tx| {
            let chunk = Arc::clone(&chunk);
            Box::pin(async move { write(tx, business, &chunk).await })
        });
        for (at, fate) in written.await? {
            made[at] = fate;
        }
    }
    let created = made.iter().filter(|fate| matches!(fate, Made::Created(_))).count();
    if HOTELS_PER_TRANSACTION <= created
        && let Err(fault) = db.gather_statistics().await
    {
        // The hotels are made; the store will look by itself.
        warn!(error = %fault, "gather statistics: {fault}");
    }
    Ok(made)
}

fn prepare(
    ids: &Ids,
    business: BusinessId,
    at: usize,
    house: &NewHouse,
) -> Result<Prepared, Error> {
    let (hotel, place) = house.hotel.to_hotel(PropertyId(ids.next_id()), business)?;
    let mut codes = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    let mut types = Vec::with_capacity(house.room_types.len());
    for (number, new) in house.room_types.iter().enumerate() {
        let parent = format!("/roomTypes/{number}");
        let ready = new.prepare(ids, &hotel, &parent)?;
        let again = ready.rooms.iter().find(|room| !numbers.insert(room.number.clone()));
        if !codes.insert(ready.row.code.clone()) {
            return Err(Error::invalid(format!("{parent}/code"), "duplicate", "stands twice"));
        }
        if let Some(room) = again {
            let detail = format!("room {} stands twice", room.number);
            return Err(Error::invalid(format!("{parent}/rooms"), "duplicate", detail));
        }
        types.push(ready);
    }
    Ok(Prepared { at, hotel, place, types })
}

async fn write(
    tx: &Tx<'_>,
    business: BusinessId,
    chunk: &[Prepared],
) -> Result<Vec<(usize, Made)>, Fault> {
    let names: BTreeSet<String> =
        chunk.iter().filter_map(|house| house.hotel.external_id.clone()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let mut known = hotels::by_external_ids(tx, business, &names).await?;
    let places = places(tx, chunk).await?;
    let mut fates = Vec::with_capacity(chunk.len());
    let mut fresh = Vec::new();
    for house in chunk {
        let name = house.hotel.external_id.as_ref();
        let fate = if let Some(id) = name.and_then(|name| known.get(name)) {
            Made::AlreadyThere(*id)
        } else if !places.contains(&house.hotel.location) {
            let detail = "names no place that exists";
            Made::Refused(vec![FieldError::new("/locationId", "unknown", detail)])
        } else {
            if let Some(name) = name {
                known.insert(name.clone(), house.hotel.id);
            }
            fresh.push(house);
            Made::Created(house.hotel.id)
        };
        fates.push((house.at, fate));
    }
    insert(tx, &fresh).await?;
    Ok(fates)
}

/// Makes the places of the cities, and tells which of all named ones there are.
async fn places(tx: &Tx<'_>, chunk: &[Prepared]) -> Result<BTreeSet<String>, Fault> {
    let mut cities: BTreeMap<String, Location> = BTreeMap::new();
    for place in chunk.iter().filter_map(|house| house.place.as_ref()) {
        cities.entry(place.id.clone()).or_insert_with(|| place.clone());
    }
    let cities: Vec<Location> = cities.into_values().collect();
    locations::insert_missing(tx, &cities).await?;
    let named: BTreeSet<String> = chunk.iter().map(|house| house.hotel.location.clone()).collect();
    let named: Vec<String> = named.into_iter().collect();
    Ok(locations::by_ids(tx, &named).await?.into_iter().map(|place| place.id).collect())
}

async fn insert(tx: &Tx<'_>, fresh: &[&Prepared]) -> Result<(), Fault> {
    let now_ms = tx.now_ms().await?;
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    let mut rows = Vec::with_capacity(fresh.len());
    let (mut types, mut doors, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
    for house in fresh {
        let id = house.hotel.id;
        *counts.entry(house.hotel.location.clone()).or_default() += 1;
        rows.push(Hotel { created_at_ms: now_ms, ..house.hotel.clone() });
        for ready in &house.types {
            let mut row = ready.row.clone();
            row.created_at_ms = now_ms;
            types.push(row);
            doors.extend(ready.rooms.iter().map(|room| (id, room.clone())));
            ranges.extend(ready.ranges.iter().map(|range| (id, *range)));
        }
    }
    let counts: Vec<(String, i64)> = counts.into_iter().collect();
    hotels::insert(tx, &rows).await?;
    room_types::insert(tx, &types).await?;
    rooms::insert(tx, &doors).await?;
    rates::insert_first(tx, &ranges).await?;
    locations::count_hotels(tx, &counts).await
}
