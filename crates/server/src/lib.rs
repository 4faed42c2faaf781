//! FRONT DOORS: HTTP, pages, configuration and the commands of the binary. Parses at the edge,
//! calls one use case of `app`, renders its answer. No business rule and no SQL stands here.

pub mod cli;
pub mod config;
pub mod http;
pub mod logs;
pub mod metrics;
pub mod pages;
mod providers;
pub mod serve;
pub mod state;
