//! F18: money that comes while the deadline passes, or after it. The provider is asked to close the order
//! before the room is free; what was taken has its room again, or goes back because somebody else has it.
//! Guests pay at every moment between our calls, others wait for the rooms, answers get lost, and in some
//! rounds the server is killed.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::house::House;
use crate::payers::{self, Payer, Town};
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::Stage;
use crate::stripe::{COMPLETED, Moment, Stripe, Weather};

/// Rooms, and guests whose deadline passes, of one round.
const PAYERS: usize = 24;
/// Others who want the rooms that become free: fewer than there are, so that money which comes late
/// meets either.
const OTHERS: usize = 10;
const ROUNDS: (usize, usize) = (2, 40);
/// Every so many rounds the server is killed, and every so many one answer in three is lost.
const KILL_EVERY: usize = 3;
const LOSE_EVERY: usize = 2;
const PAUSE: Duration = Duration::from_millis(10);
/// From the deadline to the last payment of those who pay by their own clock.
const SPREAD_MS: u64 = 1_200;
/// The sweep and the job that closes the order have begun by then.
const BEGUN: Duration = Duration::from_millis(1_500);

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(late(setup, engine))
}

/// How a guest comes to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Planned(Moment),
    Never,
    /// While the deadline passes, so many milliseconds after it.
    Meanwhile(u64),
    /// The bank had it already when the provider closed the order, and says so once it is closed, or
    /// once the room is free.
    Afterwards {
        is_free: bool,
    },
}

impl Way {
    fn of(number: usize) -> Way {
        match number % 6 {
            0 => Way::Planned(Moment::BeforeTheLook),
            1 => Way::Planned(Moment::BeforeTheEnd),
            2 => Way::Never,
            3 => Way::Meanwhile(number as u64 * 487 % SPREAD_MS),
            other => Way::Afterwards { is_free: other == 5 },
        }
    }
}

#[derive(Default)]
struct Sum {
    races: usize,
    confirmed: usize,
    expired: usize,
    returned: usize,
    kills: usize,
    found: Vec<String>,
    guests: Vec<Payer>,
}

async fn late(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let stripe = Stripe::open().await?;
    let place = payers::place(setup, engine, &stripe).await?;
    let mut stage = Stage::open(&place)?;
    let town = Town::new(&place, &stage, &stripe)?;
    let mut sum = Sum::default();
    nobody_knows(&town, &place, &mut sum).await?;
    for round in 0..if setup.is_short { ROUNDS.0 } else { ROUNDS.1 } {
        race(&town, &place, &mut stage, round, &mut sum).await?;
    }
    let Sum { races, confirmed, expired, returned, kills, mut found, guests } = sum;
    found.extend(town.judge_all(&guests).await?);
    if confirmed == 0 || returned == 0 || expired == 0 {
        found.push("one of the three ends was never seen".to_owned());
    }
    payers::close(&place, stage, &mut found)?;
    place.remove().await;
    Ok(Outcome {
        done: format!(
            "{races} guests pay while their deadline passes, or after it, {kills} kill -9 in the \
             midst"
        ),
        figures: format!(
            "{confirmed} have their room, {returned} all their money back, {expired} never paid; \
             no room twice"
        ),
        violations: found,
    })
}

/// While the provider says nothing, nobody gets the room.
async fn nobody_knows(town: &Town, place: &Place, sum: &mut Sum) -> Result<(), Trouble> {
    let house = town.house(1).await?;
    let mut payer = Payer::book(town, &house, "slow").await?;
    payer.opens(town).await?;
    town.stripe.set(Weather::Says(500));
    place.holds_run_out().await?;
    tokio::time::sleep(BEGUN).await;
    let answer = town.told(&house.wish("other", 0)).await?;
    if answer.status != 409 {
        sum.found.push(format!("the room of one who may be paying: {answer:?}"));
    }
    town.stripe.pay(&payer.session);
    town.stripe.set(Weather::Well);
    payer.until(town, place, "CONFIRMED").await?;
    sum.guests.push(payer);
    Ok(())
}

