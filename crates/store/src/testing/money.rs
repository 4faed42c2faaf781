//! What the store knows of money: all of it, as plain numbers for an oracle, which must not share
//! `domain`'s view of them.

use uuid::Uuid;

use crate::faults::Fault;
use crate::sql::Db;
use crate::sql::tx::Sql;

/// One payment: id, reservation, state, amount, captured, refunded.
pub type PaymentRow = (Uuid, Uuid, String, i64, i64, i64);
/// One refund: id, payment, reservation, amount.
pub type RefundRow = (Uuid, Uuid, Uuid, i64);
/// One reservation: id, stay state, price, total, paid, refunded, code.
pub type StayRow = (Uuid, String, String, i64, i64, i64, String);
/// Something that is for people to settle: about what, and what it says.
pub type MatterRow = (String, String);

/// All of it, in one snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Money {
    pub payments: Vec<PaymentRow>,
    pub refunds: Vec<RefundRow>,
    pub stays: Vec<StayRow>,
    /// Matters that are open.
    pub matters: Vec<MatterRow>,
    /// Jobs that were given up.
    pub parked: Vec<MatterRow>,
}

const PAYMENTS: Sql = Sql::new(
    "SELECT id, reservation, state, amount_minor, captured_minor, refunded_minor \
     FROM payment ORDER BY id",
);
const REFUNDS: Sql =
    Sql::new("SELECT id, payment, reservation, amount_minor FROM refund ORDER BY id");
const STAYS: Sql = Sql::new(
    "SELECT id, stay_state, price, total_minor, paid_minor, refunded_minor, code \
     FROM reservation ORDER BY id",
);
const MATTERS: Sql =
    Sql::new("SELECT subject, detail FROM work_item WHERE settled_at_ms IS NULL ORDER BY id");
const PARKED: Sql = Sql::new("SELECT subject, kind FROM job WHERE state = 'parked' ORDER BY id");

pub async fn all(db: &Db) -> Result<Money, Fault> {
    db.read(|tx| {
        Box::pin(async move {
            Ok(Money {
                payments: tx.query(&PAYMENTS, &[]).await?,
                refunds: tx.query(&REFUNDS, &[]).await?,
                stays: tx.query(&STAYS, &[]).await?,
                matters: tx.query(&MATTERS, &[]).await?,
                parked: tx.query(&PARKED, &[]).await?,
            })
        })
    })
    .await
}
