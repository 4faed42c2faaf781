//! Bare holds for integrators who keep the reservation elsewhere, and the sweep that frees what
//! nobody paid for in time.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info};
use vacancy_domain::access::Action;
use vacancy_domain::holds::Place;
use vacancy_domain::ids::{HoldId, LineId, PropertyId};
use vacancy_domain::ledger::Line;
use vacancy_domain::stays::{STAY_ADVANCE_DAYS_MAX, Stay};
use vacancy_store::holds::load;

use crate::access::{self, Actor};
use crate::desk::command::{Answer, Command, Key, Order};
use crate::errors::Error;
use crate::reservations::{Bookings, book};

/// How often the sweep looks for overdue holds. With the lapse itself an expired hold is free
/// within a second; whoever needs the stock earlier lapses it by themselves.
pub const SWEEP_MS: u64 = 500;
/// Most holds that one look of the sweep lapses.
pub const SWEEP_HOLDS_MAX: i64 = 1_000;

/// The wish for a bare hold.
#[derive(Debug, Clone)]
pub struct HoldWish {
    pub hotel: PropertyId,
    pub stay: Stay,
    /// Units by room type code.
    pub rooms: BTreeMap<String, i64>,
    /// The caller's own reference; empty when there is none.
    pub reference: String,
    pub key: Option<Key>,
}

impl Bookings {
    /// Places a bare hold.
    pub async fn hold(&self, actor: &Actor, wish: &HoldWish) -> Result<Answer, Error> {
        access::hotel(&self.db, actor, Action::HoldInventory, wish.hotel).await?;
        let offer = book::offer(&self.db, wish.hotel, wish.stay).await?;
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
        let place = Place {
            property: wish.hotel,
            hold: HoldId(self.ids.next_id()),
            reference: wish.reference.clone(),
            lines,
            advance_days_max: Some(STAY_ADVANCE_DAYS_MAX),
        };
        let command = refused.map_or(Command::Place(place), Command::Refuse);
        let mut order = Order::new(wish.hotel, actor.label(), command);
        order.key.clone_from(&wish.key);
        self.desk.submit(order).await
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

    /// Gives a bare hold up. Repeating it changes nothing.
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
        let property =
            self.db.read(move |tx| Box::pin(async move { load::property_of(tx, hold).await }));
        let property = property.await?.ok_or(Error::NotFound)?;
        access::hotel(&self.db, actor, Action::HoldInventory, property).await?;
        self.desk.submit(Order::new(property, actor.label(), command)).await
    }

    /// Lapses what is overdue now. Gives the number of holds it asked the desk about.
    pub async fn sweep(&self) -> Result<usize, Error> {
        let overdue =
            self.db.read(|tx| Box::pin(async move { load::overdue(tx, SWEEP_HOLDS_MAX).await }));
        let overdue = overdue.await?;
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
