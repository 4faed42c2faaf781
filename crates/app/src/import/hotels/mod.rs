//! Lists of real places to stay: reads the file and decides the fate of every row: take it, merge
//! it into another, or refuse it with a reason. Deciding must not write to the store: [`create`]
//! takes [`Decision::taken`] and reports back for the result file ([`fates`]).
//!
//! What the list of 3,175 places in Paris, Barcelona, Malta, Andorra and Liechtenstein holds (three
//! sources of 2013 to 2026), as found by looking, and what is done about it:
//!
//! - 626 rows name another row in `dup_of`, none in a chain or a circle: merged. 86 of them know a
//!   brand that the original lacks; unknown stars, rooms and brand are filled from the merged row.
//!   63 disagree on stars and 28 on rooms: the original's word counts.
//! - Some houses stand twice with no `dup_of` (a point and an outline of one map, 6 to 75 m apart):
//!   the same name within [`NEAR_METRES_MAX`] is merged. Chains such as Ibis share names much
//!   farther apart and stay.
//! - 1,864 rows have no room count: a profile with nothing to sell. The largest has 1,023 rooms.
//! - 924 rows have no stars, 3,014 no brand. `capacity` (guests) reaches 6,129 for 1,023 rooms and
//!   is not read.
//! - One name is `1` (refused: no letter), one ends in `*Temporalment tancat` (refused: closed), one
//!   has `""` for `"` (repaired). Capitals stay: `HÔTEL DU THÉÂTRE` is a spelling, and no mojibake.
//!   White space, UTF-8, coordinates, countries and time zones are clean in this file; other files
//!   are not trusted to be.
//! - 292 cities are the nearest known one. Cities vary in spelling (`la Massana`, `La Massana`;
//!   `St. Julians`, `St. Julian's`): the folded form is the place, its most frequent spelling the
//!   name. `Vallettaa` or `Paris 8eme Arrondissement` are not guessed at.

pub mod create;
pub mod currency;
pub mod fates;
mod merge;
pub mod rates;
pub mod refused;
pub mod row;
pub mod text;

use std::collections::BTreeMap;
use std::path::Path;

use crate::import::input::{self, ImportFault, Row};
use merge::{Filled, Verdict};
use refused::Refused;
use row::{HotelRow, Parsed};
use text::Repair;

pub use merge::NEAR_METRES_MAX;

/// What becomes of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Take(Box<Take>),
    Merge { into: String, why: MergeReason },
    Refuse { why: Refused },
}

/// A hotel to create, and what was done to its row on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    pub hotel: HotelRow,
    pub repairs: Vec<Repair>,
    /// Columns that were empty here and came from the row with this id.
    pub filled: Vec<(&'static str, String)>,
}

/// Why two rows are one house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeReason {
    /// The list says so in `dup_of`.
    Listed,
    SameNameNearby {
        metres: i64,
    },
}

/// One row of the result file, before anything is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFate {
    pub line: u64,
    /// Empty when the row has none that can be read.
    pub id: String,
    pub fate: Fate,
}

/// A city with at least one hotel of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub location_id: String,
    pub name: String,
    pub country: String,
}

/// The whole list, decided: every row has exactly one fate, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// In the order of their ids.
    pub places: Vec<Place>,
    pub rows: Vec<RowFate>,
}

impl Decision {
    /// The hotels to create, in the order of the file.
    pub fn taken(&self) -> impl Iterator<Item = &HotelRow> {
        self.rows.iter().filter_map(|row| match &row.fate {
            Fate::Take(take) => Some(&take.hotel),
            Fate::Merge { .. } | Fate::Refuse { .. } => None,
        })
    }
}

/// Reads and decides the list at `path`.
pub fn read(path: &Path) -> Result<Decision, ImportFault> {
    Ok(decide(&input::read(path, &row::COLUMNS)?))
}

/// Decides rows whose fields stand in the order of [`row::COLUMNS`].
#[must_use]
pub fn decide(rows: &[Row]) -> Decision {
    let parsed = parse_all(rows);
    let verdicts = merge::judge(&parsed);
    let mut filled = merge::fill(&parsed, &verdicts);
    let mut fates = Vec::with_capacity(parsed.len());
    for (at, (row, verdict)) in parsed.iter().zip(verdicts).enumerate() {
        let fate = match (verdict, &row.parsed) {
            (Verdict::Alone, Ok(own)) => {
                let Filled { hotel, columns } = filled
                    .remove(&at)
                    .unwrap_or_else(|| Filled { hotel: own.hotel.clone(), columns: Vec::new() });
                let repairs = own.repairs.clone();
                Fate::Take(Box::new(Take { hotel, repairs, filled: columns }))
            }
            (Verdict::Into { target, why }, _) => {
                Fate::Merge { into: parsed[target].id.clone(), why }
            }
            (Verdict::Refuse(why), _) => Fate::Refuse { why },
            (Verdict::Alone, Err(why)) => Fate::Refuse { why: why.clone() },
        };
        fates.push(RowFate { line: row.line, id: row.id.clone(), fate });
    }
    Decision { places: find_places(&fates), rows: fates }
}

struct ParsedRow {
    line: u64,
    id: String,
    parsed: Result<Parsed, Refused>,
}

/// Every row by itself, and the second row of one id refused.
fn parse_all(rows: &[Row]) -> Vec<ParsedRow> {
    let mut line_by_id: BTreeMap<String, u64> = BTreeMap::new();
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let line = row.line;
        let fields = match &row.fields {
            Ok(fields) => fields,
            Err(fault) => {
                let parsed = Err(Refused::Unreadable(fault.clone()));
                all.push(ParsedRow { line, id: String::new(), parsed });
                continue;
            }
        };
        let id = fields.first().map(|id| text::clean(id).0).unwrap_or_default();
        let mut parsed = row::parse(fields);
        if let Some(first) = line_by_id.get(&id) {
            parsed = Err(Refused::IdRepeated { line: *first });
        } else if !id.is_empty() {
            line_by_id.insert(id.clone(), line);
        }
        all.push(ParsedRow { line, id, parsed });
    }
    all
}

/// Each place once, under its most frequent spelling; of equally frequent ones the one
/// that came to it first.
fn find_places(rows: &[RowFate]) -> Vec<Place> {
    let mut spellings: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    for row in rows {
        let Fate::Take(take) = &row.fate else { continue };
        let HotelRow { location_id, city, country, .. } = &take.hotel;
        let counts = spellings.entry(location_id).or_default();
        let count = counts.entry(city).or_default();
        *count += 1;
        let count = *count;
        let place = places.entry(location_id).or_insert_with(|| Place {
            location_id: location_id.clone(),
            name: city.clone(),
            country: country.clone(),
        });
        if counts.get(place.name.as_str()).is_none_or(|best| *best < count) {
            place.name.clone_from(city);
        }
    }
    places.into_values().collect()
}

#[cfg(test)]
mod tests;
