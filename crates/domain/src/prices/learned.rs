//! The boundary where somebody else's judgement enters a price: a factor for a night, from steps
//! of demand that the business set, or from a table that was learned elsewhere.

use crate::money::WHOLE_BP;

/// Largest factor, in basis points: ten times the price.
pub const FACTOR_BP_MAX: i64 = 100_000;
/// Most cells of a learned table.
pub const TABLE_CELLS_MAX: usize = 7 * 20 * 20;
pub const DEMAND_STEPS_MAX: usize = 20;
/// First line of a learned table.
const TABLE_HEADER: &str = "weekday,leadDaysFrom,fillBpFrom,factorBp";

/// What is known of a night when its price is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    /// 0 for a Monday.
    pub weekday: usize,
    /// Days from today to arrival.
    pub lead_days: i64,
    /// How much of the night is held or sold, in basis points.
    pub fill_bp: i64,
}

/// Whoever judges what a night is worth.
pub trait Pricer {
    /// The factor on the price so far, in basis points: 10,000 leaves it.
    fn factor_bp(&self, night: &Night) -> i64;
}

/// From this fill on, the price changes by so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemandStep {
    pub fill_bp: i64,
    /// Basis points of the price, negative for less.
    pub change_bp: i64,
}

/// Steps with rising fill: the last that is reached counts.
impl Pricer for [DemandStep] {
    fn factor_bp(&self, night: &Night) -> i64 {
        let reached = self.iter().rev().find(|step| step.fill_bp <= night.fill_bp);
        WHOLE_BP.saturating_add(reached.map_or(0, |step| step.change_bp))
    }
}

/// Factors by day of the week, days ahead and fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedTable {
    /// Where each column of lead days begins; the first begins at 0.
    lead_days: Vec<i64>,
    fill_bp: Vec<i64>,
    /// By weekday, then lead days, then fill.
    factors_bp: Vec<i64>,
}

/// Why a text is no learned table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDefect {
    /// From 1; 0 when it is about the whole.
    pub line: usize,
    pub detail: &'static str,
}

impl LearnedTable {
    /// Reads lines of `weekday,leadDaysFrom,fillBpFrom,factorBp` under that header. Weekdays run
    /// from 0 for Monday to 6. Every combination stands once; lead days and fill begin at 0.
    pub fn parse(text: &str) -> Result<LearnedTable, TableDefect> {
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, header)| header.trim()) != Some(TABLE_HEADER) {
            return Err(TableDefect { line: 1, detail: "must be the header of a learned table" });
        }
        let mut rows = Vec::new();
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let row = row(line).map_err(|detail| TableDefect { line: at + 1, detail })?;
            rows.push(row);
            if TABLE_CELLS_MAX < rows.len() {
                return Err(TableDefect { line: at + 1, detail: "is one line too many" });
            }
        }
        rows.sort_unstable();
        let starts = |column: usize| {
            let mut starts: Vec<i64> = rows.iter().map(|row| row[column]).collect();
            starts.sort_unstable();
            starts.dedup();
            starts
        };
        let (weekdays, lead_days, fill_bp) = (starts(0), starts(1), starts(2));
        let is_grid = weekdays.len() * lead_days.len() * fill_bp.len() == rows.len()
            && rows.windows(2).all(|pair| pair[0][..3] != pair[1][..3]);
        let from_zero = |starts: &[i64]| starts.first() == Some(&0);
        if weekdays.len() != 7 || !is_grid || !from_zero(&lead_days) || !from_zero(&fill_bp) {
            let detail = "must name every weekday, with the same lead days and fills from 0 on";
            return Err(TableDefect { line: 0, detail });
        }
        let factors_bp = rows.iter().map(|row| row[3]).collect();
        Ok(LearnedTable { lead_days, fill_bp, factors_bp })
    }

    /// The text that [`LearnedTable::parse`] reads.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{TABLE_HEADER}\n");
        let mut factors = self.factors_bp.iter();
        for weekday in 0..7 {
            for lead_days in &self.lead_days {
                for (fill_bp, factor_bp) in self.fill_bp.iter().zip(&mut factors) {
                    text.push_str(&format!("{weekday},{lead_days},{fill_bp},{factor_bp}\n"));
                }
            }
        }
        text
    }
}

