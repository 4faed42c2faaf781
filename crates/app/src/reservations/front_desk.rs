//! The front desk's part of a stay: check-in with rooms, check-out, no-show. Each answer says whether
//! `key` was answered before.

use vacancy_domain::access::Action;
use vacancy_domain::ids::ReservationId;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::rooms::Assignment;

use super::Bookings;
use crate::access::Actor;
use crate::desk::command::{Command, Key, Order};
use crate::errors::Error;

impl Bookings {
    /// The guest is here; `rooms` may be given now, later, or a few now and the rest later.
    pub async fn check_in(
        &self,
        actor: &Actor,
        id: ReservationId,
        rooms: Vec<Assignment>,
        key: Option<Key>,
    ) -> Result<(Reservation, bool), Error> {
        let found = self.reservation(actor, Action::WorkFrontDesk, id).await?.reservation;
        let command = Command::CheckIn { hold: found.hold, rooms };
        self.keyed(Order::new(found.property, actor.label(), command), key).await
    }

    /// The guest leaves; nights not slept are given back.
    pub async fn check_out(
        &self,
        actor: &Actor,
        id: ReservationId,
        key: Option<Key>,
    ) -> Result<(Reservation, bool), Error> {
        let found = self.reservation(actor, Action::WorkFrontDesk, id).await?.reservation;
        let command = Command::CheckOut { hold: found.hold };
        self.keyed(Order::new(found.property, actor.label(), command), key).await
    }

    /// The guest did not come.
    pub async fn no_show(
        &self,
        actor: &Actor,
        id: ReservationId,
        key: Option<Key>,
    ) -> Result<(Reservation, bool), Error> {
        let found = self.reservation(actor, Action::WorkFrontDesk, id).await?.reservation;
        let command = Command::NoShow { hold: found.hold };
        self.keyed(Order::new(found.property, actor.label(), command), key).await
    }
}
