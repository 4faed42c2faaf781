//! The tests of the tests: guards are taken away, one wrong thing at a time, and the simulator must
//! miss each within some hundred seeds. The numbers are those of the design's list of mutants.

use vacancy_domain::guards::{self, Guard};
use vacancy_store::faults::Fault;
use vacancy_store::testing::races::Wall;

use crate::runs;
use crate::world::Plan;

/// Each mutant must be caught within so many seeds.
pub const SEEDS_MAX: u64 = 500;

/// One wrong thing.
#[derive(Debug, Clone, Copy)]
pub struct Mutant {
    pub number: u8,
    pub what: &'static str,
    pub guards: &'static [Guard],
    /// Walls of the database that would stop it before anybody sees it.
    pub walls: &'static [Wall],
}

const fn mutant(number: u8, what: &'static str, guards: &'static [Guard]) -> Mutant {
    Mutant { number, what, guards, walls: &[] }
}

pub const MUTANTS: [Mutant; 36] = [
    Mutant {
        number: 1,
        what: "no capacity check",
        guards: &[Guard::Capacity],
        walls: &[Wall::CellCheck],
    },
    Mutant {
        number: 2,
        what: "check before lock",
        guards: &[Guard::DecideBehindLocks, Guard::CellVersion],
        walls: &[Wall::CellCheck],
    },
    mutant(3, "unsorted locks", &[Guard::LockOrder]),
    mutant(4, "reply before commit", &[Guard::AnswerAfterCommit]),
    mutant(5, "unknown taken as failure", &[Guard::UnknownCommit]),
    mutant(6, "unknown taken as success", &[Guard::UnknownIsNoYes]),
    mutant(7, "replay from a read without fence", &[Guard::ReplayFence]),
    mutant(8, "key without its owner", &[Guard::KeyOfOwner]),
    mutant(9, "key stored after the effect", &[Guard::KeyWithDeed]),
    mutant(10, "another request under a known key", &[Guard::Fingerprint]),
    mutant(11, "news of money booked each time", &[Guard::HeardOnce]),
    mutant(12, "webhook believed, nobody asked", &[Guard::FetchedTruth]),
    mutant(13, "ended payment overwritten", &[Guard::PaymentEnd]),
    mutant(14, "release before the provider is asked", &[Guard::ProviderFirst]),
    mutant(15, "refund without a key", &[Guard::RefundKey]),
    mutant(16, "news by number alone", &[Guard::NewsBelowOpen]),
    mutant(17, "effect before its claim is durable", &[Guard::ClaimBeforeDeed]),
    mutant(18, "process clock for expiry", &[Guard::StoreClock]),
    mutant(19, "UTC date for nights", &[Guard::CivilDay]),
    mutant(20, "rounding per night and again on the total", &[Guard::RoundedOnce]),
    mutant(21, "capacity cut without a matter", &[Guard::OversoldMatter]),
    mutant(23, "attempt counted after the run", &[Guard::AttemptAtClaim]),
    mutant(24, "cancel frees stock twice", &[Guard::FreedOnce]),
    mutant(25, "partial release of a stay", &[Guard::WholeHold]),
    mutant(27, "a repeat is told the price of today", &[Guard::FirstAnswer]),
    mutant(28, "a confirmation changes what was agreed", &[Guard::AgreedPrice]),
    mutant(29, "an order asked for again under a forgotten key", &[Guard::KeyForADay]),
    mutant(30, "a rest charged while an earlier attempt may pay", &[Guard::EndsFirst]),
    mutant(31, "a rest that nobody collects", &[Guard::RestCollected]),
    mutant(32, "good will charged again", &[Guard::LetOff]),
    mutant(33, "other money taken for ours", &[Guard::AskedMoney]),
    mutant(34, "an order paid twice and kept twice", &[Guard::SurplusBack]),
    mutant(35, "a refund that came back and nobody's matter", &[Guard::CameBack]),
    mutant(36, "a chargeback counted each time it moves", &[Guard::DisputeOnce]),
    mutant(37, "a dispute that nobody hears of", &[Guard::DisputeTold]),
    mutant(38, "a dispute asked for only when it is told", &[Guard::DisputeFollowed]),
];

/// How a mutant fared: the first seed that missed the guard, and by which rule.
#[derive(Debug, Clone)]
pub struct Fared {
    pub mutant: Mutant,
    pub caught: Option<(u64, &'static str, String)>,
}

/// Takes the guards of each mutant away and looks for a seed that misses them.
///
/// # Errors
/// When no store can be opened.
pub fn run(threads: usize, only: Option<u8>) -> Result<Vec<Fared>, Fault> {
    let wanted = MUTANTS.iter().filter(|mutant| only.is_none_or(|only| only == mutant.number));
    wanted.map(|mutant| fare(*mutant, threads)).collect()
}

fn fare(mutant: Mutant, threads: usize) -> Result<Fared, Fault> {
    let _off = guards::off(mutant.guards);
    let plan = |seed| Plan { walls_down: mutant.walls.to_vec(), ..Plan::of(seed) };
    let run = runs::run(1..SEEDS_MAX + 1, threads, &plan)?;
    let caught = run.broken.and_then(|(seed, ended)| {
        ended.violation.map(|(_, violation)| (seed, violation.rule, violation.told))
    });
    Ok(Fared { mutant, caught })
}
