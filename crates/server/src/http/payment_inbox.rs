//! The inbox of a business: payments and refunds that somebody has to settle, each with the steps
//! that make sense.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use vacancy_app::payments::inbox::{About, Resolution};
use vacancy_app::payments::matters::revision;
use vacancy_domain::ids::WorkItemId;
use vacancy_store::work_items::{Filed, WorkItem, WorkKind};

use super::auth::Caller;
use super::fields::{self, Fields, instant};
use super::json::JsonBody;
use super::paging::Page;
use super::path::Path;
use super::payments::TAG;
use super::problem::Problem;
use super::query::Query;
use super::reservation_lists::{NAMELESS, whose};
use crate::state::AppState;

/// Longest note that is kept.
const NOTE_CHARACTERS_MAX: usize = 500;
/// More than any revision has.
const REVISION_CHARACTERS_MAX: usize = 64;

/// Which matters are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InboxAsk {
    /// `open` or `settled`; open ones when it is left out.
    state: Option<String>,
    /// `payment_unsettled`, `payment_mismatch`, `refund_failed` …; every kind when it is left out.
    kind: Option<String>,
    /// Whose; only for the platform's key.
    #[param(format = Uuid)]
    business_id: Option<String>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: Option<i64>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// A step that settles a matter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"resolution": "retry", "note": "the provider was away"}))]
pub struct ResolveAsk {
    /// One of the matter's `resolutions`.
    #[schema(example = "retry")]
    resolution: String,
    /// Kept with the matter.
    #[schema(max_length = 500)]
    note: Option<String>,
    /// The matter's `revision` as it was read. A matter that says something else by now stays as it is:
    /// `409 matter_changed`, with the `matter` of now.
    #[schema(max_length = 64)]
    revision: Option<String>,
}

/// A matter about money.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MatterView {
    matter_id: String,
    /// `payment_unsettled`: the provider gives no definite answer. `payment_mismatch`: it took another
    /// amount or currency than ours; dismissed, no more is waited for of that payment. `paid_twice`: an order was
    /// paid twice and the second payment did not go back. `payment_elsewhere`: another order of it has money for this
    /// payment, too. `payment_unknown`: it has money for a payment that is not in this store.
    /// `payment_missing`: it does not have what is booked here. `refund_failed`: it did
    /// not give money back. `refund_elsewhere`: money went back there and not here. `refund_missing`:
    /// the other way round. `dispute_opened`: the guest's bank asks about a payment or took it back,
    /// answer it at the provider. `dispute_lost`: the bank decided for the guest. More may come.
    #[schema(example = "refund_failed")]
    kind: &'static str,
    #[schema(example = "open")]
    state: &'static str,
    hotel_id: String,
    #[schema(required = true)]
    reservation_id: Option<String>,
    #[schema(required = true)]
    payment_id: Option<String>,
    /// For people.
    detail: String,
    /// What the matter says, as an opaque word: another one as soon as it says something else.
    #[schema(example = "5f0c1c9a1f0b4be0a7d3f1f0a9f6c2d4")]
    revision: String,
    /// Until when something must be done: for a dispute, when the provider takes no more evidence.
    #[schema(required = true, format = DateTime)]
    due_by: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// What can be done about it: `retry`, `refund`, `accept`, `dismiss`. Empty once it is settled.
    resolutions: Vec<&'static str>,
    #[schema(required = true)]
    settlement: Option<SettlementOf>,
}

/// How a matter was settled.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettlementOf {
    /// Empty: it settled itself, or somebody closed it among the hotel's matters.
    resolution: String,
    note: String,
    /// `staff:owner`, `key:…`; empty when it settled itself.
    settled_by: String,
    #[schema(format = DateTime)]
    settled_at: String,
}

