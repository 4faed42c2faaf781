//! The door: so many requests are worked on at once, more wait for a place, and whoever waits in
//! vain is told to come again. A request waits with its whole body and nothing else, so that a storm
//! costs little memory, and a client that sends slowly holds no place. Decides nothing else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::HttpConfig;
use crate::http::arrival::{self, Arrived, TurnedAway};
use crate::metrics::WAITING;

/// What watches the server must be answered when the server is full.
const FOR_OPERATORS: [&str; 4] = ["/livez", "/readyz", "/metrics", "/version"];

#[derive(Debug, Clone)]
pub(super) struct Door {
    config: HttpConfig,
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A request's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place(
    #[expect(dead_code, reason = "held, never looked at")] Option<OwnedSemaphorePermit>,
);

impl Door {
    pub(super) fn new(config: &HttpConfig) -> Door {
        Door {
            config: config.clone(),
            places: Arc::new(Semaphore::new(config.requests_max)),
            waiting: Arc::new(Semaphore::new(config.waiting_max)),
        }
    }

    /// Takes in the body, waits for a place, and gives the request as the routes take it. One that
    /// found no place says so itself: the answer has a form, which is not known here.
    pub(super) async fn enter<B>(&self, request: Request<B>) -> (Request<Body>, Place)
    where
        B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let (mut head, body) = request.into_parts();
        head.extensions.insert(Arrived(Instant::now()));
        if FOR_OPERATORS.contains(&head.uri.path()) {
            return (Request::from_parts(head, Body::new(body)), Place(None));
        }
        let body = match arrival::take_in(body, &self.config).await {
            Ok(bytes) => Body::from(bytes),
            Err(flaw) => {
                head.extensions.insert(flaw);
                Body::empty()
            }
        };
        let place = self.place().await;
        if place.is_none() {
            head.extensions.insert(TurnedAway);
        }
        (Request::from_parts(head, body), Place(place))
    }

    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(free) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(free);
        }
        let _waits = self.waiting.try_acquire().ok()?;
        let _counted = Counted::begin();
        let time = Duration::from_millis(self.config.waiting_ms_max);
        let place = Arc::clone(&self.places).acquire_owned();
        tokio::time::timeout(time, place).await.ok()?.ok()
    }
}

/// Counts a request as waiting until it is dropped, also when its client leaves.
struct Counted;

impl Counted {
    fn begin() -> Counted {
        ::metrics::gauge!(WAITING).increment(1.0);
        Counted
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ::metrics::gauge!(WAITING).decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;

    use super::*;
    use crate::config;

    fn door(places: usize, waiting: usize) -> Door {
        let mut config = config::load(&[], &[], None).expect("defaults").http;
        (config.requests_max, config.waiting_max) = (places, waiting);
        config.body_ms_max = 10;
        Door::new(&config)
    }

    fn request(path: &str, body: Body) -> Request<Body> {
        Request::builder().uri(path).body(body).expect("a request")
    }

    fn is_turned_away(request: &Request<Body>) -> bool {
        request.extensions().get::<TurnedAway>().is_some()
    }

    #[tokio::test]
    async fn who_comes_later_waits_until_a_place_is_free() {
        let door = door(1, 9);
        let (first, place) = door.enter(request("/", Body::from("a"))).await;
        let mut second = Box::pin(door.enter(request("/", Body::from("b"))));
        assert!(poll!(second.as_mut()).is_pending());
        drop(place);
        let (second, _place) = second.await;
        assert!(!is_turned_away(&first) && !is_turned_away(&second));
        let bytes = axum::body::to_bytes(second.into_body(), 9).await.expect("a body");
        assert_eq!(bytes, "b");
    }

    #[tokio::test]
    async fn too_many_are_told_at_once_and_operators_are_let_in() {
        let door = door(1, 0);
        let (_first, _place) = door.enter(request("/", Body::empty())).await;
        assert!(is_turned_away(&door.enter(request("/", Body::empty())).await.0));
        assert!(!is_turned_away(&door.enter(request("/readyz", Body::empty())).await.0));
    }

    #[tokio::test]
    async fn a_wait_has_an_end() {
        let mut door = door(1, 9);
        door.config.waiting_ms_max = 10;
        let (_first, _place) = door.enter(request("/", Body::empty())).await;
        assert!(is_turned_away(&door.enter(request("/", Body::empty())).await.0));
    }

    #[tokio::test]
    async fn who_sends_slowly_holds_no_place() {
        let door = door(1, 0);
        let never =
            Body::from_stream(futures_util::stream::pending::<Result<Bytes, axum::Error>>());
        let mut slow = Box::pin(door.enter(request("/", never)));
        assert!(poll!(slow.as_mut()).is_pending());
        let (quick, _place) = door.enter(request("/", Body::from("a"))).await;
        assert!(!is_turned_away(&quick));
        // It gets its answer, which says what was wrong.
        let (slow, _place) = slow.await;
        assert_eq!(slow.extensions().get(), Some(&arrival::Flaw::Late));
    }
}
