//! The commands of the binary: reads the command line, gathers the configuration, hands over.
//! What a command does stands in its own file or in the part it calls.

mod backup;
mod config;
mod doctor;
mod export;
mod files;
mod import;
mod import_prices;
mod postgres;
mod restore;
mod store;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigFault, load};
use crate::http::openapi;
use crate::serve::{self, StartFault};

/// Exit code of a command that was given something it cannot use.
const USAGE: u8 = 2;

/// Book places without double booking, lost booking, or money without a booking.
#[derive(Debug, Parser)]
#[command(name = "vacancy", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command may be told. A flag beats the environment, which beats the file.
#[derive(Debug, Args)]
struct Common {
    /// The configuration file; `vacancy config default` prints one
    #[arg(long, global = true, value_name = "FILE", env = "VACANCY_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the database file and the keys
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    /// A PostgreSQL database instead of the file in the data folder
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// Any other setting, as http.drain_ms_max=5000
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    settings: Vec<(String, String)>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve everything: the API, the pages, the jobs
    Serve {
        /// Fill an empty database with fictional hotels
        #[arg(long)]
        demo: bool,
        /// Address and port
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Print the version
    Version,
    /// Print or check the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Bring the database's schema to the version of this binary
    Migrate,
    /// Compute every count again and compare; changes nothing
    Verify,
    /// Make every count anew from the ledger
    Rebuild,
    /// Copy everything into one file, beside a running server
    Backup(backup::BackupArgs),
    /// Put a backup in the place of the store; the server must not run
    Restore(restore::RestoreArgs),
    /// Write a table for spreadsheets or programs, beside a running server
    Export(export::ExportArgs),
    /// Look at everything that this installation stands on, and say what to do
    Doctor(doctor::DoctorArgs),
    /// Read other people's files
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// List, make, replace and take back API keys
    #[command(subcommand)]
    User(user::UserCommand),
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stopped::Config(faults)) => {
            eprintln!("vacancy: the configuration cannot be used");
            for fault in faults {
                eprintln!("  {fault}");
            }
            ExitCode::from(USAGE)
        }
        Err(Stopped::Start(fault)) => {
            eprintln!("vacancy: {fault}");
            ExitCode::FAILURE
        }
        Err(Stopped::Said) => ExitCode::FAILURE,
    }
}

/// Why a command did not do what it should.
enum Stopped {
    Config(Vec<ConfigFault>),
    Start(StartFault),
    /// It has told everything itself.
    Said,
}

impl From<StartFault> for Stopped {
    fn from(fault: StartFault) -> Stopped {
        Stopped::Start(fault)
    }
}

fn dispatch(cli: Cli) -> Result<(), Stopped> {
    let Cli { common, command } = cli;
    match command {
        Command::Serve { demo, listen } => {
            let config = common.gather(&[("listen", listen)])?;
            let workers = config.workers;
            on_runtime(workers, serve::run(config, demo))
        }
        Command::Openapi => {
            print!("{}", openapi::text());
            Ok(())
        }
        Command::Version => {
            println!("vacancy {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Command::Config(command) => config::run(&command, &common),
        Command::Migrate => on_runtime(1, store::migrate(common.gather(&[])?)),
        Command::Verify => on_runtime(0, store::verify(common.gather(&[])?)),
        Command::Rebuild => on_runtime(0, store::rebuild(common.gather(&[])?)),
        Command::Import(command) => on_runtime(0, import::run(command, common.gather(&[])?)),
        Command::Backup(args) => on_runtime(1, backup::run(args, common.gather(&[])?)),
        Command::Restore(args) => on_runtime(0, restore::run(args, common.gather(&[])?)),
        Command::Export(args) => on_runtime(1, export::run(args, common.gather(&[])?)),
        Command::Doctor(args) => doctor::command(&args, &common),
        Command::User(command) => on_runtime(1, user::run(command, common.gather(&[])?)),
    }
}

impl Common {
    /// The configuration of this command; `more` are flags of its own.
    fn gather(&self, more: &[(&str, Option<String>)]) -> Result<Config, Stopped> {
        let mut flags = self.settings.clone();
        let own = [("data", self.data.clone()), ("database", self.database.clone())];
        for (key, value) in own.iter().chain(more) {
            flags.extend(value.clone().map(|value| ((*key).to_owned(), value)));
        }
        load(&flags, &environment(), self.config.as_deref()).map_err(Stopped::Config)
    }
}

/// The environment as text. What is no UTF-8 is no setting.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Runs a command to its end. `workers` of 0 is one thread per processor.
fn on_runtime(
    workers: usize,
    command: impl Future<Output = Result<(), StartFault>>,
) -> Result<(), Stopped> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all();
    if 0 < workers {
        builder.worker_threads(workers);
    }
    let runtime = builder.build().map_err(StartFault::Runtime)?;
    match runtime.block_on(command) {
        Err(StartFault::Said) => Err(Stopped::Said),
        ended => Ok(ended?),
    }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_are_keys_and_values() {
        assert_eq!(key_and_value("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(key_and_value("a").is_err());
    }
}
