//! Commands on the database itself: its schema, and the proof that its books are right.

use vacancy_app::verify;
use vacancy_domain::verify::Report;
use vacancy_store::sql::{Db, Time};

use crate::config::{Config, Database};
use crate::serve::{StartFault, open_database};

/// Brings the schema to the version of this binary, under a lock.
pub(super) async fn migrate(config: Config) -> Result<(), StartFault> {
    let db = open_database(&config).await?;
    let before = db.schema_info().await?.version;
    db.migrate().await?;
    let now = db.schema_info().await?.version;
    if before == now {
        println!("The schema is at version {now} already.");
    } else {
        println!("The schema went from version {before} to {now}.");
    }
    Ok(())
}

/// Looks at everything, also beside a running server. Findings make the command fail.
pub(super) async fn verify(config: Config) -> Result<(), StartFault> {
    let db = open_for_reading(&config).await?;
    db.check_schema().await?;
    let report = verify::verify(&db).await?;
    tell(&report);
    if report.is_clean() { Ok(()) } else { Err(StartFault::Said) }
}

/// Opens the store without the place of its writer, as it works beside a running server.
pub(super) async fn open_for_reading(config: &Config) -> Result<Db, StartFault> {
    Ok(match &config.database {
        Database::Sqlite(path) => Db::open_sqlite_readonly(path)?,
        Database::Postgres(url) => Db::open_postgres(url, Time::Engine).await?,
    })
}

fn tell(report: &Report) {
    let looked = &report.looked;
    println!("Looked at:");
    for (count, what) in [
        (looked.properties_count, "properties"),
        (looked.pools_count, "pools"),
        (looked.cells_count, "cells"),
        (looked.entries_count, "ledger entries"),
        (looked.holds_count, "holds"),
        (looked.reservations_count, "reservations"),
        (looked.payments_count, "payments"),
        (looked.room_nights_count, "room nights"),
    ] {
        println!("  {count:>10} {what}");
    }
    if report.is_clean() {
        println!("Everything agrees.");
        return;
    }
    println!("Does not agree:");
    for (check, count) in &report.findings_count {
        println!("  {count:>10} {}", check.word());
    }
    for finding in &report.findings {
        println!("{finding}");
    }
}

/// Makes the cells anew from the ledger and tells each that was not right.
pub(super) async fn rebuild(config: Config) -> Result<(), StartFault> {
    let db = open_database(&config).await?;
    db.check_schema().await?;
    let rebuilt = verify::rebuild(&db).await?;
    println!(
        "Made anew: {} pools of {} properties; {} cells were not right.",
        rebuilt.pools_count, rebuilt.properties_count, rebuilt.repaired_count
    );
    for (property, repaired) in &rebuilt.repaired {
        let cell = repaired.cell;
        println!("property {property}, pool {}, {}", cell.pool, cell.day);
    }
    Ok(())
}