/// Payments to settle
///
/// What a provider says and we do not book, what we asked and it did not do. The platform's key names
/// a `businessId`.
#[utoipa::path(
    get, path = "/v1/payments/inbox", tag = TAG, operation_id = "listPaymentInbox",
    params(InboxAsk),
    security(("bearer" = [])),
    responses((status = 200, description = "A page, the oldest first", body = Page<MatterView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(ask): Query<InboxAsk>,
) -> Result<Json<Page<MatterView>>, Problem> {
    let mut fields = Fields::new();
    let is_settled = match ask.state.as_deref() {
        None | Some("open") => false,
        Some("settled") => true,
        Some(_) => {
            fields.refuse("state", "invalid_value", "must be open or settled");
            false
        }
    };
    let kind = ask.kind.as_deref().and_then(|word| {
        let known = WorkKind::from_word(word).filter(|kind| kind.is_about_money());
        if known.is_none() {
            fields.refuse("kind", "invalid_value", "must be a kind of matter about money");
        }
        known
    });
    let business = ask.business_id.as_ref().and_then(|id| fields.id("businessId", id));
    fields.finish()?;
    let business = whose(&state, &actor, business, (None, NAMELESS)).await?;
    let filed = Filed { is_settled, kind };
    let cursor = ask.cursor.as_deref();
    let page = state.payments.inbox(&actor, business, filed, cursor, ask.limit).await?;
    Ok(Json(Page::of(page, |item| view(&item))))
}

/// Settle a payment
///
/// One step: what it needs of the provider is done first, then the matter is closed. The same step
/// again changes nothing; another one is refused.
#[utoipa::path(
    post, path = "/v1/payments/inbox/{id}/resolve", tag = TAG,
    operation_id = "resolvePaymentMatter",
    params(("id" = String, Path, description = "The matter.")),
    request_body = ResolveAsk,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "It is settled", body = MatterView),
        (status = 409, description = "`invalid_transition`: it was settled otherwise; `matter_changed`: it says \
            something else than in the `revision` of the request, and `matter` is what it says now"),
        (status = 422, description = "`not_applicable` to this kind, `provider_refused`"),
    )
)]
pub async fn resolve(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    body: JsonBody<ResolveAsk>,
) -> Result<Json<MatterView>, Problem> {
    let ResolveAsk { resolution, note, revision } = body.value;
    let mut fields = Fields::new();
    let resolution = Resolution::from_word(&resolution);
    if resolution.is_none() {
        fields.refuse("/resolution", "invalid_value", "must be one of the matter's resolutions");
    }
    let note = fields.long_text("/note", &note.unwrap_or_default(), NOTE_CHARACTERS_MAX);
    let seen =
        revision.and_then(|seen| fields.long_text("/revision", &seen, REVISION_CHARACTERS_MAX));
    let is_fine = fields.is_fine();
    let (Some(resolution), Some(note), true) = (resolution, note, is_fine) else {
        return Err(fields.problem());
    };
    let id: WorkItemId = fields::path_id(&id)?;
    let item = state.payments.resolve(&actor, id, resolution, &note, seen.as_deref()).await?;
    state.jobs.wake();
    Ok(Json(view(&item)))
}

/// A matter as it stands in an answer.
pub(super) fn shown(item: &WorkItem) -> Value {
    serde_json::to_value(view(item)).expect("plain fields have a text")
}

fn view(item: &WorkItem) -> MatterView {
    let About { reservation, payment, due_by_ms, .. } = About::of(item);
    let is_open = item.settled_at_ms.is_none();
    let open_steps = Resolution::of(item.kind).iter().filter(|_| is_open);
    MatterView {
        matter_id: item.id.to_string(),
        kind: item.kind.word(),
        state: if is_open { "open" } else { "settled" },
        hotel_id: item.property.to_string(),
        reservation_id: reservation,
        payment_id: payment,
        detail: item.detail.clone(),
        revision: revision(item),
        due_by: due_by_ms.map(instant),
        created_at: instant(item.created_at_ms),
        resolutions: open_steps.map(|step| step.word()).collect(),
        settlement: item.settled_at_ms.map(|at_ms| SettlementOf {
            resolution: item.settlement.resolution.clone(),
            note: item.settlement.note.clone(),
            settled_by: item.settlement.settled_by.clone(),
            settled_at: instant(at_ms),
        }),
    }
}
