//! The real binary on data that outlives it: started, killed or stopped by its own process id, and
//! asked to verify what it left.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use vacancy_store::sql::Engine;
use vacancy_store::testing::TestFolder;
use vacancy_store::testing::postgres::Database;

/// Where the data lies.
pub(crate) struct Place {
    folder: TestFolder,
    database: Option<Database>,
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

    pub(crate) fn engine(&self) -> Engine {
        if self.database.is_some() { Engine::Postgres } else { Engine::Sqlite }
    }

    /// A key of the platform, made by whoever has the database, as a person would.
    pub(crate) fn admin_key(&self) -> String {
        match &self.database {
            None => std::fs::read_to_string(self.folder.path().join("admin-key")).unwrap(),
            Some(_) => told(&mut self.command(&["user", "admin"])),
        }
        .trim()
        .to_owned()
    }

    pub(crate) async fn remove(self) {
        if let Some(database) = self.database {
            database.remove().await;
        }
    }

    fn command(&self, names: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vacancy"));
        command.args(names).arg("--data").arg(self.folder.path());
        if let Some(database) = &self.database {
            command.args(["--database", database.url()]);
        }
        command
    }

    /// A server that listens.
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
            told["listen"].as_str().map(|address| address.parse().unwrap())
        });
        // Its log is read to the end, or the server would wait for somebody to read it.
        let log = std::thread::spawn(move || lines.map_while(Result::ok).collect());
        let server = Server { child, address: address.expect("a server says where it is"), log };
        assert_ne!(server.address.port(), 0);
        server
    }

    /// Every count from the ledger, by a process of its own. Gives the number of reservations.
    pub(crate) fn verify(&self) -> usize {
        let told = told(&mut self.command(&["verify"]));
        assert!(told.contains("Everything agrees."), "{told}");
        let line = told.lines().find(|line| line.ends_with(" reservations")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }
}

/// What a command says that ends well.
fn told(command: &mut Command) -> String {
    let ended = command.output().unwrap();
    let told = String::from_utf8(ended.stdout).unwrap();
    let complaint = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success(), "{command:?}: {told}{complaint}");
    told
}

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    log: std::thread::JoinHandle<Vec<String>>,
}

impl Server {
    /// SIGKILL: nothing of it runs any more when this returns.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.code(), None, "ended by the signal, not by itself");
    }

    /// SIGTERM, and nothing in its log that a person must look at.
    pub(crate) fn stop(mut self) {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        let log = std::mem::replace(&mut self.log, std::thread::spawn(Vec::new)).join().unwrap();
        let errors: Vec<&String> = log.iter().filter(|line| line.contains("\"ERROR\"")).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already, unless the test failed.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
