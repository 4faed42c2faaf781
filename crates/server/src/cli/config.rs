//! `vacancy config`: print every setting with its default, or check what is set and from where.

use clap::Subcommand;

use super::{Common, Stopped, environment};
use crate::config::settings::default_file;
use crate::config::unknown_env_names;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print a configuration file with every setting and its default
    Default,
    /// Read the flags, the environment and the file, and say what is wrong
    Check,
}

pub(super) fn run(command: &ConfigCommand, common: &Common) -> Result<(), Stopped> {
    match command {
        ConfigCommand::Default => print!("{}", default_file()),
        ConfigCommand::Check => {
            let config = common.gather(&[])?;
            let unknown = unknown_env_names(&environment());
            for name in &unknown {
                eprintln!("{name} in the environment is no setting; is it misspelt?");
            }
            if !unknown.is_empty() {
                return Err(Stopped::Said);
            }
            if !config.providers.faults.is_empty() {
                return Err(Stopped::Config(config.providers.faults));
            }
            println!("The configuration is fine: {:?}, on {}.", config.database, config.listen);
        }
    }
    Ok(())
}
