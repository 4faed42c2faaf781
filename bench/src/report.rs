//! Where figures go: into a page, between a pair of marks that only the commands write between.
//! With them go the machine and the command, so that whoever reads can do it again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;
use vacancy_store::sql::Engine;

/// Writes of 4 KiB that are timed, each made durable.
const DURABLE_WRITES: usize = 101;

#[derive(Args)]
pub(crate) struct Pages {
    /// The page whose tables are written anew, as docs/performance.md.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Pages {
    /// Puts a table between `<!-- bench:NAME-ENGINE:begin -->` and its end, if a page was named.
    ///
    /// # Errors
    /// When the page does not have the marks.
    pub(crate) fn write(&self, name: &str, engine: Engine, table: &str) -> Result<(), String> {
        let engine_word = match engine {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        };
        self.put(&format!("{name}-{engine_word}"), table)
    }

    /// The same for a table that is of no engine.
    ///
    /// # Errors
    /// When the page does not have the marks.
    pub(crate) fn put(&self, mark: &str, table: &str) -> Result<(), String> {
        let Some(path) = &self.report else { return Ok(()) };
        let page = std::fs::read_to_string(path)
            .map_err(|error| format!("read {}: {error}", path.display()))?;
        let text = format!("{}\n{table}", method()?);
        let page = between(&page, mark, &text)?;
        std::fs::write(path, page).map_err(|error| format!("write {}: {error}", path.display()))
    }
}

/// The page with what stands between the marks replaced.
fn between(page: &str, name: &str, text: &str) -> Result<String, String> {
    let (begin, end) =
        (format!("<!-- bench:{name}:begin -->"), format!("<!-- bench:{name}:end -->"));
    let parts = page.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or_else(|| format!("the page has no {begin} … {end}"))?;
    Ok(format!("{before}{begin}\n{}\n{end}{after}", text.trim()))
}

/// The command as it was given, and the machine it ran on.
fn method() -> Result<String, String> {
    let given = given(std::env::args().skip(1));
    let (cores, memory) = (std::thread::available_parallelism(), read("/proc/meminfo"));
    let cores = cores.map_or(0, usize::from);
    let gib = field(&memory, "MemTotal").trim_end_matches(" kB").parse::<u64>().unwrap_or(0) >> 20;
    let model = field(&read("/proc/cpuinfo"), "model name");
    let durable = durable_write(&std::env::temp_dir()).map_err(|e| format!("time a write: {e}"))?;
    Ok(format!(
        "`target/release/bench {}`, {cores} cores ({model}), {gib} GiB, a durable write of 4 KiB \
         takes {}.{:03} ms (median).\n",
        given,
        durable.as_micros() / 1_000,
        durable.as_micros() % 1_000,
    ))
}

/// The arguments but for where the server lies, which is of no interest elsewhere.
fn given(mut args: impl Iterator<Item = String>) -> String {
    let mut told = Vec::new();
    while let Some(arg) = args.next() {
        if arg == "--server" {
            let _path = args.next();
        } else {
            told.push(arg);
        }
    }
    told.join(" ")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The value of the first line `name : value`.
fn field(text: &str, name: &str) -> String {
    let of = |line: &str| {
        let (its_name, value) = line.split_once(':')?;
        (its_name.trim() == name).then(|| value.trim().to_owned())
    };
    text.lines().find_map(of).unwrap_or_default()
}

/// How long the disk takes for the least that can be made durable: it decides most of a commit.
fn durable_write(folder: &Path) -> std::io::Result<Duration> {
    let mut file = tempfile::tempfile_in(folder)?;
    let mut times = Vec::with_capacity(DURABLE_WRITES);
    for _ in 0..DURABLE_WRITES {
        let started = Instant::now();
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok(times[DURABLE_WRITES / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let page = "a\n<!-- bench:x:begin -->\nold\n<!-- bench:x:end -->\nb\n";
        let new = between(page, "x", "new\n").expect("the marks are there");
        assert_eq!(new, "a\n<!-- bench:x:begin -->\nnew\n<!-- bench:x:end -->\nb\n");
        assert!(between(page, "y", "new").is_err());
    }

    #[test]
    fn a_command_is_told_without_the_places_of_one_machine() {
        let args = ["spike", "--server", "/somewhere/vacancy", "--short"].map(str::to_owned);
        assert_eq!(given(args.into_iter()), "spike --short");
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "model\t\t: 85\nmodel name\t: Some CPU @ 2 GHz\n";
        assert_eq!(field(text, "model name"), "Some CPU @ 2 GHz");
    }
}
