//! A seeded world that tries to break the desk: guests and a front desk on a real in-memory
//! SQLite, a given clock, commits that fail or whose outcome nobody learns, instances that die,
//! stores that lose their tail, and an oracle that knows the rules but not the code. The same seed
//! is the same world.

pub mod crowd;
pub mod fates;
#[cfg(feature = "mutants")]
pub mod mutants;
pub mod oracle;
pub mod profile;
pub mod provider;
pub mod random;
pub mod report;
pub mod runs;
pub mod shrink;
pub mod situations;
pub mod world;
