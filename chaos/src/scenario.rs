//! What a scenario is given and what it tells.

use std::path::PathBuf;

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::faults::f01_crash;

pub(crate) struct Setup {
    pub(crate) binary: PathBuf,
    /// The folder `crates` of the product.
    pub(crate) sources: PathBuf,
    pub(crate) is_short: bool,
}

pub(crate) struct Outcome {
    pub(crate) done: String,
    pub(crate) figures: String,
    pub(crate) violations: Vec<String>,
}

/// One line of the table.
pub(crate) struct Scenario {
    pub(crate) fault: &'static str,
    pub(crate) engines: &'static [Engine],
    /// Whether it is part of `make test`.
    pub(crate) is_short: bool,
    pub(crate) run: fn(&Setup, Engine) -> Result<Outcome, Trouble>,
}

const BOTH: &[Engine] = &[Engine::Sqlite, Engine::Postgres];

pub(crate) const SCENARIOS: &[Scenario] =
    &[Scenario { fault: "F1", engines: BOTH, is_short: true, run: f01_crash::run }];
