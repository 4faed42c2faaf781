//! `GET /`: where to, when, how many, and places to start from.

use axum::extract::State;
use axum::http::StatusCode;
use vacancy_app::access::Actor;
use vacancy_app::businesses;
use vacancy_app::demo::seed;
use vacancy_app::errors::Error;
use vacancy_domain::hotels::Location;

use super::{now_ms, places};
use crate::pages::answer::{Answer, page_as, public};
use crate::pages::asked::Question;
use crate::pages::forms::Asked;
use crate::pages::views::home::{Home, PlaceCard};
use crate::pages::{countries, format, links, pictures, shown};
use crate::state::AppState;

/// Places shown as cards.
const PLACE_CARDS_MAX: usize = 16;
/// The drawing beside the heading.
const FRONT: (u64, pictures::Scene) = (14, pictures::Scene::River);

pub async fn show(State(state): State<AppState>, Asked(values): Asked) -> Answer {
    let today = shown::earliest_today(now_ms(&state).await?);
    let question = Question::read(&values, today);
    fill(&state, &question, None).await
}

/// The page with what is wrong about a question. `place_error` stands beside the place.
pub(super) async fn fill(
    state: &AppState,
    question: &Question,
    place_error: Option<&str>,
) -> Answer {
    let today = shown::earliest_today(now_ms(state).await?);
    let places = places::suggested(state).await?;
    let mut search = question.form(&question.ask.place, today);
    search.places = places.iter().map(shown::place_name).collect();
    if let Some(error) = place_error {
        search.place = search.place.map(|field| field.with_error(error));
    }
    let status =
        if search.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let cards = places.iter().take(PLACE_CARDS_MAX);
    let view = Home {
        search,
        picture_src: pictures::place_path(FRONT.0, FRONT.1),
        places: cards.map(|place| card(place, question)).collect(),
        is_demo: is_demo(state).await?,
    };
    page_as(status, &view).map(public)
}

/// Whether the hotels are the invented ones: then the page says so.
async fn is_demo(state: &AppState) -> Result<bool, Error> {
    match businesses::get(&state.db, &Actor::System, seed::BUSINESS).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

fn card(place: &Location, question: &Question) -> PlaceCard {
    let ask = links::Ask { place: place.id.clone(), ..question.ask.clone() };
    PlaceCard {
        href: links::results(&ask, None, None),
        name: place.name.clone(),
        country: countries::name(&place.country).to_owned(),
        hotel_count: format::count(place.hotel_count, "stay", "stays"),
        picture_src: shown::place_picture(place),
    }
}
