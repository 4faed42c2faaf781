//! Goal: the OpenAPI document is whole, and says what the router does.
//! Method: walk the document; ask each address that it names.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Method;
use serde_json::Value;
use vacancy_server::http::openapi;

use super::support::{TestApp, request};

/// Every operation: method, path, what the document says.
fn operations() -> Vec<(Method, &'static str, &'static Value)> {
    let paths = openapi::document()["paths"].as_object().unwrap();
    let mut found = vec![];
    for (path, item) in paths {
        for (method, says) in item.as_object().unwrap() {
            let method = method.to_ascii_uppercase().parse().unwrap();
            found.push((method, path.as_str(), says));
        }
    }
    found
}

#[test]
fn every_operation_has_a_name_a_tag_and_its_failures() {
    let document = openapi::document();
    assert_eq!(document["openapi"], "3.1.0");
    let tags: Vec<&Value> =
        document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut ids = BTreeSet::new();
    for (method, path, says) in operations() {
        let place = format!("{method} {path}");
        assert!(ids.insert(says["operationId"].as_str().unwrap()), "{place}: a name of its own");
        assert!(tags.contains(&&says["tags"][0]), "{place}: a tag of the list");
        assert!(!says["summary"].as_str().unwrap_or_default().is_empty(), "{place}: a summary");
        let answers = says["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with('2')), "{place}: a success");
        for (status, answer) in answers {
            assert!(!answer["description"].as_str().unwrap().is_empty(), "{place} {status}");
            assert!(answer["headers"]["X-Trace-Id"].is_object(), "{place} {status}");
            let is_failure = status.starts_with(['4', '5']);
            let has_problem = answer["content"]["application/problem+json"].is_object();
            assert!(!is_failure || has_problem || path == "/readyz", "{place} {status}");
        }
        if path.starts_with("/v1") {
            for status in ["400", "401", "404", "422", "429", "500", "503"] {
                assert!(answers.contains_key(status), "{place}: {status}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let text = openapi::text();
    let document = openapi::document();
    for path in text.split("\"$ref\": \"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(path).is_some(), "nothing at {path}");
    }
}

#[tokio::test]
async fn every_documented_address_is_there() {
    let app = TestApp::open().await;
    for (method, path, _) in operations() {
        let address = path.replace(['{', '}'], "x");
        let sent = request(method.clone(), &address).body(Body::empty()).unwrap();
        let answer = app.send(sent).await;
        let is_missing = answer.status == 405
            || (answer.status == 404 && answer.text().contains("no_such_route"));
        assert!(!is_missing, "{method} {path}: {}", answer.text());
    }
}

#[tokio::test]
async fn the_served_document_is_the_printed_one() {
    let app = TestApp::open().await;
    let answer = app.get("/openapi.json").await;
    assert_eq!(answer.text(), openapi::text());
    let page = app.get("/docs").await;
    assert!(page.text().contains("searchLocations"));
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(app.get("/docs/style.css").await.header("content-type"), "text/css; charset=utf-8");
}
