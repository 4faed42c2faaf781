//! What a night costs: base rates by room type and rates for ranges of nights over them. Prices
//! are computed elsewhere.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vacancy_app::access;
use vacancy_app::hotels;
use vacancy_app::rates::{self, RangeRate, RatesWish, TypeRates};
use vacancy_domain::access::Action;
use vacancy_domain::hotels::ROOM_TYPE_CODE_CHARS_MAX;
use vacancy_domain::money::{Currency, Money};

use super::auth::Caller;
use super::fields::{self, Amount, Fields};
use super::guest_rates::GuestRatesView;
use super::inventory::TAG;
use super::json::JsonBody;
use super::path::Path;
use super::problem::Problem;
use super::query::Query;
use super::strict::pointer_part;
use crate::state::AppState;

/// Most base rates, and most ranges, of one request.
pub const RATES_MAX: usize = 500;

/// Which nights.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RatesAsk {
    /// The first night.
    #[param(format = Date, example = "2027-03-01")]
    from: String,
    /// The day after the last, at most 800 days after `from`.
    #[param(format = Date, example = "2027-04-01")]
    to: String,
}

/// Rates to set; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "base": {"DELUXE": {"amount": 12000, "currency": "EUR"}},
    "ranges": [{
        "roomType": "DELUXE", "from": "2027-07-01", "to": "2027-09-01",
        "rate": {"amount": 16000, "currency": "EUR"}
    }]
}))]
pub struct RatesChange {
    /// By room type code: the rate of every night that no range covers. Null: only ranges are sold.
    base: Option<BTreeMap<String, BaseRateAsk>>,
    /// One after the other, the later over the earlier and over all that were set before.
    #[schema(max_items = 500)]
    ranges: Option<Vec<RateRangeAsk>>,
    /// By room type code: what guests cost beyond those that a room includes. Null for nothing.
    guests: Option<BTreeMap<String, GuestsAsk>>,
}

/// What guests cost, or null for nothing.
#[derive(Debug, Deserialize, ToSchema)]
pub struct GuestsAsk(Option<GuestRatesView>);

/// A rate, or null for none.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BaseRateAsk(Option<Amount>);

/// The rate of some nights.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateRangeAsk {
    #[schema(example = "DELUXE")]
    room_type: String,
    /// Code of a rate plan; the standard rate when left out.
    #[schema(max_length = 32)]
    rate_plan: Option<String>,
    /// The first night.
    #[schema(format = Date)]
    from: String,
    /// The day after the last, at most 800 days after `from`.
    #[schema(format = Date)]
    to: String,
    /// One unit for one night, before tax.
    rate: Amount,
}

/// The rates of a hotel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatesView {
    room_types: Vec<RatesOfType>,
}

/// The rates of a room type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatesOfType {
    #[schema(example = "DELUXE")]
    room_type: String,
    /// Of every night that no range covers. Null: only ranges are sold.
    #[schema(required = true)]
    base_rate: Option<Amount>,
    /// Those that touch the asked nights; the later counts.
    ranges: Vec<RateRangeView>,
    /// What guests cost beyond those that a room includes; left out when nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    guests: Option<GuestRatesView>,
}

/// The rate of some nights.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateRangeView {
    /// Left out: the standard rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_plan: Option<String>,
    #[schema(format = Date)]
    from: String,
    /// The day after the last night.
    #[schema(format = Date)]
    to: String,
    rate: Amount,
}

/// Rates of a hotel
#[utoipa::path(
    get, path = "/v1/hotels/{id}/rates", tag = TAG, operation_id = "getRates",
    params(("id" = String, Path, description = "The hotel."), RatesAsk),
    security((), ("bearer" = [])),
    responses((status = 200, description = "Base rates and ranges", body = RatesView))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Query(ask): Query<RatesAsk>,
) -> Result<Json<RatesView>, Problem> {
    let id = fields::path_id(&id)?;
    let mut fields = Fields::new();
    let days = fields.days(("from", &ask.from), ("to", &ask.to));
    let Some(days) = days else { return Err(fields.problem()) };
    let currency = hotels::get(&state.db, &actor, id).await?.currency;
    let types = rates::list(&state.db, &actor, id, days).await?;
    Ok(Json(RatesView { room_types: types.iter().map(|of| of_type(of, currency)).collect() }))
}

