//! A server in process: its own database and folder, gone when it is dropped.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;
use vacancy_app::access::keys;
use vacancy_server::config::Config;
use vacancy_server::http;
use vacancy_server::state::{AppState, Background};
use vacancy_store::sql::{Db, Time};
use vacancy_store::testing::TestFolder;

pub(crate) struct TestApp {
    pub(crate) router: Router,
    pub(crate) state: AppState,
    /// What the platform's admin sends.
    pub(crate) admin_key: String,
    _background: Background,
    _folder: TestFolder,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl TestApp {
    /// The server as it is.
    pub(crate) async fn open() -> TestApp {
        TestApp::with(|_| {}, http::app).await
    }

    /// The server with other settings.
    pub(crate) async fn with_config(change: impl FnOnce(&mut Config)) -> TestApp {
        TestApp::with(change, http::app).await
    }

    /// The layers of the server around routes of a test.
    pub(crate) async fn with_routes(api: OpenApiRouter<AppState>) -> TestApp {
        TestApp::with_routes_and_config(api, |_| {}).await
    }

    /// Both.
    pub(crate) async fn with_routes_and_config(
        api: OpenApiRouter<AppState>,
        change: impl FnOnce(&mut Config),
    ) -> TestApp {
        TestApp::with(change, |state| http::with_layers(api, Router::new(), state)).await
    }

    async fn with(
        change: impl FnOnce(&mut Config),
        router: impl FnOnce(AppState) -> Router,
    ) -> TestApp {
        let folder = TestFolder::new();
        let mut config = Config::for_data(folder.path());
        change(&mut config);
        let db = Db::open_sqlite(&folder.path().join("vacancy.db"), Time::Engine).unwrap();
        db.migrate().await.unwrap();
        let public_url = "http://127.0.0.1".to_owned();
        let (state, background) = AppState::open(config, db, public_url).await.unwrap();
        let key = keys::make_admin_key(&state.db, &state.ids).await.unwrap();
        let router = router(state.clone());
        let admin_key = key.text;
        TestApp { router, state, admin_key, _background: background, _folder: folder }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        Answer::read(response).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into());
        self.send(request.unwrap()).await
    }
}

pub(crate) fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

impl Answer {
    async fn read(response: Response) -> Answer {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks everything that every problem has, and gives it.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status.as_u16(), &body["code"]), (status, &code.into()), "{body}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["type"], format!("urn:vacancy:problem:{code}"));
        assert_eq!(body["status"], status);
        assert_eq!(body["traceId"], self.header("x-trace-id"));
        assert_eq!(body["traceId"].as_str().map(str::len), Some(32));
        assert!(!body["title"].as_str().unwrap().is_empty());
        assert!(!body["detail"].as_str().unwrap().is_empty());
        assert_eq!(self.header("cache-control"), "no-store");
        body
    }

    /// A problem that blames one field.
    #[track_caller]
    pub(crate) fn blames(&self, status: u16, code: &str, pointer: &str) {
        let body = self.problem(status, code);
        let errors = body["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{body}");
        assert_eq!(errors[0]["pointer"], pointer, "{body}");
        assert_eq!(errors[0]["code"], code, "{body}");
    }
}
