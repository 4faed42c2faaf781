//! The pages of a guest, one file per page, in the order in which most guests meet them: home,
//! results, hotel, book, pay, returned, confirmed; later find, booking, cancel, change. A page asks
//! use cases and shows their answers; it decides nothing.

pub mod book;
pub mod booking;
pub mod cancel;
pub mod change;
pub mod confirmed;
mod expired;
pub mod find;
pub mod home;
pub mod hotel;
mod instead;
mod nothing;
pub mod pay;
mod places;
pub mod results;
pub mod returned;

use vacancy_app::access::Actor;
use vacancy_app::errors::Error;
use vacancy_app::hotels::{self, Profile};
use vacancy_app::reservations::Shown;
use vacancy_domain::ids::ReservationId;
use vacancy_domain::money::Money;

use super::answer::Instead;
use super::visitor::Visitor;
use crate::http::fields::path_id;
use crate::state::AppState;

/// A booking with all that its pages show, and who looks at it.
struct Opened {
    actor: Actor,
    shown: Shown,
    profile: Profile,
}

impl Opened {
    fn id(&self) -> String {
        self.shown.reservation.id.to_string()
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.shown.reservation.price.currency)
    }
}

/// Opens a booking for whoever has its cookie or works at the desk. For everybody else it is not
/// there, whether it is or not: they are asked for code and e-mail.
async fn open(state: &AppState, visitor: &Visitor, id: &str) -> Result<Opened, Instead> {
    let id: ReservationId = path_id(id)?;
    let actor = visitor.of_booking(state, id).await?;
    let shown = match state.bookings.show(&actor, id).await {
        Ok(shown) => shown,
        Err(Error::Unauthorized | Error::NotFound | Error::Denied) => return Err(find::locked()),
        Err(error) => return Err(error.into()),
    };
    let profile = hotels::profile(&state.db, &actor, shown.reservation.property).await?;
    Ok(Opened { actor, shown, profile })
}

/// The store's time.
async fn now_ms(state: &AppState) -> Result<i64, Error> {
    Ok(state.db.read(|tx| Box::pin(async move { tx.now_ms().await })).await?)
}
