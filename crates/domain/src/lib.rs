//! DECIDES: the rules of booking as pure functions from (snapshot, command, now) to changes or a
//! refusal.
//!
//! Absent on purpose: I/O, async, clocks, randomness, wire forms, floats and hash maps. Whoever
//! calls brings the state and the time; the same input always gives the same answer.
#![deny(clippy::float_arithmetic)]

pub mod access;
pub mod availability;
pub mod cells;
pub mod codes;
pub mod crash;
pub mod deposits;
pub mod disputes;
pub mod folio;
pub mod guards;
pub mod holds;
pub mod hotels;
pub mod ids;
pub mod ledger;
pub mod money;
pub mod names;
pub mod payments;
pub mod policies;
pub mod pools;
pub mod prices;
pub mod quotes;
pub mod refusals;
pub mod reservations;
pub mod rooms;
pub mod snapshot;
pub mod stays;
pub mod verify;
pub mod zones;
