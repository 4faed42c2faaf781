//! Goal: every answer of the payment providers. Method: each file states its own; `support` makes
//! requests. Time and ids are arguments, so every run is the same.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod books;
mod contract;
mod disputes;
mod listing;
mod outcomes;
mod page;
mod razorpay;
mod razorpay_bodies;
mod stand_in;
mod stripe;
mod stripe_again;
mod stripe_refunds;
mod stripe_spec;
mod support;
mod webhooks;
