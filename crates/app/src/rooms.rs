//! Physical rooms: made in bulk by their numbers, listed, taken away. Assigning them to guests is
//! the desk's.

use std::collections::{BTreeMap, BTreeSet};

use vacancy_domain::access::Action;
use vacancy_domain::hotels::is_room_number;
use vacancy_domain::ids::{PoolId, PropertyId, RoomId};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::rooms::Room;
use vacancy_domain::zones;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::{room_types, rooms};

use crate::access::{self, Actor};
use crate::errors::{Error, FieldError};
use crate::ids::Ids;
use crate::once::{self, Once, OnceKey};
use crate::room_types::ROOMS_PER_REQUEST_MAX;

/// A room to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoom {
    /// Code of its room type.
    pub room_type: String,
    pub number: String,
}

/// A room with the code of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedRoom {
    pub room: Room,
    pub room_type: String,
}

/// Most rooms that one list shows.
pub const ROOMS_LISTED_MAX: i64 = 1_000;

/// Makes all of these rooms, or none.
pub async fn create(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    property: PropertyId,
    new: &[NewRoom],
) -> Result<Vec<TypedRoom>, Error> {
    Ok(create_once(db, ids, actor, property, new, None).await?.0)
}

/// The same under a client's key; says whether a request of this key made them before.
pub async fn create_once(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    property: PropertyId,
    new: &[NewRoom],
    key: Option<&OnceKey>,
) -> Result<(Vec<TypedRoom>, bool), Error> {
    access::hotel(db, actor, Action::ChangeHotels, property).await?;
    let codes = types(db, property).await?;
    let pools = codes.iter().map(|(pool, code)| (code.clone(), *pool)).collect();
    let made = check(ids, new, &pools)?;
    let numbers: Vec<String> = made.iter().map(|typed| typed.room.number.clone()).collect();
    let asked = numbers.clone();
    let doors: Vec<(PropertyId, Room)> =
        made.iter().map(|typed| (property, typed.room.clone())).collect();
    let written = once::write(db, key, move |tx| {
        let (numbers, doors) = (numbers.clone(), doors.clone());
        Box::pin(async move {
            if !rooms::by_numbers(tx, property, &numbers).await?.is_empty() {
                return Ok(Err(Error::Exists { field: "number" }));
            }
            rooms::insert(tx, &doors).await?;
            Ok(Ok(((), String::new())))
        })
    });
    let twice = |fault| Error::exists_by(fault, &[("room_property_number_key", "number")]);
    match written.await.map_err(twice)?? {
        Once::Made(()) => Ok((made, false)),
        // The request is the same, so are the numbers.
        Once::Known(_) => {
            let wanted = asked.clone();
            let found = db.read(move |tx| {
                Box::pin(async move { rooms::by_numbers(tx, property, &wanted).await })
            });
            let mut found = found.await?;
            found.sort_by_key(|room| asked.iter().position(|number| *number == room.number));
            let codes: BTreeMap<PoolId, String> = codes.into_iter().collect();
            Ok((found.into_iter().map(|room| typed(room, &codes)).collect(), true))
        }
    }
}

fn typed(room: Room, codes: &BTreeMap<PoolId, String>) -> TypedRoom {
    let room_type = codes.get(&room.pool).cloned().unwrap_or_default();
    TypedRoom { room, room_type }
}

fn check(
    ids: &Ids,
    new: &[NewRoom],
    pools: &BTreeMap<String, PoolId>,
) -> Result<Vec<TypedRoom>, Error> {
    if new.is_empty() {
        return Err(Error::invalid("/rooms", "missing", "names no room"));
    }
    if ROOMS_PER_REQUEST_MAX < new.len() {
        let detail = format!("has more than {ROOMS_PER_REQUEST_MAX} entries");
        return Err(Error::invalid("/rooms", "too_many", detail));
    }
    let mut fields = Vec::new();
    let mut numbers = BTreeSet::new();
    let mut made = Vec::with_capacity(new.len());
    for (at, room) in new.iter().enumerate() {
        let pointer = |name: &str| format!("/rooms/{at}/{name}");
        if !is_room_number(&room.number) {
            fields.push(FieldError::new(pointer("number"), "malformed", "is no room number"));
        } else if !numbers.insert(&room.number) {
            fields.push(FieldError::new(pointer("number"), "duplicate", "stands twice"));
        }
        match pools.get(&room.room_type) {
            Some(pool) => made.push(TypedRoom {
                room: Room { id: RoomId(ids.next_id()), pool: *pool, number: room.number.clone() },
                room_type: room.room_type.clone(),
            }),
            None => {
                let detail = "names no room type of this hotel";
                fields.push(FieldError::new(pointer("roomType"), "unknown", detail));
            }
        }
    }
    if fields.is_empty() { Ok(made) } else { Err(Error::Invalid(fields)) }
}

/// A hotel's rooms in the order of their numbers as text, after one of them.
pub async fn list(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    after: &str,
) -> Result<Vec<TypedRoom>, Error> {
    access::hotel(db, actor, Action::ReadInventory, property).await?;
    let codes: BTreeMap<PoolId, String> = types(db, property).await?.into_iter().collect();
    let after = after.to_owned();
    let found = db.read(move |tx| {
        Box::pin(async move { rooms::list(tx, property, &after, ROOMS_LISTED_MAX).await })
    });
    Ok(found.await?.into_iter().map(|room| typed(room, &codes)).collect())
}

/// Takes a room away; refused while somebody is to sleep in it.
pub async fn delete(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    number: &str,
) -> Result<(), Error> {
    let hotel = access::hotel(db, actor, Action::ChangeHotels, property).await?;
    let number = number.to_owned();
    let is_gone = db.write(move |tx| {
        let (number, time_zone) = (number.clone(), hotel.time_zone.clone());
        Box::pin(async move {
            let Some(room) = rooms::by_numbers(tx, property, &[number]).await?.pop() else {
                return Ok(None);
            };
            let today = zones::day_at(tx.now_ms().await?, &time_zone)
                .map_err(|_| Fault::internal("find the time zone of a hotel"))?;
            // Last night's guest may still be in it.
            let from_day = today.plus(-1);
            rooms::delete_unless_taken(tx, property, room.id, from_day).await.map(Some)
        })
    });
    match is_gone.await? {
        Some(true) => Ok(()),
        Some(false) => {
            Err(Error::Refused(Refusal::InvalidTransition { from: "in_use", action: "delete" }))
        }
        None => Err(Error::NotFound),
    }
}

async fn types(db: &Db, property: PropertyId) -> Result<Vec<(PoolId, String)>, Error> {
    let types = db
        .read(move |tx| Box::pin(async move { room_types::by_properties(tx, &[property]).await }));
    Ok(types.await?.into_iter().map(|room_type| (room_type.pool, room_type.code)).collect())
}
