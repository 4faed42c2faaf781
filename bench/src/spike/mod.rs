//! `bench spike`: everybody wants the same nights at the same moment. All requests are open before
//! the first of them is whole, so nobody is early; then every last byte goes out at once. Exactly as
//! many guests as there are rooms must get one, and everybody else an honest no.

mod crowd;
mod report;

use std::path::PathBuf;

use clap::Args;
use vacancy_store::sql::Engine;

use crate::engines::{Engines, name};
use crate::report::Pages;
use crate::server::hotel::Hotel;
use crate::server::{Place, process};
use crowd::Crowd;
use report::Spike;

#[derive(Args)]
pub(crate) struct Options {
    #[arg(long, value_enum, default_value = "both")]
    engine: Engines,
    /// HTTP/2 connections, all open together.
    #[arg(long, default_value_t = 2_000)]
    connections: usize,
    /// Requests on each of them, all open together.
    #[arg(long, default_value_t = 25)]
    streams: usize,
    /// Rooms of the one type that everybody wants.
    #[arg(long, default_value_t = 500)]
    units: usize,
    /// A quick look whether the counts are right: 40 connections of 25 requests for 100 rooms.
    #[arg(long)]
    short: bool,
    /// The server; `vacancy` beside this program if none is named.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    #[command(flatten)]
    pages: Pages,
}

pub(crate) async fn run(options: &Options) -> Result<(), String> {
    let crowd = match options.short {
        true => Crowd { connections: 40, streams: 25, units: 100 },
        false => Crowd {
            connections: options.connections,
            streams: options.streams,
            units: options.units,
        },
    };
    let mut are_right = true;
    for engine in options.engine.list() {
        let spike = measure(*engine, &crowd, options).await?;
        let table = report::table(&crowd, &spike);
        println!("{}\n{table}", name(*engine));
        are_right &= spike.is_right(&crowd);
        if !options.short {
            options.pages.write("spike", *engine, &table)?;
        }
    }
    match are_right {
        true => Ok(()),
        false => Err("somebody got a wrong answer; see above".to_owned()),
    }
}

/// One storm on a server and a store of its own.
async fn measure(engine: Engine, crowd: &Crowd, options: &Options) -> Result<Spike, String> {
    let place = Place::open(engine, options.server.as_deref()).await?;
    let server = place.serve().await?;
    let hotel = Hotel::build(server.address, &place.admin_key()?, crowd.units).await?;
    let idle = process::memory(server.id())?;
    let served = crowd.storm(server.address, &hotel).await?;
    let peak = process::memory(server.id())?;
    let server_cpu_ms = process::cpu_ms(server.id())?;
    server.stop().await?;
    let reservations = place.verify()?;
    place.remove().await;
    Ok(Spike {
        served,
        idle_bytes: idle.now_bytes,
        peak_bytes: peak.peak_bytes,
        server_cpu_ms,
        reservations,
    })
}
