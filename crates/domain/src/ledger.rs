//! The ledger: the append-only truth about who has what. Every command that moves stock appends
//! one entry per line; the cells are only its sums.

use crate::ids::{HoldId, LineId, PoolId, PropertyId};
use crate::stays::Stay;

/// What happened to a line: `held → posted | released | expired`, `posted → returned`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Held,
    /// Paid or guaranteed: sold.
    Posted,
    /// Given up before it was confirmed.
    Released,
    /// Run out before it was confirmed.
    Expired,
    /// Given back after it was confirmed.
    Returned,
}

impl Kind {
    pub const ALL: [Kind; 5] =
        [Kind::Held, Kind::Posted, Kind::Released, Kind::Expired, Kind::Returned];

    /// The place of an entry in its line's life. It is part of the entry's key, so the store
    /// refuses a second entry of the same stage: a line can be freed only once.
    #[must_use]
    pub fn seq(self) -> i64 {
        match self {
            Kind::Held => 0,
            Kind::Posted | Kind::Released | Kind::Expired => 1,
            Kind::Returned => 2,
        }
    }

    /// The word in the store, the log and the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Held => "held",
            Kind::Posted => "posted",
            Kind::Released => "released",
            Kind::Expired => "expired",
            Kind::Returned => "returned",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Units of (held, sold) that one unit of a line counts for while this is its last entry.
    #[must_use]
    pub fn counts(self) -> (i64, i64) {
        match self {
            Kind::Held => (1, 0),
            Kind::Posted => (0, 1),
            Kind::Released | Kind::Expired | Kind::Returned => (0, 0),
        }
    }

    #[must_use]
    pub fn occupies(self) -> bool {
        self.counts() != (0, 0)
    }
}

/// One part of a hold: a pool, the nights and how many units. Never changed once made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub id: LineId,
    pub pool: PoolId,
    pub stay: Stay,
    pub units: i64,
}

/// One row of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub property: PropertyId,
    pub hold: HoldId,
    pub kind: Kind,
    pub line: Line,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_ends_a_line_at_one_stage_shares_its_seq() {
        assert_eq!(Kind::Released.seq(), Kind::Expired.seq());
        assert!(Kind::Posted.seq() < Kind::Returned.seq());
    }

    #[test]
    fn a_kind_survives_its_word() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
        }
    }
}
