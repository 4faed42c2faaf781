//! Price rules: what changes the price of a night, and when.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::tariffs::Set;
use vacancy_domain::hotels::{NAME_CHARS_MAX, ROOM_TYPE_CODE_CHARS_MAX};
use vacancy_domain::prices::learned::{DEMAND_STEPS_MAX, DemandStep, LearnedTable};
use vacancy_domain::prices::tariff::{Bounds, Effect, Rule, Weekdays, When};
use vacancy_domain::stays::Stay;
use vacancy_store::tariffs::{Part, PartKind, Stored};

use super::auth::Caller;
use super::fields::{Amount, Fields};
use super::inventory::TAG;
use super::json::JsonBody;
use super::paging::Page;
use super::path::Path;
use super::problem::Problem;
use super::tariffs::{self, Place};
use crate::state::AppState;

/// Days of the week, Monday first.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Longest text of a learned table.
const TABLE_CHARACTERS_MAX: usize = 100_000;

/// A price rule to make, or as it is to be: all conditions that are given must hold, and exactly
/// one of `changeBp`, `change`, `demandSteps` and `learnedTable` says what then happens.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "WEEKEND", "name": "Weekend", "weekdays": ["fri", "sat"], "changeBp": 1200
}))]
pub struct PriceRuleAsk {
    /// Capital letters, digits, `-` and `_`. In the path when it is replaced.
    #[schema(max_length = 32, example = "WEEKEND")]
    code: Option<String>,
    /// As it stands in the trace of a night.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Lower applies first; 0 when left out.
    #[schema(minimum = 0, maximum = 1_000_000)]
    position: Option<i64>,
    /// Codes; all when left out or empty.
    #[schema(max_items = 200)]
    room_types: Option<Vec<String>>,
    /// Codes; all, and the standard rate, when left out or empty.
    #[schema(max_items = 200)]
    rate_plans: Option<Vec<String>>,
    /// The first night of the season.
    #[schema(format = Date)]
    from: Option<String>,
    /// The day after its last night.
    #[schema(format = Date)]
    to: Option<String>,
    /// Of the night: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`; all when left out.
    #[schema(max_items = 7)]
    weekdays: Option<Vec<String>>,
    /// Shortest stay, in nights.
    #[schema(minimum = 0, maximum = 90)]
    nights_min: Option<i64>,
    #[schema(minimum = 0, maximum = 90)]
    nights_max: Option<i64>,
    /// Fewest days from booking to arrival.
    #[schema(minimum = 0, maximum = 730)]
    lead_days_min: Option<i64>,
    #[schema(minimum = 0, maximum = 730)]
    lead_days_max: Option<i64>,
    /// The guest has to name it.
    #[schema(max_length = 32)]
    promo_code: Option<String>,
    /// In hundredths of a percent; negative for less.
    #[schema(minimum = -10_000, maximum = 100_000)]
    change_bp: Option<i64>,
    /// An amount per night; negative for less.
    change: Option<Amount>,
    /// By how full the night is; the highest step that is reached counts.
    #[schema(max_items = 20)]
    demand_steps: Option<Vec<DemandStepAsk>>,
    /// Factors by day of the week, lead days and fill: lines of
    /// `weekday,leadDaysFrom,fillBpFrom,factorBp` under that header, weekdays from 0 for Monday.
    #[schema(max_length = 100_000)]
    learned_table: Option<String>,
    /// The night costs the nearest multiple of this.
    round_to: Option<Amount>,
    /// After the rule, the night costs no less than this.
    floor: Option<Amount>,
    /// And no more than this.
    ceiling: Option<Amount>,
}

/// A step of demand.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DemandStepAsk {
    /// From this part of the night held or sold on, in hundredths of a percent.
    #[schema(minimum = 0, maximum = 10_000, example = 8_000)]
    fill_bp: i64,
    /// What the night then costs more, in hundredths of a percent.
    #[schema(minimum = -10_000, maximum = 90_000, example = 1_500)]
    change_bp: i64,
}

/// A price rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceRuleView {
    #[schema(example = "WEEKEND")]
    code: String,
    name: String,
    position: i64,
    /// Empty: all.
    room_types: Vec<String>,
    /// Empty: all, and the standard rate.
    rate_plans: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    weekdays: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nights_min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nights_max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lead_days_min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lead_days_max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promo_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_bp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    demand_steps: Option<Vec<DemandStepAsk>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    learned_table: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_to: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ceiling: Option<Amount>,
    version: i64,
}

