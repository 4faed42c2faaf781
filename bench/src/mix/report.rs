//! What a part of the mix showed, beside what it has to show.

use super::Part;
use super::load::{Kind, Sample, times_of, told};

const MEAN_US_MAX: u64 = 180_000;
const SEARCH_P95_US_MAX: u64 = 500_000;
const BOOKING_P99_US_MAX: u64 = 1_000_000;

/// One part on one engine.
pub(crate) struct Measured {
    pub(crate) samples: Vec<Sample>,
    pub(crate) server_cpu_ms: u64,
    /// What `vacancy verify` counted afterwards.
    pub(crate) is_verified: bool,
}

impl Measured {
    /// Answers that a guest could not use. A room that is gone is an answer.
    pub(crate) fn errors(&self) -> usize {
        let is_error = |sample: &&Sample| match sample.told.0 {
            200 | 201 => false,
            409 => sample.told.1 != "sold_out",
            _ => true,
        };
        self.samples.iter().filter(is_error).count()
    }
}

pub(crate) fn table(part: &Part, seconds: u64, measured: &Measured) -> String {
    let samples = &measured.samples;
    let mut text = format!("{}\n\n", part.says);
    text.push_str(
        "| | per second | p50 ms | p95 ms | p99 ms | max ms |\n|---|---|---|---|---|---|\n",
    );
    for flow in &part.flows {
        let times = times_of(samples, flow.kind);
        let rate = u64::try_from(times.len()).unwrap_or(0) / seconds.max(1);
        text.push_str(&format!(
            "| {} | {rate} | {} | {} | {} | {} |\n",
            flow.kind.word(),
            ms(at(&times, 50)),
            ms(at(&times, 95)),
            ms(at(&times, 99)),
            ms(at(&times, 100)),
        ));
    }
    let all = u64::try_from(samples.len()).unwrap_or(1).max(1);
    let mean = samples.iter().map(|sample| sample.took_us).sum::<u64>() / all;
    let search = at(&times_of(samples, Kind::Search), 95);
    let booking = at(&times_of(samples, Kind::Booking), 99);
    text.push_str(&format!(
        "\n| | measured | goal |\n|---|---|---|\n\
         | errors | {} | 0 |\n\
         | mean of all | {} ms | ≤ {} ms |\n\
         | search p95 | {} ms | < {} ms |\n\
         | booking p99 | {} ms | ≤ {} ms |\n\
         | the server's processor time | {} % of one core | |\n",
        measured.errors(),
        ms(mean),
        MEAN_US_MAX / 1_000,
        ms(search),
        SEARCH_P95_US_MAX / 1_000,
        ms(booking),
        BOOKING_P99_US_MAX / 1_000,
        measured.server_cpu_ms / 10 / seconds.max(1),
    ));
    let unusual: Vec<String> = told(samples)
        .iter()
        .filter(|((_, status, _), _)| 300 <= *status || *status == 0)
        .map(|((kind, status, code), count)| format!("{count} × {} {status} {code}", kind.word()))
        .collect();
    if !unusual.is_empty() {
        text.push_str(&format!("\nAnswers other than success: {}.\n", unusual.join(", ")));
    }
    text.push_str(if measured.is_verified {
        "\nVerified afterwards.\n"
    } else {
        "\nNOT VERIFIED afterwards.\n"
    });
    text
}

fn at(times: &[u64], percent: usize) -> u64 {
    times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or(0)
}

fn ms(microseconds: u64) -> String {
    format!("{}.{}", microseconds / 1_000, microseconds % 1_000 / 100)
}
