//! What a decision leaves for later: jobs for whoever talks to providers, work items for people.

use serde::{Deserialize, Serialize};
use serde_json::json;
use vacancy_domain::disputes::{self, Alarm, Dispute, Funds, Told};
use vacancy_domain::guards::{self, Guard};
use vacancy_domain::ids::{JobId, PropertyId, RefundId, ReservationId, WorkItemId};
use vacancy_domain::money::Money;
use vacancy_domain::snapshot::{Change, Snapshot};
use vacancy_store::faults::Fault;
use vacancy_store::holds::write::Writes;
use vacancy_store::jobs::{NewJob, watch};
use vacancy_store::sql::tx::Tx;
use vacancy_store::work_items::{NewWorkItem, Over, WorkKind};

use crate::ids::Ids;

/// Gives money back through the payment's provider: all that a reservation is owed.
pub const REFUND_JOB: &str = "refund";
/// Gives back what staff asked for. The job's id is the refund's.
pub const ASKED_REFUND_JOB: &str = "refund_payment";
/// Asks the provider how a payment ended, and says no more money where it has not.
pub const SETTLE_JOB: &str = "settle_payment";

/// Collects the rest of what a booking with a deposit costs.
pub const REST_JOB: &str = "collect_rest";

/// What the job of a refund that staff asked for carries.
#[derive(Debug, Serialize, Deserialize)]
pub struct AskedRefund {
    pub payment: String,
    pub amount_minor: i64,
    pub reason: String,
    pub actor: String,
    #[serde(default)]
    pub is_still_due: bool,
}

/// What staff asked back for one reservation and no provider has made yet.
pub(super) async fn read_asked(
    tx: &Tx<'_>,
    reservation: ReservationId,
    stock: &mut Snapshot,
) -> Result<(), Fault> {
    for job in watch::asked_refunds(tx, &reservation.to_string()).await? {
        let Ok(asked) = serde_json::from_str::<AskedRefund>(&job.payload) else { continue };
        let Ok(payment) = asked.payment.parse() else { continue };
        let of_payment = stock.refunds_asked.entry(payment).or_default();
        of_payment.insert(RefundId(job.id.0), asked.amount_minor);
    }
    Ok(())
}

pub(super) fn add(stock: &Snapshot, writes: &mut Writes, ids: &Ids) {
    let changes = writes
        .decided
        .iter()
        .flat_map(|decided| decided.changes.iter().map(|change| (decided.actor.as_str(), change)));
    for (actor, change) in changes {
        if let Change::RefundDue { reservation, amount_minor, reason } = change {
            let payload = json!({ "amount_minor": amount_minor, "reason": reason });
            writes.jobs.push(job(stock, REFUND_JOB, *reservation, payload.to_string(), ids));
        } else if let Change::RefundAsked {
            refund,
            payment,
            reservation,
            money,
            reason,
            is_still_due,
        } = change
        {
            let payload = AskedRefund {
                payment: payment.to_string(),
                amount_minor: money.minor,
                reason: reason.clone(),
                actor: actor.to_owned(),
                is_still_due: *is_still_due,
            };
            let payload = serde_json::to_string(&payload).expect("plain fields have a text");
            let asked = job(stock, ASKED_REFUND_JOB, *reservation, payload, ids);
            writes.jobs.push(NewJob { id: JobId(refund.0), ..asked });
        } else if let Change::SettleDue { reservation } = change {
            writes.jobs.push(job(stock, SETTLE_JOB, *reservation, "{}".to_owned(), ids));
        } else if let Change::RestDue { reservation, at_ms } = change {
            let due_in_ms = at_ms.saturating_sub(stock.now_ms).max(0);
            let rest = job(stock, REST_JOB, *reservation, "{}".to_owned(), ids);
            writes.jobs.push(NewJob { due_in_ms, ..rest });
        } else if let Change::DisputeHeard { dispute, before } = change {
            let Some(property) = property_of(stock, dispute.reservation) else { continue };
            let over = over_by(&dispute.told, property, &dispute.id.to_string());
            writes.work_over.extend(over);
            let told = disputed(stock, dispute, before.as_deref(), ids);
            let told = told.filter(|_| !guards::is_off(Guard::DisputeTold));
            // What ended earlier in this batch has begun again.
            writes.work_over.retain(|over| told.as_ref().is_none_or(|told| !ends(over, told)));
            writes.work_items.extend(told);
        } else if let Change::Oversold { cell, over_units } = change
            && !guards::is_off(Guard::OversoldMatter)
            && let Some(pool) = stock.pools.get(&cell.pool)
        {
            writes.work_items.push(NewWorkItem {
                id: WorkItemId(ids.next_id()),
                property: pool.property,
                kind: WorkKind::Oversold,
                subject: format!("{} {}", cell.pool, cell.day),
                detail: format!("{over_units} units above the limit"),
                data: "{}".to_owned(),
            });
        }
    }
}

