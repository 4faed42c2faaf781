//! Load that does not wait: every request has its time, goes out then whether earlier ones were
//! answered or not, and is timed from that moment. A slow server cannot slow its clients down.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::ValueEnum;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::town::Town;
use crate::server::wire::{self, Answer, Connection, Version};

const MICROS: u64 = 1_000_000;

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Kind {
    Search,
    Detail,
    Availability,
    Booking,
    Cancel,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Search => "search",
            Kind::Detail => "hotel",
            Kind::Availability => "availability",
            Kind::Booking => "booking",
            Kind::Cancel => "cancel",
        }
    }
}

/// So many requests of a kind per second, rising or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flow {
    pub(crate) kind: Kind,
    pub(crate) from_per_second: u64,
    pub(crate) to_per_second: u64,
}

impl Flow {
    pub(crate) fn steady(kind: Kind, per_second: u64) -> Flow {
        Flow { kind, from_per_second: per_second, to_per_second: per_second }
    }

    /// When its requests go out, in microseconds.
    fn times(self, seconds: u64) -> Vec<(u64, Kind)> {
        let all_ms = seconds * 1_000;
        let mut times = Vec::new();
        // Parts of a request, in thousandths per millisecond of its rate per second.
        let mut due = 0;
        for at_ms in 0..all_ms {
            let more = self.to_per_second.saturating_sub(self.from_per_second) * at_ms / all_ms;
            due += (self.from_per_second + more) * 1_000;
            let count = due / MICROS;
            due %= MICROS;
            times.extend((0..count).map(|one| (at_ms * 1_000 + one * 1_000 / count, self.kind)));
        }
        times
    }
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) kind: Kind,
    /// From the time at which it was to go out.
    pub(crate) took_us: u64,
    /// Status and, for a problem, its code; 0 when the connection failed.
    pub(crate) told: (u16, String),
}

/// Who asks.
pub(crate) struct Crowd {
    pub(crate) address: SocketAddr,
    pub(crate) town: Arc<Town>,
    idle: Mutex<Vec<Connection>>,
    /// Reservations that may be cancelled, with their guests' tokens.
    booked: Mutex<Vec<(String, String)>>,
}

impl Crowd {
    pub(crate) fn new(address: SocketAddr, town: Arc<Town>) -> Arc<Crowd> {
        Arc::new(Crowd { address, town, idle: Mutex::default(), booked: Mutex::default() })
    }

    /// Sends what the flows say and gives every answer.
    pub(crate) async fn run(self: &Arc<Crowd>, flows: &[Flow], seconds: u64) -> Vec<Sample> {
        let mut times: Vec<(u64, Kind)> =
            flows.iter().flat_map(|flow| flow.times(seconds)).collect();
        times.sort_unstable();
        let start = Instant::now();
        let mut asked = JoinSet::new();
        for (at_us, kind) in times {
            let due = start + Duration::from_micros(at_us);
            if Instant::now() < due {
                tokio::time::sleep_until(due).await;
            }
            asked.spawn(Arc::clone(self).ask(kind, due));
        }
        asked.join_all().await
    }

    async fn ask(self: Arc<Crowd>, kind: Kind, due: Instant) -> Sample {
        let told = match self.answer(kind).await {
            Ok(answer) => {
                let code = if answer.status < 400 { String::new() } else { answer.code() };
                (answer.status, code)
            }
            Err(why) => (0, why),
        };
        let took_us = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
        Sample { kind, took_us, told }
    }

    async fn answer(&self, kind: Kind) -> Result<Answer, String> {
        let (address, town) = (self.address, &self.town);
        let get = |path: &str| wire::request("GET", address, path, "", wire::whole(""));
        let post = |path: &str, key: &str, text: String| {
            wire::request("POST", address, path, key, wire::whole(text))
        };
        let request = match kind {
            Kind::Search => get(&town.search()),
            Kind::Detail => get(&town.detail()),
            Kind::Availability => post("/v1/availability", "", town.availability()),
            Kind::Booking => post("/v1/reservations", "", town.booking()),
            Kind::Cancel => match lock(&self.booked).pop() {
                Some((id, token)) => {
                    let path = format!("/v1/reservations/{id}/cancel");
                    post(&path, &token, r#"{"reason":"Our plans have changed."}"#.to_owned())
                }
                // Nobody has booked yet.
                None => post("/v1/reservations", "", town.booking()),
            },
        };
        let mut connection = self.connection().await?;
        let answer = connection.ask(request).await?;
        lock(&self.idle).push(connection);
        if kind == Kind::Booking && answer.status == 201 {
            let booked = (answer.text("reservationId")?, answer.text("guestToken")?);
            lock(&self.booked).push(booked);
        }
        Ok(answer)
    }

    /// One that is free, or a new one: nobody waits for another guest's answer.
    async fn connection(&self) -> Result<Connection, String> {
        let idle = {
            let mut idle = lock(&self.idle);
            std::iter::from_fn(|| idle.pop()).find(Connection::is_open)
        };
        match idle {
            Some(connection) => Ok(connection),
            None => Connection::open(self.address, Version::Http1).await,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no thread panics while it holds this")
}

/// Answers of one kind, their times in order.
pub(crate) fn times_of(samples: &[Sample], kind: Kind) -> Vec<u64> {
    let mut times: Vec<u64> =
        samples.iter().filter(|sample| sample.kind == kind).map(|sample| sample.took_us).collect();
    times.sort_unstable();
    times
}

/// What was told how often, by kind.
pub(crate) fn told(samples: &[Sample]) -> BTreeMap<(Kind, u16, String), usize> {
    let mut told = BTreeMap::new();
    for Sample { kind, told: (status, code), .. } in samples {
        *told.entry((*kind, *status, code.clone())).or_default() += 1;
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_sends_what_it_says_evenly() {
        let times = Flow::steady(Kind::Search, 1_500).times(2);
        assert_eq!(times.len(), 3_000);
        assert_eq!(times.iter().filter(|(at_us, _)| *at_us < MICROS).count(), 1_500);
        assert!(times.is_sorted());
    }

    #[test]
    fn a_ramp_rises_from_its_first_rate_to_its_last() {
        let ramp = Flow { kind: Kind::Search, from_per_second: 50, to_per_second: 500 };
        let times = ramp.times(100);
        let in_second =
            |second: u64| times.iter().filter(|(at_us, _)| at_us / MICROS == second).count();
        assert!((50..=55).contains(&in_second(0)), "{}", in_second(0));
        assert!((495..=500).contains(&in_second(99)), "{}", in_second(99));
    }
}
