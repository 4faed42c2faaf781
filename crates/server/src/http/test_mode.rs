//! `Vacancy-Test`: forces an outcome where no real money moves, and is refused everywhere else, so
//! that nobody believes to test what is real.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use vacancy_app::businesses;
use vacancy_app::reservations::book::Offer;
use vacancy_connect::payments::Abilities;
use vacancy_connect::payments::order::TestOutcome;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::refusals::{PoolReason, Reason, Refusal};
use vacancy_domain::stays::Stay;

use super::problem::Problem;
use super::refusals;
use super::reservations::no_hotel;
use crate::state::AppState;

pub const HEADER: &str = "Vacancy-Test";

/// Where the header is heard; each of these asks what it means there.
const HEARD: [&str; 4] =
    ["/v1/inventory/hold", "/v1/payments/order", "/v1/quotes", "/v1/reservations"];

/// What a wish for rooms shall meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forced {
    SoldOut,
    PriceChanged,
}

/// A forced outcome of a wish, and the offer that it is about.
pub struct Test {
    pub forced: Forced,
    pub offer: Arc<Offer>,
}

impl Forced {
    /// Where only rooms are asked, and no price was agreed.
    pub const OF_ROOMS: &[Forced] = &[Forced::SoldOut];
    pub const OF_BOOKINGS: &[Forced] = &[Forced::SoldOut, Forced::PriceChanged];

    fn word(self) -> &'static str {
        match self {
            Forced::SoldOut => "sold_out",
            Forced::PriceChanged => "price_changed",
        }
    }
}

impl Test {
    /// Every room type that is asked for has no room left.
    #[must_use]
    pub fn sold_out<'a>(&self, asked: impl Iterator<Item = &'a str>) -> Vec<PoolReason> {
        let asked: BTreeSet<&str> = asked.collect();
        let known = self.offer.room_types.iter();
        let known = known.filter(|room_type| asked.contains(room_type.code.as_str()));
        let reason = Reason::SoldOut { free_units: 0 };
        known.map(|one| PoolReason { pool: one.pool, reason: reason.clone() }).collect()
    }
}

/// Refuses the header wherever nobody would hear it.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let (path, method) = (request.uri().path(), request.method());
    // Only the list is read at one of these addresses; other methods have no route and are told so.
    let is_read = *method == Method::GET || *method == Method::HEAD;
    let is_list = path == "/v1/reservations" && is_read;
    let is_heard = HEARD.contains(&path) && !is_list;
    if !is_heard && request.headers().contains_key(HEADER) {
        return not_here().into_response();
    }
    next.run(request).await
}

/// The outcome that an order at this provider shall have.
///
/// # Errors
/// `400` where the provider is a real one, or knows no such outcome.
pub fn payment(headers: &HeaderMap, provider: &Abilities) -> Result<Option<TestOutcome>, Problem> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    if !provider.test_outcomes {
        return Err(not_here());
    }
    let outcome = value.to_str().ok().and_then(TestOutcome::parse);
    outcome.map(Some).ok_or_else(|| {
        let detail = "must be payment_declined, payment_timeout, payment_late or payment_disputed";
        Problem::wrong_field(HEADER, "invalid_value", detail)
    })
}

/// What a wish for rooms of this hotel shall meet, of what may be forced there.
///
/// # Errors
/// `400` where the hotel's business is not in test mode, or the value fits nothing here.
pub async fn rooms(
    state: &AppState,
    headers: &HeaderMap,
    (hotel, stay): (PropertyId, Stay),
    known: &[Forced],
) -> Result<Option<Test>, Problem> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let offer = state.bookings.offer(hotel, stay).await.map_err(no_hotel)?;
    if !businesses::is_test(&state.db, offer.hotel.business).await? {
        return Err(not_here());
    }
    match known.iter().find(|forced| value == forced.word()) {
        Some(forced) => Ok(Some(Test { forced: *forced, offer })),
        None => {
            let words: Vec<&str> = known.iter().map(|forced| forced.word()).collect();
            let detail = format!("must be {}", words.join(" or "));
            Err(Problem::wrong_field(HEADER, "invalid_value", detail))
        }
    }
}

fn not_here() -> Problem {
    refusals::problem(&Refusal::TestModeOnly)
}
