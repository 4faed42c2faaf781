//! What operators measure: requests by route and status, and what the process takes. Other parts
//! count through the `metrics` crate and need nothing from here. Labels are bounded: route
//! templates, never paths, tenants or people.

use std::sync::OnceLock;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

const REQUESTS: &str = "vacancy_http_requests_total";
const SECONDS: &str = "vacancy_http_request_duration_seconds";
/// Requests that wait for a place, with their whole body.
pub const WAITING: &str = "vacancy_http_requests_waiting";
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
    metrics::describe_gauge!(IN_FLIGHT, "Requests that are being answered.");
    metrics::describe_gauge!(WAITING, "Requests that wait at the door for a place.");
    metrics::describe_gauge!(
        DURABILITY_UNSAFE,
        "1 while the database has a setting that can lose answered commits."
    );
    metrics::describe_gauge!(CLOCK_SKEW, "The store's clock ahead of this machine's.");
    metrics::describe_gauge!("process_cpu_seconds_total", "Processor time of this process.");
    metrics::describe_gauge!("process_resident_memory_bytes", "Memory of this process.");
    metrics::gauge!(DURABILITY_UNSAFE).set(0.0);
    metrics::gauge!(CLOCK_SKEW).set(0.0);
}

pub fn count_request(method: &'static str, route: &str, status: StatusCode, taken: Duration) {
    let route = route.to_owned();
    let status = status.as_u16().to_string();
    metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!(SECONDS, "method" => method, "route" => route).record(taken.as_secs_f64());
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

/// Processor time and memory of this process, as the kernel counts them. Where there is no
/// `/proc`, both stay away.
pub fn measure_process() {
    if let Some(seconds) =
        std::fs::read_to_string("/proc/self/stat").ok().and_then(|text| cpu_seconds(&text))
    {
        metrics::gauge!("process_cpu_seconds_total").set(seconds);
    }
    if let Some(bytes) =
        std::fs::read_to_string("/proc/self/status").ok().and_then(|text| resident_bytes(&text))
    {
        metrics::gauge!("process_resident_memory_bytes").set(bytes);
    }
}

/// User and system time in the kernel's hundredths of a second, fields 14 and 15. The name in
/// field 2 may hold blanks and parentheses.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((f64::from(user) + f64::from(system)) / 100.0)
}

fn resident_bytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u32 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(f64::from(kilobytes) * 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_numbers_are_read() {
        let stat = "1 (a) b) S 1 1 1 0 -1 4 5 0 0 0 250 50 0 0 20 0 3 0 9 1 2";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("nonsense"), None);
        assert_eq!(resident_bytes("Name:\ta\nVmRSS:\t  2048 kB\n"), Some(2_097_152.0));
    }

    #[test]
    fn an_invented_method_makes_no_new_label() {
        let invented = Method::from_bytes(b"BREW").expect("a method");
        assert_eq!(method_label(&invented), "other");
        assert_eq!(method_label(&Method::PATCH), "PATCH");
    }
}
