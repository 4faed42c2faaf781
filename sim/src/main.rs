//! Lives seeds and tells the first one that breaks a rule:
//! `sim [--seeds 200] [--from 1] [--threads 2] [--trace FILE] [--mutants] [--only N]
//! [--report FILE]`. It must not know any rule.

use std::process::ExitCode;

use vacancy_sim::runs::{self, Run};
use vacancy_sim::world::{Nursery, Plan};
use vacancy_sim::{report, shrink, situations};

/// What was asked for.
struct Asked {
    from: u64,
    seeds: u64,
    threads: usize,
    trace: String,
    mutants: bool,
    only: Option<u8>,
    report: Option<String>,
}

fn main() -> ExitCode {
    let asked = asked();
    match live(&asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn asked() -> Asked {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str, default: u64| {
        value(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Asked {
        from: number("--from", 1),
        seeds: number("--seeds", 200),
        threads: usize::try_from(number("--threads", cores.min(2) as u64)).unwrap_or(1),
        trace: value("--trace").unwrap_or_else(|| "target/sim-trace.txt".to_owned()),
        mutants: arguments.iter().any(|argument| argument == "--mutants"),
        only: value("--only").and_then(|text| text.parse().ok()),
        report: value("--report"),
    }
}

fn live(asked: &Asked) -> Result<(), String> {
    let Asked { from, seeds, threads, .. } = *asked;
    let run = runs::run(from..from + seeds, threads, &Plan::of)
        .map_err(|fault| format!("open a store: {fault}"))?;
    print!("{}", report::situations(&run));
    if let Some((seed, _)) = &run.broken {
        return Err(tell_broken(*seed, &asked.trace));
    }
    let journeys = run.journeys_count;
    println!("{seeds} seeds from {from}, {journeys} payment journeys: 0 violations");
    let missing = run.situations.missing();
    if situations::SEEDS_MIN <= seeds && !missing.is_empty() {
        return Err(format!("never happened: {}", missing.join("; ")));
    }
    let told = mutants(asked)?;
    write_report(asked, &run, &told)
}

/// Makes the broken seed small, writes its trace, and says how to see it again.
fn tell_broken(seed: u64, trace: &str) -> String {
    let nursery = match Nursery::open() {
        Ok(nursery) => nursery,
        Err(fault) => return format!("open a store: {fault}"),
    };
    let Some(shrunk) = shrink::shrink(&nursery, &Plan::of(seed)) else {
        return format!("SEED {seed}: two lives of one seed are not the same");
    };
    let text = report::broken(&shrunk, &commit());
    let written = std::fs::write(trace, &text);
    let place = written.map_or_else(|error| format!("{trace}: {error}"), |()| trace.to_owned());
    let told = shrunk
        .ended
        .violation
        .map(|(at, broken)| format!("SEED {seed} step {at}: {}: {}", broken.rule, broken.told));
    format!(
        "{}\nprofile {:?}\ncommit {}\nagain: cargo run -p vacancy-sim -- --from {seed} --seeds 1\n\
         the trace, made small: {place}",
        told.unwrap_or_default(),
        Plan::of(seed).profile,
        commit(),
    )
}

fn commit() -> String {
    let said = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let text = said.ok().and_then(|said| String::from_utf8(said.stdout).ok());
    text.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The table of mutants, when it was asked for; an error names those that nobody missed.
#[cfg(feature = "mutants")]
fn mutants(asked: &Asked) -> Result<String, String> {
    use std::fmt::Write;

    if !asked.mutants {
        return Ok(String::new());
    }
    let fared = vacancy_sim::mutants::run(asked.threads, asked.only)
        .map_err(|fault| format!("open a store: {fault}"))?;
    let mut table = "| mutant | | first seed | by |\n|---|---|---|---|\n".to_owned();
    let mut missed = Vec::new();
    for one in &fared {
        let (number, what) = (one.mutant.number, one.mutant.what);
        let Some((seed, rule, told)) = &one.caught else {
            missed.push(format!("{number} {what}"));
            continue;
        };
        println!(
            "{number:>3} {what}: seed {seed}: {rule}: {}",
            told.chars().take(120).collect::<String>()
        );
        let _ = writeln!(table, "| {number} | {what} | {seed} | {rule} |");
    }
    if missed.is_empty() {
        return Ok(table);
    }
    Err(format!("nobody misses the guard of: {}", missed.join("; ")))
}

#[cfg(not(feature = "mutants"))]
fn mutants(asked: &Asked) -> Result<String, String> {
    if asked.mutants || asked.only.is_some() {
        return Err("guards can be taken away only in a build with --features mutants".to_owned());
    }
    Ok(String::new())
}

fn write_report(asked: &Asked, run: &Run, mutants: &str) -> Result<(), String> {
    let Some(path) = &asked.report else { return Ok(()) };
    let text = format!(
        "{} seeds from {} with {} payment journeys, 0 violations; every one of the {} listed \
         situations was seen.\n\n{mutants}",
        run.seeds_count,
        asked.from,
        run.journeys_count,
        situations::LISTED.len(),
    );
    let document = std::fs::read_to_string(path).map_err(|e| format!("read {path}: {e}"))?;
    let document = report::replaced(&document, &text)?;
    std::fs::write(path, document).map_err(|e| format!("write {path}: {e}"))
}
