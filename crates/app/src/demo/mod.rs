//! The demonstration that `serve --demo` fills an empty store with. Nothing here is part of booking.

pub mod data;
mod guests;
mod seasons;
pub mod seed;
