//! What the store knows of money: all of it, as plain numbers for an oracle, which must not share
//! `domain`'s view of them.

use uuid::Uuid;

use crate::faults::Fault;
use crate::ids::Columns;
use crate::sql::Db;
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::Sql;

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    pub id: Uuid,
    pub reservation: Uuid,
    pub state: String,
    pub amount_minor: i64,
    pub captured_minor: i64,
    pub refunded_minor: i64,
    pub charged_back_minor: i64,
    /// The provider's order; empty while nobody told us.
    pub order: String,
    pub created_at_ms: i64,
}

/// One reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayRow {
    pub id: Uuid,
    pub state: String,
    /// The price as it is stored.
    pub price: String,
    pub total_minor: i64,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    pub allowance_minor: i64,
    pub charged_back_minor: i64,
    pub code: String,
    pub created_at_ms: i64,
}

/// Something that is for people to settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterRow {
    pub kind: String,
    pub subject: String,
    pub detail: String,
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRow {
    pub id: Uuid,
    pub payment: Uuid,
    pub reservation: Uuid,
    pub amount_minor: i64,
    /// What of it the guest was let off.
    pub allowance_minor: i64,
}

/// One dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeRow {
    pub id: Uuid,
    pub payment: Uuid,
    pub reservation: Uuid,
    /// The provider's name for it.
    pub name: String,
    pub amount_minor: i64,
    pub status: String,
    pub funds: String,
}

/// All of it, in one snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Money {
    pub payments: Vec<PaymentRow>,
    pub refunds: Vec<RefundRow>,
    pub stays: Vec<StayRow>,
    pub disputes: Vec<DisputeRow>,
    /// Matters that are open.
    pub matters: Vec<MatterRow>,
    /// Jobs that were given up.
    pub parked: Vec<MatterRow>,
}

impl FromRow for PaymentRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(PaymentRow {
            id: columns.get()?,
            reservation: columns.get()?,
            state: columns.get()?,
            amount_minor: columns.get()?,
            captured_minor: columns.get()?,
            refunded_minor: columns.get()?,
            charged_back_minor: columns.get()?,
            order: columns.get()?,
            created_at_ms: columns.get()?,
        })
    }
}

impl FromRow for RefundRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(RefundRow {
            id: columns.get()?,
            payment: columns.get()?,
            reservation: columns.get()?,
            amount_minor: columns.get()?,
            allowance_minor: columns.get()?,
        })
    }
}

impl FromRow for StayRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(StayRow {
            id: columns.get()?,
            state: columns.get()?,
            price: columns.get()?,
            total_minor: columns.get()?,
            paid_minor: columns.get()?,
            refunded_minor: columns.get()?,
            allowance_minor: columns.get()?,
            charged_back_minor: columns.get()?,
            code: columns.get()?,
            created_at_ms: columns.get()?,
        })
    }
}

impl FromRow for DisputeRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(DisputeRow {
            id: columns.get()?,
            payment: columns.get()?,
            reservation: columns.get()?,
            name: columns.get()?,
            amount_minor: columns.get()?,
            status: columns.get()?,
            funds: columns.get()?,
        })
    }
}

impl FromRow for MatterRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(MatterRow { kind: columns.get()?, subject: columns.get()?, detail: columns.get()? })
    }
}

const PAYMENTS: Sql = Sql::new(
    "SELECT id, reservation, state, amount_minor, captured_minor, refunded_minor, \
     charged_back_minor, provider_order_id, created_at_ms FROM payment ORDER BY id",
);
const REFUNDS: Sql = Sql::new(
    "SELECT id, payment, reservation, amount_minor, allowance_minor FROM refund ORDER BY id",
);
const STAYS: Sql = Sql::new(
    "SELECT id, stay_state, price, total_minor, paid_minor, refunded_minor, allowance_minor, \
     charged_back_minor, code, created_at_ms FROM reservation ORDER BY id",
);
const DISPUTES: Sql = Sql::new(
    "SELECT id, payment, reservation, provider_dispute_id, amount_minor, status, funds \
     FROM dispute ORDER BY id",
);
const MATTERS: Sql =
    Sql::new("SELECT kind, subject, detail FROM work_item WHERE settled_at_ms IS NULL ORDER BY id");
/// Their payload names what they are about where the subject does not.
const PARKED: Sql =
    Sql::new("SELECT kind, subject, payload FROM job WHERE state = 'parked' ORDER BY id");

pub async fn all(db: &Db) -> Result<Money, Fault> {
    db.read(|tx| {
        Box::pin(async move {
            Ok(Money {
                payments: tx.query(&PAYMENTS, &[]).await?,
                refunds: tx.query(&REFUNDS, &[]).await?,
                stays: tx.query(&STAYS, &[]).await?,
                disputes: tx.query(&DISPUTES, &[]).await?,
                matters: tx.query(&MATTERS, &[]).await?,
                parked: tx.query(&PARKED, &[]).await?,
            })
        })
    })
    .await
}