/// Set rates
///
/// All of them, or none. Names what it sets and leaves the rest, so it needs no `If-Match`.
/// Bookings that were agreed keep their price.
#[utoipa::path(
    put, path = "/v1/hotels/{id}/rates", tag = TAG, operation_id = "setRates",
    params(("id" = String, Path, description = "The hotel.")),
    request_body = RatesChange,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Set"),
        (status = 422, description = "`unknown_room_type`, `wrong_currency`, `out_of_range`")
    )
)]
pub async fn set(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: JsonBody<RatesChange>,
) -> Result<StatusCode, Problem> {
    let id = fields::path_id(&id)?;
    let hotel = access::hotel(&state.db, &actor, Action::ChangeRates, id).await?;
    let wish = body.value.into_wish(hotel.currency)?;
    rates::set(&state.db, &actor, id, &wish).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl RatesChange {
    fn into_wish(self, currency: Currency) -> Result<RatesWish, Problem> {
        let (base, ranges) = (self.base.unwrap_or_default(), self.ranges.unwrap_or_default());
        let guests = self.guests.unwrap_or_default();
        let mut fields = Fields::new();
        if base.is_empty() && ranges.is_empty() && guests.is_empty() {
            fields.refuse("/ranges", "missing_field", "or base or guests must be given");
        }
        let counts = [("/base", base.len()), ("/ranges", ranges.len()), ("/guests", guests.len())];
        for (name, count) in counts {
            if RATES_MAX < count {
                fields.refuse(name, "too_many", format!("must be at most {RATES_MAX}"));
                return Err(fields.problem());
            }
        }
        let mut wish = RatesWish::default();
        for (code, BaseRateAsk(rate)) in base {
            let pointer = format!("/base/{}", pointer_part(&code));
            let rate = rate.and_then(|rate| fields.money(&pointer, &rate));
            wish.base.insert(code, rate);
        }
        for (at, range) in ranges.into_iter().enumerate() {
            wish.ranges.extend(range.into_rate(&mut fields, at));
        }
        for (code, GuestsAsk(rates)) in guests {
            let pointer = format!("/guests/{}", pointer_part(&code));
            let rates = rates.map(|rates| rates.into_rates(&mut fields, currency, &pointer));
            wish.guests.insert(code, rates);
        }
        fields.finish()?;
        Ok(wish)
    }
}

impl RateRangeAsk {
    fn into_rate(self, fields: &mut Fields, at: usize) -> Option<RangeRate> {
        let pointer = |name: &str| format!("/ranges/{at}/{name}");
        let stay = fields.days((&pointer("from"), &self.from), (&pointer("to"), &self.to));
        let rate = fields.money(&pointer("rate"), &self.rate);
        let room_type =
            fields.text(&pointer("roomType"), &self.room_type, ROOM_TYPE_CODE_CHARS_MAX);
        let code =
            |plan: String| fields.text(&pointer("ratePlan"), &plan, ROOM_TYPE_CODE_CHARS_MAX);
        let plan = self.rate_plan.and_then(code);
        Some(RangeRate { room_type: room_type?, plan, stay: stay?, rate: rate? })
    }
}

fn of_type(of: &TypeRates, currency: Currency) -> RatesOfType {
    let amount = |minor| Amount::from(Money::new(minor, currency));
    let standard = of.ranges.iter().map(|range| (None, range));
    let of_plans = of.plan_ranges.iter().map(|(plan, range)| (Some(plan.clone()), range));
    let ranges = standard.chain(of_plans).map(|(rate_plan, range)| RateRangeView {
        rate_plan,
        from: range.stay.first_day.to_string(),
        to: range.stay.end_day.to_string(),
        rate: amount(range.amount_minor),
    });
    RatesOfType {
        room_type: of.room_type.code.clone(),
        base_rate: of.room_type.base_rate_minor.map(amount),
        ranges: ranges.collect(),
        guests: of.guests.as_ref().map(|rates| GuestRatesView::of(rates, currency)),
    }
}
