//! Figures as a person reads them, and as a program does.

use serde::Serialize;
use vacancy_domain::verify::Report;
use vacancy_store::sql::Engine;

use super::crowd::Served;
use super::sides::Side;
use super::{Options, Shape};

/// One side in one round.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Round {
    engine: &'static str,
    side: Side,
    bookings_per_second: u64,
    p50_us: u64,
    p99_us: u64,
    max_us: u64,
    /// Bookings made, warm-up included.
    made: i64,
    failed: i64,
    cells_count: i64,
    findings_count: i64,
    /// The store holds exactly what was answered, and its cells are the sums of its ledger.
    pub(crate) is_verified: bool,
    #[serde(skip)]
    name: &'static str,
}

impl Round {
    pub(crate) fn of(
        engine: Engine,
        side: Side,
        seconds: u64,
        served: Served,
        books: &Report,
    ) -> Round {
        let times = &served.answered_us;
        let at = |percent: usize| {
            times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or(0)
        };
        let looked = &books.looked;
        let rows = [looked.holds_count, looked.reservations_count, looked.entries_count];
        let is_made = |count: &i64| *count == served.made;
        let answered = u64::try_from(times.len()).unwrap_or(u64::MAX);
        Round {
            engine: word(engine),
            side,
            bookings_per_second: answered / seconds.max(1),
            p50_us: at(50),
            p99_us: at(99),
            max_us: at(100),
            made: served.made,
            failed: served.failed,
            cells_count: books.looked.cells_count,
            findings_count: books.findings_count.values().sum(),
            is_verified: served.failed == 0 && books.is_clean() && rows.iter().all(is_made),
            name: side.name(engine),
        }
    }
}

pub(crate) fn heading(engine: Engine, options: &Options) -> String {
    let shape = match options.shape {
        Shape::Hot => "one property, one room type, the same three nights",
        Shape::Wide => "250 properties, 1,000 room types, three nights of sixty",
    };
    format!("{}: {shape}; {} clients", word(engine), options.clients)
}

pub(crate) fn line(number: usize, round: &Round) -> String {
    format!(
        "  round {}  {:<24} {:>8}/s  p50 {:>8} ms  p99 {:>8} ms  made {:>7}  failed {}  {}",
        number + 1,
        round.name,
        round.bookings_per_second,
        milliseconds(round.p50_us),
        milliseconds(round.p99_us),
        round.made,
        round.failed,
        if round.is_verified { "verified" } else { "NOT VERIFIED" },
    )
}

/// Medians of the rounds, the range of the rates, and each side's ratio to the first in the same
/// round.
pub(crate) fn table(engine: Engine, rounds: &[Round]) -> String {
    let of_engine: Vec<&Round> = rounds.iter().filter(|r| r.engine == word(engine)).collect();
    let mut sides: Vec<Side> = Vec::new();
    for round in &of_engine {
        if !sides.contains(&round.side) {
            sides.push(round.side);
        }
    }
    let mut text = String::from(
        "| side | bookings/s | range | ratio | p50 ms | p99 ms | max ms | verified |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    let rows_of = |side: Side| of_engine.iter().filter(move |round| round.side == side).copied();
    for side in &sides {
        let rows: Vec<&Round> = rows_of(*side).collect();
        let median_of = |of: fn(&Round) -> u64| median(rows.iter().map(|round| of(round)));
        let rate = median_of(|round| round.bookings_per_second);
        // Round by round, since a machine is seldom as quick for minutes.
        let pairs = rows.iter().zip(rows_of(sides[0]));
        let ratio_tenths = median(pairs.map(|(round, first)| {
            (round.bookings_per_second * 10).checked_div(first.bookings_per_second).unwrap_or(0)
        }));
        let rates = || rows.iter().map(|round| round.bookings_per_second);
        text.push_str(&format!(
            "| {} | {rate} | {}–{} | {} | {} | {} | {} | {} |\n",
            side.name(engine),
            rates().min().unwrap_or(0),
            rates().max().unwrap_or(0),
            format_args!("{}.{} ×", ratio_tenths / 10, ratio_tenths % 10),
            milliseconds(median_of(|round| round.p50_us)),
            milliseconds(median_of(|round| round.p99_us)),
            milliseconds(median_of(|round| round.max_us)),
            if rows.iter().all(|round| round.is_verified) { "yes" } else { "NO" },
        ));
    }
    text
}

pub(crate) fn json(options: &Options, rounds: &[Round]) -> String {
    #[derive(Serialize)]
    struct Report<'r> {
        shape: &'static str,
        clients: usize,
        seconds: u64,
        rounds: &'r [Round],
    }
    let shape = match options.shape {
        Shape::Hot => "hot",
        Shape::Wide => "wide",
    };
    let (clients, seconds) = (options.clients, options.seconds);
    let report = Report { shape, clients, seconds, rounds };
    serde_json::to_string_pretty(&report).expect("figures have a text")
}

fn word(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}

fn milliseconds(microseconds: u64) -> String {
    format!("{}.{:02}", microseconds / 1_000, microseconds % 1_000 / 10)
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}
