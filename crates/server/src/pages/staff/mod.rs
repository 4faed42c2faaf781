//! The pages of the front desk: the door, and the day. Who may do what is checked by every use
//! case; here only the way to the door is shown to whoever has no session.

pub mod desk;
pub mod sign_in;
pub mod today;

use vacancy_app::access::Actor;

use super::answer::{Instead, see_other};
use super::links;
use super::visitor::Visitor;
use crate::state::AppState;

/// Whoever is signed in; everybody else is shown the door, and comes back to `next` behind it.
async fn signed_in(state: &AppState, visitor: &Visitor, next: &str) -> Result<Actor, Instead> {
    let actor = visitor.at_desk(state).await?;
    actor.ok_or_else(|| see_other(&links::staff_sign_in(next)).into())
}
