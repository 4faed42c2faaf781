//! The engines that a bench may be asked to measure.

use clap::ValueEnum;
use vacancy_store::sql::Engine;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engines {
    Sqlite,
    Postgres,
    Both,
}

impl Engines {
    pub(crate) fn list(self) -> &'static [Engine] {
        match self {
            Engines::Sqlite => &[Engine::Sqlite],
            Engines::Postgres => &[Engine::Postgres],
            Engines::Both => &[Engine::Sqlite, Engine::Postgres],
        }
    }
}

pub(crate) fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}
