//! Who looks at a page, by their cookies. Whether they may do what they ask is checked by each use
//! case, never here.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use vacancy_app::access::Actor;
use vacancy_app::errors::Error;
use vacancy_domain::ids::ReservationId;

use super::cookies::{self, Cookie};
use crate::state::AppState;

/// Whoever has these cookies.
#[derive(Debug, Clone)]
pub struct Visitor {
    guest: String,
    staff: String,
    is_https: bool,
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Visitor::of(&parts.headers, state))
    }
}

impl Visitor {
    fn of(headers: &HeaderMap, state: &AppState) -> Visitor {
        let is_https = state.public_url.starts_with("https://");
        let read = |cookie: Cookie| cookie.read(headers, is_https).unwrap_or_default().to_owned();
        Visitor { guest: read(Cookie::Guest), staff: read(Cookie::Staff), is_https }
    }

    /// The guest of this booking, else whoever is at the front desk, else nobody.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of_booking(&self, state: &AppState, id: ReservationId) -> Result<Actor, Error> {
        if let Some(token) = cookies::token_for(&self.guest, id)
            && let Some(actor) = known(state.gate.authenticate(token).await)?
        {
            return Ok(actor);
        }
        Ok(self.at_desk(state).await?.unwrap_or(Actor::Anonymous))
    }

    /// Whoever is signed in at the front desk.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn at_desk(&self, state: &AppState) -> Result<Option<Actor>, Error> {
        if self.staff.is_empty() {
            return Ok(None);
        }
        known(state.gate.in_session(&self.staff).await)
    }

    /// The cookie that opens one more booking in this browser.
    #[must_use]
    pub fn with_booking(&self, token: &str) -> HeaderValue {
        Cookie::Guest.set(&cookies::with_token(&self.guest, token), self.is_https)
    }

    /// The cookie of a session; an empty text ends it.
    #[must_use]
    pub fn with_session(&self, text: &str) -> HeaderValue {
        Cookie::Staff.set(text, self.is_https)
    }
}

/// A credential that opens nothing makes nobody of its holder.
fn known(answer: Result<Actor, Error>) -> Result<Option<Actor>, Error> {
    match answer {
        Ok(actor) => Ok(Some(actor)),
        Err(Error::Unauthorized) => Ok(None),
        Err(error) => Err(error),
    }
}
