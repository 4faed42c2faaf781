//! How the guests of the world pay: they open an order, go to the provider's page, come back or not,
//! and the provider's webhooks knock at some instance; how staff give back. All of it through the
//! product's own use cases.

use std::sync::atomic::Ordering;

use tokio::task::JoinHandle;
use vacancy_app::access::Actor;
use vacancy_app::desk::command::RefundAsked;
use vacancy_app::errors::Error;
use vacancy_app::payments::order::{ClaimedAmount, PaymentWish, Returned};
use vacancy_connect::payments::webhook::Webhook;
use vacancy_domain::ids::ReservationId;

use super::World;
use super::staff::GoodWill;
use crate::oracle::{Checked, Violation};
use crate::provider::Visit;
use crate::random::Random;

/// Most guests of a step who do something about their money.
const PAYING_MAX: i64 = 5;

/// What somebody does about money, on its way; the task of an instance that may die.
pub(super) struct Paying {
    reservation: ReservationId,
    instance: u64,
    task: JoinHandle<Result<Heard, Error>>,
}

/// What came of it, beside what the store says.
#[derive(Debug)]
enum Heard {
    Nothing,
    /// An order to pay.
    Order(String),
    /// Money will go back, and perhaps is due again: by the key that it was asked with.
    Back(String, bool, RefundAsked),
}

impl Paying {
    /// An instance has died: whoever had to do with it hears nothing.
    pub(super) fn dies_with(&self, instance: u64) {
        if self.instance == instance {
            self.task.abort();
        }
    }
}

/// What somebody does about money.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Deed {
    Open {
        provider: &'static str,
    },
    /// On the page of the provider; and perhaps straight back to us.
    Visit {
        order: String,
        visit: Visit,
        is_back: bool,
    },
    Back {
        order: String,
    },
    GiveBack(GoodWill),
}

impl World {
    /// Some guests do something about their money, side by side with everybody else.
    pub(super) fn go_to_pay(&mut self, at: i64) {
        let count = self.random(at, 15).between(0, PAYING_MAX);
        let sent = self.orders.last().copied().unwrap_or(0);
        if let Some(orders) = self.orders.last_mut() {
            *orders += count;
        }
        for number in 0..count {
            let mut random = self.random(at, 500 + number.unsigned_abs());
            if self.plan.left_out.contains(&(at, sent + number)) {
                continue;
            }
            if let Some((reservation, deed)) = self.draw_deed(&mut random) {
                let paying = self.pay(reservation, deed, &mut random);
                self.paying.extend(paying);
            }
        }
    }

    fn draw_deed(&self, random: &mut Random) -> Option<(ReservationId, Deed)> {
        if random.chance(self.plan.profile.good_will) {
            let (reservation, good_will) = self.draw_good_will(random)?;
            return Some((ReservationId(reservation.as_u128()), Deed::GiveBack(good_will)));
        }
        let known = random.pick(&self.known)?;
        let reservation = known.reservation?;
        let order = random.pick(&known.orders).cloned();
        let deed = match (order, random.between(0, 100)) {
            (None, _) | (Some(_), 0..=14) => {
                let till = random.pick(&self.tills)?;
                Deed::Open { provider: till.kind.name() }
            }
            (Some(order), 15..=69) => {
                let visits = [Visit::Pays, Visit::Pays, Visit::AsksBank, Visit::IsDeclined];
                let visit = random.pick(&visits).copied()?;
                Deed::Visit { order, visit, is_back: random.chance(500) }
            }
            (Some(order), _) => Deed::Back { order },
        };
        Some((reservation, deed))
    }