/// Price rules of a hotel
#[utoipa::path(
    get, path = "/v1/hotels/{id}/price-rules", tag = TAG, operation_id = "listPriceRules",
    params(("id" = String, Path, description = "The hotel.")),
    security(("bearer" = [])),
    responses((status = 200, description = "All, in the order of their codes",
        body = Page<PriceRuleView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Page<PriceRuleView>>, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    Ok(Json(tariffs::list(&set, PartKind::Rule, view)))
}

/// A price rule
#[utoipa::path(
    get, path = "/v1/hotels/{id}/price-rules/{code}", tag = TAG, operation_id = "getPriceRule",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "WEEKEND"),
    ),
    security(("bearer" = [])),
    responses((status = 200, description = "The price rule", body = PriceRuleView,
        headers(("ETag" = String, description = "For `If-Match`."))))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    tariffs::one(&set, (PartKind::Rule, &code), view)
}

/// Make a price rule
#[utoipa::path(
    post, path = "/v1/hotels/{id}/price-rules", tag = TAG, operation_id = "createPriceRule",
    params(("id" = String, Path, description = "The hotel.")),
    request_body = PriceRuleAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Made", body = PriceRuleView, headers(
            ("Location" = String, description = "The price rule."),
            ("ETag" = String, description = "For `If-Match`.")
        )),
        (status = 409, description = "`already_exists`: the hotel has this code"),
        (status = 422, description = "Impossible: the fields are named")
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: JsonBody<PriceRuleAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, None)?;
    let place = Place { hotel: set.hotel.id, kind: PartKind::Rule, name: "price-rules" };
    tariffs::create(&state, &actor, place, part, view).await
}

/// Replace a price rule
///
/// Needs `If-Match` with the `ETag` that was read. What is left out is as in a new one. Bookings
/// that were agreed keep their price.
#[utoipa::path(
    put, path = "/v1/hotels/{id}/price-rules/{code}", tag = TAG, operation_id = "replacePriceRule",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "WEEKEND"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    request_body = PriceRuleAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The price rule as it is now", body = PriceRuleView,
            headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 412, description = "`stale`: it has changed since it was read"),
        (status = 422, description = "Impossible: the fields are named"),
        (status = 428, description = "`precondition_required`: `If-Match` is missing"),
    )
)]
pub async fn replace(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody<PriceRuleAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, Some(code.clone()))?;
    tariffs::replace(&state, &actor, (&set, &code, &headers), part, view).await
}

/// Take a price rule away
#[utoipa::path(
    delete, path = "/v1/hotels/{id}/price-rules/{code}", tag = TAG, operation_id = "deletePriceRule",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "WEEKEND"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 412, description = "`stale`: it has changed since it was read"),
        (status = 428, description = "`precondition_required`: `If-Match` is missing"),
    )
)]
pub async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    tariffs::remove(&state, &actor, &id, (PartKind::Rule, code), &headers).await
}

impl PriceRuleAsk {
    fn into_part(mut self, set: &Set, path: Option<String>) -> Result<Part, Problem> {
        let mut fields = Fields::new();
        let currency = set.hotel.currency;
        let code = tariffs::code(&mut fields, self.code.take(), path);
        let name = fields.text("/name", &self.name, NAME_CHARS_MAX).unwrap_or_default();
        let effect = self.effect(&mut fields, set);
        let floor = tariffs::minor(&mut fields, currency, "/floor", self.floor.take());
        let ceiling = tariffs::minor(&mut fields, currency, "/ceiling", self.ceiling.take());
        let position = self.position.unwrap_or(0);
        let when = self.when(&mut fields, set);
        fields.finish()?;
        let limits_minor = Bounds { min: floor, max: ceiling };
        Ok(Part::Rule(Rule { code, name: name.into(), position, when, effect, limits_minor }))
    }

    fn effect(&mut self, fields: &mut Fields, set: &Set) -> Effect {
        let (steps, table) = (self.demand_steps.take(), self.learned_table.take());
        let (change_bp, change) = (self.change_bp.take(), self.change.take());
        let rounds = self.round_to.is_some();
        let given =
            [change_bp.is_some(), change.is_some(), steps.is_some(), table.is_some(), rounds];
        if given.iter().filter(|is_given| **is_given).count() != 1 {
            let detail = "exactly one of this, change, demandSteps, learnedTable and roundTo must \
                be given";
            fields.refuse("/changeBp", "ambiguous", detail);
        }
        let offset = tariffs::offset(fields, set.hotel.currency, change_bp, change);
        let currency = set.hotel.currency;
        let round = tariffs::minor(fields, currency, "/roundTo", self.round_to.take());
        if let Some(to_minor) = round {
            return Effect::Round { to_minor };
        }
        match (steps, table) {
            (Some(steps), _) => Effect::Demand(demand(fields, &steps)),
            (None, Some(text)) => match learned(fields, &text) {
                Some(table) => Effect::Learned(table),
                None => Effect::Offset(offset),
            },
            (None, None) => Effect::Offset(offset),
        }
    }

