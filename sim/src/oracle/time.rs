//! I17: deadlines are the store's time and an interval, whatever the clock of a process says; a
//! hold ends no earlier than it was promised. (That nights are civil days of the house is judged
//! with the answers, in `clients`.)

use std::collections::BTreeMap;

use uuid::Uuid;
use vacancy_store::testing::journal::{Changes, HoldRow};

use super::states::States;
use super::{Checked, Step, check};

/// How long a new hold lives in every house of the world.
const HOLD_MS: i64 = 10 * 60 * 1000;
/// How long the end of a payment is waited for before it is asked again.
const ASK_AGAIN_MS: i64 = 15 * 60 * 1000;

pub fn judge(
    changes: &Changes,
    known: &BTreeMap<Uuid, HoldRow>,
    states: &States,
    step: &Step,
) -> Checked {
    for hold in &changes.holds {
        let (id, state, created_at_ms, expires_at_ms, version) = hold;
        let Some(before) = known.get(id) else {
            let is_now = (step.from_ms..=step.to_ms).contains(created_at_ms);
            check("I17", is_now, || format!("hold {id} was made at {created_at_ms}: {step:?}"))?;
            let is_promised = *version != 1 || *expires_at_ms == created_at_ms + HOLD_MS;
            check("I17", is_promised, || format!("hold {id} has another life: {hold:?}"))?;
            continue;
        };
        let last_ms = step.to_ms + HOLD_MS.max(ASK_AGAIN_MS);
        check("I17", *expires_at_ms <= last_ms, || format!("hold {id} lives too long: {hold:?}"))?;
        let has_expired = state == "expired" && before.1 == "held";
        let is_early = has_expired && states.is_bare(*id) && step.to_ms < before.3;
        check("I17", !is_early, || format!("hold {id} ended before its time: {before:?}"))?;
    }
    Ok(())
}
