//! Fills a store with the demonstration, once: hotels in one transaction, guests through the same
//! use cases as everybody, under a clock that goes through the days before today. It marks itself
//! as done, so a second start costs one read; one that was cut short goes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use vacancy_domain::hotels::Business;
use vacancy_domain::ids::{BusinessId, PropertyId, ReservationId};
use vacancy_domain::money::Currency;
use vacancy_domain::prices::Terms;
use vacancy_domain::reservations::Guest;
use vacancy_domain::rooms::Assignment;
use vacancy_domain::stays::{Day, STAY_ADVANCE_DAYS_MAX, Stay};
use vacancy_domain::zones;
use vacancy_store::businesses as stored;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;

use super::data::{Hotel, PLACES, Place};
use super::guests::{DemoGuest, GUESTS, Life};
use super::seasons;
use crate::access::Actor;
use crate::businesses;
use crate::desk::Desk;
use crate::errors::Error;
use crate::hotels::bulk::{Made, NewHouse, create_many};
use crate::hotels::draft::NewHotel;
use crate::ids::Ids;
use crate::import::replay::clock::GivenClock;
use crate::locations::PlaceName;
use crate::reservations::Bookings;
use crate::reservations::book::BookingWish;
use crate::room_types::NewRoomType;

/// The demonstration's own business, the same in every store.
pub const BUSINESS: BusinessId = BusinessId(0x0190_0000_0000_7000_8000_0000_0000_d3a0);
pub const BUSINESS_NAME: &str = "Demonstration hotels";
/// Its name while it is filled: whoever finds it goes on.
const UNFINISHED_NAME: &str = "Demonstration hotels, being made";
/// All guests stay in Lisbon.
const TIME_ZONE: &str = "Europe/Lisbon";

/// What a call found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeded {
    Now,
    Before,
}

/// Fills the store unless that was done before.
///
/// # Errors
/// When the store fails; the next call goes on.
pub async fn seed(db: &Db, ids: &Ids) -> Result<Seeded, Error> {
    let read = db.read(|tx| {
        Box::pin(async move { Ok((stored::by_id(tx, BUSINESS).await?, tx.now_ms().await?)) })
    });
    let (business, now_ms) = read.await?;
    match business {
        Some(business) if business.name != UNFINISHED_NAME => return Ok(Seeded::Before),
        Some(_) => {}
        None => make_business(db, now_ms).await?,
    }
    let today = zones::day_at(now_ms, TIME_ZONE)
        .map_err(|_| Error::Fault(Fault::internal("find today in Lisbon")))?;
    let hotels = make_hotels(db, ids, today).await?;
    make_guests(db, ids, &hotels, today, now_ms).await?;
    businesses::rename(db, &Actor::System, BUSINESS, BUSINESS_NAME).await?;
    Ok(Seeded::Now)
}

async fn make_business(db: &Db, created_at_ms: i64) -> Result<(), Error> {
    let name = UNFINISHED_NAME.to_owned();
    let business = Arc::new(Business { id: BUSINESS, name, is_test: false, created_at_ms });
    let made = db.write(move |tx| {
        let business = Arc::clone(&business);
        Box::pin(async move { stored::insert(tx, &business).await })
    });
    match made.await {
        // Another instance began at the same time; both go on, and each thing is made once.
        Err(Fault::Constraint { .. }) | Ok(()) => Ok(()),
        Err(fault) => Err(Error::from(fault)),
    }
}

/// The ids of the hotels by their short names.
async fn make_hotels(
    db: &Db,
    ids: &Ids,
    today: Day,
) -> Result<BTreeMap<&'static str, PropertyId>, Error> {
    let all =
        || PLACES.iter().flat_map(|place| place.hotels.iter().map(move |hotel| (place, hotel)));
    let houses: Vec<NewHouse> = all().map(|(place, hotel)| house_of(place, hotel, today)).collect();
    let make = || create_many(db, ids, &Actor::System, BUSINESS, &houses);
    let made = match make().await {
        // Another instance was quicker with one of them; now all of its hotels can be seen.
        Err(Error::Fault(Fault::Constraint { .. })) => make().await?,
        made => made?,
    };
    let mut by_slug = BTreeMap::new();
    for ((_, hotel), made) in all().zip(made) {
        match made {
            Made::Created(id) | Made::AlreadyThere(id) => by_slug.insert(hotel.slug, id),
            Made::Refused(fields) => return Err(Error::Invalid(fields)),
        };
    }
    Ok(by_slug)
}

