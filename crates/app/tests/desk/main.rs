//! Goal: the desk never sells a night twice, answers each order once, and survives whatever its
//! orders bring. Method: real stores of both engines, orders through [`Hotel`].
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod hotel;
mod orders;
