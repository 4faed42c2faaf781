//! Disputes: what banks take back stands in our books as it does in the provider's, is told to people, is
//! neither given back once more nor charged again, and ends.

use std::collections::BTreeSet;

use uuid::Uuid;
use vacancy_store::testing::money::{self, DisputeRow, MatterRow, PaymentRow, StayRow};

use super::Money;
use crate::oracle::{Checked, check};
use crate::provider::Complained;

/// What a dispute says that is over.
const ENDS: [&str; 3] = ["closed", "lost", "won"];

fn taken_minor(row: &DisputeRow) -> i64 {
    if row.funds == "withdrawn" { row.amount_minor } else { 0 }
}

/// I11: what a payment and a reservation say that banks have of them is what their disputes say.
pub(super) fn sums(stay: &StayRow, ours: &money::Money) -> Checked {
    let mut all_minor = 0;
    for PaymentRow { id, charged_back_minor, .. } in
        ours.payments.iter().filter(|row| row.reservation == stay.id)
    {
        let own: Vec<&DisputeRow> = ours.disputes.iter().filter(|row| row.payment == *id).collect();
        let minor: i64 = own.iter().copied().map(taken_minor).sum();
        check("I11", minor == *charged_back_minor, || {
            format!("banks have {charged_back_minor} of payment {id}, its disputes say {own:?}")
        })?;
        all_minor += minor;
    }
    check("I11", stay.charged_back_minor == all_minor, || {
        format!("banks have {all_minor} of {stay:?}")
    })
}

impl Money {
    /// I4, I6, I9: no dispute goes, none is over and then is not, each is the provider's, and whoever has
    /// to answer a bank, or has lost money, hears of it in the same step.
    pub(super) fn disputes_go_on(
        &mut self,
        ours: &money::Money,
        forgiven: &BTreeSet<Uuid>,
    ) -> Checked {
        for before in &self.ours.disputes {
            let is_there = ours.disputes.iter().any(|row| row.id == before.id);
            check("I6", is_there, || format!("{before:?} is gone"))?;
        }
        for row in &ours.disputes {
            let before = self.ours.disputes.iter().find(|before| before.id == row.id);
            let was = before.map_or("", |before| before.status.as_str());
            let is_over = ENDS.contains(&row.status.as_str());
            check("I4", !ENDS.contains(&was) || was == row.status, || {
                format!("{before:?} was over, now it is {row:?}")
            })?;
            let theirs = self.theirs.get(&row.payment).and_then(|own| own.disputes.get(&row.name));
            let is_theirs = theirs.is_some_and(|theirs| theirs.minor == row.amount_minor);
            check("I9", is_theirs || forgiven.contains(&row.payment), || {
                format!("the provider has {theirs:?}, we {row:?}")
            })?;
            let is_loss = |row: &DisputeRow| {
                row.status == "lost" || row.status == "closed" && 0 < taken_minor(row)
            };
            let kind = if is_loss(row) && before.is_none_or(|before| !is_loss(before)) {
                "dispute_lost"
            } else if before.is_none() && !is_over {
                "dispute_opened"
            } else {
                continue;
            };
            let id = row.id.to_string();
            let is_told = ours.matters.iter().any(|item| item.kind == kind && item.subject == id);
            check("I9", is_told, || format!("nobody was told {kind} of {row:?}"))?;
        }
        let took = |row: &&DisputeRow| {
            let before = self.ours.disputes.iter().find(|before| before.id == row.id);
            0 < taken_minor(row) && before.is_none_or(|before| taken_minor(before) == 0)
        };
        let took_count = ours.disputes.iter().filter(took).count();
        self.taken_back_count += took_count;
        Ok(())
    }

    /// At rest: both books say the same of every dispute, and nobody is asked for evidence any more.
    pub(super) fn disputes_agree(&self, forgiven: &BTreeSet<Uuid>) -> Checked {
        for (payment, theirs) in &self.theirs {
            if forgiven.contains(payment) {
                continue;
            }
            for (name, theirs) in &theirs.disputes {
                let ours = self
                    .ours
                    .disputes
                    .iter()
                    .find(|row| row.payment == *payment && row.name == *name);
                // What is in no book may get a name there when it goes back.
                if theirs.is_apart && ours.is_none() {
                    self.is_told_apart(name, theirs)?;
                    continue;
                }
                let agree = ours.is_some_and(|row| {
                    (row.amount_minor, row.status.as_str(), row.funds.as_str())
                        == (theirs.minor, theirs.status, theirs.funds)
                });
                check("I9", agree, || {
                    format!("the provider has {theirs:?} as {name} of {payment}, we {ours:?}")
                })?;
            }
        }
        for row in self.ours.disputes.iter().filter(|row| ENDS.contains(&row.status.as_str())) {
            let asks = self.is_told(row.id, "dispute_opened");
            check("I20", !asks, || format!("people are asked for evidence of {row:?}"))?;
        }
        Ok(())
    }

    /// Of money that is in no book, people have heard when it was lost, and are asked for nothing now.
    fn is_told_apart(&self, name: &str, theirs: &Complained) -> Checked {
        let is_lost = ENDS.contains(&theirs.status) && theirs.funds == "withdrawn";
        check("I9", !is_lost || self.told_of.contains(name), || {
            format!("nobody was told that {name} was lost: {theirs:?}")
        })?;
        let is_open = |item: &MatterRow| item.kind == "dispute_opened" && item.subject == name;
        let asks = self.ours.matters.iter().find(|item| is_open(item));
        check("I20", asks.is_none(), || format!("{theirs:?} is over, and people are told {asks:?}"))
    }

    /// Whether a bank had money of it when the step began, and has.
    pub(super) fn is_at_a_bank(&self, reservation: Uuid, ours: &money::Money) -> bool {
        let has = |all: &money::Money| {
            let own = all.stays.iter().find(|stay| stay.id == reservation);
            own.is_some_and(|stay| 0 < stay.charged_back_minor)
        };
        has(&self.ours) && has(ours)
    }
}
