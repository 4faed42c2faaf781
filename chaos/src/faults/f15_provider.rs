//! F15: the provider is slow, hangs, fails, turns us away or is not there, under guests who go to pay and
//! others who want their money back. They keep their rooms and hear of it within ten seconds; whoever
//! searches and books meanwhile goes on; when it is well again, each pays one order and has one refund.

use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::house::House;
use crate::payers::{self, Payer, Town};
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::Stage;
use crate::stripe::{Stripe, Weather};
use crate::wire::Ask;

/// More than open the circuit.
const PAYERS: usize = 12;
/// Guests who have paid and cancel meanwhile.
const LEAVERS: usize = 4;
/// Searches and bookings, one after the other.
const OTHERS: usize = 40;
/// Nobody waits longer for an answer: no guest, and no call of ours.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Orders can be had again, and the circuit is closed, so long after the provider is well.
const WELL_MAX: Duration = Duration::from_secs(30);
const SLOW: Duration = Duration::from_secs(3);

/// The name, the weather, and whether it has to open the circuit.
const WEATHERS: [(&str, Weather, bool); 6] = [
    ("hangs", Weather::Silent, true),
    ("slow", Weather::Slow(SLOW), false),
    ("500", Weather::Says(500), true),
    ("429", Weather::Says(429), true),
    ("down", Weather::Down, true),
    ("broken", Weather::Breaks(500), true),
];

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(away(setup, engine))
}

async fn away(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let stripe = Stripe::open().await?;
    let place = payers::place(setup, engine, &stripe).await?;
    let stage = Stage::open(&place)?;
    let town = Town::new(&place, &stage, &stripe)?;
    let house = town.house(2_000).await?;
    let weathers = if setup.is_short { &WEATHERS[..1] } else { &WEATHERS };
    let mut storm = Storm { town, house, place: &place, found: Vec::new(), guests: Vec::new() };
    let mut figures = Vec::new();
    for (name, weather, opens) in weathers {
        figures.push(storm.passes(name, *weather, *opens).await?);
    }
    let Storm { town, mut found, guests, .. } = storm;
    if WAIT_MAX < stripe.waited_max() {
        found.push(format!("a call waited {:?} for the provider", stripe.waited_max()));
    }
    figures.push(format!("no call waited longer than {} ms", stripe.waited_max().as_millis()));
    figures.push(format!("{} guests, {} orders", guests.len(), stripe.ledger().len()));
    found.extend(town.judge_all(&guests).await?);
    payers::close(&place, stage, &mut found)?;
    place.remove().await;
    let names: Vec<&str> = weathers.iter().map(|(name, ..)| *name).collect();
    Ok(Outcome {
        done: format!(
            "{PAYERS} guests go to pay and {LEAVERS} want money back while the provider is: {}",
            names.join(", ")
        ),
        figures: figures.join("; "),
        violations: found,
    })
}

struct Storm<'p> {
    town: Town,
    house: House,
    place: &'p Place,
    found: Vec<String>,
    /// Everybody who ever had an order.
    guests: Vec<Payer>,
}

impl Storm<'_> {
    async fn passes(
        &mut self,
        name: &str,
        weather: Weather,
        opens: bool,
    ) -> Result<String, Trouble> {
        let leavers = self.leavers(name).await?;
        let before = self.others(&format!("{name}-before")).await?;
        let mut payers = self.town.payers(&self.house, name, PAYERS).await?;
        self.town.stripe.set(weather);
        for leaver in &leavers {
            self.town.expect(&leaver.cancel(), 200).await?;
        }
        let others = format!("{name}-meanwhile");
        let (orders, meanwhile) =
            tokio::join!(self.town.order_at_once(&payers), self.others(&others));
        let (orders, meanwhile) = (orders?, meanwhile?);
        let slowest = orders.iter().map(|(_, took)| *took).max().unwrap_or_default();
        let is_told = |status| if opens { matches!(status, 202 | 503) } else { status == 200 };
        for (answer, took) in &orders {
            let is_right = answer.as_ref().is_some_and(|answer| is_told(answer.status));
            if !is_right || WAIT_MAX < *took {
                self.found.push(format!("{name}: {took:?} for {answer:?}"));
            }
        }
        if WAIT_MAX < meanwhile {
            self.found.push(format!("{name}: others waited {meanwhile:?}, {before:?} before"));
        }
        if self.circuit_is_open().await? != opens {
            self.found.push(format!("{name}: whether the circuit is open is told wrongly"));
        }
        for payer in &payers {
            let status = payer.status(&self.town).await?;
            if status != "PENDING_PAYMENT" {
                self.found.push(format!("{name}: the room is not kept: {status}"));
            }
        }
        let well = self.clears_up(name, &mut payers).await?;
        for payer in &payers {
            payer.pays(&self.town).await?;
        }
        for payer in &payers {
            payer.until(&self.town, self.place, "CONFIRMED").await?;
        }
        for leaver in &leavers {
            leaver.until(&self.town, self.place, "REFUNDED").await?;
        }
        self.guests.extend(payers.into_iter().chain(leavers));
        Ok(format!(
            "{name}: told within {} ms, others {} ms ({} before), orders again after {} ms",
            slowest.as_millis(),
            meanwhile.as_millis(),
            before.as_millis(),
            well.as_millis(),
        ))
    }

    /// Guests who have paid.
    async fn leavers(&self, name: &str) -> Result<Vec<Payer>, Trouble> {
        let mut leavers = self.town.payers(&self.house, &format!("{name}-leaver"), LEAVERS).await?;
        for leaver in &mut leavers {
            leaver.opens(&self.town).await?;
            leaver.pays(&self.town).await?;
            leaver.until(&self.town, self.place, "CONFIRMED").await?;
        }
        Ok(leavers)
    }

    /// The provider is well again. Gives how long it takes until everybody has an order.
    async fn clears_up(&mut self, name: &str, payers: &mut [Payer]) -> Result<Duration, Trouble> {
        self.town.stripe.set(Weather::Well);
        let began = Instant::now();
        for payer in payers {
            payer.opens(&self.town).await?;
        }
        let well = began.elapsed();
        if WELL_MAX < well || self.circuit_is_open().await? {
            self.found.push(format!("{name}: orders again only after {well:?}"));
        }
        Ok(well)
    }

    async fn circuit_is_open(&self) -> Result<bool, Trouble> {
        let page = self.town.told(&Ask::get("/metrics".into())).await?;
        let mut lines = page.text_body.lines();
        let line = lines.find(|line| {
            line.starts_with("vacancy_provider_circuit_open") && line.contains("stripe")
        });
        let line = line.ok_or("no metric of the circuit")?;
        Ok(line.ends_with(" 1"))
    }

    /// The slowest answer to somebody who looks for a room, books it, and looks at it.
    async fn others(&self, name: &str) -> Result<Duration, Trouble> {
        let mut slowest = Duration::ZERO;
        for number in 0..OTHERS {
            let wish = self.house.wish(&format!("{name}-{number}"), number);
            for (ask, status) in [(self.house.search(), 200), (wish, 201)] {
                let began = Instant::now();
                self.town.expect(&ask, status).await?;
                slowest = slowest.max(began.elapsed());
            }
        }
        Ok(slowest)
    }
}
