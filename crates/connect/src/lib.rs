//! TALKS TO OTHERS: whoever is reached over a network or stands in for such a one.
//!
//! Absent on purpose: the database, the rules of booking, clocks and randomness. Ids, secrets and
//! the time come as arguments; what a provider answers is handed on, and `app` decides.

pub mod http;
pub mod payments;
pub mod seal;
pub mod secret;
