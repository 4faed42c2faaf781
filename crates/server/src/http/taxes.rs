//! Taxes and fees of a hotel. As soon as there is one, the hotel's flat tax counts no more.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vacancy_app::tariffs::Set;
use vacancy_domain::hotels::NAME_CHARS_MAX;
use vacancy_domain::prices::TAX_BP_MAX;
use vacancy_domain::prices::tariff::{Collected, Levy, LevyAmount, LevyKind, Per};
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

const KINDS: [(&str, LevyKind); 2] = [("tax", LevyKind::Tax), ("fee", LevyKind::Fee)];
const PER: [(&str, Per); 4] = [
    ("stay", Per::Stay),
    ("night", Per::Night),
    ("person", Per::Person),
    ("personNight", Per::PersonNight),
];
const COLLECTED: [(&str, Collected); 3] = [
    ("onTop", Collected::OnTop),
    ("included", Collected::Included),
    ("atProperty", Collected::AtProperty),
];

/// A tax or a fee to make, or as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "CITY", "name": "City tax", "fixedAmount": {"amount": 200, "currency": "EUR"},
    "per": "personNight", "collected": "atProperty", "ageMin": 13, "nightsMax": 7
}))]
pub struct TaxAsk {
    /// Capital letters, digits, `-` and `_`. In the path when it is replaced.
    #[schema(max_length = 32, example = "CITY")]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// `tax` or `fee`; a tax when left out.
    #[schema(max_length = 10)]
    kind: Option<String>,
    /// Its share of the price of rooms, guests and meals, in hundredths of a percent.
    #[schema(minimum = 0, maximum = 10_000)]
    basis_points: Option<i64>,
    /// Or a fixed amount.
    fixed_amount: Option<Amount>,
    /// What a fixed amount is counted by: `stay`, `night` (of each room), `person` or
    /// `personNight`; once per stay when left out.
    #[schema(max_length = 20)]
    per: Option<String>,
    /// `onTop` of the price, `included` in it, or paid `atProperty`; on top when left out.
    #[schema(max_length = 20)]
    collected: Option<String>,
    /// Younger guests are free of it, where people are counted.
    #[schema(minimum = 0, maximum = 120)]
    age_min: Option<i64>,
    /// No more nights than these are counted, where nights are.
    #[schema(minimum = 1, maximum = 90)]
    nights_max: Option<i64>,
}

/// A tax or a fee.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaxView {
    #[schema(example = "CITY")]
    code: String,
    name: String,
    #[schema(example = "tax")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis_points: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_amount: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per: Option<&'static str>,
    #[schema(example = "atProperty")]
    collected: &'static str,
    age_min: i64,
    /// Null: all nights count.
    #[schema(required = true)]
    nights_max: Option<i64>,
    version: i64,
}

/// Taxes and fees of a hotel
#[utoipa::path(
    get, path = "/v1/hotels/{id}/taxes", tag = TAG, operation_id = "listTaxes",
    params(("id" = String, Path, description = "The hotel.")),
    security(("bearer" = [])),
    responses((status = 200, description = "All, in the order of their codes",
        body = Page<TaxView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Page<TaxView>>, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    Ok(Json(tariffs::list(&set, PartKind::Levy, view)))
}

/// A tax or fee
#[utoipa::path(
    get, path = "/v1/hotels/{id}/taxes/{code}", tag = TAG, operation_id = "getTax",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "CITY"),
    ),
    security(("bearer" = [])),
    responses((status = 200, description = "The tax or fee", body = TaxView,
        headers(("ETag" = String, description = "For `If-Match`."))))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, code)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let set = tariffs::read(&state, &actor, &id).await?;
    tariffs::one(&set, (PartKind::Levy, &code), view)
}

/// Make a tax or fee
#[utoipa::path(
    post, path = "/v1/hotels/{id}/taxes", tag = TAG, operation_id = "createTax",
    params(("id" = String, Path, description = "The hotel.")),
    request_body = TaxAsk,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Made", body = TaxView, headers(
            ("Location" = String, description = "The tax or fee."),
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
    body: JsonBody<TaxAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, None)?;
    let place = Place { hotel: set.hotel.id, kind: PartKind::Levy, name: "taxes" };
    tariffs::create(&state, &actor, place, part, view).await
}

