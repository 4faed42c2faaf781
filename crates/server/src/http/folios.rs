//! The folio of a reservation on the wire. Computes nothing.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vacancy_domain::folio::Entry;
use vacancy_domain::money::{Currency, Money};

use super::auth::Caller;
use super::fields::{self, Amount, instant};
use super::path::Path;
use super::problem::Problem;
use super::reservations::TAG;
use crate::state::AppState;

/// The running account of a reservation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FolioView {
    reservation_id: String,
    /// Charges, then payments, allowances, refunds and what banks took back, in the order of time.
    entries: Vec<FolioEntry>,
    /// The sum of all entries: above zero the guest still owes it, below it is owed to the guest. What
    /// a bank took back stands in it, and nobody is charged for it again by themselves.
    balance: Amount,
    /// What the property collects itself; not in the balance.
    at_property: Vec<FolioEntry>,
}

/// One charge, payment or refund.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FolioEntry {
    /// `rooms`, `tax`, `fee`, `adjustment`, `allowance`, `payment`, `refund`, `chargeback` or
    /// `chargeback_reversed`.
    #[schema(example = "rooms")]
    kind: &'static str,
    #[schema(example = "1 × DELUXE, 2027-03-10 to 2027-03-12")]
    text: String,
    #[schema(format = DateTime)]
    at: String,
    /// A payment is below zero.
    amount: Amount,
}

/// The folio of a reservation
///
/// Everything that was charged, paid and given back. The balance is always the sum.
#[utoipa::path(
    get, path = "/v1/reservations/{id}/folio", tag = TAG, operation_id = "getFolio",
    params(("id" = String, Path, description = "The reservation.")),
    security(("bearer" = [])),
    responses((status = 200, description = "The folio", body = FolioView))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<FolioView>, Problem> {
    let id = fields::path_id(&id)?;
    let folio = state.bookings.folio(&actor, id).await?;
    let view = |entries: &[Entry]| -> Vec<FolioEntry> {
        entries.iter().map(|own| entry(own, folio.currency)).collect()
    };
    Ok(Json(FolioView {
        reservation_id: id.to_string(),
        entries: view(&folio.entries),
        balance: folio.balance().into(),
        at_property: view(&folio.at_property),
    }))
}

fn entry(entry: &Entry, currency: Currency) -> FolioEntry {
    FolioEntry {
        kind: entry.kind.word(),
        text: entry.text.clone(),
        at: instant(entry.at_ms),
        amount: Money::new(entry.amount_minor, currency).into(),
    }
}