fn house_of(place: &Place, hotel: &Hotel, today: Day) -> NewHouse {
    let country = place.location_id.rsplit('-').next().unwrap_or_default().to_ascii_uppercase();
    let decimals = place.currency.parse::<Currency>().map_or(2, |currency| currency.decimals());
    let city = PlaceName::City { name: place.name.to_owned(), country };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let doors = hotel.rooms();
    let new = NewHotel {
        external_id: Some(hotel.slug.to_owned()),
        description: hotel.description.to_owned(),
        address: hotel.address(),
        latitude_e6: hotel.latitude_e6,
        longitude_e6: hotel.longitude_e6,
        stars: hotel.stars,
        rating_tenths: Some(hotel.rating_tenths),
        amenities: texts(hotel.amenities),
        image_urls: hotel.image_urls(),
        check_in_minutes: hotel.check_in_minutes,
        check_out_minutes: hotel.check_out_minutes,
        tax_bp: place.tax_bp,
        ..NewHotel::named(hotel.name, city, place.time_zone, place.currency)
    };
    let room_type = |kind: &super::data::RoomType| NewRoomType {
        name: kind.name.to_owned(),
        description: kind.description.to_owned(),
        beds: kind.beds.to_owned(),
        image_urls: vec![hotel.room_image_url(kind)],
        adults_max: kind.adults_max,
        children_max: kind.children_max,
        guests_max: kind.adults_max + kind.children_max,
        rooms: doors
            .iter()
            .filter(|(_, code)| *code == kind.code)
            .map(|(number, _)| number.clone())
            .collect(),
        rates: seasons::rates(place, decimals, kind.base_rate_minor, today),
        ..NewRoomType::coded(kind.code, kind.units, Some(kind.base_rate_minor))
    };
    NewHouse { hotel: new, room_types: hotel.room_types.iter().map(room_type).collect() }
}

async fn make_guests(
    db: &Db,
    ids: &Ids,
    hotels: &BTreeMap<&'static str, PropertyId>,
    today: Day,
    now_ms: i64,
) -> Result<(), Error> {
    let clock = GivenClock::default();
    let db = db.with_time(clock.time());
    let (desk, lanes) = Desk::open(&db, ids);
    let mut front_desk = FrontDesk {
        bookings: Bookings::new(&db, desk, ids.clone()),
        hotels,
        today,
        booked: vec![None; GUESTS.len()],
    };
    let lived = front_desk.live_through_the_days(&clock, now_ms).await;
    drop(front_desk);
    lanes.close().await;
    lived
}

struct FrontDesk<'h> {
    bookings: Bookings,
    hotels: &'h BTreeMap<&'static str, PropertyId>,
    today: Day,
    /// By guest.
    booked: Vec<Option<ReservationId>>,
}

impl FrontDesk<'_> {
    async fn live_through_the_days(
        &mut self,
        clock: &GivenClock,
        now_ms: i64,
    ) -> Result<(), Error> {
        let first = GUESTS.iter().map(|guest| guest.booked).min().unwrap_or(0);
        for offset in first..=0 {
            if offset < 0 {
                clock.turn_to(self.today.plus(offset), TIME_ZONE)?;
            } else {
                clock.turn_to_ms(now_ms);
            }
            for (at, guest) in GUESTS.iter().enumerate() {
                self.live(at, guest, offset).await?;
            }
        }
        Ok(())
    }

    /// What a guest does on a day.
    async fn live(&mut self, at: usize, guest: &DemoGuest, offset: i64) -> Result<(), Error> {
        if offset == guest.booked {
            self.booked[at] = self.book(at, guest).await?;
        }
        // Booked by a call before this one, which may have gone further, too.
        let Some(id) = self.booked[at] else { return Ok(()) };
        let (arrives, leaves) = (guest.arrives, guest.arrives + guest.nights);
        let staff = &Actor::System;
        if guest.life == Life::Canceled && offset == guest.booked + 1 {
            let reason = "Our plans have changed.".to_owned();
            self.bookings.cancel(staff, id, reason, None).await?;
        }
        if guest.life == Life::StayedAway && offset == arrives {
            self.bookings.no_show(staff, id, None).await?;
        }
        if matches!(guest.life, Life::Came | Life::Left) && offset == arrives {
            let shown = self.bookings.show(staff, id).await?;
            let lines = shown.reservation.lines.iter();
            let rooms = lines.map(|line| Assignment { line: line.line.id, number: None }).collect();
            self.bookings.check_in(staff, id, rooms, None).await?;
        }
        if guest.life == Life::Left && offset == leaves {
            self.bookings.check_out(staff, id, None).await?;
        }
        Ok(())
    }

    /// Books and confirms; nothing when that was done before.
    async fn book(&self, at: usize, guest: &DemoGuest) -> Result<Option<ReservationId>, Error> {
        let hotel = *self.hotels.get(guest.hotel).ok_or(Error::NotFound)?;
        let arrival = self.today.plus(guest.arrives);
        let wish = BookingWish {
            request_id: uuid::Uuid::from_u128(BUSINESS.0 + 1 + at as u128).to_string(),
            body_hash: "demonstration".to_owned(),
            hotel,
            stay: Stay::new(arrival, arrival.plus(guest.nights)),
            rooms: BTreeMap::from([(guest.room_type.to_owned(), 1)]),
            adults: guest.adults,
            children: guest.children.to_vec(),
            guest: Guest {
                full_name: guest.name.to_owned(),
                email: guest.email(),
                phone: String::new(),
            },
            terms: Terms::default(),
            agreed: None,
            quote: None,
            advance_days_max: Some(STAY_ADVANCE_DAYS_MAX),
            deadline: None,
        };
        let (booked, is_replay) = self.bookings.book(&Actor::System, &wish).await?;
        if is_replay {
            return Ok(None);
        }
        self.bookings.confirm_by_hand(&Actor::System, booked.reservation, None).await?;
        Ok(Some(booked.reservation))
    }
}
