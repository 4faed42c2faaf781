//! The real `vacancy` binary as a child process: on loopback, on a store of its own, ended by its
//! own process id. What it says goes to a file beside its data, as an operator would keep it.

pub(crate) mod hotel;
pub(crate) mod process;
pub(crate) mod wire;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;
use vacancy_store::sql::{Db, Engine, Time};
use vacancy_store::testing::postgres::Database;

/// Longest wait until the server says where it listens.
const START_MAX: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A store that is gone afterwards, and the binary that serves it.
pub(crate) struct Place {
    folder: TempDir,
    database: Option<Database>,
    binary: PathBuf,
}

impl Place {
    /// `binary`: `vacancy` beside this program, unless one is named.
    pub(crate) async fn open(engine: Engine, binary: Option<&Path>) -> Result<Place, String> {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                Some(Database::migrated().await.ok_or("there is no PostgreSQL to measure")?)
            }
        };
        let binary = match binary {
            Some(path) => path.to_owned(),
            None => beside_this_program()?,
        };
        if !binary.exists() {
            let path = binary.display();
            return Err(format!("there is no {path}: cargo build --release -p vacancy-server"));
        }
        let folder = TempDir::new().map_err(|error| format!("make a folder: {error}"))?;
        Ok(Place { folder, database, binary })
    }

    /// The store itself, before the server runs: to be filled.
    pub(crate) async fn db(&self) -> Result<Db, String> {
        let opened = match &self.database {
            None => Db::open_sqlite(&self.data().join("vacancy.db"), Time::Engine),
            Some(database) => Db::open_postgres(database.url(), Time::Engine).await,
        };
        let db = opened.map_err(|fault| fault.to_string())?;
        db.migrate().await.map_err(|fault| fault.to_string())?;
        Ok(db)
    }

    /// A key of the platform, made by whoever has the database, as a person would. Not while the
    /// server runs on SQLite, which wrote one itself.
    pub(crate) fn admin_key(&self) -> Result<String, String> {
        let text = match &self.database {
            None => std::fs::read_to_string(self.data().join("admin-key"))
                .map_err(|error| format!("read the admin key: {error}"))?,
            Some(_) => said(&mut self.command(&["user", "admin"]))?,
        };
        Ok(text.trim().to_owned())
    }

    /// Starts the server and waits until it listens.
    pub(crate) async fn serve(&self) -> Result<Server, String> {
        self.serve_set(&[]).await
    }

    /// The same with settings, each `name=value`.
    pub(crate) async fn serve_set(&self, settings: &[&str]) -> Result<Server, String> {
        let log = self.folder.path().join("log");
        let file = std::fs::File::create(&log).map_err(|error| format!("make a log: {error}"))?;
        let child = self
            .command(&["serve"])
            .args(["--listen", "127.0.0.1:0", "--set", "log.format=json"])
            .args(settings.iter().flat_map(|setting| ["--set", *setting]))
            .stdin(Stdio::null())
            .stdout(file)
            .spawn()
            .map_err(|error| format!("start {}: {error}", self.binary.display()))?;
        let mut server = Server { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let until = Instant::now() + START_MAX;
        loop {
            if let Some(address) = listens_on(&log) {
                server.address = address;
                return Ok(server);
            }
            let has_ended = server.child.try_wait().is_ok_and(|ended| ended.is_some());
            if has_ended || until <= Instant::now() {
                let text = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("the server does not start: {text}"));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Recomputes every count from the ledger, by a process of its own. Gives the reservations.
    pub(crate) fn verify(&self) -> Result<usize, String> {
        let told = said(&mut self.command(&["verify"]))?;
        if !told.contains("Everything agrees.") {
            return Err(format!("the store does not agree with its ledger: {told}"));
        }
        let line = told.lines().find(|line| line.ends_with(" reservations"));
        let count = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        count.ok_or_else(|| format!("verify tells no count of reservations: {told}"))
    }

    pub(crate) async fn remove(self) {
        if let Some(database) = self.database {
            database.remove().await;
        }
    }

    fn data(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, names: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(names).arg("--data").arg(self.data());
        if let Some(database) = &self.database {
            command.args(["--database", database.url()]);
        }
        command
    }
}

fn beside_this_program() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("find this program: {error}"))?;
    Ok(own.with_file_name("vacancy"))
}

/// The address in the server's first lines.
fn listens_on(log: &Path) -> Option<SocketAddr> {
    let text = std::fs::read_to_string(log).ok()?;
    text.lines().find_map(|line| {
        let told: serde_json::Value = serde_json::from_str(line).ok()?;
        told["listen"].as_str()?.parse().ok()
    })
}

/// What a command says that ends well.
fn said(command: &mut Command) -> Result<String, String> {
    let ended = command.output().map_err(|error| format!("run {command:?}: {error}"))?;
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    if !ended.status.success() {
        let complaint = String::from_utf8_lossy(&ended.stderr);
        return Err(format!("{command:?} failed: {told}{complaint}"));
    }
    Ok(told)
}

/// A server that listens. Ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and a graceful end.
    pub(crate) async fn stop(mut self) -> Result<(), String> {
        let sent = Command::new("kill").arg(self.id().to_string()).status();
        if !sent.is_ok_and(|status| status.success()) {
            return Err("the server was gone before it was stopped".to_owned());
        }
        let until = Instant::now() + START_MAX;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("the server ended with {status}")),
                Ok(None) if Instant::now() < until => tokio::time::sleep(LOOK_EVERY).await,
                Ok(None) | Err(_) => return Err("the server does not end".to_owned()),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already, unless the bench failed.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
