//! Other people's files: places to stay, and the history of a real hotel. What reads them decides
//! row by row and plans, and must not write to the store; what carries it out goes through the same
//! use cases as everybody. No row may vanish without a named reason.

pub mod bookings;
pub mod hotels;
pub mod input;
pub mod replay;
