//! Takes connections and serves HTTP/1 and HTTP/2 on them within limits: of connections, of the
//! size of a head, of the time until a head is there, of streams. Ends gracefully: what runs is
//! answered, what is idle is closed.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::{ServiceExt, service_fn};

use super::door::Door;
use crate::config::HttpConfig;
use crate::http::limits::Peer;
use crate::state::AppState;

/// Longest time until a head is complete, and longest idle time of a connection.
const HEAD_READ_MS_MAX: u64 = 30_000;

/// Most lines of one head.
const HEADERS_MAX: usize = 100;

/// How often an HTTP/2 client is asked whether it is still there, and how long it may think.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_ANSWER_MAX: Duration = Duration::from_secs(10);

/// Pause after the system refused us a connection, so that a full table is not asked in a circle.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Most connections that were let in by the system, and not yet by us, when the server stops.
const WAITING_OUTSIDE_MAX: usize = 4_096;

/// How long a connection that has asked nothing yet may still ask when the server stops.
const FIRST_REQUEST_MAX: Duration = Duration::from_millis(500);

/// Serves until `stop` becomes true, then waits for what runs, at most the configured time.
pub async fn serve_connections(
    listener: TcpListener,
    app: Router,
    state: &AppState,
    mut stop: watch::Receiver<bool>,
) {
    let config = &state.config.http;
    let server = Arc::new(builder(config));
    let room = Arc::new(Semaphore::new(config.connections_max));
    let door = Door::new(config);
    let mut connections = JoinSet::new();
    let stopped = stop.clone();
    let serve = move |(stream, peer, permit)| {
        let (server, app, stop) = (Arc::clone(&server), app.clone(), stopped.clone());
        let door = door.clone();
        async move {
            let _room: OwnedSemaphorePermit = permit;
            serve_one(&server, stream, peer, (door, app), stop).await;
        }
    };
    loop {
        let accepted = tokio::select! {
            () = stopping(&mut stop) => break,
            accepted = accept(&listener, &room) => accepted,
            Some(_ended) = connections.join_next() => continue,
        };
        if let Some(accepted) = accepted {
            connections.spawn(serve(accepted));
        }
    }
    state.health.drain();
    // Whom the system has let in already, the closing of the listener would throw out unheard.
    for _ in 0..WAITING_OUTSIDE_MAX {
        let next = tokio::time::timeout(Duration::ZERO, accept(&listener, &room));
        let Ok(Some(accepted)) = next.await else { break };
        connections.spawn(serve(accepted));
    }
    drop(listener);
    drain(connections, Duration::from_millis(config.drain_ms_max)).await;
}

fn builder(config: &HttpConfig) -> Builder<TokioExecutor> {
    let mut server = Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(HEAD_READ_MS_MAX))
        .max_headers(HEADERS_MAX)
        .max_buf_size(usize::try_from(config.header_bytes_max).unwrap_or(usize::MAX));
    server
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(config.streams_max)
        .max_header_list_size(config.header_bytes_max)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_ANSWER_MAX);
    server
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, Peer, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // A small answer must not wait for a full packet.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "set a connection to answer at once");
            }
            Some((stream, Peer(address), permit))
        }
        Err(error) => {
            tracing::warn!(%error, "take a connection: {error}");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn serve_one(
    server: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: Peer,
    (door, app): (Door, Router),
    mut stop: watch::Receiver<bool>,
) {
    let (begin, mut begun) = watch::channel(false);
    let service = service_fn(move |mut request: Request<_>| {
        let (door, app) = (door.clone(), app.clone());
        begin.send_replace(true);
        async move {
            request.extensions_mut().insert(peer);
            let (request, _place) = door.enter(request).await;
            app.oneshot(request).await
        }
    });
    let service = TowerToHyperService::new(service);
    let stream = TokioIo::new(stream);
    let mut connection = std::pin::pin!(server.serve_connection_with_upgrades(stream, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping_once_heard(&mut stop, &mut begun) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients go away; that is their right and no fault of ours.
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Returns when the server stops and the connection has asked something, or has had its time to.
async fn stopping_once_heard(stop: &mut watch::Receiver<bool>, begun: &mut watch::Receiver<bool>) {
    stopping(stop).await;
    let first = begun.wait_for(|has_begun| *has_begun);
    let _heard_or_late = tokio::time::timeout(FIRST_REQUEST_MAX, first).await.is_ok();
}

/// Returns when the server stops, also when nobody is left who could say so.
async fn stopping(stop: &mut watch::Receiver<bool>) {
    let _said_or_gone = stop.wait_for(|is_stopping| *is_stopping).await.is_ok();
}

async fn drain(mut connections: JoinSet<()>, time: Duration) {
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(time, all).await.is_err() {
        tracing::warn!("{} connections did not end in time", connections.len());
    }
}
