//! One life of the server: open, say where it is, serve until a signal comes, drain, close.
//! What happens in between is in `http`; what is set is in `config`.

pub(crate) mod clock;
mod connections;
mod door;
mod watch;

use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch as channel;
use vacancy_app::access::keys::{self, AdminKey};
use vacancy_app::demo::seed::seed;
use vacancy_app::errors::Error;
use vacancy_domain::crash::crash_point;
use vacancy_store::faults::Fault;
use vacancy_store::sql::{Db, Time};

use crate::config::{Config, Database};
use crate::state::{AppState, Background, system_ids};
use crate::{http, logs, metrics, providers};

pub use connections::serve_connections;

/// Why the server did not start, for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    #[error("{0}")]
    Setting(String),
    #[error("make the data folder {path}: {source}")]
    DataFolder { path: String, source: std::io::Error },
    #[error("listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("{}", told(.0))]
    Store(Fault),
    #[error("{}", told(.0))]
    App(Error),
    /// The command has told everything itself.
    #[error("see above")]
    Said,
    #[error("start the threads: {0}")]
    Runtime(std::io::Error),
    #[error("listen for signals: {0}")]
    Signals(std::io::Error),
}

impl From<Error> for StartFault {
    fn from(error: Error) -> StartFault {
        StartFault::App(error)
    }
}

impl From<Fault> for StartFault {
    fn from(fault: Fault) -> StartFault {
        StartFault::Store(fault)
    }
}

/// Whoever starts the server may know the causes.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        text.push_str(&format!(": {one}"));
        cause = one.source();
    }
    text
}

/// Serves until SIGTERM or SIGINT, then drains.
///
/// # Errors
/// When it cannot start.
pub async fn run(config: Config, is_demo: bool) -> Result<(), StartFault> {
    logs::init(&config.log).map_err(StartFault::Setting)?;
    metrics::recorder();
    let stop = stop_signal()?;
    let db = open_database(&config).await?;
    crash_point("start.opened");
    db.migrate().await?;
    if is_demo {
        seed(&db, &system_ids()?).await?;
    }
    let admin_key = first_key(&db, &config).await?;
    let address = config.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| StartFault::Listen { address, source })?;
    let served = listener.local_addr().map_err(|source| StartFault::Listen { address, source })?;
    let public_url = config.public_url(served);
    let (state, background) = AppState::open(config, db, public_url).await?;
    if let Err(error) = state.payments.begin_comparing().await {
        tracing::warn!(%error, "begin to compare with the providers: {error}");
    }
    greet(&state, served, is_demo, admin_key.as_ref());
    let telling = tokio::spawn(providers::tell(state.clone()));
    let durability = tokio::spawn(watch::keep_checking(state.clone()));
    let clocks = tokio::spawn(clock::keep_comparing(state.clone()));
    let beat = tokio::spawn(watch::keep_measuring(state.clone()));
    crash_point("start.ready");
    serve_connections(listener, http::app(state.clone()), &state, stop).await;
    crash_point("stop.drained");
    telling.abort();
    durability.abort();
    clocks.abort();
    beat.abort();
    close(state, background).await;
    Ok(())
}

/// Ends what runs beside the requests, then the database: its last handle checkpoints and closes.
async fn close(state: AppState, background: Background) {
    let grace = Duration::from_millis(state.config.http.drain_ms_max.max(1_000));
    if tokio::time::timeout(grace, background.stop()).await.is_err() {
        tracing::warn!("jobs or the desk did not end in time; what was theirs is done again");
    }
    tracing::info!("stopped");
}

/// Opens the store without touching its schema.
///
/// # Errors
/// When the folder cannot be made, the database cannot be reached, or it runs unsafely.
pub async fn open_database(config: &Config) -> Result<Db, StartFault> {
    // The database holds guests' data and the secrets: nobody else on this machine may look.
    let make_folder = DirBuilder::new().recursive(true).mode(0o700).create(&config.data);
    make_folder.map_err(|source| StartFault::DataFolder {
        path: config.data.display().to_string(),
        source,
    })?;
    let db = match &config.database {
        Database::Sqlite(path) => Db::open_sqlite(path, Time::Engine)?,
        Database::Postgres(url) => Db::open_postgres(url, Time::Engine).await?,
    };
    db.check_durability().await?;
    Ok(db)
}

/// The first admin key: a file on this machine, or for PostgreSQL, which many machines share, a
/// command.
async fn first_key(db: &Db, config: &Config) -> Result<Option<AdminKey>, StartFault> {
    match &config.database {
        Database::Sqlite(_) => {
            Ok(Some(keys::ensure_admin_key(db, &system_ids()?, &config.data).await?))
        }
        Database::Postgres(_) => Ok(None),
    }
}

/// A few lines for the person at the terminal; the same as one line of the log for everyone else.
fn greet(state: &AppState, served: SocketAddr, is_demo: bool, admin_key: Option<&AdminKey>) {
    let Parts { public_url, database, .. } = &Parts::of(state);
    tracing::info!(listen = %served, database = database, "serving on {served}, {database}");
    if !std::io::IsTerminal::is_terminal(&std::io::stdout()) && !is_demo {
        return;
    }
    println!("\n  Vacancy {}", env!("CARGO_PKG_VERSION"));
    println!("  {:<10} {public_url}", "Open");
    println!("  {:<10} {public_url}/docs", "API");
    println!("  {:<10} {database}", "Database");
    let key_file = state.config.data.join(keys::ADMIN_KEY_FILE);
    match admin_key {
        Some(AdminKey::Written(path)) => println!("  {:<10} {} (new)", "Admin key", path.display()),
        Some(AdminKey::Known) if key_file.exists() => {
            println!("  {:<10} {}", "Admin key", key_file.display());
        }
        Some(AdminKey::Known) | None => {
            println!("  {:<10} make one with `vacancy user admin`", "Admin key");
        }
    }
    println!("  Ctrl-C ends it.\n");
}

/// What the greeting names.
struct Parts {
    public_url: String,
    database: String,
}

impl Parts {
    fn of(state: &AppState) -> Parts {
        let database = format!("{:?}", state.config.database);
        Parts { public_url: state.public_url.clone(), database }
    }
}

/// Becomes true at the first SIGTERM or SIGINT. A second one ends the process at once.
fn stop_signal() -> Result<channel::Receiver<bool>, StartFault> {
    let mut terminate = signal(SignalKind::terminate()).map_err(StartFault::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(StartFault::Signals)?;
    let (stop, stopped) = channel::channel(false);
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        next().await;
        tracing::info!("stopping: no new connections, running requests end");
        let _nobody_waits_any_more = stop.send(true);
        next().await;
        tracing::warn!("stopping at once");
        std::process::exit(130);
    });
    Ok(stopped)
}
