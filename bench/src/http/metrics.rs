//! The server's own metrics: the sums and counts of its histograms.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::server::wire::{self, Connection, Version};

/// Values by name, labels included, as they stand in the text.
pub(crate) struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    pub(crate) async fn read(address: SocketAddr) -> Result<Metrics, String> {
        let mut connection = Connection::open(address, Version::Http1).await?;
        let asked = wire::request("GET", address, "/metrics", "", wire::whole(""));
        let answer = connection.ask(asked).await?;
        if answer.status != 200 {
            return Err(format!("the metrics are not shown: {answer:?}"));
        }
        Ok(Metrics::parse(&String::from_utf8_lossy(&answer.body)))
    }

    fn parse(text: &str) -> Metrics {
        let value = |line: &str| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        };
        Metrics(text.lines().filter(|line| !line.starts_with('#')).filter_map(value).collect())
    }

    /// How much the sum and the count of a histogram have grown since an earlier look.
    pub(crate) fn grown(&self, before: &Metrics, name: &str, labels: &str) -> (f64, f64) {
        let of = |metrics: &Metrics, kind: &str| {
            let name = format!("{name}_{kind}{labels}");
            metrics.0.get(&name).copied().unwrap_or(0.0)
        };
        let grown = |kind| of(self, kind) - of(before, kind);
        (grown("sum"), grown("count"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_grows() {
        let before = Metrics::parse("# HELP a\na_sum{part=\"x\"} 1.5\na_count{part=\"x\"} 3\n");
        let after = Metrics::parse("a_sum{part=\"x\"} 2.5\na_count{part=\"x\"} 5\n");
        assert_eq!(after.grown(&before, "a", "{part=\"x\"}"), (1.0, 2.0));
        assert_eq!(after.grown(&before, "b", ""), (0.0, 0.0));
    }
}
