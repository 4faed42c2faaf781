//! The front desk's part of a stay: check-in with rooms, check-out, no-show.

use vacancy_domain::access::Action;
use vacancy_domain::ids::ReservationId;
use vacancy_domain::reservations::Reservation;
use vacancy_domain::rooms::Assignment;

use super::Bookings;
use crate::access::Actor;
use crate::desk::command::Command;
use crate::errors::Error;

impl Bookings {
    /// The guest is here; `rooms` may be given now, later, or a few now and the rest later.
    pub async fn check_in(
        &self,
        actor: &Actor,
        id: ReservationId,
        rooms: Vec<Assignment>,
    ) -> Result<Reservation, Error> {
        let found = self.reservation(actor, Action::WorkFrontDesk, id).await?.reservation;
        self.order(actor, found.property, Command::CheckIn { hold: found.hold, rooms }).await
    }

    /// The guest leaves; nights not slept are given back.
    pub async fn check_out(&self, actor: &Actor, id: ReservationId) -> Result<Reservation, Error> {
        let found = self.reservation(actor, Action::WorkFrontDesk, id).await?.reservation;
        self.order(actor, found.property, Command::CheckOut { hold: found.hold }).await
    }

    /// The guest did not come.
    pub async fn no_show(&self, actor: &Actor, id: ReservationId) -> Result<Reservation, Error> {
        let found = self.reservation(actor, Action::WorkFrontDesk, id).await?.reservation;
        self.order(actor, found.property, Command::NoShow { hold: found.hold }).await
    }
}
