//! Reservations: booked, read, changed and ended. Each use case checks who asks, reads what it
//! needs, and leaves the decision to the desk.

pub mod book;
pub mod change;
pub mod front_desk;
pub mod house;
pub mod offers;
pub mod read;

use std::sync::Arc;

use vacancy_domain::ids::{LineId, PropertyId, ReservationId};
use vacancy_domain::reservations::Reservation;
use vacancy_domain::stays::Stay;
use vacancy_store::reservations::{self as stored, HistoryEntry, StoredReservation};
use vacancy_store::sql::Db;
use vacancy_store::{businesses, payments, rooms};

use vacancy_domain::access::Action;
use vacancy_domain::payments::Payment;

use crate::access::{Actor, On};
use crate::desk::Desk;
use crate::desk::command::{Answer, Command, Key, Order, Outcome};
use crate::errors::Error;
use crate::ids::Ids;
use book::Offer;
use offers::Offers;

/// What the booking use cases work with. Clones share it.
#[derive(Clone)]
pub struct Bookings {
    pub db: Db,
    pub desk: Desk,
    pub ids: Ids,
    offers: Offers,
}

/// A reservation with all that is shown of it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub reservation: Reservation,
    pub token_version: i64,
    pub hotel_name: String,
    /// Of a business that only tests: nobody sleeps there, and no money moves.
    pub is_test: bool,
    pub time_zone: String,
    pub payments: Vec<Payment>,
    /// Numbers of the rooms assigned, by line.
    pub rooms: Vec<(LineId, String)>,
    pub history: Vec<HistoryEntry>,
    /// The store's time of this answer.
    pub now_ms: i64,
}

impl Bookings {
    #[must_use]
    pub fn new(db: &Db, desk: Desk, ids: Ids) -> Bookings {
        Bookings { db: db.clone(), desk, ids, offers: Offers::new(db) }
    }

    /// What a hotel offers for some nights. Its rates may cover more of them.
    pub async fn offer(&self, hotel: PropertyId, stay: Stay) -> Result<Arc<Offer>, Error> {
        self.offers.of(hotel, stay).await
    }

    /// The reservation, if the actor may do this to it.
    pub(crate) async fn reservation(
        &self,
        actor: &Actor,
        action: Action,
        id: ReservationId,
    ) -> Result<StoredReservation, Error> {
        if *actor == Actor::Anonymous {
            return Err(Error::Unauthorized);
        }
        let found =
            self.db.read(move |tx| Box::pin(async move { stored::by_id(tx, id).await })).await?;
        let found = found.ok_or(Error::NotFound)?;
        let business = found.reservation.business;
        actor.may(action, On::Reservation { business, reservation: id })?;
        Ok(found)
    }

    /// Submits an order about a reservation and gives it back as it is then.
    pub(crate) async fn order(
        &self,
        actor: &Actor,
        property: PropertyId,
        command: Command,
    ) -> Result<Reservation, Error> {
        let order = Order::new(property, actor.label(), command);
        Ok(self.keyed(order, None).await?.0)
    }

    /// The same under a client's key; says whether this key was answered before.
    pub(crate) async fn keyed(
        &self,
        order: Order,
        key: Option<Key>,
    ) -> Result<(Reservation, bool), Error> {
        let order = match key {
            Some(key) => order.with_key(key),
            None => order,
        };
        let Answer { outcome, is_replay } = self.desk.submit(order).await?;
        let id = match outcome {
            Outcome::Reservation(reservation) => return Ok((*reservation, is_replay)),
            Outcome::Known(id) => id,
            Outcome::Booked(_) | Outcome::Held(_) | Outcome::RefundAsked(_) | Outcome::Done => {
                return Err(Error::NotFound);
            }
        };
        let found = self.db.read(move |tx| Box::pin(async move { stored::by_id(tx, id).await }));
        let found = found.await?.ok_or(Error::NotFound)?;
        Ok((found.reservation, is_replay))
    }

    /// The reservation with its payments and its history.
    pub async fn show(&self, actor: &Actor, id: ReservationId) -> Result<Shown, Error> {
        let found = self.reservation(actor, Action::ReadReservations, id).await?;
        self.shown(found).await
    }

    pub(crate) async fn shown(&self, found: StoredReservation) -> Result<Shown, Error> {
        let found = Arc::new(found);
        let shown = self.db.read(move |tx| {
            Box::pin(async move {
                let StoredReservation { reservation, token_version } = (*found).clone();
                let (id, property) = (reservation.id, reservation.property);
                let hotel = vacancy_store::hotels::by_id(tx, property).await?;
                let business = businesses::by_id(tx, reservation.business).await?;
                let (hotel_name, time_zone) =
                    hotel.map(|hotel| (hotel.name, hotel.time_zone)).unwrap_or_default();
                Ok(Shown {
                    payments: payments::of_reservation(tx, id).await?,
                    rooms: rooms::of_hold(tx, property, reservation.hold).await?,
                    history: stored::history(tx, property, id).await?,
                    now_ms: tx.now_ms().await?,
                    reservation,
                    token_version,
                    hotel_name,
                    is_test: business.is_some_and(|business| business.is_test),
                    time_zone,
                })
            })
        });
        Ok(shown.await?)
    }
}
