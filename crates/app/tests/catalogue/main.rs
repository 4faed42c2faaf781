//! Goal: a business can set itself up, strangers cannot touch it, and guests find what they can
//! book. Method: the use cases on a fresh store of each engine, with a clock that stands still.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod finding;
mod free;
mod hotels;
mod kept;
mod offers;
mod room_types;
mod town;
