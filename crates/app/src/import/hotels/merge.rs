//! Rows that are the same house: by the list's own word, or by one name within a short walk. Says
//! which row stands for the others and fills its gaps from them. Must not judge a row's own
//! quality; that has happened.

use std::collections::BTreeMap;

use super::refused::Refused;
use super::row::{HotelRow, Parsed};
use super::{MergeReason, ParsedRow, text};

/// Two rows of one name are one house up to this distance.
pub const NEAR_METRES_MAX: i64 = 100;

/// How many rows may name each other as original in one chain.
const CHAIN_ROWS_MAX: usize = 16;

/// What comparing rows says of one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stands for itself (and may stand for others).
    Alone,
    /// The row with the index `target` stands for it.
    Into {
        target: usize,
        why: MergeReason,
    },
    Refuse(Refused),
}

/// A verdict for every row, in the order of the rows.
pub(super) fn judge(rows: &[ParsedRow]) -> Vec<Verdict> {
    let mut verdicts = judge_listed(rows);
    for (copy, original, metres) in find_near(rows, &verdicts) {
        // What was merged into the copy by the list's word goes where the copy goes.
        for verdict in &mut verdicts {
            if let Verdict::Into { target, .. } = verdict
                && *target == copy
            {
                *target = original;
            }
        }
        verdicts[copy] =
            Verdict::Into { target: original, why: MergeReason::SameNameNearby { metres } };
    }
    verdicts
}

/// A row that stands for others, with its gaps filled from them.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    pub(super) hotel: HotelRow,
    /// Each filled column and the id of the row it came from.
    pub(super) columns: Vec<(&'static str, String)>,
}

/// The rows that stand for others, by their index.
pub(super) fn fill(rows: &[ParsedRow], verdicts: &[Verdict]) -> BTreeMap<usize, Filled> {
    let mut all: BTreeMap<usize, Filled> = BTreeMap::new();
    for (row, verdict) in rows.iter().zip(verdicts) {
        let (Verdict::Into { target, .. }, Ok(copy)) = (verdict, &row.parsed) else { continue };
        let Ok(original) = &rows[*target].parsed else { continue };
        let Filled { hotel, columns } = all
            .entry(*target)
            .or_insert_with(|| Filled { hotel: original.hotel.clone(), columns: Vec::new() });
        if hotel.stars.is_none() && copy.hotel.stars.is_some() {
            hotel.stars = copy.hotel.stars;
            columns.push(("stars", row.id.clone()));
        }
        if hotel.rooms.is_none() && copy.hotel.rooms.is_some() {
            hotel.rooms = copy.hotel.rooms;
            columns.push(("rooms", row.id.clone()));
        }
        if hotel.brand.is_none() && copy.hotel.brand.is_some() {
            hotel.brand.clone_from(&copy.hotel.brand);
            columns.push(("brand", row.id.clone()));
        }
    }
    all
}

/// What the list itself says.
fn judge_listed(rows: &[ParsedRow]) -> Vec<Verdict> {
    let mut index_by_id: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        index_by_id.entry(&row.id).or_insert(at);
    }
    let find = |id: &str| index_by_id.get(id).copied();
    let judge_row = |row: &ParsedRow| {
        let parsed = match &row.parsed {
            Ok(parsed) => parsed,
            Err(why) => return Verdict::Refuse(why.clone()),
        };
        match &parsed.dup_of {
            None => Verdict::Alone,
            Some(id) => follow(rows, id, find),
        }
    };
    rows.iter().map(judge_row).collect()
}

/// Goes from original to original until one names no other.
fn follow(rows: &[ParsedRow], first: &str, find: impl Fn(&str) -> Option<usize>) -> Verdict {
    let mut id = first.to_owned();
    for _ in 0..CHAIN_ROWS_MAX {
        let Some(target) = find(&id) else {
            return Verdict::Refuse(Refused::DuplicateOfUnknown { id });
        };
        match &rows[target].parsed {
            Err(_) => return Verdict::Refuse(Refused::DuplicateOfRefused { id }),
            Ok(Parsed { dup_of: Some(next), .. }) => id.clone_from(next),
            Ok(Parsed { dup_of: None, .. }) => {
                return Verdict::Into { target, why: MergeReason::Listed };
            }
        }
    }
    Verdict::Refuse(Refused::DuplicateInACircle { id: first.to_owned() })
}

