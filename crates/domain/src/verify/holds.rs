//! Lines, holds and reservations against each other: each tells the same story in its own words.

use super::cells::is_possible;
use crate::holds::HoldState;
use crate::ledger::{Kind, Line};
use crate::reservations::state::StayState;

/// An entry of the ledger with the number it is stored under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    pub seq: i64,
    pub kind: Kind,
    pub line: Line,
}

/// What is wrong with the life of one line, given its entries in order. A line begins held, or
/// posted when it takes the place of a sold one.
#[must_use]
pub fn judge_chain(entries: &[Numbered]) -> Option<String> {
    let first = entries.first()?;
    if !is_possible(&first.line) {
        return Some(format!("{} units for {} nights", first.line.units, first.line.stay.nights()));
    }
    if !matches!(first.kind, Kind::Held | Kind::Posted) {
        return Some(format!("begins {}", first.kind.word()));
    }
    if let Some(entry) = entries.iter().find(|entry| entry.seq != entry.kind.seq()) {
        return Some(format!("{} stands as entry {}", entry.kind.word(), entry.seq));
    }
    if entries.iter().any(|entry| entry.line != first.line) {
        return Some("its entries differ in pool, nights or units".to_owned());
    }
    let steps = entries.iter().zip(entries.iter().skip(1));
    let wrong = steps.filter(|(before, after)| !may_follow(before.kind, after.kind));
    let tell = |(before, after): (&Numbered, &Numbered)| {
        format!("{} after {}", after.kind.word(), before.kind.word())
    };
    wrong.map(tell).next()
}

fn may_follow(before: Kind, after: Kind) -> bool {
    match before {
        Kind::Held => matches!(after, Kind::Posted | Kind::Released | Kind::Expired),
        Kind::Posted => after == Kind::Returned,
        Kind::Released | Kind::Expired | Kind::Returned => false,
    }
}

/// What is wrong with a hold, given the last entry of each of its lines. Lines that were amended
/// away stay released or returned whatever became of the hold, and lines that ran out stay expired
/// when late money took the same nights again.
#[must_use]
pub fn judge_hold(state: HoldState, last: &[Kind]) -> Option<String> {
    let (needed, allowed): (&[Kind], &[Kind]) = match state {
        HoldState::Held => (&[Kind::Held], &[Kind::Held, Kind::Released]),
        HoldState::Confirmed => (
            // All nights may have been given back: who checks out on the day of arrival.
            &[Kind::Posted, Kind::Returned],
            &[Kind::Posted, Kind::Returned, Kind::Released, Kind::Expired],
        ),
        HoldState::Released => (&[Kind::Released], &[Kind::Released]),
        HoldState::Expired => (&[Kind::Expired], &[Kind::Expired, Kind::Released]),
        HoldState::Returned => {
            (&[Kind::Returned], &[Kind::Returned, Kind::Released, Kind::Expired])
        }
    };
    if let Some(kind) = last.iter().find(|kind| !allowed.contains(kind)) {
        return Some(format!("it is {} with a line that is {}", state.word(), kind.word()));
    }
    if !last.iter().any(|kind| needed.contains(kind)) {
        return Some(format!("it is {} and no line is", state.word()));
    }
    None
}

/// The state of the hold that a reservation in this state must have.
#[must_use]
pub fn hold_state_of(stay: StayState) -> HoldState {
    match stay {
        StayState::Held | StayState::Releasing => HoldState::Held,
        StayState::Confirmed | StayState::CheckedIn | StayState::Completed => HoldState::Confirmed,
        StayState::Released => HoldState::Released,
        StayState::Expired => HoldState::Expired,
        StayState::Canceled | StayState::NoShow => HoldState::Returned,
    }
}

