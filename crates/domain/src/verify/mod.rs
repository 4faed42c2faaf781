//! Proof that the books are right: everything that is kept twice is computed again from the
//! ledger and compared. What is found is told and never repaired here.

pub mod cells;
pub mod holds;

use std::collections::BTreeMap;
use std::fmt;

/// Most findings that one report tells in full; all are counted.
pub const FINDINGS_TOLD_MAX: usize = 1_000;

/// What is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// A cell's held and sold units against the ledger.
    CellCounts,
    /// Lines occupy a night that has no cell.
    CellMissing,
    /// A cell's stock, limit and rules against the recorded changes of its pool.
    CellStock,
    /// A cell's oversold mark against its counts.
    CellOversold,
    /// A pool's default against its recorded changes, and their numbering.
    PoolStock,
    /// The entries of a line against the life that a line may have.
    LineChain,
    /// A hold's state against the last entries of its lines.
    HoldLines,
    /// A reservation's state against its hold's.
    ReservationHold,
    /// A reservation's lines against the open lines of its hold.
    ReservationLines,
    /// A reservation's request and code, kept for ever.
    ReservationNames,
    /// A reservation's history against its version and states.
    ReservationHistory,
    /// A reservation's money against its payments.
    ReservationMoney,
    /// A payment against its refunds, its reservation and itself.
    PaymentMoney,
    /// A payment's order at its provider, kept for ever.
    PaymentOrder,
    /// A night in a room against the line that sleeps there.
    RoomNight,
    /// Rows that belong to nothing.
    Stray,
}

impl Check {
    pub const ALL: [Check; 16] = [
        Check::CellCounts,
        Check::CellMissing,
        Check::CellStock,
        Check::CellOversold,
        Check::PoolStock,
        Check::LineChain,
        Check::HoldLines,
        Check::ReservationHold,
        Check::ReservationLines,
        Check::ReservationNames,
        Check::ReservationHistory,
        Check::ReservationMoney,
        Check::PaymentMoney,
        Check::PaymentOrder,
        Check::RoomNight,
        Check::Stray,
    ];

    /// The word in the report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Check::CellCounts => "cell_counts",
            Check::CellMissing => "cell_missing",
            Check::CellStock => "cell_stock",
            Check::CellOversold => "cell_oversold",
            Check::PoolStock => "pool_stock",
            Check::LineChain => "line_chain",
            Check::HoldLines => "hold_lines",
            Check::ReservationHold => "reservation_hold",
            Check::ReservationLines => "reservation_lines",
            Check::ReservationNames => "reservation_names",
            Check::ReservationHistory => "reservation_history",
            Check::ReservationMoney => "reservation_money",
            Check::PaymentMoney => "payment_money",
            Check::PaymentOrder => "payment_order",
            Check::RoomNight => "room_night",
            Check::Stray => "stray",
        }
    }
}

/// One thing that is not as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: Check,
    /// What it is about: `pool 0192… 2027-03-10`, `hold 0192…`.
    pub subject: String,
    /// What is, and what should be.
    pub detail: String,
}

impl Finding {
    pub fn new(check: Check, subject: impl fmt::Display, detail: impl fmt::Display) -> Finding {
        Finding { check, subject: subject.to_string(), detail: detail.to_string() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.check.word(), self.subject, self.detail)
    }
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    pub properties_count: i64,
    pub pools_count: i64,
    pub cells_count: i64,
    pub entries_count: i64,
    pub holds_count: i64,
    pub reservations_count: i64,
    pub payments_count: i64,
    pub room_nights_count: i64,
}

/// What was looked at and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    pub looked: Looked,
    /// The first of them, at most [`FINDINGS_TOLD_MAX`].
    pub findings: Vec<Finding>,
    /// All of them, told or not.
    pub findings_count: BTreeMap<Check, i64>,
}

impl Report {
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings_count.is_empty()
    }

    pub fn add(&mut self, finding: Finding) {
        *self.findings_count.entry(finding.check).or_insert(0) += 1;
        if self.findings.len() < FINDINGS_TOLD_MAX {
            self.findings.push(finding);
        }
    }

    /// Adds what another part of the store showed.
    pub fn absorb(&mut self, other: Report) {
        let (sum, more) = (&mut self.looked, other.looked);
        sum.properties_count += more.properties_count;
        sum.pools_count += more.pools_count;
        sum.cells_count += more.cells_count;
        sum.entries_count += more.entries_count;
        sum.holds_count += more.holds_count;
        sum.reservations_count += more.reservations_count;
        sum.payments_count += more.payments_count;
        sum.room_nights_count += more.room_nights_count;
        for (check, count) in other.findings_count {
            *self.findings_count.entry(check).or_insert(0) += count;
        }
        let room = FINDINGS_TOLD_MAX.saturating_sub(self.findings.len());
        self.findings.extend(other.findings.into_iter().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_findings_are_counted_and_the_first_are_told() {
        let mut whole = Report::default();
        for part in 0..3 {
            let mut report = Report::default();
            for number in 0..600 {
                report.add(Finding::new(Check::Stray, format!("row {part}.{number}"), "alone"));
            }
            whole.absorb(report);
        }
        assert_eq!(whole.findings_count[&Check::Stray], 1_800);
        assert_eq!(whole.findings.len(), FINDINGS_TOLD_MAX);
        assert_eq!(whole.findings[999].to_string(), "stray row 1.399: alone");
        assert!(!whole.is_clean() && Report::default().is_clean());
    }

    #[test]
    fn no_two_checks_share_a_word() {
        let mut words: Vec<&str> = Check::ALL.iter().map(|check| check.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Check::ALL.len());
    }
}
