//! Rates beside each other, and where the time of a booking goes.

use std::collections::BTreeMap;

use super::crowd::{Served, What};
use super::metrics::Metrics;
use crate::holds::report::{Round, milliseconds, spread};
use crate::server::wire::Version;

/// One measurement.
pub(crate) struct Case {
    name: &'static str,
    per_second: u64,
    p50_us: u64,
    p99_us: u64,
}

impl Case {
    pub(crate) fn served(version: Version, what: What, seconds: u64, served: &Served) -> Case {
        let times = &served.answered_us;
        let at = |percent: usize| {
            times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or(0)
        };
        let name = match (version, what) {
            (Version::Http1, What::Static) => "a static answer, HTTP/1.1",
            (Version::Http1, What::Booking) => "bookings, HTTP/1.1",
            (Version::Http2, What::Static) => "a static answer, HTTP/2",
            (Version::Http2, What::Booking) => "bookings, HTTP/2",
        };
        let count = u64::try_from(times.len()).unwrap_or(u64::MAX);
        Case { name, per_second: count / seconds.max(1), p50_us: at(50), p99_us: at(99) }
    }

    pub(crate) fn desk(round: &Round) -> Case {
        Case {
            name: "bookings, the desk alone in process",
            per_second: round.bookings_per_second,
            p50_us: round.p50_us,
            p99_us: round.p99_us,
        }
    }
}

/// The parts of all rounds, by the version of HTTP.
#[derive(Default)]
pub(crate) struct Parts {
    seconds: BTreeMap<(&'static str, &'static str), f64>,
    bookings: BTreeMap<&'static str, u64>,
    batches: BTreeMap<&'static str, f64>,
    cpu_ms: BTreeMap<(&'static str, String), u64>,
}

/// As the server names them, and as a reader does.
const PARTS: [(&str, &str); 4] = [
    ("read", "until the wish is read, the door included"),
    ("offer", "the hotel and its rates are read"),
    ("desk", "at the desk: waiting, deciding, committing"),
    ("render", "the answer is written"),
];
const BATCH: &str = "of it, the batches themselves";
const WHOLE: &str = "the whole request in the server";

impl Parts {
    pub(crate) fn add(
        &mut self,
        version: Version,
        before: &Metrics,
        after: &Metrics,
        made: u64,
        (cpu, cpu_now): (&BTreeMap<String, u64>, &BTreeMap<String, u64>),
    ) {
        let word = word(version);
        let mut more = |name, seconds| {
            *self.seconds.entry((word, name)).or_default() += seconds;
        };
        for (part, says) in PARTS {
            let labels = format!("{{part=\"{part}\"}}");
            more(says, after.grown(before, "vacancy_booking_part_seconds", &labels).0);
        }
        // A booking waits for its whole batch.
        let (batch_seconds, batches) = after.grown(before, "vacancy_desk_batch_seconds", "");
        let (orders, _) = after.grown(before, "vacancy_desk_batch_orders", "");
        more(BATCH, if 0.0 < batches { batch_seconds / batches * orders } else { 0.0 });
        let route = "{method=\"POST\",route=\"/v1/reservations\"}";
        more(WHOLE, after.grown(before, "vacancy_http_request_duration_seconds", route).0);
        *self.bookings.entry(word).or_default() += made;
        *self.batches.entry(word).or_default() += batches;
        for (thread, ms) in cpu_now {
            let more = ms - cpu.get(thread).copied().unwrap_or(0);
            *self.cpu_ms.entry((word, thread.clone())).or_default() += more;
        }
    }
}

pub(crate) fn table(clients: usize, cases: &[Case], parts: &Parts) -> String {
    let mut text = format!("{clients} clients, each waiting for its answer.\n\n");
    text.push_str("| | per second | p50 ms | p99 ms |\n|---|---|---|---|\n");
    let mut names: Vec<&str> = Vec::new();
    for case in cases {
        if !names.contains(&case.name) {
            names.push(case.name);
        }
    }
    for name in names {
        let of = || cases.iter().filter(move |case| case.name == name);
        text.push_str(&format!(
            "| {name} | {} | {} | {} |\n",
            spread(of().map(|case| case.per_second), |rate| rate.to_string()),
            spread(of().map(|case| case.p50_us), milliseconds),
            spread(of().map(|case| case.p99_us), milliseconds),
        ));
    }
    text.push_str("\nWhere the time of a booking goes, mean of all:\n\n");
    text.push_str("| | HTTP/1.1 ms | HTTP/2 ms |\n|---|---|---|\n");
    let says = PARTS[..3].iter().map(|(_, says)| *says).chain([BATCH, PARTS[3].1, WHOLE]);
    for says in says {
        let mean = |version| {
            let seconds = parts.seconds.get(&(version, says)).copied().unwrap_or(0.0);
            seconds * 1_000.0 / bookings(parts, version)
        };
        text.push_str(&format!("| {says} | {:.2} | {:.2} |\n", mean(ONE), mean(TWO)));
    }
    let orders = |version| {
        bookings(parts, version) / parts.batches.get(version).copied().unwrap_or(1.0).max(1.0)
    };
    text.push_str(&format!("| bookings in a batch | {:.0} | {:.0} |\n", orders(ONE), orders(TWO)));
    text.push_str("\nThe server's processor time, by its threads:\n\n");
    text.push_str("| | HTTP/1.1 µs a booking | HTTP/2 µs a booking |\n|---|---|---|\n");
    let threads: std::collections::BTreeSet<&String> =
        parts.cpu_ms.keys().map(|(_, thread)| thread).collect();
    for thread in threads {
        let mean = |version: &'static str| {
            let ms = parts.cpu_ms.get(&(version, thread.clone())).copied().unwrap_or(0);
            f64::from(u32::try_from(ms).unwrap_or(u32::MAX)) * 1_000.0 / bookings(parts, version)
        };
        if 0.5 <= mean(ONE) + mean(TWO) {
            text.push_str(&format!("| {thread} | {:.0} | {:.0} |\n", mean(ONE), mean(TWO)));
        }
    }
    text.push_str("\nVerified afterwards.\n");
    text
}

const ONE: &str = "1.1";
const TWO: &str = "2";

fn word(version: Version) -> &'static str {
    match version {
        Version::Http1 => ONE,
        Version::Http2 => TWO,
    }
}

fn bookings(parts: &Parts, version: &str) -> f64 {
    let count = parts.bookings.get(version).copied().unwrap_or(0);
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)).max(1.0)
}
