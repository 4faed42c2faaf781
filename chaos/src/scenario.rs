//! What a scenario is given and what it tells.

use std::path::PathBuf;

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::faults::{
    f01_crash, f02_wire, f03_leave, f04_kill, f15_provider, f16_lost, f17_webhooks, f18_late,
    f19_clock, f21_disk, f22_power, f27_storm, f28_retries, f29_poison, f32_stop, f34_flood,
    f38_durability, store_away, two_instances,
};

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
const POSTGRES: &[Engine] = &[Engine::Postgres];

/// Crowds first, then those that take one fault at a time to its last detail.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { fault: "F3", engines: BOTH, is_short: true, run: f03_leave::run },
    Scenario { fault: "F4", engines: BOTH, is_short: true, run: f04_kill::run },
    Scenario { fault: "F15", engines: BOTH, is_short: true, run: f15_provider::run },
    Scenario { fault: "F16", engines: BOTH, is_short: true, run: f16_lost::run },
    Scenario { fault: "F17", engines: BOTH, is_short: true, run: f17_webhooks::run },
    Scenario { fault: "F18", engines: BOTH, is_short: true, run: f18_late::run },
    Scenario { fault: "F27", engines: BOTH, is_short: true, run: f27_storm::run },
    Scenario { fault: "F28", engines: BOTH, is_short: true, run: f28_retries::run },
    Scenario { fault: "F32", engines: BOTH, is_short: true, run: f32_stop::run },
    Scenario { fault: "F34", engines: POSTGRES, is_short: false, run: f34_flood::run },
    Scenario { fault: "F38", engines: POSTGRES, is_short: true, run: f38_durability::run },
    Scenario { fault: "away", engines: POSTGRES, is_short: false, run: store_away::run },
    Scenario { fault: "two", engines: POSTGRES, is_short: false, run: two_instances::run },
    Scenario { fault: "F1", engines: BOTH, is_short: true, run: f01_crash::run },
    Scenario { fault: "F29", engines: BOTH, is_short: true, run: f29_poison::run },
    Scenario { fault: "F19", engines: BOTH, is_short: false, run: f19_clock::run },
    Scenario { fault: "F21", engines: BOTH, is_short: false, run: f21_disk::run },
    Scenario { fault: "F22", engines: BOTH, is_short: false, run: f22_power::run },
    Scenario { fault: "F2", engines: POSTGRES, is_short: false, run: f02_wire::run },
];
