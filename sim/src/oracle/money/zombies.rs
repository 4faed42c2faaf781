//! What must not be, or not for long: paid and not booked, booked and paid twice, given up and still
//! being paid for, owed to a guest and nobody's matter. Deadlines are those of the design, counted from
//! when the world is at peace.

use std::collections::BTreeSet;

use uuid::Uuid;
use vacancy_store::testing::money::{self, StayRow};

use super::Money;
use crate::oracle::{Checked, check};

const MINUTE_MS: i64 = 60 * 1000;
/// How long money may be kept without a booking before it is somebody's matter.
const OWED_MS_MAX: i64 = 15 * MINUTE_MS;
/// How long money of a young payment is not booked, when its webhook never came.
const UNBOOKED_MS_MAX: i64 = 5 * MINUTE_MS;
/// Who pays is still there.
const YOUNG_MS: i64 = 60 * MINUTE_MS;
/// How long a reservation may wait for the end of its payment before that is somebody's matter.
const OPEN_MS_MAX: i64 = 15 * MINUTE_MS;

/// Never, not even for a moment: money and booking move in one step.
pub(super) fn impossible(stay: &StayRow, ours: &money::Money) -> Checked {
    let StayRow { id, state, .. } = stay;
    let mut own = ours.payments.iter().filter(|row| row.reservation == *id);
    match state.as_str() {
        "held" | "releasing" => {
            let paid = own.find(|row| row.state == "SUCCESS");
            check("I9", paid.is_none(), || format!("{id} is paid and {state}: {paid:?}"))
        }
        // Its stock is free: before that, every payment of it must have found its end.
        "expired" => {
            let open = own.find(|row| matches!(row.state.as_str(), "CREATED" | "PENDING"));
            check("I9", open.is_none(), || format!("{id} was given up and is paid for: {open:?}"))
        }
        _ => Ok(()),
    }
}

impl Money {
    /// With faults healed, every so often: what waits has an end in time, or is somebody's matter.
    ///
    /// # Errors
    /// When something waits too long.
    pub fn in_time(&mut self, now_ms: i64, forgiven: &BTreeSet<Uuid>) -> Checked {
        let mut waits = self.unbooked(now_ms, forgiven);
        for stay in &self.ours.stays {
            if self.is_somebodys(stay.id) {
                continue;
            }
            if self.balance(stay)? < 0 {
                waits.push((stay.id, "owed to the guest", OWED_MS_MAX));
            }
            if stay.state == "releasing" {
                waits.push((stay.id, "waiting for the end of a payment", OPEN_MS_MAX));
            }
        }
        self.waiting.retain(|(id, what), _| waits.iter().any(|(a, b, _)| (a, b) == (id, what)));
        for (id, what, most_ms) in waits {
            let since_ms = *self.waiting.entry((id, what)).or_insert(now_ms);
            check("I9", now_ms - since_ms <= most_ms, || {
                format!("{id} is {what} since {since_ms}, and nobody knows")
            })?;
        }
        Ok(())
    }

    /// Young payments of which the provider has money and our books have none.
    fn unbooked(&self, now_ms: i64, forgiven: &BTreeSet<Uuid>) -> Vec<(Uuid, &'static str, i64)> {
        let is_unbooked = |row: &&money::PaymentRow| {
            let theirs = self.theirs.get(&row.id);
            row.captured_minor == 0
                && now_ms - row.created_at_ms < YOUNG_MS
                && theirs.is_some_and(|theirs| theirs.gone_minor() < theirs.captured_minor)
                && !forgiven.contains(&row.id)
                && !self.is_somebodys(row.reservation)
        };
        let found = self.payments.values().filter(is_unbooked);
        found.map(|row| (row.id, "paid and not booked", UNBOOKED_MS_MAX)).collect()
    }
}
