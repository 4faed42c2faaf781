//! Goal: what is asked wrongly of an address is answered in one form, and every answer carries
//! the headers that all share.
//! Method: requests to the real router; a route that panics and one that never ends.

use axum::body::Body;
use axum::http::{HeaderMap, Method, header};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::support::{TestApp, request};

#[tokio::test]
async fn an_unknown_address_is_a_problem() {
    let app = TestApp::open().await;
    for path in ["/v1/nothing", "/nothing", "//v1/locations", "/v1/locations/", "/V1/locations"] {
        app.get(path).await.problem(404, "no_such_route");
    }
}

#[tokio::test]
async fn an_unknown_method_names_the_known_ones() {
    let app = TestApp::open().await;
    for method in [Method::POST, Method::DELETE, Method::from_bytes(b"BREW").unwrap()] {
        let sent = request(method, "/v1/locations").body(Body::empty()).unwrap();
        let answer = app.send(sent).await;
        answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "GET,HEAD");
    }
}

#[tokio::test]
async fn a_method_cannot_be_overridden() {
    let app = TestApp::open().await;
    let sent = request(Method::GET, "/v1/locations").header("X-HTTP-Method-Override", "POST");
    assert_eq!(app.send(sent.body(Body::empty()).unwrap()).await.status, 200);
}

#[tokio::test]
async fn an_address_says_what_it_takes() {
    let app = TestApp::open().await;
    let sent = request(Method::OPTIONS, "/v1/locations").body(Body::empty()).unwrap();
    let answer = app.send(sent).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (204, "GET,HEAD"));
    assert!(answer.bytes.is_empty());
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let app = TestApp::open().await;
    let sent = request(Method::HEAD, "/v1/locations").body(Body::empty()).unwrap();
    let answer = app.send(sent).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn whoever_takes_no_json_is_told_that_there_is_nothing_else() {
    let app = TestApp::open().await;
    let ask = |accept: &str| {
        request(Method::GET, "/v1/locations").header(header::ACCEPT, accept).body(Body::empty())
    };
    app.send(ask("text/html").unwrap()).await.problem(406, "not_acceptable");
    assert_eq!(app.send(ask("text/html, */*;q=0.1").unwrap()).await.status, 200);
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_all() {
    let app = TestApp::open().await;
    for path in ["/v1/locations", "/nothing", "/docs", "/livez", "/metrics"] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-trace-id").len(), 32, "{path}");
        assert!(answer.header("traceparent").contains(answer.header("x-trace-id")), "{path}");
        assert!(!answer.headers.contains_key("strict-transport-security"), "{path}: no TLS here");
        assert!(!answer.headers.contains_key("server"), "{path}");
    }
}

#[tokio::test]
async fn no_other_origin_is_let_in() {
    let app = TestApp::open().await;
    for origin in ["https://evil.example", "null"] {
        let sent = request(Method::OPTIONS, "/v1/locations")
            .header(header::ORIGIN, origin)
            .header("Access-Control-Request-Method", "GET");
        let answer = app.send(sent.body(Body::empty()).unwrap()).await;
        let opened = |name: &axum::http::HeaderName| name.as_str().starts_with("access-control");
        assert!(!answer.headers.keys().any(opened), "{origin}");
    }
}

#[tokio::test]
async fn a_trace_that_the_caller_began_goes_on() {
    let app = TestApp::open().await;
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let sent = request(Method::GET, "/nothing").header("traceparent", parent);
    let answer = app.send(sent.body(Body::empty()).unwrap()).await;
    let problem = answer.problem(404, "no_such_route");
    assert_eq!(problem["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert!(!answer.header("traceparent").contains("b7ad6b7169203331"), "our own span");
}

#[utoipa::path(
    get, path = "/v1/panics", operation_id = "panics",
    responses((status = 200, description = "Never"))
)]
async fn panics() {
    panic!("a bug near hunter2");
}

#[tokio::test]
async fn a_bug_ends_one_request_and_tells_nothing() {
    let app = TestApp::with_routes(OpenApiRouter::new().routes(routes!(panics))).await;
    for _ in 0..2 {
        let answer = app.get("/v1/panics").await;
        answer.problem(500, "internal");
        assert!(!answer.text().contains("hunter2") && !answer.text().contains(".rs"));
    }
}

#[utoipa::path(
    get, path = "/v1/stuck", operation_id = "looksLong",
    responses((status = 200, description = "Never"))
)]
async fn looks_long() {
    std::future::pending().await
}

#[utoipa::path(
    post, path = "/v1/stuck", operation_id = "worksLong",
    responses((status = 200, description = "Never"))
)]
async fn works_long() {
    std::future::pending().await
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let routes = OpenApiRouter::new().routes(routes!(looks_long, works_long));
    let app =
        TestApp::with_routes_and_config(routes, |config| config.http.request_ms_max = 10).await;
    let looked = app.get("/v1/stuck").await;
    looked.problem(503, "timed_out");
    let worked = app.post("/v1/stuck", "{}").await;
    worked.problem(503, "outcome_unknown");
    assert_eq!((looked.header("retry-after"), worked.header("retry-after")), ("1", "1"));
}

#[tokio::test]
async fn a_credential_that_opens_nothing_is_refused_even_where_none_is_needed() {
    let app = TestApp::open().await;
    let ask = |credential: &str| {
        request(Method::GET, "/v1/locations")
            .header(header::AUTHORIZATION, credential)
            .body(Body::empty())
            .unwrap()
    };
    for credential in ["Bearer vk_live_wrong", "Bearer vg_wrong", "Bearer x", "Basic YTpi", "vk"] {
        let answer = app.send(ask(credential)).await;
        answer.problem(401, "unauthorized");
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{credential}");
    }
    let good = ask(&format!("Bearer {}", app.admin_key));
    assert_eq!(app.send(good).await.status, 200);
}

#[tokio::test]
async fn long_answers_are_packed_for_who_can_unpack() {
    let app = TestApp::open().await;
    let ask = |coding: &str| {
        request(Method::GET, "/docs").header(header::ACCEPT_ENCODING, coding).body(Body::empty())
    };
    for coding in ["gzip", "br"] {
        let answer = app.send(ask(coding).unwrap()).await;
        assert_eq!(answer.header("content-encoding"), coding);
        assert!(answer.header("vary").contains("accept-encoding"));
    }
    let plain = app.send(ask("identity").unwrap()).await;
    assert!(!plain.headers.contains_key("content-encoding"));
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let app = TestApp::with_config(|config| {
        config.limits.loopback = true;
        config.limits.guest_per_minute = 2;
    })
    .await;
    let remaining = |headers: &HeaderMap| headers["ratelimit"].to_str().unwrap().to_owned();
    let first = app.get("/v1/locations").await;
    assert_eq!(first.header("ratelimit-policy"), "\"guest\";q=2;w=60");
    assert!(remaining(&first.headers).starts_with("\"guest\";r=1;t="));
    assert_eq!(app.get("/v1/locations").await.status, 200);
    let refused = app.get("/v1/locations").await;
    refused.problem(429, "too_many_requests");
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    let with_key = request(Method::GET, "/v1/locations")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.admin_key));
    let answer = app.send(with_key.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("ratelimit-policy")),
        (200, "\"key\";q=6000;w=60")
    );
}