async fn race(
    town: &Town,
    place: &Place,
    stage: &mut Stage<'_>,
    round: usize,
    sum: &mut Sum,
) -> Result<(), Trouble> {
    let house = town.house(PAYERS).await?;
    let mut payers = town.payers(&house, &format!("late-{round}"), PAYERS).await?;
    for payer in &mut payers {
        payer.opens(town).await?;
    }
    if round % LOSE_EVERY == 1 {
        town.stripe.set(Weather::Loses { one_in: 3, hangs: false });
    }
    place.holds_run_out().await?;
    let (is_over, over) = watch::channel(false);
    let others = wait_for_rooms(town, &house, round, &over);
    let paying: Vec<_> = payers
        .iter()
        .enumerate()
        .map(|(number, payer)| {
            let (town, payer, over) = (town.clone(), payer.clone(), over.clone());
            tokio::spawn(async move { pay(&town, &payer, Way::of(number), &over).await })
        })
        .collect();
    if round % KILL_EVERY == 1 {
        // Another moment each time, from the first look of the sweep on.
        tokio::time::sleep(PAUSE * u32::try_from(round * 7 % 120)?).await;
        stage.kill();
        sum.kills += 1;
        if let Err(told) = place.verify() {
            sum.found.push(format!("left behind by a kill: {told}"));
        }
        stage.start()?;
    }
    while !paying.iter().all(JoinHandle::is_finished) {
        // The leases of a dead server run out.
        tokio::time::sleep(BEGUN).await;
        place.jobs_come_due().await?;
    }
    for paid in paying {
        sum.found.extend(paid.await??);
    }
    town.stripe.set(Weather::Well);
    sum.found.extend(town.settle(place, &payers).await?);
    is_over.send_replace(true);
    let mut taken = 0;
    for other in others {
        taken += usize::from(other.await??);
    }
    for payer in &payers {
        match payer.status(town).await?.as_str() {
            "CONFIRMED" => (sum.confirmed, taken) = (sum.confirmed + 1, taken + 1),
            "EXPIRED" => sum.expired += 1,
            "REFUNDED" => sum.returned += 1,
            other => sum.found.push(format!("round {round}: {} is {other}", payer.id)),
        }
    }
    let told = house.taken(town.doors.knock(0).await?).await?;
    if PAYERS < taken || told != taken {
        sum.found.push(format!("{taken} have one of {PAYERS} rooms, the calendar says {told}"));
    }
    sum.races += PAYERS;
    sum.guests.extend(payers);
    Ok(())
}

/// Others ask for a room until they have one or it is over. True: they have.
fn wait_for_rooms(
    town: &Town,
    house: &House,
    round: usize,
    over: &watch::Receiver<bool>,
) -> Vec<JoinHandle<Result<bool, Trouble>>> {
    let other = |number: usize| {
        let (town, over) = (town.clone(), over.clone());
        let wish = house.wish(&format!("other-{round}-{number}"), 0);
        tokio::spawn(async move {
            loop {
                // Whoever was told nothing asks once more, so that the last answer is certain.
                let is_over = *over.borrow();
                let answer = town.told(&wish).await?;
                match answer.status {
                    201 => return Ok(true),
                    409 if is_over => return Ok(false),
                    409 | 503 => tokio::time::sleep(PAUSE).await,
                    _ => return Err(format!("{answer:?}").into()),
                }
            }
        })
    };
    (0..OTHERS).map(other).collect()
}

/// What is wrong about how one guest was treated.
async fn pay(
    town: &Town,
    payer: &Payer,
    way: Way,
    over: &watch::Receiver<bool>,
) -> Result<Vec<String>, Trouble> {
    match way {
        Way::Never => {}
        Way::Planned(moment) => town.stripe.with(|books| books.plan(&payer.session, moment)),
        Way::Meanwhile(after_ms) => {
            tokio::time::sleep(Duration::from_millis(after_ms)).await;
            if town.stripe.pay(&payer.session) {
                payer.tell(town, &format!("evt_{}", payer.session), COMPLETED).await?;
            }
        }
        Way::Afterwards { is_free } => {
            while !*over.borrow() {
                let is_expired = payer.status(town).await? == "EXPIRED";
                let is_closed = town.stripe.is_closed(&payer.session);
                if is_expired && !is_closed {
                    return Ok(vec![format!("{}: free before its order was closed", payer.id)]);
                }
                if if is_free { is_expired } else { is_closed } {
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
            town.stripe.with(|books| books.pay_late(&payer.session));
            payer.tell(town, &format!("evt_{}", payer.session), COMPLETED).await?;
        }
    }
    Ok(Vec::new())
}
