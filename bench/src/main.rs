//! Measures Vacancy against the usual way of doing the same, side by side in one run. Figures move
//! from machine to machine; the ratios within one run count. Nothing here is shipped.

mod engines;
mod holds;
mod http;
mod mix;
mod price;
mod report;
mod server;
mod spike;
mod webhooks;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Threads of the runtime: the machine that figures are quoted for has two cores.
const WORKERS: usize = 2;

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
    /// 50,000 guests who want 500 rooms at the same moment, through HTTP.
    Spike(spike::Options),
    /// Bookings per second through HTTP, beside a static answer and the desk alone.
    Http(http::Options),
    /// A day's requests at fixed rates, through HTTP: reads and writes, searches, a ramp.
    Mix(mix::Options),
    /// The price of a stay under many rules, in memory.
    Price(price::Options),
    /// A provider that tells of payments, each several times, through HTTP.
    Webhooks(webhooks::Options),
}

fn main() -> ExitCode {
    let Cli { what } = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .expect("a machine that measures can start a runtime");
    let ended = runtime.block_on(async {
        match what {
            What::Holds(options) => holds::run(&options).await,
            What::Spike(options) => spike::run(&options).await,
            What::Http(options) => http::run(&options).await,
            What::Mix(options) => mix::run(&options).await,
            What::Price(options) => price::run(&options),
            What::Webhooks(options) => webhooks::run(&options).await,
        }
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}
