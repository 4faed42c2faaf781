//! What the doctor asks of the store: can it be reached, may it lose what it answered, does its
//! schema fit this binary, does its clock agree with ours, what waits for a person. Reads only.

use std::time::Duration;

use vacancy_connect::payments::circuit::Guards;
use vacancy_store::faults::Fault;
use vacancy_store::jobs::JobState;
use vacancy_store::jobs::watch as jobs;
use vacancy_store::migrate::SCHEMA_VERSION;
use vacancy_store::sql::{Db, Engine, WriterPlace};
use vacancy_store::vitals::{self, Vitals};

use super::Finding;
use crate::cli::store::open_for_reading;
use crate::config::{Config, Database};
use crate::providers;
use crate::serve::clock::{CLOCK_SKEW_MS_MAX, skew_ms};

/// Longest wait for the store.
const STORE_MS_MAX: u64 = 10_000;
/// An overdue hold is free within a second; this is a sweep that does not run.
const LAPSE_LAG_MS_MAX: i64 = 10_000;
/// A job that has been due for this long waits for workers that do not come.
const JOB_LAG_MS_MAX: i64 = 60_000;
/// Connections of one instance, and a few for people.
const CONNECTIONS_MIN: i64 = 20;

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    if let Database::Sqlite(path) = &config.database
        && !path.exists()
    {
        let told = format!("no file at {} yet", path.display());
        return vec![Finding::warn(
            "store",
            told,
            "the first `vacancy serve` makes it; if it was served before, --data is wrong",
        )];
    }
    let time = Duration::from_millis(STORE_MS_MAX);
    match tokio::time::timeout(time, look_inside(config)).await {
        Ok(findings) => findings,
        Err(_late) => vec![unreachable(&format!("no answer within {} s", STORE_MS_MAX / 1_000))],
    }
}

fn unreachable(why: &str) -> Finding {
    let act = "start the database, or correct `database`; bookings get 503 until then";
    Finding::fail("store", why.to_owned(), act)
}

async fn look_inside(config: &Config) -> Vec<Finding> {
    let db = match open_for_reading(config).await {
        Ok(db) => db,
        Err(crate::serve::StartFault::Store(Fault::UnsafeDurability { setting })) => {
            return vec![lossy(&setting)];
        }
        Err(fault) => return vec![unreachable(&fault.to_string())],
    };
    let mut findings = vec![];
    match db.read(|tx| Box::pin(vitals::settings(tx))).await {
        Ok(settings) => findings.extend(engine(db.engine(), &settings)),
        Err(fault) => return vec![unreachable(&fault.to_string())],
    }
    if let Database::Sqlite(path) = &config.database {
        findings.push(writer(path));
    }
    match db.check_schema().await {
        Ok(()) => findings.push(Finding::ok("schema", format!("version {SCHEMA_VERSION}"))),
        Err(fault) => {
            let act = if matches!(fault, Fault::SchemaTooOld { .. }) {
                "stop the server, `vacancy backup`, `vacancy migrate`"
            } else {
                "use the binary that migrated it, or a newer one"
            };
            findings.push(Finding::fail("schema", fault.to_string(), act));
            return findings;
        }
    }
    findings.extend(life(&db).await);
    findings.push(accounts(&db, config).await);
    findings
}

/// Whether the credentials of businesses open with the keys that are set.
async fn accounts(db: &Db, config: &Config) -> Finding {
    let what = "accounts";
    let accounts = providers::accounts(db, config, "", &Guards::default());
    let (count, faults) = match accounts.check_all().await {
        Ok(checked) => checked,
        Err(error) => return unreachable(&error.to_string()),
    };
    let Some((id, fault)) = faults.first() else {
        return Finding::ok(what, format!("{count} of businesses at payment providers, all open"));
    };
    let found = format!("{} of {count} are off; {id}: {fault}", faults.len());
    let act = "set secrets.key or secrets.older_key to the key that sealed them, or give the \
               credentials anew: PATCH /v1/payment-accounts/{id}";
    Finding::fail(what, found, act)
}

fn lossy(setting: &str) -> Finding {
    let found = format!("{setting}: an answered booking could be lost");
    Finding::fail("durability", found, "docs/operate.md, VacancyDurabilityUnsafe")
}

/// Version and settings, by the engine's own names.
fn engine(engine: Engine, settings: &[(String, String)]) -> Vec<Finding> {
    let value = |name: &str| {
        settings.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    };
    match engine {
        Engine::Sqlite => {
            let mode = value("journal_mode");
            let durability = if mode == "wal" {
                Finding::ok("durability", "WAL; the server writes with synchronous=FULL")
            } else {
                lossy(&format!("journal_mode={mode}"))
            };
            vec![Finding::ok("engine", format!("SQLite {}", value("sqlite_version"))), durability]
        }
        Engine::Postgres => {
            // What may lose a booking was refused when the store was opened.
            let kept = format!("fsync on, synchronous_commit {}", value("synchronous_commit"));
            let mut findings = vec![
                Finding::ok("engine", format!("PostgreSQL {}", value("server_version"))),
                Finding::ok("durability", kept),
            ];
            if value("data_checksums") != "on" {
                let act = "with the server stopped: pg_checksums --enable";
                findings.push(Finding::warn(
                    "data checksums",
                    "off: a rotten page is not seen",
                    act,
                ));
            }
            if value("archive_mode") == "off" {
                let act = "docs/operate.md, Backups: archive the log, or run pg_receivewal";
                findings.push(Finding::warn("log archive", "off: no restore to a moment", act));
            }
            let connections: i64 = value("max_connections").parse().unwrap_or(0);
            if connections < CONNECTIONS_MIN {
                let found = format!("{connections} in all, an instance takes 12");
                findings.push(Finding::warn("connections", found, "raise max_connections"));
            }
            findings
        }
    }
}

