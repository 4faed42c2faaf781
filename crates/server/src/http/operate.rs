//! For those who run the server: is it alive, is it ready, what does it measure, which version is
//! it. Answers name parts, never causes, addresses or settings.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use vacancy_app::access::Actor;
use vacancy_app::desk::queue::LANE_QUEUE_MAX;
use vacancy_app::errors::Error;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Engine;

use super::auth::Caller;
use super::limits::Source;
use super::problem::Problem;
use crate::config::MetricsFor;
use crate::metrics;
use crate::state::AppState;

/// Longest wait for the database before it counts as gone.
const READY_MS_MAX: u64 = 2_000;

pub const TAG: &str = "Operate";

/// Which program answers, and what it stands on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    #[schema(example = "vacancy")]
    name: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// The commit it was built from; null when the build did not say.
    commit: Option<&'static str>,
    /// `sqlite` or `postgres`.
    #[schema(example = "sqlite")]
    engine: &'static str,
}

/// Whether this instance may be given requests.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Readiness {
    is_ready: bool,
    /// `ok` or what is the matter, by part.
    #[schema(example = json!({"database": "ok", "migrations": "ok", "desk": "ok"}))]
    parts: BTreeMap<&'static str, &'static str>,
}

/// The version of this server
#[utoipa::path(
    get, path = "/version", tag = TAG, operation_id = "getVersion",
    responses((status = 200, description = "Name, version, commit, engine", body = Version))
)]
pub async fn version(State(state): State<AppState>) -> Json<Version> {
    Json(Version {
        name: "vacancy",
        version: env!("CARGO_PKG_VERSION"),
        commit: option_env!("VACANCY_COMMIT"),
        engine: match state.db.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        },
    })
}

/// Whether the process is alive
///
/// A failing answer means: start it anew.
#[utoipa::path(
    get, path = "/livez", tag = TAG, operation_id = "getLiveness",
    responses((status = 200, description = "It is alive", body = String, content_type = "text/plain"))
)]
pub async fn livez() -> &'static str {
    "ok\n"
}

/// Whether this instance may be given requests
///
/// Says which part is not ready: `database`, `migrations`, `durability`, `desk`, or `draining`
/// when it is about to stop.
#[utoipa::path(
    get, path = "/readyz", tag = TAG, operation_id = "getReadiness",
    responses(
        (status = 200, description = "Every part is ready", body = Readiness),
        (status = 503, description = "Some part is not ready", body = Readiness),
    )
)]
pub async fn readyz(State(state): State<AppState>) -> Response {
    let (database, migrations) = look_at_database(&state).await;
    let tell = |is_fine: bool, trouble: &'static str| if is_fine { "ok" } else { trouble };
    let parts = BTreeMap::from([
        ("database", database),
        ("migrations", migrations),
        ("durability", tell(!state.health.is_durability_unsafe(), "unsafe")),
        ("desk", tell(state.desk.depth() < LANE_QUEUE_MAX, "full")),
        ("draining", tell(!state.health.is_draining(), "yes")),
    ]);
    let is_ready = parts.values().all(|part| *part == "ok");
    let body = Json(Readiness { is_ready, parts });
    if is_ready {
        return body.into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], body).into_response()
}

async fn look_at_database(state: &AppState) -> (&'static str, &'static str) {
    let time = Duration::from_millis(READY_MS_MAX);
    match tokio::time::timeout(time, state.db.check_schema()).await {
        Ok(Ok(())) => ("ok", "ok"),
        Ok(Err(Fault::SchemaTooOld { .. })) => ("ok", "pending"),
        Ok(Err(Fault::SchemaTooNew { .. })) => ("ok", "newer than this binary"),
        Ok(Err(fault)) => {
            tracing::warn!(error = %fault, "look at the database: {fault}");
            ("unavailable", "unknown")
        }
        Err(_late) => ("slow", "unknown"),
    }
}

/// Measurements in Prometheus' text form
///
/// For this machine itself, or with the platform's key; the setting `http.metrics_for` opens it.
#[utoipa::path(
    get, path = "/metrics", tag = TAG, operation_id = "getMetrics",
    security((), ("bearer" = [])),
    responses(
        (status = 200, description = "Measurements", body = String, content_type = "text/plain")
    )
)]
pub async fn show_metrics(
    State(state): State<AppState>,
    Extension(source): Extension<Source>,
    Caller(actor): Caller,
) -> Result<Response, Problem> {
    let is_open = state.config.http.metrics_for == MetricsFor::Anyone;
    if !is_open && source != Source::Local {
        may_measure(&actor)?;
    }
    metrics::measure(&state).await;
    let text = metrics::recorder().render();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

fn may_measure(actor: &Actor) -> Result<(), Error> {
    match actor {
        Actor::Admin | Actor::System => Ok(()),
        Actor::Anonymous => Err(Error::Unauthorized),
        Actor::Staff { .. } | Actor::Key { .. } | Actor::Guest { .. } => Err(Error::Denied),
    }
}
