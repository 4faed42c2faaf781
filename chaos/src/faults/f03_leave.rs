//! F3: clients that leave. A request is cut off after each of its bytes, or its answer is left after so
//! many; the server must have done the whole of it or nothing, and lose no connection to its store over
//! it: none is left in a transaction. The same request, sent again in peace, says which.

use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;
use vacancy_store::testing::sessions;

use crate::Trouble;
use crate::house::{House, email, expect};
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::Stage;
use crate::wire::{self, Ask};

/// Bytes from one cut of an answer to the next.
const ANSWER_STEP: usize = 16;
/// An answer is shorter than this.
const ANSWER_BYTES: usize = 2_048;
/// Every byte of the request in the long run; in the short one, every so many.
const REQUEST_STEP_SHORT: usize = 4;
/// A session that is left in a transaction is ended after 15 s; before that it would be seen.
const LOOKS_TIME: Duration = Duration::from_secs(5);
const LOOKS_PAUSE: Duration = Duration::from_millis(20);

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(leave(setup, engine))
}

async fn leave(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let place = Place::open(&setup.binary, engine).await?;
    let mut stage = Stage::open(&place)?;
    let address = stage.server()?.address;
    let house = House::build(address, &place.admin_key()?, 10_000).await?;
    let length = wire::length(&house.wish("cut-0000", 0));
    let step = if setup.is_short { REQUEST_STEP_SHORT } else { 1 };
    let requests = (0..=length).step_by(step).map(|bytes| (bytes, 0));
    let answers = (1..ANSWER_BYTES).step_by(ANSWER_STEP).map(|bytes| (length, bytes));
    let cuts: Vec<(String, usize, usize)> = requests
        .chain(answers)
        .enumerate()
        .map(|(number, (sent, heard))| (format!("cut-{number:04}"), sent, heard))
        .collect();
    for (key, sent, heard) in &cuts {
        wire::leave(address, &house.wish(key, 0), *sent, *heard).await?;
    }
    let (mut violations, mut done) = (Vec::new(), 0);
    if let Some(url) = place.database_url() {
        violations.extend(forgotten(url).await?);
    }
    for (key, sent, _) in &cuts {
        let again = expect(address, &house.wish(key, 0), 201).await?;
        done += usize::from(again.is_replay);
        if again.is_replay && *sent < length {
            violations.push(format!("{key} was done after {sent} of its {length} bytes"));
        }
    }
    let (listed, taken) = (house.listed(address).await?, house.taken(address).await?);
    let wanted = cuts.len();
    if listed.len() != wanted || taken != wanted {
        let count = listed.len();
        violations.push(format!("{wanted} keys, {count} reservations, {taken} nights"));
    }
    violations.extend(without_reservation(&cuts, &listed));
    // Whoever left took no connection along: the server still has all of them.
    for _ in 0..64 {
        expect(address, &Ask::get("/readyz".into()), 200).await?;
    }
    stage.stop()?;
    place.verify()?;
    place.remove().await;
    Ok(Outcome {
        done: format!("{wanted} clients leave after each byte they send or hear"),
        figures: format!("{done} were done all the same and told so when asked again"),
        violations,
    })
}

/// Sessions whose transaction nobody ends any more. One that is at work is seen in it, too, but not at
/// every look.
async fn forgotten(url: &str) -> Result<Vec<String>, Trouble> {
    let began = Instant::now();
    loop {
        let found = sessions::forgotten_transactions(url).await?;
        if found.is_empty() || LOOKS_TIME < began.elapsed() {
            return Ok(found);
        }
        tokio::time::sleep(LOOKS_PAUSE).await;
    }
}

fn without_reservation(
    cuts: &[(String, usize, usize)],
    listed: &[crate::house::Listed],
) -> Vec<String> {
    let has = |key: &String| listed.iter().any(|one| one.email == email(key));
    cuts.iter()
        .filter(|(key, ..)| !has(key))
        .map(|(key, ..)| format!("{key} has no reservation"))
        .collect()
}
