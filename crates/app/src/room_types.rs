//! Room types: made with their stock, changed in what is shown of them, taken away once nobody has
//! any of them. A change of capacity or overbooking moves nights and is the desk's.

use vacancy_domain::access::Action;
use vacancy_domain::cells::{CAPACITY_UNITS_MAX, Stock};
use vacancy_domain::hotels::{
    Hotel, NAME_CHARS_MAX, RoomType, check_room_type, effective_overbook_bp, is_room_number,
};
use vacancy_domain::ids::{PoolId, PropertyId, RoomId};
use vacancy_domain::prices::RateRange;
use vacancy_domain::refusals::Refusal;
use vacancy_domain::rooms::Room;
use vacancy_domain::stays::Stay;
use vacancy_domain::zones;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;
use vacancy_store::{rates, room_types, rooms};

use crate::access::{self, Actor};
use crate::desk::news;
use crate::errors::{Error, FieldError};
use crate::fields::{invalid_unless_clean, under};
use crate::ids::Ids;
use crate::once::{self, Once, OnceKey};
use crate::rates::check_range;
use crate::reservations::Bookings;

/// Most rooms that one request may name.
pub const ROOMS_PER_REQUEST_MAX: usize = 10_000;

/// A room type to make, with the rooms and rates it begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoomType {
    pub code: String,
    pub name: String,
    pub description: String,
    pub beds: String,
    pub image_urls: Vec<String>,
    pub adults_max: i64,
    pub children_max: i64,
    pub guests_max: i64,
    /// Units that every night has unless set otherwise.
    pub capacity: i64,
    pub overbook_bp: i64,
    pub base_rate_minor: Option<i64>,
    /// Numbers on the doors; there may be fewer than the capacity, or none.
    pub rooms: Vec<String>,
    /// Rates of ranges of nights, the later over the earlier.
    pub rates: Vec<(Stay, i64)>,
}

impl NewRoomType {
    /// A double room of which nothing else is known.
    #[must_use]
    pub fn coded(code: &str, capacity: i64, base_rate_minor: Option<i64>) -> NewRoomType {
        NewRoomType {
            code: code.to_owned(),
            name: code.chars().take(NAME_CHARS_MAX).collect(),
            description: String::new(),
            beds: String::new(),
            image_urls: Vec::new(),
            adults_max: 2,
            children_max: 2,
            guests_max: 4,
            capacity,
            overbook_bp: 0,
            base_rate_minor,
            rooms: Vec::new(),
            rates: Vec::new(),
        }
    }

    /// Checks every field, with pointers under `parent`, and gives everything its id.
    pub(crate) fn prepare(
        &self,
        ids: &Ids,
        hotel: &Hotel,
        parent: &str,
    ) -> Result<PreparedType, Error> {
        let pool = PoolId(ids.next_id());
        let overbook_bp = effective_overbook_bp(self.overbook_bp, hotel.overbook_cap_bp);
        let capacity = self.capacity;
        let row = RoomType {
            pool,
            property: hotel.id,
            code: self.code.clone(),
            name: self.name.trim().to_owned(),
            description: self.description.clone(),
            beds: self.beds.clone(),
            image_urls: self.image_urls.clone(),
            adults_max: self.adults_max,
            children_max: self.children_max,
            guests_max: self.guests_max,
            base_rate_minor: self.base_rate_minor,
            stock: Stock { capacity, blocked: 0, out_of_order: 0, overbook_bp },
            type_overbook_bp: self.overbook_bp,
            created_at_ms: 0,
            version: 1,
        };
        let mut fields = under(parent, &check_room_type(&row));
        let pointer = |name: &str| format!("{parent}/{name}");
        if ROOMS_PER_REQUEST_MAX < self.rooms.len() {
            let detail = format!("has more than {ROOMS_PER_REQUEST_MAX} entries");
            fields.push(FieldError::new(pointer("rooms"), "too_many", detail));
        } else if let Some(at) = self.rooms.iter().position(|number| !is_room_number(number)) {
            let detail = "is no room number";
            fields.push(FieldError::new(pointer(&format!("rooms/{at}")), "malformed", detail));
        }
        let mut ranges = Vec::with_capacity(self.rates.len());
        for (at, (stay, amount_minor)) in self.rates.iter().enumerate() {
            fields.extend(check_range(*stay, *amount_minor, &pointer(&format!("rates/{at}"))));
            ranges.push(RateRange { pool, stay: *stay, amount_minor: *amount_minor });
        }
        if !fields.is_empty() {
            return Err(Error::Invalid(fields));
        }
        let room =
            |number: &String| Room { id: RoomId(ids.next_id()), pool, number: number.clone() };
        Ok(PreparedType { row, rooms: self.rooms.iter().map(room).collect(), ranges })
    }
}

/// A room type that is ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PreparedType {
    pub(crate) row: RoomType,
    pub(crate) rooms: Vec<Room>,
    pub(crate) ranges: Vec<RateRange>,
}

/// What is to change of a room type; `None` leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomTypePatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub beds: Option<String>,
    pub image_urls: Option<Vec<String>>,
    pub adults_max: Option<i64>,
    pub children_max: Option<i64>,
    pub guests_max: Option<i64>,
    pub base_rate_minor: Option<Option<i64>>,
}

pub async fn create(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    property: PropertyId,
    new: &NewRoomType,
) -> Result<RoomType, Error> {
    Ok(create_once(db, ids, actor, property, new, None).await?.0)
}

