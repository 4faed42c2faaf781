//! What the text of a setting means. Every value is read, so that all mistakes are told at once,
//! each with its key, who said it and what was expected.

use std::path::PathBuf;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::settings::SETTINGS;
use super::sources::{Origin, Said, Sources};
use super::{
    Config, ConfigFault, Database, HttpConfig, LimitsConfig, LogConfig, LogFormat, MetricsFor,
    providers,
};

pub(super) fn read(sources: &Sources) -> Result<Config, Vec<ConfigFault>> {
    let mut reader = Reader { sources, faults: vec![] };
    let data = PathBuf::from(&reader.said("data").text);
    let config = Config {
        listen: reader.parsed("listen", "an address and a port, as 127.0.0.1:8080"),
        database: reader.database(&data),
        database_check_ms_max: reader.whole("database_check_ms_max", 100, 60_000),
        public_url: reader.public_url(),
        workers: reader.whole("workers", 0, 1_024),
        confirms_pay_at_property: reader.parsed("confirms_pay_at_property", "true or false"),
        providers: providers::read(sources, &mut reader.faults),
        log: LogConfig { format: reader.log_format(), level: reader.said("log.level").text },
        http: HttpConfig {
            body_bytes_max: reader.whole("http.body_bytes_max", 1_024, 64 << 20),
            body_ms_max: reader.whole("http.body_ms_max", 10, 600_000),
            header_bytes_max: reader.whole("http.header_bytes_max", 8_192, 1 << 20),
            connections_max: reader.whole("http.connections_max", 1, 1_000_000),
            streams_max: reader.whole("http.streams_max", 1, 10_000),
            requests_max: reader.whole("http.requests_max", 1, 1_000_000),
            waiting_max: reader.whole("http.waiting_max", 0, 1_000_000),
            waiting_ms_max: reader.whole("http.waiting_ms_max", 0, 600_000),
            request_ms_max: reader.whole("http.request_ms_max", 10, 600_000),
            drain_ms_max: reader.whole("http.drain_ms_max", 0, 600_000),
            trusted_proxies: reader.whole("http.trusted_proxies", 0, 16),
            metrics_for: reader.metrics_for(),
        },
        limits: LimitsConfig {
            guest_per_minute: reader.whole("limits.guest_per_minute", 1, 10_000_000),
            key_per_minute: reader.whole("limits.key_per_minute", 1, 10_000_000),
            lookup_per_minute: reader.whole("limits.lookup_per_minute", 1, 10_000_000),
            lookup_code_per_minute: reader.whole("limits.lookup_code_per_minute", 1, 10_000_000),
            loopback: reader.parsed("limits.loopback", "true or false"),
        },
        data,
        fingerprint: fingerprint(sources),
    };
    if reader.faults.is_empty() { Ok(config) } else { Err(reader.faults) }
}

fn fingerprint(sources: &Sources) -> u32 {
    let mut sum = Sha256::new();
    for setting in SETTINGS {
        let text = &sources.get(setting.key).text;
        let shown = if setting.is_secret() && !text.is_empty() { "set" } else { text.as_str() };
        sum.update(format!("{}={shown}\n", setting.key));
    }
    let bytes = sum.finalize();
    bytes.iter().take(4).fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

struct Reader<'s> {
    sources: &'s Sources,
    faults: Vec<ConfigFault>,
}

/// What stands in for a value that could not be read; the fault beside it stops the start.
trait StandIn: FromStr {
    fn stand_in() -> Self;
}

impl StandIn for std::net::SocketAddr {
    fn stand_in() -> Self {
        std::net::SocketAddr::from(([127, 0, 0, 1], 0))
    }
}

impl StandIn for bool {
    fn stand_in() -> Self {
        false
    }
}

impl Reader<'_> {
    fn said(&self, key: &str) -> Said {
        self.sources.get(key).clone()
    }

    fn parsed<T: StandIn>(&mut self, key: &'static str, expected: &str) -> T {
        let said = self.said(key);
        said.text.trim().parse().unwrap_or_else(|_| {
            self.wrong(key, said, expected);
            T::stand_in()
        })
    }

    fn whole<T: TryFrom<i64>>(&mut self, key: &'static str, min: i64, max: i64) -> T {
        let said = self.said(key);
        let read = said.text.trim().parse::<i64>().ok().filter(|n| (min..=max).contains(n));
        if read.is_none() {
            self.wrong(key, said, &format!("a whole number from {min} to {max}"));
        }
        let number = T::try_from(read.unwrap_or(min)).ok();
        number.expect("the bounds of a setting fit its type")
    }

    fn database(&mut self, data: &std::path::Path) -> Database {
        let said = self.said("database");
        let text = said.text.trim();
        if text.is_empty() {
            return Database::Sqlite(data.join("vacancy.db"));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Database::Postgres(text.to_owned());
        }
        self.wrong("database", said, "postgres://user:password@host/name, or nothing for SQLite");
        Database::Sqlite(data.join("vacancy.db"))
    }

    fn public_url(&mut self) -> Option<String> {
        let said = self.said("public_url");
        let text = said.text.trim().trim_end_matches('/').to_owned();
        if text.is_empty() {
            return None;
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_host = |rest: &str| {
            !rest.is_empty()
                && rest.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]_".contains(c))
        };
        if !rest.is_some_and(is_host) {
            self.wrong("public_url", said, "https:// and a host, without a path");
        }
        Some(text)
    }

    fn log_format(&mut self) -> LogFormat {
        let said = self.said("log.format");
        match said.text.as_str() {
            "auto" => LogFormat::Auto,
            "human" => LogFormat::Human,
            "json" => LogFormat::Json,
            _ => {
                self.wrong("log.format", said, "auto, human or json");
                LogFormat::Auto
            }
        }
    }

    fn metrics_for(&mut self) -> MetricsFor {
        let said = self.said("http.metrics_for");
        match said.text.as_str() {
            "local" => MetricsFor::Local,
            "anyone" => MetricsFor::Anyone,
            _ => {
                self.wrong("http.metrics_for", said, "local or anyone");
                MetricsFor::Local
            }
        }
    }

    fn wrong(&mut self, key: &'static str, said: Said, expected: &str) {
        let is_secret = SETTINGS.iter().any(|one| one.key == key && one.is_secret());
        let Said { text, origin } = said;
        let problem = if is_secret || origin == Origin::Default {
            format!("must be {expected}")
        } else {
            format!("must be {expected}; it is {text:?}")
        };
        self.faults.push(ConfigFault { key: key.to_owned(), problem, origin });
    }
}
