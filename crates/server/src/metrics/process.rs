//! What this process is and what it takes: version, start, settings; processor time, memory and
//! open files, as the kernel counts them. Where there is no `/proc`, the latter stay away.

use vacancy_store::sql::Engine;

use crate::state::{AppState, wall_clock_ms};

const BUILD: &str = "vacancy_build_info";
const FINGERPRINT: &str = "vacancy_settings_fingerprint";
const STARTED: &str = "process_start_time_seconds";

pub(super) fn describe() {
    metrics::describe_gauge!(BUILD, "1; what runs, in its labels.");
    metrics::describe_gauge!(FINGERPRINT, "A number that another one takes with any setting.");
    metrics::describe_gauge!(STARTED, "Start of this process, in seconds since 1970.");
    metrics::describe_gauge!("process_cpu_seconds_total", "Processor time of this process.");
    metrics::describe_gauge!("process_resident_memory_bytes", "Memory of this process.");
    metrics::describe_gauge!("process_open_fds", "Files and connections that are open.");
    metrics::describe_gauge!("process_max_fds", "Files and connections that may be open.");
}

pub(super) fn begin(state: &AppState) {
    let engine = match state.db.engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let commit = option_env!("VACANCY_COMMIT").unwrap_or("");
    let version = env!("CARGO_PKG_VERSION");
    let build = metrics::gauge!(
        BUILD, "version" => version, "commit" => commit, "engine" => engine
    );
    build.set(1.0);
    metrics::gauge!(FINGERPRINT).set(f64::from(state.config.fingerprint));
    #[expect(clippy::cast_precision_loss, reason = "milliseconds fit for some hundred millennia")]
    metrics::gauge!(STARTED).set(wall_clock_ms() as f64 / 1_000.0);
}

/// Processor time and memory of this process, as the kernel counts them. Where there is no
/// `/proc`, both stay away.
pub(super) fn measure() {
    if let Some(seconds) =
        std::fs::read_to_string("/proc/self/stat").ok().and_then(|text| cpu_seconds(&text))
    {
        metrics::gauge!("process_cpu_seconds_total").set(seconds);
    }
    if let Some(bytes) =
        std::fs::read_to_string("/proc/self/status").ok().and_then(|text| resident_bytes(&text))
    {
        metrics::gauge!("process_resident_memory_bytes").set(bytes);
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        let count = u32::try_from(files.count()).unwrap_or(u32::MAX);
        metrics::gauge!("process_open_fds").set(f64::from(count));
    }
    if let Some(count) = std::fs::read_to_string("/proc/self/limits")
        .ok()
        .and_then(|text| open_files_limit(&text))
        .and_then(|limit| u32::try_from(limit).ok())
    {
        metrics::gauge!("process_max_fds").set(f64::from(count));
    }
}

/// How many files the kernel lets this process open, of its `limits`.
pub(crate) fn open_files_limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

/// User and system time in the kernel's hundredths of a second, fields 14 and 15. The name in
/// field 2 may hold blanks and parentheses.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((f64::from(user) + f64::from(system)) / 100.0)
}

fn resident_bytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u32 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(f64::from(kilobytes) * 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_numbers_are_read() {
        let stat = "1 (a) b) S 1 1 1 0 -1 4 5 0 0 0 250 50 0 0 20 0 3 0 9 1 2";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("nonsense"), None);
        let limits =
            "Limit  Soft Limit\nMax open files            1024                 524288    files\n";
        assert_eq!(open_files_limit(limits), Some(1_024));
        assert_eq!(open_files_limit(""), None);
        assert_eq!(resident_bytes("Name:\ta\nVmRSS:\t  2048 kB\n"), Some(2_097_152.0));
    }
}
