//! Every route of the server, in one list. A route that is not here does not exist; one that is
//! here and documented stands in `/openapi.json` by the same line.

use axum::Router;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{docs, locations, openapi, operate};
use crate::state::AppState;

/// The routes of the API, with their documents.
#[must_use]
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::skeleton())
        // Find
        .routes(routes!(locations::search))
        // Operate
        .routes(routes!(operate::livez))
        .routes(routes!(operate::readyz))
        .routes(routes!(operate::show_metrics))
        .routes(routes!(operate::version))
        .routes(routes!(openapi::show))
}

/// What people look at: no part of the API, and not in its document.
pub fn pages() -> Router<AppState> {
    Router::new().route("/docs", get(docs::show)).route("/docs/style.css", get(docs::style))
}
