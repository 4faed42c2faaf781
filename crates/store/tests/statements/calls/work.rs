//! Jobs, events, matters for people, and outcomes under keys.

use vacancy_domain::ids::{JobId, PaymentAccountId, QuoteId, WorkItemId};
use vacancy_domain::quotes::Quote;
use vacancy_store::events::{self, NewEvent};
use vacancy_store::idempotency::{self, Kept};
use vacancy_store::jobs::claim::{self, Claim};
use vacancy_store::jobs::{self, JobState, NewJob, watch};
use vacancy_store::payment_accounts::{self, PaymentAccount};
use vacancy_store::quotes;
use vacancy_store::sql::Db;
use vacancy_store::work_items::{self, Filed, NewWorkItem, Over, Settlement, WorkKind};

use super::{read, write};
use crate::fill::work::{LEASED, OPEN, PARKED, WAITING};
use crate::fill::{Of, id, property};
use crate::run::NOW_MS;

pub(crate) async fn all(db: &Db) {
    workers(db).await;
    operators(db).await;
    followers(db).await;
    people(db).await;
    accounts(db).await;
    write(db, |tx| {
        Box::pin(async move {
            let kept = Kept { body_hash: "hash".to_owned(), outcome: "{}".to_owned() };
            let known = idempotency::by_key(tx, "scope 1", "key 15001").await?;
            assert_eq!(known.as_ref(), Some(&kept));
            idempotency::keep(tx, "scope 1", "another key", &kept).await?;
            assert_eq!(idempotency::purge(tx, 10).await?, 10);
            let kept = Kept { body_hash: "hash".to_owned(), outcome: "id".to_owned() };
            idempotency::keep(tx, "scope", "key", &kept).await?;
            assert_eq!(idempotency::by_key(tx, "scope", "key").await?, Some(kept));
            let known = quotes::by_id(tx, QuoteId(id(Of::Quote, 15_001))).await?.unwrap();
            let fresh = Quote { id: QuoteId(id(Of::Quote, 99_999)), ..known };
            quotes::insert(tx, &fresh).await?;
            assert_eq!(quotes::by_id(tx, fresh.id).await?, Some(fresh));
            assert_eq!(quotes::purge(tx, 10).await?, 10);
            Ok(())
        })
    })
    .await;
}

fn job(number: i64) -> JobId {
    JobId(id(Of::Job, number))
}

async fn workers(db: &Db) {
    let kinds = || vec!["mail".to_owned(), "refund".to_owned()];
    read(db, move |tx| {
        Box::pin(async move {
            assert!(claim::is_any_due(tx, &kinds()).await?);
            Ok(())
        })
    })
    .await;
    write(db, move |tx| {
        Box::pin(async move {
            let new = NewJob {
                id: job(1_000_000),
                kind: "mail",
                property: None,
                subject: "subject".to_owned(),
                payload: "{}".to_owned(),
                due_in_ms: 0,
            };
            jobs::add(tx, NOW_MS, std::slice::from_ref(&new)).await?;
            assert!(!jobs::add_once(tx, NOW_MS, new).await?);
            let (worker, kinds) = ("another".to_owned(), kinds());
            let ask = Claim { worker, kinds, jobs_max: 100, lease_ms: 1_000 };
            // Jobs whose lease ran out come back one by one.
            let mut found = claim::claim(tx, &ask).await?;
            loop {
                let more = claim::claim(tx, &ask).await?;
                if more.jobs.is_empty() && more.parked.is_empty() {
                    break;
                }
                found.jobs.extend(more.jobs);
                found.parked.extend(more.parked);
            }
            // Ten leases ran out, half of them for the last time; ten were due, and the new one.
            assert_eq!((found.jobs.len(), found.parked.len()), (16, 5));
            assert!(claim::extend_lease(tx, &found.jobs[0], 2_000).await?);
            assert!(claim::note(tx, &found.jobs[0], "{}").await?);
            assert!(claim::complete(tx, &found.jobs[0]).await?);
            assert!(claim::fail(tx, &found.jobs[1], "no line", 1_000).await?);
            assert!(claim::put_off(tx, &found.jobs[3], "not yet", 1_000).await?);
            assert!(claim::park(tx, &found.jobs[2], "no use").await?);
            assert!(claim::retry_parked(tx, found.jobs[2].id).await?);
            Ok(())
        })
    })
    .await;
}

