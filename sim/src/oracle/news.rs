//! I12: what must be told is written with what it tells, and everybody who follows hears all of it.
//! Per reservation the news are numbered 1, 2, 3 … without a gap; the news of a night say how it
//! stands.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;
use vacancy_store::testing::journal::Changes;

use super::stock::{Night, Stock};
use super::{Checked, Violation, check};

/// What the last news of a night said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said {
    version: i64,
    limit: i64,
    free: i64,
}

#[derive(Debug, Clone, Default)]
pub struct News {
    written: BTreeSet<i64>,
    /// By the follower, who may be quicker than we.
    heard: BTreeSet<i64>,
    /// The last number of each reservation's news.
    numbers: BTreeMap<Uuid, i64>,
    nights: BTreeMap<Night, Said>,
}

impl News {
    pub fn judge(&mut self, changes: &Changes, stock: &Stock) -> Checked {
        for (_, id, body) in &changes.events {
            self.written.insert(*id);
            self.read(body).ok_or_else(|| Violation {
                rule: "I12",
                told: format!("news {id} cannot be read: {body}"),
            })??;
        }
        for (id, _, _, _, _, version) in &changes.reservations {
            let number = self.numbers.get(id).copied().unwrap_or(0);
            check("I12", number == *version, || {
                format!("reservation {id} has version {version} and {number} news")
            })?;
        }
        for (pool, day, ..) in &changes.cells {
            let Some(cell) = stock.cell(&(*pool, *day)) else { continue };
            let (limit, free) = (cell.limit, cell.limit - cell.held - cell.sold);
            let said = self.nights.get(&(*pool, *day));
            let is_told = match said {
                Some(said) => (said.limit, said.free) == (limit, free),
                // Made, and not yet touched by an order.
                None => cell.held == 0 && cell.sold == 0,
            };
            check("I12", is_told, || {
                format!("night {pool} {day} has {free} of {limit}, its news say {said:?}")
            })?;
        }
        Ok(())
    }

    fn read(&mut self, body: &str) -> Option<Checked> {
        let body: Value = serde_json::from_str(body).ok()?;
        for cell in body["cells"].as_array()? {
            let night = (uuid(&cell["pool"])?, cell["day"].as_i64()?);
            let version = cell["version"].as_i64()?;
            let said =
                Said { version, limit: cell["limit"].as_i64()?, free: cell["free"].as_i64()? };
            let before = self.nights.insert(night, said).map_or(0, |before| before.version);
            if version <= before {
                let told = format!("night {night:?} has news {version} behind {before}");
                return Some(Err(Violation { rule: "I12", told }));
            }
        }
        for happened in body["events"].as_array()? {
            let (id, number) = (uuid(&happened["id"])?, happened["seq"].as_i64()?);
            if number == 0 {
                continue;
            }
            let last = self.numbers.insert(id, number).unwrap_or(0);
            if number != last + 1 {
                let told = format!("reservation {id} has news {number} behind {last}");
                return Some(Err(Violation { rule: "I12", told }));
            }
        }
        Some(Ok(()))
    }

    /// The follower heard this one.
    pub fn heard(&mut self, id: i64) {
        self.heard.insert(id);
    }

    pub fn at_rest(&self) -> Checked {
        let unheard = self.written.difference(&self.heard).next();
        check("I12", unheard.is_none(), || format!("news that no follower heard: {unheard:?}"))
    }
}

fn uuid(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| text.parse().ok())
}
