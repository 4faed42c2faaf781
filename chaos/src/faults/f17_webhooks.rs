//! F17: webhooks come twice, in any order, with old news, days late, before our own commit, or not at
//! all. Every payment ends alike, since a webhook only makes the server ask, and a job asks when none
//! comes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vacancy_store::sql::Engine;

use crate::Trouble;
use crate::house::House;
use crate::payers::{self, Payer, Town};
use crate::place::Place;
use crate::scenario::{Outcome, Setup};
use crate::stage::Stage;
use crate::stripe::{self, COMPLETED, Stripe, Weather};

/// Of one payment: copies and news that are not true any more, or never were.
const KINDS: [&str; 6] = [
    COMPLETED,
    COMPLETED,
    "checkout.session.expired",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.something_new",
];
/// Each of so many orders of them, in the short run: all in the long one.
const STEP: usize = 30;
const ORDERS: usize = 720;
/// How many in a hundred get lost.
const LOSSES: [u64; 3] = [20, 50, 100];
/// Guests of each share of loss, of early news, and of late news.
const PAYERS: usize = 12;
/// Guests who pay at the same time.
const AT_ONCE: usize = 24;
/// Nothing comes of a payment by itself in this time.
const QUIET: Duration = Duration::from_secs(1);
/// Longer than a signature counts.
const DAYS_S: i64 = 3 * 24 * 60 * 60;

pub(crate) fn run(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    crate::runtime()?.block_on(tell(setup, engine))
}

async fn tell(setup: &Setup, engine: Engine) -> Result<Outcome, Trouble> {
    let stripe = Stripe::open().await?;
    let place = payers::place(setup, engine, &stripe).await?;
    let stage = Stage::open(&place)?;
    let town = Town::new(&place, &stage, &stripe)?;
    let house = town.house(2_000).await?;
    let mut news = News { town, house, place: &place, found: Vec::new(), guests: Vec::new() };
    let step = if setup.is_short { STEP } else { 1 };
    let orders: Vec<usize> = (0..ORDERS).step_by(step).collect();
    for some in orders.chunks(AT_ONCE) {
        news.in_any_order(some).await?;
    }
    let mut polled = Duration::ZERO;
    for loss in LOSSES {
        polled = news.get_lost(loss).await?;
    }
    news.overtake().await?;
    news.ended_alike().await?;
    news.come_late().await?;
    let News { town, mut found, guests, .. } = news;
    if 0 < stripe.unheard() {
        found.push(format!("{} early events were not taken", stripe.unheard()));
    }
    found.extend(town.judge_all(&guests).await?);
    payers::close(&place, stage, &mut found)?;
    place.remove().await;
    Ok(Outcome {
        done: format!(
            "six webhooks of a payment in {} orders, {LOSSES:?} % of them lost, told before the \
             order is ours, and late",
            orders.len()
        ),
        figures: format!(
            "{} payments ended alike; without any webhook {} ms after the time of the job that asks",
            guests.len(),
            polled.as_millis()
        ),
        violations: found,
    })
}

struct News<'p> {
    town: Town,
    house: House,
    place: &'p Place,
    found: Vec<String>,
    guests: Vec<Payer>,
}

