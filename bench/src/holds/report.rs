//! Figures as a person reads them, and as a program does.

use serde::Serialize;
use vacancy_domain::verify::Report;
use vacancy_store::sql::Engine;

use super::crowd::Served;
use super::sides::Side;
use super::{Options, Shape};
use crate::engines::name as word;

/// One side in one round.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Round {
    engine: &'static str,
    side: Side,
    pub(crate) bookings_per_second: u64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
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

/// Medians and ranges of the rounds. A side's ratio to the first is taken within each round, since
/// a machine is seldom as quick for minutes.
pub(crate) fn table(engine: Engine, rounds: &[Round]) -> String {
    let rounds: Vec<&Round> = rounds.iter().filter(|r| r.engine == word(engine)).collect();
    let mut sides: Vec<Side> = Vec::new();
    for round in &rounds {
        if !sides.contains(&round.side) {
            sides.push(round.side);
        }
    }
    let of = |side: Side| rounds.iter().filter(move |round| round.side == side).copied();
    let mut text = String::from(
        "| side | bookings/s | ratio | p50 ms | p99 ms | max ms | verified |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for side in &sides {
        let rates = of(*side).map(|round| round.bookings_per_second);
        let tenths = of(*side).zip(of(sides[0])).map(|(round, first)| {
            (round.bookings_per_second * 10).checked_div(first.bookings_per_second).unwrap_or(0)
        });
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            side.name(engine),
            spread(rates, |rate| rate.to_string()),
            spread(tenths, |tenths| format!("{}.{}", tenths / 10, tenths % 10)),
            spread(of(*side).map(|round| round.p50_us), milliseconds),
            spread(of(*side).map(|round| round.p99_us), milliseconds),
            spread(of(*side).map(|round| round.max_us), milliseconds),
            if of(*side).all(|round| round.is_verified) { "yes" } else { "NO" },
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
    let (shape, clients, seconds) = (options.shape.word(), options.clients, options.seconds);
    let report = Report { shape, clients, seconds, rounds };
    serde_json::to_string_pretty(&report).expect("figures have a text")
}

pub(crate) fn milliseconds(microseconds: u64) -> String {
    format!("{}.{:02}", microseconds / 1_000, microseconds % 1_000 / 10)
}

/// The median, and in brackets the smallest and the largest.
pub(crate) fn spread(values: impl Iterator<Item = u64>, text: impl Fn(u64) -> String) -> String {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    match (values.first(), values.get(values.len() / 2), values.last()) {
        (Some(least), Some(middle), Some(most)) if least < most => {
            format!("{} ({}–{})", text(*middle), text(*least), text(*most))
        }
        (_, Some(only), _) => text(*only),
        (_, None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(side: Side, bookings_per_second: u64) -> Round {
        Round {
            engine: word(Engine::Sqlite),
            side,
            bookings_per_second,
            p50_us: 1_500,
            p99_us: 9_990,
            max_us: 12_000,
            made: 0,
            failed: 0,
            cells_count: 3,
            findings_count: 0,
            is_verified: true,
            name: side.name(Engine::Sqlite),
        }
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let rates = [(Side::Alone, 100), (Side::Desk, 1_000), (Side::Alone, 10), (Side::Desk, 250)];
        let rounds: Vec<Round> = rates.map(|(side, rate)| round(side, rate)).into();
        let table = table(Engine::Sqlite, &rounds);
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| one commit per booking | 100 (10–100) | 1.0 | 1.50 | 9.99 | 12.00 | yes |",
                "| desk | 1000 (250–1000) | 25.0 (10.0–25.0) | 1.50 | 9.99 | 12.00 | yes |",
            ]
        );
    }

    #[test]
    fn one_store_that_does_not_agree_spoils_its_side() {
        let mut rounds = vec![round(Side::Desk, 10), round(Side::Desk, 10)];
        rounds[0].is_verified = false;
        assert!(table(Engine::Sqlite, &rounds).contains("| NO |"));
    }
}
