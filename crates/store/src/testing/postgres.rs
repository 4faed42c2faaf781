//! A PostgreSQL for tests and benches: found by environment, else private and started once per
//! process. It dies with the process that started it, however that ends: a small shell beside it
//! waits for its pipe to close, stops the server and removes the folder.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::{TestFolder, next_number, tell};
use crate::migrate::SCHEMA_VERSION;
use crate::sql::{Db, Time, postgres_session};

/// A port may be taken between choosing it and listening on it.
const START_TRIES_MAX: usize = 5;
/// Only one process at a time makes the template.
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;

/// Starts a server in `$FOLDER`, says READY or FAILED, and stops it when its input ends. Signals
/// that end a test run do not end it before it has cleaned up.
const KEEPER: &str = r#"
trap '' INT TERM HUP
as_owner=""
if [ "$(id -u)" -eq 0 ]; then
  owner=postgres; getent passwd postgres >/dev/null || owner=nobody
  chown "$owner" "$FOLDER"
  as_owner="setpriv --reuid $owner --regid $(id -g $owner) --init-groups"
fi
cd "$FOLDER" || exit 1
$as_owner "$PROGRAMS/initdb" --pgdata data --username postgres --auth trust --encoding UTF8 \
  --locale C --no-instructions >log 2>&1 &&
$as_owner "$PROGRAMS/pg_ctl" -D data -w -t 60 -l server.log -o "-p $PORT -c listen_addresses=127.0.0.1 \
  -c unix_socket_directories= -c max_connections=300 -c fsync=on" start >>log 2>&1 &&
echo READY || { echo FAILED; cat log server.log >&2; }
read -r _until_the_pipe_closes
$as_owner "$PROGRAMS/pg_ctl" -D data -m immediate stop >>log 2>&1
cd / && rm -rf "$FOLDER"
"#;

/// Where the server is, for `createdb` and friends; `None` if this machine has none.
pub fn server_url() -> Option<&'static str> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::find).as_ref().map(|server| server.url.as_str())
}

struct Server {
    url: String,
    /// Its input is the pipe whose end stops the server.
    _keeper: Option<Child>,
}

impl Server {
    fn find() -> Option<Server> {
        if let Ok(url) = std::env::var("VACANCY_TEST_POSTGRES") {
            return Some(Server { url, _keeper: None });
        }
        let Some(programs) = programs() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI needs PostgreSQL: set VACANCY_TEST_POSTGRES or install its programs"
            );
            tell("SKIPPED on PostgreSQL: no VACANCY_TEST_POSTGRES and no initdb on this machine");
            return None;
        };
        for _ in 0..START_TRIES_MAX {
            if let Some(server) = Server::start(&programs) {
                return Some(server);
            }
        }
        panic!("a private PostgreSQL does not start; its log is above");
    }

    fn start(programs: &PathBuf) -> Option<Server> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr());
        let port = port.expect("a test machine has a free port").port();
        // The keeper removes the folder, after this process has ended.
        let folder = TestFolder::new();
        let path = folder.path().to_owned();
        std::mem::forget(folder);
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER])
            .env("FOLDER", path)
            .env("PROGRAMS", programs)
            .env("PORT", port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("a test machine has sh");
        let mut answer = String::new();
        let told = keeper.stdout.take().expect("the keeper's output is a pipe");
        BufReader::new(told).read_line(&mut answer).expect("the keeper answers");
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        (answer.trim() == "READY").then_some(Server { url, _keeper: Some(keeper) })
    }
}

/// `VACANCY_PG_BIN`, else the newest version that Debian keeps out of PATH.
fn programs() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("VACANCY_PG_BIN") {
        return Some(PathBuf::from(folder));
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let number = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            folder.join("initdb").exists().then_some((number, folder))
        })
        .collect();
    folders.sort();
    folders.pop().map(|(_, folder)| folder)
}

/// A database of its own on the test server.
pub struct Database {
    server: &'static str,
    name: String,
    url: String,
}

impl Database {
    /// Empty. `None`: there is no PostgreSQL on this machine, which was told.
    pub async fn empty() -> Option<Database> {
        Some(Database::made(server_url()?, "template0").await)
    }

    /// With the schema of this binary, copied from a template that is migrated once per server.
    pub async fn migrated() -> Option<Database> {
        let server = server_url()?;
        let template = template(server).await;
        Some(Database::made(server, &template).await)
    }

    async fn made(server: &'static str, template: &str) -> Database {
        let name = format!("vacancy_test_{}_{}", std::process::id(), next_number());
        run(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Database { server, url: on_database(server, &name), name }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub async fn remove(self) {
        run(self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await;
    }
}

/// Named after the schema's text, so that a changed migration gets a new one.
async fn template(server: &str) -> String {
    let name = format!("vacancy_template_{SCHEMA_VERSION}_{}", crate::migrate::fingerprint());
    let client = postgres_session(server).await.expect("a test can reach the server");
    let lock = client.execute("SELECT pg_advisory_lock($1)", &[&TEMPLATE_LOCK]).await;
    lock.expect("a test can lock the template");
    let exists = client
        .query_one("SELECT COUNT(*) FROM pg_database WHERE datname = $1", &[&name])
        .await
        .expect("a test can list databases")
        .get::<_, i64>(0);
    if exists == 0 {
        let making = format!("{name}_making");
        let remove = format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)");
        client.batch_execute(&remove).await.expect("a test can drop a database");
        let create = format!("CREATE DATABASE {making} TEMPLATE template0");
        client.batch_execute(&create).await.expect("a test can make a database");
        let db = Db::open_postgres(&on_database(server, &making), Time::Engine).await;
        db.expect("a test can reach the template").migrate().await.expect("a template migrates");
        // A template that is only half made never carries the name.
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{making}'"
        );
        client.batch_execute(&end).await.expect("a test can end its own sessions");
        let rename = format!("ALTER DATABASE {making} RENAME TO {name}");
        client.batch_execute(&rename).await.expect("a test can rename a database");
    }
    name
}

async fn run(server: &str, text: &str) {
    let client = postgres_session(server).await.expect("a test can reach the server");
    client.batch_execute(text).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
}

/// The same server, another database.
fn on_database(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("a server's URL ends with a database");
    format!("{base}/{name}")
}