    fn when(self, fields: &mut Fields, set: &Set) -> When {
        let plans = tariffs::plan_codes(fields, self.rate_plans);
        let days = match (&self.from, &self.to) {
            (Some(from), Some(to)) => fields.days(("/from", from), ("/to", to)),
            (None, None) => None,
            (Some(from), None) => {
                fields.day("/from", from);
                fields.refuse("/to", "missing_field", "must stand beside from");
                None
            }
            (None, Some(to)) => {
                fields.day("/to", to);
                fields.refuse("/from", "missing_field", "must stand beside to");
                None
            }
        };
        let promo = self
            .promo_code
            .and_then(|code| fields.text("/promoCode", &code, ROOM_TYPE_CODE_CHARS_MAX));
        When {
            pools: tariffs::pools(fields, set, self.room_types),
            plans,
            days,
            weekdays: weekdays(fields, self.weekdays),
            nights: Bounds { min: self.nights_min, max: self.nights_max },
            lead_days: Bounds { min: self.lead_days_min, max: self.lead_days_max },
            promo,
        }
    }
}

fn demand(fields: &mut Fields, steps: &[DemandStepAsk]) -> Vec<DemandStep> {
    if DEMAND_STEPS_MAX < steps.len() {
        let detail = format!("must be at most {DEMAND_STEPS_MAX}");
        fields.refuse("/demandSteps", "too_many", detail);
    }
    let mut read = Vec::with_capacity(steps.len().min(DEMAND_STEPS_MAX));
    for (at, step) in steps.iter().take(DEMAND_STEPS_MAX).enumerate() {
        let (fill_bp, change_bp) = (step.fill_bp, step.change_bp);
        fields.whole(&format!("/demandSteps/{at}/fillBp"), fill_bp, 0..=10_000);
        fields.whole(&format!("/demandSteps/{at}/changeBp"), change_bp, -10_000..=90_000);
        read.push(DemandStep { fill_bp, change_bp });
    }
    read
}

fn learned(fields: &mut Fields, text: &str) -> Option<LearnedTable> {
    if TABLE_CHARACTERS_MAX < text.len() {
        let detail = format!("must have at most {TABLE_CHARACTERS_MAX} characters");
        fields.refuse("/learnedTable", "too_long", detail);
        return None;
    }
    let table = LearnedTable::parse(text);
    if let Err(defect) = &table {
        let detail = format!("line {}: {}", defect.line, defect.detail);
        fields.refuse("/learnedTable", "malformed", detail);
    }
    table.ok()
}

fn weekdays(fields: &mut Fields, words: Option<Vec<String>>) -> Weekdays {
    let Some(words) = words else { return Weekdays::ALL };
    if WEEKDAYS.len() < words.len() {
        fields.refuse("/weekdays", "too_many", "must be at most 7");
    }
    let mut numbers = Vec::new();
    for (at, word) in words.iter().take(WEEKDAYS.len()).enumerate() {
        match WEEKDAYS.iter().position(|own| own == word) {
            Some(number) => numbers.push(number),
            None => {
                let detail = format!("must be one of {}", WEEKDAYS.join(", "));
                fields.refuse(format!("/weekdays/{at}"), "unknown", detail);
            }
        }
    }
    Weekdays::of(&numbers)
}

fn view(set: &Set, stored: &Stored) -> Option<PriceRuleView> {
    let Part::Rule(rule) = &stored.part else { return None };
    let Rule { when, limits_minor, .. } = rule;
    let amount = |minor: i64| tariffs::amount(set, minor);
    let step =
        |step: &DemandStep| DemandStepAsk { fill_bp: step.fill_bp, change_bp: step.change_bp };
    let (mut change_bp, mut change, mut demand_steps, mut learned_table) = (None, None, None, None);
    let mut round_to = None;
    match &rule.effect {
        Effect::Offset(offset) => (change_bp, change) = tariffs::told(set, *offset),
        Effect::Demand(steps) => demand_steps = Some(steps.iter().map(step).collect()),
        Effect::Learned(table) => learned_table = Some(table.text()),
        Effect::Round { to_minor } => round_to = Some(amount(*to_minor)),
    }
    let (from, to) = when.days.map(season).unzip();
    let weekdays = WEEKDAYS.iter().enumerate().filter(|(number, _)| when.weekdays.has(*number));
    Some(PriceRuleView {
        code: rule.code.clone(),
        name: rule.name.to_string(),
        position: rule.position,
        room_types: tariffs::codes(set, &when.pools),
        rate_plans: when.plans.clone(),
        from,
        to,
        weekdays: weekdays.map(|(_, word)| *word).collect(),
        nights_min: when.nights.min,
        nights_max: when.nights.max,
        lead_days_min: when.lead_days.min,
        lead_days_max: when.lead_days.max,
        promo_code: when.promo.clone(),
        change_bp,
        change,
        demand_steps,
        learned_table,
        round_to,
        floor: limits_minor.min.map(amount),
        ceiling: limits_minor.max.map(amount),
        version: stored.version,
    })
}

fn season(days: Stay) -> (String, String) {
    (days.first_day.to_string(), days.end_day.to_string())
}