impl News<'_> {
    /// Each guest hears the six in another order, and pays at another moment between them.
    async fn in_any_order(&mut self, orders: &[usize]) -> Result<(), Trouble> {
        let name = format!("order-{}", orders[0]);
        let payers = self.town.payers(&self.house, &name, orders.len()).await?;
        let mut telling = JoinSet::new();
        for (mut payer, order) in payers.into_iter().zip(orders.to_vec()) {
            let town = self.town.clone();
            telling.spawn(async move {
                payer.opens(&town).await?;
                for (turn, number) in permutation(order).into_iter().enumerate() {
                    if turn == order % KINDS.len() {
                        town.stripe.pay(&payer.session);
                    }
                    let kind = KINDS[number];
                    payer.tell(&town, &format!("{}-{kind}", payer.session), kind).await?;
                }
                Ok::<Payer, Trouble>(payer)
            });
        }
        let mut paid = Vec::new();
        while let Some(payer) = telling.join_next().await {
            paid.push(payer??);
        }
        self.confirmed(paid).await
    }

    /// Gives how long it took to the last confirmation, once nothing more was told.
    async fn get_lost(&mut self, loss: u64) -> Result<Duration, Trouble> {
        let mut payers = self.town.payers(&self.house, &format!("loss-{loss}"), PAYERS).await?;
        let mut draw: u64 = loss;
        for payer in &mut payers {
            payer.opens(&self.town).await?;
            self.town.stripe.pay(&payer.session);
            for kind in KINDS {
                draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if loss <= (draw >> 33) % 100 {
                    payer.tell(&self.town, &format!("{}-{kind}", payer.session), kind).await?;
                }
            }
        }
        if loss == 100 {
            // The control: nothing but the job that asks can bring it.
            tokio::time::sleep(QUIET).await;
            for payer in &payers {
                let status = payer.status(&self.town).await?;
                if status != "PENDING_PAYMENT" {
                    self.found.push(format!("nobody told of it, and it is {status}"));
                }
            }
            self.place.jobs_come_due().await?;
        }
        let began = Instant::now();
        self.confirmed(payers).await?;
        Ok(began.elapsed())
    }

    /// Guests pay before we have the name of their order, and we hear of that first.
    async fn overtake(&mut self) -> Result<(), Trouble> {
        let address = self.town.doors.knock(0).await?;
        let mut payers = self.town.payers(&self.house, "early", PAYERS).await?;
        self.town.stripe.set(Weather::Overtakes(address));
        for payer in &mut payers {
            payer.opens(&self.town).await?;
        }
        self.town.stripe.set(Weather::Well);
        self.confirmed(payers).await
    }

    async fn confirmed(&mut self, payers: Vec<Payer>) -> Result<(), Trouble> {
        for payer in &payers {
            payer.until(&self.town, self.place, "CONFIRMED").await?;
        }
        self.guests.extend(payers);
        Ok(())
    }

    /// All of them look the same, whatever was told and in whichever order.
    async fn ended_alike(&mut self) -> Result<(), Trouble> {
        let mut ends: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for payer in &self.guests {
            let end = end_of(&payer.shown(&self.town).await?).to_string();
            ends.entry(end).or_default().push(&payer.id);
        }
        if ends.len() != 1 {
            self.found.push(format!("payments ended in different ways: {ends:?}"));
        }
        Ok(())
    }

    /// Three days later: with a new signature it changes nothing, with the old one it is refused; and
    /// again when the money has gone back.
    async fn come_late(&mut self) -> Result<(), Trouble> {
        let payers = self.guests.split_off(self.guests.len().saturating_sub(PAYERS));
        for status in ["CONFIRMED", "REFUNDED"] {
            let mut before = Vec::new();
            for payer in &payers {
                if status == "REFUNDED" {
                    self.town.expect(&payer.cancel(), 200).await?;
                }
                payer.until(&self.town, self.place, status).await?;
                before.push(end_of(&payer.shown(&self.town).await?));
            }
            for payer in &payers {
                self.tell_late(payer, status).await?;
            }
            tokio::time::sleep(QUIET).await;
            for (payer, before) in payers.iter().zip(before) {
                let after = end_of(&payer.shown(&self.town).await?);
                if before != after {
                    self.found.push(format!("late news changed {before} to {after}"));
                }
            }
        }
        self.guests.extend(payers);
        Ok(())
    }

    async fn tell_late(&mut self, payer: &Payer, name: &str) -> Result<(), Trouble> {
        for kind in KINDS {
            let id = format!("{}-{kind}-{name}", payer.session);
            let old = stripe::event(&id, kind, &payer.session, &payer.payment, DAYS_S);
            let refused = self.town.told(&old).await?;
            if refused.body["code"] != "webhook_stale" {
                self.found.push(format!("an old signature: {refused:?}"));
            }
            payer.tell(&self.town, &id, kind).await?;
        }
        Ok(())
    }
}

/// What must be the same of all of them.
fn end_of(shown: &Value) -> Value {
    let each = |name: &str, field: &str| -> Vec<Value> {
        let all = shown[name].as_array().into_iter().flatten();
        all.map(|one| one[field].clone()).collect()
    };
    json!({
        "status": shown["status"], "stay": shown["stayState"], "payment": shown["paymentState"],
        "paid": shown["paid"], "refunded": shown["refunded"], "due": shown["due"],
        "payments": each("payments", "paymentStatus"), "history": each("history", "action"),
    })
}

/// The order with this number among all orders of the six.
fn permutation(mut number: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..KINDS.len()).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        order.push(left.remove(number % left.len()));
        number /= left.len() + 1;
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_order_has_a_number() {
        let orders: BTreeSet<Vec<usize>> = (0..ORDERS).map(permutation).collect();
        assert_eq!(orders.len(), ORDERS);
    }
}
