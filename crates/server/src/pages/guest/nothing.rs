//! Nothing was found: why, counted over the hotels that are there, and what would be found if the
//! guest gave way a little. Each suggestion was asked for before it is made.

use vacancy_app::access::Actor;
use vacancy_app::listings::criteria::{Criteria, Sort as By};
use vacancy_app::quotes::{self, TypeQuote};
use vacancy_domain::refusals::Reason;
use vacancy_domain::stays::Stay;

use super::places::Meant;
use crate::pages::answer::Instead;
use crate::pages::asked::Question;
use crate::pages::views::parts::Link;
use crate::pages::views::reasons;
use crate::pages::views::results::Nothing;
use crate::pages::{format, links, shown};
use crate::state::AppState;

/// Hotels whose reasons are told.
const HOTELS_ASKED_MAX: i64 = 20;
/// Other sentences than those about full houses and small rooms.
const OTHER_REASONS_MAX: usize = 3;
/// Most rooms that are tried for a party that fits into none.
const ROOMS_TRIED_MAX: i64 = 4;
/// Days earlier and later that are tried, the nearest first.
const SHIFTS: [i64; 6] = [1, -1, 2, -2, 3, -3];
const SHIFTS_SHOWN_MAX: usize = 3;

/// Whether there is any hotel at all where the guest looks.
pub(super) async fn has_hotels(state: &AppState, criteria: &Criteria) -> Result<bool, Instead> {
    let asked = Criteria { limit: Some(1), ..without_dates(criteria) };
    Ok(0 < state.finder.search(&Actor::Anonymous, &asked).await?.total)
}

/// Why, and what could work.
pub(super) async fn explain(
    state: &AppState,
    meant: &Meant,
    question: &Question,
    criteria: &Criteria,
) -> Result<Nothing, Instead> {
    let asked = Criteria { limit: Some(HOTELS_ASKED_MAX), ..without_dates(criteria) };
    let hotels = state.finder.search(&Actor::Anonymous, &asked).await?;
    let (stay, party) = (question.stay(), &criteria.party);
    let mut counts = Counts::default();
    for listing in &hotels.page.items {
        let id = listing.hotel.id;
        match quotes::ask_each(&state.db, &Actor::Anonymous, id, stay, party).await {
            Ok(types) => counts.add(&types),
            // A day that is over there, or no stay for anybody: the other hotels may tell.
            Err(vacancy_app::errors::Error::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut suggestions = Vec::new();
    if 0 < counts.too_small {
        suggestions.extend(more_rooms(state, meant, question, criteria).await?);
    }
    suggestions.extend(other_days(state, meant, question, criteria).await?);
    Ok(Nothing { reasons: counts.sentences(question), suggestions })
}

fn without_dates(criteria: &Criteria) -> Criteria {
    Criteria { stay: None, sort: By::Rating, cursor: None, ..criteria.clone() }
}

#[derive(Default)]
struct Counts {
    full: i64,
    too_small: i64,
    other: Vec<String>,
}

impl Counts {
    /// Counts a hotel by the reason that is nearest to a yes.
    fn add(&mut self, types: &[TypeQuote]) {
        let all = |test: fn(&Reason) -> bool| {
            types.iter().any(|kind| !kind.reasons.is_empty() && kind.reasons.iter().all(test))
        };
        if all(Reason::is_about_stock) {
            self.full += 1;
        } else if all(is_about_size) {
            self.too_small += 1;
        } else if let Some(reason) = types.iter().find_map(|kind| kind.reasons.first()) {
            let sentence = reasons::in_words(reason);
            if !self.other.contains(&sentence) && self.other.len() < OTHER_REASONS_MAX {
                self.other.push(sentence);
            }
        }
    }

    fn sentences(self, question: &Question) -> Vec<String> {
        let mut sentences = Vec::new();
        if 0 < self.full {
            let be = if self.full == 1 { "is" } else { "are" };
            let hotels = hotels(self.full);
            sentences.push(format!("{hotels} {be} sold out for these nights."));
        }
        if 0 < self.too_small {
            let have = if self.too_small == 1 { "has" } else { "have" };
            let (adults, rooms) = (question.ask.adults, question.ask.room_count);
            let (adults, rooms) = (shown::adults(adults), shown::rooms(rooms));
            let hotels = hotels(self.too_small);
            sentences.push(format!("{hotels} {have} no place for {adults} in {rooms}."));
        }
        sentences.extend(self.other);
        if sentences.is_empty() {
            sentences.push("Nothing is on sale for these nights.".to_owned());
        }
        sentences
    }
}

fn hotels(count: i64) -> String {
    format::count(count, "hotel", "hotels")
}

fn is_about_size(reason: &Reason) -> bool {
    match reason {
        Reason::AdultsExceeded { .. }
        | Reason::ChildrenExceeded { .. }
        | Reason::InfantsExceeded { .. }
        | Reason::OccupancyExceeded { .. } => true,
        Reason::SoldOut { .. }
        | Reason::PartlySoldOut { .. }
        | Reason::Closed { .. }
        | Reason::ClosedToArrival
        | Reason::ClosedToDeparture
        | Reason::MinimumStay { .. }
        | Reason::MaximumStay { .. }
        | Reason::StayLengthNotOffered { .. }
        | Reason::SameDayClosed { .. }
        | Reason::ChildTooYoung { .. }
        | Reason::AdultsOnly
        | Reason::RoomsExceeded { .. }
        | Reason::TooEarly { .. }
        | Reason::TooLate { .. }
        | Reason::RateNotOffered => false,
    }
}

async fn more_rooms(
    state: &AppState,
    meant: &Meant,
    question: &Question,
    criteria: &Criteria,
) -> Result<Option<Link>, Instead> {
    for room_count in question.ask.room_count + 1..=ROOMS_TRIED_MAX {
        let mut asked = criteria.clone();
        asked.party.room_count = room_count;
        if is_found(state, asked).await? {
            let place = meant.key().to_owned();
            let ask = links::Ask { room_count, place, ..question.ask.clone() };
            let label = format!("Take {}", shown::rooms(room_count));
            return Ok(Some(shown::link(label, links::results(&ask, None, None))));
        }
    }
    Ok(None)
}

async fn other_days(
    state: &AppState,
    meant: &Meant,
    question: &Question,
    criteria: &Criteria,
) -> Result<Vec<Link>, Instead> {
    let mut found = Vec::new();
    for days in SHIFTS {
        let stay = question.stay();
        let stay = Stay::new(stay.first_day.plus(days), stay.end_day.plus(days));
        let asked = Criteria { stay: Some(stay), ..criteria.clone() };
        if found.len() < SHIFTS_SHOWN_MAX && is_found(state, asked).await? {
            let ask =
                shown::ask_of(stay, question.ask.adults, question.ask.room_count, meant.key());
            let label = format::date_range(stay.first_day, stay.end_day);
            found.push(shown::link(label, links::results(&ask, None, None)));
        }
    }
    Ok(found)
}

async fn is_found(state: &AppState, criteria: Criteria) -> Result<bool, Instead> {
    let asked = Criteria { limit: Some(1), cursor: None, ..criteria };
    Ok(0 < state.finder.search(&Actor::Anonymous, &asked).await?.total)
}
