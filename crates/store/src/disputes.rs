//! Disputes as they are read: of a payment, of a reservation, of a business, and those whose end is
//! still to come. Writing is the desk's, in `holds::write`.

use std::sync::LazyLock;

use vacancy_domain::disputes::{Dispute, DisputeStatus, Funds, Told};
use vacancy_domain::ids::{BusinessId, DisputeId, PaymentId, PropertyId, ReservationId};
use vacancy_domain::money::Money;

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::row::{Bind, FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// Every column that [`DisputeRow`] reads, in its order.
pub(crate) const COLUMNS: &str = "t.id, t.provider_dispute_id, t.payment, t.reservation, \
    t.opened_at_ms, t.amount_minor, t.currency, t.reason, t.status, t.funds, t.fee_minor, \
    t.fee_currency, t.due_by_ms, t.asked_at_ms, t.taken_at_ms, t.returned_at_ms, t.created_at_ms, \
    t.version";

pub(crate) struct DisputeRow(pub(crate) Dispute);

impl FromRow for DisputeRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(DisputeRow(Dispute {
            id: DisputeId(columns.id()?),
            provider_dispute_id: columns.get()?,
            payment: PaymentId(columns.id()?),
            reservation: ReservationId(columns.id()?),
            opened_at_ms: columns.get()?,
            told: Told {
                amount: Money {
                    minor: columns.get()?,
                    currency: columns.word(|word| word.parse().ok())?,
                },
                reason: columns.get()?,
                status: columns.word(DisputeStatus::from_word)?,
                funds: columns.word(Funds::from_word)?,
                fee: fee(&mut columns)?,
                due_by_ms: columns.get()?,
                asked_at_ms: columns.get()?,
            },
            taken_at_ms: columns.get()?,
            returned_at_ms: columns.get()?,
            created_at_ms: columns.get()?,
            version: columns.get()?,
        }))
    }
}

fn fee(columns: &mut Columns<'_, '_>) -> Result<Option<Money>, Fault> {
    let minor: Option<i64> = columns.get()?;
    let currency: String = columns.get()?;
    let Some(minor) = minor else { return Ok(None) };
    let currency = currency.parse().map_err(|_| Fault::internal("read the currency of a fee"))?;
    Ok(Some(Money { minor, currency }))
}

fn read(rows: Vec<DisputeRow>) -> Vec<Dispute> {
    rows.into_iter().map(|DisputeRow(dispute)| dispute).collect()
}

static OF_PAYMENT: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {COLUMNS} FROM dispute AS t WHERE t.payment = $1 ORDER BY t.id")
});
static OF_RESERVATION: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {COLUMNS} FROM dispute AS t WHERE t.reservation = $1 ORDER BY t.id")
});

/// Disputes of a payment, the oldest first.
pub async fn of_payment(tx: &Tx<'_>, payment: PaymentId) -> Result<Vec<Dispute>, Fault> {
    Ok(read(tx.query(&Sql::new(OF_PAYMENT.as_str()), &[&uuid(payment.0)]).await?))
}

/// Disputes of all payments of a reservation, the oldest first.
pub async fn of_reservation(tx: &Tx<'_>, id: ReservationId) -> Result<Vec<Dispute>, Fault> {
    Ok(read(tx.query(&Sql::new(OF_RESERVATION.as_str()), &[&uuid(id.0)]).await?))
}

/// Where a list of disputes goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub created_at_ms: i64,
    pub id: DisputeId,
}

impl Cursor {
    pub const START: Cursor = Cursor { created_at_ms: i64::MIN, id: DisputeId(0) };
}

/// A dispute and the hotel that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub dispute: Dispute,
    pub property: PropertyId,
}

/// Where the property stands behind [`COLUMNS`].
const PROPERTY: usize = 18;

impl FromRow for Listed {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let DisputeRow(dispute) = DisputeRow::from_row(row)?;
        Ok(Listed { dispute, property: PropertyId(crate::ids::id(row, PROPERTY)?) })
    }
}

/// Disputes of all properties of a business, the oldest first; all of them, or by whether they are over.
pub async fn of_business(
    tx: &Tx<'_>,
    business: BusinessId,
    is_over: Option<bool>,
    after: Cursor,
    rows_max: i64,
) -> Result<Vec<Listed>, Fault> {
    static LIST: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS}, t.property FROM dispute AS t \
             WHERE t.business = $1 AND ($2 OR (t.status IN ('needs_response', 'under_review')) <> $3) \
             AND (t.created_at_ms, t.id) > ($4, $5) ORDER BY t.created_at_ms, t.id LIMIT $6"
        )
    });
    let (all, is_over) = (is_over.is_none(), is_over.unwrap_or_default());
    let (business, id) = (uuid(business.0), uuid(after.id.0));
    let params: [&dyn Bind; 6] = [&business, &all, &is_over, &after.created_at_ms, &id, &rows_max];
    tx.query(&Sql::new(LIST.as_str()), &params).await
}

/// Disputes whose end is to come, of all properties, in the order of their ids.
pub async fn open(tx: &Tx<'_>, after: DisputeId, rows_max: i64) -> Result<Vec<Dispute>, Fault> {
    static OPEN: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM dispute AS t WHERE t.status IN ('needs_response', 'under_review') \
             AND t.id > $1 ORDER BY t.id LIMIT $2"
        )
    });
    Ok(read(tx.query(&Sql::new(OPEN.as_str()), &[&uuid(after.0), &rows_max]).await?))
}
