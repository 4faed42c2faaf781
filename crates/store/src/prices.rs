//! Prices as stored text. The agreed price is frozen into its reservation, so its form may only
//! grow: a field that is added here needs a default for the rows that came before it.

use serde::{Deserialize, Serialize};
use vacancy_domain::ids::{LineId, PoolId};
use vacancy_domain::prices::{LinePrice, NightPrice, Price};
use vacancy_domain::stays::Day;

use crate::faults::Fault;

#[derive(Serialize, Deserialize)]
struct StoredPrice {
    currency: String,
    lines: Vec<StoredLine>,
    subtotal: i64,
    tax_bp: i64,
    tax: i64,
    total: i64,
}

#[derive(Serialize, Deserialize)]
struct StoredLine {
    line: String,
    pool: String,
    units: i64,
    /// Day, amount and trace of each night.
    nights: Vec<(i64, i64, String)>,
    total: i64,
}

/// The price as text.
#[must_use]
pub fn to_text(price: &Price) -> String {
    let night = |night: &NightPrice| (night.day.0, night.amount_minor, night.trace.clone());
    let line = |line: &LinePrice| StoredLine {
        line: line.line.to_string(),
        pool: line.pool.to_string(),
        units: line.units,
        nights: line.nights.iter().map(night).collect(),
        total: line.total_minor,
    };
    let stored = StoredPrice {
        currency: price.currency.to_string(),
        lines: price.lines.iter().map(line).collect(),
        subtotal: price.subtotal_minor,
        tax_bp: price.tax_bp,
        tax: price.tax_minor,
        total: price.total_minor,
    };
    serde_json::to_string(&stored).expect("a price of plain fields has a text")
}

/// The price that the text stands for.
pub fn from_text(text: &str) -> Result<Price, Fault> {
    let stored: StoredPrice = serde_json::from_str(text)
        .map_err(|error| Fault::internal_because("read a stored price", error))?;
    let night = |(day, amount_minor, trace)| NightPrice { day: Day(day), amount_minor, trace };
    let mut lines = Vec::with_capacity(stored.lines.len());
    for line in stored.lines {
        let unreadable = |_| Fault::internal("read the ids of a stored price");
        lines.push(LinePrice {
            line: line.line.parse::<LineId>().map_err(unreadable)?,
            pool: line.pool.parse::<PoolId>().map_err(unreadable)?,
            units: line.units,
            nights: line.nights.into_iter().map(night).collect(),
            total_minor: line.total,
        });
    }
    Ok(Price {
        currency: stored
            .currency
            .parse()
            .map_err(|error| Fault::internal_because("read a stored price", error))?,
        lines,
        subtotal_minor: stored.subtotal,
        tax_bp: stored.tax_bp,
        tax_minor: stored.tax,
        total_minor: stored.total,
    })
}
