//! How the store, the desk and the jobs are, as gauges. Asked at every look at the metrics and every
//! few seconds in between, so that trouble is logged where nobody scrapes. It must not decide
//! anything: alerts do.

use std::time::Duration;

use vacancy_store::faults::Fault;
use vacancy_store::vitals;

use crate::config::Database;
use crate::state::AppState;

const UP: &str = "vacancy_store_up";
const SCHEMA: &str = "vacancy_schema_version";
const LAPSE_LAG: &str = "vacancy_lapse_lag_seconds";
const WORK: &str = "vacancy_work_items_open";
const FILE: &str = "vacancy_store_file_bytes";
const DEPTH: &str = "vacancy_desk_depth";
const LANE_DEPTH: &str = "vacancy_desk_lane_depth";

/// Longest wait for the store: less than who asks for measurements waits.
const STORE_MS_MAX: u64 = 2_000;

pub(super) fn describe() {
    metrics::describe_gauge!(UP, "1 while the store answers.");
    metrics::describe_gauge!(SCHEMA, "Version of the store's schema.");
    metrics::describe_gauge!(LAPSE_LAG, "How long the first overdue hold has been overdue.");
    metrics::describe_gauge!(WORK, "Matters that wait for a hotel's people, by kind.");
    metrics::describe_gauge!(FILE, "Size of the SQLite database and of its log.");
    metrics::describe_gauge!(DEPTH, "Orders that wait at the desk.");
    metrics::describe_gauge!(LANE_DEPTH, "Orders that wait in one lane of the desk.");
}

pub(super) async fn measure(state: &AppState) {
    for (lane, depth) in state.desk.lane_depths().into_iter().enumerate() {
        metrics::gauge!(LANE_DEPTH, "lane" => lane.to_string()).set(whole(depth));
    }
    metrics::gauge!(DEPTH).set(whole(state.desk.depth()));
    measure_files(&state.config.database);
    let time = Duration::from_millis(STORE_MS_MAX);
    let asked = tokio::time::timeout(time, ask(state)).await;
    let is_up = match asked {
        Ok(Ok(())) => true,
        Ok(Err(fault)) => {
            // The rest is worth more than nothing, most of all when the store is down.
            tracing::warn!(error = %fault, "measure the store: {fault}");
            false
        }
        Err(_late) => {
            tracing::warn!("measure the store: no answer within {STORE_MS_MAX} ms");
            false
        }
    };
    metrics::gauge!(UP).set(if is_up { 1.0 } else { 0.0 });
}

async fn ask(state: &AppState) -> Result<(), Fault> {
    let schema = state.db.schema_info().await?;
    metrics::gauge!(SCHEMA).set(number(schema.version));
    let vitals = state.db.read(|tx| Box::pin(vitals::read(tx))).await?;
    metrics::gauge!(LAPSE_LAG).set(number(vitals.lapse_lag_ms) / 1_000.0);
    for (kind, count) in vitals.open_work {
        metrics::gauge!(WORK, "kind" => kind.word()).set(number(count));
    }
    state.jobs.measure().await
}

fn measure_files(database: &Database) {
    let Database::Sqlite(path) = database else { return };
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    for (file, path) in [("database", path.as_os_str()), ("log", &log)] {
        // No log is an empty one.
        let bytes_count = std::fs::metadata(path).map_or(0, |found| found.len());
        let bytes_count = i64::try_from(bytes_count).unwrap_or(i64::MAX);
        metrics::gauge!(FILE, "file" => file).set(number(bytes_count));
    }
}

fn whole(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; what is told here is small")]
fn number(of: i64) -> f64 {
    of as f64
}
