//! Where a server's data lies: a folder, and on PostgreSQL a database of its own. It outlives every
//! server that runs on it.

use std::path::{Path, PathBuf};
use std::process::Command;

use vacancy_store::sql::{Db, Engine, Time};
use vacancy_store::testing::TestFolder;
use vacancy_store::testing::later::{self, Of};
use vacancy_store::testing::postgres::Database;

use crate::Trouble;
use crate::server::Server;

pub(crate) struct Place {
    binary: PathBuf,
    folder: PathBuf,
    /// Removed with this place, when it is the place's own.
    _own: Option<TestFolder>,
    database: Option<Database>,
    /// A PostgreSQL of the scenario's own.
    given_url: Option<String>,
    /// What every server of this place finds around it.
    pub(crate) envs: Vec<(&'static str, String)>,
    /// Where the server finds its database, when that is not where it is: a proxy.
    pub(crate) detour: Option<String>,
}

impl Place {
    pub(crate) async fn open(binary: &Path, engine: Engine) -> Result<Place, Trouble> {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                Some(Database::empty().await.ok_or("there is no PostgreSQL on this machine")?)
            }
        };
        let own = TestFolder::new();
        let mut place = Place::at(binary, own.path(), None);
        (place.database, place._own) = (database, Some(own));
        Ok(place)
    }

    /// Where the scenario wants it.
    pub(crate) fn at(binary: &Path, folder: &Path, given_url: Option<String>) -> Place {
        let (binary, folder) = (binary.to_owned(), folder.to_owned());
        let (database, detour, envs) = (None, None, Vec::new());
        Place { binary, folder, _own: None, database, given_url, envs, detour }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of SQLite.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder().join("vacancy.db")
    }

    pub(crate) fn database_url(&self) -> Option<&str> {
        self.database.as_ref().map(Database::url).or(self.given_url.as_deref())
    }

    pub(crate) async fn remove(self) {
        if let Some(database) = self.database {
            database.remove().await;
        }
    }

    fn command(&self, names: &[&str], url: Option<&str>) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(names).arg("--data").arg(self.folder());
        command.args(url.into_iter().flat_map(|url| ["--database", url]));
        command
    }

    /// A server that takes requests.
    pub(crate) fn serve(&self, envs: &[(&str, String)]) -> Result<Server, Trouble> {
        let url = self.detour.as_deref().or(self.database_url());
        let mut command = self.command(&["serve"], url);
        command.args(["--listen", "127.0.0.1:0", "--set", "log.format=json"]);
        let around = self.envs.iter().chain(envs);
        command.envs(around.map(|(name, value)| (name, value)));
        Server::start(command)
    }

    /// A key of the platform, made by whoever has the database, as a person would.
    pub(crate) fn admin_key(&self) -> Result<String, Trouble> {
        let text = match self.database_url() {
            None => std::fs::read_to_string(self.folder().join("admin-key"))?,
            Some(url) => told(&mut self.command(&["user", "admin"], Some(url)))?,
        };
        Ok(text.trim().to_owned())
    }

    /// A second look at the store, beside whoever serves it.
    pub(crate) async fn open_store(&self) -> Result<Db, Trouble> {
        match self.database_url() {
            None => Ok(Db::open_sqlite_readonly(&self.store())?),
            Some(url) => Ok(Db::open_postgres(url, Time::Engine).await?),
        }
    }

    /// Brings a database of the scenario's own to the schema.
    pub(crate) fn migrate(&self) -> Result<(), Trouble> {
        told(&mut self.command(&["migrate"], self.database_url())).map(|_| ())
    }

    /// Every count from the ledger, by a process of its own.
    pub(crate) fn verify(&self) -> Result<(), Trouble> {
        let told = told(&mut self.command(&["verify"], self.database_url()))?;
        if told.contains("Everything agrees.") { Ok(()) } else { Err(told.into()) }
    }

    /// The time of every hold passes.
    pub(crate) async fn holds_run_out(&self) -> Result<(), Trouble> {
        self.hour_passes(Of::Holds).await
    }

    /// The time of every job has come, and leases of the dead run out.
    pub(crate) async fn jobs_come_due(&self) -> Result<(), Trouble> {
        self.hour_passes(Of::Jobs).await
    }

    async fn hour_passes(&self, of: Of) -> Result<(), Trouble> {
        match self.database_url() {
            None => later::hour_passes_on_sqlite(&self.store(), of)?,
            Some(url) => later::hour_passes_on_postgres(url, of).await?,
        }
        Ok(())
    }
}

/// What a command says that ends well.
fn told(command: &mut Command) -> Result<String, Trouble> {
    let ended = command.output()?;
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    if ended.status.success() {
        return Ok(told);
    }
    let complaint = String::from_utf8_lossy(&ended.stderr);
    Err(format!("{command:?}: {told}{complaint}").into())
}
