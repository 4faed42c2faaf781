//! How this instance is set up: read once at the start, then passed down. `settings` lists what
//! there is, `sources` says who is heard, `read` and `providers` give each text its meaning. No other
//! file reads the environment.

mod providers;
mod read;
pub mod settings;
mod sources;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use providers::{ProvidersConfig, RazorpayConfig, StripeConfig};
pub use sources::{Origin, unknown_env_names};

/// All that can be set, with its meaning.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub database: Database,
    pub database_check_ms_max: u64,
    /// Without a slash at the end; `None` follows the address that is served.
    pub public_url: Option<String>,
    /// 0: one per processor.
    pub workers: usize,
    /// Whether a guest who will pay at the property has a confirmed reservation at once.
    pub confirms_pay_at_property: bool,
    pub providers: ProvidersConfig,
    pub log: LogConfig,
    pub http: HttpConfig,
    pub limits: LimitsConfig,
    /// Another number with any other setting, so that a graph can mark the change. A secret counts
    /// by whether it is there.
    pub fingerprint: u32,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
    /// With its password: never printed.
    Postgres(String),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::Sqlite(path) => write!(f, "SQLite in {}", path.display()),
            Database::Postgres(_) => f.write_str("PostgreSQL"),
        }
    }
}

#[derive(Debug, Clone)]
pub struct LogConfig {
    pub format: LogFormat,
    pub level: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Auto,
    Human,
    Json,
}

#[derive(Debug, Clone)]
pub struct HttpConfig {
    pub body_bytes_max: usize,
    pub body_ms_max: u64,
    pub header_bytes_max: u32,
    pub connections_max: usize,
    pub streams_max: u32,
    pub requests_max: usize,
    pub waiting_max: usize,
    pub waiting_ms_max: u64,
    pub request_ms_max: u64,
    pub drain_ms_max: u64,
    pub trusted_proxies: usize,
    pub metrics_for: MetricsFor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsFor {
    Local,
    Anyone,
}

#[derive(Debug, Clone)]
pub struct LimitsConfig {
    pub guest_per_minute: u32,
    pub key_per_minute: u32,
    pub lookup_per_minute: u32,
    pub lookup_code_per_minute: u32,
    /// Whether requests from this machine are limited too.
    pub loopback: bool,
}

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    pub key: String,
    pub problem: String,
    pub origin: Origin,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (from {})", self.key, self.problem, self.origin)
    }
}

/// The configuration from all who may speak. `file` was named by somebody and must be there.
pub fn load(
    flags: &[(String, String)],
    env: &[(String, String)],
    file: Option<&Path>,
) -> Result<Config, Vec<ConfigFault>> {
    let text = match file {
        None => None,
        Some(path) => Some((path, read_file(path).map_err(|fault| vec![fault])?)),
    };
    let file = text.as_ref().map(|(path, text)| (*path, text.as_str()));
    read::read(&sources::Sources::gather(flags, env, file)?)
}

impl Config {
    /// The default, with a data folder: for tests and tools.
    #[must_use]
    pub fn for_data(data: &Path) -> Config {
        let flags = [
            ("data".to_owned(), data.display().to_string()),
            ("listen".to_owned(), "127.0.0.1:0".to_owned()),
        ];
        load(&flags, &[], None).expect("the defaults can be read")
    }

    /// What guests reach the server by, given the address that it really serves.
    #[must_use]
    pub fn public_url(&self, served: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", person_address(served)))
    }
}

/// An address that a browser on this machine can open: "any" is no destination.
fn person_address(served: SocketAddr) -> SocketAddr {
    let mut address = served;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    address
}

fn read_file(path: &Path) -> Result<String, ConfigFault> {
    std::fs::read_to_string(path).map_err(|error| ConfigFault {
        key: path.display().to_string(),
        problem: format!("cannot be read: {error}"),
        origin: Origin::Flag,
    })
}