/// What is wrong with the lines that a reservation tells, given the open lines of its hold. A
/// stay that ended tells what was agreed; a completed one may have been shorter.
#[must_use]
pub fn judge_reserved(stay: StayState, told: &[Line], open: &[Line]) -> Option<String> {
    match stay {
        StayState::Held | StayState::Releasing | StayState::Confirmed | StayState::CheckedIn => {
            let same = told.len() == open.len() && told.iter().all(|line| open.contains(line));
            (!same).then(|| format!("tells {} lines, {} others are open", told.len(), open.len()))
        }
        StayState::Completed => {
            let within = |line: &&Line| {
                told.iter().any(|told| {
                    told.pool == line.pool
                        && told.units == line.units
                        && told.stay.first_day == line.stay.first_day
                        && line.stay.end_day <= told.stay.end_day
                })
            };
            let beyond = open.iter().find(|line| !within(line));
            beyond.map(|line| format!("line {} is open beyond what was agreed", line.id))
        }
        StayState::Released | StayState::Expired | StayState::Canceled | StayState::NoShow => {
            let kept = open.first();
            kept.map(|line| format!("it is {} and line {} is open", stay.word(), line.id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{LineId, PoolId};
    use crate::stays::{Day, Stay};

    fn line(id: u128, end_day: i64) -> Line {
        let stay = Stay::new(Day(10), Day(end_day));
        Line { id: LineId(id), pool: PoolId(1), stay, units: 1 }
    }

    fn kinds(words: &str) -> Vec<Kind> {
        words.split_whitespace().filter_map(Kind::from_word).collect()
    }

    #[test]
    fn a_line_lives_only_forward_and_without_a_gap() {
        for (life, is_right) in [
            ("held", true),
            ("held posted", true),
            ("held released", true),
            ("held expired", true),
            ("held posted returned", true),
            ("posted", true),
            ("posted returned", true),
            ("released", false),
            ("returned", false),
            ("held returned", false),
            ("held released returned", false),
            ("posted held", false),
        ] {
            let number = |kind: Kind| Numbered { seq: kind.seq(), kind, line: line(1, 12) };
            let entries: Vec<Numbered> = kinds(life).into_iter().map(number).collect();
            assert_eq!(judge_chain(&entries).is_none(), is_right, "{life}");
        }
    }

    #[test]
    fn a_line_never_changes_and_stands_under_its_own_number() {
        let held = Numbered { seq: 0, kind: Kind::Held, line: line(1, 12) };
        let other = Numbered { seq: 1, kind: Kind::Posted, line: line(1, 13) };
        assert!(judge_chain(&[held, other]).is_some());
        assert!(judge_chain(&[Numbered { seq: 1, ..held }]).is_some());
        assert!(judge_chain(&[Numbered { line: line(1, 10), ..held }]).is_some());
    }

    #[test]
    fn a_hold_and_its_lines_say_the_same() {
        for (state, last, is_right) in [
            (HoldState::Held, "held held", true),
            (HoldState::Held, "held released", true),
            (HoldState::Held, "released", false),
            (HoldState::Held, "held posted", false),
            (HoldState::Held, "", false),
            (HoldState::Confirmed, "posted returned", true),
            (HoldState::Confirmed, "returned", true),
            (HoldState::Confirmed, "expired posted", true),
            (HoldState::Confirmed, "expired", false),
            (HoldState::Confirmed, "posted held", false),
            (HoldState::Expired, "expired released", true),
            (HoldState::Expired, "held", false),
            (HoldState::Released, "released", true),
            (HoldState::Released, "expired", false),
            (HoldState::Returned, "returned", true),
            (HoldState::Returned, "expired returned", true),
            (HoldState::Returned, "returned posted", false),
        ] {
            assert_eq!(judge_hold(state, &kinds(last)).is_none(), is_right, "{state:?} {last}");
        }
    }

    #[test]
    fn a_reservation_tells_its_open_lines() {
        let (whole, short, other) = (line(1, 12), line(2, 11), line(3, 14));
        for (stay, open, is_right) in [
            (StayState::Confirmed, vec![whole], true),
            (StayState::Confirmed, vec![], false),
            (StayState::CheckedIn, vec![short], false),
            (StayState::Held, vec![whole, short], false),
            (StayState::Completed, vec![short], true),
            (StayState::Completed, vec![], true),
            (StayState::Completed, vec![other], false),
            (StayState::Canceled, vec![], true),
            (StayState::NoShow, vec![whole], false),
        ] {
            let judged = judge_reserved(stay, &[whole], &open);
            assert_eq!(judged.is_none(), is_right, "{stay:?} {open:?}: {judged:?}");
        }
    }
}
