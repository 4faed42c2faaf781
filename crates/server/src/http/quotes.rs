//! Quotes: a price with its policy, promised for some minutes.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::alternatives::Missed;
use vacancy_app::errors::Error;
use vacancy_app::quotes;
use vacancy_app::reservations::book::{BookingWish, Offer};
use vacancy_domain::hotels::ROOM_TYPE_CODE_CHARS_MAX;
use vacancy_domain::ids::PropertyId;
use vacancy_domain::prices::guests::Guests;
use vacancy_domain::prices::{Price, Terms};
use vacancy_domain::quotes::{Quote, QuoteLine};
use vacancy_domain::refusals::Refusal;
use vacancy_domain::stays::Stay;

use super::auth::Caller;
use super::fields::{self, Fields, instant};
use super::json::JsonBody;
use super::policy_views::ReservationPolicy;
use super::problem::{Problem, ProblemBody};
use super::reservation_asks::{ADULTS, GUESTS_MAX, check_children};
use super::reservation_prices::ReservationPrice;
use super::reservations::{TAG, no_hotel};
use super::test_mode::{self, Forced};
use super::{refusals, tariffs, why_not};
use crate::state::AppState;

/// What is to be quoted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "hotelId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
    "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
    "lines": [{"roomType": "DELUXE", "units": 1, "adults": 2, "children": [4]}]
}))]
pub struct QuoteAsk {
    #[schema(format = Uuid)]
    hotel_id: String,
    #[schema(format = Date)]
    check_in_date: String,
    /// Not slept.
    #[schema(format = Date)]
    check_out_date: String,
    /// One per room type.
    #[schema(min_items = 1)]
    lines: Vec<QuoteLineAsk>,
    /// Code of a promotion.
    #[schema(max_length = 32)]
    promo_code: Option<String>,
}

/// Rooms of one type, and who sleeps in them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuoteLineAsk {
    #[schema(max_length = 32, example = "DELUXE")]
    room_type: String,
    /// Code of a rate plan, the same for all lines; the standard rate when left out.
    #[schema(max_length = 32)]
    rate_plan: Option<String>,
    #[schema(minimum = 1)]
    units: i64,
    /// In all its rooms; 2 in each when left out.
    #[schema(minimum = 1)]
    adults: Option<i64>,
    /// Ages in years.
    children: Option<Vec<i64>>,
}

/// A promised price.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuoteView {
    /// For `quoteId` of a booking.
    quote_id: String,
    price: ReservationPrice,
    policy: ReservationPolicy,
    /// Equal digests are equal prices, taxes and policies.
    terms_digest: String,
    /// It cannot be booked from then on.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Ask for a quote
///
/// Holds no room. Book with its `quoteId` before it expires: as long as the price and the policy
/// are as good or better then, the booking goes through; else it is `409 price_changed` with both.
#[utoipa::path(
    post, path = "/v1/quotes", tag = TAG, operation_id = "createQuote",
    params((
        "Vacancy-Test" = Option<String>, Header,
        description = "Of a business in test mode only: `sold_out`."
    )),
    request_body = QuoteAsk,
    security((), ("bearer" = [])),
    responses(
        (status = 201, description = "Promised for 15 minutes", body = QuoteView),
        (status = 409, description = "`sold_out` and other codes of \"Why not\" with `reasons` by \
            room type and `alternatives`",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "`stay_in_the_past`, `stay_too_long`, `unknown_room_type`, \
            `unknown_promo_code`, `check_out_before_check_in`, `mixed_rate_plans`"),
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    headers: HeaderMap,
    body: JsonBody<QuoteAsk>,
) -> Result<Response, Problem> {
    let asked = body.value.read()?;
    let Asked { hotel, stay, lines, terms } = &asked;
    let on = (*hotel, *stay);
    let made = match test_mode::rooms(&state, &headers, on, Forced::OF_ROOMS).await? {
        None => {
            quotes::promise(&state.db, &state.ids, &actor, on, lines.clone(), terms.clone()).await
        }
        Some(test) => {
            let reasons = test.sold_out(lines.iter().map(|line| line.room_type.as_str()));
            Err(Error::Refused(Refusal::Unavailable { reasons }))
        }
    };
    match made {
        Ok(quote) => Ok((StatusCode::CREATED, Json(view(&quote))).into_response()),
        Err(Error::Refused(Refusal::Unavailable { reasons })) => {
            let offer = state.bookings.offer(*hotel, *stay).await.map_err(no_hotel)?;
            let missed = asked.missed();
            Err(why_not::problem(&state, &missed, &offer.room_types, reasons).await)
        }
        Err(error) => Err(no_hotel(error)),
    }
}

