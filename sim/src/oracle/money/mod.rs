//! I9 paid is booked or given back, I10 confirmed is guaranteed, I11 sums, and forward only for
//! payments (I4). Judges what our store says of money against itself and against the providers' own
//! books, which are the truth. The zombies of the design and their deadlines stand in `zombies`, the
//! parts of a price in `parts`, deposits and their rest in `deposits`, what staff do in `staff`, what banks
//! take back in `disputes`, the end in `rest`.

mod deposits;
mod disputes;
mod parts;
mod rest;
mod staff;
mod zombies;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vacancy_store::testing::journal::Changes;
use vacancy_store::testing::money::{self, PaymentRow, StayRow};

use super::{Checked, check};
use crate::provider::{Complained, Taken};

pub use deposits::Charge;
pub use staff::Told;

/// What a provider has of one of our payments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Theirs {
    /// In the money that was asked for.
    captured_minor: i64,
    refunds: BTreeMap<Uuid, i64>,
    /// Refunds that came back.
    failed: BTreeMap<Uuid, i64>,
    orders: Vec<String>,
    /// Other money than was asked for came, and so much of it is still there.
    other_minor: Option<i64>,
    /// What came once more for an order.
    surplus_minor: i64,
    came_twice: bool,
    /// By the provider's names.
    disputes: BTreeMap<String, Complained>,
}

impl Theirs {
    fn add(&mut self, taken: &Taken) {
        let gone_minor = taken.refunds.values().sum::<i64>() + taken.at_banks_minor;
        let left_minor = (taken.captured_minor - gone_minor).max(0);
        self.orders.push(taken.order.clone());
        self.surplus_minor += taken.surplus_minor;
        self.came_twice |= taken.came_twice;
        self.disputes.extend(taken.disputes.clone());
        if taken.is_other {
            *self.other_minor.get_or_insert(0) += left_minor;
        } else {
            self.captured_minor += taken.captured_minor;
            self.refunds.extend(&taken.refunds);
            self.failed.extend(&taken.failed);
        }
    }

    fn gone_minor(&self) -> i64 {
        self.refunds.values().sum()
    }

    fn back_minor(&self) -> i64 {
        self.failed.values().sum()
    }
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
    /// Reservations whose price changed after they were made.
    moved: BTreeSet<Uuid>,
    /// Refunds that staff were told of, by their key.
    asked: BTreeMap<String, Told>,
    /// Refunds of which people have heard.
    told_of: BTreeSet<String>,
    /// What waits for its end, and since when it has in peace.
    waiting: BTreeMap<(Uuid, &'static str), i64>,
    pub retaken_count: u64,
    pub late_count: u64,
    /// Disputes by which a bank took money back.
    pub taken_back_count: usize,
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
        self.theirs = sort(theirs);
        self.one_order_each(forgiven)?;
        self.confirmed(changes, &ours, forgiven)?;
        self.note_late(changes, &ours);
        for row in &ours.payments {
            self.forward(row)?;
            if !forgiven.contains(&row.id) {
                self.true_of(row)?;
            }
        }
        let is_there = |id: &Uuid| ours.payments.iter().any(|row| row.id == *id);
        let gone = self.payments.keys().find(|id| !is_there(id));
        check("I6", gone.is_none(), || format!("payment {gone:?} is gone"))?;
        for stay in &ours.stays {
            sums(stay, &ours)?;
            disputes::sums(stay, &ours)?;
            zombies::impossible(stay, &ours)?;
            self.look_at_price(stay)?;
        }
        for money::RefundRow { id, payment, amount_minor, .. } in &ours.refunds {
            let theirs = self.theirs.get(payment);
            let made = theirs.and_then(|own| own.refunds.get(id).or_else(|| own.failed.get(id)));
            check("I11", forgiven.contains(payment) || made == Some(amount_minor), || {
                format!("refund {id} of {amount_minor} is booked, the provider has {made:?}")
            })?;
        }
        self.let_off(&ours)?;
        self.disputes_go_on(&ours, forgiven)?;
        self.payments = ours.payments.iter().map(|row| (row.id, row.clone())).collect();
        self.ours = ours;
        self.matters_have_causes(forgiven)
    }

    fn look_at_price(&mut self, stay: &StayRow) -> Checked {
        let known = self.prices.get(&stay.id);
        if known == Some(&stay.price) {
            return Ok(());
        }
        parts::judge(stay)?;
        match known {
            None => deposits::judge(stay)?,
            Some(known) if parts::lines(known)? != parts::lines(&stay.price)? => {
                self.moved.insert(stay.id);
            }
            Some(_) => {}
        }
        self.prices.insert(stay.id, stay.price.clone());
        Ok(())
    }

    /// Payments that were begun.
    #[must_use]
    pub fn journeys_count(&self) -> u64 {
        self.payments.len() as u64
    }

    /// All reservations.
    pub fn stays(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.ours.stays.iter().map(|stay| stay.id)
    }

