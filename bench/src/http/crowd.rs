//! Clients in a closed loop over HTTP: each asks, waits for the whole answer, and asks again. Over
//! 1.1 each has a connection; over 2 eight of them share one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::holds::Asked;
use crate::server::hotel::Hotel;
use crate::server::wire::{self, Connection, Version};

/// Clients on one HTTP/2 connection.
const STREAMS: usize = 8;
const WARM_UP: Duration = Duration::from_millis(500);
/// Days over which arrivals are spread.
const ARRIVAL_DAYS: u64 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// `GET /version`: the layers of the server around an answer that is always the same.
    Static,
    /// `POST /v1/reservations`.
    Booking,
}

impl What {
    fn status(self) -> u16 {
        match self {
            What::Static => 200,
            What::Booking => 201,
        }
    }
}

pub(crate) struct Crowd {
    pub(crate) asked: Asked,
    pub(crate) version: Version,
    pub(crate) what: What,
    pub(crate) address: SocketAddr,
}

#[derive(Default)]
pub(crate) struct Served {
    /// Answers, warm-up included.
    pub(crate) made: u64,
    /// Of each answer within the measured time, in order.
    pub(crate) answered_us: Vec<u64>,
}

impl Crowd {
    /// # Errors
    /// At the first answer that is not what was asked for.
    pub(crate) async fn run(&self, hotel: &Hotel) -> Result<Served, String> {
        let mut connections = Vec::with_capacity(self.asked.clients);
        while connections.len() < self.asked.clients {
            let connection = Connection::open(self.address, self.version).await?;
            let more = (1..STREAMS).map_while(|_| connection.stream()).collect::<Vec<_>>();
            connections.push(connection);
            connections.extend(more);
        }
        connections.truncate(self.asked.clients);
        let from = Instant::now() + WARM_UP;
        let until = from + Duration::from_secs(self.asked.seconds);
        let number = Arc::new(AtomicU64::new(0));
        let mut clients = JoinSet::new();
        for connection in connections {
            let client = Client {
                hotel: hotel.clone(),
                what: self.what,
                name: format!("{:?}-{}", self.version, self.address.port()),
                number: Arc::clone(&number),
                address: self.address,
            };
            clients.spawn(client.serve(connection, from, until));
        }
        let mut all = Served::default();
        while let Some(one) = clients.join_next().await {
            let one = one.map_err(|ended| format!("a client ended: {ended}"))??;
            all.made += one.made;
            all.answered_us.extend(one.answered_us);
        }
        all.answered_us.sort_unstable();
        Ok(all)
    }
}

struct Client {
    hotel: Hotel,
    what: What,
    name: String,
    /// Of the next request, over all clients.
    number: Arc<AtomicU64>,
    address: SocketAddr,
}

impl Client {
    async fn serve(
        self,
        mut connection: Connection,
        from: Instant,
        until: Instant,
    ) -> Result<Served, String> {
        let mut served = Served::default();
        loop {
            let asked = Instant::now();
            if until <= asked {
                return Ok(served);
            }
            let answer = connection.ask(self.request()).await?;
            if answer.status != self.what.status() {
                return Err(format!("an answer that was not asked for: {answer:?}"));
            }
            served.made += 1;
            let answered = Instant::now();
            if from <= answered && answered < until {
                let took = answered.duration_since(asked).as_micros();
                served.answered_us.push(u64::try_from(took).unwrap_or(u64::MAX));
            }
        }
    }

    fn request(&self) -> hyper::Request<wire::Body> {
        match self.what {
            What::Static => wire::request("GET", self.address, "/version", "", wire::whole("")),
            What::Booking => {
                let number = self.number.fetch_add(1, Ordering::Relaxed);
                let later = i64::try_from(number % ARRIVAL_DAYS).unwrap_or(0);
                let text = self.hotel.booking_from(&format!("{}-{number}", self.name), later);
                wire::request("POST", self.address, "/v1/reservations", "", wire::whole(text))
            }
        }
    }
}
