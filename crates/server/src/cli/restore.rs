//! `vacancy restore`: puts a backup in the place of the store, after it was looked at, and proves
//! the books at the end. What was there before is kept.

use std::path::{Path, PathBuf};

use clap::Args;
use vacancy_store::faults::Fault;
use vacancy_store::sql::{
    Db, Time, WriterPlace, check_sqlite_file, fold_sqlite_log, postgres_environment,
};

use super::backup::server_major;
use super::files::{Draft, Existing, checksum, expected_checksum, failed, size, sync_folder_of};
use super::{postgres, store};
use crate::config::{Config, Database};
use crate::serve::StartFault;
use crate::state::wall_clock_ms;

/// What stands beside a SQLite file: its log, and the index of the log.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// A file that `vacancy backup` made
    file: PathBuf,
}

pub(super) async fn run(args: RestoreArgs, config: Config) -> Result<(), StartFault> {
    check_file(&args.file)?;
    match &config.database {
        Database::Sqlite(path) => {
            std::fs::create_dir_all(&config.data)
                .map_err(|error| failed("make", &config.data, &error))?;
            into_sqlite(&args.file, path).await?;
        }
        Database::Postgres(url) => into_postgres(&args.file, url).await?,
    }
    println!("Verifying the books.");
    store::verify(config).await?;
    println!(
        "Restored. Payments and refunds made after the backup are known to the providers only:"
    );
    println!(
        "compare their lists with `vacancy export --what payments` (docs/operate.md, Restore)."
    );
    Ok(())
}

/// Whether it is what the backup wrote.
fn check_file(file: &Path) -> Result<(), StartFault> {
    let (sum, bytes_count) = checksum(file)?;
    match expected_checksum(file)? {
        Some(expected) if expected != sum => Err(StartFault::Setting(format!(
            "{} is not what was backed up: its SHA-256 is {sum}, the file beside it says {expected}",
            file.display()
        ))),
        Some(_) => {
            println!("{}: {}, its checksum is right.", file.display(), size(bytes_count));
            Ok(())
        }
        None => {
            println!("{}: {}; there is no checksum beside it.", file.display(), size(bytes_count));
            Ok(())
        }
    }
}

async fn into_sqlite(file: &Path, path: &Path) -> Result<(), StartFault> {
    let place = WriterPlace::take(path).map_err(|fault| {
        if let Fault::Locked { path } = &fault {
            return StartFault::Setting(format!(
                "a server or another command writes to this store (it holds {}); stop it first",
                path.display()
            ));
        }
        StartFault::Store(fault)
    })?;
    let mut draft = Draft::create(path, Existing::Replace)?;
    let mut from = std::fs::File::open(file).map_err(|error| failed("read", file, &error))?;
    std::io::copy(&mut from, draft.file())
        .map_err(|error| failed("copy", draft.place(), &error))?;
    check_sqlite_file(draft.place())?;
    let info = Db::open_sqlite_readonly(draft.place())?.schema_info().await?;
    info.refuse_if_too_new()?;
    if info.version == 0 {
        let told = format!("{} is no store of Vacancy's: it has no schema", file.display());
        return Err(StartFault::Setting(told));
    }
    println!("Every page and reference of it is right; schema version {}.", info.version);
    if path.exists() {
        let aside = keep_aside(path)?;
        println!("The store that was there is kept as {}.", aside.display());
    }
    draft.finish()?;
    drop(place);
    // An older schema is brought up to this binary, as a start of the server would do.
    Ok(Db::open_sqlite(path, Time::Engine)?.migrate().await?)
}

/// Renames the store with what belongs to it.
fn keep_aside(path: &Path) -> Result<PathBuf, StartFault> {
    if let Err(fault) = fold_sqlite_log(path) {
        // A store that is broken is kept as it lies there, log and all.
        println!("The old store's log stays a file of its own: {fault}.");
    }
    let now = jiff::Timestamp::from_millisecond(wall_clock_ms()).map_or_else(
        |_far_away| String::new(),
        |now| now.strftime("%Y%m%dT%H%M%S%.3fZ").to_string(),
    );
    let aside = with_end(path, &format!(".before-{now}"));
    if aside.exists() {
        let told = format!("{} is there already; try again in a second", aside.display());
        return Err(StartFault::Setting(told));
    }
    std::fs::rename(path, &aside).map_err(|error| failed("put aside", path, &error))?;
    for end in COMPANIONS {
        let (from, to) = (with_end(path, end), with_end(&aside, end));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|error| failed("put aside", &from, &error))?;
        }
    }
    sync_folder_of(path)?;
    Ok(aside)
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Into an empty database only: the old one stays as it is until nobody asks for it any more.
async fn into_postgres(file: &Path, url: &str) -> Result<(), StartFault> {
    let db = Db::open_postgres(url, Time::Engine).await?;
    if db.schema_info().await?.version != 0 {
        return Err(StartFault::Setting(
            "this database is in use; the old one is kept, so restore into a new one: \
             `createdb vacancy_restored`, `vacancy restore FILE --database \
             postgres://…/vacancy_restored`, then serve from there"
                .to_owned(),
        ));
    }
    let mut restore = postgres::program("pg_restore", url, server_major(&db).await?)?;
    // Unlike its siblings it does not take the database from the environment.
    let told = postgres_environment(url)?;
    let named = |wanted: &str| told.iter().find(|(name, _)| *name == wanted);
    let (_, database) = named("PGDATABASE").or(named("PGUSER")).ok_or_else(|| {
        StartFault::Setting("the URL names no database: postgres://user@host/name".to_owned())
    })?;
    restore.arg("--dbname").arg(database);
    restore.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]);
    restore.arg(file);
    postgres::run(restore)?;
    db.schema_info().await?.refuse_if_too_new()?;
    Ok(db.migrate().await?)
}
