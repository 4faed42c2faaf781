//! A server that may die, seen by a client that does not give up: whatever breaks, the same request
//! is sent again until somebody gives a definite answer. What every death left behind is verified
//! before anything repairs it.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Trouble;
use crate::place::Place;
use crate::server::Server;
use crate::wire::{self, Answer, Ask};

/// Longest wait for a definite answer to one request, or for a state to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause before a request is sent again.
const PAUSE: Duration = Duration::from_millis(50);
/// After so long without news, jobs that wait for their time are made due.
const NEWS: Duration = Duration::from_secs(2);
/// How long a server may take to be seen dead.
const GLANCE: Duration = Duration::from_millis(5);
/// Most starts until one stays.
const STARTS_MAX: u32 = 20;

pub(crate) struct Life<'p> {
    pub(crate) place: &'p Place,
    server: Option<Server>,
    /// Where the first server dies.
    crash_at: Option<String>,
    /// Any server may die, again and again.
    pub(crate) is_poisoned: bool,
    /// The store has a schema, so that it can be verified.
    was_ready: bool,
    pub(crate) deaths: u32,
    /// Longest time from a start after a death until requests are taken.
    pub(crate) ready_max: Duration,
    /// How often nobody knew what came of a request.
    pub(crate) unknown_count: u64,
    /// Whether the request that was asked last may have been done before its last answer.
    was_in_doubt: bool,
    pub(crate) violations: Vec<String>,
}

impl<'p> Life<'p> {
    pub(crate) fn new(place: &'p Place, crash_at: Option<String>) -> Life<'p> {
        let (deaths, ready_max) = (0, Duration::ZERO);
        let (server, violations, was_ready) = (None, Vec::new(), false);
        Life {
            place,
            server,
            crash_at,
            is_poisoned: false,
            was_ready,
            deaths,
            ready_max,
            unknown_count: 0,
            was_in_doubt: false,
            violations,
        }
    }

    /// The server, started if there is none. One that dies while it starts is started again.
    pub(crate) async fn server(&mut self) -> Result<&mut Server, Trouble> {
        for _ in 0..STARTS_MAX {
            if self.server.is_some() {
                break;
            }
            let envs: Vec<(&str, String)> =
                self.crash_at.take().into_iter().map(|at| ("VACANCY_CRASH_AT", at)).collect();
            let may_die = self.is_poisoned || !envs.is_empty();
            let began = Instant::now();
            match self.place.serve(&envs) {
                Ok(server) => self.server = Some(server),
                Err(_died) if may_die => {
                    self.died();
                    continue;
                }
                Err(trouble) => return Err(trouble),
            }
            if 0 < self.deaths {
                self.ready_max = self.ready_max.max(began.elapsed());
            }
            self.was_ready = true;
        }
        self.server.as_mut().ok_or_else(|| "no server".into())
    }

    /// Counts a death that no request has met.
    pub(crate) fn notice_death(&mut self) {
        if self.server.as_mut().is_some_and(|server| server.has_ended_within(GLANCE)) {
            self.died();
        }
    }

    /// An answer that only an earlier try can have made is right if that try was in doubt.
    pub(crate) fn check_replay(&mut self, ask: &Ask, answer: &Answer) {
        if answer.is_replay && !self.was_in_doubt {
            let told = format!("{}: told as not done, and it was done: {answer:?}", ask.path);
            self.violations.push(told);
        }
    }

    fn died(&mut self) {
        self.deaths += 1;
        self.server = None;
        if self.was_ready {
            self.verify("what the dead process left");
        }
    }

    fn verify(&mut self, what: &str) {
        if let Err(told) = self.place.verify() {
            self.violations.push(format!("{what}: {told}"));
        }
    }

    /// The first whole answer, whatever it says. A connection that broke is a server that died.
    pub(crate) async fn answered(&mut self, ask: &Ask) -> Result<Answer, Trouble> {
        let began = Instant::now();
        self.was_in_doubt = false;
        loop {
            let address = self.server().await?.address;
            match wire::ask(address, ask).await {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    self.was_in_doubt = true;
                    let Some(server) = self.server.as_mut() else { continue };
                    if server.has_ended_within(Duration::from_secs(5)) {
                        self.died();
                    } else if PATIENCE < began.elapsed() {
                        return Err(format!("{} {}: {error}", ask.method, ask.path).into());
                    }
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends until the answer is definite.
    pub(crate) async fn told(&mut self, ask: &Ask) -> Result<Answer, Trouble> {
        let began = Instant::now();
        let mut was_in_doubt = false;
        loop {
            let answer = self.answered(ask).await?;
            was_in_doubt |= self.was_in_doubt;
            self.was_in_doubt = was_in_doubt;
            let code = answer.body["code"].as_str().unwrap_or_default();
            let is_open = answer.status == 503 || code == "request_in_flight";
            if !is_open {
                return Ok(answer);
            }
            if code == "outcome_unknown" {
                was_in_doubt = true;
                self.unknown_count += 1;
            }
            if PATIENCE < began.elapsed() {
                return Err(
                    format!("{} {}: never definite: {answer:?}", ask.method, ask.path).into()
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The same, where one status is right.
    pub(crate) async fn expect(&mut self, ask: &Ask, statuses: &[u16]) -> Result<Answer, Trouble> {
        let answer = self.told(ask).await?;
        if statuses.contains(&answer.status) {
            return Ok(answer);
        }
        Err(format!("{} {}: {answer:?}", ask.method, ask.path).into())
    }

    /// Asks until the field says so. Jobs of a dead worker are leased for half a minute and failed
    /// ones pause: after a while without news their time is made to come.
    pub(crate) async fn until(
        &mut self,
        ask: &Ask,
        field: &str,
        wanted: &str,
    ) -> Result<Value, Trouble> {
        self.until_is(ask, field, &Value::from(wanted)).await
    }

    /// The same for what is no text.
    pub(crate) async fn until_is(
        &mut self,
        ask: &Ask,
        field: &str,
        wanted: &Value,
    ) -> Result<Value, Trouble> {
        let began = Instant::now();
        let mut news = Instant::now();
        loop {
            let answer = self.expect(ask, &[200]).await?;
            if answer.body[field] == *wanted {
                return Ok(answer.body);
            }
            if PATIENCE < began.elapsed() {
                return Err(format!("{field} of {} is not {wanted}: {answer:?}", ask.path).into());
            }
            if NEWS < news.elapsed() {
                self.place.jobs_come_due().await?;
                news = Instant::now();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Ends the server at once; what it left is looked at later.
    pub(crate) fn kill(&mut self) {
        self.server = None;
    }

    /// Ends the server as an operator would, and verifies what is left.
    pub(crate) fn stop(&mut self) -> Result<(), Trouble> {
        if let Some(server) = self.server.take() {
            // A planned point may be on the way down.
            if server.stop()?.is_none() {
                self.deaths += 1;
            }
        }
        self.verify("what is left at the end");
        Ok(())
    }
}
