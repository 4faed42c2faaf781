//! The rules of booking, as a reader of the contract would check them.
//!
//! Goal: every answer that `domain` can give, and that no order of commands breaks the counts.
//! Method: small worlds written as text, orders written as text, answers compared as text. After
//! every order `world::World::apply` recounts the cells from the ledger, so each table is also a
//! test of the books.
#![expect(clippy::unwrap_used, reason = "a test may stop where its own text is wrong")]

mod amend;
mod disputes;
mod extremes;
mod fuzz;
mod holds;
mod late_money;
mod money;
mod orders;
mod pools;
mod prices;
mod properties;
mod refusals;
mod reservations;
mod rooms;
mod words;
mod world;
