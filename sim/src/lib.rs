//! A seeded world that tries to break the desk: guests and a front desk on a real in-memory
//! SQLite, a given clock, commits that fail or whose outcome nobody learns, instances that die,
//! and an oracle that knows the rules but not the code. The same seed is the same world.

pub mod crowd;
pub mod oracle;
pub mod random;
pub mod world;
