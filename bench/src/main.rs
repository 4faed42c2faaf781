//! Measures Vacancy against the usual way of doing the same, side by side in one run. Figures move
//! from machine to machine; the ratios within one run count. Nothing here is shipped.

mod holds;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The server's allocator, so that both spend the same on memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Vacancy against the usual way, side by side in one run.
#[derive(Parser)]
#[command(name = "bench")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Full bookings: the desk against one transaction per request.
    Holds(holds::Options),
}

fn main() -> ExitCode {
    let Cli { what: What::Holds(options) } = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(holds::WORKERS)
        .enable_all()
        .build()
        .expect("a machine that measures can start a runtime");
    match runtime.block_on(holds::run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}
