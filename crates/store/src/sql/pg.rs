//! PostgreSQL connections: how they are opened, pooled and checked. A connection goes back to
//! its pool only when its transaction has ended for certain; any other is closed, and the server
//! rolls it back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use std::future::poll_fn;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres::error::DbError;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, SimpleQueryMessage, Statement};

use super::dialect::PG_DURABILITY;
use super::pg_tx::fault_of;
use crate::faults::{Fault, Told};

/// Connections for everything but the desk.
const CONNECTIONS: usize = 8;
/// Connections that only desk lanes may take, so that no report can keep a booking waiting.
pub(super) const DESK_CONNECTIONS: usize = 4;
/// How long a caller may wait for a free connection.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A peer that does not answer our bytes for this long is dead; nothing else ends a commit.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);
/// The oldest version whose behaviour is tried.
const SERVER_VERSION_MIN: i64 = 150_000;
/// What every session gets. A lock that is not free in 2 s is a conflict and is tried again; a
/// statement of 30 s is a mistake; a session of ours that sleeps inside a transaction is dead.
/// Outside an explicit `BEGIN .. READ WRITE` a session may only read: should a pipelined begin
/// ever fail, the statements behind it cannot commit one by one.
const SESSION: &str = "SET lock_timeout = '2s'; SET statement_timeout = '30s'; \
     SET idle_in_transaction_session_timeout = '15s'; SET timezone = 'UTC'; \
     SET client_min_messages = 'warning'; SET default_transaction_isolation = 'read committed'; \
     SET default_transaction_read_only = on";
/// What desk sessions get besides. Their statements go by key and run for ever: a plan made while
/// a table was small must not turn into a scan when it has grown, and planning again costs more
/// than running.
const DESK_SESSION: &str = "SET plan_cache_mode = 'force_generic_plan'; \
     SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// Of the tables that an import fills. A session of ours may write only where it says so.
const GATHER_STATISTICS: &str = "BEGIN READ WRITE; \
     ANALYZE property, hotel_word, location, pool, rate_range; COMMIT";

pub(super) struct PgPool {
    config: Config,
    session: String,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<PgConn>>,
    /// See `reuse`.
    reuses: AtomicBool,
}

impl PgPool {
    pub(super) fn general(config: Config) -> PgPool {
        PgPool::new(config, SESSION.to_owned(), CONNECTIONS)
    }

    pub(super) fn desk(config: Config, connections: usize) -> PgPool {
        PgPool::new(config, format!("{SESSION}; {DESK_SESSION}"), connections)
    }

    fn new(config: Config, session: String, connections: usize) -> PgPool {
        PgPool {
            config,
            session,
            permits: Arc::new(Semaphore::new(connections)),
            idle: Mutex::new(Vec::with_capacity(connections)),
            reuses: AtomicBool::new(true),
        }
    }

    pub(super) async fn lease(self: &Arc<PgPool>) -> Result<Lease, Fault> {
        let waiting = Arc::clone(&self.permits).acquire_owned();
        let permit = tokio::time::timeout(WAIT_FOR_CONNECTION, waiting)
            .await
            .map_err(|_elapsed| Fault::Overloaded)?
            .map_err(|error| Fault::unavailable("reach the connection pool", error))?;
        let conn = match self.idle_conn() {
            Some(conn) => conn,
            None => PgConn::open(&self.config, &self.session).await?,
        };
        let pool = Arc::clone(self);
        Ok(Lease { conn: Some(conn), clean: false, pool, _permit: permit })
    }

    /// Asks a session of its own: one of the pool keeps the settings with which it was opened.
    pub(super) async fn check_durability(&self) -> Result<(), Fault> {
        PgConn::open(&self.config, &self.session).await.map(|_closed_at_once| ())
    }

    pub(super) async fn gather_statistics(self: &Arc<PgPool>) -> Result<(), Fault> {
        let lease = self.lease().await?;
        let gathered = lease.conn().client.batch_execute(GATHER_STATISTICS).await;
        gathered.map_err(|error| fault_of("gather statistics", error))?;
        lease.give_back();
        Ok(())
    }

    /// Whether sessions may serve again after their transaction, or every transaction needs a new
    /// one, which is checked.
    pub(super) fn reuse(&self, may_serve_again: bool) {
        self.reuses.store(may_serve_again, Ordering::Release);
        if !may_serve_again {
            lock(&self.idle).clear();
        }
    }

    fn idle_conn(&self) -> Option<PgConn> {
        let mut idle = lock(&self.idle);
        while let Some(conn) = idle.pop() {
            if !conn.client.is_closed() {
                return Some(conn);
            }
        }
        None
    }
}

/// A connection out of its pool. Dropped before it was declared clean, it is closed.
pub(super) struct Lease {
    conn: Option<PgConn>,
    clean: bool,
    pool: Arc<PgPool>,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    pub(super) fn conn(&self) -> &PgConn {
        self.conn.as_ref().expect("a lease holds its connection until it is dropped")
    }