/// Whether somebody writes to the file now. Asked by trying to be that one.
fn writer(path: &std::path::Path) -> Finding {
    match WriterPlace::take(path) {
        Ok(_given_back_at_once) => Finding::ok("server", "none runs on this store"),
        Err(Fault::Locked { .. }) => Finding::ok("server", "one runs on this store"),
        Err(fault) => Finding::fail(
            "server",
            fault.to_string(),
            "the user that serves must be able to write to the data folder",
        ),
    }
}

async fn life(db: &Db) -> Vec<Finding> {
    let asked = async {
        let skew_ms = skew_ms(db).await?;
        let vitals = db.read(|tx| Box::pin(vitals::read(tx))).await?;
        let jobs = db.read(|tx| Box::pin(jobs::count(tx))).await?;
        Ok::<_, Fault>((vitals, skew_ms, jobs))
    };
    let (vitals, skew_ms, jobs) = match asked.await {
        Ok(answers) => answers,
        Err(fault) => return vec![unreachable(&fault.to_string())],
    };
    let mut findings = vec![clock(db.engine(), skew_ms), lapse(&vitals)];
    findings.extend(waiting(&jobs));
    findings.extend(matters(&vitals));
    findings
}

fn clock(engine: Engine, skew_ms: i64) -> Finding {
    if CLOCK_SKEW_MS_MAX < skew_ms.abs() {
        let found = format!("the store's is {skew_ms} ms ahead of ours; the store's decides");
        return Finding::warn("clock", found, "set both by NTP (chrony, systemd-timesyncd)");
    }
    match engine {
        Engine::Sqlite => Finding::ok("clock", "the store's is this machine's"),
        Engine::Postgres => Finding::ok("clock", format!("the store's is {skew_ms} ms off ours")),
    }
}

fn lapse(vitals: &Vitals) -> Finding {
    let lag_ms = vitals.lapse_lag_ms;
    if LAPSE_LAG_MS_MAX < lag_ms {
        let found = format!("a hold has been overdue for {} s", lag_ms / 1_000);
        let act = "start the server; if it runs, docs/operate.md, VacancyLapseLag";
        return Finding::warn("holds", found, act);
    }
    Finding::ok("holds", "none is overdue")
}

fn waiting(jobs: &[jobs::KindCount]) -> Vec<Finding> {
    let parked = jobs.iter().filter(|job| job.state == JobState::Parked);
    let mut findings: Vec<Finding> = parked
        .map(|job| {
            let found = format!("{} of kind {} were given up", job.jobs_count, job.kind);
            Finding::warn("jobs", found, "docs/operate.md, VacancyJobsParked")
        })
        .collect();
    let late = jobs.iter().filter(|job| JOB_LAG_MS_MAX < job.lag_ms);
    findings.extend(late.map(|job| {
        let found = format!("kind {} has been due for {} s", job.kind, job.lag_ms / 1_000);
        Finding::warn("jobs", found, "start the server; if it runs, docs/operate.md, VacancyJobLag")
    }));
    if findings.is_empty() {
        findings.push(Finding::ok("jobs", "none is late, none was given up"));
    }
    findings
}

fn matters(vitals: &Vitals) -> Vec<Finding> {
    let open = vitals.open_work.iter().filter(|(_, count)| 0 < *count);
    let mut findings: Vec<Finding> = open
        .map(|(kind, count)| {
            let found = format!("{count} of kind {} wait for the hotel's people", kind.word());
            Finding::warn("work items", found, "GET /v1/hotels/{id}/work-items lists them")
        })
        .collect();
    if findings.is_empty() {
        findings.push(Finding::ok("work items", "none is open; no night is oversold"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn vitals(now_ms: i64) -> Vitals {
        Vitals { now_ms, lapse_lag_ms: 0, open_work: vec![] }
    }

    #[test]
    fn settings_that_endanger_something_are_told() {
        let said = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let wal = engine(Engine::Sqlite, &said(&[("journal_mode", "wal")]));
        assert!(wal.iter().all(|finding| finding.level == Level::Ok), "{wal:?}");
        let memory = engine(Engine::Sqlite, &said(&[("journal_mode", "memory")]));
        assert_eq!(memory[1].level, Level::Fail);
        let bare =
            said(&[("data_checksums", "off"), ("archive_mode", "off"), ("max_connections", "9")]);
        let warned = engine(Engine::Postgres, &bare);
        assert_eq!(warned.iter().filter(|finding| finding.level == Level::Warn).count(), 3);
    }

    #[test]
    fn what_waits_for_people_is_told_by_kind() {
        let parked = jobs::KindCount {
            kind: "refund".into(),
            state: JobState::Parked,
            jobs_count: 2,
            lag_ms: 0,
        };
        let late = jobs::KindCount { state: JobState::Waiting, lag_ms: 61_000, ..parked.clone() };
        assert_eq!(waiting(&[parked, late]).len(), 2);
        assert_eq!(waiting(&[])[0].level, Level::Ok);
        assert_eq!(clock(Engine::Postgres, -501).level, Level::Warn);
        assert_eq!(clock(Engine::Postgres, 500).level, Level::Ok);
        let overdue = Vitals { lapse_lag_ms: 11_000, ..vitals(0) };
        assert_eq!(lapse(&overdue).level, Level::Warn);
        let kind = vacancy_store::work_items::WorkKind::Oversold;
        let open = Vitals { open_work: vec![(kind, 3)], ..vitals(0) };
        assert_eq!(matters(&open)[0].level, Level::Warn);
        assert_eq!(matters(&vitals(0))[0].level, Level::Ok);
    }
}
