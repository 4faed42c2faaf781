//! Every setting there is: its key, its default and what it is for. The file, the environment and
//! the printed default all follow this one table. What a value means is read in `read`.

/// One line of the configuration.
#[derive(Debug)]
pub struct Setting {
    /// As in the file: a section and a name, or a name alone.
    pub key: &'static str,
    /// As it stands in the file, already TOML.
    pub default: &'static str,
    pub says: &'static str,
}

impl Setting {
    /// `http.body_bytes_max` is `VACANCY_HTTP_BODY_BYTES_MAX` in the environment.
    #[must_use]
    pub fn env_name(&self) -> String {
        format!("{ENV_PREFIX}{}", self.key.replace('.', "_").to_ascii_uppercase())
    }

    /// Whether the value may be shown when it is wrong.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        let ends =
            ["secret_key", "key_secret", "webhook_secrets", "secrets.key", "secrets.older_key"];
        self.key == "database" || ends.iter().any(|end| self.key.ends_with(end))
    }
}

pub const ENV_PREFIX: &str = "VACANCY_";

pub const SETTINGS: &[Setting] = &[
    setting("listen", "\"127.0.0.1:8080\"", "Address and port to serve on; port 0 takes any."),
    setting("data", "\"./data\"", "Folder of the database file, the keys and the sandbox's books."),
    setting(
        "database",
        "\"\"",
        "postgres://user:password@host/name; empty is SQLite in the data folder.",
    ),
    setting(
        "database_check_ms_max",
        "60000",
        "Longest time until a database that could lose bookings is noticed.",
    ),
    setting(
        "public_url",
        "\"\"",
        "What guests reach the server by, as https://book.example.com; empty follows `listen`.",
    ),
    setting("workers", "0", "Threads that serve requests; 0 is one per processor."),
    setting(
        "confirms_pay_at_property",
        "true",
        "Whether a guest who will pay at the property has a confirmed reservation at once.",
    ),
    setting(
        "payments.sandbox",
        "\"auto\"",
        "Whether the sandbox takes orders: on, off, or auto: while no real provider is set.",
    ),
    setting(
        "stripe.secret_key",
        "\"\"",
        "Stripe's secret or restricted key, or file:/path of it; empty: no Stripe.",
    ),
    setting(
        "stripe.webhook_secrets",
        "\"\"",
        "Signing secrets of Stripe's webhook, with a comma between, or file:/path of them.",
    ),
    setting(
        "stripe.checkout",
        "\"hosted\"",
        "hosted: guests go to Stripe's page; embedded: your own page has Stripe's element.",
    ),
    setting(
        "stripe.url",
        "\"https://api.stripe.com\"",
        "Where Stripe is; another address is for tests against a stand-in.",
    ),
    setting("razorpay.key_id", "\"\"", "Razorpay's key id; empty: no Razorpay."),
    setting("razorpay.key_secret", "\"\"", "The secret of that key, or file:/path of it."),
    setting(
        "razorpay.webhook_secrets",
        "\"\"",
        "Secrets of Razorpay's webhook, with a comma between, or file:/path of them.",
    ),
    setting(
        "razorpay.url",
        "\"https://api.razorpay.com\"",
        "Where Razorpay is; another address is for tests against a stand-in.",
    ),
    setting(
        "secrets.key",
        "\"\"",
        "Key that seals credentials of businesses, 64 hexadecimal digits, or file:/path of it.",
    ),
    setting(
        "secrets.older_key",
        "\"\"",
        "The key before it, or file:/path of it: opens what was sealed then, seals nothing.",
    ),
    setting("log.format", "\"auto\"", "human, json, or auto: human on a terminal."),
    setting("log.level", "\"info\"", "error, warn, info, debug, or a filter as vacancy_app=debug."),
    setting("http.body_bytes_max", "262144", "Longest body of a request."),
    setting("http.body_ms_max", "10000", "Longest time for a body to arrive."),
    setting("http.header_bytes_max", "32768", "Longest head of a request."),
    setting("http.connections_max", "10000", "Connections open at once; more wait."),
    setting("http.streams_max", "256", "Requests at once on one HTTP/2 connection."),
    setting("http.requests_max", "4096", "Requests worked on at once; more wait for a place."),
    setting("http.waiting_max", "60000", "Requests that may wait; more are told to come again."),
    setting("http.waiting_ms_max", "20000", "Longest wait for a place."),
    setting("http.request_ms_max", "30000", "Longest time for one answer, once there is a place."),
    setting("http.drain_ms_max", "10000", "Longest wait for running requests at the end."),
    setting(
        "http.trusted_proxies",
        "0",
        "Own proxies in front: that many entries of X-Forwarded-For, from the right, are believed.",
    ),
    setting(
        "http.metrics_for",
        "\"local\"",
        "Who may read /metrics: local (this machine, or the platform's key) or anyone.",
    ),
    setting("limits.guest_per_minute", "600", "Requests from one address without a key."),
    setting("limits.key_per_minute", "6000", "Requests from one address with an API key."),
    setting("limits.lookup_per_minute", "20", "Look-ups by code from one address."),
    setting("limits.lookup_code_per_minute", "6", "Look-ups of one code, from anywhere."),
    setting("limits.loopback", "false", "Whether this machine itself is limited too."),
];

const fn setting(key: &'static str, default: &'static str, says: &'static str) -> Setting {
    Setting { key, default, says }
}

/// The whole file with every default, each with its sentence.
#[must_use]
pub fn default_file() -> String {
    let mut text = String::from(
        "# Vacancy's configuration. A flag beats the environment (VACANCY_LISTEN,\n\
         # VACANCY_HTTP_BODY_BYTES_MAX), which beats this file, which beats the default.\n",
    );
    let mut section = "";
    for setting in SETTINGS {
        let (its_section, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if its_section != section {
            section = its_section;
            text.push_str(&format!("\n[{section}]\n"));
        }
        text.push_str(&format!("\n# {}\n{name} = {}\n", setting.says, setting.default));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_stand_together_and_keys_once() {
        let mut sections: Vec<&str> =
            SETTINGS.iter().map(|s| s.key.split_once('.').map_or("", |(one, _)| one)).collect();
        sections.dedup();
        let mut once = sections.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), sections.len(), "{sections:?}");
        let mut keys: Vec<&str> = SETTINGS.iter().map(|s| s.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), SETTINGS.len());
    }

    #[test]
    fn the_printed_default_is_a_file_that_can_be_read() {
        let table: toml::Table = default_file().parse().expect("TOML");
        assert_eq!(table["listen"].as_str(), Some("127.0.0.1:8080"));
        assert_eq!(table["http"]["body_bytes_max"].as_integer(), Some(262_144));
    }

    #[test]
    fn the_guide_for_operators_lists_every_setting_as_it_is() {
        let guide = include_str!("../../../../docs/operate.md");
        for Setting { key, default, says } in SETTINGS {
            let row = format!("| `{key}` | `{default}` | {says} |");
            assert!(guide.contains(&row), "docs/operate.md lacks this row:\n{row}");
        }
        let rows = guide
            .lines()
            .filter(|line| SETTINGS.iter().any(|s| line.starts_with(&format!("| `{}` ", s.key))));
        assert_eq!(rows.count(), SETTINGS.len(), "a setting stands there twice");
    }

    #[test]
    fn a_key_has_one_name_in_the_environment() {
        let names: Vec<String> = SETTINGS.iter().map(Setting::env_name).collect();
        assert!(names.contains(&"VACANCY_HTTP_TRUSTED_PROXIES".to_owned()), "{names:?}");
    }
}
