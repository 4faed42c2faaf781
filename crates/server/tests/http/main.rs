//! Goal: the front door keeps its promises whatever comes through it.
//! Method: the whole router in process, with the layers and the database of the product; a real
//! listener and the real binary where connections or signals matter.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bodies;
mod document;
mod doors;
mod drain;
mod every_field;
mod input;
mod life;
mod operate;
mod schemas;
mod support;
