//! The part of a batch that concerns money that leaves the business: refunds, and disputes that are new
//! or of which a provider said more.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use futures_util::try_join;
use uuid::Uuid;
use vacancy_domain::crash::crash_point;
use vacancy_domain::disputes::Dispute;
use vacancy_domain::ids::DisputeId;
use vacancy_domain::snapshot::Change;

use super::Loaded;
use super::columns::Rows;
use super::write::expect;
use super::write_reservations::property_of;
use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::Tx;

static REFUNDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "refund",
        &[
            ("property", Kind::Uuid),
            ("id", Kind::Uuid),
            ("payment", Kind::Uuid),
            ("reservation", Kind::Uuid),
            ("amount_minor", Kind::I64),
            ("allowance_minor", Kind::I64),
            ("currency", Kind::Text),
            ("reason", Kind::Text),
            ("provider_refund_id", Kind::Text),
            ("created_at_ms", Kind::I64),
        ],
    )
});
static NEW: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "dispute",
        &[
            ("property", Kind::Uuid),
            ("id", Kind::Uuid),
            ("business", Kind::Uuid),
            ("payment", Kind::Uuid),
            ("reservation", Kind::Uuid),
            ("provider_dispute_id", Kind::Text),
            ("amount_minor", Kind::I64),
            ("currency", Kind::Text),
            ("reason", Kind::Text),
            ("status", Kind::Text),
            ("funds", Kind::Text),
            ("fee_minor", Kind::I64),
            ("fee_currency", Kind::Text),
            ("due_by_ms", Kind::I64),
            ("asked_at_ms", Kind::I64),
            ("opened_at_ms", Kind::I64),
            ("taken_at_ms", Kind::I64),
            ("returned_at_ms", Kind::I64),
            ("created_at_ms", Kind::I64),
            ("version", Kind::I64),
        ],
    )
});
static MOVED: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::update(
        "dispute",
        "amount_minor = u.amount, currency = u.currency, reason = u.reason, status = u.status, \
         funds = u.funds, fee_minor = u.fee, fee_currency = u.fee_currency, due_by_ms = u.due_by, \
         asked_at_ms = u.asked_at, taken_at_ms = u.taken_at, returned_at_ms = u.returned_at, \
         version = u.next",
        "t.id = u.id AND t.version = u.version",
        &[
            ("id", Kind::Uuid),
            ("version", Kind::I64),
            ("amount", Kind::I64),
            ("currency", Kind::Text),
            ("reason", Kind::Text),
            ("status", Kind::Text),
            ("funds", Kind::Text),
            ("fee", Kind::I64),
            ("fee_currency", Kind::Text),
            ("due_by", Kind::I64),
            ("asked_at", Kind::I64),
            ("taken_at", Kind::I64),
            ("returned_at", Kind::I64),
            ("next", Kind::I64),
        ],
    )
});

/// Disputes of a batch as they end up, whatever of them was heard on the way.
#[derive(Default)]
pub(super) struct Disputes<'w>(BTreeMap<DisputeId, &'w Dispute>);

impl<'w> Disputes<'w> {
    pub(super) fn add(&mut self, change: &'w Change) {
        if let Change::DisputeHeard { dispute, .. } = change {
            self.0.insert(dispute.id, dispute);
        }
    }
}

