//! When all is quiet: every provider's books and ours say the same, and no guest is owed anything, but for
//! what is somebody's matter. And nothing is somebody's matter without a cause at the provider.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vacancy_store::testing::money::{self, StayRow};

use super::{Money, Theirs, parts};
use crate::oracle::{Checked, Violation, check};

impl Money {
    /// `folios` are the balances that the product shows.
    ///
    /// # Errors
    /// When money is stranded or a folio does not add up.
    pub fn at_rest(
        &self,
        folios: &[(Uuid, i64)],
        forgiven: &BTreeSet<Uuid>,
        now_ms: i64,
    ) -> Checked {
        for (id, theirs) in &self.theirs {
            let ours = self.payments.get(id);
            let reservation = ours.map_or(*id, |row| row.reservation);
            if forgiven.contains(id) || self.is_somebodys(reservation) || self.is_somebodys(*id) {
                continue;
            }
            let is_known = ours.is_some_and(|row| row.captured_minor == theirs.captured_minor);
            check("I9", is_known, || {
                format!("the provider has {theirs:?} of payment {id}, we know {ours:?}")
            })?;
            self.refunds_agree(*id, theirs)?;
            // What a bank had a part of cannot go back; people have seen to it.
            let is_left = theirs.disputes.values().any(|dispute| dispute.is_apart)
                && self.told_of.contains(&id.to_string());
            let other_minor = theirs.other_minor.filter(|_| !is_left).unwrap_or(0);
            for (what, minor) in [
                ("other money than was asked for", other_minor),
                ("money that came twice", theirs.surplus_minor),
            ] {
                check("I9", minor == 0, || format!("{minor} of payment {id} is {what}"))?;
            }
        }
        for stay in &self.ours.stays {
            let balance = self.balance(stay)?;
            let shown = folios.iter().find(|(id, _)| *id == stay.id).map(|(_, minor)| *minor);
            check("I11", shown == Some(balance), || {
                format!("the folio of {} shows {shown:?}, it is {balance}", stay.id)
            })?;
            check("I9", 0 <= balance || self.is_somebodys(stay.id), || {
                format!("reservation {} is owed {balance}: {stay:?}", stay.id)
            })?;
        }
        self.disputes_agree(forgiven)?;
        self.asked_refunds_are_made(forgiven)?;
        self.rests_are_collected(now_ms)
    }

    /// The same refunds; and what came back was sent once more, under another name.
    fn refunds_agree(&self, id: Uuid, theirs: &Theirs) -> Checked {
        let booked = self.ours.refunds.iter().filter(|row| row.payment == id);
        let booked: BTreeMap<Uuid, i64> = booked.map(|row| (row.id, row.amount_minor)).collect();
        let agree = if theirs.failed.is_empty() {
            booked == theirs.refunds
        } else {
            booked.values().sum::<i64>() == theirs.gone_minor()
        };
        check("I11", agree, || format!("payment {id}: the provider has {theirs:?}, we {booked:?}"))
    }

    /// A matter that says our books are wrong where they are not would hide that they are, and bother
    /// people.
    pub(super) fn matters_have_causes(&mut self, forgiven: &BTreeSet<Uuid>) -> Checked {
        for matter in &self.ours.matters {
            self.told_of.insert(matter.subject.clone());
            // What came twice is named behind the payment.
            let named = matter.subject.split(' ').next().unwrap_or_default();
            let Ok(payment) = named.parse::<Uuid>() else { continue };
            let Some(theirs) = self.theirs.get(&payment) else { continue };
            let has_cause = match matter.kind.as_str() {
                "payment_mismatch" => theirs.other_minor.is_some(),
                "paid_twice" => theirs.came_twice,
                "refund_missing" => !theirs.failed.is_empty(),
                "payment_missing" | "refund_elsewhere" | "payment_elsewhere" => false,
                _ => true,
            };
            check("I11", has_cause || forgiven.contains(&payment), || {
                let ours = self.payments.get(&payment);
                format!("people were told {matter:?}, the provider has {theirs:?}, we {ours:?}")
            })?;
        }
        Ok(())
    }

    /// Above zero the guest owes it, below the house: charges less payments, with refunds and what banks
    /// took back.
    pub(super) fn balance(&self, stay: &StayRow) -> Result<i64, Violation> {
        let back_minor = stay.refunded_minor + stay.charged_back_minor;
        Ok(parts::kept_minor(stay)? - stay.paid_minor + back_minor)
    }

    /// Whether a matter of this kind is open about it.
    pub(super) fn is_told(&self, id: Uuid, kind: &str) -> bool {
        let id = id.to_string();
        self.ours.matters.iter().any(|matter| matter.kind == kind && matter.subject == id)
    }

    /// Whether people have heard of what is wrong with its money: by a matter that names it or its
    /// reservation, or by a job that was given up.
    pub(super) fn is_somebodys(&self, id: Uuid) -> bool {
        let money::Money { matters, parked, stays, .. } = &self.ours;
        let code = stays.iter().find(|stay| stay.id == id).map(|stay| stay.code.as_str());
        let id = id.to_string();
        let names = |money::MatterRow { kind, subject, detail }: &money::MatterRow| {
            // People read a code with a dash in it.
            let is_named = |code: &str| detail.replace('-', "").contains(code);
            let is_about = *subject == id || detail.contains(&id) || code.is_some_and(is_named);
            is_about
                && !matches!(
                    kind.as_str(),
                    "rest_unpaid" | "oversold" | "dispute_opened" | "dispute_lost"
                )
        };
        matters.iter().chain(parked).any(names)
    }
}
