//! Disputes on the wire: what guests' banks ask about or took back. Nothing is decided here; evidence
//! goes to the provider.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vacancy_domain::disputes::Dispute;
use vacancy_store::disputes::Listed;

use super::auth::Caller;
use super::fields::{Amount, Fields, instant};
use super::paging::Page;
use super::payments::TAG;
use super::problem::Problem;
use super::query::Query;
use super::reservation_lists::{NAMELESS, whose};
use crate::state::AppState;

/// Which disputes are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DisputesAsk {
    /// `open` or `closed`; all of them when it is left out.
    state: Option<String>,
    /// Whose; only for the platform's key.
    #[param(format = Uuid)]
    business_id: Option<String>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<i64>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// A payment that a guest's bank asks about, or took back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DisputeView {
    dispute_id: String,
    /// The provider's own name for it.
    provider_dispute_id: String,
    payment_id: String,
    reservation_id: String,
    /// `needs_response`, `under_review`; over: `won`, `lost`, `closed`.
    #[schema(example = "needs_response")]
    status: &'static str,
    /// `kept`: the bank only asks. `withdrawn`: it took the money. `reinstated`: it gave it back.
    #[schema(example = "withdrawn")]
    funds: &'static str,
    amount: Amount,
    /// The provider's code.
    #[schema(example = "fraudulent")]
    reason: String,
    /// Until when the provider takes evidence, in its dashboard.
    #[schema(required = true, format = DateTime)]
    due_by: Option<String>,
    /// By the provider's clock.
    #[schema(format = DateTime)]
    opened_at: String,
}

/// A dispute in the list of a business.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessDispute {
    hotel_id: String,
    dispute: DisputeView,
    /// What the provider takes for it; null where it takes or tells nothing.
    #[schema(required = true)]
    fee: Option<Amount>,
}

/// Disputed payments
///
/// What banks of guests ask about or took back. Answer them at the provider. No booking ends by a
/// dispute, and no guest is charged again. The platform's key names a `businessId`.
#[utoipa::path(
    get, path = "/v1/payments/disputes", tag = TAG, operation_id = "listDisputes",
    params(DisputesAsk),
    security(("bearer" = [])),
    responses((status = 200, description = "A page, the oldest first", body = Page<BusinessDispute>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(ask): Query<DisputesAsk>,
) -> Result<Json<Page<BusinessDispute>>, Problem> {
    let mut fields = Fields::new();
    let is_over = match ask.state.as_deref() {
        None => None,
        Some("open") => Some(false),
        Some("closed") => Some(true),
        Some(_) => {
            fields.refuse("state", "invalid_value", "must be open or closed");
            None
        }
    };
    let business = ask.business_id.as_ref().and_then(|id| fields.id("businessId", id));
    fields.finish()?;
    let business = whose(&state, &actor, business, (None, NAMELESS)).await?;
    let cursor = ask.cursor.as_deref();
    let page = state.payments.list_disputes(&actor, business, is_over, cursor, ask.limit).await?;
    Ok(Json(Page::of(page, |Listed { dispute, property }| BusinessDispute {
        hotel_id: property.to_string(),
        fee: dispute.told.fee.map(Amount::from),
        dispute: view(&dispute),
    })))
}

pub(super) fn view(dispute: &Dispute) -> DisputeView {
    let told = &dispute.told;
    DisputeView {
        dispute_id: dispute.id.to_string(),
        provider_dispute_id: dispute.provider_dispute_id.clone(),
        payment_id: dispute.payment.to_string(),
        reservation_id: dispute.reservation.to_string(),
        status: told.status.word(),
        funds: told.funds.word(),
        amount: told.amount.into(),
        reason: told.reason.clone(),
        due_by: told.due_by_ms.map(instant),
        opened_at: instant(dispute.opened_at_ms),
    }
}
