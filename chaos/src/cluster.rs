//! A PostgreSQL of a scenario's own, made of this machine's programs: its files lie where the scenario
//! wants them, its clock and its settings are the scenario's.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use vacancy_store::testing::TestFolder;

use crate::Trouble;

/// Longest time until it takes connections.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Cluster {
    programs: PathBuf,
    data: PathBuf,
    /// What it says, on a disk that nobody breaks.
    log: PathBuf,
    /// Removed with the cluster.
    _log_folder: TestFolder,
    port: u16,
    options: Vec<String>,
    envs: Vec<(&'static str, String)>,
    server: Option<Child>,
}

impl Cluster {
    /// Makes its files. `wal`: where the log goes, if not beside the data.
    pub(crate) fn init(folder: &Path, wal: Option<&Path>) -> Result<Cluster, Trouble> {
        let programs = programs()?;
        let data = folder.join("postgres");
        for folder in std::iter::once(data.as_path()).chain(wal) {
            std::fs::create_dir_all(folder)?;
            finish(Command::new("chown").arg("postgres").arg(folder))?;
        }
        let mut initdb = as_postgres(&programs.join("initdb"));
        initdb.arg("--pgdata").arg(&data).args(["--username", "postgres", "--auth", "trust"]);
        initdb.args(["--encoding", "UTF8", "--locale", "C", "--wal-segsize", "1"]);
        if let Some(wal) = wal {
            initdb.arg("--waldir").arg(wal);
        }
        finish(&mut initdb)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let options = ["min_wal_size=2MB", "max_wal_size=4MB"].map(str::to_owned).to_vec();
        let log_folder = TestFolder::new();
        Ok(Cluster {
            programs,
            data,
            log: log_folder.path().join("postgres.log"),
            _log_folder: log_folder,
            port,
            options,
            envs: Vec::new(),
            server: None,
        })
    }

    pub(crate) fn with_env(mut self, name: &'static str, value: &str) -> Cluster {
        self.envs.push((name, value.to_owned()));
        self
    }

    pub(crate) fn with_option(mut self, option: &str) -> Cluster {
        self.options.push(option.to_owned());
        self
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Waits until it takes connections.
    pub(crate) fn start(&mut self) -> Result<(), Trouble> {
        self.launch()?;
        let began = Instant::now();
        while !self.is_ready() {
            if self.has_ended() || PATIENCE < began.elapsed() {
                let told = std::fs::read_to_string(&self.log)?;
                return Err(format!("the scenario's PostgreSQL does not start: {told}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Starts it again if it has ended, as a supervisor would, and waits for nothing.
    pub(crate) fn revive(&mut self) -> Result<(), Trouble> {
        if self.has_ended() { self.launch() } else { Ok(()) }
    }

    fn launch(&mut self) -> Result<(), Trouble> {
        // Set only behind the change of user: what a library makes for root, another may not open.
        let mut postgres = as_postgres(Path::new("env"));
        // One that died left its own, which says that it is ready.
        let _none_is_left = std::fs::remove_file(self.data.join("postmaster.pid"));
        postgres.args(self.envs.iter().map(|(name, value)| format!("{name}={value}")));
        postgres.arg(self.programs.join("postgres"));
        postgres.arg("-D").arg(&self.data).args(["-p", &self.port.to_string()]);
        postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        for option in &self.options {
            postgres.args(["-c", option]);
        }
        let log = File::options().create(true).append(true).open(&self.log)?;
        self.server = Some(postgres.stdout(Stdio::null()).stderr(log).spawn()?);
        Ok(())
    }

    /// The last line of its own file says so.
    fn is_ready(&self) -> bool {
        std::fs::read_to_string(self.data.join("postmaster.pid"))
            .is_ok_and(|text| text.lines().any(|line| line.trim_end() == "ready"))
    }

    fn has_ended(&mut self) -> bool {
        self.server.as_mut().is_none_or(|server| !matches!(server.try_wait(), Ok(None)))
    }

    /// SIGSTOP to all of it: connections stay open and nobody answers.
    pub(crate) fn freeze(&mut self) -> Result<(), Trouble> {
        self.signal("-STOP")
    }

    pub(crate) fn thaw(&mut self) -> Result<(), Trouble> {
        self.signal("-CONT")
    }

    /// The parent first: once it is stopped, it makes no more children and buries none.
    fn signal(&mut self, signal: &str) -> Result<(), Trouble> {
        let parent = self.server.as_ref().ok_or("no PostgreSQL")?.id().to_string();
        finish(Command::new("kill").args([signal, &parent]))?;
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
        finish(Command::new("kill").arg(signal).args(children.split_whitespace())).map(|_| ())
    }

    /// SIGKILL to the parent; its children see that and end.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _gone = server.kill();
            let _reaped = server.wait();
        }
    }

    /// A fast shutdown.
    pub(crate) fn stop(&mut self) -> Result<(), Trouble> {
        if let Some(mut server) = self.server.take() {
            finish(Command::new("kill").args(["-INT", &server.id().to_string()]))?;
            server.wait()?;
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ended = self.stop();
    }
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]).arg(program);
    command.current_dir("/");
    command
}

/// The newest version that Debian keeps out of PATH.
fn programs() -> Result<PathBuf, Trouble> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")?.flatten();
    let folders = versions.map(|entry| entry.path().join("bin"));
    folders.filter(|folder| folder.join("initdb").exists()).max().ok_or_else(|| "no initdb".into())
}

/// Runs a command that must end well.
pub(crate) fn finish(command: &mut Command) -> Result<String, Trouble> {
    let ended = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&ended.stderr)).into())
}
