//! Breaks the real server on purpose, in every way that this machine can, and checks what it
//! promised: no double booking, no lost booking, no money without a booking. Not shipped.

mod cluster;
mod disk;
mod faults;
mod journey;
mod life;
mod place;
mod proxy;
mod scenario;
mod server;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use vacancy_store::sql::Engine;

use scenario::{SCENARIOS, Setup};

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
    let setup = Setup { binary: args.binary, sources: args.sources, is_short: args.short };
    let mut violations_count = 0;
    for scenario in SCENARIOS {
        let is_wanted = match &args.only {
            Some(only) => only.eq_ignore_ascii_case(scenario.fault),
            None => scenario.is_short || !args.short,
        };
        for engine in
            scenario.engines.iter().filter(|engine| is_wanted && args.engine.has(**engine))
        {
            let began = Instant::now();
            match (scenario.run)(&setup, *engine) {
                Ok(outcome) => {
                    println!(
                        "{} | {engine:?} | {} | {} | {} violations | {:.0} s",
                        scenario.fault,
                        outcome.done,
                        outcome.figures,
                        outcome.violations.len(),
                        began.elapsed().as_secs_f64()
                    );
                    for told in &outcome.violations {
                        println!("    {told}");
                    }
                    violations_count += outcome.violations.len();
                }
                Err(trouble) => {
                    println!("{} | {engine:?} | could not be done: {trouble}", scenario.fault);
                    violations_count += 1;
                }
            }
        }
    }
    if violations_count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
