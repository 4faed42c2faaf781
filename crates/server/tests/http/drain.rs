//! Goal: who is being served when the server stops gets the answer; who never ends is not waited
//! for longer than was set.
//! Method: the real accept loop on a real listener, with routes that end when the test says so.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vacancy_server::serve::serve_connections;
use vacancy_server::state::AppState;

use super::support::TestApp;

static BEGUN: Notify = Notify::const_new();
static MAY_END: Notify = Notify::const_new();
static STUCK: Notify = Notify::const_new();

#[utoipa::path(
    get, path = "/v1/slow", operation_id = "slow",
    responses((status = 200, description = "At last", body = String))
)]
async fn slow() -> &'static str {
    BEGUN.notify_one();
    MAY_END.notified().await;
    "at last"
}

#[utoipa::path(
    get, path = "/v1/stuck", operation_id = "stuck",
    responses((status = 200, description = "Never", body = String))
)]
async fn stuck() -> &'static str {
    STUCK.notify_one();
    std::future::pending().await
}

struct Served {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    state: AppState,
    _app: TestApp,
}

async fn serve(drain_ms_max: u64) -> Served {
    let routes = OpenApiRouter::new().routes(routes!(slow)).routes(routes!(stuck));
    let app = TestApp::with_routes_and_config(routes, |config| {
        config.http.drain_ms_max = drain_ms_max;
    })
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let (router, state) = (app.router.clone(), app.state.clone());
    let serving = state.clone();
    let task = tokio::spawn(async move {
        serve_connections(listener, router, &serving, stopped).await;
    });
    Served { address, stop, task, state, _app: app }
}

async fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_running_request_is_answered_after_the_doors_are_closed() {
    let served = serve(20_000).await;
    let mut running = ask(served.address, "/v1/slow").await;
    BEGUN.notified().await;
    served.stop.send(true).unwrap();
    // The doors are closed as soon as the drain has begun; connecting fails from then on.
    while TcpStream::connect(served.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(served.state.health.is_draining());
    assert!(!served.task.is_finished(), "it waits for the running one");
    MAY_END.notify_one();
    let mut answer = String::new();
    running.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("at last"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), served.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_never_ends_is_not_waited_for() {
    let served = serve(10).await;
    let mut hanging = ask(served.address, "/v1/stuck").await;
    STUCK.notified().await;
    served.stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), served.task).await.unwrap().unwrap();
    let mut answer = String::new();
    let _broken_off = hanging.read_to_string(&mut answer).await;
    assert_eq!(answer, "");
}
