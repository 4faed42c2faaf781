//! Jobs, events, matters for people and outcomes under keys: mostly done, some to do.

use vacancy_store::faults::Fault;
use vacancy_store::jobs::JOB_ATTEMPTS_MAX;
use vacancy_store::sql::Db;
use vacancy_store::sql::tx::Tx;

use super::{Of, Rows, house, id, property};
use crate::run::NOW_MS;

const JOBS: i64 = 20_000;
/// Numbers from here on are of another state than done.
pub(crate) const WAITING: i64 = 18_000;
pub(crate) const LEASED: i64 = 19_500;
pub(crate) const PARKED: i64 = 19_900;
const EVENTS: i64 = 20_000;
const KEYS: i64 = 20_000;
const ACCOUNTS: i64 = 5_000;
const MATTERS: i64 = 5_000;
/// Of the matters, the open ones of the big hotel.
pub(crate) const OPEN: i64 = MATTERS - 20;

const NO_PRICE: &str = r#"{"currency":"EUR","lines":[],"subtotal":0,"tax_bp":0,"tax":0,"total":0}"#;

pub(crate) async fn fill(db: &Db) {
    let write = db.write(|tx| {
        Box::pin(async move {
            jobs(tx).await?;
            Rows::of(0..EVENTS)
                .ids("property", |n| property(n % 100).0)
                .whole("at_ms", |n| NOW_MS - EVENTS + n)
                .word("body", "{\"cells\":[]}")
                .put(tx, "event")
                .await?;
            Rows::of(0..KEYS)
                .text("scope", |n| format!("scope {}", n % 100))
                .text("key", |n| format!("key {n}"))
                .word("body_hash", "hash")
                .word("outcome", "{}")
                .whole("decided_at_ms", |n| NOW_MS - 90_000_000 + 4_500 * n)
                .put(tx, "idempotency_key")
                .await?;
            Rows::of(0..KEYS)
                .ids("id", |n| id(Of::Quote, n))
                .ids("property", |n| property(n % 100).0)
                .whole("first_day", |_| 20_010)
                .whole("end_day", |_| 20_012)
                .word("ask", r#"{"lines":[["DOUBLE",1,2,[4]]]}"#)
                .word("price", NO_PRICE)
                .word("terms_digest", "digest")
                .whole("expires_at_ms", |n| NOW_MS - 90_000_000 + 4_500 * n)
                .put(tx, "quote")
                .await?;
            Rows::of(0..ACCOUNTS)
                .ids("id", |n| id(Of::Account, n))
                .ids("business", |n| house::business(1 + n % 50).0)
                .word("provider", "stripe")
                .word("label", "Ours")
                .flag("is_enabled", true)
                .flag("is_default", true)
                .word("checkout", "hosted")
                .word("credentials", "{}")
                .each("created_at_ms", NOW_MS)
                .each("version", 1)
                .put(tx, "payment_account")
                .await?;
            Rows::of(0..MATTERS)
                .ids("property", |n| property(if n < OPEN { n % 50 } else { 0 }).0)
                .ids("id", |n| id(Of::WorkItem, n))
                .word("kind", "oversold")
                .text("subject", |n| format!("night {n}"))
                .word("detail", "2 more")
                .whole("created_at_ms", |n| n)
                .maybe("settled_at_ms", |n| (n < OPEN).then_some(NOW_MS))
                .put(tx, "work_item")
                .await
        })
    });
    write.await.unwrap();
}

fn state(number: i64) -> &'static str {
    if number < WAITING {
        "done"
    } else if number < LEASED {
        "waiting"
    } else if number < PARKED {
        "leased"
    } else {
        "parked"
    }
}

/// The first ten of the leased ones ran out, half of them for the last time.
fn lease_until_ms(number: i64) -> Option<i64> {
    let late = number < LEASED + 10;
    (state(number) == "leased").then_some(if late { NOW_MS - 1 } else { NOW_MS + 60_000 })
}

async fn jobs(tx: &Tx<'_>) -> Result<(), Fault> {
    Rows::of(0..JOBS)
        .ids("id", |n| id(Of::Job, n))
        .text("kind", |n| if n % 2 == 0 { "refund" } else { "mail" }.to_owned())
        .ids("property", |n| property(n % 100).0)
        .text("subject", |n| format!("subject {n}"))
        .word("payload", "{}")
        .text("state", |n| state(n).to_owned())
        .whole("due_at_ms", |n| if n < WAITING + 10 { NOW_MS - 5 } else { NOW_MS + 600_000 })
        .maybe("lease_until_ms", lease_until_ms)
        .maybe_text("lease_owner", |n| (state(n) == "leased").then(|| "worker".to_owned()))
        .whole("attempts", |n| if n < LEASED + 5 { 1 } else { JOB_ATTEMPTS_MAX })
        .word("last_error", "")
        .whole("created_at_ms", |n| NOW_MS - JOBS + n)
        .maybe("completed_at_ms", |n| (n < WAITING).then_some(NOW_MS - JOBS + n))
        .put(tx, "job")
        .await
}
