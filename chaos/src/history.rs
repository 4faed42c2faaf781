//! What every client saw, in the order in which it was seen: one line per event, so that a checker
//! or a person can go through it afterwards. Decides nothing.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is about to be sent.
    Invoke,
    /// It was done.
    Ok,
    /// It was not done.
    Fail,
    /// Nobody knows whether it was done.
    Info,
}

impl Phase {
    fn word(self) -> &'static str {
        match self {
            Phase::Invoke => "invoke",
            Phase::Ok => "ok",
            Phase::Fail => "fail",
            Phase::Info => "info",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) t_us: u128,
    pub(crate) process: usize,
    pub(crate) op: &'static str,
    pub(crate) key: String,
    pub(crate) phase: Phase,
    pub(crate) value: String,
}

/// Clones write the same history.
#[derive(Clone)]
pub(crate) struct History {
    began: Instant,
    events: Arc<Mutex<Vec<Event>>>,
}

impl History {
    pub(crate) fn new() -> History {
        History { began: Instant::now(), events: Arc::default() }
    }

    pub(crate) fn note(
        &self,
        process: usize,
        op: &'static str,
        key: &str,
        phase: Phase,
        value: &str,
    ) {
        let (key, value) = (key.to_owned(), value.to_owned());
        // The time is taken inside the lock: events stand in the order of their times.
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let t_us = self.began.elapsed().as_micros();
        events.push(Event { t_us, process, op, key, phase, value });
    }

    /// The time on the history's own clock.
    pub(crate) fn now_us(&self) -> u128 {
        self.began.elapsed().as_micros()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One JSON object per line.
pub(crate) fn write(events: &[Event], path: &Path) -> std::io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    for event in events {
        let Event { t_us, process, op, key, phase, value } = event;
        let line: Value = json!({
            "t": u64::try_from(*t_us).unwrap_or(u64::MAX), "process": process, "op": op,
            "key": key, "phase": phase.word(), "value": value,
        });
        writeln!(file, "{line}")?;
    }
    file.flush()
}
