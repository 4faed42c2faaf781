//! Ways to write a batch that break the promise, each behind a guard that only a test takes away.
//! They stand apart so that the lane stays readable; no release has them.

use std::sync::{Arc, Mutex};

use vacancy_domain::guards::{self, Guard};
use vacancy_store::faults::Fault;
use vacancy_store::holds::write::{self, Writes};
use vacancy_store::holds::write_outcomes::NewOutcome;
use vacancy_store::holds::{Loaded, load};

use super::batch::{self, Decision, Verdict};
use super::command::{Answer, Command, Order, Outcome};
use super::lane::Lane;
use crate::ids::Ids;

/// How often others run between the look and the locks of a batch that decides on the look.
const OTHERS_RUN: usize = 4;

/// What a batch came to before its commit.
#[derive(Clone, Default)]
struct Heard {
    verdicts: Vec<Verdict>,
    outcomes: Vec<NewOutcome>,
    now_ms: i64,
}

/// Writes the batch in the wrong way that is switched on; `None` when none is.
pub(super) async fn write(
    lane: &Lane,
    orders: &Arc<[Order]>,
    is_last_look: bool,
) -> Option<Result<Vec<Verdict>, Fault>> {
    let wrong = [
        Guard::AnswerAfterCommit,
        Guard::UnknownIsNoYes,
        Guard::KeyWithDeed,
        Guard::DecideBehindLocks,
    ];
    if !wrong.into_iter().any(guards::is_off) {
        return None;
    }
    let heard: Arc<Mutex<Heard>> = Arc::default();
    let mut wanted = batch::wanted(orders);
    if guards::is_off(Guard::DecideBehindLocks) {
        let asked = wanted.clone();
        let look = lane.db.read(|tx| Box::pin(async move { load::look(tx, &asked).await }));
        wanted.seen_before = match look.await {
            Ok(seen) => seen,
            Err(fault) => return Some(Err(fault)),
        };
        for _ in 0..OTHERS_RUN {
            tokio::task::yield_now().await;
        }
    }
    let (orders, ids, tell) = (Arc::clone(orders), lane.ids.clone(), Arc::clone(&heard));
    let written = lane.db.write_desk(move |tx| {
        let (orders, ids) = (Arc::clone(&orders), ids.clone());
        let (wanted, tell) = (wanted.clone(), Arc::clone(&tell));
        Box::pin(async move {
            let decided = batch::decide_all(tx, &wanted, &orders, &ids, is_last_look).await?;
            let Decision { loaded, mut writes, verdicts, .. } = decided;
            let mut told = Heard { verdicts, ..Heard::default() };
            if guards::is_off(Guard::KeyWithDeed) {
                told.now_ms = loaded.snapshot.now_ms;
                told.outcomes = std::mem::take(&mut writes.outcomes);
            }
            write::write(tx, &loaded, &writes).await?;
            *tell.lock().expect("no thread panics while it tells") = told;
            Ok(())
        })
    });
    let written = written.await;
    let heard = heard.lock().expect("no thread panics while it tells").clone();
    if written.is_ok() && !heard.outcomes.is_empty() {
        let _whatever_it_says = write_keys(lane, &heard).await;
    }
    Some(match written {
        Ok(()) => Ok(heard.verdicts),
        Err(_) if guards::is_off(Guard::AnswerAfterCommit) && !heard.verdicts.is_empty() => {
            Ok(heard.verdicts)
        }
        Err(Fault::OutcomeUnknown { .. })
            if guards::is_off(Guard::UnknownIsNoYes) && !heard.verdicts.is_empty() =>
        {
            Ok(heard.verdicts)
        }
        Err(fault) => Err(fault),
    })
}

async fn write_keys(lane: &Lane, heard: &Heard) -> Result<(), Fault> {
    let (outcomes, now_ms) = (heard.outcomes.clone(), heard.now_ms);
    let write = lane.db.write_desk(move |tx| {
        let mut loaded = Loaded::default();
        loaded.snapshot.now_ms = now_ms;
        let writes = Writes { outcomes: outcomes.clone(), ..Writes::default() };
        Box::pin(async move { write::write(tx, &loaded, &writes).await })
    });
    write.await
}

/// Lets the process's own clock decide.
pub(super) fn read_own_clock(loaded: &mut Loaded, ids: &Ids) {
    if guards::is_off(Guard::StoreClock) {
        loaded.snapshot.now_ms = ids.stamp_ms();
    }
}

/// Tells a repeated request what it would cost today.
pub(super) fn price_anew(mut answer: Answer, order: &Order) -> Answer {
    if guards::is_off(Guard::FirstAnswer)
        && let (Outcome::Booked(booked), Command::Book(book)) =
            (&mut answer.outcome, &order.command)
    {
        booked.price = book.price.clone();
    }
    answer
}

/// Makes a reservation dearer while it is confirmed.
pub(super) fn raise_price(loaded: &mut Loaded, order: &Order) {
    if guards::is_off(Guard::AgreedPrice)
        && let Command::Confirm { hold, .. } = &order.command
        && let Some(reservation) = loaded.snapshot.reservations.get_mut(hold)
    {
        reservation.price.total_minor += 1;
    }
}
