//! F28: a retry storm. Every guest sends the same request five times at once: one reservation each,
//! and hardly more rows than if each had asked once. Then each asks five times under new keys: the
//! house is full, and no fuller.

use std::net::SocketAddr;

use vacancy_store::sql::Engine;
use vacancy_store::testing::rows;

use crate::Trouble;
use crate::afterwards;
use crate::checkers::{bounded_counter, set_full};
use crate::guests::Crowd;
use crate::house::email;
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::{Stage, doors};

const GUESTS: usize = 100;
const TRIES: usize = 5;
/// Rooms of the house whose guests change their keys.
const ROOMS: usize = 60;

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(retries(setup, engine))
}

async fn retries(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut stage = Stage::open(&place)?;
    let address = stage.server()?.address;
    let admin_key = place.admin_key()?;
    let mut violations = Vec::new();
    let (mut counts, mut booked) = (Vec::new(), Vec::new());
    for (name, tries) in [("once", 1), ("same", TRIES)] {
        let crowd = Crowd::at_a_new_house(doors(&[&stage]), &admin_key, GUESTS).await?;
        let before = rows_of(&place).await?;
        let keys = (0..GUESTS * tries).map(|ask| format!("{name}-{}", ask % GUESTS));
        let (count, found) = storm(&crowd, keys.collect(), address, GUESTS).await?;
        booked.push(count);
        violations.extend(found);
        counts.push(rows_of(&place).await? - before);
    }
    if counts[0] * 11 < counts[1] * 10 {
        violations.push(format!("{} rows instead of {}", counts[1], counts[0]));
    }
    let full = Crowd::at_a_new_house(doors(&[&stage]), &admin_key, ROOMS).await?;
    let keys = (0..GUESTS * TRIES).map(|ask| format!("new-{ask}")).collect();
    let (winners, found) = storm(&full, keys, address, ROOMS).await?;
    violations.extend(found);
    stage.stop()?;
    place.verify()?;
    place.remove().await;
    Ok(Outcome {
        done: format!(
            "{GUESTS} guests ask {TRIES} times at once, with the same key, with new ones"
        ),
        figures: format!(
            "{} reservations and {} rows, {} without retries; {winners} winners of {ROOMS}",
            booked[1], counts[1], counts[0]
        ),
        violations,
    })
}

/// Every key at once, one attempt after the other on none of them. Gives the reservations.
async fn storm(
    crowd: &Crowd,
    keys: Vec<String>,
    address: SocketAddr,
    winners: usize,
) -> Result<(usize, Vec<String>), Trouble> {
    let mut found = Vec::new();
    for guest in crowd.ask_only(keys) {
        if let Err(trouble) = guest.await? {
            found.push(trouble.to_string());
        }
    }
    let listed = crowd.house.listed(address).await?;
    let taken = crowd.house.taken(address).await?;
    let count = listed.len();
    if count != winners || taken != winners {
        found.push(format!("{winners} must win, {count} are listed, {taken} in the calendar"));
    }
    let last: Vec<_> = listed.into_iter().map(|one| (one.email, one.id)).collect();
    let events = crowd.history.events();
    found.extend(set_full::check(&afterwards::keyed_by(&events, email), "book", &last));
    found.extend(bounded_counter::check(&events, crowd.house.rooms, taken));
    Ok((count, found))
}

/// Rows that bookings have left behind.
async fn rows_of(place: &Place) -> Result<i64, Trouble> {
    Ok(rows::count(&place.open_store().await?).await?)
}
