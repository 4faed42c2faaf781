//! The crowd of a spike: so many connections with so many requests each, held open one byte before
//! their end until all are there.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::server::hotel::Hotel;
use crate::server::wire::{self, Answer, Body, Connection, Version};

/// Connections that are opened at the same time: more than a listener's queue may be refused.
const OPENING_MAX: usize = 64;
/// How long a guest waits after a 503 before the same request is sent again, and how often.
const RETRY_AFTER: Duration = Duration::from_secs(1);
const RETRIES_MAX: usize = 20;
/// Longest time for a whole storm.
const STORM_MAX: Duration = Duration::from_secs(150);

pub(crate) struct Crowd {
    pub(crate) connections: usize,
    pub(crate) streams: usize,
    pub(crate) units: usize,
}

/// What the crowd was told.
#[derive(Default)]
pub(crate) struct Served {
    /// By status and, for a problem, its code: the first answer of each guest.
    pub(crate) first: BTreeMap<(u16, String), usize>,
    /// The same for the last answer, after retries.
    pub(crate) last: BTreeMap<(u16, String), usize>,
    /// From the first head to the moment when all requests were open.
    pub(crate) opened_ms: u64,
    /// From that moment to the last answer, retries included.
    pub(crate) answered_ms: u64,
    /// Of first answers, from that moment, in order.
    pub(crate) answered_us: Vec<u64>,
}

/// One guest's way.
struct Told {
    first: (u16, String),
    last: (u16, String),
    first_at: Instant,
}

impl Crowd {
    pub(crate) fn guests(&self) -> usize {
        self.connections * self.streams
    }

    /// # Errors
    /// When a connection breaks: every request must be answered.
    pub(crate) async fn storm(&self, address: SocketAddr, hotel: &Hotel) -> Result<Served, String> {
        let connections = self.open(address).await?;
        let storm = self.run(address, hotel, connections);
        tokio::time::timeout(STORM_MAX, storm)
            .await
            .unwrap_or_else(|_late| Err(format!("no end within {STORM_MAX:?}")))
    }

    async fn open(&self, address: SocketAddr) -> Result<Vec<Connection>, String> {
        let opening = (0..self.connections).map(|_| Connection::open(address, Version::Http2));
        let opened: Vec<_> = stream::iter(opening).buffer_unordered(OPENING_MAX).collect().await;
        opened.into_iter().collect()
    }

    async fn run(
        &self,
        address: SocketAddr,
        hotel: &Hotel,
        connections: Vec<Connection>,
    ) -> Result<Served, String> {
        let gate = Arc::new(Barrier::new(self.guests() + 1));
        let started = Instant::now();
        let mut guests = JoinSet::new();
        for (number, connection) in connections.iter().enumerate() {
            for one in 0..self.streams {
                let connection = connection.stream().ok_or("HTTP/2 has streams")?;
                let body = hotel.booking(&format!("guest-{number}-{one}"));
                guests.spawn(guest(connection, address, body, Arc::clone(&gate)));
            }
        }
        gate.wait().await;
        let released = Instant::now();
        let mut served = Served { opened_ms: ms(released - started), ..Served::default() };
        while let Some(told) = guests.join_next().await {
            let told = told.map_err(|ended| format!("a guest ended: {ended}"))??;
            *served.first.entry(told.first).or_default() += 1;
            *served.last.entry(told.last).or_default() += 1;
            let took = told.first_at.saturating_duration_since(released).as_micros();
            served.answered_us.push(u64::try_from(took).unwrap_or(u64::MAX));
        }
        served.answered_ms = ms(released.elapsed());
        served.answered_us.sort_unstable();
        Ok(served)
    }
}

/// Asks once with everybody, and again for as long as the answer is to come back later.
async fn guest(
    mut connection: Connection,
    address: SocketAddr,
    text: String,
    gate: Arc<Barrier>,
) -> Result<Told, String> {
    let text = Bytes::from(text);
    let asked = |body| wire::request("POST", address, "/v1/reservations", "", body);
    let mut answer = connection.ask(asked(held_back(&text, gate))).await?;
    let (first, first_at) = (word(&answer), Instant::now());
    for _ in 0..RETRIES_MAX {
        if answer.status != 503 {
            break;
        }
        tokio::time::sleep(RETRY_AFTER).await;
        answer = connection.ask(asked(wire::whole(text.clone()))).await?;
    }
    Ok(Told { first, last: word(&answer), first_at })
}

/// A body whose last byte waits at the gate. It is asked for its end only when the head and the
/// rest are on their way.
fn held_back(text: &Bytes, gate: Arc<Barrier>) -> Body {
    let end = text.len().saturating_sub(1);
    let (rest, last) = (text.slice(..end), text.slice(end..));
    let rest = stream::once(async move { Ok(Frame::data(rest)) });
    let last = stream::once(async move {
        gate.wait().await;
        Ok(Frame::data(last))
    });
    StreamBody::new(rest.chain(last)).boxed_unsync()
}

fn word(answer: &Answer) -> (u16, String) {
    let code = if answer.status < 400 { String::new() } else { answer.code() };
    (answer.status, code)
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
