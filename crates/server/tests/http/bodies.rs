//! Goal: no body is too strange, too deep, too long or too slow to be answered.
//! Method: bodies that no client should send, to one route that reads any object.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Json;
use axum::body::{Body, Bytes};
use http_body::Frame;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vacancy_server::http::json::JsonBody;

use super::support::TestApp;

#[utoipa::path(
    post, path = "/v1/anything", operation_id = "anything", request_body = Object,
    responses((status = 200, description = "Read", body = usize))
)]
async fn anything(body: JsonBody<BTreeMap<String, Value>>) -> Json<usize> {
    Json(body.value.len())
}

async fn open() -> TestApp {
    TestApp::with_routes(OpenApiRouter::new().routes(routes!(anything))).await
}

#[tokio::test]
async fn ten_megabytes_are_too_many() {
    let app = open().await;
    let big = format!(r#"{{"a":"{}"}}"#, "x".repeat(10 << 20));
    let problem = app.post("/v1/anything", big).await.problem(413, "body_too_large");
    assert_eq!(problem["bytesMax"], 262_144);
    let fits = format!(r#"{{"a":"{}"}}"#, "x".repeat(262_144 - 8));
    assert_eq!(app.post("/v1/anything", fits).await.status, 200);
}

#[tokio::test]
async fn a_hundred_thousand_levels_are_too_deep() {
    let app = open().await;
    for open_one in ["[", r#"{"a":"#] {
        let deep = format!(r#"{{"a":{}"#, open_one.repeat(40_000));
        app.post("/v1/anything", deep).await.problem(400, "too_deep");
    }
    let list = "[".repeat(100_000);
    app.post("/v1/anything", list).await.problem(400, "too_deep");
}

#[tokio::test]
async fn what_is_no_json_in_utf_8_is_refused() {
    let app = open().await;
    for body in ["", "{", "nonsense", "{}{}", "{\"a\":}", "\u{feff}{}", "{\"a\":1,}"] {
        app.post("/v1/anything", body).await.problem(400, "invalid_json");
    }
    app.post("/v1/anything", &b"{\"a\":\"\xff\xfe\"}"[..]).await.problem(400, "invalid_utf8");
    for body in ["[]", "null", "1", "\"a\""] {
        app.post("/v1/anything", body).await.problem(400, "invalid_type");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let routes = OpenApiRouter::new().routes(routes!(anything));
    let app = TestApp::with_routes_and_config(routes, |config| config.http.body_ms_max = 10).await;
    let body = Body::new(Half { is_broken: false, was_sent: false });
    app.post("/v1/anything", body).await.problem(408, "request_timeout");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_body() {
    let app = open().await;
    let body = Body::new(Half { is_broken: true, was_sent: false });
    app.post("/v1/anything", body).await.problem(400, "body_incomplete");
}

/// The first half of a body; then nothing, or a broken connection.
struct Half {
    is_broken: bool,
    was_sent: bool,
}

impl http_body::Body for Half {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if !self.was_sent {
            self.was_sent = true;
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"{\"a\":")))));
        }
        if self.is_broken {
            return Poll::Ready(Some(Err(std::io::Error::other("gone"))));
        }
        Poll::Pending
    }
}
