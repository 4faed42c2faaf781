//! Goal: booking, paying, holding and running the day work through the front door as the contract
//! says, and say no as it says.
//! Method: the whole router in process on a hotel of its own, with a clock that the test turns; the
//! main paths on both engines.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod account_disputes;
mod accounts;
mod bad_fields;
mod book;
mod catalogue_access;
mod catalogue_bad;
mod catalogue_contract;
mod catalogue_find;
mod catalogue_run;
mod changes;
mod comparing;
mod comparing_apart;
mod contract;
mod crowd;
mod deposits;
mod disputes;
mod every_route;
mod front_desk;
mod holds;
mod house;
mod inbox;
mod inventory;
mod journey;
mod keys_refused;
mod lists;
mod paying;
mod paying_wrong;
mod payments;
mod policies;
mod quotes;
mod refunds;
mod rights;
#[expect(dead_code, reason = "the tests of the providers themselves use more of it")]
#[path = "../../../connect/tests/payments/stand_in/mod.rs"]
mod stand_in;
mod tariffs;
mod test_mode;
mod unbooked_disputes;
mod vendors;
