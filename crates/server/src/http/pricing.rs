//! What a stay costs, room type by room type with every night, and for many hotels what a night
//! costs on average. Whether there is a room is another question.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vacancy_app::pricing::{self, Ask, TypePrice};
use vacancy_domain::money::Money;
use vacancy_domain::prices::Price;
use vacancy_domain::prices::tariff::{LevyKind, RatePlan};
use vacancy_domain::refusals::Reason;

use super::auth::Caller;
use super::availability::{HotelsAndStay, WhyNot, refused};
use super::fields::{Amount, Fields, instant};
use super::json::JsonBody;
use super::listing_asks::ADULTS;
use super::locations::TAG;
use super::policy_views::ReservationPolicy;
use super::problem::Problem;
use super::refusals;
use super::reservation_prices::{PriceStep, ReservationNight, ReservationTax, steps};
use super::tariffs;
use crate::state::AppState;

/// What is asked of one hotel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "hotelId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
    "checkInDate": "2027-03-10", "checkOutDate": "2027-03-12",
    "roomTypes": ["DELUXE", "STANDARD"]
}))]
pub struct PricingAsk {
    #[schema(format = Uuid)]
    hotel_id: String,
    #[schema(format = Date)]
    check_in_date: String,
    /// Not slept.
    #[schema(format = Date)]
    check_out_date: String,
    /// Codes; all when left out.
    room_types: Option<Vec<String>>,
    /// 2 when left out.
    #[schema(minimum = 1)]
    adults: Option<i64>,
    /// Ages in years.
    children: Option<Vec<i64>>,
    /// Code of a rate plan; the standard rate when left out.
    #[schema(max_length = 32)]
    rate_plan: Option<String>,
    /// Code of a promotion.
    #[schema(max_length = 32)]
    promo_code: Option<String>,
}

/// Prices of a stay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PricingView {
    hotel_id: String,
    #[schema(format = Date)]
    check_in_date: String,
    #[schema(format = Date)]
    check_out_date: String,
    #[schema(example = "EUR")]
    currency: String,
    #[schema(format = DateTime)]
    as_of: String,
    /// In the order of their codes.
    room_types: Vec<PricingOfType>,
}

/// The price of one room of a type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PricingOfType {
    #[schema(example = "DELUXE")]
    room_type: String,
    name: String,
    /// Every night with how its price came about; empty when it has none.
    per_night: Vec<ReservationNight>,
    /// What the guests add on each night; left out when nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    guests_per_night: Vec<PriceStep>,
    /// All nights with their guests, before taxes and fees. Null when some night has no rate.
    #[schema(required = true)]
    total_price: Option<Amount>,
    taxes: Vec<ReservationTax>,
    fees: Vec<ReservationTax>,
    /// What the guest pays in the end. Null when some night has no rate.
    #[schema(required = true)]
    final_price: Option<Amount>,
    /// The part of it that is paid at the property. Null when some night has no rate.
    #[schema(required = true)]
    due_at_property: Option<Amount>,
    /// What a cancellation would cost. Null when some night has no rate.
    #[schema(required = true)]
    policy: Option<ReservationPolicy>,
    /// The same on each rate plan that sells it.
    rate_plans: Vec<PricingOfPlan>,
    /// Why there is no price: `rate_not_offered`.
    #[schema(value_type = Vec<WhyNot>)]
    reasons: Vec<Map<String, Value>>,
}

/// What the stay costs on a rate plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PricingOfPlan {
    #[schema(example = "SAVER")]
    rate_plan: String,
    name: String,
    #[schema(example = "breakfast")]
    meals: &'static str,
    total_price: Amount,
    final_price: Amount,
    policy: ReservationPolicy,
}

/// Prices by hotel.
#[derive(Debug, Serialize, ToSchema)]
pub struct PricingBatch {
    /// By hotel id. A hotel that is not there, or has no price for these nights, is left out.
    prices: BTreeMap<String, AveragePrice>,
}

/// What a night costs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AveragePrice {
    /// One room of the cheapest type, before tax.
    avg_per_night_price: Amount,
}

