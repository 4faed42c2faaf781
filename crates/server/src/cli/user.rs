//! `vacancy user`: credentials for whoever has the database itself. A key is shown once, here, and
//! is never stored as text.

use clap::Subcommand;
use vacancy_app::access::keys;

use crate::config::Config;
use crate::serve::{StartFault, open_database};
use crate::state::system_ids;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an admin key of the platform and print it
    Admin,
}

pub(super) async fn admin(config: Config) -> Result<(), StartFault> {
    let db = open_database(&config).await?;
    db.check_schema().await?;
    let key = keys::make_admin_key(&db, &system_ids()?).await?;
    println!("{}", key.text);
    eprintln!("Keep it: it opens everything and is not shown again.");
    Ok(())
}
