//! Stand-ins of payment providers: a server on this machine that keeps books as the provider does,
//! refuses what the provider refuses, and gets into trouble when a test says so. Tests of other
//! crates use it, too. Nothing here is the product's.

pub(crate) mod razorpay;
mod razorpay_disputes;
pub(crate) mod schema;
pub(crate) mod stripe;
mod stripe_disputes;
pub(crate) mod stripe_objects;
pub(crate) mod testkit;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request, read to its end.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn queried(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What a provider remembers.
pub(crate) trait Books: Send + 'static {
    fn answer(&mut self, asked: &Asked) -> (u16, Value);
}

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is done, and the answer is lost.
    Lost,
    /// It is done, and the answer says something else.
    Done(u16),
    /// Nothing is done.
    Refused(u16),
    /// Nothing is done, and no answer ever comes.
    Silent,
}

struct Shared<B> {
    books: B,
    troubles: VecDeque<Option<Trouble>>,
    /// Method and path of every request so far.
    asked: Vec<String>,
}

/// A provider on this machine, until it is dropped.
pub(crate) struct StandIn<B> {
    pub(crate) base_url: String,
    shared: Arc<Mutex<Shared<B>>>,
    serving: JoinHandle<()>,
}

impl<B: Books> StandIn<B> {
    pub(crate) async fn open(books: B) -> StandIn<B> {
        let shared = Shared { books, troubles: VecDeque::new(), asked: Vec::new() };
        let shared = Arc::new(Mutex::new(shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer::<B>).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        StandIn { base_url, shared, serving }
    }

    /// Looks into the books, or lets something happen in them.
    pub(crate) fn with<T>(&self, deed: impl FnOnce(&mut B) -> T) -> T {
        deed(&mut self.shared.lock().unwrap().books)
    }

    /// The next requests get into this, one each.
    pub(crate) fn trouble(&self, troubles: &[Trouble]) {
        self.shared.lock().unwrap().troubles = troubles.iter().copied().map(Some).collect();
    }

    /// So many requests go well, and the next one gets into this.
    pub(crate) fn trouble_after(&self, fine_count: usize, trouble: Trouble) {
        let fine = std::iter::repeat_n(None, fine_count);
        self.shared.lock().unwrap().troubles.extend(fine.chain([Some(trouble)]));
    }

    /// What was to go wrong does not.
    pub(crate) fn heal(&self) {
        self.shared.lock().unwrap().troubles.clear();
    }

    /// What was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().unwrap().asked)
    }
}

impl<B> Drop for StandIn<B> {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer<B: Books>(
    State(shared): State<Arc<Mutex<Shared<B>>>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec();
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: form_urlencoded::parse(query).into_owned().collect(),
        headers: parts.headers,
        body,
    };
    let (trouble, done) = {
        let mut shared = shared.lock().unwrap();
        shared.asked.push(format!("{} {}", asked.method, asked.path));
        match shared.troubles.pop_front().flatten() {
            trouble @ Some(Trouble::Refused(_) | Trouble::Silent) => (trouble, None),
            trouble => (trouble, Some(shared.books.answer(&asked))),
        }
    };
    match (trouble, done) {
        (None, Some((status, body))) => json(status, &body),
        (Some(Trouble::Done(status) | Trouble::Refused(status)), _) => json(status, &Value::Null),
        (Some(Trouble::Lost), _) => {
            let lost = std::io::Error::other("lost");
            let broken = futures_util::stream::once(async { Err::<String, _>(lost) });
            Body::from_stream(broken).into_response()
        }
        (Some(Trouble::Silent) | None, _) => std::future::pending().await,
    }
}

fn json(status: u16, body: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}