async fn operators(db: &Db) {
    read(db, |tx| {
        Box::pin(async move {
            let parked = watch::list(tx, JobState::Parked, watch::Cursor::START, 50).await?;
            let behind = watch::Cursor::behind(&parked[49]);
            assert!(!watch::list(tx, JobState::Parked, behind, 50).await?.is_empty());
            assert_eq!(parked[5].id, job(PARKED));
            let known = watch::by_id(tx, job(LEASED + 20)).await?.unwrap();
            assert_eq!(known.state, JobState::Leased);
            let open = watch::open_refund(tx, &known.subject, watch::Cursor::END).await?;
            assert_eq!(open.map(|job| job.id), Some(known.id));
            let elder = watch::open_refund(tx, &known.subject, watch::Cursor::behind(&known));
            assert_eq!(elder.await?, None);
            let asked = watch::asked_refunds(tx, &known.subject).await?;
            assert!(asked.iter().all(|job| job.kind == "refund_payment"));
            assert_eq!(watch::count(tx).await?.len(), 6, "two kinds in three states");
            Ok(())
        })
    })
    .await;
    write(db, |tx| {
        Box::pin(async move {
            assert_eq!(watch::purge_done(tx, NOW_MS - WAITING, 10).await?, 10);
            Ok(())
        })
    })
    .await;
}

async fn followers(db: &Db) {
    write(db, |tx| {
        Box::pin(async move {
            let event = NewEvent { property: property(0), body: "{}".to_owned() };
            events::append(tx, NOW_MS, &[event]).await?;
            assert_eq!(events::purge(tx, NOW_MS, 10).await?, 10);
            Ok(())
        })
    })
    .await;
    read(db, |tx| {
        Box::pin(async move {
            let now = events::from_now_on(tx).await?;
            assert!(events::Cursor::default() < now);
            // Other tests' open transactions on the same server may hold news back, not lose them.
            let (page, _) = events::follow(tx, events::Cursor::default(), 100).await?;
            assert!(page.len() <= 100);
            let (whose, until) = events::news_since(tx, now, 100).await?;
            assert!(whose.is_some_and(|properties| properties.len() <= 100));
            assert!(now <= until);
            Ok(())
        })
    })
    .await;
}

async fn people(db: &Db) {
    write(db, |tx| {
        Box::pin(async move {
            let item = NewWorkItem {
                property: property(0),
                id: WorkItemId(id(Of::WorkItem, 1_000_000)),
                kind: WorkKind::Oversold,
                subject: "a new night".to_owned(),
                detail: "2 more".to_owned(),
                data: "{}".to_owned(),
            };
            work_items::take_turn(tx, property(0)).await?;
            assert!(!work_items::is_dismissed(tx, &item).await?);
            work_items::add(tx, NOW_MS, &[item]).await?;
            let open =
                work_items::list_open(tx, property(0), work_items::Cursor::START, 100).await?;
            assert_eq!(open.len(), 21);
            let (kind, start) = (WorkKind::Oversold, work_items::Cursor::START);
            let of_kind = work_items::open_of_kind(tx, property(0), kind, start, 100).await?;
            assert_eq!(of_kind, open);
            let first = WorkItemId(id(Of::WorkItem, OPEN));
            let (of, business) = work_items::by_id(tx, first).await?.unwrap();
            assert_eq!(of.property, property(0));
            let start = work_items::Cursor::START;
            let filed = Filed { kind: Some(WorkKind::RefundFailed), ..Filed::default() };
            let none = work_items::of_business(tx, business, filed, start, 100).await?;
            assert_eq!(none, []);
            assert!(work_items::settle(tx, property(0), first, &Settlement::default()).await?);
            let (of, _) = work_items::by_id(tx, first).await?.unwrap();
            let none = Settlement::default();
            assert!(!work_items::settle_as_seen(tx, &of, &none).await?, "it is settled");
            let over = Over {
                property: property(0),
                kind: WorkKind::Oversold,
                subject: "a new night".to_owned(),
            };
            assert_eq!(work_items::settle_subjects(tx, NOW_MS, &[over]).await?, 1);
            Ok(())
        })
    })
    .await;
}

async fn accounts(db: &Db) {
    write(db, |tx| {
        Box::pin(async move {
            let account = |number| PaymentAccountId(id(Of::Account, number));
            let known = payment_accounts::by_id(tx, account(51)).await?.unwrap();
            let listed = payment_accounts::of_business(tx, known.business, 20).await?;
            assert_eq!((listed.len(), &listed[1]), (20, &known));
            let all = payment_accounts::list(tx, account(50), 10).await?;
            assert_eq!((all.len(), &all[0]), (10, &known));
            assert!(!payment_accounts::has_payments(tx, known.id).await?);
            let fresh = PaymentAccount { id: account(99_999), ..known.clone() };
            payment_accounts::insert(tx, &fresh).await?;
            payment_accounts::unset_other_defaults(tx, &fresh).await?;
            let known = payment_accounts::by_id(tx, known.id).await?.unwrap();
            assert!(!known.is_default && known.version == 2);
            assert!(payment_accounts::update(tx, &known).await?);
            assert!(!payment_accounts::update(tx, &known).await?);
            assert!(!payment_accounts::remove(tx, fresh.id, 2).await?);
            assert!(payment_accounts::remove(tx, fresh.id, 1).await?);
            Ok(())
        })
    })
    .await;
}
