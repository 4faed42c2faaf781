//! What committed batches come to, for those who watch: holds, payments and disputes by what
//! became of them.
//! Counted after the commit has returned, so that the figures are what the store holds.

use std::collections::BTreeMap;

use metrics::counter;
use vacancy_domain::disputes::DisputeStatus;
use vacancy_domain::holds::HoldState;
use vacancy_domain::payments::PaymentState;
use vacancy_domain::snapshot::{Change, Snapshot};

const HOLDS: &str = "vacancy_holds_total";
const PAYMENTS: &str = "vacancy_payments_total";
const DISPUTES: &str = "vacancy_disputes_total";

/// Every figure is there from the start: a rate never begins with a gap.
pub(super) fn begin() {
    metrics::describe_counter!(HOLDS, "Holds by what happened to them.");
    metrics::describe_counter!(PAYMENTS, "Payments by the state that they reached.");
    metrics::describe_counter!(DISPUTES, "Disputes by the status that they reached.");
    for status in DisputeStatus::ALL {
        counter!(DISPUTES, "outcome" => status.word()).absolute(0);
    }
    for waited_in_vain in ["vacancy_desk_refused_total", "vacancy_desk_dropped_total"] {
        counter!(waited_in_vain).absolute(0);
    }
    for state in HoldState::ALL {
        counter!(HOLDS, "outcome" => hold_outcome(state)).absolute(0);
    }
    for state in PaymentState::ALL {
        counter!(PAYMENTS, "outcome" => payment_outcome(state)).absolute(0);
    }
}

/// Counts of one batch, by metric and outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally(BTreeMap<(&'static str, &'static str), u64>);

impl Tally {
    /// Adds what the changes do to holds and payments; `before` does not have them yet. What stays
    /// in its state (an extended hold, a payment of which a part went back) happened before.
    pub(super) fn add(&mut self, before: &Snapshot, changes: &[Change]) {
        for change in changes {
            if let Change::HoldPlaced(hold) = change {
                self.count(HOLDS, hold_outcome(hold.state));
            } else if let Change::HoldMoved { hold, state, .. } = change
                && before.holds.get(hold).is_none_or(|before| before.state != *state)
            {
                self.count(HOLDS, hold_outcome(*state));
            } else if let Change::PaymentMade(payment) | Change::PaymentMoved(payment) = change
                && before.payments.get(&payment.id).is_none_or(|was| was.state != payment.state)
            {
                self.count(PAYMENTS, payment_outcome(payment.state));
            } else if let Change::DisputeHeard { dispute, before } = change
                && before.as_ref().is_none_or(|before| before.status != dispute.told.status)
            {
                self.count(DISPUTES, dispute.told.status.word());
            }
        }
    }

    fn count(&mut self, metric: &'static str, outcome: &'static str) {
        *self.0.entry((metric, outcome)).or_default() += 1;
    }

    pub(super) fn tell(&self) {
        for ((metric, outcome), count) in &self.0 {
            counter!(*metric, "outcome" => *outcome).increment(*count);
        }
    }
}

fn hold_outcome(state: HoldState) -> &'static str {
    match state {
        HoldState::Held => "placed",
        HoldState::Confirmed => "confirmed",
        HoldState::Released => "released",
        HoldState::Expired => "lapsed",
        HoldState::Returned => "returned",
    }
}

fn payment_outcome(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Created => "created",
        PaymentState::Pending => "pending",
        PaymentState::Authorized => "authorized",
        PaymentState::Succeeded => "succeeded",
        PaymentState::Failed => "failed",
        PaymentState::Canceled => "canceled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vacancy_domain::holds::Hold;
    use vacancy_domain::ids::{HoldId, PropertyId};

    #[test]
    fn a_hold_counts_when_it_becomes_something_else() {
        let hold = Hold {
            id: HoldId(1),
            property: PropertyId(2),
            state: HoldState::Held,
            reference: String::new(),
            created_at_ms: 0,
            expires_at_ms: 10,
            version: 1,
            lines: Default::default(),
        };
        let moved = |state| Change::HoldMoved { hold: HoldId(1), state, expires_at_ms: 20 };
        let mut snapshot = Snapshot::default();
        let mut tally = Tally::default();
        tally.add(&snapshot, &[Change::HoldPlaced(hold.clone())]);
        snapshot.holds.insert(hold.id, hold);
        tally.add(&snapshot, &[moved(HoldState::Held)]);
        tally.add(&snapshot, &[moved(HoldState::Confirmed)]);
        let counted: Vec<_> = tally.0.into_iter().collect();
        assert_eq!(counted, [((HOLDS, "confirmed"), 1), ((HOLDS, "placed"), 1)]);
    }
}
