//! What operators measure: requests by route and status here, the process and the store in their
//! files. Other parts count through the `metrics` crate and need nothing from here. Labels are
//! bounded: route templates, never paths, tenants or people. What is named here is used by
//! `ops/alerts.yml` and `ops/dashboard.json`; `scripts/test-alerts.sh` compares.

mod class;
pub(crate) mod process;
mod store;

use std::sync::OnceLock;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::state::AppState;

const REQUESTS: &str = "vacancy_http_requests_total";
const SECONDS: &str = "vacancy_http_request_duration_seconds";
/// Requests that wait for a place, with their whole body.
pub const WAITING: &str = "vacancy_http_requests_waiting";
const CLASS_REQUESTS: &str = "vacancy_requests_total";
const CLASS_SECONDS: &str = "vacancy_request_seconds";
const BOOKING_SECONDS: &str = "vacancy_booking_part_seconds";
const IN_FLIGHT: &str = "vacancy_http_requests_in_flight";

/// 1 while the database runs with a setting under which an answered booking could be lost.
pub const DURABILITY_UNSAFE: &str = "vacancy_store_durability_unsafe";

/// How far this machine's clock is from the store's; positive when the store's is ahead.
pub const CLOCK_SKEW: &str = "vacancy_clock_skew_seconds";

/// Upper bounds of the histograms, in seconds: from a cached answer to the request time-out.
const SECONDS_BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// Begins to count, once per process, and gives what `/metrics` shows.
pub fn recorder() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)
            .expect("the list of buckets is not empty")
            .build_recorder();
        let handle = recorder.handle();
        // Taken by somebody else only in a process that is not ours; then nothing is counted.
        let _already_taken = metrics::set_global_recorder(recorder);
        describe();
        handle
    })
}

/// Keeps the memory of histograms bounded; called every minute and before each scrape.
pub fn upkeep() {
    recorder().run_upkeep();
}

fn describe() {
    metrics::describe_counter!(REQUESTS, "Answers by method, route and status.");
    metrics::describe_histogram!(SECONDS, "Time from head of the request to head of the answer.");
    metrics::describe_counter!(CLASS_REQUESTS, "Answers by what was wanted and how it went.");
    metrics::describe_histogram!(CLASS_SECONDS, "Time of an answer by what was wanted.");
    metrics::describe_histogram!(
        BOOKING_SECONDS,
        "Time of a booking by part: read, offer, desk, render."
    );
    metrics::describe_gauge!(IN_FLIGHT, "Requests that are being answered.");
    metrics::describe_gauge!(WAITING, "Requests that wait at the door for a place.");
    metrics::describe_gauge!(
        DURABILITY_UNSAFE,
        "1 while the database has a setting that can lose answered commits."
    );
    metrics::describe_gauge!(CLOCK_SKEW, "The store's clock ahead of this machine's.");
    metrics::gauge!(DURABILITY_UNSAFE).set(0.0);
    metrics::gauge!(CLOCK_SKEW).set(0.0);
    class::begin();
    process::describe();
    store::describe();
}

/// What never changes while this process lives.
pub fn begin(state: &AppState) {
    process::begin(state);
}

/// Asks process, desk, store and jobs how they are; `/metrics` shows it. A store that does not
/// answer is a measurement, too.
pub async fn measure(state: &AppState) {
    process::measure();
    store::measure(state).await;
    upkeep();
}

pub fn count_request(method: &'static str, route: &str, status: StatusCode, taken: Duration) {
    let route = route.to_owned();
    let (status, status_code) = (status.as_u16().to_string(), status);
    metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    let seconds = taken.as_secs_f64();
    class::count(&route, status_code, seconds);
    metrics::histogram!(SECONDS, "method" => method, "route" => route).record(seconds);
}

/// Where the time of a booking goes: until its wish is read, its hotel is read, the desk has answered,
/// its answer is written.
pub fn booking_part(part: &'static str, taken: Duration) {
    metrics::histogram!(BOOKING_SECONDS, "part" => part).record(taken.as_secs_f64());
}

/// A method as a label; a client may invent any number of others.
#[must_use]
pub fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Counts a request as running until it is dropped, however its handler ends.
#[derive(Debug)]
pub struct InFlight(());

impl InFlight {
    #[must_use]
    pub fn begin() -> InFlight {
        metrics::gauge!(IN_FLIGHT).increment(1.0);
        InFlight(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!(IN_FLIGHT).decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_method_makes_no_new_label() {
        let invented = Method::from_bytes(b"BREW").expect("a method");
        assert_eq!(method_label(&invented), "other");
        assert_eq!(method_label(&Method::PATCH), "PATCH");
    }
}