/// What people must hear of a dispute, if anything.
fn disputed(
    stock: &Snapshot,
    dispute: &Dispute,
    before: Option<&Told>,
    ids: &Ids,
) -> Option<NewWorkItem> {
    let told = &dispute.told;
    let kind = kind_of(disputes::alarm(before, told)?);
    let mut reservations = stock.reservations.values();
    let reservation = reservations.find(|known| known.id == dispute.reservation)?;
    let (code, name) = (reservation.code, &dispute.provider_dispute_id);
    let what = in_words(told.funds, told.amount, &told.reason);
    let detail = format!("reservation {code}, {name}: {what}");
    let data = json!({
        "reservation": dispute.reservation.to_string(),
        "payment": dispute.payment.to_string(),
        "due_by_ms": told.due_by_ms,
    });
    Some(NewWorkItem {
        id: WorkItemId(ids.next_id()),
        property: reservation.property,
        kind,
        subject: dispute.id.to_string(),
        detail,
        data: data.to_string(),
    })
}

/// What people heard of a dispute and what is over by this answer: one with an end wants no evidence, and a
/// bank that has thought again has taken nothing.
pub(crate) fn over_by(
    told: &Told,
    property: PropertyId,
    subject: &str,
) -> impl Iterator<Item = Over> + use<> {
    let opened = told.status.is_end().then_some(WorkKind::DisputeOpened);
    let lost = disputes::is_no_loss(told).then_some(WorkKind::DisputeLost);
    let subject = subject.to_owned();
    let over = move |kind| Over { property, kind, subject: subject.clone() };
    opened.into_iter().chain(lost).map(over)
}

fn ends(over: &Over, told: &NewWorkItem) -> bool {
    (over.property, over.kind, &over.subject) == (told.property, told.kind, &told.subject)
}

/// The matter that tells it.
pub(crate) fn kind_of(alarm: Alarm) -> WorkKind {
    match alarm {
        Alarm::Opened | Alarm::Taken => WorkKind::DisputeOpened,
        Alarm::Lost => WorkKind::DisputeLost,
    }
}

/// What a bank did, for people.
pub(crate) fn in_words(funds: Funds, amount: Money, reason: &str) -> String {
    let what = match funds {
        Funds::Kept => "asks about",
        Funds::Withdrawn => "took back",
        Funds::Reinstated => "took back and returned",
    };
    format!("the guest's bank {what} {amount} ({reason})")
}

fn job(
    stock: &Snapshot,
    kind: &'static str,
    reservation: ReservationId,
    payload: String,
    ids: &Ids,
) -> NewJob {
    let property = property_of(stock, reservation);
    let subject = reservation.to_string();
    NewJob { id: JobId(ids.next_id()), kind, property, subject, payload, due_in_ms: 0 }
}

fn property_of(stock: &Snapshot, reservation: ReservationId) -> Option<PropertyId> {
    let mut reservations = stock.reservations.values();
    reservations.find(|known| known.id == reservation).map(|known| known.property)
}
