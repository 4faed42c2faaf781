//! `bench mix`: a day's requests at rates that do not wait for answers, in three parts: reads with
//! many writes; searches with few bookings; a ramp. Each part is timed from when a request was to go
//! out, on a country of hotels of realistic size.

mod load;
mod report;
mod town;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use vacancy_store::sql::Engine;

use crate::engines::{Engines, name};
use crate::report::Pages;
use crate::server::{Place, process};
use load::{Crowd, Flow, Kind};
use report::Measured;
use town::{Size, Town};

/// How long requests run before they are measured.
const WARM_UP_SECONDS: u64 = 3;

#[derive(Args)]
pub(crate) struct Options {
    #[arg(long, value_enum, default_value = "both")]
    engine: Engines,
    /// Which parts; all if none is named.
    #[arg(long, value_enum)]
    part: Vec<PartName>,
    /// Length of the steady parts. The ramp takes 180 seconds.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// A quick look whether every answer is right: some hotels, a few requests.
    #[arg(long)]
    short: bool,
    /// The server; `vacancy` beside this program if none is named.
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    #[command(flatten)]
    pages: Pages,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PartName {
    /// 1,650 reads and 202 writes per second.
    Writes,
    /// 1,500 searches, 300 details and 6 bookings per second.
    Searches,
    /// From 50 to 500 requests per second in three minutes.
    Ramp,
}

pub(crate) struct Part {
    name: PartName,
    pub(crate) says: &'static str,
    pub(crate) flows: Vec<Flow>,
    seconds: u64,
}

impl Part {
    fn of(part: PartName, seconds: u64) -> Part {
        let steady = |flows: &[(Kind, u64)]| {
            flows.iter().map(|(kind, rate)| Flow::steady(*kind, *rate)).collect()
        };
        match part {
            PartName::Writes => Part {
                name: part,
                says: "1,650 reads and 202 writes per second.",
                flows: steady(&[
                    (Kind::Search, 650),
                    (Kind::Detail, 600),
                    (Kind::Availability, 400),
                    (Kind::Booking, 152),
                    (Kind::Cancel, 50),
                ]),
                seconds,
            },
            PartName::Searches => Part {
                name: part,
                says: "1,500 searches, 300 hotels and 6 bookings per second.",
                flows: steady(&[(Kind::Search, 1_500), (Kind::Detail, 300), (Kind::Booking, 6)]),
                seconds,
            },
            PartName::Ramp => Part {
                name: part,
                says: "A ramp from 50 to 500 requests per second in 180 seconds.",
                flows: [(Kind::Search, 41, 415), (Kind::Detail, 8, 83), (Kind::Booking, 1, 2)]
                    .map(|(kind, from_per_second, to_per_second)| Flow {
                        kind,
                        from_per_second,
                        to_per_second,
                    })
                    .into(),
                seconds: 180,
            },
        }
    }

    /// A hundredth of the load for a moment.
    fn short(mut self) -> Part {
        self.seconds = 2;
        for flow in &mut self.flows {
            flow.from_per_second = (flow.from_per_second / 20).max(2);
            flow.to_per_second = (flow.to_per_second / 20).max(2);
        }
        self
    }
}

pub(crate) async fn run(options: &Options) -> Result<(), String> {
    let all = [PartName::Writes, PartName::Searches, PartName::Ramp];
    let names = if options.part.is_empty() { &all[..] } else { &options.part };
    let mut are_right = true;
    for engine in options.engine.list() {
        for part in names {
            let part = Part::of(*part, options.seconds);
            let part = if options.short { part.short() } else { part };
            let (measured, hotels) = measure(*engine, &part, options).await?;
            let table = report::table(&part, part.seconds, &measured);
            println!("{}, {hotels} hotels: {table}", name(*engine));
            are_right &= measured.is_verified && measured.errors() == 0;
            if !options.short {
                options.pages.write(&format!("mix-{}", word(part.name)), *engine, &table)?;
            }
        }
    }
    match are_right {
        true => Ok(()),
        false => Err("not every answer was right; see above".to_owned()),
    }
}

fn word(part: PartName) -> String {
    part.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// One part on a store of its own.
async fn measure(
    engine: Engine,
    part: &Part,
    options: &Options,
) -> Result<(Measured, usize), String> {
    let size = match options.short {
        true => Size { cities: 3, largest_city: 20, bookings: 50 },
        false => Size { cities: 100, largest_city: 300, bookings: 10_000 },
    };
    let place = Place::open(engine, options.server.as_deref()).await?;
    let db = place.db().await?;
    let town = Arc::new(Town::build(&db, size).await?);
    drop(db);
    let server = place.serve().await?;
    let crowd = Crowd::new(server.address, Arc::clone(&town));
    let warm_up = if options.short { 0 } else { WARM_UP_SECONDS };
    let before = crowd.run(&part.flows, warm_up).await;
    let cpu_ms = process::cpu_ms(server.id())?;
    let samples = crowd.run(&part.flows, part.seconds).await;
    let server_cpu_ms = process::cpu_ms(server.id())?.saturating_sub(cpu_ms);
    server.stop().await?;
    let booked =
        |samples: &[load::Sample]| samples.iter().filter(|sample| sample.told.0 == 201).count();
    let reservations = size.bookings + booked(&before) + booked(&samples);
    let is_verified = place.verify()? == reservations;
    place.remove().await;
    Ok((Measured { samples, server_cpu_ms, is_verified }, town.hotels_count()))
}
