//! I9 paid is booked or given back, I10 confirmed is guaranteed, I11 sums, and forward only for
//! payments (I4). Judges what our store says of money against itself and against the providers' own
//! books, which are the truth. The zombies of the design and their deadlines stand in `zombies`, the
//! parts of a price in `parts`.

mod parts;
mod zombies;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vacancy_store::testing::journal::Changes;
use vacancy_store::testing::money::{self, PaymentRow, StayRow};

use super::{Checked, check};
use crate::provider::Taken;

/// What a provider has of one of our payments, over all orders that were made for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Theirs {
    captured_minor: i64,
    refunds: BTreeMap<Uuid, i64>,
}

#[derive(Debug, Clone, Default)]
pub struct Money {
    ours: money::Money,
    payments: BTreeMap<Uuid, PaymentRow>,
    theirs: BTreeMap<Uuid, Theirs>,
    /// The last state in each history.
    histories: BTreeMap<Uuid, String>,
    /// Prices that were looked at, by reservation.
    prices: BTreeMap<Uuid, String>,
    /// What waits for its end, and since when it has in peace.
    waiting: BTreeMap<(Uuid, &'static str), i64>,
    pub retaken_count: u64,
    pub late_count: u64,
}

impl Money {
    /// `forgiven` are payments of which the store has lost what it knew: they are held against
    /// nobody's books.
    pub fn judge(
        &mut self,
        changes: &Changes,
        ours: money::Money,
        theirs: &[Taken],
        forgiven: &BTreeSet<Uuid>,
    ) -> Checked {
        self.theirs.clear();
        for taken in theirs {
            let sum = self.theirs.entry(taken.payment).or_default();
            sum.captured_minor += taken.captured_minor;
            sum.refunds.extend(&taken.refunds);
        }
        self.confirmed(changes, &ours, forgiven)?;
        self.note_late(changes, &ours);
        for row in &ours.payments {
            self.forward(row)?;
            if !forgiven.contains(&row.0) {
                self.true_of(row)?;
            }
        }
        let is_there = |id: &Uuid| ours.payments.iter().any(|row| row.0 == *id);
        let gone = self.payments.keys().find(|id| !is_there(id));
        check("I6", gone.is_none(), || format!("payment {gone:?} is gone"))?;
        for stay in &ours.stays {
            sums(stay, &ours)?;
            zombies::impossible(stay, &ours)?;
            if self.prices.get(&stay.0) != Some(&stay.2) {
                parts::judge(stay)?;
                self.prices.insert(stay.0, stay.2.clone());
            }
        }
        for (id, payment, _, minor) in &ours.refunds {
            let made = self.theirs.get(payment).and_then(|theirs| theirs.refunds.get(id));
            let is_true = forgiven.contains(payment) || made == Some(minor);
            check("I11", is_true, || {
                format!("refund {id} of {minor} is booked, the provider has {made:?}")
            })?;
        }
        self.payments = ours.payments.iter().map(|row| (row.0, row.clone())).collect();
        self.ours = ours;
        Ok(())
    }

    /// Payments that were begun.
    #[must_use]
    pub fn journeys_count(&self) -> u64 {
        self.payments.len() as u64
    }

    /// All reservations.
    pub fn stays(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.ours.stays.iter().map(|stay| stay.0)
    }

    /// Money does not turn back: what has succeeded stays so, and whatever has failed may only turn good.
    fn forward(&self, row: &PaymentRow) -> Checked {
        let (id, _, state, amount, captured, refunded) = row;
        let before = self.payments.get(id);
        let was = before.map_or("CREATED", |before| before.2.as_str());
        check("I4", may_follow(was, state), || format!("payment {id} went from {was} to {state}"))?;
        let is_kept = before.is_none_or(|before| before.4 == 0 || before.4 == *captured);
        check("I4", is_kept, || format!("payment {id} had taken {before:?}, now {row:?}"))?;
        let is_whole = 0 <= *refunded && refunded <= captured && captured <= amount;
        check("I11", is_whole, || format!("payment {id}: {refunded} of {captured} of {amount}"))?;
        check("I11", (state == "SUCCESS") == (0 < *captured), || {
            format!("payment {id} is {state} with {captured} taken")
        })
    }

    /// We say that money came only when the provider does.
    fn true_of(&self, row: &PaymentRow) -> Checked {
        let (id, _, _, _, captured, _) = row;
        let theirs = self.theirs.get(id).map_or(0, |theirs| theirs.captured_minor);
        check("I9", *captured == 0 || *captured == theirs, || {
            format!("payment {id} has taken {captured}, the provider says {theirs}")
        })
    }

    /// I10: whoever was confirmed by money has paid, as the provider says. What people confirm by hand
    /// stands in the history under their name.
    fn confirmed(
        &mut self,
        changes: &Changes,
        ours: &money::Money,
        forgiven: &BTreeSet<Uuid>,
    ) -> Checked {
        for (reservation, _, actor, state) in &changes.histories {
            let before = self.histories.insert(*reservation, state.clone());
            let was = before.as_deref().unwrap_or("held");
            let is_new = state == "confirmed" && !matches!(was, "confirmed" | "checked_in");
            if !is_new || actor != "system" {
                continue;
            }
            let mut own = ours.payments.iter().filter(|row| row.1 == *reservation);
            let is_paid = own.any(|(id, _, _, amount, ..)| {
                forgiven.contains(id)
                    || self.theirs.get(id).is_some_and(|theirs| *amount <= theirs.captured_minor)
            });
            check("I10", is_paid, || format!("reservation {reservation} is confirmed unpaid"))?;
        }
        Ok(())
    }

    fn note_late(&mut self, changes: &Changes, ours: &money::Money) {
        for (id, reservation, state, ..) in &ours.payments {
            let was = self.payments.get(id).map(|before| before.2.as_str());
            let stay = |all: &money::Money| {
                let found = all.stays.iter().find(|stay| stay.0 == *reservation);
                found.map(|stay| stay.1.clone()).unwrap_or_default()
            };
            if state != "SUCCESS" || was == Some("SUCCESS") || changes.histories.is_empty() {
                continue;
            }
            let (before, after) = (stay(&self.ours), stay(ours));
            if !matches!(before.as_str(), "expired" | "released" | "canceled") {
                continue;
            }
            self.retaken_count += u64::from(after == "confirmed");
            self.late_count += u64::from(after == before);
        }
    }
}

/// What is reachable within a step. Ends stay ends, but what failed or was given up may turn good.
fn may_follow(before: &str, after: &str) -> bool {
    match before {
        "CREATED" => true,
        "PENDING" => after != "CREATED",
        "SUCCESS" => after == "SUCCESS",
        _ => !matches!(after, "CREATED" | "PENDING"),
    }
}

/// What a reservation says was paid and given back is what its payments and refunds say.
fn sums(stay: &StayRow, ours: &money::Money) -> Checked {
    let (id, _, _, _, paid, refunded, _) = stay;
    let own = || ours.payments.iter().filter(|row| row.1 == *id);
    let captured: i64 = own().map(|row| row.4).sum();
    check("I11", *paid == captured, || {
        format!("reservation {id} was paid {paid}, its payments took {captured}")
    })?;
    let back: i64 = ours.refunds.iter().filter(|row| row.2 == *id).map(|row| row.3).sum();
    let told: i64 = own().map(|row| row.5).sum();
    check("I11", back == *refunded && told == *refunded, || {
        format!("reservation {id} got {refunded} back, its refunds say {back}, its payments {told}")
    })
}