/// Replace a tax or fee
///
/// Needs `If-Match` with the `ETag` that was read. What is left out is as in a new one. Bookings
/// that were agreed keep their price.
#[utoipa::path(
    put, path = "/v1/hotels/{id}/taxes/{code}", tag = TAG, operation_id = "replaceTax",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "CITY"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`."),
    ),
    request_body = TaxAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The tax or fee as it is now", body = TaxView,
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
    body: JsonBody<TaxAsk>,
) -> Result<Response, Problem> {
    let set = tariffs::to_change(&state, &actor, &id).await?;
    let part = body.value.into_part(&set, Some(code.clone()))?;
    tariffs::replace(&state, &actor, (&set, &code, &headers), part, view).await
}

/// Take a tax or fee away
#[utoipa::path(
    delete, path = "/v1/hotels/{id}/taxes/{code}", tag = TAG, operation_id = "deleteTax",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("code" = String, Path, description = "Its code.", example = "CITY"),
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
    tariffs::remove(&state, &actor, &id, (PartKind::Levy, code), &headers).await
}

impl TaxAsk {
    fn into_part(self, set: &Set, path: Option<String>) -> Result<Part, Problem> {
        let mut fields = Fields::new();
        let code = tariffs::code(&mut fields, self.code, path);
        let name = fields.text("/name", &self.name, NAME_CHARS_MAX).unwrap_or_default();
        let kind = chosen(&mut fields, "/kind", self.kind, &KINDS);
        let per = chosen(&mut fields, "/per", self.per, &PER);
        let collected = chosen(&mut fields, "/collected", self.collected, &COLLECTED);
        if self.basis_points.is_some() == self.fixed_amount.is_some() {
            let detail = "either this or fixedAmount must be given";
            fields.refuse("/basisPoints", "ambiguous", detail);
        }
        let bp = self.basis_points.unwrap_or(0);
        let bp = fields.whole("/basisPoints", bp, 0..=TAX_BP_MAX).unwrap_or(0);
        let amount = match self.fixed_amount {
            None => LevyAmount::Percent { bp },
            Some(amount) => {
                let currency = set.hotel.currency;
                let minor = tariffs::minor(&mut fields, currency, "/fixedAmount", Some(amount));
                LevyAmount::Fixed { minor: minor.unwrap_or(0), per }
            }
        };
        fields.finish()?;
        let age_min = self.age_min.unwrap_or(0);
        let nights_max = self.nights_max;
        Ok(Part::Levy(Levy { code, name, kind, amount, collected, age_min, nights_max }))
    }
}

/// The value of a word, or the first of all when none is given.
fn chosen<T: Copy, const N: usize>(
    fields: &mut Fields,
    pointer: &str,
    word: Option<String>,
    all: &[(&str, T); N],
) -> T {
    let first = all[0].1;
    let Some(word) = word else { return first };
    let found = all.iter().find(|(own, _)| *own == word);
    found.map_or_else(
        || {
            let words = all.map(|(own, _)| own).join(", ");
            fields.refuse(pointer, "unknown", format!("must be one of {words}"));
            first
        },
        |(_, value)| *value,
    )
}

/// The word of a value.
fn word<T: PartialEq>(value: &T, all: &[(&'static str, T)]) -> &'static str {
    all.iter().find(|(_, own)| own == value).map_or("", |(word, _)| word)
}

fn view(set: &Set, stored: &Stored) -> Option<TaxView> {
    let Part::Levy(levy) = &stored.part else { return None };
    let (basis_points, fixed_amount, per) = match levy.amount {
        LevyAmount::Percent { bp } => (Some(bp), None, None),
        LevyAmount::Fixed { minor, per } => {
            (None, Some(tariffs::amount(set, minor)), Some(word(&per, &PER)))
        }
    };
    Some(TaxView {
        code: levy.code.clone(),
        name: levy.name.clone(),
        kind: word(&levy.kind, &KINDS),
        basis_points,
        fixed_amount,
        per,
        collected: word(&levy.collected, &COLLECTED),
        age_min: levy.age_min,
        nights_max: levy.nights_max,
        version: stored.version,
    })
}
