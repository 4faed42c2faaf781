//! `vacancy backup`: one file with everything that was answered before it began, made while the
//! server serves. It must not write to the store.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use vacancy_store::sql::{Db, Time, check_sqlite_file, copy_sqlite};
use vacancy_store::vitals;

use super::files::{Draft, Existing, checksum, checksum_path, size, write_checksum};
use super::postgres;
use crate::config::{Config, Database};
use crate::serve::StartFault;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to make; its checksum is written beside it as FILE.sha256
    file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(args: BackupArgs, config: Config) -> Result<(), StartFault> {
    let started = Instant::now();
    let draft = Draft::create(&args.file, Existing::of(args.force))?;
    let (schema, began_at_ms) = match &config.database {
        Database::Sqlite(path) => of_sqlite(path, draft.place()).await?,
        Database::Postgres(url) => of_postgres(url, draft.place()).await?,
    };
    let (sum, bytes_count) = checksum(draft.place())?;
    // An old checksum must not stand beside a new file.
    let _none_there = std::fs::remove_file(checksum_path(&args.file));
    draft.finish()?;
    write_checksum(&args.file, &sum)?;
    let (began, seconds) = (instant(began_at_ms), started.elapsed().as_secs_f64());
    println!(
        "{}: {} in {seconds:.1} s, schema version {schema}.",
        args.file.display(),
        size(bytes_count)
    );
    println!("It has everything that was answered before {began}.");
    println!("SHA-256 {sum}, also in {}.", checksum_path(&args.file).display());
    println!("It holds guests' data and the server's secrets: keep it where only you can read it.");
    Ok(())
}

/// The version of the schema in the copy, and the store's time before the copy began.
async fn of_sqlite(path: &Path, place: &Path) -> Result<(i64, i64), StartFault> {
    if !path.exists() {
        let told = format!("there is no store at {}; is --data right?", path.display());
        return Err(StartFault::Setting(told));
    }
    let began_at_ms = now_ms(&Db::open_sqlite_readonly(path)?).await?;
    copy_sqlite(path, place)?;
    check_sqlite_file(place)?;
    Ok((Db::open_sqlite_readonly(place)?.schema_info().await?.version, began_at_ms))
}

async fn of_postgres(url: &str, place: &Path) -> Result<(i64, i64), StartFault> {
    let db = Db::open_postgres(url, Time::Engine).await?;
    let (schema, began_at_ms) = (db.schema_info().await?.version, now_ms(&db).await?);
    let mut dump = postgres::program("pg_dump", url, server_major(&db).await?)?;
    dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(place);
    postgres::run(dump)?;
    println!("For a restore to any moment, archive the log as well: docs/operate.md, \"Backups\".");
    Ok((schema, began_at_ms))
}

pub(super) async fn server_major(db: &Db) -> Result<u32, StartFault> {
    let settings = db.read(|tx| Box::pin(vitals::settings(tx))).await?;
    let version = settings.iter().find(|(name, _)| name == "server_version");
    version
        .and_then(|(_, version)| postgres::major_in(version))
        .ok_or_else(|| StartFault::Setting("PostgreSQL does not say its version".to_owned()))
}

async fn now_ms(db: &Db) -> Result<i64, StartFault> {
    Ok(db.read(|tx| Box::pin(async move { tx.now_ms().await })).await?)
}

fn instant(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .map_or_else(|_far_away| at_ms.to_string(), |at| at.to_string())
}
