//! Lists of reservations: a business's with filters, and a guest's own. Which of them somebody may
//! see is checked by `app`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use vacancy_app::access::Actor;
use vacancy_app::cursors::{self, Position, page_limit};
use vacancy_app::errors::Error;
use vacancy_app::hotels;
use vacancy_domain::ids::{BusinessId, PropertyId, ReservationId};
use vacancy_domain::reservations::state::StayState;
use vacancy_store::reservations::Filter;

use super::auth::Caller;
use super::fields::{self, Fields};
use super::paging::Page;
use super::problem::Problem;
use super::query::Query;
use super::reservation_views::{self as views, ReservationSummary};
use super::reservations::TAG;
use crate::state::AppState;

/// This list's mark in its cursors.
const LIST: u8 = b'r';

/// Which reservations; all rules together.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ReservationsAsk {
    /// One of `PENDING_PAYMENT`, `CONFIRMED`, `CHECKED_IN`, `COMPLETED`, `CANCELED`, `EXPIRED`,
    /// `NO_SHOW`, `REFUNDED`.
    #[param(example = "CONFIRMED")]
    status: Option<String>,
    /// Arrivals from this day on.
    #[param(format = Date)]
    from: Option<String>,
    /// Arrivals up to and with this day.
    #[param(format = Date)]
    to: Option<String>,
    /// The guest's e-mail address, exactly.
    guest: Option<String>,
    /// A part of a name, an e-mail address, a telephone number or a code.
    #[param(max_length = 255)]
    q: Option<String>,
    hotel_id: Option<String>,
    /// For the platform's own key, which belongs to no business.
    business_id: Option<String>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<i64>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Reservations, the newest first
///
/// A business sees its own. A guest sees the one that the token opens; filters do not apply there.
/// The platform's key names a `businessId` or a `hotelId`.
#[utoipa::path(
    get, path = "/v1/reservations", tag = TAG, operation_id = "listReservations",
    params(ReservationsAsk),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<ReservationSummary>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(ask): Query<ReservationsAsk>,
) -> Result<Json<Page<ReservationSummary>>, Problem> {
    let (filter, business) = filter(&ask)?;
    let limit = page_limit(ask.limit)?;
    let after = Position::parse(LIST, ask.cursor.as_deref())?;
    if let Actor::Guest { reservation } = actor {
        let own = state.bookings.show(&actor, reservation).await?.reservation;
        let items = vec![views::summary(&own, &actor)];
        return Ok(Json(Page { items, next_cursor: None }));
    }
    let nameless = "this or hotelId must be given with the platform's key";
    let business = whose(&state, &actor, business, (filter.property, nameless)).await?;
    let before = after.map(|position| ReservationId(position.id));
    let found = state.bookings.list(&actor, business, filter, before, limit + 1).await?;
    let page = cursors::Page::cut(found, limit, |last| Position::of_id(LIST, last.id.0));
    Ok(Json(Page::of(page, |reservation| views::summary(&reservation, &actor))))
}

/// Where only a business can be named.
pub(super) const NAMELESS: &str = "must be given with the platform's key";

/// Whose list is asked for; `nameless` tells the platform's key what it has to name.
pub(super) async fn whose(
    state: &AppState,
    actor: &Actor,
    named: Option<BusinessId>,
    (hotel, nameless): (Option<PropertyId>, &'static str),
) -> Result<BusinessId, Problem> {
    match (named.or(actor.business()), hotel) {
        (Some(business), _) => Ok(business),
        (None, _) if *actor == Actor::Anonymous => Err(Error::Unauthorized.into()),
        (None, Some(hotel)) => Ok(hotels::get(&state.db, actor, hotel).await?.business),
        (None, None) if *actor != Actor::Admin => Err(Error::Denied.into()),
        (None, None) => Err(Problem::wrong_field("businessId", "missing_field", nameless)),
    }
}

fn filter(ask: &ReservationsAsk) -> Result<(Filter, Option<BusinessId>), Problem> {
    let mut fields = Fields::new();
    let mut filter = Filter::default();
    if let Some(status) = &ask.status {
        match states_of(status) {
            Some((states, is_refunded)) => {
                filter.stay_states = states.to_vec();
                filter.is_refunded = is_refunded;
            }
            None => fields.refuse("status", "invalid_value", "must be a status of a reservation"),
        }
    }
    let day = |fields: &mut Fields, name: &str, text: &Option<String>| {
        text.as_ref().and_then(|text| fields.day(name, text))
    };
    filter.from_day = day(&mut fields, "from", &ask.from);
    filter.to_day = day(&mut fields, "to", &ask.to);
    let text = |fields: &mut Fields, name: &str, text: &Option<String>| {
        text.as_ref().and_then(|text| fields.text(name, text, fields::TEXT_CHARACTERS_MAX))
    };
    filter.guest_email = text(&mut fields, "guest", &ask.guest);
    filter.text = text(&mut fields, "q", &ask.q);
    filter.property = ask.hotel_id.as_ref().and_then(|id| fields.id("hotelId", id));
    let business = ask.business_id.as_ref().and_then(|id| fields.id("businessId", id));
    fields.finish()?;
    Ok((filter, business))
}

/// The stored states that a status of the API stands for, and whether the money must be back.
fn states_of(status: &str) -> Option<(&'static [StayState], Option<bool>)> {
    Some(match status {
        "PENDING_PAYMENT" => (&[StayState::Held, StayState::Releasing], None),
        "CONFIRMED" => (&[StayState::Confirmed], None),
        "CHECKED_IN" => (&[StayState::CheckedIn], None),
        "COMPLETED" => (&[StayState::Completed], None),
        "NO_SHOW" => (&[StayState::NoShow], None),
        "CANCELED" => (&[StayState::Released, StayState::Canceled], Some(false)),
        "EXPIRED" => (&[StayState::Expired], Some(false)),
        "REFUNDED" => (&[StayState::Released, StayState::Canceled, StayState::Expired], Some(true)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use vacancy_domain::reservations::state::{MoneyState, status};

    use super::*;

    #[test]
    fn a_filter_finds_exactly_what_has_its_status() {
        for stay in StayState::ALL {
            for money in MoneyState::ALL {
                let (states, is_refunded) = states_of(status(stay, money)).expect("a filter");
                assert!(states.contains(&stay), "{stay:?} {money:?}");
                let fits = is_refunded.is_none_or(|is| is == (money == MoneyState::Refunded));
                assert!(fits, "{stay:?} {money:?}");
            }
        }
        assert!(states_of("confirmed").is_none());
    }
}
