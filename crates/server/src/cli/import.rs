//! `vacancy import`: lists of hotels, the booking history of one, its learned prices. Reads the options, says what
//! came of it; what a row means and what becomes of it is decided in `app`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, Subcommand};
use vacancy_app::access::Actor;
use vacancy_app::businesses;
use vacancy_app::import::bookings::options::{Rooms, parse_overbook_bp};
use vacancy_app::import::bookings::{self, History, plan, table};
use vacancy_app::import::hotels;
use vacancy_app::import::hotels::create::{Prices, create_all};
use vacancy_app::import::hotels::fates::{ResultFile, beside};
use vacancy_app::import::replay::{self, Replayed};
use vacancy_domain::ids::BusinessId;
use vacancy_store::sql::Db;

use super::import_prices::{self, PricesArgs};
use crate::config::Config;
use crate::serve::{StartFault, open_database};
use crate::state::system_ids;

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Make the hotels of a list; what became of each row is written to a file
    Hotels(HotelsArgs),
    /// Replay the booking history of a hotel, and compare what the store holds then
    Bookings(BookingsArgs),
    /// Price a hotel by a learned table of factors
    Prices(PricesArgs),
}

#[derive(Debug, Args)]
pub(super) struct HotelsArgs {
    /// The list, as CSV, plain or packed with zstd
    file: PathBuf,
    /// Where every row's fate is written; beside the list unless said otherwise
    #[arg(long, value_name = "PATH")]
    report: Option<PathBuf>,
    /// Give rooms made-up prices, so that a search finds something
    #[arg(long)]
    sample_rates: bool,
    /// The business that the hotels belong to; the oldest one unless said otherwise
    #[arg(long, value_name = "ID", value_parser = business_id)]
    business: Option<BusinessId>,
}

#[derive(Debug, Args)]
pub(super) struct BookingsArgs {
    /// The history, as CSV, plain or packed with zstd
    file: PathBuf,
    /// Book, cancel and check in each on its own day, under a clock that stands at that day
    #[arg(long, required = true)]
    as_of_each_day: bool,
    /// Rooms of each type, as A=142,B=1, or all=187; as many as were ever needed unless said
    #[arg(long, value_name = "ROOMS")]
    rooms: Option<Rooms>,
    /// How far above its rooms the hotel sells, in basis points (200 is 2 %); several, as
    /// 0,200,500,1000, make a table. With all= that table, else 0, unless said otherwise
    #[arg(long, value_name = "BP", value_delimiter = ',', value_parser = parse_overbook_bp)]
    overbook_bp: Vec<i64>,
    /// Where the report is written as JSON
    #[arg(long, value_name = "PATH")]
    report: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// What a hotel with a fixed number of rooms is tried with.
const OVERBOOK_BP_TABLE: [i64; 4] = [0, 200, 500, 1_000];

pub(super) async fn run(command: ImportCommand, config: Config) -> Result<(), StartFault> {
    match command {
        ImportCommand::Hotels(args) => import_hotels(&args, &config).await,
        ImportCommand::Bookings(args) => import_bookings(&args, &config).await,
        ImportCommand::Prices(args) => import_prices::run(args, &config).await,
    }
}

async fn import_hotels(args: &HotelsArgs, config: &Config) -> Result<(), StartFault> {
    let decision = hotels::read(&args.file).map_err(|fault| told(&fault))?;
    let report = args.report.clone().unwrap_or_else(|| beside(&args.file));
    let result = ResultFile::create(&report, &args.file).map_err(|fault| told(&fault))?;
    let db = open(config).await?;
    let ids = system_ids()?;
    let actor = &Actor::System;
    let business = match args.business {
        Some(id) => businesses::get(&db, actor, id).await?,
        None => businesses::ensure_default(&db).await?,
    };
    let prices = if args.sample_rates { Prices::Sample } else { Prices::None };
    let applied = create_all(&db, &ids, actor, business.id, &decision, prices).await?;
    let summary = result.write(&decision, &applied).map_err(|fault| told(&fault))?;
    println!("{summary}");
    println!("Every row and what became of it: {}", report.display());
    Ok(())
}

async fn import_bookings(args: &BookingsArgs, config: &Config) -> Result<(), StartFault> {
    let history = bookings::read(&args.file).map_err(|fault| told(&fault))?;
    let rooms = args.rooms.clone().unwrap_or(Rooms::Ample);
    let overbook_bp = match (&args.overbook_bp, &rooms) {
        (given, _) if !given.is_empty() => given.clone(),
        (_, Rooms::All { .. }) => OVERBOOK_BP_TABLE.to_vec(),
        (_, Rooms::Ample | Rooms::PerType { .. }) => vec![0],
    };
    let mut plans = Vec::with_capacity(overbook_bp.len());
    for bp in overbook_bp {
        plans.push(plan::build(&history, &rooms, bp).map_err(|fault| told(&fault))?);
    }
    let file = create_report(args.report.as_deref(), &args.file)?;
    let db = open(config).await?;
    let is_table = 1 < plans.len();
    if is_table && !args.json {
        println!("{}, {} rooms\n{}", history.hotel, plans[0].rooms(), table::OVERBOOKING_HEADER);
    }
    let mut json = String::new();
    let mut is_right = true;
    for plan in &plans {
        let replayed = replay_one(&db, &history, plan).await?;
        json.push_str(&replayed.report.to_json());
        if !args.json && is_table {
            println!("{}", table::overbooking_line(&replayed.report));
        } else if !args.json {
            println!("{}", table::render(&replayed.report));
        }
        tell_proof(&replayed);
        is_right &= replayed.is_right();
    }
    if args.json {
        print!("{json}");
    }
    if let Some(file) = file {
        file.write_text(&json).map_err(|fault| told(&fault))?;
    }
    if is_right { Ok(()) } else { Err(StartFault::Said) }
}

async fn replay_one(db: &Db, history: &History, plan: &plan::Plan) -> Result<Replayed, StartFault> {
    let started = Instant::now();
    let replayed = replay::run(db, history, plan).await?;
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("replayed and verified in {seconds:.1} s, property {}", replayed.property);
    Ok(replayed)
}

/// Whether the store holds what was answered and proves it, beside the report: it is no figure of
/// the hotel.
fn tell_proof(replayed: &Replayed) {
    let Replayed { differences, verified, .. } = replayed;
    let looked = &verified.looked;
    for difference in differences {
        eprintln!("the store differs: {difference}");
    }
    for finding in &verified.findings {
        eprintln!("does not agree: {finding}");
    }
    if replayed.is_right() {
        eprintln!(
            "verify: everything agrees: {} reservations, {} ledger entries, {} cells",
            looked.reservations_count, looked.entries_count, looked.cells_count
        );
    } else {
        eprintln!("verify: something does not agree");
    }
}

/// Made before the replay, so that it does not end without somewhere to say what happened.
fn create_report(path: Option<&Path>, input: &Path) -> Result<Option<ResultFile>, StartFault> {
    let create = |path| ResultFile::create(path, input).map_err(|fault| told(&fault));
    path.map(create).transpose()
}

async fn open(config: &Config) -> Result<Db, StartFault> {
    let db = open_database(config).await?;
    db.migrate().await?;
    Ok(db)
}

/// What is wrong with a file, with its causes, for the person who gave it.
fn told(fault: &dyn std::error::Error) -> StartFault {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(one) = cause {
        text.push_str(&format!(": {one}"));
        cause = one.source();
    }
    StartFault::Setting(text)
}

fn business_id(text: &str) -> Result<BusinessId, String> {
    text.parse().map_err(|_| "is no id of a business".to_owned())
}