    /// The transaction has ended for certain: the connection may serve another.
    pub(super) fn give_back(mut self) {
        self.clean = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take()
            && self.clean
            && self.pool.reuses.load(Ordering::Acquire)
            && !conn.client.is_closed()
        {
            lock(&self.pool.idle).push(conn);
        }
    }
}

/// One session, with the statements it has prepared.
pub(super) struct PgConn {
    pub(super) client: Client,
    statements: Mutex<HashMap<String, Statement>>,
    /// Set when the server said that a commit may not have reached its standby.
    doubt: Arc<AtomicBool>,
}

impl PgConn {
    /// Connects, sets the session up and refuses it where an answered commit could be lost: what
    /// counts is what this session got, which may be another thing for each role and database.
    async fn open(config: &Config, session: &str) -> Result<PgConn, Fault> {
        tokio::time::timeout(CONNECT_TIMEOUT, PgConn::open_at_leisure(config, session))
            .await
            .map_err(|elapsed| Fault::unavailable("connect to PostgreSQL", elapsed))?
    }

    async fn open_at_leisure(config: &Config, session: &str) -> Result<PgConn, Fault> {
        let connected = config.connect(NoTls).await;
        let (client, mut connection) =
            connected.map_err(|error| Fault::unavailable("connect to PostgreSQL", error))?;
        let doubt = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&doubt);
        tokio::spawn(async move {
            // A notice is seen here before the answer that follows it reaches its caller.
            while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
                match message {
                    Ok(AsyncMessage::Notice(notice)) => observe(&notice, &seen),
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(cause = %error, "a PostgreSQL connection ended");
                        return;
                    }
                }
            }
        });
        let conn = PgConn { client, statements: Mutex::new(HashMap::new()), doubt };
        let set_up = conn.client.simple_query(&format!("{session}; {PG_DURABILITY}")).await;
        refuse_unsafe(&set_up.map_err(|error| fault_of("set up a session", error))?)?;
        Ok(conn)
    }

    /// A statement of this session; ready at once when it was prepared before.
    pub(super) async fn statement(&self, text: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(known) = lock(&self.statements).get(text) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(text).await?;
        lock(&self.statements).insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn trust_again(&self) {
        self.doubt.store(false, Ordering::Release);
    }

    pub(super) fn is_in_doubt(&self) -> bool {
        self.doubt.load(Ordering::Acquire)
    }
}

/// Refuses settings under which an answered commit could be lost.
fn refuse_unsafe(answers: &[SimpleQueryMessage]) -> Result<(), Fault> {
    let row = answers.iter().find_map(|answer| {
        let SimpleQueryMessage::Row(row) = answer else { return None };
        Some(row)
    });
    let value = |index: usize| row.and_then(|row| row.get(index)).unwrap_or_default();
    let version = value(0);
    let setting = if version.parse().unwrap_or(0) < SERVER_VERSION_MIN {
        format!("PostgreSQL {version}")
    } else if let Some((index, name)) =
        [(1, "fsync"), (2, "full_page_writes")].into_iter().find(|(index, _)| value(*index) != "on")
    {
        format!("{name}={}", value(index))
    } else if !matches!(value(3), "on" | "remote_apply") {
        format!("synchronous_commit={}", value(3))
    } else {
        return Ok(());
    };
    Err(Fault::UnsafeDurability { setting })
}

/// `url` as PostgreSQL's own tools take it, with the time limits that we rely on.
pub(super) fn config(url: &str) -> Result<Config, Fault> {
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        // The driver's text may repeat the URL, and with it a password.
        let told = Told(error.to_string().replace(url, "(the URL)"));
        Fault::internal_because("read the PostgreSQL URL", told)
    })?;
    config.application_name("vacancy");
    config.connect_timeout(CONNECT_TIMEOUT);
    config.tcp_user_timeout(TCP_USER_TIMEOUT);
    config.keepalives_idle(Duration::from_secs(5));
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    Ok(config)
}

/// Where a database is, as the environment of PostgreSQL's own programs: a command line, and with
/// it a password, is seen by everybody on the machine.
pub fn postgres_environment(url: &str) -> Result<Vec<(&'static str, String)>, Fault> {
    let config = config(url)?;
    let host = config.get_hosts().first().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    });
    let port = config.get_ports().first().map(ToString::to_string);
    let password = config.get_password().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let said = [
        ("PGHOST", host),
        ("PGPORT", port),
        ("PGUSER", config.get_user().map(ToOwned::to_owned)),
        ("PGPASSWORD", password),
        ("PGDATABASE", config.get_dbname().map(ToOwned::to_owned)),
    ];
    Ok(said.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

/// A commit that stopped waiting for its standby answers success, with a warning (01000), or
/// with 57P01 when the server ends. Either may vanish in a failover.
fn observe(notice: &DbError, doubt: &AtomicBool) {
    let code = notice.code().code();
    if code == "01000" || code.starts_with("57P0") {
        doubt.store(true, Ordering::Release);
    }
    tracing::warn!(notice.code = code, "PostgreSQL warns: {}", notice.message());
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
