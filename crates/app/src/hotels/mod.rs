//! Hotels: made and changed by their business, looked at by everybody. What sells is the room
//! types' matter; a hotel without any is a profile.

pub mod bulk;
pub mod draft;

use futures_util::try_join;
use vacancy_domain::access::Action;
use vacancy_domain::hotels::{Hotel, Location, RoomType};
use vacancy_domain::ids::{BusinessId, PropertyId};
use vacancy_domain::policies::Policy;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;
use vacancy_store::tariffs::Part;
use vacancy_store::{hotels, locations, room_types, tariffs};

use crate::access::{self, Actor, On};
use crate::cursors::{Page, Position, page_limit};
use crate::desk::news;
use crate::errors::Error;
use crate::ids::Ids;
use crate::locations::PlaceName;
use crate::once::{self, Once, OnceKey};
use draft::{HotelPatch, NewHotel};

const IN_LOCATION: u8 = b'l';
const IN_BUSINESS: u8 = b'h';

/// All that is shown of a hotel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub hotel: Hotel,
    pub location: Location,
    /// In the order of their codes.
    pub room_types: Vec<RoomType>,
    /// What a cancellation at the standard rate costs; `None`: nothing.
    pub policy: Option<Policy>,
}

/// Makes a hotel, and its place when it is the first there.
pub async fn create(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    business: BusinessId,
    new: &NewHotel,
) -> Result<Hotel, Error> {
    Ok(create_once(db, ids, actor, business, new, None).await?.0)
}

/// The same under a client's key; says whether a request of this key made it before.
pub async fn create_once(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    business: BusinessId,
    new: &NewHotel,
    key: Option<&OnceKey>,
) -> Result<(Hotel, bool), Error> {
    actor.may(Action::ChangeHotels, On::Business(business))?;
    let (hotel, place) = new.to_hotel(PropertyId(ids.next_id()), business)?;
    let made = once::write(db, key, move |tx| {
        let (mut hotel, place) = (hotel.clone(), place.clone());
        Box::pin(async move {
            match place {
                Some(place) => locations::insert_missing(tx, &[place]).await?,
                None if !is_known(tx, &hotel.location).await? => return Ok(Err(unknown_place())),
                None => {}
            }
            hotel.created_at_ms = tx.now_ms().await?;
            hotels::insert(tx, std::slice::from_ref(&hotel)).await?;
            locations::count_hotels(tx, &[(hotel.location.clone(), 1)]).await?;
            let outcome = hotel.id.to_string();
            Ok(Ok((hotel, outcome)))
        })
    });
    match made.await.map_err(named_twice)?? {
        Once::Made(hotel) => Ok((hotel, false)),
        Once::Known(id) => {
            let id = id.parse().map_err(|_| Error::NotFound)?;
            Ok((access::hotel(db, actor, Action::ChangeHotels, id).await?, true))
        }
    }
}

/// Changes a hotel that the caller read in this version.
pub async fn patch(
    db: &Db,
    actor: &Actor,
    id: PropertyId,
    version: i64,
    patch: &HotelPatch,
) -> Result<Hotel, Error> {
    let old = access::hotel(db, actor, Action::ChangeHotels, id).await?;
    if old.version != version {
        return Err(Error::Stale { version: old.version });
    }
    let (hotel, place) = patch.applied_to(&old)?;
    let moved = (old.location != hotel.location)
        .then(|| vec![(old.location.clone(), -1), (hotel.location.clone(), 1)]);
    let written = db.write(move |tx| {
        let (hotel, place, moved) = (hotel.clone(), place.clone(), moved.clone());
        Box::pin(async move {
            match place {
                Some(place) => locations::insert_missing(tx, &[place]).await?,
                None if !is_known(tx, &hotel.location).await? => return Ok(None),
                None => {}
            }
            if !hotels::update(tx, &hotel).await? {
                return Ok(Some(Err(hotels::by_id(tx, hotel.id).await?)));
            }
            locations::count_hotels(tx, &moved.unwrap_or_default()).await?;
            news::tell_changed(tx, hotel.id).await?;
            Ok(Some(Ok(Hotel { version: hotel.version + 1, ..hotel })))
        })
    });
    match written.await {
        Ok(Some(Ok(hotel))) => Ok(hotel),
        Ok(Some(Err(Some(now)))) => Err(Error::Stale { version: now.version }),
        Ok(Some(Err(None))) => Err(Error::NotFound),
        Ok(None) => Err(unknown_place()),
        Err(fault) => Err(named_twice(fault)),
    }
}

