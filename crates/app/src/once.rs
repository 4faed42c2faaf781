//! Requests that make something, each done once: a client's key and what came of it are kept in the
//! transaction that makes the thing, so that a repeated request finds it. The desk has its own way
//! (`desk`), because it keeps the outcomes of a whole batch.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use vacancy_domain::crash::crash_point;
use vacancy_store::faults::Fault;
use vacancy_store::idempotency::{self, Kept};
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;

use crate::errors::Error;

/// A client's own name for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceKey {
    /// Whose names these are.
    pub scope: String,
    pub key: String,
    /// Digest of the request: another one under the same name is refused.
    pub body_hash: String,
}

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Once<T> {
    Made(T),
    /// The outcome of the first request of this name.
    Known(String),
}

/// What a body made, with the outcome to keep; or why it made nothing.
pub(crate) type Making<'t, T> = BoxFuture<'t, Result<Result<(T, String), Error>, Fault>>;

/// Runs the body as one transaction, unless a request of this name did so before.
pub(crate) async fn write<T, F>(
    db: &Db,
    key: Option<&OnceKey>,
    make: F,
) -> Result<Result<Once<T>, Error>, Fault>
where
    T: Send + 'static,
    F: for<'t> Fn(&'t Tx<'t>) -> Making<'t, T> + Send + Sync + 'static,
{
    let (key, make) = (key.cloned().map(Arc::new), Arc::new(make));
    db.write(move |tx| {
        let (key, make) = (key.clone(), Arc::clone(&make));
        Box::pin(async move {
            let Some(key) = key else {
                return Ok(make(tx).await?.map(|(made, _)| Once::Made(made)));
            };
            let OnceKey { scope, key, body_hash } = &*key;
            match idempotency::by_key(tx, scope, key).await? {
                Some(kept) if kept.body_hash == *body_hash => {
                    return Ok(Ok(Once::Known(kept.outcome)));
                }
                Some(_) => return Ok(Err(Error::KeyReused)),
                None => {}
            }
            let (made, outcome) = match make(tx).await? {
                Ok(made) => made,
                Err(error) => return Ok(Err(error)),
            };
            crash_point("once.made");
            let kept = Kept { body_hash: body_hash.clone(), outcome };
            idempotency::keep(tx, scope, key, &kept).await?;
            crash_point("once.kept");
            Ok(Ok(Once::Made(made)))
        })
    })
    .await
}
