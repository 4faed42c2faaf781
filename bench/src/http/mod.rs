//! `bench http`: how many bookings a second come through HTTP, over 1.1 and over 2, round after round
//! beside an answer of the same server that costs nothing and beside the desk without a server. And
//! where the time of a booking goes, as the server's own metrics tell.

mod crowd;
mod metrics;
mod report;

use std::path::PathBuf;

use clap::Args;
use vacancy_store::sql::Engine;

use crate::engines::{Engines, name};
use crate::holds::{self, Asked, Shape, sides::Side};
use crate::report::Pages;
use crate::server::hotel::Hotel;
use crate::server::wire::Version;
use crate::server::{Place, process};
use crowd::{Crowd, What};
use metrics::Metrics;
use report::{Case, Parts};

/// Rooms of the one type that is booked: more than are asked for.
const UNITS: usize = 100_000;

#[derive(Args)]
pub(crate) struct Options {
    #[arg(long, value_enum, default_value = "both")]
    engine: Engines,
    /// Callers that each wait for their answer before they ask again.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Length of one measurement.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// A quick look whether every answer is right: one round of a second with 8 clients.
    #[arg(long)]
    short: bool,
    /// The server; `vacancy` beside this program if none is named.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    #[command(flatten)]
    pages: Pages,
}

pub(crate) async fn run(options: &Options) -> Result<(), String> {
    let (clients, seconds, rounds) = match options.short {
        true => (8, 1, 1),
        false => (options.clients, options.seconds, options.rounds),
    };
    let asked = Asked { shape: Shape::Hot, clients, seconds };
    for engine in options.engine.list() {
        let mut cases = Vec::new();
        let mut parts = Parts::default();
        for _ in 0..rounds {
            measure(*engine, asked, options, (&mut cases, &mut parts)).await?;
            let desk = holds::measure(*engine, Side::Desk, 0, asked).await?;
            if !desk.is_verified {
                return Err("the desk's store does not agree with its answers".to_owned());
            }
            cases.push(Case::desk(&desk));
        }
        let table = report::table(clients, &cases, &parts);
        println!("{}: {table}", name(*engine));
        if !options.short {
            options.pages.write("http", *engine, &table)?;
        }
    }
    Ok(())
}

/// One round of everything that goes through the server, on a store of its own.
async fn measure(
    engine: Engine,
    asked: Asked,
    options: &Options,
    (cases, parts): (&mut Vec<Case>, &mut Parts),
) -> Result<(), String> {
    let place = Place::open(engine, options.server.as_deref()).await?;
    let server = place.serve().await?;
    let hotel = Hotel::build(server.address, &place.admin_key()?, UNITS).await?;
    let mut made = 0;
    for version in [Version::Http1, Version::Http2] {
        for what in [What::Static, What::Booking] {
            let crowd = Crowd { asked, version, what, address: server.address };
            let (before, cpu) =
                (Metrics::read(server.address).await?, process::cpu_ms_by_thread(server.id())?);
            let served = crowd.run(&hotel).await?;
            let after = Metrics::read(server.address).await?;
            let cpu_now = process::cpu_ms_by_thread(server.id())?;
            if what == What::Booking {
                made += served.made;
                parts.add(version, &before, &after, served.made, (&cpu, &cpu_now));
            }
            cases.push(Case::served(version, what, asked.seconds, &served));
        }
    }
    server.stop().await?;
    let reservations = place.verify()?;
    place.remove().await;
    match usize::try_from(made) == Ok(reservations) {
        true => Ok(()),
        false => Err(format!("{made} bookings were answered and {reservations} are there")),
    }
}
