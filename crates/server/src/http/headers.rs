//! Headers that every answer carries, and the two questions a client may ask by header or method
//! alone: what do you take (`OPTIONS`), and can I have it in another form (`Accept`).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::state::AppState;

/// What an answer of the API may do in a browser: nothing.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'";

/// Set unless the handler said otherwise.
const DEFAULTS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, NOTHING),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Two years, as browsers ask for; only where guests come over TLS.
const ONLY_TLS: &str = "max-age=63072000; includeSubDomains";

pub(super) async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_question = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if is_question && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        // What the address takes instead is added by the router itself, as `Allow`.
        response = StatusCode::NO_CONTENT.into_response();
    }
    let headers = response.headers_mut();
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if state.public_url.starts_with("https://") {
        let value = HeaderValue::from_static(ONLY_TLS);
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(value);
    }
    response
}

/// Refuses a client that would not read our JSON. Routes that answer in other forms end in a dot
/// and the name of the form.
pub(super) async fn accept(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let has_other_form = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    if path.starts_with("/v1/") && !has_other_form && !takes_json(request.headers()) {
        let detail = "answers here are application/json";
        let status = StatusCode::NOT_ACCEPTABLE;
        return Problem::new(status, "not_acceptable", detail).into_response();
    }
    next.run(request).await
}

fn takes_json(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::ACCEPT).iter().peekable();
    if lines.peek().is_none() {
        return true;
    }
    lines.any(|line| line.to_str().unwrap_or_default().split(',').any(range_takes_json))
}

/// One media range, as `application/*;q=0.8`; a weight of zero means "not this".
fn range_takes_json(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_ours = matches!(kind.as_str(), "*/*" | "application/*" | "application/json");
    let is_refused = parts.any(|part| {
        part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
    });
    is_ours && !is_refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_sent_to_whoever_takes_it() {
        let takes = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().expect("a header"));
            takes_json(&headers)
        };
        for good in
            ["*/*", "application/json", "text/html, Application/*;q=0.1", "text/html,*/*;q=0.8"]
        {
            assert!(takes(good), "{good}");
        }
        for bad in ["text/html", "application/xml", "application/json;q=0", ""] {
            assert!(!takes(bad), "{bad}");
        }
        assert!(takes_json(&HeaderMap::new()));
    }
}