pub(super) async fn refunds(
    tx: &Tx<'_>,
    loaded: &Loaded,
    refunds: &[&Change],
) -> Result<(), Fault> {
    crash_point("write.refunds");
    let now_ms = loaded.snapshot.now_ms;
    let mut ids: [Vec<Uuid>; 4] = Default::default();
    let (mut amounts, mut currencies, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    let (mut names, mut allowances) = (Vec::new(), Vec::new());
    for change in refunds {
        let Change::RefundMade {
            refund,
            payment,
            reservation,
            money,
            allowance_minor,
            reason,
            provider_refund_id,
        } = change
        else {
            continue;
        };
        let property = loaded.snapshot.payments.get(payment);
        ids[0].push(uuid(property.map_or(0, |payment| property_of(&loaded.snapshot, payment))));
        ids[1].push(uuid(refund.0));
        ids[2].push(uuid(payment.0));
        ids[3].push(uuid(reservation.0));
        amounts.push(money.minor);
        allowances.push(*allowance_minor);
        currencies.push(money.currency.to_string());
        reasons.push(reason.clone());
        names.push(provider_refund_id.clone());
    }
    let count = amounts.len();
    let [properties, refund_ids, payments, reservations] = ids.map(Column::Uuid);
    let columns = [
        properties,
        refund_ids,
        payments,
        reservations,
        Column::I64(amounts),
        Column::I64(allowances),
        Column::Text(currencies),
        Column::Text(reasons),
        Column::Text(names),
        Column::I64(vec![now_ms; count]),
    ];
    expect(tx.bulk_execute(&REFUNDS, &columns).await?, count)
}

pub(super) async fn disputes(
    tx: &Tx<'_>,
    loaded: &Loaded,
    disputes: &Disputes<'_>,
) -> Result<(), Fault> {
    crash_point("write.disputes");
    let read = |dispute: &Dispute| loaded.dispute_versions.get(&dispute.id).copied();
    let (moved, new): (Vec<&Dispute>, Vec<&Dispute>) =
        disputes.0.values().copied().partition(|dispute| read(dispute).is_some());
    let (new, moved) = (Rows(new), Rows(moved));
    let owner = |dispute: &Dispute| {
        let mut reservations = loaded.snapshot.reservations.values();
        let of_dispute = reservations.find(|known| known.id == dispute.reservation);
        of_dispute.map_or((0, 0), |known| (known.property.0, known.business.0))
    };
    let fee_currency =
        |dispute: &Dispute| dispute.told.fee.map_or(String::new(), |fee| fee.currency.to_string());
    let new_columns = [
        new.id(|d| owner(d).0),
        new.id(|d| d.id.0),
        new.id(|d| owner(d).1),
        new.id(|d| d.payment.0),
        new.id(|d| d.reservation.0),
        new.text(|d| d.provider_dispute_id.clone()),
        new.number(|d| d.told.amount.minor),
        new.text(|d| d.told.amount.currency.to_string()),
        new.text(|d| d.told.reason.clone()),
        new.text(|d| d.told.status.word().to_owned()),
        new.text(|d| d.told.funds.word().to_owned()),
        new.maybe(|d| d.told.fee.map(|fee| fee.minor)),
        new.text(fee_currency),
        new.maybe(|d| d.told.due_by_ms),
        new.number(|d| d.told.asked_at_ms),
        new.number(|d| d.opened_at_ms),
        new.maybe(|d| d.taken_at_ms),
        new.maybe(|d| d.returned_at_ms),
        new.number(|d| d.created_at_ms),
        new.number(|d| d.version),
    ];
    let moved_columns = [
        moved.id(|d| d.id.0),
        moved.number(|d| read(d).unwrap_or(0)),
        moved.number(|d| d.told.amount.minor),
        moved.text(|d| d.told.amount.currency.to_string()),
        moved.text(|d| d.told.reason.clone()),
        moved.text(|d| d.told.status.word().to_owned()),
        moved.text(|d| d.told.funds.word().to_owned()),
        moved.maybe(|d| d.told.fee.map(|fee| fee.minor)),
        moved.text(fee_currency),
        moved.maybe(|d| d.told.due_by_ms),
        moved.number(|d| d.told.asked_at_ms),
        moved.maybe(|d| d.taken_at_ms),
        moved.maybe(|d| d.returned_at_ms),
        moved.number(|d| d.version),
    ];
    let (made, changed) =
        try_join!(tx.bulk_execute(&NEW, &new_columns), tx.bulk_execute(&MOVED, &moved_columns))?;
    expect(made, new.0.len())?;
    expect(changed, moved.0.len())
}
