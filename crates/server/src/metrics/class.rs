//! Requests by what was wanted of us and how it went: few enough series for error budgets, and every
//! one of them there from the first scrape on, so that a rate never begins with a gap.

use axum::http::StatusCode;

use super::{CLASS_REQUESTS, CLASS_SECONDS};

/// What requests are for. `file` is what pages are made of, `other` what no route took.
const CLASSES: [&str; 7] = ["find", "book", "pay", "run", "operate", "file", "other"];
/// How they end: done; refused for a reason of theirs; failed for one of ours.
const RESULTS: [&str; 3] = ["ok", "refused", "failed"];

pub(super) fn begin() {
    for class in CLASSES {
        for result in RESULTS {
            metrics::counter!(CLASS_REQUESTS, "class" => class, "result" => result).absolute(0);
        }
    }
}

pub(super) fn count(route: &str, status: StatusCode, seconds: f64) {
    let (class, result) = (class_of(route), result_of(status));
    metrics::counter!(CLASS_REQUESTS, "class" => class, "result" => result).increment(1);
    metrics::histogram!(CLASS_SECONDS, "class" => class).record(seconds);
}

fn result_of(status: StatusCode) -> &'static str {
    if status.is_server_error() {
        "failed"
    } else if status.is_client_error() {
        "refused"
    } else {
        "ok"
    }
}

/// By the route's template. A new route of the API that stands in no list is for who runs a house.
fn class_of(route: &str) -> &'static str {
    const FIND: [&str; 5] =
        ["/v1/locations", "/v1/hotel-listings", "/v1/availability", "/v1/pricing", "/v1/quotes"];
    const FIND_WHOLE: [&str; 7] = [
        "/",
        "/search",
        "/hotels/{hotelId}",
        "/v1/hotels",
        "/v1/hotels/{id}",
        "/v1/hotels/{id}/calendar",
        "/v1/hotels/{id}/room-types",
    ];
    const PAY: [&str; 3] = ["/v1/payments", "/v1/webhooks", "/sandbox"];
    const PAY_END: [&str; 2] = ["/pay", "/return"];
    const BOOK: [&str; 3] = ["/v1/reservations", "/v1/inventory", "/book"];
    const OPERATE: [&str; 4] = ["/livez", "/readyz", "/metrics", "/version"];
    const FILE: [&str; 4] = ["/assets", "/pictures", "/docs", "/openapi.json"];
    let is_under = |starts: &[&str]| starts.iter().any(|start| route.starts_with(start));
    let is_page = !route.starts_with("/v1/");
    if FIND_WHOLE.contains(&route) || is_under(&FIND) {
        "find"
    } else if is_under(&PAY) || (is_page && PAY_END.iter().any(|end| route.ends_with(end))) {
        "pay"
    } else if is_under(&BOOK) {
        "book"
    } else if is_under(&["/v1/", "/staff"]) {
        "run"
    } else if OPERATE.contains(&route) {
        "operate"
    } else if is_under(&FILE) {
        "file"
    } else {
        "other"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_for_what_its_caller_wants() {
        for (route, class) in [
            ("/", "find"),
            ("/v1/hotels/{id}", "find"),
            ("/v1/pricing/batch", "find"),
            ("/v1/reservations/{id}/cancel", "book"),
            ("/v1/inventory/hold", "book"),
            ("/bookings/{reservationId}", "book"),
            ("/bookings/{reservationId}/pay", "pay"),
            ("/v1/webhooks/{provider}", "pay"),
            ("/v1/hotels/{id}/rates", "run"),
            ("/v1/api-keys", "run"),
            ("/staff/today", "run"),
            ("/readyz", "operate"),
            ("/assets/{name}", "file"),
            ("unmatched", "other"),
        ] {
            assert_eq!(class_of(route), class, "{route}");
            assert!(CLASSES.contains(&class));
        }
    }

    #[test]
    fn only_our_own_reasons_are_failures() {
        let check = |status, result| assert_eq!(result_of(status), result, "{status}");
        check(StatusCode::CREATED, "ok");
        check(StatusCode::SEE_OTHER, "ok");
        check(StatusCode::CONFLICT, "refused");
        check(StatusCode::SERVICE_UNAVAILABLE, "failed");
    }
}
