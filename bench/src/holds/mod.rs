//! `bench holds`: the same crowd asks the same bookings of each side, round after round, A B A B.
//! After each round the store is verified: its cells are the sums of its ledger, and it holds exactly
//! the bookings that were answered.

mod crowd;
pub(crate) mod report;
pub(crate) mod sides;
mod town;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use vacancy_app::verify;
use vacancy_store::sql::Engine;

use crate::engines::Engines;
use crate::report::Pages;
use crowd::Crowd;
use report::Round;
use sides::{Counter, Side};
use town::Town;

/// How long a crowd runs before it is measured: connections open, statements are prepared.
const WARM_UP: Duration = Duration::from_millis(500);

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
    #[arg(long, value_enum, default_value = "hot")]
    shape: Shape,
    /// Only these sides; the first one is what the others are compared with.
    #[arg(long, value_enum)]
    side: Vec<Side>,
    /// Where the figures go as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    #[command(flatten)]
    pages: Pages,
}

/// What the crowd wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// One property, one room type, the same three nights.
    Hot,
    /// 250 properties with four room types each, three nights out of sixty.
    Wide,
}

impl Shape {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Shape::Hot => "hot",
            Shape::Wide => "wide",
        }
    }
}

pub(crate) async fn run(options: &Options) -> Result<(), String> {
    let asked = Asked { shape: options.shape, clients: options.clients, seconds: options.seconds };
    let mut rounds = Vec::new();
    for engine in options.engine.list() {
        println!("{}", report::heading(*engine, options));
        let sides = Side::of(*engine, &options.side);
        for number in 0..options.rounds {
            for side in &sides {
                let round = measure(*engine, *side, number, asked).await?;
                println!("{}", report::line(number, &round));
                rounds.push(round);
            }
        }
        let table = report::table(*engine, &rounds);
        println!("\n{table}");
        let name = format!("holds-{}-{}", options.shape.word(), options.clients);
        options.pages.write(
            &name,
            *engine,
            &format!("{}.\n\n{table}", report::heading(*engine, options)),
        )?;
    }
    if let Some(path) = &options.json {
        let text = report::json(options, &rounds);
        std::fs::write(path, text).map_err(|error| format!("write {}: {error}", path.display()))?;
    }
    match rounds.iter().all(|round| round.is_verified) {
        true => Ok(()),
        false => Err("a store does not agree with its answers".to_owned()),
    }
}

/// What a crowd does.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) shape: Shape,
    pub(crate) clients: usize,
    pub(crate) seconds: u64,
}

/// One side, once, on a store of its own.
pub(crate) async fn measure(
    engine: Engine,
    side: Side,
    number: usize,
    asked: Asked,
) -> Result<Round, String> {
    let store = side.store(engine, asked.clients).await?;
    let town = Arc::new(Town::build(&store.db, asked.shape, number).await?);
    let counter = Arc::new(Counter::open(side, &store.db, &town.ids));
    let crowd = Crowd { clients: asked.clients, warm_up: WARM_UP, seconds: asked.seconds };
    let served = crowd.run(&town, &counter).await?;
    Arc::into_inner(counter).ok_or("a client is still at the counter")?.close().await;
    let books = verify::verify(&store.db).await.map_err(|fault| fault.to_string())?;
    store.remove().await;
    Ok(Round::of(engine, side, asked.seconds, served, &books))
}
