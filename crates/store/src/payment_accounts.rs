//! Accounts of businesses at payment providers as rows. Credentials are here as sealed texts only;
//! what opens them is not the store's matter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vacancy_domain::ids::{BusinessId, PaymentAccountId};

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentAccount {
    pub id: PaymentAccountId,
    pub business: BusinessId,
    /// Name of the provider, lower case.
    pub provider: String,
    /// What people call it.
    pub label: String,
    /// Takes new orders.
    pub is_enabled: bool,
    /// Before the business's other accounts at this provider.
    pub is_default: bool,
    /// `hosted` or `embedded`.
    pub checkout: String,
    pub credentials: BTreeMap<String, SealedCredential>,
    pub created_at_ms: i64,
    /// +1 at every write.
    pub version: i64,
}

/// One credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedCredential {
    pub sealed: String,
    /// The last letters of each value, so that people know which it is.
    pub endings: Vec<String>,
}

const INSERT: Sql = Sql::new(
    "INSERT INTO payment_account (id, business, provider, label, is_enabled, is_default, checkout, \
     credentials, created_at_ms, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
const UPDATE: Sql = Sql::new(
    "UPDATE payment_account SET label = $3, is_enabled = $4, is_default = $5, checkout = $6, \
     credentials = $7, version = version + 1 WHERE id = $1 AND version = $2",
);
const UNSET_DEFAULT: Sql = Sql::new(
    "UPDATE payment_account SET is_default = FALSE, version = version + 1 \
     WHERE business = $1 AND provider = $2 AND is_default AND id <> $3",
);
const DELETE: Sql = Sql::new("DELETE FROM payment_account WHERE id = $1 AND version = $2");
const HAS_PAYMENTS: Sql = Sql::new("SELECT id FROM payment WHERE account = $1 LIMIT 1");
const BY_ID: Sql = Sql::new(
    "SELECT id, business, provider, label, is_enabled, is_default, checkout, credentials, \
     created_at_ms, version FROM payment_account WHERE id = $1",
);
const OF_BUSINESS: Sql = Sql::new(
    "SELECT id, business, provider, label, is_enabled, is_default, checkout, credentials, \
     created_at_ms, version FROM payment_account WHERE business = $1 ORDER BY id LIMIT $2",
);
const LIST: Sql = Sql::new(
    "SELECT id, business, provider, label, is_enabled, is_default, checkout, credentials, \
     created_at_ms, version FROM payment_account WHERE id > $1 ORDER BY id LIMIT $2",
);

struct AccountRow(PaymentAccount);

impl FromRow for AccountRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(AccountRow(PaymentAccount {
            id: PaymentAccountId(columns.id()?),
            business: BusinessId(columns.id()?),
            provider: columns.get()?,
            label: columns.get()?,
            is_enabled: columns.get()?,
            is_default: columns.get()?,
            checkout: columns.get()?,
            credentials: columns.word(|text| serde_json::from_str(text).ok())?,
            created_at_ms: columns.get()?,
            version: columns.get()?,
        }))
    }
}

/// Adds an account.
pub async fn insert(tx: &Tx<'_>, account: &PaymentAccount) -> Result<(), Fault> {
    let PaymentAccount { id, business, provider, label, is_enabled, is_default, .. } = account;
    let PaymentAccount { checkout, credentials, created_at_ms, version, .. } = account;
    let (id, business, credentials) = (uuid(id.0), uuid(business.0), as_text(credentials));
    tx.execute(
        &INSERT,
        &[
            &id,
            &business,
            provider,
            label,
            is_enabled,
            is_default,
            checkout,
            &credentials,
            created_at_ms,
            version,
        ],
    )
    .await
    .map(|_| ())
}

/// Whether it still had the version that `account` says; it has the next one then.
pub async fn update(tx: &Tx<'_>, account: &PaymentAccount) -> Result<bool, Fault> {
    let PaymentAccount { id, label, is_enabled, is_default, .. } = account;
    let PaymentAccount { checkout, credentials, version, .. } = account;
    let (id, credentials) = (uuid(id.0), as_text(credentials));
    let params: [&dyn crate::sql::row::Bind; 7] =
        [&id, version, label, is_enabled, is_default, checkout, &credentials];
    Ok(tx.execute(&UPDATE, &params).await? == 1)
}

/// Lets this account alone be the default of its business at its provider.
pub async fn unset_other_defaults(tx: &Tx<'_>, account: &PaymentAccount) -> Result<(), Fault> {
    let PaymentAccount { id, business, provider, .. } = account;
    let params: [&dyn crate::sql::row::Bind; 3] = [&uuid(business.0), provider, &uuid(id.0)];
    tx.execute(&UNSET_DEFAULT, &params).await.map(|_| ())
}

/// Whether there was one of this version to take away.
pub async fn remove(tx: &Tx<'_>, id: PaymentAccountId, version: i64) -> Result<bool, Fault> {
    Ok(tx.execute(&DELETE, &[&uuid(id.0), &version]).await? == 1)
}

/// Whether any payment was begun there.
pub async fn has_payments(tx: &Tx<'_>, id: PaymentAccountId) -> Result<bool, Fault> {
    let one: Option<(uuid::Uuid,)> = tx.query_opt(&HAS_PAYMENTS, &[&uuid(id.0)]).await?;
    Ok(one.is_some())
}

/// The account with this id.
pub async fn by_id(tx: &Tx<'_>, id: PaymentAccountId) -> Result<Option<PaymentAccount>, Fault> {
    Ok(tx.query_opt::<AccountRow>(&BY_ID, &[&uuid(id.0)]).await?.map(|row| row.0))
}

/// A business's accounts, the oldest first.
pub async fn of_business(
    tx: &Tx<'_>,
    business: BusinessId,
    limit: i64,
) -> Result<Vec<PaymentAccount>, Fault> {
    let rows: Vec<AccountRow> = tx.query(&OF_BUSINESS, &[&uuid(business.0), &limit]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Everybody's accounts in the order of their ids, behind the given one.
pub async fn list(
    tx: &Tx<'_>,
    after: PaymentAccountId,
    limit: i64,
) -> Result<Vec<PaymentAccount>, Fault> {
    let rows: Vec<AccountRow> = tx.query(&LIST, &[&uuid(after.0), &limit]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

fn as_text(credentials: &BTreeMap<String, SealedCredential>) -> String {
    serde_json::to_string(credentials).expect("plain fields have a text")
}
