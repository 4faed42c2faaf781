//! Reads of reservations: by code and e-mail for guests, as lists and as the front desk's day for
//! staff.

use vacancy_domain::access::Action;
use vacancy_domain::codes::Code;
use vacancy_domain::folio::{self, Folio, GivenBack};
use vacancy_domain::ids::{BusinessId, PropertyId, ReservationId};
use vacancy_domain::reservations::Reservation;
use vacancy_domain::stays::Day;
use vacancy_domain::zones;
use vacancy_store::reservations::{self as stored, Filter};
use vacancy_store::{disputes, payments};

use super::{Bookings, Shown};
use crate::access::{self, Actor, On};
use crate::errors::Error;

/// Most reservations that the front desk's day shows.
pub const DAY_RESERVATIONS_MAX: i64 = 500;

/// The front desk's day.
#[derive(Debug, Clone)]
pub struct DayAtDesk {
    pub today: Day,
    /// Confirmed guests who should be here by now.
    pub arrivals: Vec<Reservation>,
    /// Checked in and staying on.
    pub in_house: Vec<Reservation>,
    /// Checked in and due to leave today, or overdue.
    pub departures: Vec<Reservation>,
    /// Who has left today.
    pub departed: Vec<Reservation>,
}

impl Bookings {
    /// What was charged, paid and given back.
    pub async fn folio(&self, actor: &Actor, id: ReservationId) -> Result<Folio, Error> {
        self.reservation(actor, Action::ReadReservations, id).await?;
        let found = self.db.read(move |tx| {
            Box::pin(async move {
                let Some(found) = stored::by_id(tx, id).await? else { return Ok(None) };
                let payments = payments::of_reservation(tx, id).await?;
                let mut given_back = Vec::new();
                for payment in payments.iter().filter(|payment| 0 < payment.refunded_minor) {
                    for refund in payments::refunds(tx, payment.id).await? {
                        let (reason, at_ms) = (refund.reason, refund.created_at_ms);
                        let amount_minor = refund.amount.minor;
                        let allowance_minor = refund.allowance_minor;
                        given_back.push(GivenBack { reason, at_ms, amount_minor, allowance_minor });
                    }
                }
                let disputes = disputes::of_reservation(tx, id).await?;
                Ok(Some(folio::of(&found.reservation, &payments, &given_back, &disputes)))
            })
        });
        found.await?.ok_or(Error::NotFound)
    }

    /// The reservation of a code and the e-mail it was booked with. A wrong code and a wrong
    /// e-mail are the same answer; whoever stands in front throttles.
    pub async fn look_up(&self, code: &str, email: &str) -> Result<Shown, Error> {
        let code: Code = code.parse().map_err(|_| Error::NotFound)?;
        let email = email.trim().to_lowercase();
        if email.is_empty() {
            return Err(Error::NotFound);
        }
        let found = self
            .db
            .read(move |tx| Box::pin(async move { stored::by_code(tx, code, &email).await }));
        let found = found.await?.ok_or(Error::NotFound)?;
        self.shown(found).await
    }

    /// Reservations of a business, the newest first.
    pub async fn list(
        &self,
        actor: &Actor,
        business: BusinessId,
        filter: Filter,
        before: Option<ReservationId>,
        limit: i64,
    ) -> Result<Vec<Reservation>, Error> {
        actor.may(Action::ReadReservations, On::Business(business))?;
        let found = self.db.read(move |tx| {
            Box::pin(async move { stored::list(tx, business, &filter, before, limit).await })
        });
        Ok(found.await?.into_iter().map(|found| found.reservation).collect())
    }

    /// Who arrives, stays and leaves today at a property.
    pub async fn day(&self, actor: &Actor, property: PropertyId) -> Result<DayAtDesk, Error> {
        let hotel = access::hotel(&self.db, actor, Action::WorkFrontDesk, property).await?;
        let zone = hotel.time_zone;
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let now_ms = tx.now_ms().await?;
                // A zone that the catalogue took is known; UTC is a day off at worst.
                let today = zones::day_at(now_ms, &zone).unwrap_or(Day(now_ms / 86_400_000));
                Ok((today, stored::at_desk(tx, property, today, DAY_RESERVATIONS_MAX).await?))
            })
        });
        let (today, found) = read.await?;
        let mut day = DayAtDesk {
            today,
            arrivals: Vec::new(),
            in_house: Vec::new(),
            departures: Vec::new(),
            departed: Vec::new(),
        };
        for reservation in found.into_iter().map(|found| found.reservation) {
            let list = match reservation.stay_state.word() {
                "confirmed" => &mut day.arrivals,
                "completed" => &mut day.departed,
                _ if reservation.stay.end_day <= today => &mut day.departures,
                _ => &mut day.in_house,
            };
            list.push(reservation);
        }
        Ok(day)
    }
}
