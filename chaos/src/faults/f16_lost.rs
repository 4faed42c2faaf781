//! F16: the provider does what it is asked, and nobody hears of it: orders, then refunds; in some rounds
//! the server is killed as well. The same request finds what was done: one order, one payment, one
//! refund of each. The control is a provider that breaks its promise about keys.

use std::time::{Duration, Instant};

use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::payers::{self, Payer, Town};
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::Stage;
use crate::stripe::{Session, Stripe, Weather};

/// Half of their answers get lost, which is too few to open the circuit.
const PAYERS: usize = 8;
/// Crowds, one after the other, in the short run and in the long one.
const ROUNDS: (usize, usize) = (2, 100);
/// Every so many rounds the server is killed as well.
const KILL_EVERY: usize = 2;
/// Every so many rounds an answer does not break off, but never comes.
const HANG_EVERY: usize = 4;
/// Longest wait until the provider has done so much.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(2);

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(lose(setup, engine))
}

async fn lose(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let stripe = Stripe::open().await?;
    let place = payers::place(setup, engine, &stripe).await?;
    let stage = Stage::open(&place)?;
    let town = Town::new(&place, &stage, &stripe)?;
    let mut rounds = Rounds { town, place: &place, stage, kills: 0 };
    let (mut found, mut guests) = (Vec::new(), Vec::new());
    for round in 0..if setup.is_short { ROUNDS.0 } else { ROUNDS.1 } {
        let paid = rounds.pay(round).await?;
        found.extend(rounds.town.settle(&place, &paid).await?);
        rounds.give_back(round, &paid).await?;
        found.extend(rounds.town.settle(&place, &paid).await?);
        guests.extend(paid);
    }
    let Rounds { town, stage, kills, .. } = rounds;
    found.extend(town.judge_all(&guests).await?);
    let (ledger, lost) = (stripe.ledger(), stripe.lost());
    found.extend(control(&town).await?);
    payers::close(&place, stage, &mut found)?;
    place.remove().await;
    let count = guests.len();
    Ok(Outcome {
        done: format!(
            "{count} guests pay and cancel, {lost} orders and refunds are made and never \
             answered, {kills} kill -9 in the midst"
        ),
        figures: format!(
            "{} orders, {} refunds; a provider that forgets its keys was found out",
            ledger.len(),
            ledger.iter().map(|one| one.refunds.len()).sum::<usize>()
        ),
        violations: found,
    })
}

struct Rounds<'p> {
    town: Town,
    place: &'p Place,
    stage: Stage<'p>,
    kills: usize,
}

impl Rounds<'_> {
    fn begin(&self, round: usize) {
        let hangs = round.is_multiple_of(HANG_EVERY);
        self.town.stripe.set(Weather::Loses { one_in: 2, hangs });
    }

    /// Everybody goes to pay at once, and again until they have an order.
    async fn pay(&mut self, round: usize) -> Result<Vec<Payer>, Trouble> {
        let house = self.town.house(PAYERS).await?;
        let mut payers = self.town.payers(&house, &format!("lost-{round}"), PAYERS).await?;
        self.begin(round);
        let (asking, asked) = (self.town.clone(), payers.clone());
        let orders = tokio::spawn(async move { asking.order_at_once(&asked).await });
        self.kill_after(round, |_| 1).await?;
        orders.await??;
        if round.is_multiple_of(HANG_EVERY) {
            self.town.stripe.set(Weather::Well);
        }
        for payer in &mut payers {
            payer.opens(&self.town).await?;
            payer.pays(&self.town).await?;
        }
        self.town.stripe.set(Weather::Well);
        for payer in &payers {
            payer.until(&self.town, self.place, "CONFIRMED").await?;
        }
        Ok(payers)
    }

    /// Everybody cancels.
    async fn give_back(&mut self, round: usize, payers: &[Payer]) -> Result<(), Trouble> {
        self.begin(round);
        for payer in payers {
            self.town.expect(&payer.cancel(), 200).await?;
        }
        self.kill_after(round, |session| session.refunds.len()).await?;
        for payer in payers {
            payer.until(&self.town, self.place, "REFUNDED").await?;
        }
        self.town.stripe.set(Weather::Well);
        Ok(())
    }

    /// In its rounds the server dies once the provider has done so much more, another number each time.
    async fn kill_after(
        &mut self,
        round: usize,
        of: impl Fn(&Session) -> usize,
    ) -> Result<(), Trouble> {
        if round % KILL_EVERY != 1 {
            return Ok(());
        }
        let done = || self.town.stripe.ledger().iter().map(&of).sum::<usize>();
        // Rounds before this one have all of theirs.
        let wanted = round * PAYERS + (round / KILL_EVERY) % PAYERS + 1;
        let began = Instant::now();
        while done() < wanted && began.elapsed() < PATIENCE {
            tokio::time::sleep(GLANCE).await;
        }
        self.stage.kill();
        self.kills += 1;
        if let Err(told) = self.place.verify() {
            return Err(format!("left behind by a kill: {told}").into());
        }
        self.stage.start()
    }
}

/// A provider that does not know a key again makes a second order; the judge must see it.
async fn control(town: &Town) -> Result<Vec<String>, Trouble> {
    let house = town.house(1).await?;
    let mut payer = Payer::book(town, &house, "control").await?;
    town.stripe.with(|books| books.forgets_keys = true);
    town.stripe.set(Weather::Loses { one_in: 1, hangs: false });
    town.told(&payer.order()).await?;
    town.stripe.set(Weather::Well);
    payer.opens(town).await?;
    town.stripe.with(|books| books.forgets_keys = false);
    let found = town.judge(&[payer]).await?;
    let is_seen = found.iter().any(|told| told.contains("two orders"));
    Ok(if is_seen { Vec::new() } else { vec![format!("the control was not seen: {found:?}")] })
}
