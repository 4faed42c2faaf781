//! A store with the binary that serves it and the commands that look after it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use vacancy_store::sql::Engine;
use vacancy_store::testing::TestFolder;
use vacancy_store::testing::postgres::Database;

pub(crate) struct Place {
    folder: TestFolder,
    database: Option<Database>,
}

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    /// `None`: there is no PostgreSQL on this machine, which was told; in CI that fails.
    pub(crate) async fn open(engine: Engine) -> Option<Place> {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Database::migrated().await?),
        };
        Some(Place { folder: TestFolder::new(), database })
    }

    /// The same with a database that nobody migrated: what a backup is put into.
    pub(crate) async fn empty(engine: Engine) -> Option<Place> {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Database::empty().await?),
        };
        Some(Place { folder: TestFolder::new(), database })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) async fn remove(self) {
        if let Some(database) = self.database {
            database.remove().await;
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vacancy"));
        command.args(words).arg("--data").arg(self.data());
        if let Some(database) = &self.database {
            command.args(["--database", database.url()]);
        }
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Said {
        let ended = self.command(words).output().unwrap();
        Said {
            code: ended.status.code(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    /// What a command says that must end well.
    pub(crate) fn well(&self, words: &[&str]) -> String {
        let said = self.run(words);
        assert_eq!(said.code, Some(0), "{words:?}: {said:?}");
        said.out
    }

    /// A command that must refuse, and say this.
    pub(crate) fn refused(&self, words: &[&str], why: &str) {
        let said = self.run(words);
        assert_eq!(said.code, Some(1), "{words:?}: {said:?}");
        assert!(said.err.contains(why), "{words:?}: {said:?}");
    }

    pub(crate) fn admin_key(&self) -> String {
        match &self.database {
            None => std::fs::read_to_string(self.data().join("admin-key")).unwrap(),
            Some(_) => self.well(&["user", "admin"]),
        }
        .trim()
        .to_owned()
    }

    pub(crate) fn serve(&self) -> Server {
        let mut child = self
            .command(&["serve"])
            .args(["--listen", "127.0.0.1:0", "--set", "log.format=json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.by_ref().find_map(|line| {
            let told: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            told["listen"].as_str().map(str::to_owned)
        });
        // Its log is read to the end, or the server would wait for somebody to read it.
        std::thread::spawn(move || lines.count());
        Server { child, url: format!("http://{}", address.unwrap()) }
    }
}

pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Drop for Server {
    /// SIGTERM, and the end of it.
    fn drop(&mut self) {
        let _gone = Command::new("kill").arg(self.child.id().to_string()).status();
        let _reaped = self.child.wait();
    }
}

/// Every row of a file with a JSON object per line.
pub(crate) fn rows(path: impl AsRef<Path>) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
