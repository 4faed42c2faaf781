//! What the kernel says of a process: its memory now and at most, its processor time.

use std::collections::BTreeMap;

/// Bytes of a process in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) now_bytes: u64,
    /// The most since it started.
    pub(crate) peak_bytes: u64,
}

pub(crate) fn memory(process: u32) -> Result<Memory, String> {
    let path = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("read {path}: {error}"))?;
    let of = |name: &str| kilobytes(&text, name).map(|count| count * 1_024);
    match (of("VmRSS:"), of("VmHWM:")) {
        (Some(now_bytes), Some(peak_bytes)) => Ok(Memory { now_bytes, peak_bytes }),
        _ => Err(format!("{path} tells no memory")),
    }
}

/// Milliseconds of user and system time so far.
pub(crate) fn cpu_ms(process: u32) -> Result<u64, String> {
    let path = format!("/proc/{process}/stat");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("read {path}: {error}"))?;
    hundredths(&text).map(|count| count * 10).ok_or_else(|| format!("{path} tells no time"))
}

/// The same by the names of its threads, without the numbers at their ends.
pub(crate) fn cpu_ms_by_thread(process: u32) -> Result<BTreeMap<String, u64>, String> {
    let path = format!("/proc/{process}/task");
    let tasks = std::fs::read_dir(&path).map_err(|error| format!("read {path}: {error}"))?;
    let mut times = BTreeMap::new();
    for task in tasks.flatten() {
        // A thread may end while it is looked at.
        let Ok(text) = std::fs::read_to_string(task.path().join("stat")) else { continue };
        if let Some((name, count)) = thread_name(&text).zip(hundredths(&text)) {
            *times.entry(name).or_default() += count * 10;
        }
    }
    Ok(times)
}

fn thread_name(stat: &str) -> Option<String> {
    let (_, rest) = stat.split_once('(')?;
    let (name, _) = rest.rsplit_once(')')?;
    Some(name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-').to_owned())
}

fn kilobytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Fields 14 and 15. The name in field 2 may hold blanks and parentheses.
fn hundredths(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_numbers_are_read() {
        let stat = "1 (a) b) S 1 1 1 0 -1 4 5 0 0 0 250 50 0 0 20 0 3 0 9 1 2";
        assert_eq!(hundredths(stat), Some(300));
        assert_eq!(thread_name(stat).as_deref(), Some("a) b"));
        assert_eq!(thread_name("7 (store-reader-3) S").as_deref(), Some("store-reader"));
        let status = "Name:\ta\nVmHWM:\t  4096 kB\nVmRSS:\t  2048 kB\n";
        assert_eq!(kilobytes(status, "VmRSS:"), Some(2_048));
        assert_eq!(kilobytes(status, "VmHWM:"), Some(4_096));
    }
}
