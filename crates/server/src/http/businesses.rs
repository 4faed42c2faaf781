//! Businesses: their own one for whoever belongs to it, all of them for the platform.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vacancy_app::access::Actor;
use vacancy_app::businesses;
use vacancy_app::errors::Error;
use vacancy_domain::hotels::Business;
use vacancy_domain::ids::BusinessId;

use super::auth::Caller;
use super::fields::{Fields, instant};
use super::json::JsonBody;
use super::paging::{Page, Paging};
use super::problem::Problem;
use super::query::Query;
use crate::state::AppState;

pub const TAG: &str = "Access";

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct WhichBusiness {
    /// For the platform's own key, which belongs to no business: left out, the first one.
    #[param(format = Uuid)]
    business_id: Option<String>,
}

/// A business.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessView {
    business_id: String,
    #[schema(example = "Ribeira Hotels")]
    name: String,
    /// It only tests: its keys begin with `vk_test_`, its guests pay at the sandbox, and the header
    /// `Vacancy-Test` forces outcomes. Fixed when it is made.
    test_mode: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// What a business is called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ribeira Hotels"}))]
pub struct BusinessAsk {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

/// A business to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Ribeira Hotels, tests", "testMode": true}))]
pub struct NewBusinessAsk {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// No real provider ever hears of it; never changed later. False when left out.
    test_mode: Option<bool>,
}

/// Your business
#[utoipa::path(
    get, path = "/v1/business", tag = TAG, operation_id = "getBusiness",
    params(WhichBusiness),
    security(("bearer" = [])),
    responses((status = 200, description = "The business", body = BusinessView))
)]
pub async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(which): Query<WhichBusiness>,
) -> Result<Json<BusinessView>, Problem> {
    let id = which.of(&state, &actor).await?;
    Ok(Json(view(businesses::get(&state.db, &actor, id).await?)))
}

/// Rename your business
///
/// A business has nothing else to change, so it needs no `If-Match`.
#[utoipa::path(
    patch, path = "/v1/business", tag = TAG, operation_id = "changeBusiness",
    params(WhichBusiness),
    request_body = BusinessAsk,
    security(("bearer" = [])),
    responses((status = 200, description = "The business as it is now", body = BusinessView))
)]
pub async fn change(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(which): Query<WhichBusiness>,
    body: JsonBody<BusinessAsk>,
) -> Result<Json<BusinessView>, Problem> {
    let id = which.of(&state, &actor).await?;
    Ok(Json(view(businesses::rename(&state.db, &actor, id, &body.value.name).await?)))
}

/// Businesses of the platform
#[utoipa::path(
    get, path = "/v1/businesses", tag = TAG, operation_id = "listBusinesses",
    params(Paging),
    security(("bearer" = [])),
    responses((status = 200, description = "A page, the oldest first", body = Page<BusinessView>))
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<BusinessView>>, Problem> {
    let cursor = paging.cursor.as_deref();
    let page = businesses::list(&state.db, &actor, cursor, paging.limit).await?;
    Ok(Json(Page::of(page, view)))
}

/// Make a business
///
/// For the platform. One in test mode stays so: whoever has tested makes another one. Give the business its first key with `POST /v1/api-keys`.
#[utoipa::path(
    post, path = "/v1/businesses", tag = TAG, operation_id = "createBusiness",
    request_body = NewBusinessAsk,
    security(("bearer" = [])),
    responses((status = 201, description = "Made", body = BusinessView))
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    body: JsonBody<NewBusinessAsk>,
) -> Result<Response, Problem> {
    let NewBusinessAsk { name, test_mode } = body.value;
    let (db, ids) = (&state.db, &state.ids);
    let made = if test_mode == Some(true) {
        businesses::create_for_tests(db, ids, &actor, &name).await?
    } else {
        businesses::create(db, ids, &actor, &name).await?
    };
    Ok((StatusCode::CREATED, Json(view(made))).into_response())
}

impl WhichBusiness {
    /// The business that is meant.
    pub(super) async fn of(self, state: &AppState, actor: &Actor) -> Result<BusinessId, Problem> {
        let mut fields = Fields::new();
        let named = self.business_id.and_then(|id| fields.id("businessId", &id));
        fields.finish()?;
        business_of(state, actor, ("businessId", named)).await
    }
}

/// The business that is meant: the named one, else the caller's, else the platform's first.
///
/// # Errors
/// For a caller who belongs to none, and when there is none of that id.
pub(super) async fn business_of(
    state: &AppState,
    actor: &Actor,
    (pointer, named): (&str, Option<BusinessId>),
) -> Result<BusinessId, Problem> {
    match (named, actor.business()) {
        (Some(named), None) => match businesses::get(&state.db, actor, named).await {
            Ok(business) => Ok(business.id),
            Err(Error::NotFound) => Err(Problem::not_found().blaming(pointer)),
            Err(error) => Err(error.into()),
        },
        // Whether the caller's rights reach that far is asked where they are needed.
        (Some(business), Some(_)) | (None, Some(business)) => Ok(business),
        (None, None) => Ok(businesses::own(&state.db, actor).await?.id),
    }
}

fn view(business: Business) -> BusinessView {
    BusinessView {
        business_id: business.id.to_string(),
        name: business.name,
        test_mode: business.is_test,
        created_at: instant(business.created_at_ms),
    }
}
