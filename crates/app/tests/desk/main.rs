//! Goal: the desk never sells a night twice, answers each order once, and survives whatever its
//! orders bring. Method: real stores of both engines, orders through [`Hotel`], and the books
//! verified at the end of each test.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod books;
mod contention;
mod disputes;
mod hotel;
mod money;
#[cfg(feature = "mutants")]
mod mutants;
mod orders;
mod queueing;
mod runs;
mod stays;
mod stock;
mod trouble;