    /// Money does not turn back: what has succeeded stays so, and whatever has failed may only turn good.
    fn forward(&self, row: &PaymentRow) -> Checked {
        let PaymentRow { id, state, amount_minor, captured_minor, refunded_minor, .. } = row;
        let before = self.payments.get(id);
        let was = before.map_or("CREATED", |before| before.state.as_str());
        check("I4", may_follow(was, state), || format!("payment {id} went from {was} to {state}"))?;
        let taken_before = before.map_or(0, |before| before.captured_minor);
        let is_kept = taken_before == 0 || taken_before == *captured_minor;
        check("I4", is_kept, || format!("payment {id} had taken {before:?}, now {row:?}"))?;
        let is_whole = 0 <= *refunded_minor
            && refunded_minor <= captured_minor
            && captured_minor <= amount_minor;
        check("I11", is_whole, || format!("more went back or came than could: {row:?}"))?;
        check("I11", (state == "SUCCESS") == (0 < *captured_minor), || {
            format!("payment {id} is {state} with {captured_minor} taken")
        })
    }

    /// I9: an order that was asked for once is not asked for once more where the provider makes a second
    /// one of that: either could be paid.
    fn one_order_each(&self, forgiven: &BTreeSet<Uuid>) -> Checked {
        let twice =
            |(id, theirs): &(&Uuid, &Theirs)| 1 < theirs.orders.len() && !forgiven.contains(*id);
        let found = self.theirs.iter().find(twice);
        check("I9", found.is_none(), || format!("one payment has two orders: {found:?}"))
    }

    /// We say that money came only when the provider does, and it is the money that was asked for.
    fn true_of(&self, row: &PaymentRow) -> Checked {
        let PaymentRow { id, captured_minor, .. } = row;
        let theirs = self.theirs.get(id).map_or(0, |theirs| theirs.captured_minor);
        check("I9", *captured_minor == 0 || *captured_minor == theirs, || {
            format!("payment {id} has taken {captured_minor}, the provider says {theirs}")
        })
    }

    /// I10: whoever was confirmed by money has paid what was to be paid for that, as the provider says.
    /// What people confirm by hand stands in the history under their name.
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
            let stays = self.ours.stays.iter().chain(&ours.stays);
            let Some(stay) = stays.clone().find(|stay| stay.id == *reservation) else { continue };
            let mut own = ours.payments.iter().filter(|row| row.reservation == *reservation);
            let is_forgiven = own.clone().any(|row| forgiven.contains(&row.id));
            if !is_new || actor != "system" || is_forgiven {
                continue;
            }
            // As it was agreed before: dates may have been changed since, in the same step.
            let due_minor = deposits::first_due_minor(stay)?;
            let theirs =
                |row: &PaymentRow| self.theirs.get(&row.id).map_or(0, |own| own.captured_minor);
            let paid_minor: i64 = own.clone().map(theirs).sum();
            let is_paid = own.any(|row| row.amount_minor <= theirs(row)) && due_minor <= paid_minor;
            check("I10", is_paid, || {
                format!("reservation {reservation} is confirmed, {paid_minor} of {due_minor} paid")
            })?;
        }
        Ok(())
    }

    fn note_late(&mut self, changes: &Changes, ours: &money::Money) {
        for PaymentRow { id, reservation, state, .. } in &ours.payments {
            let was = self.payments.get(id).map(|before| before.state.as_str());
            let stay = |all: &money::Money| {
                let found = all.stays.iter().find(|stay| stay.id == *reservation);
                found.map(|stay| stay.state.clone()).unwrap_or_default()
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

/// The providers' orders, by our payments.
fn sort(theirs: &[Taken]) -> BTreeMap<Uuid, Theirs> {
    let mut sorted: BTreeMap<Uuid, Theirs> = BTreeMap::new();
    for taken in theirs {
        sorted.entry(taken.payment).or_default().add(taken);
    }
    sorted
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
    let StayRow { id, paid_minor, refunded_minor, allowance_minor, .. } = stay;
    let own = || ours.payments.iter().filter(|row| row.reservation == *id);
    let captured: i64 = own().map(|row| row.captured_minor).sum();
    check("I11", *paid_minor == captured, || {
        format!("reservation {id} was paid {paid_minor}, its payments took {captured}")
    })?;
    let refunds = || ours.refunds.iter().filter(|row| row.reservation == *id);
    let back: i64 = refunds().map(|row| row.amount_minor).sum();
    let told: i64 = own().map(|row| row.refunded_minor).sum();
    check("I11", back == *refunded_minor && told == *refunded_minor, || {
        format!("{id} got {refunded_minor} back, its refunds say {back}, its payments {told}")
    })?;
    let let_off: i64 = refunds().map(|row| row.allowance_minor).sum();
    check("I11", let_off == *allowance_minor, || {
        format!("{id} was let off {allowance_minor}, its refunds say {let_off}")
    })
}