/// Pairs (copy, original, metres) among the rows that still stand alone. Of one house the row that
/// knows most is the original: rooms first, then stars, then brand, then the earlier row.
fn find_near(rows: &[ParsedRow], verdicts: &[Verdict]) -> Vec<(usize, usize, i64)> {
    let mut same_name: BTreeMap<(&str, String), Vec<(usize, &HotelRow)>> = BTreeMap::new();
    for (at, (row, verdict)) in rows.iter().zip(verdicts).enumerate() {
        if let (Ok(parsed), Verdict::Alone) = (&row.parsed, verdict) {
            let key = (parsed.hotel.country.as_str(), text::name_key(&parsed.hotel.name));
            same_name.entry(key).or_default().push((at, &parsed.hotel));
        }
    }
    let mut pairs = Vec::new();
    for group in same_name.values_mut() {
        group.sort_by_key(|(at, hotel)| {
            (hotel.rooms.is_none(), hotel.stars.is_none(), hotel.brand.is_none(), *at)
        });
        let mut originals: Vec<(usize, &HotelRow)> = Vec::new();
        for (at, hotel) in group.iter().copied() {
            let nearest = originals
                .iter()
                .map(|(original, other)| (metres_between(hotel, other), *original))
                .filter(|(metres, _)| *metres <= NEAR_METRES_MAX)
                .min();
            match nearest {
                Some((metres, original)) => pairs.push((at, original, metres)),
                None => originals.push((at, hotel)),
            }
        }
    }
    pairs
}

/// Metres on a flat map, good enough for a walk: a degree of latitude is 111.2 km. Anything beyond
/// a few kilometres is only "far".
fn metres_between(left: &HotelRow, right: &HotelRow) -> i64 {
    const DEGREE_KM_TENTHS: i64 = 1112;
    const FAR_E6: i64 = 50_000;
    let north_e6 = (left.lat_e6 - right.lat_e6).abs();
    let around_e6 = (left.lon_e6 - right.lon_e6).abs();
    let east_e6 = around_e6.min(360_000_000 - around_e6);
    if FAR_E6 < north_e6 || 1_000_000 < east_e6 {
        return i64::MAX;
    }
    let east_mm = east_e6 * shrink_bp(left.lat_e6) * DEGREE_KM_TENTHS / 100_000;
    let north_mm = north_e6 * DEGREE_KM_TENTHS / 10;
    (north_mm * north_mm + east_mm * east_mm).isqrt() / 1000
}

/// The cosine of a latitude in basis points: how much shorter a degree of longitude is there.
fn shrink_bp(lat_e6: i64) -> i64 {
    /// Cosine × 10,000 at 0°, 5° … 90°; straight lines between them err by 0.1 %.
    const COSINE_BP: [i64; 19] = [
        10_000, 9962, 9848, 9659, 9397, 9063, 8660, 8192, 7660, 7071, 6428, 5736, 5000, 4226, 3420,
        2588, 1736, 872, 0,
    ];
    let lat_e6 = lat_e6.abs().min(90_000_000);
    let step = lat_e6 / 5_000_000;
    let within_e6 = lat_e6 % 5_000_000;
    let at = |step: i64| {
        usize::try_from(step).ok().and_then(|step| COSINE_BP.get(step)).copied().unwrap_or(0)
    };
    at(step) + (at(step + 1) - at(step)) * within_e6 / 5_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_right_within_a_metre_at_every_latitude() {
        let at = |lat_e6, lon_e6| HotelRow {
            id: String::new(),
            name: String::new(),
            lat_e6,
            lon_e6,
            city: String::new(),
            location_id: String::new(),
            country: String::new(),
            currency: vacancy_domain::money::Currency::EUR,
            time_zone: String::new(),
            stars: None,
            rooms: None,
            brand: None,
            kind: String::new(),
            source: String::new(),
            licence: String::new(),
            as_of: String::new(),
        };
        // Great-circle metres, computed elsewhere and rounded down.
        for (left, right, metres) in [
            (at(0, 0), at(900, 0), 100),
            (at(48_850_000, 2_350_000), at(48_850_000, 2_351_000), 73),
            (at(35_900_000, 14_500_000), at(35_900_500, 14_500_500), 71),
            (at(0, 179_999_800), at(0, -179_999_800), 44),
            (at(48_850_000, 2_350_000), at(41_380_000, 2_170_000), i64::MAX),
        ] {
            assert_eq!(metres_between(&left, &right), metres);
        }
    }
}
