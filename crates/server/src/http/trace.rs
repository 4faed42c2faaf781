//! One trace per request: its id is taken from `traceparent` or made here, goes into every log
//! line of the request and back to the caller. Writes the one line per request and counts it.
//! Never logs a path, a query, a header or a body: they may name people or hold tokens.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use vacancy_domain::crash::crash_point;

use super::arrival::Arrived;
use super::problem::Problem;
use crate::metrics;
use crate::state::AppState;

pub const TRACE_ID_HEADER: HeaderName = HeaderName::from_static("x-trace-id");
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Label of requests that no route took.
pub const UNMATCHED: &str = "unmatched";

/// The trace a request belongs to, with our own span in it. Found in the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    trace_id: u128,
    span_id: u64,
    is_sampled: bool,
}

impl Trace {
    /// Goes on with the caller's trace if it sent a good one, else begins one. `random` is drawn
    /// by the caller: two words for the trace, one for the span.
    #[must_use]
    pub fn of(headers: &HeaderMap, random: [u64; 3]) -> Trace {
        let [high, low, span] = random;
        let new_id = (u128::from(high) << 64) | u128::from(low);
        let parent = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
        // All zeros mean "none" in trace context.
        let (trace_id, is_sampled) = parent.and_then(read_parent).unwrap_or((new_id.max(1), true));
        Trace { trace_id, span_id: span.max(1), is_sampled }
    }

    /// 32 hex digits.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// What is sent on to others, so that they join the trace under our span.
    #[must_use]
    pub fn parent(&self) -> String {
        let flags = u8::from(self.is_sampled);
        format!("00-{:032x}-{:016x}-{flags:02x}", self.trace_id, self.span_id)
    }
}

/// Trace id and sampling flag of a `traceparent`; `None` when it is not one. A later version may
/// carry more fields.
fn read_parent(text: &str) -> Option<(u128, bool)> {
    let mut parts = text.split('-');
    let (version, trace_id) = (hex(parts.next()?, 2)?, hex(parts.next()?, 32)?);
    let (span_id, flags) = (hex(parts.next()?, 16)?, hex(parts.next()?, 2)?);
    let is_well_formed = version != 0xff
        && trace_id != 0
        && span_id != 0
        && (version != 0 || parts.next().is_none());
    is_well_formed.then_some((trace_id, flags & 1 == 1))
}

fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_lower_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    if text.len() != digits || !text.bytes().all(is_lower_hex) {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}

/// The outermost layer.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = request.extensions().get::<Arrived>().map_or_else(Instant::now, |head| head.0);
    let random = [state.ids.next_u64(), state.ids.next_u64(), state.ids.next_u64()];
    let trace = Trace::of(request.headers(), random);
    request.extensions_mut().insert(trace);
    let method = metrics::method_label(request.method());
    let route = match request.extensions().get::<MatchedPath>() {
        Some(path) => path.as_str().to_owned(),
        None => UNMATCHED.to_owned(),
    };
    let trace_id = trace.id();
    let span = tracing::info_span!("request", trace_id = %trace_id);
    let in_flight = metrics::InFlight::begin();
    let mut response = next.run(request).instrument(span.clone()).await;
    drop(in_flight);

    let status = response.status();
    let taken = started.elapsed();
    metrics::count_request(method, &route, status, taken);
    span.in_scope(|| {
        log_fault(&response);
        log_line(method, &route, status, taken.as_secs_f64() * 1_000.0);
    });
    if method != "GET" {
        crash_point("http.answer");
    }
    put(response.headers_mut(), TRACE_ID_HEADER, &trace_id);
    put(response.headers_mut(), TRACEPARENT, &trace.parent());
    response
}

/// A fault stops here, so it is logged here, once, with its causes.
fn log_fault(response: &Response) {
    let problem = response.extensions().get::<std::sync::Arc<Problem>>();
    let Some(fault) = problem.and_then(|problem| problem.fault()) else { return };
    let mut causes = String::new();
    let mut cause = std::error::Error::source(fault);
    while let Some(one) = cause {
        causes.push_str(&format!(": {one}"));
        cause = one.source();
    }
    tracing::error!(fault = %fault, causes, "request failed: {fault}{causes}");
}

fn log_line(method: &str, route: &str, status: StatusCode, ms: f64) {
    let status = status.as_u16();
    tracing::info!(
        http.method = method,
        http.route = route,
        http.status = status,
        duration_ms = (ms * 1_000.0).round() / 1_000.0,
        "{method} {route} {status}"
    );
}

fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(traceparent: &str, goes_on: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, traceparent.parse().expect("a header"));
        let trace = Trace::of(&headers, [7; 3]);
        assert_eq!(trace.id() == "0af7651916cd43dd8448eb211c80319c", goes_on, "{traceparent}");
        let our_parent = trace.parent();
        assert!(our_parent.contains("-0000000000000007-"), "{our_parent}");
    }

    #[test]
    fn a_good_parent_is_joined_and_a_bad_one_is_not() {
        check("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true);
        check("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", true);
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        ] {
            check(bad, false);
        }
    }

    #[test]
    fn what_we_send_on_can_be_joined() {
        let trace = Trace::of(&HeaderMap::new(), [0; 3]);
        assert_eq!(read_parent(&trace.parent()), Some((1, true)));
        let mut headers = HeaderMap::new();
        let unsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        headers.insert(TRACEPARENT, unsampled.parse().expect("a header"));
        assert!(Trace::of(&headers, [9; 3]).parent().ends_with("-00"));
    }
}
