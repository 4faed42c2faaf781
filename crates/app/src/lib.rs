//! See Cargo.toml.

pub mod import;
