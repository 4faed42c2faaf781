//! The end of a world: faults heal, clients repeat what they do not know, time passes, and
//! everything must settle.

use std::sync::atomic::Ordering;

use uuid::Uuid;
use vacancy_app::access::Actor;
use vacancy_app::verify;
use vacancy_domain::ids::ReservationId;
use vacancy_store::testing::{journal, visibility};

use super::{World, broken};
use crate::crowd::DAY_MS;
use crate::oracle::{Checked, Step, Violation};
use crate::provider::Till;
use crate::random::Random;

/// How often an order without a definite answer is repeated after the faults healed.
const REPEATS_MAX: usize = 5;
/// Rounds in which the jobs must come to their end; the longest pause between two is an hour.
const ROUNDS_MAX: usize = 40;
const ROUND_MS: i64 = 60 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;
/// Minutes in which money that is owed goes back, or becomes somebody's matter.
const REPAIR_ROUNDS: usize = 20;
/// Longer than anybody asks for a payment.
const DAYS: usize = 15;
/// And longer than anybody looks back at a refund.
const LONG_ROUNDS: usize = 4;
const LONG_MS: i64 = 17 * DAY_MS;

impl World {
    pub(super) async fn come_to_rest(&mut self) -> Checked {
        self.calm();
        for till in &self.tills {
            till.heal();
        }
        self.watch.heal();
        self.plan.profile.leave = 0;
        (self.plan.profile.crash, self.plan.profile.deaf) = (0, 0);
        if self.open.take().is_some() {
            visibility::roll_back(&self.db).await.map_err(broken("end a transaction"))?;
        }
        // Instances that hear of no fault any more, as after a deployment.
        self.restart_all().await?;
        let mut random = self.random(-1, 13);
        for _ in 0..REPEATS_MAX {
            let orders = std::mem::take(&mut self.unsettled);
            let again = |order: &_| {
                let mut order = self.crowd.again(order);
                order.deadline = None;
                order
            };
            for order in orders.iter().map(again).collect::<Vec<_>>() {
                // One after the other: a queue of one must not turn them away.
                let sent = self.send(vec![order], &mut random);
                self.hear(sent, false).await?;
            }
        }
        if !self.unsettled.is_empty() {
            let told = format!("no definite answer for {:?}", self.unsettled);
            return Err(Violation { rule: "I20", told });
        }
        let now_ms = self.now_ms();
        self.judge(Step { from_ms: now_ms, to_ms: now_ms, ..Step::default() }).await?;
        self.repair(&mut random).await?;
        self.settle(&mut random).await?;
        self.oracle.at_rest(self.now_ms())?;
        self.judge_money(&journal::Changes::default()).await?;
        let folios = self.folios().await?;
        self.oracle.money.at_rest(&folios, &self.forgiven, self.now_ms())?;
        let report = verify::verify(&self.db).await.map_err(broken("verify the books"))?;
        if !report.is_clean() {
            return Err(Violation { rule: "verify", told: format!("{report:?}") });
        }
        Ok(())
    }

    /// Minutes pass in peace: what went wrong with money has its end in time, or people know.
    async fn repair(&mut self, random: &mut Random) -> Checked {
        for _ in 0..REPAIR_ROUNDS {
            self.pass(MINUTE_MS, random).await?;
            self.oracle.money.in_time(self.now_ms(), &self.forgiven)?;
        }
        Ok(())
    }

    /// Some time passes with nobody asking for anything.
    async fn pass(&mut self, ms: i64, random: &mut Random) -> Checked {
        let from_ms = self.clock.fetch_add(ms, Ordering::SeqCst) + ms;
        self.sweep(random).await;
        self.knock(random).await;
        self.work(random).await?;
        self.judge(Step { from_ms, to_ms: self.now_ms(), ..Step::default() }).await
    }

    /// What the product shows as the balance of each reservation.
    async fn folios(&self) -> Result<Vec<(Uuid, i64)>, Violation> {
        let mut folios = Vec::new();
        let bookings = &self.instances[0].payments.bookings;
        for stay in self.oracle.money.stays() {
            let folio = bookings.folio(&Actor::System, ReservationId(stay.as_u128())).await;
            let folio = folio.map_err(|error| Violation {
                rule: "I11",
                told: format!("no folio of {stay}: {error}"),
            })?;
            folios.push((stay, folio.balance().minor));
        }
        Ok(folios)
    }

    /// Time passes until nothing is left to do.
    async fn settle(&mut self, random: &mut Random) -> Checked {
        for _ in 0..DAYS {
            self.pass(DAY_MS, random).await?;
            self.work_inbox(random, 500).await;
        }
        self.work_inbox(random, 1_000).await;
        for _ in 0..LONG_ROUNDS {
            self.pass(LONG_MS, random).await?;
        }
        for _ in 0..ROUNDS_MAX {
            let from_ms = self.now_ms();
            self.sweep(random).await;
            self.knock(random).await;
            self.work(random).await?;
            self.judge(Step { from_ms, to_ms: self.now_ms(), ..Step::default() }).await?;
            if self.oracle.at_rest_but_for_news(self.now_ms()).is_ok() {
                break;
            }
            self.clock.fetch_add(ROUND_MS, Ordering::SeqCst);
        }
        let mut reached = None;
        while reached != Some(self.follower) {
            reached = Some(self.follower);
            self.follow().await?;
        }
        Ok(())
    }

    /// What the whole life of the world shows.
    pub(super) fn note_ends(&mut self) {
        let trouble = self.fates.trouble();
        let stock = self.oracle.stock_counts();
        for (what, times) in [
            ("commit: failed", trouble.failed),
            ("commit: unknown, applied", trouble.applied),
            ("commit: unknown, lost", trouble.lost),
            (
                "money: the provider's answer was lost",
                self.tills.iter().map(Till::lost_count).sum(),
            ),
            ("money: came late, the nights were taken again", self.oracle.money.retaken_count),
            ("money: came late and went back", self.oracle.money.late_count),
            (
                "money: a bank took it back",
                u64::try_from(self.oracle.money.taken_back_count).unwrap_or(u64::MAX),
            ),
            ("money: lists were compared", self.oracle.jobs.compared_count()),
            ("job: done", self.oracle.jobs.done_count()),
            ("night: oversold by a cut", stock.0),
            ("night: no longer oversold", stock.1),
        ] {
            self.situations.note_times(what, times);
        }
        for till in &self.tills {
            for (what, times) in till.seen() {
                self.situations.note_times(what, times);
            }
        }
    }
}
