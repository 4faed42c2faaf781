//! What is looked at when the fault is over: everything comes to rest, and what the business sees
//! through the API agrees with what every guest was told.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use vacancy_store::testing::told;

use crate::Trouble;
use crate::checkers::{bounded_counter, set_full, total_queue};
use crate::guests::{Crowd, Fared};
use crate::history::{self, Event};
use crate::house::{Listed, email};
use crate::place::Place;

/// Longest wait until refunds have been paid.
const QUIET_MAX: Duration = Duration::from_secs(60);
/// After so long without an end, jobs that wait for their time are made due.
const NEWS: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// What a house is found like after a crowd has gone.
pub(crate) struct Seen {
    /// Reservations that somebody was told of and that are not there.
    pub(crate) lost: usize,
    /// Steps of its reservations.
    pub(crate) steps: usize,
    pub(crate) violations: Vec<String>,
}

pub(crate) async fn look(place: &Place, crowd: &Crowd, fared: &[Fared]) -> Result<Seen, Trouble> {
    let (listed, taken) = at_rest(place, crowd, fared).await?;
    let events = crowd.history.events();
    let last: Vec<(String, String)> =
        listed.iter().map(|one| (one.email.clone(), one.id.clone())).collect();
    let keyed = keyed_by(&events, email);
    let lost = set_full::lost(&keyed, "book", &last).len();
    let mut found = set_full::check(&keyed, "book", &last);
    found.extend(bounded_counter::check(&events, crowd.house.rooms, taken));
    let status: BTreeMap<&str, &str> =
        listed.iter().map(|one| (one.id.as_str(), one.status.as_str())).collect();
    for (id, wanted) in fared.iter().filter_map(|one| one.reservation.as_ref()) {
        let is = status.get(id.as_str()).copied().unwrap_or("gone");
        if is != *wanted {
            found.push(format!("{id}: must be {wanted}, is {is}"));
        }
    }
    let owed = ids_in(fared, "REFUNDED");
    let paid_back = listed.iter().filter(|one| one.status == "REFUNDED").map(|one| one.id.as_str());
    found.extend(total_queue::check(owed, paid_back, []));
    let (steps, untold) = news(place, &crowd.house.id).await?;
    found.extend(untold);
    let occupying = listed.iter().filter(|one| occupies(&one.status)).count();
    if occupying != taken {
        found.push(format!("{occupying} reservations occupy, the calendar says {taken}"));
    }
    if !found.is_empty() {
        let path = std::env::temp_dir().join(format!("chaos-{}.jsonl", crowd.house.id));
        history::write(&events, &path)?;
        found.push(format!("the history is in {}", path.display()));
    }
    Ok(Seen { lost, steps, violations: found })
}

/// Every step of every reservation was told in the news, and nothing else was. Gives the steps.
async fn news(place: &Place, house: &str) -> Result<(usize, Vec<String>), Trouble> {
    let property = house.parse().map_err(|_| format!("{house} is no id"))?;
    let told = told::of_reservations(&place.open_store().await?, property).await?;
    let steps: Vec<String> =
        told.steps.iter().map(|(reservation, number)| format!("{reservation} {number}")).collect();
    let mut news = Vec::new();
    for body in &told.news {
        let body: Value = serde_json::from_str(body)?;
        for event in body["events"].as_array().into_iter().flatten() {
            let kind = event["type"].as_str().unwrap_or_default();
            if kind.starts_with("reservation.") {
                let id = event["id"].as_str().unwrap_or_default();
                news.push(format!("{id} {}", event["seq"]));
            }
        }
    }
    let wrong = total_queue::check(texts(&steps), texts(&news), []);
    Ok((steps.len(), wrong.into_iter().map(|told| format!("news: {told}")).collect()))
}

fn texts(all: &[String]) -> impl Iterator<Item = &str> {
    all.iter().map(String::as_str)
}

/// The same history under the names that the final read has.
pub(crate) fn keyed_by(events: &[Event], name: fn(&str) -> String) -> Vec<Event> {
    events.iter().map(|event| Event { key: name(&event.key), ..event.clone() }).collect()
}

fn ids_in<'f>(fared: &'f [Fared], status: &'f str) -> impl Iterator<Item = &'f str> {
    let all = fared.iter().filter_map(|one| one.reservation.as_ref());
    all.filter(move |(_, wanted)| *wanted == status).map(|(id, _)| id.as_str())
}

fn occupies(status: &str) -> bool {
    matches!(status, "PENDING_PAYMENT" | "CONFIRMED" | "CHECKED_IN")
}

async fn at_rest(
    place: &Place,
    crowd: &Crowd,
    fared: &[Fared],
) -> Result<(Vec<Listed>, usize), Trouble> {
    let owed = ids_in(fared, "REFUNDED").count();
    let began = Instant::now();
    let mut news = Instant::now();
    loop {
        let address = crowd.doors.knock(0).await?;
        let listed = crowd.house.listed(address).await?;
        let refunded = listed.iter().filter(|one| one.status == "REFUNDED").count();
        if owed <= refunded || QUIET_MAX < began.elapsed() {
            return Ok((listed, crowd.house.taken(address).await?));
        }
        if NEWS < news.elapsed() {
            place.jobs_come_due().await?;
            news = Instant::now();
        }
        tokio::time::sleep(PAUSE).await;
    }
}