/// A price that is worse than it was, with both prices in all their parts.
#[must_use]
pub fn changed(offer: &Offer, wish: &BookingWish, refusal: &Refusal) -> Problem {
    let room_types: Vec<&str> = wish.rooms.keys().map(String::as_str).collect();
    let told = |price: &Price| {
        serde_json::json!({
            "price": ReservationPrice::whole(price, &room_types),
            "policy": ReservationPolicy::of(price),
        })
    };
    let mut problem = refusals::problem(refusal);
    if let Some(current) = offer.price_of(wish) {
        problem = problem.with("currentPrice", told(&current));
    }
    if let Some(named) = &wish.quote {
        problem = problem.with("agreedPrice", told(&named.quote.price));
    }
    problem
}

struct Asked {
    hotel: PropertyId,
    stay: Stay,
    lines: Vec<QuoteLine>,
    terms: Terms,
}

impl Asked {
    fn missed(&self) -> Missed {
        let guests = self.lines.iter().map(|line| &line.guests);
        Missed {
            hotel: self.hotel,
            stay: self.stay,
            rooms: self.lines.iter().map(|line| (line.room_type.clone(), line.units)).collect(),
            adults: guests.clone().fold(0_i64, |sum, own| sum.saturating_add(own.adults)),
            children: guests.flat_map(|own| own.children.iter().copied()).collect(),
            terms: self.terms.clone(),
        }
    }
}

impl QuoteAsk {
    fn read(self) -> Result<Asked, Problem> {
        let mut fields = Fields::new();
        let hotel = fields.id("/hotelId", &self.hotel_id);
        let stay = fields
            .stay(("/checkInDate", &self.check_in_date), ("/checkOutDate", &self.check_out_date));
        let plan = self.lines.first().and_then(|line| line.rate_plan.clone());
        let terms = tariffs::terms(&mut fields, None, self.promo_code);
        if self.lines.is_empty() {
            fields.refuse("/lines", "empty", "must name a room type");
        }
        let (mut lines, mut seen) = (Vec::with_capacity(self.lines.len()), BTreeSet::new());
        for (at, line) in self.lines.into_iter().enumerate() {
            if line.rate_plan != plan {
                let detail = "all lines of a quote have the same rate plan";
                let pointer = format!("/lines/{at}/ratePlan");
                fields.refuse_impossible(pointer, "mixed_rate_plans", detail);
            }
            if !seen.insert(line.room_type.clone()) {
                fields.refuse(format!("/lines/{at}/roomType"), "duplicate", "stands twice");
            }
            lines.extend(line.read(&mut fields, at));
        }
        match (hotel, stay) {
            (Some(hotel), Some(stay)) if fields.is_fine() => {
                Ok(Asked { hotel, stay, lines, terms: Terms { plan, ..terms } })
            }
            _ => Err(fields.problem()),
        }
    }
}

impl QuoteLineAsk {
    fn read(self, fields: &mut Fields, at: usize) -> Option<QuoteLine> {
        let pointer = |name: &str| format!("/lines/{at}/{name}");
        let room_type =
            fields.text(&pointer("roomType"), &self.room_type, ROOM_TYPE_CODE_CHARS_MAX);
        if let Some(plan) = &self.rate_plan {
            fields.text(&pointer("ratePlan"), plan, ROOM_TYPE_CODE_CHARS_MAX);
        }
        let units = fields.whole(&pointer("units"), self.units, 1..=fields::UNITS_MAX);
        let adults = self.adults.unwrap_or(self.units.saturating_mul(ADULTS));
        let adults = fields.whole(&pointer("adults"), adults, 1..=GUESTS_MAX);
        let children = self.children.unwrap_or_default();
        check_children(fields, &pointer("children"), &children);
        let guests = Guests { adults: adults?, children };
        Some(QuoteLine { room_type: room_type?, units: units?, guests })
    }
}

fn view(quote: &Quote) -> QuoteView {
    let room_types: Vec<&str> = quote.lines.iter().map(|line| line.room_type.as_str()).collect();
    QuoteView {
        quote_id: quote.id.to_string(),
        price: ReservationPrice::whole(&quote.price, &room_types),
        policy: ReservationPolicy::of(&quote.price),
        terms_digest: quote.terms_digest.clone(),
        expires_at: instant(quote.expires_at_ms),
    }
}