    fn pay(
        &mut self,
        reservation: ReservationId,
        deed: Deed,
        random: &mut Random,
    ) -> Option<Paying> {
        if self.plan.keeps_log {
            self.log.push(format!("{} {reservation} {deed:?}", self.now_ms()));
        }
        let at = random.between(0, i64::try_from(self.instances.len()).unwrap_or(1));
        let instance = &self.instances[usize::try_from(at).unwrap_or(0)];
        let (payments, number) = (instance.payments.clone(), instance.number);
        let actor = Actor::Guest { reservation };
        let back = match deed {
            Deed::Open { provider } => {
                let wish = PaymentWish {
                    reservation,
                    return_url: "https://example.com/back".to_owned(),
                    test_outcome: None,
                    claimed: ClaimedAmount::default(),
                };
                let task = tokio::spawn(async move {
                    let till = payments.till(&actor, reservation, provider).await?;
                    let opened = payments.open_order(&actor, &till, &wish).await?;
                    Ok(Heard::Order(opened.standings.payment.provider_order_id))
                });
                return Some(Paying { reservation, instance: number, task });
            }
            Deed::Visit { order, visit, is_back } => {
                for till in &self.tills {
                    till.visit(&order, visit);
                }
                is_back.then_some(order)?
            }
            Deed::Back { order } => order,
            Deed::GiveBack(good_will) => {
                let (key, is_still_due) = (good_will.key.clone(), good_will.is_still_due);
                let task = tokio::spawn(async move {
                    let asked = good_will.ask(payments).await;
                    asked.map(|asked| Heard::Back(key, is_still_due, asked))
                });
                return Some(Paying { reservation, instance: number, task });
            }
        };
        let back = Returned {
            reservation,
            provider_order_id: back,
            claim: None,
            claimed: ClaimedAmount::default(),
        };
        let task =
            tokio::spawn(
                async move { payments.confirm(&actor, &back).await.map(|_| Heard::Nothing) },
            );
        Some(Paying { reservation, instance: number, task })
    }

    /// What they hear of it.
    pub(super) async fn hear_paid(&mut self) -> Checked {
        for Paying { reservation, task, .. } in std::mem::take(&mut self.paying) {
            let code = match task.await {
                Ok(Ok(heard)) => {
                    self.heard(reservation, heard)?;
                    "done"
                }
                Ok(Err(error)) => error.code(),
                Err(ended) if ended.is_panic() => {
                    return Err(Violation { rule: "no order breaks", told: ended.to_string() });
                }
                Err(_died) => "outcome_unknown",
            };
            if self.plan.keeps_log {
                self.log.push(format!("{} {reservation} {code}", self.now_ms()));
            }
            self.note(code);
        }
        Ok(())
    }

    fn heard(&mut self, reservation: ReservationId, heard: Heard) -> Checked {
        match heard {
            Heard::Nothing => {}
            Heard::Order(order) => {
                let mut known = self.known.iter_mut();
                let known = known.find(|known| known.reservation == Some(reservation));
                if let Some(known) = known
                    && !order.is_empty()
                    && !known.orders.contains(&order)
                {
                    known.orders.push(order);
                }
            }
            Heard::Back(key, is_still_due, asked) => {
                self.situations.note("money: staff gave back");
                self.oracle.money.refund_told(&key, World::told_of(&asked, is_still_due))?;
            }
        }
        Ok(())
    }

    /// Time passes at the providers, and what they have to tell knocks at our door.
    pub(super) async fn knock(&mut self, random: &mut Random) {
        let is_deaf = random.chance(self.plan.profile.deaf);
        for till in self.tills.clone() {
            till.pass();
            for delivery in till.deliveries() {
                let at = random.between(0, i64::try_from(self.instances.len()).unwrap_or(1));
                let payments = self.instances[usize::try_from(at).unwrap_or(0)].payments.clone();
                let now_ms = self.clock.load(Ordering::SeqCst);
                let body = delivery.body.clone();
                let webhook = Webhook { headers: &[], body: body.as_bytes(), now_ms };
                let is_taken = !is_deaf
                    && matches!(
                        payments.take_webhook(till.kind.name(), None, &webhook).await,
                        Ok(Ok(()))
                    );
                if self.plan.keeps_log {
                    self.log.push(format!("{now_ms} {body}: taken {is_taken}"));
                }
                till.delivered(delivery, is_taken);
            }
        }
    }
}