/// The hotel itself.
pub async fn get(db: &Db, actor: &Actor, id: PropertyId) -> Result<Hotel, Error> {
    access::hotel(db, actor, Action::Find, id).await
}

/// The hotel with its place and its room types.
pub async fn profile(db: &Db, actor: &Actor, id: PropertyId) -> Result<Profile, Error> {
    actor.may(Action::Find, On::Platform)?;
    let profile = db.read(move |tx| {
        Box::pin(async move {
            let own = [id];
            let (hotel, room_types, parts) = try_join!(
                hotels::by_id(tx, id),
                room_types::by_properties(tx, &own),
                tariffs::parts(tx, id),
            )?;
            let Some(hotel) = hotel else { return Ok(None) };
            let mut places = locations::by_ids(tx, std::slice::from_ref(&hotel.location)).await?;
            let location = places.pop().ok_or(Fault::internal("find the place of a hotel"))?;
            let policy = parts.into_iter().find_map(|stored| {
                let Part::Policy(policy) = stored.part else { return None };
                policy.is_standard.then_some(policy)
            });
            Ok(Some(Profile { hotel, location, room_types, policy }))
        })
    });
    profile.await?.ok_or(Error::NotFound)
}

/// The hotels of a place.
pub async fn list(
    db: &Db,
    actor: &Actor,
    location: &str,
    cursor: Option<&str>,
    limit: Option<i64>,
) -> Result<Page<Hotel>, Error> {
    actor.may(Action::Find, On::Platform)?;
    let limit = page_limit(limit)?;
    let after = PropertyId(Position::parse(IN_LOCATION, cursor)?.map_or(0, |at| at.id));
    let location = location.to_owned();
    let rows = db.read(move |tx| {
        Box::pin(async move { hotels::by_location(tx, &location, after, limit + 1).await })
    });
    Ok(Page::cut(rows.await?, limit, |hotel| Position::of_id(IN_LOCATION, hotel.id.0)))
}

/// The hotels of a business, for who belongs to it.
pub async fn list_own(
    db: &Db,
    actor: &Actor,
    business: BusinessId,
    cursor: Option<&str>,
    limit: Option<i64>,
) -> Result<Page<Hotel>, Error> {
    actor.may(Action::ReadInventory, On::Business(business))?;
    let limit = page_limit(limit)?;
    let after = PropertyId(Position::parse(IN_BUSINESS, cursor)?.map_or(0, |at| at.id));
    let rows = db.read(move |tx| {
        Box::pin(async move { hotels::by_business(tx, business, after, limit + 1).await })
    });
    Ok(Page::cut(rows.await?, limit, |hotel| Position::of_id(IN_BUSINESS, hotel.id.0)))
}

async fn is_known(tx: &Tx<'_>, location: &str) -> Result<bool, Fault> {
    Ok(!locations::by_ids(tx, &[location.to_owned()]).await?.is_empty())
}

fn unknown_place() -> Error {
    Error::invalid("/locationId", "unknown", "names no place that exists")
}

/// Another hotel of the business has this external id.
fn named_twice(fault: Fault) -> Error {
    Error::exists_by(fault, &[("property_business_external_id_key", "externalId")])
}

/// The place that a name stands for, as far as the name tells.
fn location_of(place: &PlaceName, made: Option<&Location>) -> String {
    match (place, made) {
        (PlaceName::Known(id), _) => id.clone(),
        (PlaceName::City { .. }, Some(place)) => place.id.clone(),
        (PlaceName::City { .. }, None) => String::new(),
    }
}
