//! What the front desk does to a reservation: check-in with rooms, check-out, no-show. Afterwards
//! the day is shown again, with what was done or why not.

use std::collections::BTreeMap;

use axum::extract::State;
use vacancy_app::access::Actor;
use vacancy_app::errors::Error;
use vacancy_domain::hotels::ROOM_NUMBER_CHARS_MAX;
use vacancy_domain::ids::{LineId, PropertyId, ReservationId};
use vacancy_domain::rooms::Assignment;

use super::{signed_in, today};
use crate::http::fields::path_id;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::pages::answer::{Answer, see_other};
use crate::pages::forms::{Sent, Values};
use crate::pages::links;
use crate::pages::problems::sentence;
use crate::pages::visitor::Visitor;
use crate::state::AppState;

/// Most rooms of one check-in.
const ROOMS_MAX: usize = 100;

/// What can be done, with the word for it in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    CheckIn,
    CheckOut,
    NoShow,
}

impl Step {
    const ALL: [(Step, &str); 3] =
        [(Step::CheckIn, "check-in"), (Step::CheckOut, "check-out"), (Step::NoShow, "no-show")];
}

/// `POST /staff/reservations/{id}/{step}`
pub async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    Path((id, word)): Path<(String, String)>,
    Sent(values): Sent,
) -> Answer {
    let step = Step::ALL.iter().find(|(_, known)| *known == word).map(|(step, _)| *step);
    let step = step.ok_or_else(Problem::not_found)?;
    let hotel: PropertyId = path_id(values.text("hotelId"))?;
    let actor = signed_in(&state, &visitor, &links::staff_today(&hotel.to_string())).await?;
    let reservation: ReservationId = path_id(&id)?;
    match take(&state, &actor, step, reservation, &values).await {
        Ok(()) => Ok(see_other(&links::staff_done(&hotel.to_string(), &word, &id))),
        Err(error @ (Error::Refused(_) | Error::Busy { .. } | Error::OutcomeUnknown)) => {
            let problem = Problem::from(error);
            let alert = sentence(problem.detail());
            today::fill(&state, &actor, hotel, today::Note::Alert(alert), problem.status()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn take(
    state: &AppState,
    actor: &Actor,
    step: Step,
    id: ReservationId,
    values: &Values,
) -> Result<(), Error> {
    let bookings = &state.bookings;
    match step {
        Step::CheckIn => bookings.check_in(actor, id, rooms(values), None).await?,
        Step::CheckOut => bookings.check_out(actor, id, None).await?,
        Step::NoShow => bookings.no_show(actor, id, None).await?,
    };
    Ok(())
}

/// `room.LINE.UNIT` with a number, or with nothing for any free room. Named rooms come first, so
/// that "any" never takes one of them.
fn rooms(values: &Values) -> Vec<Assignment> {
    let mut asked: BTreeMap<(bool, &str), Assignment> = BTreeMap::new();
    for (place, number) in values.under("room.").take(ROOMS_MAX) {
        let line: Option<LineId> = place.split('.').next().and_then(|line| line.parse().ok());
        let Some(line) = line else { continue };
        let number: String = number.chars().take(ROOM_NUMBER_CHARS_MAX).collect();
        let number = Some(number).filter(|number| !number.is_empty());
        asked.insert((number.is_none(), place), Assignment { line, number });
    }
    asked.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_rooms_are_taken_before_any() {
        let line = "0192f3a4-b5c6-7d8e-9f01-23456789abcd";
        let form = format!("room.{line}.0=&room.{line}.1=+204+&room.nonsense.0=1&hotelId=x");
        let asked = rooms(&Values::parse(form.as_bytes()).expect("a form"));
        let numbers: Vec<_> = asked.iter().map(|one| one.number.as_deref()).collect();
        assert_eq!(numbers, [Some("204"), None]);
    }
}
