//! The HTTP side: one router with its layers around it. From the outside in: trace, headers,
//! compression, problems, panics, time, limits, form; then the route. What a route does stands in
//! the file of its feature; which routes there are, in `router`.

pub mod api_keys;
pub mod arrival;
pub mod auth;
pub mod availability;
pub mod businesses;
pub mod caching;
pub mod calendar;
pub mod docs;
pub mod errors;
pub mod fields;
pub mod folios;
pub mod front_desk;
pub mod guest_rates;
mod headers;
pub mod holds;
pub mod hotel_asks;
pub mod hotel_views;
pub mod hotels;
pub mod idempotency;
pub mod inventory;
pub mod json;
pub mod limits;
pub mod listing_asks;
pub mod listings;
pub mod locations;
mod objects;
pub mod openapi;
pub mod operate;
pub mod optional_body;
pub mod overbooking;
pub mod paging;
pub mod path;
pub mod payment_accounts;
pub mod payment_disputes;
pub mod payment_inbox;
pub mod payment_refunds;
pub mod payments;
pub mod policies;
pub mod policy_views;
pub mod price_rules;
pub mod pricing;
pub mod problem;
pub mod query;
pub mod quotes;
pub mod rate_plans;
pub mod rates;
pub mod refusals;
pub mod reservation_asks;
pub mod reservation_changes;
pub mod reservation_links;
pub mod reservation_lists;
pub mod reservation_prices;
pub mod reservation_views;
pub mod reservations;
pub mod restrictions;
pub mod return_urls;
pub mod room_types;
pub mod rooms;
pub mod router;
pub mod shape;
pub mod strict;
pub mod tariffs;
pub mod taxes;
pub mod test_mode;
pub mod trace;
pub mod versions;
pub mod webhooks;
pub mod why_not;
pub mod work_items;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};

use utoipa_axum::router::OpenApiRouter;
use vacancy_app::errors::{Error, RETRY_AFTER_MS};

use self::arrival::TurnedAway;
use self::problem::Problem;
use crate::state::AppState;

/// Answers shorter than this are sent as they are: one packet either way.
const COMPRESSED_BYTES_MIN: u64 = 1_024;

/// The whole server as one service.
pub fn app(state: AppState) -> Router {
    with_layers(router::api(), router::pages(), state)
}

/// The layers around any routes: tests put routes of their own inside.
pub fn with_layers(
    api: OpenApiRouter<AppState>,
    pages: Router<AppState>,
    state: AppState,
) -> Router {
    let (api, document) = api.split_for_parts();
    let known = Arc::new(openapi::known_parameters(&document));
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESSED_BYTES_MIN)));
    api.merge(pages)
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        // The last one named is the outermost.
        .layer(middleware::from_fn_with_state(known, query::layer))
        .layer(middleware::from_fn(headers::accept))
        .layer(middleware::from_fn(test_mode::layer))
        .layer(middleware::from_fn_with_state(state.clone(), limits::layer))
        .layer(middleware::from_fn_with_state(state.clone(), time_limit))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn(problem::layer))
        .layer(compression)
        .layer(middleware::from_fn_with_state(state.clone(), headers::layer))
        .layer(middleware::from_fn_with_state(state.clone(), trace::layer))
        .with_state(state)
}

async fn no_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no_such_route", "there is no such address; see /docs")
}

async fn no_method() -> Problem {
    let detail = "this address has other methods; see `Allow`";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

/// A bug ended one request; the panic itself was told where it happened.
fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    let detail = "something broke on our side; quote the trace id when you ask";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).into_response()
}

/// Gives up waiting for an answer. What was asked of the desk runs on: nobody knows how it ends.
/// Whoever waited in vain for a place is turned away here, where answers have their form.
async fn time_limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.extensions().get::<TurnedAway>().is_some() {
        return Problem::from(Error::Busy { retry_after_ms: RETRY_AFTER_MS }).into_response();
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let time = Duration::from_millis(state.config.http.request_ms_max);
    tokio::time::timeout(time, next.run(request)).await.unwrap_or_else(|_late| {
        if is_read {
            let detail = "the answer took too long; nothing was changed";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Problem::new(status, "timed_out", detail).retry_after_ms(1).into_response();
        }
        errors::outcome_unknown().into_response()
    })
}
