//! Writes what is told again: the outcome of each request and of each idempotency key.

use std::sync::LazyLock;

use futures_util::try_join;
use vacancy_domain::crash::crash_point;
use vacancy_domain::ids::PropertyId;

use crate::faults::Fault;
use crate::ids::uuid;
use crate::sql::bulk::{Bulk, Column, Kind};
use crate::sql::tx::{Sql, Tx};

/// The outcome of a key, to be answered again.
#[derive(Debug, Clone)]
pub enum NewOutcome {
    Request { property: PropertyId, request_id: String, body_hash: String, outcome: String },
    Key { scope: String, key: String, body_hash: String, outcome: String },
}

static REQUEST_OUTCOMES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "reservation_request",
        &[
            ("property", Kind::Uuid),
            ("request_id", Kind::Text),
            ("body_hash", Kind::Text),
            ("outcome", Kind::Text),
            ("decided_at_ms", Kind::I64),
        ],
    )
});
static KEY_OUTCOMES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::insert(
        "idempotency_key",
        &[
            ("scope", Kind::Text),
            ("key", Kind::Text),
            ("body_hash", Kind::Text),
            ("outcome", Kind::Text),
            ("decided_at_ms", Kind::I64),
        ],
    )
});
const FENCE: Sql = Sql::new(
    "INSERT INTO fence (id, seq) VALUES (1, 1) \
     ON CONFLICT (id) DO UPDATE SET seq = fence.seq + 1",
);

pub(super) async fn write(tx: &Tx<'_>, now_ms: i64, outcomes: &[NewOutcome]) -> Result<(), Fault> {
    crash_point("write.outcomes");
    let mut requests = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut keys = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for new in outcomes.iter().cloned() {
        match new {
            NewOutcome::Request { property, request_id, body_hash, outcome } => {
                requests.0.push(uuid(property.0));
                requests.1.push(request_id);
                requests.2.push(body_hash);
                requests.3.push(outcome);
            }
            NewOutcome::Key { scope, key, body_hash, outcome } => {
                keys.0.push(scope);
                keys.1.push(key);
                keys.2.push(body_hash);
                keys.3.push(outcome);
            }
        }
    }
    let (request_times, key_times) = (vec![now_ms; requests.0.len()], vec![now_ms; keys.0.len()]);
    let requests = [
        Column::Uuid(requests.0),
        Column::Text(requests.1),
        Column::Text(requests.2),
        Column::Text(requests.3),
        Column::I64(request_times),
    ];
    let keys = [
        Column::Text(keys.0),
        Column::Text(keys.1),
        Column::Text(keys.2),
        Column::Text(keys.3),
        Column::I64(key_times),
    ];
    try_join!(
        tx.bulk_execute(&REQUEST_OUTCOMES, &requests),
        tx.bulk_execute(&KEY_OUTCOMES, &keys),
    )?;
    Ok(())
}

/// A batch that writes nothing else leaves this behind its replays.
pub(super) async fn write_fence(tx: &Tx<'_>, is_fenced: bool) -> Result<(), Fault> {
    if is_fenced {
        crash_point("write.fence");
        tx.execute(&FENCE, &[]).await?;
    }
    Ok(())
}
