//! I1 ledger, I2 ceiling, I3 all or nothing, I5 no undersell. The ledger is read once, entry by
//! entry; a night is judged when something of it was written.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vacancy_store::testing::journal::{Changes, EntryRow, HoldRow};

use super::{Checked, Step, Violation, check};

/// One wish of a step: pool, nights, units, and whether it was told "sold out".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub pool: Uuid,
    pub first_day: i64,
    pub end_day: i64,
    pub units: i64,
    pub was_sold_out: bool,
}

/// A night of a pool.
pub type Night = (Uuid, i64);

/// What the store says of a night.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    pub limit: i64,
    pub held: i64,
    pub sold: i64,
    pub is_oversold: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Stock {
    cells: BTreeMap<Night, Cell>,
    /// The last entry of each line.
    lines: BTreeMap<Uuid, EntryRow>,
    lines_of: BTreeMap<Uuid, BTreeSet<Uuid>>,
    /// What the lines of a night hold and have sold.
    sums: BTreeMap<Night, (i64, i64)>,
    /// Nights of which somebody was told that they are oversold, as `pool day`.
    matters: BTreeSet<String>,
    pub oversold_count: u64,
    pub healed_count: u64,
}

impl Stock {
    #[must_use]
    pub fn cell(&self, night: &Night) -> Option<&Cell> {
        self.cells.get(night)
    }

    pub fn judge(
        &mut self,
        changes: &Changes,
        holds: &BTreeMap<Uuid, HoldRow>,
        stock_set: &BTreeSet<Uuid>,
    ) -> Checked {
        let mut nights: BTreeSet<Night> = BTreeSet::new();
        let mut touched: BTreeSet<Uuid> = changes.holds.iter().map(|hold| hold.0).collect();
        for entry in &changes.entries {
            touched.insert(entry.0);
            self.enter(entry, &mut nights)?;
        }
        let oversold = changes.matters.iter().filter(|matter| matter.0 == "oversold");
        self.matters.extend(oversold.map(|matter| matter.1.clone()));
        for (pool, day, limit, held, sold, is_oversold) in &changes.cells {
            let (limit, held, sold, is_oversold) = (*limit, *held, *sold, *is_oversold);
            let night = (*pool, *day);
            let cell = Cell { limit, held, sold, is_oversold };
            let before = self.cells.insert(night, cell);
            self.ceiling(night, before, cell, stock_set.contains(pool))?;
            nights.insert(night);
        }
        for night in nights {
            let sum = self.sums.get(&night).copied().unwrap_or_default();
            let cell = self.cells.get(&night).copied().unwrap_or_default();
            check("I1", sum == (cell.held, cell.sold), || {
                format!("night {night:?} has {}+{}, its lines {sum:?}", cell.held, cell.sold)
            })?;
        }
        touched.into_iter().try_for_each(|hold| self.all_or_nothing(hold, holds))
    }

    /// One entry of the ledger takes the place of the last one of its line.
    fn enter(&mut self, entry: &EntryRow, nights: &mut BTreeSet<Night>) -> Checked {
        let (hold, line, seq, ..) = entry;
        if let Some(last) = self.lines.get(line).cloned() {
            check("I1", last.2 < *seq, || format!("line {line} has {seq} behind {}", last.2))?;
            self.add(&last, -1, nights)?;
        }
        self.add(entry, 1, nights)?;
        self.lines_of.entry(*hold).or_default().insert(*line);
        self.lines.insert(*line, entry.clone());
        Ok(())
    }

    fn add(&mut self, entry: &EntryRow, sign: i64, nights: &mut BTreeSet<Night>) -> Checked {
        let (_, line, _, kind, pool, first_day, length, units) = entry;
        let (held, sold) = match kind.as_str() {
            "held" => (*units, 0),
            "posted" => (0, *units),
            "released" | "expired" | "returned" => (0, 0),
            other => {
                return Err(Violation { rule: "I1", told: format!("line {line} is {other}") });
            }
        };
        for day in *first_day..first_day + length {
            let sum = self.sums.entry((*pool, day)).or_default();
            sum.0 += sign * held;
            sum.1 += sign * sold;
            nights.insert((*pool, day));
        }
        Ok(())
    }

    /// I2: only a cut of the stock leaves more gone than there is, and then somebody knows.
    fn ceiling(&mut self, night: Night, before: Option<Cell>, now: Cell, was_set: bool) -> Checked {
        let gone = now.held + now.sold;
        check("I2", gone <= now.limit || now.is_oversold, || {
            format!("night {night:?} has {gone} of {}", now.limit)
        })?;
        check("I2", now.limit < gone || !now.is_oversold, || {
            format!("night {night:?} is marked oversold with {gone} of {}", now.limit)
        })?;
        let was = before.unwrap_or_default();
        self.healed_count += u64::from(was.is_oversold && !now.is_oversold);
        if !now.is_oversold {
            return Ok(());
        }
        self.oversold_count += u64::from(!was.is_oversold);
        let was_cut = was_set || before.is_none_or(|before| now.limit < before.limit);
        check("I2", was_cut || gone <= was.held + was.sold, || {
            format!("night {night:?} was sold from {}+{} to {gone}", was.held, was.sold)
        })?;
        let matter = format!("{} {}", night.0, date(night.1));
        check("I2", self.matters.contains(&matter), || {
            format!("night {matter} is oversold, and it is nobody's matter")
        })
    }

