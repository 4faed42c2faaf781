//! Breaks the real server on purpose, in every way that this machine can, and checks what it
//! promised: no double booking, no lost booking, no money without a booking. Not shipped.

mod afterwards;
mod checkers;
mod cluster;
mod disk;
mod faults;
mod guests;
mod history;
mod house;
mod journey;
mod life;
mod payers;
mod place;
mod proxy;
mod report;
mod scenario;
mod server;
mod stage;
mod stripe;
mod tally;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use vacancy_store::sql::Engine;

use report::Line;
use scenario::{Outcome, SCENARIOS, Scenario, Setup};

/// What the harness itself could not do. A promise that was broken is a violation.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Where a scenario lives.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

#[derive(Parser)]
struct Args {
    /// The short set, as in `make test`.
    #[arg(long)]
    short: bool,
    /// Only this fault: F1.
    #[arg(long)]
    only: Option<String>,
    #[arg(long, value_enum, default_value = "both")]
    engine: Engines,
    /// The server; F1 and F29 need one with the feature `crash-points`.
    #[arg(long, default_value = "target/debug/vacancy")]
    binary: PathBuf,
    /// The sources that name the crash points.
    #[arg(long, default_value = "crates")]
    sources: PathBuf,
    /// How often the whole is done.
    #[arg(long, default_value_t = 1)]
    repeat: usize,
    /// The document that gets the table, between its marks.
    #[arg(long)]
    report: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Engines {
    Sqlite,
    Postgres,
    Both,
}

impl Engines {
    fn has(self, engine: Engine) -> bool {
        match self {
            Engines::Sqlite => engine == Engine::Sqlite,
            Engines::Postgres => engine == Engine::Postgres,
            Engines::Both => true,
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let setup =
        Setup { binary: args.binary.clone(), sources: args.sources.clone(), is_short: args.short };
    let mut lines = Vec::new();
    for _ in 0..args.repeat {
        for scenario in SCENARIOS.iter().filter(|scenario| is_wanted(&args, scenario)) {
            lines.extend(run_on_each(&setup, scenario, args.engine));
            // After each, so that a run that is broken off has told what it came to.
            if let Some(path) = &args.report
                && let Err(trouble) = report::write(path, &lines)
            {
                println!("the report could not be written: {trouble}");
                return ExitCode::FAILURE;
            }
        }
    }
    // Nothing done is nothing shown.
    let is_green = !lines.is_empty() && lines.iter().all(|line| line.violations_count == 0);
    if is_green { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn is_wanted(args: &Args, scenario: &Scenario) -> bool {
    match &args.only {
        Some(only) => only.eq_ignore_ascii_case(scenario.fault),
        None => scenario.is_short || !args.short,
    }
}

/// Both engines side by side: each waits for its disk most of the time.
fn run_on_each(setup: &Setup, scenario: &Scenario, engines: Engines) -> Vec<Line> {
    let wanted = scenario.engines.iter().filter(|engine| engines.has(**engine));
    std::thread::scope(|scope| {
        let running: Vec<_> =
            wanted.map(|engine| scope.spawn(move || run(setup, scenario, *engine))).collect();
        let ended = running.into_iter().map(|one| one.join());
        ended.map(|line| line.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

fn run(setup: &Setup, scenario: &Scenario, engine: Engine) -> Line {
    let began = Instant::now();
    let outcome = (scenario.run)(setup, engine).unwrap_or_else(|trouble| Outcome {
        done: "could not be done".into(),
        figures: String::new(),
        violations: vec![trouble.to_string()],
    });
    let line = Line {
        fault: scenario.fault,
        engine: format!("{engine:?}"),
        done: outcome.done,
        figures: outcome.figures,
        violations_count: outcome.violations.len(),
    };
    println!("{} {:.0} s", line.text(), began.elapsed().as_secs_f64());
    for told in &outcome.violations {
        println!("    {told}");
    }
    line
}
