//! Matters that a person of the business has to settle: nights sold above what there is, payments
//! whose end nobody knows.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use vacancy_app::work_items;
use vacancy_store::work_items::WorkItem;

use super::auth::Caller;
use super::fields::{self, instant};
use super::inventory::TAG;
use super::paging::{Page, Paging};
use super::path::Path;
use super::problem::Problem;
use super::query::Query;
use crate::state::AppState;

/// A matter to settle.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkItemView {
    work_item_id: String,
    /// `oversold`, `payment_unsettled` or `refund_failed`; more may come.
    #[schema(example = "oversold")]
    kind: &'static str,
    /// What it is about, for programs.
    subject: String,
    /// What it is about, for people.
    detail: String,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Matters to settle
#[utoipa::path(
    get, path = "/v1/hotels/{id}/work-items", tag = TAG, operation_id = "listWorkItems",
    params(("id" = String, Path, description = "The hotel."), Paging),
    security(("bearer" = [])),
    responses((status = 200, description = "A page, the oldest first", body = Page<WorkItemView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<WorkItemView>>, Problem> {
    let (id, cursor) = (fields::path_id(&id)?, paging.cursor.as_deref());
    let page = work_items::list(&state.db, &actor, id, cursor, paging.limit).await?;
    Ok(Json(Page::of(page, view)))
}

/// Settle a matter
///
/// Says that a person has seen to it. One that comes up again is a new one. A matter about money is settled
/// as `dismiss` settles it in the inbox: while it is the same, it does not come back.
#[utoipa::path(
    delete, path = "/v1/hotels/{id}/work-items/{itemId}", tag = TAG, operation_id = "settleWorkItem",
    params(
        ("id" = String, Path, description = "The hotel."),
        ("itemId" = String, Path, description = "The matter."),
    ),
    security(("bearer" = [])),
    responses((status = 204, description = "It is settled"))
)]
pub async fn settle(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, item)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (id, item) = (fields::path_id(&id)?, fields::path_id(&item)?);
    work_items::settle(&state.payments, &actor, id, item).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(item: WorkItem) -> WorkItemView {
    WorkItemView {
        work_item_id: item.id.to_string(),
        kind: item.kind.word(),
        subject: item.subject,
        detail: item.detail,
        created_at: instant(item.created_at_ms),
    }
}
