//! Reading other people's files: places to stay, and the history of a real hotel. What is here
//! decides row by row and plans; it must not write to the store, and no row may vanish without a
//! named reason.

pub mod bookings;
pub mod hotels;
pub mod input;
