//! DOES: one file per use case: load, decide, apply. The desk, through which every change of stock
//! goes; jobs; imports. No SQL, no HTTP, no wire forms.

pub mod access;
pub mod demo;
pub mod desk;
pub mod encodings;
pub mod errors;
pub mod fields;
pub mod ids;
pub mod import;
pub mod jobs;
pub mod reservations;
