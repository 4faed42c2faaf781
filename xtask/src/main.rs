//! The developer's commands, as `cargo xtask <command>`.
//!
//! Everything CI checks is here, so that it runs the same on every machine. It must not know
//! anything about booking, and it stays on the standard library, serde and toml, because it is
//! built before everything else.

mod ci;
mod layers;
mod licences;
mod openapi;
mod snapshots;
mod tidy;
mod violation;
mod workspace;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  ci [step ...]      every check, in the order of a quick answer; or only the steps named
  tidy               the rules of the code that no compiler checks
  layers             each crate names only what crates/layers.toml allows
  licences           each package of the lock file is under a licence we accept
  openapi [--write]  docs/openapi.json is what the binary says; --write updates it
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), String> {
    let root = workspace::root()?;
    match words {
        ["ci", steps @ ..] => ci::run(&root, steps),
        ["tidy"] => tidy::run(&root),
        ["layers"] => layers::run(&root),
        ["licences"] => licences::run(&root),
        ["openapi"] => openapi::compare(&root),
        ["openapi", "--write"] => openapi::write(&root),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(format!("no such command: {}\n\n{HELP}", words.join(" "))),
    }
}
