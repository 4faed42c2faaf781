//! DOES: one file per use case: load, decide, apply. The desk, through which every change of stock
//! goes; jobs; imports. No SQL, no HTTP, no wire forms.

pub mod access;
pub mod businesses;
pub mod cursors;
pub mod demo;
pub mod desk;
pub mod encodings;
pub mod errors;
pub mod fields;
pub mod hotels;
pub mod ids;
pub mod import;
pub mod jobs;
pub mod locations;
pub mod rates;
pub mod reservations;
pub mod room_types;
pub mod rooms;
