//! What the doctor asks of the machine: the data folder, who may read the admin key, how much disk
//! is left and how quick it is, how many files may be open, time zones. It must not open the store.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use vacancy_app::access::keys::ADMIN_KEY_FILE;

use super::Finding;
use crate::cli::files::size;
use crate::config::{Config, Database};
use crate::metrics::process::open_files_limit;

/// Free bytes under which a person should act, and under which bookings will soon fail.
const FREE_BYTES_WARN: u64 = 5 << 30;
const FREE_BYTES_MIN: u64 = 512 << 20;
/// Syncs that are measured.
const SYNCS: usize = 20;
/// A sync that takes longer makes each commit a wait that guests notice.
const SYNC_MS_WARN: u128 = 20;
/// A sync this quick on a disk that spins or sits in a network means that nothing was written.
const SYNC_MICROS_SUSPECT: u128 = 15;
/// Files that are open beside connections: the store's, logs, sockets of the provider.
const FILES_BESIDE: u64 = 256;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![data_folder(&config.data)];
    if config.data.is_dir() {
        findings.push(admin_key(config));
        findings.push(free_space(&config.data));
        if matches!(config.database, Database::Sqlite(_)) {
            findings.push(sync_time(&config.data));
        }
    }
    findings.push(open_files(config));
    findings.push(time_zones());
    findings
}

fn data_folder(data: &Path) -> Finding {
    let what = "data folder";
    match fs::metadata(data) {
        Ok(found) if found.is_dir() => {
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o007 != 0 {
                let told =
                    format!("{} is open to everybody on this machine ({mode:o})", data.display());
                return Finding::warn(what, told, format!("chmod o-rwx {}", data.display()));
            }
            Finding::ok(what, format!("{} ({mode:o})", data.display()))
        }
        Ok(_) => Finding::fail(
            what,
            format!("{} is no folder", data.display()),
            "name another with --data",
        ),
        Err(error) => Finding::warn(
            what,
            format!("{}: {error}", data.display()),
            "the first `vacancy serve` makes it; if it was served before, --data is wrong",
        ),
    }
}

fn admin_key(config: &Config) -> Finding {
    let what = "admin key";
    let path = config.data.join(ADMIN_KEY_FILE);
    match fs::metadata(&path) {
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                let told = format!("others may read {} ({mode:o})", path.display());
                let act = format!(
                    "chmod 600 {0}; then `vacancy user rotate` it, for it may have been read",
                    path.display()
                );
                return Finding::fail(what, told, act);
            }
            Finding::ok(what, format!("{}, readable by its owner only", path.display()))
        }
        Err(_none) if matches!(config.database, Database::Postgres(_)) => {
            Finding::ok(what, "no file; on PostgreSQL `vacancy user admin` prints one")
        }
        Err(_none) => Finding::ok(what, "no file yet; the first start writes one"),
    }
}

fn free_space(data: &Path) -> Finding {
    let what = "disk space";
    let said = Command::new("df").args(["-Pk", "--"]).arg(data).output();
    let free = said.ok().and_then(|said| free_bytes(&String::from_utf8_lossy(&said.stdout)));
    let Some(free) = free else {
        return Finding::warn(what, "df does not tell", "look at the disk of the data folder");
    };
    let (found, act) =
        (format!("{} free", size(free)), "free some, or move --data to a larger disk");
    if free < FREE_BYTES_MIN {
        Finding::fail(what, found, act)
    } else if free < FREE_BYTES_WARN {
        Finding::warn(what, found, act)
    } else {
        Finding::ok(what, found)
    }
}

/// The fourth column of the second line, in KiB.
fn free_bytes(df: &str) -> Option<u64> {
    let column = df.lines().nth(1)?.split_whitespace().nth(3)?;
    Some(column.parse::<u64>().ok()? << 10)
}

