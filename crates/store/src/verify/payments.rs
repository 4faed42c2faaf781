//! Payments of one property against their refunds, their reservation and their order.

use uuid::Uuid;
use vacancy_domain::ids::{PaymentId, PropertyId};
use vacancy_domain::payments::PaymentState;
use vacancy_domain::verify::{Check, Finding, Report};

use super::PAGE_ROWS;
use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

const PAYMENTS: Sql = Sql::new(
    "SELECT t.id, t.state, t.amount_minor, t.captured_minor, t.refunded_minor, \
     t.charged_back_minor, t.provider_order_id, \
     (SELECT COUNT(*) FROM reservation AS r WHERE r.id = t.reservation \
      AND r.property = t.property AND r.currency = t.currency), \
     (SELECT CAST(COALESCE(SUM(f.amount_minor), 0) AS BIGINT) FROM refund AS f \
      WHERE f.payment = t.id AND f.currency = t.currency), \
     (SELECT CAST(COALESCE(SUM(d.amount_minor), 0) AS BIGINT) FROM dispute AS d \
      WHERE d.payment = t.id AND d.currency = t.currency AND d.funds = 'withdrawn'), \
     (SELECT COUNT(*) FROM provider_order AS o WHERE o.provider = t.provider \
      AND o.provider_order_id = t.provider_order_id AND o.payment = t.id) \
     FROM payment AS t WHERE t.property = $1 AND t.id > $2 ORDER BY t.id LIMIT $3",
);

struct PaymentRow {
    id: PaymentId,
    state: String,
    amount_minor: i64,
    captured_minor: i64,
    refunded_minor: i64,
    charged_back_minor: i64,
    order_id: String,
    reservations_count: i64,
    refunds_minor: i64,
    withdrawn_minor: i64,
    orders_count: i64,
}

impl FromRow for PaymentRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(PaymentRow {
            id: PaymentId(columns.id()?),
            state: columns.get()?,
            amount_minor: columns.get()?,
            captured_minor: columns.get()?,
            refunded_minor: columns.get()?,
            charged_back_minor: columns.get()?,
            order_id: columns.get()?,
            reservations_count: columns.get()?,
            refunds_minor: columns.get()?,
            withdrawn_minor: columns.get()?,
            orders_count: columns.get()?,
        })
    }
}

pub(super) async fn look(
    tx: &Tx<'_>,
    property: PropertyId,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut behind = Uuid::nil();
    loop {
        let rows: Vec<PaymentRow> =
            tx.query(&PAYMENTS, &[&uuid(property.0), &behind, &PAGE_ROWS]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        behind = uuid(last.id.0);
        for row in &rows {
            report.looked.payments_count += 1;
            row.judge(report);
        }
    }
}

impl PaymentRow {
    fn judge(&self, report: &mut Report) {
        let mut tell = |check, detail: String| {
            report.add(Finding::new(check, format!("payment {}", self.id), detail));
        };
        let (captured, refunded) = (self.captured_minor, self.refunded_minor);
        if self.reservations_count != 1 {
            let detail = "no reservation of its property and currency".to_owned();
            tell(Check::PaymentMoney, detail);
        }
        if refunded != self.refunds_minor {
            let detail = format!("given back {refunded}, its refunds say {}", self.refunds_minor);
            tell(Check::PaymentMoney, detail);
        }
        if self.charged_back_minor != self.withdrawn_minor {
            let (kept, said) = (self.charged_back_minor, self.withdrawn_minor);
            let detail = format!("charged back {kept}, its disputes say {said}");
            tell(Check::PaymentMoney, detail);
        }
        if refunded < 0 || captured < refunded || self.amount_minor < captured {
            let detail = format!("{refunded} of {captured} of {} given back", self.amount_minor);
            tell(Check::PaymentMoney, detail);
        }
        let is_success = self.state == PaymentState::Succeeded.word();
        if is_success != (0 < captured) {
            let detail = format!("it is {} with {captured} taken", self.state);
            tell(Check::PaymentMoney, detail);
        }
        if !self.order_id.is_empty() && self.orders_count != 1 {
            let detail = format!("order {} does not lead to it", self.order_id);
            tell(Check::PaymentOrder, detail);
        }
    }
}
