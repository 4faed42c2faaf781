//! Goal: each guard is needed. Method: the same scene twice, with the guard and without; without
//! it the wrong thing really happens, and is seen by the test or by `verify`. Built with the cargo
//! feature `mutants` only.

mod batches;
mod races;
mod rules;

use vacancy_domain::guards::{self, Guard};

/// Runs the scene with these guards off; with none, every guard is on. Nobody else's test runs
/// while one is off.
fn without(guards: &[Guard], scene: impl FnOnce()) {
    let _off = guards::off(guards);
    scene();
}
