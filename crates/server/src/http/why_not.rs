//! The answer to a booking that cannot be: every reason of every room type, and what could be had
//! instead. Finds nothing itself.

use serde_json::{Value, json};
use vacancy_app::alternatives::{self, Alternative, Missed};
use vacancy_domain::hotels::RoomType;
use vacancy_domain::refusals::{PoolReason, Refusal};

use super::availability::AvailableInstead;
use super::problem::Problem;
use super::refusals;
use crate::state::AppState;

/// While more orders than this wait at the desk, nobody looks for alternatives: a storm on the last
/// room is answered first.
const DESK_DEPTH_MAX: usize = 32;

/// The problem of a wish that met these reasons.
pub async fn problem(
    state: &AppState,
    missed: &Missed,
    room_types: &[RoomType],
    reasons: Vec<PoolReason>,
) -> Problem {
    let told: Vec<Value> = reasons.iter().map(|refused| reason(refused, room_types)).collect();
    let problem = refusals::problem(&Refusal::Unavailable { reasons }).with("reasons", told);
    let mut found = Vec::new();
    if state.desk.depth() <= DESK_DEPTH_MAX {
        match alternatives::find(&state.db, missed).await {
            Ok(alternatives) => found = alternatives,
            // The no stands without them.
            Err(error) => tracing::warn!(error = %error, "look for alternatives: {error}"),
        }
    }
    problem.with("alternatives", found.iter().map(alternative).collect::<Vec<_>>())
}

fn reason(refused: &PoolReason, room_types: &[RoomType]) -> Value {
    let mut told = refusals::reason(&refused.reason);
    let of_pool = room_types.iter().find(|room_type| room_type.pool == refused.pool);
    if let Some(room_type) = of_pool {
        told.insert("roomType".to_owned(), room_type.code.as_str().into());
    }
    told.insert("roomTypeId".to_owned(), refused.pool.to_string().into());
    Value::Object(told)
}

fn alternative(found: &Alternative) -> Value {
    json!(AvailableInstead::from(found))
}
