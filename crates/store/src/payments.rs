//! Payments and refunds as they are read. Writing is the desk's, in `holds::write`.

use std::sync::LazyLock;

use vacancy_domain::ids::{PaymentId, PropertyId, RefundId, ReservationId};
use vacancy_domain::money::Money;
use vacancy_domain::payments::Payment;

use crate::faults::Fault;
use crate::holds::rows::{PAYMENT, PaymentRow};
use crate::ids::{Columns, uuid};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

static BY_ID: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {PAYMENT} FROM payment AS t WHERE t.id = $1"));
static OF_RESERVATION: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {PAYMENT} FROM payment AS t WHERE t.reservation = $1 ORDER BY t.id")
});
static BY_ORDER: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {PAYMENT} FROM payment AS t JOIN provider_order AS o ON o.payment = t.id \
         WHERE o.provider = $1 AND o.provider_order_id = $2"
    )
});

/// `<> ''`: as the index has it.
static BY_PROVIDER_PAYMENT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {PAYMENT} FROM payment AS t WHERE t.provider_payment_id = $1 \
         AND t.provider_payment_id <> '' AND t.provider = $2 ORDER BY t.id LIMIT $3"
    )
});

/// The payment with this id.
pub async fn by_id(tx: &Tx<'_>, id: PaymentId) -> Result<Option<Payment>, Fault> {
    let row: Option<PaymentRow> = tx.query_opt(&Sql::new(BY_ID.as_str()), &[&uuid(id.0)]).await?;
    Ok(row.map(|PaymentRow(payment)| payment))
}

/// Every attempt to pay for a reservation, the oldest first.
pub async fn of_reservation(tx: &Tx<'_>, id: ReservationId) -> Result<Vec<Payment>, Fault> {
    let rows: Vec<PaymentRow> =
        tx.query(&Sql::new(OF_RESERVATION.as_str()), &[&uuid(id.0)]).await?;
    Ok(rows.into_iter().map(|PaymentRow(payment)| payment).collect())
}

/// The payment that a provider's order stands for.
pub async fn by_order(
    tx: &Tx<'_>,
    provider: &str,
    order_id: &str,
) -> Result<Option<Payment>, Fault> {
    let params: [&dyn crate::sql::row::Bind; 2] = [&provider.to_owned(), &order_id.to_owned()];
    let row: Option<PaymentRow> = tx.query_opt(&Sql::new(BY_ORDER.as_str()), &params).await?;
    Ok(row.map(|PaymentRow(payment)| payment))
}

/// Payments that a provider took, begun within a span of time and behind one of them, in that order.
pub async fn taken_between(
    tx: &Tx<'_>,
    provider: &str,
    (from_ms, until_ms): (i64, i64),
    after: (i64, PaymentId),
    payments_max: i64,
) -> Result<Vec<Payment>, Fault> {
    static TAKEN: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {PAYMENT} FROM payment AS t WHERE t.created_at_ms >= $1 \
             AND t.created_at_ms < $2 AND (t.created_at_ms, t.id) > ($3, $4) \
             AND t.state = 'SUCCESS' AND t.provider = $5 ORDER BY t.created_at_ms, t.id LIMIT $6"
        )
    });
    let (provider, after_ms, after) = (provider.to_owned(), after.0, uuid(after.1.0));
    let params: [&dyn crate::sql::row::Bind; 6] =
        [&from_ms, &until_ms, &after_ms, &after, &provider, &payments_max];
    let rows: Vec<PaymentRow> = tx.query(&Sql::new(TAKEN.as_str()), &params).await?;
    Ok(rows.into_iter().map(|PaymentRow(payment)| payment).collect())
}

/// Payments that a provider calls by this name: one, unless two accounts of it name theirs alike.
pub async fn by_provider_payment(
    tx: &Tx<'_>,
    provider: &str,
    provider_payment_id: &str,
    rows_max: i64,
) -> Result<Vec<Payment>, Fault> {
    let (name, provider) = (provider_payment_id.to_owned(), provider.to_owned());
    let params: [&dyn crate::sql::row::Bind; 3] = [&name, &provider, &rows_max];
    let rows: Vec<PaymentRow> = tx.query(&Sql::new(BY_PROVIDER_PAYMENT.as_str()), &params).await?;
    Ok(rows.into_iter().map(|PaymentRow(payment)| payment).collect())
}

/// Money that went back. Never changed once made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub property: PropertyId,
    pub id: RefundId,
    pub payment: PaymentId,
    pub amount: Money,
    /// What of it the guest was not owed: it lowered what the booking costs.
    pub allowance_minor: i64,
    pub reason: String,
    /// The provider's own name for it.
    pub provider_refund_id: String,
    pub created_at_ms: i64,
}

impl FromRow for Refund {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(Refund {
            property: PropertyId(columns.id()?),
            id: RefundId(columns.id()?),
            payment: PaymentId(columns.id()?),
            amount: Money {
                minor: columns.get()?,
                currency: columns.word(|word| word.parse().ok())?,
            },
            allowance_minor: columns.get()?,
            reason: columns.get()?,
            provider_refund_id: columns.get()?,
            created_at_ms: columns.get()?,
        })
    }
}

const REFUNDS: Sql = Sql::new(
    "SELECT property, id, payment, amount_minor, currency, allowance_minor, reason, provider_refund_id, \
     created_at_ms FROM refund WHERE payment = $1 ORDER BY created_at_ms, id",
);

/// What went back of a payment, the oldest first.
pub async fn refunds(tx: &Tx<'_>, payment: PaymentId) -> Result<Vec<Refund>, Fault> {
    tx.query(&REFUNDS, &[&uuid(payment.0)]).await
}
