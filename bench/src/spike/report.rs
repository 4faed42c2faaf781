//! What a spike showed, beside what it has to show.

use super::crowd::{Crowd, Served};

/// First answers that may be an honest 503: 0.03 % of the crowd.
const BUSY_MAX: usize = 15;
const LAST_ANSWER_MS_MAX: u64 = 10_000;
const MEMORY_BYTES_MAX: u64 = 600 << 20;
const MIB: u64 = 1 << 20;

pub(crate) struct Spike {
    pub(crate) served: Served,
    pub(crate) idle_bytes: u64,
    pub(crate) peak_bytes: u64,
    pub(crate) server_cpu_ms: u64,
    /// What `vacancy verify` counted afterwards.
    pub(crate) reservations: usize,
}

impl Spike {
    /// Whether nobody got what there is not, and everybody got an answer that is one. How long it
    /// took and how much memory is a figure, not a fault.
    pub(crate) fn is_right(&self, crowd: &Crowd) -> bool {
        self.booked() == crowd.units
            && self.reservations == crowd.units
            && self.refused() == crowd.guests() - crowd.units
    }

    fn booked(&self) -> usize {
        count(&self.served, |status, _| status == 201)
    }

    fn refused(&self) -> usize {
        count(&self.served, |status, code| status == 409 && code == "sold_out")
    }

    fn busy(&self) -> usize {
        let is_busy = |((status, _), _): &(&(u16, String), &usize)| *status == 503;
        self.served.first.iter().filter(is_busy).map(|(_, count)| count).sum()
    }
}

/// Of the last answers.
fn count(served: &Served, is_it: impl Fn(u16, &str) -> bool) -> usize {
    let wanted = |((status, code), _): &(&(u16, String), &usize)| is_it(*status, code);
    served.last.iter().filter(wanted).map(|(_, count)| count).sum()
}

pub(crate) fn table(crowd: &Crowd, spike: &Spike) -> String {
    let served = &spike.served;
    let (booked, refused, busy) = (spike.booked(), spike.refused(), spike.busy());
    let other = crowd.guests() - booked - refused;
    let total_ms = served.opened_ms + served.answered_ms;
    let over_idle = spike.peak_bytes.saturating_sub(spike.idle_bytes);
    let at = |percent: usize| {
        let times = &served.answered_us;
        times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or(0) / 1_000
    };
    let rows = [
        row("booked (201)", booked.to_string(), format!("{} exactly", crowd.units)),
        row("sold out (409)", refused.to_string(), "the rest".to_owned()),
        row("first answer 503, then asked again", busy.to_string(), format!("≤ {BUSY_MAX}")),
        row("anything else", other.to_string(), "0".to_owned()),
        row(
            "reservations by `vacancy verify`",
            spike.reservations.to_string(),
            "the same".to_owned(),
        ),
        row(
            "from the first head to the last answer",
            seconds(total_ms),
            format!("≤ {}", seconds(LAST_ANSWER_MS_MAX)),
        ),
        row("of it, until all requests were open", seconds(served.opened_ms), String::new()),
        row(
            "first answers after that, p50 / p99",
            format!("{} / {}", seconds(at(50)), seconds(at(99))),
            String::new(),
        ),
        row(
            "the server's memory over idle",
            format!("{} MiB", over_idle / MIB),
            format!("≤ {} MiB", MEMORY_BYTES_MAX / MIB),
        ),
        row("the server's processor time", seconds(spike.server_cpu_ms), String::new()),
    ];
    let heading = format!(
        "{} requests on {} rooms: {} connections × {} HTTP/2 streams, all open together.",
        crowd.guests(),
        crowd.units,
        crowd.connections,
        crowd.streams
    );
    let told: Vec<String> = served
        .first
        .iter()
        .map(|((status, code), count)| format!("{count} × {status} {code}").trim().to_owned())
        .collect();
    format!(
        "{heading}\n\n| | measured | goal |\n|---|---|---|\n{}\nFirst answers: {}.\n",
        rows.concat(),
        told.join(", ")
    )
}

fn row(what: &str, measured: String, goal: String) -> String {
    format!("| {what} | {measured} | {goal} |\n")
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:02} s", milliseconds / 1_000, milliseconds % 1_000 / 10)
}
