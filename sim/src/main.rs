//! Runs seeds and tells the first one that breaks a rule: `sim --seeds 200 [--from 1]`. One seed in
//! a hundred runs twice and must give the same trace.

use std::collections::BTreeMap;
use std::process::ExitCode;

use vacancy_sim::world;

fn main() -> ExitCode {
    let number = |name: &str, default: u64| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (from, count) = (number("--from", 1), number("--seeds", 200));
    let mut answers: BTreeMap<String, u64> = BTreeMap::new();
    for seed in from..from + count {
        let ended = world::run(seed);
        if let Some(violation) = ended.violation {
            eprintln!("SEED {seed}: {}", violation.0);
            eprintln!("again: cargo run -p vacancy-sim -- --from {seed} --seeds 1");
            return ExitCode::FAILURE;
        }
        if seed % 100 == 0 && world::run(seed).trace != ended.trace {
            eprintln!("SEED {seed}: two runs gave two traces");
            return ExitCode::FAILURE;
        }
        for (code, times) in ended.answers {
            *answers.entry(code).or_insert(0) += times;
        }
    }
    for (code, times) in &answers {
        println!("{times:>9} {code}");
    }
    println!("{count} seeds from {from}: 0 violations");
    ExitCode::SUCCESS
}
