//! Bare holds for integrators who keep the reservation elsewhere, and the sweep that frees what
//! nobody paid for in time.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info};
use vacancy_domain::access::Action;
use vacancy_domain::crash::crash_point;
use vacancy_domain::holds::{self, HoldState, Place};
use vacancy_domain::ids::{HoldId, LineId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::stays::{STAY_ADVANCE_DAYS_MAX, Stay};
use vacancy_store::holds::load;
use vacancy_store::reservations;

use crate::access::{self, Actor};
use crate::desk::command::{Answer, Command, Key, KeyName, Order, Outcome};
use crate::errors::Error;
use crate::reservations::Bookings;

/// How often the sweep looks for overdue holds. With the lapse itself an expired hold is free
/// within a second; whoever needs the stock earlier lapses it by themselves.
pub const SWEEP_MS: u64 = 500;
/// Most holds that one look of the sweep lapses.
pub const SWEEP_HOLDS_MAX: i64 = 1_000;
/// Most holds that one reference may have one after the other while keys are kept.
pub const HOLDS_PER_REFERENCE_MAX: usize = 50;

/// The wish for a bare hold.
#[derive(Debug, Clone)]
pub struct HoldWish {
    pub hotel: PropertyId,
    pub stay: Stay,
    /// Units by room type code.
    pub rooms: BTreeMap<String, i64>,
    /// The caller's own reference; empty when there is none.
    pub reference: String,
    pub key: HoldKey,
}

/// Under which name the hold is placed at most once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldKey {
    /// The client's own key.
    Given(Key),
    /// The wish's reference: it names one hold for as long as that hold lives, then the next one.
    Reference { scope: String, body_hash: String },
}

impl Bookings {
    /// Places a bare hold, or gives the one that is there under the wish's key.
    pub async fn hold(&self, actor: &Actor, wish: &HoldWish) -> Result<Answer, Error> {
        access::hotel(&self.db, actor, Action::HoldInventory, wish.hotel).await?;
        let offer = self.offer(wish.hotel, wish.stay).await?;
        let mut lines = Vec::with_capacity(wish.rooms.len());
        let mut refused = None;
        for (code, units) in &wish.rooms {
            match offer.room_type(code) {
                Ok(room_type) => {
                    let id = LineId(self.ids.next_id());
                    lines.push(Line { id, pool: room_type.pool, stay: wish.stay, units: *units });
                }
                Err(refusal) => refused = Some(refusal),
            }
        }
        let advance_days_max = Some(STAY_ADVANCE_DAYS_MAX);
        // The shape first: it bounds how many nights there are to look at.
        let shaped = || holds::check_lines(&lines);
        let dated = || offer.check_when(&lines, &[], advance_days_max);
        refused = refused.or_else(|| shaped().and_then(|()| dated()).err());
        let place = Place {
            property: wish.hotel,
            hold: HoldId(self.ids.next_id()),
            reference: wish.reference.clone(),
            lines,
            advance_days_max,
        };
        let command = refused.map_or(Command::Place(place), Command::Refuse);
        let order = Order::new(wish.hotel, actor.label(), command);
        match &wish.key {
            HoldKey::Given(key) => self.desk.submit(order.with_key(key.clone())).await,
            HoldKey::Reference { scope, body_hash } => {
                self.hold_of_reference(order, scope, body_hash, &wish.reference).await
            }
        }
    }

    /// Follows the holds that a reference had one after the other. Each key follows from the hold
    /// before it, so that a retry walks the same way and places nothing twice.
    async fn hold_of_reference(
        &self,
        order: Order,
        scope: &str,
        body_hash: &str,
        reference: &str,
    ) -> Result<Answer, Error> {
        let mut word = format!("reference {reference}");
        for _ in 0..HOLDS_PER_REFERENCE_MAX {
            let name = KeyName::Scoped { scope: scope.to_owned(), key: word };
            let key = Key { name, body_hash: body_hash.to_owned() };
            let answer = self.desk.submit(order.clone().with_key(key)).await?;
            let hold = match &answer.outcome {
                Outcome::Held(held) if answer.is_replay => held.hold,
                Outcome::Held(_)
                | Outcome::Booked(_)
                | Outcome::RefundAsked(_)
                | Outcome::Reservation(_)
                | Outcome::Known(_)
                | Outcome::Done => return Ok(answer),
            };
            match self.hold_state(hold).await? {
                Some(HoldState::Released | HoldState::Expired | HoldState::Returned) => {
                    word = format!("reference {reference} after {hold}");
                }
                Some(HoldState::Held | HoldState::Confirmed) | None => return Ok(answer),
            }
        }
        Err(Error::KeyReused)
    }

    async fn hold_state(&self, hold: HoldId) -> Result<Option<HoldState>, Error> {
        let state = self.db.read(move |tx| Box::pin(async move { load::state_of(tx, hold).await }));
        Ok(state.await?)
    }

    /// Confirms a bare hold. Repeating it changes nothing.
    pub async fn confirm_hold(
        &self,
        actor: &Actor,
        hold: HoldId,
        reference: Option<String>,
    ) -> Result<Answer, Error> {
        self.move_hold(actor, hold, Command::Confirm { hold, reference }).await
    }

    /// Gives a bare hold up, confirmed or not. Repeating it changes nothing.
    pub async fn release_hold(
        &self,
        actor: &Actor,
        hold: HoldId,
        reference: Option<String>,
        reason: String,
    ) -> Result<Answer, Error> {
        self.move_hold(actor, hold, Command::Cancel { hold, reference, reason }).await
    }

    async fn move_hold(
        &self,
        actor: &Actor,
        hold: HoldId,
        command: Command,
    ) -> Result<Answer, Error> {
        if *actor == Actor::Anonymous {
            return Err(Error::Unauthorized);
        }
        let property = self.db.read(move |tx| {
            Box::pin(async move {
                // The hold of a reservation moves with the reservation and its money, never alone.
                match reservations::by_hold(tx, hold).await? {
                    Some(_) => Ok(None),
                    None => load::property_of(tx, hold).await,
                }
            })
        });
        let property = property.await?.ok_or(Error::NotFound)?;
        access::hotel(&self.db, actor, Action::HoldInventory, property).await?;
        self.desk.submit(Order::new(property, actor.label(), command)).await
    }

    /// Lapses what is overdue now. Gives the number of holds it asked the desk about.
    pub async fn sweep(&self) -> Result<usize, Error> {
        let overdue =
            self.db.read(|tx| Box::pin(async move { load::overdue(tx, SWEEP_HOLDS_MAX).await }));
        let overdue = overdue.await?;
        if !overdue.is_empty() {
            crash_point("sweep.found");
        }
        let lapse = |(property, hold)| {
            self.desk.enqueue(Order::new(property, "sweep", Command::Lapse { hold }))
        };
        let answers: Vec<_> = overdue.into_iter().map(lapse).collect();
        let count = answers.len();
        for answer in answers {
            if let Ok(Err(error)) = answer.await {
                error!(error = %error, "lapse an overdue hold: {error}");
            }
        }
        if count != 0 {
            crash_point("sweep.lapsed");
        }
        Ok(count)
    }

    /// Sweeps until told to stop.
    pub async fn keep_sweeping(self, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(Duration::from_millis(SWEEP_MS));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.changed() => return,
            }
            match self.sweep().await {
                Ok(0) => {}
                Ok(count) => info!(holds.count = count, "swept {count} overdue holds"),
                Err(error) => error!(error = %error, "look for overdue holds: {error}"),
            }
        }
    }
}
