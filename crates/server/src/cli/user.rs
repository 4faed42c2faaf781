//! `vacancy user`: credentials for whoever has the database itself. The text of a key is printed
//! once, alone on standard output, and is stored nowhere but as a digest. What is said about it goes
//! to standard error, so that a script gets the key and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{Args, Subcommand};
use vacancy_app::access::Actor;
use vacancy_app::access::keys::{self, ADMIN_KEY_FILE, NewKey, Opens};
use vacancy_app::businesses;
use vacancy_domain::access::{Role, Scope};
use vacancy_domain::ids::{ApiKeyId, BusinessId};
use vacancy_store::access::ApiKey;
use vacancy_store::faults::Fault;
use vacancy_store::sql::Db;

use super::store::open_for_reading;
use crate::config::Config;
use crate::serve::{StartFault, open_database};
use crate::state::system_ids;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an admin key of the platform and print it
    Admin,
    /// List keys with what they open; never their text
    List(ListArgs),
    /// Make a key of a business and print it
    Add(AddArgs),
    /// Take a key back; it opens nothing within a second
    Revoke {
        /// Its id, as `vacancy user list` shows it
        #[arg(value_parser = key_id)]
        id: ApiKeyId,
    },
    /// Make a key with the same name and rights, print it, and take the old one back
    Rotate {
        /// Its id, as `vacancy user list` shows it
        #[arg(value_parser = key_id)]
        id: ApiKeyId,
    },
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Of one business only
    #[arg(long, value_name = "ID", value_parser = business_id)]
    business: Option<BusinessId>,
    /// Those that were taken back, too
    #[arg(long)]
    revoked: bool,
}

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// What people call it: the person, or the program that uses it
    #[arg(long)]
    name: String,
    /// The business; the oldest one unless said otherwise
    #[arg(long, value_name = "ID", value_parser = business_id)]
    business: Option<BusinessId>,
    /// For a person: owner, manager, front_desk or accountant
    #[arg(long, value_parser = role, required_unless_present = "scopes", conflicts_with = "scopes")]
    role: Option<Role>,
    /// For a program, as often as needed: hotels:write, inventory:read, inventory:write,
    /// rates:write, reservations:read, reservations:write, payments:write, reports:read
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
    scopes: Vec<Scope>,
}

pub(super) async fn run(command: UserCommand, config: Config) -> Result<(), StartFault> {
    if let UserCommand::List(args) = command {
        let db = open_for_reading(&config).await?;
        db.check_schema().await?;
        return list(&db, &args).await;
    }
    let db = open_database(&config).await.map_err(beside_a_server)?;
    db.check_schema().await?;
    match command {
        UserCommand::Admin => {
            let key = keys::make_admin_key(&db, &system_ids()?).await?;
            println!("{}", key.text);
            eprintln!("Key {}. It opens everything and is not shown again: keep it.", key.id);
            Ok(())
        }
        UserCommand::Add(args) => add(&db, args).await,
        UserCommand::Revoke { id } => revoke(&db, &config.data, id).await,
        UserCommand::Rotate { id } => rotate(&db, &config.data, id).await,
        UserCommand::List(_) => Ok(()),
    }
}

/// A SQLite store has one writer.
fn beside_a_server(fault: StartFault) -> StartFault {
    if matches!(fault, StartFault::Store(Fault::Locked { .. })) {
        return StartFault::Setting(
            "a server writes to this store. Stop it, repeat this, start it again; or, while it \
             runs, use the API: POST and DELETE /v1/api-keys with the admin key"
                .to_owned(),
        );
    }
    fault
}

async fn list(db: &Db, args: &ListArgs) -> Result<(), StartFault> {
    println!("{:<36}  {:<36}  {:<20}  {:<24}  OPENS", "KEY", "BUSINESS", "MADE", "NAME");
    let mut after = ApiKeyId(0);
    loop {
        let page = keys::list_all(db, &Actor::System, after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for key in page {
            let is_asked = args.business.is_none_or(|business| key.business == Some(business));
            if is_asked && (args.revoked || key.revoked_at_ms.is_none()) {
                tell(&key);
            }
        }
    }
}

fn tell(key: &ApiKey) {
    let business = key.business.map_or_else(|| "the platform".to_owned(), |id| id.to_string());
    let opens = if key.scopes.is_empty() { &key.role } else { &key.scopes };
    let end = key.revoked_at_ms.map_or_else(String::new, |at| format!(" (until {})", second(at)));
    let made = second(key.created_at_ms);
    println!("{}  {business:<36}  {made:<20}  {:<24}  {opens}{end}", key.id, key.name);
}

fn second(at_ms: i64) -> String {
    jiff::Timestamp::from_second(at_ms.div_euclid(1_000))
        .map_or_else(|_far_away| at_ms.to_string(), |at| at.to_string())
}

async fn add(db: &Db, args: AddArgs) -> Result<(), StartFault> {
    let opens = match args.role {
        Some(role) => Opens::Role(role),
        None => Opens::Scopes(args.scopes.into_iter().collect::<BTreeSet<Scope>>()),
    };
    let business = match args.business {
        Some(id) => businesses::get(db, &Actor::System, id).await?,
        None => businesses::own(db, &Actor::System).await?,
    };
    let ids = system_ids()?;
    let key = keys::make(db, &ids, &Actor::System, business.id, &args.name, opens).await?;
    println!("{}", key.text);
    eprintln!("Key {} of {} ({}). It is not shown again.", key.id, business.name, business.id);
    Ok(())
}

async fn revoke(db: &Db, data: &Path, id: ApiKeyId) -> Result<(), StartFault> {
    let was = keys::revoke_any(db, &Actor::System, id).await?;
    eprintln!("Key {id} ({}) opens nothing any more.", was.name);
    if was.business.is_none() && !is_file_alive(db, data).await? {
        eprintln!("{} holds no key any more.", data.join(ADMIN_KEY_FILE).display());
        eprintln!("`vacancy user admin` makes one.");
    }
    Ok(())
}

async fn rotate(db: &Db, data: &Path, id: ApiKeyId) -> Result<(), StartFault> {
    let file = data.join(ADMIN_KEY_FILE);
    let was_alive = file.exists() && is_file_alive(db, data).await?;
    let (was, key): (ApiKey, NewKey) = keys::rotate(db, &system_ids()?, &Actor::System, id).await?;
    println!("{}", key.text);
    eprintln!("Key {} takes the place of {id} ({}).", key.id, was.name);
    if was_alive && !is_file_alive(db, data).await? {
        let path = keys::write_admin_key(data, &key)?;
        eprintln!("It stands in {}, too.", path.display());
    }
    Ok(())
}

/// Whether the key in the data folder opens something; none there is as good.
async fn is_file_alive(db: &Db, data: &Path) -> Result<bool, StartFault> {
    match std::fs::read_to_string(data.join(ADMIN_KEY_FILE)) {
        Ok(text) => Ok(keys::is_alive(db, text.trim()).await?),
        Err(_no_file) => Ok(true),
    }
}

fn key_id(text: &str) -> Result<ApiKeyId, String> {
    text.parse().map_err(|_| "is no id of a key; `vacancy user list` shows them".to_owned())
}

fn business_id(text: &str) -> Result<BusinessId, String> {
    text.parse().map_err(|_| "is no id of a business".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_word(text)
        .ok_or_else(|| "must be owner, manager, front_desk or accountant".to_owned())
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::from_word(text).ok_or_else(|| {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.word()).collect();
        format!("must be one of {}", known.join(", "))
    })
}