    /// I3: the lines of a hold are all at the stage that its state says, or there are none.
    fn all_or_nothing(&self, hold: Uuid, holds: &BTreeMap<Uuid, HoldRow>) -> Checked {
        let state = holds.get(&hold).map_or("missing", |hold| hold.1.as_str());
        for line in self.lines_of.get(&hold).into_iter().flatten() {
            let kind = self.lines[line].3.as_str();
            let fits = match state {
                "held" => matches!(kind, "held" | "released"),
                // Who paid late took the nights again: the first lines ended before.
                "confirmed" | "returned" => matches!(kind, "posted" | "returned" | "expired"),
                "released" => kind == "released",
                "expired" => matches!(kind, "expired" | "released"),
                _ => false,
            };
            check("I3", fits && (state != "returned" || kind != "posted"), || {
                format!("line {line} is {kind} while its hold {hold} is {state}")
            })?;
        }
        Ok(())
    }

    /// I5: nobody is told "sold out" while there is enough, even if everybody else of the step had
    /// taken what they asked first. Asked before the step's rows are read: what was free then.
    pub fn no_undersell(&self, step: &Step) -> Checked {
        for (at, wish) in step.asked.iter().enumerate().filter(|(_, wish)| wish.was_sold_out) {
            let is_free = |day: i64| {
                let default = step.defaults.get(&wish.pool).copied().unwrap_or(0);
                let cell = self.cells.get(&(wish.pool, day));
                let free = cell.map_or(default, |cell| cell.limit - cell.held - cell.sold);
                let others: i64 = step
                    .asked
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != at)
                    .map(|(_, other)| other)
                    .filter(|other| other.pool == wish.pool)
                    .filter(|other| other.first_day <= day && day < other.end_day)
                    .map(|other| other.units)
                    .sum();
                wish.units <= free - others
            };
            let is_false = (wish.first_day..wish.end_day).all(is_free);
            check("I5", !is_false, || format!("told sold out while there was enough: {wish:?}"))?;
        }
        Ok(())
    }
}

/// `2027-03-10` of days since 1970. Source: Howard Hinnant, "chrono-compatible low-level date
/// algorithms".
fn date(day: i64) -> String {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: Uuid = Uuid::from_u128(1);
    const HOLD: Uuid = Uuid::from_u128(2);

    /// A hold of one line on day 10, and the night as the store has it: limit, held, sold, mark.
    fn judged(hold: &str, kind: &str, cell: (i64, i64, i64, bool)) -> Result<(), &'static str> {
        let (limit, held, sold, is_oversold) = cell;
        let row = (HOLD, hold.to_owned(), 0, 0, 1);
        let changes = Changes {
            cells: vec![(POOL, 10, limit, held, sold, is_oversold)],
            entries: vec![(HOLD, Uuid::nil(), 1, kind.to_owned(), POOL, 10, 1, 2)],
            holds: vec![row.clone()],
            ..Changes::default()
        };
        let judged =
            Stock::default().judge(&changes, &BTreeMap::from([(HOLD, row)]), &BTreeSet::new());
        judged.map_err(|violation| violation.rule)
    }

    #[test]
    fn a_night_is_what_its_lines_say_and_within_its_limit() {
        assert_eq!(judged("held", "held", (3, 2, 0, false)), Ok(()));
        assert_eq!(judged("held", "held", (3, 1, 0, false)), Err("I1"));
        assert_eq!(judged("confirmed", "posted", (3, 2, 0, false)), Err("I1"));
        assert_eq!(judged("held", "held", (1, 2, 0, false)), Err("I2"));
        assert_eq!(judged("held", "held", (3, 2, 0, true)), Err("I2"));
        assert_eq!(judged("held", "held", (1, 2, 0, true)), Err("I2"), "and nobody knows");
        assert_eq!(judged("released", "held", (3, 2, 0, false)), Err("I3"));
    }

    #[test]
    fn sold_out_is_a_lie_while_there_is_enough() {
        let asked = |units, was_sold_out| Asked {
            pool: POOL,
            first_day: 10,
            end_day: 11,
            units,
            was_sold_out,
        };
        let rule = |asked: Vec<Asked>| {
            let defaults = BTreeMap::from([(POOL, 3)]);
            let step = Step { asked, defaults, ..Step::default() };
            Stock::default().no_undersell(&step).map_err(|violation| violation.rule)
        };
        assert_eq!(rule(vec![asked(3, true)]), Err("I5"));
        assert_eq!(rule(vec![asked(4, true)]), Ok(()));
        assert_eq!(rule(vec![asked(3, true), asked(1, false)]), Ok(()));
    }

    #[test]
    fn a_day_has_its_date() {
        for (day, text) in [(0, "1970-01-01"), (20_819, "2027-01-01"), (19_782, "2024-02-29")] {
            assert_eq!(date(day), text);
        }
    }
}