impl Pricer for LearnedTable {
    fn factor_bp(&self, night: &Night) -> i64 {
        let column = |starts: &[i64], value: i64| {
            starts.partition_point(|start| *start <= value).saturating_sub(1)
        };
        let lead = column(&self.lead_days, night.lead_days);
        let fill = column(&self.fill_bp, night.fill_bp);
        let at = (night.weekday * self.lead_days.len() + lead) * self.fill_bp.len() + fill;
        self.factors_bp.get(at).copied().unwrap_or(WHOLE_BP)
    }
}

fn row(line: &str) -> Result<[i64; 4], &'static str> {
    let mut numbers = [0; 4];
    let mut parts = line.split(',');
    for number in &mut numbers {
        let part = parts.next().ok_or("must have four numbers")?;
        *number = part.trim().parse().map_err(|_| "must have four whole numbers")?;
    }
    let [weekday, lead_days, fill_bp, factor_bp] = numbers;
    if parts.next().is_some() {
        return Err("must have four numbers");
    }
    if !(0..7).contains(&weekday) {
        return Err("must begin with a weekday from 0 for Monday to 6");
    }
    if lead_days < 0 || !(0..=WHOLE_BP).contains(&fill_bp) {
        return Err("must have lead days from 0 and a fill from 0 to 10000");
    }
    if !(0..=FACTOR_BP_MAX).contains(&factor_bp) {
        return Err("must end with a factor from 0 to 100000");
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> String {
        let mut text = format!("{TABLE_HEADER}\n");
        for weekday in 0..7 {
            for (lead, fill, factor) in
                [(0, 0, 9_000), (0, 8_000, 12_000), (14, 0, 10_000), (14, 8_000, 11_000)]
            {
                text.push_str(&format!("{weekday},{lead},{fill},{}\n", factor + weekday));
            }
        }
        text
    }

    #[track_caller]
    fn check(pricer: &(impl Pricer + ?Sized), night: (usize, i64, i64), factor_bp: i64) {
        let (weekday, lead_days, fill_bp) = night;
        assert_eq!(pricer.factor_bp(&Night { weekday, lead_days, fill_bp }), factor_bp);
    }

    #[test]
    fn a_learned_table_gives_the_factor_of_its_cell() {
        let table = LearnedTable::parse(&grid()).expect("a table");
        check(&table, (0, 0, 0), 9_000);
        check(&table, (6, 13, 7_999), 9_006);
        check(&table, (6, 13, 8_000), 12_006);
        check(&table, (2, 400, 10_000), 11_002);
        check(&table, (2, -1, -1), 9_002);
        assert_eq!(LearnedTable::parse(&table.text()), Ok(table));
    }

    #[test]
    fn a_table_with_a_hole_or_a_wrong_number_is_refused() {
        let with = |from: &str, to: &str| LearnedTable::parse(&grid().replacen(from, to, 1));
        for (from, to, line) in [
            ("weekday,", "day,", 1),
            ("0,0,0,9000\n", "", 0),
            ("0,0,0,9000", "0,0,0,x", 2),
            ("0,0,0,9000", "7,0,0,9000", 2),
            ("0,0,0,9000", "0,0,0,9000,1", 2),
            ("0,0,0,9000", "0,0,0,-1", 2),
            ("0,0,0,9000", "0,0,8000,9000", 0),
        ] {
            assert_eq!(with(from, to).map_err(|defect| defect.line), Err(line), "{to:?}");
        }
    }

    #[test]
    fn the_highest_step_that_is_reached_counts() {
        let steps = [(5_000, 500), (8_000, 1_500)];
        let steps = steps.map(|(fill_bp, change_bp)| DemandStep { fill_bp, change_bp });
        for (fill_bp, factor_bp) in [(0, 10_000), (4_999, 10_000), (5_000, 10_500), (9_000, 11_500)]
        {
            check(steps.as_slice(), (0, 0, fill_bp), factor_bp);
        }
    }
}
