//! Promised prices as rows.

use serde::{Deserialize, Serialize};
use vacancy_domain::ids::{PropertyId, QuoteId};
use vacancy_domain::prices::Terms;
use vacancy_domain::prices::guests::Guests;
use vacancy_domain::quotes::{QUOTE_KEPT_MS, Quote, QuoteLine};
use vacancy_domain::stays::{Day, Stay};

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::prices;
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

const INSERT: Sql = Sql::new(
    "INSERT INTO quote (id, property, first_day, end_day, ask, price, terms_digest, expires_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);
const BY_ID: Sql = Sql::new(
    "SELECT id, property, first_day, end_day, ask, price, terms_digest, expires_at_ms \
     FROM quote WHERE id = $1",
);
const PURGE: Sql = Sql::new(
    "DELETE FROM quote WHERE id IN (SELECT id FROM quote WHERE expires_at_ms < $1 \
     ORDER BY expires_at_ms LIMIT $2)",
);

/// What was asked. Its form may only grow.
#[derive(Serialize, Deserialize)]
struct StoredAsk {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    promo: Option<String>,
    /// Room type, units, adults and ages of children.
    lines: Vec<(String, i64, i64, Vec<i64>)>,
}

struct QuoteRow(Quote);

impl FromRow for QuoteRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        let (id, property) = (QuoteId(columns.id()?), PropertyId(columns.id()?));
        let stay = Stay::new(Day(columns.get()?), Day(columns.get()?));
        let (ask, price): (String, String) = (columns.get()?, columns.get()?);
        let ask: StoredAsk = serde_json::from_str(&ask)
            .map_err(|error| Fault::internal_because("read a stored quote", error))?;
        let line = |(room_type, units, adults, children)| QuoteLine {
            room_type,
            units,
            guests: Guests { adults, children },
        };
        Ok(QuoteRow(Quote {
            id,
            property,
            stay,
            lines: ask.lines.into_iter().map(line).collect(),
            terms: Terms { plan: ask.plan, promo: ask.promo },
            price: prices::from_text(&price)?,
            terms_digest: columns.get()?,
            expires_at_ms: columns.get()?,
        }))
    }
}

/// Keeps a quote.
pub async fn insert(tx: &Tx<'_>, quote: &Quote) -> Result<(), Fault> {
    let line = |line: &QuoteLine| {
        let Guests { adults, children } = line.guests.clone();
        (line.room_type.clone(), line.units, adults, children)
    };
    let ask = StoredAsk {
        plan: quote.terms.plan.clone(),
        promo: quote.terms.promo.clone(),
        lines: quote.lines.iter().map(line).collect(),
    };
    let ask = serde_json::to_string(&ask).expect("plain fields have a text");
    let (id, property) = (uuid(quote.id.0), uuid(quote.property.0));
    let (first_day, end_day) = (quote.stay.first_day.0, quote.stay.end_day.0);
    let price = prices::to_text(&quote.price);
    let Quote { terms_digest, expires_at_ms, .. } = quote;
    tx.execute(
        &INSERT,
        &[&id, &property, &first_day, &end_day, &ask, &price, terms_digest, expires_at_ms],
    )
    .await
    .map(|_| ())
}

/// A quote that has not been forgotten.
pub async fn by_id(tx: &Tx<'_>, id: QuoteId) -> Result<Option<Quote>, Fault> {
    Ok(tx.query_opt::<QuoteRow>(&BY_ID, &[&uuid(id.0)]).await?.map(|row| row.0))
}

/// Forgets quotes that ran out long ago; gives how many.
pub async fn purge(tx: &Tx<'_>, quotes_max: i64) -> Result<u64, Fault> {
    let before_ms = tx.now_ms().await? - QUOTE_KEPT_MS;
    tx.execute(&PURGE, &[&before_ms, &quotes_max]).await
}