/// Ask what a stay costs
#[utoipa::path(
    post, path = "/v1/pricing", tag = TAG, operation_id = "askPricing",
    request_body = PricingAsk,
    security((), ("bearer" = [])),
    responses(
        (status = 200, description = "Every room type that was asked", body = PricingView,
            example = json!({
                "hotelId": "0192f3a4-b5c6-7d8e-9f01-23456789abcd",
                "checkInDate": "2027-03-10", "checkOutDate": "2027-03-11",
                "currency": "EUR", "asOf": "2027-01-01T12:00:00.000Z",
                "roomTypes": [{
                    "roomType": "DELUXE", "name": "Deluxe double room",
                    "perNight": [{
                        "date": "2027-03-10", "price": {"amount": 12_000, "currency": "EUR"},
                        "trace": "base EUR 120.00"
                    }],
                    "totalPrice": {"amount": 12_000, "currency": "EUR"},
                    "taxes": [{
                        "name": "tax", "basisPoints": 600,
                        "amount": {"amount": 720, "currency": "EUR"},
                        "collected": "onTop"
                    }],
                    "fees": [],
                    "finalPrice": {"amount": 12_720, "currency": "EUR"},
                    "dueAtProperty": {"amount": 0, "currency": "EUR"},
                    "policy": {
                        "code": "FLEX48", "description": "Flexible",
                        "freeUntil": "2027-03-08T15:00:00.000Z",
                        "timeline": [
                            {"from": null, "penalty": {"amount": 0, "currency": "EUR"},
                             "refund": {"amount": 12_720, "currency": "EUR"}},
                            {"from": "2027-03-08T15:00:00.000Z",
                             "penalty": {"amount": 12_720, "currency": "EUR"},
                             "refund": {"amount": 0, "currency": "EUR"}}
                        ],
                        "noShow": {"amount": 12_720, "currency": "EUR"}
                    },
                    "ratePlans": [],
                    "reasons": []
                }]
            })),
        (status = 422, description = "`check_out_before_check_in`, `stay_in_the_past`, \
            `stay_too_long`, `unknown_room_type`, `unknown_promo_code`, `out_of_range`")
    )
)]
pub async fn ask(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<PricingAsk>,
) -> Result<Json<PricingView>, Problem> {
    let ask = body.value.into_ask()?;
    let priced = pricing::ask(&state.db, &actor, &ask).await;
    let priced = priced.map_err(refused)?;
    Ok(Json(PricingView {
        hotel_id: ask.property.to_string(),
        check_in_date: ask.stay.first_day.to_string(),
        check_out_date: ask.stay.end_day.to_string(),
        currency: priced.currency.code().to_owned(),
        as_of: instant(priced.as_of_ms),
        room_types: priced.types.iter().map(of_type).collect(),
    }))
}

/// Ask many hotels at once
#[utoipa::path(
    post, path = "/v1/pricing/batch", tag = TAG, operation_id = "askPricingBatch",
    request_body = HotelsAndStay,
    security((), ("bearer" = [])),
    responses((status = 200, description = "Prices by hotel", body = PricingBatch,
        example = json!({"prices": {"0192f3a4-b5c6-7d8e-9f01-23456789abcd": {
            "avgPerNightPrice": {"amount": 8_000, "currency": "EUR"}
        }}})))
)]
pub async fn ask_batch(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<HotelsAndStay>,
) -> Result<Json<PricingBatch>, Problem> {
    let (hotels, stay) = body.value.read()?;
    let found = pricing::ask_batch(&state.db, &actor, &hotels, stay).await?;
    let told = found
        .into_iter()
        .map(|(id, night)| (id.to_string(), AveragePrice { avg_per_night_price: night.into() }));
    Ok(Json(PricingBatch { prices: told.collect() }))
}

impl PricingAsk {
    fn into_ask(self) -> Result<Ask, Problem> {
        let mut fields = Fields::new();
        let property = fields.id("/hotelId", &self.hotel_id);
        let stay = fields
            .stay(("/checkInDate", &self.check_in_date), ("/checkOutDate", &self.check_out_date));
        let terms = tariffs::terms(&mut fields, self.rate_plan, self.promo_code);
        let (Some(property), Some(stay)) = (property, stay) else { return Err(fields.problem()) };
        fields.finish()?;
        let adults = self.adults.unwrap_or(ADULTS);
        let children = self.children.unwrap_or_default();
        Ok(Ask { property, stay, room_types: self.room_types, adults, children, terms })
    }
}

fn of_plan((plan, price): &(RatePlan, Price)) -> PricingOfPlan {
    PricingOfPlan {
        rate_plan: plan.code.clone(),
        name: plan.name.to_string(),
        meals: plan.meals.word(),
        total_price: Money::new(price.subtotal_minor, price.currency).into(),
        final_price: price.whole().into(),
        policy: ReservationPolicy::of(price),
    }
}

fn of_type(priced: &TypePrice) -> PricingOfType {
    let price = priced.price.as_ref();
    let amount = |of: fn(&Price) -> i64| {
        price.map(|price| Amount::from(Money::new(of(price), price.currency)))
    };
    let charges = |kind| price.map(|price| ReservationTax::of(price, kind)).unwrap_or_default();
    let line = price.and_then(|price| Some((price, price.lines.first()?)));
    let guests = line.map(|(price, line)| steps(price, line));
    let reasons = match price {
        Some(_) => Vec::new(),
        None => vec![refusals::reason(&Reason::RateNotOffered)],
    };
    PricingOfType {
        room_type: priced.room_type.code.clone(),
        name: priced.room_type.name.clone(),
        per_night: price.map(ReservationNight::of_one_unit).unwrap_or_default(),
        guests_per_night: guests.unwrap_or_default(),
        total_price: amount(|price| price.subtotal_minor),
        taxes: charges(LevyKind::Tax),
        fees: charges(LevyKind::Fee),
        final_price: amount(|price| price.whole().minor),
        due_at_property: amount(Price::at_property_minor),
        policy: price.map(ReservationPolicy::of),
        rate_plans: priced.plans.iter().map(of_plan).collect(),
        reasons,
    }
}