fn sync_time(data: &Path) -> Finding {
    let what = "disk sync";
    match measure_syncs(data) {
        Err(error) => Finding::fail(
            what,
            format!("cannot write to {}: {error}", data.display()),
            "give the folder to the user that serves",
        ),
        Ok(mut micros) => {
            micros.sort_unstable();
            let (median, last) = (micros[micros.len() / 2], micros[micros.len() - 1]);
            let milli = |micros: u128| format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10);
            let found =
                format!("{} for a sync, {} the slowest of {SYNCS}", milli(median), milli(last));
            if SYNC_MS_WARN * 1_000 < median {
                let act = "every commit waits that long: use a disk with a quicker flush (NVMe)";
                return Finding::warn(what, found, act);
            }
            if median < SYNC_MICROS_SUSPECT {
                let act = "no disk is that quick: a tmpfs, or a volume that ignores flushes, loses \
                           answered bookings at a power cut";
                return Finding::warn(what, found, act);
            }
            Finding::ok(what, found)
        }
    }
}

/// Writes a page and syncs it, as often as told; microseconds of each.
fn measure_syncs(data: &Path) -> std::io::Result<Vec<u128>> {
    let path = data.join(format!(".doctor.{}", std::process::id()));
    let measure = || {
        let mut file = File::options().write(true).create_new(true).open(&path)?;
        let mut taken = Vec::with_capacity(SYNCS);
        for _ in 0..SYNCS {
            let started = Instant::now();
            file.write_all(&[0; 4_096])?;
            file.sync_data()?;
            taken.push(started.elapsed().as_micros());
        }
        Ok(taken)
    };
    let measured = measure();
    let _was_never_made = fs::remove_file(&path);
    measured
}

fn open_files(config: &Config) -> Finding {
    let what = "open files";
    let text = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let Some(limit) = open_files_limit(&text) else {
        return Finding::ok(what, "this system does not tell its limit");
    };
    let needed = config.http.connections_max as u64 + FILES_BESIDE;
    if limit < needed {
        let found = format!("{limit} may be open, {needed} can be needed");
        let act =
            format!("LimitNOFILE={needed} in the service's unit, or lower http.connections_max");
        return Finding::warn(what, found, act);
    }
    Finding::ok(what, format!("{limit} may be open, {needed} can be needed"))
}

/// The rules are compiled in, so that a machine without them, or with old ones, changes nothing.
fn time_zones() -> Finding {
    let what = "time zones";
    let offset = |zone: &str, month: i8| {
        let noon = jiff::civil::date(2026, month, 1).at(12, 0, 0, 0);
        noon.in_tz(zone).ok().map(|at| at.offset().seconds())
    };
    let known = [("Europe/Lisbon", 0, 3_600), ("America/New_York", -18_000, -14_400)];
    let is_right = known.iter().all(|(zone, winter, summer)| {
        offset(zone, 1) == Some(*winter) && offset(zone, 7) == Some(*summer)
    });
    if !is_right {
        let act = "this binary was built without its rules: take a released one";
        return Finding::fail(what, "summer time is not known", act);
    }
    Finding::ok(what, "rules are compiled in; the system's are not asked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_words_are_read() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 10 4 6 40% /\n";
        assert_eq!(free_bytes(df), Some(6 * 1_024));
        assert_eq!(free_bytes("nonsense"), None);
    }

    #[test]
    fn a_key_that_others_may_read_must_be_mended() {
        let folder = vacancy_store::testing::TestFolder::new();
        let config = Config::for_data(folder.path());
        assert_eq!(admin_key(&config).level, super::super::Level::Ok, "none there yet");
        let path = folder.path().join(ADMIN_KEY_FILE);
        fs::write(&path, "vk_live_x").expect("written");
        for (mode, level) in [(0o600, super::super::Level::Ok), (0o640, super::super::Level::Fail)]
        {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            assert_eq!(admin_key(&config).level, level, "{mode:o}");
        }
    }

    #[test]
    fn summer_time_is_known_and_syncs_are_measured() {
        assert_eq!(time_zones().level, super::super::Level::Ok);
        let folder = vacancy_store::testing::TestFolder::new();
        assert_eq!(measure_syncs(folder.path()).expect("a folder").len(), SYNCS);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
