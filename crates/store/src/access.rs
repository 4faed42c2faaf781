//! Credentials and the secrets they are made with. A key's text is never here, only its digest.

use uuid::Uuid;
use vacancy_domain::ids::{ApiKeyId, BusinessId, ReservationId};

use crate::faults::Fault;
use crate::ids::{Columns, uuid};
use crate::sql::row::{FromRow, Row};
use crate::sql::tx::{Sql, Tx};

/// A key as stored. What its role and scopes open is not the store's matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    /// `None`: the platform's own.
    pub business: Option<BusinessId>,
    pub role: String,
    /// Separated by spaces.
    pub scopes: String,
    /// What people call it.
    pub name: String,
    pub created_at_ms: i64,
    pub revoked_at_ms: Option<i64>,
}

const INSERT: Sql = Sql::new(
    "INSERT INTO api_key (id, business, role, scopes, name, key_hash, created_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const BY_HASH: Sql = Sql::new(
    "SELECT id, business, role, scopes, name, created_at_ms, revoked_at_ms \
     FROM api_key WHERE key_hash = $1 AND revoked_at_ms IS NULL",
);
const BY_BUSINESS: Sql = Sql::new(
    "SELECT id, business, role, scopes, name, created_at_ms, revoked_at_ms \
     FROM api_key WHERE business = $1 ORDER BY id LIMIT $2",
);
const LIST: Sql = Sql::new(
    "SELECT id, business, role, scopes, name, created_at_ms, revoked_at_ms \
     FROM api_key WHERE id > $1 ORDER BY id LIMIT $2",
);
const BY_ID: Sql = Sql::new(
    "SELECT id, business, role, scopes, name, created_at_ms, revoked_at_ms \
     FROM api_key WHERE id = $1",
);
const REVOKE_ANY: Sql =
    Sql::new("UPDATE api_key SET revoked_at_ms = $2 WHERE id = $1 AND revoked_at_ms IS NULL");
const REVOKE: Sql = Sql::new(
    "UPDATE api_key SET revoked_at_ms = $3 \
     WHERE id = $1 AND business = $2 AND revoked_at_ms IS NULL",
);
const COUNT_ROLE: Sql =
    Sql::new("SELECT COUNT(*) FROM api_key WHERE role = $1 AND revoked_at_ms IS NULL");
const SECRET: Sql = Sql::new("SELECT value FROM secret WHERE name = $1");
const NEW_SECRET: Sql =
    Sql::new("INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING");
const TOKEN_VERSION: Sql = Sql::new("SELECT token_version FROM reservation WHERE id = $1");

struct KeyRow(ApiKey);

impl FromRow for KeyRow {
    fn from_row(row: &Row<'_>) -> Result<Self, Fault> {
        let mut columns = Columns::of(row);
        Ok(KeyRow(ApiKey {
            id: ApiKeyId(columns.id()?),
            business: columns.get::<Option<Uuid>>()?.map(|id| BusinessId(id.as_u128())),
            role: columns.get()?,
            scopes: columns.get()?,
            name: columns.get()?,
            created_at_ms: columns.get()?,
            revoked_at_ms: columns.get()?,
        }))
    }
}

/// Adds a key by the digest of its text.
pub async fn insert(tx: &Tx<'_>, key: &ApiKey, key_hash: &str) -> Result<(), Fault> {
    let business = key.business.map(|business| uuid(business.0));
    tx.execute(
        &INSERT,
        &[
            &uuid(key.id.0),
            &business,
            &key.role,
            &key.scopes,
            &key.name,
            &key_hash,
            &key.created_at_ms,
        ],
    )
    .await
    .map(|_| ())
}

/// The key with this digest, unless it was revoked.
pub async fn by_hash(tx: &Tx<'_>, key_hash: &str) -> Result<Option<ApiKey>, Fault> {
    let found: Option<KeyRow> = tx.query_opt(&BY_HASH, &[&key_hash]).await?;
    Ok(found.map(|row| row.0))
}

/// A business's keys, revoked ones too, oldest first.
pub async fn by_business(
    tx: &Tx<'_>,
    business: BusinessId,
    limit: i64,
) -> Result<Vec<ApiKey>, Fault> {
    let rows: Vec<KeyRow> = tx.query(&BY_BUSINESS, &[&uuid(business.0), &limit]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Whether there was such a key to revoke.
pub async fn revoke(
    tx: &Tx<'_>,
    key: ApiKeyId,
    business: BusinessId,
    now_ms: i64,
) -> Result<bool, Fault> {
    Ok(tx.execute(&REVOKE, &[&uuid(key.0), &uuid(business.0), &now_ms]).await? == 1)
}

/// Keys of everybody in the order of their ids, behind the given one.
pub async fn list(tx: &Tx<'_>, after: ApiKeyId, limit: i64) -> Result<Vec<ApiKey>, Fault> {
    let rows: Vec<KeyRow> = tx.query(&LIST, &[&uuid(after.0), &limit]).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The key with this id, revoked or not.
pub async fn by_id(tx: &Tx<'_>, key: ApiKeyId) -> Result<Option<ApiKey>, Fault> {
    let found: Option<KeyRow> = tx.query_opt(&BY_ID, &[&uuid(key.0)]).await?;
    Ok(found.map(|row| row.0))
}

/// Whether there was such a key to revoke, whoever's it is.
pub async fn revoke_any(tx: &Tx<'_>, key: ApiKeyId, now_ms: i64) -> Result<bool, Fault> {
    Ok(tx.execute(&REVOKE_ANY, &[&uuid(key.0), &now_ms]).await? == 1)
}

/// Keys of a role that still open something.
pub async fn count_role(tx: &Tx<'_>, role: &str) -> Result<i64, Fault> {
    Ok(tx.query_one::<(i64,)>(&COUNT_ROLE, &[&role]).await?.0)
}

/// The secret of this name; `fresh` becomes it when there is none yet.
pub async fn secret_or(tx: &Tx<'_>, name: &str, fresh: &str) -> Result<String, Fault> {
    tx.execute(&NEW_SECRET, &[&name, &fresh]).await?;
    Ok(tx.query_one::<(String,)>(&SECRET, &[&name]).await?.0)
}

/// Number of the guest token that opens this reservation now.
pub async fn token_version(tx: &Tx<'_>, id: ReservationId) -> Result<Option<i64>, Fault> {
    Ok(tx.query_opt::<(i64,)>(&TOKEN_VERSION, &[&uuid(id.0)]).await?.map(|row| row.0))
}
