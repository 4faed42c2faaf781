//! `cargo xtask ci`: everything that must be green before a change goes in, quick answers first.
//!
//! A new check is one line in `STEPS`. It must not do what a developer cannot do alone: every step
//! runs by its name too, as `cargo xtask ci tests`.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{layers, licences, openapi, snapshots, tidy, workspace};

struct Step {
    name: &'static str,
    work: Work,
}

enum Work {
    /// A check of this crate.
    Check(fn(&Path) -> Result<(), String>),
    /// A cargo command.
    Cargo(&'static [&'static str]),
}

use Work::{Cargo, Check};

const STEPS: [Step; 12] = [
    Step { name: "fmt", work: Cargo(&["fmt", "--all", "--check"]) },
    Step { name: "tidy", work: Check(tidy::run) },
    Step { name: "layers", work: Check(layers::run) },
    Step { name: "licences", work: Check(licences::run) },
    Step { name: "clippy", work: Cargo(CLIPPY) },
    Step { name: "doc", work: Cargo(&["doc", "--workspace", "--no-deps", "--locked"]) },
    Step {
        name: "examples",
        work: Cargo(&["test", "--workspace", "--locked", "--doc", "--quiet"]),
    },
    Step { name: "tests", work: Check(tests) },
    Step { name: "mutants", work: Check(mutants) },
    Step { name: "snapshots", work: Check(snapshots::check) },
    Step { name: "openapi", work: Check(openapi::compare) },
    Step { name: "simulator", work: Cargo(SIMULATOR) },
];

const CLIPPY: &[&str] =
    &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
const MUTANTS_CLIPPY: &[&str] = &[
    "clippy",
    "--locked",
    "-pvacancy-app",
    "-pvacancy-sim",
    "--features=vacancy-app/mutants,vacancy-sim/mutants",
    "--all-targets",
    "--",
    "-Dwarnings",
];
const MUTANTS_SIM: &[&str] = &["test", "--locked", "-pvacancy-sim", "--features=mutants", "--lib"];
const MUTANTS: &[&str] =
    &["test", "--locked", "-pvacancy-app", "--features=mutants", "--test=desk", "mutants::"];
/// One build for both: worlds with every guard in its place, then those with one taken away. The quick
/// profile builds longer and lives so many worlds in a fifth of the time.
const SIMULATOR: &[&str] = &[
    "run",
    "--quiet",
    "--locked",
    "--profile=sim",
    "-pvacancy-sim",
    "--features=mutants",
    "--",
    "--seeds",
    "2000",
    "--mutants",
];

/// Every step, or the named ones, in the order of the table; the first red one ends the run.
pub(crate) fn run(root: &Path, named: &[&str]) -> Result<(), String> {
    if let Some(unknown) = named.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!("no such step: {unknown}; the steps are: {}", names.join(", ")));
    }
    let wanted = |step: &&Step| named.is_empty() || named.contains(&step.name);
    let mut times = vec![];
    for step in STEPS.iter().filter(wanted) {
        println!("\n== {}", step.name);
        let start = Instant::now();
        let outcome = match step.work {
            Check(check) => check(root),
            Cargo(args) => cargo(root, args),
        };
        let took = start.elapsed();
        times.push((step.name, took));
        if let Err(why) = outcome {
            println!("\n{}", summary(&times, Some(step.name)));
            return Err(why);
        }
        println!("== {}: ok, {}", step.name, seconds(took));
    }
    println!("\n{}", summary(&times, None));
    Ok(())
}

/// The tests of the whole workspace on both engines. A private PostgreSQL is started for them
/// unless one is given; `CI` makes a test that finds none fail instead of stepping aside.
fn tests(root: &Path) -> Result<(), String> {
    snapshots::forget(root)?;
    let runner: &[&str] = if has_nextest() { &["nextest", "run"] } else { &["test"] };
    let mut command = Command::new(root.join("scripts/with-postgres.sh"));
    command.arg(workspace::cargo()).args(runner).args(["--workspace", "--locked"]);
    if !has_nextest() {
        // One red crate must not hide another; the examples of the documents have run before.
        command.args(["--no-fail-fast", "--all-targets"]);
    }
    command
        .env("CI", "true")
        .env("INSTA_UPDATE", "no")
        .env(snapshots::LIST_VARIABLE, snapshots::list_path(root));
    execute(root, &mut command)
}

/// The tests that must fail without a guard, on both engines: a build of its own, in which guards
/// can be taken away.
fn mutants(root: &Path) -> Result<(), String> {
    cargo(root, MUTANTS_CLIPPY)?;
    cargo(root, MUTANTS_SIM)?;
    let mut command = Command::new(root.join("scripts/with-postgres.sh"));
    command.arg(workspace::cargo()).args(MUTANTS).env("CI", "true");
    execute(root, &mut command)
}

fn has_nextest() -> bool {
    Command::new(workspace::cargo())
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn cargo(root: &Path, args: &[&str]) -> Result<(), String> {
    execute(root, Command::new(workspace::cargo()).args(args).env("RUSTDOCFLAGS", "-D warnings"))
}

fn execute(root: &Path, command: &mut Command) -> Result<(), String> {
    let said = format!("{command:?}");
    let status = command
        .current_dir(root)
        .stdin(Stdio::null())
        .status()
        .map_err(|e| format!("start {said}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{said}: {status}")) }
}

fn summary(times: &[(&str, Duration)], red: Option<&str>) -> String {
    let mut text = String::new();
    for (name, took) in times {
        let mark = if red == Some(*name) { "RED" } else { "ok" };
        text.push_str(&format!("{name:<12} {mark:<4} {:>8}\n", seconds(*took)));
    }
    let total = seconds(times.iter().map(|(_, took)| *took).sum());
    match red {
        None => text.push_str(&format!("ci: green, {} steps in {total}", times.len())),
        Some(name) => text.push_str(&format!("ci: RED at {name} after {total}")),
    }
    text
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_every_step_and_the_red_one() {
        let times = [("fmt", Duration::from_millis(1500)), ("tidy", Duration::from_millis(250))];
        let green = "fmt          ok      1.5 s\ntidy         ok      0.2 s\n\
                     ci: green, 2 steps in 1.8 s";
        assert_eq!(summary(&times, None), green);
        let red = "fmt          ok      1.5 s\ntidy         RED     0.2 s\n\
                   ci: RED at tidy after 1.8 s";
        assert_eq!(summary(&times, Some("tidy")), red);
    }

    #[test]
    fn a_step_that_does_not_exist_is_refused_before_anything_runs() {
        let refused = run(Path::new("/vacancy"), &["tidy", "no-such-step"]);
        assert!(refused.is_err_and(|why| why.starts_with("no such step: no-such-step; ")));
    }

    #[test]
    fn a_red_command_is_an_error() {
        let root = workspace::root().expect("a root");
        assert!(cargo(&root, &["no-such-command"]).is_err());
        assert_eq!(cargo(&root, &["--version"]), Ok(()));
    }

    #[test]
    fn every_step_has_its_own_name() {
        let mut names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