/// The same under a client's key; says whether a request of this key made it before.
pub async fn create_once(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    property: PropertyId,
    new: &NewRoomType,
    key: Option<&OnceKey>,
) -> Result<(RoomType, bool), Error> {
    let hotel = access::hotel(db, actor, Action::ChangeHotels, property).await?;
    let ready = new.prepare(ids, &hotel, "")?;
    let made = once::write(db, key, move |tx| {
        let PreparedType { mut row, rooms: doors, ranges } = ready.clone();
        Box::pin(async move {
            row.created_at_ms = tx.now_ms().await?;
            room_types::insert(tx, std::slice::from_ref(&row)).await?;
            let doors: Vec<_> = doors.into_iter().map(|room| (property, room)).collect();
            rooms::insert(tx, &doors).await?;
            let ranges: Vec<_> = ranges.into_iter().map(|range| (property, range)).collect();
            rates::insert_first(tx, &ranges).await?;
            news::tell_changed(tx, property).await?;
            let outcome = row.code.clone();
            Ok(Ok((row, outcome)))
        })
    });
    match made.await.map_err(named_twice)?? {
        Once::Made(room_type) => Ok((room_type, false)),
        Once::Known(code) => Ok((find(db, property, &code).await?, true)),
    }
}

/// The room types of a hotel, in the order of their codes.
pub async fn list(db: &Db, actor: &Actor, property: PropertyId) -> Result<Vec<RoomType>, Error> {
    access::hotel(db, actor, Action::Find, property).await?;
    let types = db
        .read(move |tx| Box::pin(async move { room_types::by_properties(tx, &[property]).await }));
    Ok(types.await?)
}

pub async fn get(
    db: &Db,
    actor: &Actor,
    property: PropertyId,
    code: &str,
) -> Result<RoomType, Error> {
    access::hotel(db, actor, Action::Find, property).await?;
    find(db, property, code).await
}

/// Changes what is shown of a room type that the caller read in this version.
pub async fn patch(
    db: &Db,
    actor: &Actor,
    (property, code): (PropertyId, &str),
    version: i64,
    patch: &RoomTypePatch,
) -> Result<RoomType, Error> {
    access::hotel(db, actor, Action::ChangeHotels, property).await?;
    let old = find(db, property, code).await?;
    if old.version != version {
        return Err(Error::Stale { version: old.version });
    }
    let text = |new: &Option<String>, old: &String| new.clone().unwrap_or_else(|| old.clone());
    let new = RoomType {
        name: text(&patch.name, &old.name).trim().to_owned(),
        description: text(&patch.description, &old.description),
        beds: text(&patch.beds, &old.beds),
        image_urls: patch.image_urls.clone().unwrap_or_else(|| old.image_urls.clone()),
        adults_max: patch.adults_max.unwrap_or(old.adults_max),
        children_max: patch.children_max.unwrap_or(old.children_max),
        guests_max: patch.guests_max.unwrap_or(old.guests_max),
        base_rate_minor: patch.base_rate_minor.unwrap_or(old.base_rate_minor),
        ..old
    };
    invalid_unless_clean(check_room_type(&new))?;
    let row = new.clone();
    let written = db.write(move |tx| {
        let row = row.clone();
        Box::pin(async move {
            news::tell_changed(tx, property).await?;
            room_types::update(tx, &row).await
        })
    });
    if written.await? {
        return Ok(RoomType { version: new.version + 1, ..new });
    }
    Err(Error::Stale { version: find(db, property, code).await?.version })
}

/// The same, and gives the room type another default of units if one is named: all rights are
/// checked before anything changes, and the desk moves the nights.
pub async fn change(
    bookings: &Bookings,
    actor: &Actor,
    (property, code): (PropertyId, &str),
    version: i64,
    (shown, capacity): (&RoomTypePatch, Option<i64>),
) -> Result<RoomType, Error> {
    let db = &bookings.db;
    let Some(capacity) = capacity else {
        return patch(db, actor, (property, code), version, shown).await;
    };
    access::hotel(db, actor, Action::ChangeInventory, property).await?;
    let max = CAPACITY_UNITS_MAX;
    if !(0..=max).contains(&capacity) {
        let detail = format!("must be from 0 to {max}");
        return Err(Error::invalid("/capacity", "out_of_range", detail));
    }
    patch(db, actor, (property, code), version, shown).await?;
    bookings.set_capacity(actor, property, code, capacity).await?;
    find(db, property, code).await
}

/// Takes a room type away with its rooms and rates; refused while anything of it is held, or sold
/// for a night that is not over.
pub async fn delete(db: &Db, actor: &Actor, property: PropertyId, code: &str) -> Result<(), Error> {
    let hotel = access::hotel(db, actor, Action::ChangeHotels, property).await?;
    let pool = find(db, property, code).await?.pool;
    let is_gone = db.write(move |tx| {
        let time_zone = hotel.time_zone.clone();
        Box::pin(async move {
            if !room_types::lock(tx, pool).await? {
                return Ok(None);
            }
            let today = zones::day_at(tx.now_ms().await?, &time_zone)
                .map_err(|_| Fault::internal("find the time zone of a hotel"))?;
            // The night before is over only when its guests have left.
            let from_day = today.plus(-1);
            if 0 < room_types::count_nights_in_use(tx, property, pool, from_day).await? {
                return Ok(Some(false));
            }
            room_types::delete(tx, property, pool).await?;
            news::tell_changed(tx, property).await?;
            Ok(Some(true))
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

pub(crate) async fn find(db: &Db, property: PropertyId, code: &str) -> Result<RoomType, Error> {
    let code = code.to_owned();
    let found =
        db.read(move |tx| Box::pin(async move { room_types::by_code(tx, property, &code).await }));
    found.await?.ok_or(Error::NotFound)
}

/// Another room type has this code, or another room this number.
fn named_twice(fault: Fault) -> Error {
    let constraints = [("pool_property_code_key", "code"), ("room_property_number_key", "rooms")];
    Error::exists_by(fault, &constraints)
}
