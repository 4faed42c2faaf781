//! Goal: who runs the server learns what it is, how it is, and nothing that others should not see.
//! Method: the probes and the measurements, asked from here and from elsewhere.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Method, header};
use vacancy_server::http::limits::Peer;

use super::support::{Answer, TestApp, request};

#[tokio::test]
async fn the_version_says_what_it_stands_on() {
    let app = TestApp::open().await;
    let json = app.get("/version").await.json();
    assert_eq!((json["name"].as_str(), json["engine"].as_str()), (Some("vacancy"), Some("sqlite")));
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn a_ready_server_says_so_and_a_draining_one_says_why_not() {
    let app = TestApp::open().await;
    let ready = app.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.json()["isReady"]), (200, &true.into()));

    app.state.health.set_durability_unsafe(true);
    let unsafe_now = app.get("/readyz").await;
    assert_eq!(unsafe_now.status, 503);
    assert_eq!(unsafe_now.json()["parts"]["durability"], "unsafe");
    app.state.health.set_durability_unsafe(false);

    app.state.health.drain();
    let draining = app.get("/readyz").await;
    assert_eq!(draining.status, 503);
    assert_eq!(draining.json()["parts"]["draining"], "yes");
    assert_eq!(draining.header("retry-after"), "1");
    assert_eq!(app.get("/livez").await.status, 200, "alive until the end");
}

async fn measurements(app: &TestApp, from: &str, headers: &[(&str, &str)]) -> Answer {
    let mut asked = request(Method::GET, "/metrics");
    for (name, value) in headers {
        asked = asked.header(*name, *value);
    }
    let mut asked = asked.body(Body::empty()).unwrap();
    let address: SocketAddr = from.parse().unwrap();
    asked.extensions_mut().insert(Peer(address));
    app.send(asked).await
}

#[tokio::test]
async fn measurements_are_for_this_machine_and_the_platforms_key() {
    let app = TestApp::open().await;
    assert_eq!(measurements(&app, "127.0.0.1:5", &[]).await.status, 200);
    measurements(&app, "203.0.113.9:5", &[]).await.problem(401, "unauthorized");
    let forwarded = [("X-Forwarded-For", "203.0.113.9")];
    measurements(&app, "127.0.0.1:5", &forwarded).await.problem(401, "unauthorized");
    let key = format!("Bearer {}", app.admin_key);
    let with_key = [(header::AUTHORIZATION.as_str(), key.as_str())];
    assert_eq!(measurements(&app, "203.0.113.9:5", &with_key).await.status, 200);
}

#[tokio::test]
async fn requests_are_measured_by_route_and_never_by_address() {
    let app = TestApp::open().await;
    app.get("/v1/locations?q=secret-place").await;
    app.get("/somebody@example.com").await;
    let answer = app.get("/metrics").await;
    let text = answer.text();
    for line in [
        r#"vacancy_http_requests_total{method="GET",route="/v1/locations",status="200"}"#,
        r#"vacancy_http_requests_total{method="GET",route="unmatched",status="404"}"#,
        r#"vacancy_http_request_duration_seconds_bucket{method="GET",route="/v1/locations""#,
        "process_cpu_seconds_total ",
        "process_resident_memory_bytes ",
        "vacancy_desk_depth ",
        "vacancy_store_durability_unsafe 0",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(!text.contains("secret-place") && !text.contains("example.com"));
}
