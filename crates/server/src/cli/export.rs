//! `vacancy export`: a table as a file, for spreadsheets and other programs, beside a running
//! server.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use vacancy_app::exports::{ExportFault, Form, What, export};
use vacancy_domain::ids::PropertyId;

use super::files::{Draft, Existing, failed};
use super::store::open_for_reading;
use crate::config::Config;
use crate::serve::StartFault;

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The file to make: NAME.csv for spreadsheets, NAME.jsonl for programs
    file: PathBuf,
    /// Which table
    #[arg(long, value_enum, default_value = "reservations")]
    what: Table,
    /// One hotel; all of them unless said otherwise
    #[arg(long, value_name = "ID", value_parser = hotel_id)]
    hotel: Option<PropertyId>,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Table {
    Reservations,
    Ledger,
    Payments,
    Disputes,
    Guests,
}

pub(super) async fn run(args: ExportArgs, config: Config) -> Result<(), StartFault> {
    let form = form_of(&args.file)?;
    let what = match args.what {
        Table::Reservations => What::Reservations,
        Table::Ledger => What::Ledger,
        Table::Payments => What::Payments,
        Table::Disputes => What::Disputes,
        Table::Guests => What::Guests,
    };
    let db = open_for_reading(&config).await?;
    db.check_schema().await?;
    let mut draft = Draft::create(&args.file, Existing::of(args.force))?;
    let mut to = BufWriter::new(draft.file());
    let exported = export(&db, what, args.hotel, form, &mut to).await;
    let rows_count = exported.map_err(|fault| match fault {
        ExportFault::Store(fault) => StartFault::Store(fault),
        ExportFault::Write(error) => failed("write", &args.file, &error),
    })?;
    to.flush().map_err(|error| failed("write", &args.file, &error))?;
    drop(to);
    draft.finish()?;
    println!("{}: {rows_count} rows.", args.file.display());
    Ok(())
}

fn form_of(file: &Path) -> Result<Form, StartFault> {
    match file.extension().and_then(|end| end.to_str()) {
        Some("csv") => Ok(Form::Csv),
        Some("jsonl") => Ok(Form::Jsonl),
        Some(_) | None => Err(StartFault::Setting(format!(
            "{} must end in .csv or .jsonl: that says the form",
            file.display()
        ))),
    }
}

fn hotel_id(text: &str) -> Result<PropertyId, String> {
    text.parse().map_err(|_| "is no id of a hotel".to_owned())
}
