//! Prices as stored text. The agreed price is frozen into its reservation, so its form may only
//! grow: a field that is added here needs a default for the rows that came before it.

use serde::{Deserialize, Serialize};
use vacancy_domain::ids::{LineId, PoolId};
use vacancy_domain::prices::levies::Charge;
use vacancy_domain::prices::tariff::{Collected, LevyKind};
use vacancy_domain::prices::{LinePrice, NightPrice, Price, Step, Terms};
use vacancy_domain::stays::Day;

use crate::faults::Fault;
use crate::tariffs::policies::StoredCancellation;

#[derive(Serialize, Deserialize)]
struct StoredPrice {
    currency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    promo: Option<String>,
    lines: Vec<StoredLine>,
    subtotal: i64,
    /// The one flat tax of a price without a list of charges.
    tax_bp: i64,
    /// What stands on top of the subtotal.
    tax: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    charges: Option<Vec<StoredCharge>>,
    total: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancellation: Option<StoredCancellation>,
}

#[derive(Serialize, Deserialize)]
struct StoredLine {
    line: String,
    pool: String,
    units: i64,
    /// Day, amount and trace of each night.
    nights: Vec<(i64, i64, StoredTrace)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    guests: Vec<StoredStep>,
    total: i64,
}

/// Name, basis points and amount.
type StoredStep = (String, i64, i64);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredTrace {
    /// A base rate and nothing else, which is the amount of the night.
    Base(String),
    Steps(Vec<StoredStep>),
}

#[derive(Serialize, Deserialize)]
struct StoredCharge {
    name: String,
    is_fee: bool,
    bp: i64,
    amount: i64,
    /// `on_top`, `included` or `at_property`.
    collected: String,
}

/// The price as text.
#[must_use]
pub fn to_text(price: &Price) -> String {
    let step = |step: &Step| (step.name.to_string(), step.bp, step.amount_minor);
    let night = |night: &NightPrice| {
        let trace = match night.trace.as_slice() {
            [base] => StoredTrace::Base(base.name.to_string()),
            steps => StoredTrace::Steps(steps.iter().map(step).collect()),
        };
        (night.day.0, night.amount_minor, trace)
    };
    let line = |line: &LinePrice| StoredLine {
        line: line.line.to_string(),
        pool: line.pool.to_string(),
        units: line.units,
        nights: line.nights.iter().map(night).collect(),
        guests: line.guests.iter().map(step).collect(),
        total: line.total_minor,
    };
    let flat = flat_tax(price);
    let charge = |charge: &Charge| StoredCharge {
        name: charge.name.clone(),
        is_fee: charge.kind == LevyKind::Fee,
        bp: charge.bp,
        amount: charge.amount_minor,
        collected: collected_word(charge.collected).to_owned(),
    };
    let stored = StoredPrice {
        currency: price.currency.to_string(),
        plan: price.terms.plan.clone(),
        promo: price.terms.promo.clone(),
        lines: price.lines.iter().map(line).collect(),
        subtotal: price.subtotal_minor,
        tax_bp: flat.unwrap_or(0),
        tax: price.on_top_minor(),
        charges: flat.is_none().then(|| price.charges.iter().map(charge).collect()),
        total: price.total_minor,
        cancellation: price.cancellation.as_ref().map(StoredCancellation::from),
    };
    serde_json::to_string(&stored).expect("a price of plain fields has a text")
}

/// The price that the text stands for.
pub fn from_text(text: &str) -> Result<Price, Fault> {
    let stored: StoredPrice = serde_json::from_str(text)
        .map_err(|error| Fault::internal_because("read a stored price", error))?;
    let step = |(name, bp, amount_minor): StoredStep| Step { name: name.into(), bp, amount_minor };
    let night = |(day, amount_minor, trace)| NightPrice {
        day: Day(day),
        amount_minor,
        trace: match trace {
            StoredTrace::Steps(steps) => steps.into_iter().map(step).collect(),
            StoredTrace::Base(text) => {
                // Once the amount stood in the text too.
                let name = text.split(' ').next().unwrap_or(&text).into();
                vec![Step { name, bp: 0, amount_minor }]
            }
        },
    };
    let mut lines = Vec::with_capacity(stored.lines.len());
    for line in stored.lines {
        let unreadable = |_| Fault::internal("read the ids of a stored price");
        lines.push(LinePrice {
            line: line.line.parse::<LineId>().map_err(unreadable)?,
            pool: line.pool.parse::<PoolId>().map_err(unreadable)?,
            units: line.units,
            nights: line.nights.into_iter().map(night).collect(),
            guests: line.guests.into_iter().map(step).collect(),
            total_minor: line.total,
        });
    }
    let charges = match stored.charges {
        Some(charges) => charges.into_iter().map(StoredCharge::charge).collect::<Result<_, _>>()?,
        None if stored.tax_bp == 0 => Vec::new(),
        None => vec![Charge::flat_tax(stored.tax_bp, stored.tax)],
    };
    Ok(Price {
        currency: stored
            .currency
            .parse()
            .map_err(|error| Fault::internal_because("read a stored price", error))?,
        terms: Terms { plan: stored.plan, promo: stored.promo },
        lines,
        subtotal_minor: stored.subtotal,
        charges,
        total_minor: stored.total,
        cancellation: stored.cancellation.map(Into::into),
    })
}

impl StoredCharge {
    fn charge(self) -> Result<Charge, Fault> {
        let all = [Collected::OnTop, Collected::Included, Collected::AtProperty];
        let collected = all.into_iter().find(|own| collected_word(*own) == self.collected);
        Ok(Charge {
            name: self.name,
            kind: if self.is_fee { LevyKind::Fee } else { LevyKind::Tax },
            bp: self.bp,
            amount_minor: self.amount,
            collected: collected.ok_or_else(|| Fault::internal("read a stored charge"))?,
        })
    }
}

fn collected_word(collected: Collected) -> &'static str {
    match collected {
        Collected::OnTop => "on_top",
        Collected::Included => "included",
        Collected::AtProperty => "at_property",
    }
}

/// The share of the one flat tax of a hotel without taxes of its own, 0 for none; nothing when
/// there is more to tell.
fn flat_tax(price: &Price) -> Option<i64> {
    match price.charges.as_slice() {
        [] => Some(0),
        [only] if *only == Charge::flat_tax(only.bp, only.amount_minor) && only.bp != 0 => {
            Some(only.bp)
        }
        [_, ..] => None,
    }
}
