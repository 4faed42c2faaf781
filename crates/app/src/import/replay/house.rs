//! The hotel that a history is replayed in: a business of its own, one room type per pool of the
//! plan, nothing for sale to anybody else.

use std::collections::BTreeMap;
use std::sync::Arc;

use vacancy_domain::hotels::RoomType;
use vacancy_domain::ids::{BusinessId, PropertyId};
use vacancy_domain::prices::{Rates, Terms};
use vacancy_domain::reservations::Guest;
use vacancy_store::sql::Db;

use crate::access::Actor;
use crate::errors::Error;
use crate::hotels::draft::NewHotel;
use crate::ids::Ids;
use crate::import::bookings::History;
use crate::import::bookings::plan::Plan;
use crate::import::bookings::row::Booking;
use crate::locations::PlaceName;
use crate::reservations::book::{BookingWish, Offer};
use crate::room_types::NewRoomType;
use crate::{businesses, hotels, room_types};

/// The history does not say where its hotel stands; its authors do: in the Algarve.
const REGION: &str = "Algarve";
const COUNTRY: &str = "PT";
const LATITUDE_E6: i64 = 37_017_000;
const LONGITUDE_E6: i64 = -7_933_000;
const CURRENCY: &str = "EUR";
pub(super) const TIME_ZONE: &str = "Europe/Lisbon";

/// Children have no age in the history: each counts as this old, and a baby as 0.
const CHILD_YEARS: i64 = 10;

/// The hotel, and the pools in the order of the plan.
pub(super) struct House {
    pub(super) business: BusinessId,
    pub(super) property: PropertyId,
    pools: Vec<RoomType>,
    /// Its rates are those of the booking that is asked next.
    offer: Offer,
}

impl House {
    pub(super) async fn build(
        db: &Db,
        ids: &Ids,
        history: &History,
        plan: &Plan,
    ) -> Result<House, Error> {
        let actor = &Actor::System;
        let name = format!("History of {}", history.hotel);
        let business = businesses::create(db, ids, actor, &name).await?.id;
        let place = PlaceName::City { name: REGION.to_owned(), country: COUNTRY.to_owned() };
        let new = NewHotel {
            description: "A real hotel's bookings, each replayed on its day.".to_owned(),
            latitude_e6: LATITUDE_E6,
            longitude_e6: LONGITUDE_E6,
            overbook_cap_bp: plan.overbook_bp,
            ..NewHotel::named(&history.hotel, place, TIME_ZONE, CURRENCY)
        };
        let hotel = hotels::create(db, ids, actor, business, &new).await?;
        let mut pools = Vec::with_capacity(plan.pools.len());
        for pool in &plan.pools {
            let overbook_bp = plan.overbook_bp;
            let new =
                NewRoomType { overbook_bp, ..NewRoomType::coded(&pool.code, pool.rooms, None) };
            pools.push(room_types::create(db, ids, actor, hotel.id, &new).await?);
        }
        let (property, currency) = (hotel.id, hotel.currency);
        let (base_minor, tariff) = (BTreeMap::new(), Arc::default());
        let rates = Rates { currency, base_minor, ranges: Vec::new(), tax_bp: 0, tariff };
        let offer = Offer {
            hotel,
            room_types: pools.clone(),
            rates,
            local: None,
            touched: BTreeMap::new(),
        };
        Ok(House { business, property, pools, offer })
    }

    /// The wish of a booking, and the hotel as it offers itself to it: at the booking's own price.
    pub(super) fn asked_by(
        &mut self,
        ids: &Ids,
        booking: &Booking,
        pool: usize,
    ) -> Result<(BookingWish, &Offer), Error> {
        let room_type = self.pools.get(pool).ok_or(Error::NotFound)?;
        self.offer.rates.base_minor = BTreeMap::from([(room_type.pool, booking.adr_minor)]);
        let ages = [(booking.children, CHILD_YEARS), (booking.babies, 0)];
        let children = ages
            .into_iter()
            .flat_map(|(count, years)| (0..count).map(move |_child| years))
            .collect();
        let guest =
            Guest { full_name: format!("Guest of row {}", booking.line), ..Guest::default() };
        let wish = BookingWish {
            request_id: uuid::Uuid::from_u128(ids.next_id()).to_string(),
            body_hash: format!("row {}", booking.line),
            hotel: self.property,
            stay: booking.stay,
            rooms: BTreeMap::from([(room_type.code.clone(), 1)]),
            adults: booking.adults,
            children,
            guest,
            terms: Terms::default(),
            agreed: None,
            quote: None,
            advance_days_max: None,
            deadline: None,
        };
        Ok((wish, &self.offer))
    }
}
