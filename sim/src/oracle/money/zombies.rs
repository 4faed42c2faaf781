//! What must not be, or not for long: paid and not booked, booked and paid twice, given up and still
//! being paid for, owed to a guest and nobody's matter. Deadlines are those of the design, counted from
//! when the world is at peace.

use uuid::Uuid;
use vacancy_store::testing::money::{self, StayRow};

use super::{Money, parts};
use crate::oracle::{Checked, Violation, check};

const MINUTE_MS: i64 = 60 * 1000;
/// How long money may be kept without a booking before it is somebody's matter.
const OWED_MS_MAX: i64 = 15 * MINUTE_MS;
/// How long a reservation may wait for the end of its payment before that is somebody's matter.
const OPEN_MS_MAX: i64 = 15 * MINUTE_MS;

/// Never, not even for a moment: money and booking move in one step.
pub(super) fn impossible(stay: &StayRow, ours: &money::Money) -> Checked {
    let (id, state, ..) = stay;
    let mut own = ours.payments.iter().filter(|row| row.1 == *id);
    match state.as_str() {
        "held" | "releasing" => {
            let paid = own.find(|row| row.2 == "SUCCESS");
            check("I9", paid.is_none(), || format!("{id} is paid and {state}: {paid:?}"))
        }
        // Its stock is free: before that, every payment of it must have found its end.
        "expired" => {
            let open = own.find(|row| matches!(row.2.as_str(), "CREATED" | "PENDING"));
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
    pub fn in_time(&mut self, now_ms: i64) -> Checked {
        let mut waits = Vec::new();
        for stay in &self.ours.stays {
            if self.is_somebodys(stay.0) {
                continue;
            }
            if self.balance(stay)? < 0 {
                waits.push((stay.0, "owed to the guest", OWED_MS_MAX));
            }
            if stay.1 == "releasing" {
                waits.push((stay.0, "waiting for the end of a payment", OPEN_MS_MAX));
            }
        }
        self.waiting.retain(|(id, what), _| waits.iter().any(|(a, b, _)| (a, b) == (id, what)));
        for (id, what, most_ms) in waits {
            let since_ms = *self.waiting.entry((id, what)).or_insert(now_ms);
            check("I9", now_ms - since_ms <= most_ms, || {
                format!("reservation {id} is {what} since {since_ms}, and nobody knows")
            })?;
        }
        Ok(())
    }

    /// When all is quiet: every provider's books and ours say the same, and no guest is owed anything,
    /// but for what is somebody's matter. `folios` are the balances that the product shows.
    ///
    /// # Errors
    /// When money is stranded or a folio does not add up.
    pub fn at_rest(
        &self,
        folios: &[(Uuid, i64)],
        forgiven: &std::collections::BTreeSet<Uuid>,
    ) -> Checked {
        for (id, theirs) in &self.theirs {
            let ours = self.payments.get(id);
            let is_known = ours.is_some_and(|row| row.4 == theirs.captured_minor);
            let reservation = ours.map_or(*id, |row| row.1);
            if forgiven.contains(id) || self.is_somebodys(reservation) || self.is_somebodys(*id) {
                continue;
            }
            check("I9", is_known, || {
                format!("the provider has {theirs:?} of payment {id}, we know {ours:?}")
            })?;
            let booked = self.ours.refunds.iter().filter(|row| row.1 == *id);
            let booked: std::collections::BTreeMap<Uuid, i64> =
                booked.map(|row| (row.0, row.3)).collect();
            check("I11", booked == theirs.refunds, || {
                format!("payment {id}: the provider gave {:?} back, we {booked:?}", theirs.refunds)
            })?;
        }
        for stay in &self.ours.stays {
            let balance = self.balance(stay)?;
            let shown = folios.iter().find(|(id, _)| *id == stay.0).map(|(_, minor)| *minor);
            check("I11", shown == Some(balance), || {
                format!("the folio of {} shows {shown:?}, it is {balance}", stay.0)
            })?;
            check("I9", 0 <= balance || self.is_somebodys(stay.0), || {
                format!("reservation {} is owed {balance}: {stay:?}", stay.0)
            })?;
        }
        Ok(())
    }

    /// Above zero the guest owes it, below the house: charges less payments and with refunds.
    fn balance(&self, stay: &StayRow) -> Result<i64, Violation> {
        Ok(parts::kept_minor(stay)? - stay.4 + stay.5)
    }

    /// Whether people have heard of it: by a matter that names it or its reservation, or by a job that
    /// was given up.
    fn is_somebodys(&self, id: Uuid) -> bool {
        let money::Money { matters, parked, stays, .. } = &self.ours;
        let code = stays.iter().find(|stay| stay.0 == id).map(|stay| stay.6.as_str());
        let id = id.to_string();
        let names = |(subject, detail): &money::MatterRow| {
            // People read a code with a dash in it.
            let is_named = |code: &str| detail.replace('-', "").contains(code);
            *subject == id || detail.contains(&id) || code.is_some_and(is_named)
        };
        matters.iter().chain(parked).any(names)
    }
}
