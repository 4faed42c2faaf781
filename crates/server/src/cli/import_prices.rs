//! `vacancy import prices`: a table of factors that somebody learned becomes a price rule of a hotel.

use std::path::PathBuf;

use clap::Args;
use vacancy_app::access::Actor;
use vacancy_app::tariffs::{self, Change};
use vacancy_domain::ids::PropertyId;
use vacancy_domain::prices::learned::LearnedTable;
use vacancy_domain::prices::tariff::{Bounds, Effect, Rule, When};
use vacancy_store::tariffs::Part;

use crate::config::Config;
use crate::serve::{StartFault, open_database};

#[derive(Debug, Args)]
pub(super) struct PricesArgs {
    /// Lines of weekday,leadDaysFrom,fillBpFrom,factorBp under that header
    file: PathBuf,
    /// The hotel that is priced by it
    #[arg(long, value_name = "ID", value_parser = hotel_id)]
    hotel: PropertyId,
    /// Code of the price rule; the one that has it is replaced
    #[arg(long, value_name = "CODE", default_value = "LEARNED")]
    code: String,
    /// Rules with a lower position apply before it
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    position: i64,
}

pub(super) async fn run(args: PricesArgs, config: &Config) -> Result<(), StartFault> {
    let path = args.file.display();
    let text = std::fs::read_to_string(&args.file)
        .map_err(|error| StartFault::Setting(format!("open {path}: {error}")))?;
    let table = LearnedTable::parse(&text).map_err(|defect| {
        StartFault::Setting(format!("read {path}, line {}: {}", defect.line, defect.detail))
    })?;
    let db = open_database(config).await?;
    db.migrate().await?;
    let rule = Rule {
        code: args.code,
        name: "learned".into(),
        position: args.position,
        when: When::ALWAYS,
        effect: Effect::Learned(table),
        limits_minor: Bounds::OPEN,
    };
    let code = rule.code.clone();
    let put = Change::Put(Part::Rule(rule));
    let version = tariffs::change(&db, &Actor::System, args.hotel, put).await?;
    println!("price rule {code} of {} is version {version}", args.hotel);
    Ok(())
}

fn hotel_id(text: &str) -> Result<PropertyId, String> {
    text.parse().map_err(|_| "is no id of a hotel".to_owned())
}
